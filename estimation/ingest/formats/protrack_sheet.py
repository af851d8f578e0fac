"""One sheet of a ProTrack workbook: its header row is found, its cells are read, every bad one is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineWorkbook

from estimation.errors import Problem
from estimation.ingest.formats.excel import sheet_marks
from estimation.ingest.formats.protrack_units import EXPORT_AGAIN, Value, plain_text, read_cell

HEADER_WITHIN = 10


@dataclass(frozen=True)
class ProtrackSheet:
    """The rows of a sheet under its headers, and the problems found in its workbook.

    Parameters
    ----------
    file : str
        Name of the file and sheet, as messages show it.
    places : mapping of str to int
        Columns that are there, and where each stands in a row.
    title_rows : sequence of rows
        What stands above the headers.
    rows : sequence of rows, length n
        Cells as they came; an empty one is "".
    row_numbers : sequence of int, length n
        Row of each line in the sheet, counted as a spreadsheet does.
    problems : list of Problem
        Grows with every cell that cannot be read; all sheets of a workbook share it.
    """

    file: str
    places: Mapping[str, int]
    title_rows: Sequence[Sequence[object]]
    rows: Sequence[Sequence[object]]
    row_numbers: Sequence[int]
    problems: list[Problem]

    def text(self, place: int, column: str) -> str:
        """Return a cell as text; empty where the column is missing."""
        return plain_text(self._cell(place, column))

    def read(self, place: int, column: str, parse: Callable[[object], Value]) -> Value | None:
        """Read a cell that must be filled; None, and a problem, when it cannot be read."""
        at = self.file, self.row_numbers[place], column
        return read_cell(self._cell(place, column), parse, at, self.problems)

    def read_filled(self, place: int, column: str, parse: Callable[[object], Value]) -> Value | None:
        """Read a cell that may be empty, or whose column may be missing."""
        return self.read(place, column, parse) if self.text(place, column) else None

    def refuse(self, place: int, column: str, expected: str, remedy: str) -> None:
        """Add a cell to the problems."""
        text = self.text(place, column)
        found = f"'{text}' came" if text else "nothing came"
        self.problems.append(Problem(self.file, self.row_numbers[place], column, found, expected, remedy))

    def _cell(self, place: int, column: str) -> object:
        return self.rows[place][self.places[column]] if column in self.places else ""


def open_sheet(
    path: Path, book: CalamineWorkbook, name: str, columns: Mapping[str, bool], problems: list[Problem]
) -> ProtrackSheet | None:
    """Find the header row of a sheet and the columns that are wanted, each with whether it must be there.

    A header counts when it is written exactly so; where none is, one with other capitals does. None, and problems,
    when a needed column is missing or comes twice, or when there is no row.
    """
    file = f"{path.name}, sheet '{name}'"
    sheet_marks(path, name)  # refuses cells that stand too far away, before they are read
    grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    heads = [[plain_text(cell) for cell in row] for row in grid[:HEADER_WITHIN]]
    header = next((n for n, row in enumerate(heads) if {"id", "name"} <= {h.casefold() for h in row}), None)
    if header is None:
        found = f"no row among the first {HEADER_WITHIN} has the headers ID and Name"
        problems.append(Problem(file, None, "", found, f"wanted {', '.join(columns)}", EXPORT_AGAIN))
        return None
    places, n_before = {}, len(problems)
    for column, needed in columns.items():
        matching = [n for n, head in enumerate(heads[header]) if head == column] or [
            n for n, head in enumerate(heads[header]) if head.casefold() == column.casefold()
        ]
        if len(matching) == 1:
            places[column] = matching[0]
        elif matching or needed:
            found = f"{len(matching) or 'no'} columns of this name came"
            remedy = f"The headers are: {', '.join(filter(None, heads[header]))}. Give one of them this name."
            problems.append(Problem(file, header + 1, column, found, "wanted one", remedy))
    filled = [
        (number, row)
        for number, row in enumerate(grid, start=1)
        if number > header + 1 and any(plain_text(row[place]) for place in places.values())
    ]
    if not filled:
        found = "no row under the headers"
        problems.append(Problem(file, None, "", found, "wanted a row per activity", EXPORT_AGAIN))
    if len(problems) > n_before:
        return None
    numbers, rows = zip(*filled, strict=True)
    return ProtrackSheet(file, places, grid[:header], rows, numbers, problems)


def unique_ids(sheet: ProtrackSheet) -> list[str]:
    """Give every row of a sheet an id of its own: the second 7 is 7-2."""
    ids: list[str] = []
    counts: Counter[str] = Counter()
    for place in range(len(sheet.rows)):
        written = sheet.text(place, "ID")
        counts[written] += 1
        own = written if counts[written] == 1 else f"{written}-{counts[written]}"
        if not written or own in ids:
            remedy = "Give the row an id of its own, or delete the row."
            sheet.refuse(place, "ID", "wanted an id that no other row has", remedy)
        ids.append(own)
    return ids
