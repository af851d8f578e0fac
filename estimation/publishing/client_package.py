"""The package a client report is made from: worked out and filtered before its notebook runs, one small JSON file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

import pandas as pd

from estimation.calendar.workdays import status_day
from estimation.errors import InputError, RefusedError
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.ledger.inputs import read_history, read_status
from estimation.pages.labels import milestone_words
from estimation.project.amounts import count, days_words
from estimation.publishing.results import json_like, load_results, read_versioned
from estimation.tables import DTYPES, Contract, keep_contract
from estimation.tracking.client_moves import unexplained_moves
from estimation.tracking.client_report import ClientReport, client_report
from estimation.tracking.client_tables import CLIENT_TABLES

CLIENT_FILE = "client.json"
FORMAT_VERSION = 1
_DATES_END = ("as_of", "_finish")
_MOST_NAMED = 20


def prepare_client(
    history: str | Path,
    project: str,
    status: str | Path,
    as_of: str,
    *,
    mapping: str | Path = "",
    forecast: str | Path = "",
    allow_unexplained: bool = False,
) -> str:
    """Work out what one client is told, from all data, and write it down as JSON without anything else.

    ``forecast`` names the results of a weekly review of the same project and day, from which the likely end is read.
    Dates that moved in silence are refused, each by name, unless they are allowed: the report then opens with a banner.
    """
    report = client_report(read_history(history, mapping=mapping), read_status(status), project, as_of=as_of)
    silent = unexplained_moves(report.moves)
    if len(silent) and not allow_unexplained:
        raise RefusedError(_refusal(project, silent, report.facts["as_of"]))
    likely = _likely(forecast, project, as_of) if forecast else {}
    return package_text(report, project, likely)


def package_text(report: ClientReport, project: str, likely: Mapping | None = None) -> str:
    """Write a client report down as JSON; of the project's id only a hash, by which a later report is known."""
    content = {
        "format": FORMAT_VERSION,
        "key": hashlib.sha256(project.encode()).hexdigest()[:16],
        "facts": json_like({**report.facts, **(likely or {})}, "facts"),
        "tables": {
            name: _records(keep_contract(getattr(report, name), CLIENT_TABLES[name]))
            for name in CLIENT_TABLES
        },
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_client_package(path: str | Path) -> ClientReport:
    """Read back what a client is told."""
    content = _content(Path(path))
    facts: dict = {
        name: pd.Timestamp(value) if name.endswith(_DATES_END) and value is not None else value
        for name, value in content["facts"].items()
    }
    tables = {name: _table(content["tables"][name], contract) for name, contract in CLIENT_TABLES.items()}
    return ClientReport(facts=facts, **tables)


def package_warnings(text: str, project: str) -> tuple[str, ...]:
    """Say what whoever makes the report should know and its client need not: that no end was promised."""
    facts = json.loads(text)["facts"]
    if facts["end_promised"]:
        return ()
    return (
        f"{project}: no promised date is recorded for the end of the project. This report measures against the plan "
        f"agreed at the start, {facts['agreed_finish']}, as the weekly review does. If a date was promised, write it "
        "as promised_finish of the last milestone into the plan.",
    )


def is_package_of(path: Path, text: str) -> bool:
    """Whether a file holds an earlier package of the same project as this text."""
    try:
        return _content(path)["key"] == json.loads(text)["key"]
    except InputError:
        return False


def _content(path: Path) -> dict:
    return read_versioned(
        path,
        FORMAT_VERSION,
        missing=f"There is no client package {path}. Make one with: estimation run client -p project ID ...",
        other=f"{path}: not a client package. Make one with: estimation run client",
    )


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(name): json_like(value, str(name)) for name, value in row.items()} for row in rows]


def _table(rows: list[dict], contract: Contract) -> pd.DataFrame:
    columns = {
        name: pd.Series([row[name] for row in rows], dtype=object).astype(DTYPES[column.kind])
        for name, column in contract.items()
    }
    return keep_contract(pd.DataFrame(columns), contract)


def _likely(folder: str | Path, project: str, as_of: str) -> dict[str, object]:
    """Take the likely end out of the saved results of a weekly review."""
    results = load_results(folder)
    came = (results.inputs.get("project"), str(results.inputs.get("as_of", ""))[:10])
    wanted = (project, f"{status_day(as_of):%Y-%m-%d}")
    if "forecast" not in results.tables or came != wanted:
        raise InputError(
            f"forecast: {folder} holds the results of project '{came[0]}' as of {came[1]}; wanted '{project}' as of "
            f"{wanted[1]}. Run the weekly review of that day first, or leave the forecast out."
        )
    whole = results.tables["forecast"].set_index("milestone").loc[WHOLE_PROJECT].to_dict()
    agreed = "prob_baseline" if pd.isna(whole["promised_finish"]) else "prob_promised"
    return {
        "p50_finish": whole["p50_finish"],
        "p80_finish": whole["p80_finish"],
        "prob_agreed": float(whole[agreed]),
        "n_projects": results.report.get("n_projects"),
    }


def _refusal(project: str, silent: pd.DataFrame, as_of: pd.Timestamp) -> str:
    """Name each silent move and say what to do about it."""
    first = silent.iloc[0]
    lines = [
        f"  {' '.join(milestone_words(row).split())}: {row.old_finish:%Y-%m-%d} -> {row.new_finish:%Y-%m-%d} "
        f"({days_words(abs(row.move_days))} {'later' if row.move_days > 0 else 'earlier'}), in week {row.week}, "
        f"on {row.as_of:%Y-%m-%d}\n"
        for row in silent.head(_MOST_NAMED).itertuples()
    ]
    more = f"  ... and {len(silent) - _MOST_NAMED} more\n" if len(silent) > _MOST_NAMED else ""
    return (
        f"{project}: {count(len(silent), 'date')} moved in silence up to {as_of:%Y-%m-%d}. No client report is "
        f"made of dates that nobody explained:\n{''.join(lines)}{more}"
        "Write down why, and when the client was told: in the status file, columns reason and told_client_on of "
        "its row of that day; in a ledger with\n"
        f"  estimation status set {quote(project)} {quote(first['milestone'])} --as-of {first['as_of']:%Y-%m-%d} "
        f'--forecast {first["new_finish"]:%Y-%m-%d} --reason "..." --told-client DATE\n'
        "Or make the report with a banner that says so: --allow-unexplained"
    )
