"""What every reader hands to the gate: text as it stood in the file, with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
    """

    file: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    row_numbers: Sequence[int]
