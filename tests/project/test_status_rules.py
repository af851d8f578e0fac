"""What a status table cannot say, and rows of one day that are one."""

import time

import pandas as pd
import pytest
import tables_by_hand as by_hand

from estimation.errors import InputError
from estimation.project.status_rules import joined, refuse_impossible
from estimation.tables import STATUS, check_table


def week(**cells):
    return {"milestone": "1.1", "as_of": "2026-03-06", **cells}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"actual_start": "2026-03-09"},
            "column 'actual_start': 2026-03-09 came; it is after the row's own as_of 2026-03-06. Correct one",
        ),
        (
            {"actual_finish": "2026-03-09"},
            "column 'actual_finish': 2026-03-09 came; it is after the row's own as_of 2026-03-06. Correct one",
        ),
        (
            {"actual_finish": "2026-03-06", "percent_complete": 0.9},
            "column 'percent_complete': 0.9 came; the same status has actual_finish 2026-03-06, and finished work is "
            "complete. Write 100 %",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_milestone_day_and_source(cells, said):
    table = by_hand.status_rows(week(), week(milestone="1.2", **cells))
    with pytest.raises(InputError) as error:
        refuse_impossible(table)
    assert f"by hand, row 3, milestone 1.2 of p on 2026-03-06, {said}" in str(error.value)
    with pytest.raises(InputError, match=r"\nmilestone 1\.2 of p on 2026-03-06, column"):
        refuse_impossible(table.assign(source=pd.Series([None, None], dtype="str")))


def test_work_that_is_done_or_begun_on_the_day_itself_is_in_order():
    refuse_impossible(
        by_hand.status_rows(
            week(actual_start="2026-03-06", actual_finish="2026-03-06", percent_complete=1.0),
            week(milestone="1.2", percent_complete=1.0, forecast_finish="2026-03-02"),
        )
    )


def test_rows_of_one_day_fill_each_other_and_keep_the_contract():
    table = joined(
        by_hand.status_rows(
            week(percent_complete=0.3, added_after_baseline=True),
            week(milestone="1.2"),
            week(percent_complete=0.3, iterations_actual=2, forecast_finish="2026-03-13", reason="ill"),
            week(as_of="2026-03-13", percent_complete=0.4),
        )
    )
    check_table(table, STATUS, "joined")
    assert table["source"].tolist() == ["by hand, row 2", "by hand, row 3", "by hand, row 5"]
    filled = ["percent_complete", "added_after_baseline", "iterations_actual", "forecast_finish", "reason"]
    assert table.loc[0, filled].tolist() == [0.3, True, 2, pd.Timestamp("2026-03-13"), "ill"]


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (
            {"forecast_finish": "2026-03-13"},
            {"forecast_finish": "2026-03-16"},
            "2026-03-16 came; by hand, row 2 says 2026-03-13",
        ),
        ({"percent_complete": 0.3}, {"percent_complete": 0.4}, "0.4 came; by hand, row 2 says 0.3"),
        (
            {"added_after_baseline": True},
            {"added_after_baseline": False},
            "False came; by hand, row 2 says True",
        ),
        ({"reason": "ill"}, {"reason": "late"}, "late came; by hand, row 2 says ill"),
    ],
)
def test_a_cell_that_differs_on_one_day_is_refused_with_both_rows(first, then, said):
    table = by_hand.status_rows(week(**first), week(), week(**then)).set_index(pd.Index([7, 7, 7]))
    with pytest.raises(InputError) as error:
        joined(table)
    (problem,) = error.value.problems
    assert f"row 4, milestone 1.1 of p on 2026-03-06, column '{next(iter(then))}': {said}" in str(problem)


def test_a_long_table_without_repeated_rows_is_given_back_at_once():
    days = pd.date_range("2026-01-02", periods=1000, freq="D")
    long = pd.DataFrame({"as_of": days.repeat(100), "milestone": [f"{n}" for n in range(100)] * 1000})
    table = by_hand.by_hand(long.assign(project="p", percent_complete=0.5), STATUS)
    began = time.perf_counter()
    assert joined(table) is table
    refuse_impossible(table)
    assert time.perf_counter() - began < 1
