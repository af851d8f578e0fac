import numpy as np
import pytest
import scoringrules
from scipy import stats

from estimation.scores import (
    binomial_band,
    block_bootstrap_skill,
    crps_from_quantiles,
    share_interval,
    skill,
)


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


def test_the_crps_agrees_with_an_independent_library():
    rng = np.random.default_rng(11)
    sample, actual = rng.lognormal(0.2, 0.4, size=(200, 37)), rng.lognormal(0.2, 0.4, size=200)
    np.testing.assert_allclose(
        crps_from_quantiles(np.sort(sample, axis=1), actual),
        scoringrules.crps_ensemble(actual, sample, estimator="qd"),
    )


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
        (lambda: binomial_band(10, 0.8, level=80), "level 80"),
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


@pytest.mark.parametrize(("n_held", "n"), [(1, 52), (3, 7), (30, 40), (6, 6), (0, 9)])
def test_beyond_either_end_of_the_interval_the_count_is_rarer_than_one_in_twenty(n_held, n):
    # Clopper & Pearson: at the lower end n_held or more has probability .05, at the upper end n_held or fewer.
    low, high = share_interval(n_held, n)
    assert low == 0 if n_held == 0 else stats.binom.sf(n_held - 1, n, low) == pytest.approx(0.05)
    assert high == 1 if n_held == n else stats.binom.cdf(n_held, n, high) == pytest.approx(0.05)


@pytest.mark.parametrize(("n_held", "n"), [(0, 0), (6, 5), (-1, 5)])
def test_an_interval_of_no_share_is_refused(n_held, n):
    with pytest.raises(ValueError, match=r"n|k"):
        share_interval(n_held, n)
