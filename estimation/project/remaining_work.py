"""What is left of each milestone of a running project, and when it ends if that goes as planned."""

from __future__ import annotations

import numpy as np

from estimation.project.plan import Plan
from estimation.project.progress import ProjectState

NEARLY_ALL = 0.99
"""Share of the work at which it is nearly done: the last hundredth often waits for formalities."""


def progress_of(state: ProjectState, own_days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell of each milestone which share is done, and how many working days of it are left."""
    gone = np.where(state.is_running, state.now - state.start, 0.0)
    # Work that has outlasted its plan and says nothing is taken as nearly done, not as done.
    by_time = np.divide(gone, own_days, out=np.ones(len(own_days)), where=own_days > 0).clip(0, NEARLY_ALL)
    by_team = np.divide(gone, gone + state.remaining_days, out=np.full(len(own_days), np.nan), where=gone > 0)
    told = np.where(np.isnan(by_team), by_time, by_team)
    share = np.where(
        np.isnan(state.percent_complete), np.where(state.is_running, told, 0.0), state.percent_complete
    )
    share = np.where(state.is_finished, 1.0, share)
    by_share = np.where(
        np.isnan(state.percent_complete), np.maximum(own_days - gone, 0.0), (1 - share) * own_days
    )
    left = np.where(np.isnan(state.remaining_days), by_share, state.remaining_days)
    return share, np.where(state.is_finished, 0.0, np.where(state.is_running, left, own_days))


def planned_rest(plan: Plan, state: ProjectState) -> np.ndarray:
    """Say when each milestone finishes if what is left goes on at planned durations from the status date.

    Parameters
    ----------
    plan : Plan
    state : ProjectState

    Returns
    -------
    float array, length n milestones [working days after the status date]
        Nothing of what is done.
    """
    left_days = progress_of(state, plan.baseline.own_days)[1]
    return np.where(
        state.is_finished, 0.0, np.maximum(rolled_forward(plan, state, left_days)[1] - state.now, 0.0)
    )


def planned_durations(plan: Plan, state: ProjectState | None) -> np.ndarray:
    """Say how long each milestone takes in all if what is left of it takes its planned days.

    Parameters
    ----------
    plan : Plan
    state : ProjectState or None
        None before the project starts.

    Returns
    -------
    float array, length n milestones [working days]
    """
    if state is None:
        return plan.baseline.own_days.astype(float)
    return _gone(state) + progress_of(state, plan.baseline.own_days)[1]


def _gone(state: ProjectState) -> np.ndarray:
    """Count the days that finished and running work has used."""
    return np.nan_to_num(np.where(state.is_finished, state.finish - state.start, state.taken_days))


def rolled_forward(plan: Plan, state: ProjectState, left_days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Play what is left once at planned durations; give starts and finishes."""
    finishes = (_gone(state) + left_days)[:, None]
    starts = plan.network.standing_at(state).schedule(finishes)  # turns the durations into finishes
    return starts[:, 0], finishes[:, 0]
