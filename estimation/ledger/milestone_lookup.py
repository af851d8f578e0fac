"""Reads what the ledger holds of the milestones of some projects, before a table about them is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from estimation.ledger.cells import Cells
from estimation.ledger.milestone_record import MilestoneRecord
from estimation.ledger.schema import (
    BASELINES,
    CAUSES,
    CELLS_OF,
    DESCRIPTIONS,
    FORECAST_MOVES,
    IMPORT_ROWS,
    MILESTONES,
    PROJECTS,
    RECOVERY_PLANS,
    STATUS_UPDATES,
)

_AT_ONCE = 500

Records = dict[tuple[int | None, str], MilestoneRecord]
"""Milestones by the number of their project in the ledger and their own id."""


def look_up(connection: Connection, projects: Sequence[str]) -> tuple[dict[str, int], Records]:
    """Give the numbers of these projects in the ledger, and the records of their milestones."""
    ids: dict[str, int] = {}
    records: Records = {}
    for start in range(0, len(projects), _AT_ONCE):
        some = PROJECTS.c.project.in_(projects[start : start + _AT_ONCE])
        found = {row.project: row.id for row in connection.execute(sa.select(PROJECTS).where(some))}
        ids |= found
        if found:
            records |= _records(connection, list(found.values()))
    return ids, records


def _records(connection: Connection, ids: list[int]) -> Records:
    listed = sa.select(MILESTONES).where(MILESTONES.c.project_id.in_(ids))
    records = {(row.project_id, row.milestone): MilestoneRecord(row.id) for row in connection.execute(listed)}
    by_id = {one.id: one for one in records.values()}

    def rows(table: sa.Table, *order: str) -> Iterator[tuple[MilestoneRecord, Row]]:
        query = sa.select(table).join(MILESTONES)
        query = query.where(MILESTONES.c.project_id.in_(ids)).order_by(*(table.c[name] for name in order))
        return ((by_id[row.milestone_id], row) for row in connection.execute(query))

    def cells(table: sa.Table, row: Row) -> Cells:
        return tuple(getattr(row, name) for name in CELLS_OF[table])

    def source_of(row: Row) -> str:
        return f"{row.source} (entry {row.entry})"

    for record, row in rows(IMPORT_ROWS):
        record.fingerprints.add(row.fingerprint)
    for table in (DESCRIPTIONS, CAUSES, RECOVERY_PLANS):
        for record, row in rows(table, "revision"):
            record.revise(table.name, cells(table, row), row.entry)
    for record, row in rows(BASELINES, "revision"):
        record.add_baseline(row.version, cells(BASELINES, row), source_of(row), row.entry)
    for record, row in rows(STATUS_UPDATES, "entry", "as_of", "revision"):
        record.hold_status(row.as_of, bool(row.dated), cells(STATUS_UPDATES, row), source_of(row))
    for record, _ in rows(FORECAST_MOVES):
        record.next_revision("move")
    return records


def last_ids(connection: Connection) -> list[int]:
    """Give the highest numbers of a project and of a milestone so far."""
    return [
        connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()
        for table in (PROJECTS, MILESTONES)
    ]
