"""The layout of the tables is recorded with its version; a ledger of any other layout is left alone and refused."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
import tables_by_hand as by_hand

from estimation.errors import BusyError, EstimationError, InputError, RefusedError, UsageError
from estimation.ledger.ledger import open_ledger
from estimation.ledger.publications import Forecast
from estimation.ledger.schema import KEPT, METADATA, SCHEMA_VERSION

LAYOUT = Path(__file__).parents[1] / "recorded" / f"ledger_layout_{SCHEMA_VERSION}.sql"
TABLES = [table.name for table in METADATA.sorted_tables]
REMEDY = (
    "Export the ledger with the release that made it (`estimation ledger export FILE` there) and import the file with "
    "this one into a new ledger (`estimation ledger import FILE --ledger URL`); nothing was read or written."
)


def layout_of(file):
    """Every table and trigger of a database, a line each."""
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name"
        ).fetchall()
    return "".join(f"{' '.join(sql.split())};\n" for (sql,) in made)


def test_the_layout_of_the_tables_is_the_one_recorded_for_its_version(tmp_path):
    open_ledger(f"sqlite:///{tmp_path}/ledger.db", create=True)
    made = layout_of(tmp_path / "ledger.db")

    assert LAYOUT.exists(), f"a new version: write what follows into {LAYOUT}\n{made}"
    assert made == LAYOUT.read_text(), (
        "the layout was changed: raise SCHEMA_VERSION and record the new one beside it"
    )


CHANGES = {
    "newer": f"INSERT INTO schema_versions (version) VALUES ({SCHEMA_VERSION + 1})",
    "with another column": "ALTER TABLE milestones ADD COLUMN colour TEXT",
    "without a column": "ALTER TABLE causes DROP COLUMN cause_note",
    "without a table": "DROP TABLE forecast_quantiles",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_ledger_of_another_layout_is_refused(ledger, url, add, change):
    add(ledger, by_hand.history({"milestone": "1", "baseline_finish": "2026-03-06"}))
    with ledger._database.writing() as connection:
        connection.exec_driver_sql(CHANGES[change])

    for create in (False, True):
        with pytest.raises(RefusedError) as error:
            open_ledger(url, create=create)

        assert error.value.exit_code == 5
        said = str(error.value)
        if change == "newer":
            assert (
                f"have version {SCHEMA_VERSION + 1}, this toolkit knows up to {SCHEMA_VERSION}. Update the"
                in said
            )
        else:
            assert f"have other columns than this toolkit makes ({CHANGES[change].split()[2]})" in said
            assert said.endswith(REMEDY)
    with ledger._database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM milestones")).scalar() == 1


def test_an_older_ledger_is_refused_and_not_touched(tmp_path):
    file = tmp_path / "ledger.db"
    with closing(sqlite3.connect(file)) as older, older:
        older.execute("CREATE TABLE schema_versions (version INTEGER PRIMARY KEY) STRICT")
        older.execute("INSERT INTO schema_versions VALUES (1)")
    before = file.read_bytes()

    for create in (False, True):
        with pytest.raises(RefusedError) as error:
            open_ledger(f"sqlite:///{file}", create=create)
        assert f"its tables have version 1, this toolkit takes {SCHEMA_VERSION}. {REMEDY}" in str(error.value)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


@pytest.fixture
def full_file(tmp_path, add):
    """File of a ledger with a row in every table."""
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db", create=True)
    facts = {"cause": "data_quality", "recovery_plan": "two more people", "forecast_finish": "2026-03-09"}
    row = {"milestone": "1", "name": "Kickoff", "baseline_finish": "2026-03-06"}
    add(ledger, by_hand.history({**row, **facts}, {**row, "milestone": "2", **facts}))
    add(ledger, by_hand.history({**row, "project": "q"}))
    quantiles = (("1", 0.5, "2026-03-09"), ("1", 0.8, "2026-03-10"))
    for seed in (7, 8):
        forecast = Forecast("p", "2026-03-02", "a" * 64, "b" * 64, seed, 1000, "{}", quantiles)
        ledger.publish(forecast, made_by="anna", made_at=dt.datetime(2026, 3, 2))
    said = {"project": "p", "owner": "anna", "due": pd.Timestamp("2026-04-01")}
    for action in ("ask first", "measure twice"):
        ledger.decide({**said, "action": action}, made_by="anna", made_at=dt.datetime(2026, 3, 2))
    return tmp_path / "ledger.db"


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement", ["INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE", "INSERT", "UPDATE OR REPLACE"]
)
def test_no_program_replaces_a_row_of_sqlite(full_file, table, statement):
    """A plain connection, as of the command sqlite3: it knows nothing of how we open the file."""
    columns = METADATA.tables[table].c.keys()
    constraints = METADATA.tables[table].constraints
    unique = [one for one in constraints if isinstance(one, sa.PrimaryKeyConstraint | sa.UniqueConstraint)]
    with closing(sqlite3.connect(full_file)) as connection:
        before = connection.execute(f"SELECT * FROM {table}").fetchall()
        assert before
        for key in unique:
            held = set(key.columns.keys())
            for row in before:
                # A row that has this key in common with one that is there, and nothing else.
                other = [
                    cell if name in held else _another(cell) for name, cell in zip(columns, row, strict=True)
                ]
                if statement == "UPDATE OR REPLACE":
                    words = f"{statement} {table} SET {', '.join(f'{name} = ?' for name in columns)}"
                else:
                    words = f"{statement} INTO {table} VALUES ({', '.join('?' * len(columns))})"
                with pytest.raises(sqlite3.IntegrityError, match="only ever adds rows"):
                    connection.execute(words, other)
        connection.commit()
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == before


def _another(cell):
    return cell if cell is None else f"{cell} changed" if isinstance(cell, str) else cell + 1000


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
