"""Run a notebook to a report: checked before it starts, kept aside when it fails, renamed when it is done."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from estimation.errors import BusyError, InputError, RefusedError, RunError, UsageError
from estimation.reporting.html import render_report
from estimation.reporting.notebooks import (
    NOTEBOOKS,
    OUTPUT,
    REPOSITORY,
    Notebook,
    find_notebook,
    resolve_parameters,
)
from estimation.reporting.results import RESULTS_FILE, read_facts, write_whole

REPORTS = REPOSITORY / "reports"
REPORT_FILE = "report.html"
NOTEBOOK_FILE = "notebook.ipynb"
FAILED = "failed"

Progress = Callable[[str, int, int], None]

_OURS = {error.__name__: error for error in (InputError, RefusedError, BusyError)}
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINES_SHOWN = 12
# The kernel speaks to us over local TCP and warns when nobody gave it keys; so it gets keys.
_ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})


@dataclass(frozen=True)
class RunResult:
    """What a finished run left behind: its folder, the report in it, and the headline of its results."""

    notebook: str
    folder: Path
    report: Path
    executed: Path
    headline: dict[str, object]


def run_notebook(
    name: str,
    parameters: Mapping[str, object] | None = None,
    *,
    output_dir: str | Path | None = None,
    timeout: int = 600,
    progress: Progress | None = None,
    notebooks: Path = NOTEBOOKS,
    reports: Path = REPORTS,
) -> RunResult:
    """Run a notebook and write its report.

    On success the folder holds ``report.html``, the executed ``notebook.ipynb``, and the results that the
    notebook saved. When a cell fails, the half-run notebook is kept under ``failed/`` in that folder and the
    report of the last good run stays as it was. A kernel that dies before the first cell is started once
    more; a cell that fails never is.

    Parameters
    ----------
    name : str
        Number, name or short name.
    parameters : mapping of name to text or value, optional
        Paths relative to the current folder.
    output_dir : str or Path, optional
        Where the results go; ``reports/<short name>`` of the repository when left out.
    timeout : int
        How long one cell may take. [seconds]
    progress : callable, optional
        Called as ``progress(short_name, cell, n_cells)`` before each code cell, counted from 1.
    notebooks, reports : Path
        Where notebooks are found and reports go.

    Returns
    -------
    RunResult

    Raises
    ------
    UsageError
        If the notebook or a parameter is unknown.
    InputError, RefusedError
        If a file to read does not exist, or the notebook itself refused its input.
    BusyError
        If another run is writing to the same folder.
    RunError
        If a cell failed, took too long, or the kernel died.
    """
    notebook = find_notebook(name, notebooks)
    values = resolve_parameters(notebook, parameters or {})
    folder = _output_folder(notebook, values, output_dir, reports)
    if any(parameter.name == OUTPUT for parameter in notebook.parameters):
        values[OUTPUT] = str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        executed = _executed(notebook, values, folder, timeout, progress)
        return _written(notebook, executed, folder)


def _output_folder(notebook: Notebook, values: Mapping, output_dir: str | Path | None, reports: Path) -> Path:
    """Where the run writes: told by option, told by parameter, or the usual place."""
    told = values.get(OUTPUT)
    if told and output_dir is not None:
        raise UsageError(f"The output folder is given twice: --output {output_dir} and {OUTPUT} {told}.")
    return Path(told or output_dir or reports / notebook.short).expanduser().resolve()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for this run; the system lets go of it when the run ends, however it ends."""
    path = folder / ".running"
    with path.open("a") as handle:
        if not (_locked(handle) and path.exists() and _same(path, handle)):
            raise BusyError(
                f"Another run is writing to {folder}. Wait for it, or name another folder with --output."
            )
        try:
            yield
        finally:
            if os.name != "nt":  # Windows does not remove a file that is open; there it stays, empty
                path.unlink(missing_ok=True)


def _same(path: Path, handle: IO) -> bool:
    """Whether the open file is still the one of that name; its last holder may have removed it meanwhile."""
    return os.path.samestat(path.stat(), os.fstat(handle.fileno()))


def _locked(handle: IO) -> bool:
    """Take the lock on an open file, or say that someone else has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class _Course:
    """Follows a run cell by cell: whether it has started, and where it is."""

    def __init__(self, notebook: Notebook, values: Mapping, progress: Progress | None) -> None:
        self.cell = 0
        self.source = ""
        self._short = notebook.short
        self._progress = progress
        stored = nbformat.read(notebook.path, as_version=4)
        written = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in stored.cells)
        self._total = written + bool(values)  # papermill puts what it was told into a cell of its own

    def cell_starts(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        self.cell += 1
        self.source = cell.source
        if self._progress is not None:
            self._progress(self._short, self.cell, self._total)


def _executed(
    notebook: Notebook, values: dict, folder: Path, timeout: int, progress: Progress | None
) -> nbformat.NotebookNode:
    """Run the notebook; a failure is told on one screen and what was run so far is kept."""
    half = folder / f".{notebook.name}.part.ipynb"
    try:
        for attempt in (1, 2):
            course = _Course(notebook, values, progress)
            try:
                return _run_cells(notebook, values, half, timeout, course)
            except PapermillExecutionError as error:
                raise _told(notebook, error, _kept(half, folder, notebook)) from None
            except CellTimeoutError:
                place = _place(notebook, course.cell, course.source)
                raise RunError(
                    f"{place}\nIt took longer than {timeout} seconds. Allow more with --timeout. "
                    f"The half-run notebook is {_kept(half, folder, notebook)}"
                ) from None
            except (DeadKernelError, RuntimeError, TimeoutError) as error:
                if course.cell:
                    place = _place(notebook, course.cell, course.source)
                    raise RunError(
                        f"{place}\nIts process died, most often because memory ran out. "
                        f"The half-run notebook is {_kept(half, folder, notebook)}"
                    ) from error
                if attempt == 2:
                    raise RunError(
                        f"{notebook.short}: the notebook's process did not start, twice ({error}). "
                        "Check that the virtual environment is complete: make test"
                    ) from error
        raise AssertionError("unreachable")
    finally:
        half.unlink(missing_ok=True)


def _run_cells(
    notebook: Notebook, values: dict, half: Path, timeout: int, course: _Course
) -> nbformat.NotebookNode:
    executed = papermill.execute_notebook(
        _plain_path(notebook.path),
        _plain_path(half),
        parameters=values,
        kernel_name="python3",
        language="python",
        cwd=str(notebook.path.parent),
        progress_bar=False,
        execution_timeout=timeout,
        on_cell_execute=course.cell_starts,
        config=_ENCRYPTED,
    )
    # Where the run took place on this machine is nobody's business who gets the notebook.
    executed.metadata.papermill.update(input_path=notebook.path.name, output_path=NOTEBOOK_FILE)
    return executed


def _plain_path(path: Path) -> str:
    """Write a path so that papermill, which fills in braces, leaves it alone."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _written(notebook: Notebook, executed: nbformat.NotebookNode, folder: Path) -> RunResult:
    """Write notebook and report beside the results that the notebook saved."""
    facts = read_facts(folder) if (folder / RESULTS_FILE).exists() else {}
    page = render_report(executed, facts)
    executed.metadata["estimation"] = {"notebook": notebook.name}
    write_whole(folder / NOTEBOOK_FILE, json.dumps(executed, indent=1, ensure_ascii=False) + "\n")
    write_whole(folder / REPORT_FILE, page)
    return RunResult(
        notebook=notebook.name,
        folder=folder,
        report=folder / REPORT_FILE,
        executed=folder / NOTEBOOK_FILE,
        headline=facts.get("headline", {}),
    )


def _kept(half: Path, folder: Path, notebook: Notebook) -> str:
    """Put the half-run notebook aside."""
    if not half.exists():
        return "not there: nothing was run"
    place = folder / FAILED
    place.mkdir(exist_ok=True)
    kept = place / f"{notebook.name}.ipynb"
    os.replace(half, kept)
    return str(kept)


def _told(notebook: Notebook, error: PapermillExecutionError, kept: str) -> Exception:
    """Say on one screen what went wrong in which cell; our own refusals keep their words and exit code."""
    message = _COLOURS.sub("", error.evalue or "").strip()
    if error.ename in _OURS:
        return _OURS[error.ename](message)
    lines = f"{error.ename}: {message}".splitlines()
    if len(lines) > _LINES_SHOWN:
        lines = [*lines[: _LINES_SHOWN - 1], f"... and {len(lines) - _LINES_SHOWN + 1} more lines"]
    place = _place(notebook, error.exec_count, error.source)
    return RunError("\n".join([place, *lines, f"The half-run notebook is {kept}"]))


def _place(notebook: Notebook, cell: int | None, source: str) -> str:
    """Name the cell as a person finds it: its number and its first lines."""
    lines = [line for line in source.strip().splitlines() if line.strip()]
    shown = [f"    {line}" for line in lines[:3]] + (["    ..."] if len(lines) > 3 else [])
    return "\n".join([f"{notebook.name}: cell [{cell}] failed.", *shown])
