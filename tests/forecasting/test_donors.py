import numpy as np
import pytest
from models_by_hand import by_phase, model_by_hand
from tables_by_hand import overruns, plan_rows

from estimation.forecasting.donors import donor_finishes
from estimation.project.plan import build_plan


def chain(*phases):
    rows = ({"milestone": str(k), "phase": phase, "baseline_days": 10.0, "depends_on": str(k - 1) if k else ""}
            for k, phase in enumerate(phases))  # fmt: skip
    return build_plan(plan_rows(*rows))


def donated(plan, table, iterations=2000, **how):
    return donor_finishes(plan, table, iterations=iterations, seed=1, **how)


def test_one_donor_lends_the_ratio_of_each_phase():
    # data 10 * 3, work 10 * 1.5; however the phases are spelled.
    table = overruns({"data": [3.0], "work": [1.5]})
    assert donated(chain("Data", "work"), table) == pytest.approx(np.full(2000, 45.0))


def test_a_phase_that_the_donor_did_not_have_borrows_from_any_of_its_phases():
    # 10 * 3 or 10 * 1.5, evenly: standard error .011.
    finishes = donated(chain("launch"), overruns({"data": [3.0], "work": [1.5]}))
    assert set(finishes.round(6)) == {30.0, 15.0}
    assert np.isclose(finishes, 30).mean() == pytest.approx(0.5, abs=0.05)


def test_donors_lend_whole_iterations_and_equally_often():
    # One donor took 2 for both phases, one 1: 40 or 20 days, never 30, half of the iterations each.
    finishes = donated(chain("data", "work"), overruns({"data": [2.0, 1.0], "work": [2.0, 1.0]}))
    assert set(finishes.round(6)) == {40.0, 20.0}
    assert np.isclose(finishes, 40).mean() == pytest.approx(0.5, abs=0.05)


def test_milestones_of_one_phase_draw_each_for_itself_within_a_donor():
    # One donor with 1 and 3 in one phase: two milestones take 20, 40 or 60; 40 half of the time.
    table = overruns({"work": [1.0, 3.0]}).assign(project="p")
    finishes = donated(chain("work", "work"), table)
    assert np.isclose(finishes, 40).mean() == pytest.approx(0.5, abs=0.05)
    assert np.isclose(finishes, 60).mean() == pytest.approx(0.25, abs=0.045)


def test_running_work_lends_nothing():
    table = overruns({"work": [2.0, 9.0]})
    table["censored"] = table["overrun_ratio"] == 9.0
    assert donated(chain("work"), table) == pytest.approx(np.full(2000, 20.0))


def test_recentred_a_donor_lends_by_how_much_it_differed_from_its_phases():
    # data usually takes 2, launch 1.5. The donor's data took 3: half as much again. launch 10 * 1.5 * 1.5 = 22.5,
    # data 10 * 3.
    model = by_phase(model_by_hand(("data", "launch")), data=np.log(2.0), launch=np.log(1.5))
    table = overruns({"data": [3.0]})
    assert donated(chain("launch"), table, recentred_on=model) == pytest.approx(np.full(2000, 22.5))
    assert donated(chain("data"), table, recentred_on=model) == pytest.approx(np.full(2000, 30.0))


def test_recentred_a_donor_just_at_the_level_is_not_taken_for_one_on_plan():
    model = by_phase(model_by_hand(("data", "launch")), data=np.log(2.0), launch=np.log(1.5))
    assert donated(chain("launch"), overruns({"data": [2.0]}), recentred_on=model) == pytest.approx(
        np.full(2000, 15.0)
    )


def test_recentred_work_exactly_on_plan_stays_on_plan():
    model = by_phase(model_by_hand(("data", "launch")), data=np.log(2.0), launch=np.log(1.5))
    assert donated(chain("launch"), overruns({"data": [1.0]}), recentred_on=model) == pytest.approx(
        np.full(2000, 10.0)
    )


def test_the_same_seed_borrows_the_same_iterations():
    table = overruns({"work": [1.0, 2.0, 3.0]})
    one, same = (donated(chain("work"), table) for _ in range(2))
    assert (one == same).all()
    assert (one != donor_finishes(chain("work"), table, iterations=2000, seed=2)).any()
