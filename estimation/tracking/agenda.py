"""The agenda of the weekly meeting: what to decide, whom to call, what to ask for, what comes, what to celebrate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.project.statuses import LATE, OVER, Status
from estimation.tables import keep_contract
from estimation.tracking.evidence import whole_project
from estimation.tracking.moves import EXPLAINED
from estimation.tracking.risks import MOVE_WITH
from estimation.tracking.tracking_tables import ACTIONS

NEXT = pd.Timedelta(days=14)
ESCALATE = "escalate now"
TELL, CALL, EXPLAIN, MOVE_DATES, RECORD = (
    "tell the client",
    "call",
    "explain",
    "move the dates",
    "complete the record",
)
DO_NEXT, COMPLETE, CELEBRATE = "do next", "complete the plan", "celebrate"


def agenda_of(
    board: pd.DataFrame,
    evidence: pd.DataFrame,
    *,
    risks: pd.DataFrame,
    waiting: pd.DataFrame,
    moved: pd.DataFrame,
    misses: pd.DataFrame,
    left: pd.DataFrame,
    day: pd.Timestamp,
) -> pd.DataFrame:
    """Put the meeting in order (ACTIONS); what has the same answer shares a line, so that it fits one page.

    The evidence ends with the status date; of the moves only those since the last review come in.
    """
    order = pd.Index(board["milestone"])
    before = evidence.loc[evidence["as_of"] < day, "as_of"].max()
    since = before if pd.notna(before) else day - pd.Timedelta(days=7)
    owners = board.set_index("milestone")[["name", "owner"]]
    parts = [
        _promise_to_decide(evidence, day).assign(section="decide", action=TELL),
        *_risks_to_decide(risks, order),
        _dates_to_decide(left, order),
        _to_escalate(waiting),
        _to_explain(moved).join(owners, on="milestone"),
        _to_record(misses[~(misses["actual_finish"] <= since)], order),
        *_soon(board, day),
        _to_celebrate(board[board["actual_finish"] > since]),
    ]
    return keep_contract(pd.concat([part for part in parts if len(part)] or [parts[0]]), ACTIONS)


def _risks_to_decide(risks: pd.DataFrame, order: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put risks that need an answer of their own first, then those that move with what is before them."""
    by_rule = risks["status"].isin(LATE)
    label = risks["status"].where(by_rule, risks["evidence"] + " by the evidence")
    late = risks.assign(section="decide", due=risks["expected_finish"], days=risks["slip_days"], what=label)
    follow = risks["action"] == MOVE_WITH
    return late[~follow], _together(late[follow], "action", order)


def _dates_to_decide(left: pd.DataFrame, order: pd.Index) -> pd.DataFrame:
    """Ask for dates to be moved that a late milestone no longer allows."""
    dated = left.assign(due=left["possible_finish"], days=left["short_days"], what=left["late"])
    dated = dated.assign(section="decide", action=MOVE_DATES)
    return _together(dated.drop(columns=["late", "name"]), "what", order)


def _to_escalate(waiting: pd.DataFrame) -> pd.DataFrame:
    now = waiting[waiting["urgency"] == ESCALATE]
    return now.assign(section="escalate", due=now["act_by"], days=np.nan, what=now["waiting_on"], action=CALL)


def _to_explain(moved: pd.DataFrame) -> pd.DataFrame:
    own = (moved["kind"] != EXPLAINED) & (moved["move_days"] > 0) & ~moved["handed_down"]
    silent = moved[own]
    return silent.assign(
        section="explain",
        due=silent["new_finish"],
        days=silent["move_days"],
        what=silent["kind"],
        action=EXPLAIN,
    )


def _to_record(misses: pd.DataFrame, order: pd.Index) -> pd.DataFrame:
    asked = misses[misses["asked_for"].notna()]
    asked = asked.assign(due=asked["baseline_finish"], days=asked["late_days"], what=asked["asked_for"])
    return _together(asked.assign(section="record", action=RECORD), "what", order)


def _soon(board: pd.DataFrame, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List what is due in the next fourteen days, and what of it has no owner or no acceptance criteria."""
    soon = board[~board["status"].isin(OVER) & (board["expected_finish"] <= day + NEXT)]
    soon = soon.assign(due=soon["expected_finish"])
    due = soon.assign(
        section="next fourteen days", days=soon["slip_days"], what=soon["status"], action=DO_NEXT
    )
    nobody = np.where(soon["owner"].isna(), "no owner; ", "")
    unclear = np.where(soon["acceptance_criteria"].isna(), "no acceptance criteria", "")
    lacks = soon.assign(
        section="complete the plan", days=np.nan, what=np.char.add(nobody, unclear), action=COMPLETE
    )
    return due, _together(lacks[lacks["what"] != ""], "what", pd.Index(board["milestone"]))


def _to_celebrate(done: pd.DataFrame) -> pd.DataFrame:
    return done.assign(
        section="celebrate",
        due=done["actual_finish"],
        days=done["slip_days"],
        what=Status.DONE.value,
        action=CELEBRATE,
    )


def _promise_to_decide(evidence: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Put the committed date of the project first, where the evidence has left it."""
    today = whole_project(evidence[evidence["as_of"] == day])
    lost = today[today["evidence"].isin(LATE)]
    return lost.assign(
        due=lost["committed_finish"], days=np.nan, what=lost["evidence"], milestone=WHOLE_PROJECT, owner=None
    )


def _together(rows: pd.DataFrame, by: str, order: pd.Index) -> pd.DataFrame:
    """Give milestones that have the same answer one line: their ids, the latest date, the most days."""
    lines = []
    for _, own in rows.groupby(by, sort=False):
        own = own.iloc[order.get_indexer(own["milestone"]).argsort()]
        several = len(own) > 1
        owners = own["owner"].dropna().unique() if "owner" in own else []
        line = own.loc[own["due"].idxmax()].to_dict()
        line |= {"milestone": ", ".join(own["milestone"]), "name": None if several else line.get("name")}
        line["owner"] = ", ".join(owners) if len(owners) <= 2 else f"{len(owners)} owners"
        lines.append(line | ({"days": own["days"].max()} if "days" in own else {}))
    return pd.DataFrame(lines) if lines else rows
