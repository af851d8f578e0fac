import numpy as np
import pandas as pd
import pytest
from tables_by_hand import overruns, plan_rows

from estimation.calibration.model import fit_overruns
from estimation.columns import check_table
from estimation.errors import InputError
from estimation.forecasting.forecast import date_at, finish_distribution, forecast_contract, forecast_table
from estimation.forecasting.simulation import simulate
from estimation.planning.plan import build_plan

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
    assert np.median(simulation.finishes[0]) == pytest.approx(160, rel=0.12)


def test_the_chance_of_a_date_is_the_share_of_courses_done_by_it(model):
    plan = diamond(D={"promised_finish": "2026-03-31"})
    simulation = simulate(plan, model, seed=3, iterations=1000)
    whole = forecast_table(simulation).iloc[-1]
    evening = plan.calendar.evenings(["2026-03-31"])[0] - simulation.origin
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
