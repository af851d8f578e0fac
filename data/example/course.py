"""The course of a made-up project: when work really ran, and what was reported of it week by week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calendar.workdays import WorkCalendar
from estimation.project.links import order_of_work, parse_dependencies
from estimation.project.network import network_from

CALENDAR = WorkCalendar()


@dataclass(frozen=True)
class Course:
    """What happened to each milestone, as places on the working-day axis: start mornings, finish evenings."""

    starts: Mapping[str, float]
    finishes: Mapping[str, float]

    @property
    def last_evening(self) -> float:
        """The evening on which the project was over."""
        return max(self.finishes.values())

    def shifted(self, days: float) -> Course:
        """Move the whole course by working days."""
        return Course(
            {each: start + days for each, start in self.starts.items()},
            {each: finish + days for each, finish in self.finishes.items()},
        )


def run(
    depends_on: Mapping[str, str],
    days: Mapping[str, float],
    *,
    first_morning: float,
    delays: Mapping[str, float] | None = None,
    not_before: Mapping[str, float] | None = None,
) -> Course:
    """Let the work run: each milestone starts when predecessors and booked slots allow, plus its delay."""
    ids = list(depends_on)
    network = network_from(
        ids,
        {each: parse_dependencies(text) for each, text in depends_on.items()},
        origin=first_morning,
        not_before=np.array([(not_before or {}).get(each, np.nan) for each in ids], dtype=float),
    )
    late = [(delays or {}).get(each, 0) for each in ids]
    evenings = np.array([days[each] for each in ids], dtype=float)[:, None]
    mornings = network.schedule(evenings, begin=lambda k, ready, _days: ready + late[k])
    starts, finishes = (
        dict(zip(ids, first_morning + places[:, 0], strict=True)) for places in (mornings, evenings)
    )
    return Course(starts, finishes)


def with_actuals(rows: pd.DataFrame, course: Course, as_of: float = np.inf) -> pd.DataFrame:
    """Add actual dates to the rows of a project, as far as they were known on the evening ``as_of``."""
    starts = rows["milestone"].map(course.starts)
    finishes = rows["milestone"].map(course.finishes)
    return rows.assign(
        actual_start=CALENDAR.morning_dates(starts.where(starts < as_of)),
        actual_finish=CALENDAR.evening_dates(finishes.where(finishes <= as_of)),
    )


def weekly_status(
    plan: pd.DataFrame,
    course: Course,
    fridays: list[str],
    colours: list[str],
    *,
    optimism: float,
    reasons: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """Write what the team reported each Friday: one row per milestone and week.

    Parameters
    ----------
    plan : DataFrame keeping the PLAN contract
    course : Course
        What really happened; a week's rows know no more of it than the week did.
    fridays, colours : lists of str, length n
        Status dates and the colour in which the project was reported.
    optimism : float
        Share of its planned days that the team believes work to come will take; 1 is honest, .5 believes that
        everything lost will be made up for. No forecast is earlier than the baseline.
    reasons : mapping of week (from 1) to text
        Why forecasts moved that week, told to the client the same day. Other moves are silent.
    """
    weeks = []
    before = plan["baseline_finish"]
    for week, (friday, colour) in enumerate(zip(fridays, colours, strict=True), start=1):
        evening = float(CALENDAR.evenings([friday])[0])
        forecast = plan["milestone"].map(_expected(plan, course, evening, optimism))
        facts = with_actuals(plan, course, evening)
        is_open = facts["actual_finish"].isna()
        elapsed = evening - plan["milestone"].map(course.starts)
        share = (elapsed / (elapsed + forecast - evening)).where(elapsed > 0, 0.0)
        table = facts[["project", "milestone", "actual_start", "actual_finish"]].assign(
            as_of=friday,
            forecast_finish=CALENDAR.evening_dates(forecast),
            percent_complete=((share / 0.05).round() * 0.05).round(2).clip(upper=0.95).where(is_open, 1.0),
            reported_status=colour,
            confidence=pd.Series({"green": 0.9, "yellow": 0.6, "red": 0.3}[colour], index=plan.index).where(
                is_open
            ),
            updated_on=friday,
        )
        moved = table["forecast_finish"] != before
        reason = (reasons or {}).get(week)
        table["reason"] = pd.Series(reason, index=plan.index, dtype="str").where(moved) if reason else None
        table["told_client_on"] = pd.Series(friday, index=plan.index).where(moved) if reason else None
        before = table["forecast_finish"]
        weeks.append(table)
    columns = ["project", "milestone", "as_of", "actual_start", "actual_finish", "forecast_finish"]
    columns += ["percent_complete", "confidence", "reported_status", "reason", "told_client_on", "updated_on"]
    return pd.concat(weeks, ignore_index=True)[columns]


def _expected(plan: pd.DataFrame, course: Course, evening: float, optimism: float) -> dict[str, float]:
    """Forecast each finish on one evening, from what had happened by then."""
    ids = list(plan["milestone"])
    links = {
        each: parse_dependencies(text) for each, text in zip(ids, plan["depends_on"].fillna(""), strict=True)
    }
    planned_days = dict(zip(ids, plan["baseline_days"], strict=True))
    planned = dict(zip(ids, CALENDAR.evenings(plan["baseline_finish"]), strict=True))
    starts: dict[str, float] = {}
    finishes: dict[str, float] = {}
    for each in order_of_work(ids, links):
        if course.finishes[each] <= evening:
            starts[each], finishes[each] = course.starts[each], course.finishes[each]
        elif course.starts[each] < evening:
            starts[each] = course.starts[each]
            finishes[each] = max(starts[each] + planned_days[each], evening + 1)
        else:
            waits = [finishes[link.milestone] + link.lag_days for link in links[each]]
            starts[each] = max([evening, *waits])
            finishes[each] = max(starts[each] + optimism * planned_days[each], planned[each])
    return {each: float(np.ceil(finish - 1e-9)) for each, finish in finishes.items()}
