"""Earned value of a running project at every status date: how much is earned, at which cost, how late."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.errors import InputError
from estimation.forecasting.earned_schedule import (
    ROUNDING,
    earned_schedule,
    milestone_weights,
    planned_by,
    planned_value,
)
from estimation.project.plan import Plan
from estimation.project.progress import ProjectState
from estimation.project.standing import Standing, Standings, each_standing
from estimation.tables import keep_contract
from estimation.tracking.tracking_tables import EARNED_VALUE

_MEASURED = ("as_of", "elapsed_days", "planned_days", "pv", "ev", "es_days", "actual_cost")
RULES = ("0/100", "50/50", "percent")
NOTICEABLE = 0.005
"""A change of an index below this is rounding, not recovery."""


def earned_value_table(
    plan: Plan, status: pd.DataFrame | Standings | Standing, *, as_of: DateLike, rule: str = "0/100"
) -> pd.DataFrame:
    """Give planned and earned value, cost and earned schedule at every status date.

    Half the project planned and 40 % of it done is an SPI of .8. SPI returns to 1 on every late project as it
    completes, SPI(t) does not: where the first recovers and the second does not, ``spi_misleads`` says so.

    Parameters
    ----------
    plan : Plan
        Its milestones weigh what ``milestone_weights`` says: weight, else budget, else planned days, else the same.
    status : DataFrame keeping the STATUS contract, or Standings; of a Standing its day alone
    as_of : date-like
        Last status date.
    rule : "0/100", "50/50" or "percent"
        When a milestone earns its weight: when it is done; half when it starts; or by its ``percent_complete``.
        Planned value is earned by the same rule.

    Returns
    -------
    DataFrame keeping the EARNED_VALUE contract, one row per status date
        Cost columns are filled where every milestone has a budget, not all of them zero, and costs were reported.
        Before anything was planned SPI is missing, on the first morning SPI(t). Beyond its end the plan stands at 1. A
        project that has earned exactly what was planned is never late: its earned schedule is the status date. Time
        begins with the project and ends when it is complete. From a cut on, all is measured on the plan without it.
        In a pause of the plan the earned schedule by percent complete is the time in it nearest to the status date.

    Raises
    ------
    InputError
        If the rule is unknown.

    References
    ----------
    .. [1] Lipke, Schedule is different, The Measurable News, March 2003: earned schedule.
    """
    if rule not in RULES:
        raise InputError(f"rule '{rule}' is unknown; wanted one of {', '.join(RULES)}.")
    budgets = plan.milestones["budget_cost"]
    budget = budgets.sum() if budgets.notna().all() and budgets.sum() > 0 else np.nan
    rows = [_on_a_day(standing, rule) for standing in each_standing(plan, status, as_of)]
    table = pd.DataFrame(rows, columns=[name for name in EARNED_VALUE if name in _MEASURED])
    elapsed = table["elapsed_days"].where(table["elapsed_days"] > 0)
    spi, spi_t = table["ev"] / table["pv"].where(table["pv"] > 0), table["es_days"] / elapsed
    cpi = table["ev"] * budget / table["actual_cost"].where(table["actual_cost"] > 0)
    complete = table["ev"] >= 1 - 1e-9
    left = table["elapsed_days"] + table["planned_days"] - table["es_days"]
    left = left.mask(complete, table["elapsed_days"][complete].min())  # what is complete needs no forecast
    origin = plan.calendar.mornings([plan.start])[0]
    return keep_contract(
        table.assign(
            spi=spi,
            spi_t=spi_t,
            sv_t_days=table["es_days"] - table["elapsed_days"],
            eac_t_days=left,
            eac_t_spi_days=table["planned_days"] / spi_t.where(spi_t > 0),
            eac_t_finish=plan.finish_dates(origin + left),
            cpi=cpi,
            eac_cost=budget / cpi.where(cpi > 0),
            spi_misleads=(spi.diff() > NOTICEABLE) & (spi < 1) & ~(spi_t.diff() > NOTICEABLE),
        ),
        EARNED_VALUE,
    )


def _on_a_day(standing: Standing, rule: str) -> dict[str, object]:
    """Measure what was to be earned by a status date, and what was; added and cancelled work do not count."""
    plan, state, pace = standing.plan, standing.state, standing.pace
    counted = ~(plan.is_added | state.is_cancelled)
    if not counted.any():  # all was cancelled: nothing was to be earned, and nothing is
        return {**dict.fromkeys(_MEASURED, 0.0), "as_of": standing.as_of}
    weights = milestone_weights(plan.milestones[counted], pace.own_days[counted])
    first = plan.network.origin
    curve = _planned_curve(pace.morning[counted] - first, pace.evening[counted] - first, weights, rule)
    elapsed = _elapsed(standing)
    earned, planned = (
        float(weights @ _earned_shares(state, rule)[counted]),
        planned_by(curve, max(state.now, 0.0)),
    )
    # Where milestones earn at their finish, work goes on unseen while the plan earns nothing: that is no pause.
    on_plan = abs(earned - planned) <= ROUNDING
    nearest_to = elapsed if rule == "percent" or on_plan else None
    return {
        "as_of": standing.as_of,
        "elapsed_days": elapsed,
        "planned_days": float(pace.evening[counted].max(initial=first) - first),
        "pv": planned,
        "ev": earned,
        "es_days": float(earned_schedule(*curve, earned, nearest_to=nearest_to)),
        "actual_cost": standing.latest["actual_cost"].sum(min_count=1),
    }


def _elapsed(standing: Standing) -> float:
    """Time since the start of the project, to its end: all is over, and a status date says so."""
    if not standing.state.is_over.all():
        return max(standing.state.now, 0.0)
    before = map(standing.among.on, standing.among.dates(standing.as_of))
    told = next(one.state.now for one in before if one.state.is_over.all())
    return float(np.nanmax(standing.state.finish, initial=max(told, 0.0)))


def _planned_curve(
    starts: np.ndarray, ends: np.ndarray, weights: np.ndarray, rule: str
) -> tuple[np.ndarray, np.ndarray]:
    """Draw planned value from the planned start of the project on, earned by a rule."""
    starts, ends = np.maximum(starts, 0.0), np.maximum(ends, 0.0)
    if rule == "0/100":
        return planned_value(ends, ends, weights)
    if rule == "50/50":
        first_evenings = np.minimum(starts + 1, ends)  # begun is what has seen its first day
        both = np.concatenate([first_evenings, ends])
        return planned_value(both, both, np.tile(weights / 2, 2))
    return planned_value(starts, ends, weights)


def _earned_shares(state: ProjectState, rule: str) -> np.ndarray:
    if rule == "0/100":
        return state.is_done.astype(float)
    if rule == "50/50":
        return np.where(state.is_done, 1.0, np.where(state.is_running, 0.5, 0.0))
    return np.where(state.is_done, 1.0, np.nan_to_num(state.percent_complete))
