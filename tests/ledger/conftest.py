"""Each test of the ledger runs on SQLite and on PostgreSQL."""

import datetime as dt

import postgres_server
import pytest

from estimation.ledger.ledger import open_ledger

WHO = {"made_by": "anna", "made_at": dt.datetime(2026, 11, 24, 9, 0)}


@pytest.fixture(scope="session")
def postgres():
    """Address of a running PostgreSQL server."""
    if reason := postgres_server.why_not():
        pytest.skip(reason)
    with postgres_server.server() as running:
        yield running.address


@pytest.fixture
def new_url(request, tmp_path):
    """Gives the address of a new, empty database of a kind."""
    made = []

    def new(kind):
        made.append(kind)
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/ledger{len(made)}.db"
        return postgres_server.new_database(request.getfixturevalue("postgres"))

    return new


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, new_url):
    return new_url(request.param)


@pytest.fixture
def ledger(url):
    return open_ledger(url, create=True, waiting_seconds=10)


@pytest.fixture
def add():
    """Adds a table as a file of some name."""

    def add(ledger, table, file="plan.csv", **options):
        return ledger.add(table, file=file, file_hash="0" * 64, **{**WHO, **options})

    return add
