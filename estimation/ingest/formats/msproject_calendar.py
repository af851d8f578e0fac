"""Calendars and durations of MS Project XML: week patterns, days off, working time as days."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from estimation.ingest.formats.strict_xml import Node, is_true

STANDARD_WEEK = "1111100"
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_DAILY, _YEARLY_BY_DAY, _YEARLY_BY_POSITION = "1", "2", "3"
_SUNDAY_ITEM = 3
_LONGEST_PERIOD = 366 * 60
"""Days; no calendar reaches further."""


@dataclass(frozen=True)
class ProjectCalendar:
    """Days worked, and what of its exceptions could not be said as days off."""

    week: str = STANDARD_WEEK
    days_off: tuple[dt.date, ...] = ()
    not_read: tuple[str, ...] = ()

    def to_text(self, first: dt.date, last: dt.date) -> str:
        """Write it the way the column ``calendar`` does, with the days off between two dates."""
        days = [day for day in self.days_off if first <= day <= last and self.week[day.weekday()] == "1"]
        return " ".join([self.week, *_ranges(days)])

    def is_worked(self, day: dt.date) -> bool:
        """Tell whether work is done on a day."""
        return self.week[day.weekday()] == "1" and day not in self.days_off

    def evening_of(self, moment: dt.datetime, day_start: dt.time) -> dt.date:
        """Name the day on whose evening something is finished: what ends as a day begins ended the day before."""
        if moment.time() > day_start:
            return moment.date()
        day = moment.date() - dt.timedelta(days=1)
        for _ in range(31):
            if self.is_worked(day):
                return day
            day -= dt.timedelta(days=1)
        return moment.date()


def _ranges(days: Iterable[dt.date]) -> list[str]:
    """Write days one after the other as ranges of at most 300 days."""
    ranges: list[tuple[dt.date, dt.date]] = []
    for day in sorted(set(days)):
        start, before = ranges[-1] if ranges else (dt.date.min, dt.date.min)
        if day == before + dt.timedelta(days=1) and (day - start).days <= 300:
            ranges[-1] = start, day
        else:
            ranges.append((day, day))
    return [f"{start}..{last}" if last > start else f"{start}" for start, last in ranges]


def read_calendars(nodes: Sequence[Node]) -> dict[str, ProjectCalendar]:
    """Read all calendars of a file by their id; one that only changes another takes the rest from it."""
    by_id = {node.get("UID"): node for node in nodes}
    return {uid: _read(node, by_id, set()) for uid, node in by_id.items()}


def _read(node: Node, by_id: Mapping[str, Node], above: set[str]) -> ProjectCalendar:
    uid, base_id = node.get("UID"), node.get("BaseCalendarUID")
    base = ProjectCalendar()
    if base_id in by_id and base_id not in above | {uid}:
        base = _read(by_id[base_id], by_id, above | {uid})
    week, off, not_read = list(base.week), set(base.days_off), list(base.not_read)
    for day in _inside(node, "WeekDays", "WeekDay"):
        kind = day.get("DayType")
        if kind in tuple("1234567"):
            week[(int(kind) - 2) % 7] = "1" if is_true(day, "DayWorking") else "0"
        elif kind == "0":  # how versions before 2007 wrote exceptions; later ones repeat them here
            _take_off(day, off, not_read)
    for exception in _inside(node, "Exceptions", "Exception"):
        _take_off(exception, off, not_read)
    pattern = "".join(week)
    return ProjectCalendar(pattern if "1" in pattern else base.week, tuple(sorted(off)), tuple(not_read))


def _inside(node: Node, group: str, tag: str) -> list[Node]:
    inner = node.node(group)
    return inner.all(tag) if inner else []


def _take_off(exception: Node, off: set[dt.date], not_read: list[str]) -> None:
    name = exception.get("Name") or "without a name"
    period = exception.node("TimePeriod")
    first, last = (read_moment(period.get(tag)) if period else None for tag in ("FromDate", "ToDate"))
    if first is None or last is None or not 0 <= (last - first).days <= _LONGEST_PERIOD:
        return
    days = _days_of(exception, first.date(), last.date())
    if days is None:
        not_read.append(name)
    elif is_true(exception, "DayWorking"):
        off.difference_update(days)
        if any(day.weekday() >= 5 for day in days):
            not_read.append(f"{name} (days worked that the week does not work)")
    else:
        off.update(days)


def _days_of(exception: Node, first: dt.date, last: dt.date) -> list[dt.date] | None:
    """List the days of an exception; None where it recurs in a way that is not read."""
    kind, years = exception.get("Type") or _DAILY, range(first.year, last.year + 1)
    if kind == _DAILY and exception.get("Period") in ("", "0", "1"):
        return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    tags = ("Month", "MonthDay", "MonthItem", "MonthPosition")
    month, number, item, position = (int(exception.get(tag) or -1) for tag in tags)
    month += 1
    if kind == _YEARLY_BY_DAY and 1 <= month <= 12:
        days = [_day(year, month, number) for year in years]
    elif kind == _YEARLY_BY_POSITION and 1 <= month <= 12 and 3 <= item <= 9:
        weekday = (item - _SUNDAY_ITEM - 1) % 7
        days = [_nth(year, month, weekday, position) for year in years]
    else:
        return None
    return [day for day in days if day and first <= day <= last]


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _nth(year: int, month: int, weekday: int, position: int) -> dt.date | None:
    """Find the first (0) to fourth (3) or last (4) of a weekday in a month."""
    days = [week[weekday] for week in calendar.monthcalendar(year, month) if week[weekday]]
    position = len(days) - 1 if position == 4 else position
    return dt.date(year, month, days[position]) if 0 <= position < len(days) else None


def read_moment(text: str) -> dt.datetime | None:
    """Read a date and time as the file writes it, "2026-03-02T08:00:00"; None where nothing or no date stands.

    >>> read_moment("2026-03-02T08:00:00")
    datetime.datetime(2026, 3, 2, 8, 0)
    """
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        return None


def read_minutes(text: str) -> float | None:
    """Read a duration such as "PT40H30M0S" as minutes of working time.

    >>> read_minutes("PT40H30M0S")
    2430.0
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 60 + minutes + seconds / 60
