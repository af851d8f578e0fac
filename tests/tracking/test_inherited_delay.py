import numpy as np
import pytest
from plans_by_hand import diamond
from tables_by_hand import plan_rows

from estimation.project.plan import build_plan
from estimation.tracking.inherited_delay import effect_of, inherited_evenings


def with_a_gap():
    """a 2-6 March 2026 (Mon-Fri); b waits for it and is booked for 11-13 March: Mon 9 and Tue 10 are free."""
    return build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {
                "milestone": "b",
                "baseline_start": "2026-03-11",
                "baseline_finish": "2026-03-13",
                "depends_on": "a",
            },
        )
    )


def moved(plan, **late_days):
    """Days by which each milestone moves when some finish late."""
    late = np.array([late_days.get(each, 0.0) for each in plan.milestones["milestone"]])
    return (inherited_evenings(plan, late) - plan.baseline.evening).tolist()


@pytest.mark.parametrize(("late", "follows"), [(-3, 0), (0, 0), (2, 0), (3, 1), (6, 4)])
def test_a_gap_in_the_plan_takes_up_the_first_days(late, follows):
    assert moved(with_a_gap(), a=late) == [max(late, 0), follows]


def test_a_start_to_start_link_passes_no_late_finish_on():
    plan = build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a SS+2d"},
            {"milestone": "c", "baseline_days": 1.0, "depends_on": "a FF+3d"},
        )
    )
    # c is held back by the finish of a: it ends three days after it, whenever that is.
    assert moved(plan, a=4) == [4, 0, 4]


def test_of_two_delays_beside_each_other_neither_goes_free():
    # B (3 days) has 3 days of room beside C (6 days). B 5 late alone moves D by 2; C 2 late alone by 2.
    plan = diamond()
    own = np.array([0.0, 5.0, 2.0, 0.0])
    assert effect_of(plan, own, "B").tolist() == [0, 0, 0, 2]
    assert effect_of(plan, own, "C").tolist() == [0, 0, 0, 2]


def test_of_two_delays_after_each_other_neither_hides_in_the_gap():
    # Two days free before c: a and b two days late each; one alone is taken up, both together move c by two.
    plan = build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a"},
            {
                "milestone": "c",
                "baseline_start": "2026-03-18",
                "baseline_finish": "2026-03-20",
                "depends_on": "b",
            },
        )
    )
    own = np.array([2.0, 2.0, 0.0])
    assert effect_of(plan, own, "a").tolist() == [0, 2, 2]
    assert effect_of(plan, own, "b").tolist() == [0, 0, 2]


def test_own_days_come_after_those_that_predecessors_hand_down():
    # a five late hands three down to b; b adds four of its own.
    assert moved(with_a_gap(), a=5, b=4) == [5, 7]
