"""The mapping file: how an organisation's own table is to be read, written down once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

from estimation.errors import InputError, Problem, did_you_mean, refusal
from estimation.ingest.conversion import DATE_ORDERS, SOME_DAY
from estimation.ingest.headers import KNOWN_COLUMNS, plain
from estimation.ingest.yaml_text import load_yaml
from estimation.project.statuses import Closed

MappingSource = str | Path | Mapping | None
"""A mapping file by its path, the same as a dictionary, or none."""


@dataclass(frozen=True)
class TableMapping:
    """What a mapping file says; empty means: by the headers alone.

    Headers match whatever their case and punctuation, cells exactly as they are written.

    Parameters
    ----------
    columns : dict of column name to header
        Which of their headers means which of our columns.
    translate : dict of column name to dict of text to text
        Words to translate, such as phase names.
    phases : dict of their phase to our phase
        Phase names to translate, whatever their case; a name on the right counts as known.
    ignore : list of str
        Headers that are none of our columns, whatever they look like.
    dates : dict of column name or header to date format
        One explicit format (``%d-%b-%y``) for a column whose dates cannot be proven.
    date_order : str
        Order in all other date columns: "day month year", "month day year" or "year month day".
    milestones_from : str
        What is a milestone in an export of Jira: "epics", "versions" or "issues".
    constants : dict of column name to text
        The same value for each row, such as one client; a column of the file with that meaning is not read.
    files : list of str
        Files of a folder to read together; the first gives the rows, the others add columns.
    join_on : str
        Header that all these files share.
    one_row_per : list of str
        Headers that together name one milestone, when a file repeats it over several rows.
    skip_rows : dict of header to list of str
        Rows to pass over, such as cancelled ones.
    sheet : str
        Sheet of a workbook.
    closed_as : dict of project to "delivered", "cancelled" or "running"
        What became of a project's milestones without a date, where the file does not say.
    keep_running : list of str
        Projects that run however long nobody wrote of them; the same as ``closed_as: {PROJECT: running}``.
    confirmed_dates : dict of project to list of ISO dates
        Dates far from all others of their project that are right all the same.
    """

    columns: dict[str, str] = field(default_factory=dict)
    translate: dict[str, dict[str, str]] = field(default_factory=dict)
    phases: dict[str, str] = field(default_factory=dict)
    ignore: list[str] = field(default_factory=list)
    dates: dict[str, str] = field(default_factory=dict)
    date_order: str = ""
    milestones_from: str = ""
    constants: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    join_on: str = ""
    one_row_per: list[str] = field(default_factory=list)
    skip_rows: dict[str, list[str]] = field(default_factory=dict)
    sheet: str = ""
    closed_as: dict[str, str] = field(default_factory=dict)
    keep_running: list[str] = field(default_factory=list)
    confirmed_dates: dict[str, list[str]] = field(default_factory=dict)


NO_MAPPING = TableMapping()


def read_mapping(source: MappingSource) -> TableMapping:
    """Read a mapping file, or take the same as a dictionary; everything that is wrong with it is raised at once.

    Everything in the file is text as it is written: ``2.10`` stays 2.10, ``no`` stays no, nothing after the colon
    is an empty text. A key with nothing after it counts as left out.
    """
    if source is None or source == "":
        return NO_MAPPING
    if isinstance(source, Mapping):
        return _checked(source, "mapping")
    path = Path(source)
    if not path.is_file():
        raise InputError(f"{path}: no such mapping file. Check the path, or leave the mapping out.")
    try:
        content = load_yaml(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, ValueError, OSError, RecursionError) as error:
        found = f"does not read as YAML ({' '.join(str(error).split())})"
        remedy = "Look at the indentation, quotation marks and colons there; data/mappings has an example."
        raise refusal(path.name, found, "wanted UTF-8 text", remedy) from None
    if not isinstance(content, dict):
        found = "no keys came" if not content else f"{_shape(content)} came"
        remedy = "Compare it with the example in data/mappings."
        raise refusal(path.name, found, "wanted keys such as 'columns:'", remedy)
    return _checked(content, path.name)


def _checked(content: Mapping, name: str) -> TableMapping:
    problems: list[Problem] = []

    def refuse(place: str, found: str, expected: str, remedy: str) -> None:
        problems.append(Problem(name, None, place, found, expected, remedy))

    parts = {}
    for key, value in content.items():
        if key not in _SHAPES:
            refuse(str(key), "unknown key", f"known are {', '.join(_SHAPES)}", _hint(key, _SHAPES))
        elif value is not None and value != "":
            wrong = _wrong_shape(value, _SHAPES[key])
            if wrong:
                refuse(key, f"{wrong} came", f"wanted {_SHAPES[key]}", "See data/mappings for an example.")
            else:
                parts[key] = _as_text(value)
    for key in ("columns", "translate", "constants"):
        for column in parts.get(key, {}):
            if column not in KNOWN_COLUMNS:
                expected = "wanted a column of the glossary in docs"
                refuse(f"{key}: {column}", "there is no such column", expected, _hint(column, KNOWN_COLUMNS))
    used: dict[str, str] = {}
    for column, header in parts.get("columns", {}).items():
        first = used.setdefault(plain(header), column)
        if first != column:
            found = f"{first} and {column} are both read from '{header}'"
            remedy = "Remove one, or copy the column in the file under another header."
            refuse("columns", found, "wanted a header of its own for each", remedy)
        if column in parts.get("constants", {}):
            remedy = "Remove one of the two lines."
            refuse(f"columns: {column}", "it is named under 'constants' too", "wanted one of them", remedy)
    for column, form in parts.get("dates", {}).items():
        if not _tells_day_month_and_year(form):
            expected = "wanted day, month and year as %d, %m (or %b, %B) and %Y (or %y), such as %d/%m/%Y"
            refuse(f"dates: {column}", f"'{form}' came", expected, "Correct the format.")
    for key, known in _CHOICES.items():
        if parts.get(key, known[0]) not in known:
            refuse(key, f"'{parts[key]}' came", f"wanted {', '.join(known)}", _hint(parts[key], known))
    for ours in parts.get("phases", {}).values():
        if not ours:
            expected, remedy = "wanted a name after each colon", "Write it, or remove the line."
            refuse("phases", "an empty phase came", expected, remedy)
    for project, word in parts.get("closed_as", {}).items():
        if word not in list(Closed):
            refuse(
                f"closed_as: {project}", f"'{word}' came", f"wanted {', '.join(Closed)}", _hint(word, Closed)
            )
    if len(parts.get("files", [])) > 1 and "join_on" not in parts:
        refuse("files", "several files came", "wanted 'join_on:' with them", "Name the header they share.")
    if problems:
        raise InputError(problems=problems)
    return TableMapping(**parts)


MILESTONES_FROM = ("epics", "versions", "issues")
_CHOICES = {"date_order": tuple(DATE_ORDERS), "milestones_from": MILESTONES_FROM}
_TEXT, _TEXTS, _LINES = "one text", "a list of texts such as [A, B]", "'key: text' lines"
_LINES_OF_TEXTS, _LINES_OF_LINES = "'key: [A, B]' lines", "'key:' with 'their word: our word' lines below"
_INNER = {_TEXTS: _TEXT, _LINES: _TEXT, _LINES_OF_TEXTS: _TEXTS, _LINES_OF_LINES: _LINES}
_SHAPE_OF = {
    "str": _TEXT,
    "list[str]": _TEXTS,
    "dict[str, str]": _LINES,
    "dict[str, list[str]]": _LINES_OF_TEXTS,
    "dict[str, dict[str, str]]": _LINES_OF_LINES,
}
_SHAPES = {key.name: _SHAPE_OF[str(key.type)] for key in fields(TableMapping)}


def _wrong_shape(value: object, wanted: str) -> str:
    """Name the shape of what came where it is not the wanted one, else nothing."""
    if wanted == _TEXT:
        return _shape(value) if isinstance(value, list | tuple | Mapping) else ""
    if not isinstance(value, list | tuple if wanted == _TEXTS else Mapping):
        return _shape(value)
    parts = value.values() if isinstance(value, Mapping) else value
    return next(filter(None, (_wrong_shape(part, _INNER[wanted]) for part in parts)), "")


def _shape(value: object) -> str:
    if isinstance(value, Mapping):
        return "'key: value' lines"
    return "a list" if isinstance(value, list | tuple) else f"the text '{value}'"


def _as_text(value: object) -> object:
    """Turn every number, date and empty value inside into text."""
    if isinstance(value, Mapping):
        return {str(key): _as_text(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_as_text(part) for part in value]
    return "" if value is None else str(value)


def _tells_day_month_and_year(form: str) -> bool:
    try:
        return dt.datetime.strptime(f"{SOME_DAY:{form}}", form).date() == SOME_DAY
    except ValueError:
        return False


def _hint(word: object, known: Iterable[str]) -> str:
    return did_you_mean(str(word), known, "Correct it, or remove it.")
