"""Merged and hidden cells of a sheet: what a person sees there, and what a person does not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estimation.errors import Problem
from estimation.ingest.formats.excel_guard import SheetMarks
from estimation.ingest.headers import KNOWN_COLUMNS, match_headers

_ONE_FOR_MANY = {"project_start"}


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet as text, with the place of its header and the width of its table."""

    file: str
    cells: list[list[str]]
    header: int
    width: int
    columns: Mapping[str, str]

    def meanings(self) -> dict[int, str]:
        """Tell which positions hold a known column."""
        found = match_headers(self.cells[self.header][: self.width], self.columns).columns
        return {place: name for name, place in found.items()}


def fill_merged(grid: Grid, marks: SheetMarks) -> list[Problem]:
    """Write the value of a merged cell into every row it covers; give a problem where it cannot be meant for all.

    A project, phase or owner merged over its milestones is meant for each. A number or a date would be counted
    again in each row, so it is refused; only the planned start of the project is one for many.
    """
    meanings = grid.meanings()
    problems = []
    for top, left, bottom, right in marks.merged:
        bottom, right = min(bottom, len(grid.cells) - 1), min(right, grid.width - 1)
        if top <= grid.header or (top >= bottom and left >= right):
            continue
        value = grid.cells[top][left] if left < grid.width and top < len(grid.cells) else ""
        for column in range(left, right + 1):
            name = meanings.get(column)
            if not value or name is None:
                continue
            meant = KNOWN_COLUMNS[name].kind == "text" or name in _ONE_FOR_MANY
            if meant and column == left:
                for row in range(top, bottom + 1):
                    grid.cells[row][column] = value
            else:
                header = grid.cells[grid.header][column]
                found = f"'{value}' came in cells merged over rows {top + 1} to {bottom + 1}"
                expected = "wanted a value of its own in each cell"
                remedy = "Take the cells apart (unmerge) and fill in each."
                problems.append(Problem(grid.file, top + 1, header, found, expected, remedy))
                break
    return problems


def hidden_parts(grid: Grid, marks: SheetMarks) -> list[Problem]:
    """Say which hidden rows and columns were read like the others."""
    notes = []
    rows = [row for row in marks.hidden_rows if grid.header < row < len(grid.cells) and any(grid.cells[row])]
    if rows:
        found = f"{len(rows)} hidden row{'s' if len(rows) > 1 else ''} came"
        expected = "hidden rows are read like the others"
        remedy = "Delete them if they should not count, or show them to see what they hold."
        notes.append(Problem(grid.file, rows[0] + 1, "", found, expected, remedy))
    hidden = {
        column
        for first, last in marks.hidden_columns
        for column in range(first, min(last, grid.width - 1) + 1)
    }
    headers = [grid.cells[grid.header][column] for column in sorted(hidden & grid.meanings().keys())]
    if headers:
        found = f"the hidden columns {', '.join(headers)} came"
        expected, remedy = "hidden columns are read like the others", "Delete them if they should not count."
        notes.append(Problem(grid.file, None, headers[0], found, expected, remedy))
    return notes
