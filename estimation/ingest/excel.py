"""Excel workbooks: the sheet and its header row are found, every cell becomes text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from estimation.errors import InputError
from estimation.ingest.headers import match_headers
from estimation.ingest.raw import RawTable

HEADER_WITHIN = 30


def open_workbook(path: Path) -> CalamineWorkbook:
    """Open a workbook, or say in a sentence why it cannot be opened."""
    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            f"{path.name}: cannot be opened as an Excel workbook ({error}). Save it as .xlsx without a "
            "password, or export the sheet as CSV."
        ) from None


def read_excel(
    path: Path,
    *,
    sheet: str | None = None,
    columns: dict[str, str] | None = None,
    workbook: CalamineWorkbook | None = None,
) -> RawTable:
    """Read the table of a workbook as text: the sheet and row whose headers are known best.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        Name of the sheet; without it the sheet with most known headers.
    columns : dict, optional
        Further headers to know, canonical name to header (from a mapping file).
    workbook : CalamineWorkbook, optional
        The workbook when it is open already.

    Raises
    ------
    InputError
        If no sheet has a row within its first 30 with at least two known headers.
    """
    book = workbook or open_workbook(path)
    if sheet is not None and sheet not in book.sheet_names:
        raise InputError(
            f"{path.name}: has no sheet '{sheet}'; it has {', '.join(book.sheet_names)}. "
            "Name one of these in the mapping file."
        )
    best: tuple[int, str, int, list[list[str]]] | None = None
    for name in [sheet] if sheet is not None else book.sheet_names:
        grid = _grid(book, name)
        for place, row in enumerate(grid[:HEADER_WITHIN]):
            known = len(match_headers(row, columns or {}).columns)
            if known >= 2 and (best is None or known > best[0]):
                best = (known, name, place, grid)
    if best is None:
        looked_at = sheet or ", ".join(book.sheet_names)
        raise InputError(
            f"{path.name} ({looked_at}): no row among the first {HEADER_WITHIN} has two known column headers. "
            "Wanted headers such as project, milestone, phase, baseline_finish, actual_finish; "
            "name your own in a mapping file under 'columns:'."
        )
    _, name, place, grid = best
    width = max((i + 1 for i, cell in enumerate(grid[place]) if cell), default=0)
    kept = [(i + 1, row[:width]) for i, row in enumerate(grid) if i > place and any(row[:width])]
    return RawTable(
        f"{path.name}, sheet '{name}'",
        grid[place][:width],
        [row for _, row in kept],
        [number for number, _ in kept],
    )


def _grid(book: CalamineWorkbook, sheet: str) -> list[list[str]]:
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [cells_as_text(row) for row in rows]


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
