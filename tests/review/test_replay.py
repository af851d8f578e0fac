"""The replay of closed projects: the backtest's own figures, and nothing that came later."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from example import history as example_history
from example import status as example_status
from simulated_portfolio import portfolio

from estimation import backtest_finishes, read_history
from estimation.calibration.measured_history import MeasuredHistory
from estimation.review.replay import REPLAY, WARNINGS, first_warnings, replay_table
from estimation.scoring.finish_backtest import CHAINED, MATCHED
from estimation.scoring.verdict import skill_table
from estimation.tables import check_table

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.datasets import DATA

DATES = ["p50_finish", "p80_finish", "baseline_finish", "planned_days", "p50_days", "p80_days"]


def agrees_with_the_backtest(history):
    """Whether a replay's figures are those of the backtest; gives the replay."""
    known = MeasuredHistory(history)
    replay = replay_table(known, seed=1)
    check_table(replay, REPLAY, "replay")
    scores = backtest_finishes(known, seed=1)
    assert set(replay["candidate"]) <= {MATCHED, CHAINED}
    own = replay.merge(scores, on=["project", "candidate", "origin", "n_past"], validate="1:1")
    assert len(own) == len(replay)
    for level in (50, 80):
        held = own[f"held_p{level}"]
        assert (held == (own["actual"] <= own[f"q{level}"] + 1e-9)).all()
        assert (held == (own["actual_finish"] <= own[f"p{level}_finish"])).all()
    assert (own["held_plan"] == (own["actual_finish"] <= own["baseline_finish"])).all()
    return replay, scores


def test_the_figures_are_those_of_the_backtest_on_the_example():
    replay, scores = agrees_with_the_backtest(example_history())
    # No plan of a closed project was multiplied: what held the plan is what the raw plan held.
    own = scores[scores["project"].isin(replay["project"])]
    table = skill_table(own, seed=1).set_index("candidate")
    assert (
        table.loc[MATCHED, ["held_p50", "held_p80"]].tolist()
        == replay[["held_p50", "held_p80"]].sum().tolist()
    )
    assert table.loc["raw plan", "held_p50"] == replay["held_plan"].sum()
    assert replay["p80_finish"].max() <= example_history()["actual_finish"].max()


@pytest.mark.slow
@pytest.mark.skipif(
    not (DATA / "dslib").is_dir(), reason=f"the ProTrack workbooks are not in {DATA / 'dslib'}"
)
def test_the_figures_are_those_of_the_backtest_on_real_projects():
    replay, _ = agrees_with_the_backtest(read_history(DATA / "dslib"))
    assert len(replay) > 20


def test_six_projects_say_what_can_be_said():
    # One starts every forty days and takes 60 or more: the first two are over when the fourth starts, three not
    # before the fifth does.
    history, _ = portfolio(6, every=40)
    replay, _ = agrees_with_the_backtest(history)
    assert 1 <= len(replay) <= 2
    assert replay["n_past"].min() == 3


def test_what_happened_later_changes_no_date():
    # Projects that were not over when another began may end whenever they like: its dates stay.
    history, _ = portfolio(40, every=12)
    before = replay_table(history, seed=1).set_index("project")
    origin = before["origin"].sort_values().iloc[len(before) // 2]
    later = history["actual_finish"] >= origin
    changed = history.assign(
        actual_finish=history["actual_finish"] + pd.to_timedelta(np.where(later, 70, 0), "D")
    )
    after = replay_table(changed, seed=1).set_index("project")
    same = before.index[before["origin"] <= origin].intersection(after.index)
    moved = after.loc[same, "actual_days"] - before.loc[same, "actual_days"]
    assert set(moved) == {0, 50}  # ten weeks
    assert (moved > 0).sum() > 5
    pd.testing.assert_frame_equal(after.loc[same, DATES], before.loc[same, DATES])


def test_projects_that_ended_before_their_date_had_come_are_no_success_yet():
    history, _ = portfolio(12, every=20)
    whole = replay_table(history, seed=1)
    day = whole["p80_finish"].max() - pd.Timedelta(days=1)
    cut = replay_table(history, seed=1, as_of=day)
    assert set(whole["project"]) - set(cut["project"]) == set(whole["project"][whole["p80_finish"] > day])


def test_no_replay_without_three_closed_before_another_began():
    history, _ = portfolio(6, every=1)
    assert replay_table(history, seed=1).empty


def test_the_first_warning_comes_between_start_and_end_of_a_late_project():
    known = MeasuredHistory(example_history())
    replay = replay_table(known, seed=1)
    warnings = first_warnings(known, replay, example_status("nlp-claims"), seed=1, iterations=500)
    check_table(warnings, WARNINGS, "warnings")
    row = warnings.iloc[0]
    own = replay.set_index("project").loc["nlp-claims"]
    assert (row["project"], row["held_plan"]) == ("nlp-claims", False)
    assert own["planned_start"] < row["warned_on"] < own["actual_finish"]
    assert row["weeks_before_end"] == (own["actual_finish"] - row["warned_on"]).days / 7
