"""The weekly review of a running project: three questions answered in tables, and what the meeting needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.columns import keep_contract
from estimation.planning.plan import Plan
from estimation.tracking.board import board_findings
from estimation.tracking.contracts import ACTIONS, BOARD, PATTERNS, RUNNING_FINDINGS, TRAJECTORY, WAITING
from estimation.tracking.course_so_far import (
    AT_RISK,
    DELAYED,
    DONE,
    expected_course,
    latest_reports,
    status_course,
)
from estimation.tracking.evidence import whole_project
from estimation.tracking.moves import EXPLAINED, forecast_moves, green_until_red, jump_findings, move_findings
from estimation.tracking.variance import worst_colour
from estimation.workdays import status_day

NEXT = pd.Timedelta(days=14)
ESCALATE, SOON, LATER = "escalate now", "due in fourteen days", "later"
REPEATED = 2
"""From so many milestones on, days lost under the same phase, owner or cause are a pattern."""


@dataclass(frozen=True, eq=False)
class WeeklyReview:
    """What a weekly review is made of.

    Parameters
    ----------
    at_risk : DataFrame keeping the BOARD contract
        Open milestones that are at risk or delayed, by the rule or by the evidence, the latest first.
    patterns : DataFrame keeping the PATTERNS contract
        Whether days are lost systematically.
    waiting : DataFrame keeping the WAITING contract
        Who outside must act, and by when.
    trajectory : DataFrame keeping the TRAJECTORY contract
        One row per status date.
    moved : DataFrame keeping the FORECAST_MOVES contract
        Moves since the last review.
    findings : DataFrame keeping the RUNNING_FINDINGS contract
        Checks of the running plan; of moves only those since the last review.
    agenda : DataFrame keeping the ACTIONS contract
        What the meeting has to go through, in order.
    """

    at_risk: pd.DataFrame
    patterns: pd.DataFrame
    waiting: pd.DataFrame
    trajectory: pd.DataFrame
    moved: pd.DataFrame
    findings: pd.DataFrame
    agenda: pd.DataFrame


def weekly_review(
    plan: Plan, status: pd.DataFrame, board: pd.DataFrame, evidence: pd.DataFrame, *, as_of
) -> WeeklyReview:
    """Prepare the weekly meeting: what is at risk and why, who outside must act, whether the course is healthy.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract
    board : DataFrame keeping the BOARD contract
        Of the same status date.
    evidence : DataFrame keeping the EVIDENCE contract
        Up to the same status date.
    as_of : date-like
        Since the last review means since the status date before this one.

    Returns
    -------
    WeeklyReview
    """
    day = status_day(as_of)
    so_far = status[status["as_of"] <= day]
    course = status_course(plan, so_far, as_of=day)
    trajectory = _trajectory(plan, so_far, course, evidence)
    moves = forecast_moves(so_far, plan=plan)
    moved = moves[moves["as_of"] == day].reset_index(drop=True)
    findings = pd.concat(
        [
            green_until_red(plan, course, evidence),
            jump_findings(plan, course, evidence),
            board_findings(board, as_of=day),
            move_findings(moved),
        ],
        ignore_index=True,
    )
    at_risk, waiting = _at_risk(board), waiting_for(plan, board, as_of=day)
    return WeeklyReview(
        at_risk=at_risk,
        patterns=patterns_of(board),
        waiting=waiting,
        trajectory=trajectory,
        moved=moved,
        findings=keep_contract(findings, RUNNING_FINDINGS),
        agenda=_agenda(board, at_risk, waiting, moved, evidence, day),
    )


def patterns_of(board: pd.DataFrame) -> pd.DataFrame:
    """Tell whether days are lost systematically: at several milestones of the same phase, owner or cause.

    Parameters
    ----------
    board : DataFrame keeping the BOARD contract
        Days that were handed down are not counted, nor days that open milestones promise to win back.

    Returns
    -------
    DataFrame keeping the PATTERNS contract, most days first
    """
    lost = board[(board["own_slip_days"] >= 1) & board["started"]]
    parts = []
    for dimension in ("phase", "owner", "cause"):
        groups = lost.groupby(dimension)["own_slip_days"].agg(["size", "sum"])
        groups = groups[groups["size"] >= REPEATED].rename_axis("value").reset_index()
        groups = groups.rename(columns={"size": "n_milestones", "sum": "own_slip_days"})
        parts.append(groups.assign(dimension=dimension))
    return keep_contract(
        pd.concat(parts).sort_values("own_slip_days", ascending=False, kind="stable"), PATTERNS
    )


def waiting_for(plan: Plan, board: pd.DataFrame, *, as_of) -> pd.DataFrame:
    """List who outside must act by when for work that is not finished: what is late first.

    Parameters
    ----------
    plan : Plan
    board : DataFrame keeping the BOARD contract
    as_of : date-like

    Returns
    -------
    DataFrame keeping the WAITING contract
        They must act by the morning of the planned start, moved by what predecessors are late; work that has begun,
        or could have, waits already: its row says to escalate.
    """
    day = status_day(as_of)
    shift = np.maximum(board["inherited_days"].fillna(0).to_numpy(), 0.0)
    starts = plan.calendar.morning_dates(np.round(plan.baseline.morning + shift))
    waits = board.assign(act_by=pd.Series(starts).clip(lower=day))
    waits = waits[waits["waiting_on"].notna() & (waits["status"] != DONE)]
    late = (waits["act_by"] <= day) & (waits["status"].isin([AT_RISK, DELAYED]) | ~waits["started"])
    soon = waits["act_by"] <= day + NEXT
    waits = waits.assign(urgency=np.select([late, soon], [ESCALATE, SOON], LATER))
    return keep_contract(waits.sort_values("act_by", kind="stable"), WAITING)


def _at_risk(board: pd.DataFrame) -> pd.DataFrame:
    words = [AT_RISK, DELAYED]
    worrying = board["status"].isin(words) | board["evidence"].isin(words)
    chosen = board[worrying & (board["status"] != DONE)]
    return keep_contract(chosen.sort_values("slip_days", ascending=False, kind="stable"), BOARD)


def _trajectory(
    plan: Plan, status: pd.DataFrame, course: pd.DataFrame, evidence: pd.DataFrame
) -> pd.DataFrame:
    weeks = []
    for day, own in course.groupby("as_of"):
        weeks.append(
            {
                "as_of": day,
                "team_finish": expected_course(plan, status, day)["expected_finish"].max(),
                "reported_status": worst_colour(own["reported_status"]),
                "confidence": latest_reports(plan, status, day)["confidence"][
                    own.set_index("milestone")["status"] != DONE
                ].mean(),
                "n_at_risk": (own["status"] == AT_RISK).sum(),
                "n_delayed": (own["status"] == DELAYED).sum(),
            }
        )
    return keep_contract(
        whole_project(evidence).merge(pd.DataFrame(weeks), on="as_of", validate="1:1"), TRAJECTORY
    )


def _agenda(
    board: pd.DataFrame,
    at_risk: pd.DataFrame,
    waiting: pd.DataFrame,
    moved: pd.DataFrame,
    evidence: pd.DataFrame,
    day: pd.Timestamp,
) -> pd.DataFrame:
    """Put the meeting in order: decide, escalate, explain, look ahead, complete, celebrate."""
    names = board.set_index("milestone")[["name", "owner"]]
    open_ = board[board["status"] != DONE]
    before = evidence.loc[evidence["as_of"] < day, "as_of"].max()
    done = board[board["actual_finish"] > (before if pd.notna(before) else day - pd.Timedelta(days=7))]
    silent = moved[(moved["kind"] != EXPLAINED) & ~moved["handed_down"]].join(names, on="milestone")
    soon = open_[open_["expected_finish"] <= day + NEXT]
    nameless = soon[soon["owner"].isna() | soon["acceptance_criteria"].isna()]
    by_rule = at_risk["status"].isin([AT_RISK, DELAYED])
    parts = [
        at_risk.assign(
            section="decide",
            due=at_risk["expected_finish"],
            days=at_risk["slip_days"],
            what=at_risk["status"].where(by_rule, at_risk["evidence"] + " by the evidence"),
        ),
        waiting[waiting["urgency"] == ESCALATE].assign(
            section="escalate", due=lambda rows: rows["act_by"], what=lambda rows: rows["waiting_on"]
        ),
        silent.assign(
            section="explain", due=silent["new_finish"], days=silent["move_days"], what=silent["kind"]
        ),
        soon.assign(
            section="next fourteen days",
            due=soon["expected_finish"],
            days=soon["slip_days"],
            what=soon["status"],
        ),
        nameless.assign(
            section="complete the plan",
            due=nameless["baseline_finish"],
            what=np.where(nameless["owner"].isna(), "no owner", "no acceptance criteria"),
        ),
        done.assign(section="celebrate", due=done["actual_finish"], days=done["slip_days"], what=DONE),
    ]
    return keep_contract(pd.concat([part for part in parts if len(part)] or [parts[0]]), ACTIONS)
