"""Where each milestone stands on a day: its status by the dates, when it is expected, what was last said of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.project.plan import Plan
from estimation.project.progress import state_of
from estimation.project.remaining_work import planned_rest
from estimation.project.statuses import Status
from estimation.tables import COURSE, IDENTITY, STATUS, Column, Contract, empty_table, keep_contract

ONE_WEEK = 5
"""Working days after the planned date up to which a milestone is at risk; beyond it is delayed."""

AS_OF = STATUS["as_of"]
WEEK = Column.count("number of the status date, the first is 1")
STATUS_WORD = Column.text("done, delayed, at risk, not started or on track, by the rule")
SLIP = Column.days("expected finish minus planned finish, late is positive")
STATUS_COURSE: Contract = {
    "as_of": AS_OF,
    "week": WEEK,
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "status": STATUS_WORD,
    "reported_status": COURSE["reported_status"],
    "slip_days": SLIP,
}


def status_dates(plan: Plan, status: pd.DataFrame, as_of: DateLike | None = None) -> list[pd.Timestamp]:
    """List the status dates of a project up to a day, which is the last of them.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract
    as_of : date-like, optional
        Without it the latest status date ends the list.
    """
    days = pd.DatetimeIndex(status.loc[status["project"] == plan.project, "as_of"].unique()).sort_values()
    if as_of is None:
        return list(days)
    last = status_day(as_of)
    return [*days[days < last], last]


def latest_reports(plan: Plan, status: pd.DataFrame, as_of: DateLike) -> pd.DataFrame:
    """Take what was last said of each milestone up to a status date.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract
    as_of : date-like

    Returns
    -------
    DataFrame with the STATUS columns, one row per milestone in the order of the plan, its id as index
        What was said once stays known until it is said anew; ``as_of`` is the date of the last row.
    """
    day = status_day(as_of)
    own = status[(status["project"] == plan.project) & (status["as_of"] <= day)]
    latest = own.sort_values("as_of", kind="stable").groupby("milestone").last()
    latest = latest.reindex(plan.milestones["milestone"]).astype(
        {name: own[name].dtype for name in STATUS if name != "milestone"}
    )
    later = latest["actual_finish"] > day
    return latest.assign(
        actual_finish=latest["actual_finish"].mask(later),
        actual_start=latest["actual_start"].mask(latest["actual_start"] > day),
    )


def expected_course(
    plan: Plan, status: pd.DataFrame, as_of, *, at_risk_days: float = ONE_WEEK
) -> pd.DataFrame:
    """Say of each milestone when it is expected to finish, how far that is off the plan, and its status by the rule.

    Expected is the actual finish, else the team's forecast, else what is left at planned durations; of unfinished
    work never before the status date. The first that matches is the status: done; delayed (more than five working
    days after the plan); at risk (one to five, or overdue: unfinished after its planned date); not started; on track.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract
    as_of : date-like
    at_risk_days : float
        Up to so many working days after the plan a milestone is at risk, beyond it is delayed.

    Returns
    -------
    DataFrame, one row per milestone in the order of the plan, its id as index
        ``expected_finish``, ``slip_days``, ``done``, ``started``, ``status``.
    """
    day = status_day(as_of)
    latest, state = latest_reports(plan, status, day), state_of(plan, status, day)
    origin = plan.calendar.mornings([plan.start])[0]
    as_planned = plan.finish_dates(origin + state.now + planned_rest(plan, state))
    said = latest["forecast_finish"].fillna(pd.Series(as_planned, index=latest.index))
    closed = pd.Series(plan.finish_dates(origin + np.nan_to_num(state.finish)), index=latest.index)
    expected = said.clip(lower=day).mask(state.is_finished, latest["actual_finish"].fillna(closed))
    slip = pd.Series(plan.calendar.slip(plan.baseline_finish, expected), index=latest.index)
    overdue = (plan.baseline_finish < day) & ~state.is_finished
    started = ~np.isnan(state.start)
    words = np.select(
        [state.is_finished, slip > at_risk_days, (slip >= 1) | overdue, ~started],
        [Status.DONE, Status.DELAYED, Status.AT_RISK, Status.NOT_STARTED],
        Status.ON_TRACK,
    )
    return pd.DataFrame(
        {
            "expected_finish": expected.astype("datetime64[s]"),
            "slip_days": slip,
            "done": state.is_finished,
            "started": started,
            "status": words,
        },
        index=latest.index,
    )


def status_course(
    plan: Plan, status: pd.DataFrame, *, as_of=None, at_risk_days: float = ONE_WEEK
) -> pd.DataFrame:
    """Say of each milestone on every status date what its status was by the rule, and what was reported.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract
    as_of : date-like, optional
        Last status date.
    at_risk_days : float
        As in ``expected_course``.

    Returns
    -------
    DataFrame keeping the STATUS_COURSE contract, one row per status date and milestone
    """
    names = plan.milestones.set_index("milestone")["name"]
    weeks = []
    for week, day in enumerate(status_dates(plan, status, as_of), start=1):
        course = expected_course(plan, status, day, at_risk_days=at_risk_days)
        course = course.join(latest_reports(plan, status, day)["reported_status"])
        weeks.append(course.assign(as_of=day, week=week, name=names).reset_index())
    return keep_contract(pd.concat(weeks), STATUS_COURSE) if weeks else empty_table(STATUS_COURSE)
