"""Earned value on the time axis: what the plan had earned by when, and when it planned to have earned what is done."""

from __future__ import annotations

import numpy as np
import pandas as pd

WEIGHT_COLUMNS = ("weight", "budget_cost", "baseline_days")
"""What a milestone weighs, the first that the plan has for all of its milestones."""

ROUNDING = 1e-9


def milestone_weights(milestones: pd.DataFrame) -> np.ndarray:
    """Find how much of the project each milestone carries; the weights add up to 1.

    Its ``weight``, else its budget, else its planned days, whichever comes first that the plan gives for all
    milestones; else all weigh the same.
    """
    for name in WEIGHT_COLUMNS:
        weights = milestones[name].to_numpy(dtype=float)
        if np.isfinite(weights).all() and weights.min() >= 0 and weights.sum() > 0:
            return weights / weights.sum()
    return np.full(len(milestones), 1 / len(milestones))


def planned_value(mornings, evenings, weights) -> tuple[np.ndarray, np.ndarray]:
    """Give the curve of planned value as times and values: how much the plan has earned by when.

    Straight between the points. Each milestone earns its weight evenly between its planned start and finish, one
    without duration at once: two points at one time are a jump.

    >>> times, values = planned_value(np.array([0.0, 5.0]), np.array([5.0, 5.0]), np.array([3.0, 1.0]))
    >>> times.tolist(), values.tolist()
    ([0.0, 0.0, 5.0, 5.0], [0.0, 0.0, 3.0, 4.0])
    """
    times = np.unique(np.concatenate([mornings, evenings]))
    span = evenings - mornings
    gone = (times[:, None] - mornings) / np.where(span > 0, span, 1.0)
    evenly = np.where(span > 0, np.clip(gone, 0.0, 1.0), 0.0) @ weights
    at_once = np.where(span > 0, 0.0, weights)
    before = evenly + (evenings < times[:, None]) @ at_once
    after = evenly + (evenings <= times[:, None]) @ at_once
    return np.repeat(times, 2), np.column_stack([before, after]).ravel()


def earned_schedule(times, planned, earned, *, start: float = 0.0, nearest_to=None) -> np.ndarray:
    """Find the time at which the plan was to have earned what has been earned: the earned schedule (ES).

    An ES of 20 days after 25 days is five days late: ``SPI(t) = ES / AT`` is .8 and, unlike SPI, does not return to 1
    when a late project completes. ``planned`` rises from 0 at ``start``. Where the plan earns nothing for a while,
    the earliest such time, from the whole planned value on the end of the plan; with ``nearest_to``, the status date,
    the time nearest to it. Lipke, Schedule is different, The Measurable News, March 2003.

    >>> earned_schedule([1.0, 2.0, 3.0, 4.0], [10.0, 30.0, 60.0, 100.0], 45.0).item()
    2.5
    """
    times = np.concatenate([[start], np.asarray(times, dtype=float)])
    planned = np.concatenate([[0.0], np.asarray(planned, dtype=float)])
    earned = np.maximum(np.asarray(earned, dtype=float), 0.0)
    # Sums of shares differ from one another in the last digits: what is missing by rounding is earned.
    rounding = ROUNDING * planned[-1]
    complete = earned >= planned[-1] - rounding
    after = np.searchsorted(planned, np.where(complete, planned[-1], earned) - rounding)
    reached = _time_between(times, planned, earned, after)
    if nearest_to is None:
        return np.where(complete, times[-1], reached)
    beyond = np.searchsorted(planned, earned + rounding, side="right")
    latest = _time_between(times, planned, earned, beyond)
    return np.clip(nearest_to, reached, np.maximum(latest, reached))


def _time_between(times, planned, earned, after) -> np.ndarray:
    """Find when the earned value is reached on the straight line that ends at the point ``after``."""
    before, after = np.maximum(after - 1, 0), np.minimum(after, len(times) - 1)
    rise = planned[after] - planned[before]
    part = np.divide(earned - planned[before], rise, out=np.ones(np.shape(earned)), where=rise > 0)
    return times[before] + np.clip(part, 0.0, 1.0) * (times[after] - times[before])


def planned_by(curve: tuple[np.ndarray, np.ndarray], now: float) -> float:
    """Read the curve of planned value on an evening; what is planned for that evening counts."""
    times, values = curve
    after = int(np.searchsorted(times, now, side="right"))
    if after == len(times):
        return float(values[-1])
    if after == 0:
        return 0.0
    part = (now - times[after - 1]) / (times[after] - times[after - 1])
    return float(values[after - 1] + part * (values[after] - values[after - 1]))
