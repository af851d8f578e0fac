"""A plan as a spreadsheet: the same table that people hand in, with the estimates that history deserves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from estimation.ledger.disk import whole_file
from estimation.tables import ESTIMATE

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

LARGEST_WIDTH = 60


def save_plan(table: pd.DataFrame, path: str | Path, *, sheet: str = "plan") -> Path:
    """Write a plan as an Excel workbook that can be edited and read again; columns without any value are left out."""
    from openpyxl import Workbook  # takes a third of a second that most runs need not spend
    from openpyxl.styles import Font

    target = Path(path)
    filled = table.drop(columns="source", errors="ignore").dropna(axis="columns", how="all")
    said = [name for name in ESTIMATE if name in filled]  # beside what was approved
    if "baseline_days" in filled:
        others = [name for name in filled if name not in said]
        place = others.index("baseline_days") + 1
        filled = filled[[*others[:place], *said, *others[place:]]]
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for column, name in enumerate(filled.columns, start=1):
        head = page.cell(1, column, name)
        head.font = Font(bold=True)
        values = filled[name]
        for row, value in enumerate(values, start=2):
            put_value(page.cell(row, column), value, "yyyy-mm-dd")
        widest = max([len(name), *(len(str(value)) for value in values.dropna())])
        page.column_dimensions[head.column_letter].width = min(widest + 2, LARGEST_WIDTH)
    page.freeze_panes = "A2"
    return write_book(book, target)


def put_text(cell: Cell, text: str) -> None:
    """Write text as text: what begins with = is no formula, and what no workbook can hold is left out."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", text), "s"


def put_value(cell: Cell, value: Any, date_format: str) -> None:
    """Write a date, a text or a number; an empty value leaves the cell empty."""
    if isinstance(value, str):
        put_text(cell, value)
    elif isinstance(value, pd.Timestamp):
        cell.value, cell.number_format = value.to_pydatetime(), date_format
    elif pd.notna(value):
        cell.value = value


def write_book(book: Workbook, target: Path) -> Path:
    """Write a workbook under another name and rename it when it is complete; its folder is made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as half:
        book.save(half)
    return target
