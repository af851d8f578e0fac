"""What every reader hands to the gate: text as it stood in the file, with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from estimation.errors import Problem

if TYPE_CHECKING:
    from estimation.ingest.formats.registry import Format


@dataclass(frozen=True)
class Places(Sequence):
    """File and row of each cell of a column, told when asked: a million pairs would fill the memory."""

    file: str
    row_numbers: Sequence[int]

    def __getitem__(self, place: int) -> tuple[str, int]:
        """Give the file and the row of one cell."""
        return self.file, self.row_numbers[place]

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.row_numbers)


@dataclass(frozen=True)
class RawTable:
    """Rows of text and where each stood, before anything is believed about them.

    Parameters
    ----------
    file : str
        Name of the file, as messages show it; with the sheet where there is one ("plan.xlsx, sheet 'Plan'").
    headers : sequence of str, length m
        The header as the person wrote it.
    rows : sequence of sequences of str, each of length m
        Cells as text; an empty cell is "".
    row_numbers : sequence of int, length n
        Row of each line in the file, counted as a spreadsheet does.
    joined : mapping of column position to sequence of (file, row), length n
        Where the cells of a column stood that came from another file.
    problems : sequence of Problem
        Rows that the reader could not read as they stand, such as one with surplus fields.
    notes : sequence of Problem
        What is not wrong but should be known, such as hidden rows.
    form : Format or None
        The format it was read from; None for a table made by hand.
    """

    file: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    row_numbers: Sequence[int]
    joined: Mapping[int, Sequence[tuple[str, int]]] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    notes: Sequence[Problem] = ()
    form: Format | None = None

    def places(self, column: int | None = None) -> Sequence[tuple[str, int]]:
        """Say for each row in which file and row its cell stood; without a column, the row itself."""
        if column is not None and column in self.joined:
            return self.joined[column]
        return Places(self.file, self.row_numbers)


def table_of_cells(
    file: str, rows: Sequence[Mapping[str, str]], row_numbers: Sequence[int], **facts: Sequence[Problem]
) -> RawTable:
    """Put rows, each the text of its cells by column, into one table of the columns that any of them fills."""
    headers = list(dict.fromkeys(name for row in rows for name, cell in row.items() if cell))
    cells = [[row.get(name, "") for name in headers] for row in rows]
    return RawTable(file, headers, cells, row_numbers, **facts)
