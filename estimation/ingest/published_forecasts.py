"""Forecasts on record in a file: what was promised at kickoff, one row per forecast, milestone and level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from estimation.errors import InputError, Problem
from estimation.ingest.conversion import RawColumn, convert
from estimation.ingest.formats.registry import read_raw
from estimation.ingest.headers import missing_header
from estimation.ingest.mapping import NO_MAPPING
from estimation.ingest.raw_table import RawTable
from estimation.tables import IDENTITY, Column, Contract, fold_phase, handed_in, keep_contract

NEEDED = ("project", "as_of", "milestone", "level", "finish")
_COLUMNS: Contract = {
    "entry": Column.count("number of the ledger's entry; in a file the order of publication"),
    "project": IDENTITY["project"],
    "as_of": Column.date("status date of the forecast; at kickoff the start of the plan"),
    "plan_hash": Column.text("hash of the plan's table"),
    "model_hash": Column.text("hash of the model's file"),
    "seed": Column.count("seed of the simulation"),
    "iterations": Column.count("simulated courses"),
    "versions": Column.text("versions of the toolkit and of Python, as JSON"),
    "milestone": Column.text("id of the milestone; 'project' for the whole of it"),
    "level": Column.probability("share of courses that had finished by the date"),
    "finish": Column.date("the date"),
}
PUBLISHED = handed_in(_COLUMNS, NEEDED)
KEY = ["entry", "project", "as_of", "milestone", "level"]


def read_published(source: str | Path) -> pd.DataFrame:
    """Read published forecasts from a file with the columns of the ledger's own table; all problems are raised at once.

    ``NEEDED`` must be there. Without ``entry`` forecasts were published in the order of their rows.
    """
    path = Path(source)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; wanted one file of published forecasts. Name the file.")
    raw = read_raw(path, NO_MAPPING)
    columns = _columns(raw)
    values, problems = {}, []
    for name, column in columns.items():
        values[name], wrong = convert(column, PUBLISHED[name])
        problems += wrong
    table = keep_contract(pd.DataFrame(values), PUBLISHED)
    for name in NEEDED:
        empty = np.flatnonzero(columns[name].empty)
        problems += [
            columns[name].problem(place, f"wanted a {name}", "Fill it in, or remove the row.")
            for place in empty
        ]
    expected = "wanted a level between 0 and 1, without these two"
    wrong = np.flatnonzero(table["level"].isin([0.0, 1.0]))
    problems += [columns["level"].problem(place, expected, "Correct the cell.") for place in wrong]
    if "entry" not in columns:  # forecasts are numbered in the order in which each was met first
        forecasts = table.groupby(["project", "as_of"], sort=False, dropna=False)
        table["entry"] = (forecasts.ngroup() + 1).astype("Int64")
    problems += _repeated(table, raw)
    if problems:
        raise InputError(problems=sorted(problems, key=lambda problem: problem.row or 0))
    return table


def _columns(raw: RawTable) -> dict[str, RawColumn]:
    """Find the columns by their names, however they are spelled."""
    places = {fold_phase(header): place for place, header in enumerate(raw.headers)}
    missing = [name for name in NEEDED if name not in places]
    if missing:
        remedy = f"published forecasts have {', '.join(NEEDED)}. Add the column."
        lacks = [missing_header(raw, name, f"wanted {name}", remedy, among=()) for name in missing]
        raise InputError(problems=lacks)
    return {
        name: RawColumn(name, raw.headers[at], [row[at].strip() for row in raw.rows], raw.places())
        for name in PUBLISHED
        if (at := places.get(name)) is not None
    }


def _repeated(table: pd.DataFrame, raw: RawTable) -> list[Problem]:
    again = table[table.duplicated(KEY) & table[list(NEEDED)].notna().all(axis=1)]
    remedy = "Remove one of the rows, or give another publication its own as_of."
    problems = []
    for row in again.itertuples():
        found = f"project '{row.project}', milestone '{row.milestone}', level {row.level:g} came again"
        at = *raw.places()[row.Index], raw.headers[0]
        problems.append(Problem(*at, found, "wanted one date for each", remedy))
    return problems
