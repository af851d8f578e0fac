"""ARFF, the text format of research data sets: its attributes are the header, "?" is an empty cell."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from estimation.errors import Problem, refusal
from estimation.ingest.formats.delimited import decode
from estimation.ingest.raw_table import RawTable

_ATTRIBUTE = re.compile(r"@attribute\s+('[^']*'|\"[^\"]*\"|\S+)\s+\S.*", re.IGNORECASE)
_REMEDY = "Correct it, or save the table as CSV."


def read_arff(path: Path) -> RawTable:
    """Read an ARFF file as text; without attributes or data it is refused."""
    lines = decode(path.read_bytes(), path.name).splitlines()
    headers: list[str] = []
    rows, numbers, problems, in_data = [], [], [], False
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("%"):
            continue
        if not in_data:
            attribute = _ATTRIBUTE.fullmatch(line)
            if attribute:
                headers.append(attribute[1].strip("'\""))
            in_data = line.lower() == "@data"
            continue
        cells = _cells(line)
        if len(cells) != len(headers):
            found, expected = f"{len(cells)} fields came", f"the attributes are {len(headers)}"
            problems.append(Problem(path.name, number, "", found, expected, _REMEDY))
        rows.append((cells + [""] * len(headers))[: len(headers)])
        numbers.append(number)
    if not headers or not rows:
        found = "no @attribute came" if not headers else "no row below @data came"
        raise refusal(path.name, found, "wanted an ARFF file", _REMEDY)
    return RawTable(path.name, headers, rows, numbers, problems=problems)


def _cells(line: str) -> list[str]:
    quote = "'" if "'" in line and '"' not in line else '"'
    try:
        cells = next(csv.reader([line], quotechar=quote, skipinitialspace=True))
    except csv.Error:
        return []
    return ["" if cell.strip() == "?" else cell.strip() for cell in cells]
