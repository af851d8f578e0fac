"""All tables of the quarterly estimation report, from what was known on the last day of the quarter."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from estimation.calibration.durations import own_durations
from estimation.calibration.model import SWEEPS, OverrunModel, fit_overruns
from estimation.calibration.overruns import overrun_table
from estimation.calibration.project_record import finish_ratios
from estimation.errors import InputError
from estimation.learning.calibrate import calibrate
from estimation.project.closing import closing_days
from estimation.project.decisions import DECISIONS, outcomes
from estimation.project.estimates import has_factors, without_estimates
from estimation.review.quarterly.follow_up import followed_up, how_they_fared
from estimation.review.quarterly.lost_days import lost_days
from estimation.review.quarterly.multiplier_moves import (
    multiplier_moves,
    multipliers_at_kickoff,
    saved_by_multipliers,
)
from estimation.review.quarterly.quarter import history_as_of, last_day, quarters_up_to
from estimation.review.quarterly.quarterly_tables import RECOMMENDATIONS
from estimation.review.quarterly.recommendations import recommendations
from estimation.review.quarterly.running_projects import portfolio_forecast
from estimation.review.quarterly.trend import (
    closed_by_quarter,
    closed_projects,
    log_overruns,
    overrun_change,
    overrun_trend,
)
from estimation.scoring.backtest import project_starts
from estimation.scoring.dates_held import (
    kickoff_forecasts,
    pooled_period,
    promise_table,
    promises_kept,
)
from estimation.tables import empty_table

QUARTERS = 8
"""Quarters shown: those of the report, and the four before that it is compared with."""


@dataclass(frozen=True, eq=False)
class QuarterlyReport:
    """The tables of a quarterly report; their contracts stand in ``contracts`` and in ``scoring.published``."""

    closed: pd.DataFrame
    closed_by_quarter: pd.DataFrame
    promises: pd.DataFrame
    promises_kept: pd.DataFrame
    overrun_trend: pd.DataFrame
    overrun_change: pd.DataFrame
    multiplier_moves: pd.DataFrame
    saved: pd.DataFrame
    lost_days: pd.DataFrame
    running: pd.DataFrame
    recommendations: pd.DataFrame
    followed_up: pd.DataFrame
    decisions: pd.DataFrame
    fared: pd.DataFrame


def quarterly_report(
    history: pd.DataFrame,
    published: pd.DataFrame,
    quarter: pd.Period,
    *,
    seed: int,
    quarters: int = QUARTERS,
    iterations: int | None = None,
    finish_way: str = "auto",
    status: pd.DataFrame | None = None,
    model: OverrunModel | None = None,
    sweeps: int = SWEEPS,
    decisions: pd.DataFrame | None = None,
    before: pd.DataFrame | None = None,
) -> QuarterlyReport:
    """Look back on a quarter: what closed, whether the dates held, whether estimates get better, what to change.

    Everything is told as of the last day of the quarter: what happened or was written later changes nothing, so that
    the report of a past quarter is the same whenever it is made.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
        Closed and running projects.
    published : DataFrame keeping the PUBLISHED contract
        Forecasts on record; may be empty.
    quarter : Period
    seed : int
    quarters : int
        How many quarters to show; the last four are those that are pooled.
    iterations : int, optional
        Simulated courses per running project, as in ``simulate``.
    finish_way : "auto", "record" or "chained"
        As in ``calibrate``.
    status : DataFrame keeping the STATUS contract, optional
        What was reported of running projects; of a project without a row what the history tells of it.
    model : OverrunModel, optional
        ``calibrate`` of the history as of the last day of the quarter, where it is there already.
    sweeps : int
        Of the fits, as in ``fit_overruns``.
    decisions : DataFrame keeping the DECISIONS contract, optional
        Of variance reviews.
    before : DataFrame keeping the RECOMMENDATIONS contract, optional
        What the report of an earlier quarter recommended.

    Returns
    -------
    QuarterlyReport

    Raises
    ------
    InputError
        If no milestone had finished by then.
    """
    day, span = last_day(quarter), quarters_up_to(quarter, quarters)
    known = history_as_of(history, day)
    if model is None:
        model = calibrate(known, as_of=day, seed=seed, finish_way=finish_way, sweeps=sweeps)
    own, starts = own_durations(known), project_starts(known)
    rows, ratios = overrun_table(known, as_of=day, own=own), finish_ratios(known, own=own)
    approved = finish_ratios(without_estimates(known)) if has_factors(known) else ratios
    closed = closed_projects(known, ratios, span)
    trailing = closed.loc[closed["quarter"].isin(map(str, span[-4:])), "project"].tolist()
    promises = promise_table(published, known, as_of=day)
    kept = promises_kept(promises, span)
    overruns = log_overruns(rows, ratios, closing_days(known), approved=approved)
    moves = multiplier_moves(model, _a_year_ago(known, day, seed + 1, sweeps))
    lost = lost_days(known, trailing)
    running = portfolio_forecast(known, model, as_of=day, seed=seed, iterations=iterations, status=status)
    recent = starts[starts.index.isin(trailing)].sort_values(kind="stable")
    at_kickoff = multipliers_at_kickoff(rows, ratios, recent, seed=seed, approved=approved)
    started, unpublished = _starts_on_record(published, known, starts, span)
    reasons = (kept[kept["period"] == pooled_period(span)], moves, lost, running)
    counts = {"n_started": started, "n_unpublished": unpublished}
    recommended = recommendations(*reasons, **counts)
    before = empty_table(RECOMMENDATIONS) if before is None else before
    return QuarterlyReport(
        closed=closed,
        closed_by_quarter=closed_by_quarter(closed, span),
        promises=promises,
        promises_kept=kept,
        overrun_trend=overrun_trend(overruns, span),
        overrun_change=overrun_change(overruns, quarter),
        multiplier_moves=moves,
        saved=saved_by_multipliers(at_kickoff),
        lost_days=lost,
        running=running,
        recommendations=recommended,
        followed_up=followed_up(before, recommended, *reasons, **counts),
        decisions=outcomes(empty_table(DECISIONS) if decisions is None else decisions, day),
        fared=how_they_fared(known, published, closed, own, day),
    )


def _a_year_ago(known: pd.DataFrame, day: pd.Timestamp, seed: int, sweeps: int) -> OverrunModel | None:
    """Fit what was known a year before; None where nothing had finished by then."""
    then = day - pd.DateOffset(years=1)
    try:
        return fit_overruns(overrun_table(history_as_of(known, then), as_of=then), seed=seed, sweeps=sweeps)
    except InputError:
        return None


def _starts_on_record(
    published: pd.DataFrame, known: pd.DataFrame, starts: pd.Series, span
) -> tuple[int, int]:
    """Count the projects that started in the last four quarters, and those without a kickoff forecast."""
    recent = starts[starts.between(span[-4].start_time, span[-1].end_time)].index
    on_record = set(kickoff_forecasts(published, known)["project"])
    return len(recent), sum(project not in on_record for project in recent)
