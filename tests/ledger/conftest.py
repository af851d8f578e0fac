"""Each test of the ledger runs on SQLite and on PostgreSQL."""

import postgres_server
import pytest

from estimation.ledger.ledger import open_ledger


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
