"""The address of a ledger: which there are, what of it may be shown, and as of which entry it is read."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from estimation.errors import UsageError

_ENTRY = "entry"
_WANTED = "wanted sqlite:///folder/ledger.db or postgresql+psycopg://user@host/database"


def read_address(text: str) -> tuple[URL, int | None]:
    """Take an address apart: the database, and the entry up to which it is read, if it names one."""
    try:
        url = make_url(text)
        entry_text = url.query.get(_ENTRY)
        entry = int(entry_text) if entry_text is not None else None
    except (ArgumentError, ValueError, TypeError):
        scheme = text.partition("://")[0]
        raise UsageError(f"'{scheme}://...' is no address of a ledger; {_WANTED}.") from None
    url = url.difference_update_query([_ENTRY])
    if "password" in url.query:
        raise UsageError(
            "The address of a ledger holds a password, which messages and reports would show. "
            "Put it into ~/.pgpass or PGPASSWORD."
        )
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and (url.query or (entry_text is None and "?" in text)):
        raise UsageError(
            f"'{text}' asks something of SQLite behind the '?'; only ?{_ENTRY}=12 may stand there. "
            "Write %3F for a question mark in the name of a file."
        )
    if url.drivername == "sqlite" and url.database not in (None, "", ":memory:"):
        try:
            file = Path(url.database).expanduser().resolve()
        except (RuntimeError, ValueError) as error:  # a home that nobody has, or a NUL
            raise UsageError(f"{url.database!r} is no path of a file ({error}); {_WANTED}.") from None
        return url.set(database=str(file)), entry
    if url.drivername != "postgresql+psycopg":
        raise UsageError(f"A ledger at '{shown(url)}' is not possible; {_WANTED}.")
    return url, entry


def pinned(url: URL, entry: int) -> str:
    """Write an address that always reads the same: the ledger as it stood after an entry."""
    return url.update_query_dict({_ENTRY: str(entry)}).render_as_string(hide_password=False)


def shown(url: URL) -> str:
    """Write an address without its password."""
    return url.render_as_string(hide_password=True)
