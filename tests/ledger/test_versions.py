"""The tables of the ledger have a version: older ones are brought up after a copy, newer ones are not touched."""

import sqlite3

import pytest
import sqlalchemy as sa
import tables_by_hand as by_hand

from estimation.errors import BusyError, EstimationError, InputError, RefusedError, UsageError
from estimation.ledger import versions
from estimation.ledger.ledger import open_ledger
from estimation.ledger.schema import KEPT


def add_colour(connection):
    connection.execute(sa.text("ALTER TABLE milestones ADD COLUMN colour TEXT"))


def columns(ledger, table):
    with ledger._database.reading() as connection:
        return [column["name"] for column in sa.inspect(connection).get_columns(table)]


def test_an_older_ledger_is_brought_up_to_date_and_a_copy_is_kept(ledger, url, add, tmp_path):
    add(ledger, by_hand.history({"milestone": "1", "baseline_finish": "2026-03-06"}))
    head, database = ledger.head(), ledger._database

    versions.prepare(database, create=False, wanted=2, migrations={2: add_colour})

    assert columns(ledger, "milestones")[-1] == "colour"
    assert ledger.head() == head
    if database.sqlite:
        copy = open_ledger(f"sqlite:///{database.file}.version-1")
        assert copy.head() == head
        assert "colour" not in columns(copy, "milestones")
    else:
        with database.reading() as connection:
            kept = connection.execute(sa.text("SELECT * FROM ledger_version_1.milestones")).mappings().all()
        assert [sorted(row) for row in kept] == [["entry", "id", "milestone", "project_id"]]
    with pytest.raises(RefusedError, match=r"its tables have version 2, this toolkit knows up to 1"):
        open_ledger(url)


def test_a_step_that_fails_leaves_the_ledger_as_it_was(ledger, add):
    def fails(connection):
        add_colour(connection)
        raise RefusedError("no")

    with pytest.raises(RefusedError):
        versions.prepare(ledger._database, create=False, wanted=2, migrations={2: fails})
    assert "colour" not in columns(ledger, "milestones")
    versions.prepare(ledger._database, create=False)  # still of version 1


def test_a_ledger_is_made_only_when_that_is_meant(url, tmp_path):
    with pytest.raises(InputError, match=r"no ledger\."):
        open_ledger(url)
    assert not list(tmp_path.glob("*.db*"))
    with pytest.raises(UsageError, match=r"is no address of a ledger|is not possible"):
        open_ledger("mysql://somewhere/else")


def test_tables_of_sqlite_are_strict_and_written_ahead(tmp_path):
    file = tmp_path / "new" / "ledger.db"
    ledger = open_ledger(f"sqlite:///{file}", create=True)

    with ledger._database.reading() as connection:
        strict = dict(connection.exec_driver_sql("SELECT name, strict FROM pragma_table_list").all())
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert {strict[table.name] for table in KEPT} == {1}
    assert settings == ["wal", 2, 1]


def test_what_is_no_ledger_is_told_from_what_cannot_be_reached(tmp_path):
    (tmp_path / "text.db").write_text("project,milestone\n" * 100)
    with pytest.raises(InputError, match="is no ledger"):
        open_ledger(f"sqlite:///{tmp_path}/text.db")
    pytest.importorskip("psycopg")
    with pytest.raises(EstimationError, match=r"anna:\*\*\*@127\.0\.0\.1(.|\n)*cannot be reached") as error:
        open_ledger("postgresql+psycopg://anna:secret@127.0.0.1:1/x")
    assert "secret" not in str(error.value)


def test_a_writer_that_waits_too_long_says_busy(tmp_path, add):
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger = open_ledger(url, create=True, waiting_seconds=0.1)
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(BusyError, match="another run is writing to the ledger"):
        add(ledger, by_hand.history({"milestone": "1", "baseline_finish": "2026-03-06"}))
    other.close()
