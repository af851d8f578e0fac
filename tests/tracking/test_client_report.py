"""What a client is told; the story's dates are worked out by hand in data/example/story.py."""

from functools import cache
from pathlib import Path

import example
import pandas as pd
import pytest
import tables_by_hand as by_hand

from estimation.errors import InputError
from estimation.tables import HISTORY, STATUS, check_table
from estimation.tracking.client_moves import unexplained_moves
from estimation.tracking.client_report import client_report, for_client
from estimation.tracking.client_tables import CLIENT_TABLES, PLAN_FOR_CLIENT, STATUS_FOR_CLIENT

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"
WEEK_THREE, WEEK_FIVE = "2026-02-20", "2026-03-06"


@pytest.fixture(scope="module")
def story():
    history, status = (
        example.history(),
        example.status("nlp-claims"),
    )
    return cache(lambda as_of: client_report(history, status, "nlp-claims", as_of=as_of))


def two_in_a_row(*updates, as_of="2026-03-06", **first):
    """a 2-6 March 2026, b 9-13; the project is p."""
    rows = by_hand.history(
        {"milestone": "a", "project_start": "2026-03-02", "baseline_days": 5.0, "name": "First", **first},
        {
            "milestone": "b",
            "baseline_days": 5.0,
            "depends_on": "a",
            "name": "Second",
            "waiting_on": "Sponsor",
        },
    )
    updates = updates or ({"milestone": "a", "as_of": "2026-03-06"},)
    return client_report(rows, by_hand.status_rows(*updates), "p", as_of=as_of)


def test_in_week_three_the_story_ends_three_days_late_though_its_team_still_says_it_does_not(story):
    report = story(WEEK_THREE)
    # 2.2 is done on day 15 instead of 10; what is left takes its planned days, so the end is day 30, not 27.
    last = report.milestones.set_index("milestone").loc["5.4"]
    assert report.facts["agreed_finish"] == pd.Timestamp("2026-03-10")
    assert last["new_finish"] == report.facts["new_finish"] == pd.Timestamp("2026-03-13")
    assert report.facts["late_days"] == 3
    # A week before it was one day: 2.2 had one day over, the team's date was Monday the 9th at planned durations.
    assert report.facts["previous_finish"] == pd.Timestamp("2026-03-09")
    assert report.facts["n_done"] == 8


def test_in_week_three_one_delay_moves_every_later_milestone_by_its_five_days(story):
    report = story(WEEK_THREE)
    assert report.delays[["milestone", "late_days", "own_late_days", "state"]].to_numpy().tolist() == [
        ["2.2", 5, 5, "done"]
    ]
    later = ["2.3", "3.2", "3.3", "3.4", "4.2", "4.3", "4.4", "5.1", "5.2", "5.3", "5.4"]
    assert report.effects["moved"].tolist() == later
    # The end moves from day 25 to day 30, three days after the one promised.
    assert report.effects["moved_days"].tolist() == [5] * 10 + [3]


def test_in_week_five_the_second_delay_adds_five_days(story):
    report = story(WEEK_FIVE)
    # 3.3 is done on day 25 instead of 15, five days its own; the rest at planned durations ends on day 35, 20 March.
    assert report.facts["new_finish"] == pd.Timestamp("2026-03-20")
    assert report.delays[["milestone", "own_late_days"]].to_numpy().tolist() == [["3.3", 5], ["2.2", 5]]
    assert report.effects.groupby("milestone").size().to_dict() == {"2.2": 8, "3.3": 8}


def test_a_date_that_the_team_expects_later_moves_what_comes_after_it():
    # a is expected on Thu 12 March, four days late; b, of which nobody says anything, then ends four days late too.
    report = two_in_a_row(
        {"milestone": "a", "as_of": "2026-03-03", "forecast_finish": "2026-03-12"}, as_of="2026-03-03"
    )
    assert report.milestones["new_finish"].tolist() == [
        pd.Timestamp("2026-03-12"),
        pd.Timestamp("2026-03-19"),
    ]
    # Flagged before its date: a is agreed for the 6th, the report is of the 3rd.
    assert report.milestones["state"].tolist() == ["late", "late"]
    assert report.effects[["moved", "moved_days"]].to_numpy().tolist() == [["b", 4]]


def test_a_date_that_the_work_left_does_not_allow_is_not_told():
    # On Friday the 6th nothing of a has begun: at planned durations a ends on the 13th, b on the 20th.
    report = two_in_a_row(
        {"milestone": "a", "as_of": "2026-03-06", "forecast_finish": "2026-03-06", "percent_complete": 0.0},
        {"milestone": "b", "as_of": "2026-03-06", "forecast_finish": "2026-03-13"},
    )
    assert report.milestones["new_finish"].tolist() == [
        pd.Timestamp("2026-03-13"),
        pd.Timestamp("2026-03-20"),
    ]


ON_TIME_SO_FAR = {"milestone": "a", "as_of": "2026-03-03", "actual_start": pd.Timestamp("2026-03-02")}


def unexplained(*updates, as_of):
    """Milestone, date before, date since and days of each move that nobody explained."""
    silent = unexplained_moves(two_in_a_row(*updates, as_of=as_of).moves)
    assert silent["as_of"].max() <= pd.Timestamp(as_of) or silent.empty
    return silent[["milestone", "old_finish", "new_finish", "move_days"]].astype(str).to_numpy().tolist()


def test_work_left_that_grows_moves_a_date_in_silence_though_no_forecast_says_so():
    # On Wed 4 March ten days are left of a: it ends on Wed 18 March, eight days late; b only follows.
    grown = {**ON_TIME_SO_FAR, "as_of": "2026-03-04", "remaining_days": 10.0}
    assert unexplained(ON_TIME_SO_FAR, grown, as_of="2026-03-04") == [
        ["a", "2026-03-06", "2026-03-18", "8.0"]
    ]
    assert unexplained(ON_TIME_SO_FAR, {**grown, "reason": "Labels are wrong."}, as_of="2026-03-04") == []
    assert unexplained(ON_TIME_SO_FAR, {**grown, "cause": "data_quality"}, as_of="2026-03-04") == []
    # A cause without words for a client tells the client nothing.
    assert len(unexplained(ON_TIME_SO_FAR, {**grown, "cause": "other"}, as_of="2026-03-04")) == 1


def test_time_that_goes_by_without_a_word_moves_a_date_in_silence():
    # Nothing of a has begun on Fri 6 March: five days from Monday the 9th end on the 13th.
    nothing = {"milestone": "a", "as_of": "2026-03-03", "percent_complete": 0.0}
    late = unexplained(nothing, as_of="2026-03-06")
    assert late == [["a", "2026-03-06", "2026-03-13", "5.0"]]


def test_a_reason_explains_no_days_that_are_lost_after_it():
    # Told on Tue 3 March: a begins on the 4th and ends on Tue 10th. A week later it has not begun and ends on Tue 17th.
    told = {
        "milestone": "a",
        "as_of": "2026-03-03",
        "forecast_finish": "2026-03-10",
        "percent_complete": 0.0,
        "reason": "Access came late.",
    }
    assert unexplained(told, as_of="2026-03-03") == []
    later = unexplained(told, {"milestone": "b", "as_of": "2026-03-10"}, as_of="2026-03-10")
    assert later == [["a", "2026-03-10", "2026-03-17", "5.0"]]


def test_what_is_needed_from_the_client_is_due_when_the_work_can_begin():
    report = two_in_a_row(
        {"milestone": "a", "as_of": "2026-03-03", "forecast_finish": "2026-03-12"}, as_of="2026-03-03"
    )
    needs = report.needs.set_index("kind")
    # b begins on Friday 13 March, the morning after a; the answer on the new end is due in five working days.
    assert needs.loc["act", "by"] == pd.Timestamp("2026-03-13")
    assert needs.loc["decide", "by"] == pd.Timestamp("2026-03-10")
    assert not needs["now"].any()


def test_whether_anybody_promised_a_date_is_known():
    # The end is that of b, for which nobody promised anything; a has a promise of its own.
    facts = two_in_a_row(
        {"milestone": "a", "as_of": "2026-03-06"}, promised_finish=pd.Timestamp("2026-03-09")
    ).facts
    assert (facts["end_promised"], facts["n_promised"]) == (False, 1)


def test_no_answer_is_asked_for_while_the_end_stands():
    row = {"milestone": "a", "as_of": "2026-03-06", "actual_start": pd.Timestamp("2026-03-02")}
    report = two_in_a_row({**row, "actual_finish": "2026-03-06"})
    assert report.needs["kind"].tolist() == ["act"]
    assert report.delays.empty
    assert report.effects.empty
    assert report.milestones["just_done"].tolist() == [True, False]
    assert report.milestones["late_days"].tolist() == [0, 0]


def test_reasons_of_several_moves_stand_together_and_a_plan_that_has_run_out_has_no_date():
    common = {"milestone": "a", "told_client_on": pd.Timestamp("2026-03-05")}
    report = two_in_a_row(
        {**common, "as_of": "2026-03-05", "forecast_finish": "2026-03-09", "reason": "Access came late"},
        {
            **common,
            "as_of": "2026-03-12",
            "forecast_finish": "2026-03-16",
            "reason": "Labels contradict each other.",
            "told_client_on": pd.NaT,
            "recovery_plan": "Label again.",
            "recovery_finish": "2026-03-11",
        },
        as_of="2026-03-12",
    )
    delay = report.delays.iloc[0]
    assert delay["reason"] == "Access came late. Labels contradict each other."
    assert pd.isna(delay["told_client_on"])  # the second of them is told by this report
    assert delay["recovery_plan"] == "Label again."
    assert pd.isna(delay["recovery_finish"])


def test_the_next_two_weeks_name_what_starts_and_what_is_due():
    report = two_in_a_row({"milestone": "a", "as_of": "2026-03-02"}, as_of="2026-03-02")
    # On the evening of the 2nd nothing has begun: a is done on the 9th, b on the 16th, the last of fourteen days.
    steps = report.next_steps[["step", "milestone"]].to_numpy().tolist()
    assert steps == [["due", "a"], ["due", "b"]]


def test_work_added_after_the_baseline_is_followed_beside_what_was_agreed():
    rows = by_hand.history(
        {"milestone": "a", "project_start": "2026-03-02", "baseline_days": 5.0},
        {"milestone": "x", "added_after_baseline": True, "depends_on": "a"},
    )
    status = by_hand.status_rows({"milestone": "a"}, {"milestone": "x", "forecast_finish": "2026-03-30"})
    told = client_report(rows, status, "p", as_of="2026-03-02").milestones.set_index("milestone")
    assert told["new_finish"].dt.strftime("%m-%d").to_dict() == {"a": "03-06", "x": "03-30"}
    assert pd.isna(told.loc["x", "agreed_finish"])


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ("2026-03-12", "late"),  # a new date that lies ahead
        ("2026-03-06", "overdue"),  # the old one, which has passed
        ("2026-03-10", "overdue"),  # one that has passed as well
        (None, "overdue"),
    ],
)
def test_work_is_overdue_only_while_nobody_has_given_a_new_date(given, state):
    # a was agreed for Fri 6 March and is not done on Tue the 10th.
    report = two_in_a_row(
        {"milestone": "a", "as_of": "2026-03-10", "actual_start": "2026-03-02", "forecast_finish": given},
        as_of="2026-03-10",
    )
    assert report.milestones["state"].iloc[0] == state


def test_cancelled_work_is_neither_done_nor_late_nor_asked_for():
    report = two_in_a_row(
        {"milestone": "a", "as_of": "2026-03-03", "percent_complete": 0.0},
        {"milestone": "b", "as_of": "2026-03-03", "closed_as": "cancelled"},
        as_of="2026-03-03",
    )
    assert report.milestones["state"].tolist() == ["late", "cancelled"]
    assert not report.milestones["just_done"].any()
    assert (report.facts["n_done"], report.facts["n_milestones"]) == (0, 1)
    assert (
        report.needs.empty
    )  # b waited for the sponsor; and the end, a on the 10th, is before the agreed 13th


def test_nothing_is_told_of_a_project_of_which_nothing_was_reported():
    rows = by_hand.history({"milestone": "a", "project_start": "2026-03-02", "baseline_days": 5.0})
    with pytest.raises(InputError, match="no status update of project 'p' up to 2026-03-01"):
        client_report(rows, by_hand.status_rows({"milestone": "a"}), "p", as_of="2026-03-01")


def test_an_unknown_project_is_named():
    with pytest.raises(InputError, match="There is no project 'q'; there are p"):
        client_report(
            by_hand.history({"milestone": "a"}),
            by_hand.status_rows({"milestone": "a"}),
            "q",
            as_of="2026-03-02",
        )


def test_no_column_is_empty_but_those_of_which_nothing_is_on_record(story):
    # Nobody says what the milestones mean to the client, why they moved or how the days are won back.
    assert by_hand.empty_columns({name: getattr(story(WEEK_THREE), name) for name in CLIENT_TABLES}) == {
        "milestones": ["client_summary", "former_finish", "reopened_on"],
        "delays": ["cause", "client_summary", "reason", "recovery_finish", "recovery_plan", "told_client_on"],
        "moves": ["reason", "told_client_on"],
    }


def test_only_whitelisted_columns_of_one_project_are_let_in():
    word = {"notes": "n", "owner": "o", "cause_note": "c", "budget_cost": 7.0, "confidence": 0.5}
    rows = by_hand.history({"milestone": "a", **word}, {"milestone": "a", "project": "other", **word})
    said = {"cause_note": "c", "recovery_owner": "o", "reported_status": "red", "actual_cost": 9.0}
    status = by_hand.status_rows({"milestone": "a", **said}, {"milestone": "a", "project": "other", **said})
    history, updates = for_client(rows, status, "p")
    check_table(history, HISTORY, "history")
    check_table(updates, STATUS, "status")
    assert set(history["project"]) == set(updates["project"]) == {"p"}
    assert history.drop(columns=list(PLAN_FOR_CLIENT)).isna().all(axis=None)
    assert updates.drop(columns=list(STATUS_FOR_CLIENT)).isna().all(axis=None)


@pytest.mark.parametrize(
    "internal",
    [
        "notes",
        "owner",
        "team",
        "client",
        "description",
        "acceptance_criteria",
        "cause_note",
        "recovery_owner",
        "recovery_kind",
        "reported_status",
        "confidence",
        "budget_cost",
        "actual_cost",
        "weight",
        "risk_prob",
    ],
)
def test_internal_columns_are_on_no_list(internal):
    let_through = {
        *PLAN_FOR_CLIENT,
        *STATUS_FOR_CLIENT,
        *(name for each in CLIENT_TABLES.values() for name in each),
    }
    assert internal in {*HISTORY, *STATUS}
    assert internal not in let_through
