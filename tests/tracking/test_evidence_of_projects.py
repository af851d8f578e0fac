from pathlib import Path

import example
import numpy as np
import pandas as pd
import pytest
from models_by_hand import model_by_hand, on_plan_model
from tables_by_hand import plan_rows, status_rows

from estimation import (
    calibrate,
    forecast_table,
    load_model,
    milestone_board,
    simulate,
)
from estimation.errors import InputError
from estimation.pages.weekly_wording import evidence_finding
from estimation.project.closing import plan_of
from estimation.project.plan import build_plan
from estimation.project.standing import standing_of, status_course
from estimation.tables import check_table
from estimation.tracking.evidence import evidence_table, next_ranks, whole_project
from estimation.tracking.impossible_dates import dates_left_behind
from estimation.tracking.moves import green_until_red, jump_findings
from estimation.tracking.tracking_tables import EVIDENCE

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"
TEN_DAYS = {"milestone": "1", "baseline_days": 10.0}
RUNS = {"seed": 1, "iterations": 4000, "way": "chained"}


def one_milestone(**columns):
    """Ten working days from Monday 2 March 2026, until Friday 13."""
    return build_plan(plan_rows(TEN_DAYS | columns))


@pytest.mark.parametrize(
    ("course", "words"),
    [
        # Thresholds .8 and .5, better only .1 beyond: .79 is worse at once, .89 not yet better, .9 is.
        ([1.2, 0.79, 0.89, 0.9], [0, 1, 1, 0]),
        ([0.45, 0.55, 0.6, 0.85, 0.95], [2, 2, 1, 1, 0]),
        ([0.8, 0.5, 0.49], [0, 1, 2]),
        ([0.3, 2.0], [2, 0]),
    ],
)
def test_worse_at_once_better_with_a_margin(course, words):
    ranks, seen = np.array([0]), []
    for ratio in course:
        ranks = next_ranks(np.array([ratio]), ranks, (0.8, 0.5), 0.1)
        seen.append(int(ranks[0]))
    assert seen == words


@pytest.mark.parametrize("thresholds", [(0.5, 0.8), (80, 50), (0.8, -0.1), (float("nan"), 0.5)])
def test_thresholds_that_are_no_shares_or_stand_the_wrong_way_round_are_refused(thresholds):
    with pytest.raises(InputError, match="wanted two shares between 0 and 1, on_track the higher one"):
        evidence_table(
            one_milestone(), on_plan_model(), status_rows({"milestone": "1"}), thresholds=thresholds, **RUNS
        )


def test_without_a_promise_p80_of_the_kickoff_is_committed_and_believed_with_eight_tenths():
    # Durations are 10 exp(.3 t): eight in ten are done by P80, by its definition at least.
    said = status_rows({**{"milestone": "1"}, "actual_start": "2026-03-02", "percent_complete": 0.05})
    table = evidence_table(one_milestone(), model_by_hand(spread=0.3), said, **RUNS)
    check_table(table, EVIDENCE, "evidence")
    assert table["prob_kickoff"].between(0.8, 0.9).all()
    assert (table["measured_finish"] == table["committed_finish"]).all()
    assert table["evidence"].tolist() == ["on track"] * 2
    assert table["evidence_ratio"].tolist() == pytest.approx([1.0, 1.0], abs=0.1)


def test_evidence_falls_as_time_passes_and_nothing_is_done():
    # Promised for the planned day, half likely at kickoff. On day 8 of 10 with a tenth done it has hardly a chance;
    # after the promised day it is delayed whatever else.
    plan = one_milestone(promised_finish="2026-03-13")
    begun = {"milestone": "1", "actual_start": "2026-03-02", "percent_complete": 0.1, "remaining_days": 9.0}
    said = status_rows(begun, {**begun, "as_of": "2026-03-11"}, {**begun, "as_of": "2026-03-16"})
    table = evidence_table(plan, model_by_hand(spread=0.2), said, **RUNS)
    project = whole_project(table)
    assert project["prob_kickoff"].iloc[0] == pytest.approx(0.5, abs=0.05)
    assert project["evidence"].tolist()[1:] == ["delayed", "delayed"]
    assert project["prob_now"].iloc[2] == 0
    assert project["left_on_track"].iloc[2] == project["left_on_track"].iloc[1]


def test_a_promise_nobody_could_believe_in_is_a_finding_of_the_kickoff_and_no_alarm():
    # Ten days of work promised after five: never done in time. P80 is watched instead, until the promise is broken.
    plan = one_milestone(promised_finish="2026-03-06")
    begun = {"milestone": "1", "actual_start": "2026-03-02", "percent_complete": 0.2}
    said = status_rows(
        {**begun, "as_of": "2026-03-03"}, {**begun, "as_of": "2026-03-09", "percent_complete": 0.6}
    )
    table = evidence_table(plan, on_plan_model(), said, **RUNS).query("milestone == '1'")
    assert table["committed_finish"].eq(pd.Timestamp("2026-03-06")).all()
    assert table["measured_finish"].eq(pd.Timestamp("2026-03-13")).all()
    assert table["evidence"].tolist() == ["on track", "delayed"]


def test_done_work_says_done_and_keeps_the_day_it_left():
    plan = one_milestone(promised_finish="2026-03-13")
    begun = {"milestone": "1", "actual_start": "2026-03-02", "percent_complete": 0.1}
    said = status_rows(
        {**begun, "as_of": "2026-03-16"},
        {**begun, "as_of": "2026-03-20", "actual_finish": "2026-03-20", "percent_complete": 1.0},
    )
    table = evidence_table(plan, model_by_hand(), said, **RUNS)
    assert table["evidence"].tolist() == ["delayed", "delayed", "done", "done"]
    assert table["left_on_track"].eq(pd.Timestamp("2026-03-16")).all()


@pytest.fixture(scope="module")
def story():
    """The plan and the reports of the story, and a model of what was known the day before it began."""
    history = example.history()
    model = calibrate(history, seed=1, as_of="2026-02-01", finish_way="record")
    return plan_of(history, "nlp-claims"), model, example.status("nlp-claims")


def test_the_evidence_leaves_on_track_in_week_three_while_the_reports_are_green_until_week_six(story):
    plan, model, status = story
    weeks = whole_project(evidence_table(plan, model, status, seed=1))
    course = status_course(plan, status)
    assert weeks["evidence"].tolist() == ["on track"] * 2 + ["delayed"] * 5 + ["done"]
    assert weeks["left_on_track"].dropna().unique().tolist() == [pd.Timestamp("2026-02-20")]
    assert course.groupby("week")["reported_status"].first().tolist() == ["green"] * 6 + ["yellow", "red"]
    # The promised date had less than one chance in ten at kickoff, and next to none in week three.
    assert weeks["prob_kickoff"].iloc[0] == pytest.approx(0.075, abs=0.02)
    assert weeks["prob_now"].iloc[2] < 0.03


def test_twenty_working_days_of_warning_were_lost_and_the_training_data_lost_them(story):
    # Evidence Friday 20 February, first yellow Friday 20 March: four weeks.
    plan, model, status = story
    evidence = evidence_table(plan, model, status, seed=1, iterations=1000)
    found = green_until_red(plan, status_course(plan, status), evidence)
    assert found["lost_days"].tolist() == [20]
    assert standing_of(plan, status, "2026-02-20").table.set_index("milestone")["slip_days"].idxmax() == "2.2"


def test_in_week_three_the_evidence_names_the_cleaning_of_the_data_as_the_place(story):
    # 2.2, the training data, took five days more by itself (data_quality in the record of the story); all else was
    # handed down or was not late on that Friday.
    plan, model, status = story
    day = "2026-02-20"
    evidence = evidence_table(plan, model, status, seed=1, as_of=day, iterations=1000)
    forecast = forecast_table(simulate(plan, model, as_of=day, status=status, seed=1, iterations=1000))
    board = milestone_board(plan, status, forecast, as_of=day, evidence=evidence)
    lost = board[board["own_slip_days"] >= 1]
    assert lost[["milestone", "own_slip_days"]].to_numpy().tolist() == [["2.2", 5.0]]
    said = evidence_finding(evidence, board)
    assert "it left on track in week 3, on 20 Feb 2026" in said
    assert said.endswith("Lost most days by themselves: 2.2 Training dataset prepared (+5).")
    # What waits for it was left on its dates: silent optimism, and 2.2 is named again.
    left = dates_left_behind(plan, status, day)
    assert left["late"].unique().tolist() == ["2.2"]


def test_had_the_reports_gone_from_green_to_red_the_week_of_the_evidence_and_the_days_lost_are_named(story):
    # The story without its yellow: green until Friday 13 March, red on Friday 20 March.
    plan, model, status = story
    words = status["reported_status"].replace("yellow", "red")
    evidence = evidence_table(plan, model, status, seed=1, iterations=1000)
    found = jump_findings(plan, status_course(plan, status.assign(reported_status=words)), evidence)
    jumps = found[found["message"].str.startswith("the reports")].set_index("item")
    assert jumps["as_of"].unique().tolist() == [pd.Timestamp("2026-03-20")]
    # The evidence of 5.4 leaves with that of the project, Friday 20 February: four weeks, twenty working days.
    assert jumps.loc["5.4", "lost_days"] == 20
    assert "left on track in week 3, on 2026-02-20, 20 working days before" in jumps.loc["5.4", "message"]
    assert found["remedy"].unique().tolist() == ["Report at risk as soon as the evidence does."]


def test_the_shipped_model_tells_the_same_story_and_forecasts_by_the_record_of_whole_projects(story):
    plan, _, status = story
    model = load_model(EXAMPLE / "model.json")
    assert model.finish_way == "record"
    weeks = whole_project(evidence_table(plan, model, status, seed=1, iterations=4000))
    assert weeks["evidence"].tolist() == ["on track"] * 2 + ["delayed"] * 5 + ["done"]
    # A week that went as planned raises the ratio, and does not double it.
    assert weeks["evidence_ratio"].iloc[:2].between(1.0, 2.0).all()
