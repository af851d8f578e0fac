"""The command `estimation run` as a person calls it: whatever fails, one line says why and the last good report stays.

It is called in this process on a notebook of its own, and starts a kernel; two at once are processes of their own.
"""

import json
import os
import shutil
import threading
import time
from functools import partial

import nbformat
import pytest
import small_disk
from forked import Forked
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from estimation.cli import command as cli
from estimation.publishing import runner
from estimation.publishing.results import load_results

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(os.name == "nt", reason="kernels and disks of POSIX")]

PARAMETERS = 'n = 1\nfailure = ""\ngo: "Path" = ""\noutput_dir: "Path" = ""'
WORK = """
import os, time
from pathlib import Path
if failure == "value":
    raise ValueError("no such thing")
if failure == "hangs":
    time.sleep(600)
if failure == "dies":
    os.kill(os.getpid(), 9)
import pandas as pd
from estimation import save_results
while go and not Path(go).read_text():
    time.sleep(0.02)
table = pd.DataFrame({"n": [n] * 20_000})
save_results(output_dir, inputs={"n": n}, headline={"n": n}, tables={"first": table, "second": table})
print("n is", n)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with one notebook, and the folder of a good report of it."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "notebooks").mkdir()
    cells = [
        new_markdown_cell("# Toy\n\nDoes it run?"),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell(WORK.strip()),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "notebooks" / "07_toy_run.ipynb")
    runner.run_notebook("toy", output_dir=folder / "good", notebooks=folder / "notebooks")
    return folder


@pytest.fixture
def command(place, monkeypatch, capfd):
    """Calls the command; gives its exit code and what it said on standard error, but for how far it was."""
    monkeypatch.setattr(runner, "run_notebook", partial(runner.run_notebook, notebooks=place / "notebooks"))

    def call(out, *words):
        code = cli.main(["run", "toy", "--output", str(out), *words])
        return code, without_progress(capfd.readouterr().err)

    return call


def without_progress(said):
    return [line for line in said.splitlines() if not line.startswith("toy: cell ")]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def kernel_of(folder, *command):
    """The folder of settings under which the kernel is started by another command."""
    kernel = folder / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    known = {"argv": [*command, "{connection_file}"], "display_name": "x", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(known))
    return str(folder / "jupyter")


@pytest.mark.parametrize(
    ("words", "kernel", "cause"),
    [
        (["-p", "failure", "value"], (), "ValueError: no such thing"),
        (["-p", "failure", "hangs", "--timeout", "1"], (), "It took longer than 1 seconds. Allow more with "),
        (["-p", "failure", "dies"], (), "Its process died, most often because memory ran out. "),
        (
            [],
            ("/gone/bin/python",),
            "/gone/bin/python: No such file or directory. The last good report is as ",
        ),
        ([], ("false",), "toy: the notebook's process did not start, twice ("),
    ],
    ids=["a cell fails", "a cell hangs", "the kernel dies", "no kernel", "it never starts"],
)
def test_a_run_that_fails_says_why_in_one_line_and_leaves_the_last_report(
    place, command, tmp_path, monkeypatch, words, kernel, cause
):
    shutil.copytree(place / "good", tmp_path / "out")
    before = files(tmp_path / "out")
    if kernel:
        monkeypatch.setenv("JUPYTER_PATH", kernel_of(tmp_path, *kernel))

    code, said = command(tmp_path / "out", *words)

    assert code == 1, said
    assert sum(line.startswith(cause) for line in said) == 1, said
    assert not any("Traceback" in line for line in said)
    assert files(tmp_path / "out") == before


@pytest.fixture
def disk(tmp_path):
    if reason := small_disk.why_not():
        pytest.skip(reason)
    with small_disk.small_disk(tmp_path / "disk", 4) as folder:
        yield folder


def test_a_run_on_a_full_disk_says_so_and_the_next_one_succeeds_when_there_is_room(place, command, disk):
    out = disk / "out"
    shutil.copytree(place / "good", out)
    before = files(out)

    with small_disk.filled(disk, left=60_000):  # enough to start with
        code, said = command(out, "-p", "n", "2")

    assert code == 1, said
    assert sum("No space left on device" in line for line in said) == 1, said
    assert files(out) == before
    code, said = command(out, "-p", "n", "2")
    assert (code, load_results(out).headline) == (0, {"n": 2}), said


def test_a_run_into_a_read_only_folder_says_so(place, command, disk):
    out = disk / "out"
    shutil.copytree(place / "good", out)
    before = files(out)

    with small_disk.read_only(disk):
        code, said = command(out, "-p", "n", "2")

    assert code == 1
    assert said == [f"{out}/.running: Read-only file system. The last good report is as it was."]
    assert files(out) == before


@pytest.mark.usefixtures("command")
def test_of_two_runs_at_once_one_wins_and_no_reader_sees_half_a_report(place, tmp_path):
    out, go = tmp_path / "out", tmp_path / "go"
    shutil.copytree(place / "good", out)
    go.touch()
    seen, over = [], threading.Event()

    def read():
        while not over.is_set():
            page = (out / "report.html").read_text(encoding="utf-8")
            results = load_results(out)
            numbers = {results.headline["n"], *results.tables["first"]["n"], *results.tables["second"]["n"]}
            time.sleep(0.02)
            seen.append((page.rstrip().endswith("</html>"), "n is 1" in page or "n is 2" in page, numbers))

    words = ["run", "toy", "--output", str(out), "-p", "n", "2", "-p", "go", str(go)]
    runs = [Forked(words, tmp_path / f"said-{n}") for n in range(2)]
    reader = threading.Thread(target=read)
    try:
        last = time.monotonic() + 60
        while all(run.is_running() for run in runs):
            assert time.monotonic() < last, "neither was refused"
            time.sleep(0.02)
        reader.start()
        go.write_text("go")  # the one that is left may finish
        codes, said = zip(*(run.ended() for run in runs), strict=True)
        time.sleep(0.2)
    finally:
        over.set()
        go.write_text("go")
        if reader.is_alive():
            reader.join()

    assert sorted(codes) == [0, 4], said
    assert without_progress(said[codes.index(4)]) == [
        f"Another run is writing to {out}. Wait for it, or name another folder with --output."
    ]
    assert len(seen) > 10
    assert all(whole and known and len(numbers) == 1 for whole, known, numbers in seen)
    assert {number for _, _, numbers in seen for number in numbers} == {1, 2}
