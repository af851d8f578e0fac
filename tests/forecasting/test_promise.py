import numpy as np
import pytest
from models_by_hand import growth_by_hand, model_by_hand, on_plan_model, record_by_hand
from tables_by_hand import plan_rows, status_rows

from estimation.forecasting.promise import PROMISE_NEEDS, needed_factor, promise_needs
from estimation.forecasting.simulation import simulate
from estimation.forecasting.traced_iterations import trace
from estimation.project.plan import build_plan
from estimation.tables import check_table

# Fridays: 6, 13, 20, 27 March and 3, 10 April 2026 are the evenings of days 5, 10, 15, 20 and 25, 30.


def chain(*days, **columns):
    rows = [
        {"milestone": str(k + 1), "baseline_days": float(own), "depends_on": str(k) if k else ""}
        | {name: values[k] for name, values in columns.items()}
        for k, own in enumerate(days)
    ]
    return build_plan(plan_rows(*rows))


def needs(simulation, date, **how):
    table = promise_needs(simulation, date, **how)
    check_table(table, PROMISE_NEEDS, "promise needs")
    return table.set_index("milestone")


def planned(plan, model=None, **how):
    return simulate(plan, model or on_plan_model(), seed=1, iterations=200, **how)


def test_each_milestone_alone_would_have_to_save_the_promise():
    # 10 + 20 days; promised for day 25: 1 may take 5, or 2 may take 15.
    table = needs(planned(chain(10, 20)), "2026-04-03")
    assert table["most_days"].to_dict() == {"1": 5, "2": 15}
    assert table["expected_days"].to_dict() == {"1": 10, "2": 20}
    assert table["baseline_days"].to_dict() == {"1": 10, "2": 20}
    assert (table["prob_promised"] == 1).all()
    assert table.index.tolist() == ["2", "1"]  # those that can take longest first


def test_where_even_no_time_at_all_is_not_enough_the_chance_says_how_far_it_gets():
    # Promised for day 15: without 1 it still takes 20 days; 2 may take 5.
    table = needs(planned(chain(10, 20)), "2026-03-20")
    assert table.index.tolist() == ["2", "1"]
    assert table["most_days"].iloc[0] == 5
    assert np.isnan(table.loc["1", "most_days"])
    assert table.loc["1", "prob_promised"] == 0


def test_a_promise_that_holds_asks_for_nothing():
    # Done on day 30 as it is: the most is what it takes at its longest.
    assert needs(planned(chain(10, 20)), "2026-04-10")["most_days"].to_dict() == {"1": 10, "2": 20}


def test_durations_are_those_of_the_stretched_iteration():
    # 15 + 30 days; promised for day 30: 1 would have to take no time, or 2 may take 15.
    table = needs(planned(chain(10, 20), record=record_by_hand([np.log(1.5)])), "2026-04-10")
    assert table["expected_days"].to_dict() == pytest.approx({"1": 15, "2": 30})
    assert table["most_days"].to_dict() == {"1": 0, "2": 15}


@pytest.mark.parametrize("record", [None, record_by_hand(np.linspace(-0.2, 0.5, 40))])
def test_at_the_answer_the_promise_holds_and_half_a_day_more_is_too_long(record):
    model = model_by_hand(spread=0.5, project_sd=0.3)
    simulation = simulate(chain(30, 40, 20), model, seed=1, iterations=4000, record=record)
    evening = 85
    date = simulation.plan.calendar.evening_dates([simulation.origin + evening])[0]
    table = needs(simulation, date, level=0.6).dropna(subset="most_days")
    detail = trace(simulation).detail

    def chance(place, cap):
        days = detail.durations.astype(float)
        days[place] = np.minimum(days[place], cap / detail.stretch)
        return (days.sum(axis=0) * detail.stretch <= evening + 1e-3).mean()

    assert len(table) >= 1
    for milestone, row in table.iterrows():
        place = int(milestone) - 1
        assert chance(place, row["most_days"]) >= 0.6 > chance(place, row["most_days"] + 0.5)
        assert row["prob_promised"] == pytest.approx(chance(place, row["most_days"]), abs=1e-3)


def test_work_beside_the_path_cannot_save_a_promise():
    both = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 5.0, "depends_on": ""},
            {"milestone": "2", "baseline_days": 20.0, "depends_on": ""},
        )
    )
    assert needs(planned(both), "2026-03-20").index.tolist() == ["2"]


def test_a_date_from_outside_is_not_saved_by_faster_work():
    # 2 is fixed for the evening of day 22; promised for day 20. Nothing helps, whatever the record says.
    fixed = chain(5, 5, fixed_finish=[None, "2026-03-31"])
    simulation = planned(fixed, record=record_by_hand([np.log(0.5)]))
    table = needs(simulation, "2026-03-27")
    assert table["most_days"].isna().all()
    assert (table["prob_promised"] == 0).all()


def test_added_work_stays_when_a_milestone_is_shortened():
    # To each of the two comes, half of the time, work of 10 days beside it: with 1 at no time and 2 at 10 days the
    # project ends on day 10 only where 2 got none (e^-.5 = .6065; standard error .0077).
    growing = on_plan_model(scope_growth=growth_by_hand(0.5, in_series=0.0))
    simulation = simulate(chain(10, 10), growing, seed=1, iterations=4000, way="chained")
    table = needs(simulation, "2026-03-13", level=0.9)
    assert np.isnan(table.loc["1", "most_days"])
    assert table.loc["1", "prob_promised"] == pytest.approx(0.6065, abs=0.03)


def test_running_work_cannot_take_less_than_it_has_taken_and_finished_work_is_not_asked():
    # 1 is finished; 2 has run for five days on day 15, 20 in all: day 30. Promised for day 20 it may take 10; for day
    # 13 not even stopping today would do.
    told = status_rows(
        {"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-13"},
        {"milestone": "2", "actual_start": "2026-03-16"},
    )
    simulation = planned(chain(10, 20), as_of="2026-03-20", status=told, way="chained")
    table = needs(simulation, "2026-03-27")
    assert table["most_days"].to_dict() == {"2": 10}
    assert needs(simulation, "2026-03-18")["most_days"].isna().all()


def test_only_the_milestones_that_drive_most_are_asked():
    assert len(promise_needs(planned(chain(*[5] * 12)), "2026-04-03")) == 8


def test_a_project_with_nothing_left_has_nothing_that_could_shrink():
    done = status_rows({"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-13"})
    simulation = planned(chain(10), as_of="2026-03-20", status=done, way="chained")
    check_table(promise_needs(simulation, "2026-03-06"), PROMISE_NEEDS, "promise needs")
    assert len(promise_needs(simulation, "2026-03-06")) == 0


def test_the_needed_factor_shrinks_all_that_is_left():
    # Done on day 30. Promised for day 20: two thirds. For day 30 and later nothing has to shrink.
    simulation = planned(chain(10, 20))
    assert needed_factor(simulation, "2026-03-27") == pytest.approx(2 / 3)
    assert needed_factor(simulation, "2026-04-10") == 1
    assert needed_factor(simulation, "2026-05-01") == 1
    # On day 10 with 1 done, 20 days are left; promised for day 20 is half of them, yesterday is none.
    done = status_rows({"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-13"})
    later = planned(chain(10, 20), as_of="2026-03-13", status=done, way="chained")
    assert needed_factor(later, "2026-03-27") == pytest.approx(0.5)
    assert needed_factor(later, "2026-03-12") == 0
