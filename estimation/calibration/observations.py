"""The evidence of a fit as arrays: finished and running rows, their phases and projects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from estimation.errors import InputError

COPY_FROM_ROWS = 5
"""From this many rows on, a project whose every ratio is 1 is a copy of its plan and no evidence."""
DAYS_PER_MONTH = 365.25 / 12
SMALLEST_WEIGHT = 1e-6
"""However old, no row counts less than this: a weight of nothing at all has no average."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Rows of an overrun table as arrays of length n.

    Parameters
    ----------
    log_ratio : float array
        ``log(actual / baseline)``; exactly 0 for rows on plan; of running rows what it is so far.
    on_plan, censored : bool arrays
    weight : float array
        How much each row counts; 1 for all unless older work is to count less. [0-1]
    phase, project : int arrays
        Places in ``phases`` and ``projects``.
    closed_rank : float array, length of ``projects``
        Rank of each project by the day its last row became known; without dates by their order in the table.
    phases, projects : list of str
    """

    log_ratio: np.ndarray
    on_plan: np.ndarray
    censored: np.ndarray
    weight: np.ndarray
    phase: np.ndarray
    project: np.ndarray
    closed_rank: np.ndarray
    phases: list[str]
    projects: list[str]

    @classmethod
    def of(cls, overruns: pd.DataFrame, half_life_months: float | None = None) -> Evidence:
        """Take the rows of a table that keeps the OVERRUNS contract; with a half-life, older ones count less."""
        phase, phases = pd.factorize(overruns["phase"], sort=True)
        project, projects = pd.factorize(overruns["project"], sort=True)
        closed = overruns["known_on"].groupby(project).max()
        on_plan = overruns["on_plan"].to_numpy(dtype=bool)
        log_ratio = np.log(overruns["overrun_ratio"].to_numpy())
        return cls(
            log_ratio=np.where(on_plan, 0.0, log_ratio),
            on_plan=on_plan,
            censored=overruns["censored"].to_numpy(dtype=bool),
            weight=recency_weights(overruns["known_on"], half_life_months),
            phase=phase,
            project=project,
            closed_rank=closed.rank(method="first", na_option="top").to_numpy(),
            phases=list(phases),
            projects=list(projects),
        )

    def finished(self) -> Evidence:
        """Leave running rows out; phases and projects keep their places."""
        return self._rows(~self.censored)

    def every_nth_project(self, n: int) -> Evidence:
        """Keep the rows of every n-th project, for choices that do not need them all."""
        return self if n == 1 else self._rows(self.project % n == 0)

    def projects_have_several_rows(self) -> bool:
        """Tell whether some project has more than one row that is not exactly on plan."""
        return bool(np.bincount(self.project[~self.on_plan], minlength=1).max() > 1)

    def rows_of_phase(self) -> np.ndarray:
        """Count the rows of each phase, each row as much as it weighs."""
        return np.bincount(self.phase, weights=self.weight, minlength=len(self.phases))

    def projects_of_phase(self) -> np.ndarray:
        """Count the projects that each phase has rows of."""
        met = np.zeros((len(self.phases), len(self.projects)), dtype=bool)
        met[self.phase, self.project] = True
        return met.sum(axis=1)

    def _rows(self, keep: np.ndarray) -> Evidence:
        columns = ("log_ratio", "on_plan", "censored", "weight", "phase", "project")
        return replace(self, **{name: getattr(self, name)[keep] for name in columns})


def copies_of_plan(overruns: pd.DataFrame) -> list[str]:
    """Find projects whose every milestone took exactly what was planned: reporting, not evidence."""
    finished = ~overruns["censored"].to_numpy(dtype=bool)
    project, projects = pd.factorize(overruns["project"])
    rows = np.bincount(project, weights=finished, minlength=len(projects))
    # Of a plan that was multiplied the dates tell, not the estimates.
    multiplied = (overruns["estimate_days"] - overruns["baseline_days"]).abs() > 0
    as_approved = multiplied & overruns["slip_days"].eq(0)
    off_plan = finished & ~overruns["on_plan"].to_numpy(dtype=bool) & ~as_approved.to_numpy(dtype=bool)
    late_or_early = np.bincount(project, weights=off_plan, minlength=len(projects))
    return sorted(projects[(rows >= COPY_FROM_ROWS) & (late_or_early == 0)])


def recency_weights(known_on: pd.Series, half_life_months: float | None) -> np.ndarray:
    """Let older evidence count less: half as much after each half-life, measured from the latest date [0-1].

    Rows without a date count in full. InputError if the half-life is not above zero, or no row has a date.

    >>> days = pd.Series(pd.to_datetime(["2024-01-01", "2025-12-31", None]))  # 730 days are 23.98 months
    >>> recency_weights(days, 12).round(3).tolist()
    [0.25, 1.0, 1.0]
    """
    if half_life_months is None:
        return np.ones(len(known_on))
    if not half_life_months > 0:
        raise InputError(
            f"half_life_months {half_life_months:g} came; wanted a number of months above zero, or none for "
            "history that counts the same however old it is."
        )
    if known_on.isna().all():
        raise InputError(
            f"A half-life of {half_life_months:g} months was asked for, but no row says when it became known. "
            "Give actual finishes as dates, or leave the half-life out."
        )
    months = (known_on.max() - known_on).dt.days.to_numpy(dtype=float) / DAYS_PER_MONTH
    weight = np.maximum(0.5 ** (months / half_life_months), SMALLEST_WEIGHT)
    return np.where(np.isnan(months), 1.0, weight)
