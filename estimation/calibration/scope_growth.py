"""Scope growth: how much work that no baseline knew closed projects ended up with, by phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calibration.durations import own_durations
from estimation.project.closing import is_added, is_over
from estimation.project.links import parse_dependencies
from estimation.project.silence import is_forgotten
from estimation.tables import fold_phase

PRIOR_MILESTONES = 20
"""Planned milestones for which the share over all phases speaks beside a phase's own."""
SIZES_KEPT = 199


@dataclass(frozen=True, eq=False)
class ScopeGrowth:
    """How often milestones are added after the baseline, and how large they are.

    ``phases`` has ``phase``, ``n_planned``, ``n_added`` and ``rate``: added milestones per planned one, shrunk to all
    phases; ``other_rate`` is for a phase never seen. ``sizes`` are own days of added milestones / mean planned own
    days of their project. ``share_in_series`` is the share of added milestones that other work waited for. [0-1]
    """

    phases: pd.DataFrame
    other_rate: float
    sizes: np.ndarray
    share_in_series: float
    n_projects: int

    def rates_of(self, phases) -> np.ndarray:
        """Find the added milestones per planned one of each phase, however it is spelled."""
        known = dict(zip(self.phases["phase"].map(fold_phase), self.phases["rate"], strict=True))
        return np.array([known.get(fold_phase(phase), self.other_rate) for phase in phases])


def fit_scope_growth(
    history: pd.DataFrame, *, as_of=None, own: pd.DataFrame | None = None
) -> ScopeGrowth | None:
    """Learn from closed projects how much work is added after the plan was approved.

    None where the history never marks a milestone as added: that growth was not recorded is more likely than that
    there was none. ``own`` is ``own_durations(history)`` where it is known already.
    """
    day = None if as_of is None else pd.Timestamp(as_of)
    over = is_over(history, day) | is_forgotten(history, day)
    closed = history[over.groupby(history["project"]).transform("all")]
    added = is_added(closed)
    if not added.any():
        return None
    days = own_durations(closed) if own is None else own.loc[closed.index]
    size = days["actual_own_days"] / days["estimate_own_days"].groupby(closed["project"]).transform("mean")
    sizes = size[added & (size > 0) & np.isfinite(size)].to_numpy()
    if not len(sizes):
        return None
    pooled = float(added.sum() / (~added).sum())
    counted = closed[["phase"]].assign(n_planned=~added, n_added=added)
    phases = counted.groupby("phase", sort=False, as_index=False).sum()
    rate = (phases["n_added"] + PRIOR_MILESTONES * pooled) / (phases["n_planned"] + PRIOR_MILESTONES)
    waited_for = {
        (project, link.milestone)
        for project, text in closed[["project", "depends_on"]].dropna().itertuples(index=False)
        for link in parse_dependencies(text)
    }
    of_later = closed.loc[added, ["project", "milestone"]].itertuples(index=False)
    return ScopeGrowth(
        phases=phases.assign(rate=rate),
        other_rate=pooled,
        sizes=np.quantile(sizes, (np.arange(SIZES_KEPT) + 0.5) / SIZES_KEPT, method="hazen"),
        share_in_series=float(np.mean([key in waited_for for key in of_later])),
        n_projects=int(closed["project"].nunique()),
    )
