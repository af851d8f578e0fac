"""Nothing is lost: killed processes, many writers at once, a full disk, a folder that may only be read.

The full run of the kills is ``benchmarks/durability.py``.
"""

import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
import tables_by_hand as by_hand
from forked import Forked

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.durability import WHO, kill_ingests
from estimation.errors import EstimationError, RefusedError
from estimation.ledger import table_writer
from estimation.ledger.ledger import open_ledger

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are forked")


def rows(project, n_rows=1, **cells):
    return by_hand.history(
        *(
            {"project": project, "milestone": f"{n}", "baseline_finish": "2026-03-06", **cells}
            for n in range(n_rows)
        )
    )


def in_a_child(work):
    """Do some work in a forked process and give what it says or raises."""
    context = multiprocessing.get_context("fork")
    heard, said = context.Pipe()

    def run():
        try:
            said.send(work())
        except Exception as error:
            said.send(error)

    child = context.Process(target=run)
    child.start()
    child.join(60)
    return heard.recv() if heard.poll() else f"ended with {child.exitcode}"


def contents(folder):
    """Every byte; -shm is SQLite's list of who reads, and holds nothing of the ledger."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".db-shm"}


def test_no_acknowledged_file_is_lost_and_none_is_kept_by_half(url):
    counted = kill_ingests(url, 24, 7)  # many, so that some live long enough on a busy machine

    assert counted["n_killed"] == 24
    assert (
        counted["n_acknowledged"] > 2
    )  # the two before the first kill, and some from processes that were killed
    assert (counted["n_lost"], counted["n_half"]) == (0, 0)


def add_project(url, number, start, answers):
    start.wait()
    ledger = open_ledger(url, create=True)
    for project in (f"own-{number}", "shared"):  # each its own, and all of them the same one
        table = rows(project, 200)
        answers.put(ledger.add(table, file=f"{project}.csv", file_hash="0" * 64, **WHO).n_new)


def test_four_processes_that_add_at_once_add_each_row_once(url):
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(4), context.Queue()
    children = [context.Process(target=add_project, args=(url, n, start, answers)) for n in range(4)]
    for child in children:
        child.start()
    n_new = sorted(answers.get(timeout=60) for _ in range(8))
    for child in children:
        child.join(60)

    assert n_new == [0, 0, 0, 200, 200, 200, 200, 200]
    assert [child.exitcode for child in children] == [0] * 4
    ledger = open_ledger(url)
    assert ledger.head().number == 5
    assert ledger.history()["project"].value_counts().to_dict() == dict.fromkeys(
        ["own-0", "own-1", "own-2", "own-3", "shared"], 200
    )


# 1: the table is looked at in parts, and those before the contradiction could be written already.
@pytest.mark.parametrize("rows_at_once", [1, 50_000])
def test_after_a_refusal_the_files_are_the_same_byte_for_byte(tmp_path, monkeypatch, rows_at_once):
    monkeypatch.setattr(table_writer, "ROWS_AT_ONCE", rows_at_once)
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db", create=True)
    engine = ledger._database.engine
    # In 80 kB of memory what is written goes to the disk at once.
    sa.event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA cache_size = 20"))
    reader = sqlite3.connect(tmp_path / "ledger.db")  # so that the log of what is written ahead stays there
    reader.execute("SELECT count(*) FROM entries")
    ledger.add(rows("atlas"), file="a.csv", file_hash="0" * 64, **WHO)
    before = contents(tmp_path)
    other = pd.concat([rows(f"other-{n}", 100) for n in range(20)])
    contradiction = rows("atlas", baseline_start="2026-03-02").assign(baseline_finish="2026-03-09")
    contradiction["baseline_finish"] = contradiction["baseline_finish"].astype("datetime64[s]")
    table = pd.concat([other, contradiction], ignore_index=True)

    with pytest.raises(RefusedError):
        ledger.add(table, file="b.csv", file_hash="0" * 64, **WHO)

    assert set(before) == {"ledger.db", "ledger.db-wal"}
    assert len(before["ledger.db-wal"]) > 0
    assert contents(tmp_path) == before
    reader.close()


def test_a_log_that_was_written_by_half_gives_a_state_that_once_was(tmp_path):
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db", create=True)
    reader = sqlite3.connect(tmp_path / "ledger.db")  # so that the log of what is written ahead stays there
    reader.execute("SELECT count(*) FROM entries")
    heads, ends = [ledger.head()], [0]
    for name in ("a", "b", "c"):
        heads.append(ledger.add(rows(name, 5), file=name, file_hash="0" * 64, **WHO).head)
        ends.append((tmp_path / "ledger.db-wal").stat().st_size)
    file, log = contents(tmp_path).values()
    reader.close()
    found = []
    for begin, end in pairwise(ends):
        for cut in (
            begin + 100,
            (begin + end) // 2,
            end - 1,
            end,
        ):  # in the head of a page, in a page, all of it
            (tmp_path / "half.db").write_bytes(file)
            (tmp_path / "half.db-wal").write_bytes(log[:cut] + b"\xff" * 3000)
            half = open_ledger(f"sqlite:///{tmp_path}/half.db", create=True)
            found.append(heads.index(half.head()))
            counted = half.baselines()["project"].value_counts().to_dict()
            assert counted == dict.fromkeys("abc"[: found[-1]], 5)
    assert found == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3]


def commands(folder, *commands):
    """Give several commands at once, each in a process of its own; give their exit codes and what they said."""
    running = [Forked(words, folder / f"said-{number}") for number, words in enumerate(commands)]
    return zip(*(one.ended() for one in running), strict=True)


def test_of_four_commands_at_once_each_file_is_added_once_or_not_at_all(url, tmp_path):
    def written(name, *tables):
        wanted = ["project", "milestone", "phase", "baseline_finish"]
        pd.concat(tables)[wanted].to_csv(tmp_path / name, index=False)
        return tmp_path / name

    ledger = open_ledger(url, create=True)
    ledger.add(rows("atlas"), file="a.csv", file_hash="0" * 64, **WHO)
    same = written("same.csv", rows("same", 100))
    copy = written("copy.csv", rows("same", 100).iloc[::-1])
    own = written("own.csv", rows("own", 100))
    wrong = written("wrong.csv", rows("wrong", 100), rows("atlas").assign(baseline_finish="2026-03-09"))

    files = (same, copy, own, wrong)
    codes, said = commands(tmp_path, *(["ingest", str(file), "--ledger", url] for file in files))

    assert codes == (0, 0, 0, 5), said
    assert "wrong.csv, row 102: baseline_finish 2026-03-09 came" in said[3]
    assert "by hand, row 2 (entry 1) says 2026-03-06" in said[3]
    assert ledger.head().number == 3
    assert ledger.history()["project"].value_counts().to_dict() == {"atlas": 1, "same": 100, "own": 100}


def test_moves_that_are_set_at_once_follow_one_another(url, tmp_path):
    ledger = open_ledger(url, create=True)
    ledger.add(rows("atlas"), file="a.csv", file_hash="0" * 64, **WHO)
    words = ["status", "set", "atlas", "0", "--as-of", "2026-03-04", "--ledger", url, "--forecast"]

    codes, said = commands(tmp_path, *([*words, f"2026-03-1{n}"] for n in range(4)))

    assert codes == (0, 0, 0, 0), said
    moves = ledger.forecast_moves()
    assert sorted(moves["new_finish"].dt.day) == [10, 11, 12, 13]
    assert moves["old_finish"].dt.day.tolist() == [6, *moves["new_finish"].dt.day.tolist()[:-1]]
    assert moves["entry"].tolist() == [2, 3, 4, 5]


def test_a_full_disk_is_an_error_and_nothing_is_lost(tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger = open_ledger(url, create=True)
    ledger.add(rows("atlas"), file="a.csv", file_hash="0" * 64, **WHO)
    head = ledger.head()

    def fill():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        ledger.add(rows("big", 20_000), file="b.csv", file_hash="0" * 64, **WHO)

    error = in_a_child(fill)

    assert isinstance(error, EstimationError)
    assert "the disk took no more" in str(error)
    assert error.exit_code == 1
    assert open_ledger(url).head() == head
    assert open_ledger(url).history()["project"].tolist() == ["atlas"]
    assert open_ledger(url).add(rows("big", 5), file="b.csv", file_hash="0" * 64, **WHO).n_new == 5


@pytest.fixture
def closed_folder():
    """A folder that anyone can see and that can be closed to writers; root becomes someone else to be refused."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_that_may_only_be_read_is_an_error_and_nothing_is_lost(closed_folder):
    ledger = open_ledger(f"sqlite:///{closed_folder}/ledger.db", create=True)
    ledger.add(rows("atlas"), file="a.csv", file_hash="0" * 64, **WHO)
    before = contents(closed_folder)
    (closed_folder / "ledger.db").chmod(0o444)
    closed_folder.chmod(0o555)

    def add():
        if os.geteuid() == 0:
            os.seteuid(65534)
        ledger.add(rows("borealis"), file="b.csv", file_hash="0" * 64, **WHO)

    error = in_a_child(add)

    assert isinstance(error, EstimationError)
    assert "cannot be opened or written" in str(error)
    assert contents(closed_folder) == before
