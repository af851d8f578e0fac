"""What is left of a running project, read in four ways from its plan and its progress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimation.forecasting.earned_schedule import earned_schedule, milestone_weights, planned_value
from estimation.project.progress import DATE, DAYS
from estimation.project.standing import Standing

NEARLY_ALL = 0.99
"""Share of the work at which it is nearly done: the last hundredth often waits for formalities."""


@dataclass(frozen=True)
class Readings:
    """What is left of a project at a status date, read in four ways; all times in working days of its calendar.

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
    team_days : float
        What is left by the dates and days that the team named; where it named none, by the plan. Of a plan that was
        multiplied, less its factor: dates that follow it hold that reserve already.
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
    team_days: float


def readings_of(standing: Standing) -> Readings:
    """Read from where a project stands how much of it is done and how long the rest takes as planned.

    Each milestone weighs what ``milestone_weights`` says and earns its weight as its work is done. Dates that the team
    named do not count, what it said of days and shares does. Work that was cut, or that no baseline knew, weighs
    nothing. Where the plan has no dependencies of its own, ``base_days`` is the mean of the two readings of the plan
    alone: the assumed order is no evidence.
    """
    plan, state, pace = standing.plan, standing.state, standing.pace
    counted = ~(plan.is_added | state.is_cancelled)
    weights = milestone_weights(plan.milestones[counted], pace.own_days[counted])
    finishes = pace.evening[counted] - plan.network.origin
    starts = np.where(pace.own_days[counted] > 0, pace.morning[counted] - plan.network.origin, finishes)
    times, values = planned_value(np.maximum(starts, 0.0), np.maximum(finishes, 0.0), weights)
    planned_days = float(times[-1])

    done = share_done(standing)
    earned = float(weights @ done[counted])
    reached = float(earned_schedule(times, values, earned))
    nearly_all = float(earned_schedule(times, values, NEARLY_ALL * values[-1]))
    plan_left, plan_left_99 = max(planned_days - reached, 0.0), max(nearly_all - reached, 0.0)

    whole = np.zeros(len(done))
    whole[counted] = weights
    work_left, work_left_99 = _work_left(standing, whole * (1 - done))
    readings = [plan_left, plan_left_99]
    if standing.among.reports.plan.milestones["depends_on"].notna().any():
        readings += [work_left, work_left_99]
    return Readings(
        elapsed_days=state.now,
        planned_days=planned_days,
        earned_share=earned,
        earned_schedule=reached,
        plan_left=plan_left,
        plan_left_99=plan_left_99,
        work_left=work_left,
        work_left_99=work_left_99,
        base_days=float(np.mean(readings)),
        team_days=max(float(standing.expected_finish.max() - state.now), 0.0) / _reserve(standing),
    )


def _reserve(standing: Standing) -> float:
    """By how much the approved plan is longer than its estimates: dates that the team named hold that reserve."""
    spoken = np.isin(standing.state.left_by[~standing.state.is_over], (DATE, DAYS)).any()
    return standing.among.reports.plan.reserve if spoken else 1.0


def share_done(standing: Standing) -> np.ndarray:
    """Tell of each milestone which share of its work is done: as the team says, else by the days gone of all its days.

    Work that has outlasted its plan and says nothing is taken as nearly done, not as done.
    """
    state = standing.state
    gone = np.where(state.is_running, state.taken_days, 0.0)
    whole = np.where(np.isnan(state.remaining_days), state.planned_days, gone + state.left_days)
    by_time = np.divide(gone, whole, out=np.ones(len(gone)), where=whole > 0)
    by_time = np.where(np.isnan(state.remaining_days), by_time.clip(0, NEARLY_ALL), by_time)
    share = np.where(np.isnan(state.percent_complete), by_time * state.is_running, state.percent_complete)
    return np.where(state.is_done, 1.0, np.where(state.is_cancelled, 0.0, share))


def _work_left(standing: Standing, left_weights: np.ndarray) -> tuple[float, float]:
    """Count the days of the rest at planned durations: to its end, and until all but 1 % of the weight is earned."""
    state, finishes = standing.state, standing.possible_finish
    starts, open_ = state.walked(to_dates=False)[0], ~state.is_over
    if not open_.any():
        return 0.0, 0.0
    begins = np.maximum(starts[open_], state.now) - state.now
    ends = np.maximum(finishes[open_] - state.now, begins)
    times, values = planned_value(begins, ends, left_weights[open_])
    needed = values[-1] - (1 - NEARLY_ALL)
    return float(ends.max()), float(earned_schedule(times, values, needed)) if needed > 0 else 0.0
