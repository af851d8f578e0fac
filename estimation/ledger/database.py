"""The database behind the ledger: how it is opened, who may write, and its errors as sentences of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from estimation.errors import BusyError, EstimationError, InputError, RefusedError
from estimation.ledger.address import shown
from estimation.ledger.cells import is_filled
from estimation.ledger.schema import ENTRIES

WAITING_SECONDS = 60
_WRITES = "ledger_writes"


class Database:
    """A database and its two ways in: reading, and writing alone; how long a writer waits for others is in seconds."""

    def __init__(self, url: URL, *, waiting_seconds: float = WAITING_SECONDS) -> None:
        self.url = url
        self.sqlite = url.get_backend_name() == "sqlite"
        self.engine = _engine(url, self.sqlite, waiting_seconds)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite ledger."""
        return Path(self.url.database) if self.sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that only reads."""
        with self._errors_translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, lock: bool = True) -> Iterator[Connection]:
        """Give the one connection that writes; all of it is kept, or nothing. Without tables there is no lock."""
        engine = self.engine.execution_options(**{_WRITES: True})
        with self._errors_translated(), engine.begin() as connection:
            if lock and not self.sqlite:
                connection.execute(sa.text(f"LOCK TABLE {ENTRIES.name} IN EXCLUSIVE MODE"))
            yield connection

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise error_of(error, shown(self.url)) from error
        except OverflowError:
            raise InputError(
                f"{shown(self.url)}: a number came that no database can keep. Nothing was added; correct it."
            ) from None


def _engine(url: URL, sqlite: bool, waiting_seconds: float) -> Engine:
    if not sqlite:
        options = f"-c lock_timeout={int(1000 * waiting_seconds)} -c synchronous_commit=on"
        arguments = {"connect_timeout": 10, "options": options}
        try:
            return sa.create_engine(url, poolclass=sa.NullPool, paramstyle="format", connect_args=arguments)
        except ModuleNotFoundError:
            raise EstimationError(
                f"{shown(url)}: the driver of PostgreSQL is missing. Install estimation-toolkit[postgres]."
            ) from None
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": waiting_seconds})

    @event.listens_for(engine, "connect")
    def _prepare(connection, _record) -> None:
        connection.isolation_level = None  # we say ourselves when a transaction begins
        for setting in ("foreign_keys = ON", "synchronous = FULL", "cache_size = -65536"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[tuple]) -> None:
    """Insert rows whose cells stand in the order of the table's columns; columns without a cell are left out."""
    if not rows:
        return
    columns = dict(zip(table.c.keys(), zip(*rows, strict=True), strict=True))
    filled = {name: cells for name, cells in columns.items() if is_filled(cells)}
    statement = table.insert().compile(dialect=connection.dialect, column_keys=list(filled))
    connection.exec_driver_sql(str(statement), list(zip(*filled.values(), strict=True)))


_SENTENCES: tuple[tuple[tuple[str, ...], type[EstimationError], str], ...] = (
    (
        ("database is locked", "lock timeout", "could not obtain lock"),
        BusyError,
        "another run is writing to the ledger. Wait for it and run again.",
    ),
    (
        ("disk is full", "no space left", "disk i/o error", "could not extend", "could not write"),
        EstimationError,
        "the disk took no more ({line}). Nothing was added; make room and run again.",
    ),
    (
        ("readonly database", "unable to open", "read-only", "permission denied"),
        EstimationError,
        "cannot be opened or written ({line}). Nothing was added; check the path and who may write there.",
    ),
    (("not a database", "malformed"), InputError, "is no ledger ({line}). Check the path."),
    (("adds rows",), RefusedError, "the ledger only ever adds rows; nothing was changed."),
    (
        ("connection failed", "could not connect", "connection refused", "terminating connection", "closed"),
        EstimationError,
        "the database cannot be reached ({line}). Check the address and the server.",
    ),
    (("",), EstimationError, "the database refused ({line}). Nothing was added."),
)
"""By words that a database says, in the order in which they are looked for: our error, and our sentence."""


def error_of(error: Exception, where: str) -> EstimationError:
    """Translate what SQLAlchemy or the driver says into one of our errors; ``where`` is the address as shown."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    line = " ".join(said.split())
    kind, sentence = next(
        (kind, sentence)
        for words, kind, sentence in _SENTENCES
        if any(word in line.lower() for word in words)
    )
    return kind(f"{where}: {sentence.format(line=line)}")
