"""Where a table is read from: a file or a folder through the gate, or the ledger by its address."""

from __future__ import annotations

from pathlib import Path
from typing import TypeGuard

import pandas as pd

from estimation.ingest import published_forecasts as published
from estimation.ingest import sources
from estimation.ingest.decisions_file import DECISIONS_FILE, read_decisions_file
from estimation.ingest.mapping import MappingSource
from estimation.project.decisions import DECISIONS
from estimation.tables import empty_table

BESIDE_HISTORY = Path("forecasts", "published.csv")
"""Where forecasts on record lie in a folder of histories."""


def is_ledger(source: object) -> TypeGuard[str]:
    """Whether a source is the address of a ledger and not the path of a file.

    >>> is_ledger("sqlite:///ledger.db"), is_ledger("history.csv")
    (True, False)
    """
    return isinstance(source, str) and "://" in source


def read_history(
    source: str | Path, *, mapping: MappingSource = None, baseline: str | int = "first"
) -> pd.DataFrame:
    """Read closed and running projects from a file, a folder of files or a ledger.

    Parameters
    ----------
    source : path of a file or a folder, or the address of a ledger
        In a folder every CSV, text and Excel file is read, unless the mapping file names some. A ledger is
        ``sqlite:///ledger.db`` or ``postgresql+psycopg://user@host/database``; ``?entry=12`` behind it reads it as it
        stood after entry 12.
    mapping : path, dict or None
        How a file is to be read; see ``TableMapping``. A ledger needs none.
    baseline : "first", "last" or int
        Which baseline counts where a milestone has several.

    Returns
    -------
    DataFrame keeping the HISTORY contract, one row per milestone

    Raises
    ------
    InputError
        Everything that is wrong with any of the files, at once; or that there is no ledger.
    """
    if is_ledger(source):
        from estimation.ledger.ledger import open_ledger  # a third of a second that files need not wait for

        return open_ledger(source).history(baseline=baseline)
    return sources.read_history(source, mapping=mapping, baseline=baseline)


def read_status(source: str | Path, *, mapping: MappingSource = None) -> pd.DataFrame:
    """Read the status updates of projects: one row per milestone and status date.

    An empty source means that there are none, and gives an empty table. A ProTrack workbook gives the status
    dates of all its tracking periods.

    Parameters
    ----------
    source : path of a file, or of a folder with one per project, or the address of a ledger
    mapping : path, dict or None
        How a file is to be read; see ``TableMapping``. A ledger needs none.

    Returns
    -------
    DataFrame keeping the STATUS contract

    Raises
    ------
    InputError
        If the file is not usable, or there is no ledger.
    """
    if is_ledger(source):
        from estimation.ledger.ledger import open_ledger

        return open_ledger(source).status()
    return sources.read_status(source, mapping=mapping)


def read_published(source: str | Path, *, history: str | Path = "") -> pd.DataFrame:
    """Read the forecasts on record: what was promised at kickoff, to be scored when its dates have come.

    Parameters
    ----------
    source : path of a file, or the address of a ledger
        Empty: those of the ledger that the history comes from, or ``forecasts/published.csv`` in its folder where
        there is one; else none.
    history : path or address, optional
        Where the history comes from.

    Returns
    -------
    DataFrame keeping the PUBLISHED contract, one row per forecast, milestone and level

    Raises
    ------
    InputError
        If the file is not usable, or there is no ledger.
    """
    source = _source_or_beside(source, history, BESIDE_HISTORY)
    if is_ledger(source):
        from estimation.ledger.ledger import open_ledger

        return open_ledger(source).published()
    return published.read_published(source) if source else empty_table(published.PUBLISHED)


def read_decisions(source: str | Path, *, history: str | Path = "") -> pd.DataFrame:
    """Read what variance reviews decided: action, owner, due date, and whether it was done.

    Parameters
    ----------
    source : path of a file, or the address of a ledger
        Empty: those of the ledger that the history comes from, or ``decisions.csv`` in its folder where there is one;
        else none.
    history : path or address, optional
        Where the history comes from.

    Returns
    -------
    DataFrame keeping the DECISIONS contract, one row per decision and day on which it was decided anew

    Raises
    ------
    InputError
        If the file is not usable, or there is no ledger.
    """
    source = _source_or_beside(source, history, DECISIONS_FILE)
    if is_ledger(source):
        from estimation.ledger.ledger import open_ledger

        return open_ledger(source).decisions()
    return read_decisions_file(source) if source else empty_table(DECISIONS)


def _source_or_beside(source: str | Path, history: str | Path, beside: str | Path) -> str | Path:
    """Where a record is: as named, else in the ledger of the history or beside its files; empty where there is none."""
    if source != "" or history == "" or is_ledger(history):
        return source or history
    folder = Path(history) if Path(history).is_dir() else Path(history).parent
    return folder / beside if (folder / beside).is_file() else ""
