"""Excel workbooks: the sheet and its header row are found, every cell becomes text."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from estimation.errors import refusal
from estimation.ingest.formats.delimited import EXPORT_AGAIN
from estimation.ingest.formats.excel_guard import SheetMarks, read_marks, refuse_bombs
from estimation.ingest.formats.excel_layout import Grid, fill_merged, hidden_parts
from estimation.ingest.headers import HEADER_WITHIN, find_header, match_headers
from estimation.ingest.raw_table import RawTable

_MILESTONE_TABLE = {"project", "milestone", "phase"}
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError)
_REMEDY = "Save it as .xlsx without a password, or export the sheet as CSV."


def open_workbook(path: Path) -> CalamineWorkbook:
    """Open a workbook, or say in a sentence why it cannot be opened."""
    try:
        refuse_bombs(path)
        return CalamineWorkbook.from_path(path)
    except (CalamineError, *_BROKEN_ARCHIVE, ValueError) as error:
        found = f"cannot be opened as an Excel workbook ({error})"
        raise refusal(path.name, found, "wanted a workbook such as Excel saves it", _REMEDY) from None


def read_excel(
    path: Path,
    *,
    sheet: str = "",
    columns: Mapping[str, str] | None = None,
    workbook: CalamineWorkbook | None = None,
) -> RawTable:
    """Read the table of a workbook as text: the visible sheet and the row whose headers are known best, or refuse it.

    Cells that show an error (#N/A, #REF!) and formulas that were never calculated keep their mark as text, so that
    the gate refuses them; an empty text would pass for "not known". ``columns`` are further headers to know, column
    name to header.
    """
    book = workbook or open_workbook(path)
    seen = {s.name: s.visible for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet}
    if sheet and sheet not in seen:
        found, expected = f"has no sheet '{sheet}'", f"it has {', '.join(seen)}"
        raise refusal(path.name, found, expected, "Name one of these in the mapping file under 'sheet:'.")
    visible = [name for name, how in seen.items() if how == SheetVisibleEnum.Visible]
    looked_at = [sheet] if sheet else visible
    # before any cell is read: it may be too far away
    marks = {one: sheet_marks(path, one) for one in looked_at}
    name, place, grid = _best_sheet(path, book, looked_at, columns or {})
    width = max(i + 1 for i, cell in enumerate(grid[place]) if cell)
    for (row, column), mark in marks[name].cells.items():
        if place < row < len(grid) and column < width:
            grid[row][column] = mark
    file = f"{path.name}, sheet '{name}'"
    table = Grid(file, grid, place, width, columns or {})
    problems = fill_merged(table, marks[name])
    notes = hidden_parts(table, marks[name])
    kept = [(i + 1, row[:width]) for i, row in enumerate(grid) if i > place and any(row[:width])]
    if not kept:
        raise refusal(file, "only a header came", "wanted a header and at least one row", EXPORT_AGAIN)
    numbers, rows = [number for number, _ in kept], [row for _, row in kept]
    return RawTable(file, grid[place][:width], rows, numbers, problems=problems, notes=notes)


def read_fullest(path: Path) -> RawTable:
    """Read the first sheet of a workbook, with the row that holds most cells as its header."""
    book = open_workbook(path)
    name = book.sheet_names[0]
    sheet_marks(path, name)  # refuses cells that stand too far away, before they are read
    grid = _grid(path, book, name)
    filled = [sum(map(bool, row)) for row in grid[:HEADER_WITHIN]]
    if max(filled, default=0) < 2:
        found, remedy = "its first sheet holds no table", "Name the file that does."
        raise refusal(path.name, found, "wanted a header and rows", remedy)
    place = filled.index(max(filled))
    return RawTable(path.name, grid[place], grid[place + 1 :], list(range(place + 2, len(grid) + 1)))


def _best_sheet(
    path: Path, book: CalamineWorkbook, names: Sequence[str], columns: Mapping[str, str]
) -> tuple[str, int, list[list[str]]]:
    found = []
    for name in names:
        grid = _grid(path, book, name)
        known, place = find_header(grid, columns)
        if known >= 2:
            found.append((known, name, place, grid))
    if not found:
        raise refusal(
            f"{path.name} ({', '.join(names)})",
            f"no row among the first {HEADER_WITHIN} has two known column headers",
            "wanted headers such as project, milestone, phase, baseline_finish, actual_finish",
            "Name your own in a mapping file under 'columns:'.",
        )
    most, name, place, grid = max(found, key=lambda one: (one[0], len(one[3]) > one[2] + 1))
    rivals = [
        other
        for known, other, row, cells in found
        if other != name
        and len(cells) > row + 1
        and (known == most or set(match_headers(cells[row], columns).columns) >= _MILESTONE_TABLE)
    ]
    if rivals:
        both = ", ".join(f"'{one}'" for one in names if one in (name, *rivals))
        raise refusal(
            path.name,
            f"the sheets {both} all hold such a table",
            "wanted one",
            f"Name it in a mapping file (sheet: {name}), or save each sheet as a file in one folder.",
        )
    return name, place, grid


def _grid(path: Path, book: CalamineWorkbook, sheet: str) -> list[list[str]]:
    with _whole_sheet(path, sheet):
        return [cells_as_text(row) for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]


@contextmanager
def _whole_sheet(path: Path, sheet: str) -> Iterator[None]:
    """Refuse a sheet that is broken."""
    try:
        yield
    except (CalamineError, *_BROKEN_ARCHIVE, KeyError, ValueError) as error:
        file, found = f"{path.name}, sheet '{sheet}'", f"cannot be read ({error})"
        raise refusal(file, found, "wanted a sheet such as Excel saves it", _REMEDY) from None


def sheet_marks(path: Path, sheet: str) -> SheetMarks:
    """Find what stands in a sheet's own XML only: errors, formulas without a value, merged and hidden cells.

    Refuses a sheet that is broken or no table that fits into memory: call it before any cell is read.
    """
    with _whole_sheet(path, sheet):
        return read_marks(path, sheet)


def cells_as_text(row: Sequence[object]) -> list[str]:
    """Write the cells of a row as text: dates as ISO, whole numbers without a point."""
    return [_cell_as_text(cell) for cell in row]


def _cell_as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(cell).strip()
