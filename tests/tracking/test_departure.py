import pandas as pd
import pytest

from estimation.ingest.sources import read_history, read_status
from estimation.tracking.course_so_far import plan_of
from estimation.tracking.departure import lasting_departure, track_table


@pytest.mark.parametrize(
    ("off", "week"),
    [("..xxx", 3), ("xx.xx", 4), ("xxx..", None), (".....", None), ("xxxxx", 1), ("..x.x", 5)],
)
def test_the_lasting_departure_is_the_first_week_never_followed_by_one_on_track(off, week):
    marks = lasting_departure(pd.Series([each == "x" for each in off]), pd.Series([True] * 5))
    assert marks.sum() == (week is not None)
    assert week is None or marks[week - 1]


def test_the_story_left_its_track_in_week_three_by_its_dates_alone_while_the_report_said_green():
    history = read_history("data/example/history.csv")
    plan = plan_of(history, "nlp-claims")
    track = track_table(history, plan, read_status("data/example/status/nlp-claims.csv"))
    left = track[track["left_track"]].iloc[0]
    assert (left["week"], left["reported_status"]) == (3, "green")
    assert left["evidence"] != left["evidence"]  # none was handed in
