"""Moves of dates as a client sees them: each with its reason, and those that nobody gave one for."""

from __future__ import annotations

import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, standing_of
from estimation.tables import STATUS, keep_contract
from estimation.tracking.client_tables import CLIENT_MOVES
from estimation.tracking.moves import SILENT, forecast_moves, is_inherited


def client_moves(plan: Plan, status: pd.DataFrame | Standings | Standing, *, as_of: DateLike) -> pd.DataFrame:
    """List the moves of dates up to a status date (CLIENT_MOVES), the first of them against the agreed date.

    What the client knows at first is the agreed date, so a first forecast that lies elsewhere is a move as well; and
    a milestone that finished on another day than was last expected has moved, whether or not a forecast said so. A
    move needs a reason when the date came later, or when the date of open work was drawn in; work done early, or
    forecast early from the first, needs none. It is inherited when a predecessor moved at least as far in the same
    direction in the same update.
    """
    standing = standing_of(plan, status, as_of)
    plan, rows = standing.plan, standing.among.reports.rows
    own = rows[rows["as_of"] <= standing.as_of]
    said = own.assign(forecast_finish=own["actual_finish"].fillna(own["forecast_finish"]))
    first = min([plan.start, *own["as_of"]]) - pd.Timedelta(days=1)
    agreed = plan.milestones[["project", "milestone"]].assign(as_of=first, forecast_finish=plan.agreed_finish)
    moves = forecast_moves(keep_contract(pd.concat([agreed, said], ignore_index=True), STATUS))
    moves = moves.assign(
        move_days=plan.calendar.slip(moves["old_finish"], moves["new_finish"]),
        week=moves["as_of"].map({each: n for n, each in enumerate(sorted(own["as_of"].unique()), start=1)}),
        name=moves["milestone"].map(plan.milestones.set_index("milestone")["name"]),
    )
    done_on = own.dropna(subset="actual_finish").groupby("milestone")["actual_finish"].last()
    done = moves["new_finish"].to_numpy() == done_on.reindex(moves["milestone"]).to_numpy()
    drawn_in = (moves["previous_as_of"] > first) & ~done
    moves["needs_reason"] = (moves["move_days"] > 0) | ((moves["move_days"] < 0) & drawn_in)
    return keep_contract(moves.assign(handed_down=is_inherited(plan, moves)), CLIENT_MOVES)


def unexplained_moves(moves: pd.DataFrame) -> pd.DataFrame:
    """Take the moves that need a reason and have neither one nor a predecessor that moved as far.

    What was inherited from a silent move is not listed: the move it came from is.
    """
    silent = moves["needs_reason"] & (moves["kind"] == SILENT) & ~moves["handed_down"]
    return moves[silent].reset_index(drop=True)
