"""Scoring rules: pure functions of arrays that say how good a probabilistic forecast was. Smaller is better."""

from __future__ import annotations

import numpy as np
from scipy import stats


def pinball_loss(quantiles: np.ndarray, levels: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Score quantile forecasts: being below a P80 date costs four times as much per day as being above.

    ``level * (y - q)`` when the actual lies above the quantile, ``(1 - level) * (q - y)`` below. Koenker &
    Bassett, Regression quantiles, Econometrica 46(1), 1978.

    Parameters
    ----------
    quantiles : float array, shape (..., k)
    levels : float array, shape (k,) [0-1]
    actual : float array, shape (...), what happened, same unit as the quantiles

    Returns
    -------
    float array, shape (..., k), loss in the unit of the actual

    Examples
    --------
    >>> pinball_loss(np.array([10.0]), np.array([0.8]), np.array(15.0)).tolist()  # 5 days late: .8 x 5
    [4.0]
    """
    miss = np.asarray(actual)[..., None] - quantiles
    return np.maximum(levels * miss, (levels - 1) * miss)


def crps_from_quantiles(quantiles: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Score a whole forecast distribution by its distance from what happened (CRPS).

    The continuous ranked probability score is twice the pinball loss averaged over all levels; here over the
    ``k`` midpoint levels ``(i - 1/2) / k``, for which this equals the score of the ``k`` points as a sample.
    Gneiting & Raftery, Strictly proper scoring rules, prediction, and estimation, JASA 102, 2007.

    Parameters
    ----------
    quantiles : float array, shape (..., k)
        Quantiles at levels ``(i - 1/2) / k``, ascending.
    actual : float array, shape (...)

    Returns
    -------
    float array, shape (...), in the unit of the actual

    Examples
    --------
    >>> float(crps_from_quantiles(np.array([2.0]), np.array(5.0)))  # a point forecast: the distance
    3.0
    """
    count = quantiles.shape[-1]
    levels = (np.arange(count) + 0.5) / count
    miss = np.asarray(actual)[..., None] - quantiles
    # The pinball loss added up over the levels: level * miss, and -miss on top where the actual lies below.
    return 2 * (miss @ levels - np.minimum(miss, 0, out=miss).sum(axis=-1)) / count


def crps_of_sample(sample: np.ndarray, actual: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Score a forecast that is a bag of possible outcomes, such as the ratios of past projects (CRPS).

    ``E|X - y| - E|X - X'| / 2``, X and X' drawn independently from the sample; sorted, the second term is
    ``sum_i w_i x_i (2 W_i - w_i - 1)`` with cumulative weights W. Gneiting & Raftery, JASA 102, 2007, eq. 21.

    Parameters
    ----------
    sample : float array, shape (..., k), possible outcomes in any order
    actual : float array, shape (...), what happened, same unit
    weights : float array, shape (k,) or (..., k), need not add up to 1; equal by default

    Returns
    -------
    float array, shape (...), in the unit of the actual

    Raises
    ------
    ValueError
        If the sample is empty, or weights are negative or all zero.

    Examples
    --------
    >>> float(crps_of_sample(np.array([0.0, 2.0]), np.array(1.0)))  # 1 from each, less half the mean gap of 1
    0.5
    """
    # Distances instead of values: nothing cancels when outcomes are far from zero.
    distance = np.asarray(sample, dtype=float) - np.asarray(actual, dtype=float)[..., None]
    mass = np.broadcast_to(1.0 if weights is None else np.asarray(weights, dtype=float), distance.shape)
    total = mass.sum(axis=-1, keepdims=True)
    if (mass < 0).any() or (total <= 0).any():
        raise ValueError("weights came negative, all zero or for no outcome; wanted at least one above zero")
    order = np.argsort(distance, axis=-1)
    distance = np.take_along_axis(distance, order, axis=-1)
    mass = np.take_along_axis(mass / total, order, axis=-1)
    half_gap = (mass * distance * (2 * np.cumsum(mass, axis=-1) - mass - 1)).sum(axis=-1)
    return (mass * np.abs(distance)).sum(axis=-1) - half_gap


def interval_score(lower: np.ndarray, upper: np.ndarray, actual: np.ndarray, level: float) -> np.ndarray:
    """Score a forecast range: its width, plus a fine for every day by which the outcome lies outside.

    ``(u - l) + 2 / a max(l - y, 0) + 2 / a max(y - u, 0)`` with ``a = 1 - level``. Gneiting & Raftery, JASA 102,
    2007, eq. 43.

    Parameters
    ----------
    lower, upper, actual : float array, shape (...), ends of the range and what happened, in one unit
    level : float, share of outcomes that the range is meant to hold, half of the rest on either side [0-1]

    Returns
    -------
    float array, shape (...), in the unit of the actual

    Raises
    ------
    ValueError
        If the level is not between 0 and 1, or an upper end lies below its lower end.

    Examples
    --------
    >>> float(interval_score(10.0, 20.0, 21.0, level=0.8))  # width 10, one day outside costs 2 / .2
    20.0
    """
    _check_level(level)
    lower, upper, actual = np.asarray(lower), np.asarray(upper), np.asarray(actual)
    if (upper < lower).any():
        raise ValueError("an upper end lies below its lower end; wanted lower <= upper")
    outside = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
    return (upper - lower) + 2 / (1 - level) * outside


def brier_score(prob: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Score a probability, such as that of being on time: 0 is perfect, .25 is what saying one half costs.

    ``(p - o)**2``, o = 1 if it happened, else 0. Brier, Monthly Weather Review 78(1), 1950.

    Parameters
    ----------
    prob : float array, shape (...) [0-1]
    happened : bool array, shape (...)

    Returns
    -------
    float array, shape (...), one score per forecast; their mean is the Brier score of all [0-1]

    Raises
    ------
    ValueError
        If a probability is not within 0 and 1.

    Examples
    --------
    >>> float(brier_score(0.75, False))
    0.5625
    """
    prob = np.asarray(prob, dtype=float)
    if not ((prob >= 0) & (prob <= 1)).all():
        raise ValueError("a probability lies outside 0 and 1")
    return (prob - np.asarray(happened, dtype=float)) ** 2


def randomised_pit(below: np.ndarray, at_or_below: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Find at which level of its forecast each outcome fell; honest forecasts give all levels alike.

    ``F(y-) + U (F(y) - F(y-))``, U uniform: where a forecast gives an outcome a probability of its own (exactly on
    plan), the plain ``F(y)`` would make honest forecasts look too wide. Czado, Gneiting & Held, Biometrics 65, 2009.

    Parameters
    ----------
    below, at_or_below : float array, shape (...), ``F(y-)`` and ``F(y)`` of forecast F and outcome y [0-1]
    rng : numpy Generator

    Returns
    -------
    float array, shape (...) [0-1]

    Raises
    ------
    ValueError
        If ``0 <= below <= at_or_below <= 1`` does not hold.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> randomised_pit(np.array([0.3]), np.array([0.3]), rng).tolist()  # no probability of its own: F(y)
    [0.3]
    """
    below, at_or_below = np.asarray(below, dtype=float), np.asarray(at_or_below, dtype=float)
    if not ((below >= 0) & (below <= at_or_below) & (at_or_below <= 1)).all():
        raise ValueError("wanted 0 <= below <= at_or_below <= 1 for every outcome")
    return below + rng.random(below.shape) * (at_or_below - below)


def coverage(pit: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Tell which share of outcomes stayed within each quantile: P80 dates should hold for eight in ten.

    ``mean(pit <= level)``. Compare it with ``binomial_band``: with few outcomes the share strays far by chance.
    Gneiting, Balabdaoui & Raftery, JRSS B 69, 2007.

    Parameters
    ----------
    pit : float array, length n, as ``randomised_pit`` gives it [0-1]
    levels : float array, length m [0-1]

    Returns
    -------
    float array, length m [0-1]

    Raises
    ------
    ValueError
        If there is no outcome.

    Examples
    --------
    >>> coverage(np.array([0.1, 0.5, 0.85, 0.95]), np.array([0.8, 0.9])).tolist()
    [0.5, 0.75]
    """
    pit = np.asarray(pit, dtype=float)
    if pit.size == 0:
        raise ValueError("no outcome came; coverage needs at least one")
    return (pit[:, None] <= np.asarray(levels)).mean(axis=0)


def binomial_band(n: int, p: float, level: float = 0.9) -> tuple[int, int]:
    """Tell how many of n P80 dates may hold before chance is no excuse: a count outside the band is news.

    The exact central band ``[Q((1 - level) / 2), Q((1 + level) / 2)]``, Q(u) the smallest count whose cumulative
    binomial probability reaches u. Both ends belong to it, at most ``(1 - level) / 2`` lies beyond either, so it
    holds at least ``level``. Johnson, Kemp & Kotz, Univariate discrete distributions, 2005.

    Parameters
    ----------
    n : int, number of outcomes
    p, level : float, share that an honest forecast would reach, and probability of the band [0-1]

    Returns
    -------
    low, high : int, counts between 0 and n

    Raises
    ------
    ValueError
        If n is not above zero, p is not within 0 and 1, or the level is not between them.

    Examples
    --------
    >>> binomial_band(30, 0.8)  # of 30 honest P80 dates 20 to 27 hold: .67 to .90
    (20, 27)
    """
    _check_level(level)
    if n < 1 or not 0 <= p <= 1:
        raise ValueError(f"n = {n:g}, p = {p:g} came; wanted n of 1 or more and p within 0 and 1")
    low, high = stats.binom.ppf([(1 - level) / 2, (1 + level) / 2], n, p)
    return max(int(low), 0), int(high)


def skill(candidate_losses: np.ndarray, baseline_losses: np.ndarray) -> float:
    """Tell how much better a forecast is than the one it replaces: .15 is 15 % less loss, below 0 is worse.

    ``1 - sum(candidate) / sum(baseline)``. A baseline without any loss cannot be improved: 0 if the candidate has
    none either, else minus infinity. Gneiting & Raftery, JASA 102, 2007, section 2.3.

    Parameters
    ----------
    candidate_losses, baseline_losses : float array, length n, on the same outcomes in the same order

    Returns
    -------
    float, at most 1 [dimensionless]

    Raises
    ------
    ValueError
        If the lengths differ or are zero.

    Examples
    --------
    >>> skill(np.array([1.0, 2.0]), np.array([2.0, 2.0]))
    0.25
    """
    return float(_skill(_pair(candidate_losses, baseline_losses).sum(axis=0)))


def block_bootstrap_skill(
    candidate: np.ndarray,
    baseline: np.ndarray,
    block: np.ndarray,
    seed: int,
    level: float = 0.9,
    draws: int = 2000,
) -> tuple[float, float]:
    """Tell how far the skill could be luck of the projects at hand: its interval over redrawn projects.

    Whole projects are drawn anew with replacement, because the losses of one project hang together; quantiles of
    ``skill`` over the draws are the ends. Davison & Hinkley, Bootstrap methods and their application, 1997.

    Parameters
    ----------
    candidate, baseline : float array, length n, losses as in ``skill``
    block : array of labels, length n, project that each loss belongs to
    seed, draws : int
    level : float, probability of the interval [0-1]

    Returns
    -------
    low, high : float [dimensionless]

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than two projects, or the level is not between 0 and 1.

    Examples
    --------
    >>> block_bootstrap_skill([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], ["a", "a", "b"], seed=1)  # half in every project
    (0.5, 0.5)
    """
    _check_level(level)
    losses = _pair(candidate, baseline)
    blocks, place = np.unique(np.asarray(block), return_inverse=True)
    n = len(blocks)
    if len(place) != len(losses) or n < 2:
        raise ValueError(f"{len(place)} labels of {n} projects came; wanted {len(losses)} of two or more")
    totals = np.column_stack([np.bincount(place, weights=column) for column in losses.T])
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    # An order statistic, not a value between two: a skill may be minus infinity.
    ends = np.quantile(_skill(times @ totals), [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return float(ends[0]), float(ends[1])


def _skill(totals: np.ndarray) -> np.ndarray:
    candidate, baseline = totals[..., 0], totals[..., 1]
    without_loss = np.where(candidate > 0, -np.inf, 0.0)
    return np.where(baseline > 0, 1 - candidate / np.where(baseline > 0, baseline, 1), without_loss)


def _pair(candidate: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    shapes = np.shape(candidate), np.shape(baseline)
    if shapes[0] != shapes[1] or len(shapes[0]) != 1 or shapes[0][0] == 0:
        raise ValueError(f"losses of shapes {shapes} came; wanted two of one length, not empty")
    return np.column_stack([candidate, baseline]).astype(float)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level {level:g} came; wanted a number between 0 and 1")
