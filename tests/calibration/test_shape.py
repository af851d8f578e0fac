import numpy as np
import pytest
from scipy import stats

from estimation.calibration.closed_form import fit_closed_form
from estimation.calibration.shape import (
    NODE_LEVELS,
    UNDECIDED_WEIGHT,
    choose_hierarchy_weight,
    mixture_quantiles,
    phase_weight,
    standard_shape,
)

LEVELS = np.array([0.1, 0.5, 0.8, 0.9])


def test_the_hierarchy_alone_gives_the_quantiles_of_its_t_distribution():
    found = mixture_quantiles(0.2, 0.4, 12.0, 0.0, 1.0, np.zeros(199), LEVELS)
    assert found == pytest.approx(0.2 + 0.4 * stats.t.ppf(LEVELS, 12), abs=0.004)


def test_levels_inside_the_on_plan_share_are_exactly_on_plan():
    # Half of the mass is exactly 0, the rest spreads evenly around it: from .25 to .75 the quantile is 0.
    found = mixture_quantiles(0.0, 0.4, 30.0, 0.5, 1.0, np.zeros(199), np.array([0.2, 0.3, 0.5, 0.7, 0.8]))
    assert found[1:4].tolist() == [0.0, 0.0, 0.0]
    assert found[0] < 0 < found[4]


def test_the_reference_class_alone_gives_its_own_shape_around_the_level_of_the_phase():
    shape = np.quantile(np.random.default_rng(1).exponential(size=5000) - 1, NODE_LEVELS)
    found = mixture_quantiles(0.3, 0.5, 9.0, 0.0, 0.0, shape, LEVELS)
    assert found == pytest.approx(0.3 + 0.5 * np.quantile(shape, LEVELS, method="hazen"), abs=1e-9)


def test_quantiles_never_cross():
    shape = np.quantile(np.random.default_rng(2).standard_t(3, 400), NODE_LEVELS)
    found = mixture_quantiles(0.1, 0.6, 8.0, 0.35, 0.5, shape, np.linspace(0.01, 0.99, 99))
    assert (np.diff(found) >= 0).all()


def test_the_hierarchy_takes_over_as_a_phase_gathers_rows():
    # (n + 20 w) / (n + 20) at w = .5: 0 rows .5, 20 rows .75, 180 rows .95.
    assert phase_weight(0.5, np.array([0, 20, 180])).tolist() == pytest.approx([0.5, 0.75, 0.95])


def skewed_rows(rng, n_projects):
    """Residuals of a shape that no t distribution has: most small, a long tail to one side."""
    z = 0.3 * (rng.exponential(size=n_projects) ** 1.5 - 1)
    n = len(z)
    return z, np.zeros(n, bool), np.zeros(n, int), np.arange(n), 1, np.arange(1.0, n + 1)


def test_a_skewed_reference_class_is_preferred_to_the_symmetric_hierarchy():
    assert choose_hierarchy_weight(*skewed_rows(np.random.default_rng(4), 300)) <= 0.25


def test_too_few_projects_cannot_choose_the_weight():
    assert choose_hierarchy_weight(*skewed_rows(np.random.default_rng(4), 14)) == UNDECIDED_WEIGHT


def test_the_pooled_shape_has_the_levels_and_spreads_of_the_phases_taken_out():
    # Two phases, three times apart in spread and at different levels: pooled they are one standard normal.
    rng = np.random.default_rng(6)
    z = np.concatenate([1 + 0.3 * rng.standard_normal(800), -1 + 1.0 * rng.standard_normal(800)])
    phase = np.repeat([0, 1], 800)
    fit = fit_closed_form(z, np.zeros(1600, bool), phase, np.arange(1600), 2)
    shape = standard_shape(fit, z, np.zeros(1600, bool), phase)
    assert shape == pytest.approx(stats.norm.ppf(NODE_LEVELS), abs=0.35)
    assert np.std(shape) == pytest.approx(1.0, abs=0.06)
