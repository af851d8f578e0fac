"""What every command prints: a result for a person, or as JSON for a program."""

from __future__ import annotations

import json
from typing import Annotated

import typer

JSON = Annotated[
    bool,
    typer.Option("--json", help="Print the result as JSON on standard output, all else on standard error."),
]


def print_result(facts: object, lines: list[str], as_json: bool) -> None:
    """Put the result on standard output, for a program or for a person."""
    print(json.dumps(facts, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))
