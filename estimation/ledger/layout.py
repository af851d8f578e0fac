"""The layout of a ledger: its tables are made where there are none, and tables of another layout are refused."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import BusyError, InputError, RefusedError
from estimation.ledger.address import shown
from estimation.ledger.database import WAITING_SECONDS, Database, error_of
from estimation.ledger.schema import METADATA, SCHEMA_VERSION, SCHEMA_VERSIONS, append_only

_MAKING = 0x657374  # one advisory lock of PostgreSQL while tables are made


def prepare(database: Database, *, create: bool) -> None:
    """See to it that the database holds a ledger of today's layout; anything else is left alone and refused."""
    file, where = database.file, shown(database.url)
    makes = f"`estimation ingest FILE --ledger {where}` makes one."
    if file is not None and not file.exists():
        if not create:
            raise InputError(f"{where}: there is no ledger. Check the path; {makes}")
        file.parent.mkdir(parents=True, exist_ok=True)
    with database.reading() as connection:
        version, others = _version_of(connection), sa.inspect(connection).get_table_names()
    if version is None:
        if create and database.sqlite and others:
            raise RefusedError(
                f"{where}: is the database of something else, with tables such as '{others[0]}'. "
                "Name another file; nothing was written."
            )
        if not create:
            raise InputError(f"{where}: holds no ledger. Check the address; {makes}")
        _make(database)
    with database.reading() as connection:
        _refuse_another(connection, where)


def _version_of(connection: Connection) -> int | None:
    if not sa.inspect(connection).has_table(SCHEMA_VERSIONS.name):
        return None
    return connection.execute(sa.select(sa.func.max(SCHEMA_VERSIONS.c.version))).scalar()


def _refuse_another(connection: Connection, where: str) -> None:
    version = _version_of(connection)
    if version > SCHEMA_VERSION:  # pyright: ignore[reportOptionalOperand] - the tables are there
        raise RefusedError(
            f"{where}: its tables have version {version}, this toolkit knows up to {SCHEMA_VERSION}. "
            "Update the toolkit; nothing was read or written."
        )
    found = f"have version {version}, this toolkit takes {SCHEMA_VERSION}"
    if version == SCHEMA_VERSION:
        there = sa.inspect(connection).get_multi_columns(filter_names=list(METADATA.tables))
        columns = {name: [column["name"] for column in columns] for (_, name), columns in there.items()}
        other = [table.name for table in METADATA.sorted_tables if columns.get(table.name) != table.c.keys()]
        if not other:
            return
        found = f"have other columns than this toolkit makes ({', '.join(other)})"
    raise RefusedError(
        f"{where}: its tables {found}. Export the ledger with the release that made it "
        "(`estimation ledger export FILE` there) and import the file with this one into a new ledger "
        "(`estimation ledger import FILE --ledger URL`); nothing was read or written."
    )


def _make(database: Database) -> None:
    if database.sqlite:
        _write_ahead(database.file)
    with database.writing(lock=False) as connection:
        if not database.sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MAKING})
        if _version_of(connection) is not None:  # another process was faster
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
            with closing(sqlite3.connect(file, timeout=1)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise error_of(error, str(file)) from None
            if time.monotonic() > last:
                raise BusyError(f"{file}: another run is making this ledger. Run again.") from None
            time.sleep(0.05)
