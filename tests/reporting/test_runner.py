"""Runs leave a report, or the last good one and the reason; each test that starts a kernel costs seconds."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from estimation.errors import BusyError, InputError, RefusedError, RunError, UsageError
from estimation.reporting import runner
from estimation.reporting.runner import run_notebook
from estimation.reporting.staging import alone_in

WORK = """
from estimation.errors import InputError, RefusedError
from estimation.reporting.results import save_results
if failure == "value":
    raise ValueError("\\x1b[31mred\\x1b[0m words\\n" + "line\\n" * 40)
if failure == "input":
    raise InputError("history.csv, row 3: not a date; wanted one. Correct it.")
if failure == "refused":
    raise RefusedError("Fewer than five projects: no forecast.")
if failure == "slow":
    import time; time.sleep(60)
if failure == "dies":
    import os; os._exit(1)
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
    assert lines[1] == "    from estimation.errors import InputError, RefusedError"
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
def test_our_own_refusals_keep_their_words_and_their_exit_code(run, failure, kind, code, message):
    with pytest.raises(kind) as error:
        run(failure=failure)

    assert str(error.value) == message
    assert error.value.exit_code == code


def test_a_cell_that_takes_too_long_is_stopped(run, tmp_path):
    with pytest.raises(RunError, match=r"longer than 1 seconds\. Allow more with --timeout"):
        run(failure="slow", timeout=1)

    assert names(tmp_path / "re{ports}" / "toy") == ["failed"]


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
