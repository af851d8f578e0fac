"""Run a notebook to a report: checked before it starts, kept aside when it fails, renamed when it is done."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from estimation.errors import BusyError, InputError, RefusedError, RunError, UsageError
from estimation.ledger.inputs import is_ledger
from estimation.publishing.html import render_report
from estimation.publishing.notebooks import (
    NOTEBOOKS,
    OUTPUT,
    REPOSITORY,
    Notebook,
    find_notebook,
    resolve_parameters,
    without_example,
)
from estimation.publishing.prepared import prepare, without_preparation
from estimation.publishing.results import RESULTS_FILE, read_facts, write_whole
from estimation.publishing.staging import FAILED, alone_in, stage

REPORTS = REPOSITORY / "reports"
REPORT_FILE = "report.html"
NOTEBOOK_FILE = "notebook.ipynb"

Progress = Callable[[str, int, int], None]

_OURS = {error.__name__: error for error in (InputError, RefusedError, BusyError)}
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINES_SHOWN = 12
_START_SECONDS = 60
# The kernel speaks to us over local TCP and warns when nobody gave it keys; so it gets keys.
_ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})


@dataclass(frozen=True)
class Limits:
    """How long one cell and the whole run may take, and when the run must be over, in seconds."""

    timeout: float
    deadline: float
    over_at: float

    def left(self) -> float:
        """Seconds until the run must be over."""
        return self.over_at - time.monotonic()

    def of_cell(self, _cell: object = None) -> float:
        """Seconds that the next cell may take; zero would mean no limit."""
        return max(min(self.timeout, self.left()), 0.001)

    def words(self, place: str) -> str:
        """Say which limit was met."""
        if self.left() <= 0:
            return f"{place}\nThe whole run took longer than {self.deadline:g} seconds. Allow more with --deadline."
        return f"{place}\nIt took longer than {self.timeout:g} seconds. Allow more with --timeout."


@dataclass(frozen=True)
class RunResult:
    """What a finished run left behind: its folder, the report in it, the headline of its results, and ``warnings``.

    They say what was taken where nothing was named, and what the results lack.
    """

    notebook: str
    folder: Path
    report: Path
    executed: Path
    headline: dict[str, object]
    warnings: tuple[str, ...] = ()


def run_notebook(
    name: str,
    parameters: Mapping[str, object] | None = None,
    *,
    output_dir: str | Path | None = None,
    timeout: float = 600,
    deadline: float = 3600,
    progress: Progress | None = None,
    notebooks: Path = NOTEBOOKS,
    reports: Path = REPORTS,
) -> RunResult:
    """Run a notebook and write its report.

    On success the folder holds ``report.html``, the executed ``notebook.ipynb``, and the results that the
    notebook saved; they are made elsewhere and moved there when all of it is done and on the disk. When a cell
    fails, the half-run notebook is kept under ``failed/`` in that folder and the report of the last good run stays
    as it was. A kernel that dies before the first cell is started once more; a cell that fails never is.

    Paths among the parameters start from the current folder. ``timeout`` is for one cell, ``deadline`` for the whole
    run [seconds]; ``progress(short_name, cell, n_cells)`` is called before each code cell, counted from 1. Another run
    in the same folder raises BusyError, a notebook's own refusal keeps its class, and everything else is a RunError.
    """
    limits = Limits(timeout, deadline, time.monotonic() + deadline)
    notebook = find_notebook(name, notebooks)
    values, notes = without_example(notebook, resolve_parameters(notebook, parameters or {}))
    values = _pinned(notebook, values)
    prepared = prepare(notebook, values)
    named = values.get(OUTPUT)
    if named and output_dir is not None:
        raise UsageError(f"The output folder is given twice: --output {output_dir} and {OUTPUT} {named}.")
    usual = reports / notebook.short / ("" if prepared is None else prepared.folder)
    folder = Path(named or output_dir or usual).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _stopped_by_signals(), alone_in(folder), stage(folder) as work:
            if prepared is not None:
                prepared.refuse_others(folder, notebook.name)
                values, place = prepared.lay_into(work), work
            else:
                place = notebook.path.parent
                if any(parameter.name == OUTPUT for parameter in notebook.parameters):
                    values[OUTPUT] = str(work)
            executed = _in_place(_executed(notebook, values, place, folder, limits, progress), work, folder)
            if prepared is not None:
                executed = without_preparation(executed)
                prepared.forget_failure(folder, notebook.name)
            headline = _write(notebook, executed, work)
            if prepared is not None:
                prepared.refuse_left_over(folder, work)
            if limits.left() <= 0:
                raise RunError(limits.words(notebook.short))
    except OSError as error:
        raise RunError(
            f"{error.filename or folder}: {error.strerror or error}. The last good report is as it was."
        ) from error
    return RunResult(
        notebook=notebook.name,
        folder=folder,
        report=folder / REPORT_FILE,
        executed=folder / NOTEBOOK_FILE,
        headline=headline,
        warnings=(*notes, *(() if prepared is None else prepared.warnings)),
    )


def _pinned(notebook: Notebook, values: Mapping[str, object]) -> dict[str, object]:
    """Let the notebook read each ledger as it stands now, whatever is added while it runs."""
    places = {parameter.name for parameter in notebook.parameters if parameter.type.startswith("Path")}
    pinned = {}
    for name, value in values.items():
        if name in places and is_ledger(value):
            from estimation.ledger.address import read_address
            from estimation.ledger.ledger import open_ledger

            if read_address(value)[0].password:
                raise UsageError(
                    f"{name}: the address holds a password, which would stand in the report. "
                    "Put it into ~/.pgpass or PGPASSWORD."
                )
            value = open_ledger(value).pinned_address()
        pinned[name] = value
    return pinned


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let a request to end be met as Ctrl-C is: what the run has started is ended, nothing else."""

    def stop(_number, _frame) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _CellProgress:
    """Follows a run cell by cell: whether it has started, and where it is."""

    def __init__(self, notebook: Notebook, values: Mapping, progress: Progress | None) -> None:
        self.number = 0
        self.source = ""
        self._short = notebook.short
        self._progress = progress
        stored = nbformat.read(notebook.path, as_version=4)
        written = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in stored.cells)
        self._total = written + bool(values)  # papermill puts its parameters into a cell of its own

    def write(self, text: str) -> None:
        """Pass on how far a cell is with its folds; what else it says on standard error stays in the notebook."""
        if self._progress is not None and text.startswith("\r"):
            print(text, end="", file=sys.stderr, flush=True)

    def flush(self) -> None:
        """Nothing is held back."""

    def start(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        self.number += 1
        self.source = cell.source
        if self._progress is not None:
            self._progress(self._short, self.number, self._total)


def _executed(
    notebook: Notebook, values: dict, place: Path, folder: Path, limits: Limits, progress: Progress | None
) -> nbformat.NotebookNode:
    """Run the notebook in a place; a failure is told on one screen and what was run so far is kept."""
    half = folder / f".{notebook.name}.part.ipynb"
    try:
        for attempt in (1, 2):
            cells = _CellProgress(notebook, values, progress)
            try:
                return _run_cells(notebook, values, place, half, limits, cells)
            except PapermillExecutionError as error:
                raise _error_of(notebook, error, _set_aside(half, folder, notebook)) from None
            except CellTimeoutError:
                where = _cell_failed(notebook, cells.number, cells.source)
                kept = _set_aside(half, folder, notebook)
                raise RunError(f"{limits.words(where)} The half-run notebook is {kept}") from None
            except NoSuchKernel:
                raise RunError(
                    f"{notebook.short}: there is no kernel 'python3'. Check that the virtual environment is "
                    "complete: make test"
                ) from None
            except (DeadKernelError, RuntimeError, TimeoutError) as error:
                if cells.number:
                    where = _cell_failed(notebook, cells.number, cells.source)
                    raise RunError(
                        f"{where}\nIts process died, most often because memory ran out. "
                        f"The half-run notebook is {_set_aside(half, folder, notebook)}"
                    ) from error
                if limits.left() <= 0:
                    raise RunError(limits.words(notebook.short)) from error
                if attempt == 2:
                    raise RunError(
                        f"{notebook.short}: the notebook's process did not start, twice ({error}). "
                        "Check that the virtual environment is complete: make test"
                    ) from error
        raise AssertionError("unreachable")
    finally:
        half.unlink(missing_ok=True)


def _run_cells(
    notebook: Notebook, values: dict, place: Path, half: Path, limits: Limits, cells: _CellProgress
) -> nbformat.NotebookNode:
    executed = papermill.execute_notebook(
        _plain_path(notebook.path),
        _plain_path(half),
        parameters=values,
        kernel_name="python3",
        language="python",
        cwd=str(place),
        progress_bar=False,
        stderr_file=cells,
        start_timeout=max(int(min(_START_SECONDS, limits.left())), 1),
        timeout_func=limits.of_cell,
        shutdown_kernel="immediate",  # with its process group: what it was asked for is on the disk by then
        on_cell_execute=cells.start,
        config=_ENCRYPTED,
    )
    # Where the run took place on this machine is nobody's business who gets the notebook.
    executed.metadata.papermill.update(input_path=notebook.path.name, output_path=NOTEBOOK_FILE)
    return executed


def _plain_path(path: Path) -> str:
    """Write a path so that papermill, which fills in braces, leaves it alone."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _in_place(executed: nbformat.NotebookNode, work: Path, folder: Path) -> nbformat.NotebookNode:
    """Let the notebook speak of the folder where its results will be, not of the one where they were made."""
    made, final = (json.dumps(str(path))[1:-1] for path in (work, folder))
    return nbformat.reads(json.dumps(executed).replace(made, final), as_version=4)


def _write(notebook: Notebook, executed: nbformat.NotebookNode, work: Path) -> dict[str, object]:
    """Write notebook and report beside the results that the notebook saved; give their headline."""
    for cell in executed.cells:
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            raise RunError(f"{_cell_failed(notebook, None, cell.source)}\nIt was never run.")
    facts = read_facts(work) if (work / RESULTS_FILE).exists() else {}
    page = render_report(executed, facts)
    executed.metadata["estimation"] = {"notebook": notebook.name}
    write_whole(work / NOTEBOOK_FILE, json.dumps(executed, indent=1, ensure_ascii=False) + "\n")
    write_whole(work / REPORT_FILE, page)
    return facts.get("headline", {})


def _set_aside(half: Path, folder: Path, notebook: Notebook) -> str:
    """Put the half-run notebook aside."""
    if not half.exists():
        return "not there: nothing was run"
    place = folder / FAILED
    place.mkdir(exist_ok=True)
    kept = place / f"{notebook.name}.ipynb"
    os.replace(half, kept)
    return str(kept)


def _error_of(notebook: Notebook, error: PapermillExecutionError, kept: str) -> Exception:
    """Say on one screen what went wrong in which cell; our own refusals keep their words and exit code."""
    message = _COLOURS.sub("", error.evalue or "").strip()
    if error.ename in _OURS:
        return _OURS[error.ename](message)
    lines = f"{error.ename}: {message}".splitlines()
    if len(lines) > _LINES_SHOWN:
        lines = [*lines[: _LINES_SHOWN - 1], f"... and {len(lines) - _LINES_SHOWN + 1} more lines"]
    place = _cell_failed(notebook, error.exec_count, error.source)
    return RunError("\n".join([place, *lines, f"The half-run notebook is {kept}"]))


def _cell_failed(notebook: Notebook, cell: int | None, source: str) -> str:
    """Name the cell as a person finds it: its number and its first lines."""
    lines = [line for line in source.strip().splitlines() if line.strip()]
    shown = [f"    {line}" for line in lines[:3]] + (["    ..."] if len(lines) > 3 else [])
    return "\n".join([f"{notebook.name}: cell [{cell}] failed.", *shown])
