"""Own durations: how many working days the work of each milestone itself took, lateness of others taken out.

Own work begins on the recorded start, else when predecessors allowed it (see ``project.network``). A milestone
that waited for a late predecessor is therefore not counted twice.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import project_days
from estimation.calendar.workdays import WorkCalendar
from estimation.project.closing import is_added, is_finished, without_unknown
from estimation.project.estimates import estimated_schedule, estimates_of, has_factors
from estimation.project.links import dependencies_of
from estimation.project.network import NOISE, Schedule, network_from, recorded_schedule
from estimation.tables import ESTIMATE

DATES = ("baseline_start", "baseline_finish", "actual_start", "actual_finish", "project_start")
PLACES = ("ready", "morning", "evening", "own_days")
OWN_DURATIONS = tuple(f"{kind}_{name}" for kind in ("baseline", "estimate", "actual") for name in PLACES)


def own_durations(history: pd.DataFrame) -> pd.DataFrame:
    """Measure, for each milestone, when its own work could start, did start and finished: plan, estimate, fact.

    Columns ``OWN_DURATIONS``, index of the history. ``_ready`` (earliest start that predecessors and project start
    allow), ``_morning`` and ``_evening`` are places on the working-day axis of the project's calendar; ``_own_days``
    are working days of the milestone's own calendar, recorded or counted from morning to evening. ``estimate`` is the
    plan as scheduled from its estimates, the baseline where it was not multiplied. NaN where something is not known.
    """
    added = is_added(history)
    planned = {name: history[name].mask(added) for name in (*DATES[:2], "baseline_days", *ESTIMATE)}
    history = _with_comparable_days(history.assign(added=added, finished=is_finished(history), **planned))
    parts = [_project_durations(rows) for _, rows in history.groupby("project", sort=False)]
    if not parts:
        return pd.DataFrame(columns=list(OWN_DURATIONS), dtype=float)
    return pd.concat(parts).reindex(history.index)


def project_calendar(rows: pd.DataFrame) -> WorkCalendar:
    """Find the calendar of one project, which works when one of its milestones' calendars does.

    Slips and the duration of the whole project are counted on it; the work of a milestone on the milestone's own.
    """
    return project_days(rows["calendar"]).axis


def _project_durations(rows: pd.DataFrame) -> pd.DataFrame:
    if rows[[*DATES]].isna().all(axis=None):
        table = pd.DataFrame(np.nan, index=rows.index, columns=list(OWN_DURATIONS))
        return table.assign(
            baseline_own_days=rows["baseline_days"],
            estimate_own_days=estimates_of(rows, rows["baseline_days"]),
            actual_own_days=rows["actual_days"],
        )
    calendars = project_days(rows["calendar"])
    start, starts = rows["project_start"].dropna(), rows["baseline_start"]
    first = start.iloc[0] if len(start) else starts.min()
    first = float(calendars.axis.mornings([first])[0])
    milestones = list(rows["milestone"])
    dates = {
        "not_before": calendars.mornings(rows["not_before"]),
        "fixed": calendars.evenings(rows["fixed_finish"]),
        "teams": calendars.teams,
    }
    planned = real = network_from(milestones, dependencies_of(rows), origin=first, **dates)
    if rows["added"].any():  # no plan waited for work that nobody knew of
        known = dependencies_of(without_unknown(rows, rows["added"]))
        planned = network_from(milestones, known, origin=first, **dates)
    baseline = recorded_schedule(
        planned,
        start=calendars.mornings(rows["baseline_start"]) - planned.origin,
        finish=calendars.axis.evenings(rows["baseline_finish"]) - planned.origin,
        days=rows["planned"].to_numpy(),
        usual_days=rows["baseline_days"].to_numpy(),
    )
    estimate = estimates_of(rows, baseline.own_days)
    estimated = baseline
    if has_factors(rows):
        start = calendars.mornings(rows["estimate_start"]) - planned.origin
        estimated = estimated_schedule(planned, baseline, estimate, start)
    ended = calendars.axis.evenings(rows["actual_finish"]) - real.origin
    began = _begun(rows, calendars.mornings(rows["actual_start"]) - real.origin, ended)

    def happened(plan: Schedule) -> Schedule:
        return recorded_schedule(
            real,
            start=began,
            finish=ended,
            days=rows["taken"].to_numpy(),
            usual_days=plan.own_days,
            planned_start=np.where(plan.morning > plan.ready + NOISE, plan.morning, np.nan),
        )

    actual = happened(baseline)
    # Parts of days are judged by the estimate: what work took is not to depend on the factor that was used.
    taken = (actual if estimated is baseline else happened(estimated)).own_days
    # Work that was begun and finished on days off took time all the same: half a day.
    on_days_off = (began == ended) & (baseline.own_days != 0) & rows["taken"].isna().to_numpy()
    own = {"baseline": baseline.own_days, "estimate": estimate, "actual": np.where(on_days_off, 0.5, taken)}
    places = {
        "baseline": baseline.counted_from(planned.origin),
        "estimate": estimated.counted_from(planned.origin),
        "actual": actual.counted_from(real.origin),
    }
    table = pd.DataFrame(
        {f"{kind}_{name}": getattr(course, name) for kind, course in places.items() for name in PLACES},
        index=rows.index,
    )
    return table.assign(**{f"{kind}_own_days": days for kind, days in own.items()})


def _begun(rows: pd.DataFrame, began: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Places at which work began; added work without a link or a start began when the last work before it was done.

    No plan says when it was thought of. From the start of the project it would have lasted as long as all before it;
    the latest finish before its own is the last place at which what came before was out of the way.
    """
    finished = rows["finished"].to_numpy() & np.isfinite(ended)
    alone = (rows["added"] & rows["depends_on"].isna()).to_numpy() & np.isnan(began) & finished
    done = np.sort(ended[finished])
    began = began.copy()
    began[alone] = np.append(np.nan, done)[np.searchsorted(done, ended[alone])]
    return began


def _with_comparable_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``planned`` and ``taken``: recorded days where plan and fact have them, or where a date is missing.

    Else the dates count on both sides: effort and calendar days cannot be compared. What a running milestone has taken
    so far is no duration.
    """
    planned, taken = rows["baseline_days"], rows["actual_days"].where(rows["finished"])
    both = planned.notna() & rows["actual_days"].notna()
    return rows.assign(
        planned=planned.where(both | rows["baseline_finish"].isna()),
        taken=taken.where(both | rows["actual_finish"].isna()),
    )
