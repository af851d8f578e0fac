"""Which milestones are at risk, why, whether once or again and again, and what is to be done about each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.project.closing import is_finished, is_over
from estimation.project.plan import Plan
from estimation.project.silence import is_silent
from estimation.project.statuses import LATE, OVER
from estimation.tables import HISTORY, keep_contract
from estimation.tracking.counterfactual import as_built
from estimation.tracking.slip_parts import split_slips
from estimation.tracking.tracking_tables import BOARD, PATTERNS, RISKS

REPEATED = 2
"""From so many milestones (of a client: projects) on, days lost under the same name are a pattern."""
AGREE, FOLLOW, MOVE_WITH = "agree recovery", "follow recovery", "move with what is before it"


def milestones_at_risk(board: pd.DataFrame) -> pd.DataFrame:
    """List open milestones that are at risk or delayed, by the rule or by the evidence, the latest first (BOARD)."""
    worrying = board["status"].isin(LATE) | board["evidence"].isin(LATE)
    chosen = board[worrying & ~board["status"].isin(OVER)]
    return keep_contract(chosen.sort_values("slip_days", ascending=False, kind="stable"), BOARD)


def risk_table(
    board: pd.DataFrame, moves: pd.DataFrame, misses: pd.DataFrame, patterns: pd.DataFrame, *, as_of
) -> pd.DataFrame:
    """Say of each milestone at risk whether it shifted, why, once or systematically, and what has to be done (RISKS).

    Those in hand come first. A milestone loses days by itself when its own slip is a day or more, or when its own date
    is over and what it waited for is done: work that has begun and is late.
    """
    chosen = milestones_at_risk(board)
    later = moves[moves["move_days"] > 0]
    now = moves[moves["as_of"] == status_day(as_of)].groupby("milestone")["move_days"].sum()
    own = (chosen["own_slip_days"] >= 1) | chosen["started"].fillna(False).astype(bool)
    planned = misses.set_index("milestone")["recovery_plan"].reindex(chosen["milestone"]).notna().to_numpy()
    table = chosen.assign(
        move_days=chosen["milestone"].map(now).fillna(0.0),
        n_moves=chosen["milestone"].map(later.groupby("milestone").size()).fillna(0),
        in_hand=own,
        repeats=_repeats(chosen, patterns).where(own),
        action=np.select([planned, own], [FOLLOW, AGREE], MOVE_WITH),
    )
    return keep_contract(table.sort_values("in_hand", ascending=False, kind="stable"), RISKS)


def patterns_of(board: pd.DataFrame, elsewhere: pd.DataFrame | None = None) -> pd.DataFrame:
    """Tell whether days are lost systematically: at several milestones of the same phase, owner, cause or client.

    Inherited days are not counted, nor days that open milestones promise to win back. Days lost in other projects of
    the same client come as ``client_losses`` gives them.
    """
    lost = board[(board["own_slip_days"] >= 1) & board["started"]]
    parts = []
    for dimension in ("phase", "owner", "cause"):
        groups = lost.groupby(dimension)["own_slip_days"].agg(["size", "sum"])
        groups = groups[groups["size"] >= REPEATED].rename_axis("value").reset_index()
        groups = groups.rename(columns={"size": "n_milestones", "sum": "own_slip_days"})
        parts.append(groups.assign(dimension=dimension, n_projects=1))
    if elsewhere is not None and len(elsewhere) and len(lost):
        days = pd.concat([lost["own_slip_days"], elsewhere["own_slip_days"]])
        row = {
            "dimension": "client",
            "value": elsewhere["client"].iloc[0],
            "n_milestones": len(days),
            "own_slip_days": days.sum(),
            "n_projects": 1 + elsewhere["project"].nunique(),
        }
        parts.append(pd.DataFrame([row]))
    return keep_contract(
        pd.concat(parts).sort_values("own_slip_days", ascending=False, kind="stable"), PATTERNS
    )


def client_losses(portfolio: pd.DataFrame, plan: Plan, *, as_of: DateLike) -> pd.DataFrame:
    """List the days that finished milestones of the client's other running projects lost by themselves.

    A project is running while any of its milestones is open on the status date and the project not silent.
    """
    day = status_day(as_of)
    client = next(iter(plan.milestones["client"].dropna()), None)
    others = portfolio[(portfolio["client"] == client) & (portfolio["project"] != plan.project)]
    parts = [pd.DataFrame(columns=["client", "project", "milestone", "own_slip_days"])]
    for _, rows in keep_contract(others, HISTORY).groupby("project", sort=False):
        finished = is_finished(rows, day).to_numpy()
        if (is_over(rows, day) | is_silent(rows, day)).all() or not finished.any():
            continue
        rows = rows.reset_index(drop=True)
        split = split_slips(rows, as_built(rows))[finished]
        lost = split[split["own_slip_days"] >= 1]
        parts.append(lost[["project", "milestone", "own_slip_days"]].assign(client=client))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _repeats(chosen: pd.DataFrame, patterns: pd.DataFrame) -> pd.Series:
    """Name the patterns that each milestone belongs to."""
    named = pd.Series("", index=chosen.index, dtype="str")
    for row in patterns.itertuples():
        fits = (
            pd.Series(True, index=chosen.index)
            if row.dimension == "client"
            else (chosen[row.dimension] == row.value).fillna(False)
        )
        named = named.where(~fits, named + row.dimension + ", ")
    return named.str.removesuffix(", ").replace("", None)
