"""Where the work of each milestone lies on the working-day axis, when starts must follow from predecessors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import EVERY_DAY, TeamDays
from estimation.project.links import Dependency, earliest_start, order_of_work, parse_dependencies

NO_TEAMS: Mapping[int, TeamDays] = {}


@dataclass(frozen=True, eq=False)
class Course:
    """One course of a project, planned or real; arrays have one entry per milestone, NaN where not known.

    ``ready`` is the morning on which predecessors and the project start allow the work to begin, ``morning``
    the morning on which it begins, ``evening`` the one on which it is finished (places on the working-day axis
    of a ``WorkCalendar``), ``own_days`` the working days of the work itself, counted on its own calendar.
    """

    ready: np.ndarray
    morning: np.ndarray
    evening: np.ndarray
    own_days: np.ndarray


def follow(
    milestones: Sequence[str],
    dependencies: Mapping[str, tuple[Dependency, ...]],
    project_morning: float,
    *,
    recorded_morning: np.ndarray,
    recorded_evening: np.ndarray,
    recorded_days: np.ndarray,
    not_before: np.ndarray | None = None,
    fixed: np.ndarray | None = None,
    teams: Mapping[int, TeamDays] = NO_TEAMS,
) -> Course:
    """Complete what a table records of a course: starts follow from predecessors, finishes from durations.

    Own work begins on the recorded start. Without one it begins when it could: on the latest of the next
    working day after each finish-to-start predecessor (plus lag), the start of each start-to-start predecessor
    (plus lag), and the project start; where finish and days are recorded, not before one less the other. A finish
    that is not recorded follows from the days, held back by FF and SF links and by a fixed date. Where a predecessor
    is not known to have finished, the start is not known either: no number is made up.

    Lags are counted on the axis that all milestones share, durations on each milestone's own calendar.

    Parameters
    ----------
    milestones : sequence of str, length n
    dependencies : mapping of id to predecessors
    project_morning : float
        NaN when the project start is not known.
    recorded_morning, recorded_evening : float array, length n
        Places on the working-day axis; NaN where not recorded.
    recorded_days : float array, length n
        Durations that were recorded beside the dates, they win over the dates. [working days]
    not_before : float array, length n, optional
        Mornings before which a start that is not recorded cannot lie.
    fixed : float array, length n, optional
        Evenings before which a finish that is not recorded cannot lie; NaN where no date is fixed. The work still
        begins as early as it can.
    teams : mapping of place to TeamDays, optional
        Milestones that are not worked on every day of the axis.

    Returns
    -------
    Course
    """
    ready = np.full(len(milestones), np.nan)
    morning, evening = recorded_morning.copy(), recorded_evening.copy()
    place = {milestone: k for k, milestone in enumerate(milestones)}
    starts: dict[str, float] = {}
    finishes: dict[str, float] = {}
    floor = -np.inf if np.isnan(project_morning) else project_morning
    for milestone in order_of_work(milestones, dependencies):
        k = place[milestone]
        team = teams.get(k, EVERY_DAY)
        links = dependencies.get(milestone, ())
        ends = {"FS": finishes, "SS": starts}
        if all(link.kind not in ends or np.isfinite(ends[link.kind][link.milestone]) for link in links):
            allowed = earliest_start(links, starts, finishes, floor)
            if np.isfinite(allowed):  # work of no duration needs no day of its own
                ready[k] = allowed if recorded_days[k] == 0 else team.next_morning(allowed)
        if np.isnan(morning[k]):
            # NaN unless both are recorded.
            late_as_planned = team.start_before(evening[k], np.ceil(recorded_days[k]))
            morning[k] = np.fmax(ready[k], late_as_planned) if np.isfinite(ready[k]) else np.nan
            if not_before is not None:
                morning[k] = max(morning[k], not_before[k])
        if np.isnan(evening[k]):
            ends = {"FF": finishes, "SF": starts}
            held = [ends[link.kind][link.milestone] + link.lag_days for link in links if link.kind in ends]
            # A link to our finish makes people finish later, not start later.
            done = team.finish_after(morning[k], np.ceil(recorded_days[k]))
            evening[k] = np.ceil(np.max([done, *held]) - 1e-9)
            if fixed is not None and np.isfinite(fixed[k]):
                evening[k] = np.fmax.reduce([evening[k], fixed[k], *held])
        starts[milestone], finishes[milestone] = morning[k], evening[k]
    spans = evening - morning
    for k, team in teams.items():
        spans[k] = team.days_between(morning[k], evening[k])
    return Course(ready, morning, evening, np.where(np.isnan(recorded_days), spans, recorded_days))


def dependencies_of(rows: pd.DataFrame) -> dict[str, tuple[Dependency, ...]]:
    """List the predecessors of each milestone of one project; without logic they follow in the order given.

    Work added after the baseline has no place in an assumed order and stands alone.

    Parameters
    ----------
    rows : DataFrame with ``milestone``, ``depends_on`` and perhaps ``added_after_baseline``
    """
    if rows["depends_on"].notna().any():
        texts = zip(rows["milestone"], rows["depends_on"], strict=True)
        return {milestone: parse_dependencies("" if pd.isna(text) else text) for milestone, text in texts}
    planned = rows["milestone"]
    if "added_after_baseline" in rows:
        planned = planned[~rows["added_after_baseline"].fillna(False).astype(bool)]
    chain = {later: (Dependency(earlier),) for earlier, later in pairwise(planned)}
    return {milestone: chain.get(milestone, ()) for milestone in rows["milestone"]}
