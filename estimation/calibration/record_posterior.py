"""What the next project might do, given a few that ended and some that still run: a Student t, its doubt included.

The log finish ratios of an organisation's projects are taken as ``m + s t_nu``. What is known of centre, spread and
tail is a table of weights over a grid of them: exact for any number of projects, from none on, running ones included,
and without a random number.
"""

from __future__ import annotations

import numpy as np
from scipy import special

PRIOR_MEAN, PRIOR_SD = 0.12, 0.22
"""Centre and spread of the log finish ratio of projects elsewhere (Batselier & Vanhoucke 2015: .118 and .223 of 51)."""
MEAN_PROJECTS, SPREAD_PROJECTS = 0.25, 4.0
"""How many projects of one's own the prior is worth: little for the centre, in which organisations differ, more for the
spread, in which they are alike."""
DEGREES = np.array([4.0, 8.0, 16.0, 50.0])
"""Tails, each as likely as the others at first."""
TAILS = special.stdtrit(DEGREES[:, None], (np.arange(49) + 0.5) / 49)
SMALLEST_SIGMA = 0.02
CENTRES, SPREADS, DRAWS = 49, 25, 1000
WIDTH = 6.0
"""How far the grid reaches, in standard errors."""


def next_project_nodes(
    log_ratio: np.ndarray, censored: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """Predict the log finish ratio of the next project from those of projects before it.

    Normal-inverse-chi-square prior (Gelman et al., Bayesian data analysis, 3rd edition, 2013, section 3.3) worth a
    quarter of a project for the centre and four for the spread, with t errors (Lange, Little & Taylor, Robust
    statistical modeling using the t distribution, JASA 84, 1989). Of a running project the ratio so far counts as
    exceeded.

    Parameters
    ----------
    log_ratio, weight : float arrays, length n
        Log finish ratios, none of them exactly on plan, and how much each project counts. [log units] [0-1]
    censored : bool array, length n
        Projects that still run.

    Returns
    -------
    nodes : float array, ascending
        Equally likely log finish ratios of the next project. [log units]
    centre, sd : float
        Expected centre and spread of the organisation's projects. [log units]
    """
    ended = ~censored
    n = float(weight[ended].sum())
    mean = float(weight[ended] @ log_ratio[ended]) / n if n else PRIOR_MEAN
    counted = ended | (log_ratio > mean)  # a project that has only begun says nothing of the spread yet
    squares = float(weight[counted] @ (log_ratio[counted] - mean) ** 2) + SPREAD_PROJECTS * PRIOR_SD**2
    sd = np.sqrt(squares / (float(weight[counted].sum()) + SPREAD_PROJECTS))
    # Two looks: a wide one, then a close one at where the weight lies.
    reach = WIDTH * sd / np.sqrt(n + MEAN_PROJECTS)
    log_spread, centre = (
        np.log(sd) + np.linspace(-1.5, 1.5, SPREADS),
        mean + np.linspace(-1, 1, CENTRES) * reach,
    )
    mass = _mass(log_spread, centre, log_ratio, censored, weight)
    log_spread = _closer(log_spread, mass.sum(axis=(0, 2)))
    centre = _closer(centre, mass.sum(axis=(0, 1)))
    mass = _mass(log_spread, centre, log_ratio, censored, weight)
    places = np.searchsorted(np.cumsum(mass), (np.arange(DRAWS) + 0.5) / DRAWS).clip(max=mass.size - 1)
    tail, scale, middle = np.unravel_index(places, mass.shape)
    spread = np.maximum(np.exp(log_spread), SMALLEST_SIGMA)[scale]
    nodes = np.sort(centre[middle][:, None] + spread[:, None] * TAILS[tail], axis=None)
    return nodes, float(centre[middle].mean()), float(spread.mean())


def _mass(
    log_spread: np.ndarray,
    centre: np.ndarray,
    log_ratio: np.ndarray,
    censored: np.ndarray,
    weight: np.ndarray,
) -> np.ndarray:
    """Weigh each tail, spread and centre of a grid by the prior and the projects; shape (tails, spreads, centres)."""
    degrees, spread = DEGREES[:, None, None], np.maximum(np.exp(log_spread), SMALLEST_SIGMA)[:, None]
    squares = SPREAD_PROJECTS * PRIOR_SD**2 + MEAN_PROJECTS * (centre - PRIOR_MEAN) ** 2
    log_weight = -(SPREAD_PROJECTS + 1) * np.log(spread) - squares / (2 * spread**2) + 0 * degrees
    at_one = special.gammaln((degrees + 1) / 2) - special.gammaln(degrees / 2) - np.log(degrees * np.pi) / 2
    for value, runs, counts in zip(log_ratio, censored, weight, strict=True):
        away = (value - centre) / spread
        if runs:
            term = np.log(np.maximum(special.stdtr(degrees, -away), 1e-300))
        else:
            term = at_one - np.log(spread) - (degrees + 1) / 2 * np.log1p(away**2 / degrees)
        log_weight += counts * term
    mass = np.exp(log_weight - log_weight.max())
    return mass / mass.sum()


def _closer(axis: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Lay an axis of as many points around where the weight lies."""
    middle = float(mass @ axis)
    reach = max(WIDTH * np.sqrt(float(mass @ (axis - middle) ** 2)), axis[1] - axis[0])
    return middle + np.linspace(-reach, reach, len(axis))
