import numpy as np
import pytest
from models_by_hand import model_by_hand
from scipy import stats

from estimation.calibration.variates import PLACES, FinishedWork, Variates

LEVELS = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])


def generator(seed=1):
    return np.random.Generator(np.random.SFC64(seed))


def reference(model, rows, size, rng):
    """Draw ratios plainly, in float64: a draw of the model, shared effect, atom, t or shape; shape (rows, size)."""
    draw = rng.integers(len(model.draws["nu"]), size=size)
    draws = {name: values[draw] for name, values in model.draws.items()}
    shared = rng.normal(0, draws["project_sd"])
    furthest = np.abs(model.shape).max() + 1
    ratios = np.empty((len(rows), size))
    for k, row in enumerate(rows):
        t = rng.standard_t(draws["nu"])
        nodes = rng.choice(model.shape, size=size)
        weight = model.phases["hierarchy_weight"].iloc[row]
        residual = np.clip(np.where(rng.random(size) < weight, t, nodes), -furthest, furthest)
        late = np.exp(draws["level"][:, row] + shared + draws["spread"][:, row] * residual)
        ratios[k] = np.where(rng.random(size) < draws["on_plan_share"][:, row], 1.0, late)
    return ratios


def drawn(model, phases, size, *, seed=1, finished_work=None):
    variates, rng = Variates(model, phases), generator(seed)
    effects = variates.project_effects(size, rng, finished_work)
    return variates.ratios(effects, rng, np.empty((len(phases), size), np.float32)), effects


@pytest.mark.parametrize(
    "case",
    [
        {"on_plan": 0.0, "nu": 4.0},
        {"on_plan": 0.3, "nu": [3.0, 30.0], "level": [0.1, 0.4], "spread": [0.2, 0.6]},
        {"on_plan": 0.1, "weight": 0.4, "shape": [-1.5, -0.5, 0.0, 0.3, 2.5], "project_sd": 0.3},
        {"weight": 0.0, "shape": [-1.0, 3.0]},
        {"on_plan": 1.0},
    ],
)
def test_ratios_are_distributed_as_a_plain_reference_draws_them(case):
    # Both sides draw n = 200,000; a share then has a standard error below sqrt(.25 / n * 2) = .0016, and five of
    # them are .008. The table adds at most 1 / 4096. Shares are compared at the reference's own quantiles, on both
    # sides of ties.
    model, n = model_by_hand(**case), 200_000
    ours = drawn(model, ["work"], n)[0][0].astype(float)
    plain = reference(model, [0], n, np.random.default_rng(2))[0]
    marks = np.quantile(plain, LEVELS)
    for mark in (*(marks * (1 + 1e-5)), *(marks * (1 - 1e-5))):
        assert (ours <= mark).mean() == pytest.approx((plain <= mark).mean(), abs=0.008)


def test_what_milestones_of_an_iteration_share_is_the_effect_of_the_project_and_the_draw_of_the_model():
    # Var of a log ratio: between draws .04, shared effect .09, own .25 * nu / (nu - 2) with nu = 50: .2604 (the cut at
    # ten sigma is nothing). Correlation of two milestones (.04 + .09) / .3904 = .333; standard error of a correlation
    # of n = 100,000 pairs below 1 / sqrt(n) = .0032.
    model = model_by_hand(level=[-0.2, 0.2], spread=0.5, project_sd=0.3, nu=50.0)
    log_ratios = np.log(drawn(model, ["work", "other", "Work"], 100_000)[0].astype(float))
    assert np.corrcoef(log_ratios)[0, 1:] == pytest.approx([0.333, 0.333], abs=0.015)
    assert log_ratios.var(axis=1) == pytest.approx([0.3904] * 3, rel=0.025)


def test_the_project_effect_covers_its_quantiles_evenly_and_draws_of_the_model_are_taken_equally_often():
    # Each of n equally likely slices holds one iteration.
    effects = Variates(model_by_hand(level=[0.0, 1.0, 2.0, 3.0], project_sd=0.4), ["work"]).project_effects(
        1000, generator()
    )
    slices = np.floor(1000 * stats.norm.cdf(effects.shared / 0.4)).astype(int)
    assert sorted(slices) == list(range(1000))
    assert np.bincount(effects.draw).tolist() == [250] * 4
    # The pairing of draw and effect is left to chance: |r| < 4 / sqrt(1000).
    assert abs(np.corrcoef(effects.draw, effects.shared)[0, 1]) < 0.13


def test_finished_work_moves_the_project_effect_by_the_normal_formula():
    # nu = 6: variance of one ratio .2^2 * 6 / 4 = .06. Two ratios, .5 and .3 above their level of .1 and .1; prior
    # sd .4. Precision 2 / .06 + 1 / .16 = 39.583; centre (.4 + .2) / .06 / 39.583 = .25263; sd .15894.
    model = model_by_hand(level=0.1, spread=0.2, project_sd=0.4, nu=6.0)
    finished_work = FinishedWork(np.array([0, 0]), np.array([0.5, 0.3]), runs=np.array([False, False]))
    effects = Variates(model, ["work"]).project_effects(4000, generator(), finished_work)
    # Stratified: mean and sd of 4000 evenly covered quantiles differ from the normal's by less than a thousandth.
    assert effects.shared.mean() == pytest.approx(0.25263, abs=1e-3)
    assert effects.shared.std() == pytest.approx(0.15894, abs=1e-3)
    assert effects.level[0].mean() == pytest.approx(0.1 + 0.25263, abs=1e-3)


def test_running_work_moves_the_effect_only_upwards_and_the_more_the_longer_it_runs():
    model = model_by_hand(level=0.1, spread=0.2, project_sd=0.4, nu=6.0)
    effects = Variates(model, ["work"])
    means = [
        effects.project_effects(
            400, generator(), FinishedWork(np.array([0]), np.array([log_ratio]), runs=np.array([True]))
        ).shared.mean()
        for log_ratio in (-3.0, -0.5, 0.1, 0.6, 1.2)
    ]
    assert means[0] == pytest.approx(0.0, abs=2e-3)
    assert means == sorted(means)
    # As if it had ended at what lies beyond: 1.2 is 1.1 above its level, 2.34 sd of .469; the mean beyond is 2.7 sd.
    assert means[-1] > 1.1 * 0.4**2 / (0.4**2 + 0.06)


def test_where_projects_share_nothing_finished_work_says_nothing():
    model = model_by_hand(project_sd=0.0)
    finished_work = FinishedWork(np.array([0]), np.array([2.0]), runs=np.array([False]))
    assert (
        np.abs(Variates(model, ["work"]).project_effects(100, generator(), finished_work).shared).max() < 1e-4
    )


def test_no_finished_work_leaves_the_project_effect_as_the_model_has_it():
    model = model_by_hand(project_sd=0.4)
    nothing = FinishedWork(np.array([], int), np.array([]), runs=np.array([], bool))
    given, free = (
        Variates(model, ["work"]).project_effects(50, generator(), finished_work).shared
        for finished_work in (nothing, None)
    )
    assert (given == free).all()


@pytest.mark.parametrize("elapsed", [0.3, 0.9, 1.0, 1.6])
@pytest.mark.parametrize(
    "case", [{"on_plan": 0.25, "nu": 5.0}, {"weight": 0.5, "shape": [-1.0, 0.0, 1.0, 2.5]}]
)
def test_running_work_has_the_distribution_of_those_ratios_that_lie_beyond(elapsed, case):
    # The reference draws 400,000 plain ratios and keeps those beyond elapsed; with at least 20,000 kept against
    # 100,000 the standard error of a share is below .004. Level .1, spread .4: elapsed 1.6 is 1 sigma out.
    model = model_by_hand(level=0.1, spread=0.4, **case)
    variates, rng = Variates(model, ["work"]), generator()
    effects = variates.project_effects(100_000, rng)
    ours = variates.ratios_beyond(0, elapsed, effects, rng).astype(float)
    plain = reference(model, [0], 400_000, np.random.default_rng(3))[0]
    beyond = plain[plain > elapsed]
    assert len(beyond) > 20_000
    assert ours.min() >= np.float32(elapsed)
    for mark in np.quantile(beyond, LEVELS):
        for near in (mark * (1 + 1e-4), mark * (1 - 1e-4)):
            assert (ours <= near).mean() == pytest.approx((beyond <= near).mean(), abs=0.02)


def test_running_work_may_still_end_on_its_plan_only_before_its_plan_is_over():
    # Of ratios beyond .5, level 0, spread .3: P(late or early one > .5) = P(t8 > log(.5) / .3) = .9753; a tie has
    # .25 / (.25 + .75 * .9753) = .2547. From elapsed = planned on there are no ties.
    model = model_by_hand(spread=0.3, on_plan=0.25)
    variates, rng = Variates(model, ["work"]), generator()
    effects = variates.project_effects(100_000, rng)
    late = 1 - stats.t.cdf(np.log(0.5) / 0.3, 8)
    tie = 0.25 / (0.25 + 0.75 * late)
    before, after = (variates.ratios_beyond(0, elapsed, effects, rng) for elapsed in (0.5, 1.0))
    # Standard error sqrt(.25 * .75 / 100,000) = .0014.
    assert (before == 1).mean() == pytest.approx(tie, abs=0.007)
    assert (after == 1).mean() < 0.007  # a node of the table may happen to be 1, no more


def test_work_that_takes_longer_than_any_residual_takes_no_less_than_it_has_taken():
    model = model_by_hand(spread=0.1, shape=(0.0, 1.0))  # cut at two sigma: ratios up to exp(.2)
    variates, rng = Variates(model, ["work"]), generator()
    assert (variates.ratios_beyond(0, 5.0, variates.project_effects(100, rng), rng) == 5).all()


def test_running_work_is_looked_up_in_the_tail_of_its_own_draw():
    # Two draws that differ in tail weight only. At level 0, spread .5 the median of ratios beyond exp(1) (two
    # sigma) is exp(.5 * q), q the quantile of t at (1 + F(2)) / 2; the table has 4096 places, 1/4096 of
    # probability in a tail of P(t > 2) = .07 (nu 3) moves q little: 2 % is enough.
    model = model_by_hand(spread=0.5, nu=[3.0, 100.0])
    variates, rng = Variates(model, ["work"]), generator()
    effects = variates.project_effects(60_000, rng)
    ratio = variates.ratios_beyond(0, float(np.exp(1)), effects, rng)
    for draw, nu in enumerate((3, 100)):
        expected = np.exp(0.5 * stats.t.ppf((1 + stats.t.cdf(2, nu)) / 2, nu))
        assert np.median(ratio[effects.draw == draw]) == pytest.approx(expected, rel=0.02)


def test_residuals_end_one_beyond_the_outermost_node_of_the_reference_class():
    # Shape up to 2: residuals within 3, so at spread .5 log ratios within 1.5.
    log_ratios = np.log(drawn(model_by_hand(spread=0.5, nu=2.0, shape=(-2.0, 1.0)), ["work"], 50_000)[0])
    assert log_ratios.max() == pytest.approx(1.5, abs=1e-5)
    assert log_ratios.min() == pytest.approx(-1.5, abs=1e-5)


def test_a_spread_about_which_nothing_is_known_gives_no_more_than_a_thousand_times_the_plan():
    # Residuals within 3, as above: log ratios up to 600, of which single precision holds 88.
    ratios = drawn(model_by_hand(spread=200.0, nu=2.0, shape=(-2.0, 1.0)), ["work"], 5000)[0]
    assert ratios.max() == pytest.approx(1000, rel=1e-5)


def test_one_milestone_drawn_alone_fills_its_row_only():
    model = model_by_hand(spread=0.5)
    variates, rng = Variates(model, ["work", "work", "work"]), generator()
    out = np.full((3, PLACES), -1, np.float32)
    variates.ratios_of_one(1, variates.project_effects(PLACES, rng), rng, out)
    assert (out[[0, 2]] == -1).all()
    # Median of n = 4096 log ratios: standard error 1.25 * .5 * 1.15 / 64 = .011.
    assert np.median(np.log(out[1])) == pytest.approx(0, abs=0.045)


def test_milestones_beyond_the_first_eight_are_drawn_as_well_and_on_their_own():
    log_ratios = np.log(drawn(model_by_hand(), ["work"] * 19, 4096)[0].astype(float))
    off_diagonal = np.corrcoef(log_ratios)[~np.eye(19, dtype=bool)]
    assert np.abs(off_diagonal).max() < 5 / 64  # five standard errors of 1 / sqrt(4096)
