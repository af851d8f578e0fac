"""How late milestones on the way come, by when they were planned: slips of closed projects as shares of their plans.

The first third of a plan is decided by late starts and by its own phases, not by how the whole project ends. What a
milestone planned at a tenth of the time slips is therefore read from milestones that were planned there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calibration.durations import own_durations
from estimation.calibration.observations import recency_weights
from estimation.calibration.remaining import weighted_quantiles
from estimation.project.closing import is_added, is_finished

PLACES = np.linspace(0.05, 1.0, 20)
"""Shares of the planned time at which slips are known; between them straight lines."""
REACH = 0.25
"""Milestones planned up to this share of the time away count: half of a plan, at its ends the first and last half."""
LEVELS = (np.arange(99) + 0.5) / 99
HALF_WEIGHT_AT = 3.0
"""Projects near a place from which on their slips count as much as courses walked through the network."""
END_FROM = 0.8
"""From this share of the time on the whole project's finish says more and more, at the end all."""


@dataclass(frozen=True, eq=False)
class MilestoneSlips:
    """Distribution of the slip of a milestone over the planned time of its project, by when it was planned.

    Parameters
    ----------
    nodes : float array, shape (``PLACES``, ``LEVELS``)
        Quantiles of the slip, late is positive. [share of the planned time]
    n_near : float array, one per place
        Projects behind each, as many as count alike (Kish, Survey sampling, 1965, section 11.7).
    n_projects : int
        Closed projects they come from.
    """

    nodes: np.ndarray
    n_near: np.ndarray
    n_projects: int

    def at(self, share: float) -> tuple[np.ndarray, float]:
        """Quantiles of the slip of a milestone planned at a share of the time, and how much they count, 0 to 1."""
        nodes = np.array([np.interp(share, PLACES, column) for column in self.nodes.T])
        near = float(np.interp(share, PLACES, self.n_near))
        return nodes, near / (near + HALF_WEIGHT_AT) * float(np.clip((1 - share) / (1 - END_FROM), 0, 1))


def fit_milestone_slips(
    history: pd.DataFrame,
    ratios: pd.DataFrame,
    *,
    own: pd.DataFrame | None = None,
    half_life_months: float | None = None,
) -> MilestoneSlips | None:
    """Learn from closed projects how late their milestones came, by when they were planned.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    ratios : DataFrame keeping the FINISH_RATIOS contract
        The projects of the record; running ones among them do not count.
    own : DataFrame, optional
        ``own_durations(history)`` where it is known already.
    half_life_months : float, optional
        Age at which a project counts half; by default all count the same.

    Returns
    -------
    MilestoneSlips, or None without any finished milestone of a closed project
    """
    own = own_durations(history) if own is None else own
    closed = ratios[~ratios["censored"]]
    project, known = history["project"], is_finished(history) & ~is_added(history)
    planned_days = project.map(closed.set_index("project")["baseline_days"])
    planned_end = own["estimate_evening"].groupby(project).transform("max")
    share = 1 - (planned_end - own["estimate_evening"]) / planned_days
    slip = (own["actual_evening"] - own["estimate_evening"]) / planned_days
    known &= share.between(0, 1) & slip.notna()
    if not known.any():
        return None
    weight = pd.Series(recency_weights(closed["known_on"], half_life_months), closed["project"].to_numpy())
    rows = pd.DataFrame(
        {
            "project": project.astype("category").cat.codes,
            "share": share,
            "slip": slip,
            "weight": project.map(weight),
        }
    )[known]
    nodes, n_near = zip(*(_slips_near(rows, place) for place in PLACES), strict=True)
    return MilestoneSlips(np.array(nodes), np.array(n_near), n_projects=rows["project"].nunique())


def _slips_near(rows: pd.DataFrame, place: float) -> tuple[np.ndarray, float]:
    """Find the quantiles of the slips around one place, and how many projects are behind them.

    Of n projects that are like the next one, the next lies below the k-th in k of n + 1 cases; so the quantiles are
    taken a little further out than those of the slips themselves.
    """
    near = rows[(rows["share"] - np.clip(place, REACH, 1 - REACH)).abs() <= REACH]
    if near.empty:
        return np.zeros(len(LEVELS)), 0.0
    weights = near["weight"].to_numpy()
    n = weights.sum() ** 2 / (np.bincount(near["project"], weights) ** 2).sum()
    levels = np.clip(0.5 + (LEVELS - 0.5) * (n + 1) / n, 0, 1)
    return weighted_quantiles(near["slip"].to_numpy(), weights, levels), n
