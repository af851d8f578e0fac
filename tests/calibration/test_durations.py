import numpy as np
from tables_by_hand import history

from estimation.calibration.durations import own_durations


def test_a_milestone_that_waited_for_a_late_predecessor_took_only_its_own_days():
    # 1 was planned Mon 2 to Fri 6 March and came on Tue 10 March. 2 was planned Mon 9 to Wed 11 (3 days) and
    # came Fri 13: it could start on Wed 11, so its own work took Wed, Thu, Fri = 3 days, not more.
    own = own_durations(
        history(
            {
                "milestone": "1",
                "baseline_finish": "2026-03-06",
                "actual_finish": "2026-03-10",
                "project_start": "2026-03-02",
            },
            {
                "milestone": "2",
                "baseline_finish": "2026-03-11",
                "actual_finish": "2026-03-13",
                "depends_on": "1",
            },
        )
    )
    assert own["baseline_own_days"].tolist() == [5, 3]
    assert own["actual_own_days"].tolist() == [7, 3]


def test_a_recorded_start_wins_over_the_start_that_predecessors_allowed():
    # 2 could have started on Mon 9 March but did on Wed 11; Wed to Fri are 3 days.
    own = own_durations(
        history(
            {"milestone": "1", "actual_finish": "2026-03-06", "project_start": "2026-03-02"},
            {
                "milestone": "2",
                "depends_on": "1",
                "actual_start": "2026-03-11",
                "actual_finish": "2026-03-13",
                "baseline_start": "2026-03-09",
                "baseline_finish": "2026-03-10",
            },
        )
    )
    assert own["actual_own_days"].tolist()[1] == 3
    assert own["actual_morning"][1] - own["actual_ready"][1] == 2


def test_lags_and_start_to_start_links_move_the_start():
    # 2 may start two days after 1 started (Wed 4); 3 one day after 1 finished: Tue 10 March.
    own = own_durations(
        history(
            {
                "milestone": "1",
                "actual_start": "2026-03-02",
                "actual_finish": "2026-03-06",
                "project_start": "2026-03-02",
            },
            {"milestone": "2", "depends_on": "1SS+2d", "actual_finish": "2026-03-06"},
            {"milestone": "3", "depends_on": "1FS+1d", "actual_finish": "2026-03-10"},
        )
    )
    assert own["actual_own_days"].tolist() == [5, 3, 1]


def test_without_dependencies_milestones_follow_one_another_in_the_order_given():
    own = own_durations(
        history(
            {"milestone": "a", "baseline_finish": "2026-03-03", "project_start": "2026-03-02"},
            {"milestone": "b", "baseline_finish": "2026-03-06"},
        )
    )
    assert own["baseline_own_days"].tolist() == [2, 3]


def test_a_start_that_nothing_tells_stays_unknown_instead_of_being_made_up():
    own = own_durations(
        history(
            {"milestone": "1", "baseline_finish": "2026-03-06"},
            {"milestone": "2", "baseline_finish": "2026-03-10", "depends_on": "1"},
        )
    )
    assert np.isnan(own["baseline_own_days"][0])
    assert own["baseline_own_days"][1] == 2


def test_recorded_days_win_over_dates_and_efforts_need_no_calendar():
    own = own_durations(
        history({"milestone": "1", "baseline_days": 2.5, "actual_days": 4.0, "closed_as": "delivered"})
    )
    assert own[["baseline_own_days", "actual_own_days"]].iloc[0].tolist() == [2.5, 4.0]


def test_the_days_a_running_milestone_has_taken_so_far_are_not_a_finish():
    own = own_durations(
        history(
            {
                "milestone": "1",
                "baseline_finish": "2026-03-06",
                "actual_start": "2026-03-02",
                "actual_days": 3.0,
                "project_start": "2026-03-02",
            }
        )
    )
    assert np.isnan(own["actual_evening"][0])


def test_the_calendar_of_the_project_counts():
    # Monday to Saturday week: Mon 2 to Sat 7 March are six working days.
    own = own_durations(
        history(
            {
                "milestone": "1",
                "baseline_start": "2026-03-02",
                "baseline_finish": "2026-03-07",
                "calendar": "1111110",
            }
        )
    )
    assert own["baseline_own_days"][0] == 6


def test_each_milestone_is_counted_on_its_own_calendar():
    # Israel, November 2026: planned Wed 4 to Sun 8 = 3 days (Wed, Thu, Sun), came on Tue 10 = 5 days. Germany goes
    # on: planned Mon 9 and Tue 10, came Wed 11 to Fri 13 = 3 days; it waited for its predecessor until then.
    own = own_durations(
        history(
            {
                "milestone": "1",
                "project_start": "2026-11-04",
                "baseline_finish": "2026-11-08",
                "actual_finish": "2026-11-10",
                "calendar": "IL",
            },
            {
                "milestone": "2",
                "depends_on": "1",
                "baseline_finish": "2026-11-10",
                "actual_finish": "2026-11-13",
                "calendar": "DE",
            },
        )
    )
    assert own["baseline_own_days"].tolist() == [3, 2]
    assert own["actual_own_days"].tolist() == [5, 3]


def test_a_team_that_could_start_only_after_its_weekend_did_not_start_late():
    # Germany is done on Thu 5 November; Israel could start on Sun 8 and did.
    own = own_durations(
        history(
            {
                "milestone": "1",
                "project_start": "2026-11-02",
                "actual_finish": "2026-11-05",
                "calendar": "DE",
            },
            {
                "milestone": "2",
                "depends_on": "1",
                "actual_start": "2026-11-08",
                "actual_finish": "2026-11-09",
                "calendar": "IL",
            },
        )
    )
    assert own["actual_morning"][1] == own["actual_ready"][1]
    assert own["actual_own_days"].tolist() == [4, 2]


def test_added_work_without_link_or_start_is_measured_from_the_last_finish_before_its_own():
    # 2026: 2 March is a Monday. A is done on Friday 6, B on Thursday 19, the added work on Tuesday 10: Monday and
    # Tuesday are two days; X on Thursday 19, with B: seven from Wednesday 11; Y on Wednesday 4, the first: three.
    rows = [
        {"milestone": "A", "project_start": "2026-03-02", "baseline_finish": "2026-03-05",
         "actual_finish": "2026-03-06"},
        {"milestone": "B", "baseline_finish": "2026-03-12", "actual_finish": "2026-03-19"},
        {"milestone": "added", "actual_finish": "2026-03-10", "added_after_baseline": True},
        {"milestone": "X", "actual_finish": "2026-03-19", "added_after_baseline": True},
        {"milestone": "Y", "actual_finish": "2026-03-04", "added_after_baseline": True},
    ]  # fmt: skip
    # Nothing waits for added work: B goes on from the 6th to the 19th, nine days.
    assert own_durations(history(*rows))["actual_own_days"].tolist() == [5, 9, 2, 7, 3]
    started = [*rows[:2], {**rows[2], "actual_start": "2026-03-03"}, {**rows[3], "depends_on": "A"}]
    # From its own start on Tuesday 3 to the 10th six days; where it waited for A, from the 6th on as B.
    linked = [{**started[1], "depends_on": "A"}, started[3]]
    assert own_durations(history(started[0], linked[0], started[2], linked[1]))[
        "actual_own_days"
    ].tolist() == [5, 9, 6, 9]


def test_cancelled_added_work_and_work_without_a_finish_stay_as_they_are():
    rows = history(
        {"milestone": "A", "project_start": "2026-03-02", "baseline_finish": "2026-03-05",
         "actual_finish": "2026-03-06"},
        {"milestone": "X", "added_after_baseline": True},
        {"milestone": "Y", "added_after_baseline": True, "actual_finish": "2026-03-06", "closed_as": "cancelled"},
    )  # fmt: skip
    assert np.isnan(own_durations(rows)["actual_own_days"][1])
