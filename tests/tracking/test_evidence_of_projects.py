from itertools import pairwise
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
        # Thresholds .5 and .2, better only .05 beyond: .49 is worse at once, .54 not yet better, .55 is.
        ([0.7, 0.49, 0.54, 0.55], [0, 1, 1, 0]),
        ([0.15, 0.24, 0.25, 0.52, 0.6], [2, 2, 1, 1, 0]),
        ([0.5, 0.2, 0.19], [0, 1, 2]),
        ([0.1, 0.9], [2, 0]),
    ],
)
def test_worse_at_once_better_with_a_margin(course, words):
    ranks, seen = np.array([0]), []
    for chance in course:
        ranks = next_ranks(np.array([chance]), ranks)
        seen.append(int(ranks[0]))
    assert seen == words


@pytest.mark.parametrize("thresholds", [(0.2, 0.5), (50, 20), (0.5, -0.1), (float("nan"), 0.2)])
def test_thresholds_that_are_no_shares_or_stand_the_wrong_way_round_are_refused(thresholds):
    with pytest.raises(InputError, match="wanted two shares between 0 and 1, on_track the higher one"):
        evidence_table(
            one_milestone(), on_plan_model(), status_rows({"milestone": "1"}), thresholds=thresholds, **RUNS
        )


def test_without_a_promise_the_planned_date_is_committed_and_half_likely():
    # Durations are 10 exp(.3 t), t as often below as above zero: one in two is done by the planned tenth day. What
    # was begun on the first morning and reported that evening tells nothing new.
    said = status_rows({**{"milestone": "1"}, "actual_start": "2026-03-02", "percent_complete": 0.1})
    table = evidence_table(one_milestone(), model_by_hand(spread=0.3), said, **RUNS)
    check_table(table, EVIDENCE, "evidence")
    assert table["committed_finish"].eq(pd.Timestamp("2026-03-13")).all()
    assert table["prob_kickoff"].tolist() == pytest.approx([0.5, 0.5], abs=0.05)
    assert table["evidence_ratio"].tolist() == pytest.approx(
        (table["prob_now"] / table["prob_kickoff"]).tolist()
    )


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
    assert project["alarm"].tolist()[1:] == [True, True]


def test_a_date_nobody_could_believe_in_is_an_alarm_from_the_first_week():
    # Ten days of work promised after five: never done in time, whatever happens.
    plan = one_milestone(promised_finish="2026-03-06")
    begun = {"milestone": "1", "actual_start": "2026-03-02", "percent_complete": 0.2}
    said = status_rows(
        {**begun, "as_of": "2026-03-03"}, {**begun, "as_of": "2026-03-09", "percent_complete": 0.6}
    )
    table = evidence_table(plan, on_plan_model(), said, **RUNS).query("milestone == '1'")
    assert table["committed_finish"].eq(pd.Timestamp("2026-03-06")).all()
    assert table[["prob_kickoff", "prob_now"]].eq(0).all(axis=None)
    assert table["evidence_ratio"].isna().all()  # there is nothing to divide by
    assert table["evidence"].tolist() == ["delayed", "delayed"]
    assert table["alarm"].all()


def test_an_alarm_is_a_label_that_falls_or_a_chance_below_a_fifth(story):
    # Said again from the chances alone; the kickoff's label is where each milestone begins. With thresholds between
    # the chances of the story (.08 at kickoff and in week one, .11, .01) its label falls in week three.
    plan, model, status = story
    for thresholds in ((0.5, 0.2), (0.06, 0.0), (0.3, 0.05)):
        table = evidence_table(plan, model, status, seed=1, iterations=400, thresholds=thresholds)
        for _, own in table.groupby("milestone"):
            chances = [own["prob_kickoff"].iloc[0], *own["prob_now"]]
            ranks = [0]
            for chance in chances:
                ranks.append(int(next_ranks([chance], np.array([ranks[-1]]), thresholds)[0]))
            falls = [now > before for before, now in pairwise(ranks[1:])]
            alarms = [fall or chance < thresholds[1] for fall, chance in zip(falls, chances[1:], strict=True)]
            open_ = own["evidence"] != "done"
            assert own["alarm"][open_].tolist() == np.array(alarms)[open_].tolist()
            assert not own["alarm"][~open_].any()
    project = whole_project(evidence_table(plan, model, status, seed=1, thresholds=(0.06, 0.0)))
    assert project["alarm"].tolist() == [False, False, True, *[False] * 5]


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


def test_the_evidence_is_delayed_from_week_one_while_the_reports_are_green_until_week_six(story):
    plan, model, status = story
    weeks = whole_project(evidence_table(plan, model, status, seed=1))
    course = status_course(plan, status)
    assert course.groupby("week")["reported_status"].first().tolist() == ["green"] * 6 + ["yellow", "red"]
    # The promised date had less than one chance in ten at kickoff; two weeks as planned do not lift it to a quarter,
    # from which on it would be at risk. In week three next to none is left.
    assert weeks["evidence"].tolist() == ["delayed"] * 7 + ["done"]
    assert weeks["alarm"].tolist() == [True] * 7 + [False]
    assert weeks["left_on_track"].unique().tolist() == [pd.Timestamp("2026-02-06")]
    assert weeks["prob_kickoff"].iloc[0] == pytest.approx(0.075, abs=0.02)
    assert weeks["prob_now"].iloc[1] < 0.25
    assert weeks["prob_now"].iloc[2] < 0.03


def test_thirty_working_days_of_warning_were_lost_and_the_training_data_lost_most(story):
    # Evidence Friday 6 February, first yellow Friday 20 March: six weeks.
    plan, model, status = story
    evidence = evidence_table(plan, model, status, seed=1, iterations=1000)
    found = green_until_red(plan, status_course(plan, status), evidence)
    assert found["lost_days"].tolist() == [30]
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
    assert "By the evidence the project is delayed, off track since week 1 (6 Feb 2026)." in said
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
    # The evidence of 5.4 is off track with that of the project, Friday 6 February: six weeks, thirty working days.
    assert jumps.loc["5.4", "lost_days"] == 30
    assert "off track by the evidence since week 1 (2026-02-06), 30 working" in jumps.loc["5.4", "message"]
    assert found["remedy"].unique().tolist() == ["Report at risk as soon as the evidence does."]


def test_the_shipped_model_tells_the_same_story_and_forecasts_by_the_record_of_whole_projects(story):
    plan, _, status = story
    model = load_model(EXAMPLE / "model.json")
    assert model.finish_way == "record"
    weeks = whole_project(evidence_table(plan, model, status, seed=1, iterations=4000))
    assert weeks["evidence"].tolist() == ["delayed"] * 7 + ["done"]
    # A week that went as planned raises the chance, and does not double it.
    assert weeks["evidence_ratio"].iloc[:2].between(1.0, 2.0).all()
