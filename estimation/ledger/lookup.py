"""What the ledger knows of some projects, recalled before a file about them is added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from estimation.ledger.milestone_record import Known
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

_AT_ONCE = 500


def recall(
    connection: Connection, projects: Sequence[str]
) -> tuple[dict[str, int], dict[tuple[int, str], Known]]:
    """Recall the projects of these names and their milestones.

    Parameters
    ----------
    connection : Connection
    projects : sequence of str

    Returns
    -------
    ids : dict of project to its number in the ledger
    known : dict of (number of the project, milestone) to Known
    """
    ids: dict[str, int] = {}
    known: dict[tuple[int, str], Known] = {}
    for start in range(0, len(projects), _AT_ONCE):
        some = sa.select(PROJECTS.c.id, PROJECTS.c.project).where(
            PROJECTS.c.project.in_(projects[start : start + _AT_ONCE])
        )
        found = {row.project: row.id for row in connection.execute(some)}
        ids |= found
        if found:
            known |= _milestones(connection, list(found.values()))
    return ids, known


def _milestones(connection: Connection, ids: list[int]) -> dict[tuple[int, str], Known]:
    listed = sa.select(MILESTONES).where(MILESTONES.c.project_id.in_(ids))
    known = {(row.project_id, row.milestone): Known(row.id) for row in connection.execute(listed)}
    by_id = {one.id: one for one in known.values()}

    def rows(table: sa.Table, *order: sa.Column) -> Iterator[Row]:
        query = sa.select(table).join(MILESTONES, table.c.milestone_id == MILESTONES.c.id)
        return iter(connection.execute(query.where(MILESTONES.c.project_id.in_(ids)).order_by(*order)))

    for row in rows(IMPORT_ROWS):
        by_id[row.milestone_id].fingerprints.add(row.fingerprint)
    for row in rows(DESCRIPTIONS, DESCRIPTIONS.c.revision):
        by_id[row.milestone_id].describe(_part(row, DESCRIPTION), row.entry)
        by_id[row.milestone_id].revisions["description"] = row.revision
    for row in rows(BASELINES, BASELINES.c.revision):
        source = f"{row.source} (entry {row.entry})"
        by_id[row.milestone_id].promise(row.version, _part(row, PROMISED), source, row.entry)
    for row in rows(
        STATUS_UPDATES, STATUS_UPDATES.c.entry, STATUS_UPDATES.c.as_of, STATUS_UPDATES.c.revision
    ):
        source = f"{row.source} (entry {row.entry})"
        by_id[row.milestone_id].remember(row.as_of, _part(row, REPORTED), source)
    for row in rows(FORECAST_MOVES):
        by_id[row.milestone_id].revision("move")
    for row in rows(CAUSES, CAUSES.c.revision):
        by_id[row.milestone_id].blame(_part(row, CAUSE), row.entry)
        by_id[row.milestone_id].revisions["cause"] = row.revision
    for row in rows(RECOVERY_PLANS, RECOVERY_PLANS.c.revision):
        by_id[row.milestone_id].recover(_part(row, RECOVERY), row.entry)
        by_id[row.milestone_id].revisions["recovery"] = row.revision
    return known


def _part(row: Row, names: Sequence[str]) -> tuple:
    return tuple(getattr(row, name) for name in names)


def last_ids(connection: Connection) -> tuple[int, int]:
    """Give the highest numbers of a project and of a milestone so far."""
    return tuple(
        connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar()
        for table in (PROJECTS, MILESTONES)
    )
