"""Command ``decide``: what a variance review decided is kept, in the ledger or in a file, and later said to be done."""

from __future__ import annotations

import csv
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
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Who answers for it.")] = None,
    due: Annotated[str | None, typer.Option(metavar="DATE", help="Day by which it is to be done.")] = None,
    done: Annotated[str | None, typer.Option(metavar="DATE", help="Day on which it was done.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Anything else.")] = None,
    decided: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day of the decision; today when left out.")
    ] = None,
    ledger: LEDGER = DEFAULT_LEDGER,
    file: Annotated[
        Path | None, typer.Option(metavar="CSV", help="File of decisions, instead of the ledger.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Keep a decision of a variance review, or say that it was done."""
    import pandas as pd

    dates = {"due": due, "done_on": done, "decided_on": decided}
    options = {"due": "--due", "done_on": "--done", "decided_on": "--decided"}
    said = {"project": project.strip(), "action": action.strip(), "owner": owner, "note": note} | {
        name: None if day is None else pd.Timestamp(date_of(options[name], day))
        for name, day in dates.items()
    }
    who = writer()
    if file is None:
        opened = opened_ledger(ledger)
        added = opened.decide(said, **who)
        print_added(added, f"Decision of {project}", opened.address, as_json)
        return
    n_new = _into_file(file, said, pd.Timestamp(who["made_at"].date()))
    line = "1 row is new." if n_new else "nothing new, nothing was added."
    print_result({"file": str(file), "n_new": n_new}, [f"Decision of {project}: {line} {file}"], as_json)


def _into_file(file: Path, said: dict[str, object], today: pd.Timestamp) -> int:
    """Add a line to a file of decisions, which is made where there is none; the lines that are there stay."""
    from estimation.ingest.decisions_file import read_decisions_file
    from estimation.project.decisions import DECISIONS, next_word
    from estimation.publishing.results import csv_text, write_whole
    from estimation.tables import empty_table

    there = file.exists()
    word = next_word(read_decisions_file(file) if there else empty_table(DECISIONS), said, today)
    text = file.read_text(encoding="utf-8-sig", errors="replace") if there else ""
    header = next(csv.reader([text.partition("\n")[0]]), []) if there else list(DECISIONS)
    if file.suffix.lower() != ".csv" or (there and header != list(DECISIONS)) or "\ufffd" in text:
        raise InputError(
            f"{file}: a decision is added to a CSV file in UTF-8 with the columns {','.join(DECISIONS)}, in this "
            "order. Write the line yourself, or name a new file that ends in .csv."
        )
    if len(word):
        lines = csv_text(word)
        write_whole(
            file,
            text + "\n" * bool(text and not text.endswith("\n")) + lines[there and lines.index("\n") + 1 :],
        )
    return len(word)
