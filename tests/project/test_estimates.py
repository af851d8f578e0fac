"""What the team estimated, apart from what was approved, worked out by hand."""

import numpy as np
import pytest
from tables_by_hand import plan_rows

from estimation.project.estimates import estimates_of, factors_of
from estimation.project.plan import build_plan


@pytest.mark.parametrize(
    ("row", "own", "estimate", "factor"),
    [
        ({"baseline_days": 12.0}, 12, 12, 1),  # nothing is told: the estimate is the baseline
        ({"baseline_days": 12.0, "factor_used": 1.5}, 12, 8, 1.5),
        ({"baseline_days": 12.0, "estimate_days": 8.0}, 12, 8, 1.5),
        ({"baseline_days": 12.0, "estimate_days": 8.0, "factor_used": 1.6}, 12, 8, 1.6),  # 12.8 rounded down
        ({"factor_used": 1.25}, 5, 4, 1.25),  # dates alone: five days from start to finish
        ({"baseline_days": 40.0, "estimate_days": 30.0}, 8, 6, 4 / 3),  # 40 hours of effort in eight days
        ({"baseline_days": 0.0, "estimate_days": 0.0}, 0, 0, 1),
    ],
)
def test_the_estimate_and_the_factor_follow_from_what_is_given(row, own, estimate, factor):
    rows = plan_rows({"milestone": "1", **row})
    assert estimates_of(rows, np.array([own])) == pytest.approx(estimate)
    assert factors_of(rows, np.array([own])) == pytest.approx(factor)


def multiplied(**gap):
    """A of 5 days and B of 4 were multiplied by two; C takes one day after them."""
    return build_plan(
        plan_rows(
            {"milestone": "A", "baseline_days": 10.0, "factor_used": 2.0},
            {"milestone": "B", "baseline_days": 8.0, "estimate_days": 4.0, "depends_on": "A"},
            {"milestone": "C", "baseline_days": 1.0, "depends_on": "B", **gap},
        )
    )


def test_the_estimated_plan_is_scheduled_from_the_estimates():
    plan = multiplied()
    assert (plan.baseline.evening - plan.network.origin).tolist() == [10, 18, 19]
    estimated = plan.estimated
    assert estimated.baseline.own_days.tolist() == [5, 4, 1]
    assert (estimated.baseline.evening - plan.network.origin).tolist() == [5, 9, 10]
    assert estimated.milestones["baseline_days"].tolist() == [5, 4, 1]
    assert estimated.estimated is estimated


def test_a_gap_of_the_approved_plan_stays_unless_the_team_had_another():
    # The approved plan starts C on 30 March, place 20, two days after B; so does the estimated one.
    kept = multiplied(baseline_start="2026-03-30").estimated
    assert (kept.baseline.morning - kept.network.origin).tolist() == [0, 5, 20]
    assert kept.network.earliest.tolist() == [0, 0, 20]
    # The team's own plan started it on Tuesday 17 March, place 11; multiplied, it follows B at once.
    own = multiplied(estimate_start="2026-03-17").estimated
    assert (own.baseline.morning - own.network.origin).tolist() == [0, 5, 11]
    assert own.network.earliest.tolist() == [0, 0, 11]


def test_work_side_by_side_in_the_approved_plan_is_side_by_side_in_the_estimated_one():
    # Dates alone, one after the other by finish: B is planned to begin while A runs, and both were doubled.
    plan = build_plan(
        plan_rows(
            {
                "milestone": "A",
                "baseline_start": "2026-03-02",
                "baseline_finish": "2026-03-13",
                "factor_used": 2.0,
            },
            {
                "milestone": "B",
                "baseline_start": "2026-03-02",
                "baseline_finish": "2026-03-17",
                "factor_used": 2.0,
            },
        )
    )
    estimated = plan.estimated
    assert (estimated.baseline.morning - plan.network.origin).tolist() == [0, 0]
    assert (estimated.baseline.evening - plan.network.origin).tolist() == [5, 6]


def test_a_plan_of_which_no_estimate_differs_is_its_own_estimate():
    plan = build_plan(plan_rows({"milestone": "A", "baseline_days": 10.0, "factor_used": 1.0}))
    assert plan.estimated is plan
