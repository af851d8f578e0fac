"""What came through the gate, in words and on disk: the clean table, what was set aside, and the record of both."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from estimation.errors import InputError, RefusedError
from estimation.ingest.gate import Reject
from estimation.ingest.sources import Checked, choose_baseline
from estimation.ingest.spelling import NEW, SURE, as_yaml
from estimation.project.amounts import list_few
from estimation.project.silence import Course, is_silent, project_courses
from estimation.project.statuses import Closed
from estimation.publishing.results import csv_text, write_whole
from estimation.tables import content_hash

TABLE_FILE, REJECTS_FILE, RECORD_FILE = "milestones.csv", "rejects.csv", "import.json"
_SAID = ("file", "row", "column", "came", "wanted", "remedy")
MOST_NAMED = 6
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def describe_import(checked: Checked, source: Path) -> tuple[dict[str, object], list[str]]:
    """Say how a source was understood: facts that JSON can hold for a program, lines to print for a person."""
    table = checked.table
    facts: dict[str, object] = {
        "source": str(source),
        "files": list(checked.files),
        "n_rows": len(table),
        "n_projects": int(table["project"].nunique()),
        "n_set_aside": len(checked.rejects),
        "content_hash": content_hash(table),
        "matches": [vars(match) for match in checked.matches],
        "warnings": [{name: getattr(one, name) for name in _SAID} for one in checked.warnings],
        "rejects": [
            {"file": one.file, "row": one.row, "reasons": list(map(str, one.reasons))}
            for one in checked.rejects
        ],
    }
    lines = [f"{source}: {len(table)} rows, {facts['n_projects']} projects."]
    if "closed_as" in table and "as_of" not in table:
        facts["courses"], said = _courses(choose_baseline(table, "first"))
        lines += said
    for what in ("column", "phase"):
        matches = [match for match in checked.matches if match.what == what]
        lines += [f"{what.capitalize()}s:"] if matches else []
        for match in matches:
            mark = "  <- look at this" if match.how == SURE else ""
            meaning = "a phase of its own" if match.how == NEW else match.meaning
            lines.append(f"  {match.came} -> {meaning} ({match.how}){mark}")
    reasons = [str(reason) for one in checked.rejects for reason in one.reasons]
    for title, said in (("Warnings", list(map(str, checked.warnings))), ("Set aside", reasons)):
        if said:
            lines += [f"{title} ({len(said)}):", *(f"  {line}" for line in said[: InputError.shown])]
        if len(said) > InputError.shown:
            lines.append(f"  ... and {len(said) - InputError.shown} more.")
    return facts, lines


def _courses(history: pd.DataFrame) -> tuple[dict[str, object], list[str]]:
    """Say how many projects are closed, run, or fell silent, which these are, and how to say what became of them."""
    courses = project_courses(history)
    named = {course: courses.loc[courses["course"] == course, "project"].tolist() for course in Course}
    silent, missing = courses[courses["course"] == Course.SILENT], named[Course.DATE_MISSING]
    parts = [f"{len(named[Course.CLOSED]) + len(missing)} closed", f"{len(named[Course.RUNNING])} running"]
    if len(silent):
        months = dict.fromkeys(f"{day:%B %Y}" for day in silent["since"].sort_values().dropna())
        since = f" since {list_few(list(months), MOST_NAMED)}" if months else ""
        parts.append(f"{len(silent)} silent{since}: cancelled?")
    line = ", ".join(parts)
    line += f"{' ' if len(silent) else ', '}{len(missing)} closed with a date missing" if missing else ""
    lines = [line if line.endswith("?") else f"{line}."]
    if len(silent):
        first = silent["project"].iloc[0]
        cut, keep = as_yaml({first: Closed.CANCELLED.value}), as_yaml([first])
        lines.append(
            f"  Silent: {list_few(list(silent['project']), MOST_NAMED)}. No fit counts them as running. Say what "
            f"became of them: closed_as in the file, or in a mapping file closed_as: {cut} or keep_running: {keep}."
        )
    rows = history[is_silent(history) & ~history["project"].isin(silent["project"])]
    if len(rows):
        of = [f"{row.project} {row.milestone}" for row in rows.itertuples()]
        lines.append(
            f"  Without a date: {list_few(of, MOST_NAMED)}. Fill it in; until then no fit counts the row."
        )
    return {course.name.lower(): names for course, names in named.items() if course != Course.CLOSED}, lines


def save_import(
    checked: Checked, facts: Mapping[str, object], folder: str | Path, *, replace_files: bool = False
) -> list[Path]:
    """Write the clean table, the rows set aside with their reasons, and the record of the import."""
    folder = Path(folder)
    there = [folder / name for name in (TABLE_FILE, REJECTS_FILE, RECORD_FILE) if (folder / name).exists()]
    if there and not replace_files:
        raise RefusedError(f"{there[0]} is there already. Name another folder, or replace it with --force.")
    folder.mkdir(parents=True, exist_ok=True)
    for path in there:
        path.unlink()
    filled = checked.table.drop(columns="source").dropna(axis="columns", how="all")
    texts = {
        TABLE_FILE: csv_text(filled),
        REJECTS_FILE: rejects_text(checked.rejects) if checked.rejects else "",
        RECORD_FILE: json.dumps(facts, indent=2, ensure_ascii=False),
    }
    written = [folder / name for name, text in texts.items() if text]
    for path in written:
        write_whole(path, texts[path.name])
    return written


def rejects_text(rejects: Sequence[Reject]) -> str:
    """Write rows set aside as CSV: file, row and reasons first, then their cells as they came.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    headers = list(dict.fromkeys(header for one in rejects for header in one.cells if header))
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["file", "row", "reasons", *map(_harmless, headers)])
    for one in rejects:
        reasons = [f"{part.column}: {part.came}; {part.wanted}. {part.remedy}" for part in one.reasons]
        cells = [one.file, str(one.row), " | ".join(reasons), *(one.cells.get(name, "") for name in headers)]
        writer.writerow(map(_harmless, cells))
    return lines.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
