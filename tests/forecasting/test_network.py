import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_by_hand import plan_rows

from estimation.errors import InputError
from estimation.forecasting.network import count_driving, network_of, walk
from estimation.planning.plan import build_plan


def diamond(**changes):
    """A starts; B (short) and C (long) run beside each other; D needs both."""
    rows = {
        "A": {"baseline_days": 2.0},
        "B": {"baseline_days": 3.0, "depends_on": "A"},
        "C": {"baseline_days": 6.0, "depends_on": "A"},
        "D": {"baseline_days": 2.0, "depends_on": "B; C"},
    }
    return build_plan(plan_rows(*({"milestone": k, **row, **changes.get(k, {})} for k, row in rows.items())))


def courses(plan, days):
    finishes = np.array(days, dtype=float)
    starts = walk(network_of(plan), finishes)
    return starts, finishes


def walked(plan, *days):
    starts, finishes = courses(plan, np.array(days)[:, None])
    return starts[:, 0].tolist(), finishes[:, 0].tolist()


def driving_share(plan, days):
    starts, finishes = courses(plan, days)
    return (count_driving(network_of(plan), starts, finishes) / finishes.shape[1]).tolist()


def test_work_begins_when_its_last_predecessor_is_done():
    # A 0-2; B 2-5; C 2-8; D 8-10.
    assert walked(diamond(), 2, 3, 6, 2) == ([0, 2, 2, 8], [2, 5, 8, 10])


def test_at_the_planned_durations_the_walk_is_the_plan():
    plan = diamond()
    finishes = walked(plan, *plan.baseline.own_days)[1]
    assert finishes == (plan.baseline.evening - network_of(plan).origin).tolist()


@pytest.mark.parametrize(
    ("link", "start", "finish"),
    [
        ("A", 4, 7),  # A 0-4, then B 4-7
        ("AA", None, None),
        ("A FS+2d", 6, 9),
        ("A FS-1d", 3, 6),
        ("A SS+1d", 1, 4),
        ("A FF+1d", 0, 5),  # B would be done on 3; it may not be before A's 4 + 1
        ("A SF+6d", 0, 6),  # not done before A's start 0 + 6
    ],
)
def test_each_kind_of_link_moves_the_end_it_is_about(link, start, finish):
    if link == "AA":
        with pytest.raises(InputError, match="Did you mean A"):
            build_plan(plan_rows({"milestone": "A", "baseline_days": 4.0},
                                 {"milestone": "B", "baseline_days": 3.0, "depends_on": link}))  # fmt: skip
        return
    plan = build_plan(
        plan_rows(
            {"milestone": "A", "baseline_days": 4.0},
            {"milestone": "B", "baseline_days": 3.0, "depends_on": link},
        )
    )
    starts, finishes = walked(plan, 4, 3)
    assert (starts[1], finishes[1]) == (start, finish)


def test_work_waits_for_its_not_before_date_and_for_a_gap_in_the_plan():
    # Not before Mon 16 March: ten working days after Mon 2.
    held = diamond(B={"not_before": "2026-03-16"})
    assert walked(held, 2, 3, 6, 2)[0][1] == 10
    gap = diamond(D={"baseline_start": "2026-03-16"})
    assert walked(gap, 2, 3, 6, 2)[0][3] == 10


def test_the_driving_path_is_the_chain_that_set_the_finish():
    # C (6) beats B (3) in the first course, B (9) beats C in the second: each drives half of the time.
    plan = diamond()
    days = np.array([[2, 2], [3, 9], [6, 6], [2, 2]], dtype=float)
    assert driving_share(plan, days) == [1.0, 0.5, 0.5, 1.0]


def test_work_beside_the_driving_path_does_not_drive_even_when_it_sets_the_start_of_idle_work():
    # E hangs on B and ends the project nowhere: A, C, D drive; B sets the start of E, which is over long before D.
    plan = build_plan(
        plan_rows(
            *({"milestone": k, "baseline_days": d, "depends_on": on} for k, d, on in
              (("A", 2.0, ""), ("B", 3.0, "A"), ("C", 6.0, "A"), ("D", 2.0, "C"), ("E", 1.0, "B")))
        )
    )  # fmt: skip
    days = np.array([[2.0], [3.0], [6.0], [2.0], [1.0]])
    assert driving_share(plan, days) == [1, 0, 1, 1, 0]


def test_a_link_between_finishes_moves_the_plan_and_its_walk_alike():
    # 1 takes 20 days; 2 (3 days) may not finish before two days after it: evening 22, in the plan as in the walk.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 20.0, "depends_on": ""},
            {"milestone": "2", "baseline_days": 3.0, "depends_on": "1FF+2d"},
            {"milestone": "3", "baseline_days": 2.0, "depends_on": "2"},
        )
    )
    finishes = walked(plan, *plan.baseline.own_days)[1]
    assert finishes == (plan.baseline.evening - network_of(plan).origin).tolist()
    assert (plan.baseline.evening - plan.calendar.mornings([plan.start])[0]).tolist() == [20, 22, 24]


def test_criticality_over_random_courses_equals_naming_the_longest_chain_by_hand():
    rng = np.random.default_rng(3)
    days = rng.uniform(1, 10, (4, 500))
    share = driving_share(diamond(), days)
    assert share[1] == pytest.approx((days[1] > days[2]).mean())
    assert share[2] == pytest.approx((days[2] > days[1]).mean())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000_000))
def test_a_new_dependency_never_makes_any_milestone_earlier(seed):
    rng = np.random.default_rng(seed)
    days = rng.uniform(0.5, 10, (4, 20))
    _, free = courses(diamond(), days)
    _, bound = courses(diamond(B={"depends_on": "A; C"}), days)
    assert (bound >= free).all()
