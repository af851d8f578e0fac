"""Jira's CSV export: epics, versions or issues become milestones, with due and resolution dates and links."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from estimation.errors import Problem, refusal
from estimation.ingest.conversion import RawColumn, convert
from estimation.ingest.headers import plain
from estimation.ingest.mapping import TableMapping
from estimation.ingest.phases import POOLED_PHASE
from estimation.ingest.raw_table import RawTable, table_of_cells
from estimation.ingest.row_checks import predecessors_in
from estimation.ingest.yaml_text import load_words
from estimation.tables import HISTORY

_WORDS = load_words(Path(__file__).with_suffix(".yaml"))


def is_jira(raw: RawTable) -> bool:
    """Recognise an export by its headers.

    >>> is_jira(RawTable("x.csv", ["Summary", "Issue key", "Issue id", "Issue Type"], [], []))
    True
    """
    headers = {_same(header) for header in raw.headers}
    return {"issue key", "issue type"} <= headers and bool(headers & {"issue id", "project key"})


def _same(header: str) -> str:
    return plain(header).replace("work item", "issue").replace("workitem", "issue")


@dataclass(frozen=True)
class _Export:
    """The issues of an export, cell by cell; a repeated header gives several values."""

    raw: RawTable

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Positions of each column; of several names for the same the first that came counts."""
        by_header: dict[str, list[int]] = {}
        for place, header in enumerate(self.raw.headers):
            by_header.setdefault(_same(header), []).append(place)
        return {
            name: next((by_header[header] for header in headers if header in by_header), [])
            for name, headers in _WORDS["columns"].items()
        }

    def all(self, row: int, name: str) -> list[str]:
        """List the filled cells of a row under a header that may be repeated."""
        return [cell for place in self.places[name] if (cell := self.raw.rows[row][place])]

    def one(self, row: int, name: str) -> str:
        """Give the first filled cell."""
        return next(iter(self.all(row, name)), "")

    def key(self, row: int) -> tuple[str, str]:
        """Name an issue: its project and its key."""
        return self.one(row, "project"), self.one(row, "key")

    @cached_property
    def dates(self) -> dict[str, list[str]]:
        """Dates of each date column as ISO text, row by row; what cannot be read stays as it came, for the gate."""
        read = {}
        for name in ("due", "resolved", "planned_start", "started", "updated"):
            cells = [self.one(row, name) for row in range(len(self.raw.rows))]
            values, _ = convert(RawColumn(name, name, cells, self.raw.places()), HISTORY["actual_finish"])
            days = values.dt.strftime("%Y-%m-%d")
            read[name] = days.where(days.notna(), cells).tolist()
        return read


def read_jira(raw: RawTable, mapping: TableMapping) -> RawTable:
    """Make milestones of the issues of an export.

    - With ``milestones_from: epics`` (the default where epics with a due date came) each epic is a milestone: its own
      due and resolution dates, blocked by what blocks it or one of its issues.
    - With ``versions`` (the default where fix versions came otherwise) each version of a project is one: planned for
      the latest due date of its issues, finished when the last of them was resolved, running while one is not.
    - With ``issues`` each issue is one, sub-tasks left out.
    - ``phase`` is the custom field Phase, else the first component, else "work".
    - A resolution such as "Won't Do" or "Duplicate" means cancelled. An issue that is done without a resolution
      date has no finish, and a note says so.
    - Jira keeps the last due date only, not the first: where dates were moved, overruns look smaller than they were.
    """
    export = _Export(raw)
    rows = range(len(raw.rows))
    epics = [row for row in rows if export.one(row, "type").casefold() == "epic"]
    chosen = mapping.milestones_from
    if not chosen:
        dated = any(export.one(row, "due") for row in epics)
        versioned = any(export.one(row, "versions") for row in rows)
        chosen = "epics" if dated else "versions" if versioned else "issues"
    groups = {"epics": _by_epic, "versions": _by_version, "issues": _by_issue}[chosen](export, epics)
    if not groups:
        remedy = "Choose another under 'milestones_from:' (epics, versions, issues)."
        raise refusal(raw.file, f"no {chosen} came", f"wanted {chosen}", remedy, column="Issue Type")
    links, notes = _links(export, groups)
    table = [_milestone(export, chosen, key, members, links.get(key, "")) for key, members in groups.items()]
    numbers = [raw.row_numbers[members[0]] for members in groups.values()]
    notes = [*raw.notes, *notes, *_notes(export, chosen)]
    return table_of_cells(raw.file, table, numbers, problems=raw.problems, notes=notes)


_Key = tuple[str, str]
"""Project and milestone."""
_Groups = dict[_Key, list[int]]
"""Each milestone to the rows of its issues, the one that names it first."""


def _by_epic(export: _Export, epics: Sequence[int]) -> _Groups:
    groups = {export.key(row): [row] for row in epics}
    owner = {milestone: (project, milestone) for project, milestone in groups}
    for row in sorted(set(range(len(export.raw.rows))) - set(epics)):
        if export.one(row, "epic") in owner:
            groups[owner[export.one(row, "epic")]].append(row)
    return groups


def _by_version(export: _Export, epics: Sequence[int]) -> _Groups:
    groups: _Groups = {}
    for row in range(len(export.raw.rows)):
        for version in export.all(row, "versions"):
            groups.setdefault((export.one(row, "project"), _as_id(version)), []).append(row)
    return groups


def _by_issue(export: _Export, epics: Sequence[int]) -> _Groups:
    rows = sorted(set(range(len(export.raw.rows))) - set(epics))
    own = [row for row in rows if plain(export.one(row, "type")) not in ("sub task", "subtask")]
    return {export.key(row): [row] for row in own or epics}


def _as_id(version: str) -> str:
    """Write the name of a version so that links can name it."""
    return re.sub(r"[^\w.]+", "-", version).strip("-.") or "version"


def _milestone(export: _Export, chosen: str, key: _Key, members: Sequence[int], links: str) -> dict[str, str]:
    """Write the row of a milestone: the text of each column, empty where nothing is known."""
    first = members[0]
    own = members if chosen == "versions" else [first]
    kept = [row for row in own if not _dropped(export, row)]
    dates = {name: [cells[row] for row in kept or own] for name, cells in export.dates.items()}
    name = export.one(first, "epic_name") or export.one(first, "summary")
    if chosen == "versions":
        name = next(v for v in export.all(first, "versions") if _as_id(v) == key[1])
    owners = {export.one(row, "owner") for row in own} - {""}
    return {
        "project": key[0],
        "project_name": export.one(first, "project_name"),
        "milestone": key[1],
        "name": name,
        "phase": next(filter(None, (export.one(row, "phase") for row in own)), POOLED_PHASE),
        "owner": owners.pop() if len(owners) == 1 else "",
        "baseline_start": min(filter(None, dates["planned_start"]), default=""),
        "baseline_finish": max(dates["due"]),
        "actual_start": min(filter(None, dates["started"]), default=""),
        "actual_finish": max(dates["resolved"]) if kept and all(dates["resolved"]) else "",
        "closed_as": "" if kept else "cancelled",
        "depends_on": links,
        "updated_on": max(export.dates["updated"][row] for row in own),
    }


def _dropped(export: _Export, row: int) -> bool:
    return export.one(row, "resolution").casefold().replace("’", "'") in _WORDS["not_delivered"]


def _links(export: _Export, groups: _Groups) -> tuple[dict[_Key, str], list[Problem]]:
    """Turn "blocks" between issues into predecessors of milestones; those outside the file are left out."""
    homes: dict[str, list[_Key]] = {}
    for key, members in groups.items():
        for row in members:
            homes.setdefault(export.one(row, "key"), []).append(key)
    before: dict[_Key, dict[str, None]] = {}
    outside = 0
    for row in range(len(export.raw.rows)):
        here = export.one(row, "key")
        pairs = [(other, here) for other in export.all(row, "blocked_by")]
        pairs += [(here, other) for other in export.all(row, "blocks")]
        for blocker, blocked in pairs:
            outside += blocker not in homes and blocked in homes
            for first in homes.get(blocker, ()):
                for then in homes.get(blocked, ()):
                    if first != then and first[0] == then[0]:
                        before.setdefault(then, {})[first[1]] = None
    links, left_out = _without_circles(before)
    notes = []
    at, remedy = "Inward issue link (Blocks)", "Look at the links in Jira if they matter."
    counts = {"an issue that is no part of a milestone here": outside, "one that waits for it": left_out}
    for what, count in counts.items():
        if count:
            found = f"{count} link{'s' if count > 1 else ''} to {what} came"
            notes.append(Problem(export.raw.file, None, at, found, "left out", remedy))
    return {key: "; ".join(predecessors) for key, predecessors in links.items()}, notes


def _without_circles(before: Mapping[_Key, Mapping[str, None]]) -> tuple[dict[_Key, list[str]], int]:
    """Keep links in the order given as long as they make no circle: two versions may hold issues of each other."""
    kept: dict[_Key, list[str]] = {}
    left_out = 0
    for key, predecessors in before.items():
        for predecessor in predecessors:
            if _leads_to(kept, (key[0], predecessor), key) or predecessors_in(predecessor) != [predecessor]:
                left_out += 1
            else:
                kept.setdefault(key, []).append(predecessor)
    return kept, left_out


def _leads_to(kept: Mapping[_Key, Sequence[str]], start: _Key, goal: _Key) -> bool:
    """Tell whether one milestone waits, directly or through others, for another."""
    open_, seen = [start], set()
    while open_:
        here = open_.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            open_ += [(here[0], predecessor) for predecessor in kept.get(here, ())]
    return False


def _notes(export: _Export, chosen: str) -> list[Problem]:
    raw, found = export.raw, f"an export of Jira came; its {chosen} are the milestones"
    expected = (
        "Jira keeps the last due date only: where dates were moved, overruns look smaller than they were"
    )
    remedy = "Name another under 'milestones_from:' in a mapping file (epics, versions, issues)."
    notes = [Problem(raw.file, None, "", found, expected, remedy)]
    done = [n for n in range(len(raw.rows)) if plain(export.one(n, "status")) in _WORDS["done"]]
    undated = [raw.row_numbers[row] for row in done if not export.one(row, "resolved")]
    if undated:
        found, expected = (
            f"{len(undated)} issues are done without a resolution date",
            "they count as not finished",
        )
        remedy = "Set a resolution in the workflow's last step, or fill the date in."
        notes.append(Problem(raw.file, undated[0], "Resolved", found, expected, remedy))
    return notes
