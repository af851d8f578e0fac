"""What a workbook declares is looked at before it is unpacked: bombs, far cells, merged and hidden ones, errors."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from estimation.errors import InputError, refusal
from estimation.ingest.formats.strict_xml import Node, own_tag, parse, read_records

NOT_CALCULATED = "#NOT CALCULATED"
LARGEST_WORKBOOK = 200_000_000
"""Unpacked. [bytes]"""
LARGE_PART, DENSEST = 20_000_000, 150
"""A part that unpacks to more than that many bytes was not packed more densely than that; tables reach 30."""
MOST_ROOM, FILLED_AT_LEAST, LARGEST_ROOM = 2_000_000, 0.01, 16_000_000
"""A sheet may span that many cells; more only where this share is filled; never more than the last number."""
LONGEST_TEXTS = 200_000_000
"""All texts of a sheet together, a shared one counted as often as it is used. [characters]"""
MOST_MERGED = 20_000
_TRUE = ("1", "true")
_CHUNK = 1 << 20
_MOVE_CELL = (
    "Delete the cell and the empty rows and columns before it, or copy the table into a new workbook."
)


@dataclass(frozen=True)
class SheetMarks:
    """What a sheet's own XML says and the reader of workbooks does not.

    Parameters
    ----------
    cells : dict of (row, column), both from 0, to text
        Cells that hold an error or a formula without a value.
    merged : list of (first row, first column, last row, last column)
    hidden_rows : list of row
    hidden_columns : list of (first column, last column)
    """

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


def refuse_bombs(path: Path) -> None:
    """Stop before a workbook is unpacked that declares, or turns out to hold, more than any table needs.

    Sizes are first taken as declared; then each part is unpacked piece by piece and thrown away, because the
    declaration may lie.
    """
    with zipfile.ZipFile(path) as archive:
        declared = sum(part.file_size for part in archive.infolist())
        if declared > LARGEST_WORKBOOK:
            raise _too_large(path, declared)
        for part in archive.infolist():
            if part.file_size > LARGE_PART and part.file_size > DENSEST * part.compress_size:
                raise _too_large(path, part.file_size)
            _unpack(path, archive, part)


def _unpack(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    size, part_said = 0, part.file_size
    part.file_size = LARGEST_WORKBOOK + 1  # so that the library reads on where the declaration is too small
    try:
        with archive.open(part) as content:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > part_said:
                    raise _too_large(path, size, " and more than it declares")
    finally:
        part.file_size = part_said


def read_marks(path: Path, sheet: str) -> SheetMarks:
    """Walk through a sheet's XML and collect marks; refuse far cells and texts that would fill the memory."""
    with zipfile.ZipFile(path) as archive:
        part = sheet_part(archive, sheet)
        lengths = _shared_lengths(archive)
        walk = _Walk(f"{path.name}, sheet '{sheet}'", lengths)
        with archive.open(part) as content:
            for _ in parse(content, walk.start, walk.end, walk.text):
                pass
        return walk.marks


def _shared_lengths(archive: zipfile.ZipFile) -> list[int]:
    """Measure the shared texts."""
    name = next((one for one in archive.namelist() if one.lower() == "xl/sharedstrings.xml"), None)
    if name is None:
        return []
    with archive.open(name) as content:
        return [_text_length(node) for node in read_records(content, {"si"}) if node.tag == "si"]


def _text_length(node: Node) -> int:
    return len(node.text) + sum(_text_length(child) for child in node.children)


class _Walk:
    """One walk through a sheet: counts what is filled and keeps the marks."""

    def __init__(self, where: str, lengths: list[int]) -> None:
        self.where, self.lengths, self.marks = where, lengths, SheetMarks()
        self.row = self.column = -1
        self.n_cells = self.n_texts = self.last_row = self.last_column = 0
        self.cell: dict[str, str] | None = None
        self.value, self.reads, self.has_formula = "", False, False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element."""
        tag = own_tag(tag) if ":" in tag else tag
        if tag == "c":
            self.cell, self.value, self.has_formula = attributes, "", False
        elif tag in ("v", "t"):
            self.reads = self.cell is not None
        elif tag == "f":
            self.has_formula = True
        elif tag == "row":
            self.row, self.column = int(attributes.get("r") or self.row + 2) - 1, -1
            if attributes.get("hidden") in _TRUE:
                self.marks.hidden_rows.append(self.row)
        elif tag == "col" and attributes.get("hidden") in _TRUE:
            first, last = attributes.get("min", "1"), attributes.get("max", "1")
            self.marks.hidden_columns.append((int(first) - 1, int(last) - 1))
        elif tag == "mergeCell":
            if len(self.marks.merged) >= MOST_MERGED:
                found = f"more than {MOST_MERGED:,} merged cells came"
                remedy = "Take the cells apart (unmerge) and save again."
                raise refusal(self.where, found, "wanted one cell for each value", remedy)
            first, _, last = attributes.get("ref", "").partition(":")
            self.marks.merged.append((*position(first), *position(last or first)))

    def text(self, piece: str) -> None:
        """Meet a piece of text."""
        if self.reads:
            self.value += piece
            if len(self.value) > LONGEST_TEXTS:
                raise self._too_much_text()

    def end(self, tag: str) -> None:
        """Meet the end of an element."""
        tag = own_tag(tag) if ":" in tag else tag
        if tag in ("v", "t"):
            self.reads = False
        elif tag == "c" and self.cell is not None:
            self._cell(self.cell)
            self.cell = None

    def _cell(self, attributes: dict[str, str]) -> None:
        reference, kind, value = attributes.get("r"), attributes.get("t"), self.value
        self.row, self.column = position(reference) if reference else (self.row, self.column + 1)
        if kind == "e":
            self.marks.cells[self.row, self.column] = value or "#N/A"
        elif self.has_formula and not value and kind != "str":
            self.marks.cells[self.row, self.column] = NOT_CALCULATED
        if not value and kind != "e":
            return
        self.n_cells += 1
        self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        room = (self.last_row + 1) * (self.last_column + 1)
        if room > MOST_ROOM and (self.n_cells < FILLED_AT_LEAST * room or room > LARGEST_ROOM):
            cell = reference or f"in row {self.row + 1}"
            found = f"cell {cell} stands far away from the other {self.n_cells - 1:,} that are filled"
            raise refusal(self.where, found, "wanted one table without large gaps", _MOVE_CELL)
        shared = kind == "s" and value.isdecimal() and int(value) < len(self.lengths)
        self.n_texts += self.lengths[int(value)] if shared else len(value)
        if self.n_texts > LONGEST_TEXTS:
            raise self._too_much_text()

    def _too_much_text(self) -> InputError:
        found = f"the texts up to here have more than {LONGEST_TEXTS:,} characters"
        remedy = "Shorten the long cells, or leave their columns out."
        return refusal(self.where, found, "wanted a table of milestones", remedy, row=self.row + 1)


def sheet_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Follow the workbook's relations from the name of a sheet to the file inside the archive."""
    with archive.open("xl/workbook.xml") as content:
        entries = [node.attributes for node in read_records(content, {"sheet"}) if node.tag == "sheet"]
    with archive.open("xl/_rels/workbook.xml.rels") as content:
        links = [node.attributes for node in read_records(content, {"Relationship"}) if node.attributes]
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    ids = {
        entry.get("name"): next((value for key, value in entry.items() if key.endswith(":id")), None)
        for entry in entries
    }
    return str(PurePosixPath("/xl") / targets[ids[sheet]]).removeprefix("/")


_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def position(reference: str) -> tuple[int, int]:
    """Turn a reference such as "C5" into row and column, both from 0.

    >>> position("C5")
    (4, 2)
    """
    found = _REFERENCE.fullmatch(reference.replace("$", ""))
    if found is None:
        raise ValueError(f"'{reference[:20]}' names no cell")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, column - 1


def _too_large(path: Path, size: int, more: str = "") -> InputError:
    found = f"its content unpacks to {size / 1e6:,.0f} MB{more}"
    expected = f"wanted a workbook of at most {LARGEST_WORKBOOK / 1e6:,.0f} MB"
    remedy = "Copy the table into a new workbook, or save the sheet as CSV."
    return refusal(path.name, found, expected, remedy)
