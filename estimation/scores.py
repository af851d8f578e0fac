"""Scoring rules: pure functions of arrays that say how good a probabilistic forecast was. Smaller is better."""

from __future__ import annotations

import numpy as np
from scipy import stats


def crps_from_quantiles(quantiles: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Score a whole forecast distribution by its distance from what happened (CRPS), in the unit of the actual.

    Twice the pinball loss averaged over the ``k`` midpoint levels ``(i - 1/2) / k`` of the ascending quantiles, which
    equals the score of the ``k`` points as a sample. Gneiting & Raftery, Strictly proper scoring rules, prediction,
    and estimation, JASA 102, 2007.

    >>> float(crps_from_quantiles(np.array([2.0]), np.array(5.0)))  # a point forecast: the distance
    3.0
    """
    count = quantiles.shape[-1]
    levels = (np.arange(count) + 0.5) / count
    miss = np.asarray(actual)[..., None] - quantiles
    # The pinball loss added up over the levels: level * miss, and -miss on top where the actual lies below.
    return 2 * (miss @ levels - np.minimum(miss, 0, out=miss).sum(axis=-1)) / count


def binomial_band(n: int, p: float, level: float = 0.9) -> tuple[int, int]:
    """Tell how many of n P80 dates may hold before chance is no excuse: a count outside the band is news.

    The exact central band ``[Q((1 - level) / 2), Q((1 + level) / 2)]``, Q(u) the smallest count whose cumulative
    binomial probability reaches u. Both ends belong to it, at most ``(1 - level) / 2`` lies beyond either, so it
    holds at least ``level``. Johnson, Kemp & Kotz, Univariate discrete distributions, 2005. ValueError for n below 1
    and shares outside 0 to 1.

    >>> binomial_band(30, 0.8)  # of 30 honest P80 dates 20 to 27 hold: .67 to .90
    (20, 27)
    """
    _check_level(level)
    if n < 1 or not 0 <= p <= 1:
        raise ValueError(f"n = {n:g}, p = {p:g} came; wanted n of 1 or more and p within 0 and 1")
    low, high = stats.binom.ppf(np.array([(1 - level) / 2, (1 + level) / 2]), n, p)
    return max(int(low), 0), int(high)


def share_interval(n_held: int, n: int, level: float = 0.9) -> tuple[float, float]:
    """Interval of the share behind n_held of n: what the true share may be, given so many cases.

    The exact one of Clopper & Pearson, Biometrika 26, 1934, which holds the share at least as often as ``level`` says.
    ValueError for n below 1 and counts outside 0 to n.

    >>> [round(end, 3) for end in share_interval(0, 5)]  # the upper end: 1 - .05 ** (1 / 5)
    [0.0, 0.451]
    """
    _check_level(level)
    ends = stats.binomtest(n_held, n).proportion_ci(level, "exact")
    return float(ends.low), float(ends.high)


def skill(candidate_losses: np.ndarray, baseline_losses: np.ndarray) -> float:
    """Tell how much better a forecast is than the one it replaces: .15 is 15 % less loss, below 0 is worse.

    ``1 - sum(candidate) / sum(baseline)`` on the same outcomes. A baseline without any loss cannot be improved: 0 if
    the candidate has none either, else minus infinity. Gneiting & Raftery, JASA 102, 2007, section 2.3. ValueError if
    the lengths differ or are zero.

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
    """Tell how far the skill could be chance of the projects at hand: its interval over redrawn projects.

    Whole projects (``block``) are drawn anew with replacement, because the losses of one project hang together;
    quantiles of ``skill`` over the draws are the ends. Davison & Hinkley, Bootstrap methods and their application,
    1997. ValueError if lengths differ or there are fewer than two projects.

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
