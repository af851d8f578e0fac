"""A plan: milestones with their estimates, what depends on what, and the days on which work is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.dependencies import Dependency, order_of_work
from estimation.errors import InputError
from estimation.planning.course import Course, dependencies_of, follow
from estimation.workdays import STANDARD_WEEK, WorkCalendar, calendar_from_text


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan of one project, consistent in itself: made by ``build_plan`` only.

    Parameters
    ----------
    project, name : str
        Id and name of the project.
    milestones : DataFrame keeping the PLAN contract, length n
    dependencies : mapping of milestone id to its predecessors
    order : tuple of str
        Milestone ids, each after its predecessors.
    calendar : WorkCalendar
    start : Timestamp
        First working day of the project.
    baseline : Course
        The plan's own dates on the working-day axis of the calendar.
    """

    project: str
    name: str
    milestones: pd.DataFrame
    dependencies: Mapping[str, tuple[Dependency, ...]]
    order: tuple[str, ...]
    calendar: WorkCalendar
    start: pd.Timestamp
    baseline: Course

    @property
    def baseline_finish(self) -> np.ndarray:
        """Finish date of each milestone in the plan.

        Returns
        -------
        datetime64[s] array, length n
        """
        return self.calendar.evening_dates(self.baseline.evening)


def build_plan(table: pd.DataFrame) -> Plan:
    """Make a plan of its milestone table: find its start, its logic and its planned dates.

    Parameters
    ----------
    table : DataFrame keeping the PLAN contract, one project

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the project has no start date, or a milestone ends up without a planned duration.
    """
    project = table["project"].iloc[0]
    where = f"{table['source'].iloc[0].rsplit(', row', 1)[0]}, project '{project}'"
    calendars = table["calendar"].dropna()
    calendar = calendar_from_text(calendars.iloc[0] if len(calendars) else STANDARD_WEEK)
    starts = table["project_start"].dropna()
    start = starts.iloc[0] if len(starts) else table["baseline_start"].min()
    if pd.isna(start):
        raise InputError(
            f"{where}: no start came; wanted project_start, or baseline_start for the first milestone. "
            "Fill in the date on which the work begins."
        )
    milestones = list(table["milestone"])
    dependencies = dependencies_of(table)
    morning = calendar.mornings([start])[0]
    baseline = follow(
        milestones,
        dependencies,
        morning,
        recorded_morning=calendar.mornings(table["baseline_start"]),
        recorded_evening=calendar.evenings(table["baseline_finish"]),
        recorded_days=table["baseline_days"].to_numpy(),
    )
    _refuse_backward_work(where, milestones, baseline)
    return Plan(
        project=project,
        name=_first_text(table["project_name"]) or project,
        milestones=table.reset_index(drop=True),
        dependencies=dependencies,
        order=tuple(order_of_work(milestones, dependencies)),
        calendar=calendar,
        start=pd.Timestamp(calendar.morning_dates([morning])[0]),
        baseline=baseline,
    )


def _refuse_backward_work(where: str, milestones: list[str], baseline: Course) -> None:
    wrong = ~(baseline.own_days >= 0)
    if wrong.any():
        named = ", ".join(np.array(milestones)[wrong][:5])
        raise InputError(
            f"{where}: no duration follows for milestone {named}: it finishes before its predecessors do, or a "
            "date is missing. Fill in baseline_start or baseline_days, or correct depends_on."
        )


def refuse_contradictions(plan: Plan) -> None:
    """Stop when a plan that was edited says one thing in its days and another in its dates.

    Parameters
    ----------
    plan : Plan

    Raises
    ------
    InputError
        If the days of a milestone and the span of its dates differ by more than one (part days and work of no
        duration may differ by one), or if a milestone is planned to start before its project.
    """
    table = plan.milestones
    where = f"{table['source'].iloc[0].rsplit(', row', 1)[0]}, project '{plan.project}'"
    dated = (
        table["baseline_start"].notna() & table["baseline_finish"].notna() & table["baseline_days"].notna()
    )
    span = plan.baseline.evening - plan.baseline.morning
    wrong = dated.to_numpy() & (np.abs(span - table["baseline_days"].to_numpy()) > 1)
    if wrong.any():
        named = "; ".join(
            f"{row.milestone} says {row.baseline_days:g} days, its dates span {days:g}"
            for row, days in zip(table[wrong].head(5).itertuples(), span[wrong], strict=False)
        )
        raise InputError(
            f"{where}: baseline_days and the dates contradict each other ({named}). Correct one of them; or empty "
            "baseline_days so that the dates speak, or baseline_start and baseline_finish so that the days do."
        )
    early = (table["baseline_start"] < table["project_start"]).to_numpy()
    if early.any():
        named = ", ".join(table["milestone"][early].head(5))
        raise InputError(
            f"{where}: milestone {named} is planned to start before the project does. Correct project_start, or empty "
            "baseline_start and baseline_finish so that the dates follow from it."
        )


def _first_text(column: pd.Series) -> str:
    filled = column.dropna()
    return filled.iloc[0] if len(filled) else ""
