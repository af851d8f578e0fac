"""The only place that turns two dates into working days and back.

A start is a morning and a finish an evening, both days count: work that starts and finishes on the same
working day took one day. Inside, a date is a place on the working-day axis: mornings and evenings counted in
working days, where differences are durations and slips.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from estimation.calendar.public_holidays import days_off_in
from estimation.errors import InputError

STANDARD_WEEK = "1111100"
LONGEST_CLOSURE_DAYS = 366
_REGION = re.compile(r"[^\W\d_]+(-[\w-]+)?")
_ORIGIN = np.datetime64("1900-01-01", "D")

DateLike = str | dt.date | pd.Timestamp
"""A date as people pass it: text as 2026-03-31, a date, or one of pandas."""


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: a week pattern and the holidays that break it.

    Parameters
    ----------
    week : str of seven 0 or 1
        Monday first; ``"1111100"`` is Monday to Friday.
    holidays : tuple of datetime.date
        Days off beside the week pattern.
    notation : str
        How people wrote it, such as ``"DE-BY 2026-12-24..2026-12-31"``; empty when it was not read from text. Two
        calendars with the same days are equal, however they were written.

    Raises
    ------
    InputError
        If the week pattern is not seven digits 0 or 1 with at least one 1.

    Examples
    --------
    >>> calendar = WorkCalendar(holidays=(dt.date(2026, 1, 1),))
    >>> calendar.days_between("2025-12-31", "2026-01-02")
    2
    """

    week: str = STANDARD_WEEK
    holidays: tuple[dt.date, ...] = field(default=())
    notation: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7 or set(self.week) - {"0", "1"} or "1" not in self.week:
            raise InputError(
                f"The week pattern '{self.week}' is not usable: wanted seven digits 0 or 1, Monday first, "
                "with at least one working day, such as 1111100 for Monday to Friday."
            )

    @cached_property
    def _busday(self) -> np.busdaycalendar:
        return np.busdaycalendar(weekmask=self.week, holidays=np.array(self.holidays, dtype="datetime64[D]"))

    def to_text(self) -> str:
        """Write the calendar as one line, the form it has in the ``calendar`` column of a table.

        >>> WorkCalendar(holidays=(dt.date(2026, 1, 1),)).to_text()
        '1111100 2026-01-01'
        """
        return self.notation or " ".join([self.week, *(day.isoformat() for day in self.holidays)])

    def is_worked(self, days) -> np.ndarray:
        """Tell which days are worked.

        >>> WorkCalendar().is_worked(["2026-03-06", "2026-03-07"]).tolist()  # Friday, Saturday
        [True, False]
        """
        return np.is_busday(as_days(days), busdaycal=self._busday)

    def mornings(self, days) -> np.ndarray:
        """Place start mornings on the working-day axis: how many working days since 1900 lie before each.

        A missing date gives NaN; a day off counts as the morning of the next working day.
        """
        return self._count_before(as_days(days))

    def evenings(self, days) -> np.ndarray:
        """Place finish evenings on the working-day axis: how many working days are over by each.

        A day off counts as the evening of the working day before it. Work that starts on morning ``m`` and
        finishes on evening ``e`` took ``e - m`` working days.

        >>> calendar = WorkCalendar()
        >>> (calendar.evenings(["2026-03-09"]) - calendar.mornings(["2026-03-06"])).tolist()  # Fri to Mon
        [2.0]
        """
        return self._count_before(as_days(days) + np.timedelta64(1, "D"))

    def _count_before(self, days: np.ndarray) -> np.ndarray:
        known = ~np.isnat(days)
        count = np.full(days.shape, np.nan)
        count[known] = np.busday_count(_ORIGIN, days[known], busdaycal=self._busday)
        return count

    def days_between(self, start: DateLike, finish: DateLike) -> int:
        """Count working days from a start morning to a finish evening, both days included."""
        return int(self.evenings([finish])[0] - self.mornings([start])[0])

    def slip(self, planned, happened) -> np.ndarray:
        """Measure how many working days finishes came after their planned dates; late is positive.

        >>> WorkCalendar().slip(["2026-03-06"], ["2026-03-09"]).tolist()  # planned Friday, came Monday
        [1.0]
        """
        return self.evenings(happened) - self.evenings(planned)

    def kept(self, promised, happened) -> np.ndarray:
        """Whether each finish kept its promised date, counted in working days as slips are; an open one did not.

        >>> WorkCalendar().kept(["2026-03-06"] * 2, ["2026-03-07", "2026-03-09"]).tolist()  # Saturday, Monday
        [True, False]
        """
        return self.slip(promised, happened) <= 0

    def morning_dates(self, mornings) -> np.ndarray:
        """Turn whole mornings on the working-day axis back into dates of the same shape, NaN into NaT."""
        places = np.asarray(mornings, dtype=float)
        known = np.isfinite(places)
        dates = np.full(places.shape, np.datetime64("NaT", "s"))
        dates[known] = np.busday_offset(
            _ORIGIN, places[known].astype(np.int64), roll="forward", busdaycal=self._busday
        ).astype("datetime64[s]")
        return dates

    def evening_dates(self, evenings) -> np.ndarray:
        """Turn evenings on the working-day axis back into dates, part days rounded up.

        >>> WorkCalendar().evening_dates(WorkCalendar().mornings(["2026-03-06"]) + 1.2)  # 1.2 days: Monday
        array(['2026-03-09T00:00:00'], dtype='datetime64[s]')
        """
        # A billionth of a day is rounding noise of the arithmetic, not work.
        return self.morning_dates(np.ceil(np.asarray(evenings, dtype=float) - 1e-9) - 1)


def status_day(as_of: DateLike) -> pd.Timestamp:
    """Read a status date: a date, or text as 2026-03-31 and no other way, because 03/04/2026 has two readings."""
    if not isinstance(as_of, str):
        return pd.Timestamp(as_of)
    try:
        return pd.Timestamp(dt.date.fromisoformat(as_of))
    except ValueError:
        raise InputError(
            f"The status date '{as_of}' does not read as a date; wanted year-month-day such as 2026-03-31."
        ) from None


def as_days(values) -> np.ndarray:
    """Turn anything date-like into an array of whole days, missing values kept."""
    if getattr(getattr(values, "dtype", None), "kind", "") == "M":
        return np.asarray(values).astype("datetime64[D]")
    return pd.to_datetime(pd.Series(values)).to_numpy().astype("datetime64[D]")


@lru_cache(maxsize=512)
def calendar_from_text(text: str) -> WorkCalendar:
    """Read a calendar from the one-line form of the ``calendar`` column.

    Perhaps a week pattern, Monday first; then, separated by spaces or commas, countries with or without a
    subdivision, whose public holidays are days off (``DE-BY``), and days off or ranges of them, both ends included
    (``2026-12-24..2026-12-31``). Without a week pattern the country's own weekend counts. A word that cannot be
    read is refused, an unknown country with the nearest codes.

    >>> calendar_from_text("1111100 2026-01-01").days_between("2026-01-01", "2026-01-02")
    1
    >>> closed = calendar_from_text("DE-BY 2026-12-28..2026-12-31")
    >>> closed.days_between("2026-12-21", "2027-01-08")  # 21 to 24 December; 4, 5, 7, 8 January
    8
    """
    notation = " ".join(re.sub(r"\s*\.\.\s*", "..", re.sub(r"[,;]", " ", text)).split())
    words = notation.split()
    week = words.pop(0) if words and words[0].isdigit() else ""
    regions = [word for word in words if _REGION.fullmatch(word)]
    if not week and not regions:
        raise _unusable(text, "it has neither a week pattern nor a country")
    try:
        known = [days_off_in(region) for region in regions]
        closed = [day for word in words if word not in regions for day in _closure(word)]
    except InputError as error:
        raise _unusable(text, str(error)) from None
    # Whoever keeps the holidays of two countries works on the days that both work.
    week = week or "".join(min(days) for days in zip(*(pattern for pattern, _ in known), strict=True))
    off = {*closed, *(day for _, days in known for day in days)}
    calendar = WorkCalendar(week, notation=notation)
    # Holidays on days that the week does not work change nothing: without them the same days make equal calendars.
    return replace(calendar, holidays=tuple(day for day in sorted(off) if week[day.weekday()] == "1"))


def _closure(word: str) -> list[dt.date]:
    """Read one day off or a range of them."""
    first, dots, last = word.partition("..")
    try:
        start = dt.date.fromisoformat(first)
        days = (dt.date.fromisoformat(last) - start).days + 1 if dots else 1
    except ValueError as error:
        raise InputError(f"'{word}' is neither a date nor a range of dates ({error})") from None
    if not 1 <= days <= LONGEST_CLOSURE_DAYS:
        raise InputError(f"the range '{word}' is {'backwards' if days < 1 else 'longer than a year'}")
    return [start + dt.timedelta(days=n) for n in range(days)]


def _unusable(text: str, reason: str) -> InputError:
    return InputError(
        f"The calendar '{text[:60]}' is not usable: {reason}{'' if reason.endswith('?') else '.'} Wanted a week "
        "pattern (seven digits 0 or 1, Monday first) or a country, then ISO dates of the days off, such as "
        "'1111100 2026-01-01', 'DE-BY' or '1111100 DE-BY 2026-12-24..2026-12-31'."
    )
