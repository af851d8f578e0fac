"""What of a history is finished, cancelled or over; which projects are closed, since when; the plan each began with."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from estimation.errors import InputError
from estimation.project.amounts import list_few
from estimation.project.links import parse_dependencies
from estimation.project.plan import Plan, build_plan
from estimation.project.statuses import Closed, is_added
from estimation.tables import PLAN, keep_contract


def is_cancelled(history: pd.DataFrame) -> pd.Series:
    """Which milestones were cut: neither done nor late, whatever date stands beside them."""
    return history["closed_as"] == Closed.CANCELLED


def is_finished(history: pd.DataFrame, as_of: pd.Timestamp | None = None) -> pd.Series:
    """Which milestones were delivered by the status date: with a date, or with a final effort."""
    dated = history["actual_finish"].notna() & ~is_cancelled(history)
    if as_of is not None and not pd.isna(as_of):
        dated &= history["actual_finish"] <= as_of
    effort_only = history["actual_finish"].isna() & (history["closed_as"] == Closed.DELIVERED)
    return dated | (effort_only & history["actual_days"].notna())


def is_over(history: pd.DataFrame, as_of: pd.Timestamp | None = None) -> pd.Series:
    """Which milestones were finished or cancelled by the status date."""
    cut = is_cancelled(history)
    if as_of is not None and not pd.isna(as_of):
        cut &= ~(history["actual_finish"] > as_of)
    return is_finished(history, as_of) | cut


def last_finishes(history: pd.DataFrame) -> pd.Series:
    """The last actual finish of each project, cancelled work left out; projects in the order of the table."""
    return history["actual_finish"].where(is_finished(history)).groupby(history["project"], sort=False).max()


def closing_days(history: pd.DataFrame, as_of: pd.Timestamp | None = None) -> pd.Series:
    """The day on which each project was closed: all of it over, and some of it finished on a date.

    Returns
    -------
    Series of dates, indexed by project; running projects, and those closed later than the status date, are left out
    """
    over = is_over(history, as_of).groupby(history["project"], sort=False).all()
    return last_finishes(history)[over].dropna()


def baseline_plan(history: pd.DataFrame, project: str) -> Plan:
    """The plan that one project of a table began with: its milestones as they were first approved.

    Milestones that no baseline knew are left out, and so are links to them; they stand under ``unplanned``.

    Raises
    ------
    InputError
        If the table does not have the project, or its rows are no plan.
    """
    rows = history[history["project"] == project]
    if rows.empty:
        known = list_few(sorted(history["project"].unique()), 8)
        raise InputError(
            f"There is no project '{project}'; there are {known}. Correct the id, or name the table that holds it: the "
            f"plan of a running project is a file of its own, -p history {project}.csv."
        )
    added, rows = is_added(rows).reset_index(drop=True), keep_contract(rows, PLAN)
    known = without_unknown(rows, added).reset_index(drop=True) if added.any() else rows
    return replace(build_plan(known), unplanned=rows if added.any() else None)


def without_unknown(history: pd.DataFrame, unknown: pd.Series) -> pd.DataFrame:
    """A history without work that nobody knew of yet, and without the links to it: nothing waited for it then.

    Where no other link is left, ``depends_on`` is empty, as it was in the file of that day.
    """
    gone = set(history.loc[unknown, ["project", "milestone"]].itertuples(index=False, name=None))
    known = history[~unknown]
    links = known["depends_on"].copy()
    touched = links.notna() & known["project"].isin({project for project, _ in gone})
    links[touched] = [
        "; ".join(str(link) for link in parse_dependencies(text) if (project, link.milestone) not in gone)
        or None
        for project, text in zip(known["project"][touched], links[touched], strict=True)
    ]
    return known.assign(depends_on=links)


plan_of = baseline_plan
"""Its name among the public verbs."""
