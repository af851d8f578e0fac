"""Closed projects looked back on: at each of their status dates, what was left as planned and what it really took."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from estimation.calibration.project_record import finish_ratios
from estimation.forecasting.readings import readings_of
from estimation.project.closing import baseline_plan, closing_days
from estimation.project.standing import standings_of
from estimation.tables import IDENTITY, Column, Contract, rows_table

REMAINING: Contract = {
    "project": IDENTITY["project"],
    "client": IDENTITY["client"],
    "as_of": Column.date("status date"),
    "elapsed_days": Column.days("from the planned start of the project to the status date", least=0),
    "planned_days": Column.days("from the planned start to the planned finish of the whole project", least=0),
    "earned_share": Column.probability("share of the project's weight that was done"),
    "earned_schedule": Column.days("after which the plan was to have earned as much"),
    "plan_left": Column.days("what the plan had left from there"),
    "plan_left_99": Column.days("what it had left to 99 % of the weight"),
    "work_left": Column.days("what the unfinished work takes at planned durations, through the network"),
    "work_left_99": Column.days("what it takes to 99 % of the weight"),
    "base_days": Column.days("mean of these readings: the rest, if all goes as planned"),
    "team_days": Column.days("what is left by the dates and days that the team named, else by the plan"),
    "remaining_days": Column.days("from the status date to the real finish of the project", least=0),
    "known_on": Column.date("day on which the project was closed and the row became known"),
}


def remaining_table(history: pd.DataFrame, status: pd.DataFrame, *, as_of=None) -> pd.DataFrame:
    """Look back on closed projects: at each status date, what was left as planned and what it really took.

    Projects without a place in the record, a start or the date of a finish are passed over. Status dates before
    the planned start, and those on which all was done, do not count; with ``as_of`` only projects that had closed by
    this day do.
    """
    updates = dict(list(status.groupby("project", sort=False)))
    rows: list[dict] = []
    closed = closing_days(history, None if as_of is None else pd.Timestamp(as_of))
    closed = closed[closed.index.isin(finish_ratios(history, as_of=as_of)["project"])]
    for project, own in history.groupby("project", sort=False):
        begun = own[["project_start", "baseline_start"]].notna().any(axis=None)
        if project in updates and project in closed and begun:
            rows += _project_rows(history, project, updates[project], closed[project])
    return rows_table(rows, REMAINING)


def _project_rows(
    history: pd.DataFrame, project: str, updates: pd.DataFrame, known_on: pd.Timestamp
) -> Iterator[dict]:
    plan = baseline_plan(history, project).estimated
    updates = updates[updates["milestone"].isin(plan.milestones["milestone"])]
    morning = plan.calendar.mornings([plan.start])[0]
    finish = plan.calendar.evenings([known_on])[0] - morning
    standings = standings_of(plan, updates)
    for as_of in standings.dates():
        state, readings = standings.on(as_of).state, readings_of(standings.on(as_of))
        if 0 < state.now < finish and not state.is_over.all() and readings.planned_days > 0:
            yield {
                "project": plan.project,
                "client": next(iter(plan.milestones["client"].dropna()), None),
                "as_of": as_of,
                **vars(readings),
                "remaining_days": finish - state.now,
                "known_on": known_on,
            }
