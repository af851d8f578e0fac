"""The command ``close``: a project becomes history, its slip gets causes, and what that changes is said."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from estimation.cli.ledger_commands import opened_ledger, writer
from estimation.cli.output import JSON, must_exist, print_result, tell_progress
from estimation.errors import InputError, RefusedError, UsageError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from estimation.review.closing_project import ClosedProject

_FILE = {"metavar": "FILE"}


def close(
    project: Annotated[str, typer.Argument(help="Id of the project.")],
    plan: Annotated[Path | None, typer.Option(**_FILE, help="Its plan, as approved.")] = None,
    status: Annotated[Path | None, typer.Option(help="Its statuses: a file or a folder.")] = None,
    history: Annotated[
        Path | None, typer.Option(help="Projects closed before: a file or a folder. It is not changed.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="How plan and history are to be read (YAML).")] = None,
    ledger: Annotated[
        str, typer.Option(metavar="URL", help="Take all of it from this ledger and add the closing to it.")
    ] = "",
    causes: Annotated[Path | None, typer.Option(**_FILE, help="The filled-in table of causes.")] = None,
    output: Annotated[
        Path, typer.Option(**_FILE, help="CSV file for the history with this project; may be --history.")
    ] = Path("history.csv"),
    cancel_open: Annotated[
        bool, typer.Option("--cancel-open", help="Open milestones were cancelled on the last status date.")
    ] = False,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Make the variance review.")] = True,
    as_json: JSON = False,
) -> None:
    """Close a project: ask for the causes of its slip, add it to the history, say what it changes."""
    files = (plan, status, history, mapping)
    if bool(ledger) == any(files) or not (ledger or (plan and status)):
        raise UsageError("Name --plan and --status (and --history, --mapping), or --ledger alone.")
    must_exist(*files, causes)
    from estimation.ledger.inputs import read_history, read_status
    from estimation.pages.closing_wording import multiplier_lines, plan_lines
    from estimation.pages.variance_wording import share_finding, slip_finding
    from estimation.publishing.results import csv_text, json_like
    from estimation.review.closing_project import close_project, what_it_taught, with_project
    from estimation.review.slip_shares import slip_shares
    from estimation.review.variance import project_slip

    book = opened_ledger(ledger) if ledger else None
    before = book.baselines() if book else _history(history, mapping, output)
    planned = before if book else _table(plan, mapping)
    told = book.status(project) if book else read_status(str(status))
    closed = close_project(planned, project, told, before, cancel_open=cancel_open)
    name = re.sub(r"[^\w.-]+", "-", project)
    kept = (Path() if book else output.parent) / f"causes-{name}.csv"
    closed = _with_causes(closed, kept, causes, asks=sys.stdin.isatty() and not as_json)
    if book:
        said = _add(book, closed)
    else:
        whole = with_project(before, closed).drop(columns="source").dropna(axis="columns", how="all")
        said = _write(output, csv_text(whole), project, is_history=_same(output, history))
    lines, facts = [said], {"project": project, "history": ledger or str(output), "said": said}
    learned = read_history(ledger or output)
    if closed.delivered:
        slip, shares = project_slip(learned, project), slip_shares(learned, project)
        lines += [slip_finding(slip), share_finding(shares, slip)]
        facts |= {"slip": slip, "causes": closed.questions().to_dict("records")}
    try:
        with _Clock() as clock:
            multipliers, plans = what_it_taught(learned, project, seed=1, progress=clock.begin)
    except InputError:
        lines.append("What it changes cannot be said: without this project the history teaches nothing yet.")
    else:
        lines += [*multiplier_lines(multipliers), *plan_lines(plans)]
        facts |= {"multipliers": multipliers.to_dict("records"), "plans": plans.to_dict("records")}
    if report and closed.delivered:
        facts["report"] = _review(project, ledger or str(output), ledger or str(status))
        lines.append(facts["report"])
    print_result(json_like(facts, "close"), lines, as_json)


def _table(source: Path | None, mapping: Path | None) -> pd.DataFrame:
    """All baselines of a plan or a history."""
    from estimation.ingest.sources import check_source
    from estimation.tables import HISTORY, empty_table

    if source is None:
        return empty_table(HISTORY)
    checked = check_source(source, mapping=mapping)
    for warning in checked.warnings:
        print(warning, file=sys.stderr)
    return checked.table


def _history(source: Path | None, mapping: Path | None, output: Path) -> pd.DataFrame:
    """The history so far; a table with columns of its owner's own is not written over."""
    from estimation.tables import HISTORY

    if output.suffix.lower() != ".csv":
        raise UsageError(f"{output.name}: a history is written as CSV, which every spreadsheet opens.")
    head = []
    if source is not None and source.is_file() and source.suffix.lower() == ".csv":
        head = source.read_text(encoding="utf-8-sig", errors="replace").partition("\n")[0].strip().split(",")
    clean = bool(head) and set(head) <= set(HISTORY)
    if _same(output, source) and not clean:
        raise RefusedError(
            f"{output} has columns of its own, which would be lost. Name another file: --output closed.csv"
        )
    return _table(source, None if clean else mapping)


def _same(output: Path, history: Path | None) -> bool:
    return history is not None and output.resolve() == history.resolve()


def _with_causes(closed: ClosedProject, kept: Path, given: Path | None, *, asks: bool) -> ClosedProject:
    """The project with the causes that were kept, handed in, or asked for now."""
    if kept.exists():
        closed = closed.with_causes(_answers(kept, closed))
    if given is not None:
        answers, reported = _answers(given, closed), closed.questions().set_index("milestone")
        asked = answers["milestone"].map(reported["reported_cause"])
        closed = closed.with_causes(answers.assign(cause=answers["cause"].fillna(asked)))
    questions = closed.questions()
    missing = questions[questions["cause"].isna()]
    if missing.empty:
        return closed
    if asks:
        return closed.with_causes(_asked(questions, kept))
    from estimation.project.amounts import count
    from estimation.project.causes import CAUSE_CODES
    from estimation.publishing.results import csv_text, write_whole

    write_whole(kept, csv_text(questions))
    raise InputError(
        f"{count(len(missing), 'cause')} of the slip still missing: see {kept}. Fill in cause and cause_note (the "
        f"codes are {', '.join(CAUSE_CODES)}; empty takes the reported one) and hand it back: --causes {kept}"
    )


def _answers(file: Path, closed: ClosedProject) -> pd.DataFrame:
    """Read a table of causes through the gate; rows of unknown milestones are passed over, with a warning."""
    from estimation.ingest.sources import check_source
    from estimation.review.closing_project import QUESTIONS
    from estimation.tables import STATUS

    others = [name for name in QUESTIONS if name not in STATUS]
    same = {"project": closed.project, "as_of": "2000-01-01"}  # answers have no day
    checked = check_source(file, mapping={"ignore": others, "constants": same}, kind="status")
    known = closed.milestones["milestone"].tolist()
    unknown = [
        f"{file.name}: milestone {one} is not in {closed.project}; the row is passed over. "
        f"{did_you_mean(one, known, 'Correct the id.')}"
        for one in checked.table["milestone"]
        if one not in known
    ]
    for warning in (*checked.warnings, *unknown):
        print(warning, file=sys.stderr)
    return checked.table


def _asked(questions: pd.DataFrame, kept: Path) -> pd.DataFrame:
    """Ask a person for the missing causes; each answer is on the disk before the next question."""
    from estimation.pages.closing_wording import question_lines
    from estimation.project.causes import CAUSE_CODES
    from estimation.publishing.results import csv_text, write_whole

    codes, answers = list(CAUSE_CODES), questions.copy()
    missing = questions[questions["cause"].isna()]
    typer.echo("What caused the slip? These milestones carry 80 % of it. Causes:", err=True)
    for number, code in enumerate(codes, 1):
        typer.echo(f"  {number:>2} {code}: {CAUSE_CODES[code]}", err=True)
    try:
        for number, row in enumerate(missing.itertuples(), 1):
            typer.echo("\n".join(["", *question_lines(row, number, len(missing))]), err=True)
            answers.loc[row.Index, "cause"] = _code(codes, row.reported_cause)
            write_whole(kept, csv_text(answers))
            note = "" if row.cause_note != row.cause_note else row.cause_note
            said = typer.prompt("In a sentence", default=note, show_default=bool(note), err=True)
            answers.loc[row.Index, "cause_note"] = said or None
            write_whole(kept, csv_text(answers))
    except (KeyboardInterrupt, typer.Abort):
        if answers["cause"].notna().any():
            typer.echo(f"\nYour answers so far are in {kept}; the next run goes on from there.", err=True)
        raise
    return answers


def _code(codes: list[str], reported: Any) -> str:
    """Ask for one cause, by its code or number; a code of one's own has to be confirmed."""
    from estimation.project.causes import coded

    while True:
        default = reported if reported == reported else None
        said = typer.prompt("Cause (code or number)", default=default, err=True).strip()
        code = codes[int(said) - 1] if said.isdecimal() and 0 < int(said) <= len(codes) else coded(said)
        if code in codes or said == default:
            return code
        own = f"'{said}' is not in the list. {did_you_mean(code, codes, '')}".strip()
        if not said.isdecimal() and typer.confirm(f"{own} Keep it as a code of your own?", err=True):
            return said


def _add(book, closed: ClosedProject) -> str:
    """Add the closing to the ledger."""
    from estimation.review.closing_project import PASSED
    from estimation.tables import HISTORY, content_hash, keep_contract

    rows = keep_contract(closed.rows.drop(columns=list(PASSED)), HISTORY)
    added = book.add(rows, file=f"close {closed.project}", file_hash=content_hash(rows), **writer())
    new = f"{added.n_new} of {added.n_rows} rows are new" if added.entry else "nothing new, nothing was added"
    return f"{closed.project} is closed in {book.address}: {new}; it stands at {added.head}."


def _write(output: Path, text: str, project: str, *, is_history: bool) -> str:
    """Write the history whole; another one is never lost."""
    from estimation.publishing.results import write_whole

    there = output.read_text(encoding="utf-8") if output.exists() else None
    if there == text:
        return f"{project} is closed in {output}: nothing new, nothing was written."
    if there is not None and not is_history:
        raise RefusedError(
            f"{output} is there already and holds something else. To add {project} to it: --history {output}; or name "
            "another file with --output. Causes that were given are kept."
        )
    write_whole(output, text)
    return f"{project} is closed: written to {output}."


class _Clock:
    """Says once a second on standard error what is worked on, how far it is, and how long it has taken."""

    def __init__(self) -> None:
        self._over, self._what, self._far, self._end, self._since = threading.Event(), "", "", "", 0.0

    def __enter__(self) -> _Clock:
        threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        print(file=sys.stderr, flush=True)

    def begin(self, what: str) -> Callable[[int, int], None]:
        """Begin a line; what comes back is told how many steps of it are done."""
        print(f"{self._end}{what} ...", end="", file=sys.stderr, flush=True)
        self._what, self._far, self._since, self._end = what, "", time.monotonic(), "\n"
        return self._told

    def _told(self, done: int, of: int) -> None:
        self._far = f"{done} of {of}, "

    def _tick(self) -> None:
        while not self._over.wait(1):
            seconds = time.monotonic() - self._since
            print(f"\r{self._what}: {self._far}{seconds:.0f} s", end="", file=sys.stderr, flush=True)


def _review(project: str, history: str, status: str) -> str:
    """Make the variance review of the closed project; give the path of its report."""
    from estimation.publishing import index, runner

    words = {"history": history, "project": project, "status": status}
    done = runner.run_notebook("variance", words, progress=tell_progress)
    if runner.REPORTS in done.folder.parents:
        index.write_index(runner.REPORTS)
    for warning in done.warnings:
        print(warning, file=sys.stderr)
    return str(done.report)
