"""The mapping file: how an organisation's own table is to be read, written down once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

from estimation.errors import InputError
from estimation.ingest.headers import KNOWN_COLUMNS


@dataclass(frozen=True)
class TableMapping:
    """What a mapping file says; empty means: by the headers alone.

    Parameters
    ----------
    columns : dict of column name to header
        Which of their headers means which of our columns.
    translate : dict of column name to dict of text to text
        Words to translate, such as phase names.
    dates : dict of column name or header to date format
        One explicit format (``%d-%b-%y``) for a column whose dates cannot be proven.
    constants : dict of column name to text
        The same value for each row, such as one client.
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
    """

    columns: dict[str, str] = field(default_factory=dict)
    translate: dict[str, dict[str, str]] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    join_on: str = ""
    one_row_per: list[str] = field(default_factory=list)
    skip_rows: dict[str, list[str]] = field(default_factory=dict)
    sheet: str = ""


NO_MAPPING = TableMapping()


def read_mapping(source: str | Path | Mapping | None) -> TableMapping:
    """Read a mapping file, or take the same as a dictionary.

    Raises
    ------
    InputError
        If it is no YAML mapping, has a key or a column that does not exist (the nearest one is named), or a
        value of the wrong shape.
    """
    if source is None or source == "":
        return NO_MAPPING
    if isinstance(source, Mapping):
        return _checked(source, "mapping")
    path = Path(source)
    if not path.is_file():
        raise InputError(f"{path}: no such mapping file. Check the path, or leave the mapping out.")
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: does not read as YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(said, dict):
        raise InputError(f"{path.name}: wanted keys such as 'columns:', came {type(said).__name__}.")
    return _checked(said, path.name)


def _checked(said: Mapping, name: str) -> TableMapping:
    shapes = {
        part.name: type(part.default_factory() if part.name not in _TEXTS else "")
        for part in fields(TableMapping)
    }
    for key, value in said.items():
        if key not in shapes:
            raise InputError(
                f"{name}: unknown key '{key}'.{_nearest(key, shapes)} Known: {', '.join(shapes)}."
            )
        if not isinstance(value, shapes[key]):
            raise InputError(
                f"{name}, '{key}': came {type(value).__name__}, wanted {_SHAPE_NAMES[shapes[key]]}. "
                "See data/mappings for an example."
            )
    for key in ("columns", "translate", "constants"):
        for column in said.get(key, {}):
            if column not in KNOWN_COLUMNS:
                raise InputError(
                    f"{name}, '{key}': there is no column '{column}'.{_nearest(column, KNOWN_COLUMNS)} "
                    "The columns are listed in docs/glossary.md."
                )
    for column, words in said.get("translate", {}).items():
        if not isinstance(words, dict):
            raise InputError(f"{name}, translate of '{column}': wanted 'their word: our word' lines.")
    for header, words in said.get("skip_rows", {}).items():
        if not isinstance(words, list):
            raise InputError(f"{name}, skip_rows of '{header}': wanted a list such as [CANCELLED, TEMPLATE].")
    if len(said.get("files", [])) > 1 and not said.get("join_on"):
        raise InputError(f"{name}: names several files but no 'join_on:'; name the header they share.")
    return TableMapping(
        columns=_as_texts(said.get("columns", {})),
        translate={column: _as_texts(words) for column, words in said.get("translate", {}).items()},
        dates=_as_texts(said.get("dates", {})),
        constants=_as_texts(said.get("constants", {})),
        files=[str(item) for item in said.get("files", [])],
        join_on=said.get("join_on", ""),
        one_row_per=[str(item) for item in said.get("one_row_per", [])],
        skip_rows={key: [str(word) for word in words] for key, words in said.get("skip_rows", {}).items()},
        sheet=said.get("sheet", ""),
    )


_TEXTS = ("join_on", "sheet")
_SHAPE_NAMES = {dict: "'key: value' lines", list: "a list", str: "one text"}


def _as_texts(said: Mapping) -> dict[str, str]:
    return {str(key): str(value) for key, value in said.items()}


def _nearest(word: str, known) -> str:
    close = difflib.get_close_matches(str(word), list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""
