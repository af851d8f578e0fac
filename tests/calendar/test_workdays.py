import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimation.calendar.workdays import WorkCalendar, calendar_from_text
from estimation.errors import InputError

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


def test_a_country_brings_its_holidays_and_its_weekend():
    # Monday 20 to Friday 24 April 2026 in Israel: Wednesday 22 is Independence Day, Friday is weekend. In Germany
    # all five are worked.
    assert calendar_from_text("IL").days_between("2026-04-20", "2026-04-24") == 3
    assert calendar_from_text("DE").days_between("2026-04-20", "2026-04-24") == 5


def test_a_week_in_the_gulf_runs_from_sunday_to_thursday():
    # Kuwait, Thursday 5 to Sunday 8 November 2026: no holiday near, Friday and Saturday are off.
    kuwait = calendar_from_text("KW")
    assert kuwait.week == "1111001"
    assert kuwait.days_between("2026-11-05", "2026-11-08") == 2


def test_holidays_of_a_subdivision_are_its_own():
    # Corpus Christi, Thursday 4 June 2026, is a holiday in Bavaria and not in Berlin.
    one_week = ("2026-06-01", "2026-06-05")
    assert calendar_from_text("DE-BY").days_between(*one_week) == 4
    assert calendar_from_text("DE-BE").days_between(*one_week) == 5
    assert calendar_from_text("de-by") == calendar_from_text("DE-BY")


def test_a_closure_is_a_range_with_both_ends_and_adds_to_the_holidays():
    # December 2026 has its 25th on a Friday. Mon 21 to Thu 31: 21, 22, 23 and 28 to 31 without the closure (24
    # counts, 25 is a holiday in Bavaria): 8. The closure takes 24, 28, 29, 30, 31: 3 are left.
    december = ("2026-12-21", "2026-12-31")
    assert calendar_from_text("1111100 DE-BY").days_between(*december) == 8
    assert calendar_from_text("1111100 DE-BY 2026-12-24..2026-12-31").days_between(*december) == 3


def test_a_written_week_wins_over_the_weekend_of_the_country():
    # Sunday 8 November 2026 is no holiday; an Israeli team that keeps the European week does not work it.
    assert not calendar_from_text("1111100 IL").is_worked(["2026-11-08"])[0]
    assert calendar_from_text("IL").is_worked(["2026-11-08"])[0]


def test_whoever_keeps_two_countries_works_on_the_days_that_both_work():
    # Israel is off on Friday and Saturday, Germany on Saturday and Sunday; 3 October is German Unity Day.
    both = calendar_from_text("IL DE 2026-11-09")
    assert both.week == "1111000"
    assert both.is_worked(["2026-11-09", "2026-11-10"]).tolist() == [False, True]
    assert not both.is_worked(["2022-10-03"])[0]  # a Monday


@pytest.mark.parametrize(
    "text", ["DE-BY", "1111100 DE-BY 2026-12-24..2026-12-31", "1111100 2026-01-01", "1111110"]
)
def test_a_calendar_is_given_back_as_it_was_written(text):
    assert calendar_from_text(text).to_text() == text
    assert hash(calendar_from_text(text)) == hash(calendar_from_text(f" {text} "))


def test_commas_and_spaces_around_a_range_do_not_matter():
    tidy = calendar_from_text("DE 2026-12-24..2026-12-31 2027-01-04")
    assert calendar_from_text("DE, 2026-12-24 .. 2026-12-31; 2027-01-04") == tidy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Germany", r"the country 'Germany' is not known; did you mean DE\?"),
        ("UK", r"the country 'UK' is not known; did you mean GB\?"),
        ("Mon-Fri", "the country 'Mon' is not known; write its ISO code of two letters"),
        ("DE-Bayern", r"the subdivision 'Bayern' of DE is not known; did you mean DE-BY\?"),
        ("DE-BX", r"the subdivision 'BX' of DE is not known; did you mean .*DE-BY"),
        ("IL-X", "the subdivision 'X' of IL is not known; it has none"),
        ("2026-01-01", "it has neither a week pattern nor a country"),
        ("DE 2026-13-01", "'2026-13-01' is neither a date nor a range of dates"),
        ("DE 2026-12-31..2026-12-24", "the range '2026-12-31..2026-12-24' is backwards"),
        ("DE 2026-12-24..2062-01-01", "is longer than a year"),
    ],
)
def test_a_word_of_a_calendar_that_cannot_be_used_is_named(text, said):
    with pytest.raises(InputError, match=said):
        calendar_from_text(text)


@given(DATES, st.integers(1, 60), st.lists(DATES, max_size=4))
def test_a_further_day_off_never_makes_a_finish_earlier(start, days, holidays):
    def finish(days_off):
        calendar = WorkCalendar(holidays=tuple(sorted(days_off)))
        return calendar.evening_dates(calendar.mornings([start]) + days)[0]

    near = {start + dt.timedelta(days=n) for n in (0, 3, 7)}
    assert finish({*holidays, *near}) >= finish(set(holidays)) >= finish(set())


def test_years_beyond_the_known_ones_keep_their_week():
    # New Year's Day 2061 is a Saturday, 1 January 2063 a Monday: worked, as no holidays are known after 2060.
    assert calendar_from_text("DE").is_worked(["2060-01-01", "2063-01-01"]).tolist() == [False, True]
