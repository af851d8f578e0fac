"""A validated table goes into the ledger: what is new is added, what is known is not, what contradicts is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import InputError, RefusedError
from estimation.ledger.cells import fingerprints, plain_cells, rows_of
from estimation.ledger.known import Conflict, Known
from estimation.ledger.recall import last_ids, recall
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
from estimation.tables import HISTORY, PLAN, STATUS

ROWS_AT_ONCE = 50_000
_CONFLICTS_SHOWN = 20
_BEFORE_ALL = "0001-01-01"
_UNDATED = ("actual_start", "actual_finish", "updated_on")


@dataclass
class Addition:
    """What one table adds: how many rows are new, their fingerprints, and whether it may correct what is known."""

    entry: int
    made_by: str
    correct: bool
    n_new: int = 0
    new: list[int] = field(default_factory=list)
    conflicts: list[tuple[str, str, Conflict]] = field(default_factory=list)


def contents_of(table: pd.DataFrame) -> str:
    """Say which of the three tables people hand in it is: status, history or plan.

    Raises
    ------
    TypeError
        If it is none of them.
    """
    for name, contract in (("status", STATUS), ("history", HISTORY), ("plan", PLAN)):
        if list(table.columns) == list(contract):
            return name
    raise TypeError("the ledger takes tables that keep the HISTORY, PLAN or STATUS contract")


def add_rows(connection: Connection, table: pd.DataFrame, addition: Addition) -> None:
    """Add the rows of a table that say something new.

    Parameters
    ----------
    connection : Connection that writes
        Everything is added to its transaction; it is for the caller to keep or to drop it.
    table : DataFrame keeping the HISTORY, PLAN or STATUS contract
        Its baselines by number; rows without one are the first.
    addition : Addition
        Filled with what was added and what contradicts.

    Raises
    ------
    InputError
        If a status is about a project or a milestone that the ledger does not have.
    RefusedError
        If a row contradicts what the ledger knows, or another row, and is not said to correct it.
    """
    contents = contents_of(table)
    next_ids = list(last_ids(connection))
    unknown: list[str] = []
    for part in _by_project(table):
        cells = _cells_of(
            part, HISTORY if contents == "history" else STATUS if contents == "status" else PLAN
        )
        names = list(dict.fromkeys(cells["project"]))
        ids, known = recall(connection, names)
        rows = _Rows(connection, addition, next_ids, ids, known)
        unknown += rows.take(cells, contents)
        if not unknown and not (addition.conflicts and not addition.correct):
            rows.write()
    if unknown:
        raise InputError(_unknown(unknown))
    if addition.conflicts and not addition.correct:
        raise RefusedError(_refusal(addition.conflicts))


def _by_project(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Cut a long table into parts of whole projects, in the order in which the projects came."""
    codes = pd.factorize(table["project"])[0]
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    cuts, last = [0], 0
    for start in starts[1:]:
        if start - last >= ROWS_AT_ONCE:
            cuts.append(start)
            last = start
    for begin, end in zip(cuts, [*cuts[1:], len(table)], strict=True):
        yield table.iloc[order[begin:end]]


def _cells_of(part: pd.DataFrame, contract) -> dict[str, list]:
    cells = {name: plain_cells(part[name], column.kind) for name, column in contract.items()}
    for name in {**DESCRIPTION, **PROMISED, **REPORTED, **CAUSE, **RECOVERY}:
        cells.setdefault(name, [None] * len(part))
    return cells


def _status_dates(cells: dict[str, list]) -> list[str]:
    """Up to when each row tells the truth: its own status date, else the latest fact of its project in the table."""
    latest: dict[str, str] = {}
    for name in _UNDATED:
        for project, date in zip(cells["project"], cells[name], strict=True):
            if date is not None and date > latest.get(project, ""):
                latest[project] = date
    return [latest.get(project, _BEFORE_ALL) for project in cells["project"]]


class _Rows:
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
        self._new: dict[sa.Table, list[tuple]] = {
            table: []
            for table in (
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
        }

    def take(self, cells: dict[str, list], contents: str) -> list[str]:
        """Look at each row; give what the table speaks of and the ledger does not know."""
        n_rows = len(cells["project"])
        counted = {name: column for name, column in cells.items() if name != "source"}
        marks = fingerprints(counted, n_rows)
        described, promised, reported, causes, recoveries = (
            rows_of(cells, part) for part in (DESCRIPTION, PROMISED, REPORTED, CAUSE, RECOVERY)
        )
        dated = contents == "status"
        as_of = cells["as_of"] if dated else _status_dates(cells)
        versions = cells.get("baseline_version", [1] * n_rows)
        unknown: dict[str, None] = {}
        about = [  # in the order of the table, which is the order of the work where nothing else says it
            self._find(project, milestone, make=not dated)
            for project, milestone in zip(cells["project"], cells["milestone"], strict=True)
        ]
        for n in _in_order(as_of if dated else versions):
            project, milestone = cells["project"][n], cells["milestone"][n]
            known = about[n]
            if known is None:
                unknown[
                    milestone + (f" of {project}" if project in self._ids else f" of project {project}")
                ] = None
                continue
            if marks[n] in known.fingerprints:
                continue
            known.fingerprints.add(marks[n])
            self._addition.n_new += 1
            self._addition.new.append(marks[n])
            self._new[IMPORT_ROWS].append((known.id, marks[n], self._addition.entry))
            self._keep(DESCRIPTIONS, 2, known.describe(described[n]) if _any(described[n]) else None)
            source = cells["source"][n] or "a table"
            clashes: Sequence[Conflict] = ()
            if _any(promised[n]):
                clashes, row = known.promise(versions[n] or 1, promised[n], source)
                self._keep(BASELINES, 3, row)
            if _any(reported[n]):
                more, row, move = known.report(as_of[n], dated, reported[n], source)
                clashes = [*clashes, *more]
                self._keep(STATUS_UPDATES, 3, row)
                if move is not None:
                    identity, revision, moved_on, *rest = move
                    moved = (
                        identity,
                        revision,
                        self._addition.entry,
                        moved_on,
                        self._addition.made_by,
                        *rest,
                    )
                    self._new[FORECAST_MOVES].append(moved)
            self._addition.conflicts += [(project, milestone, clash) for clash in clashes]
            self._keep(CAUSES, 2, known.blame(causes[n]))
            self._keep(RECOVERY_PLANS, 2, known.recover(recoveries[n]))
        return list(unknown)

    def write(self) -> None:
        """Put everything that is new into the database."""
        for table, rows in self._new.items():
            insert_rows(self._connection, table, rows)

    def _find(self, project: str, milestone: str, *, make: bool) -> Known | None:
        identity = self._ids.get(project)
        if identity is None and make:
            self._next_ids[0] += 1
            identity = self._ids[project] = self._next_ids[0]
            self._new[PROJECTS].append((identity, self._addition.entry, project))
        known = self._known.get((identity, milestone))
        if known is None and make:
            self._next_ids[1] += 1
            known = self._known[identity, milestone] = Known(self._next_ids[1])
            self._new[MILESTONES].append((known.id, self._addition.entry, identity, milestone))
        return known

    def _keep(self, table: sa.Table, at: int, row: tuple | None) -> None:
        """Put a row aside with the number of the entry behind its key, its cells laid out."""
        if row is not None:
            flat = [cell for part in row for cell in (part if isinstance(part, tuple) else (part,))]
            self._new[table].append((*flat[:at], self._addition.entry, *flat[at:]))


def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[tuple]) -> None:
    """Insert rows whose cells stand in the order of the table's columns."""
    if rows:
        statement = table.insert().compile(dialect=connection.dialect, column_keys=table.c.keys())
        connection.exec_driver_sql(str(statement), rows)


def _in_order(by: Sequence) -> Sequence[int]:
    """Rows of a milestone must be looked at in the order of their versions or status dates."""
    if all(one is None or one == 1 for one in by):
        return range(len(by))
    return sorted(range(len(by)), key=lambda n: by[n] or 1)


def _any(cells: tuple) -> bool:
    return cells.count(None) < len(cells)


def _unknown(named: Sequence[str]) -> str:
    shown = ", ".join(named[:_CONFLICTS_SHOWN])
    more = f" and {len(named) - _CONFLICTS_SHOWN} more" if len(named) > _CONFLICTS_SHOWN else ""
    return (
        f"The ledger has no milestone {shown}{more}, so it can take no status of it. "
        "Ingest the plan first, or correct the ids; nothing was added."
    )


def _refusal(conflicts: Sequence[tuple[str, str, Conflict]]) -> str:
    lines = [
        f"{clash.source}: {clash.column} {clash.came} came for milestone {milestone} of {project}"
        f"{f', baseline {clash.version}' if clash.version else ''}; {clash.known_source} says {clash.known}."
        for project, milestone, clash in conflicts[:_CONFLICTS_SHOWN]
    ]
    if len(conflicts) > _CONFLICTS_SHOWN:
        lines.append(f"... and {len(conflicts) - _CONFLICTS_SHOWN} more.")
    remedy = 'Nothing was added. Correct the file, or say that it corrects the ledger: --correct "reason".'
    if any(clash.version for _, _, clash in conflicts):
        remedy += " A plan that was changed needs a higher baseline_version."
    return "\n".join([*lines, remedy])
