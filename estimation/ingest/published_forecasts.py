"""Forecasts on record in a file: what was promised at kickoff, one row per forecast, milestone and level."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.errors import Problem
from estimation.ingest.conversion import RawColumn
from estimation.ingest.raw_table import RawTable
from estimation.ingest.record_file import read_record
from estimation.tables import IDENTITY, Column, Contract, handed_in

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
    return _numbered(read_record(source, PUBLISHED, "published forecasts", _checks))


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Number the forecasts in the order in which each was met first, where the file does not."""
    if table["entry"].isna().all():
        forecasts = table.groupby(["project", "as_of"], sort=False, dropna=False)
        table["entry"] = (forecasts.ngroup() + 1).astype("Int64")
    return table


def _checks(table: pd.DataFrame, columns: Mapping[str, RawColumn], raw: RawTable) -> list[Problem]:
    expected = "wanted a level between 0 and 1, without these two"
    wrong = np.flatnonzero(table["level"].isin([0.0, 1.0]))
    problems = [columns["level"].problem(place, expected, "Correct the cell.") for place in wrong]
    return problems + _repeated(_numbered(table.copy()), raw)


def _repeated(table: pd.DataFrame, raw: RawTable) -> list[Problem]:
    again = table[table.duplicated(KEY) & table[list(NEEDED)].notna().all(axis=1)]
    remedy = "Remove one of the rows, or give another publication its own as_of."
    problems = []
    for row in again.itertuples():
        found = f"project '{row.project}', milestone '{row.milestone}', level {row.level:g} came again"
        at = *raw.places()[row.Index], raw.headers[0]
        problems.append(Problem(*at, found, "wanted one date for each", remedy))
    return problems
