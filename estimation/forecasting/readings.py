"""What is left of a running project, read in four ways from its plan and its progress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimation.forecasting.earned_schedule import earned_schedule, milestone_weights, planned_value
from estimation.project.network import network_of
from estimation.project.plan import Plan
from estimation.project.progress import ProjectState
from estimation.project.remaining_work import NEARLY_ALL, progress_of, rolled_forward


@dataclass(frozen=True)
class Standing:
    """How a project stands at a status date; all times in working days of its calendar.

    Parameters
    ----------
    elapsed_days : float
        From the planned start of the project to the status date.
    planned_days : float
        From the planned start to the planned finish of the whole project.
    earned_share : float
        Share of the project's weight that is done. [0-1]
    earned_schedule : float
        After how many days the plan was to have earned as much (ES); less than ``elapsed_days`` is late.
    plan_left, plan_left_99 : float
        What the plan has left from there: to its end, and to 99 % of the weight.
    work_left, work_left_99 : float
        What the unfinished work takes at planned durations, in the order the plan's logic allows: to its end, and
        to 99 % of the weight.
    base_days : float
        Mean of these readings: how long the rest takes if all goes as planned from today.
    """

    elapsed_days: float
    planned_days: float
    earned_share: float
    earned_schedule: float
    plan_left: float
    plan_left_99: float
    work_left: float
    work_left_99: float
    base_days: float


def standing_of(plan: Plan, state: ProjectState) -> Standing:
    """Read from plan and progress how much of a project is done and how long the rest takes as planned.

    Each milestone weighs what ``milestone_weights`` says and earns its weight as its work is done. Of running work,
    left is what the team says, else the share not complete of the planned days, else the planned days less those
    gone. Work that has not begun takes its planned days, begins after the status date, when its predecessors and the
    gaps of the plan allow. Where the plan has no dependencies of its own, ``base_days`` is the mean of the two
    readings of the plan alone: the assumed order is no evidence.
    """
    weights = milestone_weights(plan.milestones)
    network = network_of(plan)
    own_days = plan.baseline.own_days
    finishes = network.baseline
    starts = np.where(own_days > 0, plan.baseline.morning - network.origin, finishes)
    times, values = planned_value(np.maximum(starts, 0.0), np.maximum(finishes, 0.0), weights)
    planned_days = float(times[-1])

    done, left_days = progress_of(state, own_days)
    earned = float(weights @ done)
    reached = float(earned_schedule(times, values, earned))
    nearly_all = float(earned_schedule(times, values, NEARLY_ALL * values[-1]))
    plan_left, plan_left_99 = max(planned_days - reached, 0.0), max(nearly_all - reached, 0.0)

    work_left, work_left_99 = _roll_forward(plan, state, left_days, weights * (1 - done))
    readings = [plan_left, plan_left_99]
    if plan.milestones["depends_on"].notna().any():
        readings += [work_left, work_left_99]
    return Standing(
        elapsed_days=state.now,
        planned_days=planned_days,
        earned_share=earned,
        earned_schedule=reached,
        plan_left=plan_left,
        plan_left_99=plan_left_99,
        work_left=work_left,
        work_left_99=work_left_99,
        base_days=float(np.mean(readings)),
    )


def _roll_forward(
    plan: Plan, state: ProjectState, left_days: np.ndarray, left_weights: np.ndarray
) -> tuple[float, float]:
    """Count the days of the rest at planned durations: to its end, and until all but 1 % of the weight is earned."""
    starts, finishes = rolled_forward(plan, state, left_days)
    open_ = ~state.is_finished
    if not open_.any():
        return 0.0, 0.0
    begins = np.maximum(starts[open_], state.now) - state.now
    ends = np.maximum(finishes[open_] - state.now, begins)
    times, values = planned_value(begins, ends, left_weights[open_])
    needed = values[-1] - (1 - NEARLY_ALL)
    return float(ends.max()), float(earned_schedule(times, values, needed)) if needed > 0 else 0.0
