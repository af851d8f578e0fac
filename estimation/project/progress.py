"""Where a running project stands in numbers: what is finished, what runs, what it has taken, what is left of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import EVERY_DAY, ProjectDays
from estimation.project.network import NOISE, Network, Schedule, recorded_schedule
from estimation.project.plan import Plan
from estimation.project.reports import NEVER, Reports

LEAST_LEFT_DAYS = 0.5
"""Begun work that nobody calls done has at least so much left, or its planned days where these are less."""
DATE, DAYS, PERCENT, PLAN = "date", "days", "percent", "plan"
"""What says how much is left of a milestone."""


@dataclass(frozen=True, eq=False)
class ProjectState:
    """What is known of each milestone at a status date; arrays of length n milestones, places after the first morning.

    Parameters
    ----------
    now : float
        Evening of the status date; below zero before the project starts.
    start, finish : float arrays
        Real starts and finishes; NaN where work has not begun, or is not done.
    is_cancelled : bool array
    start_assumed : bool array
        Whether the start is not recorded: work began when it could.
    planned_days : float array
        Own days in the plan; of added work those that were first said. [working days]
    taken_days : float array
        Own days of finished work, and of running work so far; NaN before it begins. [working days]
    worked_from : float array
        Where work would have begun that took these days without a break; the start of what is done.
    percent_complete, remaining_days : float arrays
        What the team said of it last, as it was said; NaN where nobody did. [0-1] [working days]
    left_days : float array
        Own days left, whatever date the team names; nothing of what is over. [working days]
    left_to_date, held : float arrays
        Own days left, and the evening before which it does not finish, where the date that the team named counts; else
        as ``left_days``, and minus infinity.
    left_by : array of str
        "date", "days", "percent" or "plan": what says how much is left; empty for what is over.
    soonest : float array
        Evening before which open work that has begun is not done: half a day from now, unless it is due today.
    word_ends : three float arrays
        When the date, the days and the share that were said last let the work end, whatever counts.
    network : Network
        What follows from what, from here on.
    """

    now: float
    start: np.ndarray
    finish: np.ndarray
    is_cancelled: np.ndarray
    start_assumed: np.ndarray
    planned_days: np.ndarray
    taken_days: np.ndarray
    worked_from: np.ndarray
    percent_complete: np.ndarray
    remaining_days: np.ndarray
    left_days: np.ndarray
    left_to_date: np.ndarray
    held: np.ndarray
    left_by: np.ndarray
    soonest: np.ndarray
    word_ends: tuple[np.ndarray, np.ndarray, np.ndarray]
    network: Network

    @property
    def is_done(self) -> np.ndarray:
        """Tell which milestones are done."""
        return ~np.isnan(self.finish)

    @property
    def is_over(self) -> np.ndarray:
        """Tell which are done or cancelled: nothing of them is left."""
        return self.is_done | self.is_cancelled

    @property
    def is_running(self) -> np.ndarray:
        """Tell which have begun and are not over."""
        return ~self.is_over & ~np.isnan(self.start)

    @property
    def gone_days(self) -> np.ndarray:
        """Days of each milestone that are over, on the axis for what is done, else own ones, in working days."""
        gone = np.where(self.is_done, self.finish - self.start, self.taken_days)
        return np.where(self.is_done | self.is_running, gone, 0.0)

    @property
    def said_end(self) -> np.ndarray:
        """When running work ends by the date or the days that count of it; NaN where none does."""
        date, days, _ = self.word_ends
        return np.where(
            self.is_running,
            np.select([self.left_by == DATE, self.left_by == DAYS], [date, days], np.nan),
            np.nan,
        )

    def ahead(self, *, to_dates: bool) -> tuple[Network, np.ndarray]:
        """The network and the own days of what was done and what is left; ``to_dates`` lets the team's dates count."""
        if not to_dates:
            return self.network, self.gone_days + self.left_days
        network = replace(self.network, earliest_finish=np.maximum(self.network.earliest_finish, self.held))
        return network, self.gone_days + self.left_to_date

    def walked(self, *, to_dates: bool) -> tuple[np.ndarray, np.ndarray]:
        """Starts and finishes if what is left goes as it was said, else as planned."""
        network, days = self.ahead(to_dates=to_dates)
        finishes = days[:, None]
        starts = network.schedule(finishes)
        return starts[:, 0], finishes[:, 0]


@dataclass(frozen=True, eq=False)
class _Word:
    """What the team said last in one column: in which row, on which evening, what, and whether it is due today."""

    row: np.ndarray
    on: np.ndarray
    value: np.ndarray
    is_due: np.ndarray

    @property
    def said(self) -> np.ndarray:
        """Tell for which milestones something was said that still counts."""
        return self.row != NEVER

    def since(self, start: np.ndarray) -> np.ndarray:
        """From where on it grows old: what was said before the work began counts from its start."""
        return np.nan_to_num(np.fmax(self.on, start))


def _word(plan: Plan, reports: Reports, name: str, day: pd.Timestamp) -> _Word:
    cells, on = reports.cells(name, day), reports.said_on(name, day)
    places = plan.calendar.evenings(on) - plan.network.origin
    if name == "forecast_finish":
        value = plan.calendar.evenings(cells) - plan.network.origin
        due = cells == day  # a day off is another day, though it ends at the same place
    else:
        value = cells.astype(float)
        due = value == 0
    return _Word(reports.row_of(name, day), places, value, np.asarray(due & (on == day), bool))


@dataclass(frozen=True, eq=False)
class _Said:
    """The three words that say how much is left of each milestone.

    ``start`` is NaN where it is not under way; ``is_silent`` tells where nobody ever said that it is.
    """

    own: ProjectDays
    date: _Word
    days: _Word
    share: _Word
    planned: np.ndarray
    start: np.ndarray
    is_silent: np.ndarray
    now: float

    @cached_property
    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """When each word lets the work end, told as it was said; NaN where it was not."""
        left = (1 - self.share.value) * self.planned
        return (
            self.date.value,
            self.own.finish_after(self.days.since(self.start), self.days.value),
            self.own.finish_after(self.share.since(self.start), left),
        )

    def left_days(self, taken: np.ndarray, *, dates: bool) -> tuple[np.ndarray, np.ndarray]:
        """How many own days are left of what is not over, and by which word; ``dates`` says whether dates count.

        Of one row a date counts before days, and days before a share; of several the newest, a share only where it
        ends later. What was said grows older with each day of work.
        """
        date, days, share, begun = self.date, self.days, self.share, ~np.isnan(self.start)
        until = np.full(len(begun), self.now)

        def aged(word: _Word, said: np.ndarray) -> np.ndarray:
            gone = self.own.days_between(word.since(self.start), until)
            return said - np.where(begun, np.maximum(gone, 0.0), 0.0)

        dated = dates & date.said & (date.row >= days.row) & (begun | (date.value > self.now))
        told, end = np.where(dated, date.row, days.row), np.where(dated, self.ends[0], self.ends[1])
        newer = (share.row > told) & (self.ends[2] > end + NOISE)
        by = np.select(
            [begun & share.said & ((told == NEVER) | newer), dated, days.said], [PERCENT, DATE, DAYS], PLAN
        )
        left = np.select(
            [by == PERCENT, (by == DATE) & begun, days.said],
            [
                aged(share, (1 - share.value) * self.planned),
                self.own.days_between(until, date.value),
                aged(days, days.value),
            ],
            self.planned - np.where(begun, taken, 0.0),
        )
        # What was said before the work began, by nobody's word, holds its end as it did, and draws nothing in.
        ahead = begun & self.is_silent & (by == DATE) & (date.on <= self.start + NOISE)
        in_days = np.where(days.said, aged(days, days.value), self.planned - np.where(begun, taken, 0.0))
        left = np.where(ahead, np.maximum(left, in_days), left)
        today = ((by == DATE) & date.is_due) | ((by == DAYS) & days.is_due)
        least = np.where(begun & ~today, np.minimum(LEAST_LEFT_DAYS, self.planned), 0.0)
        return np.maximum(left, least), by


def state_of(plan: Plan, reports: Reports, day: pd.Timestamp) -> ProjectState:
    """Work out from what was said where a project stands on a day.

    Parameters
    ----------
    plan : Plan
        With the work that was added by then.
    reports : Reports
    day : Timestamp
        Status date.

    Returns
    -------
    ProjectState
        Work without a recorded start began when what it waits for was done, or of open work is expected to be.
    """
    origin, course = plan.network.origin, reports.course(day)
    now = float(plan.calendar.evenings([day])[0] - origin)
    cut = ~np.isnat(course.cut_on)
    network = replace(
        plan.network, earliest=np.maximum(plan.network.earliest, _added_after(plan, reports, day))
    ).without(cut)
    told = np.where(cut, np.nan, plan.days.mornings(reports.cells("actual_start", day)) - origin)
    ended = np.where(cut, np.nan, plan.calendar.evenings(course.finish) - origin)
    last, by_word = _last_start(plan, reports, day, ended)
    by_word = ~cut & (by_word | ~np.isnan(told))
    planned, expected = plan.baseline.own_days, np.fmax(plan.baseline.evening - origin, now)
    state = None
    for _ in range(len(told) + 2):  # each time one more of a chain of open work stands where it ends
        begun = by_word.copy()

        def begin(k: int, ready: float, begun: np.ndarray = begun) -> float:
            """Work without a recorded start began when it could; where nobody ever says so, once it can."""
            begun[k] |= not (reports.says_starts or cut[k]) and planned[k] > 0 and ready < now - NOISE
            if begun[k]:
                return ready if ready < last[k] + 1 - NOISE else max(last[k], 0.0)
            ready = ready if cut[k] else max(ready, now)
            return float(network.teams[k].next_morning(ready)) if k in network.teams and planned[k] else ready

        recorded = recorded_schedule(
            network,
            start=told,
            finish=ended,
            days=np.where(cut, 0.0, np.nan),
            usual_days=planned,
            begins=begin,
            expected=expected,
        )
        recorded = replace(
            recorded,
            morning=np.where(begun, recorded.morning, np.nan),
            evening=np.where(np.isnan(ended), np.nan, recorded.evening),
        )
        places = [recorded.morning, recorded.evening]
        if state and np.array_equal([state.start, state.finish], places, equal_nan=True):
            break
        state = _state_if(plan, reports, day, network, told, recorded)
        expected = state.walked(to_dates=True)[1]
    assert state is not None  # one round at least
    return state


def _state_if(
    plan: Plan, reports: Reports, day: pd.Timestamp, network: Network, told: np.ndarray, recorded: Schedule
) -> ProjectState:
    """Where a project stands whose work began and ended as is recorded; NaN where it did not."""
    origin, course = plan.network.origin, reports.course(day)
    now = float(plan.calendar.evenings([day])[0] - origin)
    own = ProjectDays(plan.calendar, plan.network.teams)  # its places count from the first morning
    start, finish = recorded.morning, recorded.evening
    cut, done = ~np.isnat(course.cut_on), ~np.isnan(finish)
    planned, until = plan.baseline.own_days.astype(float), np.full(len(cut), now)
    begun = ~np.isnan(start) & ~done
    spent = reports.cells("actual_days", day).astype(float)
    taken = np.where(done, recorded.own_days, np.where(begun, own.days_between(start, until), np.nan))
    for k, stops in course.stood.items():  # it stood still from a finish, or a cut, to the opening after it
        for places in stops if k < len(cut) else ():
            stop, again = np.fmax(plan.calendar.evenings(places) - origin, start[k])
            taken[k] -= network.teams.get(k, EVERY_DAY).days_between(stop, again)
    taken = np.maximum(np.where(done & ~np.isnan(spent), spent, taken), 0.0)
    date, remaining, share = (
        _word(plan, reports, name, day) for name in ("forecast_finish", "remaining_days", "percent_complete")
    )
    silent = np.isnat(course.reopened_on) & (not reports.says_starts)
    said = _Said(own, date, remaining, share, planned, np.where(begun, start, np.nan), silent, now)
    (left, _), (to_date, by) = said.left_days(taken, dates=False), said.left_days(taken, dates=True)
    dated_only = (
        plan.is_added & plan.milestones["baseline_days"].isna().to_numpy() & ~(begun | remaining.said)
    )
    left = np.where(dated_only & (by == DATE), np.fmin(left, own.days_between(until, date.value)), left)
    to_date = np.where(dated_only, LEAST_LEFT_DAYS, to_date)  # nobody said more of it than when it ends
    state = ProjectState(
        now=now,
        start=start,
        finish=finish,
        is_cancelled=cut,
        start_assumed=~np.isnan(start) & np.isnan(told),
        planned_days=planned,
        taken_days=taken,
        worked_from=np.where(begun, own.start_before(until, np.nan_to_num(taken)), start),
        percent_complete=share.value,
        remaining_days=remaining.value,
        left_days=np.where(done | cut, 0.0, left),
        left_to_date=np.where(done | cut, 0.0, to_date),
        held=np.where((by == DATE) & ~(done | cut), date.value, -np.inf),
        left_by=np.where(done | cut, "", by),
        soonest=np.where(
            begun, own.finish_after(until, np.minimum(LEAST_LEFT_DAYS, np.fmin(left, to_date))), np.nan
        ),
        word_ends=said.ends,
        network=network,
    )
    return replace(state, network=network.under_way(state))


def _added_after(plan: Plan, reports: Reports, day: pd.Timestamp) -> np.ndarray:
    """Where work that was added without links can have begun: after the latest finish before its own."""
    origin, course = plan.network.origin, reports.course(day)
    finish = plan.calendar.evenings(course.finish) - origin
    least = np.full(len(finish), -np.inf)
    for k in np.flatnonzero(plan.is_added):
        if not plan.network.links[k]:
            first = plan.calendar.evenings([reports.first_row(k)["as_of"]])[0] - origin
            before = finish < finish[k] if np.isfinite(finish[k]) else finish <= first
            least[k] = finish[before].max(initial=0.0)
    return least


def _last_start(
    plan: Plan, reports: Reports, day: pd.Timestamp, ended: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The morning after which each milestone cannot have begun, if it has; and whether it has by what was said.

    That is the day on which it was first said to be in progress, or done; of what is in progress the status day.
    """
    origin, course = plan.network.origin, reports.course(day)
    first = reports.first_progress[: len(ended)]  # what has begun stays begun, also through a cut
    progress = plan.calendar.evenings(np.where(first <= np.datetime64(day), first, np.datetime64("NaT", "s")))
    former = plan.calendar.evenings([min(course.former.get(k, (pd.NaT,))) for k in range(len(ended))])
    now = plan.calendar.evenings([day])
    begun = ~np.isnan(progress) | ~np.isnat(course.reopened_on) | ~np.isnan(ended)
    last = np.fmin(np.fmin(progress, former) - origin, np.where(np.isnan(ended), now - origin, ended))
    return last - 1, begun
