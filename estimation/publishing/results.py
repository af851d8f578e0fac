"""Results on disk: what a run found, in files that a spreadsheet, a script and the next notebook can read."""

from __future__ import annotations

import datetime as dt
import json
import math
import numbers
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.errors import InputError
from estimation.ledger.disk import whole_file
from estimation.ledger.inputs import is_ledger
from estimation.publishing.staging import READY, finish_move
from estimation.tables import DTYPES

RESULTS_FILE = "results.json"
_READINGS = 20
_KINDS = {
    "date": pd.api.types.is_datetime64_any_dtype,
    "flag": pd.api.types.is_bool_dtype,
    "whole": pd.api.types.is_integer_dtype,
    "number": pd.api.types.is_numeric_dtype,
}
"""Kinds of columns in the order in which they are tried; any other is text."""
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Results:
    """What one run found.

    ``inputs`` is what it was given, ``headline`` the few figures that matter most, ``tables`` the rest;
    ``report`` holds the facts of the report's title block. Dates in the first two are ISO text.
    """

    inputs: dict[str, object]
    headline: dict[str, object]
    tables: dict[str, pd.DataFrame]
    report: dict[str, object]


def save_results(
    folder: str | Path,
    *,
    inputs: Mapping[str, object],
    headline: Mapping[str, object],
    tables: Mapping[str, pd.DataFrame],
    report: Mapping[str, object] | None = None,
) -> Path:
    """Write what a run found: one ``results.json`` and one CSV file per table.

    Each file is written under another name and renamed when it is complete, ``results.json`` last: a reader
    never meets half a file. CSV files are UTF-8 with ISO dates and full precision; the index is not written.

    Parameters
    ----------
    folder : str or Path
        Made when it does not exist.
    inputs : mapping
        What the run was given: files, status date, seed.
    headline : mapping
        The few figures that matter most. Dates become ISO text, missing values null.
    tables : mapping of name to DataFrame
        A table ``forecast`` is written to ``forecast.csv``.
    report : mapping, optional
        Facts of the report's title block: ``title``, ``as_of``, ``n_projects``, ``data_hash``.

    Returns
    -------
    Path of ``results.json``

    Raises
    ------
    TypeError
        If a value is not text, a number, a flag, a date, or a list or mapping of them; or if a table's
        name cannot be the name of a file.
    """
    folder = Path(folder)
    facts = {
        "format": FORMAT_VERSION,
        "written_by": {"estimation": version("estimation-toolkit"), "python": platform.python_version()},
        "report": json_like({**(report or {}), **_ledger_fact(inputs)}, "report"),
        "inputs": json_like({name: _without_password(value) for name, value in inputs.items()}, "inputs"),
        "headline": json_like(headline, "headline"),
        "tables": {name: _described(table, name) for name, table in tables.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_whole(folder / f"{name}.csv", csv_text(table))
    path = folder / RESULTS_FILE
    write_whole(path, json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def load_results(folder: str | Path) -> Results:
    """Read back what a run found; dates are dates again, numbers numbers.

    All of it is of one run, also while the next one puts its files in place.

    Parameters
    ----------
    folder : str or Path
        The output folder of a run.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        If the folder holds no results, or results of a newer version of the toolkit.
    """
    for _ in range(_READINGS):
        mark, facts = _mark(Path(folder)), read_facts(folder)
        try:
            tables = {
                name: _read_table(Path(folder) / entry["file"], entry["columns"])
                for name, entry in facts["tables"].items()
            }
        except InputError:
            if mark == _mark(Path(folder)):
                raise
        else:
            if mark == _mark(Path(folder)):
                break
    else:
        raise InputError(f"{folder}: is written anew all the time. Wait for the runs and read again.")
    return Results(facts["inputs"], facts["headline"], tables, facts["report"])


def _mark(folder: Path) -> tuple | None:
    """Tell one set of results from the next: a run that puts its files here meanwhile changes it."""
    try:
        known = (folder / RESULTS_FILE).stat()
    except OSError:
        return None
    return known.st_ino, known.st_mtime_ns, (folder / READY).is_dir()


def read_facts(folder: str | Path) -> dict:
    """Read ``results.json`` alone, without the tables."""
    path = Path(folder) / RESULTS_FILE
    finish_move(path.parent)
    return read_versioned(
        path,
        FORMAT_VERSION,
        missing=f"{folder}: no {RESULTS_FILE} here. Name the output folder of a finished run.",
        other=f"{path}: not the results of a run. Run the notebook again to write it anew.",
    )


def read_versioned(path: Path, newest: int, *, missing: str, other: str) -> dict:
    """Read JSON that names its format, up to the newest we know; the sentences are for no file and for another file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        form = content["format"]
    except FileNotFoundError:
        raise InputError(missing) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(other) from None
    if form > newest:
        raise InputError(
            f"{path}: written in format {form}, this toolkit reads up to {newest}. Update the toolkit."
        )
    return content


def write_whole(path: str | Path, text: str) -> None:
    """Write a text file, and its folder, completely or not at all: under another name, flushed, then renamed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as half:
        half.write_text(text, encoding="utf-8", newline="")


def _ledger_fact(inputs: Mapping[str, object]) -> dict[str, str]:
    """Say as of which entry the ledgers among the inputs were read."""
    words = [value for value in inputs.values() if is_ledger(value)]
    addresses = dict.fromkeys(word for word in words if word.startswith(("sqlite:", "postgresql")))
    if not addresses:
        return {}
    from estimation.ledger.ledger import open_ledger

    return {"ledger": "; ".join(dict.fromkeys(str(open_ledger(address).head()) for address in addresses))}


def _without_password(value: object) -> object:
    return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1@", value) if is_ledger(value) else value


def json_like(value: object, where: str) -> object:
    """Turn a value into what JSON knows, or say why it cannot be."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): json_like(inner, f"{where}['{key}']") for key, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray | pd.Series):
        return [json_like(inner, f"{where}[{place}]") for place, inner in enumerate(value)]
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        if math.isinf(value):
            raise TypeError(f"{where} is infinite; results hold finite numbers, or None where there is none")
        return float(value)
    if isinstance(value, np.datetime64 | dt.datetime):
        moment = pd.Timestamp(value)
        return str(moment.date()) if moment.time() == dt.time() else moment.isoformat()
    if isinstance(value, dt.date | Path):
        return str(value)
    raise TypeError(
        f"{where} is a {type(value).__name__}; results hold text, numbers, flags, dates, and lists or mappings "
        "of them. Put tables under tables=."
    )


def _described(table: pd.DataFrame, name: str) -> dict[str, object]:
    """Say where a table stands, how long it is and of which kind each column is."""
    if not name or not all(letter.isalnum() or letter in "_-" for letter in name):
        raise TypeError(f"table '{name}': the name becomes a file's; use letters, digits, _ and - only")
    kinds = {
        str(column): next((kind for kind, fits in _KINDS.items() if fits(table[column])), "text")
        for column in table.columns
    }
    return {"file": f"{name}.csv", "n_rows": len(table), "columns": kinds}


def csv_text(table: pd.DataFrame) -> str:
    """Write a table as CSV with ISO dates and without its index."""
    return table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")


def _read_table(path: Path, kinds: Mapping[str, str]) -> pd.DataFrame:
    try:
        text = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: named in {RESULTS_FILE} and not there. Run the notebook again.") from None
    if list(text.columns) != list(kinds):
        raise InputError(f"{path}: its columns are not those of {RESULTS_FILE}. Run the notebook again.")
    return pd.DataFrame({name: _typed(text[name], kind) for name, kind in kinds.items()}, columns=list(kinds))


def _typed(column: pd.Series, kind: str) -> pd.Series:
    if kind == "date":
        return pd.to_datetime(column, format="%Y-%m-%d").astype(DTYPES["date"])
    if kind == "flag":
        return column.map({"True": True, "False": False}).astype(DTYPES["flag"])
    if kind == "whole":
        column = column.astype("object").where(column.notna(), None).map(int, na_action="ignore")
    return column.astype(DTYPES[kind])
