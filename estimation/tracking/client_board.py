"""The milestone board of the kickoff as the client may have it: what is there by when, what is needed for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.workdays import as_days
from estimation.forecasting.forecast import forecast_column
from estimation.project.plan import Plan
from estimation.tables import IDENTITY, LOGIC, Column, Contract, keep_contract

LEVEL = 0.8
"""How sure the dates are that a client gets."""

CLIENT_BOARD: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "client_summary": IDENTITY["client_summary"],
    "finish_by": Column.date("date by which the client can count on it"),
    "acceptance_criteria": IDENTITY["acceptance_criteria"],
    "needed": LOGIC["waiting_on"],
    "needed_by": Column.date("morning by which that is needed: the work seldom begins earlier"),
}
"""All that leaves the house. Whatever a board has besides stays: owners, notes, planned dates that nobody should count
on, probabilities, float, costs, reported colours, causes."""


def client_board(
    plan: Plan, forecast: pd.DataFrame, starts: pd.DataFrame, *, level: float = LEVEL
) -> pd.DataFrame:
    """Show the client of a new project every milestone: what it means, by when it is there, what is needed for it.

    Every date is one that can be kept: that of the forecast at the level, or the promised one where that is later. A
    promise that is earlier than the forecast is not repeated, because a table in which the last date is kept and
    those before it are not helps nobody: ``early_promises`` names it, to be settled before the board is sent. Forecast
    and starts are those before the project began, of one simulation and with the level.
    """
    dates = forecast.set_index("milestone")[forecast_column(level)]
    finish = pd.Series(plan.milestones["milestone"].map(dates))
    begins = plan.milestones["milestone"].map(starts.set_index("milestone")["start_date"])
    needed = plan.milestones["waiting_on"]
    return keep_contract(
        plan.milestones.assign(
            finish_by=np.fmax(as_days(finish), as_days(plan.milestones["promised_finish"])),
            needed=needed,
            needed_by=begins.where(needed.notna()),
        ),
        CLIENT_BOARD,
    )


def early_promises(plan: Plan, board: pd.DataFrame) -> pd.DataFrame:
    """List the milestones that are promised for an earlier date than the board says: none when it is fit to be sent."""
    early = plan.milestones[["milestone", "name", "promised_finish"]].merge(
        board[["milestone", "finish_by"]], on="milestone", validate="1:1"
    )
    return early[early["promised_finish"] < early["finish_by"]].reset_index(drop=True)
