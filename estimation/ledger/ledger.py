"""The ledger as others use it: opened by its address, added to in whole files, read as it stood after any entry."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import InputError
from estimation.ingest.sources import choose_baseline, one_spelling_per_phase
from estimation.ledger.address import pinned, read_address, shown
from estimation.ledger.archive import export_ledger, import_ledger
from estimation.ledger.cells import readable
from estimation.ledger.database import WAITING_SECONDS, Database
from estimation.ledger.decision_rows import decide, decision_rows
from estimation.ledger.entries import Head, begin, head_of, seal
from estimation.ledger.extracts import history_rows, moves_rows, status_rows
from estimation.ledger.layout import prepare
from estimation.ledger.milestone_lookup import look_up
from estimation.ledger.publications import Forecast, is_published, publish, published_rows
from estimation.ledger.row_writer import Addition
from estimation.ledger.schema import IMPORTS, KEPT
from estimation.ledger.table_writer import contents_of, write_table
from estimation.tables import PLAN, keep_contract


@dataclass(frozen=True)
class Added:
    """What one file added: ``entry`` is its number, None where the ledger knew all of it."""

    entry: int | None
    n_rows: int
    n_new: int
    head: Head


class Ledger:
    """Everything that was promised, reported and published; made by ``open_ledger``."""

    def __init__(self, database: Database, entry: int | None) -> None:
        self._database = database
        self._entry = entry

    @property
    def address(self) -> str:
        """The address as it may be shown, without a password."""
        return shown(self._database.url)

    def head(self) -> Head:
        """Say where the ledger stands, or stood after the entry that its address names."""
        with self._database.reading() as connection:
            return head_of(connection, self._entry, self.address)

    def pinned_address(self) -> str:
        """Give the address under which the ledger always reads as it does now."""
        return pinned(self._database.url, self.head().number)

    def add(
        self,
        table: pd.DataFrame,
        *,
        file: str,
        file_hash: str,
        made_by: str,
        made_at: dt.datetime,
        correct: str = "",
        again: bool = False,
        warnings: Sequence[str] = (),
    ) -> Added:
        """Add what a file says and the ledger does not know yet; all of it, or nothing.

        Parameters
        ----------
        table : DataFrame keeping the HISTORY, PLAN or STATUS contract
            Validated; with one row per baseline where milestones have several.
        file, file_hash : str
            Name of the file and the SHA-256 of its bytes.
        made_by : str
            Who adds it.
        made_at : datetime
            When.
        correct : str
            Reason for which rows may contradict what the ledger knows; both stay in it, the later counts.
        again : bool
            Whether a row that came before counts anew where something else was said since, as it does in a correction;
            a file that is handed in twice must not, a word that a person says twice must.
        warnings : sequence of str
            What was said about the file when it was read.

        Returns
        -------
        Added

        Raises
        ------
        RefusedError
            If a row has another baseline of the same number, or another actual date, than the ledger.
        InputError
            If a status is about a milestone that the ledger does not have and that is not marked as added, contradicts
            itself on one day, or says what cannot be.
        BusyError
            If another run writes and does not end.
        """
        file, made_by, correct = map(readable, (file, made_by, correct))
        with self._database.writing() as connection:
            entry = begin(connection, "correction" if correct else "import", made_by, made_at, correct)
            addition = Addition(entry.number, made_by, bool(correct), again)
            write_table(connection, table, addition)
            if not addition.new:
                connection.rollback()
                return Added(None, len(table), 0, entry.before)
            about = {
                "entry": entry.number,
                "contents": contents_of(table),
                "file": file,
                "file_hash": file_hash,
                "n_rows": len(table),
                "n_new": len(addition.new),
                "warnings": json.dumps(list(map(readable, warnings)), ensure_ascii=False),
            }
            connection.execute(IMPORTS.insert(), about)
            head = seal(connection, entry, [json.dumps(about), *sorted(map(str, addition.new))])
        return Added(entry.number, len(table), len(addition.new), head)

    def publish(self, forecast: Forecast, *, made_by: str, made_at: dt.datetime) -> Added:
        """Put a forecast on record, so that it can be scored when the project is over.

        The same forecast is published once: again it adds nothing.

        Parameters
        ----------
        forecast : Forecast
        made_by : str
        made_at : datetime

        Returns
        -------
        Added
        """
        with self._database.writing() as connection:
            entry = begin(connection, "publication", made_by, made_at, "")
            if is_published(connection, forecast):
                connection.rollback()
                return Added(None, len(forecast.quantiles), 0, entry.before)
            marks = publish(connection, entry.number, forecast)
            head = seal(connection, entry, marks)
        return Added(entry.number, len(forecast.quantiles), len(forecast.quantiles), head)

    def decide(self, said: dict[str, object], *, made_by: str, made_at: dt.datetime) -> Added:
        """Add what was said of a decision of a variance review; the same words again add nothing.

        Parameters
        ----------
        said : dict of column of DECISIONS to value
            As in ``next_word``.
        made_by : str
        made_at : datetime

        Returns
        -------
        Added

        Raises
        ------
        InputError
            If the ledger does not know the project, or the decision that is said to be done.
        """
        said = {name: readable(one) if isinstance(one, str) else one for name, one in said.items()}
        with self._database.writing() as connection:
            entry = begin(connection, "decision", readable(made_by), made_at, "")
            marks = decide(connection, entry.number, said, pd.Timestamp(made_at.date()))
            if not marks:
                connection.rollback()
                return Added(None, 1, 0, entry.before)
            head = seal(connection, entry, marks)
        return Added(entry.number, 1, 1, head)

    def history(self, *, baseline: str | int = "first") -> pd.DataFrame:
        """Give closed and running projects as ``read_history`` gives them from a file.

        Parameters
        ----------
        baseline : "first", "last" or int
            Which baseline counts where a milestone has several.

        Returns
        -------
        DataFrame keeping the HISTORY contract, one row per milestone

        Raises
        ------
        InputError
            If the ledger has no milestone yet.
        """
        table = self._table(history_rows)
        if table.empty:
            raise InputError(
                f"{self.address}: the ledger is empty. Add a file: `estimation ingest FILE --ledger {self.address}`."
            )
        return one_spelling_per_phase(choose_baseline(table, baseline))

    def baselines(self) -> pd.DataFrame:
        """Give one row per milestone and baseline.

        Returns
        -------
        DataFrame keeping the HISTORY contract
        """
        return self._table(history_rows)

    def status(self, project: str | None = None) -> pd.DataFrame:
        """Give the status updates, of one project or of all.

        Returns
        -------
        DataFrame keeping the STATUS contract, one row per milestone and status date
        """
        return self._table(lambda connection, entry: status_rows(connection, entry, project))

    def plan(self, project: str) -> pd.DataFrame:
        """Give the latest plan of a project, as the file of a plan would.

        Returns
        -------
        DataFrame keeping the PLAN contract, one row per milestone

        Raises
        ------
        InputError
            If the ledger does not have the project.
        """
        table = self._table(history_rows)
        table = table[table["project"] == project]
        if table.empty:
            raise InputError(f"{self.address}: the ledger has no project '{project}'. Correct the id.")
        return keep_contract(choose_baseline(table.reset_index(drop=True), "last"), PLAN)

    def finish_of(self, project: str, milestone: str) -> tuple[str, str] | None:
        """Say when a milestone was finished, and who says so; None while it is open, or not known.

        Returns
        -------
        tuple of ISO date and source, or None
        """
        with self._database.reading() as connection:
            ids, records = look_up(connection, [project])
        record = records.get((ids.get(project), milestone))
        return None if record is None else record.actuals.get("actual_finish")

    def forecast_moves(self) -> pd.DataFrame:
        """Give every move of a forecast date: who, when, from, to, why, and whether the client was told.

        Returns
        -------
        DataFrame keeping the ``FORECAST_MOVE`` contract
        """
        return self._table(moves_rows)

    def published(self) -> pd.DataFrame:
        """Give the forecasts on record, one row per forecast, milestone and level.

        Returns
        -------
        DataFrame keeping the ``PUBLISHED`` contract
        """
        return self._table(published_rows)

    def decisions(self) -> pd.DataFrame:
        """Give what variance reviews decided, one row per decision and day on which it was decided anew.

        Returns
        -------
        DataFrame keeping the ``DECISIONS`` contract
        """
        return self._table(decision_rows)

    def export(self, path: str | Path) -> Head:
        """Write everything into one zip file; ``load`` of another ledger takes it."""
        return export_ledger(self._database, path)

    def load(self, path: str | Path) -> tuple[Head, Head]:
        """Take everything from the zip file of another ledger, if this one is empty or an earlier state of it.

        Returns
        -------
        tuple of Head
            Before and after.
        """
        return import_ledger(self._database, path)

    def counts(self) -> dict[str, int]:
        """Count the rows of each table."""
        with self._database.reading() as connection:
            return {
                table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in KEPT
            }

    def _table(self, tell: Callable[[Connection, int], pd.DataFrame]) -> pd.DataFrame:
        with self._database.reading() as connection:
            return tell(connection, head_of(connection, self._entry, self.address).number)


def open_ledger(url: str, *, create: bool = False, waiting_seconds: float = WAITING_SECONDS) -> Ledger:
    """Open a ledger: an SQLite file, or a PostgreSQL database that a team shares.

    Parameters
    ----------
    url : str
        ``sqlite:///ledger.db`` or ``postgresql+psycopg://user@host/database``; with ``?entry=12`` it reads as it
        stood after entry 12.
    create : bool
        Whether to make the ledger where there is none.
    waiting_seconds : float
        How long to wait for others that write. [seconds]

    Returns
    -------
    Ledger

    Raises
    ------
    UsageError
        If the address is none.
    InputError
        If there is no ledger.
    RefusedError
        If the ledger was made by a newer version of the toolkit.
    """
    address, entry = read_address(url)
    database = Database(address, waiting_seconds=waiting_seconds)
    prepare(database, create=create)
    return Ledger(database, entry)
