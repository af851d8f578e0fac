import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.calibration.closed_form import SMALLEST_SIGMA, draw_around, fit_closed_form, own_residuals


def simulated(rng, *, n_projects, levels, project_sd, sigma, ties=0.0):
    """Rows of n projects with one milestone per phase: z = level + project effect + residual."""
    n_phases = len(levels)
    project = np.repeat(np.arange(n_projects), n_phases)
    phase = np.tile(np.arange(n_phases), n_projects)
    z = np.array(levels)[phase] + project_sd * rng.standard_normal(n_projects)[project]
    z = z + sigma * rng.standard_normal(len(z))
    on_plan = rng.random(len(z)) < ties
    return np.where(on_plan, 0.0, z), on_plan, phase, project, n_phases


def test_the_share_of_on_plan_finishes_is_shrunk_by_four_pseudo_rows():
    # Phase 0: 3 ties of 4; phase 1: 0 of 4; pooled 3/8. (3 + 4 x .375) / 8 = .5625; (0 + 1.5) / 8 = .1875.
    on_plan = np.array([True, True, True, False, False, False, False, False])
    z = np.where(on_plan, 0.0, [0, 0, 0, 0.2, 0.1, 0.3, 0.2, 0.4])
    fit = fit_closed_form(z, on_plan, np.repeat([0, 1], 4), np.tile(np.arange(4), 2), 2)
    assert fit.on_plan_share.tolist() == pytest.approx([0.5625, 0.1875])


def test_the_spread_is_shrunk_towards_the_pooled_one_by_eight_pseudo_rows():
    # One row per project, so no project effect can be told apart. Phase 0: z = -1, 1 (SS = 2, n - 1 = 1);
    # phase 1: z = -.1, .1 (SS = .02). Pooled variance (2 + .02) / 2 = 1.01.
    # (8 x 1.01 + 2) / 9 = 1.12; (8 x 1.01 + .02) / 9 = .9.
    z = np.array([-1.0, 1.0, -0.1, 0.1])
    fit = fit_closed_form(z, np.zeros(4, bool), np.array([0, 0, 1, 1]), np.arange(4), 2)
    assert (fit.spread**2).tolist() == pytest.approx([1.12, 0.9])
    assert fit.degrees.tolist() == [9, 9]


def test_the_project_effect_is_the_one_way_random_effects_estimate():
    # One phase, two projects with two rows each, z = (1, 3) and (-1, -3), phase mean 0.
    # MSB = 2 (2^2 + 2^2) / 1 = 16, MSW = (1 + 1 + 1 + 1) / 2 = 2, n0 = 2: (16 - 2) / 2 = 7,
    # held below 90 % of the phase's variance (8 x 20/3 + 20) / 11 = 6.667: 6.0.
    z = np.array([1.0, 3.0, -1.0, -3.0])
    fit = fit_closed_form(z, np.zeros(4, bool), np.zeros(4, int), np.array([0, 0, 1, 1]), 1)
    assert fit.project_sd**2 == pytest.approx(6.0)


def test_known_levels_spread_and_project_effect_are_recovered():
    # 400 projects, five phases: the standard error of a level is sqrt((.4^2 + .25^2) / 400) = .024, of the
    # project effect's variance about .006 on .0625; four standard errors are allowed.
    rng = np.random.default_rng(11)
    levels = [0.05, 0.4, 0.2, 0.25, 0.0]
    rows = simulated(rng, n_projects=400, levels=levels, project_sd=0.25, sigma=0.4)
    fit = fit_closed_form(*rows)
    assert fit.location == pytest.approx(levels, abs=0.1)
    assert fit.project_sd**2 == pytest.approx(0.0625, abs=0.025)
    assert fit.spread == pytest.approx([np.hypot(0.4, 0.25)] * 5, abs=0.06)


def test_a_phase_with_few_rows_borrows_more_than_a_phase_with_many():
    rng = np.random.default_rng(3)
    z = np.concatenate([0.8 + 0.3 * rng.standard_normal(3), 0.1 + 0.3 * rng.standard_normal(60)])
    phase = np.repeat([0, 1], [3, 60])
    fit = fit_closed_form(z, np.zeros(63, bool), phase, np.arange(63), 2)
    assert fit.share_borrowed[0] > fit.share_borrowed[1]
    few = z[:3].mean()
    assert min(few, fit.new_location) < fit.location[0] < max(few, fit.new_location)


def test_a_phase_that_truly_differs_keeps_its_level():
    rng = np.random.default_rng(5)
    levels = [np.log(2.5), 0.05, 0.05, 0.05, 0.05]
    rows = simulated(rng, n_projects=40, levels=levels, project_sd=0.2, sigma=0.35)
    fit = fit_closed_form(*rows)
    # Standard error of the phase mean: sqrt((.35^2 + .2^2) / 40) = .064; three of them.
    assert fit.location[0] == pytest.approx(np.log(2.5), abs=0.19)


def test_a_phase_never_seen_is_less_certain_than_any_seen_one():
    rng = np.random.default_rng(8)
    rows = simulated(rng, n_projects=30, levels=[0.0, 0.3, 0.6], project_sd=0.2, sigma=0.3)
    fit = fit_closed_form(*rows)
    assert fit.new_location_variance > fit.location_variance.max()


@pytest.mark.parametrize(
    ("z", "on_plan"),
    [
        ([0.3], [False]),
        ([0.0], [True]),
        ([0.2, 0.2, 0.2], [False] * 3),
        ([np.log(1e-3), np.log(1e3)], [False] * 2),
        ([0.0, 0.0, 0.0], [True] * 3),
    ],
    ids=["one row", "one tie", "constant ratios", "ratios of 1e-3 and 1e3", "all ties"],
)
def test_odd_histories_give_a_finite_fit_that_is_never_narrower_than_two_percent(z, on_plan):
    n = len(z)
    fit = fit_closed_form(np.array(z), np.array(on_plan), np.zeros(n, int), np.arange(n), 1)
    assert np.isfinite(
        [*fit.location, *fit.scale, fit.new_spread, fit.new_location_variance, fit.project_sd]
    ).all()
    assert fit.spread.min() >= SMALLEST_SIGMA
    assert fit.degrees.min() >= 3


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-2, 2))
def test_shifting_every_log_ratio_shifts_every_level_by_the_same(seed, shift):
    rng = np.random.default_rng(seed)
    z, on_plan, phase, project, n = simulated(rng, n_projects=8, levels=[0.1, 0.5], project_sd=0.2, sigma=0.3)
    fit, moved = (fit_closed_form(values, on_plan, phase, project, n) for values in (z, z + shift))
    assert moved.location == pytest.approx(fit.location + shift, abs=1e-6)
    assert moved.spread == pytest.approx(fit.spread, abs=1e-9)


def test_draws_scatter_around_the_fit_as_widely_as_it_is_uncertain():
    rng = np.random.default_rng(21)
    rows = simulated(rng, n_projects=60, levels=[0.1, 0.5], project_sd=0.2, sigma=0.3, ties=0.2)
    fit = fit_closed_form(*rows)
    draws = draw_around(fit, 20_000, np.random.default_rng(1))
    assert draws["level"][:, :2].mean(axis=0) == pytest.approx(fit.location, abs=0.01)
    assert draws["level"].std(axis=0)[:2] ** 2 == pytest.approx(fit.location_variance, rel=0.05)
    total = draws["spread"][:, 0] ** 2 + fit.project_sd**2
    assert np.median(total) == pytest.approx(fit.spread[0] ** 2, rel=0.05)
    assert draws["on_plan_share"][:, 0].mean() == pytest.approx(fit.on_plan_share[0], abs=0.01)


def test_own_residuals_are_of_size_one_when_the_project_effect_is_taken_out():
    rng = np.random.default_rng(22)
    z, on_plan, phase, project, n = simulated(
        rng, n_projects=300, levels=[0.1, 0.5, 0.2], project_sd=0.4, sigma=0.3
    )
    fit = fit_closed_form(z, on_plan, phase, project, n)
    own = own_residuals(fit, z, phase, project, np.random.default_rng(2))
    assert np.std(own) == pytest.approx(1.0, abs=0.06)
