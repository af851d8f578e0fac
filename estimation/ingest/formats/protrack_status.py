"""ProTrack workbooks: every tracking period becomes one status row per activity."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from estimation.errors import InputError, Problem
from estimation.ingest.formats.protrack import open_protrack
from estimation.ingest.formats.protrack_progress import STATUS_COLUMNS, read_course, status_moment
from estimation.ingest.formats.protrack_sheet import EXPORT_AGAIN
from estimation.ingest.formats.protrack_units import Agenda
from estimation.ingest.raw_table import RawTable, table_of_cells


def read_protrack_status(path: Path) -> RawTable:
    """Read how each activity of a ProTrack workbook stood at the end of every tracking period.

    Cells are taken as ``read_protrack`` takes them, with two differences: ``as_of`` is the status date of the
    period, the day before where the period ends at the first worked hour of a day, and ``actual_finish`` is never
    after it: work that is reported 100 % complete is finished on the status date at the latest.
    """
    book = open_protrack(path, lambda periods: periods, STATUS_COLUMNS)
    problems = book.plan.problems
    if not book.periods:
        found, expected = "no tracking period came", "wanted a sheet such as 'Project Control - TP1'"
        problems.append(Problem(path.name, None, "", found, expected, EXPORT_AGAIN))
    rows, numbers, ended = [], [], {}
    for period in book.periods:
        n_before = len(problems)
        courses, moment = read_course(book, period), status_moment(period)
        if moment is None or len(problems) > n_before:
            continue
        as_of = last_evening(moment, book.agenda)
        if as_of in ended:
            found = f"{ended[as_of]} ends on {as_of:%Y-%m-%d} too"
            remedy = "Correct one of the status dates, or delete one of the sheets."
            problems.append(Problem(period.file, None, "TP Status Date", found, "wanted another day", remedy))
        ended[as_of] = period.file.partition(", ")[2]
        for place, course in courses.items():
            own = {"project": book.project["project"], "milestone": book.activities[place]["milestone"]}
            cells = own | {"as_of": as_of.isoformat()} | course
            for date in {"actual_start", "actual_finish"} & course.keys():
                cells[date] = min(cells[date], cells["as_of"])
            rows.append(cells)
            numbers.append(book.plan.row_numbers[place])
    if problems:
        raise InputError(problems=list(dict.fromkeys(problems)))
    return table_of_cells(book.plan.file, rows, numbers)


def last_evening(moment: dt.datetime, agenda: Agenda) -> dt.date:
    """Find the last day that is over at a status date: a morning belongs to the day before.

    >>> from estimation.calendar.workdays import WorkCalendar
    >>> last_evening(dt.datetime(2026, 3, 10, 8), Agenda(WorkCalendar(), (8, 9, 10)))
    datetime.date(2026, 3, 9)
    """
    morning = moment.hour + moment.minute / 60 <= agenda.hours[0]
    return moment.date() - dt.timedelta(days=int(morning))
