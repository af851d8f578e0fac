"""The command `estimation run` as a person calls it: whatever fails, one line says why and the last good report stays.

It runs in a copy of the package beside a notebook of its own; each run starts Python and a kernel and costs seconds.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
import small_disk
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import estimation
from estimation.publishing.results import load_results

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kernels and disks of POSIX")

PARAMETERS = 'n = 1\nfailure = ""\ngo: "Path" = ""\noutput_dir: "Path" = ""'
WORK = """
import os, time
from pathlib import Path
import pandas as pd
from estimation import save_results
if failure == "value":
    raise ValueError("no such thing")
if failure == "hangs":
    time.sleep(600)
if failure == "dies":
    os.kill(os.getpid(), 9)
while go and not Path(go).read_text():
    time.sleep(0.02)
table = pd.DataFrame({"n": [n] * 20_000})
save_results(output_dir, inputs={"n": n}, headline={"n": n}, tables={"first": table, "second": table})
print("n is", n)
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the package with one notebook, and the folder of a good report of it."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(Path(estimation.__file__).parent, folder / "estimation")
    (folder / "notebooks").mkdir()
    cells = [
        new_markdown_cell("# Toy\n\nDoes it run?"),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell(WORK.strip()),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "notebooks" / "07_toy_run.ipynb")
    done = started(folder, folder / "good").communicate(timeout=120)
    assert (folder / "good" / "report.html").exists(), done
    return folder


def started(checkout, out, *words, **settings):
    """Start the command."""
    command = [sys.executable, "-m", "estimation.cli.command", "run", "toy", "--output", str(out), *words]
    environment = {**os.environ, "PYTHONPATH": str(checkout), **settings}
    return subprocess.Popen(
        command,
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said_by(run):
    """What it said on standard error, but for how far it was."""
    said = run.communicate(timeout=120)[1]
    return [line for line in said.splitlines() if not line.startswith("toy: cell ")]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def kernel_of(folder, *command):
    """Settings under which the kernel is started by another command."""
    place = folder / "jupyter" / "kernels" / "python3"
    place.mkdir(parents=True)
    known = {"argv": [*command, "{connection_file}"], "display_name": "x", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(known))
    return {"JUPYTER_PATH": str(folder / "jupyter")}


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
    checkout, tmp_path, words, kernel, cause
):
    shutil.copytree(checkout / "good", tmp_path / "out")
    before = files(tmp_path / "out")
    settings = kernel_of(tmp_path, *kernel) if kernel else {}

    run = started(checkout, tmp_path / "out", *words, **settings)
    said = said_by(run)

    assert run.returncode == 1, said
    assert sum(line.startswith(cause) for line in said) == 1, said
    assert not any("Traceback" in line for line in said)
    assert files(tmp_path / "out") == before


@pytest.fixture
def disk(tmp_path):
    if reason := small_disk.why_not():
        pytest.skip(reason)
    with small_disk.small_disk(tmp_path / "disk", 4) as folder:
        yield folder


def test_a_run_on_a_full_disk_says_so_and_the_next_one_succeeds_when_there_is_room(checkout, disk):
    out = disk / "out"
    shutil.copytree(checkout / "good", out)
    before = files(out)

    with small_disk.filled(disk, left=60_000):  # enough to start with
        run = started(checkout, out, "-p", "n", "2")
        said = said_by(run)

    assert run.returncode == 1, said
    assert sum("No space left on device" in line for line in said) == 1, said
    assert files(out) == before
    again = started(checkout, out, "-p", "n", "2")
    said = said_by(again)
    assert (again.returncode, load_results(out).headline) == (0, {"n": 2}), said


def test_a_run_into_a_read_only_folder_says_so(checkout, disk):
    out = disk / "out"
    shutil.copytree(checkout / "good", out)
    before = files(out)

    with small_disk.read_only(disk):
        run = started(checkout, out, "-p", "n", "2")
        said = said_by(run)

    assert run.returncode == 1
    assert said == [f"{out}/.running: Read-only file system. The last good report is as it was."]
    assert files(out) == before


def test_of_two_runs_at_once_one_wins_and_no_reader_sees_half_a_report(checkout, tmp_path):
    out, go = tmp_path / "out", tmp_path / "go"
    shutil.copytree(checkout / "good", out)
    go.touch()
    seen, over = [], threading.Event()

    def read():
        while not over.is_set():
            page = (out / "report.html").read_text(encoding="utf-8")
            results = load_results(out)
            numbers = {results.headline["n"], *results.tables["first"]["n"], *results.tables["second"]["n"]}
            time.sleep(0.02)
            seen.append((page.rstrip().endswith("</html>"), "n is 1" in page or "n is 2" in page, numbers))

    runs = [started(checkout, out, "-p", "n", "2", "-p", "go", str(go)) for _ in range(2)]
    reader = threading.Thread(target=read)
    reader.start()
    try:
        last = time.monotonic() + 60
        while all(run.poll() is None for run in runs):
            assert time.monotonic() < last, "neither was refused"
            time.sleep(0.02)
        go.write_text("go")  # the one that is left may finish
        said = [said_by(run) for run in runs]
        time.sleep(0.2)
    finally:
        over.set()
        reader.join()
        go.write_text("go")

    assert sorted(run.returncode for run in runs) == [0, 4], said
    assert [lines for run, lines in zip(runs, said, strict=True) if run.returncode == 4] == [
        [f"Another run is writing to {out}. Wait for it, or name another folder with --output."]
    ]
    assert len(seen) > 20
    assert all(whole and known and len(numbers) == 1 for whole, known, numbers in seen)
    assert {number for _, _, numbers in seen for number in numbers} == {1, 2}
