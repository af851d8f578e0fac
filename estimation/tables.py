"""Column contracts: name, kind, unit, meaning and range of each column, and the check that a table keeps one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

DTYPES: dict = {
    "text": "str",
    "date": "datetime64[s]",
    "number": "float64",
    "whole": "Int64",
    "flag": "boolean",
}


ROUNDING = 1e-9
"""How far beyond its range arithmetic may carry a number: shares that add up to 1 do so but for the last digit."""
ROWS_SHOWN = 3


@dataclass(frozen=True)
class Column:
    """One column: its kind (a key of ``DTYPES``), unit and meaning, its range, and whether a table must have it.

    Empty cells are in every range. A column that is not required comes empty where a table lacks it.
    """

    kind: str
    unit: str
    meaning: str
    least: float | None = None
    most: float | None = None
    required: bool = True

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
        """Declare a whole number, not below zero."""
        return cls("whole", "", meaning, least=0)

    @classmethod
    def days(cls, meaning: str, *, least: float | None = None) -> Column:
        """Declare a number of working days; durations are not below zero, slips may be."""
        return cls("number", "working days", meaning, least)

    @classmethod
    def ratio(cls, meaning: str, *, least: float | None = None) -> Column:
        """Declare a number without a unit; quotients are not below zero, logarithms may be."""
        return cls("number", "dimensionless", meaning, least)

    @classmethod
    def probability(cls, meaning: str) -> Column:
        """Declare a number from 0 to 1."""
        return cls("number", "0-1", meaning, least=0, most=1)

    @classmethod
    def cost(cls, meaning: str) -> Column:
        """Declare an amount of money, not below zero."""
        return cls("number", "money", meaning, least=0)


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
    "baseline_days": Column.days("duration or effort in the approved plan", least=0),
    "baseline_version": Column.count("number of the baseline, the first is 1"),
    "promised_finish": Column.date("date committed to the client"),
    "weight": Column("number", "share of scope", "how much of the project the milestone carries", least=0),
    "budget_cost": Column.cost("approved budget"),
    "not_before": Column.date("morning before which the work cannot start, whatever its predecessors do"),
    "fixed_finish": Column.date(
        "date fixed from outside: not finished before it; later only when the work takes longer"
    ),
    "risk_prob": Column.probability("probability that the named risk strikes"),
    "risk_days": Column.days("how long it holds the work up when it does", least=0),
    "iterations_planned": Column.count("experiment cycles in the plan"),
}
ESTIMATE: Contract = {
    "estimate_days": Column.days("what the team said it takes, before any factor", least=0),
    "factor_used": Column.ratio("what the estimate was multiplied by to give the baseline", least=0),
    "estimate_start": Column.date(
        "morning on which the team's own plan starts the work, where the approved one starts it at another time"
    ),
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
    "actual_days": Column.days("duration or effort it really took, so far when it is not finished", least=0),
    "forecast_finish": Column.date("date now expected by the team"),
    "remaining_days": Column.days("what the team says is left", least=0),
    "percent_complete": Column.probability("share of the work that is done"),
    "confidence": Column.probability("how sure the team is of its forecast"),
    "reported_status": Column.text("colour or word the project reported"),
    "waiting_days": Column.days(
        "days of standing still for someone outside, included in the duration", least=0
    ),
    "iterations_actual": Column.count("experiment cycles it really took"),
    "actual_cost": Column.cost("money spent"),
    "added_after_baseline": Column.flag("work that no baseline knew"),
    "closed_as": Column.text(
        "delivered, cancelled, or running though nobody wrote of it for long; empty while it runs"
    ),
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
WORK, UPDATE = ("project", "milestone", "phase"), ("project", "milestone", "as_of")
"""What names a row of a history or a plan, and of a status table: what people cannot leave out."""


def handed_in(contract: Contract, required: Collection[str]) -> Contract:
    """Let people leave out of their tables all columns but some: the others come empty."""
    return {name: replace(column, required=name in required) for name, column in contract.items()}


HISTORY = handed_in({**IDENTITY, **BASELINE, **LOGIC, **COURSE, **MOVES, **ORIGIN, **ESTIMATE}, WORK)
PLAN = handed_in({**IDENTITY, **BASELINE, **LOGIC, **ORIGIN, **ESTIMATE}, WORK)
STATUS = handed_in(
    {
        "project": IDENTITY["project"],
        "milestone": IDENTITY["milestone"],
        "as_of": Column.date("status date up to which the row tells the truth"),
        **COURSE,
        **MOVES,
        **ORIGIN,
    },
    UPDATE,
)


def keep_contract(table: pd.DataFrame, contract: Contract, title: str = "table") -> pd.DataFrame:
    """Give a table exactly the columns, order and kinds of its contract, with a fresh index; other columns go.

    Raises
    ------
    TypeError
        With every breach at once: required columns that are absent, values of another kind or outside their range.
        It is a mistake in the code: what people hand in is judged before, at the gate.
    """
    columns, breaches = {}, _absent(table, contract)
    table = table.reset_index(drop=True)
    for name, column in contract.items():
        dtype = DTYPES[column.kind]
        values = table[name] if name in table else pd.Series(None, table.index, dtype)
        try:
            columns[name] = values.astype(dtype)
        except (TypeError, ValueError) as error:
            breaches.append(f"{name} is {values.dtype} and does not become {dtype}: {error}")
        else:
            breaches += _outside(name, columns[name], column)
    _refuse(title, breaches)
    # Columns stay where they are: put side by side anew they would be in memory twice.
    return pd.DataFrame(columns, columns=list(contract), copy=False)


def rows_table(
    rows: Sequence[Mapping[str, object]], contract: Contract, title: str = "table"
) -> pd.DataFrame:
    """Put rows into a table that keeps its contract; what no row names is missing, and without rows it is empty."""
    return keep_contract(pd.DataFrame(rows), contract, title) if len(rows) else empty_table(contract)


def empty_table(contract: Contract) -> pd.DataFrame:
    """Give a table that keeps its contract and has no rows."""
    return pd.DataFrame({name: pd.Series(dtype=DTYPES[column.kind]) for name, column in contract.items()})


def check_table(table: pd.DataFrame, contract: Contract, title: str) -> None:
    """Hold a finished table to its contract: all columns in their order, of their kinds, within their ranges.

    Raises
    ------
    TypeError
        With every breach at once.
    """
    breaches = []
    missing = [name for name in contract if name not in table]
    surplus = [str(name) for name in table if name not in contract]
    if missing:
        breaches.append(f"columns are missing: {', '.join(missing)}")
    if surplus:
        breaches.append(f"columns are surplus: {', '.join(surplus)}")
    if not missing and not surplus and list(table) != list(contract):
        breaches.append("columns are out of order")
    for name, column in contract.items():
        if name not in table:
            continue
        if str(table[name].dtype) != DTYPES[column.kind]:
            breaches.append(f"{name} is {table[name].dtype} and has to be {DTYPES[column.kind]}")
        else:
            breaches += _outside(name, table[name], column)
    _refuse(title, breaches)


def _absent(table: pd.DataFrame, contract: Contract) -> list[str]:
    missing = [name for name, column in contract.items() if column.required and name not in table]
    return [f"columns are missing: {', '.join(missing)}"] if missing else []


def _outside(name: str, values: pd.Series, column: Column) -> list[str]:
    """Say which values of a column, if any, lie outside its range, with the first of their rows."""
    if column.least is None and column.most is None:
        return []
    least = -np.inf if column.least is None else column.least
    most = np.inf if column.most is None else column.most
    numbers = values.to_numpy(float, na_value=np.nan)
    wrong = values[(numbers < least - ROUNDING) | (numbers > most + ROUNDING)]
    if wrong.empty:
        return []
    shown = ", ".join(f"{value:g} in row {place}" for place, value in wrong.head(ROWS_SHOWN).items())
    more = f" and {len(wrong) - ROWS_SHOWN} more" if len(wrong) > ROWS_SHOWN else ""
    lies = f"below {least:g}" if np.isinf(most) else f"outside {least:g} to {most:g}"
    return [f"{name} lies {lies}: {shown}{more}"]


def _refuse(title: str, breaches: Sequence[str]) -> None:
    if breaches:
        raise TypeError(f"{title}: {'; '.join(breaches)}")


def content_hash(table: pd.DataFrame) -> str:
    """Name the content of a table: the same rows give the same hash, whatever their order.

    Parameters
    ----------
    table : DataFrame
        Where its rows came from (``source``) does not count, nor columns of estimates without any.

    Returns
    -------
    str of 64 hexadecimal digits
    """
    empty = [name for name in ESTIMATE if name in table and table[name].isna().all()]
    counted = table.drop(columns=["source", *empty], errors="ignore")
    counted = counted.assign(**counted.select_dtypes("float").round(6))
    rows = pd.util.hash_pandas_object(counted, index=False).to_numpy()
    return hashlib.sha256(",".join(counted.columns).encode() + np.sort(rows).tobytes()).hexdigest()


def file_hash(path: str | Path) -> str:
    """Name the bytes of a file: SHA-256, 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fold_phase(phase: str) -> str:
    """Reduce the name of a phase to what matters: case, spaces, dashes and underscores do not.

    >>> fold_phase("Data  Preparation") == fold_phase("data_preparation")
    True
    """
    return "_".join(re.split(r"[\s_\-]+", phase.strip().casefold()))
