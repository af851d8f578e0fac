"""The closed-form fit: phase levels shrunk towards each other, in milliseconds, from finished work only.

For project i and phase j the log overrun ratio is ``z = m + a_j + u_i + eps``. A phase with few rows borrows
its level from the others (``a_j``, partial pooling) and its spread from the pooled spread; what a project
shares across its phases (``u_i``) is estimated apart, so that totals of a project share it too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

PRIOR_DEGREES = 8.0
"""Pseudo-observations behind the pooled spread; fewer made three-row phases worse than the raw plan."""
PRIOR_TIES = 4.0
"""Pseudo-observations behind the pooled share of on-plan finishes."""
SMALLEST_SIGMA = 0.02
NORMAL_DEGREES = 200.0
"""Degrees of freedom of a t distribution that is as good as normal."""
UNKNOWN_SIGMA = 0.5
"""Spread assumed when no phase has two rows to measure one."""


@dataclass(frozen=True)
class ClosedFormFit:
    """What the fit learned; arrays have one entry per phase, in log units.

    ``location`` and ``location_variance`` describe the phase's level, ``spread`` the standard deviation of one
    row around it (project effect included), ``degrees`` its degrees of freedom, ``on_plan_share`` the
    probability of an exactly planned finish, ``share_borrowed`` how much of the level comes from the other
    phases, ``n_rows`` and ``n_on_plan`` the rows behind it, each as much as it weighs. ``project_sd`` is what
    the phases of one project share. The ``new_`` values describe a phase never seen.
    """

    location: np.ndarray
    location_variance: np.ndarray
    spread: np.ndarray
    degrees: np.ndarray
    on_plan_share: np.ndarray
    share_borrowed: np.ndarray
    n_rows: np.ndarray
    n_on_plan: np.ndarray
    project_sd: float
    new_location: float
    new_location_variance: float
    new_spread: float
    new_degrees: float
    new_on_plan_share: float

    @property
    def scale(self) -> np.ndarray:
        """Spread of one new row with the uncertainty of its phase's level, in log units."""
        return np.sqrt(self.spread**2 + self.location_variance)


def fit_closed_form(
    log_ratio: np.ndarray,
    on_plan: np.ndarray,
    phase: np.ndarray,
    project: np.ndarray,
    n_phases: int,
    weight: np.ndarray | None = None,
) -> ClosedFormFit:
    """Fit level, spread and on-plan share of each phase from finished rows; a row of weight .25 counts a quarter.

    ``on_plan`` rows inform the on-plan share alone. Shrinkage of variances: Smyth, Linear models and empirical Bayes
    methods, 2004. Spread of levels: Paule & Mandel, Consensus values and weighting factors, J. Res. NBS 87, 1982.
    Project effect: Searle, Casella & McCulloch, Variance components, 1992, section 3.6 (unequal group sizes).
    """
    weight = np.ones(len(log_ratio)) if weight is None else weight
    rows_of = np.bincount(phase, weights=weight, minlength=n_phases)
    ties_of = np.bincount(phase, weights=weight * on_plan, minlength=n_phases)
    pooled_ties = ties_of.sum() / rows_of.sum() if len(phase) else 0.0
    on_plan_share = (ties_of + PRIOR_TIES * pooled_ties) / (rows_of + PRIOR_TIES)

    late = ~on_plan
    z, j, i, r = log_ratio[late], phase[late], project[late], weight[late]
    n = np.bincount(j, weights=r, minlength=n_phases)
    seen = n > 0
    mean = np.divide(np.bincount(j, weights=r * z, minlength=n_phases), n, out=np.zeros(n_phases), where=seen)
    residual = z - mean[j]
    squares = np.bincount(j, weights=r * residual**2, minlength=n_phases)
    # One row is used up by the mean: as much as a typical row of the phase weighs.
    free_of = np.maximum(n - _typical_weight(j, r, n), 0)
    free = float(np.sum(free_of))
    pooled_variance = max(squares.sum() / free if free else UNKNOWN_SIGMA**2, SMALLEST_SIGMA**2)

    degrees = PRIOR_DEGREES + free_of
    variance = np.maximum((PRIOR_DEGREES * pooled_variance + squares) / degrees, SMALLEST_SIGMA**2)
    project_variance = min(_between_projects(residual, i, r), 0.9 * float(np.median(variance)))

    # Rows of one project share its effect, so a phase mean is less certain than its count of rows says.
    crowding = _crowding(i, j, r, n)
    own = np.maximum(variance - project_variance, 0.1 * variance)
    mean_variance = np.divide(own, n, out=np.full(n_phases, np.inf), where=seen) + project_variance * crowding

    between = max(_paule_mandel(mean[seen], mean_variance[seen]), 0.05 * pooled_variance)
    grand, grand_variance = _grand_mean(mean, 1 / (between + mean_variance), seen)
    keep = between / (between + mean_variance)
    of_seen = keep * np.where(seen, mean_variance, 0.0) + (1 - keep) ** 2 * grand_variance
    return ClosedFormFit(
        location=keep * mean + (1 - keep) * grand,
        location_variance=np.where(seen, of_seen, between + grand_variance),
        spread=np.sqrt(variance),
        degrees=degrees,
        on_plan_share=on_plan_share,
        share_borrowed=1 - keep,
        n_rows=rows_of,
        n_on_plan=ties_of,
        project_sd=float(np.sqrt(project_variance)),
        new_location=grand,
        new_location_variance=between + grand_variance,
        new_spread=float(np.sqrt(pooled_variance)),
        new_degrees=PRIOR_DEGREES,
        new_on_plan_share=float(pooled_ties),
    )


def draw_around(fit: ClosedFormFit, draws: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw level, own spread and on-plan share of each phase from the uncertainty of the fit; the keys are the model's.

    The last column is a phase never seen. Residuals are normal given their spread; drawing the spread makes them t.
    """
    location = np.append(fit.location, fit.new_location)
    location_sd = np.sqrt(np.append(fit.location_variance, fit.new_location_variance))
    variance = np.append(fit.spread, fit.new_spread) ** 2
    degrees = np.append(fit.degrees, fit.new_degrees)
    shape = (draws, len(location))
    drawn = variance * degrees / rng.chisquare(degrees, shape)
    ties = np.append(fit.n_on_plan, 0) + PRIOR_TIES * fit.new_on_plan_share
    others = np.append(fit.n_rows - fit.n_on_plan, 0) + PRIOR_TIES * (1 - fit.new_on_plan_share)
    return {
        "level": location + location_sd * rng.standard_normal(shape),
        "spread": np.sqrt(np.maximum(drawn - fit.project_sd**2, 0.1 * drawn)),
        "on_plan_share": rng.beta(np.maximum(ties, 1e-9), np.maximum(others, 1e-9), shape),
        "project_sd": np.full(draws, fit.project_sd),
        "nu": np.full(draws, NORMAL_DEGREES),
    }


def own_residuals(
    fit: ClosedFormFit,
    log_ratio: np.ndarray,
    phase: np.ndarray,
    project: np.ndarray,
    rng: np.random.Generator,
    weight: np.ndarray | None = None,
) -> np.ndarray:
    """Standardise what is left of rows not on plan when their phase's level and their project's effect are taken out.

    The project effects are drawn, not averaged: averaged ones would take too much away and leave too small residuals.
    """
    weight = np.ones(len(log_ratio)) if weight is None else weight
    own_variance = np.maximum(fit.spread**2 - fit.project_sd**2, 0.1 * fit.spread**2)[phase]
    residual = log_ratio - fit.location[phase]
    count = int(project.max(initial=-1)) + 1
    precision = np.bincount(project, weights=weight / own_variance, minlength=count)
    pull = np.bincount(project, weights=weight * residual / own_variance, minlength=count)
    prior = 1 / max(fit.project_sd**2, 1e-12)
    effect = pull / (precision + prior) + rng.standard_normal(count) / np.sqrt(precision + prior)
    return (residual - effect[project]) / np.sqrt(own_variance)


def _between_projects(residual: np.ndarray, project: np.ndarray, weight: np.ndarray) -> float:
    """Estimate what the rows of a project share, by one-way random effects; 0 when nothing is shared."""
    if not len(residual):
        return 0.0
    number = np.bincount(project, minlength=1)
    index = (np.cumsum(number > 0) - 1)[project]
    size = np.bincount(index, weights=weight)
    if len(size) < 2 or len(residual) <= len(size):
        return 0.0
    # With all weights 1, ``groups`` counts the projects, ``rows`` the rows, and ``one`` is 1.
    rows = size.sum()
    groups, one = np.sum(_typical_weight(index, weight, size)), np.sum(weight**2) / rows
    mean = np.bincount(index, weights=weight * residual) / size
    within = np.sum(weight * (residual - mean[index]) ** 2) / (rows - groups)
    between = np.sum(size * mean**2) / (groups - one)
    typical = (rows - np.sum(size**2) / rows) / (groups - one)
    return max(0.0, (between - within) / typical)


def _typical_weight(group: np.ndarray, weight: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Average the weights in each group, heavy rows counting more; 1 where all weights are 1, 0 without rows."""
    squared = np.bincount(group, weights=weight**2, minlength=len(n))
    return np.divide(squared, n, out=np.zeros(len(n)), where=n > 0)


def _crowding(project: np.ndarray, phase: np.ndarray, weight: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Sum of squared shares of each phase's rows by project: 1 / projects when evenly spread."""
    width = int(project.max()) + 1 if len(project) else 1
    place, cell = pd.factorize(phase * width + project)
    rows = np.bincount(place, weights=weight)
    squared = np.bincount(cell // width, weights=rows**2, minlength=len(n))
    return np.divide(squared, n**2, out=np.zeros(len(n)), where=n > 0)


def _paule_mandel(mean: np.ndarray, variance: np.ndarray) -> float:
    """Find the variance between phase levels at which their weighted spread is what chance allows."""
    if len(mean) < 2:
        return 0.0

    def excess(between: float) -> float:
        weight = 1 / (between + variance)
        grand = np.sum(weight * mean) / np.sum(weight)
        return float(np.sum(weight * (mean - grand) ** 2) - (len(mean) - 1))

    if excess(0.0) <= 0:
        return 0.0
    upper = float(np.ptp(mean) ** 2 + variance.max())
    while excess(upper) > 0:
        upper *= 2
    return float(brentq(excess, 0.0, upper))


def _grand_mean(mean: np.ndarray, weight: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    if not seen.any():
        return 0.0, 1.0
    total = float(weight[seen].sum())
    return float(np.sum(weight[seen] * mean[seen]) / total), 1 / total
