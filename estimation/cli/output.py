"""What every command prints: a result for a person, or as JSON for a program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from estimation.errors import InputError, RefusedError

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
