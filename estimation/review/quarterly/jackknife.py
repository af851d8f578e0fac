"""How sure bias and spread of a few projects are: each project is left out once, milestones stay together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

CONFIDENCE = 0.9
_NO_SPREAD = 1e-9


@dataclass(frozen=True)
class Measured:
    """A figure with its standard error (NaN where it is not known) and the degrees of freedom of that."""

    value: float
    error: float
    freedom: float

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Give the interval that holds the truth with a confidence, by Student's t."""
        reach = self.error * float(stats.t.ppf(0.5 + confidence / 2, self.freedom))
        return self.value - reach, self.value + reach

    def less(self, other: Measured) -> Measured:
        """Subtract a figure of other projects; degrees of freedom as Welch (1947) adds them."""
        mine, theirs = self.error**2, other.error**2
        both = mine + theirs
        parts = mine**2 / self.freedom + theirs**2 / other.freedom
        freedom = both**2 / parts if parts > 0 else self.freedom + other.freedom
        return Measured(self.value - other.value, float(np.sqrt(both)), freedom)


def bias_of(cell: pd.DataFrame) -> Measured:
    """Measure the mean of the log ratios of two projects or more, by the jackknife.

    References
    ----------
    .. [1] Miller, R. G. (1974). The jackknife - a review. Biometrika 61, 1-15: Student's t for its estimates.
    """
    sums = sums_by_project(cell)
    return _jackknife(sums, lambda each: bias_and_spread(each)[0])


def distance_of(cell: pd.DataFrame) -> Measured:
    """Measure how far that mean is from none, on either side."""
    return _jackknife(sums_by_project(cell), lambda each: np.abs(bias_and_spread(each)[0]))


def log_spread_of(cell: pd.DataFrame) -> Measured:
    """Measure the logarithm of the standard deviation of the log ratios, by the jackknife.

    On the log scale, where its distribution is nearly even (Miller 1974). Where leaving out one project leaves no
    spread at all, how sure it is is not known.
    """
    return _jackknife(sums_by_project(cell), _log_spread)


def _log_spread(sums: np.ndarray) -> np.ndarray:
    spread = bias_and_spread(sums)[1]
    return np.log(np.where(spread > _NO_SPREAD, spread, np.nan))


def _jackknife(sums: np.ndarray, figure) -> Measured:
    n, total = len(sums), sums.sum(axis=0)
    without = figure(total - sums)
    error = np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2))
    return Measured(float(figure(total)), float(error), n - 1.0)


def bias_and_spread(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn count, sum and sum of squares of log ratios into their mean and standard deviation.

    >>> mean, spread = bias_and_spread(np.array([2.0, 0.4, 0.1]))  # of .1 and .3
    >>> round(float(mean), 3), round(float(spread), 3)
    (0.2, 0.141)
    """
    n, total, squares = np.moveaxis(np.asarray(sums, dtype=float), -1, 0)
    mean = total / n
    variance = (squares - n * mean**2) / np.maximum(n - 1, 1)
    return mean, np.sqrt(np.maximum(variance, 0.0))


def sums_by_project(cell: pd.DataFrame) -> np.ndarray:
    """Count, sum and sum of squares of the log ratios of each project, shape (projects, 3)."""
    z = cell["log_ratio"]
    parts = pd.DataFrame({"n": 1.0, "total": z, "squares": z**2})
    return parts.groupby(cell["project"], sort=True).sum().to_numpy()
