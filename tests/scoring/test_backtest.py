import numpy as np
import pandas as pd
import pytest
from tables_by_hand import overruns

from estimation.calibration.overruns import overrun_table
from estimation.project.closing import baseline_plan
from estimation.project.network import Link
from estimation.scoring.backtest import (
    BACKTEST,
    backtest,
    project_starts,
    recalibrate,
    refuse_leaks,
    score_rows,
)
from estimation.scoring.candidates import CANDIDATES, LEVELS, pool
from estimation.scoring.finish_backtest import FINISH_CANDIDATES, backtest_finishes
from estimation.tables import HISTORY, check_table, keep_contract

CHEAP = {name: CANDIDATES[name] for name in ("raw plan", "reference class", "phase lognormal")}


def portfolio(n_projects: int = 30, *, ratio: float = 1.5, seed: int = 1) -> pd.DataFrame:
    """Projects of two milestones in a row, ten planned days each, one starting every two weeks."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n_projects):
        start = pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=2 * k)
        first = start + pd.offsets.BDay(int(rng.integers(8, 12 * ratio)))
        planned = start + pd.offsets.BDay(9)
        shared = {"project": f"p{k:02d}", "project_start": start}
        rows += [
            {**shared, "milestone": "1", "phase": "data", "baseline_finish": planned, "actual_finish": first},
            {
                **shared,
                "milestone": "2",
                "phase": "model",
                "depends_on": "1",
                "baseline_finish": planned + pd.offsets.BDay(10),
                "actual_finish": first + pd.offsets.BDay(int(rng.integers(8, 12 * ratio))),
            },
        ]
    return keep_contract(pd.DataFrame(rows).assign(source="by hand, row 2"), HISTORY)


@pytest.fixture(scope="module")
def scores():
    return backtest(portfolio(), seed=1, candidates=CHEAP, origins=8)


def test_the_table_keeps_its_contract_and_every_candidate_forecasts_the_same(scores):
    check_table(scores, BACKTEST, "backtest")
    plain = scores[~scores["candidate"].str.contains("recalibrated")]
    assert plain["crps"].notna().all()
    assert len(set(plain["candidate"].value_counts())) == 1


def test_every_forecast_was_made_before_its_project_started(scores):
    starts = project_starts(portfolio())
    assert (scores["origin"] <= scores["project"].map(starts)).all()


def test_the_raw_plan_is_scored_by_the_distance_of_the_log_ratio_from_zero(scores):
    raw = scores[scores["candidate"] == "raw plan"]
    assert raw["crps"].to_numpy() == pytest.approx(raw["actual"].abs().to_numpy())


def test_what_happened_after_the_last_origin_cannot_change_earlier_forecasts(scores):
    changed = portfolio()
    late = changed["project"] >= "p28"
    changed.loc[late, "actual_finish"] += pd.Timedelta(days=200)
    again = backtest(changed, seed=1, candidates=CHEAP, origins=8)
    early = (scores["project"] < "p28") & ~scores["candidate"].str.contains("recalibrated")
    columns = ["candidate", "project", "milestone", "q50", "q80", "crps"]
    pd.testing.assert_frame_equal(scores.loc[early, columns], again.loc[early, columns])


def test_a_forecast_project_that_stands_in_the_evidence_is_a_leak_and_stops_the_backtest():
    history = portfolio()
    whole = overrun_table(history)
    targets = whole[whole["project"] == "p20"]
    with pytest.raises(AssertionError, match="'p20' is forecast and stands in the evidence too"):
        refuse_leaks(whole, targets)
    refuse_leaks(whole[whole["project"] != "p20"], targets)


def test_work_running_at_an_origin_is_running_in_its_evidence():
    history = portfolio()
    seen = []

    def watching(past, phases, seed):
        seen.append(past)
        return CANDIDATES["raw plan"](past, phases, seed)

    origins = backtest(history, seed=1, candidates={"raw plan": watching}, origins=4)["origin"].unique()
    assert len(seen) == len(origins) == 4
    finished_on = history.set_index(["project", "milestone"])["actual_finish"]
    for past, origin in zip(seen, origins, strict=True):
        ends = finished_on.reindex(pd.MultiIndex.from_frame(past[["project", "milestone"]])).to_numpy()
        assert past["censored"].any()
        assert (past["censored"].to_numpy() == (ends >= origin)).all()


def test_too_few_closed_projects_give_an_empty_backtest():
    empty = backtest(portfolio(9), seed=1, candidates=CHEAP)
    check_table(empty, BACKTEST, "backtest")
    assert empty.empty
    assert backtest_finishes(portfolio(3), seed=1).empty


def test_efforts_without_dates_give_an_empty_backtest():
    efforts = portfolio().assign(
        project_start=pd.NaT, baseline_finish=pd.NaT, baseline_days=5.0, actual_days=6.0
    )
    assert backtest(efforts, seed=1, candidates=CHEAP).empty
    assert backtest_finishes(efforts, seed=1).empty


def test_levels_that_held_too_rarely_are_read_further_up():
    # No past outcome lay below P30: the PIT was uniform from .3 to 1. Half of them lay below .3 + .7 / 2 = .65, so the
    # corrected median is the old .65 quantile.
    nodes = LEVELS.copy()
    past = np.linspace(0.3, 1.0, 2001)
    corrected = recalibrate(nodes, past)
    assert corrected[99] == pytest.approx(0.65, abs=0.01)


def test_levels_that_held_as_often_as_they_said_stay():
    nodes = np.sort(np.random.default_rng(1).standard_normal(199))
    assert recalibrate(nodes, np.linspace(0, 1, 4001)) == pytest.approx(nodes, abs=0.05)


def test_the_pit_of_an_outcome_on_an_atom_is_spread_over_its_mass():
    # Three of five points at zero, one below, one above: an outcome of zero has a PIT between .2 and .8.
    nodes = np.tile(np.repeat([-1.0, 0.0, 0.0, 0.0, 1.0], 40)[:199], (2000, 1))
    identity = pd.DataFrame({"project": ["p"] * 2000, "milestone": "1", "phase": "data"})
    rows = score_rows(
        {"x": nodes}, identity, np.zeros(2000), origin=pd.Timestamp("2026-01-01"), seed=1, n_past=5
    )
    assert rows["pit"].min() == pytest.approx(40 / 199, abs=0.01)
    assert rows["pit"].max() == pytest.approx(160 / 199, abs=0.01)
    assert rows["pit"].mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("name", CANDIDATES)
def test_each_candidate_gives_ascending_points_for_known_and_unknown_phases(name):
    rng = np.random.default_rng(1)
    past = overruns({"a": list(rng.lognormal(0.3, 0.3, 14)), "b": list(rng.lognormal(0, 0.3, 14))})
    forecasts = CANDIDATES[name](past, ["a", "new phase"], 1)
    assert set(forecasts) == {"a", "new phase"}
    for points in forecasts.values():
        assert points.shape == LEVELS.shape
        assert (np.diff(points) >= 0).all()


def test_a_pool_lies_between_its_members():
    pooled = pool([np.full(199, -1.0), np.full(199, 1.0)])
    assert (pooled < 0).mean() == pytest.approx(0.5, abs=0.01)


def test_finish_dates_are_forecast_from_projects_that_had_closed_by_then():
    scores = backtest_finishes(
        portfolio(), seed=1, candidates={name: FINISH_CANDIDATES[name] for name in ("raw plan", "record")}
    )
    check_table(scores, BACKTEST, "finish backtest")
    assert (scores["milestone"] == "project").all()
    # A project takes at least 16 working days; the first forecast has three closed projects behind it.
    assert scores["n_past"].min() >= 3
    record, raw = (scores[scores["candidate"] == name]["crps"].mean() for name in ("record", "raw plan"))
    assert record < raw


def test_projects_of_one_origin_are_forecast_from_what_was_known_before_the_first_of_them_started():
    # Thirty projects, one every two weeks from 1 January 2024; ten had closed when p11 started. The backtest of
    # milestones forecasts these 19 from six mornings (4 + 3 * 5 projects), p00 to p10 have two by their share
    # (6 + 5), and on the first of these nothing was known.
    history, record = portfolio(), {"record": FINISH_CANDIDATES["record"]}
    scores = backtest_finishes(history, seed=1, candidates=record, origins=6)
    mornings = [pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=2 * k) for k in (6, 11, 15, 18, 21, 24, 27)]
    assert scores.groupby("origin").size().to_dict() == dict(
        zip(mornings, [5, 4, 3, 3, 3, 3, 3], strict=True)
    )
    assert scores.groupby("origin")["n_past"].nunique().eq(1).all()
    of_milestones = backtest(history, seed=1, candidates=CHEAP, origins=6)["origin"]
    assert list(of_milestones.unique()) == mornings[1:]


def test_the_plan_a_project_started_with_knows_nothing_of_work_added_later():
    history = portfolio(1)
    extra = history.iloc[[1]].assign(
        milestone="3", depends_on="1", baseline_finish=pd.NaT, added_after_baseline=True
    )
    held_up = history.assign(depends_on=[None, "1; 3"])
    plan = baseline_plan(pd.concat([held_up, extra], ignore_index=True), "p00")
    assert list(plan.milestones["milestone"]) == ["1", "2"]
    assert plan.network.links == ((), (Link(0, "FS", 0.0),))


def test_a_project_whose_plan_contradicts_itself_is_passed_over():
    # Its second milestone is planned to finish before the first, on which it depends.
    history = portfolio(12)
    wrong = (history["project"] == "p11") & (history["milestone"] == "2")
    history["baseline_finish"] = history["baseline_finish"].mask(wrong, history["project_start"])
    candidates = {"raw plan": FINISH_CANDIDATES["raw plan"]}
    scored, all_scored = (
        set(backtest_finishes(table, seed=1, candidates=candidates)["project"])
        for table in (history, portfolio(12))
    )
    assert all_scored - scored == {"p11"}
