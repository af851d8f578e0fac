import numpy as np
import pandas as pd
import pytest

from estimation.learning.finish_choice import choose_finish_way
from estimation.scoring.backtest import BACKTEST
from estimation.scoring.finish_backtest import CHAINED, MATCHED
from estimation.scoring.verdict import (
    SKILL,
    best_candidate,
    on_shared_ground,
    reliability_table,
    skill_table,
)
from estimation.tables import check_table, keep_contract


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
    return keep_contract(pd.DataFrame(rows), BACKTEST)


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
    # PIT .05, .15 ... .95: five within P50, eight within P80, nine within P90.
    row = skill_table(scores(raw_plan=[0.4] * 10), seed=1).iloc[0]
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


def finish_scores(chained, matched=0.2, projects=30):
    """One forecast per project and way; the loss of the chain may differ by project."""
    rows = [
        {"candidate": name, "project": f"p{k}", "crps": loss[k % len(loss)]}
        for name, loss in ((CHAINED, chained), (MATCHED, [matched]))
        for k in range(projects)
    ]
    return keep_contract(pd.DataFrame(rows), BACKTEST)


@pytest.mark.parametrize(
    ("scores", "way"),
    [
        (finish_scores([0.1]), "chained"),  # half the loss on every project
        (finish_scores([0.3]), "record"),
        # Better on average (.19 against .20), but by turns .02 and .36: the interval of 30 projects spans zero.
        (finish_scores([0.02, 0.36]), "record"),
        (finish_scores([0.1], projects=19), "record"),  # too few to choose by
        (keep_contract(pd.DataFrame(), BACKTEST), "record"),
    ],
)
def test_the_record_speaks_unless_chaining_was_closer_by_more_than_chance(scores, way):
    assert choose_finish_way(scores, seed=1) == way
