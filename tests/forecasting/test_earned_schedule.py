import numpy as np
import pytest
from tables_by_hand import plan_rows

from estimation.forecasting.earned_schedule import (
    earned_schedule,
    milestone_weights,
    planned_by,
    planned_value,
)

PERIODS = [1.0, 2.0, 3.0, 4.0]
PLANNED = [10.0, 30.0, 60.0, 100.0]


def test_earned_schedule_is_linear_between_points():
    # The plan reaches 30 after period 2 and 60 after period 3; having earned 45 is halfway: 2.5.
    assert earned_schedule(PERIODS, PLANNED, 45.0) == pytest.approx(2.5)


def test_before_the_first_point_planned_value_rises_from_nothing():
    # 5 of the 10 planned for period 1: half a period.
    assert earned_schedule(PERIODS, PLANNED, [0.0, 5.0]) == pytest.approx([0.0, 0.5])


def test_where_the_plan_earns_nothing_the_earliest_time_counts():
    # Nothing is planned to be earned from 2 to 3.
    assert earned_schedule(PERIODS, [10.0, 30.0, 30.0, 100.0], 30.0) == pytest.approx(2.0)


def test_all_that_was_planned_is_earned_at_the_end_of_the_plan():
    # The last period earns nothing, and yet the plan ends after it.
    assert earned_schedule(PERIODS, [10.0, 30.0, 100.0, 100.0], [100.0, 120.0]) == pytest.approx([4.0, 4.0])


def test_a_plan_that_starts_later_counts_from_its_start():
    assert earned_schedule([12.0, 14.0], [10.0, 30.0], 5.0, start=10.0) == pytest.approx(11.0)


def test_planned_value_rises_evenly_while_work_is_planned():
    # 30 over days 0-3 and 20 over days 1-5: day 1 10, day 3 20 + 10 + 10 = 40, day 5 50.
    times, values = planned_value(np.array([0.0, 1.0]), np.array([3.0, 5.0]), np.array([30.0, 20.0]))
    assert np.interp([1.0, 3.0, 4.0, 5.0], times, values) == pytest.approx([10.0, 40.0, 45.0, 50.0])


def test_work_without_duration_is_earned_at_once():
    # 30 over days 0-3; at 3, 20 more. Having earned 40 takes until 3, not longer.
    times, values = planned_value(np.array([0.0, 3.0]), np.array([3.0, 3.0]), np.array([30.0, 20.0]))
    assert earned_schedule(times, values, [30.0, 40.0, 15.0]) == pytest.approx([3.0, 3.0, 1.5])


@pytest.mark.parametrize(
    ("columns", "weights"),
    [
        ({"weight": [1, 3], "budget_cost": [5, 5], "baseline_days": [9, 1]}, [0.25, 0.75]),
        ({"weight": [1, None], "budget_cost": [4, 1], "baseline_days": [9, 1]}, [0.8, 0.2]),
        ({"budget_cost": [0, 0], "baseline_days": [9, 1]}, [0.9, 0.1]),
        ({"baseline_days": [9, None]}, [0.5, 0.5]),
    ],
)
def test_milestones_weigh_what_the_plan_says_of_all_of_them(columns, weights):
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    table = plan_rows(*({"milestone": str(n), **row} for n, row in enumerate(rows)))
    assert milestone_weights(table, table["baseline_days"].to_numpy()).tolist() == pytest.approx(weights)


def test_in_a_pause_of_the_plan_the_time_nearest_to_the_status_date_counts_where_one_is_named():
    # 30 are planned for every time from 2 to 3: at 1.5 it is 2, at 2.6 it is 2.6, at 7 it is 3.
    pause = [10.0, 30.0, 30.0, 100.0]
    assert [float(earned_schedule(PERIODS, pause, 30.0, nearest_to=now)) for now in (1.5, 2.6, 7.0)] == [
        2.0,
        2.6,
        3.0,
    ]
    # Where the plan earns all the time there is one time only, whatever the status date.
    assert earned_schedule(PERIODS, PLANNED, 45.0, nearest_to=4.0) == pytest.approx(2.5)
    # The last period earns nothing: who is done at 3.5 is on time; from there to the end is no pause that was missed.
    done = [10.0, 30.0, 100.0, 100.0]
    assert [float(earned_schedule(PERIODS, done, 100.0, nearest_to=now)) for now in (1.0, 3.5, 9.0)] == [
        3.0,
        3.5,
        4.0,
    ]


def test_planned_value_is_read_in_the_evening_and_between_points():
    # 30 over days 0-3, at once 20 more: 10 after day 1, 50 in the evening of day 3 and ever after, nothing before.
    curve = planned_value(np.array([0.0, 3.0]), np.array([3.0, 3.0]), np.array([30.0, 20.0]))
    assert [planned_by(curve, now) for now in (-1.0, 1.0, 3.0, 9.0)] == pytest.approx([0, 10, 50, 50])
