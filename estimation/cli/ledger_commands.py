"""Commands of the ledger: what it holds, what is reported and published, and how it is carried elsewhere."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from estimation.cli.output import JSON, MAPPED, must_be_new, must_exist, print_result
from estimation.errors import InputError, RefusedError, UsageError

if TYPE_CHECKING:
    from estimation.ledger.ledger import Ledger

_ADDRESS = "sqlite:///... or postgresql+psycopg://..."
LEDGER = Annotated[str, typer.Option(metavar="URL", envvar="ESTIMATION_LEDGER", help=_ADDRESS)]
CORRECT = Annotated[
    str, typer.Option(metavar="REASON", help="Why the file may contradict what the ledger has.")
]
DEFAULT_LEDGER = "sqlite:///ledger.db"

ledger_app = typer.Typer(
    name="ledger", help="The record of plans, statuses and published forecasts.", no_args_is_help=True
)
status_app = typer.Typer(name="status", help="Report how running projects stand.", no_args_is_help=True)


def writer() -> dict[str, Any]:
    """Say who writes into the ledger, and when; the one place where the clock is read."""
    try:
        name = getpass.getuser()
    except (ImportError, KeyError, OSError):  # in a container the system may know the number alone
        name = f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"
    return {"made_by": name, "made_at": dt.datetime.now(dt.UTC)}


def opened_ledger(url: str, *, create: bool = False) -> Ledger:
    """Open a ledger; the library of databases is loaded now and not before."""
    from estimation.ledger.ledger import open_ledger

    return open_ledger(url, create=create)


@ledger_app.command("status")
def ledger_status(ledger: LEDGER = DEFAULT_LEDGER, as_json: JSON = False) -> None:
    """Say where the ledger stands and how much it holds."""
    from estimation.ledger.extracts import explained_since

    opened = opened_ledger(ledger)
    head, counts, moves = opened.head(), opened.counts(), opened.forecast_moves()
    silent, later = int(moves["silent"].sum()), explained_since(moves, opened.status())
    facts = {
        "ledger": opened.address,
        **_stand(head),
        "n_silent_moves": silent,
        "n_explained_since": later,
        "tables": counts,
    }
    since = f", {later} of those explained since" if later else ""
    lines = [
        f"{opened.address}: {head}.",
        f"{counts['projects']} projects, {counts['milestones']} milestones, {counts['baselines']} baselines, "
        f"{counts['status_updates']} status updates.",
        f"{counts['forecast_moves']} forecast moves, {silent} of them without a reason when they came{since}; "
        f"{counts['published_forecasts']} published forecasts.",
    ]
    print_result(facts, lines, as_json)


@ledger_app.command("export")
def ledger_export(
    file: Annotated[Path, typer.Argument(help="The zip file to write.")],
    ledger: LEDGER = DEFAULT_LEDGER,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    as_json: JSON = False,
) -> None:
    """Write the whole ledger into one zip of CSV files."""
    must_be_new(file, force)
    opened = opened_ledger(ledger)
    head = opened.export(file)
    facts = {"file": str(file), **_stand(head)}
    print_result(facts, [f"{file}: {opened.address} up to {head}."], as_json)


@ledger_app.command("import")
def ledger_import(
    file: Annotated[Path, typer.Argument(help="A zip file that `estimation ledger export` wrote.")],
    ledger: LEDGER = DEFAULT_LEDGER,
    as_json: JSON = False,
) -> None:
    """Take an exported ledger into an empty one, or into an earlier state of the same."""
    must_exist(file, what="file")
    opened = opened_ledger(ledger, create=True)
    before, after = opened.load(file)
    n_new = after.number - before.number
    facts = {"ledger": opened.address, "n_new": n_new, **_stand(after)}
    print_result(facts, [f"{opened.address}: {n_new} entries came; it stands at {after}."], as_json)


@status_app.command("update")
def status_update(
    file: Annotated[Path, typer.Argument(help="A table of milestones: all columns, or the changed ones.")],
    ledger: LEDGER = DEFAULT_LEDGER,
    mapping: MAPPED = None,
    as_of: Annotated[
        str, typer.Option(metavar="DATE", help="Status date, where the table has no such column.")
    ] = "",
    correct: CORRECT = "",
    as_json: JSON = False,
) -> None:
    """Add the status updates of a file to the ledger."""
    must_exist(file, what="file")
    if as_of and mapping:
        raise UsageError(
            "--as-of and --mapping came; wanted one. Write the date into the mapping: constants: as_of."
        )
    from estimation.ingest.sources import read_status
    from estimation.tables import file_hash

    opened = opened_ledger(ledger)
    said = {"constants": {"as_of": date_of("--as-of", as_of)}} if as_of else mapping
    table = read_status(file, mapping=said)
    added = opened.add(table, file=file.name, file_hash=file_hash(file), correct=correct, **writer())
    print_added(added, file.name, opened.address, as_json)


@status_app.command("set")
def status_set(
    project: Annotated[str, typer.Argument(help="Id of the project.")],
    milestone: Annotated[str, typer.Argument(help="Id of the milestone.")],
    forecast: Annotated[str, typer.Option(metavar="DATE", help="When it is now expected.")],
    reason: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Why the date moved; without one the move is silent."),
    ] = "",
    told_client: Annotated[str, typer.Option(metavar="DATE", help="When the client was told.")] = "",
    as_of: Annotated[str, typer.Option(metavar="DATE", help="Status date; today when left out.")] = "",
    ledger: LEDGER = DEFAULT_LEDGER,
    as_json: JSON = False,
) -> None:
    """Move the forecast date of one milestone that is not finished."""
    who = writer()
    row = {
        "project": project,
        "milestone": milestone,
        "as_of": date_of("--as-of", as_of) if as_of else f"{dt.datetime.now():%Y-%m-%d}",
        "forecast_finish": date_of("--forecast", forecast),
        "reason": reason.strip() or None,
        "told_client_on": date_of("--told-client", told_client) if told_client else None,
        "source": f"status set by {who['made_by']}",
    }
    import hashlib

    from estimation.ledger.cells import table_of
    from estimation.tables import STATUS

    opened = opened_ledger(ledger)
    finish = opened.finish_of(project, milestone)
    # A reason for the very day of the finish says why it was finished when it was.
    if finish is not None and finish[0] <= row["as_of"] and finish[0] != row["forecast_finish"]:
        raise RefusedError(
            f"{milestone} of {project} was finished on {finish[0]} ({finish[1]}); a forecast of "
            f"{row['forecast_finish']} came for it on {row['as_of']}. Name a milestone that is open, give the earlier "
            "day on which this was said (--as-of), or correct the finish with a file: "
            "estimation status update FILE --correct REASON."
        )
    table = table_of({name: [value] for name, value in row.items()}, STATUS)
    words = hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()
    added = opened.add(table, file="status set", file_hash=words, again=True, **who)
    print_added(added, f"{milestone} of {project}", opened.address, as_json)


def publish(
    folder: Annotated[Path, typer.Argument(help="Results of a kickoff report, such as reports/kickoff.")],
    ledger: LEDGER = DEFAULT_LEDGER,
    as_json: JSON = False,
) -> None:
    """Put the forecast of a kickoff report on record in the ledger."""
    from estimation.ledger.publications import forecast_from_results
    from estimation.publishing.results import load_results, read_facts

    results = load_results(folder)
    if "forecast" not in results.tables:
        raise InputError(f"{folder}: holds no forecast. Name the results of a kickoff report.")
    versions, table = read_facts(folder)["written_by"], results.tables["forecast"]
    forecast = forecast_from_results(str(folder), results.inputs, results.report, versions, table)
    opened = opened_ledger(ledger)
    added = opened.publish(forecast, **writer())
    print_added(added, f"Forecast of {forecast.project}", opened.address, as_json)


def _stand(head) -> dict[str, Any]:
    """Say where a ledger stands, for a program."""
    return {"entry": head.number, "content_hash": head.content_hash}


def print_added(added, what: str, address: str, as_json: bool) -> None:
    """Say what an addition to the ledger added."""
    facts = {
        "ledger": address,
        "added_entry": added.entry,
        "n_rows": added.n_rows,
        "n_new": added.n_new,
        **_stand(added.head),
    }
    said = f"{added.n_new} of {added.n_rows} rows are new"
    said = said if added.entry else "nothing new, nothing was added"
    print_result(facts, [f"{what}: {said}. {address} stands at {added.head}."], as_json)


def date_of(option: str, text: str) -> str:
    """Read a date that an option was given, as ISO text."""
    try:
        return dt.date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise UsageError(f"{option} is '{text}'; wanted a date such as 2026-03-31.") from None
