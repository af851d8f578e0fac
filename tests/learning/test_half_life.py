import numpy as np
import pandas as pd
import pytest

from estimation.calibration.model import fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.overruns import overrun_table
from estimation.errors import InputError
from estimation.learning.half_life import HALF_LIVES, choose_half_life
from estimation.tables import HISTORY, check_table, keep_contract


def portfolio(ratio_of_project, *, seed=1):
    """Projects of two milestones of twenty planned days each, one after another; one starts every two weeks."""
    rng = np.random.default_rng(seed)
    rows = []
    for k, ratio in enumerate(ratio_of_project):
        start = pd.Timestamp("2022-01-03") + pd.Timedelta(weeks=2 * k)
        shared = {"project": f"p{k:02d}", "project_start": start}
        day, planned = start, start
        for milestone, phase in (("1", "data"), ("2", "model")):
            planned = planned + pd.offsets.BDay(20)
            day = day + pd.offsets.BDay(max(1, round(20 * ratio * rng.lognormal(0, 0.2))))
            finishes = {
                "baseline_finish": planned - pd.offsets.BDay(1),
                "actual_finish": day - pd.offsets.BDay(1),
            }
            rows.append({**shared, "milestone": milestone, "phase": phase, **finishes})
    return keep_contract(pd.DataFrame(rows).assign(source="by hand, row 2"), HISTORY)


# Forty projects took twice their plan, the twenty after them a fifth more.
DRIFTED = [2.0] * 40 + [1.2] * 20


@pytest.fixture(scope="module")
def drifted():
    return portfolio(DRIFTED)


@pytest.mark.parametrize("method", ["full", "closed_form"])
def test_after_a_drift_a_half_life_follows_what_projects_took_lately(drifted, method):
    # Projects start two weeks apart, so the twenty late ones span 9 months and the forty before them another 18. At a
    # half-life of 3 months the old ones weigh 2 rows of a phase together, the late ones 9 (sums of .9^n), and the
    # median is near 1.2; all the same, forty of sixty rows of a phase say 2.
    overruns = overrun_table(drifted)
    medians = {}
    for half_life in (None, 3):
        model = fit_overruns(overruns, seed=1, method=method, half_life_months=half_life, sweeps=700)
        assert model.half_life_months == half_life
        medians[half_life] = multiplier_table(model, levels=(0.5,)).set_index("phase")["multiplier"]
    assert medians[None]["data"] > 1.55
    assert medians[3]["data"] == pytest.approx(1.2, abs=0.15)
    assert medians[3]["model"] == pytest.approx(1.2, abs=0.15)


def test_after_a_drift_a_half_life_is_chosen_and_the_table_shows_why(drifted):
    months, table = choose_half_life(drifted, seed=1, origins=10)
    check_table(table, HALF_LIVES, "half-lives")
    assert months in (6, 12)
    chosen = table[table["chosen"]].iloc[0]
    assert chosen["half_life_months"] == months
    assert chosen["skill_lower"] > 0
    same = table[table["half_life_months"].isna()].iloc[0]
    assert chosen["crps"] < same["crps"]
    assert (same["skill"], same["skill_lower"], same["skill_upper"]) == (0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_where_nothing_drifts_all_history_counts_the_same(seed):
    months, table = choose_half_life(portfolio([1.4] * 60, seed=seed), seed=seed, origins=8)
    assert months is None
    assert table.loc[table["chosen"], "half_life_months"].isna().tolist() == [True]


def test_without_a_backtest_nothing_is_chosen_and_the_table_is_empty():
    months, table = choose_half_life(portfolio([1.4] * 8), seed=1)
    check_table(table, HALF_LIVES, "half-lives")
    assert months is None
    assert table.empty


def test_a_half_life_without_dates_or_not_above_zero_is_refused_with_what_to_do(drifted):
    overruns = overrun_table(drifted)
    with pytest.raises(InputError, match="no row says when it became known"):
        fit_overruns(overruns.assign(known_on=pd.NaT), seed=1, half_life_months=12)
    with pytest.raises(InputError, match="half_life_months 0 came; wanted a number of months above zero"):
        fit_overruns(overruns, seed=1, half_life_months=0)
