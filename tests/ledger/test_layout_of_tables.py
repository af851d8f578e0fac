"""The tables of the ledger have a version: older ones are brought up after a copy, newer ones are not touched."""

import os
import signal
import sqlite3

import pytest
import sqlalchemy as sa
import tables_by_hand as by_hand

from estimation.errors import BusyError, EstimationError, InputError, RefusedError, UsageError
from estimation.ledger import layout as versions
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


def test_a_migration_that_is_killed_leaves_the_ledger_as_it_was_and_the_next_one_keeps_a_copy_anew(
    ledger, add
):
    rows = {"milestone": "1", "baseline_finish": "2026-03-06"}
    add(ledger, by_hand.history(rows))

    def dies(connection):
        add_colour(connection)
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        versions.prepare(ledger._database, create=False, wanted=2, migrations={2: dies})
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert "colour" not in columns(ledger, "milestones")
    add(ledger, by_hand.history({**rows, "project": "q"}))  # the older toolkit goes on using it
    head = ledger.head()

    versions.prepare(ledger._database, create=False, wanted=2, migrations={2: add_colour})

    assert columns(ledger, "milestones")[-1] == "colour"
    if ledger._database.sqlite:  # the first copy was made before the kill and is not written over
        kept = sorted(ledger._database.file.parent.glob(f"{ledger._database.file.name}.version-1*"))
        heads = [open_ledger(f"sqlite:///{path}").head() for path in kept]
        assert [path.suffix for path in kept] == [".version-1", ".version-1_2"]
        assert (heads[0].number, heads[1]) == (1, head)
    else:
        with ledger._database.reading() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM ledger_version_1.entries")).scalar() == 2


def test_the_database_of_something_else_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "people.db") as other:
        other.execute("CREATE TABLE people (name TEXT)")
    other.close()
    before = (tmp_path / "people.db").read_bytes()

    with pytest.raises(RefusedError, match="is the database of something else, with tables such as 'people'"):
        open_ledger(f"sqlite:///{tmp_path}/people.db", create=True)
    assert (tmp_path / "people.db").read_bytes() == before


@pytest.mark.parametrize("name", ["a b{x}%d.db", "ü#1.db", "what?.db", "50%20.db"])
def test_a_file_of_any_name_is_pinned_under_an_address_that_finds_it(tmp_path, add, name):
    written = name.replace("%", "%25").replace("?", "%3F")  # as in any address
    ledger = open_ledger(f"sqlite:///{tmp_path}/{written}", create=True)
    add(ledger, by_hand.history({"milestone": "1", "baseline_finish": "2026-03-06"}))

    assert (tmp_path / name).exists()
    assert open_ledger(ledger.pinned_address()).head() == ledger.head()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("sqlite:///what?.db", "Write %3F for a question mark"),
        ("sqlite:///ledger.db?mode=ro", "asks something of SQLite"),
        ("sqlite:///ledger.db?entry=last", "is no address of a ledger"),
        ("sqlite:///~nobody-has-this-name/x.db", "is no path of a file"),
        ("postgresql+psycopg://db/x?password=secret", "Put it into ~/.pgpass"),
    ],
)
def test_an_address_that_would_mean_something_else_is_refused(address, message):
    with pytest.raises(UsageError, match=message) as error:
        open_ledger(address, create=True)
    assert "secret" not in str(error.value)


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
