"""Writes each row of a table to the ledger: baselines, status updates, forecast moves, causes, recovery plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.ledger.cells import fingerprints, is_filled, rows_of
from estimation.ledger.database import insert_rows
from estimation.ledger.milestone_lookup import look_up
from estimation.ledger.milestone_record import Conflict, MilestoneRecord
from estimation.ledger.schema import (
    BASELINES,
    CELLS_OF,
    FORECAST_MOVES,
    IMPORT_ROWS,
    MILESTONES,
    PROJECTS,
    STATUS_UPDATES,
)

_BEFORE_ALL = "0001-01-01"
_UNDATED = ("actual_start", "actual_finish", "updated_on")


@dataclass
class Addition:
    """What one table adds: the fingerprints of its new rows, what contradicts, and what is allowed.

    ``correct`` lets rows contradict what the ledger holds; ``again`` lets a row that was written before count anew
    where something else was said since. A correction does both.
    """

    entry: int
    made_by: str
    correct: bool = False
    again: bool = False
    new: list[int] = field(default_factory=list)
    conflicts: list[tuple[str, str, Conflict]] = field(default_factory=list)


class RowWriter:
    """Collects the new rows about some projects, then inserts them; ``next_ids`` is counted up."""

    def __init__(
        self, connection: Connection, addition: Addition, next_ids: list[int], projects: Sequence[str]
    ) -> None:
        self._connection = connection
        self._addition = addition
        self._next_ids = next_ids
        self._ids, self._records = look_up(connection, projects)
        self._n_kept = 0
        tables = (PROJECTS, MILESTONES, IMPORT_ROWS, *CELLS_OF, FORECAST_MOVES)
        self._new: dict[sa.Table, list[tuple]] = {table: [] for table in tables}

    def is_free(self, table: pd.DataFrame, contents: str) -> bool:
        """Whether nothing can be wrong with these rows: the projects are new, and each milestone comes once."""
        return contents != "status" and not self._ids and not table.duplicated(["project", "milestone"]).any()

    def collect(self, cells: dict[str, list], contents: str) -> list[str]:
        """Look at each row; give the milestones of a status that the ledger does not have."""
        n_rows, entry, made_by = len(cells["project"]), self._addition.entry, self._addition.made_by
        marks = fingerprints({name: column for name, column in cells.items() if name != "source"}, n_rows)
        dated = contents == "status"
        as_of = cells["as_of"] if dated else _status_dates(cells)
        versions = [version or 1 for version in cells.get("baseline_version", [1] * n_rows)]
        sources = [source or "a table" for source in cells["source"]]
        pairs = list(zip(cells["project"], cells["milestone"], strict=True))
        if not dated and not self._ids and len(set(pairs)) == n_rows:
            self._collect_new_projects(cells, marks, as_of, versions, sources)
            return []
        # Numbers are given in the order of the table, which is the order of the work where nothing else says it.
        added = {pair for pair, flag in zip(pairs, cells["added_after_baseline"], strict=True) if flag}
        records = [
            self._record(*pair, make=not dated or (pair in added and pair[0] in self._ids)) for pair in pairs
        ]
        parts = {table: rows_of(cells, contract) for table, contract in CELLS_OF.items()}
        unknown: dict[str, None] = {}
        by = as_of if dated else versions  # rows of a milestone must be looked at in this order
        for n in sorted(range(n_rows), key=by.__getitem__):
            record, mark = records[n], marks[n]
            if record is None:
                unknown[f"{pairs[n][1]} of {pairs[n][0]}"] = None
                continue
            is_known = mark in record.fingerprints
            if is_known and not (self._addition.again or self._addition.correct):
                continue
            record.fingerprints.add(mark)
            n_before = self._n_kept
            for table, rows in parts.items():
                own = rows[n]
                if not is_filled(own):
                    continue
                if table is BASELINES:
                    conflicts, row = record.add_baseline(versions[n], own, sources[n], entry)
                elif table is STATUS_UPDATES:
                    conflicts, row, move = record.add_status(as_of[n], dated, own, sources[n], entry, made_by)
                    self._keep(FORECAST_MOVES, move)
                else:
                    conflicts, row = [], record.revise(table.name, own, entry)
                self._addition.conflicts += [(*pairs[n], conflict) for conflict in conflicts]
                self._keep(table, row)
            if not is_known:
                self._new[IMPORT_ROWS].append((record.id, mark, entry))
            if not is_known or self._n_kept > n_before:
                self._addition.new.append(mark)
        return list(unknown)

    def write(self) -> None:
        """Insert everything that is new."""
        for table, rows in self._new.items():
            insert_rows(self._connection, table, rows)

    def _collect_new_projects(
        self,
        cells: dict[str, list],
        marks: list[int],
        as_of: Sequence[str],
        versions: list[int],
        sources: list[str],
    ) -> None:
        """Take rows of new projects, one per milestone, column by column: nothing can contradict them."""
        for project in dict.fromkeys(cells["project"]):
            self._number_project(project)
        start = self._next_ids[1] + 1
        self._next_ids[1] += len(marks)
        ids, first, entry = range(start, start + len(marks)), repeat(1), self._addition.entry
        projects = [self._ids[project] for project in cells["project"]]
        self._new[MILESTONES] = list(zip(ids, repeat(entry), projects, cells["milestone"]))
        self._new[IMPORT_ROWS] = list(zip(ids, marks, repeat(entry)))
        self._addition.new += marks
        keys = {
            BASELINES: [ids, versions, first, repeat(entry)],
            STATUS_UPDATES: [ids, as_of, first, repeat(entry), repeat(0)],
        }
        for table, contract in CELLS_OF.items():
            columns = [*keys.get(table, [ids, first, repeat(entry)]), *(cells[name] for name in contract)]
            columns += [sources] if "source" in table.c else []
            filled = map(is_filled, rows_of(cells, contract))
            self._new[table] = list(compress(zip(*columns, strict=False), filled))
        moved = ("baseline_finish", "forecast_finish", "reason", "told_client_on")
        rows, by = zip(ids, as_of, *(cells[name] for name in moved), strict=True), self._addition.made_by
        self._new[FORECAST_MOVES] = [
            (number, 1, entry, day, by, old, new, reason, told, int(reason is None))
            for number, day, old, new, reason, told in rows
            if old is not None and new is not None and old != new
        ]

    def _record(self, project: str, milestone: str, *, make: bool) -> MilestoneRecord | None:
        if make and project not in self._ids:
            self._number_project(project)
        key = (self._ids.get(project), milestone)
        if make and key not in self._records:
            self._next_ids[1] += 1
            self._records[key] = MilestoneRecord(self._next_ids[1])
            self._new[MILESTONES].append((self._next_ids[1], self._addition.entry, *key))
        return self._records.get(key)

    def _number_project(self, project: str) -> None:
        self._next_ids[0] += 1
        self._ids[project] = self._next_ids[0]
        self._new[PROJECTS].append((self._next_ids[0], self._addition.entry, project))

    def _keep(self, table: sa.Table, row: tuple | None) -> None:
        if row is not None:
            self._n_kept += 1
            self._new[table].append(row)


def _status_dates(cells: dict[str, list]) -> Sequence[str]:
    """Up to when each row tells the truth: its own status date, else the latest fact of its project in the table."""
    latest: dict[str, str] = {}
    for name in _UNDATED:
        for project, date in zip(cells["project"], cells[name], strict=True):
            if date is not None and date > latest.get(project, ""):
                latest[project] = date
    return [latest.get(project, _BEFORE_ALL) for project in cells["project"]]
