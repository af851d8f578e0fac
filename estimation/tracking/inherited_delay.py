"""What one delay does to the milestones after it: dates handed down through the plan, planned gaps used up first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from estimation.calendar.team_calendars import EVERY_DAY
from estimation.project.network import NOISE
from estimation.project.plan import Plan


@dataclass(frozen=True, eq=False)
class InheritedDates:
    """Dates of a plan after delays went through it; places on the working-day axis, length n milestones.

    ``evening`` is that of the day in which each finishes, ``forced`` that of the day in which it would finish by what
    it inherits alone, at planned durations; never before the plan.
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
    n, network = len(plan.milestones), plan.network
    begun = np.full(n, np.nan) if begun is None else begun - network.origin
    done = np.zeros(n, bool) if done is None else done
    own_late = np.broadcast_to(own_late, n)
    planned, least = plan.baseline.counted_from(-network.origin), not_before - network.origin
    forced, after = planned.evening.astype(float), np.full(n, np.nan)

    def begin(k: int, ready: np.ndarray, days: np.ndarray) -> np.ndarray:
        after[k] = network.teams.get(k, EVERY_DAY).finish_after(ready, days)[0]
        if np.isnan(begun[k]):
            return ready
        days[:] = 0.0  # only links to its finish still hold it up
        return begun[k : k + 1]

    def end(k: int, _start: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        forced[k] = max(planned.evening[k], after[k], allowed[0])
        if done[k]:
            return least[k : k + 1]
        late = forced[k] + own_late[k] if own_late[k] > 0 else -np.inf
        return np.array([max(least[k], allowed[0], late)])

    evenings = planned.own_days[:, None].astype(float)
    held = replace(network, earliest=planned.morning)  # nothing moves in before its planned start
    mornings = held.schedule(evenings, begin=begin, end=end)[:, 0]
    evening, forced = (np.ceil(places - NOISE) + network.origin for places in (evenings[:, 0], forced))
    return InheritedDates(mornings + network.origin, evening, forced)


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
