import numpy as np
import pytest
from scipy import stats

from estimation.scores import crps_from_quantiles, pinball_loss


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
