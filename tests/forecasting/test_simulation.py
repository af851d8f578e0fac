from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from how_often import examples
from hypothesis import given
from hypothesis import strategies as st
from models_by_hand import (
    even_cycles,
    growth_by_hand,
    model_by_hand,
    on_plan_model,
    record_by_hand,
)
from plans_by_hand import diamond
from random_plans import networks, plan_of
from scipy import stats
from tables_by_hand import overruns, plan_rows, status_rows

from estimation.calibration.model import fit_overruns
from estimation.errors import InputError
from estimation.forecasting import simulation as engine
from estimation.forecasting.forecast import (
    date_at,
    finish_distribution,
    forecast_contract,
    forecast_table,
    standard_errors,
    start_dates,
)
from estimation.forecasting.simulation import CHUNK, simulate, standard_error
from estimation.project.plan import build_plan
from estimation.tables import check_table

MONDAY = 2  # of March 2026: plans of plan_rows start here


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(1)
    effect = rng.lognormal(0, 0.2, 60)
    return fit_overruns(
        overruns({name: list(median * effect * rng.lognormal(0, 0.3, 60)) for name, median in
                  (("data", 1.6), ("work", 1.1))}), seed=1)  # fmt: skip


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


def test_the_chance_of_a_date_is_the_share_of_iterations_done_by_it(model):
    plan = diamond(D={"promised_finish": "2026-03-31"})
    simulation = simulate(plan, model, seed=3, iterations=1000)
    whole = forecast_table(simulation).iloc[-1]
    evening = plan.calendar.evenings(["2026-03-31"])[0] - simulation.origin
    assert whole["prob_promised"] == pytest.approx((simulation.project_finishes <= evening).mean())
    assert whole["prob_baseline"] < whole["prob_promised"]


def test_a_promise_on_the_way_is_no_promise_of_the_project(model):
    # B is promised, D ends the project; a promise of D is one of the project.
    on_the_way = forecast_table(
        simulate(diamond(B={"promised_finish": "2026-03-09"}), model, seed=3, iterations=200)
    )
    assert on_the_way["promised_finish"].notna().tolist() == [False, True, False, False, False]
    assert on_the_way["prob_promised"].notna().tolist() == [False, True, False, False, False]
    both = diamond(B={"promised_finish": "2026-04-30"}, D={"promised_finish": "2026-03-31"})
    assert forecast_table(simulate(both, model, seed=3, iterations=200))["promised_finish"].iloc[
        -1
    ] == pd.Timestamp("2026-03-31")


@pytest.mark.parametrize("level", [0, 1, 80, -0.1])
def test_a_confidence_that_is_no_share_is_refused(model, level):
    simulation = simulate(diamond(), model, seed=1, iterations=100)
    with pytest.raises(InputError, match="between 0 and 1"):
        forecast_table(simulation, levels=[0.5, level])


def test_a_date_at_a_level_or_milestone_that_is_not_there_names_those_that_are(model):
    forecast = forecast_table(simulate(diamond(), model, seed=1, iterations=200))
    with pytest.raises(InputError, match="it has p10_finish, p50_finish"):
        date_at(forecast, 0.7)
    with pytest.raises(InputError, match="it has A, B, C, D"):
        date_at(forecast, 0.8, milestone="Z")


def test_too_few_iterations_are_refused(model):
    with pytest.raises(InputError, match="wanted at least 100"):
        simulate(diamond(), model, seed=1, iterations=50)


def chain(*days, **columns):
    """Milestones 1, 2, ... one after the other; a column may be given as a list."""
    rows = [
        {"milestone": str(k + 1), "baseline_days": float(own), "depends_on": str(k) if k else ""}
        | {name: values[k] for name, values in columns.items()}
        for k, own in enumerate(days)
    ]
    return build_plan(plan_rows(*rows))


def test_processes_change_nothing(model):
    # Two chunks, so that there is something to share out.
    one, two = (simulate(diamond(), model, seed=4, iterations=5000, jobs=jobs) for jobs in (1, 2))
    assert (one.finishes == two.finishes).all()
    assert (one.project_finishes == two.project_finishes).all()
    assert (one.on_driving_path == two.on_driving_path).all()


def test_more_iterations_go_on_where_fewer_ended(model):
    few, many = (simulate(diamond(), model, seed=4, iterations=n) for n in (CHUNK, CHUNK + 500))
    assert (few.finishes == many.finishes[:, :CHUNK]).all()
    assert (
        many.finishes[:, :500] != many.finishes[:, CHUNK:]
    ).any()  # the second chunk has a stream of its own


def test_what_takes_what_was_planned_ends_on_the_planned_day():
    simulation = simulate(diamond(), on_plan_model(), seed=1, iterations=100, way="chained")
    assert (simulation.finishes == np.array([2, 5, 8, 10])[:, None]).all()
    assert (simulation.project_finishes == 10).all()
    assert simulation.on_driving_path.tolist() == [1, 0, 1, 1]
    assert simulation.way == "chained"


def test_work_begins_the_morning_after_what_it_waits_for():
    # Working days of March 2026: A takes 2 (Mon 2, Tue 3), C 6 (to Wed 11); B and C begin on the 4th, D on Thu 12.
    simulation = simulate(diamond(), on_plan_model(), seed=1, iterations=100, way="chained")
    begins = start_dates(simulation, level=0.8)
    assert begins["milestone"].tolist() == ["A", "B", "C", "D"]
    assert begins["start_date"].dt.day.tolist() == [2, 4, 4, 12]


def test_work_that_follows_a_start_or_has_to_wait_begins_accordingly():
    # B begins two days after A does: Wed 4 March; C not before Mon 16 March.
    plan = build_plan(
        plan_rows(
            {"milestone": "A", "baseline_days": 5.0, "depends_on": "", "not_before": None},
            {"milestone": "B", "baseline_days": 9.0, "depends_on": "A SS+2d"},
            {"milestone": "C", "baseline_days": 2.0, "depends_on": "A", "not_before": "2026-03-16"},
        )
    )
    simulation = simulate(plan, on_plan_model(), seed=1, iterations=100, way="chained")
    assert start_dates(simulation, level=0.8)["start_date"].dt.day.tolist() == [2, 4, 16]


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_work_begins_on_its_start_date_or_later_as_often_as_the_level_says(model, level):
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "phase": "data", "baseline_days": 40.0},
            {"milestone": "2", "phase": "work", "baseline_days": 5.0, "depends_on": "1"},
        )
    )
    simulation = simulate(plan, model, seed=3, iterations=1000)
    begins = start_dates(simulation, level=level)["start_date"].iloc[1]
    morning = plan.calendar.mornings([begins])[0] - simulation.origin
    # 2 begins when 1 is finished: on that day or later in so many iterations, and on the next one in fewer.
    assert (simulation.finishes[0] >= morning).mean() >= level
    assert (simulation.finishes[0] >= morning + 1).mean() < level


def test_what_comes_on_top_of_the_record_is_not_drawn_evenly():
    # The record ends on day 10. A risk of .2 makes it day 50 in 200 of 1,000 iterations give or take 12.6, so that P80
    # is 10 or 50: half their distance is 20. Without the risk there is nothing to be unsure of.
    model = on_plan_model(record=record_by_hand([0.0]))
    calm = simulate(chain(10), model, seed=1, iterations=1000)
    assert calm.setup.evenly_drawn
    assert standard_errors(calm, levels=[0.8])["p80_error_days"].iloc[-1] == 0
    risky = simulate(chain(10, risk_prob=[0.2], risk_days=[40.0]), model, seed=1, iterations=1000)
    assert abs((risky.project_finishes > 30).sum() - 200) < 12
    assert standard_errors(risky, levels=[0.8])["p80_error_days"].iloc[-1] == pytest.approx(20, abs=0.01)
    growing = replace(model, scope_growth=growth_by_hand(1.0))
    assert simulate(chain(10), growing, seed=1, iterations=100).setup.evenly_drawn
    assert not simulate(chain(10), growing, seed=1, iterations=100, scope_growth=False).setup.evenly_drawn


def test_the_standard_error_of_a_percentile_is_that_of_order_statistics():
    # Uniform on 0-100, n = 10,000: sqrt(.8 * .2 / n) / f = .004 * 100 = .4 days; on an even grid the order statistics
    # 7961 and 8040 are .79 apart.
    even = (np.arange(10_000) + 0.5) / 100
    assert standard_error(even, 0.8) == pytest.approx(0.395)
    # In samples the spacing of 80 order statistics scatters by 1 / sqrt(80) = 11 %, the mean of 50 by 1.6 %.
    rng = np.random.default_rng(1)
    mean = np.mean([standard_error(rng.uniform(0, 100, 10_000), 0.8) for _ in range(50)])
    assert mean == pytest.approx(0.4, rel=0.08)
    assert standard_error(np.arange(4.0), 0.999) <= 1.5


def test_a_simulation_without_a_number_stops_when_it_is_sure():
    wide = simulate(chain(60), model_by_hand(spread=0.5), seed=1, way="chained")
    assert wide.iterations % CHUNK == 0
    assert wide.iterations > CHUNK
    assert standard_error(wide.project_finishes, 0.8) < 0.5
    assert standard_error(wide.project_finishes[:-CHUNK], 0.8) >= 0.5
    assert simulate(chain(300), on_plan_model(), seed=1, way="chained").iterations == CHUNK


def test_a_simulation_that_cannot_be_sure_stops_when_its_memory_is_full(monkeypatch):
    monkeypatch.setattr(engine, "MOST_BYTES", 3 * CHUNK * 4)
    assert simulate(chain(3000), model_by_hand(spread=0.8), seed=1, way="chained").iterations == 3 * CHUNK


# The record of whole projects.


def test_the_finish_of_the_project_is_distributed_as_the_record_says():
    # 60 log ratios, evenly from -.2 to .6; the plan takes 100 days.
    record = record_by_hand(np.linspace(-0.2, 0.6, 60))
    plan = chain(40, 60)
    simulation = simulate(
        plan, model_by_hand(spread=0.4, project_sd=0.2), seed=1, iterations=4000, record=record
    )
    levels = [0.02, 0.1, 0.5, 0.8, 0.9, 0.98]
    expected = 100 * np.exp(record.quantiles(levels))
    assert np.quantile(simulation.project_finishes, levels) == pytest.approx(expected, abs=0.5)
    assert simulation.way == "record"


def test_matching_to_the_record_keeps_the_ranks_of_the_iterations():
    plan, model = diamond(), model_by_hand(spread=0.4)
    chained = simulate(plan, model, seed=1, iterations=1000, way="chained")
    matched = simulate(
        plan, model, seed=1, iterations=1000, record=record_by_hand(np.linspace(-0.2, 0.6, 60))
    )
    assert stats.spearmanr(chained.project_finishes, matched.project_finishes)[0] > 0.99999
    assert (matched.on_driving_path == chained.on_driving_path).all()


def test_milestones_keep_the_order_of_the_network_when_matched():
    record = record_by_hand(np.linspace(-0.5, 0.6, 60))
    finishes = simulate(diamond(), model_by_hand(spread=0.6), seed=1, iterations=1000, record=record).finishes
    a, b, c, d = finishes
    assert (a <= b).all()
    assert (a <= c).all()
    assert (np.maximum(b, c) <= d).all()


def test_milestones_follow_the_record_the_more_the_nearer_they_are_to_the_end():
    # All on plan (2, 5, 8, 10 of 10 days) and a record of exactly one and a half: each is multiplied by 1.5 to the
    # square root of its share of the way. 2 * 1.5 ** .4472 = 2.3977; 5 * 1.5 ** .7071 = 6.6602;
    # 8 * 1.5 ** .8944 = 11.4973; 10 * 1.5 = 15.
    simulation = simulate(
        diamond(), on_plan_model(), seed=1, iterations=100, record=record_by_hand([np.log(1.5)])
    )
    assert simulation.finishes == pytest.approx(np.tile([[2.3977], [6.6602], [11.4973], [15]], 100), abs=2e-3)


def test_dates_set_from_outside_hold_however_early_the_record_ends():
    # Planned: B waits for day 10, D is done on day 15. At half of that, B still begins on day 10 and takes 3 * .5, D
    # takes 2 * .5 after it. A: 2 * .5 ** sqrt(2 / 15) = 1.553, C: 8 * .5 ** sqrt(8 / 15) = 4.822.
    half = record_by_hand([np.log(0.5)])
    dates = {"not_before": "2026-03-16", "baseline_start": "2026-03-16"}
    held = simulate(diamond(B=dates), on_plan_model(), seed=1, iterations=100, record=half)
    assert held.finishes[:, 0] == pytest.approx([1.553, 11.5, 4.822, 12.5], abs=1e-3)
    assert held.project_finishes == pytest.approx(np.full(100, 12.5), abs=1e-4)
    # C is fixed for day 22, so plan and iteration end on day 24: at half of that D takes 2 * .5 after the fixed date.
    fixed = simulate(
        diamond(C={"fixed_finish": "2026-03-31"}), on_plan_model(), seed=1, iterations=100, record=half
    )
    assert (fixed.finishes[2] == 22).all()
    assert fixed.project_finishes == pytest.approx(np.full(100, 23), abs=1e-4)


def test_waiting_for_another_finish_is_no_work_that_a_date_could_put_off():
    # 1 takes 20 days. 2 (1 day, not before Monday 9 March, day 5) is done with it: day 20. At half, day 10; its own
    # work after the date would be over on day 5.5.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 20.0, "depends_on": "", "not_before": None},
            {"milestone": "2", "baseline_days": 1.0, "depends_on": "1FF", "not_before": "2026-03-09"},
        )
    )
    simulation = simulate(plan, on_plan_model(), seed=1, iterations=100, record=record_by_hand([np.log(0.5)]))
    assert simulation.finishes == pytest.approx(np.full((2, 100), 10), abs=1e-4)


def test_the_way_is_asked_for_or_found_in_the_backtest():
    record = record_by_hand([0.1])
    plan, chains = diamond(), replace(on_plan_model(), finish_way="chained")
    assert simulate(plan, chains, seed=1, iterations=100, record=record).way == "chained"
    assert simulate(plan, chains, seed=1, iterations=100, record=record, way="record").way == "record"
    assert simulate(plan, on_plan_model(record=record), seed=1, iterations=100).way == "record"
    assert simulate(plan, on_plan_model(), seed=1, iterations=100).way == "chained"
    with pytest.raises(InputError, match="wanted 'auto', 'record' or 'chained'"):
        simulate(plan, chains, seed=1, iterations=100, way="other")


# Scope growth, risks, rounds of experiments.


def grown(in_series, **how):
    model = on_plan_model(scope_growth=growth_by_hand(0.5, in_series=in_series))
    return simulate(chain(10), model, seed=1, iterations=20_000, **how)


def test_work_added_in_series_lengthens_its_milestone():
    # 10 (1 + N), N Poisson of .5: mean 15; P(N = 0) = .6065, standard error of a share of 20,000 below .0035.
    simulation = grown(1.0, way="chained")
    assert (simulation.project_finishes == simulation.finishes[0]).all()
    assert (simulation.finishes == 10).mean() == pytest.approx(0.6065, abs=0.015)
    assert (simulation.finishes == 20).mean() == pytest.approx(0.3033, abs=0.015)


def test_work_added_beside_the_rest_delays_the_project_only():
    # However many are added, all run at once after the milestone: 20 with probability 1 - e^-.5 = .3935.
    simulation = grown(0.0, way="chained")
    assert (simulation.finishes == 10).all()
    assert (simulation.project_finishes == 20).mean() == pytest.approx(0.3935, abs=0.015)
    assert set(simulation.project_finishes) == {10.0, 20.0}


def test_without_scope_growth_the_finish_is_earlier_and_the_record_is_read_as_of_projects_that_grew():
    assert (grown(1.0, way="chained", scope_growth=False).finishes == 10).all()
    # The record says 15 for iterations as they are: 10 (1 + N). Without the growth the same takes 15 / (1 + N).
    record = record_by_hand([np.log(1.5)])
    assert grown(1.0, record=record).project_finishes == pytest.approx(np.full(20_000, 15), abs=1e-4)
    less = grown(1.0, record=record, scope_growth=False).project_finishes
    assert np.isclose(less, 15).mean() == pytest.approx(0.6065, abs=0.015)
    assert np.isclose(less, 7.5).mean() == pytest.approx(0.3033, abs=0.015)


def test_a_history_without_growth_leaves_nothing_to_switch_off(model):
    plan = diamond()
    on, off = (simulate(plan, model, seed=1, iterations=500, scope_growth=grows) for grows in (True, False))
    assert (on.finishes == off.finishes).all()


def test_growth_comes_by_the_rate_of_each_phase():
    # Only "work" grows: its milestone is added to, the other never. Mean planned days 15: sizes are of that.
    growth = replace(
        growth_by_hand(0.0),
        phases=pd.DataFrame({"phase": ["work"], "n_planned": 1, "n_added": 1, "rate": [2.0]}),
    )
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "phase": "rest", "baseline_days": 10.0, "depends_on": ""},
            {"milestone": "2", "phase": "Work", "baseline_days": 20.0, "depends_on": ""},
        )
    )
    finishes = simulate(
        plan, on_plan_model(scope_growth=growth), seed=1, iterations=4000, way="chained"
    ).finishes
    assert (finishes[0] == 10).all()
    # 20 + 15 N, N Poisson of 2: standard error of the mean 15 sqrt(2 / 4000) = .34.
    assert finishes[1].mean() == pytest.approx(50, abs=1.5)


def test_a_certain_risk_adds_its_days():
    risky = chain(5, 5, risk_prob=[None, 1.0], risk_days=[None, 10.0])
    assert (
        simulate(risky, on_plan_model(), seed=1, iterations=100, way="chained").project_finishes == 20
    ).all()
    # It comes on top of the record, unstretched: 1.5 * 10 + 10, and with a record of half the time 5 + 10.
    for ratio, finish in ((1.5, 25), (0.5, 15)):
        on_top = simulate(
            risky, on_plan_model(), seed=1, iterations=100, record=record_by_hand([np.log(ratio)])
        )
        assert on_top.project_finishes == pytest.approx(np.full(100, finish), abs=1e-4)


def test_a_risk_strikes_as_often_as_its_probability_says():
    risky = chain(5, 5, risk_prob=[0.3, None], risk_days=[10.0, None])
    simulation = simulate(risky, on_plan_model(), seed=1, iterations=10_000, way="chained")
    # Standard error sqrt(.21 / 10,000) = .0046.
    assert (simulation.project_finishes == 20).mean() == pytest.approx(0.3, abs=0.02)
    assert set(simulation.project_finishes) == {10.0, 20.0}


def test_rounds_of_experiments_are_counted_where_history_tells_of_them():
    # 20 days in 4 rounds: 5 days a round; one round for sure, and Poisson of 3 more.
    plan = chain(20, iterations_planned=[4])
    finishes = simulate(
        plan, on_plan_model(cycles=even_cycles()), seed=1, iterations=20_000, way="chained"
    ).finishes
    rounds = finishes[0] / 5
    assert np.abs(rounds - rounds.round()).max() < 1e-5
    # P(5) = 3^4 e^-3 / 24 = .1680, P(1) = e^-3 = .0498; standard error below .0027.
    assert (rounds.round() == 5).mean() == pytest.approx(0.1680, abs=0.013)
    assert (rounds.round() == 1).mean() == pytest.approx(0.0498, abs=0.013)
    longer = on_plan_model(cycles=even_cycles(per_round=np.log(2)))
    double = simulate(plan, longer, seed=1, iterations=20_000, way="chained").finishes
    assert double == pytest.approx(2 * finishes, rel=1e-5)
    # A history without rounds: the milestone takes what its phase takes.
    assert (simulate(plan, on_plan_model(), seed=1, iterations=100, way="chained").finishes == 20).all()


# Plans at the edge.


def test_a_plan_of_one_milestone_is_its_project(model):
    one = simulate(chain(10), model, seed=1, iterations=400, record=record_by_hand([0.1, 0.3]))
    assert (one.finishes[0] == one.project_finishes).all()
    assert one.on_driving_path.tolist() == [1]


def test_a_plan_of_twenty_thousand_milestones():
    # Chains of four, two days each, beside one another: all end on day 8, also when each takes one and a half.
    rows = (
        {"milestone": f"m{k}", "baseline_days": 2.0, "depends_on": f"m{k - 1}" if k % 4 else ""}
        for k in range(20_000)
    )
    simulation = simulate(
        build_plan(plan_rows(*rows)), on_plan_model(), seed=1, iterations=100, way="chained"
    )
    assert (simulation.finishes == (np.arange(20_000) % 4 * 2 + 2)[:, None]).all()
    assert simulation.on_driving_path.tolist() == [1.0] * 20_000


# Running projects. Day 10 is the evening of Friday 13 March 2026.


def in_flight(plan, model, *rows, as_of="2026-03-13", iterations=2000, **how):
    status = status_rows(*rows) if rows else None
    return simulate(
        plan, model, seed=1, iterations=iterations, as_of=as_of, status=status, way="chained", **how
    )


def test_finished_work_stays_and_nothing_else_finishes_before_the_status_date(model):
    # A was done on day 7, C began on day 8; B, planned for day 5, has not begun.
    simulation = in_flight(
        diamond(),
        model,
        {"milestone": "A", "actual_finish": "2026-03-10"},
        {"milestone": "C", "actual_start": "2026-03-12"},
    )
    a, b, c, d = simulation.finishes
    assert (a == 7).all()
    assert (b > 10).all()
    assert (c >= 10).all()
    assert (d > np.maximum(b, c)).all()
    assert forecast_table(simulation)["p10_finish"].iloc[1:].min() >= pd.Timestamp("2026-03-13")


def test_running_work_of_which_nobody_says_more_is_drawn_from_what_lies_beyond_its_elapsed_time():
    # One milestone of 20 days, begun on day 0, ten days elapsed: ratios beyond .5. Level 0, spread .5, t of nu 8.
    simulation = in_flight(
        chain(20),
        model_by_hand(spread=0.5),
        {"milestone": "1", "actual_start": "2026-03-02"},
        iterations=20_000,
    )
    below = stats.t.cdf(np.log(0.5) / 0.5, 8)
    # P(finish < 20 | > 10) = (.5 - below) / (1 - below); standard error .0035, and the shape of the table.
    assert (simulation.finishes[0] < 20).mean() == pytest.approx((0.5 - below) / (1 - below), abs=0.02)
    assert simulation.finishes.min() >= 10


def test_what_the_team_says_is_left_replaces_the_plan_and_of_one_row_days_count_before_a_share():
    # All takes what was planned or said: 20 days; with 20 % done on day 10, 10 + 16; with 4 days left, 14.
    start = {"milestone": "1", "actual_start": "2026-03-02", "as_of": "2026-03-13"}
    for said, finish in (
        ({}, 20),
        ({"percent_complete": 0.2}, 26),
        ({"percent_complete": 0.2, "remaining_days": 4.0}, 14),
    ):
        finishes = in_flight(chain(20), on_plan_model(), start | said).finishes[0]
        assert np.allclose(finishes, finish)


def test_a_draw_multiplies_what_was_said_and_then_takes_off_the_days_since():
    # Everything takes twice its estimate. Four days left, said on day 5: on day 10 three of the eight are left.
    twice = model_by_hand(level=np.log(2), spread=1e-6)
    said = {"milestone": "1", "actual_start": "2026-03-02", "as_of": "2026-03-06", "remaining_days": 4.0}
    finishes = in_flight(chain(20), twice, said).finishes[0]
    assert np.allclose(finishes, 13.0, atol=0.01)


def test_a_project_that_was_late_so_far_is_expected_to_go_on_late():
    # 1 took twice its plan, log 2 = .69. Prior sd .3, variance of one ratio .1^2 * 8 / 6 = .0133: the effect moves by
    # .09 / .1033 of it, .604. 2 begins on day 10 and takes 10 exp(.604) = 18.3 in the median.
    model = model_by_hand(spread=0.1, project_sd=0.3)
    late = {"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-13"}
    finishes = in_flight(chain(5, 10), model, late).finishes[1]
    # Sd of log .153: standard error of the median 1.25 * .153 / sqrt(2000) = .0043, of 18.3 .08 days.
    assert np.median(finishes) == pytest.approx(10 + 10 * np.exp(0.604), abs=0.4)


def test_a_running_project_is_forecast_by_whole_projects_even_where_chaining_won_before_the_start():
    plan, chains = diamond(), replace(on_plan_model(), finish_way="chained")
    first = plan.milestones["milestone"].iloc[0]
    begun = status_rows({"milestone": first, "actual_start": "2026-03-02", "as_of": "2026-03-03"})
    running = {"as_of": "2026-03-03", "status": begun, "seed": 1, "iterations": 100}
    assert simulate(plan, chains, seed=1, iterations=100).way == "chained"
    assert simulate(plan, chains, **running).way == "record"
    assert simulate(plan, chains, **running, way="chained").way == "chained"


def test_work_on_plan_speaks_of_the_projects_luck_and_running_work_by_what_it_has_taken():
    # Work without planned days has no ratio; 2 has taken the 10 days up to the status date of its 20.
    model = model_by_hand(spread=0.1, project_sd=0.3)
    done = (
        {"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-06"},
        {"milestone": "2", "actual_start": "2026-03-02", "actual_finish": "2026-03-06"},
        {"milestone": "3", "actual_start": "2026-03-09"},
    )
    work = in_flight(chain(5, 0, 10), model, *done).setup.finished_work
    assert work.log_ratio == pytest.approx([0.0, np.log(0.5)])
    assert work.runs.tolist() == [False, True]


def test_work_not_begun_begins_after_the_status_date_at_the_earliest():
    # Nothing has begun by day 10: the chain of 5 and 5 ends on day 20.
    nothing = {"milestone": "1", "percent_complete": 0.0}
    assert (in_flight(chain(5, 5), on_plan_model(), nothing).finishes == np.array([[15], [20]])).all()


def test_work_begun_or_done_before_its_turn_is_where_it_is():
    # 1 runs until day 20. 2 should follow it and has begun on day 5: 15 days, until day 20. 3 should not be done before
    # 2 is, and was on day 8.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 20.0, "depends_on": ""},
            {"milestone": "2", "baseline_days": 15.0, "depends_on": "1"},
            {"milestone": "3", "baseline_days": 3.0, "depends_on": "2FF"},
        )
    )
    simulation = in_flight(
        plan,
        on_plan_model(),
        {"milestone": "1", "actual_start": "2026-03-02"},
        {"milestone": "2", "actual_start": "2026-03-09"},
        {"milestone": "3", "actual_start": "2026-03-09", "actual_finish": "2026-03-11"},
    )
    assert (simulation.finishes == np.array([[20], [20], [8]])).all()
    assert simulation.on_driving_path.tolist() == [1, 1, 0]


def test_updates_after_the_status_date_and_of_other_projects_change_nothing(model):
    told = {"milestone": "A", "actual_finish": "2026-03-10"}
    known = in_flight(diamond(), model, told)
    same = in_flight(
        diamond(),
        model,
        told,
        {"milestone": "B", "as_of": "2026-03-16", "actual_finish": "2026-03-12"},
        {"milestone": "C", "project": "q", "actual_finish": "2026-03-12"},
    )
    assert (known.finishes == same.finishes).all()


def test_a_status_that_does_not_fit_the_plan_is_refused(model):
    with pytest.raises(
        InputError, match="milestone Z is reported and the plan does not have it; the plan has A, B, C, D"
    ):
        in_flight(diamond(), model, {"milestone": "Z", "actual_finish": "2026-03-10"})


def test_a_project_with_nothing_left_ends_on_its_last_day(model):
    days = {"A": "2026-03-03", "B": "2026-03-06", "C": "2026-03-09", "D": "2026-03-11"}
    growing = replace(model, scope_growth=growth_by_hand(3.0))
    risky = diamond(A={"risk_prob": 1.0, "risk_days": 5.0})
    simulation = in_flight(
        risky, growing, *({"milestone": k, "actual_finish": day} for k, day in days.items())
    )
    assert (simulation.finishes == np.array([[2], [5], [6], [8]])).all()
    assert (simulation.project_finishes == 8).all()
    assert (
        forecast_table(simulation).iloc[-1][["p10_finish", "p95_finish"]] == pd.Timestamp("2026-03-11")
    ).all()


def test_a_plan_that_should_have_begun_long_ago_can_be_forecast_without_a_status_date():
    rows = {"milestone": "1", "baseline_days": 10.0, "project_start": "2019-03-04"}
    simulation = simulate(build_plan(plan_rows(rows)), on_plan_model(), seed=1, iterations=100)
    assert date_at(forecast_table(simulation), 0.8) == pd.Timestamp("2019-03-15")


# Any plan.

ANYTHING = model_by_hand(spread=0.5, project_sd=0.3, on_plan=0.1)
GROWING = replace(ANYTHING, scope_growth=growth_by_hand(0.2, in_series=0.5))


@st.composite
def updates(draw, rows):
    """Some of the milestones have begun, some are done, by Friday 13 March 2026."""
    day = st.integers(0, 9).map(lambda n: str(np.busday_offset("2026-03-02", n)))
    kinds = [
        st.just({}),
        st.fixed_dictionaries({"actual_finish": day}),
        st.fixed_dictionaries({"percent_complete": st.floats(0, 1)}),
        st.fixed_dictionaries({"actual_start": day, "remaining_days": st.integers(0, 9)}),
    ]
    return [{"milestone": row["milestone"], **draw(st.one_of(kinds))} for row in rows]


@examples(80)
@given(networks(), st.data())
def test_in_any_plan_order_dates_and_the_status_date_hold(drawn, data):
    plan = plan_of(drawn[0])
    how = data.draw(st.sampled_from(["record", "chained", "in flight"]))
    if how == "in flight":
        how = {"as_of": "2026-03-13", "status": status_rows(*data.draw(updates(drawn[0])))}
    else:
        how = {"way": how, "record": record_by_hand(np.linspace(-0.7, 0.7, 40))}
    simulation = simulate(plan, GROWING, seed=1, iterations=100, **how)
    finishes, setup = simulation.finishes, simulation.setup
    begun = (
        np.zeros(len(finishes), bool) if setup.state is None else setup.state.is_over | setup.state.is_running
    )
    for k, links in enumerate(plan.network.links):
        for link in links:
            if link.from_finish and link.lag_days >= 0 and not begun[k]:
                assert (finishes[k] >= finishes[link.place] - 1e-3).all()
    assert (simulation.project_finishes >= finishes.max(axis=0) - 1e-3).all()
    if setup.state is not None:
        assert (finishes[~setup.state.is_over] >= setup.state.now).all()
    elif setup.hard is not None:
        assert (finishes >= np.maximum(setup.hard.earliest, setup.hard.earliest_finish)[:, None] - 1e-3).all()
