import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_by_hand import overruns, plan_rows

from estimation.calibration.model import fit_overruns
from estimation.errors import InputError
from estimation.forecasting.forecast import date_at, finish_distribution, forecast_contract, forecast_table
from estimation.forecasting.simulation import driving_share, simulate, walk
from estimation.planning.plan import build_plan
from estimation.tables import check_table

MONDAY = 2  # of March 2026: plans of plan_rows start here


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(1)
    effect = rng.lognormal(0, 0.2, 60)
    return fit_overruns(
        overruns({name: list(median * effect * rng.lognormal(0, 0.3, 60)) for name, median in
                  (("data", 1.6), ("work", 1.1))}), seed=1)  # fmt: skip


def diamond(**changes):
    """A starts; B (short) and C (long) run beside each other; D needs both."""
    rows = {
        "A": {"baseline_days": 2.0},
        "B": {"baseline_days": 3.0, "depends_on": "A"},
        "C": {"baseline_days": 6.0, "depends_on": "A"},
        "D": {"baseline_days": 2.0, "depends_on": "B; C"},
    }
    return build_plan(plan_rows(*({"milestone": k, **row, **changes.get(k, {})} for k, row in rows.items())))


def walked(plan, *days):
    starts, finishes = walk(plan, np.array(days, dtype=float)[:, None])
    project = plan.calendar.mornings([plan.start])[0]
    return (starts[:, 0] - project).tolist(), (finishes[:, 0] - project).tolist()


def test_work_begins_when_its_last_predecessor_is_done():
    # A 0-2; B 2-5; C 2-8; D 8-10.
    assert walked(diamond(), 2, 3, 6, 2) == ([0, 2, 2, 8], [2, 5, 8, 10])


def test_at_the_planned_durations_the_walk_is_the_plan():
    plan = diamond()
    _, finishes = walk(plan, plan.baseline.own_days[:, None])
    assert finishes[:, 0].tolist() == plan.baseline.evening.tolist()


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
    assert driving_share(plan, *walk(plan, days)).tolist() == [1.0, 0.5, 0.5, 1.0]


def test_work_beside_the_driving_path_does_not_drive_even_when_it_sets_the_start_of_idle_work():
    # E hangs on B and ends the project nowhere: A, C, D drive; B sets the start of E, which is over long before D.
    plan = build_plan(
        plan_rows(
            *({"milestone": k, "baseline_days": d, "depends_on": on} for k, d, on in
              (("A", 2.0, ""), ("B", 3.0, "A"), ("C", 6.0, "A"), ("D", 2.0, "C"), ("E", 1.0, "B")))
        )
    )  # fmt: skip
    days = np.array([[2.0], [3.0], [6.0], [2.0], [1.0]])
    assert driving_share(plan, *walk(plan, days)).tolist() == [1, 0, 1, 1, 0]


def test_a_link_between_finishes_moves_the_plan_and_its_walk_alike():
    # 1 takes 20 days; 2 (3 days) may not finish before two days after it: evening 22, in the plan as in the walk.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 20.0, "depends_on": ""},
            {"milestone": "2", "baseline_days": 3.0, "depends_on": "1FF+2d"},
            {"milestone": "3", "baseline_days": 2.0, "depends_on": "2"},
        )
    )
    _, finishes = walk(plan, plan.baseline.own_days[:, None])
    assert finishes[:, 0].tolist() == plan.baseline.evening.tolist()
    assert (plan.baseline.evening - plan.calendar.mornings([plan.start])[0]).tolist() == [20, 22, 24]


def test_a_milestone_called_project_does_not_take_the_place_of_the_project(model):
    plan = build_plan(
        plan_rows(
            {"milestone": "project", "baseline_days": 2.0, "depends_on": ""},
            {"milestone": "2", "baseline_days": 20.0, "depends_on": "project"},
        )
    )
    forecast = forecast_table(simulate(plan, model, seed=1, iterations=400))
    assert date_at(forecast, 0.8, milestone="project") < date_at(forecast, 0.8, milestone="2")
    assert date_at(forecast, 0.8) == date_at(forecast, 0.8, milestone="2")


def test_criticality_over_random_courses_equals_naming_the_longest_chain_by_hand():
    rng = np.random.default_rng(3)
    days = rng.uniform(1, 10, (4, 500))
    share = driving_share(diamond(), *walk(diamond(), days))
    assert share[1] == pytest.approx((days[1] > days[2]).mean())
    assert share[2] == pytest.approx((days[2] > days[1]).mean())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000_000))
def test_a_new_dependency_never_makes_any_milestone_earlier(seed):
    rng = np.random.default_rng(seed)
    days = rng.uniform(0.5, 10, (4, 20))
    _, free = walk(diamond(), days)
    _, bound = walk(diamond(B={"depends_on": "A; C"}), days)
    assert (bound >= free).all()


def test_the_same_seed_gives_the_same_table_and_another_seed_another(model):
    plan = diamond()
    one, same, other = (forecast_table(simulate(plan, model, seed=s, iterations=400)) for s in (5, 5, 6))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)


def test_the_forecast_keeps_its_contract_with_the_project_last_and_dates_in_order(model):
    forecast = forecast_table(simulate(diamond(), model, seed=1, iterations=2000))
    levels = (0.1, 0.5, 0.8, 0.9, 0.95)
    check_table(forecast, forecast_contract(levels), "forecast")
    assert forecast["milestone"].tolist() == ["A", "B", "C", "D", "project"]
    dates = forecast[[f"p{round(100 * level)}_finish" for level in levels]]
    assert dates.apply(lambda row: row.is_monotonic_increasing, axis=1).all()


def test_p80_is_the_first_working_day_by_which_eighty_percent_had_finished(model):
    simulation = simulate(diamond(), model, seed=1, iterations=1000)
    curve = finish_distribution(simulation)
    first = curve[curve["prob_finished"] >= 0.8]["finish_date"].iloc[0]
    assert date_at(forecast_table(simulation), 0.8) == first
    assert first.weekday() < 5


def test_the_median_of_one_milestone_is_its_estimate_times_the_multiplier(model):
    # One milestone of 100 days in the phase whose true median ratio is 1.6; the fit knows it to about 6 %.
    plan = build_plan(plan_rows({"milestone": "1", "phase": "data", "baseline_days": 100.0}))
    simulation = simulate(plan, model, seed=2, iterations=4000)
    took = simulation.finishes[0] - plan.calendar.mornings([plan.start])[0]
    assert np.median(took) == pytest.approx(160, rel=0.12)


def test_the_chance_of_a_date_is_the_share_of_courses_done_by_it(model):
    plan = diamond(D={"promised_finish": "2026-03-31"})
    simulation = simulate(plan, model, seed=3, iterations=1000)
    whole = forecast_table(simulation).iloc[-1]
    evening = plan.calendar.evenings(["2026-03-31"])[0]
    assert whole["prob_promised"] == pytest.approx((simulation.project_finishes <= evening).mean())
    assert whole["prob_baseline"] < whole["prob_promised"]


def test_a_date_at_a_level_or_milestone_that_is_not_there_names_those_that_are(model):
    forecast = forecast_table(simulate(diamond(), model, seed=1, iterations=200))
    with pytest.raises(InputError, match="it has p10_finish, p50_finish"):
        date_at(forecast, 0.7)
    with pytest.raises(InputError, match="it has A, B, C, D"):
        date_at(forecast, 0.8, milestone="Z")


def test_too_few_iterations_are_refused(model):
    with pytest.raises(InputError, match="wanted at least 100"):
        simulate(diamond(), model, seed=1, iterations=50)
