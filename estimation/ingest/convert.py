"""Text to values, column by column: one date format proven by the data, plain numbers, nothing guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.errors import Problem
from estimation.tables import Column

FIRST_YEAR, LAST_YEAR = 1970, 2100
ISO = "%Y-%m-%d"
DATE_FORMATS = (
    ISO,
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
)
_FORMAT_WORDS = {
    "%d": "day",
    "%m": "month",
    "%b": "month name",
    "%B": "month name",
    "%Y": "year",
    "%y": "year (two digits)",
}
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$")
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}


@dataclass(frozen=True)
class RawColumn:
    """One column as text, with what a message needs to name a cell."""

    name: str
    header: str
    file: str
    cells: Sequence[str]
    row_numbers: Sequence[int]

    def problem(self, place: int, wanted: str, remedy: str) -> Problem:
        """Name one cell that cannot be used."""
        came = f"'{self.cells[place]}' came"
        return Problem(self.file, self.row_numbers[place], self.header, came, wanted, remedy)

    def filled(self) -> list[int]:
        """List the places that are not empty."""
        return [place for place, cell in enumerate(self.cells) if cell]


def convert(raw: RawColumn, column: Column, date_format: str = "") -> tuple[pd.Series, list[Problem]]:
    """Turn one column of text into values of its kind, and list every cell that does not fit.

    Returns
    -------
    (Series, list of Problem)
        The series holds missing values where cells are empty or wrong.
    """
    if column.kind == "date":
        return _dates(raw, date_format)
    if column.kind in ("number", "whole"):
        return _numbers(raw, column)
    if column.kind == "flag":
        return _flags(raw)
    return pd.Series([cell or None for cell in raw.cells], dtype="str"), []


def _dates(raw: RawColumn, date_format: str) -> tuple[pd.Series, list[Problem]]:
    places = raw.filled()
    texts = {place: _TIME_OF_DAY.sub("", raw.cells[place]) for place in places}
    distinct = sorted(set(texts.values()))
    formats = (date_format,) if date_format else DATE_FORMATS
    readings = {form: {text: _read_date(text, form) for text in distinct} for form in formats}
    fitting = [form for form, reading in readings.items() if all(reading.values())]
    if len({tuple(readings[form].values()) for form in fitting}) > 1:
        return _no_dates(raw), [_ambiguous(raw, texts, [readings[form] for form in fitting[:2]], fitting)]
    chosen = fitting[0] if fitting else max(formats, key=lambda form: sum(map(bool, readings[form].values())))
    values, problems = [None] * len(raw.cells), []
    for place, text in texts.items():
        date = readings[chosen][text]
        if date is None:
            wanted = f"wanted {_describe(chosen)} like the rest of the column"
            if chosen == ISO:
                wanted = "wanted a date such as 2026-03-31"
            remedy = "Correct the cell, or leave it empty if the date is not known."
            problems.append(raw.problem(place, wanted, remedy))
        elif not FIRST_YEAR <= date.year <= LAST_YEAR:
            wanted = f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}"
            problems.append(raw.problem(place, wanted, "Correct the year."))
        else:
            values[place] = date
    return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[s]"), problems


def _read_date(text: str, form: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, form)
    except ValueError:
        return None


def _no_dates(raw: RawColumn) -> pd.Series:
    return pd.Series([None] * len(raw.cells), dtype="datetime64[s]")


def _ambiguous(raw: RawColumn, texts: dict[int, str], readings: list[dict], formats: list[str]) -> Problem:
    place = next(p for p, text in texts.items() if readings[0][text] != readings[1][text])
    text = texts[place]
    shown = " or ".join(
        f"{reading[text]:%d %B %Y} ({_describe(form)})"
        for reading, form in zip(readings, formats, strict=False)
    )
    return raw.problem(
        place,
        f"it may mean {shown}, and no date in the column decides",
        f"Write the dates as 2026-03-31, or say in a mapping file: dates: {{{raw.name}: '{formats[0]}'}}.",
    )


def _describe(form: str) -> str:
    return re.sub("%[a-zA-Z]", lambda mark: _FORMAT_WORDS.get(mark[0], mark[0]), form)


def _numbers(raw: RawColumn, column: Column) -> tuple[pd.Series, list[Problem]]:
    values, problems = np.full(len(raw.cells), np.nan), []
    share = column.unit in ("0-1", "share of scope")
    percent_signs = 0
    for place in raw.filled():
        cell = raw.cells[place]
        number = cell.removesuffix("%").strip() if share else cell
        percent_signs += number != cell
        if not _NUMBER.match(number):
            remedy = "Write it with a point for decimals, without unit or thousands mark, or leave it empty."
            problems.append(raw.problem(place, "wanted a plain number", remedy))
            continue
        values[place] = float(number) / (100 if number != cell else 1)
        if column.kind == "whole" and values[place] % 1:
            problems.append(raw.problem(place, "wanted a whole number", "Round it, or leave it empty."))
            values[place] = np.nan
    if column.unit == "0-1" and not percent_signs and np.nanmax(values, initial=0.0) > 1:
        values = values / 100  # a column that goes beyond 1 is in percent
    if column.unit == "0-1":
        for place in np.flatnonzero((values < 0) | (values > 1)):
            problems.append(raw.problem(place, "wanted 0 to 1, or 0 to 100 %", "Correct the cell."))
    if column.unit in ("working days", "money"):
        for place in np.flatnonzero(values < 0):
            problems.append(raw.problem(place, "wanted zero or more", "Correct the cell."))
    kind = "Int64" if column.kind == "whole" else "float64"
    return pd.Series(values).astype(kind), problems


def _flags(raw: RawColumn) -> tuple[pd.Series, list[Problem]]:
    values, problems = [None] * len(raw.cells), []
    for place in raw.filled():
        word = raw.cells[place].casefold()
        if word in _YES or word in _NO:
            values[place] = word in _YES
        else:
            problems.append(raw.problem(place, "wanted yes or no", "Correct the cell."))
    return pd.Series(values, dtype="boolean"), problems
