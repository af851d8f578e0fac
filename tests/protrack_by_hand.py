"""ProTrack workbooks written by hand, for tests: laid out the way ProTrack does."""

import datetime as dt

import openpyxl

from estimation.ingest.formats.protrack_units import WEEKDAYS

PLAN_HEADS = [
    "ID",
    "Name",
    "WBS",
    "Predecessors",
    "Successors",
    "Baseline Start",
    "Baseline End",
    "Duration",
    "Total Cost",
]
PERIOD_HEADS = ["ID", "Name", "Actual Start", "Actual Duration", "Actual Cost", "Percentage Completed"]
EIGHT_HOURS = (8, 9, 10, 11, 13, 14, 15, 16)
MONDAY = dt.datetime(2026, 3, 2, 8)
FRIDAY = dt.datetime(2026, 3, 6, 17)


def planned(own_id, wbs, duration="5d", name=None, after="", start=MONDAY, end=FRIDAY, cost=100.0):
    """A row of the baseline schedule; unless told otherwise one working week from Monday to Friday."""
    row = (own_id, name or f"activity {own_id}", wbs, after, "", start, end, duration, cost)
    return dict(zip(PLAN_HEADS, row, strict=True))


def tracked(own_id, duration="5d", share=1.0, name=None, start=MONDAY, cost=90.0):
    row = (own_id, name or f"activity {own_id}", start, duration, cost, share)
    return dict(zip(PERIOD_HEADS, row, strict=True))


PROJECT = planned(0, "1", name="Bridge")


def write_workbook(
    folder,
    plan,
    periods=None,
    *,
    name="C2030-01 Bridge.xlsx",
    plan_heads=PLAN_HEADS,
    period_heads=PERIOD_HEADS,
    status=dt.datetime(2026, 3, 31, 17),
    hours=EIGHT_HOURS,
    days="1111100",
    holidays=(),
    without=(),
):
    """Write a workbook the way ProTrack lays it out: group row, header row, then the rows."""
    book = openpyxl.Workbook()
    book.active.title = "Gantt chart"
    if "Baseline Schedule" not in without:
        sheet = book.create_sheet("Baseline Schedule")
        sheet.append(["General", None, None, "Relations"])
        sheet.append(plan_heads)
        for row in plan:
            sheet.append([row.get(head) for head in plan_heads])
    for title, rows in (periods or {}).items():
        sheet = book.create_sheet(title)
        sheet.append([None, "TP Status Date", status, None, "TP Name", "finish"])
        sheet.append([])
        sheet.append(["General", None, "Tracking"])
        sheet.append(period_heads)
        for row in rows:
            sheet.append([row.get(head) for head in period_heads])
    if "Agenda" not in without:
        sheet = book.create_sheet("Agenda")
        sheet.append(["Working Hours", None, None, "Working Days", None, None, "Holidays (Optional)"])
        for hour in range(24):
            slot = [f"{hour}:00 - {(hour + 1) % 24}:00", "Yes" if hour in hours else "No", None]
            day = [WEEKDAYS[hour], "Yes" if days[hour] == "1" else "No", None] if hour < 7 else [None] * 3
            sheet.append(slot + day + [holidays[hour] if hour < len(holidays) else None])
        sheet.append([])
        sheet.append(["Made by hand"])
    path = folder / name
    book.save(path)
    return path
