"""Scoring rules: pure functions of arrays that say how good a probabilistic forecast was. Smaller is better."""

from __future__ import annotations

import numpy as np


def pinball_loss(quantiles: np.ndarray, levels: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Score quantile forecasts: being below a P80 date costs four times as much per day as being above.

    ``level * (y - q)`` when the actual lies above the quantile, ``(1 - level) * (q - y)`` below.

    Parameters
    ----------
    quantiles : float array, shape (..., k)
        Forecast quantiles.
    levels : float array, shape (k,)
        Their levels. [0-1]
    actual : float array, shape (...)
        What happened, same unit as the quantiles.

    Returns
    -------
    float array, shape (..., k)
        Loss in the unit of the actual.

    References
    ----------
    .. [1] Koenker & Bassett, Regression quantiles, Econometrica 46(1), 1978.

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

    Parameters
    ----------
    quantiles : float array, shape (..., k)
        Quantiles at levels ``(i - 1/2) / k``, ascending.
    actual : float array, shape (...)

    Returns
    -------
    float array, shape (...)
        In the unit of the actual.

    References
    ----------
    .. [1] Gneiting & Raftery, Strictly proper scoring rules, prediction, and estimation, JASA 102, 2007.

    Examples
    --------
    >>> float(crps_from_quantiles(np.array([2.0]), np.array(5.0)))  # a point forecast: the distance
    3.0
    """
    count = quantiles.shape[-1]
    levels = (np.arange(count) + 0.5) / count
    return 2 * pinball_loss(quantiles, levels, actual).mean(axis=-1)
