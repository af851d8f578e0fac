"""A disk that is really full, and one that is really read-only: an error, nothing lost, and then it goes on."""

import tempfile
from pathlib import Path

import postgres_server
import pytest
import small_disk
import tables_by_hand as by_hand

from estimation.errors import EstimationError
from estimation.ledger.ledger import open_ledger

pytestmark = pytest.mark.skipif(bool(small_disk.why_not()), reason=small_disk.why_not() or "-")


def rows(project, n_rows=1):
    return by_hand.history(
        *(
            {"project": project, "milestone": f"{n}", "baseline_finish": "2026-03-06", "notes": "long " * 20}
            for n in range(n_rows)
        )
    )


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "filler"}


@pytest.fixture
def disk(tmp_path):
    with small_disk.small_disk(tmp_path / "disk", 6) as folder:
        yield folder


# 2,000 rows take more than 400 kB: the room ends before the first page, in the log of what is written ahead, and so on.
@pytest.mark.parametrize("left", [0, 40_000, 100_000, 400_000])
def test_sqlite_on_a_full_disk_adds_nothing_and_goes_on_when_there_is_room(disk, add, left):
    url = f"sqlite:///{disk}/ledger.db"
    ledger = open_ledger(url, create=True)
    add(ledger, rows("atlas"))
    head, before = ledger.head(), contents(disk)

    with small_disk.filled(disk, left=left):
        with pytest.raises(EstimationError, match=r"the disk took no more|cannot be opened") as error:
            add(ledger, rows("big", 2_000))
        after = contents(disk)

    assert error.value.exit_code == 1
    assert "Nothing was added" in str(error.value)
    assert after["ledger.db"] == before["ledger.db"]
    assert (
        after.get("ledger.db-wal", b"") == b""
    )  # an empty file may be left, of which there is nothing to read
    assert open_ledger(url).head() == head
    assert add(open_ledger(url), rows("big", 2_000)).n_new == 2_000
    assert open_ledger(url).history()["project"].value_counts().to_dict() == {"atlas": 1, "big": 2_000}


def test_a_full_disk_leaves_no_half_export(disk, add):
    ledger = open_ledger(f"sqlite:///{disk}/ledger.db", create=True)
    add(ledger, rows("atlas", 2_000))
    ledger.export(disk / "ledger.zip")
    before = contents(disk)

    with small_disk.filled(disk, left=50_000), pytest.raises((OSError, EstimationError)):
        ledger.export(disk / "ledger.zip")

    assert contents(disk) == before


def test_sqlite_on_a_read_only_disk_is_an_error_and_nothing_is_lost(disk, add):
    ledger = open_ledger(f"sqlite:///{disk}/ledger.db", create=True)
    add(ledger, rows("atlas"))
    before = contents(disk)

    with (
        small_disk.read_only(disk),
        pytest.raises(EstimationError, match="cannot be opened or written") as error,
    ):
        add(ledger, rows("borealis"))

    assert error.value.exit_code == 1
    assert contents(disk) == before
    assert add(ledger, rows("borealis")).n_new == 1


@pytest.fixture
def open_folder():
    """A folder that the server, which runs as somebody else, may enter; pytest closes its own whenever it starts."""
    with tempfile.TemporaryDirectory(prefix="estimation-disk-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


# The room ends for the tables, which the server says; or for its log, at which it stops altogether. Which of the two
# comes first depends on the sizes of files and blocks on the machine.
@pytest.mark.postgres
@pytest.mark.parametrize("left", [2_000_000, 14_000_000])
def test_postgresql_on_a_full_disk_adds_nothing_and_goes_on_when_there_is_room(open_folder, add, left):
    if reason := postgres_server.why_not():
        pytest.skip(reason)
    big = rows("big", 10_000).assign(notes=[f"{n:01800d}" for n in range(10_000)])  # 18 MB
    with small_disk.small_disk(open_folder / "disk", 100) as disk:
        disk.chmod(0o777)
        with postgres_server.server(within=disk) as server:
            url = postgres_server.new_database(server.address)
            ledger = open_ledger(url, create=True)
            add(ledger, rows("atlas"))
            head = ledger.head()

            with (
                small_disk.filled(disk, left=left),
                pytest.raises(
                    EstimationError, match=r"the disk took no more \(|the database cannot be reached \("
                ),
            ):
                add(ledger, big)
            server.stop()
            server.start()

            assert open_ledger(url).head() == head
            assert open_ledger(url).history()["project"].tolist() == ["atlas"]
            assert add(open_ledger(url), big.iloc[:500].reset_index(drop=True)).n_new == 500
