"""Delimited text: encoding and delimiter are found, every cell stays the text it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from estimation.errors import Problem, refusal
from estimation.ingest.headers import HEADER_WITHIN, find_header
from estimation.ingest.raw_table import RawTable

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SURE_OF_HEADER = 3
EXPORT_AGAIN = "Export the table again, or check that this is the file you meant."


def read_delimited(path: Path, *, columns: Mapping[str, str] | None = None) -> RawTable:
    """Read a CSV file as text, whatever its encoding and delimiter; rows with surplus fields become its ``problems``.

    Encodings: UTF-8 with and without byte order mark, UTF-16 with one, else cp1252 (what Excel writes on Windows).
    Blank lines are passed over, and so are lines above the header, such as a title, where a line below the first
    one knows at least three headers. ``columns`` are further headers to know, column name to header.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        found = f"cannot be opened ({error.strerror})"
        remedy = "Close it in other programs and check who may read it."
        raise refusal(path.name, found, "wanted a file that can be read", remedy) from None
    text = decode(content, path.name)
    del content
    delimiter = find_delimiter(text, columns)
    lines = _lines(text, delimiter, path.name)
    if len(lines) < 2:
        found = "only a header came" if lines else "the file is empty"
        raise refusal(path.name, found, "wanted a header and at least one row", EXPORT_AGAIN)
    cells = [cells for _, cells in lines[: HEADER_WITHIN + 1]]
    at = _header_place(cells, columns)
    headers, width = lines[at][1], len(lines[at][1])
    problems, rows = [], []
    remedy = (
        f"Put a field that contains a {DELIMITERS[delimiter]} into quotation marks; delete lines above the "
        "header, and give every column one."
    )
    for number, cells in lines[at + 1 :]:
        if any(cells[width:]):
            found, expected = f"{len(cells)} fields came", f"the header in row {lines[at][0]} names {width}"
            problems.append(Problem(path.name, number, "", found, expected, remedy))
        rows.append(cells if len(cells) == width else (cells + [""] * width)[:width])
    return RawTable(path.name, headers, rows, [number for number, _ in lines[at + 1 :]], problems=problems)


def decode(raw: bytes, file: str) -> str:
    """Turn the bytes of a file into text by its byte order mark, else UTF-8, else cp1252; refuse what is no text."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), "")
    expected = "wanted UTF-8, UTF-16 or cp1252 text"
    remedy = "Save the table as 'CSV UTF-8', or hand in the Excel workbook itself as .xlsx."
    if b"\x00" in raw and not encoding.startswith("utf-16"):
        found = "contains NUL bytes, so it is no delimited text (or UTF-16 without its byte order mark)"
        raise refusal(file, found, expected, remedy)
    if not encoding:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            encoding = "cp1252"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} does not read as {encoding.removesuffix('-sig')}"
        raise refusal(file, found, expected, remedy) from None
    if "\x00" in text:
        raise refusal(file, "contains NUL characters, so it is no delimited text", expected, remedy)
    return text


def find_delimiter(text: str, columns: Mapping[str, str] | None = None) -> str:
    """Choose the delimiter that shows most known headers, and among equals most fields in the first line.

    >>> find_delimiter("Project;Milestone;Notes, risks, issues, questions")
    ';'
    """

    def score(mark: str) -> tuple[int, int]:
        try:
            records = list(islice(_reader(text, mark, strict=False), HEADER_WITHIN))
        except csv.Error:
            return 0, 0
        first = next((record for record in records if len(record) > 1 or "".join(record).strip()), [])
        return find_header(records, columns or {})[0], len(first)

    return max(DELIMITERS, key=score)


def _reader(text: str, delimiter: str, *, strict: bool):
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def _lines(text: str, delimiter: str, file: str) -> list[tuple[int, list[str]]]:
    """Take the text apart; pass over blank records, give the others with their row as a spreadsheet counts it.

    Equal cells become one object: a million rows have few different phases, owners and dates.
    """
    same: dict[str, str] = {}
    lines, row = [], 0
    try:
        for row, record in enumerate(_reader(text, delimiter, strict=True), start=1):
            cells = [same.setdefault(cell, cell) for cell in map(str.strip, record)]
            if any(cells):
                lines.append((row, cells))
    except csv.Error as error:
        found = f"the quotation marks do not pair up ({error})"
        expected = f"wanted fields split by {DELIMITERS[delimiter]}, quotation marks inside a field doubled"
        remedy = "Correct the row and save again."
        if "field limit" in str(error):
            found = f"a field of more than {csv.field_size_limit():,} characters came"
            expected = "wanted a table"
            remedy = "Shorten it; if no cell is that long, a quotation mark that closes one is missing."
        raise refusal(file, found, expected, remedy, row=row + 1) from None
    return lines


def _header_place(rows: list[list[str]], columns: Mapping[str, str] | None) -> int:
    """Take the first line as the header, unless it knows next to nothing and a later one knows a lot."""
    in_first, _ = find_header(rows[:1], columns or {})
    known, place = find_header(rows[:HEADER_WITHIN], columns or {})
    return place if in_first < 2 and known >= _SURE_OF_HEADER and place < len(rows) - 1 else 0
