"""Text to values, column by column: one date format proven by the data, plain numbers, nothing guessed."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.columns import Column
from estimation.errors import Problem

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
_TIME_OF_DAY = re.compile(r"[T ]+([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d(\.\d+)?)?( ?[AaPp]\.?[Mm]\.?)?$")
_DAY_NUMBER = re.compile(r"\d{5}(\.\d+)?")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_LARGEST = 1e15  # beyond it a float no longer holds every whole number
_SOME_DAY = dt.date(2026, 3, 31)
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
_SPREADSHEET_ERROR = re.compile(
    r"#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA|NOT CALCULATED)"
)
_SHOWN = 60


@dataclass(frozen=True)
class RawColumn:
    """One column as text, with what a message needs to name a cell.

    ``places`` gives the file and the row of each cell; the row is None where there is none.
    """

    name: str
    header: str
    cells: Sequence[str]
    places: Sequence[tuple[str, int | None]]

    def problem(self, place: int, wanted: str, remedy: str) -> Problem:
        """Name one cell that cannot be used."""
        file, row = self.places[place]
        return Problem(file, row, self.header, f"'{shown(self.cells[place])}' came", wanted, remedy)

    def filled(self) -> list[int]:
        """List the places that are not empty."""
        return [place for place, cell in enumerate(self.cells) if cell]


def shown(cell: str) -> str:
    """Fit the text of a cell into one line of a message."""
    line = " ".join(cell.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def convert(raw: RawColumn, column: Column, date_format: str = "") -> tuple[pd.Series, list[Problem]]:
    """Turn one column of text into values of its kind, and list every cell that does not fit.

    Parameters
    ----------
    raw : RawColumn
    column : Column
        Its kind and unit.
    date_format : str, optional
        The one format of a date column, where the user names it.

    Returns
    -------
    (Series, list of Problem)
        The series holds missing values where cells are empty or wrong.
    """
    problems = [
        raw.problem(
            place,
            "wanted a value, not an error of the spreadsheet",
            "Repair the formula, let the spreadsheet calculate, and save again.",
        )
        for place in raw.filled()
        if _SPREADSHEET_ERROR.fullmatch(raw.cells[place])
    ]
    if problems:
        cells = ["" if _SPREADSHEET_ERROR.fullmatch(cell) else cell for cell in raw.cells]
        raw = RawColumn(raw.name, raw.header, cells, raw.places)
    if column.kind == "date":
        values, wrong = _dates(raw, date_format)
    elif column.kind in ("number", "whole"):
        values, wrong = _numbers(raw, column)
    elif column.kind == "flag":
        values, wrong = _flags(raw)
    else:
        values, wrong = pd.Series([cell or None for cell in raw.cells], dtype="str"), []
    return values, problems + wrong


def _dates(raw: RawColumn, date_format: str) -> tuple[pd.Series, list[Problem]]:
    """Read a column of dates in the one format that reads most of them; equals must agree, or none counts."""
    texts = {
        place: cell if re.search("%[HI]", date_format) else _TIME_OF_DAY.sub("", cell)
        for place, cell in enumerate(raw.cells)
        if cell
    }
    readings = {
        form: {text: _read_date(text, form) for text in set(texts.values())}
        for form in ((date_format,) if date_format else DATE_FORMATS)
    }
    n_read = {form: sum(map(bool, reading.values())) for form, reading in readings.items()}
    best = [form for form in readings if n_read[form] == max(n_read.values())]
    undecided = _ambiguous(raw, texts, readings, best)
    if undecided is None:
        best = best[:1]
    values, problems = [None] * len(raw.cells), [undecided] if undecided else []
    for place, text in texts.items():
        date = next((readings[form][text] for form in best if readings[form][text]), None)
        if date is None:
            proven = "" if undecided or not n_read[best[0]] else best[0]
            problems.append(_not_a_date(raw, place, text, date_format or proven, readings))
        elif not FIRST_YEAR <= date.year <= LAST_YEAR:
            wanted = f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}"
            problems.append(raw.problem(place, wanted, "Correct the year."))
        elif undecided is None:
            values[place] = date
    return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[s]"), problems


def _read_date(text: str, form: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, form).replace(
            hour=0, minute=0, second=0, microsecond=0, tzinfo=None
        )
    except ValueError:
        return None


_Readings = Mapping[str, Mapping[str, dt.datetime | None]]


def _ambiguous(
    raw: RawColumn, texts: Mapping[int, str], readings: _Readings, best: Sequence[str]
) -> Problem | None:
    """Find the first cell that the best formats read as different dates."""
    for place, text in texts.items():
        meanings = {readings[form][text]: form for form in reversed(best) if readings[form][text]}
        if len(meanings) > 1:
            both = sorted(meanings.items(), key=lambda one: best.index(one[1]))[:2]
            words = " or ".join(f"{date:%d %B %Y} ({_describe(form)})" for date, form in both)
            return raw.problem(
                place,
                f"it may mean {words}, and the rest of the column does not decide",
                "Write the dates as 2026-03-31, or name the format in a mapping file: "
                f"dates: {{{raw.name}: '{both[0][1]}'}} or '{both[1][1]}'.",
            )
    return None


def _not_a_date(raw: RawColumn, place: int, text: str, form: str, readings: _Readings) -> Problem:
    wanted = "wanted a date such as 2026-03-31"
    if form not in ("", ISO):
        wanted = f"wanted {_describe(form)} such as {_SOME_DAY:{form}}, like the rest of the column"
    if len(readings) == 1:
        wanted = f"wanted {_describe(form)} such as {_SOME_DAY:{form}}, as the mapping file says"
    other = next((_describe(one) for one, reading in readings.items() if reading[text]), "")
    remedy = "Correct the cell, or leave it empty if the date is not known."
    if other:
        remedy = f"It reads as {other}; write all dates of the column in one way, best as 2026-03-31."
    elif _DAY_NUMBER.fullmatch(text):
        remedy = "It looks like a spreadsheet's day number: format the column as dates there and save again."
    return raw.problem(place, wanted, remedy)


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
        value = float(number) if _NUMBER.fullmatch(number) else math.inf
        if abs(value) > _LARGEST:
            remedy = "Write it with a point for decimals, without unit or thousands mark, or leave it empty."
            problems.append(raw.problem(place, "wanted a plain number", remedy))
        elif column.kind == "whole" and value % 1:
            problems.append(raw.problem(place, "wanted a whole number", "Round it, or leave it empty."))
        elif value < 0:
            problems.append(raw.problem(place, "wanted zero or more", "Correct the cell."))
        else:
            values[place] = value / 100 if number != cell else value
    if column.unit == "0-1":
        shares = values / 100 if _in_percent(values, percent_signs) else values
        for place in np.flatnonzero(shares > 1):
            wanted = "wanted 0 to 1, or 0 to 100 %, the same in the whole column"
            problems.append(raw.problem(place, wanted, "Correct the cell."))
        values = shares
    return pd.Series(values).astype("Int64" if column.kind == "whole" else "float64"), problems


def _in_percent(values: np.ndarray, percent_signs: int) -> bool:
    """Tell whether a column of shares is in percent: it goes beyond 1, and no sign or fraction says otherwise."""
    beyond, fraction = np.nanmax(values, initial=0.0) > 1, ((values > 0) & (values < 1)).any()
    return bool(beyond and not fraction and not percent_signs)


def _flags(raw: RawColumn) -> tuple[pd.Series, list[Problem]]:
    values, problems = [None] * len(raw.cells), []
    for place in raw.filled():
        word = raw.cells[place].casefold()
        if word in _YES or word in _NO:
            values[place] = word in _YES
        else:
            problems.append(raw.problem(place, "wanted yes or no", "Correct the cell."))
    return pd.Series(values, dtype="boolean"), problems
