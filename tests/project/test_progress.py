import numpy as np
import pandas as pd
import pytest
from tables_by_hand import plan_rows, status_rows

from estimation.errors import InputError
from estimation.project.plan import build_plan
from estimation.project.standing import standing_of

# The week of Monday 2 March 2026 holds days 0-5 of the project, that of 9 March 5-10, that of 16 March 10-15.


def chain():
    """Three milestones of five days, one week each."""
    return build_plan(
        plan_rows(
            {"milestone": "A", "baseline_days": 5.0, "depends_on": ""},
            {"milestone": "B", "baseline_days": 5.0, "depends_on": "A"},
            {"milestone": "C", "baseline_days": 5.0, "depends_on": "B"},
        )
    )


def known(*rows, as_of="2026-03-13"):
    return standing_of(chain(), status_rows(*rows), as_of).state


def test_places_are_mornings_and_evenings_after_the_first_morning():
    state = known(
        {"milestone": "A", "actual_start": "2026-03-03", "actual_finish": "2026-03-06"},
        {"milestone": "B", "actual_start": "2026-03-09", "percent_complete": 0.4, "remaining_days": 6.0},
    )
    assert state.now == 10  # the evening of Friday 13 March
    np.testing.assert_array_equal(state.start, [1, 5, np.nan])
    np.testing.assert_array_equal(state.finish, [5, np.nan, np.nan])
    np.testing.assert_array_equal(state.percent_complete, [np.nan, 0.4, np.nan])
    np.testing.assert_array_equal(state.remaining_days, [np.nan, 6, np.nan])
    assert state.is_done.tolist() == [True, False, False]
    assert state.is_running.tolist() == [False, True, False]


def test_where_nobody_ever_reports_a_start_work_counts_as_begun_once_links_and_plan_allow_it():
    state = standing_of(chain(), None, "2026-03-13").state
    assert state.now == 10
    assert not state.is_done.any()
    assert (state.is_running.tolist(), state.start_assumed.tolist()) == ([True, False, False],) * 2


def test_the_latest_update_up_to_the_status_date_counts_and_what_it_leaves_out_stays_known():
    state = known(
        {"milestone": "A", "as_of": "2026-03-12", "percent_complete": 0.6},
        {"milestone": "A", "as_of": "2026-03-05", "actual_start": "2026-03-02", "percent_complete": 0.3},
        {"milestone": "A", "as_of": "2026-03-20", "actual_finish": "2026-03-13", "percent_complete": 1.0},
    )
    assert (state.start[0], state.percent_complete[0]) == (0, 0.6)
    assert (
        known({"milestone": "A", "as_of": "2026-03-13", "percent_complete": 0.7}).percent_complete[0] == 0.7
    )
    assert np.isnan(state.finish[0])


def test_a_date_after_its_own_row_is_refused():
    with pytest.raises(InputError, match="2026-03-20"):
        known({"milestone": "A", "as_of": "2026-03-13", "actual_finish": "2026-03-20"})


def test_other_projects_are_passed_over():
    state = known(
        {"project": "q", "milestone": "A", "actual_finish": "2026-03-06"}, {"project": "q", "milestone": "Z"}
    )
    assert not state.is_done.any()


def test_a_milestone_that_the_plan_does_not_have_is_named_with_those_it_has():
    with pytest.raises(
        InputError, match=r"project 'p': milestone Z is reported .*; the plan has A, B, C. Correct the id"
    ):
        known({"milestone": "Z", "actual_finish": "2026-03-06"})
    # An update of tomorrow is not looked at today.


def test_finished_work_without_a_start_began_when_its_predecessor_was_done():
    # A was done on the evening of day 8; B, done on day 13, began on the morning after.
    state = known(
        {"milestone": "A", "actual_finish": "2026-03-11"},
        {"milestone": "B", "actual_finish": "2026-03-18"},
        as_of="2026-03-20",
    )
    assert state.start[:2].tolist() == [0, 8]
    assert state.finish[:2].tolist() == [8, 13]


def test_finished_work_that_nothing_allowed_yet_began_on_its_last_day():
    # B was done on the evening of day 8 while A still runs, on day 10: on the morning of day 7 at the latest, as when
    # A is done after it. C follows B, which was done on day 8.
    state = known(
        {"milestone": "A", "actual_start": "2026-03-02"},
        {"milestone": "B", "actual_finish": "2026-03-11"},
        {"milestone": "C", "actual_finish": "2026-03-12"},
    )
    assert state.start.tolist() == [0, 7, 8]


def test_work_done_before_its_predecessor_began_on_its_last_day_at_the_latest():
    # A was done on the evening of day 8, B already on that of day 6: on the morning of day 5 at the latest.
    state = known(
        {"milestone": "A", "actual_finish": "2026-03-11"}, {"milestone": "B", "actual_finish": "2026-03-09"}
    )
    assert state.start[:2].tolist() == [0, 5]


def test_work_partly_done_without_a_start_has_begun_by_the_status_date():
    # A was done on day 7, so B began then. C began before B was done: planned for day 10, but by day 9 at the latest.
    state = known(
        {"milestone": "A", "actual_finish": "2026-03-10"},
        {"milestone": "B", "as_of": "2026-03-13", "percent_complete": 0.5},
        {"milestone": "C", "as_of": "2026-03-13", "percent_complete": 0.1},
    )
    assert state.start.tolist() == [0, 7, 9]
    assert state.is_running.tolist() == [False, True, True]


def test_nothing_done_is_not_begun():
    assert not known({"milestone": "A", "percent_complete": 0.0}).is_running.any()


def test_days_off_are_not_counted():
    plan = build_plan(
        plan_rows({"milestone": "A", "baseline_days": 5.0, "calendar": "1111100 2026-03-05"}),
    )
    state = standing_of(
        plan, status_rows({"milestone": "A", "actual_finish": "2026-03-06"}), pd.Timestamp("2026-03-08")
    ).state
    assert (state.now, state.finish[0]) == (4, 4)
