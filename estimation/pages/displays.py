"""Tables, key figures and sentences as a report shows them; every text from data is escaped here."""

from __future__ import annotations

import datetime as dt
import numbers
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

import numpy as np
import pandas as pd

MISSING = "–"
NO_ROWS = "Nothing to list."
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# The looks come from the report's own style sheet, which ignores these; they serve JupyterLab alone.
_LEFT = "text-align:left;vertical-align:top;white-space:normal"
_RIGHT = "text-align:right;vertical-align:top;white-space:nowrap"
_CARD = "display:inline-block;margin:0 2em 0.5em 0;vertical-align:top"
_NAME = "float:none;width:auto;margin:0;font-weight:400"
_VALUE = "float:none;width:auto;margin:0;font-size:1.6em;font-weight:600"


@dataclass(frozen=True)
class ReportTable:
    """A table ready to be shown: headers and cells are already text, nothing of it is HTML yet."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    caption: str = ""

    def _repr_html_(self) -> str:
        """Write the table with headers that belong to their columns and rows; without rows a sentence says so."""
        if not self.rows:
            return f'<p class="report-text">{escape(self.caption or NO_ROWS)}</p>'
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        kinds = [("num", _RIGHT) if numeric else ("txt", _LEFT) for numeric in self.numeric]
        head = _cells(self.headers, kinds, ['th scope="col"'] * len(kinds))
        tags = ['th scope="row"', *["td"] * (len(kinds) - 1)]  # the first cell of a line names it
        body = "\n".join(f"<tr>{_cells(row, kinds, tags)}</tr>" for row in self.rows)
        return f'<table class="report-table">{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'

    def __repr__(self) -> str:
        lines = ["\t".join(line) for line in (self.headers, *self.rows)]
        return "\n".join([self.caption, *lines] if self.caption else lines)


@dataclass(frozen=True)
class ReportHeadline:
    """A few big numbers, each with what it is called."""

    figures: Mapping[str, str] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        """Write the cards as a description list."""
        cards = "".join(
            f'<div style="{_CARD}"><dt style="{_NAME}">{escape(name)}</dt>'
            f'<dd style="{_VALUE}">{escape(value)}</dd></div>'
            for name, value in self.figures.items()
        )
        return f'<dl class="report-headline">{cards}</dl>'

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self.figures.items())


@dataclass(frozen=True)
class ReportText:
    """Paragraphs of text."""

    paragraphs: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Write the paragraphs."""
        return "".join(f'<p class="report-text">{escape(text)}</p>' for text in self.paragraphs)

    def __repr__(self) -> str:
        return "\n\n".join(self.paragraphs)


def show_progress(what: str) -> Callable[[int, int], None]:
    """Show on one line of standard error how many folds are done, of how many; the line ends with the last.

    >>> show_progress("Finishes forecast")(12, 12)
    """

    def told(done: int, of: int) -> None:
        print(f"\r{what}: {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)

    return told


def show_table(
    table: pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    caption: str = "",
) -> ReportTable:
    """Show a table as a reader of reports expects it: plain headers, aligned numbers, dates in words.

    The first column names the row. Numbers and dates are right aligned; a date reads "16 Nov 2026", which
    no reader takes for another one; what is missing is an en dash, a flag reads yes or no. Negative
    numbers have a true minus sign, zero has none. ``columns`` says which, in which order, under which header; without
    it all are shown. A format is a specification such as ``"+.0f"`` or ``".0%"``, or a text with braces such as
    ``"{:.2f} ×"``; without it whole numbers are shown whole and others with one decimal.

    Raises
    ------
    KeyError
        If ``columns`` or ``formats`` name a column that the table does not have.

    Examples
    --------
    >>> slips = pd.DataFrame({"phase": ["discovery"], "slip_days": [-2.0]})
    >>> show_table(slips, formats={"slip_days": "+.0f"}).rows
    (('discovery', '−2'),)
    """
    headers = dict(columns or {name: str(name).replace("_", " ") for name in table.columns})
    formats = dict(formats or {})
    unknown = [name for name in (*headers, *formats) if name not in table.columns]
    if unknown:
        raise KeyError(f"not a column of the table: {', '.join(map(str, unknown))}")
    texts = [[shown_value(value, formats.get(name, "")) for value in table[name]] for name in headers]
    return ReportTable(
        headers=tuple(headers.values()),
        rows=tuple(zip(*texts, strict=True)),
        numeric=tuple(_is_numeric(table[name]) for name in headers),
        caption=caption,
    )


def show_headline(
    figures: Mapping[str, object], *, formats: Mapping[str, str] | None = None
) -> ReportHeadline:
    """Show the few figures that matter most as large cards, name above value; written as in ``show_table``."""
    formats = formats or {}
    return ReportHeadline(
        {name: shown_value(value, formats.get(name, "")) for name, value in figures.items()}
    )


def show_text(*paragraphs: str) -> ReportText:
    """Show sentences, one paragraph per text; empty ones are left out, what looks like HTML is shown as it stands."""
    return ReportText(tuple(text.strip() for text in paragraphs if text.strip()))


def shown_date(date: dt.date) -> str:
    """Write a date so that no reader takes it for another one; a missing one is a dash.

    >>> shown_date(dt.date(2026, 11, 16))
    '16 Nov 2026'
    """
    return MISSING if date is pd.NaT else f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def shown_dates(old: dt.date, new: dt.date, arrow: str = "→") -> str:
    """Write an old date beside the new one; where one is missing, the other alone.

    >>> shown_dates(dt.date(2026, 2, 13), dt.date(2026, 2, 20))
    '13 Feb → 20 Feb 2026'
    """
    if old is pd.NaT or new is pd.NaT:
        return shown_date(new if old is pd.NaT else old)
    first = shown_date(old).removesuffix(f" {new.year}")
    return f"{first} {arrow} {shown_date(new)}"


def shown_value(value: object, spec: str = "") -> str:
    """Write one value of a table as a reader expects it, by the rules of ``show_table``; nothing is escaped."""
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return MISSING
    if isinstance(value, dt.date):
        return shown_date(value)
    if isinstance(value, str):
        return value or MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, numbers.Number):
        spec = spec or (",d" if isinstance(value, numbers.Integral) else ",.1f")
        text = spec.format(value) if "{" in spec else format(value, spec)
        if not any(digit in text for digit in "123456789"):
            return text.replace("+", "", 1).replace("-", "", 1)
        return text.replace("-", "−", 1) if value < 0 else text
    return str(value)


def _cells(row: tuple[str, ...], kinds: list[tuple[str, str]], tags: list[str]) -> str:
    """One line of the table."""
    return "".join(
        f'<{tag} class="{css}" style="{style}">{escape(text)}</{tag[:2]}>'
        for text, (css, style), tag in zip(row, kinds, tags, strict=True)
    )


def _is_numeric(column: pd.Series) -> bool:
    types = pd.api.types
    counted = types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    return counted or types.is_datetime64_any_dtype(column)
