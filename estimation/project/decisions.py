"""Decisions of variance reviews: what is to be done, by whom, by when, and what became of it by a day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.errors import InputError, UsageError, nearest_few
from estimation.project.amounts import list_few
from estimation.tables import IDENTITY, Column, Contract, handed_in, keep_contract, rows_table

NEEDED = ("project", "action", "owner", "due", "decided_on")
_COLUMNS: Contract = {
    "project": IDENTITY["project"],
    "action": Column.text("what is to be done"),
    "owner": Column.text("the one person who answers for it"),
    "due": Column.date("day by which it is to be done"),
    "decided_on": Column.date("day on which it was decided; another owner or due date has a day of its own"),
    "done_on": Column.date("day on which it was done; empty while it is not"),
    "note": Column.text("anything else, internal"),
}
DECISIONS = handed_in(_COLUMNS, NEEDED)
DECISION = ["project", "action"]
"""What names a decision; with ``decided_on``, what was decided of it on one day."""
OVERDUE, OPEN, DONE = "overdue", "open", "done"

OUTCOMES: Contract = {
    **{name: column for name, column in _COLUMNS.items() if name != "note"},
    "outcome": Column.text("done, overdue (due before the day asked of) or open"),
}


def latest_words(decisions: pd.DataFrame, of: Sequence[str] = (*DECISION, "decided_on")) -> pd.DataFrame:
    """Last row of each decision and day, in the order in which they were decided; ``of`` names other columns."""
    ordered = decisions.sort_values("decided_on", kind="stable")
    return ordered.drop_duplicates(list(of), keep="last", ignore_index=True)


def outcomes(decisions: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """What became of each decision by the evening of a day, overdue ones first (OUTCOMES).

    What was decided or done later is not known yet; without a day (NaT) all is known, and nothing is overdue.

    Parameters
    ----------
    decisions : DataFrame keeping the DECISIONS contract
    as_of : Timestamp

    Returns
    -------
    DataFrame keeping the OUTCOMES contract, one row per decision
    """
    known = latest_words(decisions[~(decisions["decided_on"] > as_of)], DECISION)
    done = known["done_on"].mask(known["done_on"] > as_of)
    outcome = np.select([done.notna(), known["due"] < as_of], [DONE, OVERDUE], OPEN)
    table = known.assign(done_on=done, outcome=outcome)
    return keep_contract(table.sort_values(["outcome", "due"], ascending=[False, True]), OUTCOMES)


def seen_in_review(
    decisions: pd.DataFrame, project: str, *, started: pd.Timestamp, closed: pd.Timestamp
) -> pd.DataFrame:
    """What was decided before a closed project was reviewed, as it stood when it closed, then its own (OUTCOMES).

    Decisions that were done before it started are left out. Its own are told as they are known, none of them overdue.
    """
    own = decisions["project"] == project
    before = outcomes(decisions[~own], closed)
    parts = [before[~(before["done_on"] < started)], outcomes(decisions[own], pd.NaT)]
    return pd.concat(parts, ignore_index=True)


def next_word(decisions: pd.DataFrame, said: dict[str, object], today: pd.Timestamp) -> pd.DataFrame:
    """One row to be added for what was said of a decision; no row where all of it is known (DECISIONS).

    A known decision keeps what is not said anew. Another owner or due date is decided on the day it is said, and opens
    it again.

    Parameters
    ----------
    decisions : DataFrame keeping the DECISIONS contract
        What is known.
    said : dict of column of DECISIONS to value
        Project and action, and what was said of them; what is empty is not said.
    today : Timestamp
        Day of the decision where ``said`` names none.

    Raises
    ------
    InputError
        If it is said to be done, but was never decided; the nearest decisions are named. Or if it would be due or done
        before it was decided.
    UsageError
        If project or action is empty, or a new decision has no owner or no due date.
    """
    said = {name: value for name, value in said.items() if value}
    if not {*DECISION} <= said.keys():
        raise UsageError("A decision came without project or action; expected both. Write what is empty.")
    name = f"'{said['action']}' of {said['project']}"
    of_project = decisions[decisions["project"] == said["project"]]
    same = of_project[of_project["action"] == said["action"]]
    if same.empty and "done_on" in said:
        near = nearest_few(str(said["action"]), of_project["action"].unique(), most=3, cutoff=0)
        there = f"decided were {list_few([*map(repr, near)], 3)}" if near else "nothing was decided there"
        raise InputError(f"Decision {name} is not known; {there}. Correct it, or decide it first.")
    if same.empty and not {"owner", "due"} <= said.keys():
        raise UsageError(
            f"Decision {name} is new; expected an owner and a due date. Add --owner NAME --due DATE."
        )
    known = {} if same.empty else latest_words(same).iloc[-1].dropna().to_dict()
    if said.items() <= known.items():
        return decisions.iloc[:0]
    if any(said.get(each, known.get(each)) != known.get(each) for each in ("owner", "due")):
        known |= {"decided_on": today, "done_on": None}
    row = known | said
    for each in ("due", "done_on"):
        if row.get(each) is not None and row[each] < row["decided_on"]:
            raise InputError(
                f"Decision {name}: {each} is {row[each]:%Y-%m-%d}, before {row['decided_on']:%Y-%m-%d}, when it was "
                "decided. Correct the date, or say when it was decided (--decided DATE)."
            )
    return rows_table([row], DECISIONS)
