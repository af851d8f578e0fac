"""Writes a table to the ledger, be it history, plan or status: what is new is added, what contradicts is refused."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd
from sqlalchemy.engine import Connection

from estimation.errors import InputError, RefusedError
from estimation.ledger.cells import plain_cells, readable, unreadable
from estimation.ledger.milestone_lookup import last_ids
from estimation.ledger.row_writer import Addition, RowWriter
from estimation.ledger.schema import CELLS_OF
from estimation.project.amounts import list_few
from estimation.project.status_rules import joined, refuse_impossible
from estimation.tables import HISTORY, PLAN, STATUS

ROWS_AT_ONCE = 50_000
_CONFLICTS_SHOWN = 20
_CONTRACTS = {"status": STATUS, "history": HISTORY, "plan": PLAN}


def contents_of(table: pd.DataFrame) -> str:
    """Say which of the three tables people hand in it is: status, history or plan."""
    for name, contract in _CONTRACTS.items():
        if list(table.columns) == list(contract):
            return name
    raise TypeError("the ledger takes tables that keep the HISTORY, PLAN or STATUS contract")


def write_table(connection: Connection, table: pd.DataFrame, addition: Addition) -> None:
    """Write the rows of a table that say something new, and fill ``addition`` with what they add and contradict.

    It is for the caller to commit or to roll back.
    """
    contents = contents_of(table)
    if contents == "status":
        table = joined(table)
        refuse_impossible(table)
    places = _by_project(table)

    def writers(addition: Addition) -> Iterator[tuple[pd.DataFrame, RowWriter]]:
        next_ids = last_ids(connection)
        for place in places:
            part = table.iloc[place]
            yield part, RowWriter(connection, addition, next_ids, list(part["project"].unique()))

    with _no_collection():
        if len(places) > 1:
            # Look at all of a long table first: nothing is written if it is refused further down.
            trial = replace(addition, new=[], conflicts=[])
            unknown, some_free = [], False
            for part, writer in writers(trial):
                if writer.is_free(part, contents):
                    some_free = True
                else:
                    unknown += writer.collect(_cells_of(part, contents), contents)
            _refuse(unknown, trial)
            if not trial.new and not some_free:
                return
        for part, writer in writers(addition):
            _refuse(writer.collect(_cells_of(part, contents), contents), addition)
            writer.write()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare a quarter of the time: millions of rows make no circles, but the collector would look for them."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _by_project(table: pd.DataFrame) -> list[np.ndarray]:
    """Say where in a long table the rows of some whole projects stand, in the order in which the projects came."""
    codes = pd.factorize(table["project"])[0]
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    cuts, last = [0], 0
    for start in starts[1:]:
        if start - last >= ROWS_AT_ONCE:
            cuts.append(start)
            last = start
    return [order[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(table)], strict=True)]


def _cells_of(part: pd.DataFrame, contents: str) -> dict[str, list]:
    """Turn a part of the table into plain cells; columns that its contract lacks come empty."""
    contract = _CONTRACTS[contents]
    cells = {name: plain_cells(part[name], column.kind) for name, column in contract.items()}
    cells["source"] = [source and readable(source) for source in cells["source"]]
    for name, column in contract.items():
        place = unreadable(cells[name]) if column.kind == "text" else None
        if place is not None:
            raise InputError(
                f"{cells['source'][place] or 'a table'}: {name} of milestone {cells['milestone'][place]!r} holds "
                f"{cells[name][place][:40]!r}, which no database keeps as it is. Remove the control character or the "
                "half letter; nothing was added."
            )
    for taken in CELLS_OF.values():
        for name in taken:
            cells.setdefault(name, [None] * len(part))
    return cells


def _refuse(unknown: Sequence[str], addition: Addition) -> None:
    """Refuse a table that names milestones which are not there, or that contradicts what is."""
    if unknown:
        raise InputError(
            f"The ledger has no milestone {list_few(list(unknown), _CONFLICTS_SHOWN)}, so it can take no status of it. "
            "Add the plan first (`estimation ingest PLAN --kind plan --ledger URL`), or correct the ids; "
            "work that came later says added_after_baseline = yes. Nothing was added."
        )
    conflicts = addition.conflicts
    if not conflicts or addition.correct:
        return
    lines = [
        f"{one.source}: {one.column} {one.given} came for milestone {milestone} of {project}"
        f"{f', baseline {one.version}' if one.version else ''}; {one.held_source} says {one.held}."
        for project, milestone, one in conflicts[:_CONFLICTS_SHOWN]
    ]
    if len(conflicts) > _CONFLICTS_SHOWN:
        lines.append(f"... and {len(conflicts) - _CONFLICTS_SHOWN} more.")
    remedy = 'Nothing was added. Correct the file, or say that it corrects the ledger: --correct "reason".'
    if any(one.version for _, _, one in conflicts):
        remedy += " A plan that was changed needs a higher baseline_version."
    raise RefusedError("\n".join([*lines, remedy]))
