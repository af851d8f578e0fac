"""Column contracts: name, kind, unit and meaning of each column, and the check that a table keeps one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

DTYPES = {
    "text": "str",
    "date": "datetime64[s]",
    "number": "float64",
    "whole": "Int64",
    "flag": "boolean",
}


@dataclass(frozen=True)
class Column:
    """One column: its kind (a key of ``DTYPES``), unit and meaning."""

    kind: str
    unit: str
    meaning: str

    @classmethod
    def text(cls, meaning: str) -> Column:
        """Declare words or an id."""
        return cls("text", "", meaning)

    @classmethod
    def date(cls, meaning: str) -> Column:
        """Declare a day."""
        return cls("date", "", meaning)

    @classmethod
    def flag(cls, meaning: str) -> Column:
        """Declare yes or no."""
        return cls("flag", "", meaning)

    @classmethod
    def count(cls, meaning: str) -> Column:
        """Declare a whole number."""
        return cls("whole", "", meaning)

    @classmethod
    def days(cls, meaning: str) -> Column:
        """Declare a number of working days."""
        return cls("number", "working days", meaning)

    @classmethod
    def ratio(cls, meaning: str) -> Column:
        """Declare a number without a unit."""
        return cls("number", "dimensionless", meaning)

    @classmethod
    def probability(cls, meaning: str) -> Column:
        """Declare a number from 0 to 1."""
        return cls("number", "0-1", meaning)

    @classmethod
    def cost(cls, meaning: str) -> Column:
        """Declare an amount of money."""
        return cls("number", "money", meaning)


Contract = Mapping[str, Column]

IDENTITY: Contract = {
    "project": Column.text("id of the project"),
    "milestone": Column.text("id of the milestone within its project"),
    "phase": Column.text("stretch of work comparable across projects"),
    "project_name": Column.text("name of the project"),
    "client": Column.text("who the project is for; confidential to other clients"),
    "team": Column.text("who does the work"),
    "name": Column.text("the result that is verifiable when the milestone is done"),
    "description": Column.text("what the milestone is about"),
    "client_summary": Column.text("what the milestone means to the client"),
    "acceptance_criteria": Column.text("how everyone sees that it is done"),
    "owner": Column.text("the one person who answers for it"),
    "notes": Column.text("anything else, internal"),
}
BASELINE: Contract = {
    "project_start": Column.date("morning on which the project was planned to start"),
    "baseline_start": Column.date("morning on which the approved plan starts the work"),
    "baseline_finish": Column.date("evening on which the approved plan finishes it"),
    "baseline_days": Column.days("duration or effort in the approved plan"),
    "baseline_version": Column.count("number of the baseline, the first is 1"),
    "promised_finish": Column.date("date committed to the client"),
    "weight": Column("number", "share of scope", "how much of the project the milestone carries"),
    "budget_cost": Column.cost("approved budget"),
    "not_before": Column.date("morning before which the work cannot start, whatever its predecessors do"),
    "fixed_finish": Column.date(
        "date fixed from outside: not finished before it; later only when the work takes longer"
    ),
    "risk_prob": Column.probability("probability that the named risk strikes"),
    "risk_days": Column.days("how long it holds the work up when it does"),
    "iterations_planned": Column.count("experiment cycles in the plan"),
}
LOGIC: Contract = {
    "depends_on": Column.text("predecessors, such as '2.1; 2.2FS+3d'"),
    "waiting_on": Column.text("who outside must act"),
    "calendar": Column.text(
        "days worked on it: DE-BY, or 1111100 (Monday first), then days off as ISO dates and ranges"
    ),
}
COURSE: Contract = {
    "actual_start": Column.date("morning on which the work really started"),
    "actual_finish": Column.date("evening on which it was really finished"),
    "actual_days": Column.days("duration or effort it really took, so far when it is not finished"),
    "forecast_finish": Column.date("date now expected by the team"),
    "remaining_days": Column.days("what the team says is left"),
    "percent_complete": Column.probability("share of the work that is done"),
    "confidence": Column.probability("how sure the team is of its forecast"),
    "reported_status": Column.text("colour or word the project reported"),
    "waiting_days": Column.days("days of standing still for someone outside, included in the duration"),
    "iterations_actual": Column.count("experiment cycles it really took"),
    "actual_cost": Column.cost("money spent"),
    "added_after_baseline": Column.flag("work that no baseline knew"),
    "closed_as": Column.text("delivered or cancelled; empty while it runs"),
}
MOVES: Contract = {
    "reason": Column.text("why the forecast moved"),
    "told_client_on": Column.date("when the client was told"),
    "cause": Column.text("coded root cause of a miss, such as data_quality; see causes.py"),
    "cause_note": Column.text("the cause in a sentence"),
    "acknowledged_on": Column.date("when the miss was acknowledged"),
    "recovery_plan": Column.text("what is done about it"),
    "recovery_kind": Column.text("resources, scope, overtime with consent, extension"),
    "recovery_owner": Column.text("who answers for the recovery"),
    "recovery_finish": Column.date("when it is recovered"),
    "updated_on": Column.date("when the row was last touched"),
}
ORIGIN: Contract = {
    "source": Column.text("file and row the line came from"),
}

HISTORY: Contract = {**IDENTITY, **BASELINE, **LOGIC, **COURSE, **MOVES, **ORIGIN}
PLAN: Contract = {**IDENTITY, **BASELINE, **LOGIC, **ORIGIN}
STATUS: Contract = {
    "project": IDENTITY["project"],
    "milestone": IDENTITY["milestone"],
    "as_of": Column.date("status date up to which the row tells the truth"),
    **COURSE,
    **MOVES,
    **ORIGIN,
}


def check_table(table: pd.DataFrame, contract: Contract, title: str) -> None:
    """Hold a table to its contract; a breach is a mistake in the code, not in the data.

    Raises
    ------
    TypeError
        If columns are missing, surplus, in another order, or of another kind.
    """
    if list(table.columns) != list(contract):
        missing = [name for name in contract if name not in table.columns]
        surplus = [name for name in table.columns if name not in contract]
        raise TypeError(f"{title}: columns missing {missing}, surplus {surplus}, or out of order")
    for name, column in contract.items():
        if str(table[name].dtype) != DTYPES[column.kind]:
            raise TypeError(f"{title}: {name} is {table[name].dtype}, wanted {DTYPES[column.kind]}")


def content_hash(table: pd.DataFrame) -> str:
    """Name the content of a table: the same rows give the same hash, whatever their order.

    Parameters
    ----------
    table : DataFrame
        Where its rows came from (``source``) does not count.

    Returns
    -------
    str of 64 hexadecimal digits
    """
    counted = table.drop(columns="source", errors="ignore")
    counted = counted.assign(**counted.select_dtypes("float").round(6))
    rows = pd.util.hash_pandas_object(counted, index=False).to_numpy()
    return hashlib.sha256(",".join(counted.columns).encode() + np.sort(rows).tobytes()).hexdigest()


def file_hash(path: str | Path) -> str:
    """Name the bytes of a file.

    Returns
    -------
    str of 64 hexadecimal digits, SHA-256
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_contract(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Give a table exactly the columns, order and kinds of its contract; absent columns come empty.

    Parameters
    ----------
    table : DataFrame
        Columns outside the contract are dropped.
    contract : Contract

    Returns
    -------
    DataFrame with a fresh 0..n-1 index
    """
    columns = {
        name: (
            table[name].astype(DTYPES[column.kind]).reset_index(drop=True)
            if name in table
            else pd.Series(None, index=pd.RangeIndex(len(table)), dtype=DTYPES[column.kind])
        )
        for name, column in contract.items()
    }
    # Columns stay where they are: put side by side anew they would be in memory twice.
    return pd.DataFrame(columns, columns=list(contract), copy=False)


def fold_phase(phase: str) -> str:
    """Reduce the name of a phase to what matters: case, spaces, dashes and underscores do not.

    >>> fold_phase("Data  Preparation") == fold_phase("data_preparation")
    True
    """
    return "_".join(re.split(r"[\s_\-]+", phase.strip().casefold()))
