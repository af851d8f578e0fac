import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimation.errors import InputError
from estimation.workdays import WorkCalendar, calendar_from_text

MONDAY_TO_FRIDAY = WorkCalendar()
DATES = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


def test_work_that_starts_and_finishes_on_one_day_took_one_day():
    assert MONDAY_TO_FRIDAY.days_between("2026-03-02", "2026-03-02") == 1


def test_a_weekend_inside_the_work_is_not_counted():
    # Friday 6 March to Tuesday 10 March: Friday, Monday, Tuesday.
    assert MONDAY_TO_FRIDAY.days_between("2026-03-06", "2026-03-10") == 3


def test_a_holiday_inside_the_work_is_not_counted():
    # Thursday 31 December and Monday 4 January around New Year's Day on a Friday: two days.
    calendar = WorkCalendar(holidays=(dt.date(2027, 1, 1),))
    assert calendar.days_between("2026-12-31", "2027-01-04") == 2


def test_a_week_from_sunday_to_thursday_counts_sundays():
    # Thursday 5 March, Sunday 8 March: Friday and Saturday are off.
    assert WorkCalendar("1111001").days_between("2026-03-05", "2026-03-08") == 2


def test_slip_is_positive_when_late_and_negative_when_early():
    # Planned Friday 6 March; came Monday 9 March, Thursday 5 March, Friday itself.
    slips = MONDAY_TO_FRIDAY.slip(["2026-03-06"] * 3, ["2026-03-09", "2026-03-05", "2026-03-06"])
    assert slips.tolist() == [1, -1, 0]


def test_a_finish_on_a_weekend_counts_as_the_friday_before():
    assert MONDAY_TO_FRIDAY.slip(["2026-03-06"], ["2026-03-08"]).tolist() == [0]


def test_part_days_are_rounded_up_to_a_working_day():
    # 1.2 days from Friday morning end on Monday, exactly 1 day on Friday itself.
    morning = MONDAY_TO_FRIDAY.mornings(["2026-03-06"])
    dates = MONDAY_TO_FRIDAY.evening_dates(morning + np.array([1.2, 1.0]))
    assert dates.astype(str).tolist() == ["2026-03-09T00:00:00", "2026-03-06T00:00:00"]


def test_missing_dates_stay_missing_both_ways():
    places = MONDAY_TO_FRIDAY.evenings(["2026-03-06", None])
    assert np.isnan(places[1])
    assert np.isnat(MONDAY_TO_FRIDAY.evening_dates(places)[1])


@given(DATES)
def test_evening_and_back_is_the_same_working_day(day):
    place = MONDAY_TO_FRIDAY.evenings([day])
    back = MONDAY_TO_FRIDAY.evening_dates(place)[0].astype("datetime64[D]").item()
    assert back == (day if day.weekday() < 5 else day - dt.timedelta(days=day.weekday() - 4))


@given(DATES, DATES)
def test_counting_agrees_with_walking_through_the_calendar(one, other):
    first, last = sorted([one, other])
    last = min(last, first + dt.timedelta(days=400))
    walked = sum((first + dt.timedelta(days=n)).weekday() < 5 for n in range((last - first).days + 1))
    assert MONDAY_TO_FRIDAY.days_between(first, last) == walked


def test_a_calendar_survives_its_text_form():
    calendar = WorkCalendar("1111110", (dt.date(2026, 5, 1),))
    assert calendar_from_text(calendar.to_text()) == calendar


@pytest.mark.parametrize("week", ["0000000", "11111", "Mon-Fri"])
def test_a_week_without_working_days_or_of_wrong_length_is_refused(week):
    with pytest.raises(InputError, match="wanted seven digits 0 or 1"):
        WorkCalendar(week)


def test_a_calendar_with_a_wrong_date_says_what_was_wanted():
    with pytest.raises(InputError, match="ISO dates of the days off"):
        calendar_from_text("1111100 1.1.2026")
