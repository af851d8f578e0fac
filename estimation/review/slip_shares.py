"""The slip of a whole project, divided among the milestones that caused it: fairly, and without remainder."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.review.shapley import fair_shares
from estimation.review.variance import UNCODED, project_rows
from estimation.review.variance_tables import PARTS, SHARES_BY, SLIP_SHARES
from estimation.tables import keep_contract
from estimation.tracking.counterfactual import AsBuilt, as_built
from estimation.tracking.slip_parts import split_slips


def slip_shares(history: pd.DataFrame, project: str) -> pd.DataFrame:
    """Say how many days of the project's slip each milestone caused, and by what (SLIP_SHARES).

    Days that milestones lost one after the other on the driving path count in full. Where work ran side by side and
    more than one piece of it was late, each bears what it adds on average over all orders in which the delays might
    have come: branches five and four days late make the project five days late and bear three and two. Days that a
    gap in the plan, or longer work beside, took up are nobody's. Days that were won are negative shares. Inherited days
    do not appear: each stands at the milestone that caused it. ``project_days`` add up to the slip of the project
    exactly, its four parts to ``project_days``.

    References
    ----------
    .. [1] Bergantinos, G., Valencia-Toledo, A. & Vidal-Puga, J. (2016). Consistency in PERT problems. MPRA 68973: the
       Shapley value is the only rule for the delay of a project that is consistent and has other properties wanted.
    .. [2] Goncalves-Dosantos, J. C., Garcia-Jurado, I. & Costa, J. (2020). Sharing delay costs in stochastic
       scheduling problems with delays. 4OR 18, 457-476: what a coalition is worth, late work as it was and the rest
       as planned.
    """
    rows = project_rows(history, project)
    built = as_built(rows)
    variance = split_slips(rows, built)
    kinds = _contributions(built, variance)
    places, columns = np.nonzero(kinds)
    groups = [np.flatnonzero(places == k).tolist() for k in np.unique(places)]
    shares, every_order = fair_shares(lambda on: _finishes(built, kinds, places, columns, on), groups)
    parts = np.zeros(kinds.shape)
    parts[places, columns] = [float(share) for share in shares]
    totals = np.zeros(len(rows))
    for k, group in zip(np.unique(places), groups, strict=True):
        totals[k] = float(sum(shares[part] for part in group))
    table = variance.assign(
        **dict(zip(PARTS, parts.T, strict=True)), project_days=totals, every_order=every_order
    )
    return keep_contract(table, SLIP_SHARES)


def shares_by(shares: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Add the shares of the slip up by "phase", "cause" or "part", most days first, as a Pareto chart wants them.

    A part is what the days were lost by. ``project_days`` add up to the slip of the project; ``cumulative_share`` is
    empty where days were won.
    """
    moved = shares[(shares[list(PARTS)] != 0).any(axis=1)]
    if dimension == "part":
        groups = pd.DataFrame(np.diag(moved[list(PARTS)].sum()), columns=list(PARTS))
        groups = groups.assign(
            value=[name.removesuffix("_days") for name in PARTS],
            n_milestones=(moved[list(PARTS)] != 0).sum().to_numpy(),
            project_days=moved[list(PARTS)].sum().to_numpy(),
        )
        groups = groups[groups["n_milestones"] > 0]
    else:
        keys = moved[dimension].fillna(UNCODED).rename("value")
        groups = moved.groupby(keys, sort=False)[[*PARTS, "project_days"]].sum()
        groups = groups.assign(n_milestones=keys.value_counts()).reset_index()
    groups = groups.sort_values("project_days", ascending=False, kind="stable")
    lost = groups["project_days"].clip(lower=0)
    cumulative = (lost.cumsum() / lost.sum()).where(lost > 0)
    return keep_contract(groups.assign(cumulative_share=cumulative), SHARES_BY)


def _contributions(built: AsBuilt, variance: pd.DataFrame) -> np.ndarray:
    """List what each milestone lost by itself, one column per part; added and cancelled work count as one."""
    planned, done = np.isfinite(built.planned_evening), np.isfinite(built.actual_evening)
    kept = planned & done
    waiting = np.where(kept, variance["waiting_days"].fillna(0.0), 0.0)
    return np.column_stack(
        [
            np.where(kept, built.start_delay, 0.0),
            waiting,
            (planned != done).astype(float),
            np.where(kept, built.longer - waiting, 0.0),
        ]
    )


def _finishes(built: AsBuilt, kinds: np.ndarray, places, columns, on: np.ndarray) -> np.ndarray:
    """Find the finish of the project for each choice of contributions, some thousands at a time."""
    size = max(1_000_000 // len(kinds), 1)
    finishes = []
    for first in range(0, on.shape[1], size):
        chosen = on[:, first : first + size]
        days = np.zeros((kinds.shape[1], len(kinds), chosen.shape[1]))
        days[columns, places] = kinds[places, columns][:, None] * chosen
        delay, waiting, scope, error = days
        finishes.append(built.finish_with(delay, waiting + error, scope > 0))
    return np.concatenate(finishes)
