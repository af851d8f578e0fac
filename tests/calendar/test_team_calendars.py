"""Teams side by side: one axis of all their days, own work on own days.

Most tests take Israel (Sunday to Thursday) and Germany (Monday to Friday) in November 2026, where neither has a
holiday. Their axis works Sunday to Friday: Sun 1, Mon 2, ... Fri 6, Sun 8, ...
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimation.calendar.team_calendars import TeamDays, either_works, project_days
from estimation.calendar.workdays import WorkCalendar, calendar_from_text

GERMANY, ISRAEL = calendar_from_text("DE"), calendar_from_text("IL")
AXIS = either_works([GERMANY, ISRAEL])
IN_ISRAEL, IN_GERMANY = TeamDays(AXIS, ISRAEL), TeamDays(AXIS, GERMANY)

WEEKS = st.sampled_from(["1111100", "1111001", "1111101", "0111110", "1000000"])
DAYS_OFF = st.lists(st.dates(dt.date(2026, 3, 1), dt.date(2026, 4, 30)), max_size=25)
CALENDARS = st.builds(WorkCalendar, WEEKS, DAYS_OFF.map(lambda days: tuple(sorted(set(days)))))


def morning(day: str) -> float:
    return float(AXIS.mornings([day])[0])


def evening_date(place) -> str:
    return str(AXIS.evening_dates(np.array([place]))[0])[:10]


def morning_date(place) -> str:
    return str(AXIS.morning_dates(np.array([place]))[0])[:10]


def test_the_axis_has_each_day_that_someone_works():
    week = [f"2026-11-0{day}" for day in range(1, 9)]  # Sunday to Sunday
    assert AXIS.is_worked(week).tolist() == [True, True, True, True, True, True, False, True]
    # Independence Day in Israel, Wed 22 April, is worked in Germany; Labour Day, Fri 1 May, in neither.
    assert AXIS.is_worked(["2026-04-22", "2026-05-01"]).tolist() == [True, False]


def test_work_in_israel_rests_on_friday_and_goes_on_on_sunday():
    # Three days from Wed 4 November: Wed, Thu, Sun 8.
    assert evening_date(IN_ISRAEL.finish_after(morning("2026-11-04"), 3.0)) == "2026-11-08"


def test_work_in_germany_rests_on_sunday():
    # Three days from Thu 5 November: Thu, Fri, Mon 9.
    assert evening_date(IN_GERMANY.finish_after(morning("2026-11-05"), 3.0)) == "2026-11-09"


def test_work_is_over_on_the_evening_of_its_last_day_and_not_after_the_days_off():
    # Two days from Wed 4 November in Israel end on Thursday evening, which is Friday morning on the axis.
    assert IN_ISRAEL.finish_after(morning("2026-11-04"), 2.0) == morning("2026-11-06")


def test_part_of_a_day_is_kept_exactly():
    # From noon on Thu 5 November one day of work in Israel ends at noon on Sun 8; half a day on Thursday evening.
    noon = morning("2026-11-05") + 0.5
    assert IN_ISRAEL.finish_after(noon, np.array([1.0, 0.5])).tolist() == [
        morning("2026-11-08") + 0.5,
        morning("2026-11-06"),
    ]


def test_a_start_on_a_day_off_is_the_morning_of_the_next_own_day():
    # The Germans hand over at noon on Friday; in Israel work goes on on Sunday morning, three quarters done at 0.75.
    friday_noon = morning("2026-11-06") + 0.5
    assert morning_date(IN_ISRAEL.next_morning(friday_noon)) == "2026-11-08"
    assert IN_ISRAEL.finish_after(friday_noon, 0.75) == morning("2026-11-08") + 0.75
    # On an own day there is nothing to wait for.
    assert IN_GERMANY.next_morning(friday_noon) == friday_noon


def test_work_of_no_duration_is_finished_where_it_starts():
    friday = morning("2026-11-06")
    assert IN_ISRAEL.finish_after(friday, 0.0) == friday


def test_a_finish_on_a_day_off_counts_as_the_evening_before():
    # As in any calendar: Friday evening is Thursday evening in Israel.
    friday_evening = morning("2026-11-06") + 1
    assert evening_date(IN_ISRAEL.last_evening(friday_evening)) == "2026-11-05"


def test_work_that_must_be_done_by_a_day_starts_as_many_own_days_before():
    # Three days in Israel up to the evening of Sun 8 November: Wed 4, Thu 5, Sun 8.
    assert morning_date(IN_ISRAEL.start_before(morning("2026-11-08") + 1, 3.0)) == "2026-11-04"


def test_rounding_noise_does_not_carry_a_finish_over_the_days_off():
    # Three times a third of a day and a hair: still Thursday evening, not Sunday.
    noisy = IN_ISRAEL.finish_after(morning("2026-11-05"), 0.1 + 0.2 + 0.7 + 1e-12)
    assert evening_date(noisy) == "2026-11-05"


@given(CALENDARS, CALENDARS, st.integers(0, 40), st.integers(0, 3), st.integers(0, 100))
def test_finishes_agree_with_walking_day_by_day(one, other, first, quarters, own_quarters):
    # Each own day on the axis gives up to four quarters of work; the place after the last quarter is the finish.
    axis = either_works([one, other])
    start = axis.mornings([dt.date(2026, 3, 1) + dt.timedelta(days=first)])[0] + quarters / 4
    place, left = start, own_quarters
    while left:
        if one.is_worked(axis.morning_dates([np.floor(place)]))[0]:
            left -= 1
            place += 0.25
        else:
            place = np.floor(place) + 1
    assert TeamDays(axis, one).finish_after(start, own_quarters / 4) == place


@given(CALENDARS, CALENDARS, st.integers(0, 60), st.integers(1, 30))
def test_whole_days_agree_with_the_own_calendar_alone(one, other, first, days):
    # numpy's business days on the team's calendar are the reference.
    axis, start = either_works([one, other]), dt.date(2026, 3, 1) + dt.timedelta(days=first)
    team = TeamDays(axis, one)
    begun = team.next_morning(axis.mornings([start]))
    done = team.finish_after(begun, float(days))
    reference = np.busday_offset(start, days - 1, roll="forward", weekmask=one.week, holidays=one.holidays)
    assert axis.evening_dates(done).astype("datetime64[D]")[0] == reference
    assert team.days_between(begun, done).tolist() == [days]
    assert team.start_before(done, float(days)).tolist() == begun.tolist()
    assert team.last_evening(done).tolist() == done.tolist()


@given(CALENDARS, CALENDARS, st.dates(dt.date(2026, 3, 1), dt.date(2026, 4, 30)), st.floats(0.1, 30))
def test_a_further_day_off_of_the_team_never_makes_its_finish_earlier(one, other, day_off, days):
    axis = either_works([one, other])
    start = axis.mornings([dt.date(2026, 3, 1)])
    fewer = WorkCalendar(one.week, tuple(sorted({*one.holidays, day_off})))
    assert TeamDays(axis, fewer).finish_after(start, days) >= TeamDays(axis, one).finish_after(start, days)


@given(CALENDARS, CALENDARS, st.floats(0, 40), st.floats(0, 40), st.floats(0, 20))
def test_more_work_or_a_later_start_never_finishes_earlier(one, other, days, more, later):
    axis = either_works([one, other])
    team, start = TeamDays(axis, one), axis.mornings([dt.date(2026, 3, 1)])
    first = team.finish_after(start, days)
    assert team.finish_after(start, days + more) >= first
    assert team.finish_after(start + later, days) >= first - 1e-8


def test_places_counted_from_the_project_keep_their_parts_in_single_precision():
    # Wed 4 November is place 0, Thu 1, Fri 2, Sun 3: two and a half days end at noon on Sunday.
    team = IN_ISRAEL.counted_from(morning("2026-11-04"))
    done = team.finish_after(np.zeros((2, 3), dtype=np.float32), np.float32(2.5))
    assert done.dtype == np.float32
    assert done.tolist() == [[3.5] * 3] * 2
    assert team.next_morning(np.array([2.25], dtype=np.float32)).tolist() == [3.0]


def test_single_precision_gives_the_same_days_as_double():
    rng = np.random.default_rng(7)
    starts, days = rng.uniform(0, 900, 2000), rng.lognormal(2, 1.5, 2000)
    team = IN_ISRAEL.counted_from(morning("2026-11-01"))
    single = team.finish_after(starts.astype(np.float32), days.astype(np.float32))
    # Days as counted: parts within a hundredth, but at the edge of days off either side is right.
    worked = team.days_between(starts, single.astype(float)) - days
    assert np.abs(worked).max() < 0.01


def test_a_course_far_beyond_the_first_tables_is_still_counted():
    # 50 000 own days, five a week in both: 10 000 weeks, in which the axis has 60 000 days. No holidays here.
    axis = either_works([WorkCalendar("1111100"), WorkCalendar("1111001")])
    sunday = axis.mornings(["2026-11-01"])
    done = TeamDays(axis, WorkCalendar("1111001")).finish_after(sunday, 50_000.0)
    # Sunday to Thursday: the last own day is a Thursday, one axis day before the end of the 10 000th week.
    assert (done - sunday).tolist() == [59_999]


def test_what_is_not_known_stays_unknown():
    unknown = np.array([np.nan, morning("2026-11-02")])
    assert np.isnan(IN_ISRAEL.finish_after(unknown, np.array([1.0, np.nan]))).all()
    assert np.isnan(IN_ISRAEL.next_morning(unknown)).tolist() == [True, False]
    assert np.isnan(IN_ISRAEL.days_between(unknown, unknown)).tolist() == [True, False]


def test_a_project_with_one_calendar_has_no_teams():
    days = project_days(pd.Series(["DE", None, "DE"]))
    assert days.axis == GERMANY
    assert days.teams == {}


def test_milestones_that_name_no_calendar_keep_the_first_that_is_named():
    days = project_days(pd.Series([None, "DE", "IL", None]))
    assert sorted(days.teams) == [0, 1, 2, 3]
    assert days.teams[0] == days.teams[3] == IN_GERMANY


def test_a_calendar_that_is_the_axis_needs_no_tables():
    # Whatever Bavaria works, Berlin works too.
    days = project_days(pd.Series(["DE-BY", "1111100"]))
    assert days.axis == WorkCalendar()
    assert list(days.teams) == [0]


@pytest.mark.parametrize("empty", [pd.Series([None, None], dtype="str")])
def test_without_any_calendar_the_week_is_monday_to_friday(empty):
    assert project_days(empty).axis == WorkCalendar()
