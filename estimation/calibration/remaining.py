"""How long the rest of a running project really takes, learned from how closed projects went on from each status."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from estimation.calibration.project_record import ProjectRecord

LEVELS = (np.arange(199) + 0.5) / 199
DEFAULT_MULTIPLIER = 1.06
DEFAULT_LEVELS = np.array([0.1, 0.5, 0.8, 0.9])
DEFAULT_RESIDUALS = np.array([-0.17, 0.03, 0.21, 0.34])
"""What projects elsewhere did; between these levels straight in normal scores, beyond them as the last stretch."""
DEFAULT_PROJECTS = 10
"""As how many projects the default residuals count beside the own ones."""
PACE_PRIOR = 4.0
"""Planned durations of average progress that stand beside the project's own: its pace says a fifth at most."""
LEAST_SHARE = 0.02
"""The spread does not shrink below that of a project with so much of its planned duration left."""


@dataclass(frozen=True, eq=False)
class RemainingModel:
    """What the rest of a project takes, given what it would take as planned and how long the whole was planned.

    Parameters
    ----------
    multiplier : float
        The rest of a project on pace takes as planned times this, at the median. [dimensionless]
    residuals : float array, ascending
        Quantiles at the levels ``LEVELS`` of what comes on top, in units of the square root of the planned
        duration times the expected rest. [dimensionless]
    n_projects, n_statuses : int
        Closed projects behind it, and their status dates.
    team : float array or None
        Quantiles at ``LEVELS`` of the log of the real rest over what the team said of it, by the share of the planned
        time gone (``pooled_readings.STAGES``). [log units]
    weights : three floats
        How much progress, the record given the time gone, and the team's word count. [0-1]
    """

    multiplier: float
    residuals: np.ndarray
    n_projects: int
    n_statuses: int
    team: np.ndarray | None = None
    weights: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)

    def expected(self, base_days, planned_days, elapsed_days=None) -> np.ndarray:
        """Stretch the planned rest by what other projects took, and by the project's own pace so far [working days].

        ``B (4 PD m + t) / (4 PD + max(PD - B, 0))``: beside four planned durations done at the multiplier of others,
        what the project has covered in the time it took. Without ``elapsed_days`` the pace is not looked at.
        """
        base, planned = np.asarray(base_days, dtype=float), np.asarray(planned_days, dtype=float)
        if elapsed_days is None:
            return self.multiplier * base
        average, covered = PACE_PRIOR * planned, np.maximum(planned - base, 0.0)
        return base * (average * self.multiplier + elapsed_days) / (average + covered)

    def quantiles(self, base_days, planned_days, levels, *, elapsed_days=None) -> np.ndarray:
        """Find within how many working days the project is done at each level, shape (projects, levels); never below 0.

        ``R_q = max(0, R + PD sqrt(max(R / PD, .02)) k_q)`` with R as ``expected`` gives it.
        """
        spread = np.interp(levels, LEVELS, self.residuals)
        expected = self.expected(base_days, planned_days, elapsed_days)
        scale = residual_scale(expected, np.asarray(planned_days, dtype=float))
        days = expected[..., None] + scale[..., None] * np.atleast_1d(spread)
        return np.maximum(0.0, days).reshape(expected.shape + spread.shape)


def residual_scale(expected_days: np.ndarray, planned_days: np.ndarray) -> np.ndarray:
    """Say how far the rest may be off: as the square root of its share of the planned duration, in working days."""
    return planned_days * np.sqrt(np.maximum(expected_days / planned_days, LEAST_SHARE))


def default_residuals(levels) -> np.ndarray:
    """Find quantiles of the residuals of projects elsewhere.

    >>> default_residuals(np.array([0.1, 0.5, 0.8])).round(2).tolist()
    [-0.17, 0.03, 0.21]
    """
    scores, known = ndtri(np.asarray(levels)), ndtri(DEFAULT_LEVELS)
    slopes = np.diff(DEFAULT_RESIDUALS) / np.diff(known)
    inside = np.interp(scores, known, DEFAULT_RESIDUALS)
    below = np.minimum(scores - known[0], 0.0) * slopes[0]
    above = np.maximum(scores - known[-1], 0.0) * slopes[-1]
    return inside + below + above


def fit_remaining(
    remaining: pd.DataFrame,
    *,
    record: ProjectRecord | None = None,
    default_projects: float = DEFAULT_PROJECTS,
) -> RemainingModel:
    """Learn from closed projects how their rest compared, at each status date, with what it was as planned.

    Every project weighs the same, however often it reported. The multiplier is the weighted median of real over
    planned rest, each at the pace of its project and with one project added that went as planned; without any project
    it is 1.06. What comes on top is kept as a whole distribution, the default one counted as ``default_projects``
    beside the own. Projects of the record that left no status updates count by their finish: at the start all of the
    plan was left. No row of the project that is to be forecast may be in.
    """
    n_projects = remaining["project"].nunique()
    n_recorded = 0 if record is None else max(record.n_projects - n_projects, 0)
    if not n_projects + n_recorded:
        return RemainingModel(DEFAULT_MULTIPLIER, default_residuals(LEVELS), 0, 0)
    columns = ("base_days", "planned_days", "elapsed_days", "remaining_days")
    values = remaining[list(columns)].to_numpy(dtype=float).T
    weights = 1 / remaining.groupby("project")["project"].transform("size").to_numpy(dtype=float)
    if record is not None and n_recorded:
        whole = np.ones(len(LEVELS))
        values = np.hstack([values, [whole, whole, 0 * whole, np.exp(record.quantiles(LEVELS))]])
        weights = np.append(weights, whole * n_recorded / len(LEVELS))
    base, planned, elapsed, actual = values
    known = base > 0
    average, covered = PACE_PRIOR * planned, np.maximum(planned - base, 0.0)
    # The multiplier with which each status would have been right.
    ratio = np.divide(actual, base, where=known, out=np.ones(len(base)))
    right = (ratio * (average + covered) - elapsed) / average
    multipliers = np.append(right[known], 1.0)
    multiplier = float(weighted_quantiles(multipliers, np.append(weights[known], 1.0), np.array([0.5]))[0])
    expected = RemainingModel(multiplier, np.zeros(len(LEVELS)), 0, 0).expected(base, planned, elapsed)
    residuals = (actual - expected) / residual_scale(expected, planned)
    if default_projects > 0:
        residuals = np.append(residuals, default_residuals(LEVELS))
        weights = np.append(weights, np.full(len(LEVELS), default_projects / len(LEVELS)))
    nodes = weighted_quantiles(residuals, weights, LEVELS)
    return RemainingModel(multiplier, nodes, n_projects + n_recorded, len(remaining))


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Read quantiles off weighted values: each lies at the middle of its weight, straight between them.

    >>> weighted_quantiles(np.array([3.0, 1.0]), np.array([1.0, 1.0]), np.array([0.25, 0.5])).tolist()
    [1.0, 2.0]
    """
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    return np.interp(levels, (np.cumsum(weights) - weights / 2) / weights.sum(), values)
