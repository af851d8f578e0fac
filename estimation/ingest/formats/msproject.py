"""MS Project XML (MSPDI): baselines, actuals, links, calendars and notes become one row per task and baseline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from estimation.errors import Problem, refusal
from estimation.ingest.formats.msproject_calendar import read_calendars, read_moment
from estimation.ingest.formats.msproject_task import (
    MsProject,
    date_of,
    dates_of,
    days_of,
    links_of,
    money_of,
    number_of,
)
from estimation.ingest.formats.strict_xml import BrokenXmlError, Node, is_true, read_records
from estimation.ingest.phases import POOLED_PHASE, is_known_phase
from estimation.ingest.raw_table import RawTable, table_of_cells

SAVE_AS_XML = "In MS Project choose File, Save As, and the type 'XML Format (*.xml)'."
_NO_EARLIER, _MUST_START, _MUST_FINISH, _FINISH_NO_EARLIER = "4", "2", "3", "6"
_ROOT_FIELDS = (
    "Name",
    "Title",
    "StartDate",
    "StatusDate",
    "CalendarUID",
    "MinutesPerDay",
    "DefaultStartTime",
)
_SKIPPED = {
    "TimephasedData",
    "ExtendedAttribute",
    "OutlineCode",
    "WorkingTimes",
    "Rate",
    "AvailabilityPeriods",
}


def read_msproject(path: Path, *, kind: str = "history") -> RawTable:
    """Read the tasks of a file that MS Project saved as XML.

    What the file says is taken like this:

    - Tasks below which nothing stands make rows; summary tasks do not. ``milestone`` is the unique id of the task
      (it stays when rows move), ``row`` in messages is its number in the task list.
    - ``phase`` is the nearest summary task above it that names a known phase, else the outermost one that does not
      hold everything, else "work".
    - Baseline 0 is the first baseline (``baseline_version`` 1), Baseline 1 to 10 are the later ones. Interim plans
      are no baselines. In a history a task without a baseline, where others have one, is work added after it.
    - A plan without a baseline is planned by its current dates.
    - A finish at the hour at which the day begins was reached on the evening of the working day before.
    - Days are working time divided by the project's minutes per day; elapsed durations give no days, their dates
      speak. Lags are days likewise; elapsed lags count as the share of the week that is worked, a lag in percent is
      that share of the predecessor's duration.
    - ``project_start`` is the earliest start in the first baseline; the start of the file moves when it is replanned.
    - A deadline is ``promised_finish``. In a plan "start no earlier than" is ``not_before`` and "finish no earlier
      than" is ``fixed_finish``.
    - Inactive tasks are cancelled. Costs are hundredths of the currency in the file and whole units here.
    - ``owner`` is the one resource assigned, else the contact.
    - A history without any baseline is refused, because every ratio would be 1; a status without its date too.
    """
    project = _open(path)
    leaves, phases = _leaves(project)
    if kind == "history" and not any(_baselines(task) for task in leaves):
        found = "no task has a baseline"
        expected = "wanted the approved plan beside what happened; without it every overrun ratio would be 1"
        remedy = "In MS Project set the baseline before the work starts (Project, Set Baseline), or use it as a plan."
        raise refusal(project.file, found, expected, remedy, column="Baseline")
    if kind == "status" and not read_moment(project.fields.get("StatusDate", "")):
        found, expected = "no status date came", "wanted the day up to which the file tells the truth"
        remedy = "Set it in MS Project (Project, Status Date) and save again."
        raise refusal(project.file, found, expected, remedy, column="StatusDate")
    known = {task.get("UID"): task for task in leaves}
    summaries = {task.get("UID") for task in project.tasks} - known.keys()
    start = _project_start(project, leaves, kind)
    rows, numbers = [], []
    for n, task in enumerate(leaves):
        for cells in _rows_of(project, task, kind):
            cells |= {"phase": phases[n], "project_start": start}
            cells["depends_on"] = links_of(project, task, known, summaries)
            rows.append({name: " ".join(cell.split()) for name, cell in cells.items()})
            numbers.append(number_of(task))
    _note_calendars(project)
    return table_of_cells(project.file, rows, numbers, problems=project.problems, notes=project.notes)


def _open(path: Path) -> MsProject:
    project = MsProject(path.name)
    calendars: list[Node] = []
    tags = {"Task", "Calendar", "Resource", "Assignment", *_ROOT_FIELDS}
    try:
        with path.open("rb") as content:
            nodes = read_records(content, tags, _SKIPPED)
            root = next(nodes)
            if root.tag != "Project":
                found = f"it begins with <{root.tag[:40]}>, and MS Project's begins with <Project>"
                raise BrokenXmlError(found)
            for node in nodes:
                _keep(node, project, calendars)
    except (BrokenXmlError, StopIteration, OSError) as error:
        found = f"cannot be read as MS Project XML ({error or 'it is empty'})"
        raise refusal(path.name, found, "wanted a plan saved by MS Project as XML", SAVE_AS_XML) from None
    project.calendars = read_calendars(calendars)
    return project


def _keep(node: Node, project: MsProject, calendars: list[Node]) -> None:
    if node.tag == "Task":
        project.tasks.append(node)
    elif node.tag == "Calendar":
        calendars.append(node)
    elif node.tag == "Resource":
        project.resources[node.get("UID")] = node.get("Name")
    elif node.tag == "Assignment":
        project.assigned.setdefault(node.get("TaskUID"), []).append(node.get("ResourceUID"))
    elif node.depth == 2:
        project.fields.setdefault(node.tag, node.text.strip())


def _leaves(project: MsProject) -> tuple[list[Node], list[str]]:
    """Find the tasks below which nothing stands, and the phase of each."""
    tasks = [
        task
        for task in project.tasks
        if task.get("UID") not in ("", "0")
        and not is_true(task, "IsNull")
        and not is_true(task, "ExternalTask")
    ]
    if not tasks:
        raise refusal(project.file, "no tasks came", "wanted at least one", SAVE_AS_XML)
    leaves, above, paths = [], [], []
    for n, task in enumerate(tasks):
        level = _level(task)
        above = [one for one in above if _level(one) < level]
        has_children = n + 1 < len(tasks) and _level(tasks[n + 1]) > level
        if has_children or is_true(task, "Summary"):
            above.append(task)
        else:
            leaves.append(task)
            paths.append([one.get("Name") for one in above])
    if not leaves:
        raise refusal(project.file, "only summary tasks came", "wanted tasks", "Add the tasks below them.")
    roof = {path[0] if path else None for path in paths}
    common = len(roof) == 1 and None not in roof and all(len(path) > 1 for path in paths)
    return leaves, [_phase(path[1:] if common else path) for path in paths]


def _phase(path: Sequence[str]) -> str:
    known = next((name for name in reversed(path) if is_known_phase(name)), "")
    return known or next((name for name in path if name), POOLED_PHASE)


def _level(task: Node) -> int:
    text = task.get("OutlineLevel")
    return int(text) if text.isdecimal() and len(text) < 6 else 1


def _baselines(task: Node) -> dict[int, Node]:
    """Give the baselines of a task by their number; those without a finish are none."""
    return {
        int(node.get("Number") or 0): node
        for node in task.all("Baseline")
        if node.get("Finish") and not is_true(node, "Interim") and (node.get("Number") or "0").isdecimal()
    }


def _rows_of(project: MsProject, task: Node, kind: str) -> list[dict[str, str]]:
    common = _identity(project, task) | (_constraints(project, task) if kind == "plan" else {})
    course = _course(project, task)
    if kind == "status":
        status = read_moment(project.fields["StatusDate"])
        return [common | course | {"as_of": f"{status:%Y-%m-%d}"}]
    baselines = _baselines(task)
    if kind == "plan" and not baselines:
        return [common | _span(project, task, task, "")]
    if not baselines:
        return [common | course | {"added_after_baseline": "yes"}]
    return [
        common
        | course
        | _span(project, task, node, "baseline")
        | {"baseline_version": str(number + 1), "budget_cost": money_of(project, task, node, "Cost")}
        for number, node in sorted(baselines.items())
    ]


def _identity(project: MsProject, task: Node) -> dict[str, str]:
    fields = project.fields
    named = Path(fields.get("Name", "").replace("\\", "/")).name
    key = named.removesuffix(".mpp").removesuffix(".xml") or Path(project.file).stem
    resources = [project.resources.get(uid, "") for uid in project.assigned.get(task.get("UID"), ())]
    people = list(dict.fromkeys(filter(None, resources)))
    return {
        "project": key,
        "project_name": fields.get("Title", ""),
        "milestone": task.get("UID"),
        "name": task.get("Name"),
        "owner": people[0] if len(people) == 1 else task.get("Contact"),
        "notes": task.get("Notes"),
        "promised_finish": date_of(project, task, task, "Deadline"),
        "calendar": _calendar_text(project, task),
    }


def _project_start(project: MsProject, leaves: Sequence[Node], kind: str) -> str:
    """Find the planned start: the earliest of the first baseline; the file's own moves when it is replanned."""
    own = read_moment(project.fields.get("StartDate", ""))
    nodes = [node for task in leaves for _, node in sorted(_baselines(task).items())[:1]] or leaves
    starts = [moment for node in nodes if (moment := read_moment(node.get("Start")))]
    if own and (kind == "plan" or not starts):
        starts.append(own)
    return f"{min(starts):%Y-%m-%d}" if starts else ""


def _calendar_text(project: MsProject, task: Node) -> str:
    day = (read_moment(project.fields.get("StartDate", "")) or dt.datetime(2000, 1, 1)).date()
    return project.calendar(task).to_text(day - dt.timedelta(days=366), day + dt.timedelta(days=3660))


def _constraints(project: MsProject, task: Node) -> dict[str, str]:
    kind, date = task.get("ConstraintType"), date_of(project, task, task, "ConstraintDate")
    return {
        "not_before": date if kind in (_NO_EARLIER, _MUST_START) else "",
        "fixed_finish": date if kind in (_MUST_FINISH, _FINISH_NO_EARLIER) else "",
    }


def _span(project: MsProject, task: Node, node: Node, what: str) -> dict[str, str]:
    """Read start, finish and days of a baseline, or of the current plan."""
    days = days_of(project, task, node, "Duration", node.get("DurationFormat"))
    dates = dates_of(project, task, node, "Start", "Finish", "baseline")
    return dates | {"baseline_days": days if what else ""}


def _course(project: MsProject, task: Node) -> dict[str, str]:
    done = task.get("PercentComplete")
    dates = dates_of(project, task, task, "ActualStart", "ActualFinish", "actual")
    cells = {
        "actual_days": days_of(project, task, task, "ActualDuration", task.get("DurationFormat")),
        "percent_complete": f"{done}%" if done else "",
        "actual_cost": money_of(project, task, task, "ActualCost"),
        "closed_as": "cancelled" if task.get("Active") == "0" else "",
    }
    if not dates["actual_start"]:
        cells["actual_days"] = cells["actual_cost"] = ""
    return dates | cells


def _note_calendars(project: MsProject) -> None:
    for name in dict.fromkeys(name for one in project.calendars.values() for name in one.not_read):
        found = f"the calendar exception '{name[:80]}' came"
        expected = "it recurs or works in a way that is not read"
        remedy = "Add the days off to the column 'calendar' if they matter."
        project.notes.append(Problem(project.file, None, "Exception", found, expected, remedy))
