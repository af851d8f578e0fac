"""What is silent is not running: open work that nobody has touched for too long, and dates that were forgotten.

A closed project with one forgotten date, and a project nobody marked as cancelled, look like work that runs for years.
Every fit asks here which open rows run; the others are left out until someone says what they are.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import project_days
from estimation.calendar.workdays import DateLike, status_day
from estimation.project.closing import is_finished, is_over
from estimation.project.links import dependencies_of
from estimation.project.statuses import Closed, is_added

SILENT_DAYS = 60
"""So many working days without a word say nothing yet, however short the plan: holidays, a report once a quarter."""
FEW_OPEN = 0.2
"""Up to this share of its planned milestones open, a silent project is taken for finished with dates missing."""
TOUCHED = ("actual_start", "actual_finish", "updated_on")


class Course(StrEnum):
    """What becomes of a project, as far as its table tells."""

    CLOSED = "closed"
    RUNNING = "running"
    DATE_MISSING = "closed with a date missing"
    SILENT = "cancelled?"


def known_until(history: pd.DataFrame) -> pd.Timestamp:
    """Find the last day the table tells of: its latest actual date or update."""
    return history[list(TOUCHED)].max().max()


def is_silent(history: pd.DataFrame, as_of: DateLike | None = None) -> pd.Series:
    """Which open milestones do not run: their project fell silent, or all that waits for them is finished.

    Silent is a project of which nothing started, finished or was updated for longer than both 60 working days and its
    planned length, up to the status date (by default the last day the table tells of). Rows that someone said to be
    running (``closed_as`` = running) always run; those closed as delivered without a date never do.

    Returns
    -------
    Series of bool, index of the history; False for all that is finished or cancelled
    """
    return _judged(history, as_of)["silent"]


def is_forgotten(history: pd.DataFrame, as_of: DateLike | None = None) -> pd.Series:
    """Which of the silent milestones lack nothing but their date: their project ended, or went on, without them.

    A project whose every row is over or forgotten is closed, and its last finish is that of the project.
    """
    return _judged(history, as_of)["forgotten"]


def project_courses(history: pd.DataFrame, as_of: DateLike | None = None) -> pd.DataFrame:
    """Tell of each project whether it is closed, runs, lacks a date, or fell silent; in the order of the table.

    Returns
    -------
    DataFrame with ``project``, ``course`` (a ``Course``), ``since`` (last day it was heard of) and ``n_silent`` (rows
    without a date that do not run)
    """
    judged = _judged(history, as_of)
    groups = judged.groupby(history["project"], sort=False)
    table = groups.agg(open=("open", "any"), running=("running", "any"), course=("course", "first"))
    course = table["course"].where(table["open"], Course.CLOSED).mask(table["running"], Course.RUNNING)
    facts = {"course": course, "since": groups["heard"].first(), "n_silent": groups["silent"].sum()}
    return pd.DataFrame(facts).rename_axis("project").reset_index()


def running_projects(history: pd.DataFrame, as_of: DateLike | None = None) -> list[str]:
    """Projects with work that runs or is still to come, in the order of the table; silent ones are none."""
    courses = project_courses(history, as_of)
    return list(courses.loc[courses["course"] == Course.RUNNING, "project"])


def silent_projects(history: pd.DataFrame, as_of: DateLike | None = None) -> list[str]:
    """Projects with work that is not over, none of which runs; in the order of the table."""
    judged = _judged(history, as_of)
    not_over, runs = (judged.loc[judged[name], "project"].unique() for name in ("open", "running"))
    return [project for project in not_over if project not in set(runs)]


def _judged(history: pd.DataFrame, as_of: DateLike | None) -> pd.DataFrame:
    """Judge each row: is it open, does it run, is it silent, is only its date forgotten; and its project."""
    day = known_until(history) if as_of is None else status_day(as_of)
    open_rows = ~is_over(history, None if as_of is None else day)
    told = history[list(TOUCHED)].where(history[list(TOUCHED)] <= day)
    by_project = history["project"]
    heard = told.max(axis=1).groupby(by_project).transform("max")
    starts = history[["project_start", "baseline_start"]].min(axis=1).groupby(by_project).transform("min")
    first = starts.fillna(history["baseline_finish"].groupby(by_project).transform("min"))
    # Someone closed it and wrote no date.
    closed = open_rows & history["actual_finish"].isna() & (history["closed_as"] == Closed.DELIVERED)
    judged = history[["project"]].assign(
        open=open_rows, silent=closed, forgotten=closed, course=Course.DATE_MISSING, heard=heard
    )
    # A plan that was written long before its start is silent only from the start on.
    since = pd.concat([heard, first], axis=1).max(axis=1)
    quiet = (day - since).dt.days > SILENT_DAYS
    begun = (~open_rows).groupby(by_project).transform("any")
    told = told.assign(word=told[["actual_start", "updated_on"]].max(axis=1))
    looked_at = by_project.isin(by_project[open_rows & (quiet | begun)])
    for _, rows in history[looked_at].groupby("project", sort=False):
        place = rows.index[0]
        is_quiet = bool(quiet[place]) and _fell_silent(rows, first[place], since[place], day)
        _judge(rows, day, is_quiet, told.loc[rows.index], judged)
    judged["running"] = judged["open"] & ~judged["silent"]
    return judged


def _judge(
    rows: pd.DataFrame, day: pd.Timestamp, fell_silent: bool, told: pd.DataFrame, judged: pd.DataFrame
) -> None:
    """Fill in what is to be said of the open rows of one project."""
    still_open = judged.loc[rows.index, "open"]
    runs = rows["closed_as"] == Closed.RUNNING
    silent = forgotten = judged.loc[rows.index, "forgotten"] | (
        still_open & _passed_by(rows, still_open, told)
    )
    if fell_silent:
        silent = still_open
        planned = ~is_added(rows)
        last = planned & (rows["baseline_finish"] == rows["baseline_finish"].where(planned).max())
        if last.any() and is_finished(rows, day)[last].all():
            forgotten = still_open
        elif still_open[planned].mean() > FEW_OPEN:
            judged.loc[rows.index, "course"] = Course.SILENT
    judged.loc[rows.index, "silent"] = silent & ~runs
    judged.loc[rows.index, "forgotten"] = forgotten & ~runs


def _fell_silent(rows: pd.DataFrame, first: pd.Timestamp, since: pd.Timestamp, day: pd.Timestamp) -> bool:
    """Tell whether one project was silent for longer than 60 working days and than its plan is long."""
    axis = project_days(rows["calendar"]).axis
    begin, quiet, today = axis.mornings([first])[0], axis.evenings([since])[0], axis.evenings([day])[0]
    length = axis.evenings([rows["baseline_finish"].max()])[0] - begin
    if np.isnan(length):
        length = rows["baseline_days"].sum()
    return bool(today - quiet > max(SILENT_DAYS, length))


def _passed_by(rows: pd.DataFrame, still_open: pd.Series, told: pd.DataFrame) -> pd.Series:
    """Tell which rows have work waiting for them, all of it finished, and no word since.

    Where no links are known, all that was planned after it waits for a milestone.
    """
    waiting: dict[str, set[str]] = {}
    for milestone, links in dependencies_of(rows).items():
        for link in links:
            if link.kind == "FS" and link.lag_days >= 0:
                waiting.setdefault(link.milestone, set()).add(milestone)
    linked, milestones = rows["depends_on"].notna().any(), rows["milestone"].to_numpy()
    finish: dict[str, pd.Timestamp] = {}
    for milestone, day in zip(milestones, told["actual_finish"].mask(still_open), strict=True):
        if day is not pd.NaT:
            finish[milestone] = max(day, finish.get(milestone, day))
    word, planned = told["word"], rows["baseline_finish"].to_numpy()
    passed = np.zeros(len(rows), dtype=bool)
    for place in np.flatnonzero(still_open):
        after = waiting.get(milestones[place], ()) if linked else milestones[planned > planned[place]]
        ends = [finish.get(milestone) for milestone in after]
        passed[place] = bool(ends) and None not in ends and not word.iloc[place] > max(ends)
    return pd.Series(passed, rows.index)
