"""Where the days of closed projects went: phases and causes, those that cost most first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from estimation.review.quarterly.quarterly_tables import LOST_DAYS
from estimation.review.variance import UNCODED, variance_table
from estimation.scoring.dates_held import FEWEST_IN_A_CELL
from estimation.tables import empty_table, keep_contract


def lost_days(history: pd.DataFrame, projects: Sequence[str]) -> pd.DataFrame:
    """Add up the days that milestones of closed projects lost by themselves, by phase and by cause (LOST_DAYS).

    Inherited days are left out: they stand where they began. Days that other milestones won are not set against them.
    A phase or cause of fewer than five projects says nothing but its name and how many, and stands last; its days are
    in the total that shares are of.
    """
    tables = [variance_table(history, project) for project in projects]
    if not tables:
        return empty_table(LOST_DAYS)
    rows = pd.concat(tables, ignore_index=True)
    lost = rows[rows["own_slip_days"] > 0].assign(cause=lambda table: table["cause"].fillna(UNCODED))
    parts = [_pareto(lost, dimension) for dimension in ("phase", "cause")]
    return keep_contract(pd.concat(parts, ignore_index=True), LOST_DAYS)


def _pareto(lost: pd.DataFrame, dimension: str) -> pd.DataFrame:
    groups = lost.groupby(dimension, sort=True)
    table = pd.DataFrame(
        {
            "n_projects": groups["project"].nunique(),
            "n_milestones": groups.size(),
            "lost_days": groups["own_slip_days"].sum(),
        }
    )
    few = table["n_projects"] < FEWEST_IN_A_CELL
    table = table.assign(suppressed=few, share=table["lost_days"] / table["lost_days"].sum())
    table = table.sort_values(["suppressed", "lost_days"], ascending=[True, False], kind="stable")
    table["share_so_far"] = table["share"].cumsum()
    hidden = ["n_milestones", "lost_days", "share", "share_so_far"]
    table[hidden] = table[hidden].mask(table["suppressed"])
    return table.rename_axis("value").reset_index().assign(dimension=dimension)
