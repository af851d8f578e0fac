"""A new plan from a framework: its milestones, scaled to the project and put on the calendar."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd

from estimation.calendar.workdays import WorkCalendar
from estimation.errors import InputError
from estimation.project.framework import Framework
from estimation.project.network import network_from
from estimation.tables import PLAN, keep_contract


def new_plan(
    framework: Framework,
    *,
    project: str,
    start: dt.date | str,
    size: float = 1.0,
    project_name: str = "",
    client: str = "",
    calendar: WorkCalendar | None = None,
) -> pd.DataFrame:
    """Write a first plan for a project: the framework's milestones with dates, ready to be adapted.

    Parameters
    ----------
    framework : Framework
        Phases and milestone templates with typical durations.
    project : str
        Id of the new project.
    start : date or ISO text
        Morning on which the project starts; on a day off, the next working day.
    size : float
        Scales every typical duration; 1.0 is a medium project. Each milestone keeps at least one day, halves are
        rounded up. Lags between milestones stay as they are. [dimensionless]
    project_name, client : str
        Left empty when not given.
    calendar : WorkCalendar, optional
        Days worked; Monday to Friday without holidays when left out.

    Returns
    -------
    DataFrame with the columns of ``PLAN``, one row per milestone in the framework's order
        Dates are the earliest that the dependencies allow. ``baseline_days`` is the own duration: working days
        from start to finish, both included.

    Raises
    ------
    InputError
        If the project has no id, the start is no date, or the size is not above zero.

    Examples
    --------
    >>> from estimation.project.framework import MilestoneTemplate, Phase
    >>> draft = MilestoneTemplate("1", "build", "Draft written", typical_days=3)
    >>> final = MilestoneTemplate("2", "build", "Report delivered", typical_days=2, depends_on="1")
    >>> report = Framework("report", "Report", "", (Phase("build", "Build"),), (draft, final))
    >>> plan = new_plan(report, project="annual", start="2026-03-05")  # a Thursday
    >>> plan["baseline_finish"].dt.date.astype(str).tolist()
    ['2026-03-09', '2026-03-11']
    """
    calendar = calendar or WorkCalendar()
    if not project.strip():
        raise InputError("The project has no id; wanted a short name such as atlas-2. Give it one.")
    if not (math.isfinite(size) and size > 0):
        raise InputError(
            f"The size factor is {size:g}; wanted a number above zero. Write 1 for a medium project, 0.5 for one "
            "half as long, 2 for one twice as long."
        )
    first_morning = float(calendar.mornings([_as_date(start)])[0])
    days = {milestone.id: _scaled(milestone.typical_days, size) for milestone in framework.milestones}
    network = network_from(list(days), framework.dependencies, origin=first_morning)
    evenings = np.array(list(days.values()), dtype=float)[:, None]
    mornings = network.schedule(evenings)  # turns the durations into finishes
    table = pd.DataFrame(
        {
            "project": project,
            "milestone": [each.id for each in framework.milestones],
            "phase": [each.phase for each in framework.milestones],
            "project_name": project_name or None,
            "client": client or None,
            "name": [each.name for each in framework.milestones],
            "client_summary": [each.client_summary or None for each in framework.milestones],
            "acceptance_criteria": [each.done_means or None for each in framework.milestones],
            "owner": [each.owner_role or None for each in framework.milestones],
            "project_start": calendar.morning_dates(np.full(len(days), first_morning)),
            "baseline_start": calendar.morning_dates(first_morning + mornings[:, 0]),
            "baseline_finish": calendar.evening_dates(first_morning + evenings[:, 0]),
            "baseline_days": list(days.values()),
            "baseline_version": 1,
            "iterations_planned": [each.iterations_planned for each in framework.milestones],
            "depends_on": [each.depends_on or None for each in framework.milestones],
            "waiting_on": [each.waiting_on or None for each in framework.milestones],
            "calendar": calendar.to_text(),
        }
    )
    return keep_contract(table, PLAN)


def _as_date(start: dt.date | str) -> dt.date:
    if not isinstance(start, str):
        return start
    try:
        return dt.date.fromisoformat(start)
    except ValueError:
        raise InputError(
            f"The start '{start}' is no date; wanted year-month-day such as 2026-03-02. Write it that way."
        ) from None


def _scaled(typical_days: float, size: float) -> int:
    """Whole working days, halves rounded up, at least one."""
    # Nine decimals keep 50 x 0.29 at 14.5, which binary arithmetic puts a hair below.
    return max(1, math.floor(round(typical_days * size, 9) + 0.5))
