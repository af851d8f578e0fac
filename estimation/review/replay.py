"""The replay: closed projects forecast once more, each from what was known before it began, beside what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.calibration.measured_history import MeasuredHistory, Progress, told
from estimation.learning.calibrate import calibrate
from estimation.learning.finish_choice import choose_finish_way
from estimation.project.closing import baseline_plan, last_finishes
from estimation.project.silence import known_until
from estimation.project.standing import standings_of
from estimation.scoring.backtest import BACKTEST
from estimation.scoring.candidates import BACKTEST_SWEEPS
from estimation.scoring.finish_backtest import (
    CHAINED,
    FINISH_CANDIDATES,
    MATCHED,
    Known,
    backtest_finishes,
)
from estimation.scoring.verdict import RAW_PLAN, within
from estimation.tables import (
    BASELINE,
    COURSE,
    IDENTITY,
    Column,
    Contract,
    empty_table,
    keep_contract,
    rows_table,
)
from estimation.tracking.evidence import evidence_table, whole_project

_SINCE = "working days from the planned start"
REPLAY: Contract = {
    "project": IDENTITY["project"],
    "project_name": IDENTITY["project_name"],
    "client": IDENTITY["client"],
    "origin": BACKTEST["origin"],
    "n_past": Column.count("closed projects that were known then"),
    "candidate": Column.text("the way of forecasting that was in use then"),
    "planned_start": Column.date("morning on which the project was planned to start"),
    "baseline_finish": BASELINE["baseline_finish"],
    "p50_finish": Column.date("the date that would have been given at even chance"),
    "p80_finish": Column.date("the date that would have been promised at 80 % confidence"),
    "actual_finish": COURSE["actual_finish"],
    "planned_days": Column.days(f"the approved plan: {_SINCE}", least=0),
    "p50_days": Column.days(f"at even chance: {_SINCE}", least=0),
    "p80_days": Column.days(f"at 80 % confidence: {_SINCE}", least=0),
    "actual_days": Column.days(f"what it took: {_SINCE}", least=0),
    "held_plan": Column.flag("finished on the planned date or before"),
    "held_p50": Column.flag("finished by the date given at even chance"),
    "held_p80": Column.flag("finished by the date promised at 80 % confidence"),
}
WARNINGS: Contract = {
    "project": IDENTITY["project"],
    "held_plan": REPLAY["held_plan"],
    "warned_on": Column.date("first status date with an alarm of the evidence; empty without one"),
    "weeks_before_end": Column("number", "weeks", "from that day to the actual finish", least=0),
}
REPLAYED = {name: FINISH_CANDIDATES[name] for name in (RAW_PLAN, MATCHED, CHAINED)}
_WAYS = {"record": MATCHED, "chained": CHAINED}


def replay_table(
    history: pd.DataFrame | MeasuredHistory,
    *,
    seed: int,
    as_of: DateLike | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Forecast each closed project from what was known before it began, and set the dates beside what happened.

    The forecasts are those of ``backtest_finishes``, of the way that ``choose_finish_way`` had chosen by the projects
    closed before: nothing that came later enters. What held by its days held by its date.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract, or a MeasuredHistory
    seed : int
    as_of : date-like, optional
        Status date; projects that closed later are not replayed.
    progress : callable, optional
        As in ``backtest_finishes``.

    Returns
    -------
    DataFrame keeping the REPLAY contract, at most forty projects, the latest to start first
        Those whose date at 80 % has come: of the others only what ended early could be there. Empty when no project
        started after three others had closed.
    """
    known = MeasuredHistory.of(history)
    scores = backtest_finishes(known, seed=seed, candidates=REPLAYED, as_of=as_of, progress=progress)
    finishes = last_finishes(known.table)
    described = known.table.groupby("project")[["project_name", "client"]].first()
    used = _in_use(known, scores, seed)
    rows = [
        {**_dates(known, row, finishes[row.project], seed), **described.loc[row.project]}
        for row in used.itertuples()
    ]
    held = {f"held_p{level}": within(used, f"q{level}").to_numpy() for level in (50, 80)}
    taken = used[["project", "origin", "n_past", "candidate"]].reset_index(drop=True)
    table = (
        keep_contract(taken.assign(**held).join(pd.DataFrame(rows, taken.index)), REPLAY)
        if rows
        else empty_table(REPLAY)
    )
    day = known_until(known.table) if as_of is None else status_day(as_of)
    due = table[table["p80_finish"] <= day]
    return due.sort_values(["planned_start", "project"], ascending=False, ignore_index=True)


def first_warnings(
    history: pd.DataFrame | MeasuredHistory,
    replay: pd.DataFrame,
    status: pd.DataFrame,
    *,
    seed: int,
    iterations: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Find when the weekly evidence would first have warned of each replayed project that has status dates (WARNINGS).

    The model is that of the morning of the replay's own forecast.
    """
    known, rows = MeasuredHistory.of(history), []
    reported = replay[replay["project"].isin(status["project"])]
    for row in told(list(reported.itertuples()), progress):
        plan = baseline_plan(known.table, row.project)
        updates = standings_of(plan, status[status["project"] == row.project])
        eve = row.origin - pd.Timedelta(days=1)
        model = calibrate(known, seed=seed, as_of=eve, finish_way="record", sweeps=BACKTEST_SWEEPS)
        last = row.actual_finish - pd.Timedelta(days=1)
        how = {"seed": seed, "iterations": iterations, "as_of": last}
        weeks = whole_project(evidence_table(plan, model, updates, **how))
        doubted = weeks.loc[weeks["alarm"], "as_of"].min()
        ahead = (row.actual_finish - doubted).days / 7
        said = {"warned_on": doubted, "weeks_before_end": ahead}
        rows.append({"project": row.project, "held_plan": row.held_plan, **said})
    return rows_table(rows, WARNINGS)


def _in_use(known: MeasuredHistory, scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Of each project the forecast of the way that was in use when it was made."""
    parts = [scores.iloc[:0]]
    for origin, made in scores.groupby("origin"):
        past = known.ratios(origin - pd.Timedelta(days=1))
        closed = scores["project"].isin(past.loc[~past["censored"], "project"])
        way = _WAYS[choose_finish_way(scores[closed], seed=seed)]
        parts.append(made[made["candidate"] == way])
    return pd.concat(parts)


def _dates(known: MeasuredHistory, row, finish: pd.Timestamp, seed: int) -> dict[str, object]:
    """Turn the log finish ratios of one forecast back into days and dates of its project."""
    plan = Known(known, row.origin - pd.Timedelta(days=1), seed).kickoff(row.project).plan
    origin, approved = plan.network.origin, baseline_plan(known.table, row.project)
    estimated = plan.baseline.evening.max() - origin
    ratios = np.exp([row.q50, row.q80, row.actual])
    p50, p80, actual = (float(round(ratio * estimated)) for ratio in ratios)
    planned = approved.end - origin
    given = plan.finish_dates(origin + np.array([p50, p80]))
    return {
        "planned_start": plan.start,
        "baseline_finish": approved.planned_finish,
        "p50_finish": given[0],
        "p80_finish": given[1],
        "actual_finish": finish,
        "planned_days": planned,
        "p50_days": p50,
        "p80_days": p80,
        "actual_days": actual,
        "held_plan": finish <= approved.planned_finish,
    }
