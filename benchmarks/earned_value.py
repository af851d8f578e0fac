"""Our earned value beside the published figures of the ProTrack workbooks, read as any history and status table is.

In whole days and without the fixed costs that some projects earn at the start of an activity, so it holds to a day for
those that have none; ``earned_value_by_hour`` compares every figure of every project exactly.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineWorkbook

from estimation.calendar.workdays import WorkCalendar
from estimation.project.closing import plan_of
from estimation.project.plan import Plan
from estimation.tracking.earned_value import earned_value_table

SHEET = "Tracking Overview"
PUBLISHED = {
    "pv": "Planned Value (PV)",
    "ev": "Earned Value (EV)",
    "ac": "Actual Cost (AC)",
    "es": "Earned Schedule (ES)",
    "spi": "Schedule Performance Index (SPI)",
    "cpi": "Cost Performance Index (CPI)",
    "spi_t": "Schedule Performance Index (SPI(t))",
    "eac_t": "EAC(t)-ES (PF=1)",
}


def beside_published(folder: Path, history: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    """Set ours beside the published figures: one row per workbook and tracking period, in order of time.

    Parameters
    ----------
    folder : Path
        The workbooks.
    history, status : DataFrames
        What ``read_history`` and ``read_status`` make of them; workbooks that are not in the history are passed over.

    Returns
    -------
    DataFrame
        The columns of the earned value table, and ``published_`` ones: money as shares of the budget, dates in
        working days after the planned start.
    """
    parts = []
    for path in sorted(folder.glob("*.xlsx")):
        project = path.stem.partition(" ")[0]
        if not (history["project"] == project).any():
            continue
        plan = plan_of(history, project)
        own = status[status["project"] == project]
        ours = earned_value_table(plan, own, as_of=own["as_of"].max(), rule="percent")
        theirs = _published(path, plan)
        parts.append(
            pd.concat([ours, theirs], axis=1).assign(project=project, period=np.arange(1, len(ours) + 1))
        )
    return pd.concat(parts, ignore_index=True)


def _published(path: Path, plan: Plan) -> pd.DataFrame:
    grid = CalamineWorkbook.from_path(path).get_sheet_by_name(SHEET).to_python()
    heads = [str(head) for head in grid[1]]
    rows = pd.DataFrame([row for row in grid[2:] if row[2] != ""]).sort_values(2, kind="stable")
    found = {name: rows[heads.index(head)].to_numpy() for name, head in PUBLISHED.items()}
    budget = plan.milestones["budget_cost"].sum()
    table = pd.DataFrame(
        {f"published_{name}": pd.to_numeric(found[name], errors="coerce") for name in ("spi", "cpi", "spi_t")}
    )
    for name in ("pv", "ev", "ac"):
        table[f"published_{name}"] = found[name].astype(float) / budget
    for name in ("es", "eac_t"):
        table[f"published_{name}"] = _working_days(plan.calendar, plan, found[name])
    return table


def _working_days(calendar: WorkCalendar, plan: Plan, moments: np.ndarray) -> np.ndarray:
    dates = pd.to_datetime(pd.Series(moments), errors="coerce").dt.normalize()
    return calendar.evenings(dates) - calendar.mornings([plan.start])[0]
