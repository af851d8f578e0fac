"""The fields of a task in MS Project XML: moments, durations, money and links, as the milestone table has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from estimation.errors import Problem
from estimation.ingest.formats.msproject_calendar import ProjectCalendar, read_minutes, read_moment
from estimation.ingest.formats.strict_xml import Node, is_true
from estimation.project.links import Dependency

_LINK_KINDS = {"0": "FF", "1": "FS", "2": "SF", "3": "SS"}
_ELAPSED = {4, 6, 8, 10, 12, 20}
_PERCENT = {19, 20}
_ESTIMATED = 32
"""Formats of durations that are marked as estimated, with a question mark, are these numbers higher."""


@dataclass
class MsProject:
    """The parts of a file that tasks refer to."""

    file: str
    fields: dict[str, str] = field(default_factory=dict)
    tasks: list[Node] = field(default_factory=list)
    calendars: dict[str, ProjectCalendar] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def minutes_per_day(self) -> float:
        """Working minutes of a day, by which durations are divided."""
        text = self.fields.get("MinutesPerDay", "")
        return float(text) if text.isdecimal() and 0 < len(text) < 5 and int(text) else 480.0

    @property
    def day_start(self) -> dt.time:
        """The hour at which a day begins."""
        moment = read_moment(f"2000-01-01T{self.fields.get('DefaultStartTime') or '08:00:00'}")
        return moment.time() if moment else dt.time(8)

    def calendar(self, task: Node) -> ProjectCalendar:
        """Give the calendar of a task: its own, else the project's, else Monday to Friday."""
        own = self.calendars.get(task.get("CalendarUID"))
        return own or self.calendars.get(self.fields.get("CalendarUID", "")) or ProjectCalendar()


def number_of(task: Node) -> int:
    """Give the number of a task in the task list, for messages."""
    text = task.get("ID") or task.get("UID")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def dates_of(
    project: MsProject, task: Node, node: Node, start: str, finish: str, name: str
) -> dict[str, str]:
    """Read a start and a finish as the columns ``name_start`` and ``name_finish``."""
    begun, ended = date_of(project, task, node, start), date_of(project, task, node, finish)
    if begun and ended and ended < begun and read_moment(node.get(start)) == read_moment(node.get(finish)):
        begun = ended  # no duration: the same moment, on the evening before
    return {f"{name}_start": begun, f"{name}_finish": ended}


def date_of(project: MsProject, task: Node, node: Node, tag: str) -> str:
    """Read a date as ISO text; a finish or deadline is an evening. What cannot be read becomes a problem."""
    moment = read_moment(node.get(tag))
    if moment is None:
        if node.get(tag) not in ("", "NA"):
            _refuse(project, task, node, tag, "wanted a date and time such as 2026-03-02T08:00:00")
        return ""
    ends = tag.endswith("Finish") or tag == "Deadline"
    day = project.calendar(task).evening_of(moment, project.day_start) if ends else moment.date()
    return day.isoformat()


def days_of(project: MsProject, task: Node, node: Node, tag: str, form: str) -> str:
    """Read a duration as days; an elapsed one has none."""
    number = int(form) if form.isdecimal() and len(form) < 4 else 7
    if number - _ESTIMATED * (number > _ESTIMATED) in _ELAPSED or not node.get(tag):
        return ""
    minutes = read_minutes(node.get(tag))
    if minutes is None:
        _refuse(project, task, node, tag, "wanted a duration such as PT40H0M0S")
        return ""
    return f"{minutes / project.minutes_per_day:.10g}"


def money_of(project: MsProject, task: Node, node: Node, tag: str) -> str:
    """Read an amount of money, hundredths in the file."""
    try:
        return f"{float(node.get(tag)) / 100:.10g}" if node.get(tag) else ""
    except ValueError:
        _refuse(project, task, node, tag, "wanted a number")
        return ""


def _refuse(project: MsProject, task: Node, node: Node, tag: str, expected: str) -> None:
    """Add a field that cannot be read to the problems, once."""
    found, remedy = f"'{node.get(tag)[:40]}' came", "Correct the task and save again."
    problem = Problem(project.file, number_of(task), tag, found, expected, remedy)
    if problem not in project.problems:
        project.problems.append(problem)


def links_of(project: MsProject, task: Node, known: Mapping[str, Node], summaries: Collection[str]) -> str:
    """Write the links of a task; a link to a summary task or to another project is left out with a note."""
    links = []
    for link in task.all("PredecessorLink"):
        uid = link.get("PredecessorUID")
        if is_true(link, "CrossProject") or uid not in known:
            why = "a summary task" if uid in summaries else "a task outside this project"
            _note(project, task, "PredecessorLink", f"a link to {why} came", "it is left out")
            continue
        lag = round(_lag(project, task, link, known[uid]), 6)
        links.append(str(Dependency(uid, _LINK_KINDS.get(link.get("Type") or "1", "FS"), lag)))
    return "; ".join(links)


def _lag(project: MsProject, task: Node, link: Node, predecessor: Node) -> float:
    """Read a lag as working days."""
    amount, form = link.get("LinkLag") or "0", link.get("LagFormat")
    try:
        tenths, number = float(amount), int(form) if form else 7
    except ValueError:
        _note(project, task, "LinkLag", f"'{amount[:20]}' came, which is no lag", "it counts as none")
        return 0.0
    number -= _ESTIMATED * (number > _ESTIMATED)
    if number in _PERCENT:
        minutes = read_minutes(predecessor.get("Duration")) or 0.0
        return tenths / 100 * minutes / project.minutes_per_day
    if number in _ELAPSED and tenths:
        expected = "it counts as the days worked in it on average"
        _note(project, task, "LinkLag", "an elapsed lag came", expected)
        return tenths / 10 / 1440 * project.calendar(task).week.count("1") / 7
    return tenths / 10 / project.minutes_per_day


def _note(project: MsProject, task: Node, tag: str, found: str, expected: str) -> None:
    remedy = f"Look at task '{task.get('Name')[:60]}' if that matters."
    project.notes.append(Problem(project.file, number_of(task), tag, found, expected, remedy))
