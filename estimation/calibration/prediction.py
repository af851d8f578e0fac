"""What the model predicts for new work: quantiles of one phase, and draws for all milestones of a project."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from estimation.calibration.model import OverrunModel
from estimation.calibration.shape import mixture_quantiles


def log_ratio_quantiles(model: OverrunModel, row: int, levels: np.ndarray) -> np.ndarray:
    """Find quantiles of the log overrun ratio of one phase in a new project.

    Parameters
    ----------
    model : OverrunModel
    row : int
        Row of ``model.phases``.
    levels : float array, length m [0-1]

    Returns
    -------
    float array, length m [log units]
    """
    phase = model.phases.iloc[row]
    scale = np.sqrt(phase["spread"] ** 2 + phase["location_variance"])
    return _quantiles(model, row, phase["location"], scale, phase["on_plan_share"], levels)


def refitted_quantiles(model: OverrunModel, row: int, levels: np.ndarray) -> np.ndarray:
    """Find the same quantiles in each refit with whole projects drawn anew.

    Returns
    -------
    float array, shape (n draws, m) [log units]
    """
    draws = (model.draws[name][:, row] for name in ("location", "scale", "on_plan_share"))
    return np.array([_quantiles(model, row, *draw, levels) for draw in zip(*draws, strict=True)])


def draw_log_ratios(
    model: OverrunModel, phases: Sequence[str], iterations: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw what every milestone of one new project might take, compared with its plan.

    In each iteration all milestones share one project effect, all milestones of a phase share one draw of
    the phase's level and spread, and each milestone has a residual of its own; a share of the milestones
    finishes exactly on plan.

    Parameters
    ----------
    model : OverrunModel
    phases : sequence of str, length n
        Phase of each milestone; phases the model never saw are drawn from the widest distribution.
    iterations : int
    rng : numpy Generator

    Returns
    -------
    float array, shape (n, iterations)
        Log overrun ratios; 0 is exactly on plan.
    """
    rows = model.rows_of(phases)
    # The project effect is stratified: its quantiles are covered evenly, which steadies P80 at no cost.
    strata = (rng.permutation(iterations) + rng.random(iterations)) / iterations
    project = model.project_sd * stats.norm.ppf(strata)
    furthest = float(np.abs(model.shape).max()) + 1.0
    log_ratio = np.empty((len(rows), iterations))
    for row in np.unique(rows):
        phase = model.phases.iloc[row]
        members = np.flatnonzero(rows == row)
        size = (len(members), iterations)
        level = phase["location"] + np.sqrt(phase["location_variance"]) * rng.standard_normal(iterations)
        variance_draw = np.sqrt(phase["degrees"] / rng.chisquare(phase["degrees"], iterations))
        own_spread = np.sqrt(max(phase["spread"] ** 2 - model.project_sd**2, 0.0))
        hierarchy = variance_draw * rng.standard_normal(size)
        reference = model.shape[rng.integers(len(model.shape), size=size)]
        from_hierarchy = rng.random(size) < phase["hierarchy_weight"]
        # No residual goes further than the furthest ever seen and one sigma: exp of a t has no mean.
        residual = np.clip(np.where(from_hierarchy, hierarchy, reference), -furthest, furthest)
        on_plan = rng.random(size) < phase["on_plan_share"]
        log_ratio[members] = np.where(on_plan, 0.0, level + project + own_spread * residual)
    return log_ratio


def _quantiles(
    model: OverrunModel, row: int, location: float, scale: float, on_plan_share: float, levels: np.ndarray
) -> np.ndarray:
    phase = model.phases.iloc[row]
    return mixture_quantiles(
        location, scale, phase["degrees"], on_plan_share, phase["hierarchy_weight"], model.shape, levels
    )
