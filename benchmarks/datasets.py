"""Real data sets as overrun tables, each cut into forecasts that could have been made at the time.

Read where they lie and never copied. A ``Fold`` is one forecast date (or one project held out): the evidence that
was known, and the work that was forecast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from estimation import overrun_table, read_history
from estimation.calibration.observations import copies_of_plan
from estimation.calibration.overruns import ON_PLAN_WITHIN, OVERRUNS
from estimation.tables import keep_contract

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
FEWEST_ROWS = 30
"""Finished tasks before the first month of the SiP roll."""
FEWEST_PROJECTS = 15
"""Closed projects before the first forecast of the Kitchenham rolls."""
FIRST_FOLD = pd.Timestamp("2000-01-01")
"""Folds without a date of their own are numbered in days from here; the date has no meaning."""


@dataclass(frozen=True)
class Fold:
    """What was known, and what was forecast from it; both keep the OVERRUNS contract."""

    origin: pd.Timestamp
    past: pd.DataFrame
    targets: pd.DataFrame


@dataclass(frozen=True)
class DataSet:
    """One real data set: all its finished work, the folds cut from it, and ``how`` they were cut, for readers.

    ``table`` keeps the OVERRUNS contract. ``block`` names the column of the scored table whose values hang together:
    whole blocks are redrawn for the interval of a skill.
    """

    key: str
    title: str
    how: str
    block: str
    table: pd.DataFrame
    folds: tuple[Fold, ...]


def all_data_sets(data: Path) -> Iterator[DataSet]:
    """Read every data set in turn."""
    for read in (sip, kitchenham_effort, kitchenham_duration, cesaw, dslib):
        yield read(data)


def sip(data: Path) -> DataSet:
    """Tasks of a software company, forecast month by month from the tasks finished before the month."""
    tasks = overrun_table(read_history(data / "sip", mapping=ROOT / "data" / "mappings" / "sip.yaml"))
    # Hours of an open task are those at the end of the record; what they were in any month is not known.
    finished = tasks[~tasks["censored"].astype(bool)]
    return DataSet(
        "sip",
        "SiP tasks, monthly roll",
        "tasks finished in a month, from tasks finished before it; category as phase; the 1 % of tasks never "
        "closed are left out because their hours in that month are not known; the skill interval redraws months",
        "origin",
        finished,
        tuple(_monthly(finished)),
    )


def kitchenham_effort(data: Path) -> DataSet:
    """Effort of software projects against the first estimate."""
    projects = _kitchenham(data)
    table = _overruns(
        projects["Project"],
        projects["First.estimate"],
        projects["Actual.effort"],
        known_on=projects["finish"],
    )
    return DataSet(
        "kitchenham-effort",
        "Kitchenham effort",
        "each project from those closed before it started; hours against the first estimate; one phase",
        "project",
        table,
        tuple(_by_start(table, _starts(projects), running=False)),
    )


def kitchenham_duration(data: Path) -> DataSet:
    """Duration of software projects against the estimated completion date."""
    projects = _kitchenham(data)
    planned = (projects["Estimated.completion.date"] - projects["start"]).dt.days
    table = _overruns(projects["Project"], planned, projects["Actual.duration"], known_on=projects["finish"])
    return DataSet(
        "kitchenham-duration",
        "Kitchenham duration",
        "each project from those closed before it started, those running then counted as running; days against the "
        "estimated completion date; one phase",
        "project",
        table,
        tuple(_by_start(table, _starts(projects), running=True)),
    )


def cesaw(data: Path) -> DataSet:
    """Minutes of project x phase of twenty team software process projects, one project left out at a time."""
    tasks = pd.read_csv(data / "cesaw" / "CESAW_task_fact.csv.xz", na_values="\\N")
    finish = pd.to_datetime(tasks["task_actual_complete_date"], format="%m/%d/%Y %H:%M", errors="coerce")
    finish = finish.where(finish.dt.year >= 2000)  # a year 0016 stands in the record
    done = tasks.assign(finish=finish.dt.normalize())[finish.notna() & tasks["phase_short_name"].notna()]
    sums = done.groupby(["project_key", "phase_short_name"], as_index=False).agg(
        planned=("task_plan_time_minutes", "sum"),
        actual=("task_actual_time_minutes", "sum"),
        finish=("finish", "max"),
    )
    sums = sums[(sums["planned"] > 0) & (sums["actual"] > 0)]
    table = _overruns(
        sums["project_key"],
        sums["planned"],
        sums["actual"],
        known_on=sums["finish"],
        phase=sums["phase_short_name"],
    )
    return DataSet(
        "cesaw",
        "CESAW project x phase",
        "minutes of finished tasks added up per project and phase; each project from the 19 others, whatever their "
        "date",
        "project",
        table,
        tuple(_leave_out(table, table["project"])),
    )


def dslib(data: Path) -> DataSet:
    """Activities of 53 projects, one family of related projects left out at a time."""
    history = read_history(data / "dslib")
    table = overrun_table(history)
    table = table[~table["project"].isin(copies_of_plan(table))]
    names = history.drop_duplicates("project").set_index("project")["project_name"]
    family = table["project"].map(names.map(family_of))
    return DataSet(
        "dslib",
        "DSLIB activities",
        "each family of projects (same name, numbered in brackets) from all others, whatever their date; one phase; "
        "the project that copies its plan left out",
        "project",
        table,
        tuple(_leave_out(table, family)),
    )


def family_of(name: str) -> str:
    """Take the number in brackets off a project's name: numbered projects are related."""
    return re.sub(r"\s*\(\d+\)\s*$", "", name).strip().lower()


def _kitchenham(data: Path) -> pd.DataFrame:
    text = (data / "kitchenham" / "kitchenham.arff").read_text(encoding="utf-8-sig")
    head, _, body = text.partition("@data")
    names = re.findall(r"^@attribute\s+(\S+)", head, flags=re.MULTILINE)
    projects = pd.read_csv(StringIO(body.strip()), names=names, na_values="?", skipinitialspace=True)
    start = pd.to_datetime(projects["Actual.start.date"])
    return projects.assign(
        start=start,
        finish=start + pd.to_timedelta(projects["Actual.duration"], unit="D"),
        **{"Estimated.completion.date": pd.to_datetime(projects["Estimated.completion.date"])},
    )


def _starts(projects: pd.DataFrame) -> pd.Series:
    return projects.set_index(projects["Project"].astype(str))["start"]


def _overruns(project, planned, actual, *, known_on, phase="project") -> pd.DataFrame:
    """Make an overrun table of finished work; rows without a ratio are left out."""
    table = pd.DataFrame({"project": project.astype(str), "baseline_days": planned, "actual_days": actual})
    table = table.assign(phase=phase, known_on=known_on)
    table = table[(table["baseline_days"] > 0) & (table["actual_days"] > 0) & table["known_on"].notna()]
    ratio = table["actual_days"] / table["baseline_days"]
    table = table.assign(
        milestone=table["project"] + " " + table["phase"],
        overrun_ratio=ratio,
        on_plan=np.log(ratio).abs() <= ON_PLAN_WITHIN,
        censored=False,
    )
    return keep_contract(
        table.assign(estimate_days=table["baseline_days"]).reindex(columns=list(OVERRUNS)), OVERRUNS
    )


def _monthly(finished: pd.DataFrame) -> Iterator[Fold]:
    month = finished["known_on"].dt.to_period("M")
    for each in sorted(month.unique()):
        past = finished[month < each]
        if len(past) >= FEWEST_ROWS:
            yield Fold(each.to_timestamp(), past, finished[month == each])


def _by_start(table: pd.DataFrame, start: pd.Series, *, running: bool) -> Iterator[Fold]:
    """Forecast the projects that start on a day from those closed before it; ``start`` is indexed by project."""
    start = table["project"].map(start)
    for day in sorted(start.unique()):
        past = table[table["known_on"] < day]
        if len(past) < FEWEST_PROJECTS:
            continue
        if running:
            begun = table[(start < day) & (table["known_on"] >= day)]
            past = pd.concat([past, _running(begun, start.loc[begun.index], day)])
        yield Fold(pd.Timestamp(day), past, table[start == day])


def _running(begun: pd.DataFrame, start: pd.Series, day: pd.Timestamp) -> pd.DataFrame:
    """Show projects as they stood on a day: still running, at what they had taken."""
    elapsed = (day - start).dt.days.astype(float)
    return begun.assign(
        actual_days=elapsed,
        overrun_ratio=elapsed / begun["baseline_days"],
        on_plan=False,
        censored=True,
        known_on=day,
    )


def _leave_out(table: pd.DataFrame, group: pd.Series) -> Iterator[Fold]:
    for number, each in enumerate(dict.fromkeys(group)):
        held_out = group == each
        yield Fold(FIRST_FOLD + pd.Timedelta(days=number), table[~held_out], table[held_out])
