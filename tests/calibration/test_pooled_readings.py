"""Readings of a running project, pooled: by hand, and by laws over random rows."""

import numpy as np
import pandas as pd
import pytest
from models_by_hand import record_by_hand
from tables_by_hand import by_hand

from estimation.calibration.pooled_readings import (
    OWN_WEIGHTS_AFTER,
    fit_pooled,
    left_nodes,
    pooled,
    record_left,
    team_left,
    weights_at,
)
from estimation.calibration.remaining import LEVELS
from estimation.forecasting.remaining_table import REMAINING

NODES = (np.arange(999) + 0.5) / 999


def statuses(rows):
    """Rows of (project, elapsed, base, team, remaining) of projects planned for 100 days."""
    table = [
        {"project": p, "planned_days": 100.0, "elapsed_days": t, "base_days": b, "team_days": s,
         "remaining_days": r, "known_on": pd.Timestamp("2026-01-30")}
        for p, t, b, s, r in rows
    ]  # fmt: skip
    return by_hand(pd.DataFrame(table, columns=list(REMAINING)), REMAINING)


def portfolio(n, *, said, seed=1):
    """Projects whose rest takes 1.5 times what their progress says, give or take; ``said`` of it the team names."""
    rng, rows = np.random.default_rng(seed), []
    for k in range(n):
        luck = np.exp(0.25 * rng.standard_normal())
        for gone in (20.0, 40.0, 60.0):
            real = 1.5 * luck * (100 - gone)
            rows.append((f"p{k:02d}", gone, 100 - gone, said(real, rng), real))
    return statuses(rows)


def test_a_pool_holds_each_reading_in_its_share():
    # Ones and threes, three to one: the lower three quarters are ones.
    readings = [np.ones(50), np.full(30, 3.0)]
    assert pooled(readings, [0.75, 0.25], np.array([0.2, 0.7, 0.8])).tolist() == [1.0, 1.0, 3.0]
    assert pooled(readings, [0.0, 1.0], np.array([0.2])).tolist() == [3.0]


def test_of_the_record_what_lies_ahead_counts_and_who_outlasted_it_takes_longer_still():
    finishes = np.arange(100.0, 200.0)
    assert record_left(finishes, 150.0).tolist() == [*np.arange(1.0, 50.0)]
    # It has lasted 300, twice the 150 that the longest half began with: 175 to 199 are the last 25 of them.
    far = record_left(finishes, 350.0)
    assert far == pytest.approx(np.arange(175.0, 200.0) * 2 - 350)


def test_on_the_first_evening_the_record_speaks_alone_and_soon_the_weights_do():
    third = (1 / 3, 1 / 3, 1 / 3)
    assert weights_at(third, 1.0, 100.0).tolist() == [0, 1, 0]
    assert weights_at(third, 1 + OWN_WEIGHTS_AFTER * 100, 100.0) == pytest.approx(third)
    half_way = weights_at((1.0, 0.0, 0.0), 1 + OWN_WEIGHTS_AFTER * 50, 100.0)
    assert half_way == pytest.approx([0.5, 0.5, 0.0])


def test_few_projects_take_equal_weights_and_a_team_whose_word_is_right_is_believed_with_many():
    right = lambda real, rng: real * np.exp(0.05 * rng.standard_normal())  # noqa: E731
    few, many = (fit_pooled(portfolio(n, said=right)) for n in (6, 20))
    assert few.weights == pytest.approx([1 / 3] * 3)
    assert many.weights[2] >= 0.75
    noise = lambda real, rng: real * np.exp(rng.standard_normal())  # noqa: E731
    assert fit_pooled(portfolio(20, said=noise)).weights[2] <= 0.25


def test_a_team_that_says_half_of_what_it_takes_is_doubled_and_with_none_its_word_is_an_estimate():
    model = fit_pooled(portfolio(30, said=lambda real, rng: real / 2), record=record_by_hand([0.3]))
    # Thirty projects beside two of the record's .3: the middle is log 2.
    assert np.median(team_left(model, 10.0, 0.4)) == pytest.approx(20.0, rel=0.01)
    none = fit_pooled(statuses([]), record=record_by_hand([0.3]))
    assert np.median(team_left(none, 10.0, 0.4)) == pytest.approx(10 * np.exp(0.3), rel=0.01)


def test_worse_news_moves_no_level_earlier():
    rng = np.random.default_rng(20261130)
    model = fit_pooled(portfolio(12, said=lambda real, rng: real / 1.5))
    finishes = 100 * np.exp(0.3 + 0.25 * np.sort(rng.standard_normal(999)))
    for _ in range(300):
        row = {"planned_days": 100.0, "elapsed_days": float(rng.uniform(0.5, 140))}
        row |= {name: float(rng.uniform(0, 100)) for name in ("base_days", "team_days")}
        worse = row | {name: row[name] + float(rng.uniform(0, 20)) for name in ("base_days", "team_days")}
        before, after = (left_nodes(model, finishes, each, NODES) for each in (row, worse))
        assert (after >= before - 1e-9).all()


def test_the_distance_of_a_pool_is_that_of_its_parts():
    # With weight on one reading alone a pool is that reading.
    model = fit_pooled(portfolio(12, said=lambda real, rng: real))
    row = {"planned_days": 100.0, "elapsed_days": 60.0, "base_days": 40.0, "team_days": 40.0}
    alone = left_nodes(type(model)(**{**vars(model), "weights": (1.0, 0.0, 0.0)}), None, row, LEVELS)
    assert alone == pytest.approx(model.quantiles(40.0, 100.0, LEVELS, elapsed_days=60.0))
