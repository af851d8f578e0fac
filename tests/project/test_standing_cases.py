"""Where a project stands on a day: cases worked out by hand, each with the arithmetic beside it.

Unless a case says otherwise: spec (4 days), build (6) and trial (3) in a row from Monday 1 March 2027, planned for 4,
12 and 17 March. Numbers in brackets are evenings: working days since 1 March, see ``standings_by_hand``.
"""

import pandas as pd
import pytest
from standings_by_hand import column, milestone, says, standing, three

from estimation.project.status_findings import status_findings

SPEC_BEGUN = says("spec", "1 Mar", actual_start="1 Mar")
SPEC_DONE = says("spec", "4 Mar", actual_start="1 Mar", actual_finish="4 Mar")
BUILD_BEGUN = says("build", "5 Mar", actual_start="5 Mar")
BUILD_DONE = says("build", "12 Mar", actual_start="5 Mar", actual_finish="12 Mar")
SPEC_REOPENED = says("spec", "10 Mar", remaining_days=3)

IN_A_ROW = {
    "begun, nothing said: half a day is left at least":  # spec 4 + .5 (4.5), build 10.5, trial 13.5
        ("4 Mar", [SPEC_BEGUN], "5 Mar", "15 Mar", "18 Mar"),
    "all of it done, without a date":
        ("4 Mar", [SPEC_BEGUN, says("spec", "4 Mar", percent_complete=1)], "5 Mar", "15 Mar", "18 Mar"),
    "the team says 11 March":  # (9), build 15, trial 18
        ("4 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="11 Mar")], "11 Mar", "19 Mar", "24 Mar"),
    "the team says 26 March":  # (20), build 26, trial 29
        ("4 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="26 Mar")], "26 Mar", "5 Apr", "8 Apr"),
    "a date said of work ahead that its links do not allow":  # trial 4 + 6 + 3 = 13, whatever is said
        ("4 Mar", [SPEC_DONE, says("trial", "4 Mar", forecast_finish="16 Mar")], "4 Mar", "12 Mar", "17 Mar"),
    "a date said of work ahead that is later than its links":
        ("4 Mar", [SPEC_DONE, says("trial", "4 Mar", forecast_finish="30 Mar")], "4 Mar", "12 Mar", "30 Mar"),
    "a date that has passed":  # now 8: spec 8.5, build 14.5, trial 17.5
        ("10 Mar", [SPEC_BEGUN, says("spec", "2 Mar", forecast_finish="3 Mar")], "11 Mar", "19 Mar", "24 Mar"),
    "a date that has passed, of work not begun":  # now 12: build 18, trial 21
        ("16 Mar", [SPEC_DONE, says("build", "4 Mar", forecast_finish="10 Mar")], "4 Mar", "24 Mar", "29 Mar"),
    "the team says today, seen today":
        ("4 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="4 Mar")], "4 Mar", "12 Mar", "17 Mar"),
    "the team said today, seen after the weekend":  # now 6: spec 6.5, build 12.5, trial 15.5
        ("8 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="4 Mar")], "9 Mar", "17 Mar", "22 Mar"),
    "nine days left, three days ago":  # said on 10: build 19, trial 22
        ("17 Mar", [SPEC_DONE, BUILD_BEGUN, says("build", "12 Mar", remaining_days=9)], "4 Mar", "25 Mar", "30 Mar"),
    "nine days left, three weeks ago":  # now 25: build 25.5, trial 28.5
        ("2 Apr", [SPEC_DONE, BUILD_BEGUN, says("build", "12 Mar", remaining_days=9)], "4 Mar", "5 Apr", "8 Apr"),
    "a date and a share in one row: the date":  # build 13 (the share says 10 + .9 of 6, 15.4), trial 16
        ("12 Mar", [SPEC_DONE, BUILD_BEGUN, says("build", "12 Mar", forecast_finish="17 Mar", percent_complete=0.1)],
         "4 Mar", "17 Mar", "22 Mar"),
    "a date, then a share that would end before it":  # .8 of 4 days from 10 is 13.2; the date (20) stays
        ("12 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="26 Mar"),
                    says("spec", "12 Mar", percent_complete=0.2)], "26 Mar", "5 Apr", "8 Apr"),
    "a date, then a share that ends after it":  # .6 of 4 days from 10: 12.4, build 18.4, trial 21.4
        ("12 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="5 Mar"),
                    says("spec", "12 Mar", percent_complete=0.4)], "17 Mar", "25 Mar", "30 Mar"),
    "begun before the work it waits for was done":  # build 3 and 4 March: 4 of 6 left from 4: 8, trial 11
        ("4 Mar", [SPEC_DONE, says("build", "4 Mar", actual_start="3 Mar")], "4 Mar", "10 Mar", "15 Mar"),
    "two days left, but what it waits for is open until 26 March":  # build 20 like spec, trial 23
        ("12 Mar", [SPEC_BEGUN, says("spec", "12 Mar", forecast_finish="26 Mar"),
                    says("build", "12 Mar", actual_start="5 Mar", remaining_days=2)], "26 Mar", "26 Mar", "31 Mar"),
    "cut":  # trial 4 + 3
        ("4 Mar", [SPEC_DONE, says("build", "4 Mar", closed_as="cancelled")], "4 Mar", None, "9 Mar"),
    "cut, and what came before it is late":  # spec 9, trial 12
        ("4 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="11 Mar"),
                   says("build", "4 Mar", closed_as="cancelled")], "11 Mar", None, "16 Mar"),
    "cut, then revived by a date":  # build 20, trial 23
        ("5 Mar", [SPEC_DONE, says("build", "4 Mar", closed_as="cancelled"),
                   says("build", "5 Mar", forecast_finish="26 Mar")], "4 Mar", "26 Mar", "31 Mar"),
    "reopened with a date":  # build 23, trial 26
        ("19 Mar", [SPEC_DONE, BUILD_DONE, says("build", "19 Mar", forecast_finish="31 Mar")],
         "4 Mar", "31 Mar", "5 Apr"),
    "reopened with a share":  # a quarter of 6 days from 15: 16.5, trial 19.5
        ("19 Mar", [SPEC_DONE, BUILD_DONE, says("build", "19 Mar", percent_complete=0.75)],
         "4 Mar", "23 Mar", "26 Mar"),
    "reopened under work that runs":  # spec 8 + 3 = 11; build has 2 of 6 left (10), waits for spec; trial 14
        ("10 Mar", [SPEC_DONE, BUILD_BEGUN, SPEC_REOPENED], "15 Mar", "15 Mar", "18 Mar"),
    "reopened under work that is done":  # trial follows build from now (8): 11
        ("10 Mar", [SPEC_DONE, says("build", "10 Mar", actual_start="5 Mar", actual_finish="10 Mar"), SPEC_REOPENED],
         "15 Mar", "10 Mar", "15 Mar"),
    "done early: what follows moves in":  # build 2 + 6, trial 11
        ("2 Mar", [says("spec", "2 Mar", actual_start="1 Mar", actual_finish="2 Mar")], "2 Mar", "10 Mar", "15 Mar"),
    "the only row is of 2 March":  # now 10: spec 10.5, build 16.5, trial 19.5
        ("12 Mar", [says("spec", "2 Mar", actual_start="1 Mar")], "15 Mar", "23 Mar", "26 Mar"),
    "a share without a start":  # .75 of 4 days from 3: 6, build 12, trial 15
        ("3 Mar", [says("spec", "3 Mar", percent_complete=0.25)], "8 Mar", "16 Mar", "19 Mar"),
    "no start in the whole table: build began when it could":  # three days gone, three left from 7
        ("9 Mar", [says("spec", "4 Mar", actual_finish="4 Mar")], "4 Mar", "12 Mar", "17 Mar"),
    "a share that is said on Saturday, seen on Friday":  # nobody says yet that build began: 5 + 6, trial 14
        ("5 Mar", [SPEC_DONE, says("build", "6 Mar", percent_complete=0.5)], "4 Mar", "15 Mar", "18 Mar"),
    "the team says Sunday, seen on Friday: not today":  # spec 5.5, build 11.5, trial 14.5
        ("5 Mar", [SPEC_BEGUN, says("spec", "5 Mar", forecast_finish="7 Mar")], "8 Mar", "16 Mar", "19 Mar"),
    "cut and revived before it could begin":  # build from 8 on: two of 6 days gone on 10, then 14, 17
        ("12 Mar", [says("build", "2 Mar", closed_as="cancelled"), says("build", "5 Mar", forecast_finish="8 Mar"),
                    says("spec", "10 Mar", actual_finish="10 Mar")], "10 Mar", "18 Mar", "23 Mar"),
    "nine days left of work not begun":  # build 4 + 9, trial 16
        ("4 Mar", [SPEC_DONE, says("build", "4 Mar", remaining_days=9)], "4 Mar", "17 Mar", "22 Mar"),
    "done before what it waits for is begun":  # spec from 4: 8; trial 4 + 3
        ("4 Mar", [says("build", "4 Mar", actual_start="1 Mar", actual_finish="4 Mar")], "10 Mar", "4 Mar", "9 Mar"),
    "before the start":
        ("22 Feb", [says("spec", "22 Feb")], "4 Mar", "12 Mar", "17 Mar"),
    "the project is done":
        ("2 Apr", [SPEC_DONE, says("build", "11 Mar", actual_start="5 Mar", actual_finish="11 Mar"),
                   says("trial", "19 Mar", actual_start="12 Mar", actual_finish="16 Mar")],
         "4 Mar", "11 Mar", "16 Mar"),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_A_ROW)
def test_three_milestones_in_a_row(case):
    as_of, said, *finishes = IN_A_ROW[case]
    expected = column(standing(three(), said, as_of), "expected_finish")
    wanted = dict(zip(("spec", "build", "trial"), finishes, strict=True))
    assert {one: expected[one] for one, finish in wanted.items() if finish} == {
        k: v for k, v in wanted.items() if v
    }


GAP = three(build={"baseline_start": "9 Mar"})
STARTS = [milestone("first", 5), milestone("second", 9, "first SS+3d")]
SECOND_BEGUN = says("second", "12 Mar", actual_start="4 Mar")
FINISHES = [milestone("first", 5), milestone("second", 5, "first FF")]
FIXED = [
    milestone("spec", 4),
    milestone("launch", 2, "spec", fixed_finish="16 Mar"),
    milestone("after", 3, "launch"),
]
TEAM = [milestone("labels", 6, calendar="0011000"), milestone("tool", 8, calendar="1111100"),
        milestone("shown", 3, "labels; tool", calendar="1111100")]  # fmt: skip
DONE_EARLY = says("spec", "2 Mar", actual_start="1 Mar", actual_finish="2 Mar")
SIGNED = [milestone("spec", 4), milestone("signed", 0, "spec"), milestone("build", 6, "signed")]
SHORTLY_AFTER = [milestone("first", 5), milestone("second", 4, "first SS+1.5d")]
SIDE_BY_SIDE = three(trial={"depends_on": "build SS+3d"})
SPEC_OPEN = [
    SPEC_BEGUN,
    says("spec", "12 Mar", forecast_finish="26 Mar"),
    says("build", "12 Mar", percent_complete=0.5),
]

OTHER_PLANS = {
    "a gap in the plan is a decision":  # build from 6 (9 March): 12
        (GAP, "2 Mar", [DONE_EARLY], {"build": "16 Mar", "trial": "19 Mar"}),
    "begun in the gap":  # 3 and 4 March are gone, 4 days left from 4
        (GAP, "4 Mar", [DONE_EARLY, says("build", "4 Mar", actual_start="3 Mar")], {"build": "10 Mar"}),
    "a lag is no gap":  # 2 + 5 + 6 = 13
        (three(build={"depends_on": "spec FS+5d"}), "2 Mar", [DONE_EARLY], {"build": "17 Mar"}),
    "begun with its predecessor, which is late":  # 7 of 9 days gone on 10: 12
        (STARTS, "12 Mar", [says("first", "12 Mar", actual_start="1 Mar", forecast_finish="31 Mar"), SECOND_BEGUN],
         {"first": "31 Mar", "second": "16 Mar"}),
    "begun before its predecessor is":  # first from 10: 15
        (STARTS, "12 Mar", [SECOND_BEGUN], {"first": "19 Mar", "second": "16 Mar"}),
    "finishes with work that is late":  # (13)
        (FINISHES, "4 Mar", [says("first", "4 Mar", actual_start="1 Mar", forecast_finish="17 Mar"),
                             says("second", "4 Mar", actual_start="1 Mar")],
         {"first": "17 Mar", "second": "17 Mar"}),
    "waits for a fixed date":  # (12), after 15
        (FIXED, "4 Mar", [SPEC_DONE], {"launch": "16 Mar", "after": "19 Mar"}),
    "misses a fixed date":  # spec 13, launch 15, after 18
        (FIXED, "4 Mar", [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="17 Mar")],
         {"launch": "19 Mar", "after": "24 Mar"}),
    "of no duration: due today until it is ticked off":  # 4, build 10
        (SIGNED, "4 Mar", [SPEC_DONE], {"signed": "4 Mar", "build": "12 Mar"}),
    "of no duration, days later":  # 8, build 14
        (SIGNED, "10 Mar", [SPEC_DONE], {"signed": "10 Mar", "build": "18 Mar"}),
    "begun on a day, and what it should have waited for is not begun":  # second from 1 on: 3 of 4 days gone on 4
        (SHORTLY_AFTER, "4 Mar", [says("second", "4 Mar", actual_start="2 Mar")], {"second": "5 Mar"}),
    "half done, and what it waits for is open":  # build began on 12 March at the latest (9): trial from 12: 15
        (SIDE_BY_SIDE, "12 Mar", SPEC_OPEN, {"build": "26 Mar", "trial": "19 Mar"}),
    "half done, three days ago":  # begun no later than on the day on which that was said (9): trial from 13: 16
        (SIDE_BY_SIDE, "17 Mar", SPEC_OPEN, {"build": "26 Mar", "trial": "22 Mar"}),
    "a team of two days, on plan":  # Wednesdays and Thursdays: 3, 4, 10, 11 gone, 17 and 18 March left; then 3 days
        (TEAM, "12 Mar", [says("labels", "12 Mar", actual_start="3 Mar"),
                          says("tool", "12 Mar", actual_start="1 Mar", actual_finish="10 Mar")],
         {"labels": "18 Mar", "shown": "23 Mar"}),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHER_PLANS)
def test_other_plans(case):
    rows, as_of, said, wanted = OTHER_PLANS[case]
    expected = column(standing(rows, said, as_of), "expected_finish")
    assert {one: expected[one] for one in wanted} == wanted


def test_a_team_of_two_days_on_plan_has_no_slip():
    rows, as_of, said, _ = OTHER_PLANS["a team of two days, on plan"]
    now = standing(rows, said, as_of)
    assert column(now, "slip_days") == {"labels": 0, "tool": 0, "shown": 0}
    assert column(now, "state") == {"labels": "running", "tool": "done", "shown": "not started"}
    assert now.table[["taken_days", "left_days"]].iloc[0].tolist() == [4, 2]


def test_work_that_nobody_speaks_of_begins_on_a_day_of_its_team():
    # Tool is open on 5: 5.5; labels could begin a day before, on Friday 5 March (4.5), their team on the 10th (7).
    rows = [
        milestone("tool", 4, calendar="1111100"),
        milestone("labels", 2, "tool FS-1d", calendar="0011000"),
    ]
    assert column(standing(rows, [], "5 Mar"), "state") == {"tool": "running", "labels": "not started"}


def test_work_of_no_duration_that_is_done_before_its_turn_takes_no_time():
    # Signed on 3 March (3), planned for noon of that day (2.5), when spec was to end, which is open until 3.5.
    rows = [milestone("spec", 2.5), milestone("signed", 0, "spec")]
    now = standing(rows, [says("signed", "3 Mar", actual_finish="3 Mar")], "3 Mar")
    assert (column(now, "start")["signed"], column(now, "taken_days")["signed"]) == ("3 Mar", 0)
    assert now.expected_finish.tolist() == [3.5, 3]


def test_what_was_said_to_be_in_progress_keeps_its_start_when_it_is_done():
    # A third of build was done on 5 March (5), spec on the 10th (8): begun by then (4), it took 6 days.
    said = [says("build", "5 Mar", percent_complete=0.3), says("spec", "10 Mar", actual_finish="10 Mar")]
    done = standing(three(), [*said, says("build", "12 Mar", actual_finish="12 Mar")], "12 Mar")
    assert (
        column(standing(three(), said, "11 Mar"), "start")["build"]
        == column(done, "start")["build"]
        == "5 Mar"
    )
    assert column(done, "taken_days")["build"] == 6


ODD = {
    "nine days left, three weeks ago": "build",
    "a date and a share in one row: the date": "build",
    "two days left, but what it waits for is open until 26 March": "build",
    "reopened under work that is done": "build",
    "done before what it waits for is begun": "build",
    "all of it done, without a date": "spec",
    "a date said of work ahead that is later than its links": "trial",
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_odd_is_a_finding(case):
    as_of, said, *_ = IN_A_ROW[case]
    assert ODD[case] in set(status_findings(standing(three(), said, as_of))["item"])


@pytest.mark.parametrize(
    "case", ["before the start", "the project is done", "done early: what follows moves in"]
)
def test_what_is_in_order_is_no_finding(case):
    as_of, said, *_ = IN_A_ROW[case]
    assert status_findings(standing(three(), said, as_of)).empty


def test_a_reopening_opens_and_what_was_done_is_kept():
    said = [SPEC_DONE, BUILD_DONE,
            says("build", "19 Mar", percent_complete=0.7, remaining_days=5, forecast_finish="31 Mar")]  # fmt: skip
    before, after = standing(three(), said, "18 Mar"), standing(three(), said, "19 Mar")
    assert column(before, "state")["build"] == "done"
    assert column(before, "former_finish")["build"] is None
    assert column(after, "state")["build"] == "running"
    for name, wanted in (
        ("actual_finish", None), ("former_finish", "12 Mar"), ("reopened_on", "19 Mar"), ("expected_finish", "31 Mar"),
        ("baseline_finish", "12 Mar"), ("start", "5 Mar"), ("left_by", "date"),
    ):  # fmt: skip
        assert column(after, name)["build"] == wanted, name
    # From 12 (10) to 31 March (23); trial from 17 March (13) to 5 April (26).
    assert column(after, "slip_days") == {"spec": 0, "build": 13, "trial": 13}
    assert list(after.former_finishes["build"]) == [pd.Timestamp("2027-03-12")]
    # Done again: both finishes are kept.
    again = [*said, says("build", "2 Apr", actual_finish="1 Apr")]
    later = standing(three(), again, "5 Apr")
    assert column(later, "state")["build"] == "done"
    assert column(later, "expected_finish")["build"] == "1 Apr"
    assert column(later, "former_finish")["build"] == "12 Mar"


def test_a_finish_that_is_corrected_is_kept_beside_the_new_one():
    now = standing(three(), [SPEC_DONE, says("spec", "8 Mar", actual_finish="5 Mar")], "8 Mar")
    assert column(now, "state")["spec"] == "done"
    assert [column(now, name)["spec"] for name in ("actual_finish", "former_finish")] == ["5 Mar", "4 Mar"]
    assert column(now, "slip_days")["spec"] == 1


WITH_EXTRA = [*three(trial={"depends_on": "build; extra"}),
              milestone("extra", None, "spec", added_after_baseline=True)]  # fmt: skip
ON_PLAN = [SPEC_DONE, BUILD_BEGUN]


@pytest.mark.parametrize(
    ("extra", "finish", "trial"),
    [
        # Trial follows it: 18 + 3.
        ({"actual_start": "5 Mar", "forecast_finish": "24 Mar"}, "24 Mar", "29 Mar"),
        ({"forecast_finish": "24 Mar"}, "24 Mar", "29 Mar"),
        # Not begun: 8 + 4; trial 15.
        ({"remaining_days": 4}, "16 Mar", "19 Mar"),
    ],
)
def test_added_work_with_links_is_followed_like_any_milestone(extra, finish, trial):
    said = [*ON_PLAN, says("extra", "10 Mar", **extra)]
    assert set(standing(WITH_EXTRA, said, "9 Mar").table["milestone"]) == {"spec", "build", "trial"}
    assert column(standing(WITH_EXTRA, said, "9 Mar"), "expected_finish")["trial"] == "17 Mar"
    now = standing(WITH_EXTRA, said, "10 Mar")
    assert column(now, "expected_finish") == {
        "spec": "4 Mar",
        "build": "12 Mar",
        "trial": trial,
        "extra": finish,
    }
    assert column(now, "baseline_finish")["extra"] is None
    assert column(now, "baseline_finish")["trial"] == "17 Mar"


def test_added_work_known_from_status_rows_alone_holds_nothing_up():
    said = [*ON_PLAN, says("extra", "10 Mar", added_after_baseline=True, forecast_finish="24 Mar")]
    now = standing(three(), said, "10 Mar")
    assert column(now, "expected_finish") == {
        "spec": "4 Mar",
        "build": "12 Mar",
        "trial": "17 Mar",
        "extra": "24 Mar",
    }
    assert column(now, "state")["extra"] == "not started"
    assert column(now, "baseline_finish")["extra"] is None


def test_a_scope_cut_takes_the_work_out_and_leaves_the_rest_on_plan():
    rows = [milestone("access", 3), milestone("letters", 20, "access"), milestone("model", 8, "letters"),
            milestone("live", 4, "model", promised_finish="16 Apr")]  # fmt: skip
    said = [
        says("access", "3 Mar", actual_start="1 Mar", actual_finish="3 Mar"),
        says("letters", "10 Mar", closed_as="cancelled"),
        says("model", "10 Mar", actual_start="4 Mar"),
    ]
    now = standing(rows, said, "10 Mar")
    # Model: 5 of 8 days gone on 8: 11; live 15.
    assert column(now, "state")["letters"] == column(now, "status")["letters"] == "cancelled"
    expected = column(now, "expected_finish")
    assert [expected[one] for one in ("access", "model", "live")] == ["3 Mar", "15 Mar", "19 Mar"]
    # Planned for 35 (16 April): 20 days earlier, against the first baseline.
    assert column(now, "baseline_finish")["live"] == "16 Apr"
    assert column(now, "slip_days")["live"] == column(now, "late_days")["live"] == -20
    assert column(now, "status")["live"] == "not started"


def test_before_the_start_nothing_is_late_and_nothing_is_ahead():
    for as_of in ("1 Feb", "26 Feb", "28 Feb"):
        now = standing(three(), [says("spec", "1 Feb")], as_of)
        assert set(column(now, "slip_days").values()) == {0}
        assert set(column(now, "state").values()) == set(column(now, "status").values()) == {"not started"}


def test_parts_of_days_flow_and_a_recorded_date_names_the_day_in_which_its_place_falls():
    # Six times a day and a half: 1.5, 3, 4.5, 6, 7.5, 9. The first is done on day 2, as planned: at 1.5, not at 2.
    rows = [milestone(f"{k}", 1.5, f"{k - 1}" if k else "") for k in range(6)]
    said = [
        says("0", "2 Mar", actual_start="1 Mar", actual_finish="2 Mar"),
        says("1", "2 Mar", actual_start="2 Mar"),
    ]
    now = standing(rows, said, "2 Mar")
    assert now.expected_finish.tolist() == pytest.approx([1.5, 3, 4.5, 6, 7.5, 9])
    assert set(column(now, "slip_days").values()) == {0}
    # Done on 3 March: half a day late at least; its place is the evening, and what follows it ends at 10.5.
    now = standing(rows, [says("0", "3 Mar", actual_start="1 Mar", actual_finish="3 Mar")], "3 Mar")
    assert now.expected_finish.tolist() == pytest.approx([3, 4.5, 6, 7.5, 9, 10.5])


def test_one_standing_says_which_words_count_and_since_when():
    said = [SPEC_DONE, says("build", "8 Mar", actual_start="5 Mar", percent_complete=0.5)]
    table = standing(three(), said, "8 Mar").table.set_index("milestone")
    assert table.index.tolist() == ["spec", "build", "trial"]
    assert table["left_by"].tolist()[1] == "percent"
    # Build: two of six days gone (5 and 8 March), half of them left.
    assert table.loc["build", ["taken_days", "left_days"]].tolist() == [2, 3]
    assert not table["start_assumed"].any()
    assumed = standing(three(), [says("spec", "4 Mar", actual_finish="4 Mar")], "9 Mar").table
    assert assumed["start_assumed"].tolist() == [True, True, False]
    assert column(standing(three(), [says("spec", "4 Mar", actual_finish="4 Mar")], "9 Mar"), "start") == {
        "spec": "1 Mar", "build": "5 Mar", "trial": None,
    }  # fmt: skip


def test_the_agreed_date_is_the_yardstick_of_lateness_and_the_baseline_of_slip():
    rows = three(trial={"promised_finish": "19 Mar"})
    now = standing(rows, [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="11 Mar")], "4 Mar")
    # Trial 18 (24 March): five days behind its plan (13), three behind what was agreed (15).
    assert [column(now, name)["trial"] for name in ("slip_days", "late_days", "agreed_finish")] == [
        5,
        3,
        "19 Mar",
    ]
    assert column(now, "status") == {"spec": "at risk", "build": "at risk", "trial": "at risk"}
    now = standing(rows, [SPEC_BEGUN, says("spec", "4 Mar", forecast_finish="12 Mar")], "4 Mar")
    assert column(now, "status") == {"spec": "delayed", "build": "delayed", "trial": "at risk"}
