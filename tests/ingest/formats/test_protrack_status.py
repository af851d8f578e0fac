import datetime as dt

import openpyxl
import pandas as pd
import pytest
from protrack_by_hand import MONDAY, PROJECT, planned, tracked, write_workbook

from estimation.errors import InputError
from estimation.ingest.sources import read_status
from estimation.tables import STATUS, check_table

TWO_WEEKS = {
    "Project Control - TP1": [
        tracked(1) | {"Remaining Duration": "0"},
        tracked(2, "0", 0.0, start=None) | {"Remaining Duration": "5d"},
    ],
    "TP2": [
        tracked(1) | {"Remaining Duration": "0"},
        tracked(2, "4h", 0.1, start=dt.datetime(2026, 3, 9, 8)) | {"Remaining Duration": "4d 4h"},
    ],
}
STATUS_HEADS = [
    "ID",
    "Name",
    "Actual Start",
    "Actual Duration",
    "Remaining Duration",
    "Actual Cost",
    "Percentage Completed",
]


def write_periods(folder, periods, moments, **how):
    """Write a workbook of two activities whose periods end at these moments."""
    plan = [PROJECT, planned(1, "1.1"), planned(2, "1.2", after="1FS")]
    path = write_workbook(folder, plan, periods, period_heads=STATUS_HEADS, **how)
    book = openpyxl.load_workbook(path)
    for title, moment in zip(periods, moments, strict=True):
        book[title]["C1"] = moment
    book.save(path)
    return path


def read_days(folder, *moments, periods=TWO_WEEKS):
    return read_status(write_periods(folder, periods, moments))


def test_each_activity_has_a_row_for_every_tracking_period(tmp_path):
    status = read_days(tmp_path, dt.datetime(2026, 3, 6, 17), dt.datetime(2026, 3, 9, 17))
    check_table(status, STATUS, "status")
    assert status["milestone"].tolist() == ["1", "2", "1", "2"]
    assert status["as_of"].dt.day.tolist() == [6, 6, 9, 9]
    assert status["percent_complete"].tolist() == [1.0, 0.0, 1.0, 0.1]
    assert status["remaining_days"].tolist() == [0.0, 5.0, 0.0, 4.5]
    assert status["actual_days"].fillna(-1).tolist() == [5.0, -1, 5.0, 0.5]
    assert status["actual_finish"].dt.day.fillna(-1).tolist() == [6, -1, 6, -1]


def test_a_period_that_ends_in_the_morning_tells_of_the_day_before(tmp_path):
    status = read_days(tmp_path, dt.datetime(2026, 3, 7, 8), dt.datetime(2026, 3, 10, 8))
    assert status["as_of"].dt.day.tolist() == [6, 6, 9, 9]


def test_work_reported_done_is_finished_on_the_status_date_at_the_latest(tmp_path):
    # Five working days from Monday end on Friday 6 March; the period ends on Wednesday.
    one = {"TP1": TWO_WEEKS["Project Control - TP1"]}
    status = read_days(tmp_path, dt.datetime(2026, 3, 4, 17), periods=one)
    assert status["actual_finish"].dt.day.iloc[0] == 4
    assert status["actual_start"].iloc[0] == pd.Timestamp(MONDAY.date())


def test_two_periods_that_end_on_one_day_are_refused(tmp_path):
    path = write_periods(tmp_path, TWO_WEEKS, [dt.datetime(2026, 3, 6, 12), dt.datetime(2026, 3, 6, 17)])
    with pytest.raises(
        InputError, match="sheet 'Project Control - TP1' ends on 2026-03-06 too; wanted another"
    ):
        read_status(path)


def test_a_workbook_without_tracking_periods_has_no_status(tmp_path):
    path = write_workbook(tmp_path, [PROJECT, planned(1, "1.1")])
    with pytest.raises(InputError, match="no tracking period came; wanted a sheet such as"):
        read_status(path)


def test_an_unreadable_remaining_duration_is_named(tmp_path):
    one = {"TP1": [tracked(1) | {"Remaining Duration": "soon"}, tracked(2)]}
    path = write_periods(tmp_path, one, [dt.datetime(2026, 3, 6, 17)])
    with pytest.raises(InputError, match="sheet 'TP1', row 5, column 'Remaining Duration': 'soon' came"):
        read_status(path)


def test_a_folder_of_workbooks_gives_the_status_of_all_its_projects(tmp_path):
    moments = [dt.datetime(2026, 3, 6, 17), dt.datetime(2026, 3, 9, 17)]
    write_periods(tmp_path, TWO_WEEKS, moments)
    write_periods(tmp_path, TWO_WEEKS, moments, name="C2030-02 Tunnel.xlsx")
    assert read_status(tmp_path)["project"].value_counts().to_dict() == {"C2030-01": 4, "C2030-02": 4}
