"""Decisions of variance reviews in the ledger: each word a row of its own, of which the latest counts."""

from __future__ import annotations

import json

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.errors import InputError, did_you_mean
from estimation.ledger.cells import plain_cells, table_of_rows
from estimation.ledger.database import insert_rows
from estimation.ledger.schema import DECIDED, PROJECTS
from estimation.project.decisions import DECISIONS, latest_words, next_word


def decide(connection: Connection, entry: int, said: dict[str, object], today: pd.Timestamp) -> list[str]:
    """Add what was said of a decision; give the row, for the seal of its entry, and nothing where all was known."""
    projects = connection.execute(sa.select(PROJECTS.c.project)).scalars().all()
    if said["project"] not in projects:
        ask = did_you_mean(
            str(said["project"]), projects, "Correct the id, or add the history of the project first."
        )
        raise InputError(f"The ledger has no project '{said['project']}'. {ask}")
    word = next_word(decision_rows(connection, entry), said, today)
    rows = list(
        zip(*(plain_cells(word[name], column.kind) for name, column in DECISIONS.items()), strict=True)
    )
    insert_rows(connection, DECIDED, [(entry, *row) for row in rows])
    return [json.dumps(row) for row in rows]


def decision_rows(connection: Connection, entry: int) -> pd.DataFrame:
    """Give the decisions up to an entry, in the order in which they were decided."""
    query = sa.select(*(DECIDED.c[name] for name in DECISIONS)).where(DECIDED.c.entry <= entry)
    return latest_words(table_of_rows(connection.execute(query.order_by(DECIDED.c.entry)).all(), DECISIONS))
