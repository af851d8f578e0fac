"""Similar projects: which closed projects lie nearest to a plan, and where the plan lies outside all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calibration.measured_history import MeasuredHistory
from estimation.calibration.project_record import FINISH_RATIOS
from estimation.project.estimates import estimates_of
from estimation.project.plan import Plan
from estimation.project.statuses import is_added
from estimation.tables import IDENTITY, Column, Contract, empty_table, fold_phase, keep_contract

SIMILAR: Contract = {
    "project": IDENTITY["project"],
    "project_name": IDENTITY["project_name"],
    "client": IDENTITY["client"],
    "n_milestones": Column.count("milestones in its plan"),
    "baseline_days": FINISH_RATIOS["baseline_days"],
    "actual_days": FINISH_RATIOS["actual_days"],
    "finish_ratio": FINISH_RATIOS["finish_ratio"],
    "distance": Column.ratio("how unlike the plan it is: 0 alike, about 1 has little in common", least=0),
}
NEAREST = 5
MILESTONES_COUNT, OTHER_CLIENT = 0.5, 0.25
"""What a difference in the number of milestones, and another client, weigh beside phases and size."""


@dataclass(frozen=True)
class Outside:
    """Where a plan lies outside the closed projects; each field is empty where it does not.

    ``longest`` are the working days of the longest closed plan, ``most`` the milestones of the largest.
    """

    longest: float | None = None
    most: int | None = None
    phases: tuple[str, ...] = ()
    client: str = ""


def similar_projects(
    plan: Plan, history: pd.DataFrame | MeasuredHistory | None, *, most: int = NEAREST
) -> pd.DataFrame:
    """Find the closed projects most like a plan, with what each planned and took.

    The distance is the share of the work that lies in other phases, plus the log of how many times as long the longer
    of the two is planned, plus half the log of the same of the number of milestones, plus a quarter for another client.
    It is for reading: no date rests on it.

    Parameters
    ----------
    plan : Plan
    history : DataFrame keeping the HISTORY contract, or a MeasuredHistory, or None
        Running projects and the plan's own are passed over, and those that the record leaves out.
    most : int

    Returns
    -------
    DataFrame keeping the SIMILAR contract, the nearest first
    """
    if history is None:
        return empty_table(SIMILAR)
    closed, shares = _closed(plan, MeasuredHistory.of(history))
    own = _phase_shares(plan)
    both = shares.columns.union(own.index)
    own, theirs = own.reindex(both, fill_value=0.0), shares.reindex(columns=both, fill_value=0.0)
    elsewhere = (theirs - own).abs().sum(axis=1) / 2
    size = np.abs(np.log(closed["baseline_days"] / _length(plan)))
    count = np.abs(np.log(closed["n_milestones"] / len(plan.milestones)))
    other = ~closed["client"].map(fold_phase, na_action="ignore").eq(fold_phase(_client(plan) or ""))
    distance = elsewhere + size + MILESTONES_COUNT * count + OTHER_CLIENT * other
    nearest = closed.assign(distance=distance).reset_index().sort_values(["distance", "project"])
    return keep_contract(nearest.head(most), SIMILAR)


def outside_history(plan: Plan, history: pd.DataFrame | MeasuredHistory | None) -> Outside:
    """Say where a plan lies outside all closed projects: longer, larger, of phases or for a client never seen."""
    closed, shares = (None, None) if history is None else _closed(plan, MeasuredHistory.of(history))
    if closed is None or shares is None or closed.empty:
        return Outside()
    longest, most = float(closed["baseline_days"].max()), int(closed["n_milestones"].max())
    known = set(shares.columns)
    phases = dict.fromkeys(plan.milestones["phase"])
    client, clients = _client(plan), set(closed["client"].dropna().map(fold_phase))
    return Outside(
        longest=longest if _length(plan) > longest else None,
        most=most if len(plan.milestones) > most else None,
        phases=tuple(phase for phase in phases if fold_phase(phase) not in known),
        client=client if client and clients and fold_phase(client) not in clients else "",
    )


def _closed(plan: Plan, known: MeasuredHistory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Closed projects of the record, and the share of each phase in their estimated days; project as index."""
    ratios = known.ratios()
    ratios = ratios[~ratios["censored"] & (ratios["project"] != plan.project)].set_index("project")
    rows = known.table[known.table["project"].isin(ratios.index) & ~is_added(known.table)]
    groups = rows.groupby("project")
    closed = ratios.assign(n_milestones=groups.size(), project_name=groups["project_name"].first())
    days = known.own.loc[rows.index, "estimate_own_days"].groupby(
        [rows["project"], rows["phase"].map(fold_phase)]
    )
    shares = days.sum().unstack(fill_value=0.0).reindex(closed.index)  # noqa: PD010
    return closed, shares.div(shares.sum(axis=1), axis=0)


def _phase_shares(plan: Plan) -> pd.Series:
    days = pd.Series(estimates_of(plan.milestones, plan.baseline.own_days))
    totals = days.groupby(plan.milestones["phase"].map(fold_phase).to_numpy()).sum()
    return totals / totals.sum()


def _length(plan: Plan) -> float:
    return float(plan.estimated.baseline.evening.max() - plan.network.origin)


def _client(plan: Plan) -> str | None:
    return next(iter(plan.milestones["client"].dropna()), None)
