"""The forecasts that the made-up company would have published at the start of each project, had it used this toolkit.

At the turn of each quarter it calibrates on what is known by then, as the quarterly report does; each project that
starts in the quarter is forecast with that model on its first morning. Nothing that happened later is looked at.
"""

from __future__ import annotations

import pandas as pd

from estimation.forecasting.forecast import forecast_table
from estimation.forecasting.simulation import simulate
from estimation.learning.calibrate import calibrate
from estimation.project.closing import baseline_plan, closing_days
from estimation.review.quarterly.quarter import history_as_of
from estimation.scoring.backtest import project_starts

FIRST_CLOSED = 10  # so many projects have closed before the first forecast is published
LEVELS = (0.5, 0.8, 0.9)
ITERATIONS, SWEEPS = 1000, 300


def published_forecasts(history: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Make the kickoff forecasts of all projects that started once ten others had closed.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    seed : int

    Returns
    -------
    DataFrame with columns of the PUBLISHED contract, one row per project, milestone and level
    """
    enough = closing_days(history).sort_values().iloc[FIRST_CLOSED - 1]
    starts = project_starts(history).sort_values(kind="stable")
    model, rows = {}, []
    for project, start in starts.items():
        turn = start.to_period("Q").start_time
        if turn <= enough:
            continue
        if turn not in model:
            eve = turn - pd.Timedelta(days=1)
            model = {
                turn: calibrate(
                    history_as_of(history, eve), as_of=eve, seed=seed, finish_way="chained", sweeps=SWEEPS
                )
            }
        plan = baseline_plan(history, project)
        forecast = forecast_table(
            simulate(plan, model[turn], seed=seed, iterations=ITERATIONS), levels=LEVELS
        )
        rows += [
            forecast[["milestone"]].assign(
                project=project, as_of=start, level=level, finish=forecast[f"p{100 * level:g}_finish"]
            )
            for level in LEVELS
        ]
    table = pd.concat(rows, ignore_index=True)
    table = table.assign(
        entry=table.groupby("project", sort=False).ngroup() + 1, seed=seed, iterations=ITERATIONS
    )
    columns = ["entry", "project", "as_of", "seed", "iterations", "milestone", "level", "finish"]
    return table.sort_values(["entry", "milestone", "level"], kind="stable")[columns]
