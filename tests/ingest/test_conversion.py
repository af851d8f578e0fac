import datetime as dt

import pandas as pd
import pytest
from how_often import examples
from hypothesis import given
from hypothesis import strategies as st

from estimation.ingest.conversion import DATE_FORMATS, RawColumn, convert, shown
from estimation.tables import DTYPES, HISTORY

DATE, DAYS, SHARE = HISTORY["actual_finish"], HISTORY["baseline_days"], HISTORY["percent_complete"]
COUNT, FLAG, TEXT = HISTORY["iterations_planned"], HISTORY["added_after_baseline"], HISTORY["phase"]


def column(cells, name="actual_finish"):
    places = [("history.csv", row) for row in range(2, len(cells) + 2)]
    return RawColumn(name, "Done on", cells, places)


def read(cells, kind, date_format=""):
    values, problems = convert(column(cells), kind, date_format)
    assert problems == []
    assert str(values.dtype) == DTYPES[kind.kind]
    return [None if pd.isna(value) else value for value in values]


def dates(cells, date_format=""):
    return [None if day is None else day.date().isoformat() for day in read(cells, DATE, date_format)]


def refused(cells, kind, date_format=""):
    _, problems = convert(column(cells), kind, date_format)
    assert {(problem.file, problem.column) for problem in problems} == {("history.csv", "Done on")}
    return [(problem.row, f"{problem.came}; {problem.wanted}. {problem.remedy}") for problem in problems]


@pytest.mark.parametrize(
    "cells",
    [
        ["2026-03-13", "2026-04-01"],
        ["2026-3-13", "2026-4-1"],
        ["2026/03/13", "2026/04/01"],
        ["13.03.2026", "01.04.2026"],
        ["13.3.26", "1.4.26"],
        ["13/03/2026", "01/04/2026"],
        ["03/13/2026", "04/01/2026"],
        ["13-03-2026", "01-04-2026"],
        ["03-13-2026", "04-01-2026"],
        ["13/03/26", "01/04/26"],
        ["3/13/26", "4/1/26"],
        ["13-Mar-26", "01-Apr-26"],
        ["13-MAR-2026", "1-apr-2026"],
        ["13 Mar 2026", "1 Apr 2026"],
        ["13 March 2026", "1 April 2026"],
        ["Mar 13, 2026", "Apr 1, 2026"],
        ["March 13, 2026", "April 1, 2026"],
    ],
)
def test_a_day_above_twelve_proves_the_format_of_its_column(cells):
    assert dates(cells) == ["2026-03-13", "2026-04-01"]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-31 00:00:00",
        "2026-03-31T17:00:00.000",
        "2026-03-31 5:00 PM",
        "3/31/2026 12:00 AM",
        "31.03.2026  08:30",
    ],
)
def test_a_time_of_day_is_left_out(cell):
    assert dates([cell]) == ["2026-03-31"]


def test_a_time_that_no_clock_shows_makes_the_cell_no_date():
    ((row, _),) = refused(["2026-03-31 29:99"], DATE)
    assert row == 2


def test_an_empty_column_of_dates_is_empty():
    assert dates(["", ""]) == [None, None]


@pytest.mark.parametrize(
    ("cells", "first", "second"),
    [
        (
            ["", "04/03/2026", "05/03/2026"],
            "04 March 2026 (day/month/year)",
            "03 April 2026 (month/day/year)",
        ),
        (["", "4-3-2026"], "04 March 2026 (day-month-year)", "03 April 2026 (month-day-year)"),
        (
            ["", "04/03/26"],
            "04 March 2026 (day/month/year (two digits))",
            "03 April 2026 (month/day/year (two digits))",
        ),
    ],
)
def test_an_ambiguous_column_is_refused_once_with_both_readings(cells, first, second):
    ((row, sentence),) = refused(cells, DATE)
    assert row == 3
    assert sentence.startswith(
        f"'{cells[1]}' came; it may mean {first} or {second}, and the rest of the column does not decide. "
        "Write the dates as 2026-03-31, or name the format in a mapping file: dates: {actual_finish: '%"
    )


def test_dates_that_both_readings_agree_on_are_not_ambiguous():
    # The fourth of April is 04/04 either way, and the column says nothing else.
    assert dates(["04/04/2026", "05/05/2026"]) == ["2026-04-04", "2026-05-05"]


def test_the_short_and_the_long_name_of_may_are_the_same():
    assert dates(["12 May 2026"]) == ["2026-05-12"]


def test_a_bad_cell_does_not_hide_that_the_rest_is_ambiguous():
    said = refused(["04/03/2026", "soon", "05/03/2026"], DATE)
    assert [row for row, _ in said] == [2, 3]
    assert "it may mean 04 March 2026" in said[0][1]
    # Nothing is proven, so nothing is claimed about the rest of the column.
    assert said[1][1].startswith("'soon' came; wanted a date such as 2026-03-31. Correct the cell")


def test_a_column_that_proves_both_orders_is_refused_for_the_fewer():
    # What a spreadsheet set to American dates makes of European ones.
    ((row, sentence),) = refused(["13/03/2026", "14/03/2026", "03/15/2026"], DATE)
    assert row == 4
    assert sentence == (
        "'03/15/2026' came; wanted day/month/year such as 31/03/2026, like the rest of the column. "
        "It reads as month/day/year; write all dates of the column in one way, best as 2026-03-31."
    )


def test_a_column_that_proves_both_orders_equally_is_undecided():
    # The second date is European, the third American; the first may be either.
    ((row, sentence),) = refused(["04/03/2026", "13/03/2026", "03/15/2026"], DATE)
    assert row == 2
    assert "and the rest of the column does not decide" in sentence


def test_two_formats_in_one_column_are_never_mixed():
    said = refused(["2026-03-13", "14.03.2026", "2026-03-16"], DATE)
    assert [row for row, _ in said] == [3]
    assert "It reads as day.month.year; write all dates" in said[0][1]


def test_a_format_from_the_mapping_decides_an_ambiguous_column():
    assert dates(["04/03/2026"], "%d/%m/%Y") == ["2026-03-04"]
    assert dates(["04/03/2026"], "%m/%d/%Y") == ["2026-04-03"]


def test_a_format_from_the_mapping_may_name_the_time_of_day():
    assert dates(["04/03/2026 17:30"], "%d/%m/%Y %H:%M") == ["2026-03-04"]
    assert dates(["04/03/2026 17:30"], "%d/%m/%Y") == ["2026-03-04"]


def test_a_format_from_the_mapping_is_not_overruled_by_the_data():
    ((_, sentence),) = refused(["2026-03-04"], DATE, "%d/%m/%Y")
    assert sentence.startswith(
        "'2026-03-04' came; wanted day/month/year such as 31/03/2026, as the mapping file says. "
    )


@pytest.mark.parametrize(
    "word", ["now", "today", "NaT", "nan", "NA", "None", "TBD", "-", "2026", "20260331", "2026-W14", "1.5"]
)
def test_what_is_no_date_is_refused_and_never_taken_for_unfinished(word):
    ((row, sentence),) = refused(["2026-03-30", word], DATE)
    assert row == 3
    assert sentence.startswith(f"'{word}' came; wanted a date such as 2026-03-31. ")


@pytest.mark.parametrize("cell", ["2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10"])
def test_days_that_no_calendar_has_are_refused(cell):
    assert [row for row, _ in refused([cell], DATE)] == [2]


def test_a_leap_day_is_a_date():
    assert dates(["2028-02-29"]) == ["2028-02-29"]


def test_years_are_kept_within_reason():
    assert dates(["1970-01-01", "2100-12-31"]) == ["1970-01-01", "2100-12-31"]
    said = refused(["1969-12-31", "2101-01-01", "0026-03-31"], DATE)
    assert [row for row, _ in said] == [2, 3, 4]
    assert said[0][1] == "'1969-12-31' came; wanted a year from 1970 to 2100. Correct the year."


def test_a_day_number_of_a_spreadsheet_is_explained():
    ((_, sentence),) = refused(["46090"], DATE)
    assert sentence.endswith(
        "It looks like a spreadsheet's day number: format the column as dates there and save again."
    )


# A two-digit year is the year of this century up to 68.
@given(
    days=st.lists(st.dates(dt.date(1970, 1, 1), dt.date(2068, 12, 31)), min_size=1, max_size=8),
    form=st.sampled_from(DATE_FORMATS),
)
@examples(200)
def test_dates_written_in_a_supported_format_read_back_or_are_refused_as_ambiguous(days, form):
    days = [max(day, dt.date(2000, 1, 1)) if "%y" in form else day for day in days]
    values, problems = convert(column([day.strftime(form) for day in days]), DATE)
    if not problems:
        assert [value.date() for value in values] == days
        return
    numeric = "%m" in form and not form.startswith("%Y") and "." not in form
    assert numeric
    assert max(day.day for day in days) <= 12
    assert ["it may mean" in problem.wanted for problem in problems] == [True]
    assert values.isna().all()


@given(st.lists(st.text(max_size=12), max_size=6), st.sampled_from([DATE, DAYS, SHARE, COUNT, FLAG]))
@examples(200)
def test_any_text_is_a_value_or_a_problem_and_only_an_empty_cell_is_missing(cells, kind):
    values, problems = convert(column(cells), kind)
    assert str(values.dtype) == DTYPES[kind.kind]
    if not problems:
        assert values.isna().tolist() == [cell == "" for cell in cells]


def test_plain_numbers_are_read():
    assert read(["10", "2.5", "+3", "0", "1e2", "007", ""], DAYS) == [10.0, 2.5, 3.0, 0.0, 100.0, 7.0, None]


@pytest.mark.parametrize(
    "cell",
    ["5 days", "5d", "2,5", "1,200", "1.200,00", "1 200", "1\u00a0200", "€5", "(3)", "~5", "nan", "inf"],
)
def test_numbers_with_anything_else_are_refused_with_a_remedy(cell):
    ((_, sentence),) = refused([cell], DAYS)
    assert sentence == (
        f"'{' '.join(cell.split())}' came; wanted a plain number. Write it with a point for decimals, without "
        "unit or thousands mark, or leave it empty."
    )


@pytest.mark.parametrize("kind", [DAYS, COUNT, SHARE, HISTORY["actual_cost"], HISTORY["weight"]])
def test_numbers_below_zero_and_beyond_all_bounds_are_refused(kind):
    said = refused(["-1", "1e999", "1e300"], kind)
    assert [row for row, _ in said] == [2, 3, 4]
    assert "wanted zero or more" in said[0][1]


def test_counts_are_whole():
    assert read(["3", "4.0", ""], COUNT) == [3, 4, None]
    assert refused(["2.5"], COUNT) == [(2, "'2.5' came; wanted a whole number. Round it, or leave it empty.")]


@pytest.mark.parametrize(
    ("cells", "shares"),
    [
        (["0.5", "1", "0"], [0.5, 1.0, 0.0]),
        (["50", "100", "0"], [0.5, 1.0, 0.0]),
        (["50%", "100 %", "0%"], [0.5, 1.0, 0.0]),
        (["50%", "0.25", "1"], [0.5, 0.25, 1.0]),
    ],
)
def test_shares_are_read_as_fractions_or_in_percent(cells, shares):
    assert read(cells, SHARE) == shares


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (["0.5", "80"], [3]),  # a fraction says that the column is not in percent
        (["50%", "80"], [3]),  # and so does a sign
        (["50", "120"], [3]),
        (["120%"], [2]),
    ],
)
def test_shares_of_two_scales_and_beyond_the_whole_are_refused(cells, rows):
    assert [row for row, _ in refused(cells, SHARE)] == rows


def test_weights_keep_their_scale():
    # Shares of scope are relative to each other; only a sign makes a percentage.
    assert read(["30", "70"], HISTORY["weight"]) == [30.0, 70.0]
    assert read(["30%", "0.7"], HISTORY["weight"]) == [0.3, 0.7]


def test_flags_are_yes_or_no():
    assert read(["Yes", "TRUE", "x", "1", "no", "False", "0", ""], FLAG) == [True] * 4 + [False] * 3 + [None]
    assert refused(["maybe"], FLAG) == [(2, "'maybe' came; wanted yes or no. Correct the cell.")]


def test_text_stays_what_it_is_and_names_are_not_missing():
    assert read(["NA", "None", "nan", "null", "0", ""], TEXT) == ["NA", "None", "nan", "null", "0", None]


@pytest.mark.parametrize("kind", [TEXT, DATE, DAYS, FLAG])
def test_errors_of_a_spreadsheet_are_refused_in_every_kind_of_column(kind):
    said = refused(["", "#REF!", "#N/A"], kind)
    assert said == [
        (
            row,
            f"'{cell}' came; wanted a value, not an error of the spreadsheet. "
            "Repair the formula, let the spreadsheet calculate, and save again.",
        )
        for row, cell in ((3, "#REF!"), (4, "#N/A"))
    ]


def test_an_error_of_a_spreadsheet_does_not_disturb_the_dates_around_it():
    values, problems = convert(column(["13/03/2026", "#N/A"]), DATE)
    assert values[0] == pd.Timestamp("2026-03-13")
    assert len(problems) == 1


def test_a_long_cell_is_shown_in_one_short_line():
    assert shown("one\n two") == "one two"
    assert shown("x" * 61) == "x" * 60 + "..."
