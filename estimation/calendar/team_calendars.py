"""Teams with calendars of their own in one project: one axis of working days, own work on own days.

The axis holds every day that at least one of the project's calendars works. Starts, finishes, lags, slips and dates
of all milestones are places on it. The work of a milestone advances on the days of its own calendar only; where that
is the axis itself, as in most projects, nothing of this module is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from estimation.calendar.workdays import STANDARD_WEEK, WorkCalendar, calendar_from_text

_FIRST_DAY = np.datetime64("1900-01-01", "D")
_FIRST_SPAN_DAYS = 75_000
"""Tables reach to 2105 at first, and are made anew twice as long when a course runs beyond."""
_NOISE = {np.dtype(np.float64): 1e-9, np.dtype(np.float32): 1e-3}
"""Part of a day that is rounding of the arithmetic, not work; it must not carry a finish over days off. [days]"""


class _Tables(NamedTuple):
    """For each day of the axis: own days before it, whether it is one. For each own day: its place on the axis."""

    before: np.ndarray
    worked: np.ndarray
    places: np.ndarray


@lru_cache(maxsize=128)
def _tables(axis: WorkCalendar, own: WorkCalendar, span_days: int) -> _Tables:
    days = _FIRST_DAY + np.arange(span_days)
    days = days[axis.is_worked(days)]
    worked = own.is_worked(days)
    return _Tables(np.cumsum(worked) - worked, worked, np.flatnonzero(worked))


@dataclass(frozen=True)
class TeamDays:
    """Work on the days of one team, measured on the axis of a project that works on further days.

    All functions take and return arrays of one shape (or shapes that broadcast), float64 or float32, parts of days
    included; NaN gives NaN. Nothing is counted day by day: each call looks its answers up in tables that were made
    once for the pair of calendars.

    In a forward pass over iterations, milestone ``k``, with the latest bound of its predecessors in ``start``::

        team = plan.team_days.get(k)
        if team is None:  # works on every day of the axis
            finish = start + days[k]
        else:
            start = team.next_morning(start)  # leave out for work of no duration
            finish = team.finish_after(start, days[k])

    Bounds of FF and SF links and fixed dates then hold the finish back on the axis, as for any milestone. A link
    drives the start when its bound equals ``start`` as it was before ``next_morning``. Where places are counted
    from the morning of the project and not from 1900 (float32 must: it resolves 1/256 of a day at 33 000), take
    ``team.counted_from(morning)`` once before the pass.

    Parameters
    ----------
    axis, own : WorkCalendar
        Every day worked by ``own`` is worked by ``axis``.
    origin : int
        Place on the axis, as ``axis`` counts, from which places are counted here.
    """

    axis: WorkCalendar
    own: WorkCalendar
    origin: int = 0

    def counted_from(self, place: float) -> TeamDays:
        """Give the same days for places counted from a whole place on the axis, such as the project's morning."""
        return replace(self, origin=self.origin + int(place))

    def next_morning(self, places) -> np.ndarray:
        """Find where work can go on: the place itself on an own day, else the morning of the next own day.

        >>> israel = TeamDays(WorkCalendar("1111101"), WorkCalendar("1111001"))
        >>> friday = israel.axis.mornings(["2026-03-06"])
        >>> israel.axis.morning_dates(israel.next_morning(friday)).astype(str).tolist()  # Sunday
        ['2026-03-08T00:00:00']
        """
        before, part = self._split(places)
        return self._morning(before, part)

    def finish_after(self, starts, own_days) -> np.ndarray:
        """Find where work is finished that goes on from a place and needs some own days, parts of days included.

        That is the evening of the last own day, not the morning after its days off, in the precision of ``starts``.
        Work of no duration is finished where it starts; on a day off work goes on with the next own day.

        >>> israel = TeamDays(WorkCalendar("1111101"), WorkCalendar("1111001"))
        >>> thursday = israel.axis.mornings(["2026-03-05"])
        >>> done = israel.finish_after(thursday, np.array([[1.0], [1.5]]))
        >>> israel.axis.evening_dates(done).astype(str).tolist()  # Thursday; half a day more: Sunday
        [['2026-03-05T00:00:00'], ['2026-03-08T00:00:00']]
        """
        before, part = self._split(starts)
        own_days = np.asarray(own_days, dtype=part.dtype)
        return np.where(own_days == 0, starts, self._evening(before, part + own_days)).astype(part.dtype)

    def last_evening(self, places) -> np.ndarray:
        """Find where work stood still: the place itself inside or after an own day, else the evening of the last."""
        return self._evening(*self._split(places))

    def start_before(self, finishes, own_days) -> np.ndarray:
        """Find the latest place from which work of some own days is finished by a place."""
        before, part = self._split(finishes)
        return self._morning(before, part - np.asarray(own_days, dtype=part.dtype))

    def days_between(self, starts, finishes) -> np.ndarray:
        """Count the own days from one place to another.

        >>> israel = TeamDays(WorkCalendar("1111101"), WorkCalendar("1111001"))
        >>> israel.days_between([0.0], [6.0]).tolist()  # 1900 began with a Monday: six days, Friday is not worked
        [5.0]
        """
        (first, begun), (last, done) = self._split(starts), self._split(finishes)
        return (last - first) + (done - begun)

    def _split(self, places) -> tuple[np.ndarray, np.ndarray]:
        """Own days before the day of each place, and the part of that day that is over when it is an own day.

        The part is NaN where the place is.
        """
        places = np.asarray(places)
        if places.dtype not in _NOISE:
            places = places.astype(float)
        lost = np.isnan(places)
        day = np.floor(np.where(lost, 0, places) + _NOISE[places.dtype])
        index = day.astype(np.int64) + self.origin
        tables = self._reaching(index)
        part = np.where(tables.worked[index], places - day, places.dtype.type(0))
        return tables.before[index], np.where(lost, places, part)

    def _morning(self, before: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        whole = np.floor(ahead + _NOISE[ahead.dtype])
        return self._place(before, whole) + (ahead - whole)

    def _evening(self, before: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        whole = np.ceil(ahead - _NOISE[ahead.dtype]) - 1
        return self._place(before, whole) + (ahead - whole)

    def _place(self, before: np.ndarray, whole: np.ndarray) -> np.ndarray:
        own = before + np.nan_to_num(whole).astype(np.int64)
        return (self._reaching(own, own=True).places[own] - self.origin).astype(whole.dtype)

    def _reaching(self, index: np.ndarray, *, own: bool = False) -> _Tables:
        """Look the tables up, long enough for each day of the axis, or each own day, that is asked for."""
        span = _FIRST_SPAN_DAYS
        last = index.max(initial=0)
        while True:
            tables = _tables(self.axis, self.own, span)
            if last < len(tables.places if own else tables.before):
                return tables
            span *= 2


class AxisDays:
    """Work on every day of the axis: the plain arithmetic that ``TeamDays`` replaces where a team has days off."""

    def next_morning(self, places):
        """Go on at once."""
        return places

    def finish_after(self, starts, own_days):
        """Count every day."""
        return starts + own_days

    def start_before(self, finishes, own_days):
        """Count every day backwards."""
        return finishes - own_days

    def days_between(self, starts, finishes):
        """Count every day from one place to another."""
        return finishes - starts


EVERY_DAY = AxisDays()


@dataclass(frozen=True, eq=False)
class ProjectDays:
    """The days of one project: the axis that all its calendars make, and the teams that work on fewer.

    Parameters
    ----------
    axis : WorkCalendar
        Works on a day when one of the project's calendars does.
    teams : mapping of place in the table to TeamDays
        Only milestones whose own calendar is not the axis; empty in most projects.
    """

    axis: WorkCalendar
    teams: Mapping[int, TeamDays] = field(default_factory=dict)

    def mornings(self, dates) -> np.ndarray:
        """Place start mornings on the axis, one per milestone; a day off of its own is the next own morning."""
        places = self.axis.mornings(dates)
        return self._by_teams(places, TeamDays.next_morning, places)

    def evenings(self, dates) -> np.ndarray:
        """Place finish evenings on the axis, one per milestone; a day off of its own is the last own evening."""
        places = self.axis.evenings(dates)
        return self._by_teams(places, TeamDays.last_evening, places)

    def days_between(self, mornings: np.ndarray, evenings: np.ndarray) -> np.ndarray:
        """Count the working days of each milestone on its own calendar."""
        return self._by_teams(evenings - mornings, TeamDays.days_between, mornings, evenings)

    def finish_after(self, mornings: np.ndarray, own_days: np.ndarray) -> np.ndarray:
        """Find where the work of each milestone is finished that goes on from a place."""
        return self._by_teams(mornings + own_days, TeamDays.finish_after, mornings, own_days)

    def start_before(self, evenings: np.ndarray, own_days: np.ndarray) -> np.ndarray:
        """Find from where the work of each milestone takes some own days up to a place."""
        return self._by_teams(evenings - own_days, TeamDays.start_before, evenings, own_days)

    def _by_teams(self, on_the_axis: np.ndarray, own: Callable, *given: np.ndarray) -> np.ndarray:
        """Answer anew for the milestones of teams with days of their own, in place."""
        for k, team in self.teams.items():
            on_the_axis[k] = own(team, *(each[k] for each in given))
        return on_the_axis


def project_days(calendars: pd.Series) -> ProjectDays:
    """Put the calendars of a project's milestones together, by its column ``calendar``.

    Milestones that name none keep the first that is named; Monday to Friday when none is.
    """
    texts = named_calendars(calendars)
    if (texts == texts.iloc[0]).all():
        return ProjectDays(calendar_from_text(texts.iloc[0]))
    axis, fewer = _axis_and_teams(tuple(dict.fromkeys(texts)))
    return ProjectDays(axis, {k: fewer[text] for k, text in enumerate(texts) if text in fewer})


def named_calendars(calendars: pd.Series) -> pd.Series:
    """Fill the empty calendars of one project with the first that is named; Monday to Friday when none is."""
    known = calendars.dropna()
    return calendars.fillna(known.iloc[0] if len(known) else STANDARD_WEEK)


@lru_cache(maxsize=512)
def _axis_and_teams(texts: tuple[str, ...]) -> tuple[WorkCalendar, dict[str, TeamDays]]:
    calendars = {text: calendar_from_text(text) for text in texts}
    axis = either_works(list(calendars.values()))
    return axis, {text: TeamDays(axis, own) for text, own in calendars.items() if own != axis}


def either_works(calendars: list[WorkCalendar]) -> WorkCalendar:
    """Make the calendar that works on a day when at least one of several does.

    >>> either_works([WorkCalendar("1111100"), WorkCalendar("1111001")]).week
    '1111101'
    """
    week = "".join(max(days) for days in zip(*(calendar.week for calendar in calendars), strict=True))
    # A day of this week is off only as a holiday of whoever works that weekday.
    days = sorted({day for each in calendars for day in each.holidays if week[day.weekday()] == "1"})
    if not days:
        return WorkCalendar(week)
    worked = np.any([calendar.is_worked(days) for calendar in calendars], axis=0)
    return WorkCalendar(
        week, tuple(day for day, by_someone in zip(days, worked, strict=True) if not by_someone)
    )
