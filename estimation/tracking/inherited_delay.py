"""What one delay does to the milestones after it: dates handed down through the plan, planned gaps used up first."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from estimation.calendar.team_calendars import EVERY_DAY
from estimation.project.network import NOISE
from estimation.project.plan import Plan


@dataclass(frozen=True, eq=False)
class HandedDown:
    """Dates of a plan after delays went through it; places on the working-day axis, length n milestones.

    Parameters
    ----------
    morning, evening : float arrays
        When each milestone starts, and the evening of the day in which it finishes.
    forced : float array
        When it would finish by what its predecessors hand down alone, at planned durations; never before the plan.
    """

    morning: np.ndarray
    evening: np.ndarray
    forced: np.ndarray


def hand_down(
    plan: Plan,
    not_before: np.ndarray,
    *,
    begun: np.ndarray | None = None,
    done: np.ndarray | None = None,
    own_late: np.ndarray | float = 0.0,
) -> HandedDown:
    """Let dates move what comes after them: no milestone finishes before its own date or before its logic allows.

    Parameters
    ----------
    plan : Plan
    not_before : float array, length n [places on the axis]
        Evening before which each milestone does not finish: what is expected of it taken by itself.
    begun : float array, length n, optional
        Mornings on which work has begun, NaN where it has not: its start waits for nothing any more.
    done : flag array, length n, optional
        Milestones that have their date and keep it.
    own_late : float array, length n, optional [working days]
        What each milestone adds itself to what it is handed.

    Returns
    -------
    HandedDown
        A start waits for its predecessors and never lies before the planned one.
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
    return HandedDown(mornings + network.origin, evening, forced)


def effect_of(plan: Plan, own_late: np.ndarray, milestone: str) -> np.ndarray:
    """Say how far every milestone moves because one of them finishes late.

    The larger of two answers counts: how far it moves when that milestone alone is late, and how much less it would
    move had that one been in time. A gap in the plan takes up the first of several delays, work side by side hides
    one behind another; each answer alone would let one of them go free.

    Parameters
    ----------
    plan : Plan
    own_late : float array, length n milestones [working days]
        What each milestone adds itself.
    milestone : str

    Returns
    -------
    float array, length n milestones [working days]
        Nothing for the milestone itself.
    """
    one = (plan.milestones["milestone"] == milestone).to_numpy()
    own_late = np.maximum(own_late, 0.0)
    planned = plan.baseline.evening

    def played(days: np.ndarray) -> np.ndarray:
        return hand_down(plan, planned, own_late=days).evening

    alone = played(np.where(one, own_late, 0.0)) - planned
    less = played(own_late) - played(np.where(one, 0.0, own_late))
    return np.where(one, 0.0, np.maximum(alone, less))
