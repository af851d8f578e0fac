"""The forecast: from simulated iterations to dates that can be promised, with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.errors import InputError
from estimation.forecasting.iterations import hold_links
from estimation.forecasting.simulation import Simulation, standard_error
from estimation.tables import BASELINE, IDENTITY, Column, Contract, keep_contract

FORECAST_FACTS: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "baseline_finish": BASELINE["baseline_finish"],
    "promised_finish": BASELINE["promised_finish"],
    "prob_baseline": Column.probability("probability of finishing by the planned date"),
    "prob_promised": Column.probability("probability of finishing by the promised date"),
    "criticality_index": Column.probability(
        "share of iterations in which the milestone is on the driving path"
    ),
}

LEVELS = (0.1, 0.5, 0.8, 0.9, 0.95)
WHOLE_PROJECT = "project"
DAY_PART = 1e-3
"""A thousandth of a day is rounding noise of the arithmetic, not work."""


def forecast_table(simulation: Simulation, *, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Give the dates by which each milestone, and the whole project, finishes at each confidence.

    Parameters
    ----------
    simulation : Simulation
    levels : sequence of float
        0.8 gives the column ``p80_finish``: the date by which 80 % of iterations had finished, rounded up to
        a working day. [0-1]

    Returns
    -------
    DataFrame, one row per milestone in the order of the plan, the last for the project
        Columns of ``FORECAST_FACTS`` and one date per level. ``prob_baseline`` and ``prob_promised`` are
        shares of iterations that finished by the planned and the promised date; that of the project is what was
        promised for the milestone planned to finish last. ``criticality_index`` is the share in which the milestone
        lies on the driving path.

    Raises
    ------
    InputError
        If a level does not lie between 0 and 1.
    """
    for level in levels:
        if not 0 < level < 1:
            raise InputError(
                f"confidence {level:g} came; wanted a share between 0 and 1, without these two: 0.8 for eight times in "
                "ten."
            )
    plan = simulation.plan
    calendar = plan.calendar
    origin = simulation.origin
    baseline = np.append(plan.baseline.evening, plan.end)
    promised_dates = plan.milestones["promised_finish"]
    promised = np.append(plan.days.evenings(promised_dates), calendar.evenings([plan.promised_finish]))
    places, shares = _read_off(simulation, levels, np.column_stack([baseline, promised]) - origin)
    facts = {
        "milestone": [*plan.milestones["milestone"], WHOLE_PROJECT],
        "name": [*plan.milestones["name"], "Whole project"],
        "phase": [*plan.milestones["phase"], None],
        "baseline_finish": plan.finish_dates(baseline),
        "promised_finish": [*promised_dates, plan.promised_finish],
        "prob_baseline": shares[:, 0],
        "prob_promised": shares[:, 1],
        "criticality_index": np.append(simulation.on_driving_path, np.nan),
    }
    by_level = {
        forecast_column(level): plan.finish_dates(np.float64(origin) + _whole_days(places[:, n]))
        for n, level in enumerate(levels)
    }
    return keep_contract(pd.DataFrame({**facts, **by_level}), forecast_contract(levels))


def phase_dates(simulation: Simulation, *, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Give the dates by which all work of each phase, in the order of the plan, is finished at each level."""
    plan = simulation.plan
    rows = []
    for phase, places in plan.milestones.groupby("phase", sort=False).indices.items():
        ends = simulation.finishes[places].max(axis=0)
        found = _whole_days(np.quantile(ends, levels, method="inverted_cdf"))
        dates = plan.finish_dates(simulation.origin + found)
        rows.append(
            {
                "phase": phase,
                "baseline_finish": plan.finish_dates(np.max(plan.baseline.evening[places])),
                **{forecast_column(level): date for level, date in zip(levels, dates, strict=True)},
            }
        )
    return pd.DataFrame(rows).astype({"phase": "str"})


def start_dates(simulation: Simulation, *, level: float) -> pd.DataFrame:
    """Give the day by which all that a milestone needs from outside has to be there: it seldom begins earlier.

    The early end of when work begins, not the middle: what comes in the middle holds up every second iteration, and
    then the dates of the forecast are kept less often than they say. ``level`` is the share of iterations in which
    the work begins on that day or later.
    """
    earlier = int(simulation.iterations * (1 - level) + 1e-9)  # as many iterations may begin before that day
    starts = hold_links(simulation.setup.network, simulation.finishes.copy())
    places = np.partition(starts, earlier, axis=1)[:, earlier]
    mornings = simulation.origin + np.floor(places + DAY_PART)
    return pd.DataFrame(
        {
            "milestone": simulation.plan.milestones["milestone"],
            "start_date": simulation.plan.calendar.morning_dates(mornings),
        }
    )


def standard_errors(simulation: Simulation, *, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Say how far each percentile may lie from that of endless iterations, in working days; last row the project.

    One column such as ``p80_error_days`` per level. What the model itself does not know is not in it.
    """
    names = [*simulation.plan.milestones["milestone"], WHOLE_PROJECT]
    columns = {
        f"p{100 * level:g}_error_days": [
            *(standard_error(row, level) for row in simulation.finishes),
            standard_error(simulation.project_finishes, level, evenly_drawn=simulation.setup.evenly_drawn),
        ]
        for level in levels
    }
    return pd.DataFrame({"milestone": names, **columns})


def forecast_contract(levels: Sequence[float]) -> Contract:
    """Name the columns of a forecast with these levels."""
    date = FORECAST_FACTS["baseline_finish"]
    return {**FORECAST_FACTS, **{forecast_column(level): date for level in levels}}


def date_at(forecast: pd.DataFrame, probability: float, *, milestone: str | None = None) -> pd.Timestamp:
    """Read one date from a forecast: when the project, or a milestone, is done at this confidence.

    Parameters
    ----------
    forecast : DataFrame as ``forecast_table`` gives it
    probability : float
        One of the levels the forecast was made with. [0-1]
    milestone : str, optional
        Id of a milestone; the whole project without one.

    Raises
    ------
    InputError
        If the forecast has no such level or milestone; the message names those it has.
    """
    column = forecast_column(probability)
    if column not in forecast:
        has = ", ".join(name for name in forecast.columns if name not in FORECAST_FACTS)
        raise InputError(f"The forecast has no column {column}; it has {has}. Make it with levels=.")
    if milestone is None:
        return forecast[column].iloc[-1]
    row = forecast.iloc[:-1].loc[lambda table: table["milestone"] == milestone]
    if row.empty:
        has = ", ".join(forecast["milestone"].iloc[:-1])
        raise InputError(f"The forecast has no milestone '{milestone}'; it has {has}.")
    return row[column].iloc[0]


def finish_distribution(simulation: Simulation) -> pd.DataFrame:
    """List every finish date of the simulation with the share of iterations that had finished by it.

    Returns
    -------
    DataFrame with ``finish_date`` and ``prob_finished`` (0-1), one row per working day from the first finish
        to the last
    """
    days = _whole_days(simulation.project_finishes).astype(int)
    counts = np.bincount(days - days.min())
    places = simulation.origin + days.min() + np.arange(len(counts))
    dates = simulation.plan.finish_dates(places)
    return pd.DataFrame({"finish_date": dates, "prob_finished": np.cumsum(counts) / counts.sum()})


def _whole_days(places: np.ndarray) -> np.ndarray:
    return np.ceil(places.astype(float) - DAY_PART)


def _read_off(
    simulation: Simulation, levels: Sequence[float], marks: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Read percentiles, and the share of iterations done by some marks, for each milestone and the project.

    Each row is sorted on its own: of a large simulation there is room for one copy only.
    """
    n = simulation.iterations
    index = np.ceil(np.asarray(levels) * n - 1e-9).astype(int).clip(1) - 1
    places = np.empty((len(marks), len(index)))
    shares = np.full(marks.shape, np.nan)
    for k in range(len(marks)):
        row = simulation.finishes[k] if k < len(marks) - 1 else simulation.project_finishes
        ordered = np.sort(row)
        places[k] = ordered[index]
        shares[k] = np.searchsorted(ordered, (marks[k] + DAY_PART).astype(np.float32), side="right") / n
    return places, np.where(np.isnan(marks), np.nan, shares)


def forecast_column(level: float) -> str:
    """Name the date column of a forecast level.

    >>> forecast_column(0.8)
    'p80_finish'
    """
    return f"p{100 * level:g}_finish"
