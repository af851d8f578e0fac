"""Text to values, column by column: one date format proven by the data, plain numbers, nothing guessed."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.errors import Problem
from estimation.ingest.yaml_text import load_words
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
    "%d/%b/%y",
    "%d/%b/%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
)
DATE_ORDERS = {"day month year": "dmy", "month day year": "mdy", "year month day": "ymd"}
"""What a mapping file may say under ``date_order``."""
_FORMAT_WORDS = {"%d": "day", "%m": "month", "%Y": "year", "%y": "year (two digits)"}
_FORMAT_WORDS |= dict.fromkeys(("%b", "%B"), "month name")
TIME_ZONE = r"(?P<zone> ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))"
_TIME_OF_DAY = re.compile(
    rf"[T ]+([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?{TIME_ZONE}?$"
)
_DAY_NUMBER = re.compile(r"\d{5}(\.\d+)?")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_LARGEST = 1e15  # beyond it a float no longer holds every whole number
SOME_DAY = dt.date(2026, 3, 31)
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
_NO_DATE_YET = load_words(Path(__file__).with_name("words.yaml"))["no_date_yet"]
_STANDS_FOR_UNKNOWN = range(1900, 9000)
_SPREADSHEET_ERROR = re.compile(
    r"#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA|NOT CALCULATED)"
)
_SHOWN = 60
_STEERING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class RawColumn:
    """One column as text, with what a message needs to name a cell.

    ``places`` gives the file and the row of each cell; the row is None where there is none.
    """

    name: str
    header: str
    cells: Sequence[str]
    places: Sequence[tuple[str, int | None]]

    @cached_property
    def _distinct(self) -> tuple[np.ndarray, list[str]]:
        codes, words = pd.factorize(np.array(self.cells, dtype=object))
        return codes, list(words)

    @property
    def codes(self) -> np.ndarray:
        """Which of the distinct ``words`` each cell holds."""
        return self._distinct[0]

    @property
    def words(self) -> list[str]:
        """Each text once, in the order in which it came first; "" among them where a cell is empty."""
        return self._distinct[1]

    @cached_property
    def empty(self) -> np.ndarray:
        """Tell for each cell whether nothing was written in it."""
        return np.array([not word for word in self.words], dtype=bool)[self.codes]

    @cached_property
    def _by_word(self) -> dict[str, np.ndarray]:
        ends = np.cumsum(np.bincount(self.codes, minlength=len(self.words)))
        parts = np.split(np.argsort(self.codes, kind="stable"), ends[:-1])
        return dict(zip(self.words, parts, strict=True))

    def places_of(self, *words: str) -> list[int]:
        """List the places at which one of some texts stands."""
        found = [self._by_word[word] for word in words]
        return np.sort(np.concatenate(found)).tolist() if found else []

    def problem(self, place: int, expected: str, remedy: str, *, whole: bool = False) -> Problem:
        """Name one cell that cannot be used."""
        file, row = self.places[place]
        found = f"'{shown(self.cells[place])}' came"
        return Problem(file, row, self.header, found, expected, remedy, whole)

    def problems_of(self, words: Iterable[str], expected: str, remedy: str) -> list[Problem]:
        """Name every cell that holds one of some texts, none of which can be used."""
        return [self.problem(place, expected, remedy) for word in words for place in self.places_of(word)]


def shown(cell: str) -> str:
    """Fit the text of a cell into one line of a message; signs that steer a terminal are shown as "?"."""
    line = _STEERING.sub("?", " ".join(cell[: 10 * _SHOWN].split()))
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def convert(
    raw: RawColumn, column: Column, date_format: str = "", *, date_order: str = ""
) -> tuple[pd.Series, list[Problem]]:
    """Turn one column of text into values of its kind, missing where a cell is empty or wrong, and list the wrong ones.

    Every text is read once, however many cells hold it. ``date_format`` is the one format of a date column, where
    the user names it; ``date_order`` a key of ``DATE_ORDERS``.
    """
    errors = [word for word in raw.words if _SPREADSHEET_ERROR.fullmatch(word)]
    expected = "wanted a value, not an error of the spreadsheet"
    remedy = "Repair the formula, let the spreadsheet calculate, and save again."
    problems = raw.problems_of(errors, expected, remedy)
    if problems:
        raw = replace(raw, cells=["" if cell in errors else cell for cell in raw.cells])
    if column.kind == "date":
        values, wrong = _dates(raw, _formats(date_format, date_order))
    elif column.kind in ("number", "whole"):
        values, wrong = _numbers(raw, column)
    elif column.kind == "flag":
        values, wrong = _flags(raw)
    else:
        words = pd.Series([word or None for word in raw.words], dtype="str")
        values, wrong = words.take(raw.codes).reset_index(drop=True), []
    return values, problems + wrong


def _formats(date_format: str, date_order: str) -> Sequence[str]:
    if date_format:
        return (date_format,)
    wanted = DATE_ORDERS.get(date_order, "")
    return [
        form
        for form in DATE_FORMATS
        if form == ISO or "b" in form.lower() or wanted in "".join(re.findall("[dmy]", form.lower()))
    ]


def _dates(raw: RawColumn, formats: Sequence[str]) -> tuple[pd.Series, list[Problem]]:
    """Read a column of dates in the one format that reads most of them; equals must agree, or none counts."""
    named = formats[0] if len(formats) == 1 else ""
    keeps_time = re.search("%[HI]", named)
    texts = {word: word if keeps_time else _TIME_OF_DAY.sub("", word) for word in raw.words if word}
    readings = {form: {text: _read_date(text, form) for text in set(texts.values())} for form in formats}
    counts = dict(zip(raw.words, np.bincount(raw.codes, minlength=len(raw.words)).tolist(), strict=True))
    n_read = {
        form: sum(counts[word] for word, text in texts.items() if reading[text])
        for form, reading in readings.items()
    }
    best = [form for form in readings if n_read[form] == max(n_read.values())]
    undecided = _ambiguous(raw, texts, readings, best)
    if undecided is None:
        best = best[:1]
    days = np.full(len(raw.words), np.datetime64("NaT"), dtype="datetime64[s]")
    problems = [undecided] if undecided else []
    for place, word in enumerate(raw.words):
        if not word:
            continue
        date = next((readings[form][texts[word]] for form in best if readings[form][texts[word]]), None)
        if date is None:
            proven = "" if undecided or not n_read[best[0]] else best[0]
            problems += raw.problems_of([word], *_not_a_date(raw, texts[word], named or proven, readings))
        elif not FIRST_YEAR <= date.year <= LAST_YEAR:
            unknown = date.year not in _STANDS_FOR_UNKNOWN
            otherwise = ", or leave the cell empty if it stands for a date that is not known" * unknown
            expected = f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}"
            problems += raw.problems_of([word], expected, f"Correct the year{otherwise}.")
        elif undecided is None:
            days[place] = date
    return pd.Series(days[raw.codes]), problems


def _read_date(text: str, form: str) -> dt.datetime | None:
    if form[2] not in text:  # the mark between day, month and year; reading in vain takes long
        return None
    try:
        return dt.datetime.combine(dt.datetime.strptime(text, form).date(), dt.time())
    except ValueError:
        return None


_Readings = Mapping[str, Mapping[str, dt.datetime | None]]


def _ambiguous(
    raw: RawColumn, texts: Mapping[str, str], readings: _Readings, best: Sequence[str]
) -> Problem | None:
    """Find the first cell that the best formats read as different dates."""
    for word, text in texts.items():
        meanings = {readings[form][text]: form for form in reversed(best) if readings[form][text]}
        if len(meanings) > 1:
            both = sorted(meanings.items(), key=lambda one: best.index(one[1]))[:2]
            words = " or ".join(f"{date:%d %B %Y} ({_describe(form)})" for date, form in both)
            return raw.problem(
                raw.places_of(word)[0],
                f"it may mean {words}, and the rest of the column does not decide",
                "Write the dates as 2026-03-31, or name the format in a mapping file: "
                f"dates: {{{raw.name}: '{both[0][1]}'}} or '{both[1][1]}'.",
                whole=True,
            )
    return None


def _not_a_date(raw: RawColumn, text: str, form: str, readings: _Readings) -> tuple[str, str]:
    """Say what was wanted of a text that is no date, and what to do."""
    expected = "wanted a date such as 2026-03-31"
    if form not in ("", ISO):
        expected = f"wanted {_describe(form)} such as {SOME_DAY:{form}}, like the rest of the column"
    if len(readings) == 1:
        expected = f"wanted {_describe(form)} such as {SOME_DAY:{form}}, as the mapping file says"
    other = next((_describe(one) for one, reading in readings.items() if reading[text]), "")
    remedy = "Correct the cell, or leave it empty if the date is not known."
    if other:
        remedy = f"It reads as {other}; write all dates of the column in one way, best as 2026-03-31."
    elif _DAY_NUMBER.fullmatch(text):
        remedy = "It looks like a spreadsheet's day number: format the column as dates there and save again."
    elif text.casefold() in _NO_DATE_YET:
        remedy = (
            "Leave the cell empty if the date is not known yet, or say so for the whole column in a mapping "
            f"file: translate: {{{raw.name}: {{'{text}': ''}}}}."
        )
    return expected, remedy


def _describe(form: str) -> str:
    return re.sub("%[a-zA-Z]", lambda mark: _FORMAT_WORDS.get(mark[0], mark[0]), form)


def _numbers(raw: RawColumn, column: Column) -> tuple[pd.Series, list[Problem]]:
    values, problems = np.full(len(raw.words), np.nan), []
    share = column.unit in ("0-1", "share of scope")
    percent_signs = 0

    for n, word in enumerate(raw.words):
        if not word:
            continue
        number = word.removesuffix("%").strip() if share else word
        percent_signs += number != word
        value = float(number) if _NUMBER.fullmatch(number) else math.inf
        if abs(value) > _LARGEST:
            remedy = "Write it with a point for decimals, without unit or thousands mark, or leave it empty."
            problems += raw.problems_of([word], "wanted a plain number", remedy)
        elif column.kind == "whole" and value % 1:
            problems += raw.problems_of([word], "wanted a whole number", "Round it, or leave it empty.")
        elif column.least is not None and value < column.least:
            problems += raw.problems_of([word], "wanted zero or more", "Correct the cell.")
        else:
            values[n] = value / 100 if number != word else value
    if column.unit == "0-1":
        fractions = ((values > 0) & (values < 1)).any()
        if np.nanmax(values, initial=0.0) > 1 and not fractions and not percent_signs:
            values = values / 100  # the whole column is in percent
        beyond = values > column.most
        expected = "wanted 0 to 1, or 0 to 100 %, the same in the whole column"
        words = [raw.words[n] for n in np.flatnonzero(beyond)]
        problems += raw.problems_of(words, expected, "Correct the cell.")
        values[beyond] = np.nan
    numbers = pd.Series(values[raw.codes])
    return numbers.astype("Int64" if column.kind == "whole" else "float64"), problems


def _flags(raw: RawColumn) -> tuple[pd.Series, list[Problem]]:
    answers = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
    values = [answers.get(word.casefold()) for word in raw.words]
    wrong = [word for word, value in zip(raw.words, values, strict=True) if word and value is None]
    problems = raw.problems_of(wrong, "wanted yes or no", "Correct the cell.")
    return pd.Series(values, dtype="boolean").take(raw.codes).reset_index(drop=True), problems
