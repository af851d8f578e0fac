"""The command ``ingest``: a file through the gate, into a clean table, a mapping to edit or a ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from estimation.cli.ledger_commands import CORRECT, opened_ledger, writer
from estimation.cli.output import JSON, MAPPED, must_be_new, must_exist, print_result
from estimation.errors import UsageError


def ingest(
    file: Annotated[Path, typer.Argument(help="A table of milestones: a file or a folder.")],
    mapping: MAPPED = None,
    kind: Annotated[str, typer.Option(help="history, plan or status.")] = "history",
    output: Annotated[
        Path | None, typer.Option(help="Folder for the clean table; file for a mapping.")
    ] = None,
    suggest_mapping: Annotated[
        bool, typer.Option("--suggest-mapping", help="Write a mapping file to edit instead.")
    ] = False,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="Keep the good rows, write the others to rejects.csv.")
    ] = False,
    strict_phases: Annotated[
        bool, typer.Option("--strict-phases", help="Refuse phases that are not known.")
    ] = False,
    ledger: Annotated[
        str,
        typer.Option(metavar="URL", help="Add the table to this ledger, as sqlite:///ledger.db."),
    ] = "",
    correct: CORRECT = "",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: JSON = False,
) -> None:
    """Take a file through the gate: show how it was understood, write the clean table, add it to a ledger."""
    must_exist(file, mapping)
    if suggest_mapping:
        _suggest(file, output or Path(f"{file.resolve().stem}.mapping.yaml"), force, as_json)
        return
    if kind not in ("history", "plan", "status"):
        raise UsageError(f"--kind {kind} is unknown; wanted history, plan or status.")
    if set_aside and output is None:
        raise UsageError("--set-aside writes rejects.csv; say where with --output FOLDER.")
    if ledger and not file.is_file():
        raise UsageError(f"--ledger takes one file at a time; {file} is a folder.")
    from estimation.ingest.sources import check_source
    from estimation.publishing.import_record import describe_import, save_import

    checked = check_source(file, mapping=mapping, kind=kind, strict_phases=strict_phases, set_aside=set_aside)
    facts, lines = describe_import(checked, file)
    if output is not None:
        facts["written"] = list(map(str, save_import(checked, facts, output, replace_files=force)))
        lines.append(f"Written: {', '.join(facts['written'])}.")
    if ledger:
        facts["ledger"] = _add_to_ledger(ledger, checked, file, correct)
        lines.append(facts["ledger"])
    print_result(facts, lines, as_json)


def _add_to_ledger(url: str, checked, file: Path, correct: str) -> str:
    """Add a checked table to a ledger, which is made where there is none; say what was new."""
    from estimation.tables import file_hash

    opened = opened_ledger(url, create=True)
    about = {"file": file.name, "file_hash": file_hash(file), "warnings": list(map(str, checked.warnings))}
    added = opened.add(checked.table, correct=correct, **about, **writer())
    return f"{opened.address}: {added.n_new} of {added.n_rows} rows were new; it stands at {added.head}."


def _suggest(file: Path, output: Path, force: bool, as_json: bool) -> None:
    must_be_new(output, force)
    from estimation.ingest.suggested_mapping import suggest_mapping
    from estimation.publishing.results import write_whole

    text = suggest_mapping(file)
    write_whole(output, text)
    lines = [text, f"Edit {output}, then: estimation ingest {file} --mapping {output}"]
    print_result({"file": str(output), "mapping": text}, lines, as_json)
