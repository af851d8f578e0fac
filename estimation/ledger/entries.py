"""Entries of the ledger: one per file or publication, numbered, each sealed with a hash of all before it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import InputError
from estimation.ledger.schema import ENTRIES, SEALS

_DIGITS_SHOWN = 12


@dataclass(frozen=True)
class Head:
    """Where the ledger stands: the number of its last entry, and a hash of everything up to it."""

    number: int
    content_hash: str

    def __str__(self) -> str:
        """Write it as reports print it."""
        return f"entry {self.number}, {self.content_hash[:_DIGITS_SHOWN]}" if self.number else "empty"


@dataclass(frozen=True)
class Entry:
    """An entry that is being written: its number, what stands in it, and what came before."""

    number: int
    facts: dict[str, object]
    before: Head


def head_of(connection: Connection, entry: int | None = None, where: str = "the ledger") -> Head:
    """Say where the ledger stands, or stood after an entry."""
    query = sa.select(SEALS.c.entry, SEALS.c.content_hash).order_by(SEALS.c.entry.desc()).limit(1)
    if entry is not None:
        query = query.where(SEALS.c.entry == entry)
    row = connection.execute(query).first()
    if row is None and entry:
        raise InputError(f"{where}: has no entry {entry}. Correct the number behind '?entry='.")
    return Head(row.entry, row.content_hash) if row else Head(0, "")


def begin(connection: Connection, kind: str, made_by: str, made_at: dt.datetime, reason: str) -> Entry:
    """Open the next entry: an "import", a "correction", a "publication" or a "decision"."""
    before = head_of(connection)
    facts = {
        "number": before.number + 1,
        "kind": kind,
        "made_at": made_at.isoformat(timespec="seconds"),
        "made_by": made_by,
        "reason": reason or None,
    }
    connection.execute(ENTRIES.insert(), facts)
    return Entry(before.number + 1, facts, before)


def seal(connection: Connection, entry: Entry, said: Iterable[str]) -> Head:
    """Close an entry with the hash of what it says, in an order that no file decides, and of everything before it."""
    rows_hash = hashlib.sha256("\n".join(said).encode()).hexdigest()
    content_hash = chained(entry.before.content_hash, entry.facts, rows_hash)
    row = {"entry": entry.number, "rows_hash": rows_hash, "content_hash": content_hash}
    connection.execute(SEALS.insert(), row)
    return Head(entry.number, content_hash)


def chained(before: str, facts: dict[str, object], rows_hash: str) -> str:
    """Compute the hash of an entry from the one before it."""
    return hashlib.sha256(json.dumps([before, facts, rows_hash]).encode()).hexdigest()
