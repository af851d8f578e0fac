"""A project between its plan and what happened: when it would have ended if only some of its days had been lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import EVERY_DAY, project_days
from estimation.calibration.durations import is_added, own_durations, project_calendar
from estimation.project.links import Dependency, order_of_work
from estimation.project.schedule import dependencies_of
from estimation.project.statuses import Closed

SOME_MONDAY = pd.Timestamp("2001-01-01")
"""Where a project without a single date is laid out; nothing of it is ever shown."""
_DATES = ["project_start", "baseline_start", "baseline_finish", "actual_start", "actual_finish"]
_INTO_STARTS = ("FS", "SS")


@dataclass(frozen=True, eq=False)
class AsBuilt:
    """What moved each milestone of a closed project; arrays of length n milestones, places on the working-day axis.

    A milestone starts as its plan says and is pushed as far as its predecessors push it (``inherited``); what it lost
    or won by itself is its start delay and what it took longer than planned. Work that was added is there or not;
    work that was cancelled is there or passes on at once what its predecessors did. Places are NaN where the milestone
    was not planned, or not done; where it was both, ``actual_evening - planned_evening`` is the sum of the three parts.
    """

    own: pd.DataFrame
    planned_morning: np.ndarray
    planned_evening: np.ndarray
    actual_morning: np.ndarray
    actual_evening: np.ndarray
    inherited: np.ndarray
    start_delay: np.ndarray
    longer: np.ndarray
    _steps: tuple[_Step, ...]
    _floor: float

    @property
    def slip(self) -> float:
        """Finish of the project less its planned finish, in working days."""
        return float(np.nanmax(self.actual_evening) - np.nanmax(self.planned_evening))

    def finish_with(self, delays: np.ndarray, longer: np.ndarray, rescoped: np.ndarray) -> np.ndarray:
        """Find when the project would have ended if its milestones had lost these days only.

        Arrays have shape (n milestones, n cases): days by which each starts later than its predecessors make it,
        and takes longer than planned; and where added work is there, and cancelled work is not. All zero gives the
        planned finish, all as it happened the real one. [place on the axis]
        """
        starts, finishes = np.empty(delays.shape), np.empty(delays.shape)
        present = np.ones(delays.shape, dtype=bool)
        last = np.full(delays.shape[1], self._floor)
        for step in self._steps:
            k = step.place
            ready = step.ready(starts, finishes, present, self._floor)
            if step.kind == "added":
                present[k] = rescoped[k]
                starts[k] = ready + step.offset
                finishes[k] = starts[k] + step.span
            else:
                starts[k] = self.planned_morning[k] + step.pushed(ready) + delays[k]
                finishes[k] = starts[k] + np.maximum(step.span + longer[k], step.least_span)
            counted = present[k]
            if step.kind == "cancelled":
                starts[k] = np.where(rescoped[k], ready, starts[k])
                finishes[k] = np.where(rescoped[k], ready, finishes[k])
                counted = ~rescoped[k]
            last = np.where(counted, np.maximum(last, finishes[k]), last)
        return last


@dataclass(frozen=True, eq=False)
class _Step:
    """How one milestone follows from its predecessors.

    ``slack`` is the place up to which predecessors may move without pushing it, ``overlap`` how much further it
    did not wait for them, ``early`` how far it was ready to start before its planned day.
    """

    place: int
    kind: str
    links: tuple[tuple[int, str, float], ...]
    team: object
    planned_ready: float = np.nan
    slack: float = np.nan
    overlap: float = 0.0
    early: float = 0.0
    offset: float = 0.0
    span: float = 0.0
    least_span: float = 0.0

    def ready(self, starts, finishes, present, floor: float) -> np.ndarray:
        """Find the morning on which predecessors allow the work to begin."""
        ready = np.full(starts.shape[1:], floor)
        for before, kind, lag in self.links:
            end = np.ceil((finishes if kind == "FS" else starts)[before] + lag - 1e-9)
            ready = np.maximum(ready, np.where(present[before], end, -np.inf))
        return self.team.next_morning(ready)

    def pushed(self, ready):
        """Measure how far predecessors push the start off its planned morning; earlier is negative."""
        late = np.maximum(ready - self.slack - self.overlap, 0.0)
        return late - np.minimum(self.early, np.maximum(self.planned_ready - ready, 0.0))


def as_built(rows: pd.DataFrame) -> AsBuilt:
    """Take the rows of one closed project apart into what pushed each milestone and what it lost by itself.

    Without a single date the milestones are laid out one after the other, as their logic allows.
    """
    if rows[_DATES].isna().all(axis=None):
        rows = rows.assign(project_start=SOME_MONDAY)
    own, milestones = own_durations(rows), list(rows["milestone"])
    place = {milestone: k for k, milestone in enumerate(milestones)}
    logic = dependencies_of(rows)
    teams = project_days(rows["calendar"]).teams
    added, cancelled = is_added(rows).to_numpy(), (rows["closed_as"] == Closed.CANCELLED).to_numpy()
    planned = own[["baseline_morning", "baseline_evening"]].to_numpy().T.copy()
    actual = own[["actual_morning", "actual_evening"]].to_numpy().T.copy()
    planned[:, added], actual[:, cancelled] = np.nan, np.nan
    floor = _first_morning(rows, planned, actual)
    split = np.full((3, len(rows)), np.nan)
    steps = []
    for milestone in order_of_work(milestones, logic):
        k = place[milestone]
        links, team = _links(logic[milestone], place), teams.get(k, EVERY_DAY)
        ready = [_ready(links, team, dates, floor) for dates in (planned, actual)]
        for dates, morning in zip((planned, actual), ready, strict=True):
            if np.isnan(dates[0, k]):  # a date is missing: the work began when it could
                dates[0, k] = np.minimum(morning, dates[1, k])
        spans = planned[1, k] - planned[0, k], actual[1, k] - actual[0, k]
        if np.isnan(spans[0]) and np.isnan(spans[1]):
            actual[:, k] = ready[1]
            continue
        if np.isnan(spans[0]):
            steps.append(_Step(k, "added", links, team, offset=actual[0, k] - ready[1], span=spans[1]))
            continue
        slack = max(ready[0], planned[0, k])
        step = _Step(k, "kept", links, team, ready[0], slack, span=spans[0], least_span=min(0.0, *spans))
        if np.isnan(spans[1]):
            steps.append(replace(step, kind="cancelled"))
            actual[:, k] = ready[1]  # for those that wait for it
            continue
        shift = actual[0, k] - planned[0, k]
        step = _as_it_was(step, ready[1], shift)
        pushed = float(step.pushed(ready[1]))
        split[:, k] = pushed, shift - pushed, spans[1] - spans[0]
        steps.append(step)
    gone = np.isnan(own["actual_evening"].to_numpy()) | cancelled
    actual[:, gone] = np.nan
    return AsBuilt(own, *planned, *actual, *split, tuple(steps), floor)


def _as_it_was(step: _Step, ready: float, shift: float) -> _Step:
    """Let the milestone overlap with its predecessors, or start early, as far as it really did."""
    late = max(ready - step.slack, 0.0)
    return replace(step, overlap=max(late - max(shift, 0.0), 0.0), early=max(-shift, 0.0))


def _links(
    dependencies: tuple[Dependency, ...], place: Mapping[str, int]
) -> tuple[tuple[int, str, float], ...]:
    return tuple(
        (place[link.milestone], link.kind, link.lag_days)
        for link in dependencies
        if link.kind in _INTO_STARTS
    )


def _ready(links, team, dates: np.ndarray, floor: float) -> float:
    """Find the morning on which a milestone could begin by some dates; unknown predecessors hold nothing up."""
    ends = [dates[1 if kind == "FS" else 0, before] + lag for before, kind, lag in links]
    known = [np.ceil(end - 1e-9) for end in ends if np.isfinite(end)]
    return float(team.next_morning(np.array([max([floor, *known])]))[0])


def _first_morning(rows: pd.DataFrame, planned: np.ndarray, actual: np.ndarray) -> float:
    starts = rows["project_start"].dropna()
    if len(starts):
        return float(project_calendar(rows).mornings(starts.iloc[:1])[0])
    known = planned[0] if np.isfinite(planned[0]).any() else actual[0]
    return float(np.nanmin(known))
