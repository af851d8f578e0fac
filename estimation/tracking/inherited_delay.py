"""What one delay does to the milestones after it: dates handed down through the plan, planned gaps used up first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from estimation.project.network import NOISE
from estimation.project.plan import Plan


def inherited_evenings(plan: Plan, own_late: np.ndarray) -> np.ndarray:
    """Evenings of a plan after delays went through it: each is ``own_late`` days later than what it inherits allows.

    A start waits for its predecessors and never lies before the planned one. [places on the axis, those of whole days]
    """
    network, planned = plan.network, plan.baseline.counted_from(-plan.network.origin)

    def end(k: int, _start: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        return np.maximum(allowed, planned.evening[k]) + max(own_late[k], 0.0)

    evenings = planned.own_days[:, None].astype(float)
    replace(network, earliest=planned.morning).schedule(evenings, end=end)
    return np.ceil(evenings[:, 0] - NOISE) + network.origin


def effect_of(plan: Plan, own_late: np.ndarray, milestone: str) -> np.ndarray:
    """Say how far every milestone moves because one of them finishes late; nothing for that one.

    The larger of two answers counts: how far it moves when that milestone alone is late, and how much less it would
    move had that one been in time. A gap in the plan takes up the first of several delays, work side by side hides
    one behind another; each answer alone would let one of them go free. [working days]
    """
    one = (plan.milestones["milestone"] == milestone).to_numpy()
    nothing, all_late = np.zeros(len(own_late)), inherited_evenings(plan, own_late)
    alone = inherited_evenings(plan, np.where(one, own_late, 0.0)) - inherited_evenings(plan, nothing)
    less = all_late - inherited_evenings(plan, np.where(one, 0.0, own_late))
    return np.where(one, 0.0, np.maximum(alone, less))
