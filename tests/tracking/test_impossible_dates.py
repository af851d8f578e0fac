import pandas as pd
import pytest
from tables_by_hand import plan_rows, status_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.impossible_dates import dates_left_behind, silent_optimism
from estimation.tracking.tracking_tables import LEFT_BEHIND, RUNNING_FINDINGS

WEEKS = ("2026-03-06", "2026-03-13", "2026-03-20")


def three_in_a_row():
    """a 2-6 March 2026, b 9-13, c 16-20; five working days each."""
    return build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a"},
            {"milestone": "c", "baseline_days": 5.0, "depends_on": "b"},
        )
    )


def weekly(milestone, *forecasts, **columns):
    """One row per week; each further column has one entry per week."""
    return [
        {"milestone": milestone, "as_of": week, "forecast_finish": date}
        | {name: values[n] for name, values in columns.items()}
        for n, (week, date) in enumerate(zip(WEEKS, forecasts, strict=False))
    ]


def story():
    """a comes a week late, Fri 13. b is moved a week after that is known, c two weeks after."""
    return status_rows(
        *weekly(
            "a",
            *["2026-03-13"] * 3,
            actual_start=["2026-03-02"] * 3,
            actual_finish=[None, "2026-03-13", None],
        ),
        *weekly("b", "2026-03-13", "2026-03-20", "2026-03-20", actual_start=[None, None, "2026-03-16"]),
        *weekly("c", "2026-03-20", "2026-03-20", "2026-03-27"),
    )


def test_what_waits_for_late_work_and_keeps_its_date_is_left_behind():
    # On Fri 6 March a is expected on Fri 13: b cannot be done before Fri 20, c not before Fri 27.
    left = dates_left_behind(three_in_a_row(), story(), "2026-03-06")
    check_table(left, LEFT_BEHIND, "left")
    assert left["milestone"].tolist() == ["b", "c"]
    assert left["late"].tolist() == ["a", "a"]
    assert left["late_days"].tolist() == [5, 5]
    assert left["short_days"].tolist() == [5, 5]
    assert left["possible_finish"].dt.strftime("%m-%d").tolist() == ["03-20", "03-27"]


def test_the_late_milestone_is_named_through_others_that_are_late_with_it():
    # On Fri 13 b says Fri 20, as it must; c waits for b, which has not begun and is late because of a.
    left = dates_left_behind(three_in_a_row(), story(), "2026-03-13")
    assert left[["milestone", "late", "short_days"]].to_numpy().tolist() == [["c", "a", 5.0]]


def test_days_are_lost_until_the_dates_are_moved():
    # b had to move on Fri 6 and moved on Fri 13: five days. c moved on Fri 20: ten.
    found = silent_optimism(three_in_a_row(), story())
    check_table(found, RUNNING_FINDINGS, "findings")
    assert found["rule"].unique().tolist() == ["silent-optimism"]
    assert found["item"].tolist() == ["a", "a"]
    assert found["as_of"].dt.strftime("%m-%d").tolist() == ["03-13", "03-20"]
    assert found["lost_days"].tolist() == [5, 10]
    assert found["message"].iloc[0] == (
        "on 2026-03-06 a was 5 working days late, and b kept dates from before: b 2026-03-13, possible from 2026-03-20 "
        "on; left so for 5 working days"
    )


def test_while_dates_are_left_the_days_count_up_to_the_last_review():
    found = silent_optimism(three_in_a_row(), story(), as_of="2026-03-13")
    assert found["message"].str.contains("c kept dates").tolist() == [False, True]
    assert found["lost_days"].tolist() == [5, 5]


def test_a_date_moved_too_little_is_not_left_behind_until_it_is_left_again():
    # b and c are moved by a day on Fri 13: too little, and a finding of the move. On Fri 20 they are left where they
    # are, with a still open.
    said = status_rows(
        *weekly("a", *["2026-03-06", "2026-03-20", "2026-03-27"], actual_start=["2026-03-02"] * 3),
        *weekly("b", "2026-03-13", "2026-03-16", "2026-03-16"),
        *weekly("c", "2026-03-20", "2026-03-23", "2026-03-23"),
    )
    plan = three_in_a_row()
    assert dates_left_behind(plan, said, "2026-03-13").empty
    # After a on Fri 27 b is done on Fri 3 April, and c on Fri 10; 16 and 23 March were said.
    left = dates_left_behind(plan, said, "2026-03-20").set_index("milestone")
    assert left["short_days"].tolist() == [14, 14]
    assert silent_optimism(plan, said)["lost_days"].tolist() == [0]


@pytest.mark.parametrize(("late", "left"), [("2026-03-13", []), ("2026-03-16", ["d"])])
def test_work_with_room_is_not_left_behind(late, left):
    # c (9-10 March) may end three days later, on Fri 13, and d, after it and b, still is done on Fri 20.
    plan = build_plan(
        plan_rows(
            {"milestone": "b", "baseline_days": 10.0},
            {"milestone": "c", "baseline_start": "2026-03-09", "baseline_finish": "2026-03-10"},
            {"milestone": "d", "baseline_days": 5.0, "depends_on": "b; c"},
        )
    )
    said = status_rows(
        {"milestone": "b", "actual_start": "2026-03-02", "forecast_finish": "2026-03-13"},
        {"milestone": "c", "actual_start": "2026-03-09", "forecast_finish": late},
        {"milestone": "d", "forecast_finish": "2026-03-20"},
    ).assign(as_of=pd.Timestamp("2026-03-10"))
    assert dates_left_behind(plan, said, "2026-03-10")["milestone"].tolist() == left


def test_what_waits_for_nothing_late_may_have_any_date():
    # b promises three days where five were planned, and nothing before it is late: that is its own promise.
    said = status_rows(
        *weekly("a", "2026-03-06", actual_start=["2026-03-02"], actual_finish=["2026-03-06"]),
        *weekly("b", "2026-03-11"),
    )
    assert dates_left_behind(three_in_a_row(), said, "2026-03-06").empty
    assert silent_optimism(three_in_a_row(), said.iloc[:0]).empty
