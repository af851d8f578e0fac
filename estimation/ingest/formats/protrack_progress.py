"""How the activities of a ProTrack workbook stood in a tracking period."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from estimation.errors import Problem
from estimation.ingest.formats.protrack_sheet import EXPORT_AGAIN, ProtrackSheet, unique_ids
from estimation.ingest.formats.protrack_units import (
    Agenda,
    number_text,
    parse_duration,
    parse_moment,
    parse_number,
    parse_share,
    plain_text,
    read_cell,
)

if TYPE_CHECKING:
    from estimation.ingest.formats.protrack import ProtrackBook

PERIOD_COLUMNS = {
    "ID": True,
    "Name": True,
    "Actual Start": True,
    "Actual Duration": True,
    "Percentage Completed": True,
    "Actual Cost": False,
}
STATUS_COLUMNS = PERIOD_COLUMNS | {"Remaining Duration": False}
STATUS_DATE = "TP Status Date"


def read_course(book: ProtrackBook, period: ProtrackSheet) -> dict[int, dict[str, str]]:
    """Read how each activity stood in a tracking period, as texts by column of the history table at the same places.

    The two sheets are matched by id. What cannot be read grows the period's problems.
    """
    period_ids, courses = unique_ids(period), {}
    for place, own in enumerate(period_ids):
        if own not in book.ids:
            remedy = "Add the row to the baseline schedule, or delete it here."
            period.refuse(place, "ID", "wanted an id that the baseline schedule has", remedy)
    for place, activity in book.activities.items():
        if activity["milestone"] not in period_ids:
            expected = f"wanted an id that {period.file} has too"
            book.plan.refuse(place, "ID", expected, "Add the activity there.")
            continue
        at = period_ids.index(activity["milestone"])
        if period.text(at, "Name") not in ("", activity["name"]):
            expected = (
                f"wanted '{activity['name']}', which is {activity['milestone']} in the baseline schedule"
            )
            period.refuse(at, "Name", expected, "Correct the id or the name.")
        courses[place] = _course(period, at, book.agenda)
    return courses


def status_moment(period: ProtrackSheet) -> dt.datetime | None:
    """Find the status date of a tracking period with its time of day; None, and a problem, without one."""
    for number, row in enumerate(period.title_rows, start=1):
        texts = [plain_text(cell) for cell in row]
        if STATUS_DATE in texts[:-1]:
            at = period.file, number, STATUS_DATE
            return read_cell(row[texts.index(STATUS_DATE) + 1], parse_moment, at, period.problems)
    expected = f"wanted the words '{STATUS_DATE}' with the date beside them"
    found = "no status date above the headers"
    period.problems.append(Problem(period.file, None, STATUS_DATE, found, expected, EXPORT_AGAIN))
    return None


def _course(period: ProtrackSheet, place: int, agenda: Agenda) -> dict[str, str]:
    share = period.read_filled(place, "Percentage Completed", parse_share)
    cost = period.read_filled(place, "Actual Cost", parse_number)
    remaining = period.read_filled(place, "Remaining Duration", partial(parse_duration, agenda=agenda))
    course = {
        "percent_complete": number_text(share),
        "actual_cost": number_text(cost),
        "remaining_days": number_text(remaining),
    }
    if not period.text(place, "Actual Start"):
        if share:
            expected = f"wanted the date on which work started that is {share:.0%} complete"
            period.refuse(place, "Actual Start", expected, "Fill the cell.")
        return course
    start = period.read(place, "Actual Start", parse_moment)
    days = period.read(place, "Actual Duration", partial(parse_duration, agenda=agenda))
    if not period.text(place, "Percentage Completed"):
        expected = "wanted how much of the work that has started is done, 0 to 1"
        period.refuse(place, "Percentage Completed", expected, "Fill the cell.")
    if start is None or days is None:
        return course
    course |= {"actual_start": start.date().isoformat(), "actual_days": number_text(days)}
    if share == 1:
        finish = agenda.finish(start, days)
        course |= {"actual_finish": finish.isoformat(), "closed_as": "delivered"}
        course["actual_start"] = min(start.date(), finish).isoformat()
    return course
