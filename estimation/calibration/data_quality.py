"""A history is judged before it is fitted: what was found, what was assumed, what was left out."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from estimation.calendar.team_calendars import named_calendars
from estimation.calendar.workdays import DateLike, calendar_from_text, status_day
from estimation.calibration.measured_history import MeasuredHistory
from estimation.calibration.multipliers import SUSPICIOUS_ON_PLAN
from estimation.calibration.observations import COPY_FROM_ROWS
from estimation.calibration.project_quality import named_projects, project_findings
from estimation.calibration.quality_rules import QUALITY_RULES
from estimation.findings import Finding, found, worded
from estimation.project.amounts import count, list_few
from estimation.project.closing import is_added, is_finished
from estimation.project.silence import Course, is_silent, project_courses
from estimation.project.statuses import Closed
from estimation.tables import Column, Contract

QUALITY: Contract = {
    "rule": Column.text("stable id of the check"),
    "severity": Column.text("left out, assumed or note"),
    "project": Column.text("project it concerns; empty for the whole table"),
    "item": Column.text("milestone, phase or column it concerns"),
    "n_rows": Column.count("how many rows it touches"),
    "message": Column.text("what was found and what was done about it"),
}

HEAPED_SHARE, FEWEST_TO_HEAP = 0.15, 50
EXTREME_RATIO = 20
MOST_MILESTONES = 4
"""So many are named in one sentence."""


def data_quality(history: pd.DataFrame | MeasuredHistory, *, as_of: DateLike | None = None) -> pd.DataFrame:
    """List what a history holds that a reader of its multipliers should know.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract, or a MeasuredHistory
    as_of : date-like, optional
        Status date, as in ``overrun_table``.

    Returns
    -------
    DataFrame keeping the QUALITY contract, one row per finding; empty when there is none
    """
    known = MeasuredHistory.of(history)
    history, own, overruns = known.table, known.own, known.overruns(as_of)
    finished = is_finished(history, None if as_of is None else status_day(as_of))
    findings = [
        *_milestone_findings(history, own, overruns, finished),
        *_missing_dates(history, as_of),
        *project_findings(history, own, overruns, finished, as_of),
        *_ratio_findings(overruns),
    ]
    return worded(findings, QUALITY_RULES, QUALITY)


def _milestone_findings(
    history: pd.DataFrame, own: pd.DataFrame, overruns: pd.DataFrame, finished: pd.Series
) -> Iterator[Finding]:
    planned, taken = own["baseline_own_days"], own["actual_own_days"]
    dated, effort = history["actual_finish"].notna(), history["actual_days"].notna()
    added = is_added(history)
    backward = finished & ((planned < 0) | (taken < 0) | (dated & taken.eq(0) & ~effort))
    touched = {
        "cancelled": history["closed_as"] == Closed.CANCELLED,
        "planned-in-no-time": finished & (planned == 0),
        "took-no-time": finished & (taken == 0) & (planned > 0) & ~backward,
        "finished-before-predecessors": backward,
        "duration-unknown": finished & ~added & (planned.isna() | taken.isna()),
        "days-and-dates-differ": ((history["baseline_days"] - planned).abs() >= 1) & ~effort & ~added,
        "added-later": added,
        "running": overruns["censored"].astype(bool),
        "start-derived": dated & history["actual_start"].isna() & ~effort & taken.notna(),
        "day-off": _days_off(history),
    }
    facts = {"finished-before-predecessors": _places(history[backward])}
    for rule, rows in touched.items():
        if n := int(rows.sum()):
            yield found(rule, None, n_rows=n, milestones=count(n, "milestone"), **facts.get(rule, {}))
    dates = ["project", "baseline_finish", "actual_start", "actual_finish"]
    known = history[history[dates].notna().all(axis=1)]
    phases = known[known.duplicated(dates, keep=False)].groupby(dates)["phase"].nunique()
    if several := int((phases > 1).sum()):
        yield found("same-dates-two-phases", None, n_rows=several)


def _missing_dates(history: pd.DataFrame, as_of: DateLike | None) -> Iterator[Finding]:
    """Find the open milestones of projects that are closed, or went on, without them."""
    courses = project_courses(history, as_of).set_index("project")["course"]
    rows = history[is_silent(history, as_of) & (history["project"].map(courses) != Course.SILENT)]
    if n := len(rows):
        yield found("date-missing", None, n_rows=n, milestones=count(n, "milestone"), **_places(rows))


def _places(rows: pd.DataFrame) -> dict[str, str]:
    """Name milestones with the file and row to look at, and their projects."""
    named = [
        f"{row.project} {row.milestone}" + (f" ({row.source})" if isinstance(row.source, str) else "")
        for row in rows.itertuples()
    ]
    return {"project": named_projects(rows["project"]), "named": list_few(named, MOST_MILESTONES)}


def _ratio_findings(overruns: pd.DataFrame) -> Iterator[Finding]:
    """Find ratios that come suspiciously often, are suspiciously large or small, or are suspiciously on plan."""
    finished = overruns[~overruns["censored"].astype(bool)]
    on_plan = finished["on_plan"].astype(bool)
    late = finished.loc[~on_plan, "overrun_ratio"]
    counts = late.round(3).value_counts()
    if len(late) >= FEWEST_TO_HEAP and counts.iloc[0] > HEAPED_SHARE * len(late):
        yield found("heaped-ratios", None, n_rows=int(counts.iloc[0]), n=len(late), ratio=counts.index[0])
    ratio = overruns["overrun_ratio"]
    rows = overruns[(ratio >= EXTREME_RATIO) | (ratio <= 1 / EXTREME_RATIO)]
    if len(rows):
        named = [f"{row.project} {row.milestone} ({row.overrun_ratio:.3g})" for row in rows.itertuples()]
        facts = {"named": list_few(named, MOST_MILESTONES), "times": EXTREME_RATIO}
        facts["project"] = named_projects(rows["project"])
        yield found("extreme-ratios", None, n_rows=len(rows), **facts)
    if len(finished) >= COPY_FROM_ROWS and on_plan.mean() >= SUSPICIOUS_ON_PLAN:
        yield found("on-plan-too-often", None, n_rows=int(on_plan.sum()), percent=100 * on_plan.mean())


def _days_off(history: pd.DataFrame) -> pd.Series:
    """Find finishes on days that are not worked."""
    off = pd.Series(False, index=history.index)
    for _, rows in history.groupby("project", sort=False):
        dated = rows["actual_finish"].notna()
        for text, days in rows.loc[dated, "actual_finish"].groupby(named_calendars(rows["calendar"])[dated]):
            off.loc[days.index] = ~calendar_from_text(text).is_worked(days)
    return off
