"""Rows on their way into the ledger: what each says beyond what is known, table by table, until it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.ledger.cells import Cells, fingerprints, rows_of
from estimation.ledger.milestone_record import Conflict, Known
from estimation.ledger.schema import (
    BASELINES,
    CAUSE,
    CAUSES,
    DESCRIPTION,
    DESCRIPTIONS,
    FORECAST_MOVES,
    IMPORT_ROWS,
    MILESTONES,
    PROJECTS,
    PROMISED,
    RECOVERY,
    RECOVERY_PLANS,
    REPORTED,
    STATUS_UPDATES,
)
from estimation.tables import Contract

_FILLED = (
    PROJECTS,
    MILESTONES,
    IMPORT_ROWS,
    DESCRIPTIONS,
    BASELINES,
    STATUS_UPDATES,
    FORECAST_MOVES,
    CAUSES,
    RECOVERY_PLANS,
)
_BEFORE_ALL = "0001-01-01"
_UNDATED = ("actual_start", "actual_finish", "updated_on")


@dataclass
class Addition:
    """What one table adds: how many rows are new, their fingerprints, what contradicts, and what is allowed.

    ``correct`` lets rows contradict what is known; ``again`` lets a row that came before count anew where something
    else was said since. A correction does both.
    """

    entry: int
    made_by: str
    correct: bool = False
    again: bool = False
    n_new: int = 0
    new: list[int] = field(default_factory=list)
    conflicts: list[tuple[str, str, Conflict]] = field(default_factory=list)


class Rows:
    """Rows on their way into the ledger, table by table."""

    def __init__(
        self,
        connection: Connection,
        addition: Addition,
        next_ids: list[int],
        ids: dict[str, int],
        known: dict[tuple[int, str], Known],
    ) -> None:
        self._connection = connection
        self._addition = addition
        self._next_ids = next_ids
        self._ids = ids
        self._known = known
        self._n_kept = 0
        self._new: dict[sa.Table, list[tuple]] = {table: [] for table in _FILLED}

    def take(self, cells: dict[str, list], contents: str) -> list[str]:
        """Look at each row; give what the table speaks of and the ledger does not know."""
        n_rows = len(cells["project"])
        marks = fingerprints({name: column for name, column in cells.items() if name != "source"}, n_rows)
        dated = contents == "status"
        as_of = cells["as_of"] if dated else _status_dates(cells)
        versions = cells.get("baseline_version", [1] * n_rows)
        pairs = list(zip(cells["project"], cells["milestone"], strict=True))
        if not dated and not self._ids and len(set(pairs)) == n_rows:
            self._take_first_words(cells, marks, as_of, versions)
            return []
        # Numbers are given in the order of the table, which is the order of the work where nothing else says it.
        about = [self._find(project, milestone, make=not dated) for project, milestone in pairs]
        parts = [rows_of(cells, part) for part in (DESCRIPTION, PROMISED, REPORTED, CAUSE, RECOVERY)]
        unknown: dict[str, None] = {}
        for n in _in_order(as_of if dated else versions):
            known = about[n]
            if known is None:
                unknown[f"{pairs[n][1]} of {pairs[n][0]}"] = None
                continue
            came_before = marks[n] in known.fingerprints
            if came_before and not (self._addition.again or self._addition.correct):
                continue
            known.fingerprints.add(marks[n])
            source, kept = cells["source"][n] or "a table", self._n_kept
            clashes = self._say(
                known, as_of[n], dated, versions[n] or 1, source, *(part[n] for part in parts)
            )
            self._addition.conflicts += [(*pairs[n], clash) for clash in clashes]
            if not came_before or self._n_kept > kept:
                self._count(known.id, marks[n], came_before)
        return list(unknown)

    def write(self) -> None:
        """Put everything that is new into the database."""
        for table, rows in self._new.items():
            insert_rows(self._connection, table, rows)

    def _say(
        self,
        known: Known,
        as_of: str,
        dated: bool,
        version: int,
        source: str,
        described: Cells,
        promised: Cells,
        reported: Cells,
        cause: Cells,
        recovery: Cells,
    ) -> list[Conflict]:
        """Add what one row says beyond what is known; give what it contradicts."""
        entry, clashes = self._addition.entry, []
        if has_words(described):
            self._keep(DESCRIPTIONS, known.describe(described, entry))
        if has_words(promised):
            more, row = known.promise(version, promised, source, entry)
            clashes += more
            self._keep(BASELINES, row)
        if has_words(reported):
            more, row, move = known.report(as_of, dated, reported, source, entry, self._addition.made_by)
            clashes += more
            self._keep(STATUS_UPDATES, row)
            self._keep(FORECAST_MOVES, move)
        if has_words(cause):
            self._keep(CAUSES, known.blame(cause, entry))
        if has_words(recovery):
            self._keep(RECOVERY_PLANS, known.recover(recovery, entry))
        return clashes

    def _take_first_words(self, cells: dict, marks: list[int], as_of: list[str], versions: list) -> None:
        """Take rows of projects nobody knew, one per milestone: nothing can be known of them or contradict them."""
        entry = self._addition.entry
        for project in dict.fromkeys(cells["project"]):
            self._number_project(project)
        start = self._next_ids[1] + 1
        self._next_ids[1] += len(marks)
        ids = range(start, start + len(marks))
        projects = [self._ids[project] for project in cells["project"]]
        self._new[MILESTONES] = list(zip(ids, repeat(entry), projects, cells["milestone"]))
        self._new[IMPORT_ROWS] = list(zip(ids, marks, repeat(entry)))
        self._addition.n_new += len(marks)
        self._addition.new += marks
        sources = [source or "a table" for source in cells["source"]]
        first, versions = repeat(1), [version or 1 for version in versions]

        def rows(part: Contract, before: Sequence, behind: Sequence = ()) -> list[tuple]:
            there = [has_words(row) for row in rows_of(cells, part)]
            columns = [*before, *(cells[name] for name in part), *behind]
            return list(compress(zip(*columns, strict=False), there))

        self._new[DESCRIPTIONS] = rows(DESCRIPTION, [ids, first, repeat(entry)])
        self._new[BASELINES] = rows(PROMISED, [ids, versions, first, repeat(entry)], [sources])
        reported_before = [ids, as_of, first, repeat(entry), repeat(0)]
        self._new[STATUS_UPDATES] = rows(REPORTED, reported_before, [sources])
        self._new[CAUSES] = rows(CAUSE, [ids, first, repeat(entry)])
        self._new[RECOVERY_PLANS] = rows(RECOVERY, [ids, first, repeat(entry)])
        made_by = self._addition.made_by
        self._new[FORECAST_MOVES] = [
            (identity, 1, entry, day, made_by, old, new, reason, told, int(reason is None))
            for identity, day, old, new, reason, told in zip(
                ids,
                as_of,
                *(cells[name] for name in ("baseline_finish", "forecast_finish", "reason", "told_client_on")),
                strict=True,
            )
            if old is not None and new is not None and old != new
        ]

    def _find(self, project: str, milestone: str, *, make: bool) -> Known | None:
        if make and project not in self._ids:
            self._number_project(project)
        key = (self._ids.get(project), milestone)
        known = self._known.get(key)
        if known is None and make:
            self._next_ids[1] += 1
            known = self._known[key] = Known(self._next_ids[1])
            self._new[MILESTONES].append((known.id, self._addition.entry, *key))
        return known

    def _number_project(self, project: str) -> None:
        self._next_ids[0] += 1
        self._ids[project] = self._next_ids[0]
        self._new[PROJECTS].append((self._next_ids[0], self._addition.entry, project))

    def _count(self, identity: int, mark: int, came_before: bool) -> None:
        self._addition.n_new += 1
        self._addition.new.append(mark)
        if not came_before:
            self._new[IMPORT_ROWS].append((identity, mark, self._addition.entry))

    def _keep(self, table: sa.Table, row: tuple | None) -> None:
        if row is not None:
            self._n_kept += 1
            self._new[table].append(row)


def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[tuple]) -> None:
    """Insert rows whose cells stand in the order of the table's columns; columns without a cell are left out."""
    if not rows:
        return
    columns = dict(zip(table.c.keys(), zip(*rows, strict=True), strict=True))
    filled = {name: cells for name, cells in columns.items() if has_words(cells)}
    statement = table.insert().compile(dialect=connection.dialect, column_keys=list(filled))
    connection.exec_driver_sql(str(statement), list(zip(*filled.values(), strict=True)))


def _in_order(by: Sequence) -> Sequence[int]:
    """Rows of a milestone must be looked at in the order of their versions or status dates."""
    if all(one is None or one == 1 for one in by):
        return range(len(by))
    return sorted(range(len(by)), key=lambda n: by[n] or 1)


def has_words(cells: Cells) -> bool:
    """Whether a row says anything in these columns."""
    return cells.count(None) < len(cells)


def _status_dates(cells: dict[str, list]) -> list[str]:
    """Up to when each row tells the truth: its own status date, else the latest fact of its project in the table."""
    latest: dict[str, str] = {}
    for name in _UNDATED:
        for project, date in zip(cells["project"], cells[name], strict=True):
            if date is not None and date > latest.get(project, ""):
                latest[project] = date
    return [latest.get(project, _BEFORE_ALL) for project in cells["project"]]
