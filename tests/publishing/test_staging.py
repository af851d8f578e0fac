"""What a run makes takes its place when it is whole; a move that is cut short is finished by whoever comes next."""

import contextlib
import os
import subprocess
import sys

import pytest

from estimation.errors import BusyError
from estimation.publishing import staging
from estimation.publishing.staging import alone_in, finish_move, stage

FILES = ("a.csv", "report.html", "results.json")


def write(folder, word):
    for name in FILES:
        (folder / name).write_text(word)


def words(folder):
    return [(folder / name).read_text() for name in FILES]


def test_nothing_is_seen_before_all_is_there(tmp_path):
    write(tmp_path, "old")
    with stage(tmp_path) as work:
        write(work, "new")
        (work / "charts").mkdir()
        (work / "charts" / "one.svg").write_text("new")
        assert words(tmp_path) == ["old"] * 3

    assert words(tmp_path) == ["new"] * 3
    assert (tmp_path / "charts" / "one.svg").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.csv",
        "charts",
        "report.html",
        "results.json",
    ]


def test_work_that_fails_leaves_everything_as_it_was(tmp_path):
    write(tmp_path, "old")
    with contextlib.suppress(ZeroDivisionError), stage(tmp_path) as work:
        write(work, "new")
        1 / 0  # noqa: B018

    assert words(tmp_path) == ["old"] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == list(FILES)


class Cut(BaseException):
    """The end of a process, as far as files can tell."""


@pytest.mark.parametrize("after", range(4))
def test_a_move_that_is_cut_short_is_finished_by_the_next_reader(tmp_path, monkeypatch, after):
    write(tmp_path, "old")
    moved = []

    def replace(source, target):
        if len(moved) == after:
            raise Cut
        moved.append(target)
        os.rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(staging.os, "replace", replace)
        if after == 3:
            patch.setattr(
                staging.shutil, "rmtree", lambda path, **_: cut() if path.name == staging.READY else None
            )
        with pytest.raises(Cut), stage(tmp_path) as work:
            write(work, "new")
    assert words(tmp_path) == ["new"] * after + ["old"] * (3 - after)

    finish_move(tmp_path)

    assert words(tmp_path) == ["new"] * 3
    assert not (tmp_path / staging.READY).exists()


def cut():
    raise Cut


def test_what_a_killed_run_left_is_cleared_away_and_never_moved(tmp_path):
    left = tmp_path / f"{staging.STAGED}killed"
    left.mkdir()
    write(left, "half")

    with stage(tmp_path) as work:
        assert not left.exists()
        left.mkdir()  # what it had started goes on writing
        write(left, "half")
        (work / "a.csv").write_text("new")

    assert (tmp_path / "a.csv").read_text() == "new"
    assert not (tmp_path / "report.html").exists()


def test_a_folder_is_held_by_one_run(tmp_path):
    with alone_in(tmp_path), pytest.raises(BusyError, match="Another run is writing to"), alone_in(tmp_path):
        pass
    with alone_in(tmp_path):
        assert (tmp_path / ".running").exists()


def test_a_run_that_was_killed_holds_no_folder(tmp_path):
    words = (
        "import sys, time\nfrom pathlib import Path\nfrom estimation.publishing.staging import alone_in\n"
        "with alone_in(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", words, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BusyError), alone_in(tmp_path):
            pass
        other.kill()

    assert (tmp_path / ".running").exists()  # the file it left is in nobody's way
    with alone_in(tmp_path):
        pass
    if os.name != "nt":
        assert not list(tmp_path.iterdir())
