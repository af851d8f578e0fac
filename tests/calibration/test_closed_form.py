import numpy as np
import pytest
from how_often import examples
from hypothesis import given
from hypothesis import strategies as st

from estimation.calibration.closed_form import SMALLEST_SIGMA, draw_around, fit_closed_form, own_residuals
from estimation.calibration.shape import residual_shape


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


@examples(40)
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


def test_the_level_is_less_certain_where_few_projects_crowd_a_phase():
    # The four rows of two projects above: variance 6.6667, project effect 6.0, so each row has .66667 of its own. Each
    # project has half of the rows: crowding (2/4)^2 + (2/4)^2 = .5. Variance of the mean .66667 / 4 + 6 x .5 = 3.16667.
    # One phase alone is its own grand mean, so the level is exactly as uncertain as its mean:
    # B V + (1 - B)^2 (tau^2 + V) with B = tau^2 / (tau^2 + V) is V. Without the crowding it would be .17, with rows
    # counted as projects 1.67, without the second term (tau^2 = .05 x 6.6667 = .3333) .3333 x 3.16667 / 3.5 = .30.
    z = np.array([1.0, 3.0, -1.0, -3.0])
    fit = fit_closed_form(z, np.zeros(4, bool), np.zeros(4, int), np.array([0, 0, 1, 1]), 1)
    assert fit.location_variance[0] == pytest.approx(0.66667 / 4 + 6 * 0.5, abs=1e-4)


def test_the_uncertainty_of_the_common_level_is_part_of_a_borrowed_one():
    # Two phases with two rows each, a project per row: z = (-1, 1) and (1, 3), means 0 and 2. Pooled variance
    # (2 + 2) / 2 = 2, both shrunk ones (8 x 2 + 2) / 9 = 2, variance of a mean V = 2 / 2 = 1. Paule-Mandel: the squared
    # distances of the means from 1 add up to 2 and must be worth 1 / (tau^2 + 1) x 2 = 1, so tau^2 = 1 and B = .5.
    # The common level has the variance (1 + 1) / 2 = 1. Level of a phase: .5 x 1 + .5^2 x 1 = .75.
    z = np.array([-1.0, 1.0, 1.0, 3.0])
    fit = fit_closed_form(z, np.zeros(4, bool), np.array([0, 0, 1, 1]), np.arange(4), 2)
    assert fit.location.tolist() == pytest.approx([0.5, 1.5])
    assert fit.location_variance.tolist() == pytest.approx([0.75, 0.75])


def test_rows_of_half_the_weight_count_half():
    # Project A: z = 0, 4 of weight 1; project B: z = 0, -4 of weight .5. n = 3, mean (4 - 2) / 3 = .66667.
    # Squares about it: (4 + 100) / 9 + .5 (4 + 196) / 9 = 22.66667. A typical row weighs (1 + 1 + .25 + .25) / 3 =
    # .83333 and is used up by the mean: 3 - .83333 = 2.16667 are free. Variance 22.66667 / 2.16667 = 10.46154 (one
    # phase is its own pool), degrees 8 + 2.16667.
    # Projects: means 4/3 and -8/3 from the phase's; within (4 + 4 + .5 (4 + 4)) / (3 - 1 - .5) = 8;
    # between (2 x 16/9 + 1 x 64/9) / (1.5 - .83333) = 16; n0 = (3 - 5/3) / (1.5 - .83333) = 2: (16 - 8) / 2 = 4.
    # Level: own 6.46154 / 3 + 4 x ((2/3)^2 + (1/3)^2) = 4.37607.
    z, weight = np.array([0.0, 4.0, 0.0, -4.0]), np.array([1.0, 1.0, 0.5, 0.5])
    fit = fit_closed_form(z, np.zeros(4, bool), np.zeros(4, int), np.array([0, 0, 1, 1]), 1, weight)
    assert fit.location[0] == pytest.approx(2 / 3)
    assert fit.spread[0] ** 2 == pytest.approx(10.46154)
    assert fit.degrees[0] == pytest.approx(10.16667)
    assert fit.project_sd**2 == pytest.approx(4.0)
    assert fit.location_variance[0] == pytest.approx(4.37607)
    assert fit.n_rows[0] == 3


def test_on_plan_finishes_of_half_the_weight_count_half():
    # Phase 0: a tie of weight .5 and a late row of weight 1; phase 1: a late row of weight 1. Pooled .5 / 2.5 = .2.
    # (.5 + 4 x .2) / (1.5 + 4) = .23636; .8 / 5 = .16.
    on_plan, weight = np.array([True, False, False]), np.array([0.5, 1.0, 1.0])
    fit = fit_closed_form(np.array([0, 0.3, 0.2]), on_plan, np.array([0, 0, 1]), np.arange(3), 2, weight)
    assert fit.on_plan_share.tolist() == pytest.approx([0.23636, 0.16], abs=1e-5)


def test_equal_weights_change_nothing_but_how_certain_the_fit_is():
    rng = np.random.default_rng(4)
    rows = simulated(rng, n_projects=40, levels=[0.1, 0.5], project_sd=0.2, sigma=0.3, ties=0.2)
    plain, half = fit_closed_form(*rows), fit_closed_form(*rows, np.full(80, 0.5))
    assert half.project_sd == pytest.approx(plain.project_sd)
    assert half.new_spread == pytest.approx(plain.new_spread)
    assert (half.location_variance > plain.location_variance).all()


def test_old_rows_leave_the_level_and_the_residuals_to_the_recent_ones():
    # 200 old rows at log 2, 100 recent ones at log 1.2, one row per project; the old ones weigh .001 each, .2 together.
    rng = np.random.default_rng(6)
    z = np.concatenate([rng.normal(np.log(2), 0.2, 200), rng.normal(np.log(1.2), 0.2, 100)])
    weight = np.repeat([0.001, 1.0], [200, 100])
    phase, project = np.zeros(300, int), np.arange(300)
    fit = fit_closed_form(z, np.zeros(300, bool), phase, project, 1, weight)
    assert fit.location[0] == pytest.approx(np.log(1.2), abs=0.06)
    own = own_residuals(fit, z, phase, project, np.random.default_rng(1), weight)
    shape = residual_shape(own, np.zeros(300, bool), weight)
    assert np.mean(shape) == pytest.approx(0, abs=0.15)
    assert np.mean(residual_shape(own, np.zeros(300, bool))) > 1
