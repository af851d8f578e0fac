"""Reads tables out of the ledger: history, status updates and forecast moves as they stood after an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from estimation.ledger.cells import table_of_rows, typed_cells
from estimation.ledger.schema import (
    BASELINES,
    CAUSES,
    CELLS_OF,
    DESCRIPTIONS,
    FORECAST_MOVES,
    MILESTONES,
    PROJECTS,
    RECOVERY_PLANS,
    STATUS_UPDATES,
)
from estimation.tables import HISTORY, IDENTITY, MOVES, ORIGIN, STATUS, WORK, Column, Contract, keep_contract

FORECAST_MOVE: Contract = {
    "project": IDENTITY["project"],
    "milestone": IDENTITY["milestone"],
    "moved_on": Column.date("status date of the update that moved it"),
    "moved_by": Column.text("who made the entry"),
    "old_finish": Column.date("what was expected before: the last forecast, else the plan's finish"),
    "new_finish": Column.date("what was expected from then on"),
    "reason": MOVES["reason"],
    "told_client_on": MOVES["told_client_on"],
    "silent": Column.flag("no reason came with it; it stays silent whatever is said later"),
    "entry": Column.count("number of the ledger's entry"),
}
_MOVED = [name for name in FORECAST_MOVE if name not in ("project", "milestone")]
_FACTS = ("actual_start", "actual_finish")


def history_rows(connection: Connection, entry: int) -> pd.DataFrame:
    """Give every milestone as it stood after an entry, one row per baseline that it has.

    What was planned comes from the baseline of the row; what happened and how the milestone is described stands
    on every row of it, the latest word of each column.
    """
    names = _milestones(connection, entry)
    baselines = _rows(connection, BASELINES, entry, ["version", "source"])
    baselines = _latest(baselines, ["milestone_id", "version"])
    reported = _rows(connection, STATUS_UPDATES, entry, ["entry", "as_of"])
    course = _latest(_with_its_forecast(reported.drop(columns=["entry", "as_of"]), ["milestone_id"]))
    if len(course) < len(reported):  # an actual date is never changed but by a correction, which came later
        actual = [name for name in _FACTS if name in reported]
        facts = _latest(reported.sort_values("entry", kind="stable")[["milestone_id", *actual]])
        course = course.drop(columns=actual).merge(facts, on="milestone_id", validate="1:1")
    table = names.merge(baselines, on="milestone_id", how="left", validate="1:m")
    others = [_latest(_rows(connection, one, entry)) for one in (DESCRIPTIONS, CAUSES, RECOVERY_PLANS)]
    for part in (course, *others):
        table = table.merge(part, on="milestone_id", how="left", validate="m:1")
    # Added work that only a status named has no phase until a table gives it.
    table = table[table["phase"].notna()].rename(columns={"version": "baseline_version"})
    if table["source"].isna().any():  # work that no baseline had
        updates = STATUS_UPDATES.c
        told = sa.select(updates.milestone_id, updates.source).where(updates.entry <= entry)
        latest = dict(connection.execute(told.order_by(*STATUS_UPDATES.primary_key)).all())
        table["source"] = table["source"].fillna(table["milestone_id"].map(latest))
    return keep_contract(table.sort_values(["milestone_id", "baseline_version"], kind="stable"), HISTORY)


def status_rows(connection: Connection, entry: int, project: str | None = None) -> pd.DataFrame:
    """Give every status update that carried a status date, one row per milestone and date.

    Where a date was reported more than once, the latest word of each column; a reason belongs to the forecast it came
    with, and so does the day on which the client was told.
    """
    rows = _rows(connection, STATUS_UPDATES, entry, ["as_of", "dated", "source"])
    day = ["milestone_id", "as_of"]
    rows = _latest(_with_its_forecast(rows[rows["dated"] == 1].drop(columns="dated"), day), day)
    table = _milestones(connection, entry, project).merge(rows, on="milestone_id", validate="1:m")
    table["as_of"] = table["as_of"].astype("datetime64[s]")
    return keep_contract(table.sort_values(["as_of", "milestone_id"], kind="stable"), STATUS)


def moves_rows(connection: Connection, entry: int) -> pd.DataFrame:
    """Give every move of a forecast date, the silent ones too."""
    query = (
        sa.select(PROJECTS.c.project, MILESTONES.c.milestone, *(FORECAST_MOVES.c[name] for name in _MOVED))
        .select_from(FORECAST_MOVES.join(MILESTONES).join(PROJECTS))
        .where(FORECAST_MOVES.c.entry <= entry)
        .order_by(FORECAST_MOVES.c.entry, FORECAST_MOVES.c.moved_on, FORECAST_MOVES.c.milestone_id)
    )
    return table_of_rows(connection.execute(query).all(), FORECAST_MOVE)


def explained_since(moves: pd.DataFrame, status: pd.DataFrame) -> int:
    """Count the moves that came without a reason and were given one later.

    A reason is given where the status update of the same day expects the same finish.
    """
    silent = moves.loc[moves["silent"], ["project", "milestone", "moved_on", "new_finish"]]
    given = status.loc[status["reason"].notna(), ["project", "milestone", "as_of", "forecast_finish"]]
    days = dict(zip(given.columns, silent.columns, strict=True))
    return len(silent.drop_duplicates().merge(given.rename(columns=days)))


def _milestones(connection: Connection, entry: int, project: str | None = None) -> pd.DataFrame:
    query = (
        sa.select(MILESTONES.c.id, PROJECTS.c.project, MILESTONES.c.milestone)
        .join(PROJECTS)
        .where(MILESTONES.c.entry <= entry)
        .order_by(MILESTONES.c.id)
    )
    if project is not None:
        query = query.where(PROJECTS.c.project == project)
    ids, projects, milestones = _columns(connection, query, 3)
    return pd.DataFrame(
        {
            "milestone_id": ids.astype("int64"),
            "project": pd.Series(projects, dtype="str"),
            "milestone": pd.Series(milestones, dtype="str"),
        }
    )


def _rows(connection: Connection, table: sa.Table, entry: int, others: Sequence[str] = ()) -> pd.DataFrame:
    """Read the rows of one table up to an entry, in the order of its key; columns without a cell only if needed."""
    contract, before = CELLS_OF[table], table.c.entry <= entry
    counts = sa.select(*(sa.func.count(table.c[name]) for name in contract)).where(before)
    counted = connection.execute(counts).one()
    filled = [name for name, n in zip(contract, counted, strict=True) if n or name in WORK]
    wanted = ["milestone_id", *others, *filled]
    query = sa.select(*(table.c[name] for name in wanted)).where(before).order_by(*table.primary_key)
    cells = dict(zip(wanted, _columns(connection, query, len(wanted)), strict=True))
    kinds = {**contract, **ORIGIN}
    typed = {
        name: typed_cells(column, kinds[name]) if name in kinds else column for name, column in cells.items()
    }
    return pd.DataFrame(typed).infer_objects()


def _columns(connection: Connection, query: sa.Select, width: int) -> np.ndarray:
    """Run a query and give its columns; rows as the driver makes them, in one array, are quickest."""
    rows = connection.execute(query).cursor.fetchall()  # pyright: ignore[reportOptionalMemberAccess]
    return np.array(rows, dtype=object).reshape(len(rows), width).T


def _with_its_forecast(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Take away the reason for a forecast date that another one has replaced; a silent move must stay silent."""
    about = [name for name in ("reason", "told_client_on") if name in rows]
    if not about or "forecast_finish" not in rows or not rows.duplicated(key).any():
        return rows
    by = [rows[name] for name in key]
    before = rows.groupby(key, sort=False)["forecast_finish"].ffill().groupby(by, sort=False).shift()
    new = rows["forecast_finish"]
    moves = (new.notna() & before.notna() & (new != before)).groupby(by, sort=False).cumsum()
    replaced = moves < moves.groupby(by, sort=False).transform("max")
    return rows.assign(**{name: rows[name].mask(replaced) for name in about})


def _latest(rows: pd.DataFrame, key: Iterable[str] = ("milestone_id",)) -> pd.DataFrame:
    """Keep one row per key, from each column the last cell that is not empty."""
    key = list(key)
    if not rows.duplicated(key).any():
        return rows
    return rows.groupby(key, sort=False).last().reset_index()
