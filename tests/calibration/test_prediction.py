import numpy as np
import pytest
from tables_by_hand import overruns

from estimation.calibration.model import fit_overruns
from estimation.calibration.prediction import draw_log_ratios, log_ratio_quantiles


def history(seed=1, n=60, project_sd=0.3, ties=0.0):
    rng = np.random.default_rng(seed)
    effect = rng.lognormal(0, project_sd, n)

    def phase(median):
        ratio = median * effect * rng.lognormal(0, 0.3, n)
        return list(np.where(rng.random(n) < ties, 1.0, ratio))

    return overruns({"a": phase(1.2), "b": phase(1.5), "c": phase(1.0)})


@pytest.fixture(scope="module")
def model():
    return fit_overruns(history(), seed=1, sweeps=600)


def test_draws_have_the_quantiles_that_the_multipliers_say(model):
    # 60,000 draws: the standard error of an empirical P80 is about sqrt(.8 x .2 / 60000) / density = .004.
    drawn = draw_log_ratios(model, ["b"], 60_000, np.random.default_rng(2))[0]
    levels = np.array([0.1, 0.5, 0.8, 0.9])
    said = log_ratio_quantiles(model, model.rows_of(["b"])[0], levels)
    assert np.quantile(drawn, levels) == pytest.approx(said, abs=0.05)


def test_milestones_of_one_iteration_share_the_luck_of_their_project():
    # Project effect .3 beside residuals of .3: their correlation is about .5.
    model = fit_overruns(history(n=300), seed=1, sweeps=600)
    drawn = draw_log_ratios(model, ["a", "c"], 20_000, np.random.default_rng(3))
    assert np.corrcoef(drawn)[0, 1] == pytest.approx(0.5, abs=0.15)


def test_the_share_of_exactly_planned_finishes_is_kept():
    model = fit_overruns(history(ties=0.4, n=200), seed=1, sweeps=600)
    drawn = draw_log_ratios(model, ["a"], 20_000, np.random.default_rng(4))
    share = model.draws["on_plan_share"][:, 0].mean()
    assert (drawn == 0).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))


def test_the_same_seed_draws_the_same(model):
    one, other = (draw_log_ratios(model, ["a", "b"], 500, np.random.default_rng(5)) for _ in range(2))
    assert (one == other).all()


def test_no_draw_runs_away_beyond_what_was_ever_seen_and_one_sigma(model):
    drawn = draw_log_ratios(model, ["a", "new phase"], 50_000, np.random.default_rng(6))
    assert np.exp(np.abs(drawn)).max() < 60
