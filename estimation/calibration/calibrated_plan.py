"""The calibrated plan: the same milestones and logic, each estimate multiplied by what its phase deserves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calibration.multipliers import MULTIPLIERS
from estimation.project.network import NOISE
from estimation.project.plan import Plan
from estimation.tables import BASELINE, IDENTITY, PLAN, Column, Contract, fold_phase, keep_contract

CALIBRATED_PLAN: Contract = {
    **{name: IDENTITY[name] for name in ("milestone", "name", "phase")},
    "baseline_days": Column.days("own working days as estimated"),
    "multiplier": MULTIPLIERS["multiplier"],
    "calibrated_days": Column.days("estimate times multiplier"),
    "baseline_finish": BASELINE["baseline_finish"],
    "calibrated_start": Column.date("morning on which the stretched plan starts the work"),
    "calibrated_finish": Column.date("evening on which the stretched plan finishes it"),
}


def calibrated_plan(plan: Plan, multipliers: pd.DataFrame, *, level: float = 0.5) -> pd.DataFrame:
    """Stretch each estimate by the multiplier of its phase and schedule the plan again.

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
    chosen = multipliers[np.isclose(multipliers["level"], level)]
    factor_of = dict(zip(chosen["phase"].map(fold_phase), chosen["multiplier"], strict=True))
    new_phase = chosen["multiplier"].iloc[-1]
    factors = np.array([factor_of.get(fold_phase(phase), new_phase) for phase in plan.milestones["phase"]])
    # Rounded as the file shows them, so that its days give its dates.
    days = np.round(plan.baseline.own_days * factors, 2)
    evenings = days[:, None].copy()
    mornings = plan.network.schedule(evenings)  # turns the durations into finishes
    starts = plan.calendar.morning_dates(plan.network.origin + mornings[:, 0] + NOISE)
    finishes = plan.finish_dates(plan.network.origin + evenings[:, 0])
    table = plan.milestones.assign(
        baseline_days=plan.baseline.own_days,
        multiplier=factors,
        calibrated_days=days,
        baseline_finish=plan.baseline_finish,
        calibrated_start=np.minimum(starts, finishes),  # work of no duration starts on the day it finishes
        calibrated_finish=finishes,
    )
    return keep_contract(table, CALIBRATED_PLAN)


def with_calibrated_days(plan: Plan, calibrated: pd.DataFrame) -> pd.DataFrame:
    """Put the calibrated estimates and dates into the plan's own table, ready to be worked with.

    Logic, owners and criteria stay as they were, promised dates too: they now compare with what is likely.
    """
    table = plan.milestones.assign(
        baseline_days=calibrated["calibrated_days"],
        baseline_start=calibrated["calibrated_start"],
        baseline_finish=calibrated["calibrated_finish"],
    )
    return keep_contract(table, PLAN)
