"""When a project left its track for good, and what the reports of that week said."""

from __future__ import annotations

import pandas as pd

from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, standings_of
from estimation.project.statuses import Status
from estimation.review.variance import reported_by_week
from estimation.review.variance_tables import TRACK
from estimation.tables import empty_table, keep_contract
from estimation.tracking.evidence import whole_project


def track_table(
    history: pd.DataFrame,
    plan: Plan | None,
    status: pd.DataFrame | Standings | Standing | None,
    evidence: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say week by week whether a closed project was on its track, and in which week it left it for good (TRACK).

    A week is off track when a milestone is overdue (unfinished after its planned date), when the team itself expects
    the project to end after its planned finish, or when the evidence of the project is not "on track". A milestone
    that is expected late and still leaves the planned finish standing is no departure yet. Status dates up to the
    planned start do not count, nor those on which the project was over. It left its track in the first week from
    which on every week was off track: a week that came back to plan starts the search anew. Without a plan (days
    without dates) nothing is known week by week.
    """
    if plan is None:
        return empty_table(TRACK)
    standings = standings_of(plan, status)
    track = reported_by_week(history, plan.project, standings.reports.rows)
    expected = [standings.on(day).project_finish for day in track["as_of"]]
    track = track.assign(team_finish=pd.Series(expected, dtype="datetime64[s]"))
    late = plan.calendar.slip([plan.planned_finish] * len(track), track["team_finish"])
    words = {} if evidence is None else whole_project(evidence).set_index("as_of")["evidence"]
    track = track.assign(forecast_slip_days=late, evidence=track["as_of"].map(words))
    finished = history.loc[history["project"] == plan.project, "actual_finish"].max()
    counted = (track["as_of"] > plan.start) & (track["as_of"] < finished)
    doubted = track["evidence"].notna() & (track["evidence"] != Status.ON_TRACK)
    off = counted & ((track["n_overdue"] > 0) | (track["forecast_slip_days"] > 0) | doubted)
    return keep_contract(track.assign(off_track=off, left_track=lasting_departure(off, counted)), TRACK)


def lasting_departure(off: pd.Series, counted: pd.Series) -> pd.Series:
    """Mark the first week from which on every week that counts was off track.

    >>> off = pd.Series([True, False, True, True, False])
    >>> lasting_departure(off, pd.Series([True, True, True, True, False])).tolist()
    [False, False, True, False, False]
    """
    to_the_end = (off | ~counted)[::-1].cummin()[::-1] & off
    return to_the_end & ~to_the_end.shift(fill_value=False).cummax()
