"""The overrun table: what each milestone took, divided by what it was estimated to take."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import project_days
from estimation.calendar.workdays import STANDARD_WEEK, DateLike, calendar_from_text, status_day
from estimation.calibration.durations import own_durations
from estimation.project.closing import is_added, is_cancelled, is_finished
from estimation.project.silence import is_silent, known_until
from estimation.tables import IDENTITY, Column, Contract, keep_contract

OVERRUNS: Contract = {
    **{name: IDENTITY[name] for name in ("project", "client", "team", "phase", "milestone", "name")},
    "baseline_days": Column.days("own working days in the baseline", least=0),
    "actual_days": Column.days("own working days it took; elapsed so far when censored", least=0),
    "overrun_ratio": Column.ratio("actual own days / estimated own days; 1.0 = as estimated", least=0),
    "on_plan": Column.flag("took exactly what was estimated, within half a percent"),
    "censored": Column.flag("still running: the ratio is only known to be exceeded"),
    "slip_days": Column.days("finish minus baseline finish, late is positive"),
    "inherited_days": Column.days("part of the slip that came from predecessors finishing late"),
    "own_slip_days": Column.days("rest of the slip"),
    "known_on": Column.date("day on which the row became known: actual finish, or the status date"),
    "estimate_days": Column.days("own working days as estimated, before any factor", least=0),
}

ON_PLAN_WITHIN = 0.005
"""A log ratio this close to zero is a finish exactly on plan."""


def overrun_ratio(estimate_days: pd.Series, actual_days: pd.Series) -> pd.Series:
    """Divide what work took by what it was estimated to take: 1.0 is as estimated, 1.25 a quarter longer.

    NaN where either is not above zero: work planned or done in no time slips in days and has no ratio.

    >>> overrun_ratio(pd.Series([10.0, 20.0, 0.0]), pd.Series([15.0, 18.0, 1.0])).tolist()
    [1.5, 0.9, nan]
    """
    usable = (estimate_days > 0) & (actual_days > 0)
    return (actual_days.where(usable) / estimate_days.where(usable)).rename("overrun_ratio")


def overrun_table(
    history: pd.DataFrame, *, as_of: DateLike | None = None, own: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List how far each finished or running milestone overran its own planned working days.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    as_of : date-like, optional
        Status date; what happened later is treated as not yet known. By default the last day the history
        tells of.
    own : DataFrame, optional
        ``own_durations(history)`` where it is known already.

    Returns
    -------
    DataFrame keeping the OVERRUNS contract
        One row per milestone with a ratio. Running milestones are ``censored``: their ratio is elapsed /
        estimate so far and only known to be exceeded. Open rows that do not run (``is_silent``), unless
        their days so far are written down, and rows without a ratio are left out; ``data_quality`` says which and why.
    """
    day = known_until(history) if as_of is None else status_day(as_of)
    own = own_durations(history) if own is None else own
    finished = is_finished(history, None if as_of is None else day)
    # Whatever the table says today, work that was not done on the status date was running then.
    # What silent work has taken is told by nothing but a written number of days.
    silent = is_silent(history, as_of) & history["actual_days"].isna()
    running = ~finished & ~is_cancelled(history) & ~is_added(history) & ~silent
    elapsed = _elapsed_days(history, own, day, running)
    actual = own["actual_own_days"].where(finished, elapsed.where(running))
    ratio = overrun_ratio(own["estimate_own_days"], actual)
    inherited = inherited_days(own).where(finished)
    slip = (own["actual_evening"] - own["baseline_evening"]).where(finished)
    table = history.assign(
        baseline_days=own["baseline_own_days"],
        actual_days=actual,
        overrun_ratio=ratio,
        on_plan=finished & (np.abs(np.log(ratio)) <= ON_PLAN_WITHIN),
        censored=running,
        slip_days=slip,
        inherited_days=inherited,
        own_slip_days=slip - inherited,
        known_on=history["actual_finish"].where(finished, day),
        estimate_days=own["estimate_own_days"],
    )
    return keep_contract(table[ratio.notna() & (finished | running)], OVERRUNS)


def inherited_days(own: pd.DataFrame) -> pd.Series:
    """Measure how much of each slip came from predecessors that finished late or early [working days].

    Late: from the planned start to the day on which the work could start, or to its real start if that came first.
    Early (negative): work that started before its planned start, as far as predecessors were early.
    """
    planned, started = own["baseline_morning"], own["actual_morning"]
    late = np.minimum(started, np.fmax(own["actual_ready"], planned)) - planned
    predecessors_early = np.fmax(own["baseline_ready"] - own["actual_ready"], 0.0)
    early = -np.minimum(planned - started, predecessors_early)
    return pd.Series(late).where(started >= planned, early)


def _elapsed_days(
    history: pd.DataFrame, own: pd.DataFrame, day: pd.Timestamp, running: pd.Series
) -> pd.Series:
    """Count the working days that running milestones have taken so far; NaN when one has not started."""
    elapsed, project = pd.Series(np.nan, index=history.index), history["project"]
    # Where starts are recorded, no start means not started.
    recorded = history["actual_start"].notna()
    started = own["actual_morning"].where(recorded | ~recorded.groupby(project).transform("any"))
    begun = running & started.notna()
    if begun.any() and not pd.isna(day):
        named, grouped = history["calendar"], history["calendar"].groupby(project)
        alike = begun & (grouped.transform("nunique") <= 1)
        texts = named.fillna(grouped.transform("first")).fillna(STANDARD_WEEK)
        for text, mornings in started[alike].groupby(texts[alike]):
            elapsed[mornings.index] = calendar_from_text(text).evenings([day])[0] - mornings
        for _, rows in history[project.isin(project[begun & ~alike])].groupby("project", sort=False):
            calendars = project_days(rows["calendar"])
            evening = calendars.evenings([day] * len(rows))
            elapsed[rows.index] = calendars.days_between(started[rows.index].to_numpy(), evening)
        elapsed = elapsed.where(elapsed > 0)
    recorded = history["actual_days"].where(history["actual_finish"].isna())
    return recorded.where(recorded > 0).fillna(elapsed)
