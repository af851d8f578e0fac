"""The shape of the reference class: pooled residuals, re-centred on each phase, and how much they count.

The predictive distribution of a phase mixes two shapes around the phase's own level: the t distribution of
the hierarchy and the pooled, standardised residuals of all phases. Raw ratios are never pooled: a phase that
truly differs would be dragged to the others.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import stats

from estimation.calibration.closed_form import ClosedFormFit, fit_closed_form
from estimation.scores import crps_from_quantiles

SHAPE_POINTS = 199
STANDS_ALONE_AT = 20
"""Rows at which a phase's own hierarchy weighs as much as all that was chosen for a phase without rows."""
CANDIDATE_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
UNDECIDED_WEIGHT = 0.5
FEWEST_PROJECTS_TO_CHOOSE = 15
ROLLING_BLOCKS = 5
NODE_LEVELS = (np.arange(SHAPE_POINTS) + 0.5) / SHAPE_POINTS


def standard_shape(
    fit: ClosedFormFit, log_ratio: np.ndarray, on_plan: np.ndarray, phase: np.ndarray
) -> np.ndarray:
    """Pool what is left when each phase's level and spread are taken out, as quantiles.

    Returns
    -------
    float array, length ``SHAPE_POINTS``
        Quantiles at midpoint levels; those of the standard normal where fewer than five rows speak.
    """
    rows = ~on_plan
    standard = (log_ratio[rows] - fit.location[phase[rows]]) / fit.spread[phase[rows]]
    if len(standard) < 5:
        return stats.norm.ppf(NODE_LEVELS)
    return np.quantile(standard, NODE_LEVELS, method="hazen")


def phase_weight(weight: float, rows: np.ndarray) -> np.ndarray:
    """Let the hierarchy's share grow to 1 as a phase gathers rows of its own."""
    return (rows + STANDS_ALONE_AT * weight) / (rows + STANDS_ALONE_AT)


def mixture_quantiles(
    location, scale, degrees, on_plan_share: float, weight: float, shape: np.ndarray, levels: np.ndarray
) -> np.ndarray:
    """Find quantiles of one phase's predictive distribution of the log ratio.

    Parameters
    ----------
    location, scale, degrees : float
        Of the hierarchy's t distribution, the uncertainty of the level included in ``scale``.
    on_plan_share : float
        Probability of exactly zero.
    weight : float
        Share of the hierarchy against the pooled shape.
    shape : float array, length k
        Standardised quantiles of the reference class.
    levels : float array, length m

    Returns
    -------
    float array, length m, ascending with ``levels``
    """
    hierarchy = location + scale * _t_nodes(float(degrees))
    reference = location + scale * shape
    late_or_early = 1 - on_plan_share
    nodes = np.concatenate([hierarchy, reference, [0.0]])
    mass = np.concatenate(
        [
            np.full(len(hierarchy), late_or_early * weight / len(hierarchy)),
            np.full(len(reference), late_or_early * (1 - weight) / len(reference)),
            [on_plan_share],
        ]
    )
    nodes, mass = nodes[mass > 0], mass[mass > 0]
    order = np.argsort(nodes, kind="stable")
    upper = np.cumsum(mass[order])
    # Between two nodes the quantile moves from the middle of one's mass to the middle of the next one's;
    # levels inside the on-plan share are exactly zero.
    found = np.interp(levels, upper - mass[order] / 2, nodes[order])
    if on_plan_share == 0:
        return found
    atom = int(np.flatnonzero(order == len(nodes) - 1)[0])
    inside = (levels >= upper[atom] - on_plan_share) & (levels <= upper[atom])
    return np.where(inside, 0.0, found)


@lru_cache(maxsize=4096)
def _t_nodes(degrees: float) -> np.ndarray:
    return stats.t.ppf(NODE_LEVELS, degrees)


def choose_hierarchy_weight(
    log_ratio: np.ndarray,
    on_plan: np.ndarray,
    phase: np.ndarray,
    project: np.ndarray,
    n_phases: int,
    order: np.ndarray,
) -> float:
    """Choose how much the hierarchy counts against the reference class, by what forecast better so far.

    Projects are taken in the order in which they closed. Each of five later blocks of projects is forecast
    from the projects before it; the weight with the smallest mean CRPS wins.

    Parameters
    ----------
    log_ratio, on_plan, phase, project : arrays, length n
        As in ``fit_closed_form``.
    n_phases : int
    order : float array, length of the number of projects
        Rank of each project by the day it became known in full.

    Returns
    -------
    float
        One of ``CANDIDATE_WEIGHTS``; 0.5 with fewer than 15 projects, which cannot decide it.
    """
    if len(order) < FEWEST_PROJECTS_TO_CHOOSE:
        return UNDECIDED_WEIGHT
    rank = order[project]
    cuts = np.quantile(order, np.linspace(0.4, 1.0, ROLLING_BLOCKS + 1))
    losses = np.zeros(len(CANDIDATE_WEIGHTS))
    for start, end in pairwise(cuts):
        past, block = rank <= start, (rank > start) & (rank <= end)
        if not block.any():
            continue
        fit = fit_closed_form(log_ratio[past], on_plan[past], phase[past], project[past], n_phases)
        shape = standard_shape(fit, log_ratio[past], on_plan[past], phase[past])
        rows = np.bincount(phase[past], minlength=n_phases)
        for k, weight in enumerate(CANDIDATE_WEIGHTS):
            weights = phase_weight(weight, rows)
            for j in np.unique(phase[block]):
                forecast = mixture_quantiles(
                    fit.location[j],
                    fit.scale[j],
                    fit.degrees[j],
                    fit.on_plan_share[j],
                    weights[j],
                    shape,
                    NODE_LEVELS,
                )
                losses[k] += crps_from_quantiles(forecast, log_ratio[block & (phase == j)]).sum()
    return CANDIDATE_WEIGHTS[int(np.argmin(losses))]
