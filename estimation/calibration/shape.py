"""The shape of the reference class, and quantiles of a distribution that has a share of exact zeros.

What is left of the log ratios when level, project effect and spread are taken out is pooled over all phases and
re-centred on each: raw ratios are never pooled, because a phase that truly differs would be dragged to the others.
Distributions are carried as nodes: quantiles at ``NODE_LEVELS``, ascending.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import stats

NODES = 199
NODE_LEVELS = (np.arange(NODES) + 0.5) / NODES
FEWEST_FOR_A_SHAPE = 5
STANDS_ALONE_AT = 20
"""Rows at which a phase's own hierarchy weighs as much as all that was chosen for a phase without rows."""


def residual_shape(
    standardised: np.ndarray, censored: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """Pool standardised residuals into the shape of the reference class; standard normal below five finished rows.

    Residuals of running work are only known to be exceeded; they count through the Kaplan-Meier estimate (JASA 53,
    1958), so that work which drags on is not missing from the tail.
    """
    if weight is not None:
        places = as_often_as(weight)
        standardised, censored = standardised[places], censored[places]
    if np.sum(~censored) < FEWEST_FOR_A_SHAPE:
        return stats.norm.ppf(NODE_LEVELS)
    known = stats.CensoredData(uncensored=standardised[~censored], right=standardised[censored])
    curve = stats.ecdf(known).cdf
    # Where the largest values are all running the curve stops below 1; the last value stands for what follows.
    place = np.searchsorted(curve.probabilities, NODE_LEVELS).clip(max=len(curve.quantiles) - 1)
    return curve.quantiles[place]


def as_often_as(weight: np.ndarray) -> np.ndarray:
    """Give places of rows, each as often as it weighs, spread evenly over their order; with equal weights each once.

    >>> as_often_as(np.array([0.5, 0.5, 2.0, 1.0])).tolist()
    [0, 2, 2, 3]
    """
    upto = np.floor(np.cumsum(weight) / np.sum(weight) * len(weight) + 0.5).astype(int)
    return np.repeat(np.arange(len(weight)), np.diff(upto, prepend=0))


def phase_weight(weight: float | np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Let the hierarchy's share grow to 1 as a phase gathers rows of its own."""
    return (rows + STANDS_ALONE_AT * weight) / (rows + STANDS_ALONE_AT)


def mix_nodes(first: np.ndarray, second: np.ndarray, weight: float) -> np.ndarray:
    """Find the nodes of a mixture of two distributions given by equally likely points; ``weight`` is of the first."""
    points = np.concatenate([first, second])
    mass = np.repeat([weight / len(first), (1 - weight) / len(second)], [len(first), len(second)])
    points, mass = points[mass > 0], mass[mass > 0]
    order = np.argsort(points, kind="stable")
    middle = np.cumsum(mass[order]) - mass[order] / 2
    return np.interp(NODE_LEVELS, middle, points[order])


def unit_nodes(project_sd: float, degrees: float, shape: np.ndarray, weight: float) -> np.ndarray:
    """Find the nodes of project effect and residual together, in units of the residual's spread."""
    effect = project_sd * stats.norm.ppf((np.arange(60) + 0.5) / 60)
    residual = (t_nodes(degrees), shape)
    first, second = (np.add.outer(effect, nodes).ravel() for nodes in residual)
    return mix_nodes(first, second, weight)


@lru_cache(maxsize=4096)
def t_nodes(degrees: float) -> np.ndarray:
    """Give the nodes of a t distribution."""
    return stats.t.ppf(NODE_LEVELS, degrees)


def quantiles_with_ties(nodes: np.ndarray, on_plan_share, levels: np.ndarray) -> np.ndarray:
    """Find quantiles of log ratios when a share of the work finishes exactly on plan, at zero; shape (..., levels).

    ``nodes``, ascending along the last axis, are equally likely points of work that finishes late or early.
    """
    share = np.asarray(on_plan_share, dtype=float)[..., None]
    rest = np.maximum(1 - share, 1e-12)
    below = _at(nodes, levels / rest)
    above = _at(nodes, (levels - share) / rest)
    return np.where(
        (below < 0) & (levels < rest), below, np.where((above > 0) & (levels > share), above, 0.0)
    )


def _at(nodes: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Read nodes at levels by linear interpolation, row by row."""
    count = nodes.shape[-1]
    place = np.clip(levels * count - 0.5, 0, count - 1)
    left = np.floor(place).astype(int)
    right = np.minimum(left + 1, count - 1)
    full = np.broadcast_to(nodes, (*place.shape[:-1], count))
    low, high = np.take_along_axis(full, left, -1), np.take_along_axis(full, right, -1)
    return low + (place - left) * (high - low)
