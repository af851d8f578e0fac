"""Runs leave a report, or the last good one and the reason; each test that starts a kernel costs seconds."""

import datetime as dt
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import nbformat
import pytest
import tables_by_hand as by_hand
from forked import Forked
from jupyter_client.kernelspec import NoSuchKernel
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.durability import kill_reports
from estimation.errors import BusyError, InputError, RefusedError, RunError, UsageError
from estimation.ledger.ledger import open_ledger
from estimation.publishing import runner
from estimation.publishing.runner import run_notebook
from estimation.publishing.staging import alone_in

WORK = """
import os
from estimation.errors import InputError, RefusedError
from estimation.publishing.results import save_results
if failure == "value":
    raise ValueError("\\x1b[31mred\\x1b[0m words\\n" + "line\\n" * 40)
if failure == "input":
    raise InputError("history.csv, row 3: not a date; wanted one. Correct it.")
if failure == "refused":
    raise RefusedError("Fewer than five projects: no forecast.")
if failure == "slow":
    import time; time.sleep(60)
if failure == "spawns":
    import pathlib, subprocess, time
    child = subprocess.Popen(["sleep", "600"])
    pathlib.Path(history).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600)
if failure == "dies":
    os._exit(1)
"""
SAVE = (
    'save_results(output_dir, inputs={"n": n}, headline={"n_found": n}, tables={}, report={"title": "Toy"});'
)


@pytest.fixture
def notebooks(tmp_path):
    folder = tmp_path / "note{books}"  # braces are letters like any other
    folder.mkdir()
    parameters = (
        'history: "Path" = ""  # history\nn: int = 1\nfailure = ""\noutput_dir: "Path" = "../reports/x"'
    )
    cells = [
        new_markdown_cell("# Toy\n\nDoes it run?"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell(WORK.strip()),
        new_code_cell(SAVE),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "07_toy_run.ipynb")
    return folder


@pytest.fixture
def run(notebooks, tmp_path):
    def run(**options):
        parameters = {name: options.pop(name) for name in ("history", "n", "failure", "m") if name in options}
        return run_notebook("toy", parameters, notebooks=notebooks, reports=tmp_path / "re{ports}", **options)

    return run


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.kernel
def test_a_run_leaves_report_notebook_and_results_and_survives_a_later_failure(run, tmp_path, capfd):
    told = []
    done = run(n="5", progress=lambda *where: told.append(where))

    assert done.folder == tmp_path / "re{ports}" / "toy"
    assert names(done.folder) == ["notebook.ipynb", "report.html", "results.json"]
    assert done.headline == {"n_found": 5}
    assert told == [("toy", cell, 4) for cell in (1, 2, 3, 4)]  # three of its own and the one with the values
    assert capfd.readouterr() == ("", "")  # neither papermill nor the kernel has anything to say
    assert "<h1>Toy</h1>" in done.report.read_text()
    assert str(tmp_path) not in done.executed.read_text().replace(str(done.folder), "")

    good = done.report.read_bytes()
    with pytest.raises(RunError) as error:
        run(failure="value")

    lines = str(error.value).splitlines()
    assert lines[0] == "07_toy_run: cell [3] failed."
    assert lines[1] == "    import os"
    assert "ValueError: red words" in lines
    assert "\x1b" not in str(error.value)
    assert len(lines) < 24
    assert done.report.read_bytes() == good
    assert names(done.folder) == ["failed", "notebook.ipynb", "report.html", "results.json"]
    half = nbformat.read(done.folder / "failed" / "07_toy_run.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in half.cells for output in cell.get("outputs", ()))


@pytest.mark.parametrize(
    ("failure", "kind", "code", "message"),
    [
        ("input", InputError, 3, "history.csv, row 3: not a date; wanted one. Correct it."),
        ("refused", RefusedError, 5, "Fewer than five projects: no forecast."),
    ],
)
@pytest.mark.kernel
def test_our_own_refusals_keep_their_words_and_their_exit_code(run, failure, kind, code, message):
    with pytest.raises(kind) as error:
        run(failure=failure)

    assert str(error.value) == message
    assert error.value.exit_code == code


@pytest.mark.kernel
def test_a_cell_that_takes_too_long_is_stopped(run, tmp_path):
    with pytest.raises(RunError, match=r"longer than 1 seconds\. Allow more with --timeout"):
        run(failure="slow", timeout=1)

    assert names(tmp_path / "re{ports}" / "toy") == ["failed"]


@pytest.mark.kernel
def test_a_kernel_that_dies_in_a_cell_is_not_started_again(run, monkeypatch):
    starts = []
    real = runner._run_cells
    monkeypatch.setattr(runner, "_run_cells", lambda *all_of: starts.append(1) or real(*all_of))

    with pytest.raises(RunError, match=r"cell \[3\] failed(.|\n)*process died"):
        run(failure="dies")
    assert len(starts) == 1


def test_a_kernel_that_dies_at_start_is_started_once_more(run, monkeypatch):
    starts = []

    def dies(*all_of):
        starts.append(1)
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(runner, "_run_cells", dies)

    with pytest.raises(RunError, match="did not start, twice"):
        run()
    assert len(starts) == 2


@pytest.fixture
def no_kernel(monkeypatch):
    def starts(*all_of):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr(runner, "_run_cells", starts)


@pytest.mark.usefixtures("no_kernel")
def test_mistakes_are_found_before_a_kernel_starts(run, tmp_path):
    with pytest.raises(UsageError, match="'m' is not a parameter of toy"):
        run(m="4")
    with pytest.raises(UsageError, match="wanted a whole number"):
        run(n="four")
    with pytest.raises(InputError, match="there is no file or folder"):
        run(history="gone.csv")
    assert not (tmp_path / "re{ports}").exists()


@pytest.mark.usefixtures("no_kernel")
def test_a_folder_that_another_run_writes_to_is_busy(run, tmp_path):
    folder = tmp_path / "re{ports}" / "toy"
    folder.mkdir(parents=True)

    with alone_in(folder), pytest.raises(BusyError, match="Another run is writing to"):
        run()
    with pytest.raises(AssertionError, match="a kernel was started"):  # and afterwards it is free again
        run()


def test_the_folder_can_be_told_once_only(notebooks, tmp_path):
    with pytest.raises(UsageError, match="given twice"):
        run_notebook("toy", {"output_dir": "a"}, output_dir="b", notebooks=notebooks, reports=tmp_path)


@pytest.mark.kernel
def test_a_run_that_takes_too_long_as_a_whole_is_stopped(run, tmp_path):
    with pytest.raises(
        RunError, match=r"The whole run took longer than 4 seconds\. Allow more with --deadline"
    ):
        run(failure="slow", deadline=4)

    assert names(tmp_path / "re{ports}" / "toy") == ["failed"]


def test_without_a_kernel_there_is_one_line_of_cause(run, monkeypatch):
    def missing(*_):
        raise NoSuchKernel("python3")

    monkeypatch.setattr(runner, "_run_cells", missing)
    with pytest.raises(
        RunError, match=r"there is no kernel 'python3'\. Check that the virtual environment is complete"
    ):
        run()


def test_a_notebook_of_which_a_cell_was_never_run_makes_no_report(run, monkeypatch, tmp_path):
    def skips(notebook, *_):
        return nbformat.read(notebook.path, as_version=4)

    monkeypatch.setattr(runner, "_run_cells", skips)
    with pytest.raises(RunError, match="It was never run"):
        run()
    assert names(tmp_path / "re{ports}" / "toy") == []


@pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")
@pytest.mark.kernel
def test_on_interruption_only_what_the_run_started_is_ended(notebooks, tmp_path, monkeypatch):
    told = tmp_path / "processes"
    told.touch()
    where = {"notebooks": notebooks, "reports": tmp_path / "out"}
    monkeypatch.setattr(runner, "run_notebook", partial(run_notebook, **where))
    bystander = subprocess.Popen(["sleep", "600"])
    command = Forked(["run", "toy", "-p", "failure", "spawns", "-p", "history", str(told)], tmp_path / "said")
    wait_for(lambda: len(told.read_text().split()) == 2)
    kernel, child = map(int, told.read_text().split())

    os.kill(command.pid, signal.SIGTERM)
    code, said = command.ended()

    try:
        assert code == 130
        assert "Stopped. What it had started was ended; what was there before is as it was.\n" in said
        assert "Traceback" not in said
        wait_for(lambda: not is_running(kernel) and not is_running(child))
        assert bystander.poll() is None
        assert names(tmp_path / "out" / "toy") == []
    finally:
        bystander.kill()
        bystander.wait()


def wait_for(condition):
    last = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.05)


def is_running(process):
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


@pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")
@pytest.mark.kernel
def test_a_full_disk_leaves_the_last_good_report(notebooks, tmp_path):
    out = tmp_path / "out"
    run_notebook("toy", {"n": 1}, output_dir=out, notebooks=notebooks)
    good = {path.name: path.read_bytes() for path in out.iterdir()}
    heard, said = os.pipe()

    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # the page of the toy is larger
        try:
            run_notebook("toy", {"n": 2}, output_dir=out, notebooks=notebooks)
            os.write(said, b"it ran")
        except Exception as error:
            os.write(said, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(said)
    with os.fdopen(heard) as words:
        cause = words.read()

    assert cause.startswith("RunError")
    assert "File too large" in cause
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == good


@pytest.mark.skipif(os.name == "nt", reason="processes are forked")
@pytest.mark.kernel
def test_a_killed_run_leaves_the_last_report_or_a_whole_new_one(tmp_path):
    counted = kill_reports(tmp_path, 3, 11)
    assert counted["n_broken"] == 0
    assert counted["n_killed"] > 0


@pytest.mark.usefixtures("no_kernel")
def test_a_ledger_is_pinned_and_a_password_is_refused(run, tmp_path, monkeypatch):
    told = {}

    def tell(_notebook, values, *_):
        told.update(values)
        raise AssertionError("a kernel was started")

    url = f"sqlite:///{tmp_path}/ledger.db"
    open_ledger(url, create=True).add(
        by_hand.history({"milestone": "1", "baseline_finish": "2026-03-06"}),
        file="a.csv",
        file_hash="0" * 64,
        made_by="anna",
        made_at=dt.datetime(2026, 11, 24),
    )
    monkeypatch.setattr(runner, "_run_cells", tell)

    with pytest.raises(AssertionError):
        run(history=url)
    assert told["history"] == f"{url}?entry=1"
    with pytest.raises(UsageError, match="the address holds a password"):
        run(history="postgresql+psycopg://anna:secret@db/estimation")
