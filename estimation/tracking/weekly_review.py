"""The weekly review of a running project: three questions answered in tables, and what the meeting needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, standings_of, status_course
from estimation.project.status_findings import status_findings
from estimation.project.statuses import LATE, OVER, Status, worst_colour
from estimation.tables import keep_contract
from estimation.tracking.agenda import ESCALATE, NEXT, agenda_of
from estimation.tracking.board import board_findings
from estimation.tracking.changes import changes_since_review
from estimation.tracking.evidence import whole_project
from estimation.tracking.impossible_dates import dates_left_behind, silent_optimism
from estimation.tracking.misses import miss_findings, missed_milestones, with_recorded_causes
from estimation.tracking.moves import forecast_moves, green_until_red, jump_findings, move_findings
from estimation.tracking.risks import client_losses, milestones_at_risk, patterns_of, risk_table
from estimation.tracking.tracking_tables import RUNNING_FINDINGS, TRAJECTORY, WAITING

SOON, LATER = "due in fourteen days", "later"


@dataclass(frozen=True, eq=False)
class WeeklyReview:
    """What a weekly review is made of.

    Parameters
    ----------
    at_risk : DataFrame keeping the BOARD contract
        Open milestones that are at risk or delayed, by the rule or by the evidence, the latest first.
    risks : DataFrame keeping the RISKS contract
        The same milestones: whether they shifted, why, once or systematically, what has to be done.
    patterns : DataFrame keeping the PATTERNS contract
        Whether days are lost systematically.
    misses : DataFrame keeping the MISSES contract
        Milestones whose planned date is over, what is on record of them, and what is asked for.
    waiting : DataFrame keeping the WAITING contract
        Who outside must act, and by when.
    trajectory : DataFrame keeping the TRAJECTORY contract
        One row per status date.
    moved : DataFrame keeping the FORECAST_MOVES contract
        Moves since the last review.
    changes : DataFrame keeping the CHANGES contract
        What began, was finished, moved or stands otherwise since the last review.
    left_behind : DataFrame keeping the LEFT_BEHIND contract
        Milestones on old dates behind a late one.
    findings : DataFrame keeping the RUNNING_FINDINGS contract
        Checks of the running plan; of moves, of dates left behind and of misses only what concerns this review.
    agenda : DataFrame keeping the ACTIONS contract
        What the meeting has to go through, in order.
    """

    at_risk: pd.DataFrame
    risks: pd.DataFrame
    patterns: pd.DataFrame
    misses: pd.DataFrame
    waiting: pd.DataFrame
    trajectory: pd.DataFrame
    moved: pd.DataFrame
    changes: pd.DataFrame
    left_behind: pd.DataFrame
    findings: pd.DataFrame
    agenda: pd.DataFrame


def weekly_review(
    plan: Plan,
    status: pd.DataFrame | Standings | Standing,
    board: pd.DataFrame,
    evidence: pd.DataFrame,
    *,
    as_of: DateLike,
    portfolio: pd.DataFrame | None = None,
) -> WeeklyReview:
    """Prepare the weekly meeting: what is at risk and why, who outside must act, whether the course is healthy.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract, or Standings
    board : DataFrame keeping the BOARD contract
        Of the same status date.
    evidence : DataFrame keeping the EVIDENCE contract
        Up to the same status date.
    as_of : date-like
        Since the last review means since the status date before this one.
    portfolio : DataFrame keeping the HISTORY contract, optional
        Running projects of all clients: whether days are lost in others of the same client, too, and what it has on
        record of the misses of this one.

    Returns
    -------
    WeeklyReview
    """
    day, standings = status_day(as_of), standings_of(plan, status)
    course = status_course(plan, standings, as_of=day)
    moves = forecast_moves(standings, plan=plan)
    moves = moves[moves["as_of"] <= day].reset_index(drop=True)
    moved = moves[moves["as_of"] == day].reset_index(drop=True)
    left = dates_left_behind(plan, standings, day)
    misses = missed_milestones(plan, standings, as_of=day, portfolio=portfolio)
    board = board if portfolio is None else with_recorded_causes(board, plan, portfolio, as_of=day)
    patterns = patterns_of(board, None if portfolio is None else client_losses(portfolio, plan, as_of=day))
    risks = risk_table(board, moves, misses, patterns, as_of=day)
    waiting = waiting_for(standings.on(day), board)
    optimism = silent_optimism(plan, standings, as_of=day)
    findings = pd.concat(
        [
            green_until_red(plan, course, evidence),
            jump_findings(plan, course, evidence),
            optimism[optimism["as_of"] == day],
            status_findings(standings.on(day)).assign(as_of=day),
            board_findings(board, as_of=day),
            move_findings(moved),
            miss_findings(misses, as_of=day),
        ],
        ignore_index=True,
    )
    return WeeklyReview(
        at_risk=milestones_at_risk(board),
        risks=risks,
        patterns=patterns,
        misses=misses,
        waiting=waiting,
        trajectory=_trajectory(standings, course, evidence),
        moved=moved,
        changes=changes_since_review(plan, standings, moves, evidence, as_of=day),
        left_behind=left,
        findings=keep_contract(findings, RUNNING_FINDINGS),
        agenda=agenda_of(
            board,
            evidence,
            risks=risks,
            waiting=waiting,
            moved=moved,
            misses=misses,
            left=left,
            day=day,
        ),
    )


def waiting_for(standing: Standing, board: pd.DataFrame) -> pd.DataFrame:
    """List who outside must act by when for work that is not finished (WAITING): what is late first.

    They must act by the morning on which the work is expected to start; work that has begun, or could have, waits
    already: its row says to escalate.
    """
    day = standing.as_of
    waits = board.assign(act_by=standing.table["expected_start"].clip(lower=day).array)
    waits = waits[waits["waiting_on"].notna() & ~waits["status"].isin(OVER)]
    late = (waits["act_by"] <= day) & (waits["status"].isin(LATE) | ~waits["started"])
    soon = waits["act_by"] <= day + NEXT
    waits = waits.assign(urgency=np.select([late, soon], [ESCALATE, SOON], LATER))
    return keep_contract(waits.sort_values("act_by", kind="stable"), WAITING)


def _trajectory(standings: Standings, course: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    weeks = []
    for day, own in course.groupby("as_of"):
        standing = standings.on(day)
        open_ = ~standing.state.is_over
        weeks.append(
            {
                "as_of": day,
                "team_finish": standing.project_finish,
                "reported_status": worst_colour(own["reported_status"]),
                "confidence": standing.latest["confidence"][open_].mean(),
                "n_at_risk": (own["status"] == Status.AT_RISK).sum(),
                "n_delayed": (own["status"] == Status.DELAYED).sum(),
            }
        )
    return keep_contract(
        whole_project(evidence).merge(pd.DataFrame(weeks), on="as_of", validate="1:1"), TRAJECTORY
    )
