"""Where a running project stands: what is finished, what runs, and since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.errors import InputError
from estimation.project.network import recorded_schedule
from estimation.project.plan import Plan
from estimation.project.statuses import Closed


@dataclass(frozen=True, eq=False)
class ProjectState:
    """What is known of each milestone at a status date; arrays of length n milestones.

    Parameters
    ----------
    now : float
        Evening of the status date, in working days after the first morning of the project.
    start, finish : float arrays
        Real starts and finishes on the same scale; NaN where work has not begun, or is not done.
    taken_days : float array
        Own working days of finished work, and of running work so far; NaN before it begins.
    percent_complete : float array
        Share of the work that is done. [0-1] NaN where nobody said.
    remaining_days : float array
        What the team says is left. [working days] NaN where nobody said.
    """

    now: float
    start: np.ndarray
    finish: np.ndarray
    taken_days: np.ndarray
    percent_complete: np.ndarray
    remaining_days: np.ndarray

    @property
    def is_finished(self) -> np.ndarray:
        """Tell which milestones are done."""
        return ~np.isnan(self.finish)

    @property
    def is_running(self) -> np.ndarray:
        """Tell which have begun and are not done."""
        return np.isnan(self.finish) & ~np.isnan(self.start)


def state_of(plan: Plan, status: pd.DataFrame | None, as_of: DateLike) -> ProjectState:
    """Read from the status updates where a project stands on a day; later updates are not looked at.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract, or None where nothing was ever reported
        Of each milestone the latest row up to the status date counts. Other projects' rows are passed over.
    as_of : date-like
        Status date.

    Returns
    -------
    ProjectState
        A milestone that is done or partly done and has no start began when its predecessors and the project start
        allowed it, or when it was planned where these are not done; at the latest on its last day. Cancelled work is
        over, from its planned finish on.

    Raises
    ------
    InputError
        If the status names milestones that the plan does not have.
    """
    day = status_day(as_of)
    calendar, names = plan.calendar, plan.milestones["milestone"]
    origin = calendar.mornings([plan.start])[0]
    now = float(calendar.evenings([day])[0] - origin)
    empty = np.full(len(names), np.nan)
    if status is None:
        return ProjectState(now, empty, empty, empty, empty, empty)
    own = status[(status["project"] == plan.project) & (status["as_of"] <= day)]
    unknown = sorted(set(own["milestone"]) - set(names))
    if unknown:
        raise InputError(
            f"Status of project '{plan.project}': milestone {', '.join(unknown[:5])} came, which the plan does not "
            f"have; it has {', '.join(names[:20])}. Correct the id, or add the milestone to the plan."
        )
    # Groups' last() skips empty cells: what was reported once stays known until it is reported anew.
    latest = own.sort_values("as_of", kind="stable").groupby("milestone").last().reindex(names)
    finished = latest["actual_finish"].where(latest["actual_finish"] <= day)
    finish = plan.calendar.evenings(finished) - origin
    begun = latest["actual_start"].where(latest["actual_start"] <= day)
    start = plan.days.mornings(begun) - origin
    percent = latest["percent_complete"].to_numpy(dtype=float)
    cancelled = (latest["closed_as"] == Closed.CANCELLED).to_numpy() & np.isnan(finish)
    finish = np.where(cancelled, np.minimum(plan.baseline.evening - origin, now), finish)
    allowed = recorded_schedule(plan.network, start=start, finish=finish, days=empty).morning
    allowed = np.where(np.isnan(allowed), plan.baseline.morning - origin, allowed)
    latest_start = np.where(np.isnan(finish), max(now - 1, 0), finish - 1)
    told = ~np.isnan(start) | (np.isnan(finish) & ~(percent > 0))
    start = np.where(told, start, np.minimum(allowed, latest_start))
    start = np.where(cancelled, finish, start)
    until = np.where(np.isnan(finish), now, finish)
    return ProjectState(
        now=now,
        start=start,
        finish=finish,
        taken_days=plan.days.days_between(start + origin, until + origin),
        percent_complete=percent,
        remaining_days=latest["remaining_days"].to_numpy(dtype=float),
    )
