"""The milestone board: every milestone of a running project with its dates, its status and the evidence beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.findings import WARNING
from estimation.project.plan import Plan
from estimation.project.standing import ONE_WEEK, Standing, Standings, standing_of
from estimation.project.statuses import LATE, OVER, Colour
from estimation.tables import empty_table, keep_contract
from estimation.tracking.milestone_findings import findings_about
from estimation.tracking.slip_parts import inherited_days
from estimation.tracking.tracking_tables import BOARD, EVIDENCE, RUNNING_FINDINGS

STALE_AFTER = pd.Timedelta(days=7)
STALE_AFTER_IN_SHORT_PLANS = pd.Timedelta(days=3.5)
SHORT_PLAN = pd.Timedelta(weeks=8)
FEWEST_MILESTONES, MOST_MILESTONES = 5, 40
"""Fewer hide where the time goes, more are tasks and nobody follows them."""
_FORECAST = ["milestone", "p50_finish", "p80_finish", "prob_baseline"]
_FROM_EVIDENCE = ["evidence", "evidence_ratio", "left_on_track", "prob_now", "prob_kickoff"]


def milestone_board(
    plan: Plan,
    status: pd.DataFrame | Standings | Standing,
    forecast: pd.DataFrame,
    *,
    as_of: DateLike,
    evidence: pd.DataFrame | None = None,
    at_risk_days: float = ONE_WEEK,
    stale_after: pd.Timedelta | None = None,
) -> pd.DataFrame:
    """Show every milestone as it stands on a status date: dates, slip and whose it is, status, float, evidence.

    Slip is measured against the plan's baseline whatever the forecasts did since. Its own part is what the milestone
    itself adds, the inherited part what its predecessors hand down; an own part below zero on unfinished work is a
    date that promises to win days back. Work added later has neither slip nor float: no baseline knew it.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract, or a Standing
        Later updates are not looked at. An empty table gives the board of the kickoff.
    forecast : DataFrame as ``forecast_table`` gives it for the same status date, with the levels .5 and .8
    as_of : date-like
    evidence : DataFrame keeping the EVIDENCE contract, optional
        Its rows of the status date stand beside the status.
    at_risk_days : float
        Up to so many working days after the agreed date a milestone is at risk, beyond it is delayed.
    stale_after : Timedelta, optional
        How old the forecast of unfinished work may be; without it a week, in plans under eight weeks half a week.

    Returns
    -------
    DataFrame keeping the BOARD contract, one row per milestone in the order of the plan, added work last
        The committed date is the agreed one, else the planned one.
    """
    standing = standing_of(plan, status, as_of)
    plan, day, latest = standing.plan, standing.as_of, standing.latest
    course = standing.table.set_index("milestone")
    board = plan.milestones.set_index("milestone").assign(
        committed_finish=plan.agreed_finish.array,
        started=~np.isnan(standing.state.start),
        status=standing.status_words(at_risk_days),
    )
    reported = ["actual_start", "reported_status", "percent_complete", "cause"]
    stands = ["baseline_finish", "expected_finish", "actual_finish", "slip_days"]
    board = board.drop(columns="baseline_finish").join(latest[reported]).join(course[stands])
    inherited = inherited_days(standing)
    oldest = stale_after or _stale_after(plan)
    touched = latest["updated_on"].fillna(latest["as_of"])
    board = board.assign(
        inherited_days=inherited,
        own_slip_days=board["slip_days"] - inherited,
        float_days=pd.Series(planned_float(standing.among.reports.plan)).reindex(range(len(board))).array
        - board["slip_days"],
        updated_on=touched,
        stale=~standing.state.is_over & ~(day - touched <= oldest) & (day > plan.start),
    )
    board = board.reset_index().merge(
        forecast.loc[
            ~forecast["milestone"].isin(plan.milestones["milestone"][standing.state.is_cancelled]), _FORECAST
        ],
        on="milestone",
        how="left",
        validate="1:1",
    )
    seen = empty_table(EVIDENCE) if evidence is None else evidence
    today = seen.loc[seen["as_of"] == day, ["milestone", *_FROM_EVIDENCE]]
    return keep_contract(board.merge(today, on="milestone", how="left", validate="1:1"), BOARD)


def board_findings(
    board: pd.DataFrame, *, as_of, fewest: int = FEWEST_MILESTONES, most: int = MOST_MILESTONES
) -> pd.DataFrame:
    """Check what a board itself tells: how many milestones, whether they can be verified, what is green or stale."""
    rows = []
    if not fewest <= len(board) <= most:
        few = len(board) < fewest
        message = f"{len(board)} milestones came, wanted {fewest} to {most}"
        remedy = "Split the work at results one can see." if few else "Follow the results, not the tasks."
        rows.append(
            ("too-few-milestones" if few else "too-many-milestones", WARNING.value, "", message, remedy)
        )
    if board["acceptance_criteria"].isna().all():
        message = "no milestone says how everyone sees that it is done"
        rows.append(
            ("none-verifiable", WARNING.value, "", message, "Write acceptance_criteria, the next ones first.")
        )
    stale = board[board["stale"]]
    touched = stale["updated_on"].dt.strftime("last on %Y-%m-%d").fillna("never")
    found = findings_about(
        stale.assign(touched=touched),
        "stale-forecast",
        WARNING,
        "forecast touched {touched}",
        "Ask the owner for a date.",
    )
    late = board["status"].isin(LATE) | (board["evidence"].isin(LATE) & ~board["status"].isin(OVER))
    green = findings_about(
        board[late & (board["reported_status"].str.casefold() == Colour.GREEN)].fillna(
            {"evidence": "not known"}
        ),
        "green-while-late",
        WARNING,
        "reported green; {status} by the dates, {evidence} by the evidence",
        "Report what the dates and the evidence say.",
    )
    ahead = board[board["p80_finish"].lt(board["expected_finish"]) & ~board["status"].isin(OVER)]
    days = {name: ahead[name].dt.strftime("%Y-%m-%d") for name in ("p80_finish", "expected_finish")}
    earlier = findings_about(
        ahead.assign(**days),
        "forecast-before-team",
        WARNING,
        "P80 of the forecast is {p80_finish}, before the {expected_finish} that the team expects",
        "Plan with the team's date, and ask what it knows that the forecast does not.",
    )
    table = pd.DataFrame(rows, columns=["rule", "severity", "item", "message", "remedy"])
    found = pd.concat([table, green, earlier, found], ignore_index=True)
    return keep_contract(found.assign(as_of=status_day(as_of), lost_days=np.nan), RUNNING_FINDINGS)


def planned_float(plan: Plan) -> np.ndarray:
    """Measure how far each milestone may slip in the plan before its planned end moves.

    Planned gaps are used up first; a date from outside behind it may not move either. [working days]
    """
    return plan.network.float_of(plan.baseline.own_days, plan.baseline.evening - plan.network.origin)


def _stale_after(plan: Plan) -> pd.Timedelta:
    long = plan.planned_finish - plan.start >= SHORT_PLAN
    return STALE_AFTER if long else STALE_AFTER_IN_SHORT_PLANS
