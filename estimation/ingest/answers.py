"""What a person answers about a table: what became of its silent projects, and which far dates are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.errors import Problem, did_you_mean
from estimation.ingest.conversion import shown
from estimation.ingest.mapping import TableMapping
from estimation.ingest.row_checks import Rows
from estimation.ingest.spelling import as_yaml
from estimation.project.closing import is_over
from estimation.project.statuses import Closed

FAR_DAYS, FAR_PLANS = 366, 3
"""A date further from the rest of its project than a year and so many lengths of its plan is rather mistyped."""
PLANNED = ("project_start", "baseline_start", "baseline_finish")
DATES = (*PLANNED, "fixed_finish", "promised_finish", "actual_start", "actual_finish", "forecast_finish")
_CONFIRMED = re.compile(r"confirmed (\d{4}-\d{2}-\d{2})", re.IGNORECASE)


def with_answers(history: pd.DataFrame, mapping: TableMapping) -> pd.DataFrame:
    """Write what a mapping file says of projects into their rows that are not over: ``closed_as``.

    There it stands in the clean table and the ledger, so that every later fit honours it. What the file itself says in
    ``closed_as`` counts first.
    """
    words = mapping.closed_as | dict.fromkeys(mapping.keep_running, Closed.RUNNING.value)
    if not words:
        return history
    settled = is_over(history) | history["closed_as"].notna()
    settled = settled.groupby([history["project"], history["milestone"]]).transform(
        "any"
    )  # in any of its baselines
    said = history["project"].map(words).where(~settled)
    return history.assign(closed_as=history["closed_as"].fillna(said).astype("str"))


def unknown_projects(projects: set[str], mapping: TableMapping) -> list[Problem]:
    """Name the projects of which a mapping file says something and no file has a row."""
    return [
        Problem("mapping", None, key, f"'{name}' came", "there is no such project", remedy)
        for key in ("closed_as", "keep_running", "confirmed_dates")
        for name in getattr(mapping, key)
        if name not in projects
        for remedy in [did_you_mean(name, projects, "Correct the id, or remove the line.")]
    ]


@dataclass(frozen=True)
class FarDate:
    """A date far from all others of its project: its row, its column, what the others say."""

    place: int
    column: str
    value: pd.Timestamp
    project: str
    first: pd.Timestamp
    last: pd.Timestamp


def far_dates(
    table: pd.DataFrame, rows: Rows, confirmed: Mapping[str, list[str]]
) -> Iterator[tuple[FarDate, bool]]:
    """Find dates far from the rest of their project, and whether somebody confirmed them.

    Far is more than a year and three times the plan's length (first to last planned date) away from more than half of
    its dates, which are those of two milestones at least. Confirmed is what the mapping file lists, and what the notes
    of the row call "confirmed 2031-04-01".
    """
    dates = table[[name for name in DATES if name in rows.columns]]
    if not {"baseline_finish", "baseline_start"} & {*dates}:
        return
    project = table["project"]
    spread = dates.max(axis=1).groupby(project).max() - dates.min(axis=1).groupby(project).min()
    wide = spread.index[spread.dt.days > FAR_DAYS]
    for name, own in dates[project.isin(wide)].groupby(project, sort=False):
        notes = table.loc[own.index, "notes"] if "notes" in rows.columns else pd.Series(dtype="str")
        right = {*confirmed.get(name, ()), *notes.dropna().str.findall(_CONFIRMED).explode().dropna()}
        cells = own.reset_index(names="place").melt("place", var_name="column").dropna()
        cells = cells.sort_values("value", kind="stable").reset_index(drop=True)
        said = cells["value"].dt.strftime("%Y-%m-%d").isin(right)
        rest = _without_far(cells[~said])
        if rest["place"].nunique() < 2 or len(rest) <= len(cells) / 2:
            continue  # no two sides of which one is plainly the project
        first, last = rest["value"].iloc[0], rest["value"].iloc[-1]
        away = np.maximum((first - cells["value"]).dt.days, (cells["value"] - last).dt.days)
        far = away > FAR_DAYS + FAR_PLANS * _planned_days(rest)
        for cell, is_confirmed in zip(cells[far].itertuples(), said[far], strict=True):
            yield FarDate(cell.place, cell.column, cell.value, name, first, last), bool(is_confirmed)


def far_problems(
    table: pd.DataFrame, rows: Rows, confirmed: Mapping[str, list[str]]
) -> tuple[list[Problem], list[Problem]]:
    """Refuse far dates, each at its place with what the rest says and how to confirm it; mention those confirmed."""
    refused, mentioned = [], []
    for far, is_confirmed in far_dates(table, rows, confirmed):
        day, others = f"{far.value:%Y-%m-%d}", f"between {far.first:%Y-%m-%d} and {far.last:%Y-%m-%d}"
        expected = f"all other dates of project '{shown(far.project)}' lie {others}"
        remedy = "It was confirmed, and taken as it stands."
        if not is_confirmed:
            say = as_yaml({far.project: [day]})
            remedy = (
                f"Correct it; if it is right, say so in a mapping file, confirmed_dates: {say}, or in the notes of the "
                f"row: confirmed {day}."
            )
        problem = rows.problem(far.place, far.column, f"{day} came", expected, remedy)
        (mentioned if is_confirmed else refused).append(problem)
    return refused, mentioned


def _planned_days(cells: pd.DataFrame) -> int:
    """Measure the plan from its first to its last date. [calendar days]."""
    planned = cells.loc[cells["column"].isin(PLANNED), "value"]
    return (planned.max() - planned.min()).days if len(planned) else 0


def _without_far(cells: pd.DataFrame) -> pd.DataFrame:
    """Cut off, at the widest gap between sorted dates, the smaller side, as long as the gap is too wide."""
    while len(cells) > 1:
        gaps = cells["value"].diff().dt.days.fillna(0).to_numpy()
        cut = int(np.argmax(gaps))
        sides = cells.iloc[:cut], cells.iloc[cut:]
        kept = max(sides, key=lambda side: (len(side), side["column"].isin(PLANNED).sum()))
        if gaps[cut] <= FAR_DAYS + FAR_PLANS * _planned_days(kept):
            break
        cells = kept
    return cells
