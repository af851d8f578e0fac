"""The agenda of the weekly meeting: what to decide, whom to call, what to ask for, what comes, what to celebrate."""

from __future__ import annotations

import pandas as pd

from estimation.columns import keep_contract
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.tracking.contracts import ACTIONS
from estimation.tracking.course_so_far import AT_RISK, DELAYED, DONE
from estimation.tracking.evidence import whole_project
from estimation.tracking.moves import EXPLAINED
from estimation.tracking.risks import MOVE_WITH

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
    """Put the meeting in order; what has the same answer shares a line, so that it fits one page.

    Parameters
    ----------
    board : DataFrame keeping the BOARD contract
    evidence : DataFrame keeping the EVIDENCE contract, up to the status date
    risks : DataFrame keeping the RISKS contract
    waiting : DataFrame keeping the WAITING contract
    moved : DataFrame keeping the FORECAST_MOVES contract, those since the last review
    misses : DataFrame keeping the MISSES contract
    left : DataFrame keeping the LEFT_BEHIND contract
    day : Timestamp
        Status date.

    Returns
    -------
    DataFrame keeping the ACTIONS contract
    """
    names = board.set_index("milestone")[["name", "owner"]]
    open_ = board[board["status"] != DONE]
    before = evidence.loc[evidence["as_of"] < day, "as_of"].max()
    since = before if pd.notna(before) else day - pd.Timedelta(days=7)
    done = board[board["actual_finish"] > since]
    silent = moved[(moved["kind"] != EXPLAINED) & (moved["move_days"] > 0) & ~moved["handed_down"]]
    silent = silent.join(names, on="milestone")
    asked = misses[misses["asked_for"].notna() & ~(misses["actual_finish"] <= since)]
    soon = open_[open_["expected_finish"] <= day + NEXT]
    follow = risks["action"] == MOVE_WITH
    told = risks["status"].where(
        risks["status"].isin([AT_RISK, DELAYED]), risks["evidence"] + " by the evidence"
    )
    late = risks.assign(due=risks["expected_finish"], days=risks["slip_days"], what=told)
    lacks = soon.assign(
        due=soon["expected_finish"],
        what=pd.Series("no owner; ", index=soon.index).where(soon["owner"].isna(), "")
        + pd.Series("no acceptance criteria", index=soon.index).where(soon["acceptance_criteria"].isna(), ""),
    )
    parts = [
        _promise_to_decide(evidence, day).assign(section="decide", action=TELL),
        late[~follow].assign(section="decide"),
        _together(late[follow].assign(section="decide"), "action", names.index),
        _together(
            left.assign(
                section="decide", action=MOVE_DATES, due=left["possible_finish"], days=left["short_days"]
            )
            .rename(columns={"late": "what"})
            .drop(columns="name"),
            "what",
            names.index,
        ),
        waiting[waiting["urgency"] == ESCALATE].assign(
            section="escalate",
            due=lambda rows: rows["act_by"],
            what=lambda rows: rows["waiting_on"],
            action=CALL,
        ),
        silent.assign(
            section="explain",
            due=silent["new_finish"],
            days=silent["move_days"],
            what=silent["kind"],
            action=EXPLAIN,
        ),
        _together(
            asked.assign(
                section="record",
                due=asked["baseline_finish"],
                days=asked["late_days"],
                what=asked["asked_for"],
                action=RECORD,
            ),
            "what",
            names.index,
        ),
        soon.assign(
            section="next fourteen days",
            due=soon["expected_finish"],
            days=soon["slip_days"],
            what=soon["status"],
            action=DO_NEXT,
        ),
        _together(
            lacks[lacks["what"] != ""].assign(section="complete the plan", action=COMPLETE),
            "what",
            names.index,
        ),
        done.assign(
            section="celebrate",
            due=done["actual_finish"],
            days=done["slip_days"],
            what=DONE,
            action=CELEBRATE,
        ),
    ]
    return keep_contract(pd.concat([part for part in parts if len(part)] or [parts[0]]), ACTIONS)


def _promise_to_decide(evidence: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Put the committed date of the project first, where the evidence has left it."""
    today = whole_project(evidence[evidence["as_of"] == day])
    lost = today[today["evidence"].isin([AT_RISK, DELAYED])]
    return lost.assign(due=lost["committed_finish"], what=lost["evidence"], milestone=WHOLE_PROJECT)


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
