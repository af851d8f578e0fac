import numpy as np
import pytest
import scoringrules
from scipy import stats

from estimation.scores import (
    binomial_band,
    block_bootstrap_skill,
    brier_score,
    coverage,
    crps_from_quantiles,
    crps_of_sample,
    interval_score,
    pinball_loss,
    randomised_pit,
    skill,
)


def test_a_p80_date_costs_four_times_as_much_per_day_of_lateness_as_of_earliness():
    # Ten days above: .8 x 10 = 8. Ten days below: .2 x 10 = 2.
    loss = pinball_loss(np.array([20.0]), np.array([0.8]), np.array([30.0, 10.0]))
    assert loss[:, 0].tolist() == pytest.approx([8.0, 2.0])


def test_crps_of_a_normal_forecast_agrees_with_its_closed_form():
    # Gneiting & Raftery 2007, section 4.2: for N(mu, sigma) and z = (y - mu) / sigma,
    # crps = sigma [z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi)].
    levels = (np.arange(2000) + 0.5) / 2000
    quantiles = stats.norm.ppf(levels, loc=1.0, scale=2.0)
    for actual in (1.0, 2.5, -4.0):
        z = (actual - 1.0) / 2.0
        exact = 2.0 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
        assert crps_from_quantiles(quantiles, np.array(actual)) == pytest.approx(exact, abs=2e-3)


def test_crps_of_points_is_the_energy_form_of_the_same_sample():
    # E|X - y| - E|X - X'| / 2 over the three equally likely points 0, 1, 5 and y = 2:
    # E|X - y| = (2 + 1 + 3) / 3 = 2; E|X - X'| = 2 (1 + 5 + 4) / 9 = 20/9; crps = 2 - 10/9 = 8/9.
    assert crps_from_quantiles(np.array([0.0, 1.0, 5.0]), np.array(2.0)) == pytest.approx(8 / 9)
    assert crps_of_sample(np.array([5.0, 0.0, 1.0]), np.array(2.0)) == pytest.approx(8 / 9)


def test_a_weight_counts_like_that_many_copies_of_the_outcome():
    weighted = crps_of_sample(np.array([4.0, 1.0]), np.array(2.0), weights=np.array([1.0, 3.0]))
    copied = crps_of_sample(np.array([1.0, 1.0, 1.0, 4.0]), np.array(2.0))
    # E|X - y| = .75 x 1 + .25 x 2 = 1.25; E|X - X'| / 2 = .75 x .25 x 3 = .5625.
    assert weighted == pytest.approx(copied)
    assert weighted == pytest.approx(1.25 - 0.5625)


def test_crps_keeps_its_digits_far_from_zero():
    rng = np.random.default_rng(3)
    sample, actual = rng.normal(size=(4, 50)), rng.normal(size=4)
    far = crps_of_sample(sample + 1e9, actual + 1e9)
    np.testing.assert_allclose(far, crps_of_sample(sample, actual), rtol=1e-5)


def test_scores_agree_with_an_independent_library():
    rng = np.random.default_rng(11)
    sample, actual = rng.lognormal(0.2, 0.4, size=(200, 37)), rng.lognormal(0.2, 0.4, size=200)
    weights = rng.uniform(0, 3, size=(200, 37))
    lower, upper = np.quantile(sample, [0.1, 0.9], axis=1)
    levels = np.array([0.1, 0.5, 0.8, 0.9])
    quantiles = np.quantile(sample, levels, axis=1).T
    prob, happened = rng.uniform(size=200), rng.random(200) < 0.4

    np.testing.assert_allclose(
        crps_of_sample(sample, actual), scoringrules.crps_ensemble(actual, sample, estimator="nrg")
    )
    np.testing.assert_allclose(
        crps_of_sample(sample, actual, weights),
        scoringrules.crps_ensemble(actual, sample, ens_w=weights, estimator="nrg"),
    )
    np.testing.assert_allclose(
        crps_from_quantiles(np.sort(sample, axis=1), actual),
        scoringrules.crps_ensemble(actual, sample, estimator="qd"),
    )
    np.testing.assert_allclose(
        pinball_loss(quantiles, levels, actual),
        scoringrules.quantile_score(actual[:, None], quantiles, levels),
    )
    np.testing.assert_allclose(
        interval_score(lower, upper, actual, level=0.8),
        scoringrules.interval_score(actual, lower, upper, alpha=0.2),
    )
    np.testing.assert_allclose(
        brier_score(prob, happened), scoringrules.brier_score(happened.astype(float), prob)
    )


def test_a_range_is_fined_only_for_what_lies_outside_on_either_side():
    # Width 10; an 80 % range fines each day outside with 2 / .2 = 10.
    scores = interval_score(10.0, 20.0, np.array([10.0, 15.0, 20.0, 7.0, 22.0]), level=0.8)
    assert scores.tolist() == pytest.approx([10.0, 10.0, 10.0, 40.0, 30.0])


def test_interval_score_is_the_pinball_loss_of_both_ends_over_half_of_what_lies_outside():
    # Gneiting & Raftery 2007, section 6.2: the two quantile losses at a/2 and 1 - a/2, times 2 / a.
    actual = np.array([3.0, 12.0, 31.0])
    both = pinball_loss(np.array([10.0, 20.0]), np.array([0.1, 0.9]), actual).sum(axis=1)
    np.testing.assert_allclose(interval_score(10.0, 20.0, actual, level=0.8), both * 2 / 0.2)


def test_saying_one_half_costs_a_quarter_whatever_happens():
    assert brier_score(np.array([0.5, 0.5, 1.0, 1.0]), np.array([True, False, True, False])).tolist() == [
        0.25,
        0.25,
        0.0,
        1.0,
    ]


def test_randomised_pit_of_an_honest_forecast_with_ties_is_uniform():
    # Four in ten finish exactly on plan, the others evenly before (.3) or after (.3).
    rng = np.random.default_rng(5)
    position = rng.random(20_000)
    tie = (position > 0.3) & (position < 0.7)
    below = np.where(tie, 0.3, position)
    at_or_below = np.where(tie, 0.7, position)

    pit = randomised_pit(below, at_or_below, rng)
    assert stats.kstest(pit, "uniform").pvalue > 0.01
    np.testing.assert_allclose(coverage(pit, np.array([0.35, 0.5, 0.8])), [0.35, 0.5, 0.8], atol=0.01)
    # Without randomising, P50 seems to hold for 30 % only: all ties fall on .7.
    assert coverage(at_or_below, np.array([0.5]))[0] == pytest.approx(0.3, abs=0.01)


def test_coverage_counts_outcomes_at_the_level_as_held():
    assert coverage(np.array([0.8, 0.81]), np.array([0.8])).tolist() == [0.5]


@pytest.mark.parametrize(
    ("n", "low", "high"), [(30, 0.67, 0.90), (60, 0.72, 0.88), (120, 0.74, 0.86), (250, 0.76, 0.84)]
)
def test_with_few_outcomes_coverage_strays_far_from_80_percent_by_chance(n, low, high):
    # Shares that 90 % of honest P80 records lie within, rounded to two digits as they are usually printed.
    assert [round(count / n, 2) for count in binomial_band(n, 0.8)] == [low, high]


def test_the_band_is_exact_in_a_case_that_can_be_counted():
    # Three fair coins: 0, 1, 2, 3 heads have probability 1/8, 3/8, 3/8, 1/8. Below 1 and above 2 lie 12.5 % each,
    # more than the 10 % that an 80 % band may leave out on a side; a 75 % band may leave out exactly 12.5 %.
    assert binomial_band(3, 0.5, level=0.8) == (0, 3)
    assert binomial_band(3, 0.5, level=0.7) == (1, 2)


def test_the_band_holds_what_it_promises_and_no_more_than_it_must_beyond_either_end():
    for n in (1, 7, 51, 333):
        for p in (0.0, 0.05, 0.8, 0.9, 1.0):
            low, high = binomial_band(n, p)
            assert 0 <= low <= high <= n
            assert stats.binom.cdf(low - 1, n, p) <= 0.05
            assert stats.binom.sf(high, n, p) <= 0.05 + 1e-12


def test_skill_is_the_share_of_the_loss_that_is_gone():
    assert skill([1.0, 2.0], [2.0, 2.0]) == pytest.approx(0.25)
    assert skill([3.0], [2.0]) == pytest.approx(-0.5)


def test_a_perfect_baseline_cannot_be_improved():
    assert skill([0.0, 0.0], [0.0, 0.0]) == 0.0
    assert skill([0.0, 0.1], [0.0, 0.0]) == -np.inf
    # Project b is perfect under the baseline: redraws made of it alone have nothing to improve.
    low, high = block_bootstrap_skill([1.0, 1.0], [2.0, 0.0], ["a", "b"], seed=1)
    assert low == -np.inf
    assert high == 0.5


def test_two_projects_can_be_redrawn_in_three_ways():
    # Skills .5 (project a twice), 0 (b twice) and, one of each, 1 - (1 + 4) / (2 + 4) = 1/6. The ways have
    # probability 1/4, 1/4 and 1/2, so a 90 % interval spans all, a 40 % interval only the middle.
    candidate, baseline, block = [0.5, 0.5, 4.0], [1.0, 1.0, 4.0], ["a", "a", "b"]
    assert block_bootstrap_skill(candidate, baseline, block, seed=2) == pytest.approx((0.0, 0.5))
    assert block_bootstrap_skill(candidate, baseline, block, seed=2, level=0.4) == pytest.approx(
        (1 / 6, 1 / 6)
    )


def test_rows_that_repeat_within_a_project_do_not_narrow_the_interval():
    rng = np.random.default_rng(8)
    baseline = rng.gamma(2, 1, 30)
    candidate = baseline * rng.uniform(0.5, 1.3, 30)
    project = np.arange(30)
    once = block_bootstrap_skill(candidate, baseline, project, seed=4)
    tenfold = block_bootstrap_skill(
        np.repeat(candidate, 10), np.repeat(baseline, 10), np.repeat(project, 10), seed=4
    )
    assert tenfold == pytest.approx(once)
    assert once[0] < skill(candidate, baseline) < once[1]


@pytest.mark.parametrize(
    ("misuse", "said"),
    [
        (lambda: crps_of_sample(np.empty(0), np.array(1.0)), "no outcome"),
        (lambda: crps_of_sample(np.array([1.0, 2.0]), np.array(1.0), np.array([1.0, -1.0])), "negative"),
        (lambda: interval_score(2.0, 1.0, 1.5, level=0.8), "lower <= upper"),
        (lambda: interval_score(1.0, 2.0, 1.5, level=80), "level 80"),
        (lambda: brier_score(80.0, True), "outside 0 and 1"),
        (lambda: randomised_pit(0.5, 0.4, np.random.default_rng(1)), "below <= at_or_below"),
        (lambda: coverage(np.empty(0), np.array([0.8])), "no outcome"),
        (lambda: binomial_band(0, 0.8), "n = 0"),
        (lambda: binomial_band(10, 80), "p = 80"),
        (lambda: skill([1.0], [1.0, 2.0]), "one length"),
        (lambda: block_bootstrap_skill([1.0, 1.0], [1.0, 2.0], ["a", "a"], seed=1), "two or more"),
        (lambda: block_bootstrap_skill([1.0, 1.0], [1.0, 2.0], ["a"], seed=1), "1 labels"),
    ],
)
def test_misuse_is_refused_and_named(misuse, said):
    with pytest.raises(ValueError, match=said):
        misuse()
