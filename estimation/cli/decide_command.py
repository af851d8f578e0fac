"""Command ``decide``: what a variance review decided is kept, in the ledger or in a file, and later said to be done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from estimation.cli.ledger_commands import DEFAULT_LEDGER, LEDGER, date_of, opened_ledger, print_added, writer
from estimation.cli.output import JSON, print_result
from estimation.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def decide(
    project: Annotated[str, typer.Argument(help="Id of the project that was reviewed.")],
    action: Annotated[str, typer.Argument(help="What is to be done.")],
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who answers for it.")] = "",
    due: Annotated[str, typer.Option(metavar="DATE", help="Day by which it is to be done.")] = "",
    done: Annotated[str, typer.Option(metavar="DATE", help="Day on which it was done.")] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Anything else.")] = "",
    decided: Annotated[
        str, typer.Option(metavar="DATE", help="Day it was decided; today when left out.")
    ] = "",
    ledger: LEDGER = DEFAULT_LEDGER,
    file: Annotated[
        Path | None, typer.Option(metavar="CSV", help="File to keep it in, not the ledger.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Keep a decision of a variance review, or say that it was done."""
    import pandas as pd

    words = {"project": project, "action": action, "owner": owner, "note": note}
    dates = (("due", "--due", due), ("done_on", "--done", done), ("decided_on", "--decided", decided))
    said = {name: word.strip() for name, word in words.items()}
    said |= {name: pd.Timestamp(date_of(option, day)) for name, option, day in dates if day}
    who, what = writer(), f"Decision of {project}"
    if file is None:
        opened = opened_ledger(ledger)
        print_added(opened.decide(said, **who), what, opened.address, as_json)
        return
    n_new = _into_file(file, said, pd.Timestamp(who["made_at"].date()))
    line = f"{what}: {'1 row is new' if n_new else 'nothing new, nothing was added'}. {file}"
    print_result({"file": str(file), "n_new": n_new}, [line], as_json)


def _into_file(file: Path, said: dict[str, object], today: pd.Timestamp) -> int:
    """Add a line to a file of decisions, which is made where there is none; the lines that are there stay."""
    from estimation.ingest.decisions_file import read_decisions_file
    from estimation.project.decisions import DECISIONS, next_word
    from estimation.publishing.results import csv_text, write_whole
    from estimation.tables import empty_table

    header = csv_text(empty_table(DECISIONS))
    there = file.exists()
    word = next_word(read_decisions_file(file) if there else empty_table(DECISIONS), said, today)
    text = file.read_text(encoding="utf-8-sig", errors="replace") if there else header
    if file.suffix.lower() != ".csv" or not text.startswith(header) or "\ufffd" in text:
        raise InputError(
            f"{file}: a decision is added to a CSV file in UTF-8 with the columns {header.strip()}, in this order. "
            "Write the line yourself, or name a new file that ends in .csv."
        )
    if len(word):
        write_whole(file, text.rstrip("\n") + "\n" + csv_text(word).removeprefix(header))
    return len(word)
