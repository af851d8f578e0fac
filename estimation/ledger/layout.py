"""Versions of the ledger's tables: made when there are none, brought up to date after a copy is kept."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import BusyError, InputError, RefusedError
from estimation.ledger.address import shown
from estimation.ledger.database import WAITING_SECONDS, Database, meaning
from estimation.ledger.disk import flush
from estimation.ledger.schema import METADATA, SCHEMA_VERSION, SCHEMA_VERSIONS, append_only

MIGRATIONS: dict[int, Callable[[Connection], None]] = {}
"""What brings the tables to a version from the one before it; the first version is made, not migrated to."""

_MAKE = "`estimation ingest FILE --ledger {}`"
_OURS = 0x657374  # one advisory lock of PostgreSQL while tables are made


def prepare(
    database: Database,
    *,
    create: bool,
    wanted: int = SCHEMA_VERSION,
    migrations: Mapping[int, Callable[[Connection], None]] = MIGRATIONS,
) -> None:
    """See to it that the database holds a ledger of our version.

    Parameters
    ----------
    database : Database
    create : bool
        Whether to make a ledger where there is none.
    wanted : int
        Version of the tables that this toolkit knows.
    migrations : mapping of version to step

    Raises
    ------
    InputError
        If there is no ledger and none is to be made.
    RefusedError
        If the ledger is of a newer version.
    """
    file, make = database.file, _MAKE.format(shown(database.url))
    if file is not None and not file.exists():
        if not create:
            raise InputError(f"{shown(database.url)}: there is no ledger. Check the path; {make} makes one.")
        file.parent.mkdir(parents=True, exist_ok=True)
    found, others = _version(database)
    if found is None:
        if create and database.sqlite and others:
            raise RefusedError(
                f"{shown(database.url)}: is the database of something else, with tables such as '{others[0]}'. "
                "Name another file; nothing was written."
            )
        if not create:
            raise InputError(f"{shown(database.url)}: holds no ledger. Check the address; {make} makes one.")
        _make(database)
        found, _ = _version(database)
    if found > wanted:
        raise RefusedError(
            f"{shown(database.url)}: its tables have version {found}, this toolkit knows up to {wanted}. "
            "Update the toolkit; nothing was read or written."
        )
    if found < wanted:
        _migrate(database, wanted, migrations)


def _version(database: Database) -> tuple[int | None, list[str]]:
    """Give the version of the tables, and the names of all tables there are."""
    with database.reading() as connection:
        tables = sa.inspect(connection).get_table_names()
        return _version_in(connection), tables


def _version_in(connection: Connection) -> int | None:
    if not sa.inspect(connection).has_table(SCHEMA_VERSIONS.name):
        return None
    return connection.execute(sa.select(sa.func.max(SCHEMA_VERSIONS.c.version))).scalar()


def _make(database: Database) -> None:
    if database.sqlite:
        _write_ahead(database.file)
    with database.writing(lock=False) as connection:
        if not database.sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _OURS})
        if _version_in(connection) is not None:  # another process was faster
            return
        METADATA.create_all(connection, checkfirst=False)
        for statement in append_only(connection.dialect.name):
            connection.exec_driver_sql(statement)
        connection.execute(SCHEMA_VERSIONS.insert(), {"version": SCHEMA_VERSION})


def _write_ahead(file: Path) -> None:
    """Set the file to write-ahead logging for good; SQLite does not wait for others when it does this."""
    last = time.monotonic() + WAITING_SECONDS
    while True:
        try:
            connection = sqlite3.connect(file, timeout=1)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            finally:
                connection.close()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise meaning(error, str(file)) from None
            if time.monotonic() > last:
                raise BusyError(f"{file}: another run is making this ledger. Run again.") from None
            time.sleep(0.05)


def _migrate(database: Database, wanted: int, migrations: Mapping[int, Callable[[Connection], None]]) -> None:
    """Go up version by version in one transaction, after a copy of everything was kept."""
    with database.writing() as connection:
        found = _version_in(connection)
        if found >= wanted:  # another process was faster
            return
        _keep_copy(database, connection, found)
        for version in range(found + 1, wanted + 1):
            migrations[version](connection)
            connection.execute(SCHEMA_VERSIONS.insert(), {"version": version})


def _keep_copy(database: Database, connection: Connection, found: int) -> None:
    """Keep the ledger as it is: a file beside SQLite's, a schema of its own in PostgreSQL; no copy is ever replaced."""
    if database.sqlite:
        half = database.file.with_name(f".{database.file.name}.version-{found}.part")
        half.unlink(missing_ok=True)
        reader = sqlite3.connect(database.file)
        writer = sqlite3.connect(half)
        try:
            reader.backup(writer)
        finally:
            writer.close()
            reader.close()
        flush(half)
        names = _numbered(f"{database.file.name}.version-{found}")
        copy = next(path for path in map(database.file.with_name, names) if not path.exists())
        half.rename(copy)
        flush(copy.parent)
        return
    there = sa.inspect(connection)
    schema = next(
        name for name in _numbered(f"ledger_version_{found}") if name not in there.get_schema_names()
    )
    quoted = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql(f"CREATE SCHEMA {quoted(schema)}")
    for table in there.get_table_names():  # those of that version, not those that we would make today
        connection.exec_driver_sql(f"CREATE TABLE {quoted(schema)}.{quoted(table)} AS TABLE {quoted(table)}")


def _numbered(name: str) -> Iterator[str]:
    """Give names until one is free: the name itself, then with a number."""
    yield name
    for number in count(2):
        yield f"{name}_{number}"
