from types import SimpleNamespace

import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.pages import variance_overviews as overviews
from estimation.pages import variance_wording as words
from estimation.review.hindsight import Hindsight
from estimation.review.slip_shares import shares_by
from estimation.review.variance_tables import FAN, KICKOFF, LESSONS, PARTS, SLIP_SHARES, TRACK

SLIP = {"slip_days": 8, "actual_finish": pd.Timestamp("2026-03-27")}


def shares(*rows) -> pd.DataFrame:
    """Milestones as (name, days, cause); all days by a wrong estimate."""
    table = pd.DataFrame(
        [
            {"milestone": str(k), "name": name, "phase": "work", "cause": cause, "project_days": days,
             **dict.fromkeys(PARTS, 0.0), "estimate_error_days": days}
            for k, (name, days, cause) in enumerate(rows, start=1)
        ]
    )  # fmt: skip
    return by_hand(table, SLIP_SHARES)


def track(**week) -> pd.DataFrame:
    usual = {
        "week": 3, "as_of": pd.Timestamp("2026-02-20"), "reported_status": "green", "n_overdue": 0,
        "forecast_slip_days": 0.0, "evidence": "on track", "off_track": True, "left_track": True,
    }  # fmt: skip
    return by_hand(pd.DataFrame([usual | week]), TRACK)


def test_lost_and_won_days_are_named_with_their_causes_and_add_up():
    table = shares(("data", 7.0, "data_quality"), ("model", 2.0, None), ("handover", -1.0, None))
    assert words.share_finding(table, SLIP) == (
        "The 9 working days that were lost went to 1 data (7, data quality) and 2 model (2); 1 working day was won "
        "back elsewhere. Together that is the slip of 8 working days, without remainder."
    )


def test_of_many_milestones_the_first_four_are_named():
    table = shares(*[(f"m{k}", 6.0 - k, None) for k in range(6)])
    said = words.share_finding(table, SLIP)
    assert "4 m3 (3) and 2 more milestones (3)" in said


def test_a_project_that_finished_early_says_where_the_days_were_won():
    table = shares(("data", 0.0, None), ("acceptance", -5.0, None))
    assert words.share_finding(table, {**SLIP, "slip_days": -5}) == (
        "The 5 working days that were won came from 2 acceptance (5)."
    )
    assert words.share_finding(shares(("data", 0.0, None)), SLIP) == "No milestone cost the project a day."


def test_what_the_days_were_lost_by_is_said_part_by_part():
    table = shares(("data", 7.0, None))
    table["waiting_days"], table["estimate_error_days"] = 4.0, 3.0
    assert words.part_finding(shares_by(table, "part")) == (
        "Of the slip, in working days: 4 by waiting for someone outside and 3 by work that took longer than planned."
    )


def test_shares_by_cause_and_by_phase_are_told_apart():
    table = shares(("data", 7.0, "data_quality"), ("model", 2.0, "staffing"))
    by = overviews.grouped({"causes": shares_by(table, "cause"), "phases": shares_by(table, "phase")})
    assert by["by"].tolist() == ["Cause"] * 3 + ["Phase"] * 2
    assert by["value"].tolist() == ["Data quality", "Staffing", "All causes", "Work", "All phases"]
    assert by["project_days"].tolist() == [7.0, 2.0, 9.0, 9.0, 9.0]
    # All days are wrong estimates: a column of them would repeat the days. With some waiting there are two parts.
    assert list(overviews.share_columns(by)) == ["by", "value", "project_days"]
    waited = overviews.share_columns(by.assign(waiting_days=[1.0, 0.0, 1.0, 1.0, 1.0]))
    assert list(waited) == ["by", "value", "project_days", "waiting_days", "estimate_error_days"]


def test_the_fewest_causes_that_make_up_four_fifths_are_named():
    # 6 + 3 of 10 days are nine tenths; the first alone is six.
    table = shares(("a", 6.0, "data_quality"), ("b", 3.0, "staffing"), ("c", 1.0, None))
    assert words.pareto_finding(shares_by(table, "cause")) == (
        "2 causes of 3 cost 90 % of the days lost: data quality and staffing."
    )


def test_the_week_of_departure_is_told_with_its_signs_and_what_the_report_said():
    week = {
        "n_overdue": 2,
        "days_overdue": 4.0,
        "overdue": "2.3 data checked; 3.2 model good",
        "evidence": "delayed",
    }
    later = track(week=7, reported_status="yellow", left_track=False)
    assert words.track_finding(pd.concat([track(**week), later], ignore_index=True)) == (
        "Off track from week 3 (20 Feb 2026) to the end: 2.3 data checked and 3.2 model good were up to "
        "4 working days overdue and the evidence said delayed; the report of that week said green, and green it stayed "
        "until yellow in week 7."
    )


def test_of_many_overdue_milestones_three_are_named():
    week = {"n_overdue": 5, "days_overdue": 4.0, "overdue": "; ".join("abcde")}
    assert "a, b, c and 2 more were up to 4 working days overdue" in words.track_finding(track(**week))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (track().iloc[:0], "No weekly status table was handed in, so when the project left its track is not known."),
        (track(left_track=False), "In no week of its reports did the project leave its track for good."),
        (track(forecast_slip_days=3.0, reported_status=""), "the team itself expected the end 3 working days late; the "
         "report of that week named no colour."),
    ],
)  # fmt: skip
def test_without_reports_or_departure_that_is_what_is_said(table, said):
    assert words.track_finding(table).endswith(said)


def fan(**dates) -> pd.DataFrame:
    usual = {
        "p10_finish": "2026-03-06", "p50_finish": "2026-03-18", "p80_finish": "2026-03-25", "p90_finish": "2026-03-27",
        "team_finish": "2026-03-06", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-27",
    }  # fmt: skip
    row = {name: pd.Timestamp(day) for name, day in {**usual, **dates}.items()}
    return by_hand(pd.DataFrame([{**row, "week": 0, "as_of": pd.Timestamp("2026-02-02")}]), FAN)


def known(
    table: pd.DataFrame, *, n_closed: int = 20, model: object = SimpleNamespace(n_projects=23)
) -> Hindsight:
    empty = pd.DataFrame()
    return Hindsight(n_closed, model, track(), empty, table, empty, empty, empty)


@pytest.mark.parametrize(
    ("actual", "met"),
    [("2026-03-18", "within P50"), ("2026-03-27", "within P90"), ("2026-03-30", "after all three")],
)
def test_the_kickoff_is_told_with_the_level_that_held(actual, met):
    said = words.kickoff_finding(known(fan(actual_finish=actual)), {"actual_finish": pd.Timestamp(actual)})
    assert said.startswith(
        "At kickoff, calibrated by 20 closed and 3 running projects at that time, the answer would have been P50 18"
    )
    assert said.endswith(f"{met}.")


def test_of_too_few_closed_projects_nothing_is_claimed():
    said = words.kickoff_finding(known(fan().iloc[:0], n_closed=0, model=None), SLIP)
    assert said.startswith("No other project had closed before this one started; of fewer than 5")
    assert words.kickoff_finding(known(fan(), n_closed=7), SLIP).endswith(
        "That is little: read it as provisional."
    )


def test_the_fan_says_how_often_it_held_what_happened_and_when_the_team_saw_it():
    late = fan(p90_finish="2026-03-20", team_finish="2026-03-27").assign(week=1)
    assert words.fan_finding(pd.concat([fan(), late], ignore_index=True)) == (
        "On 1 of 2 dates what happened lay between P10 and P90 of the forecast; the team expected it from week 1 on."
    )


def test_the_calibrated_plan_is_compared_with_plan_and_course():
    rows = [
        {"phase": "data_preparation", "baseline_days": 6.0, "calibrated_days": 10.0, "actual_days": 11.0},
        {"phase": "model", "baseline_days": 5.0, "calibrated_days": 6.0, "actual_days": 10.0},
    ]
    raw = [{**row, "estimate_days": row["baseline_days"]} for row in rows]
    assert words.calibrated_finding(by_hand(pd.DataFrame(raw), KICKOFF)) == (
        "The milestones' own days, those side by side added up, were 11 in the plan; stretched by the P50 multipliers "
        "of that day they become 16, and they were 21. Most was to be added to data preparation: 6 to 10 days, where "
        "11 were taken."
    )
    factor = [{**row, "estimate_days": row["baseline_days"] - 1} for row in rows]
    assert words.calibrated_finding(by_hand(pd.DataFrame(factor), KICKOFF)).startswith(
        "The milestones' own days, those side by side added up, were 9 as estimated and 11 in the plan; the estimates "
        "stretched by the P50 multipliers of that day become 16, and they were 21. Most was to be added to data "
        "preparation: 5 to 10 days"
    )


@pytest.mark.parametrize(
    ("deserved", "said"),
    [
        (3.0, "worse than eight in ten"),
        (1.6, "within what 30 projects with such work showed"),
        (1.0, "no reason to cut"),
    ],
)
def test_a_lesson_recommends_what_all_projects_showed_and_not_what_this_one_did(deserved, said):
    row = {
        "phase": "data_preparation",
        "used": 1.0,
        "deserved": deserved,
        "p50": 1.4,
        "p80": 2.2,
        "n_projects": 30,
    }
    lesson = words.lessons_overview(by_hand(pd.DataFrame([row]), LESSONS)).iloc[0]
    assert lesson["recommendation"].startswith(
        "1.40 to plan with, 2.20 where a milestone's own date must hold."
    )
    assert said in lesson["recommendation"]


def test_a_lesson_of_one_project_alone_changes_nothing():
    lesson = words.lessons_overview(
        by_hand(pd.DataFrame([{"phase": "work", "used": 1.0, "deserved": 2.0}]), LESSONS)
    )
    assert lesson["recommendation"].iloc[0].startswith("Change nothing on one project")


LATE = {
    "project_name": "Atlas",
    "baseline_finish": pd.Timestamp("2026-03-13"),
    "actual_finish": pd.Timestamp("2026-03-19"),
    "slip_days": 4,
    "baseline_days": 10,
    "actual_days": 14,
}


def test_a_late_project_is_said_to_be_late_by_its_working_days():
    assert words.slip_finding(LATE) == (
        "Atlas finished 4 working days late: planned for 10 working days until 13 Mar 2026, it took 14 working "
        "days until 19 Mar 2026."
    )


@pytest.mark.parametrize(("slip", "said"), [(0, "on its planned date"), (-1, "1 working day early")])
def test_a_project_in_time_is_said_to_be_so(slip, said):
    assert said in words.slip_finding({**LATE, "slip_days": slip})
