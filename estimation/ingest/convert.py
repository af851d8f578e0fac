"""Text to values, column by column: one date format proven by the data, plain numbers, nothing guessed."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
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
_TIME_OF_DAY = re.compile(r"[T ]+([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d(\.\d+)?)?( ?[AaPp]\.?[Mm]\.?)?$")
_DAY_NUMBER = re.compile(r"\d{5}(\.\d+)?")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_LARGEST = 1e15  # beyond it a float no longer holds every whole number
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
    """Read a column of dates in the one format that reads most of its cells."""
    has_time = "%H" in date_format or "%I" in date_format
    texts = {p: raw.cells[p] if has_time else _TIME_OF_DAY.sub("", raw.cells[p]) for p in raw.filled()}
    distinct = sorted(set(texts.values()))
    formats = (date_format,) if date_format else DATE_FORMATS
    readings = {form: {text: _read_date(text, form) for text in distinct} for form in formats}
    n_read = {form: sum(reading[text] is not None for text in texts.values()) for form, reading in readings.items()}
    most = max(n_read.values())
    fitting = [form for form in formats if n_read[form] == most] if most else [formats[0]]
    values, problems = [None] * len(raw.cells), []
    undecided = _undecided(raw, texts, readings, fitting)
    if undecided is not None:
        problems.append(undecided)
    for place, text in texts.items():
        date = readings[fitting[0]][text]
        if not any(readings[form][text] for form in fitting):
            problems.append(_not_a_date(raw, place, text, fitting, undecided is None and most > 0))
        elif undecided is None and date is None:
            problems.append(_not_a_date(raw, place, text, fitting[:1], True))
        elif undecided is None and not FIRST_YEAR <= date.year <= LAST_YEAR:
            wanted = f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}"
            problems.append(raw.problem(place, wanted, "Correct the year."))
        elif undecided is None:
            values[place] = date
    return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[s]"), problems
