from dataclasses import replace

import pandas as pd
import pytest
from models_by_hand import model_by_hand

from estimation.pages import wording


def test_a_chance_is_never_certain_and_never_nothing():
    assert [wording.chance(p) for p in (0.0, 0.049, 0.05, 0.5, 0.95, 0.951, 1.0)] == [
        "<5 %", "<5 %", "5 %", "50 %", "95 %", ">95 %", ">95 %",
    ]  # fmt: skip


SLIP = {
    "project_name": "Atlas",
    "baseline_finish": pd.Timestamp("2026-03-13"),
    "actual_finish": pd.Timestamp("2026-03-19"),
    "slip_days": 4,
    "baseline_days": 10,
    "actual_days": 14,
}


def test_a_late_project_is_said_to_be_late_by_its_working_days():
    assert wording.slip_finding(SLIP) == (
        "Atlas finished 4 working days late: planned for 10 working days until 13 Mar 2026, it took 14 working "
        "days until 19 Mar 2026."
    )


@pytest.mark.parametrize(("slip", "words"), [(0, "on its planned date"), (-1, "1 working day early")])
def test_a_project_in_time_is_said_to_be_so(slip, words):
    assert words in wording.slip_finding({**SLIP, "slip_days": slip})


def causes(*rows):
    return pd.DataFrame(rows, columns=["milestone", "name", "phase", "cause", "cause_note", "own_slip_days"])


def test_causes_are_named_with_their_days_and_wins_are_left_out():
    table = causes(
        ("2.2", "training dataset prepared", "data_preparation", "data_quality", "", 5.0),
        ("3.3", "report delivered", "model_development", wording.UNCODED, "", 2.0),
        ("5.1", "validated", "validation", wording.UNCODED, "", -1.0),
    )
    assert wording.cause_finding(table) == (
        "The days were lost at 2 milestones: 2.2 training dataset prepared (+5 days, data quality) and 3.3 report "
        "delivered (+2 days, no cause recorded)."
    )


def test_the_note_of_the_team_follows_the_cause_where_there_is_one():
    table = causes(
        ("2.2", "", "", "data_quality", "Two layouts.", 5.0), ("3.3", "", "", wording.UNCODED, None, 2.0)
    )
    assert wording.with_reasons(table)["reason"].tolist() == [
        "Data quality: Two layouts.",
        "No cause recorded",
    ]


def test_a_milestone_is_labelled_by_its_id_and_name_and_the_project_by_its_name_alone():
    table = pd.DataFrame(
        {"milestone": ["2.2", "x", "project"], "name": ["data ready", None, "Whole project"]}
    )
    assert wording.with_labels(table)["label"].tolist() == ["2.2 data ready", "x", "Whole project"]


def reported(colours, overdue):
    weeks = range(1, len(colours) + 1)
    return pd.DataFrame(
        {
            "week": pd.array(list(weeks), dtype="Int64"),
            "reported_status": colours,
            "n_overdue": [int(days > 0) for days in overdue],
            "days_overdue": [float(days) for days in overdue],
            "overdue": ["2.2 training data" if days else "" for days in overdue],
        }
    )


def test_weeks_of_green_over_overdue_work_are_counted_as_lost_warning():
    finding = wording.reported_finding(reported(["green"] * 4 + ["yellow", "red"], [0, 0, 2, 5, 5, 9]))
    assert "From week 3 on" in finding
    assert "yellow in week 5 and red in week 6" in finding
    assert "2 weeks of warning were lost" in finding


def test_a_report_that_turned_in_the_same_week_lost_nothing():
    assert "it was said in time" in wording.reported_finding(reported(["green", "yellow"], [0, 2]))


def test_no_weekly_status_is_said_to_be_unknown():
    assert "is not known" in wording.reported_finding(reported([], []))


def multipliers(**p80):
    rows = [
        {"phase": phase, "level": level, "multiplier": value * level, "lower": 1.0, "upper": 3.0,
         "n_projects": 30, "n_rows": 90, "share_borrowed": 0.1, "standing": "stands alone"}
        for phase, value in p80.items() for level in (0.5, 0.8)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_largest_and_smallest_multiplier_are_named():
    finding = wording.multiplier_finding(multipliers(data_preparation=3.0, discovery=1.5))
    assert "Data preparation needs the largest allowance" in finding
    assert "multiply its estimates by 2.40" in finding  # 3.0 x .8
    assert "Discovery needs the smallest: 1.20" in finding


def test_the_overview_has_one_row_per_phase_with_the_interval_in_brackets():
    table = wording.multiplier_overview(multipliers(data_preparation=3.0, discovery=1.5))
    assert table["phase"].tolist() == ["Data preparation", "Discovery"]
    assert table["P80"].tolist() == ["2.40 (1.00–3.00)", "1.20 (1.00–3.00)"]


def test_the_evidence_names_projects_period_running_work_and_what_was_left_out():
    model = replace(
        model_by_hand(), n_projects=12, n_rows=1200, n_running=3, first_known="2025-01-07", last_known="2026-03-20",
        left_out=("copycat",), uses_running=False, r_hat=1.0, track_record="P80 held.",
        half_life_months=18.0, clients=("a", "b", "c", "d", "e"),
    )  # fmt: skip
    said = wording.evidence(model)
    assert "12 projects with 1,200 finished milestones, finished 7 Jan 2025 to 20 Mar 2026" in said
    assert "3 milestones still running were not used" in said
    assert "copy their plan: copycat" in said
    assert "half as much after 18 months" in said
    assert "5 clients are told apart in forecasts; the multipliers are those for a client never seen" in said
    assert "too little" not in said


def test_too_little_evidence_says_so():
    model = replace(model_by_hand(), n_projects=4, n_rows=40)
    assert "Older work counts less" not in wording.evidence(model)
    assert "clients" not in wording.evidence(model)
    assert "too little to tell phases apart" in wording.evidence(model)


def test_reports_without_colours_are_said_to_name_none():
    table = reported(["", "on track"], [2, 3])
    assert wording.reported_finding(table).endswith("no report named a colour.")


def test_a_milestone_without_a_name_is_called_by_its_id():
    assert "one milestone: 2.1 (+15 days" in wording.cause_finding(
        causes(("2.1", None, "", wording.UNCODED, None, 15.0))
    )


def test_one_multiplier_for_all_is_not_called_the_largest():
    finding = wording.multiplier_finding(multipliers(discovery=1.5, validation=1.5))
    assert finding == (
        "To hold eight times in ten, multiply estimates by 1.20 (90 % interval 1.00 to 3.00), whatever their phase."
    )


def test_a_finding_names_its_projects_where_it_has_some():
    table = pd.DataFrame({"message": ["1 project copies its plan", "2 added"], "project": ["atlas", None]})
    assert wording.with_projects(table)["message"].tolist() == [
        "1 project copies its plan (atlas)",
        "2 added",
    ]
