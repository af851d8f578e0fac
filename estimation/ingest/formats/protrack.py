"""ProTrack workbooks: baseline schedule, agenda and the last tracking period become one row per activity."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from python_calamine import CalamineWorkbook

from estimation.errors import InputError, Problem
from estimation.ingest.formats.excel import open_workbook
from estimation.ingest.formats.protrack_progress import PERIOD_COLUMNS, read_course, status_moment
from estimation.ingest.formats.protrack_sheet import EXPORT_AGAIN, ProtrackSheet, open_sheet, unique_ids
from estimation.ingest.formats.protrack_units import (
    Agenda,
    number_text,
    parse_duration,
    parse_moment,
    parse_number,
    parse_predecessors,
    read_agenda,
)
from estimation.ingest.phases import POOLED_PHASE
from estimation.ingest.raw_table import RawTable, table_of_cells

PROJECT_ID = "0"
BASELINE_COLUMNS = {
    "ID": True,
    "Name": True,
    "WBS": True,
    "Predecessors": True,
    "Baseline Start": True,
    "Baseline End": False,
    "Duration": True,
    "Total Cost": False,
}

_BASELINE_SHEET = re.compile(r"Baseline Schedule\s*\d*", re.IGNORECASE)
_PERIOD_SHEET = re.compile(r"(?:Project Control - )?TP\s*(\d+)", re.IGNORECASE)
_COMPANION_SHEETS = {"agenda", "risk analysis", "tracking overview"}
_PROJECT_CODE = re.compile(r"(?P<code>C\d{4}-\d+)(?:\s+(?P<name>.*))?")


def is_protrack(sheet_names: Sequence[str]) -> bool:
    """Recognise a ProTrack workbook by its sheets.

    It has a baseline schedule or a tracking period, and with it the other of the two, an agenda, a risk analysis
    or a tracking overview.

    >>> is_protrack(["Baseline Schedule", "Resources", "Agenda"]), is_protrack(["Agenda", "Resources"])
    (True, False)
    """
    names = [name.strip() for name in sheet_names]
    has_plan, has_course = (any(map(sheet.fullmatch, names)) for sheet in (_BASELINE_SHEET, _PERIOD_SHEET))
    companions = _COMPANION_SHEETS & set(map(str.casefold, names))
    return (has_plan or has_course) and has_plan + has_course + len(companions) >= 2


def read_protrack(path: Path) -> RawTable:
    """Read the activities of a ProTrack workbook: what was planned, and how it went by the last tracking period.

    Only activities make rows; the project itself and its work packages, which the WBS code tells, do not. What
    the workbook says is taken like this:

    - A day is the project's own working day: hours are divided by the hours per day of the sheet 'Agenda', a
      week is as many days as the project works in one. A duration without a unit is days.
    - ``phase`` is the name of the work package right above the activity; an activity right below the project,
      or below a code that has no row, counts as "work".
    - ``depends_on`` comes from the column Predecessors; Successors says the same and is not read.
    - An activity is finished when it is 100 % complete in the last tracking period. Its ``actual_finish`` is its
      start plus its duration on the project's calendar, from the hour at which it started, even where that lies
      after the status date. An activity under way has its days so far and no finish.
    - An activity without duration that starts at the beginning of a day is dated on the evening of the working
      day before, start and finish: that is the same moment, and Baseline End says so too. The first of a project
      may so stand a day before ``project_start``, which is the earliest Baseline Start as written.
    - A share of work done above 1 counts as 1; from 2 upwards it is refused, because it may be in percent.
    - An id that comes again gets the count behind it, in sheet order: the second 7 is "7-2". Nothing may depend
      on such an id, because nobody knows which of the two is meant.
    - Without Baseline End the finish is the start plus the duration; without cost columns costs stay empty.
    - A workbook without a tracking period is a plan: the columns of the course stay empty.
    - A code at the beginning of the file's name ("C2013-14") becomes the project, else the whole name.
    """
    book = open_protrack(path, lambda periods: periods[-1:], PERIOD_COLUMNS)
    plan, activities = book.plan, book.activities
    courses, status_date = {}, None
    for period in book.periods:
        courses, status_date = read_course(book, period), status_moment(period)
    if plan.problems:
        raise InputError(problems=plan.problems)
    starts: list = [plan.read(place, "Baseline Start", parse_moment) for place in activities]
    whole_project: dict = dict(book.project) | {
        "project_start": min(starts).date().isoformat(),
        "baseline_version": "1",
        "calendar": book.agenda.calendar.to_text(),
        "updated_on": status_date.date().isoformat() if status_date else "",
    }
    cells = [whole_project | row | courses.get(place, {}) for place, row in activities.items()]
    return table_of_cells(plan.file, cells, [plan.row_numbers[place] for place in activities])


@dataclass(frozen=True)
class ProtrackBook:
    """A ProTrack workbook with its sheets opened; cells that cannot be read grow ``plan.problems``.

    Parameters
    ----------
    project : mapping with ``project`` and ``project_name``
    plan : ProtrackSheet
        The baseline schedule.
    ids : sequence of str
        Ids of all its rows, work packages included.
    activities : mapping of int to mapping of str to str
        The texts of each activity by column of the history table, at its place in the baseline schedule.
    periods : tuple of ProtrackSheet
        Tracking periods in the order of their numbers.
    agenda : Agenda
    """

    project: Mapping[str, str]
    plan: ProtrackSheet
    ids: Sequence[str]
    activities: Mapping[int, Mapping[str, str]]
    periods: tuple[ProtrackSheet, ...]
    agenda: Agenda


def open_protrack(
    path: Path, choose: Callable[[Sequence[str]], Sequence[str]], columns: Mapping[str, bool]
) -> ProtrackBook:
    """Open a ProTrack workbook: its plan, its agenda, and of its tracking periods those that ``choose`` returns.

    ``choose`` is given the names of all their sheets in the order of their numbers; ``columns`` are those wanted of
    a period, and whether each must be there.
    """
    book = open_workbook(path)
    problems: list[Problem] = []
    plan = open_sheet(path, book, _baseline_sheet(path, book), BASELINE_COLUMNS, problems)
    agenda = _agenda(path, book, problems)
    matched = {name: _PERIOD_SHEET.fullmatch(name.strip()) for name in book.sheet_names}
    numbered = {int(found[1]): name for name, found in matched.items() if found}
    names = [numbered[number] for number in sorted(numbered)]
    periods = [open_sheet(path, book, name, columns, problems) for name in choose(names)]
    if plan is None or agenda is None or problems:
        raise InputError(problems=problems)
    ids = unique_ids(plan)
    activities = _activities(plan, ids, agenda)
    return ProtrackBook(_name_project(path, plan), plan, ids, activities, tuple(periods), agenda)


def _baseline_sheet(path: Path, book: CalamineWorkbook) -> str:
    names = [name for name in book.sheet_names if _BASELINE_SHEET.fullmatch(name.strip())]
    if len(names) != 1:
        raise InputError(
            f"{path.name}: has {'no' if not names else 'more than one'} sheet 'Baseline Schedule'; it has "
            f"{', '.join(book.sheet_names)}. Wanted the plan on one sheet of that name. {EXPORT_AGAIN}"
        )
    return names[0]


def _agenda(path: Path, book: CalamineWorkbook, problems: list[Problem]) -> Agenda | None:
    name = next((name for name in book.sheet_names if name.strip().casefold() == "agenda"), None)
    if name is None:
        found = f"no sheet 'Agenda' came, it has {', '.join(book.sheet_names)}"
        expected = "wanted the working hours, working days and holidays of the project"
        problems.append(Problem(path.name, None, "", found, expected, EXPORT_AGAIN))
        return None
    grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return read_agenda(grid, f"{path.name}, sheet '{name}'", problems)


def _name_project(path: Path, plan: ProtrackSheet) -> dict[str, str]:
    """Take the project's id from the file name and its name from the project's row."""
    found = _PROJECT_CODE.fullmatch(path.stem)
    place = _project_place(plan)
    name = plan.text(place, "Name") if place is not None else ""
    code = found["code"] if found else path.stem
    return {"project": code, "project_name": name or (found and found["name"]) or code}


def _project_place(plan: ProtrackSheet) -> int | None:
    """Find the row of the project itself: id 0, else the only row at the top of the WBS."""
    places = range(len(plan.rows))
    zeros = [place for place in places if plan.text(place, "ID") == PROJECT_ID]
    tops = [place for place in places if "." not in plan.text(place, "WBS")]
    return next(iter(zeros or (tops if len(tops) == 1 < len(places) else [])), None)


def _activities(plan: ProtrackSheet, ids: Sequence[str], agenda: Agenda) -> dict[int, dict[str, str]]:
    """Read what was planned: the texts of each activity by column, at its place in the sheet."""
    project = _project_place(plan)
    codes = [plan.text(place, "WBS") for place in range(len(ids))]
    above = {code[:end] for code in codes for end, mark in enumerate(code) if mark == "."}
    packages = {
        code: plan.text(place, "Name")
        for place, code in enumerate(codes)
        if code in above and place != project
    }
    places = [place for place, code in enumerate(codes) if code not in above and place != project]
    if not places:
        found = "only the project and work packages came"
        plan.problems.append(Problem(plan.file, None, "WBS", found, "wanted activities", EXPORT_AGAIN))
    for place in places:
        if not codes[place]:
            plan.refuse(place, "WBS", "wanted a code such as 1.2.1", "Fill the cell or delete the row.")
    written = Counter(plan.text(place, "ID") for place in range(len(ids)))
    namesakes = {own for own, count in written.items() if count > 1}
    known = {ids[place] for place in places}
    return {
        place: {
            "milestone": ids[place],
            "name": plan.text(place, "Name"),
            "phase": packages.get(codes[place].rpartition(".")[0]) or POOLED_PHASE,
            "depends_on": _depends_on(plan, place, agenda, known, namesakes),
        }
        | _baseline(plan, place, agenda)
        for place in places
    }


def _depends_on(plan: ProtrackSheet, place: int, agenda: Agenda, known: set[str], namesakes: set[str]) -> str:
    """Write the predecessors of an activity the way the history table does."""
    links = plan.read(place, "Predecessors", partial(parse_predecessors, agenda=agenda)) or []
    for link in links:
        if link.milestone in namesakes:
            expected = f"wanted ids that one row has, and {link.milestone} comes more than once"
            plan.refuse(place, "Predecessors", expected, "Give each row an id of its own.")
        elif link.milestone not in known:
            expected = f"wanted ids of activities, and {link.milestone} is none"
            plan.refuse(place, "Predecessors", expected, "Name an activity, or remove the link.")
    return "; ".join(str(link) for link in links)


def _baseline(plan: ProtrackSheet, place: int, agenda: Agenda) -> dict[str, str]:
    start = plan.read(place, "Baseline Start", parse_moment)
    days = plan.read(place, "Duration", partial(parse_duration, agenda=agenda))
    end = plan.read_filled(place, "Baseline End", parse_moment)
    cost = plan.read_filled(place, "Total Cost", parse_number)
    if start is None or days is None:
        return {}
    finish = end.date() if end else agenda.finish(start, days)
    return {
        "baseline_start": (start.date() if days else min(start.date(), finish)).isoformat(),
        "baseline_finish": finish.isoformat(),
        "baseline_days": number_text(days),
        "budget_cost": number_text(cost),
    }
