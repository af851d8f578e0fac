"""Decisions in a file: what variance reviews decided, a row per decision and day on which it was decided anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.errors import Problem
from estimation.ingest.conversion import RawColumn
from estimation.ingest.raw_table import RawTable
from estimation.ingest.record_file import read_record
from estimation.project.decisions import DECISIONS, latest_words

DECISIONS_FILE = "decisions.csv"
"""The name under which they lie beside a history; in a folder of histories it is not read as one."""


def read_decisions_file(source: str | Path) -> pd.DataFrame:
    """Decisions of a file, in the order in which they were decided (DECISIONS); all problems are raised at once."""
    return latest_words(read_record(source, DECISIONS, "decisions", _checks))


def _checks(table: pd.DataFrame, columns: Mapping[str, RawColumn], raw: RawTable) -> list[Problem]:
    return [
        columns[name].problem(
            place,
            f"expected a date on or after {table['decided_on'].iloc[place]:%Y-%m-%d} (decided_on)",
            "Correct one of the two.",
        )
        for name in ("due", "done_on")
        for place in np.flatnonzero(table[name] < table["decided_on"])
    ]
