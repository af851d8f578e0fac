import numpy as np
import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.scoring.backtest import BACKTEST
from estimation.scoring.verdict import (
    SKILL,
    best_candidate,
    on_shared_ground,
    reliability_table,
    skill_table,
)
from estimation.tables import check_table


def scores(**crps):
    rows = [
        {
            "candidate": name.replace("_", " "),
            "origin": pd.Timestamp("2026-01-01"),
            "project": f"p{k // 2}",
            "milestone": str(k),
            "crps": value,
            "pit": (k + 0.5) / len(values),
        }
        for name, values in crps.items()
        for k, value in enumerate(values)
    ]
    return by_hand(pd.DataFrame(rows), BACKTEST)


def test_skill_is_the_share_of_the_distance_of_the_raw_plan_that_is_saved():
    # Mean .3 against .4: a quarter is saved; every forecast saves a quarter, so the interval has no width.
    table = skill_table(scores(raw_plan=[0.4] * 10, full_model=[0.3] * 10), seed=1)
    check_table(table, SKILL, "skill")
    best = table.iloc[0]
    assert best["candidate"] == "full model"
    assert [best["skill"], best["skill_lower"], best["skill_upper"]] == pytest.approx([0.25] * 3)
    assert best["n_projects"] == 5


def test_one_project_that_could_be_forecast_gives_no_skill():
    # The eleventh closed project is the first with ten before it; an interval over projects needs two.
    one = scores(raw_plan=[0.4] * 10, full_model=[0.3] * 10).assign(project="the eleventh")
    assert skill_table(one, seed=1).empty


def test_levels_that_held_are_counted():
    # Log ratios 0, .1 ... .9; levels at .4, .7 and .8, the very day of a level included: 5, 8 and 9 are within.
    table = scores(raw_plan=[0.4] * 10).assign(actual=[k / 10 for k in range(10)], q50=0.4, q80=0.7, q90=0.8)
    row = skill_table(table, seed=1).iloc[0]
    assert row[["held_p50", "held_p80", "held_p90"]].tolist() == [5, 8, 9]


def test_candidates_are_compared_where_all_of_them_spoke():
    table = scores(raw_plan=[0.4] * 4, full_model=[0.3] * 4)
    short = scores(full_model_recalibrated=[0.2] * 2)
    shared = on_shared_ground(pd.concat([table, short], ignore_index=True))
    assert sorted(shared["milestone"].unique()) == ["0", "1"]
    assert len(shared) == 6


def test_the_best_is_chosen_among_those_that_could_be_used():
    table = skill_table(scores(raw_plan=[0.4] * 4, pool=[0.2] * 4, full_model=[0.3] * 4), seed=1)
    assert best_candidate(table, ("full model", "raw plan")) == "full model"


def test_reliability_comes_with_the_band_that_chance_allows():
    # 60 forecasts: at a true .80 chance allows .72 to .88.
    rng = np.random.default_rng(1)
    table = scores(full_model=list(rng.random(60)))
    row = reliability_table(table, "full model").set_index("level").loc[0.8]
    assert row["held"] == pytest.approx(0.8)
    assert [row["lower"], row["upper"]] == pytest.approx([0.717, 0.883], abs=0.005)
