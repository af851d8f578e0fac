import datetime as dt
import math
import re
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from protrack_by_hand import (
    PERIOD_HEADS,
    PLAN_HEADS,
    PROJECT,
    planned,
    tracked,
    write_workbook,
)
from python_calamine import CalamineWorkbook

from estimation.calendar.workdays import calendar_from_text
from estimation.errors import InputError
from estimation.ingest.formats.protrack import is_protrack, read_protrack
from estimation.ingest.formats.protrack_units import parse_duration, read_agenda
from estimation.ingest.formats.registry import read_raw
from estimation.ingest.gate import HISTORY_NEED, pass_gate
from estimation.ingest.mapping import NO_MAPPING
from estimation.ingest.phases import pool_rare_phases
from estimation.tables import HISTORY


def table_of(raw):
    return pd.DataFrame(raw.rows, columns=raw.headers).reindex(columns=list(HISTORY), fill_value="")


def read_table(path):
    return table_of(read_protrack(path)).set_index("milestone")


def read_one(folder, plan=None, period=None, **how):
    """Read a workbook with one activity, called 1."""
    rows = [PROJECT, plan or planned(1, "1.1")]
    periods = {"Project Control - TP1": [period]} if period else None
    return read_table(write_workbook(folder, rows, periods, **how)).loc["1"]


def problems_of(path):
    with pytest.raises(InputError) as caught:
        read_protrack(path)
    return [
        (problem.file.partition(", ")[2], problem.row, problem.column) for problem in caught.value.problems
    ]


# which workbooks


def test_a_workbook_is_recognised_by_its_sheets_whatever_the_spaces():
    assert is_protrack(["Baseline Schedule", "Gantt chart", "Resources", "Project Control - TP1", "Agenda"])
    assert is_protrack(["Baseline Schedule ", "TP1 "])
    assert is_protrack(["Project Control - TP1", "Agenda"])  # to say later that the plan is missing
    assert not is_protrack(["Baseline Schedule"])
    assert not is_protrack(["Milestones", "Agenda", "Risk Analysis", "Resources"])


# rows, ids and phases


def test_only_activities_make_rows_numbered_as_in_the_baseline_schedule(tmp_path):
    plan = [PROJECT, planned(1, "1.1", name="Design"), planned(2, "1.1.1"), planned(3, "1.2")]
    raw = read_protrack(write_workbook(tmp_path, plan))
    assert [row[raw.headers.index("milestone")] for row in raw.rows] == ["2", "3"]
    assert raw.row_numbers == [5, 6]  # the rows begin in row 3: project, package, then the two activities
    assert raw.file == "C2030-01 Bridge.xlsx, sheet 'Baseline Schedule'"


def test_the_phase_is_the_work_package_right_above_and_the_project_is_none(tmp_path):
    plan = [
        PROJECT,
        planned(1, "1.1", name="Design"),
        planned(2, "1.1.1", name="Concept"),
        planned(3, "1.1.1.1"),
        planned(4, "1.1.2"),
        planned(5, "1.2"),
        planned(6, "1.10"),  # not below 1.1
    ]
    phases = read_table(write_workbook(tmp_path, plan))["phase"]
    assert phases.to_dict() == {"3": "Concept", "4": "Design", "5": "work", "6": "work"}


def test_without_a_project_row_the_top_of_the_wbs_is_a_work_package(tmp_path):
    plan = [
        planned(1, "1", name="Design"),
        planned(2, "1.1"),
        planned(3, "2", name="Build"),
        planned(4, "2.1"),
    ]
    table = read_table(write_workbook(tmp_path, plan))
    assert table["phase"].to_dict() == {"2": "Design", "4": "Build"}


def test_a_project_row_with_nothing_but_a_name_is_still_the_project(tmp_path):
    bare = {"ID": "0", "Name": "Bridge"}
    table = read_table(write_workbook(tmp_path, [bare, planned(1, "1.1"), planned(2, "1.2")]))
    assert list(table.index) == ["1", "2"]
    assert set(table["project_name"]) == {"Bridge"}


def test_the_project_is_called_after_the_code_in_the_file_name(tmp_path):
    row = read_one(tmp_path, name="C2030-07 Bridge (2).xlsx")
    assert (row["project"], row["project_name"]) == ("C2030-07", "Bridge")


def test_without_a_code_the_project_is_called_after_the_file(tmp_path):
    assert read_one(tmp_path, name="harbour.xlsx")["project"] == "harbour"


def test_ids_written_as_numbers_and_as_text_are_the_same(tmp_path):
    plan = [PROJECT, planned("1", "1.1"), planned(2, "1.2", after="1FS"), planned("B.3", "1.3", after="2SS")]
    periods = {"TP1": [tracked(1), tracked("2"), tracked("B.3")]}
    table = read_table(write_workbook(tmp_path, plan, periods))
    assert table["depends_on"].to_dict() == {"1": "", "2": "1", "B.3": "2SS"}
    assert set(table["closed_as"]) == {"delivered"}


def test_the_second_row_with_an_id_gets_the_count_behind_it(tmp_path):
    plan = [PROJECT, planned(7, "1.1", name="a"), planned(7, "1.2", name="b")]
    periods = {"TP1": [tracked(7, "5d", name="a"), tracked(7, "6d", name="b")]}
    table = read_table(write_workbook(tmp_path, plan, periods))
    assert table["actual_days"].to_dict() == {"7": "5", "7-2": "6"}


def test_nothing_may_depend_on_an_id_that_two_rows_have(tmp_path):
    plan = [PROJECT, planned(7, "1.1"), planned(7, "1.2"), planned(8, "1.3", after="7FS")]
    assert problems_of(write_workbook(tmp_path, plan)) == [("sheet 'Baseline Schedule'", 6, "Predecessors")]


# durations, relations and the agenda


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("12d", "12"),
        ("148d 4h", "148.5"),  # a day of 8 hours: 148 + 4/8
        ("58 days", "58"),
        ("1d4h", "1.5"),
        ("6128h", "766"),  # 6128 / 8
        ("1,5d", "1.5"),
        ("2w 1d", "11"),  # a week of 5 days
        ("1 day 2 hours", "1.25"),
        ("7", "7"),
        (7, "7"),
        ("0", "0"),
        (" 3d ", "3"),
    ],
)
def test_durations_are_read_however_they_are_written(tmp_path, written, days):
    assert read_one(tmp_path, planned(1, "1.1", written))["baseline_days"] == days


@pytest.mark.parametrize("written", ["6,128h", "3 months", "-2d", "n/a", None, "d", True, "1d 2d", "4h 1d"])
def test_a_duration_that_cannot_be_read_is_named_and_not_guessed(tmp_path, written):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1", written)])
    assert problems_of(path) == [("sheet 'Baseline Schedule'", 4, "Duration")]


def test_a_formula_without_a_saved_result_is_an_empty_cell(tmp_path):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1", "=1+1")])
    with pytest.raises(
        InputError, match=re.escape("row 4, column 'Duration': nothing came; wanted a duration")
    ):
        read_protrack(path)


def test_a_day_is_the_working_day_of_the_project(tmp_path):
    # Worked from 8:00 to 18:00 without a break: 10 hours, so 13 hours are 1.3 days.
    assert read_one(tmp_path, planned(1, "1.1", "13h"), hours=range(8, 18))["baseline_days"] == "1.3"


def test_relations_become_links_with_lags_in_working_days(tmp_path):
    # A week of six days: -1w 2d is -(6 + 2) days; 4 hours of 8 are half a day.
    links = "1FS;2FS+1d 4h;3SS;4FF-1w 2d; 5SF+2w"
    plan = [PROJECT, *(planned(n, f"1.{n}") for n in range(1, 6)), planned(6, "1.6", after=links)]
    table = read_table(write_workbook(tmp_path, plan, days="1111110"))
    assert table.loc["6", "depends_on"] == "1; 2FS+1.5d; 3SS; 4FF-8d; 5SF+12d"


@pytest.mark.parametrize("written", ["FS1", "1", "1FX", "1FS+", "1FS+soon", "9FS", "0FS", "1FS,2FS"])
def test_a_relation_that_cannot_be_read_is_named(tmp_path, written):
    plan = [PROJECT, planned(1, "1.1"), planned(2, "1.2", after=written)]
    assert problems_of(write_workbook(tmp_path, plan)) == [("sheet 'Baseline Schedule'", 5, "Predecessors")]


def test_the_calendar_holds_the_days_worked_and_the_holidays(tmp_path):
    holidays = [dt.datetime(2026, 12, 25), "2026-05-01"]
    row = read_one(tmp_path, days="1111110", holidays=holidays)
    assert row["calendar"] == "1111110 2026-05-01 2026-12-25"


@pytest.mark.parametrize(
    ("cell", "value", "row", "column"),
    [
        ("B10", "Maybe", 10, "Working Hours"),
        ("A10", "8:30 - 9:30", None, "Working Hours"),
        ("E3", "Half", 3, "Working Days"),
        ("D3", "Dinsdag", None, "Working Days"),
        ("G2", "Christmas", 2, "Holidays"),
        ("A1", "Hours", 1, "Working Hours"),
    ],
)
def test_an_agenda_that_is_not_understood_is_named(tmp_path, cell, value, row, column):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")])
    book = openpyxl.load_workbook(path)
    book["Agenda"][cell] = value
    book.save(path)
    assert problems_of(path) == [("sheet 'Agenda'", row, column)]


# how it went


def test_a_finished_activity_ends_where_its_working_days_end(tmp_path):
    # From Thursday 5 March, 6 days: Thu, Fri, Mon, (Tuesday 10 is a holiday) Wed, Thu, Fri 13.
    period = tracked(1, "6d", start=dt.datetime(2026, 3, 5, 8))
    row = read_one(tmp_path, period=period, holidays=[dt.datetime(2026, 3, 10)])
    assert (row["actual_start"], row["actual_finish"], row["actual_days"]) == (
        "2026-03-05",
        "2026-03-13",
        "6",
    )
    assert (row["closed_as"], row["updated_on"]) == ("delivered", "2026-03-31")


@pytest.mark.parametrize(
    ("hour", "duration", "finish"),
    [
        (8, "1d", "2026-03-06"),  # Friday 8:00 to 17:00
        (13, "1d", "2026-03-09"),  # Friday 13:00 to Monday 12:00
        (13, "4h", "2026-03-06"),  # Friday 13:00 to 17:00
        (13, "5h", "2026-03-09"),  # one hour more is Monday morning
        (17, "1d", "2026-03-09"),  # Friday after work is Monday
    ],
)
def test_the_finish_counts_from_the_hour_at_which_work_started(tmp_path, hour, duration, finish):
    period = tracked(1, duration, start=dt.datetime(2026, 3, 6, hour))
    assert read_one(tmp_path, period=period)["actual_finish"] == finish


def test_an_activity_under_way_has_its_days_so_far_and_no_finish(tmp_path):
    row = read_one(tmp_path, period=tracked(1, "4d", share=0.8))
    assert (row["actual_start"], row["actual_days"], row["percent_complete"]) == ("2026-03-02", "4", "0.8")
    assert (row["actual_finish"], row["closed_as"]) == ("", "")


def test_an_activity_not_started_has_no_actuals(tmp_path):
    row = read_one(tmp_path, period=tracked(1, "0", share=0.0, start=None, cost=0.0))
    assert (row["actual_start"], row["actual_days"], row["actual_finish"]) == ("", "", "")
    assert row["percent_complete"] == "0"


@pytest.mark.parametrize(("share", "read"), [(1.0000001, "1"), (1.2, "1"), ("95%", "0.95"), ("0,5", "0.5")])
def test_a_share_of_work_above_one_counts_as_one(tmp_path, share, read):
    row = read_one(tmp_path, period=tracked(1, share=share))
    assert row["percent_complete"] == read
    assert row["closed_as"] == ("delivered" if read == "1" else "")


@pytest.mark.parametrize("share", [100, 2.0, -0.1, "most", None])
def test_a_share_that_is_no_share_is_named(tmp_path, share):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], {"TP1": [tracked(1, share=share)]})
    assert problems_of(path) == [("sheet 'TP1'", 5, "Percentage Completed")]


def test_work_that_is_done_must_have_started(tmp_path):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], {"TP1": [tracked(1, start=None)]})
    assert problems_of(path) == [("sheet 'TP1'", 5, "Actual Start")]


def test_an_activity_without_duration_at_the_start_of_a_day_is_dated_on_the_evening_before(tmp_path):
    # Monday the 9th at 8:00 and Friday the 6th at 17:00 are one moment; ProTrack writes the second as its end.
    # Really it came on Tuesday the 10th at 8:00, one working day later: the evening of Monday.
    plan = planned(1, "1.1", "0", start=dt.datetime(2026, 3, 9, 8), end=dt.datetime(2026, 3, 6, 17))
    row = read_one(tmp_path, plan, tracked(1, "0", start=dt.datetime(2026, 3, 10, 8)))
    assert (row["baseline_start"], row["baseline_finish"]) == ("2026-03-06", "2026-03-06")
    assert (row["actual_start"], row["actual_finish"]) == ("2026-03-09", "2026-03-09")
    assert row["project_start"] == "2026-03-09"


def test_an_activity_without_duration_later_in_the_day_is_dated_on_that_day(tmp_path):
    evening = dt.datetime(2026, 3, 6, 17)
    row = read_one(
        tmp_path, planned(1, "1.1", "0", start=evening, end=evening), tracked(1, "0", start=evening)
    )
    dates = row[["baseline_start", "baseline_finish", "actual_start", "actual_finish"]]
    assert set(dates) == {"2026-03-06"}


def test_a_plan_that_ends_before_it_starts_is_left_for_the_gate_to_refuse(tmp_path):
    plan = planned(1, "1.1", "5d", start=dt.datetime(2026, 3, 9, 8), end=dt.datetime(2026, 3, 6, 17))
    raw = read_raw(write_workbook(tmp_path, [PROJECT, plan]), NO_MAPPING)
    with pytest.raises(InputError, match="before baseline_start"):
        pass_gate(raw, HISTORY, HISTORY_NEED)


def test_the_last_tracking_period_is_the_one_with_the_highest_number(tmp_path):
    periods = {
        "TP10": [tracked(1, "10d")],
        "Project Control - TP1": [tracked(1, "1d")],
        "TP9 ": [tracked(1, "9d")],
    }
    table = read_table(write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], periods))
    assert table.loc["1", "actual_days"] == "10"


def test_without_a_tracking_period_the_workbook_is_a_plan(tmp_path):
    row = read_one(tmp_path)
    assert (row["baseline_days"], row["budget_cost"], row["baseline_version"]) == ("5", "100", "1")
    course = ["actual_start", "actual_finish", "actual_days", "percent_complete", "actual_cost", "updated_on"]
    assert set(row[course]) == {""}


def test_costs_and_the_start_of_the_project_are_read(tmp_path):
    plan = [
        PROJECT,
        planned(1, "1.1", start=dt.datetime(2026, 3, 4, 8), cost=12.5),
        planned(2, "1.2", start=dt.datetime(2026, 3, 3, 13), cost=None),
    ]
    table = read_table(write_workbook(tmp_path, plan, {"TP1": [tracked(1, cost=0.1 + 0.2), tracked(2)]}))
    assert set(table["project_start"]) == {"2026-03-03"}
    assert table["budget_cost"].to_dict() == {"1": "12.5", "2": ""}
    assert table["actual_cost"].to_dict() == {"1": "0.3", "2": "90"}


# other layouts and bad workbooks


def test_without_baseline_end_the_finish_follows_from_start_and_duration(tmp_path):
    heads = [head for head in PLAN_HEADS if head not in ("Baseline End", "Total Cost")]
    row = read_one(tmp_path, planned(1, "1.1", "6d"), plan_heads=heads)
    assert (row["baseline_finish"], row["budget_cost"]) == ("2026-03-09", "")  # six days from Monday the 2nd


def test_a_header_written_exactly_comes_before_one_with_other_capitals(tmp_path):
    heads = ["Percentage completed", *PERIOD_HEADS, "Percentage completed"]
    period = tracked(1, share=0.5) | {"Percentage completed": 50.0}
    assert read_one(tmp_path, period=period, period_heads=heads)["percent_complete"] == "0.5"


def test_a_header_with_other_capitals_is_found(tmp_path):
    heads = [head.upper() for head in PLAN_HEADS]
    plan = {head.upper(): cell for head, cell in planned(1, "1.1", "3d").items()}
    assert read_one(tmp_path, plan, plan_heads=heads)["baseline_days"] == "3"


def test_two_headers_that_may_both_be_meant_are_refused(tmp_path):
    heads = [*(head for head in PLAN_HEADS if head != "Duration"), "duration", "DURATION"]
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], plan_heads=heads)
    assert problems_of(path) == [("sheet 'Baseline Schedule'", 2, "Duration")]


def test_a_missing_column_is_named_with_the_headers_that_came(tmp_path):
    heads = [head for head in PLAN_HEADS if head != "WBS"]
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], plan_heads=heads)
    with pytest.raises(
        InputError, match=r"column 'WBS': no columns of this name came; wanted one. The headers are"
    ):
        read_protrack(path)


def test_a_workbook_without_a_baseline_schedule_says_which_sheets_came(tmp_path):
    path = write_workbook(tmp_path, [], {"TP1": [tracked(1)]}, without=["Baseline Schedule"])
    with pytest.raises(InputError) as caught:
        read_protrack(path)
    assert str(caught.value) == (
        "C2030-01 Bridge.xlsx: has no sheet 'Baseline Schedule'; it has Gantt chart, TP1, Agenda. Wanted the plan "
        "on one sheet of that name. Export the workbook from ProTrack again."
    )


def test_a_workbook_without_an_agenda_is_refused_because_its_day_is_unknown(tmp_path):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], without=["Agenda"])
    with pytest.raises(InputError, match="no sheet 'Agenda' came"):
        read_protrack(path)


def test_a_baseline_schedule_without_headers_or_rows_is_refused(tmp_path):
    no_heads = write_workbook(tmp_path, [], plan_heads=["Task", "Days"])
    assert problems_of(no_heads) == [("sheet 'Baseline Schedule'", None, "")]
    assert problems_of(write_workbook(tmp_path, [])) == [("sheet 'Baseline Schedule'", None, "")]
    assert problems_of(write_workbook(tmp_path, [PROJECT])) == [("sheet 'Baseline Schedule'", None, "WBS")]


def test_all_problems_of_both_sheets_come_at_once(tmp_path):
    plan = [
        PROJECT,
        planned(1, "1.1", "long", start="2/3/2026", cost="a lot"),
        planned(2, "", name="nameless"),
        planned(None, "1.3"),
    ]
    periods = {"TP1": [tracked(1, "short", start=45000), tracked(2, name="renamed"), tracked(9)]}
    assert set(problems_of(write_workbook(tmp_path, plan, periods))) == {
        ("sheet 'Baseline Schedule'", 4, "Duration"),
        ("sheet 'Baseline Schedule'", 4, "Baseline Start"),  # 2 March or 3 February
        ("sheet 'Baseline Schedule'", 4, "Total Cost"),
        ("sheet 'Baseline Schedule'", 5, "WBS"),
        ("sheet 'Baseline Schedule'", 6, "ID"),
        ("sheet 'TP1'", 5, "Actual Start"),  # a number without the format of a date
        ("sheet 'TP1'", 5, "Actual Duration"),
        ("sheet 'TP1'", 6, "Name"),
        ("sheet 'TP1'", 7, "ID"),
    }


def test_an_activity_that_the_last_period_does_not_know_is_named(tmp_path):
    plan = [PROJECT, planned(1, "1.1"), planned(2, "1.2")]
    path = write_workbook(tmp_path, plan, {"TP1": [tracked(1)]})
    assert problems_of(path) == [("sheet 'Baseline Schedule'", 5, "ID")]


@pytest.mark.parametrize(("status", "row"), [("soon", 1), (None, 1)])
def test_a_status_date_that_is_no_date_is_named(tmp_path, status, row):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], {"TP1": [tracked(1)]}, status=status)
    assert problems_of(path) == [("sheet 'TP1'", row, "TP Status Date")]


def test_a_missing_status_date_is_named(tmp_path):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")], {"TP1": [tracked(1)]})
    book = openpyxl.load_workbook(path)
    book["TP1"]["B1"] = "Date"
    book.save(path)
    assert problems_of(path) == [("sheet 'TP1'", None, "TP Status Date")]


def test_what_is_read_passes_the_gate(tmp_path):
    plan = [PROJECT, planned(1, "1.1", "0"), planned(2, "1.2", after="1FS;1SS+4h")]
    path = write_workbook(tmp_path, plan, {"TP1": [tracked(1, "0"), tracked(2, "7d 4h", share=1.01)]})
    history = pass_gate(read_raw(path, NO_MAPPING), HISTORY, HISTORY_NEED).table
    assert history["actual_days"].tolist() == [0.0, 7.5]
    assert history["percent_complete"].tolist() == [1.0, 1.0]


# phases across projects


def history_of(phases):
    rows = [(project, phase) for project, names in phases.items() for phase in names]
    table = pd.DataFrame(rows, columns=["project", "phase"]).astype("str")
    return table.assign(actual_days=1.0)


def test_a_work_package_counts_as_a_phase_where_five_projects_share_it():
    # Roof stands in five projects under three spellings; Paint in five rows, but of two projects only.
    history = history_of(
        {
            "a": ["Roof", "Paint", "Paint", "Paint"],
            "b": ["ROOF ", "Paint", "Paint"],
            "c": [" roof"],
            "d": ["Roof"],
            "e": ["Roof", "Roof"],
        }
    )
    pooled = pool_rare_phases(history)
    assert pooled["phase"].value_counts().to_dict() == {"Roof": 6, "work": 5}
    assert pool_rare_phases(history, min_projects=6)["phase"].eq("work").all()
    assert set(pool_rare_phases(history, pooled="other")["phase"]) == {"Roof", "other"}


def test_pooling_keeps_everything_else_and_leaves_its_input_alone():
    history = history_of({name: ["Roof", "Work"] for name in "abcde"} | {"f": ["Paint", None]})
    before = history.copy(deep=True)
    pooled = pool_rare_phases(history)
    pd.testing.assert_frame_equal(history, before)
    pd.testing.assert_frame_equal(pooled.drop(columns="phase"), history.drop(columns="phase"))
    assert pooled["phase"].dtype == history["phase"].dtype
    assert set(pooled["phase"]) == {"Roof", "work"}  # "Work" is the pooled phase itself


# real projects

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "dslib"
_THERE = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the real projects are not here: they come without a licence to redistribute (../shared/data/dslib)",
)


def real(test):
    """A proof on the real projects: where they are there, and not every day."""
    return pytest.mark.slow(_THERE(test))


@pytest.fixture(scope="module")
def real_projects():
    """What the reader says of each real project, and the project's own row of plan and last period."""
    projects = {}
    began = time.process_time()
    for path in sorted(FOLDER.glob("*.xlsx")):
        projects[path] = table_of(read_protrack(path))
    seconds = time.process_time() - began
    return projects, seconds


def grid_of(path, sheet):
    book = CalamineWorkbook.from_path(path)
    name = f"TP{sheet}" if f"TP{sheet}" in book.sheet_names else sheet
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def last_period(path):
    book = CalamineWorkbook.from_path(path)
    numbers = [int(name.rpartition("TP")[2]) for name in book.sheet_names if re.search(r"TP\d+$", name)]
    return grid_of(path, max(numbers))


def agenda_of(path):
    problems = []
    agenda = read_agenda(grid_of(path, "Agenda"), path.name, problems)
    assert problems == []
    return agenda


@real
def test_all_real_projects_are_read_well_within_a_minute(real_projects):
    projects, seconds = real_projects
    assert len(projects) == 53
    assert len({table["project"][0] for table in projects.values()}) == 53
    assert sum(map(len, projects.values())) == 4318
    assert seconds < 30


@real
def test_all_but_four_activities_of_the_real_projects_are_finished(real_projects):
    open_ones = {
        table["project"][0]: int((table["closed_as"] == "").sum())
        for table in real_projects[0].values()
        if (table["closed_as"] == "").any()
    }
    assert open_ones == {"C2011-13": 3, "C2015-03": 1}


@real
def test_planned_durations_of_real_projects_agree_with_their_own_project_row(real_projects):
    # The project row carries its duration as ProTrack computed it; we count working days from the first
    # planned start to the last planned finish. Part days count as days, so less than one may lie between.
    agree = 0
    for path, table in real_projects[0].items():
        days = parse_duration(grid_of(path, "Baseline Schedule")[2][7], agenda_of(path))
        calendar = calendar_from_text(table["calendar"][0])
        span = calendar.days_between(table["project_start"][0], table["baseline_finish"].max())
        agree += 0 <= span - days < 1
    assert agree == 53


@real
def test_actual_durations_of_real_projects_agree_with_their_own_project_row(real_projects):
    # As above for the course, where the finishes are ours: start plus duration on the project's calendar. Work
    # without duration begins when it is done, on an evening; a project that is not finished runs to its status
    # date.
    agree = 0
    for path, table in real_projects[0].items():
        days = parse_duration(last_period(path)[4][12], agenda_of(path))
        calendar = calendar_from_text(table["calendar"][0])
        done = table[table["closed_as"] == "delivered"]
        at_once = done["actual_days"] == "0"
        began = min(
            calendar.mornings(done.loc[~at_once, "actual_start"]).min(),
            calendar.evenings(done.loc[at_once, "actual_finish"]).min(initial=math.inf),
        )
        last = done["actual_finish"].max() if len(done) == len(table) else table["updated_on"][0]
        agree += 0 <= calendar.evenings([last])[0] - began - days < 1
    assert agree == 53


@real
def test_start_plus_duration_reaches_the_planned_finish_of_real_activities(real_projects):
    # The same step that finds actual finishes, on plans where ProTrack wrote the finish itself.
    off = 0
    for path, table in real_projects[0].items():
        agenda = agenda_of(path)
        rows = {str(int(row[0])): row for row in grid_of(path, "Baseline Schedule")[2:]}
        for milestone in table["milestone"]:
            start, end, duration = rows[milestone][5:8]
            off += agenda.finish(start, parse_duration(duration, agenda)) != end.date()
    assert off == 0


@real
def test_costs_of_real_activities_sum_to_those_of_their_project(real_projects):
    for path, table in real_projects[0].items():
        budget, spent = (pd.to_numeric(table[name]).sum() for name in ("budget_cost", "actual_cost"))
        assert budget == pytest.approx(grid_of(path, "Baseline Schedule")[2][13], abs=0.01)
        assert spent == pytest.approx(last_period(path)[4][18], abs=0.01)


@real
def test_the_last_line_of_the_tracking_overview_agrees_with_what_was_read(real_projects):
    for path, table in real_projects[0].items():
        last = [row for row in grid_of(path, "Tracking Overview")[2:] if row[2]][-1]
        assert last[2].date().isoformat() == table["updated_on"][0]
        assert last[5] == pytest.approx(pd.to_numeric(table["actual_cost"]).sum(), abs=1)


@real
def test_real_projects_pass_the_gate():
    for path in sorted(FOLDER.glob("*.xlsx")):
        history = pass_gate(read_raw(path, NO_MAPPING), HISTORY, HISTORY_NEED).table
        assert history["baseline_days"].notna().all()
