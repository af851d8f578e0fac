"""What one delay does to the milestones after it: dates handed down through the plan, planned gaps used up first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimation.calendar.team_calendars import EVERY_DAY
from estimation.project.links import earliest_start
from estimation.project.plan import Plan


@dataclass(frozen=True, eq=False)
class InheritedDates:
    """Dates of a plan after delays went through it; places on the working-day axis, length n milestones.

    ``forced`` is when each would finish by what it inherits alone, at planned durations; never before the plan.
    """

    morning: np.ndarray
    evening: np.ndarray
    forced: np.ndarray


def inherited_dates(
    plan: Plan,
    not_before: np.ndarray,
    *,
    begun: np.ndarray | None = None,
    done: np.ndarray | None = None,
    own_late: np.ndarray | float = 0.0,
) -> InheritedDates:
    """Let dates move what comes after them: no milestone finishes before its own date or before its logic allows.

    ``not_before`` is the evening expected of each milestone taken by itself, ``begun`` the morning on which its work
    began (NaN where it has not): its start waits for nothing any more. What is done keeps its date. ``own_late`` is
    what each adds itself to what it inherits. [working days] A start waits for its predecessors and never lies before
    the planned one.
    """
    ids = list(plan.milestones["milestone"])
    place = {milestone: k for k, milestone in enumerate(ids)}
    begun = np.full(len(ids), np.nan) if begun is None else begun
    done = np.zeros(len(ids), bool) if done is None else done
    own_late = np.broadcast_to(own_late, len(ids))
    planned, fixed = plan.baseline, plan.fixed_evenings
    morning, evening = planned.morning.astype(float), np.array(not_before, float)
    forced = planned.evening.astype(float)
    starts: dict[str, float] = {}
    finishes: dict[str, float] = {}
    for milestone in plan.order:
        k, links = place[milestone], plan.dependencies[milestone]
        team = plan.team_days.get(k, EVERY_DAY)
        begins = max(earliest_start(links, starts, finishes, planned.morning[k]), planned.morning[k])
        ends = {"FF": finishes, "SF": starts}
        held = [ends[link.kind][link.milestone] + link.lag_days for link in links if link.kind in ends]
        after = float(team.finish_after(begins, planned.own_days[k]))
        forced[k] = np.ceil(max(planned.evening[k], fixed[k], after, *held) - 1e-9)
        morning[k] = begun[k] if np.isfinite(begun[k]) else begins
        if not done[k]:
            waits = np.isnan(begun[k])
            allowed = max(fixed[k], *held, after if waits else -np.inf)
            evening[k] = max(not_before[k], allowed, forced[k] + own_late[k] if own_late[k] > 0 else -np.inf)
        starts[milestone], finishes[milestone] = morning[k], evening[k]
    return InheritedDates(morning, evening, forced)


def effect_of(plan: Plan, own_late: np.ndarray, milestone: str) -> np.ndarray:
    """Say how far every milestone moves because one of them finishes late; nothing for that one.

    The larger of two answers counts: how far it moves when that milestone alone is late, and how much less it would
    move had that one been in time. A gap in the plan takes up the first of several delays, work side by side hides
    one behind another; each answer alone would let one of them go free. [working days]
    """
    one = (plan.milestones["milestone"] == milestone).to_numpy()
    own_late = np.maximum(own_late, 0.0)
    planned = plan.baseline.evening

    def played(days: np.ndarray) -> np.ndarray:
        return inherited_dates(plan, planned, own_late=days).evening

    alone = played(np.where(one, own_late, 0.0)) - planned
    less = played(own_late) - played(np.where(one, 0.0, own_late))
    return np.where(one, 0.0, np.maximum(alone, less))
