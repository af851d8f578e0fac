"""A first mapping file for a table nobody has described yet: written down, to be edited by its owner."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from estimation.errors import InputError
from estimation.ingest.conversion import DATE_FORMATS, RawColumn, convert, shown
from estimation.ingest.formats.registry import read_any_table, tables_in
from estimation.ingest.gate import HISTORY_NEED
from estimation.ingest.headers import KNOWN_COLUMNS, apart, match_headers, match_nearly
from estimation.ingest.phases import read_phases
from estimation.ingest.raw_table import RawTable
from estimation.ingest.spelling import NEW, PERHAPS, as_yaml
from estimation.tables import HISTORY

_PLANNED = "plan planned plans estimate estimated est baseline target first budget budgeted scheduled forecasted soll"
_ACTUAL = "actual actuals real worked spent done ist"
_BEGIN = "start started begin begins begun from"
_END = "finish finished end ended completion completed closed due delivery delivered until"
_LENGTH = "days duration effort hours work time length estimate"
_ID = "id number no nr key code ref"
_WORDS = {
    "project": [("project job contract", _ID)],
    "milestone": [
        ("milestone task activity issue ticket item deliverable work", _ID),
        ("milestone task activity", ""),
    ],
    "phase": [("phase stage category workstream discipline type", "")],
    "baseline_start": [(_PLANNED, _BEGIN)],
    "baseline_finish": [(_PLANNED, _END)],
    "baseline_days": [(_PLANNED, _LENGTH), ("estimate", "")],
    "actual_start": [(_ACTUAL, _BEGIN)],
    "actual_finish": [(_ACTUAL, _END)],
    "actual_days": [(_ACTUAL, _LENGTH)],
}
"""For each column, sets of words of which a header must hold one each."""
_STATUS = {"status", "state", "resolution"}
_SAMPLE, _FEW = 500, 12


@dataclass(frozen=True)
class _Choice:
    """The header chosen for a column, how it was found, and others that may be meant."""

    header: str
    how: str
    others: tuple[str, ...] = ()


def suggest_mapping(source: str | Path) -> str:
    """Write a mapping file for a table, as far as its headers and cells tell, with comments on what to look at.

    In a folder the files belong together that share a header. The text is YAML that ``read_mapping`` reads.
    """
    path = Path(source)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder. Check the path.")
    paths = [path] if path.is_file() else tables_in(path)
    if not paths:
        raise InputError(f"{path}: holds no file to read. Check the folder.")
    tables = sorted(map(read_any_table, paths), key=lambda raw: -len(match_headers(raw.headers, {}).columns))
    lines = [
        f"# How {path.name} is to be read. Look at each line, correct it, and remove what is not needed."
    ]
    shared = _shared_header(tables)
    if shared:
        lines += [f"files: {as_yaml([raw.file for raw in tables])}", f"join_on: {as_yaml(shared)}"]
    elif len(tables) > 1:
        lines.append(f"# Made from {tables[0].file}; the other files of the folder are read with it too.")
        tables = tables[:1]
    where = {header: _cells(raw, header) for raw in reversed(tables) for header in raw.headers if header}
    choices = _choose(where, shared)
    lines += ["columns:", *(_column_line(name, choice, where) for name, choice in choices.items())]
    lines += _constants(choices)
    lines += _one_row(choices, tables[0], shared) + _skipped(where)
    lines += _dates(choices, where) + _phases(choices, where)
    return "\n".join(lines) + "\n"


def _shared_header(tables: Sequence[RawTable]) -> str:
    """Find the header by which several files belong together: the one whose values are most different."""
    if len(tables) < 2:
        return ""
    headers = [h for h in tables[0].headers if h and all(h in other.headers for other in tables[1:])]
    distinct = {header: len(set(_cells(tables[-1], header))) / len(tables[-1].rows) for header in headers}
    best = max(distinct, key=distinct.__getitem__, default="")
    fewest = min(len(set(filter(None, raw.headers))) for raw in tables)
    return best if best and distinct[best] > 0.5 and len(headers) <= fewest / 2 else ""


def _cells(raw: RawTable, header: str) -> list[str]:
    place = list(raw.headers).index(header)
    return [row[place] if place < len(row) else "" for row in raw.rows]


def _choose(where: Mapping[str, list[str]], shared: str) -> dict[str, _Choice]:
    headers = list(where)
    found = match_nearly(match_headers(headers, {}), headers, HISTORY, {})
    choices = {name: _Choice(headers[place], found.how[name]) for name, place in found.columns.items()}
    if "phase" in choices and not _holds("phase", where[choices["phase"].header]):
        del choices["phase"]
    for name in _WORDS:
        candidates = sorted(
            (h for h in headers if _speaks_of(name, h) and _holds(name, where[h])),
            key=lambda header: (header != shared, len(apart(header).split()), headers.index(header)),
        )
        taken = {choice.header for other, choice in choices.items() if other != name}
        free = [header for header in candidates if header not in taken]
        if name in choices:
            others = tuple(h for h in free if h != choices[name].header)
            choices[name] = replace(choices[name], others=others)
        elif free:
            choices[name] = _Choice(free[0], "words of the header", tuple(free[1:]))
    for header, (name, *_) in found.asked:
        if name not in choices and header not in {choice.header for choice in choices.values()}:
            choices[name] = _Choice(header, PERHAPS)
    return {name: choices[name] for name in KNOWN_COLUMNS if name in choices}


def _speaks_of(name: str, header: str) -> bool:
    words = set(re.split(r"[\s.]+", apart(header)))
    return any(all(not some or words & set(some.split()) for some in sets) for sets in _WORDS[name])


def _holds(name: str, cells: Sequence[str]) -> bool:
    """Tell whether the first cells look like the kind of the column."""
    sample = [cell for cell in cells if cell][:_SAMPLE]
    kind = KNOWN_COLUMNS[name].kind
    if not sample or kind == "text":
        return bool(sample) and (name != "phase" or all(cells))
    values, _ = convert(_column(name, sample), KNOWN_COLUMNS[name])
    ambiguous = kind == "date" and not values.notna().any() and _readings(sample)
    return bool(ambiguous) or values.notna().mean() > 0.8


def _column(name: str, cells: Sequence[str]) -> RawColumn:
    return RawColumn(name, name, cells, [("", None)] * len(cells))


def _readings(cells: Sequence[str]) -> list[str]:
    """List the date formats that read every cell."""
    column = _column("actual_finish", list(dict.fromkeys(cells))[:_SAMPLE])
    return [form for form in DATE_FORMATS if not convert(column, HISTORY["actual_finish"], form)[1]]


def _column_line(name: str, choice: _Choice, where: Mapping[str, list[str]]) -> str:
    remark = f"# such as {shown(next(filter(None, where[choice.header]), ''))}"
    if choice.how == PERHAPS:
        remark += "; is it?"
    if choice.others:
        remark += f"; or {', '.join(choice.others[:4])}"
    return f"  {as_yaml({name: choice.header})[1:-1]} {remark}"


def _constants(choices: Mapping[str, _Choice]) -> list[str]:
    same = {
        "project": "  project: NAME # no header names the project; write its name",
        "milestone": "  milestone: whole project # no header names milestones; so each project is one",
        "phase": "  phase: work # no header names phases",
    }
    lines = [line for name, line in same.items() if name not in choices]
    return ["constants:", *lines] if lines else []


def _one_row(choices: Mapping[str, _Choice], raw: RawTable, shared: str) -> list[str]:
    """Where milestones come on several rows and nothing else names a row, fold them; an id may serve two projects."""
    if not {"project", "milestone"} <= choices.keys():
        return []
    key = [choices[name].header for name in HISTORY_NEED.key if name in choices]
    if shared == key[1]:
        key = [shared]  # files are joined on it: it names a row by itself
    if not set(key) <= set(raw.headers):
        return []
    cells = list(zip(*(_cells(raw, header) for header in key), strict=True))
    more = len(cells) - len(set(cells))
    remark = "1 row repeats" if more == 1 else f"{more} rows repeat"
    return [f"one_row_per: {as_yaml(key)} # {remark} a milestone"] if more else []


def _skipped(where: Mapping[str, list[str]]) -> list[str]:
    for header, cells in where.items():
        words = set(apart(header).split())
        values = list(dict.fromkeys(filter(None, cells)))
        if words & _STATUS and 1 < len(values) <= _FEW:
            remark = ", ".join(shown(value) for value in values)
            return ["# skip_rows: # rows to leave out, such as cancelled ones", f"#   {header}: [{remark}]"]
    return []


def _dates(choices: Mapping[str, _Choice], where: Mapping[str, list[str]]) -> list[str]:
    lines = []
    for name, choice in choices.items():
        cells = [cell for cell in where[choice.header] if cell]
        forms = _readings(cells) if KNOWN_COLUMNS[name].kind == "date" and cells else []
        if len(forms) > 1:
            lines.append(f"  {name}: '{forms[0]}' # {shown(cells[0])} may also be '{forms[1]}'")
    return ["dates:", *lines] if lines else []


def _phases(choices: Mapping[str, _Choice], where: Mapping[str, list[str]]) -> list[str]:
    if "phase" not in choices:
        return []
    read = read_phases(_column("phase", where[choices["phase"].header]), {})
    new = [match.came for match in read.matches if match.how == NEW]
    asked = [problem.came.removesuffix(" came").strip("'") for problem in read.problems]
    words = [*asked, *new]
    if not words or len(words) > 2 * _FEW:
        return []
    lines = [
        f"  {as_yaml({word: word})[1:-1]} # a phase of its own, or one of the framework?" for word in words
    ]
    return ["phases:", *lines]
