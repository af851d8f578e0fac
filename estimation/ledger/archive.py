"""The whole ledger in one zip of CSV files with a manifest, to be carried from one database to another."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import InputError, RefusedError
from estimation.ledger.database import Database, insert_rows
from estimation.ledger.disk import whole_file
from estimation.ledger.entries import Head, chained, head_of
from estimation.ledger.schema import DECIDED, ENTRIES, KEPT, SCHEMA_VERSION, SEALS
from estimation.ledger.table_writer import ROWS_AT_ONCE
from estimation.tables import ESTIMATE

FORMAT = "estimation ledger"
MANIFEST = "manifest.json"
DECISIONS_SINCE = 4
"""Layout from which on exports hold decisions; older ones have none."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LONGEST_FIELD = 2**31 - 1
_DAMAGED = (  # what zipfile, zlib, csv and json say of bytes that are not as they were written
    zipfile.BadZipFile,
    zlib.error,
    csv.Error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def export_ledger(database: Database, path: str | Path) -> Head:
    """Write every row of a ledger into one zip file: the same ledger gives the same bytes."""
    target = Path(path)
    with whole_file(target) as half, database.reading() as connection:
        head = head_of(connection)
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            tables = {table.name: _write(archive, connection, table, head.number) for table in KEPT}
            manifest = {
                "format": FORMAT,
                "schema_version": SCHEMA_VERSION,
                "entry": head.number,
                "content_hash": head.content_hash,
                "tables": tables,
            }
            archive.writestr(zipfile.ZipInfo(MANIFEST, _EPOCH), json.dumps(manifest, indent=2) + "\n")
    return head


def import_ledger(database: Database, path: str | Path) -> tuple[Head, Head]:
    """Bring an exported ledger into this one, empty or an earlier state of the same; give its head before and after."""
    source = Path(path)
    if not source.is_file():
        raise InputError(f"{source}: no such file. Check the path.")
    try:
        with _long_fields(), zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive, source)
            with database.writing() as connection:
                before = head_of(connection)
                _refuse_another(archive, before, source)
                if before.number < manifest["entry"]:
                    for table in KEPT:
                        if table is DECIDED and manifest["schema_version"] < DECISIONS_SINCE:
                            continue
                        _read(archive, connection, table, before.number, manifest, source)
                    _prove(connection, before, manifest, source)
                return before, head_of(connection)
    except _DAMAGED as error:
        raise InputError(f"{source}: is no whole export of a ledger ({error}). Export it again.") from None


@contextmanager
def _long_fields() -> Iterator[None]:
    """Read fields of any length, as warnings about a long file are, and leave the limit as it was for others."""
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _entry_of(table: sa.Table) -> sa.Column:
    return table.c.number if table is ENTRIES else table.c.entry


def _write(
    archive: zipfile.ZipFile, connection: Connection, table: sa.Table, entry: int
) -> dict[str, object]:
    """Write one table; an empty field is an empty cell, for no cell of the ledger holds an empty text."""
    digest = hashlib.sha256()
    query = sa.select(table).where(_entry_of(table) <= entry).order_by(*_order(connection, table))
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
    info = zipfile.ZipInfo(f"{table.name}.csv", _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as file:
        for block in chain([[table.c.keys()]], rows.partitions()):
            text = io.StringIO()
            # with the ends of line of CSV: else Python 3.11 leaves a carriage return unquoted
            csv.writer(text).writerows(block)
            content = text.getvalue().encode()
            digest.update(content)
            file.write(content)
    return {"sha256": digest.hexdigest()}


def _order(connection: Connection, table: sa.Table) -> list[sa.ColumnElement]:
    """Order by entry and key, texts by their bytes: of itself each database has an order of letters of its own."""
    bytewise = "BINARY" if connection.dialect.name == "sqlite" else "C"
    return [
        column.collate(bytewise) if isinstance(column.type, sa.Text) else column
        for column in (_entry_of(table), *table.primary_key)
    ]


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict:
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ValueError("its manifest is another one")
    if manifest["schema_version"] > SCHEMA_VERSION:
        raise RefusedError(
            f"{source}: written in version {manifest['schema_version']}, this toolkit knows up to {SCHEMA_VERSION}. "
            "Update the toolkit; nothing was added."
        )
    return manifest


def _refuse_another(archive: zipfile.ZipFile, before: Head, source: Path) -> None:
    """Refuse an export of a ledger that went another way than ours."""
    if before.number == 0:
        return
    seals = {int(row["entry"]): row["content_hash"] for row in _dicts(archive, SEALS)}
    if seals.get(before.number) != before.content_hash:
        raise RefusedError(
            f"{source}: is not a later state of this ledger: entry {before.number} differs or is not there. "
            "Import it into an empty ledger; nothing was added."
        )


def _dicts(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[dict[str, str]]:
    """Read the rows of a table; columns that came with a later layout are empty in an older export."""
    with archive.open(f"{table.name}.csv") as file:
        rows = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""), strict=True)
        keys, there = table.c.keys(), list(rows.fieldnames or ())
        if there not in (keys, [name for name in keys if name not in ESTIMATE]):
            raise ValueError(f"{table.name}.csv has other columns")
        for row in rows:
            yield {name: row.get(name, "") for name in keys}


def _read(
    archive: zipfile.ZipFile, connection: Connection, table: sa.Table, held: int, manifest: dict, source: Path
) -> None:
    with archive.open(f"{table.name}.csv") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != manifest["tables"][table.name]["sha256"]:
        raise InputError(f"{source}: {table.name}.csv was changed after the export. Export the ledger again.")
    kinds = [column.type.python_type for column in table.c]
    at = table.c.keys().index(_entry_of(table).name)
    rows: list[tuple] = []
    for record in _dicts(archive, table):
        row = tuple(kind(cell) if cell else None for kind, cell in zip(kinds, record.values(), strict=True))
        if row[at] > held:  # pyright: ignore[reportOptionalOperand] - every row has an entry
            rows.append(row)
        if len(rows) == ROWS_AT_ONCE:
            insert_rows(connection, table, rows)
            rows = []
    insert_rows(connection, table, rows)


def _prove(connection: Connection, before: Head, manifest: dict, source: Path) -> None:
    """Compute the seals anew from what the entries say; one that is missing or differs was not made by a ledger."""
    number, hash_so_far = before.number, before.content_hash
    both = sa.select(ENTRIES, SEALS.c.rows_hash, SEALS.c.content_hash).select_from(ENTRIES.outerjoin(SEALS))
    for row in connection.execute(both.where(ENTRIES.c.number > before.number).order_by(ENTRIES.c.number)):
        number += 1
        facts = {column.name: getattr(row, column.name) for column in ENTRIES.c}
        hash_so_far = chained(hash_so_far, facts, row.rows_hash)
        if row.number != number or hash_so_far != row.content_hash:
            found = f"the seal of entry {row.number} does not fit it"
            raise InputError(f"{source}: {found}. Export the ledger again.")
    if (number, hash_so_far) != (manifest["entry"], manifest["content_hash"]):
        raise InputError(f"{source}: its last entry is not that of its manifest. Export the ledger again.")
