import pandas as pd
import pytest
from tables_by_hand import history, plan_rows, status_rows

from estimation.errors import InputError
from estimation.project.closing import plan_of
from estimation.project.plan import build_plan
from estimation.project.standing import (
    STATUS_COURSE,
    standing_of,
    standings_of,
    status_course,
)
from estimation.tables import check_table


def three_in_a_row():
    """Mon 2 March 2026: a 2-6 March, b 9-13, c 16-20; five working days each."""
    return build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a"},
            {"milestone": "c", "baseline_days": 5.0, "depends_on": "b"},
        )
    )


def expected_course(plan, status, as_of):
    table = standing_of(plan, status, as_of).table.set_index("milestone")
    return table.assign(started=table["start"].notna())


@pytest.mark.parametrize(
    ("forecast", "as_of", "slip", "word"),
    [
        ("2026-03-06", "2026-03-04", 0, "on track"),
        ("2026-03-09", "2026-03-04", 1, "at risk"),
        ("2026-03-13", "2026-03-04", 5, "at risk"),  # one week after
        ("2026-03-16", "2026-03-04", 6, "delayed"),
        (
            "2026-03-06",
            "2026-03-09",
            2,
            "at risk",
        ),  # overdue: not done on Monday, so on Tuesday at the earliest
        ("2026-03-06", "2026-03-16", 7, "delayed"),  # nobody moved it: not before Tue 17
    ],
)
def test_status_follows_the_forecast_and_the_status_date(forecast, as_of, slip, word):
    said = status_rows({"milestone": "a", "actual_start": "2026-03-02", "forecast_finish": forecast})
    own = expected_course(three_in_a_row(), said, as_of).loc["a"]
    assert (own["slip_days"], own["status"], bool(own["started"])) == (slip, word, True)


def test_a_milestone_is_overdue_from_the_day_after_its_planned_one():
    # On Friday its team says today; on Saturday the planned Friday is over.
    said = status_rows(
        {
            "milestone": "a",
            "as_of": "2026-03-06",
            "actual_start": "2026-03-02",
            "forecast_finish": "2026-03-06",
        }
    )
    words = [
        expected_course(three_in_a_row(), said, day).loc["a", "status"]
        for day in ("2026-03-06", "2026-03-07")
    ]
    assert words == ["on track", "at risk"]


def test_whether_work_has_begun_does_not_hide_that_it_is_late():
    said = status_rows(
        {"milestone": "a", "actual_start": "2026-03-02", "forecast_finish": "2026-03-06"},
        {"milestone": "c", "forecast_finish": "2026-03-23"},
    )
    course = expected_course(three_in_a_row(), said, "2026-03-03")
    assert course.loc[["b", "c"], "status"].tolist() == ["not started", "at risk"]
    assert not course["started"].loc[["b", "c"]].any()


@pytest.mark.parametrize(
    ("row", "word"),
    [
        # On Mon 9 March; a was planned for Fri 6. The first rule that matches holds.
        (
            {"actual_start": "2026-03-02", "actual_finish": "2026-03-09", "forecast_finish": "2026-03-20"},
            "done",
        ),
        ({"closed_as": "cancelled"}, "cancelled"),
        ({"forecast_finish": "2026-03-16"}, "delayed"),  # six days after, and not begun
        ({"forecast_finish": "2026-03-13"}, "at risk"),  # five days after, and not begun
        (
            {"actual_start": "2026-03-02", "forecast_finish": "2026-03-05"},
            "at risk",
        ),  # overdue with an old date
    ],
)
def test_the_first_rule_that_matches_is_the_status(row, word):
    said = status_rows({"milestone": "a", "as_of": "2026-03-09", **row})
    assert expected_course(three_in_a_row(), said, "2026-03-09").loc["a", "status"] == word


def test_done_is_done_however_late():
    said = status_rows({"milestone": "a", "actual_start": "2026-03-02", "actual_finish": "2026-03-20"})
    said["as_of"] = pd.Timestamp("2026-03-20")
    own = expected_course(three_in_a_row(), said, "2026-03-20").loc["a"]
    assert (own["status"], own["slip_days"]) == ("done", 10)


def test_without_a_forecast_the_work_left_goes_on_at_planned_durations():
    # a began on Mon 9, a week late, and needs its five days: Fri 13; b Fri 20, c Fri 27.
    said = status_rows({"milestone": "a", "actual_start": "2026-03-09", "percent_complete": 0.0})
    said["as_of"] = pd.Timestamp("2026-03-09")
    course = expected_course(three_in_a_row(), said, "2026-03-09")
    # One day gone and nothing done: five days more from Tue 10 on, Mon 16; then 23 and 30.
    assert course["expected_finish"].dt.strftime("%d").tolist() == ["16", "23", "30"]


def test_what_was_said_once_stays_known_and_the_future_does_not():
    said = status_rows(
        {"milestone": "a", "forecast_finish": "2026-03-10"},
        {"milestone": "a", "as_of": "2026-03-09", "percent_complete": 0.5},
        {"milestone": "a", "as_of": "2026-03-16", "forecast_finish": "2026-03-30"},
    )
    own = standing_of(three_in_a_row(), said, "2026-03-09").latest.loc["a"]
    assert own["forecast_finish"] == pd.Timestamp("2026-03-10")
    assert own["percent_complete"] == 0.5
    assert standings_of(three_in_a_row(), said).dates("2026-03-11")[-2:] == [
        pd.Timestamp("2026-03-09"),
        pd.Timestamp("2026-03-11"),
    ]


def test_each_week_has_a_row_per_milestone():
    said = status_rows(
        {
            "milestone": "a",
            "actual_start": "2026-03-02",
            "forecast_finish": "2026-03-06",
            "reported_status": "green",
        },
        {"milestone": "a", "as_of": "2026-03-09", "forecast_finish": "2026-03-20", "reported_status": "red"},
    )
    course = status_course(three_in_a_row(), said)
    check_table(course, STATUS_COURSE, "course")
    own = course[course["milestone"] == "a"]
    assert own["status"].tolist() == ["on track", "delayed"]
    assert own["reported_status"].tolist() == ["green", "red"]
    assert len(course) == 6


def test_a_plan_is_taken_out_of_a_table_of_many_without_what_no_baseline_knew():
    rows = history(
        {"project": "x", "milestone": "1", "project_start": "2026-03-02", "baseline_finish": "2026-03-06"},
        {"project": "x", "milestone": "2", "added_after_baseline": True},
        {"project": "y", "milestone": "1", "project_start": "2026-03-02", "baseline_finish": "2026-03-06"},
    )
    assert plan_of(rows, "x").milestones["milestone"].tolist() == ["1"]
    with pytest.raises(InputError, match=r"no project 'z'; there are x and y\..* -p history z\.csv"):
        plan_of(rows, "z")
