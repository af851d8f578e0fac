"""What a history says about its projects as a whole: which were cancelled, which run, which dates cannot be."""

from __future__ import annotations

import pandas as pd

from estimation.calibration.multipliers import FEWEST_FOR_SHRUNK
from estimation.calibration.observations import copies_of_plan
from estimation.findings import QualitySeverity
from estimation.tables import HISTORY

LEFT_OUT, ASSUMED, NOTE = (severity.value for severity in QualitySeverity)
FIRST_YEAR = 1980
"""1900, 1904 and 1970 are the zero dates of spreadsheets and computers: an empty cell, no project."""
YEARS_BEFORE, YEARS_AFTER = 30, 10
"""Dates further than this from the middle of all dates are taken for typing errors: records reach far back, plans do
not reach far ahead."""
DATES = tuple(name for name, column in HISTORY.items() if column.kind == "date" and name != "updated_on")
MOST_NAMED = 6


def implausible_years(history: pd.DataFrame) -> dict | None:
    """Find dates that no project of this table can have had: a mistyped year, or an empty cell read as a zero date.

    Before 1980, more than 30 years before or more than 10 years after the median of all dates of the table.
    """
    dates = history[list(DATES)]
    middle = dates.melt()["value"].median()
    if pd.isna(middle):
        return None
    earliest = max(pd.Timestamp(FIRST_YEAR, 1, 1), middle - pd.DateOffset(years=YEARS_BEFORE))
    outside = (dates < earliest) | (dates > middle + pd.DateOffset(years=YEARS_AFTER))
    rows = history[outside.any(axis=1)]
    if rows.empty:
        return None
    named = []
    for place, row in rows.head(4).iterrows():
        column = outside.columns[outside.loc[place]][0]
        named.append(f"{row['project']} {row['milestone']} ({column} {row[column]:%Y-%m-%d})")
    return note(
        "implausible-years",
        len(rows),
        f"{_count(len(rows), 'milestone')} with a year far from all others: {', '.join(named)}. The dates were used as "
        "they stand: correct them",
        project=_named(rows["project"]),
    )


def cancelled_projects(
    history: pd.DataFrame, own: pd.DataFrame, finished: pd.Series, cancelled: pd.Series
) -> dict | None:
    """Count the projects that were given up: nothing of them runs, and what was to end last was cancelled.

    A milestone cancelled on the way does not cancel its project.
    """
    planned_end = own["baseline_evening"]
    last = planned_end.isna() | (planned_end == planned_end.groupby(history["project"]).transform("max"))
    by_project = pd.DataFrame(
        {
            "closed": finished | cancelled,
            "given_up": cancelled | ~last,
            "any": cancelled,
        }
    ).groupby(history["project"])
    gone = by_project["closed"].all() & by_project["given_up"].all() & by_project["any"].any()
    return _share_of_projects(
        "cancelled-projects",
        history,
        gone,
        "Cancelled",
        "what went worst may be among them, and only the milestones that they finished teach anything",
    )


def running_projects(history: pd.DataFrame, finished: pd.Series, cancelled: pd.Series) -> dict | None:
    """Count the projects that are not over: some of their work is neither finished nor cancelled."""
    over = (finished | cancelled).groupby(history["project"]).all()
    return _share_of_projects(
        "running-projects",
        history,
        ~over,
        "Still running or not started",
        "they have no finish date to learn from; the milestones they did finish count",
    )


def copies(overruns: pd.DataFrame) -> dict | None:
    """Name the projects whose every milestone ended exactly on plan."""
    found = copies_of_plan(overruns)
    if not found:
        return None
    return {
        "rule": "copies-its-plan",
        "severity": LEFT_OUT,
        "project": _named(pd.Series(found)),
        "item": None,
        "n_rows": int(overruns["project"].isin(found).sum()),
        "message": f"{_count(len(found), 'project')} finished every milestone exactly on "
        "plan: that is reporting, not evidence",
    }


def later_baselines(history: pd.DataFrame) -> dict | None:
    """Find work that is measured against a plan made later."""
    later = history[history["baseline_version"].fillna(1) > 1]
    if later.empty:
        return None
    return note(
        "later-baseline",
        len(later),
        f"{len(later)} milestones are measured against a later baseline, not the first one committed to: their "
        "overruns look smaller than they were",
        project=_named(later["project"].sort_values()),
    )


def thin_phases(overruns: pd.DataFrame) -> dict | None:
    """Name the phases that too few projects know."""
    finished = overruns[~overruns["censored"].astype(bool)]
    projects = finished.groupby("phase")["project"].nunique()
    thin = projects[projects < FEWEST_FOR_SHRUNK]
    if thin.empty:
        return None
    named = ", ".join(f"{phase} ({count})" for phase, count in thin.items())
    return note(
        "thin-phases",
        int(finished["phase"].isin(thin.index).sum()),
        f"fewer than {FEWEST_FOR_SHRUNK} projects know {named}: their multipliers lean on the other phases",
        item=", ".join(thin.index),
    )


def assumed_order(history: pd.DataFrame) -> dict | None:
    """Count the projects that say nothing of what depends on what."""
    dated = history[history["actual_finish"].notna() & history["actual_days"].isna()]
    without = dated.groupby("project")["depends_on"].agg(lambda column: column.isna().all())
    if not without.any():
        return None
    return {
        "rule": "order-assumed",
        "severity": ASSUMED,
        "project": None,
        "item": None,
        "n_rows": int(dated["project"].isin(without.index[without]).sum()),
        "message": f"{int(without.sum())} projects without dependencies: milestones are taken to follow one another",
    }


def note(rule: str, count: int, message: str, *, project: str | None = None, item: str | None = None) -> dict:
    """Make a finding that leaves nothing out."""
    return {
        "rule": rule,
        "severity": NOTE,
        "project": project,
        "item": item,
        "n_rows": count,
        "message": message,
    }


def _share_of_projects(
    rule: str, history: pd.DataFrame, which: pd.Series, what: str, message: str
) -> dict | None:
    names = which.index[which]
    if not len(names):
        return None
    share = 100 * len(names) / len(which)
    return note(
        rule,
        int(history["project"].isin(names).sum()),
        f"{what}: {len(names)} of {_count(len(which), 'project')} ({share:.0f} %); {message}",
        project=_named(pd.Series(names)),
    )


def _named(projects: pd.Series) -> str:
    """Name the first few projects and count the others."""
    names = list(dict.fromkeys(projects))
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"
