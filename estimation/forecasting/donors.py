"""Iterations borrowed whole from past projects: one donor per iteration, with the correlation it really had."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.project.network import network_of, walk
from estimation.project.plan import Plan
from estimation.tables import fold_phase


def donor_finishes(
    plan: Plan,
    overruns: pd.DataFrame,
    *,
    iterations: int,
    seed: int,
    recentred_on: OverrunModel | None = None,
) -> np.ndarray:
    """Simulate a plan with the overruns of one past project at a time, drawn with replacement: its finishes in days.

    Each milestone takes a ratio of the donor's milestones of the same phase, or of any phase where it had none. With
    ``recentred_on`` the donor gives only by how much it differed from its phases' levels, and the levels of the
    plan's phases are added; finishes exactly on plan stay what they are.
    """
    rng = np.random.default_rng(seed)
    done = overruns[~overruns["censored"].astype(bool)]
    log_ratio = np.log(done["overrun_ratio"].to_numpy())
    wanted = plan.milestones["phase"].map(fold_phase)
    if recentred_on is not None:
        levels = np.median(recentred_on.draws["level"], axis=0)
        moved = log_ratio != 0
        log_ratio = np.where(moved, log_ratio - levels[recentred_on.rows_of(done["phase"])], 0.0)
        own_level = levels[recentred_on.rows_of(plan.milestones["phase"])]
    phase = done["phase"].map(fold_phase).to_numpy()
    project, names = pd.factorize(done["project"])
    days = np.empty((len(wanted), iterations))
    donor = rng.integers(len(names), size=iterations)
    for one in np.unique(donor):
        rows, drawn = np.flatnonzero(project == one), np.flatnonzero(donor == one)
        for k, phase_wanted in enumerate(wanted):
            same = rows[phase[rows] == phase_wanted]
            chosen = rng.choice(same if len(same) else rows, size=len(drawn))
            taken = log_ratio[chosen]
            if recentred_on is not None:
                taken = taken + np.where(moved[chosen], own_level[k], 0.0)
            days[k, drawn] = plan.baseline.own_days[k] * np.exp(taken)
    walk(network_of(plan), days)
    return days.max(axis=0)
