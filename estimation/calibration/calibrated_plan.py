"""The calibrated plan: the same milestones and logic, each estimate multiplied by what its phase deserves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calibration.multipliers import MULTIPLIERS
from estimation.project.links import dependencies_of
from estimation.project.network import NOISE
from estimation.project.plan import Plan
from estimation.tables import BASELINE, ESTIMATE, IDENTITY, PLAN, Column, Contract, fold_phase, keep_contract

SHOWN_DECIMALS = 2
"""Decimals of the calibrated days, in the file and in the dates that follow from them."""
CALIBRATED_PLAN: Contract = {
    **{name: IDENTITY[name] for name in ("milestone", "name", "phase")},
    "baseline_days": Column.days("own working days in the approved plan"),
    "multiplier": MULTIPLIERS["multiplier"],
    "calibrated_days": Column.days("estimate times multiplier"),
    "baseline_finish": BASELINE["baseline_finish"],
    "calibrated_start": Column.date("morning on which the stretched plan starts the work"),
    "calibrated_finish": Column.date("evening on which the stretched plan finishes it"),
    "estimate_days": Column.days("own working days as estimated, before any factor", least=0),
    "estimate_start": ESTIMATE["estimate_start"],
}


def calibrated_plan(plan: Plan, multipliers: pd.DataFrame, *, level: float = 0.5) -> pd.DataFrame:
    """Stretch each estimate by the multiplier of its phase and schedule the plan again.

    Always from the estimates: a plan that was multiplied before is not multiplied twice.

    Parameters
    ----------
    plan : Plan
    multipliers : DataFrame keeping the MULTIPLIERS contract
        Its last phase serves phases that history does not know.
    level : float
        Which multiplier: 0.5 gives working targets. Higher levels for every milestone at once add up to more
        caution than asked for; promise dates of the simulation instead. [0-1]

    Returns
    -------
    DataFrame keeping the CALIBRATED_PLAN contract, one row per milestone
    """
    factors = multipliers_of_phases(plan.milestones["phase"], multipliers, level)
    # Rounded as the file shows them, so that its days give its dates.
    estimated = plan.estimated
    days = np.round(estimated.baseline.own_days * factors, SHOWN_DECIMALS)
    evenings = days[:, None].copy()
    mornings = estimated.network.schedule(evenings)  # turns the durations into finishes
    starts = plan.calendar.morning_dates(plan.network.origin + mornings[:, 0] + NOISE)
    finishes = plan.finish_dates(plan.network.origin + evenings[:, 0])
    elsewhere = np.abs(estimated.baseline.morning - estimated.baseline.ready) > NOISE
    own_starts = plan.calendar.morning_dates(np.where(elsewhere, estimated.baseline.morning, np.nan))
    table = plan.milestones.assign(
        baseline_days=plan.baseline.own_days,
        estimate_days=estimated.baseline.own_days,
        estimate_start=own_starts,
        multiplier=factors,
        calibrated_days=days,
        baseline_finish=plan.baseline_finish,
        calibrated_start=np.minimum(starts, finishes),  # work of no duration starts on the day it finishes
        calibrated_finish=finishes,
    )
    return keep_contract(table, CALIBRATED_PLAN)


def multipliers_of_phases(phases: pd.Series, multipliers: pd.DataFrame, level: float) -> np.ndarray:
    """Look up the multiplier of each milestone's phase; that of new phases where the table does not have it."""
    chosen = multipliers[np.isclose(multipliers["level"], level)]
    factor_of = dict(zip(chosen["phase"].map(fold_phase), chosen["multiplier"], strict=True))
    new_phase = chosen["multiplier"].iloc[-1]
    return np.array([factor_of.get(fold_phase(phase), new_phase) for phase in phases])


def with_calibrated_days(plan: Plan, calibrated: pd.DataFrame) -> pd.DataFrame:
    """Put the calibrated days and dates into the plan's own table as what is to be approved, ready to be worked with.

    The estimates stay beside them, with the factor: a forecast of the new plan says what one of the old plan says, and
    what is learned from it later is how good the estimates were. Logic, owners and criteria stay as they were, promised
    dates too: they now compare with what is likely.
    """
    table = plan.milestones
    if table["depends_on"].isna().all():  # dates said what follows what, and they move
        links = dependencies_of(table)
        table = table.assign(
            depends_on=["; ".join(map(str, links[one])) or None for one in table["milestone"]]
        )
    table = table.assign(
        baseline_days=calibrated["calibrated_days"],
        baseline_start=calibrated["calibrated_start"],
        baseline_finish=calibrated["calibrated_finish"],
        estimate_days=calibrated["estimate_days"],
        factor_used=calibrated["multiplier"],
        estimate_start=calibrated["estimate_start"],
    )
    return keep_contract(table, PLAN)
