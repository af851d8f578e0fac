"""The evidence of a fit as arrays: finished and running rows, their phases and projects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

COPY_FROM_ROWS = 5
"""From this many rows on, a project whose every ratio is 1 is a copy of its plan and no evidence."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Rows of an overrun table as arrays of length n.

    Parameters
    ----------
    log_ratio : float array
        ``log(actual / baseline)``; exactly 0 for rows on plan; of running rows what it is so far.
    on_plan, censored : bool arrays
    phase, project : int arrays
        Places in ``phases`` and ``projects``.
    closed_rank : float array, length of ``projects``
        Rank of each project by the day its last row became known; without dates by their order in the table.
    phases, projects : list of str
    """

    log_ratio: np.ndarray
    on_plan: np.ndarray
    censored: np.ndarray
    phase: np.ndarray
    project: np.ndarray
    closed_rank: np.ndarray
    phases: list[str]
    projects: list[str]

    @classmethod
    def of(cls, overruns: pd.DataFrame) -> Evidence:
        """Take the rows of a table that keeps the OVERRUNS contract."""
        phase, phases = pd.factorize(overruns["phase"], sort=True)
        project, projects = pd.factorize(overruns["project"], sort=True)
        closed = overruns.groupby(project)["known_on"].max()
        on_plan = overruns["on_plan"].to_numpy(dtype=bool)
        log_ratio = np.log(overruns["overrun_ratio"].to_numpy())
        return cls(
            log_ratio=np.where(on_plan, 0.0, log_ratio),
            on_plan=on_plan,
            censored=overruns["censored"].to_numpy(dtype=bool),
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

    def _rows(self, keep: np.ndarray) -> Evidence:
        columns = ("log_ratio", "on_plan", "censored", "phase", "project")
        return replace(self, **{name: getattr(self, name)[keep] for name in columns})

    def as_one_phase(self) -> Evidence:
        """Take all phases as one, for histories too short to tell them apart."""
        return replace(self, phase=np.zeros_like(self.phase), phases=["all phases"])


def copies_of_plan(overruns: pd.DataFrame) -> list[str]:
    """Find projects whose every milestone took exactly what was planned: reporting, not evidence."""
    finished = overruns[~overruns["censored"].astype(bool)]
    grouped = finished.groupby("project", sort=True)["on_plan"]
    return list(grouped.size().index[(grouped.size() >= COPY_FROM_ROWS) & grouped.all()])
