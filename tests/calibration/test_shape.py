import numpy as np
import pytest
from scipy import stats

from estimation.calibration.shape import (
    NODE_LEVELS,
    mix_nodes,
    phase_weight,
    quantiles_with_ties,
    residual_shape,
    t_nodes,
    unit_nodes,
)

LEVELS = np.array([0.1, 0.5, 0.8, 0.9])


def test_one_distribution_alone_keeps_its_quantiles():
    found = quantiles_with_ties(0.2 + 0.4 * t_nodes(12.0), 0.0, LEVELS)
    assert found == pytest.approx(0.2 + 0.4 * stats.t.ppf(LEVELS, 12), abs=0.004)


def test_levels_inside_the_on_plan_share_are_exactly_on_plan():
    # Half of the mass is exactly 0, the rest spreads evenly around it: from .25 to .75 the quantile is 0.
    found = quantiles_with_ties(0.4 * t_nodes(30.0), 0.5, np.array([0.2, 0.3, 0.5, 0.7, 0.8]))
    assert found[1:4].tolist() == [0.0, 0.0, 0.0]
    assert found[0] < 0 < found[4]
    # Outside, the quantile is that of the rest: .8 of all is (.8 - .5) / .5 = .6 of the rest.
    assert found[4] == pytest.approx(0.4 * stats.t.ppf(0.6, 30), abs=0.003)


def test_work_that_is_always_on_plan_has_all_its_quantiles_at_zero():
    assert quantiles_with_ties(t_nodes(5.0), 1.0, LEVELS).tolist() == [0, 0, 0, 0]


def test_quantiles_agree_with_a_large_sample_of_the_same_distribution():
    rng = np.random.default_rng(1)
    nodes = 0.1 + 0.5 * t_nodes(8.0)
    sample = np.where(rng.random(400_000) < 0.35, 0.0, 0.1 + 0.5 * rng.standard_t(8, 400_000))
    levels = np.array([0.05, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95])
    assert quantiles_with_ties(nodes, 0.35, levels) == pytest.approx(np.quantile(sample, levels), abs=0.012)


def test_quantiles_never_cross():
    found = quantiles_with_ties(0.1 + 0.6 * t_nodes(3.0), 0.35, np.linspace(0.01, 0.99, 99))
    assert (np.diff(found) >= 0).all()


def test_rows_of_nodes_are_read_row_by_row():
    nodes = np.array([0.5, 1.0])[:, None] * t_nodes(9.0)
    both = quantiles_with_ties(nodes, np.array([0.0, 0.4]), LEVELS)
    assert both[0] == pytest.approx(quantiles_with_ties(nodes[0], 0.0, LEVELS))
    assert both[1] == pytest.approx(quantiles_with_ties(nodes[1], 0.4, LEVELS))


def test_a_mixture_lies_where_both_of_its_parts_put_their_mass():
    # Half of the points at -1, half at 1, mixed one to three: a quarter of the nodes lies at -1.
    mixed = mix_nodes(np.full(10, -1.0), np.full(30, 1.0), 0.25)
    assert (mixed < 0).mean() == pytest.approx(0.25, abs=0.02)


def test_project_effect_and_residual_add_up_in_variance():
    # Normal residuals of 1 and a project effect of .5: sd sqrt(1.25).
    unit = unit_nodes(0.5, 1e6, t_nodes(1e6), 0.5)
    assert np.std(unit) == pytest.approx(np.sqrt(1.25), abs=0.02)


def test_the_hierarchy_takes_over_as_a_phase_gathers_rows():
    # (n + 20 w) / (n + 20) at w = .5: 0 rows .5, 20 rows .75, 180 rows .95.
    assert phase_weight(0.5, np.array([0, 20, 180])).tolist() == pytest.approx([0.5, 0.75, 0.95])


def test_the_shape_of_finished_work_is_its_own_quantiles():
    values = np.random.default_rng(2).exponential(size=2000) - 1
    shape = residual_shape(values, np.zeros(2000, dtype=bool))
    assert shape == pytest.approx(np.quantile(values, NODE_LEVELS, method="inverted_cdf"))


def test_running_work_is_not_missing_from_the_tail():
    # Kaplan-Meier by hand: 1 finishes (4 at risk: S = 3/4), 2 is running, 3 finishes (2 at risk: S = 3/8),
    # 4 finishes (1 at risk: 0), and 0 finishes first of all (5 at risk: S = 4/5): F = .2, .4, .7, 1 at 0, 1, 3, 4.
    shape = residual_shape(
        np.array([0.0, 1, 2, 3, 4, 4]), np.array([False, False, True, False, False, False])
    )
    # With 4 twice: F(0) = 1/6, F(1) = 2/6, then 3 at risk after 2 is gone: S = 4/6 x 2/3, F(3) = 5/9, F(4) = 1.
    assert [(shape <= value).mean() for value in (0, 1, 3, 4)] == pytest.approx(
        [1 / 6, 2 / 6, 5 / 9, 1], abs=0.01
    )


def test_running_work_moves_the_shape_up_where_dropping_it_would_not():
    rng = np.random.default_rng(3)
    truth = rng.standard_normal(6000)
    limit = rng.normal(0.5, 1.0, 6000)
    shape = residual_shape(np.minimum(truth, limit), truth > limit)
    dropped = np.quantile(truth[truth <= limit], 0.8)
    assert shape[int(0.8 * 199)] == pytest.approx(stats.norm.ppf(0.8), abs=0.08)
    assert dropped < stats.norm.ppf(0.8) - 0.2


def test_too_few_residuals_take_the_shape_of_the_normal():
    shape = residual_shape(np.array([5.0, 6.0]), np.array([False, False]))
    assert shape == pytest.approx(stats.norm.ppf(NODE_LEVELS))
