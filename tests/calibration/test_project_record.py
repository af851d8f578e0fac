from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tables_by_hand import by_hand, history

from estimation.calibration.project_record import (
    CANCELLED,
    COPY,
    FINISH_RATIOS,
    NO_DURATION,
    RUNNING,
    UNDATED,
    finish_ratios,
    fit_project_record,
    log_finish_ratios,
    record_of,
)
from estimation.ingest.sources import read_history
from estimation.scores import binomial_band, block_bootstrap_skill, crps_from_quantiles, skill
from estimation.tables import check_table

DSLIB = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "dslib"


def project(name, finish, **row):
    """One milestone, planned for the ten working days from Monday 2 March to Friday 13 March 2026."""
    planned = {"baseline_start": "2026-03-02", "baseline_finish": "2026-03-13"}
    return {"project": name, "milestone": "1", **planned, "actual_finish": finish, **row}


def ratios_table(log_ratios):
    log_ratios = np.asarray(log_ratios, dtype=float)
    days = pd.date_range("2020-01-06", periods=len(log_ratios), freq="7D")
    table = pd.DataFrame(
        {
            "project": [f"p{n:03d}" for n in range(len(log_ratios))],
            "baseline_days": 100.0,
            "actual_days": 100 * np.exp(log_ratios),
            "finish_ratio": np.exp(log_ratios),
            "on_plan": np.abs(log_ratios) <= 0.005,
            "known_on": days,
        }
    )
    return by_hand(table, FINISH_RATIOS)


def left_out(*rows):
    return dict(fit_project_record(history(*rows)).left_out)


def test_a_project_is_measured_from_its_planned_start_even_when_it_started_late():
    # Ten days were planned; finished Friday 20 March, fifteen working days after the morning of 2 March.
    ratios = finish_ratios(history(project("p", "2026-03-20", actual_start="2026-03-09", client="acme")))
    check_table(ratios, FINISH_RATIOS, "finish ratios")
    row = ratios.iloc[0]
    assert (row["baseline_days"], row["actual_days"], row["finish_ratio"]) == (10.0, 15.0, 1.5)
    assert row["client"] == "acme"
    assert row["known_on"] == pd.Timestamp("2026-03-20")


def test_the_recorded_project_start_comes_before_the_first_milestones_start():
    # One week of preparation belongs to the project: 15 days planned, 20 days taken.
    row = finish_ratios(history(project("p", "2026-03-20", project_start="2026-02-23"))).iloc[0]
    assert (row["baseline_days"], row["actual_days"]) == (15.0, 20.0)


def test_days_are_counted_on_the_projects_own_calendar():
    # A week of six days and 10 March off: 2-7 March are six, 9 and 11-13 March four; then 14, 16-20 six more.
    row = finish_ratios(history(project("p", "2026-03-20", calendar="1111110 2026-03-10"))).iloc[0]
    assert (row["baseline_days"], row["actual_days"]) == (10.0, 16.0)


def test_the_last_milestone_decides_and_work_added_later_counts_for_the_finish_only():
    ratios = finish_ratios(
        history(
            project("p", "2026-03-13"),
            project("p", "2026-03-17", milestone="2", baseline_finish="2026-03-20"),
            {"project": "p", "milestone": "3", "actual_finish": "2026-03-27", "added_after_baseline": True},
        )
    )
    # Planned until 20 March (15 days), the added work ended on 27 March (20 days).
    assert ratios[["baseline_days", "actual_days"]].to_numpy().tolist() == [[15.0, 20.0]]


def test_projects_without_a_place_in_the_record_are_counted_by_reason():
    assert left_out(project("p", "2026-03-13"), project("p", None, milestone="2")) == {RUNNING: 1}
    assert left_out(
        project("p", "2026-03-13"), {"project": "p", "milestone": "2", "added_after_baseline": True}
    ) == {RUNNING: 1}
    assert left_out(project("p", None, closed_as="cancelled")) == {CANCELLED: 1}
    effort = {"milestone": "1", "baseline_days": 5.0, "actual_days": 8.0, "closed_as": "delivered"}
    assert left_out({"project": "p", **effort}, {"project": "q", **effort}) == {UNDATED: 2}
    assert left_out(project("p", "2026-02-20")) == {NO_DURATION: 1}
    assert left_out(
        project("p", "2026-03-13"),
        project("p", "2026-03-16", milestone="2", baseline_finish="2026-03-27", closed_as="cancelled"),
    ) == {CANCELLED: 1}


def test_a_milestone_cancelled_on_the_way_does_not_cancel_the_project():
    rows = history(
        project("p", None, baseline_finish="2026-03-06", closed_as="cancelled"),
        project("p", "2026-03-20", milestone="2"),
    )
    assert finish_ratios(rows)["finish_ratio"].tolist() == [1.5]


def test_a_project_whose_every_milestone_ends_exactly_on_its_date_is_reporting():
    fridays = [f"{day:%Y-%m-%d}" for day in pd.date_range("2026-03-06", periods=5, freq="7D")]
    came = [fridays[1], *fridays[1:]]
    copied = [project("copied", day, milestone=day, baseline_finish=day) for day in fridays]
    honest = [
        project("honest", finish, milestone=day, baseline_finish=day)
        for finish, day in zip(came, fridays, strict=True)
    ]
    record = fit_project_record(history(*copied, *honest))
    assert dict(record.left_out) == {COPY: 1}
    # The other one slipped on the way and still ended on its date: that is evidence, and an on-plan finish.
    assert (record.n_projects, record.n_on_plan) == (1, 1)


def test_a_status_date_gives_exactly_what_was_known_by_then():
    rows = history(
        project("a", "2026-03-13"),
        project("b", "2026-03-27"),
        project("c", "2026-04-10"),
        project("d", "2026-03-16"),
        project("d", None, milestone="0", closed_as="cancelled", baseline_finish="2026-03-06"),
    )
    rows.loc[rows["closed_as"] == "cancelled", "updated_on"] = pd.Timestamp("2026-04-01")
    everything = finish_ratios(rows)
    assert everything["project"].tolist() == ["a", "b", "c", "d"]
    for day, known in (("2026-03-12", ""), ("2026-03-13", "a"), ("2026-03-31", "ab"), ("2026-04-01", "abd")):
        then = finish_ratios(rows, as_of=day)
        assert then["project"].tolist() == list(known)
        kept = everything[everything["known_on"] <= day].reset_index(drop=True)
        pd.testing.assert_frame_equal(then, kept)
        assert dict(fit_project_record(rows, as_of=day).left_out) == {RUNNING: 4 - len(known)}


def test_what_happens_after_the_status_date_does_not_move_the_record():
    early = [project(f"p{n}", f"2026-03-{16 + n}") for n in range(5)]
    before = fit_project_record(history(*early, project("q", "2026-05-29")), as_of="2026-03-31")
    after = fit_project_record(history(*early, project("q", "2027-12-31")), as_of="2026-03-31")
    np.testing.assert_array_equal(before.nodes, after.nodes)
    assert before.last_known == "2026-03-20"
    # The test bites: once known, the late one does move it.
    assert fit_project_record(history(*early, project("q", "2027-12-31"))).nodes[-1] > before.nodes[-1]


def test_without_any_closed_project_the_record_is_wide_and_says_that_it_rests_on_nothing():
    record = fit_project_record(history(project("p", None)))
    assert (record.n_projects, record.method, record.last_known) == (0, "prior", "")
    # Five pseudo-projects, mean .10, sd .22: t with 4 degrees of freedom, scale .22 sqrt(1 + 1/5) = .2410.
    levels = np.array([0.1, 0.5, 0.8, 0.9])
    np.testing.assert_allclose(record.quantiles(levels), 0.10 + 0.2410 * stats.t.ppf(levels, 4), atol=0.002)


def test_a_history_without_rows_gives_the_same_record():
    empty = history(project("p", None)).iloc[:0]
    assert len(finish_ratios(empty)) == 0
    assert fit_project_record(empty).n_projects == 0


def test_few_projects_lean_on_five_pseudo_projects():
    # Ratios e^.2, e^.3, e^.4: mean .3, squares .02. With five of mean .10 and squares 4 x .22^2 = .1936:
    # location (3 x .3 + 5 x .1) / 8 = .175; squares .02 + .1936 + 3 x 5 / 8 x .2^2 = .2886; degrees 3 + 4 = 7;
    # scale sqrt(.2886 / 7 x (1 + 1/8)) = sqrt(.04638) = .2154.
    record = record_of(ratios_table([0.2, 0.3, 0.4]))
    levels = np.array([0.1, 0.5, 0.8, 0.9])
    assert record.method == "prior"
    np.testing.assert_allclose(record.quantiles(levels), 0.175 + 0.2154 * stats.t.ppf(levels, 7), atol=0.002)


def test_from_twenty_projects_on_the_own_record_speaks_alone():
    rng = np.random.default_rng(2)
    log_ratios = 0.8 + 0.1 * rng.standard_normal(20)
    shorter, longer = record_of(ratios_table(log_ratios[:19])), record_of(ratios_table(log_ratios))
    assert (shorter.method, dict(shorter.candidate_crps)) == ("prior", {})
    # Five pseudo-projects at .10 pull 19 at .80 down to (19 x .8 + 5 x .1) / 24 = .65.
    assert float(shorter.quantiles(0.5)) == pytest.approx(0.65, abs=0.05)
    assert longer.method in ("pooled", "log_t")
    assert float(longer.quantiles(0.5)) == pytest.approx(0.8, abs=0.05)


def test_the_candidate_with_the_smaller_left_out_crps_serves():
    rng = np.random.default_rng(6)
    heavy = record_of(ratios_table(0.1 + 0.15 * rng.standard_t(3, 60)))
    split = record_of(ratios_table(np.r_[rng.normal(-0.6, 0.02, 30), rng.normal(0.6, 0.02, 30)]))
    assert heavy.method == "log_t"  # its own family
    assert split.method == "pooled"  # two heaps, which no t describes
    for record in (heavy, split):
        assert record.candidate_crps[record.method] == min(record.candidate_crps.values())


def test_log_t_finds_the_distribution_that_made_the_ratios():
    rng = np.random.default_rng(10)
    record = record_of(ratios_table(0.12 + 0.2 * rng.standard_t(5, 4000)), method="log_t")
    levels = np.array([0.05, 0.5, 0.8, 0.9, 0.95])
    np.testing.assert_allclose(record.quantiles(levels), 0.12 + 0.2 * stats.t.ppf(levels, 5), atol=0.025)


def test_one_wild_project_does_not_drag_the_median():
    rng = np.random.default_rng(9)
    calm = rng.normal(0.1, 0.1, 30)
    with_one = record_of(ratios_table(np.r_[calm, np.log(1000)]), method="log_t")
    assert float(with_one.quantiles(0.5)) == pytest.approx(np.median(calm), abs=0.05)
    assert np.isfinite(with_one.nodes).all()


def test_a_portfolio_with_fixed_release_dates_is_recognised_by_its_own_record():
    # Nine of twelve projects end on their date although projects elsewhere end 10 % late.
    record = record_of(ratios_table([0.0] * 9 + [0.15, 0.2, 0.3]))
    assert record.n_on_plan == 9
    assert record.on_plan_share == pytest.approx(9 / 17)  # five pseudo-projects that did not
    below, at_or_below = record.probabilities(0.0)
    assert at_or_below - below == pytest.approx(9 / 17, abs=0.005)
    assert float(record.quantiles(0.5)) == 0.0
    # A portfolio that slips has no such heap.
    below, at_or_below = record_of(ratios_table(np.linspace(0.05, 0.4, 12))).probabilities(0.0)
    assert at_or_below == below


@pytest.mark.parametrize("constant", [0.0, 0.2])
def test_projects_that_all_did_the_same_do_not_make_the_next_one_certain(constant):
    for count in (1, 5, 19, 20, 60):
        record = record_of(ratios_table([constant] * count))
        assert np.isfinite(record.nodes).all()
        assert record.nodes[0] < constant < record.nodes[-1]
        assert float(record.quantiles(0.99)) >= constant


@pytest.mark.parametrize("log_ratios", [[np.log(1e-3)] * 3 + [np.log(1e3)] * 3, [np.log(1e3)] * 25, [0.3]])
def test_extreme_records_give_finite_ascending_quantiles(log_ratios):
    for method in ("auto", "prior", "pooled", "log_t"):
        nodes = record_of(ratios_table(log_ratios), method=method).nodes
        assert np.isfinite(nodes).all()
        assert (np.diff(nodes) >= 0).all()


def test_draws_follow_the_quantiles_and_the_seed():
    record = record_of(ratios_table([0.0] * 8 + list(np.linspace(-0.2, 0.6, 22))))
    draws = record.draw(20_000, np.random.default_rng(1))
    np.testing.assert_array_equal(draws, record.draw(20_000, np.random.default_rng(1)))
    levels = np.array([0.1, 0.5, 0.8, 0.9])
    np.testing.assert_allclose(np.quantile(draws, levels), record.quantiles(levels), atol=0.01)
    assert np.mean(draws == 0) == pytest.approx(record.on_plan_share, abs=0.005)


@pytest.mark.parametrize(
    ("count", "method"),
    [
        (3, "prior"),
        pytest.param(40, "log_t", marks=pytest.mark.slow),
        pytest.param(10, "prior", marks=pytest.mark.slow),
        pytest.param(40, "pooled", marks=pytest.mark.slow),
    ],
)
@pytest.mark.montecarlo
def test_dates_hold_as_often_as_they_promise_when_the_next_project_is_like_the_last_ones(count, method):
    # New portfolios from the population of the pseudo-projects, one new project each. Exact band for 500.
    rng = np.random.default_rng(count)
    held = 0
    for _ in range(500):
        log_ratios = rng.normal(0.10, 0.22, count + 1)
        held += log_ratios[-1] <= record_of(ratios_table(log_ratios[:-1]), method=method).quantiles(0.8)
    low, high = binomial_band(500, 0.8, level=0.99)
    assert low <= held <= high


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="'mean' is unknown"):
        record_of(ratios_table([0.1]), method="mean")


@pytest.fixture(scope="module")
def real_projects():
    if not DSLIB.is_dir():
        pytest.skip(f"the real projects come without a licence to redistribute and are not in {DSLIB}")
    rows = read_history(DSLIB)
    return rows, finish_ratios(rows)


@pytest.fixture(scope="module")
def forecasts(real_projects):
    """Every real project forecast from the others, those of its name and another number held out with it."""
    rows, ratios = real_projects
    names = rows.groupby("project")["project_name"].first()
    family = ratios["project"].map(names).str.replace(r"\s*\(\d+\)$", "", regex=True)
    actual = log_finish_ratios(ratios)
    scored = {}
    for method in ("prior", "pooled", "log_t", "auto"):
        crps, below, at_or_below = np.empty((3, len(actual)))
        for name in family.unique():
            held = (family == name).to_numpy()
            record = record_of(ratios[~held], method=method)
            crps[held] = crps_from_quantiles(record.nodes, actual[held])
            below[held], at_or_below[held] = record.probabilities(actual[held])
        # Where a forecast gives exactly on plan a probability of its own, the outcome falls anywhere within it.
        spot = np.random.default_rng(20260302).random(len(actual))
        scored[method] = (crps, below + spot * (at_or_below - below))
    return family, actual, scored


@pytest.mark.slow
def test_two_of_the_real_projects_never_finished_by_their_last_report(real_projects):
    rows, ratios = real_projects
    # 53 workbooks. C2011-13 ends with three activities not started, C2015-03 with one.
    assert len(ratios) == 51
    assert set(rows["project"]) - set(ratios["project"]) == {"C2011-13", "C2015-03"}
    assert dict(fit_project_record(rows).left_out) == {RUNNING: 2}


@pytest.mark.slow
def test_real_durations_are_those_that_the_workbooks_give_for_the_whole_project(real_projects):
    # Durations in the row of the project itself, in the last tracking period of projects that started on time.
    _, ratios = real_projects
    days = ratios.set_index("project")[["baseline_days", "actual_days"]]
    assert days.loc["C2011-05"].tolist() == [43, 53]
    assert days.loc["C2011-07"].tolist() == [389, 444]
    assert days.loc["C2014-04"].tolist() == [522, 844]
    assert days.loc["C2015-35"].tolist() == [850, 951]
    # Mean and median as they were found, apart from this code, when the method was chosen.
    assert ratios["finish_ratio"].mean() == pytest.approx(1.15, abs=0.01)
    assert ratios["finish_ratio"].median() == pytest.approx(1.12, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["pooled", "log_t", "auto"])
def test_the_record_of_other_real_projects_beats_the_plan_and_keeps_its_promises(forecasts, method):
    family, actual, scored = forecasts
    crps, pit = scored[method]
    plan = np.abs(actual)
    assert crps.mean() <= 0.140
    assert skill(crps, plan) >= 0.25
    assert block_bootstrap_skill(crps, plan, family, seed=1)[0] > 0.12
    for level in (0.5, 0.8, 0.9):
        low, high = binomial_band(len(pit), level)
        assert low <= (pit <= level).sum() <= high


@pytest.mark.slow
def test_the_plain_plan_fails_the_same_check(forecasts):
    # Of 51 real P80 dates 36 to 45 hold by chance; the baseline date held for 14, half a percent allowed.
    _, actual, _ = forecasts
    assert binomial_band(51, 0.8) == (36, 45)
    assert (actual <= 0).sum() == 14
