"""Delimited text: encoding and delimiter are found, every cell stays the text it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from estimation.errors import InputError, Problem
from estimation.ingest.raw import RawTable

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def read_delimited(path: Path) -> RawTable:
    """Read a CSV file as text, whatever its encoding and delimiter.

    Encodings: UTF-8 with and without byte order mark, UTF-16 with one, else cp1252 (what Excel writes on
    Windows). The delimiter is the one of comma, semicolon, tab and bar that splits the header into most fields.
    Blank lines are passed over.

    Raises
    ------
    InputError
        If the file is empty, is no text, has a broken quotation, or has rows with more fields than the header.
    """
    text = decode(path.read_bytes(), path.name)
    delimiter = find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        starts_at = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((starts_at, [cell.strip() for cell in cells]))
            starts_at = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path.name}, row {starts_at}: the quotation marks do not pair up ({error}). Wanted fields split by "
            f"{DELIMITERS[delimiter]}, quotation marks inside a field doubled. Correct the row and save again."
        ) from None
    if len(lines) < 2:
        raise InputError(
            f"{path.name}: {'no line' if not lines else 'only a header'} found; wanted a header and at least one "
            "row. Export the table again, or check that this is the file you meant."
        )
    headers = lines[0][1]
    problems, rows = [], []
    for number, cells in lines[1:]:
        if len(cells) > len(headers) and any(cells[len(headers) :]):
            problems.append(
                Problem(
                    path.name,
                    number,
                    "",
                    f"{len(cells)} fields came",
                    f"the header names {len(headers)}",
                    f"Put a field that contains a {DELIMITERS[delimiter]} into quotation marks.",
                )
            )
        rows.append((cells + [""] * len(headers))[: len(headers)])
    if problems:
        raise InputError(problems=problems)
    return RawTable(path.name, headers, rows, [number for number, _ in lines[1:]])


def decode(raw: bytes, file: str) -> str:
    """Turn the bytes of a file into text by its byte order mark, else UTF-8, else cp1252."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if raw.startswith(mark):
            return _decode_as(raw, encoding, file)
    if b"\x00" in raw:
        raise InputError(
            f"{file}: contains NUL bytes, so it is no delimited text (or UTF-16 without its byte order mark). "
            "Save it as 'CSV UTF-8', or hand in the Excel workbook itself as .xlsx."
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_as(raw, "cp1252", file)


def _decode_as(raw: bytes, encoding: str, file: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file}: byte {error.start} does not read as {encoding}; wanted UTF-8, UTF-16 or cp1252 text. "
            "Save the file as 'CSV UTF-8' and try again."
        ) from None


def find_delimiter(text: str) -> str:
    """Choose the delimiter that splits the first line that is not blank into most fields."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
