"""What every reader hands to the gate: text as it stood in the file, with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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
    """

    file: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    row_numbers: Sequence[int]
    joined: Mapping[int, Sequence[tuple[str, int]]] = field(default_factory=dict)

    def places(self, column: int | None = None) -> Sequence[tuple[str, int]]:
        """Say for each row in which file and row its cell stood; without a column, the row itself."""
        if column in self.joined:
            return self.joined[column]
        return [(self.file, number) for number in self.row_numbers]
