"""Status tables of simulated projects: what teams report of courses that ``agencies`` drew, and what they say is left.

Two forms, dates only or percent complete as well; three teams, which say nothing of what is to come, re-estimate
honestly, or too hopefully. Course and thoughts are the same in all six. Nothing but ``forecast_finish`` tells of what
comes after the status date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.agencies import ADDED_DAYS, LAST, MILESTONES, PLANNED, Projects, _date
from estimation.tables import STATUS, keep_contract

FORMS = {"dates": False, "percent": True}
"""By name: whether a status tells the percent complete beside the dates."""
TEAMS = ("silent", "honest", "hopeful")
HONEST_SD, HOPEFUL = 0.15, (1.5, 2.0)
"""Error of an honest word on the rest [log units]; how many times as long as said it takes the hopeful, by project."""


@dataclass(frozen=True, eq=False)
class Words:
    """What teams think of their rest, whoever asks: drawn once for each project.

    Parameters
    ----------
    honest : float array (projects, milestones)
        Log of what the honest say is left, over what is.
    hopeful : float array (projects,)
        What is left, over what the hopeful say.
    """

    honest: np.ndarray
    hopeful: np.ndarray

    def said(self, left: np.ndarray, project: np.ndarray, team: str) -> np.ndarray:
        """Say how many working days are left: the next at the earliest; of rows of projects, (rows, milestones)."""
        said = left * np.exp(self.honest[project]) if team == "honest" else left / self.hopeful[project, None]
        return np.maximum(np.round(said), 1).astype(int)


def draw_words(n: int, rng: np.random.Generator) -> Words:
    """Draw what the teams of n projects think."""
    return Words(rng.normal(0, HONEST_SD, (n, len(MILESTONES))), rng.uniform(*HOPEFUL, n))


def status_places(projects: Projects, every: int, more: np.ndarray | None = None) -> list[np.ndarray]:
    """List on which evenings of each project there is a status: regularly while it runs, and on ``more`` of its own."""
    more = np.zeros((len(projects.start), 0), int) if more is None else more
    regular = [np.arange(every, finish, every) for finish in projects.actual_finish]
    return [
        np.unique([*evenings, *own[own < finish]]).astype(int)
        for evenings, own, finish in zip(regular, more, projects.actual_finish, strict=True)
    ]


def statuses_of(
    projects: Projects, ids: np.ndarray, places: list[np.ndarray], words: Words, *, percent: bool, team: str
) -> pd.DataFrame:
    """Write down what the teams reported on each status date; STATUS.

    A row comes of what runs, of what has ended since the status before, and of the last milestone. Added work comes
    with the days that such work takes when it is first told of.
    """
    project = np.repeat(np.arange(len(places)), [len(each) for each in places])
    now = np.concatenate(places)[:, None]
    before = np.concatenate([np.append(0, each)[:-1] for each in places])[:, None]
    (start, finish), exists = projects.actual[:, project], projects.exists[project]
    begun, done = exists & (start < now), exists & (finish <= now)
    running = begun & ~done
    told = running | (done & (finish > before))
    told[:, LAST] = True
    added = np.arange(len(MILESTONES)) >= PLANNED
    first = projects.start[project][:, None]
    share = np.clip(np.round((now - start) / np.maximum(finish - start, 1), 1), 0, 0.9)
    expects = running.copy()
    expects[:, LAST] = ~done[:, LAST]
    ahead = now + (1 if team == "silent" else words.said(finish - now, project, team))
    columns = {
        "project": np.broadcast_to(ids[project][:, None], told.shape),
        "milestone": np.broadcast_to(MILESTONES, told.shape),
        "as_of": _date(np.broadcast_to(first + now - 1, told.shape)),
        "actual_start": _date(first + start, begun),
        "actual_finish": _date(first + finish - 1, done),
        "forecast_finish": _date(first + ahead - 1, expects & (team != "silent")),
        "percent_complete": np.where(percent & begun, np.where(done, 1.0, share), np.nan),
        "remaining_days": np.where(added & running & (start >= before), ADDED_DAYS, np.nan),
        "added_after_baseline": np.broadcast_to(added, told.shape),
    }
    return keep_contract(pd.DataFrame({name: values[told] for name, values in columns.items()}), STATUS)
