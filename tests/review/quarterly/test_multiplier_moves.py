from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from models_by_hand import model_by_hand
from tables_by_hand import by_hand

from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.overruns import OVERRUNS
from estimation.calibration.project_record import FINISH_RATIOS
from estimation.review.quarterly.multiplier_moves import (
    multiplier_moves,
    multipliers_at_kickoff,
    saved_by_multipliers,
)
from estimation.review.quarterly.quarterly_tables import MULTIPLIER_MOVES, SAVED
from estimation.tables import check_table


def model(level: float, *, doubt: float = 0.05, seed: int = 1, n: int = 40):
    """A model whose level is known to within a doubt (standard deviation over 400 draws)."""
    draws = level + doubt * np.random.default_rng(seed).standard_normal(400)
    made = model_by_hand(("data",), level=draws, spread=0.2, nu=200.0)
    return replace(made, n_projects=n, phases=made.phases.assign(n_projects=n))


def test_a_multiplier_that_moved_by_more_than_the_newer_projects_explain_has_moved_beyond_noise():
    # From 30 projects to 40: three quarters of the evidence are in both. Known then to within .06, the change is to
    # within .06 sqrt(1 - 30 / 40) = .03, times 1.645 = .0493. It is -.1.
    moves = multiplier_moves(model(0.4, doubt=0.05), model(0.5, doubt=0.06, seed=2, n=30))
    check_table(moves, MULTIPLIER_MOVES, "moves")
    assert moves["phase"].tolist() == ["data", "data"]
    assert moves["moved"].all()
    assert moves["change"].tolist() == pytest.approx([np.exp(-0.1)] * 2, rel=0.02)
    reach = np.log(moves["change_upper"] / moves["change"])
    assert reach.tolist() == pytest.approx([0.0493] * 2, rel=0.12)
    assert np.log(moves["change"] / moves["change_lower"]).tolist() == pytest.approx(reach.tolist())


def test_a_multiplier_within_its_doubt_has_not_moved():
    moves = multiplier_moves(model(0.1), model(0.13, seed=2, n=30))
    assert not moves["moved"].any()
    assert (moves["change_lower"] < 1).all()
    assert (moves["change_upper"] > 1).all()


def test_without_newer_projects_nothing_can_have_moved():
    assert not multiplier_moves(model(0.1), model(0.5, seed=2))["moved"].any()


def test_a_phase_of_four_projects_has_no_multiplier_in_the_report():
    few = multiplier_moves(model(0.1, n=4), model(0.5, seed=2, n=3))
    check_table(few, MULTIPLIER_MOVES, "moves")
    assert few["suppressed"].all()
    assert few[["then", "now", "now_lower", "change", "change_upper"]].isna().all(axis=None)
    newly_enough = multiplier_moves(model(0.1, n=6), model(0.5, seed=2, n=4))
    assert newly_enough["now"].notna().all()
    assert newly_enough[["then", "change"]].isna().all(axis=None)
    assert not newly_enough["moved"].any()


def test_both_multipliers_are_those_of_their_models():
    now, then = model(0.1), model(0.5, seed=2)
    moves = multiplier_moves(now, then, levels=[0.8])
    for name, made in (("now", now), ("then", then)):
        assert moves[name].iloc[0] == multiplier_table(made, levels=[0.8])["multiplier"].iloc[0]


def test_without_a_model_of_a_year_ago_nothing_has_moved():
    moves = multiplier_moves(model(0.1), None)
    check_table(moves, MULTIPLIER_MOVES, "moves")
    assert not moves["moved"].any()
    assert moves["then"].isna().all()


def finished(n: int, ratio: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """N projects of one milestone, planned 20 days, that all took the same times as long; one a week from 2024 on."""
    known = pd.date_range("2024-01-01", periods=n, freq="7D")
    names = [f"p{k:02d}" for k in range(n)]
    facts = {
        "project": names,
        "baseline_days": 20.0,
        "estimate_days": 20.0,
        "actual_days": 20.0 * ratio,
        "known_on": known,
    }
    rows = {
        **facts,
        "milestone": "1",
        "phase": "data",
        "overrun_ratio": ratio,
        "on_plan": False,
        "censored": False,
    }
    whole = {**facts, "finish_ratio": ratio, "on_plan": False, "censored": False}
    return by_hand(pd.DataFrame(rows), OVERRUNS), by_hand(pd.DataFrame(whole), FINISH_RATIOS)


def test_the_multiplier_known_at_kickoff_is_learned_from_what_had_finished_before():
    overruns, ratios = finished(40, 1.5)
    later = ratios["known_on"] > "2024-08-01"
    ratios.loc[later, "finish_ratio"] = 9.0
    overruns.loc[later, "overrun_ratio"] = 9.0
    starts = pd.Series({"p39": pd.Timestamp("2024-08-01")})
    found = multipliers_at_kickoff(overruns, ratios, starts, seed=1, approved=ratios)
    assert found["phase"].tolist() == ["project", "data"]
    assert found["p50"].tolist() == pytest.approx([1.5, 1.5], rel=0.02)


def test_a_project_that_started_before_any_other_had_closed_is_left_out():
    overruns, ratios = finished(10, 1.5)
    starts = pd.Series({"p09": pd.Timestamp("2023-12-01")})
    assert multipliers_at_kickoff(overruns, ratios, starts, seed=1, approved=ratios).empty


def test_what_a_multiplier_saves_is_worked_out_by_hand():
    # Planned 10, 20, 30, 40, 50; P50 multiplier 1.2, P80 1.5; took 12, 20, 36, 60, 50.
    # Plan off by 2, 0, 6, 20, 0: 5.6 on average. Times 1.2 (12, 24, 36, 48, 60) off by 0, 4, 0, 12, 10: 5.2.
    # Times 1.5 (15, 30, 45, 60, 75) off by 3, 10, 9, 0, 25: 9.4. Within plan: 20 and 50; within P80: all five.
    cell = pd.DataFrame(
        {
            "project": list("abcde"),
            "phase": "project",
            "planned_days": [10.0, 20, 30, 40, 50],
            "estimate_days": [10.0, 20, 30, 40, 50],
            "actual_days": [12.0, 20, 36, 60, 50],
            "p50": 1.2,
            "p80": 1.5,
        }
    )
    saved = saved_by_multipliers(cell)
    check_table(saved, SAVED, "saved")
    row = saved.iloc[0]
    assert row[["plan_error_days", "p50_error_days", "p80_error_days"]].tolist() == pytest.approx(
        [5.6, 5.2, 9.4]
    )
    assert row["saved_days"] == pytest.approx(0.4)
    assert row["saved_lower"] < 0.4 < row["saved_upper"]
    assert (row["n_held_plan"], row["n_held_p80"]) == (2, 5)
    # Had these plans been approved at 1.25 times their estimates, the estimates times 1.2 would have been 9.6 .. 48:
    # off by 2.4, .8, 7.2, 21.6, 2.
    used = saved_by_multipliers(cell.assign(estimate_days=cell["planned_days"] / 1.25)).iloc[0]
    assert used[["plan_error_days", "p50_error_days"]].tolist() == pytest.approx([5.6, 6.8])
    few = saved_by_multipliers(cell.iloc[:4]).iloc[0]
    assert few["suppressed"]
    assert pd.isna(few["plan_error_days"])
