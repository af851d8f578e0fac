"""Where a project stands on a day: the state of each milestone, what is left of it, when it is expected, how late."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.errors import InputError
from estimation.project.network import NOISE, Schedule
from estimation.project.plan import Plan, with_added
from estimation.project.progress import ProjectState, state_of
from estimation.project.reports import Reports, reports_of
from estimation.project.statuses import Status
from estimation.tables import (
    BASELINE,
    COURSE,
    IDENTITY,
    PLAN,
    STATUS,
    Column,
    Contract,
    empty_table,
    keep_contract,
    rows_table,
)

ONE_WEEK = 5
"""Working days after the agreed date up to which a milestone is at risk; beyond it is delayed."""
NOT_STARTED, RUNNING, DONE, CANCELLED = "not started", "running", "done", "cancelled"
ADDED_PHASE = "added"
"""Phase of added work that only status updates tell of."""

AS_OF = STATUS["as_of"]
WEEK = Column.count("number of the status date, the first is 1")
STATUS_WORD = Column.text("done, cancelled, delayed, at risk, not started or on track, by the dates")
SLIP = Column.days("expected finish minus planned finish, late is positive")
STANDING: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "state": Column.text("not started, running, done or cancelled"),
    "start": Column.date("morning on which the work began, recorded or assumed"),
    "start_assumed": Column.flag("the start is not recorded: it began when it could"),
    "actual_finish": COURSE["actual_finish"],
    "former_finish": Column.date("the last finish that was reported and then replaced or taken back"),
    "reopened_on": Column.date("status date on which work that was done was opened again"),
    "taken_days": Column.days("own working days it has taken so far", least=0),
    "left_days": Column.days("own working days that are left", least=0),
    "left_by": Column.text("how that is known: date, days, percent or plan"),
    "expected_start": Column.date("morning on which it begins, or began"),
    "expected_finish": Column.date(
        "actual finish; of open work what was last said, else what the plan leaves, behind what it waits for"
    ),
    "baseline_finish": BASELINE["baseline_finish"],
    "agreed_finish": Column.date("the promised date, else the planned one"),
    "slip_days": SLIP,
    "late_days": Column.days("expected finish minus agreed finish, late is positive"),
    "status": STATUS_WORD,
}
STATUS_COURSE: Contract = {
    "as_of": AS_OF,
    "week": WEEK,
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "status": STATUS_WORD,
    "reported_status": COURSE["reported_status"],
    "slip_days": SLIP,
}


@dataclass(frozen=True, eq=False)
class Standing:
    """One project on one day, worked out once and handed on.

    Parameters
    ----------
    plan : Plan
        The plan that is followed: the planned milestones, and work added by then.
    as_of : Timestamp
        Status date.
    state : ProjectState
        Its numbers; arrays of length n milestones.
    among : Standings
        The same project on all of its status dates.
    """

    plan: Plan
    as_of: pd.Timestamp
    state: ProjectState
    among: Standings

    @property
    def estimated(self) -> Standing:
        """The same day, what is left measured by what the team estimated before any factor."""
        return self.among.estimated.on(self.as_of)

    @cached_property
    def _walked(self) -> tuple[np.ndarray, np.ndarray]:
        return self.state.walked(to_dates=True)

    @property
    def expected_start(self) -> np.ndarray:
        """When each milestone begins, or began: places after the first morning of the project."""
        return np.where(np.isnan(self.state.start), self._walked[0], self.state.start)

    @property
    def expected_finish(self) -> np.ndarray:
        """When each milestone is done, or was: places after the first morning of the project."""
        return self._walked[1]

    @cached_property
    def possible_finish(self) -> np.ndarray:
        """When each could be done if no date that the team names counted: places after the first morning."""
        return self.state.walked(to_dates=False)[1]

    @cached_property
    def latest(self) -> pd.DataFrame:
        """What was last said of each milestone, ids as index, in the columns of STATUS."""
        return self.among.reports.latest(self.as_of)

    @cached_property
    def former_finishes(self) -> dict[str, tuple[pd.Timestamp, ...]]:
        """Finishes that were reported and then replaced or taken back, by milestone, oldest first."""
        former, ids = self.among.reports.course(self.as_of).former, self.plan.milestones["milestone"]
        return {ids[k]: dates for k, dates in former.items() if k < len(ids)}

    def dates(self, places: np.ndarray) -> np.ndarray:
        """The dates of evenings, given as places after the first morning."""
        return self.plan.finish_dates(self.plan.network.origin + places)

    @property
    def project_finish(self) -> pd.Timestamp:
        """When the whole project is expected to be done, or was."""
        return pd.Timestamp(self.table["expected_finish"].max())

    @cached_property
    def pace(self) -> Schedule:
        """The plan that pace is measured by: the first baseline, walked without what was cut and added.

        Cut and added work have no days, and added work no place; the places are those of the axis.
        """
        plan, cut = self.plan, self.state.is_cancelled
        if not cut.any():
            return plan.baseline
        days = np.where(cut | plan.is_added, 0.0, plan.baseline.own_days)
        evening = days[:, None].copy()
        morning = plan.network.without(cut | plan.is_added).schedule(evening)[:, 0]
        origin, known = plan.network.origin, np.where(plan.is_added, np.nan, 0.0)
        return Schedule(
            morning + origin + known,
            morning + origin + known,
            evening[:, 0] + origin + known,
            days,
            plan.baseline.waited,
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per milestone in the order of the plan (STANDING)."""
        plan, state, calendar = self.plan, self.state, self.plan.calendar
        course, origin = self.among.reports.course(self.as_of), self.plan.network.origin
        expected = np.where(np.isnat(course.finish), self.dates(self.expected_finish), course.finish)
        expected = np.where(state.is_cancelled, np.datetime64("NaT", "s"), expected)
        planned, agreed = plan.baseline_finish, plan.agreed_finish.to_numpy()
        starts = calendar.morning_dates(np.floor(self.expected_start + NOISE) + origin)
        # What takes no time ends on the day it begins.
        starts = np.fmin(starts, self.dates(self.expected_finish))
        begun = ~np.isnan(state.start)
        return keep_contract(
            plan.milestones[["milestone", "name"]].assign(
                state=np.select(
                    [state.is_cancelled, state.is_done, begun], [CANCELLED, DONE, RUNNING], NOT_STARTED
                ),
                start=np.where(begun, starts, np.datetime64("NaT", "s")),
                start_assumed=state.start_assumed,
                actual_finish=course.finish,
                former_finish=[
                    self.former_finishes.get(one, (pd.NaT,))[-1] for one in plan.milestones["milestone"]
                ],
                reopened_on=course.reopened_on,
                taken_days=state.taken_days,
                left_days=state.left_to_date,
                left_by=state.left_by,
                expected_start=np.where(state.is_cancelled, np.datetime64("NaT", "s"), starts),
                expected_finish=expected,
                baseline_finish=planned,
                agreed_finish=agreed,
                slip_days=calendar.slip(planned, expected),
                late_days=calendar.slip(agreed, expected),
                status=self.status_words(),
            ),
            STANDING,
        )

    def status_words(self, at_risk_days: float = ONE_WEEK) -> np.ndarray:
        """The status of each milestone by its dates: the first that holds.

        Cancelled; done; delayed (expected more than ``at_risk_days`` working days after the agreed date); at risk (one
        day after it or more, or overdue: unfinished after it); not started; on track.
        """
        calendar, over = self.plan.calendar, self.state.is_over
        agreed = self.plan.agreed_finish.to_numpy()
        late = calendar.slip(agreed, self.dates(self.expected_finish))
        overdue = (agreed < np.datetime64(self.as_of, "s")) & ~over
        return np.select(
            [
                self.state.is_cancelled,
                self.state.is_done,
                late > at_risk_days,
                (late >= 1) | overdue,
                np.isnan(self.state.start),
            ],
            [Status.CANCELLED, Status.DONE, Status.DELAYED, Status.AT_RISK, Status.NOT_STARTED],
            Status.ON_TRACK,
        )


@dataclass(frozen=True, eq=False)
class Standings:
    """One project through its status dates: its rows are folded once, each day is worked out once.

    Parameters
    ----------
    reports : Reports
    """

    reports: Reports
    _known: dict[pd.Timestamp, Standing] = field(default_factory=dict)
    _plans: dict[int, Plan] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The plan with all work that was ever added."""
        return self._plan_with(len(self.reports.milestones))

    @cached_property
    def estimated(self) -> Standings:
        """The same reports about the plan as its team estimated it; these themselves where no estimate differs."""
        plan = self.reports.plan
        return self if plan.estimated is plan else Standings(replace(self.reports, plan=plan.estimated))

    def on(self, as_of: DateLike) -> Standing:
        """Where the project stands on a day."""
        day = status_day(as_of)
        if day not in self._known:
            plan = self._plan_with(self.reports.n_known(day))
            self._known[day] = Standing(plan, day, state_of(plan, self.reports, day), self)
        return self._known[day]

    def dates(self, as_of: DateLike | None = None) -> list[pd.Timestamp]:
        """List the status dates up to a day, which is the last of them; without one up to the last report."""
        if as_of is None:
            return list(self.reports.dates)
        last = status_day(as_of)
        return [*self.reports.dates[self.reports.dates < last], last]

    def _plan_with(self, n: int) -> Plan:
        if n not in self._plans:
            self._plans[n] = _followed(self.reports, n)
        return self._plans[n]


def standings_of(plan: Plan, status: pd.DataFrame | Standings | Standing | None) -> Standings:
    """Follow a project through its status dates; what is followed already is handed back.

    Parameters
    ----------
    plan : Plan
        As it was first approved.
    status : DataFrame keeping the STATUS contract, or what this function gives; None where nothing was ever reported
        Rows of other projects are passed over.

    Raises
    ------
    InputError
        If two rows of one milestone and day differ, a row tells of what comes after it, a milestone comes that is
        neither planned nor marked as added, or added work has neither days nor a date.
    """
    if isinstance(status, Standing):
        return status.among
    if isinstance(status, Standings):
        return status
    return Standings(reports_of(plan, empty_table(STATUS) if status is None else status))


def standing_of(plan: Plan, status: pd.DataFrame | Standings | Standing | None, as_of: DateLike) -> Standing:
    """Say where a project stands on a day; what later rows say of the work is not looked at.

    Whether starts are recorded, or work counts as begun once links and plan allow it, is decided for the whole table.

    Parameters, errors: see ``standings_of``.

    Examples
    --------
    One row per milestone stands in ``standing_of(plan, read_status("status.csv"), "2026-03-31").table``.
    """
    return standings_of(plan, status).on(as_of)


def each_standing(
    plan: Plan, status: pd.DataFrame | Standings | Standing | None, as_of: DateLike | None = None
) -> list[Standing]:
    """Where a project stands on each status date up to a day, the last of them; of a Standing that day alone."""
    if isinstance(status, Standing):
        return [status]
    standings = standings_of(plan, status)
    return [standings.on(day) for day in standings.dates(as_of)]


def status_course(
    plan: Plan,
    status: pd.DataFrame | Standings,
    *,
    as_of: DateLike | None = None,
    at_risk_days: float = ONE_WEEK,
) -> pd.DataFrame:
    """Say of each milestone on every status date what its status was by the dates, and what was reported.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract, or Standings
    as_of : date-like, optional
        Last status date.
    at_risk_days : float
        As in ``Standing.status_words``.

    Returns
    -------
    DataFrame keeping the STATUS_COURSE contract, one row per status date and milestone
    """
    weeks = []
    for week, standing in enumerate(each_standing(plan, status, as_of), start=1):
        weeks.append(
            standing.table.assign(
                as_of=standing.as_of,
                week=week,
                status=standing.status_words(at_risk_days),
                reported_status=standing.latest["reported_status"].array,
            )
        )
    return keep_contract(pd.concat(weeks), STATUS_COURSE) if weeks else empty_table(STATUS_COURSE)


def _followed(reports: Reports, n: int) -> Plan:
    """The plan with the work that was added by a day: the first ``n`` milestones that are known."""
    plan, rows, days = reports.plan, [], []
    told = (
        {} if plan.unplanned is None else {row["milestone"]: row for row in plan.unplanned.to_dict("records")}
    )
    for milestone in reports.milestones[len(plan.milestones) : n]:
        row = told.get(milestone) or {"phase": ADDED_PHASE, "source": ""}
        rows.append(row | {"project": plan.project, "milestone": milestone})
        days.append(_days_of_added(reports, row, milestone))
    return with_added(plan, rows_table(rows, PLAN), days)


def _days_of_added(reports: Reports, row: dict, milestone: str) -> float:
    """How long added work was to take when it was first told of: its days, else those to its date."""
    calendar, said = reports.plan.calendar, reports.rows[reports.rows["milestone"] == milestone]
    since, until = (
        said["as_of"].iloc[0],
        [row.get("baseline_finish"), *said["forecast_finish"], *said["actual_finish"]],
    )
    days = [row.get("baseline_days"), *said["remaining_days"]]
    days += [float(calendar.slip([since], [date])[0]) for date in until if not pd.isna(date)]
    known = [each for each in days if not pd.isna(each)]
    if not known:
        raise InputError(
            f"Status of project '{reports.plan.project}': milestone {milestone} was added and has neither days nor a "
            "date, so that nothing can be said of when it ends. Fill in remaining_days or forecast_finish."
        )
    return max(known[0], 0.0)
