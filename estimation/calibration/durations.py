"""Own durations: how many working days the work of each milestone itself took, lateness of others taken out.

Own work begins on the recorded start, else when predecessors allowed it (see ``project.schedule``). A milestone
that waited for a late predecessor is therefore not counted twice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import project_days
from estimation.calendar.workdays import WorkCalendar
from estimation.project.schedule import dependencies_of, follow
from estimation.project.statuses import Closed

PLACES = ("ready", "morning", "evening", "own_days")
OWN_DURATIONS = tuple(f"{kind}_{name}" for kind in ("baseline", "actual") for name in PLACES)


def own_durations(history: pd.DataFrame) -> pd.DataFrame:
    """Measure, for each milestone, when its own work could start, did start and finished, in plan and in fact.

    Columns ``OWN_DURATIONS``, index of the history. ``_ready`` (earliest start that predecessors and project start
    allow), ``_morning`` and ``_evening`` are places on the working-day axis of the project's calendar; ``_own_days``
    are working days of the milestone's own calendar, recorded or counted from morning to evening. NaN where something
    is not known.
    """
    parts = [_project_durations(rows) for _, rows in history.groupby("project", sort=False)]
    if not parts:
        return pd.DataFrame(columns=list(OWN_DURATIONS), dtype=float)
    return pd.concat(parts).reindex(history.index)


def is_finished(history: pd.DataFrame, as_of: pd.Timestamp | None = None) -> pd.Series:
    """Tell which milestones were finished by the status date: delivered, with a date or a final effort."""
    cancelled = history["closed_as"] == Closed.CANCELLED
    dated = history["actual_finish"].notna() & ~cancelled
    if as_of is not None and not pd.isna(as_of):
        dated &= history["actual_finish"] <= as_of
    effort_only = history["actual_finish"].isna() & (history["closed_as"] == "delivered")
    return dated | (effort_only & history["actual_days"].notna())


def project_calendar(rows: pd.DataFrame) -> WorkCalendar:
    """Find the calendar of one project, which works when one of its milestones' calendars does.

    Slips and the duration of the whole project are counted on it; the work of a milestone on the milestone's own.
    """
    return project_days(rows["calendar"]).axis


def is_added(history: pd.DataFrame) -> pd.Series:
    """Tell which milestones no baseline knew; a baseline that was typed in for them later does not count."""
    return history["added_after_baseline"].fillna(False).astype(bool)


def _project_durations(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(
        **{
            name: rows[name].mask(is_added(rows))
            for name in ("baseline_start", "baseline_finish", "baseline_days")
        }
    )
    dates = rows[["baseline_start", "baseline_finish", "actual_start", "actual_finish", "project_start"]]
    if not dates.notna().any(axis=None):
        table = pd.DataFrame(np.nan, index=rows.index, columns=list(OWN_DURATIONS))
        return table.assign(baseline_own_days=rows["baseline_days"], actual_own_days=rows["actual_days"])
    calendars = project_days(rows["calendar"])
    start, starts = rows["project_start"].dropna(), rows["baseline_start"]
    first = start.iloc[0] if len(start) else starts.min()
    real_logic = dependencies_of(rows)
    added = set(rows["milestone"][is_added(rows)])
    planned_logic = {
        milestone: tuple(link for link in links if link.milestone not in added)
        for milestone, links in real_logic.items()
    }
    logic = {"baseline": planned_logic, "actual": real_logic}  # no plan waited for work that nobody knew of
    days = _comparable_days(rows)
    schedules = {
        kind: follow(
            list(rows["milestone"]),
            logic[kind],
            calendars.axis.mornings([first])[0],
            recorded_morning=calendars.mornings(rows[f"{kind}_start"]),
            recorded_evening=calendars.evenings(rows[f"{kind}_finish"]),
            recorded_days=days[kind].to_numpy(),
            teams=calendars.teams,
        )
        for kind in ("baseline", "actual")
    }
    # Work that was begun and finished on days off took time all the same: half a day.
    actual = schedules["actual"]
    on_days_off = (rows["actual_start"].notna() & (actual.own_days == 0)).to_numpy() & days[
        "actual"
    ].isna().to_numpy()
    schedules["actual"] = replace(actual, own_days=np.where(on_days_off, 0.5, actual.own_days))
    return pd.DataFrame(
        {
            f"{kind}_{name}": getattr(schedule, name)
            for kind, schedule in schedules.items()
            for name in PLACES
        },
        index=rows.index,
    )


def _comparable_days(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Take recorded days where plan and fact have them, or where a date is missing; else the dates count on both sides.

    Effort and calendar days cannot be compared. What a running milestone has taken so far is no duration.
    """
    planned, taken = rows["baseline_days"], rows["actual_days"].where(is_finished(rows))
    both = planned.notna() & rows["actual_days"].notna()
    return {
        "baseline": planned.where(both | rows["baseline_finish"].isna()),
        "actual": taken.where(both | rows["actual_finish"].isna()),
    }
