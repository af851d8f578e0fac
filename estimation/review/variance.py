"""The variance review of a closed project: where the days went, milestone by milestone, without remainder."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calibration.durations import project_calendar
from estimation.errors import InputError
from estimation.project.amounts import list_few, milestone_label
from estimation.project.closing import is_finished, is_over
from estimation.project.statuses import worst_colour
from estimation.tables import IDENTITY, MOVES, Column, Contract, keep_contract, rows_table
from estimation.tracking.counterfactual import as_built
from estimation.tracking.slip_parts import split_slips

REPORTED: Contract = {
    "week": Column.count("number of the status date, the first is 1"),
    "as_of": Column.date("status date"),
    "reported_status": Column.text("worst colour reported for any milestone"),
    "n_overdue": Column.count("milestones past their planned date and unfinished"),
    "days_overdue": Column.days("how far the worst of them is past it", least=0),
    "overdue": Column.text("which they are, with a semicolon between"),
}

CAUSES: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "cause": MOVES["cause"],
    "cause_note": MOVES["cause_note"],
    "own_slip_days": Column.days("days lost by this milestone itself, inherited ones left out"),
}

UNCODED = "no cause recorded"


def variance_table(history: pd.DataFrame, project: str) -> pd.DataFrame:
    """Split the slip of each milestone of one project into where it came from.

    ``slip = inherited + start delay + waiting + added scope + estimate error``, exactly, in working days:

    - inherited: predecessors finished late (early ones make it negative), so that the work could not start;
    - start delay: the work could have started and did not;
    - waiting: recorded ``waiting_days``, standing still for someone outside;
    - added scope: work that no baseline knew takes its whole duration;
    - estimate error: what is left of actual minus planned own duration.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    project : str
        Id of a project in it.

    Returns
    -------
    DataFrame keeping the VARIANCE contract, one row per milestone in the order of the table
        Parts are NaN where a date is missing; an added milestone has no baseline and no slip, its days stand
        under ``added_scope_days``.

    Raises
    ------
    InputError
        If the project is not in the table; the message names those that are.
    """
    rows = project_rows(history, project)
    return split_slips(rows, as_built(rows))


def cause_table(variance: pd.DataFrame) -> pd.DataFrame:
    """Add up the days each milestone lost or won by itself under the cause recorded for it, most days first (CAUSES).

    Own days are start delay, waiting, added scope and estimate error; inherited days are left out, because
    they stand at the milestone that caused them.
    """
    moved = variance.assign(cause=variance["cause"].fillna(UNCODED))[variance["own_slip_days"] != 0]
    return keep_contract(moved.sort_values("own_slip_days", ascending=False, kind="stable"), CAUSES)


def project_slip(history: pd.DataFrame, project: str) -> dict[str, object]:
    """Sum up one closed project: planned and actual finish, slip, planned and actual duration in working days."""
    rows = project_rows(history, project)
    built, names = as_built(rows), rows["project_name"].dropna()
    variance = split_slips(rows, built)
    planned = np.nanmax(built.planned_evening) - np.nanmin(built.planned_morning)
    return {
        "project_name": names.iloc[0] if len(names) else project,
        "baseline_finish": variance["baseline_finish"].max(),
        "actual_finish": variance["actual_finish"].where(is_finished(rows)).max(),
        "slip_days": int(built.slip),
        "baseline_days": int(planned),
        "actual_days": int(np.nanmax(built.actual_evening) - np.nanmin(built.actual_morning)),
    }


def project_rows(history: pd.DataFrame, project: str) -> pd.DataFrame:
    """Take the rows of one closed project; refuse one that is unknown, has open milestones, or finished none."""
    rows = history[history["project"] == project].reset_index(drop=True)
    if rows.empty:
        known = list_few(sorted(history["project"].unique()), 8)
        raise InputError(f"There is no project '{project}' in the history; it has {known}.")
    done = is_finished(rows)
    open_rows = rows[~is_over(rows)]
    if len(open_rows):
        raise InputError(
            f"Project '{project}' is not closed: there is no actual_finish for milestone "
            f"{list_few(list(open_rows['milestone']), 5)}. Fill it in, or mark it closed_as = cancelled."
        )
    if not done.any():
        raise InputError(
            f"Project '{project}' was cancelled: no milestone was finished, so there is no slip to explain. "
            "Review a project that delivered something."
        )
    return rows


def reported_by_week(history: pd.DataFrame, project: str, status: pd.DataFrame) -> pd.DataFrame:
    """Set what was reported each week beside what the same week's dates already said (REPORTED)."""
    calendar = project_calendar(project_rows(history, project))
    ends = variance_table(history, project).set_index("milestone")
    weeks = status[status["project"] == project].groupby("as_of", sort=True)
    rows = []
    for number, (day, week) in enumerate(weeks, start=1):
        finished = ends["actual_finish"] <= day
        overdue = ends.index[(ends["baseline_finish"] < day) & ~finished]
        late_by = calendar.slip(ends.loc[overdue, "baseline_finish"], [day] * len(overdue))
        rows.append(
            {
                "week": number,
                "as_of": day,
                "reported_status": worst_colour(week["reported_status"]),
                "n_overdue": len(overdue),
                "days_overdue": float(np.max(late_by, initial=0.0)),
                "overdue": "; ".join(milestone_label(*each) for each in ends.loc[overdue, "name"].items()),
            }
        )
    return rows_table(rows, REPORTED)
