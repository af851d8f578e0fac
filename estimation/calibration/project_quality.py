"""What a history says about its projects as a whole: which were cancelled, which run, which dates cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from estimation.calibration.observations import copies_of_plan
from estimation.findings import Finding, found
from estimation.project.amounts import count, list_few
from estimation.project.silence import SILENT_DAYS, Course, project_courses
from estimation.project.statuses import Closed
from estimation.tables import HISTORY

FIRST_YEAR = 1980
"""1900, 1904 and 1970 are the zero dates of spreadsheets and computers: an empty cell, no project."""
YEARS_BEFORE, YEARS_AFTER = 30, 10
"""Dates further than this from the middle of all dates are taken for typing errors: records reach far back, plans do
not reach far ahead."""
DATES = tuple(name for name, column in HISTORY.items() if column.kind == "date" and name != "updated_on")
MOST_NAMED = 6
FEWEST_PROJECTS_OF_A_PHASE = 5


def project_findings(
    history: pd.DataFrame, own: pd.DataFrame, overruns: pd.DataFrame, finished: pd.Series, as_of=None
) -> Iterator[Finding]:
    """Judge projects, phases and the table as a whole."""
    if copied := copies_of_plan(overruns):
        n_rows = int(overruns["project"].isin(copied).sum())
        facts = {"project": named_projects(copied), "projects": count(len(copied), "project")}
        yield found("copies-its-plan", None, n_rows=n_rows, **facts)
    over = finished | (history["closed_as"] == Closed.CANCELLED)
    yield from _share_of_projects("cancelled-projects", history, _cancelled_projects(history, own, over))
    courses = project_courses(history, as_of).set_index("project")
    yield from _share_of_projects("running-projects", history, courses["course"] == Course.RUNNING)
    yield from _silent_projects(courses[courses["course"] == Course.SILENT])
    yield from _implausible_years(history)
    later = history[history["baseline_version"].fillna(1) > 1]
    if len(later):
        yield found(
            "later-baseline", None, n_rows=len(later), project=named_projects(later["project"].sort_values())
        )
    yield from _thin_phases(overruns)
    dated = history[history["actual_finish"].notna() & history["actual_days"].isna()]
    without = dated.groupby("project")["depends_on"].agg(lambda column: column.isna().all())
    if without.any():
        n_rows = int(dated["project"].isin(without.index[without]).sum())
        yield found("order-assumed", None, n_rows=n_rows, n=int(without.sum()))


def _cancelled_projects(history: pd.DataFrame, own: pd.DataFrame, over: pd.Series) -> pd.Series:
    """Tell which projects were given up: nothing of them runs, and what was to end last was cancelled.

    A milestone cancelled on the way does not cancel its project.
    """
    project, planned_end = history["project"], own["baseline_evening"]
    cancelled = history["closed_as"] == Closed.CANCELLED
    last = planned_end.isna() | (planned_end == planned_end.groupby(project).transform("max"))
    given_up = over & (cancelled | ~last)
    return given_up.groupby(project).all() & cancelled.groupby(project).any()


def _silent_projects(silent: pd.DataFrame) -> Iterator[Finding]:
    """Name the projects that perhaps were cancelled, with the day on which they were last heard of."""
    if len(silent):
        named = [
            name if pd.isna(day) else f"{name} (since {day:%Y-%m-%d})"
            for name, day in silent["since"].items()
        ]
        facts = {
            "project": named_projects(silent.index),
            "named": list_few(named, MOST_NAMED),
            "days": SILENT_DAYS,
        }
        yield found("silent-projects", None, n_rows=int(silent["n_silent"].sum()), **facts)


def _share_of_projects(rule: str, history: pd.DataFrame, which: pd.Series) -> Iterator[Finding]:
    names = which.index[which]
    if len(names):
        percent = 100 * len(names) / len(which)
        share = f"{len(names)} of {count(len(which), 'project')} ({percent:.0f} %)"
        n_rows = int(history["project"].isin(names).sum())
        yield found(rule, None, n_rows=n_rows, project=named_projects(names), share=share)


def _implausible_years(history: pd.DataFrame) -> Iterator[Finding]:
    """Find dates that no project of this table can have had: a mistyped year, or an empty cell read as a zero date.

    Before 1980, more than 30 years before or more than 10 years after the median of all dates of the table.
    """
    dates = history[list(DATES)]
    middle = dates.melt()["value"].median()
    if pd.isna(middle):
        return
    earliest = max(pd.Timestamp(FIRST_YEAR, 1, 1), middle - pd.DateOffset(years=YEARS_BEFORE))
    outside = (dates < earliest) | (dates > middle + pd.DateOffset(years=YEARS_AFTER))
    rows = history[outside.any(axis=1)]
    if rows.empty:
        return
    first = outside.loc[rows.index].idxmax(axis=1)
    named = [
        f"{row['project']} {row['milestone']} ({column} {row[column]:%Y-%m-%d})"
        for (_, row), column in zip(rows.iterrows(), first, strict=True)
    ]
    facts = {"milestones": count(len(rows), "milestone"), "named": list_few(named, 4)}
    yield found("implausible-years", None, n_rows=len(rows), project=named_projects(rows["project"]), **facts)


def _thin_phases(overruns: pd.DataFrame) -> Iterator[Finding]:
    """Name the phases that too few projects know."""
    finished = overruns[~overruns["censored"].astype(bool)]
    projects = finished.groupby("phase")["project"].nunique()
    thin = projects[projects < FEWEST_PROJECTS_OF_A_PHASE]
    if len(thin):
        n_rows = int(finished["phase"].isin(thin.index).sum())
        named = ", ".join(f"{phase} ({count})" for phase, count in thin.items())
        facts = {"n_rows": n_rows, "named": named, "fewest": FEWEST_PROJECTS_OF_A_PHASE}
        yield found("thin-phases", ", ".join(thin.index), **facts)


def named_projects(projects) -> str:
    """Name the first few projects and count the others."""
    return list_few(list(dict.fromkeys(projects)), MOST_NAMED)
