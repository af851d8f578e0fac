import numpy as np
import pandas as pd
import pytest
from models_by_hand import record_by_hand
from tables_by_hand import by_hand, history, status_rows

from estimation.calibration.remaining import LEVELS, RemainingModel, fit_remaining
from estimation.forecasting.remaining_table import REMAINING, remaining_table
from estimation.tables import check_table


def model(multiplier=1.2, residual=0.5):
    return RemainingModel(multiplier, np.full(len(LEVELS), residual), 1, 1)


def statuses(*rows):
    """Rows of (project, remaining): half of 100 planned days is left after 50."""
    table = [
        {"project": p, "planned_days": 100.0, "elapsed_days": 50.0, "base_days": 50.0, "remaining_days": r}
        for p, r in rows
    ]
    return by_hand(pd.DataFrame(table, columns=list(REMAINING)), REMAINING)


def test_quantiles_follow_the_formula():
    # m B = 60 of 200 planned days; 60 + 200 sqrt(.3) .5 = 114.772.
    assert model().quantiles(50.0, 200.0, 0.8) == pytest.approx(114.7723, abs=1e-4)


def test_the_spread_of_a_project_about_to_end_has_a_floor_and_no_time_is_below_zero():
    # 200 sqrt(.02) .5 = 14.142; with residuals below zero nothing is left.
    assert model().quantiles(0.0, 200.0, 0.8) == pytest.approx(14.1421, abs=1e-4)
    assert model(residual=-0.5).quantiles(0.0, 200.0, 0.8) == 0


def test_quantiles_of_many_projects_and_levels_come_as_a_table():
    table = model().quantiles(np.array([50.0, 0.0]), np.array([200.0, 200.0]), [0.5, 0.8, 0.9])
    assert table.shape == (2, 3)
    assert table[1] == pytest.approx([14.1421] * 3, abs=1e-4)


def test_the_pace_so_far_moves_the_rest_a_little():
    # Half of 200 planned days covered in 100 days, others need 1.2: 100 (800 x 1.2 + 100) / (800 + 100) = 117.78.
    # Covered in 120 days, at the pace of the others, it moves nothing.
    assert model().expected(100.0, 200.0, 100.0) == pytest.approx(117.7778, abs=1e-4)
    assert model().expected(100.0, 200.0, 120.0) == pytest.approx(120.0)
    assert model().expected(100.0, 200.0) == pytest.approx(120.0)


def test_without_closed_projects_the_defaults_speak():
    # Multiplier 1.06; residuals -.17, .03, .21, .34 at P10, P50, P80, P90; scale 100 sqrt(.53) = 72.801.
    fitted = fit_remaining(statuses())
    found = fitted.quantiles(50.0, 100.0, [0.1, 0.5, 0.8, 0.9])
    assert found == pytest.approx(53 + 72.8011 * np.array([-0.17, 0.03, 0.21, 0.34]), abs=0.05)
    assert (fitted.n_projects, fitted.n_statuses) == (0, 0)


def test_the_multiplier_is_the_median_with_one_project_as_planned_added():
    # Half of the plan took 50 days. A rest of 60 is right at (60/50 x 450 - 50) / 400 = 1.225, one of 70 at 1.45.
    # Sorted with the added 1: 1, 1.225, 1.225, 1.45.
    fitted = fit_remaining(statuses(("a", 60.0), ("b", 60.0), ("c", 70.0)))
    assert fitted.multiplier == pytest.approx(1.225)
    assert fitted.n_projects == 3


def test_a_project_that_reports_often_weighs_no_more():
    # .775 twice, the added 1, and one project ten times at 1.225: the middle lies between .775 and 1.
    often = [("a", 60.0)] * 10
    assert fit_remaining(statuses(*often, ("b", 40.0), ("c", 40.0))).multiplier == pytest.approx(0.8875)


def test_own_residuals_count_as_their_projects_and_the_default_ones_as_ten():
    # All went exactly at the multiplier: own residuals are 0.
    same = statuses(*((f"p{n}", 60.0) for n in range(30)))
    alone, mixed = fit_remaining(same, default_projects=0), fit_remaining(same)
    assert alone.residuals == pytest.approx(0, abs=1e-9)
    # Ten of forty are default: a quarter of all is default, and a fifth of that lies above its P80, .21.
    assert np.interp(0.8, LEVELS, mixed.residuals) == pytest.approx(0.0, abs=1e-9)
    assert np.interp(1 - 0.25 * 0.2, LEVELS, mixed.residuals) == pytest.approx(0.21, abs=0.01)


def test_projects_without_updates_speak_by_their_finish():
    # Thirty projects that all took 1.5 planned durations, no update of any: thirty at 1.5 and the added one at 1.
    closed = record_by_hand([np.log(1.5)] * 30)
    fitted = fit_remaining(statuses(), record=closed, default_projects=0)
    assert fitted.multiplier == pytest.approx(1.5)
    assert fitted.quantiles(100.0, 100.0, [0.1, 0.9], elapsed_days=0.0) == pytest.approx([150.0, 150.0])
    assert (fitted.n_projects, fitted.n_statuses) == (30, 0)


def test_projects_with_updates_are_not_counted_twice():
    # All of the record's three projects left updates: it adds nothing.
    rows = statuses(("a", 60.0), ("b", 60.0), ("c", 70.0))
    closed = record_by_hand([np.log(9.0)] * 3)
    assert (
        fit_remaining(rows, record=closed).multiplier
        == fit_remaining(rows).multiplier
        == pytest.approx(1.225)
    )


def closed_project(**changes):
    row = {"baseline_start": "2026-03-02", "actual_start": "2026-03-02", "project_start": "2026-03-02"}
    first = row | {"milestone": "1", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-10"}
    last = row | {
        "milestone": "2",
        "baseline_start": "2026-03-09",
        "baseline_finish": "2026-03-13",
        "depends_on": "1",
    }
    last |= {"actual_start": "2026-03-11", "actual_finish": "2026-03-18"} | changes
    return history(first, last)


UPDATES = status_rows(
    {"milestone": "1", "as_of": "2026-03-06", "actual_start": "2026-03-02", "percent_complete": 0.6},
    {"milestone": "1", "as_of": "2026-03-18", "actual_start": "2026-03-02", "actual_finish": "2026-03-10"},
    {"milestone": "2", "as_of": "2026-03-18", "actual_start": "2026-03-11", "actual_finish": "2026-03-18"},
)


def test_a_closed_project_shows_what_was_left_and_what_it_took():
    # Ten planned days, weights by days. On Friday 6 March three of ten are earned (ES 3): the plan has 7 left, 6.9
    # to 99 %; so has the network, 2 and then 5. It really took 8 more working days, to Wednesday 18 March.
    table = remaining_table(closed_project(), UPDATES)
    check_table(table, REMAINING, "remaining")
    (row,) = table.to_dict("records")
    assert (row["elapsed_days"], row["planned_days"], row["remaining_days"]) == (5, 10, 8)
    assert row["earned_schedule"] == pytest.approx(3.0)
    assert row["base_days"] == pytest.approx((7 + 6.9 + 7 + 6.9) / 4)


def test_projects_that_run_or_closed_later_teach_nothing():
    assert remaining_table(closed_project(actual_finish=None), UPDATES).empty
    assert remaining_table(closed_project(), UPDATES, as_of="2026-03-17").empty
    assert len(remaining_table(closed_project(), UPDATES, as_of="2026-03-18")) == 1
