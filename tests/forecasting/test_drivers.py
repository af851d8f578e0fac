from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models_by_hand import (
    by_phase,
    growth_by_hand,
    model_by_hand,
    on_plan_model,
    record_by_hand,
)
from tables_by_hand import plan_rows, status_rows

from estimation.forecasting.drivers import (
    BETWEEN,
    CONTINGENCY,
    SO_FAR,
    TORNADO,
    contingency_table,
    driving_path,
    merge_bias,
    spread_if_independent,
    tornado,
)
from estimation.forecasting.simulation import simulate
from estimation.project.plan import build_plan
from estimation.tables import check_table


def plan(*rows):
    empty = {"depends_on": "", "not_before": None, "fixed_finish": None}
    return build_plan(plan_rows(*({**empty, **row} for row in rows)))


def data_then_work(**of_work):
    return plan(
        {"milestone": "1", "phase": "data", "baseline_days": 10.0},
        {"milestone": "2", "phase": "work", "baseline_days": 20.0, "depends_on": "1", **of_work},
    )


def certain(**levels):
    """Each phase takes its level, always."""
    return by_phase(model_by_hand(tuple(levels), spread=0.0), **levels)


def contingency(simulation, **how):
    table = contingency_table(simulation, **how)
    check_table(table, CONTINGENCY, "contingency")
    return table.set_index("phase")


# Contingency.


def test_on_a_chain_each_phase_needs_what_it_takes_beyond_its_plan():
    # data 10 takes 15, work 20 takes 24.
    simulation = simulate(
        data_then_work(), certain(data=np.log(1.5), work=np.log(1.2)), seed=1, iterations=100, way="chained"
    )
    table = contingency(simulation)
    assert table.index.tolist() == ["data", "work", "whole project"]
    assert table.to_numpy().ravel() == pytest.approx([10, 15, 5, 20, 24, 4, 30, 39, 9], abs=1e-4)


def test_the_record_stretches_what_each_phase_needs():
    # 15 and 24 of 39; the record says twice the planned 30: 60 * 15 / 39 and 60 * 24 / 39.
    simulation = simulate(
        data_then_work(),
        certain(data=np.log(1.5), work=np.log(1.2)),
        seed=1,
        iterations=100,
        record=record_by_hand([np.log(2)]),
    )
    assert contingency(simulation)["expected_days"].tolist() == pytest.approx(
        [23.0769, 36.9231, 60], abs=1e-3
    )


@pytest.mark.parametrize(
    ("link", "planned", "expected"),
    [  # data takes 15 instead of 10, work 20 as planned; days of data, work and waiting
        ("1FS+4d", (10, 20, 4), (15, 20, 4)),
        ("1FS-3d", (10, 20, -3), (15, 20, -3)),  # three days of both at once
        ("1SS+4d", (0, 20, 4), (0, 20, 4)),  # data is not waited for: only its start
        ("1FF+15d", (10, 0, 15), (15, 0, 15)),  # the finish hangs on that of data
        ("1SF+30d", (0, 0, 30), (0, 0, 30)),  # on its start
    ],
)
def test_days_belong_to_the_work_on_the_path_or_to_waiting(link, planned, expected):
    simulation = simulate(
        data_then_work(depends_on=link),
        certain(data=np.log(1.5), work=0.0),
        seed=1,
        iterations=100,
        way="chained",
    )
    table = contingency(simulation)
    for column, days in (("planned_days", planned), ("expected_days", expected)):
        found = table[column].reindex(["data", "work", BETWEEN], fill_value=0.0)
        assert found.tolist() == pytest.approx(days, abs=1e-4)
        assert table[column].iloc[-1] == pytest.approx(sum(days), abs=1e-4)


def test_waiting_for_a_date_is_no_work():
    # work waits for day 15, though data is done on day 10.
    dated = data_then_work(not_before="2026-03-23", baseline_start="2026-03-23")
    table = contingency(simulate(dated, on_plan_model(), seed=1, iterations=100, way="chained"))
    assert table["expected_days"].to_dict() == pytest.approx(
        {"data": 10, "work": 20, BETWEEN: 5, "whole project": 35}
    )
    assert table["contingency_days"].to_numpy() == pytest.approx(np.zeros(4), abs=1e-6)


def test_only_the_path_counts_of_work_side_by_side():
    # Planned, work (20) sets the finish; with twice the days data (12 -> 24) does.
    both = plan(
        {"milestone": "1", "phase": "data", "baseline_days": 12.0},
        {"milestone": "2", "phase": "work", "baseline_days": 20.0},
    )
    table = contingency(
        simulate(both, certain(data=np.log(2), work=0.0), seed=1, iterations=100, way="chained")
    )
    assert table.loc["data"].tolist() == pytest.approx([0, 24, 24], abs=1e-4)
    assert table.loc["work"].tolist() == pytest.approx([20, 0, -20], abs=1e-4)


def test_the_path_goes_along_the_link_that_holds_up_longest_its_lag_included():
    # 1 is done on day 10 and waited for until day 20, 2 is done on day 15.
    waits = plan(
        {"milestone": "1", "phase": "data", "baseline_days": 10.0},
        {"milestone": "2", "phase": "other", "baseline_days": 15.0},
        {"milestone": "3", "phase": "work", "baseline_days": 5.0, "depends_on": "2; 1FS+10d"},
    )
    table = contingency(simulate(waits, on_plan_model(), seed=1, iterations=100, way="chained"))
    assert table["expected_days"].to_dict() == {"data": 10, "work": 5, BETWEEN: 10, "whole project": 25}


def test_iterations_that_finish_about_the_level_are_asked():
    # work takes 20 whatever happens; what P95 needs beyond it is all data's, spread .5.
    two = model_by_hand(("data", "work"), spread=0.5)
    draws = {**two.draws, "spread": two.draws["spread"] * np.array([1.0, 0.0, 0.0])}
    simulation = simulate(data_then_work(), replace(two, draws=draws), seed=1, iterations=4096, way="chained")
    assert contingency(simulation, level=0.9).loc["work", "expected_days"] == pytest.approx(20, rel=0.02)
    assert contingency(simulation, level=0.2).loc["work", "expected_days"] == pytest.approx(20, rel=0.02)


def test_of_a_running_project_the_days_so_far_stand_apart():
    # data began a week late, on day 5, and was done on day 15; that is today. work takes 24 more.
    done = status_rows({"milestone": "1", "actual_start": "2026-03-09", "actual_finish": "2026-03-20"})
    simulation = simulate(
        data_then_work(),
        certain(data=0.0, work=np.log(1.2)),
        seed=1,
        iterations=100,
        as_of="2026-03-20",
        status=done,
        way="chained",
    )
    table = contingency(simulation)
    assert table["expected_days"].to_dict() == pytest.approx(
        {SO_FAR: 15, "work": 24, "whole project": 39}, abs=1e-4
    )
    # Of the plan, 15 days should be over: data's 10 and 5 of work.
    assert table["planned_days"].to_dict() == pytest.approx(
        {SO_FAR: 15, "work": 15, "whole project": 30}, abs=1e-4
    )


def test_a_running_project_that_should_be_over_has_no_plan_left():
    # Planned until day 30; on day 40 nothing has begun: 10 and 20 days more.
    first = data_then_work().milestones["milestone"].iloc[0]
    nothing = status_rows({"milestone": first, "percent_complete": 0.0})
    simulation = simulate(
        data_then_work(),
        on_plan_model(),
        seed=1,
        iterations=100,
        as_of="2026-04-24",
        status=nothing,
        way="chained",
    )
    table = contingency(simulation)
    assert table["planned_days"].to_dict() == {SO_FAR: 30, "data": 0, "work": 0, "whole project": 30}
    assert table["expected_days"].to_dict() == {SO_FAR: 40, "data": 10, "work": 20, "whole project": 70}


def test_a_project_that_is_over_needed_what_it_took_whatever_the_day():
    # Done on day 15; asked for on day 20.
    done = status_rows(
        {"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-06"},
        {"milestone": "2", "actual_start": "2026-03-09", "actual_finish": "2026-03-20"},
    )
    simulation = simulate(
        data_then_work(), on_plan_model(), seed=1, iterations=100, as_of="2026-03-27", status=done
    )
    table = contingency(simulation)
    assert table.loc[SO_FAR].tolist() == [20, 15, -5]
    assert table.loc["whole project"].tolist() == [30, 15, -15]


def busy_plan():
    return plan(
        {"milestone": "A", "phase": "data", "baseline_days": 5.0},
        {"milestone": "B", "phase": "work", "baseline_days": 9.0, "depends_on": "A", "not_before": "2026-03-16"},
        {"milestone": "C", "phase": "data", "baseline_days": 8.0, "depends_on": "A SS+2d", "risk_prob": 0.4,
         "risk_days": 6.0},
        {"milestone": "D", "phase": "launch", "baseline_days": 4.0, "depends_on": "B; C FF+1d",
         "fixed_finish": "2026-04-10"},
    )  # fmt: skip


def busy_simulations():
    model = model_by_hand(("data", "work", "launch"), spread=0.4, project_sd=0.2, on_plan=0.1)
    growing = replace(model, scope_growth=growth_by_hand(0.3, size=0.8, in_series=0.5))
    record = record_by_hand(np.linspace(-0.4, 0.5, 40))
    begun = status_rows(
        {"milestone": "A", "actual_finish": "2026-03-10"}, {"milestone": "C", "percent_complete": 0.3}
    )
    yield simulate(busy_plan(), growing, seed=1, iterations=1000, record=record)
    yield simulate(busy_plan(), growing, seed=1, iterations=1000, way="chained")
    yield simulate(busy_plan(), growing, seed=1, iterations=1000, as_of="2026-03-13", status=begun)


def test_the_contingency_adds_up_to_the_finish_at_the_level():
    for simulation in busy_simulations():
        for level in (0.5, 0.8, 0.95):
            table = contingency(simulation, level=level)
            whole = table.iloc[-1]
            planned = simulation.plan.baseline.evening.max() - simulation.origin
            finish = np.quantile(simulation.project_finishes, level, method="inverted_cdf")
            assert whole["expected_days"] == pytest.approx(finish, abs=1e-3)
            assert whole["planned_days"] == pytest.approx(planned, abs=1e-3)
            assert table.iloc[:-1].sum().tolist() == pytest.approx(whole.tolist(), abs=1e-6)


# Tornado.


def test_the_tornado_tells_what_moves_the_finish_and_by_how_much():
    # 1 takes 10, 20, 30, 40 or 50 days, evenly; 2 always 20. The mean finish is 50; with the shortest fifth it is 30,
    # with the longest 70. Standard error of the mean 14.1 / sqrt(4096) = .22.
    two = model_by_hand(("data", "work"), spread=1.0, weight=0.0, shape=np.log([1, 2, 3, 4, 5]))
    draws = {**two.draws, "spread": two.draws["spread"] * np.array([1.0, 0.0, 0.0])}
    table = tornado(
        simulate(data_then_work(), replace(two, draws=draws), seed=1, iterations=4096, way="chained")
    )
    check_table(table.reset_index(drop=True), TORNADO, "tornado")
    assert table["milestone"].tolist() == ["1", "2"]
    assert table["rank_correlation"].tolist() == pytest.approx([1, 0])
    assert table["low_days"].tolist() == pytest.approx([-20, 0], abs=1.2)
    assert table["high_days"].tolist() == pytest.approx([20, 0], abs=1.2)


def test_the_tornado_puts_the_strongest_first_and_knows_no_driver_of_a_fixed_finish():
    model = model_by_hand(("data", "work"), spread=0.3)
    table = tornado(simulate(data_then_work(), model, seed=1, iterations=1000, way="chained"))
    assert table["milestone"].tolist() == ["2", "1"]  # twice the days, the same spread
    assert (table["rank_correlation"] > 0).all()
    far = data_then_work(fixed_finish="2027-03-01")
    held = tornado(simulate(far, model, seed=1, iterations=500, way="chained"))
    assert (held[["rank_correlation", "low_days", "high_days"]] == 0).all(axis=None)


# Paths that meet.


def test_on_a_chain_nothing_meets():
    model = model_by_hand(spread=0.4, project_sd=0.2)
    growing = replace(model, scope_growth=growth_by_hand(0.3, in_series=0.5))
    half = record_by_hand(np.linspace(-1, 0.2, 40))
    for chain in (
        data_then_work(),
        data_then_work(not_before="2026-04-01"),
        data_then_work(depends_on="1FF+2d"),
    ):
        for how in ({"way": "chained"}, {"record": half}):
            assert merge_bias(simulate(chain, growing, seed=1, iterations=1000, **how)) == 0


def test_two_equal_paths_end_later_than_either():
    # exp(.3 z) of 100 days each, z nearly normal: one alone 100 at P50; both, where each has P(.7071): z = .545,
    # 100 exp(.1635) = 117.8. Standard error of a median 1.25 * 30 / 64 = .6 days for each of the two.
    both = plan({"milestone": "1", "baseline_days": 100.0}, {"milestone": "2", "baseline_days": 100.0})
    model = model_by_hand(spread=0.3, nu=1000.0)
    assert merge_bias(simulate(both, model, seed=1, iterations=4096, way="chained")) == pytest.approx(
        17.8, abs=3
    )


def test_dates_beside_the_path_are_no_part_of_it():
    # 1 takes 92 exp(.3 z) and is last where that is over 101, z > .311, in 38 % of the iterations; 2 is fixed for day
    # 101 and 3, not before day 100, is done about day 101 as well: 31 % each. P50 of all is 101, of the path 92
    # (standard error 1.25 * 28 / 64 = .54).
    model = model_by_hand(("data", "work"), spread=0.3, nu=1000.0)
    draws = {**model.draws, "spread": model.draws["spread"] * np.array([1.0, 0.03, 1.0])}
    date = str(np.busday_offset("2026-03-02", 100))  # its morning is day 100, its evening day 101
    three = plan(
        {"milestone": "1", "phase": "data", "baseline_days": 92.0},
        {"milestone": "2", "baseline_days": 1.0, "fixed_finish": date},
        {"milestone": "3", "baseline_days": 1.0, "not_before": date},
    )
    simulation = simulate(three, replace(model, draws=draws), seed=1, iterations=4096, way="chained")
    assert names(simulation) == ["1"]
    assert merge_bias(simulation) == pytest.approx(9, abs=2.5)


def test_the_bias_is_stretched_with_the_iteration():
    # All certain: 1 takes 10, 2 takes 30 -> the path is 2 alone, no bias whatever the record says.
    both = plan({"milestone": "1", "baseline_days": 10.0}, {"milestone": "2", "baseline_days": 30.0})
    simulation = simulate(both, on_plan_model(), seed=1, iterations=100, record=record_by_hand([np.log(2)]))
    assert merge_bias(simulation) == 0


# The driving path.


def names(simulation):
    return driving_path(simulation)


def test_the_driving_path_is_named_in_its_order():
    # B and C beside each other: C is the longer.
    simulation = simulate(
        plan(
            {"milestone": "D", "baseline_days": 2.0, "depends_on": "B; C"},
            {"milestone": "A", "baseline_days": 2.0},
            {"milestone": "B", "baseline_days": 3.0, "depends_on": "A"},
            {"milestone": "C", "baseline_days": 6.0, "depends_on": "A"},
        ),
        model_by_hand(spread=0.1),
        seed=1,
        iterations=500,
    )
    assert names(simulation) == ["A", "C", "D"]


def test_a_link_that_never_holds_is_no_short_cut_of_the_path():
    # A holds C up through B alone: it drives as often as B, but its own link to C never sets a date.
    simulation = simulate(
        plan(
            {"milestone": "A", "baseline_days": 2.0},
            {"milestone": "B", "baseline_days": 3.0, "depends_on": "A"},
            {"milestone": "C", "baseline_days": 6.0, "depends_on": "A; B"},
        ),
        model_by_hand(spread=0.1),
        seed=1,
        iterations=500,
    )
    assert names(simulation) == ["A", "B", "C"]
    assert merge_bias(simulation) == 0


def test_a_launch_of_no_duration_belongs_to_the_path():
    simulation = simulate(
        plan(
            {"milestone": "work", "baseline_days": 5.0},
            {"milestone": "launch", "baseline_days": 0.0, "depends_on": "work"},
        ),
        model_by_hand(),
        seed=1,
        iterations=200,
    )
    assert names(simulation) == ["work", "launch"]


def test_the_path_begins_where_a_date_and_no_work_sets_the_start():
    held = data_then_work(not_before="2027-03-01")
    assert names(simulate(held, model_by_hand(spread=0.2), seed=1, iterations=200, way="chained")) == ["2"]


def test_links_between_starts_and_finishes_lead_along_the_path():
    ladder = plan(
        {"milestone": "1", "baseline_days": 5.0},
        {"milestone": "2", "baseline_days": 20.0, "depends_on": "1SS+2d"},
        {"milestone": "3", "baseline_days": 1.0, "depends_on": "2FF+1d"},
    )
    assert names(simulate(ladder, on_plan_model(), seed=1, iterations=100)) == ["1", "2", "3"]


def test_of_a_running_project_the_path_is_what_is_left():
    done = status_rows({"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-06"})
    simulation = simulate(
        data_then_work(), model_by_hand(), seed=1, iterations=200, as_of="2026-03-20", status=done
    )
    assert names(simulation) == [
        "2"
    ]  # not begun after two weeks: the status date holds it, not its predecessor


# Independence.


def test_effects_of_their_own_make_the_answer_narrower():
    # The project effect is shared, sd .5, 4 x 25 days: P90 - P10 = 100 (exp(.6408) - exp(-.6408)) = 137.1. With
    # effects of their own: four lognormals of mean 28.33 and sd 15.1, so about 2.56 * 30.2 = 77, a little less by
    # their skewness.
    four = plan(
        *(
            {"milestone": str(k), "baseline_days": 25.0, "depends_on": str(k - 1) if k else ""}
            for k in range(4)
        )
    )
    simulation = simulate(
        four, model_by_hand(spread=0.0, project_sd=0.5), seed=1, iterations=4096, way="chained"
    )
    spread = spread_if_independent(simulation)
    assert spread["days"] == pytest.approx(137.1, rel=0.02)  # stratified
    assert spread["independent_days"] == pytest.approx(74, rel=0.08)


def test_where_nothing_is_shared_independence_changes_nothing():
    # Two samples of n = 4096; the relative standard error of P90 - P10 is about 2 %.
    simulation = simulate(data_then_work(), model_by_hand(spread=0.3), seed=1, iterations=4096, way="chained")
    spread = spread_if_independent(simulation)
    assert isinstance(spread, pd.Series)
    assert spread["independent_days"] == pytest.approx(spread["days"], rel=0.1)
