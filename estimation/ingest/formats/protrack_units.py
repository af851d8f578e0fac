"""Units of a ProTrack workbook: the project's own working day, and the cells that are measured in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from estimation.calendar.workdays import WorkCalendar
from estimation.errors import Problem
from estimation.project.links import Dependency

EXPORT_AGAIN = "Export the workbook from ProTrack again."
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOMENT_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
PERCENT_FROM = 2.0  # a share this large is no dirt above 1 but was meant in percent

# Three digits after a comma may be thousands as well as decimals, so they are no number here.
_NUMBER = r"\d+(?:\.\d+|,(?!\d{3}(?!\d))\d+)?"
_DURATION = re.compile(
    rf"(?:(?P<weeks>{_NUMBER})\s*w(?:eeks?)?)?\s*"
    rf"(?:(?P<days>{_NUMBER})\s*d(?:ays?)?)?\s*"
    rf"(?:(?P<hours>{_NUMBER})\s*h(?:ours?)?)?",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?P<milestone>.+?)\s*(?P<kind>FS|SS|FF|SF)\s*(?:(?P<sign>[+-])\s*(?P<lag>.+))?", re.IGNORECASE
)
_HOUR_OF_DAY = re.compile(r"(\d{1,2}):00\s*-\s*(\d{1,2}):00")

Value = TypeVar("Value")


class UnreadableCell(ValueError):
    """A cell that cannot be read without guessing; its arguments are what was wanted and what to do."""


@dataclass(frozen=True)
class Agenda:
    """When a project works: its days, and the hours of each of them.

    Parameters
    ----------
    calendar : WorkCalendar
        Days worked and holidays.
    hours : tuple of int, ascending
        Worked hours of a day, each by the hour it begins: 8 is 8:00 to 9:00.
    """

    calendar: WorkCalendar
    hours: tuple[int, ...]

    def working_days(self, *, weeks: float = 0.0, days: float = 0.0, hours: float = 0.0) -> float:
        """Measure a stretch of work in the working days of this project.

        >>> Agenda(WorkCalendar(), (8, 9, 10, 11, 13, 14, 15, 16)).working_days(days=148, hours=4)
        148.5
        """
        return weeks * self.calendar.week.count("1") + days + hours / len(self.hours)

    def finish(self, start: dt.datetime, days: float) -> dt.date:
        """Find the evening on which work is done that starts at a time of day and takes some working days.

        Work without duration is done when its time has come: at the start of a day that is the evening of the
        working day before.

        >>> agenda = Agenda(WorkCalendar(), (8, 9, 10, 11, 13, 14, 15, 16))
        >>> agenda.finish(dt.datetime(2026, 3, 6, 13), 1.0)  # Friday noon to Monday noon
        datetime.date(2026, 3, 9)
        """
        day = np.array([start.date()], dtype="datetime64[D]")
        gone = 0.0
        if self.calendar.days_between(day[0], day[0]):
            clock = start.hour + start.minute / 60
            gone = sum(min(max(clock - hour, 0.0), 1.0) for hour in self.hours) / len(self.hours)
        return self.calendar.evening_dates(self.calendar.mornings(day) + gone + days)[0].item().date()


def read_agenda(grid: Sequence[Sequence[object]], file: str, problems: list[Problem]) -> Agenda | None:
    """Read which days and hours the project works; None, and problems, where a cell is not understood.

    The sheet holds three lists beside one another: the 24 hours of a day with Yes or No, the seven weekdays with
    Yes or No, and the holidays. One list of hours serves all weekdays, so every day worked has the same hours.
    """
    heads = [plain_text(cell).casefold() for cell in grid[0]] if grid else []
    n_before = len(problems)
    places = {}
    for header in ("Working Hours", "Working Days"):
        if header.casefold() in heads[:-1]:
            places[header] = heads.index(header.casefold())
        else:
            expected = "wanted it in the first row, over a list with Yes or No beside it"
            problems.append(Problem(file, 1, header, "no such header came", expected, EXPORT_AGAIN))
    if len(places) < 2:
        return None
    slots = _yes_or_no(grid, places["Working Hours"], file, problems)
    days = _yes_or_no(grid, places["Working Days"], file, problems)
    hours = _worked_hours(slots, file, problems)
    holidays = _holidays(grid, heads, file, problems)
    if sorted(days) != sorted(WEEKDAYS) or not any(days.values()):
        found = f"the days {', '.join(days) or 'none'} came"
        expected = "wanted Monday to Sunday, at least one of them with Yes"
        problems.append(Problem(file, None, "Working Days", found, expected, "Complete the list."))
    if len(problems) > n_before:
        return None
    week = "".join("1" if days[day] else "0" for day in WEEKDAYS)
    return Agenda(WorkCalendar(week, holidays), hours)


def _yes_or_no(
    grid: Sequence[Sequence[object]], place: int, file: str, problems: list[Problem]
) -> dict[str, bool]:
    """Read a list of labels with Yes or No beside each, down to the first empty label."""
    answers = {}
    for number, row in enumerate(grid[1:], start=2):
        label, answer = (plain_text(cell) for cell in row[place : place + 2])
        if not label:
            break
        if answer.casefold() not in ("yes", "no"):
            found = f"'{answer}' came for {label}"
            header = plain_text(grid[0][place])
            problems.append(Problem(file, number, header, found, "wanted Yes or No", "Correct the cell."))
        answers[label] = answer.casefold() == "yes"
    return answers


def _worked_hours(slots: dict[str, bool], file: str, problems: list[Problem]) -> tuple[int, ...]:
    hours = []
    for label, worked in slots.items():
        found = _HOUR_OF_DAY.fullmatch(label)
        if found is None or int(found[2]) != (int(found[1]) + 1) % 24:
            expected, remedy = "wanted whole hours such as 8:00 - 9:00", "Correct the label."
            problems.append(Problem(file, None, "Working Hours", f"'{label}' came", expected, remedy))
        elif worked:
            hours.append(int(found[1]))
    if not hours:
        expected, remedy = "wanted at least one with Yes", "Say which hours are worked."
        problems.append(Problem(file, None, "Working Hours", "no worked hour came", expected, remedy))
    return tuple(sorted(hours))


def _holidays(
    grid: Sequence[Sequence[object]], heads: Sequence[str], file: str, problems: list[Problem]
) -> tuple[dt.date, ...]:
    place = next((n for n, head in enumerate(heads) if head.startswith("holidays")), None)
    holidays = set()
    for number, row in enumerate(grid[1:], start=2):
        if place is not None and plain_text(row[place]):
            day = read_cell(row[place], parse_moment, (file, number, "Holidays"), problems)
            holidays |= {day.date()} if day else set()
    return tuple(sorted(holidays))


def read_cell(
    cell: object, parse: Callable[[object], Value], at: tuple[str, int, str], problems: list[Problem]
) -> Value | None:
    """Read a cell at a file, row and column; None, and a problem, where it cannot be read."""
    try:
        return parse(cell)
    except UnreadableCell as error:
        text = plain_text(cell)
        problems.append(Problem(*at, f"'{text}' came" if text else "nothing came", *error.args))
        return None


def parse_duration(cell: object, agenda: Agenda) -> float:
    """Read a duration in working days of the project: "148d 4h", "58 days", "1d4h", "6128h", "1,5d".

    A number without a unit is days, a week as many days as the project works in one. A comma before exactly three
    digits may mean two things and is not guessed.
    """
    text = plain_text(cell)
    if re.fullmatch(_NUMBER, text) and not isinstance(cell, bool):
        return agenda.working_days(days=_decimal(text))
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        expected = "wanted a duration in weeks, days and hours such as 12d, 148d 4h or 6h"
        raise UnreadableCell(expected, "Correct the cell.")
    return agenda.working_days(**{unit: _decimal(number) for unit, number in found.groupdict("0").items()})


def parse_predecessors(cell: object, agenda: Agenda) -> list[Dependency]:
    """Read the links into an activity, "2FS;4FS-2d 4h", with their lags in working days of the project."""
    links = []
    for piece in filter(None, (piece.strip() for piece in plain_text(cell).split(";"))):
        found = _LINK.fullmatch(piece)
        if found is None:
            expected = f"wanted predecessors such as 2FS;4FS-2d, and '{piece}' is none"
            raise UnreadableCell(expected, "Correct the cell.")
        lag = parse_duration(found["lag"], agenda) if found["lag"] else 0.0
        lag = round(-lag if found["sign"] == "-" else lag, 6)
        links.append(Dependency(found["milestone"], found["kind"].upper(), lag))
    return links


def parse_moment(cell: object) -> dt.datetime:
    """Read a date with its time of day; midnight when it has none."""
    if isinstance(cell, dt.datetime):
        return cell
    if isinstance(cell, dt.date):
        return dt.datetime.combine(cell, dt.time())
    for form in MOMENT_FORMATS if isinstance(cell, str) else ():
        with suppress(ValueError):
            return dt.datetime.strptime(str(cell).strip(), form)
    remedy = "Format the cell as a date, or write it as 2026-03-31 or 2026-03-31 08:00."
    raise UnreadableCell("wanted a date", remedy)


def parse_number(cell: object) -> float:
    """Read a plain number, perhaps with a comma for the decimals."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = plain_text(cell)
    if not re.fullmatch(rf"-?{_NUMBER}", text):
        raise UnreadableCell("wanted a plain number", "Write it without unit and thousands mark.")
    return _decimal(text)


def parse_share(cell: object) -> float:
    """Read how much of the work is done, 0 to 1; what lies a little above 1 is dirt and counts as 1.

    >>> parse_share(0.4), parse_share(1.0000001), parse_share("95 %")
    (0.4, 1.0, 0.95)
    """
    text = plain_text(cell)
    share = parse_number(text[:-1].strip()) / 100 if text.endswith("%") else parse_number(cell)
    if not 0 <= share < PERCENT_FROM:
        expected = "wanted the share of the work that is done, 0 to 1"
        raise UnreadableCell(expected, "Write it as 0.95 or as 95 %.")
    return min(round(share, 6), 1.0)


def plain_text(cell: object) -> str:
    """Write a cell as text, whole numbers without a point.

    >>> plain_text(7.0), plain_text(" 7 "), plain_text(1.5)
    ('7', '7', '1.5')
    """
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell).strip()


def number_text(number: float | None) -> str:
    """Write a number as plain decimals, at most six of them; nothing when there is none.

    >>> number_text(148.5), number_text(3.0), number_text(None)
    ('148.5', '3', '')
    """
    return "" if number is None else f"{number:.6f}".rstrip("0").rstrip(".")


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))
