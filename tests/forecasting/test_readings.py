import pytest
from tables_by_hand import plan_rows, status_rows

from estimation.forecasting.readings import readings_of
from estimation.project.plan import build_plan
from estimation.project.standing import standing_of

FRIDAY = "2026-03-06"  # evening of the fifth working day


def diamond(**columns):
    """A 0-2; B 2-5 and C 2-8 beside each other; D 8-10. Budgets 10, 30, 40 and 20."""
    rows = [
        {"milestone": "A", "baseline_days": 2.0, "budget_cost": 10.0},
        {"milestone": "B", "baseline_days": 3.0, "budget_cost": 30.0, "depends_on": "A"},
        {"milestone": "C", "baseline_days": 6.0, "budget_cost": 40.0, "depends_on": "A"},
        {"milestone": "D", "baseline_days": 2.0, "budget_cost": 20.0, "depends_on": "B; C"},
    ]
    return build_plan(plan_rows(*rows))


def on_friday(b=None, c=None, plan=None):
    """A took three days instead of two; B is half done, C a fifth, unless told otherwise."""
    updates = status_rows(
        {
            "milestone": "A",
            "actual_start": "2026-03-02",
            "actual_finish": "2026-03-04",
            "percent_complete": 1.0,
        },
        {"milestone": "B", "actual_start": "2026-03-05", **({"percent_complete": 0.5} if b is None else b)},
        {"milestone": "C", "actual_start": "2026-03-05", **({"percent_complete": 0.2} if c is None else c)},
        {"milestone": "D"},
    ).assign(as_of=FRIDAY)
    updates["as_of"] = updates["as_of"].astype("datetime64[s]")
    plan = plan or diamond()
    return readings_of(standing_of(plan, updates, FRIDAY))


def test_what_is_left_is_read_from_plan_and_network():
    # Earned: 10 + 15 + 8 = 33. The plan has 10 on day 2 and then earns 30/3 + 40/6 a day: 33 on day 2 + 23/16.667
    # = 3.38. It reaches 99 on day 9.9. B is done after 1.5 more days, C after 4.8, D after 6.8; the last hundredth
    # is a tenth of a day of D.
    standing = on_friday()
    assert (standing.elapsed_days, standing.planned_days) == (5, 10)
    assert standing.earned_share == pytest.approx(0.33)
    assert standing.earned_schedule == pytest.approx(3.38)
    assert standing.plan_left == pytest.approx(6.62)
    assert standing.plan_left_99 == pytest.approx(6.52)
    assert standing.work_left == pytest.approx(6.8)
    assert standing.work_left_99 == pytest.approx(6.7)
    assert standing.base_days == pytest.approx((6.62 + 6.52 + 6.8 + 6.7) / 4)


def test_what_the_team_says_is_left_comes_before_the_share_complete():
    # C needs 6 more days, D two after it.
    assert on_friday(c={"percent_complete": 0.2, "remaining_days": 6.0}).work_left == pytest.approx(8.0)


def test_without_progress_the_planned_days_less_those_gone_are_left():
    # B and C have run for two days: 1 of 3 and 4 of 6 are left. Earned: 10 + 30 x 2/3 + 40 / 3.
    standing = on_friday(b={}, c={})
    assert standing.work_left == pytest.approx(6.0)
    assert standing.earned_share == pytest.approx(0.10 + 0.20 + 0.40 / 3)


def test_work_that_has_outlasted_its_plan_is_not_done_by_that():
    # B was to take one day and has run for two.
    rows = [
        {"milestone": "A", "baseline_days": 2.0},
        {"milestone": "B", "baseline_days": 1.0, "depends_on": "A"},
        {"milestone": "C", "baseline_days": 6.0, "depends_on": "A"},
        {"milestone": "D", "baseline_days": 2.0, "depends_on": "B; C"},
    ]
    standing = on_friday(b={}, c={}, plan=build_plan(plan_rows(*rows)))
    assert standing.earned_share == pytest.approx((2 + 0.99 * 1 + 2) / 11)


def test_without_dependencies_the_assumed_order_is_no_evidence():
    plan = build_plan(
        plan_rows({"milestone": "A", "baseline_days": 4.0}, {"milestone": "B", "baseline_days": 6.0})
    )
    nothing = status_rows({"milestone": "A", "percent_complete": 0.0})
    standing = readings_of(standing_of(plan, nothing, "2026-03-03"))
    # Nothing has begun: all of the plan is left, of the last 1 % a tenth of a day.
    assert (standing.earned_schedule, standing.plan_left) == (0, 10)
    assert standing.base_days == pytest.approx((10 + 9.9) / 2)


def test_a_finished_project_has_nothing_left():
    plan = build_plan(plan_rows({"milestone": "A", "baseline_days": 4.0}))
    updates = status_rows(
        {"milestone": "A", "as_of": FRIDAY, "actual_start": "2026-03-02", "actual_finish": FRIDAY}
    )
    standing = readings_of(standing_of(plan, updates, FRIDAY))
    assert (standing.earned_share, standing.work_left, standing.base_days) == (1, 0, 0)


@pytest.mark.parametrize("form", ["days", "dates"])
def test_dates_that_follow_a_multiplied_plan_hold_its_reserve_in_whatever_form_it_comes(form):
    # Two milestones of 5 days each, approved as 10 and 10 (2 to 27 March): twice as long. On 6 March the team says that
    # the first ends on 13 March and the second on 27 March: 15 of 20 approved days are left, 7.5 as estimated.
    approved = {
        "days": ({"baseline_days": 10.0}, {"baseline_days": 10.0}),
        "dates": ({"baseline_finish": "2026-03-13"}, {"baseline_finish": "2026-03-27"}),
    }[form]
    first, second = approved
    plan = build_plan(
        plan_rows(
            {"milestone": "A", "estimate_days": 5.0, **first},
            {"milestone": "B", "estimate_days": 5.0, "depends_on": "A", **second},
        )
    )
    said = status_rows(
        {"milestone": "A", "actual_start": "2026-03-02", "as_of": FRIDAY, "forecast_finish": "2026-03-13"},
        {"milestone": "B", "as_of": FRIDAY, "forecast_finish": "2026-03-27"},
    )
    assert plan.estimated.reserve == 2
    assert readings_of(standing_of(plan, said, FRIDAY).estimated).team_days == 7.5
