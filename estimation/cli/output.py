"""What every command prints: a result for a person, or as JSON for a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from estimation.errors import InputError, RefusedError

if TYPE_CHECKING:
    from estimation.publishing.runner import RunResult

JSON = Annotated[
    bool,
    typer.Option("--json", help="Print the result as JSON on standard output, all else on standard error."),
]
MAPPED = Annotated[Path | None, typer.Option(help="How the file is to be read (YAML).")]


def must_exist(*paths: Path | None, what: str = "file or folder") -> None:
    """Refuse paths that are not there, all at once."""
    missing = [str(path) for path in paths if path is not None and not path.exists()]
    if missing:
        raise InputError(f"There is no {what} {' or '.join(missing)}. Check the path.")


def must_be_new(path: Path, force: bool) -> None:
    """Refuse to replace a file unless that is meant."""
    if path.exists() and not force:
        raise RefusedError(f"{path} is there already. Name another file, or replace it with --force.")


def print_result(facts: object, lines: list[str], as_json: bool) -> None:
    """Put the result on standard output, for a program or for a person."""
    print(json.dumps(facts, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))


def tell_progress(short: str, cell: int, n_cells: int) -> None:
    """Say on standard error how far a run is."""
    print(f"{short}: cell {cell} of {n_cells}", file=sys.stderr, flush=True)


def make_report(name: str, given: Mapping[str, object], **how) -> RunResult:
    """Run a notebook, tell how far it is, and put its report on the first page where it lies below ``reports/``."""
    from estimation.publishing import index, runner

    done = runner.run_notebook(name, given, progress=tell_progress, **how)
    if runner.REPORTS in done.folder.parents:
        index.write_index(runner.REPORTS)
    return done
