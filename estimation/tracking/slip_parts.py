"""The parts of each milestone's slip, which add up to it without remainder."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calibration.durations import project_calendar
from estimation.project.closing import is_added
from estimation.project.network import NOISE
from estimation.project.standing import Standing
from estimation.project.statuses import Closed
from estimation.tables import BASELINE, COURSE, HISTORY, IDENTITY, MOVES, Column, Contract, keep_contract
from estimation.tracking.counterfactual import AsBuilt, as_built

VARIANCE: Contract = {
    "project": IDENTITY["project"],
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "baseline_start": Column.date("morning on which own work was planned to start"),
    "baseline_finish": BASELINE["baseline_finish"],
    "actual_start": Column.date("morning on which own work started"),
    "actual_finish": COURSE["actual_finish"],
    "baseline_days": Column.days("own working days in the baseline"),
    "actual_days": Column.days("own working days it took"),
    "slip_days": Column.days("finish minus baseline finish, late is positive"),
    "inherited_days": Column.days("slip from predecessors that finished late"),
    "start_delay_days": Column.days("work could have started and did not"),
    "waiting_days": Column.days("standing still for someone outside"),
    "added_scope_days": Column.days("work that no baseline knew"),
    "estimate_error_days": Column.days("the rest: the estimate was wrong"),
    "own_slip_days": Column.days("days lost by this milestone itself: all parts but the inherited one"),
    "cause": MOVES["cause"],
    "cause_note": MOVES["cause_note"],
}


def split_slips(rows: pd.DataFrame, built: AsBuilt) -> pd.DataFrame:
    """Split the slips of one project whose as-built schedule is known, see ``variance_table``."""
    own, calendar, added = built.own, project_calendar(rows), is_added(rows)
    dated = rows[["project_start", "baseline_finish", "actual_finish"]].notna().any(axis=None)
    shown = own if dated else own * np.nan  # work that has days only is laid out on days of nobody's calendar
    longer, slip = pd.Series(built.longer), own["actual_evening"] - own["baseline_evening"]
    taken = own["actual_evening"] - own["actual_morning"]
    waiting = rows["waiting_days"].fillna(0.0).where(longer.notna())
    added_days = taken.where(added, 0.0).where(added | longer.notna())
    start_delay, estimate_error = pd.Series(built.start_delay), longer - waiting
    table = rows.assign(
        baseline_start=calendar.morning_dates(shown["baseline_morning"]),
        baseline_finish=calendar.evening_dates(shown["baseline_evening"]),
        actual_start=calendar.morning_dates(shown["actual_morning"]),
        baseline_days=own["baseline_own_days"],
        actual_days=own["actual_own_days"],
        slip_days=slip,
        inherited_days=built.inherited,
        start_delay_days=start_delay,
        waiting_days=waiting,
        added_scope_days=added_days,
        estimate_error_days=estimate_error,
        own_slip_days=sum(part.fillna(0.0) for part in (start_delay, waiting, added_days, estimate_error)),
    )
    return keep_contract(table, VARIANCE)


def inherited_days(standing: Standing) -> np.ndarray:
    """The part of each expected slip that predecessors hand down, as if what is expected had happened.

    Split as for a closed project, in whole days: between the dates that are shown. NaN where there is no slip.
    """
    course = standing.table
    happened = standing.plan.milestones.assign(
        actual_start=standing.latest["actual_start"].array,
        actual_finish=course["expected_finish"],
        added_after_baseline=standing.plan.is_added,
        closed_as=np.where(standing.state.is_cancelled, Closed.CANCELLED, None),
    )
    built = as_built(keep_contract(happened, HISTORY))
    handed = np.ceil(built.planned_evening + built.inherited - NOISE) - np.ceil(built.planned_evening - NOISE)
    return np.where(course["slip_days"].isna(), np.nan, handed)


def own_late_days(standing: Standing) -> np.ndarray:
    """What each milestone adds to its slip by itself; of added work all its days, of cancelled work nothing."""
    state, own = standing.state, standing.table["slip_days"].to_numpy() - inherited_days(standing)
    whole = np.ceil(np.nan_to_num(state.taken_days) + state.left_to_date - NOISE)
    return np.where(state.is_cancelled, 0.0, np.where(standing.plan.is_added, whole, own))
