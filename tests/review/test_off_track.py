import example
import pandas as pd
import pytest
from tables_by_hand import history as history_by_hand
from tables_by_hand import status_rows as status_by_hand

from estimation.project.closing import plan_of
from estimation.project.standing import standing_of
from estimation.review.off_track import lasting_departure, track_table


@pytest.mark.parametrize(
    ("off", "week"),
    [("..xxx", 3), ("xx.xx", 4), ("xxx..", None), (".....", None), ("xxxxx", 1), ("..x.x", 5)],
)
def test_the_lasting_departure_is_the_first_week_never_followed_by_one_on_track(off, week):
    marks = lasting_departure(pd.Series([each == "x" for each in off]), pd.Series([True] * 5))
    assert marks.sum() == (week is not None)
    assert week is None or marks[week - 1]


def test_the_story_left_its_track_in_week_two_by_its_dates_alone_while_the_report_said_green():
    history = example.history()
    plan = plan_of(history, "nlp-claims")
    track = track_table(history, plan, example.status("nlp-claims"))
    left = track[track["left_track"]].iloc[0]
    assert (left["week"], left["reported_status"]) == (2, "green")
    assert left["evidence"] != left["evidence"]  # none was handed in


def test_a_milestone_a_day_late_takes_the_end_with_it_where_all_that_follows_waits_for_it():
    # Friday of week two: 2.2 is due, three quarters done and expected on Monday. The team still says 6 March for the
    # end, where the links of its own plan say Monday 9.
    history = example.history()
    plan, status = plan_of(history, "nlp-claims"), example.status("nlp-claims")
    expected = standing_of(plan, status, "2026-02-13").table.set_index("milestone")
    assert expected.loc["2.2", "slip_days"] == 1
    assert expected["expected_finish"].max() == pd.Timestamp("2026-03-09")
    week = track_table(history, plan, status).iloc[1]
    assert (week["week"], week["n_overdue"], week["off_track"]) == (2, 0, True)


def test_weeks_before_the_start_and_after_the_end_do_not_count():
    # One milestone, planned for 2 to 6 March, finished on Wednesday 11 March: overdue on Monday the 9th. On the morning
    # of the start it was already expected late, which is no departure yet.
    rows = history_by_hand(
        {
            "milestone": "A",
            "project_start": "2026-03-02",
            "baseline_finish": "2026-03-06",
            "actual_finish": "2026-03-11",
        }
    )
    status = status_by_hand(
        *[
            {"milestone": "A", "as_of": day, "forecast_finish": "2026-03-11", "actual_finish": finish}
            for day, finish in (("2026-03-02", None), ("2026-03-09", None), ("2026-03-13", "2026-03-11"))
        ]
    )
    track = track_table(rows, plan_of(rows, "p"), status)
    assert track["off_track"].tolist() == [False, True, False]
    assert track["left_track"].tolist() == [False, True, False]
