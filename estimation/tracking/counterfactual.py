"""A project between its plan and what happened: when it would have ended if only some of its days had been lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import EVERY_DAY, AxisDays, TeamDays, project_days
from estimation.calibration.durations import own_durations, project_calendar
from estimation.project.closing import is_added, is_cancelled
from estimation.project.links import dependencies_of
from estimation.project.network import NOISE, Link, Network, network_from

SOME_MONDAY = pd.Timestamp("2001-01-01")
"""Where a project without a single date is laid out; nothing of it is ever shown."""
_DATES = ["project_start", "baseline_start", "baseline_finish", "actual_start", "actual_finish"]


@dataclass(frozen=True, eq=False)
class AsBuilt:
    """What moved each milestone of a closed project; arrays of length n milestones, places on the working-day axis.

    A milestone starts as its plan says and is pushed as far as its predecessors push it (``inherited``); what it lost
    or won by itself is its start delay and what it took longer than planned. Work that was added is there or not;
    work that was cancelled is there or passes on at once what its predecessors hand down.

    Parameters
    ----------
    own : DataFrame
        As ``own_durations`` gives it.
    planned_morning, planned_evening, actual_morning, actual_evening : float arrays
        NaN where the milestone was not planned, or not done.
    inherited, start_delay, longer : float arrays [working days]
        ``actual_evening - planned_evening`` is their sum: what predecessors hand down to start and finish, what the
        start lost beyond that, what the work took longer. NaN where the milestone was not both planned and done.
    delay, extra : float arrays [working days]
        By how much it started later than its predecessors made it, and how much longer its own work was: what
        ``finish_with`` takes in parts. They differ from the parts of the slip where a link to its finish held it up.
    """

    own: pd.DataFrame
    planned_morning: np.ndarray
    planned_evening: np.ndarray
    actual_morning: np.ndarray
    actual_evening: np.ndarray
    inherited: np.ndarray
    start_delay: np.ndarray
    longer: np.ndarray
    delay: np.ndarray
    extra: np.ndarray
    _network: Network
    _steps: dict[int, _Step]

    @property
    def slip(self) -> float:
        """Finish of the project less its planned finish, in working days."""
        return float(np.nanmax(self.actual_evening) - np.nanmax(self.planned_evening))

    def finish_with(self, delays: np.ndarray, extra: np.ndarray, rescoped: np.ndarray) -> np.ndarray:
        """Find when the project would have ended if its milestones had lost these days only.

        Parameters
        ----------
        delays, extra : float array, shape (n milestones, n courses)
            Days by which each starts later than its predecessors make it, and takes longer than planned.
        rescoped : bool array, same shape
            Where added work is there, and cancelled work is not.

        Returns
        -------
        float array, length n courses
            All zero gives the planned finish, all as it happened the real one. [place on the axis]
        """
        present = np.ones(delays.shape, dtype=bool)
        for k, step in self._steps.items():
            if step.kind != "kept":
                present[k] = rescoped[k] == (step.kind == "added")

        def begin(k: int, ready: np.ndarray, days: np.ndarray) -> np.ndarray:
            step = self._steps[k]
            ready = step.team.next_morning(ready)
            if step.kind == "added":
                days[:] = step.span
                return np.where(present[k], ready + step.offset, -np.inf)
            start = self.planned_morning[k] + step.pushed(ready) + delays[k]
            days[:] = np.where(present[k], np.maximum(step.span + extra[k], step.least_span), 0.0)
            return np.where(present[k], start, ready)

        finishes = np.zeros(delays.shape)
        self._network.schedule(finishes, begin=begin)
        return np.max(np.where(present, finishes, -np.inf), axis=0)


@dataclass(frozen=True, eq=False)
class _Step:
    """How one milestone follows from its predecessors.

    ``slack`` is the place up to which predecessors may move without pushing it, ``overlap`` how much further it
    did not wait for them, ``early`` how far it was ready to start before its planned day.
    """

    kind: str
    team: TeamDays | AxisDays
    planned_ready: float = np.nan
    slack: float = np.nan
    overlap: float = 0.0
    early: float = 0.0
    offset: float = 0.0
    span: float = 0.0
    least_span: float = 0.0

    def pushed(self, ready):
        """Measure how far predecessors push the start off its planned morning; earlier is negative."""
        late = np.maximum(ready - self.slack - self.overlap, 0.0)
        return late - np.minimum(self.early, np.maximum(self.planned_ready - ready, 0.0))


def as_built(rows: pd.DataFrame) -> AsBuilt:
    """Take the rows of one closed project apart into what pushed each milestone and what it lost by itself.

    Parameters
    ----------
    rows : DataFrame keeping the HISTORY contract, one project
        Without a single date the milestones are laid out one after the other, as their logic allows.

    Returns
    -------
    AsBuilt
    """
    if rows[_DATES].isna().all(axis=None):
        rows = rows.assign(project_start=SOME_MONDAY)
    own, milestones = own_durations(rows), list(rows["milestone"])
    teams = project_days(rows["calendar"]).teams
    added, cancelled = is_added(rows).to_numpy(), is_cancelled(rows).to_numpy()
    planned = own[["baseline_morning", "baseline_evening"]].to_numpy().T.copy()
    actual = own[["actual_morning", "actual_evening"]].to_numpy().T.copy()
    planned[:, added], actual[:, cancelled] = np.nan, np.nan
    floor = _first_morning(rows, planned, actual)
    network = network_from(milestones, dependencies_of(rows), origin=np.nan)
    network = replace(network, earliest=np.full(len(rows), floor))
    split, allowed, steps = np.full((5, len(rows)), np.nan), list(network.links), {}
    for k in network.order:
        team, links = teams.get(k, EVERY_DAY), network.links[k]
        ready = [
            float(team.next_morning(np.array([_bound(links, course, floor)]))[0])
            for course in (planned, actual)
        ]
        for course, morning in zip((planned, actual), ready, strict=True):
            if np.isnan(course[0, k]):  # a date is missing: the work began when it could
                course[0, k] = np.minimum(morning, course[1, k])
        spans = planned[1, k] - planned[0, k], actual[1, k] - actual[0, k]
        if np.isnan(spans[0]) and np.isnan(spans[1]):
            actual[:, k] = ready[1]
            steps[k] = _Step("added", team, offset=-np.inf)
            continue
        if np.isnan(spans[0]):
            allowed[k] = tuple(link for link in links if link.into_start)
            steps[k] = _Step("added", team, offset=actual[0, k] - ready[1], span=spans[1])
            continue
        # A finish that did not wait for what it is linked to need not wait for it in any course.
        allowed[k] = links = tuple(_not_violated(link, k, planned, actual) for link in links)
        held = _held(links, planned, -np.inf)
        if held >= planned[1, k] - NOISE:  # it waited for a link to its finish, or might have
            needed = float(team.finish_after(planned[0, k], own["baseline_own_days"].iloc[k])) - planned[0, k]
            spans = min(spans[0], needed), spans[1]
        slack = max(ready[0], planned[0, k])
        step = _Step("kept", team, ready[0], slack, span=spans[0], least_span=min(0.0, *spans))
        if np.isnan(spans[1]):
            steps[k] = replace(step, kind="cancelled")
            actual[:, k] = ready[1]  # for those that wait for it
            continue
        shift = actual[0, k] - planned[0, k]
        steps[k] = step = _as_it_was(step, ready[1], shift)
        pushed = float(step.pushed(ready[1]))
        bound = _held(links, actual, -np.inf)
        handed = max(planned[0, k] + pushed + spans[0], bound)
        begun = max(actual[0, k] + spans[0], bound)
        took = spans[1] if bound < actual[1, k] - NOISE else min(spans[1], spans[0])
        split[:, k] = (
            handed - planned[1, k],
            begun - handed,
            actual[1, k] - begun,
            shift - pushed,
            took - spans[0],
        )
    gone = np.isnan(own["actual_evening"].to_numpy()) | cancelled
    actual[:, gone] = np.nan
    return AsBuilt(own, *planned, *actual, *split, replace(network, links=tuple(allowed)), steps)


def _as_it_was(step: _Step, ready: float, shift: float) -> _Step:
    """Let the milestone overlap with its predecessors, or start early, as far as it really did."""
    late = max(ready - step.slack, 0.0)
    return replace(step, overlap=max(late - max(shift, 0.0), 0.0), early=max(-shift, 0.0))


def _bound(links: tuple[Link, ...], course: np.ndarray, least: float, *, into_start: bool = True) -> float:
    """The place at which links allow a start, or a finish, in one course; unknown predecessors hold nothing up."""
    ends = [
        course[int(link.from_finish), link.place] + link.lag_days
        for link in links
        if link.into_start is into_start
    ]
    return max([least, *(end for end in ends if np.isfinite(end))])


def _held(links: tuple[Link, ...], course: np.ndarray, least: float) -> float:
    return _bound(links, course, least, into_start=False)


def _not_violated(link: Link, k: int, *courses: np.ndarray) -> Link:
    """A link to a finish, its lag shortened as far as the plan or the work itself did not keep it."""
    if link.into_start:
        return link
    ends = [course[int(link.from_finish), link.place] + link.lag_days - course[1, k] for course in courses]
    return replace(link, lag_days=link.lag_days - max([0.0, *(end for end in ends if np.isfinite(end))]))


def _first_morning(rows: pd.DataFrame, planned: np.ndarray, actual: np.ndarray) -> float:
    starts = rows["project_start"].dropna()
    if len(starts):
        return float(project_calendar(rows).mornings(starts.iloc[:1])[0])
    known = planned[0] if np.isfinite(planned[0]).any() else actual[0]
    return float(np.nanmin(known))
