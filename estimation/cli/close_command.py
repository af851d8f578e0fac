"""The command ``close``: a project becomes history, its slip gets causes, and what that changes is said."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from estimation.cli.ledger_commands import opened_ledger, writer
from estimation.cli.output import JSON, make_report, must_exist, print_result
from estimation.errors import InputError, RefusedError, UsageError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from estimation.review.closing_project import ClosedProject

Given = Path | None
_CUT = "Open milestones were cancelled on the last status date."


def close(
    project: Annotated[str, typer.Argument(help="Id of the project.")],
    plan: Annotated[Given, typer.Option(help="File of its plan, as approved.")] = None,
    status: Annotated[Given, typer.Option(help="Its statuses: a file or a folder.")] = None,
    history: Annotated[Given, typer.Option(help="Projects closed before: a file or a folder.")] = None,
    mapping: Annotated[Given, typer.Option(help="How plan and history are to be read (YAML).")] = None,
    ledger: Annotated[
        str, typer.Option(metavar="URL", help="Take all of it from, and add to, a ledger.")
    ] = "",
    causes: Annotated[Given, typer.Option(help="The table of causes, filled in.")] = None,
    output: Annotated[Path, typer.Option(help="CSV file for the new history.")] = Path("history.csv"),
    cancel_open: Annotated[bool, typer.Option("--cancel-open", help=_CUT)] = False,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Make the variance review.")] = True,
    as_json: JSON = False,
) -> None:
    """Close a project: ask for the causes of its slip, add it to the history, say what it changes."""
    files = (plan, status, history, mapping)
    if bool(ledger) == any(files) or not (ledger or (plan and status)):
        raise UsageError("Name --plan and --status (and --history, --mapping), or --ledger alone.")
    if output.suffix.lower() != ".csv":
        raise UsageError(f"{output.name}: a history is written as CSV. Name it .csv.")
    must_exist(*files, causes)
    from estimation.ingest.sources import check_source
    from estimation.ledger.inputs import read_history, read_status
    from estimation.pages.closing_wording import multiplier_lines, plan_lines
    from estimation.pages.displays import show_progress
    from estimation.pages.variance_wording import share_finding, slip_finding
    from estimation.publishing.results import json_like
    from estimation.review.closing_project import close_project, what_it_taught, with_project
    from estimation.review.slip_shares import slip_shares
    from estimation.review.variance import project_slip

    book = opened_ledger(ledger) if ledger else None
    before = book.baselines() if book else _history(history, mapping, output)
    planned = before if plan is None else check_source(plan, mapping=mapping).table
    told = book.status(project) if book else read_status(str(status))
    closed = close_project(planned, project, told, before, cancel_open=cancel_open)
    name = re.sub(r"[^\w.-]+", "-", project)
    kept = (Path() if book else output.parent) / f"causes-{name}.csv"
    closed = _with_causes(closed, kept, causes, asks=sys.stdin.isatty() and not as_json)
    said = _add(book, closed) if book else _write(output, with_project(before, closed), project, history)
    lines, facts = [said], {"project": project, "history": ledger or str(output), "said": said}
    learned = read_history(ledger or output)
    if closed.delivered:
        slip, shares = project_slip(learned, project), slip_shares(learned, project)
        lines += [slip_finding(slip), share_finding(shares, slip)]
        facts |= {"slip": slip, "causes": closed.questions().to_dict("records")}
    try:
        multipliers, plans = what_it_taught(learned, project, seed=1, progress=show_progress)
        lines += [*multiplier_lines(multipliers), *plan_lines(plans)]
        facts |= {"multipliers": multipliers.to_dict("records"), "plans": plans.to_dict("records")}
    except InputError:
        lines.append("What it changes cannot be said: without this project the history teaches nothing yet.")
    if report and closed.delivered:
        where = {"history": ledger or str(output), "status": ledger or str(status)}
        facts["report"] = str(make_report("variance", {**where, "project": project}).report)
        lines.append(facts["report"])
    print_result(json_like(facts, "close"), lines, as_json)


def _history(source: Given, mapping: Given, output: Path) -> pd.DataFrame:
    """The history so far, all baselines; a table with columns of its owner's own is not written over."""
    from estimation.ingest.sources import check_source
    from estimation.tables import HISTORY, empty_table

    if source is None:
        return empty_table(HISTORY)
    head = source.read_bytes().partition(b"\n")[0].decode(errors="replace") if source.is_file() else ""
    clean = {*head.strip("\ufeff\r").split(",")} <= {*HISTORY}
    if not clean and _same(output, source):
        raise RefusedError(f"{output} has columns of its own, which would be lost. Name another --output.")
    return check_source(source, mapping=None if clean else mapping).table


def _same(output: Path, history: Given) -> bool:
    return history is not None and output.resolve() == history.resolve()


def _with_causes(closed: ClosedProject, kept: Path, given: Given, *, asks: bool) -> ClosedProject:
    """The project with the causes that were kept, handed in, or asked for now."""
    if kept.exists():
        closed = closed.with_causes(_answers(kept, closed))
    if given is not None:
        answers, reported = (
            _answers(given, closed),
            closed.questions().set_index("milestone")["reported_cause"],
        )
        answers["cause"] = answers["cause"].fillna(answers["milestone"].map(reported).astype("str"))
        closed = closed.with_causes(answers)
    questions = closed.questions()
    missing = int(questions["cause"].isna().sum())
    if missing and asks:
        return closed.with_causes(_asked(questions, kept))
    if missing:
        from estimation.project.amounts import count
        from estimation.project.causes import CAUSE_CODES
        from estimation.publishing.results import csv_text, write_whole

        write_whole(kept, csv_text(questions))
        raise InputError(
            f"{count(missing, 'cause')} of the slip still missing: see {kept}. Fill in cause and cause_note (the codes "
            f"are {', '.join(CAUSE_CODES)}; empty takes the reported one), then hand it back: --causes {kept}"
        )
    return closed


def _answers(file: Path, closed: ClosedProject) -> pd.DataFrame:
    """Read a table of causes through the gate; rows of unknown milestones are passed over, with a warning."""
    from estimation.ingest.sources import check_source
    from estimation.review.closing_project import QUESTIONS
    from estimation.tables import STATUS

    others = [name for name in QUESTIONS if name not in STATUS]
    same = {"project": closed.project, "as_of": "2000-01-01"}  # answers have no day
    checked = check_source(file, mapping={"ignore": others, "constants": same}, kind="status")
    known = closed.rows["milestone"].tolist()
    for warning in checked.warnings:
        print(warning, file=sys.stderr)
    for one in checked.table["milestone"][~checked.table["milestone"].isin(known)]:
        meant = did_you_mean(one, known, "Correct the id.")
        found = f"milestone {one} is not in {closed.project}; the row is passed over"
        print(f"{file.name}: {found}. {meant}", file=sys.stderr)
    return checked.table


def _asked(questions: pd.DataFrame, kept: Path) -> pd.DataFrame:
    """Ask a person for the missing causes; each answer is on the disk before the next question."""
    from estimation.pages.closing_wording import code_lines, question_lines
    from estimation.publishing.results import csv_text, write_whole

    answers, missing = questions.copy(), questions[questions["cause"].isna()]
    typer.echo("\n".join(code_lines()), err=True)
    for number, (place, row) in enumerate(missing.fillna("").iterrows(), 1):
        typer.echo("\n".join(question_lines(row, number, len(missing))), err=True)
        try:
            answers.loc[place, "cause"] = _code(row["reported_cause"])
            write_whole(kept, csv_text(answers))
            note = typer.prompt(
                "In a sentence", default=row["cause_note"], show_default=bool(row["cause_note"]), err=True
            )
        except typer.Abort:
            typer.echo(f"\nYour answers so far are in {kept}; the next run goes on from there.", err=True)
            raise
        answers.loc[place, "cause_note"] = note or None
        write_whole(kept, csv_text(answers))
    return answers


def _code(reported: str) -> str:
    """Ask for one cause, by its code or number, until it is one of the list or the reported one."""
    from estimation.project.causes import CAUSE_CODES, coded

    codes = list(CAUSE_CODES)
    while True:
        said: str = typer.prompt("Cause (code or number)", default=reported or None, err=True).strip()
        numbered = said.isdecimal() and 0 < int(said) <= len(codes)
        code = codes[int(said) - 1] if numbered else said if said == reported else coded(said)
        if code in (*codes, reported):
            return code
        typer.echo(f"'{said}' is not in the list. {did_you_mean(code, codes, '')}".strip(), err=True)


def _add(book, closed: ClosedProject) -> str:
    """Add the closing to the ledger."""
    from estimation.review.closing_project import PASSED
    from estimation.tables import HISTORY, content_hash, keep_contract

    rows = keep_contract(closed.rows.drop(columns=list(PASSED)), HISTORY)
    added = book.add(rows, file=f"close {closed.project}", file_hash=content_hash(rows), **writer())
    new = f"{added.n_new} of {added.n_rows} rows are new" if added.entry else "nothing new, nothing was added"
    return f"{closed.project} is closed in {book.address}: {new}; it stands at {added.head}."


def _write(output: Path, whole: pd.DataFrame, project: str, history: Given) -> str:
    """Write the history whole; another one is never lost."""
    from estimation.publishing.results import csv_text, write_whole

    text = csv_text(whole.drop(columns="source").dropna(axis="columns", how="all"))
    there = output.read_text(encoding="utf-8") if output.exists() else None
    if there == text:
        return f"{project} is closed in {output}: nothing new, nothing was written."
    if there is not None and not _same(output, history):
        raise RefusedError(
            f"{output} is there already and holds something else. To add {project} to it: --history {output}; or name "
            "another file with --output. Causes that were given are kept."
        )
    write_whole(output, text)
    return f"{project} is closed: written to {output}."
