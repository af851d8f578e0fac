"""Published figures of real data; skipped, with the reason, where the data is absent."""

from pathlib import Path

import numpy as np
import pytest

from estimation import fit_overruns, multiplier_table, overrun_table, read_history
from estimation.calibration.prediction import log_ratio_quantiles

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
SIP = pytest.mark.skipif(not (DATA / "sip").is_dir(), reason=f"the SiP task data is not in {DATA / 'sip'}")
_THERE = pytest.mark.skipif(
    not (DATA / "dslib").is_dir(), reason=f"the ProTrack workbooks are not in {DATA / 'dslib'}"
)


def DSLIB(test):
    """A proof on the real projects: where they are there, and not every day."""
    return pytest.mark.slow(_THERE(test))


@pytest.fixture(scope="module")
def sip():
    history = read_history(DATA / "sip", mapping=ROOT / "data" / "mappings" / "sip.yaml")
    return overrun_table(history)


@SIP
def test_sip_tasks_lie_below_at_and_above_their_estimate_as_often_as_published(sip):
    # Jones & Cullum 2019 (arXiv:1901.01621), on the tasks estimated before 2011; cancelled, template and chronicle
    # tasks dropped, one row per task: 6,853 tasks, 32.57 / 38.03 / 29.40 % below / equal / above.
    log_ratio = np.log(sip["overrun_ratio"])
    assert len(sip) == 6853
    shares = [100 * (side).mean() for side in (log_ratio < 0, log_ratio == 0, log_ratio > 0)]
    assert shares == pytest.approx([32.57, 38.03, 29.40], abs=0.005)


@SIP
def test_sip_geometric_means_on_either_side_of_the_estimate_are_the_published_ones(sip):
    log_ratio = np.log(sip["overrun_ratio"])
    means = [np.exp(side.mean()) for side in (log_ratio[log_ratio < 0], log_ratio[log_ratio > 0])]
    assert means == pytest.approx([0.4623, 1.9485], abs=5e-5)


@SIP
def test_sip_log_log_regression_of_actual_on_estimate_is_the_published_one(sip):
    # Slope .8762, intercept .0522, sigma .7434.
    x, y = np.log(sip["baseline_days"]), np.log(sip["actual_days"])
    slope, intercept = np.polyfit(x, y, 1)
    sigma = np.sqrt(((y - intercept - slope * x) ** 2).sum() / (len(x) - 2))
    assert [slope, intercept, sigma] == pytest.approx([0.8762, 0.0522, 0.7434], abs=5e-5)


@SIP
@pytest.mark.parametrize(
    ("phase", "count", "geometric_mean"),
    [("Development", 4907, 0.9294), ("Management", 653, 1.0839), ("Operational", 1293, 0.9462)],
)
def test_sip_geometric_mean_ratio_of_each_category_is_the_published_one(sip, phase, count, geometric_mean):
    rows = sip[sip["phase"] == phase]
    assert len(rows) == count
    assert np.exp(np.log(rows["overrun_ratio"]).mean()) == pytest.approx(geometric_mean, abs=5e-5)


@pytest.mark.slow
@SIP
def test_sip_levels_cover_about_as_many_tasks_as_they_say(sip):
    # In sample, 6,784 finished tasks: chance moves a coverage of .8 by .5 points. Tasks of one project hang
    # together and the fitted shape is smooth, so four points are allowed.
    model, levels = fit_overruns(sip, seed=1), np.array([0.8, 0.9])
    finished = sip[~sip["censored"].astype(bool)]
    limits = np.exp([log_ratio_quantiles(model, row, levels) for row in range(len(model.phases))])
    held = finished["overrun_ratio"].to_numpy()[:, None] <= limits[model.rows_of(finished["phase"])]
    assert held.mean(axis=0) == pytest.approx(levels, abs=0.04)


@DSLIB
def test_53_protrack_workbooks_give_multipliers_of_one_pooled_phase():
    # No work package name is shared by five of the projects, so all of them count as one phase.
    history = read_history(DATA / "dslib")
    table = multiplier_table(fit_overruns(overrun_table(history), seed=1))
    assert history["project"].nunique() == 53
    work = table[table["phase"] == "work"]
    assert work["n_projects"].unique().tolist() == [52]  # one copies its plan
    assert work["multiplier"].is_monotonic_increasing
    assert np.isfinite(work[["multiplier", "lower", "upper"]].to_numpy()).all()
