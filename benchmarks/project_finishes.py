"""Finish dates of whole projects, forecast at kickoff: the DSLIB projects, related ones held out together.

To add a way of forecasting, write a function of a ``Kickoff`` and name it in ``CANDIDATES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.datasets import FIRST_FOLD, family_of
from estimation import read_history
from estimation.calibration.project_record import finish_ratios, log_finish_ratios, record_of
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.planning.plan import Plan
from estimation.scoring.backtest import score_rows
from estimation.scoring.candidates import LEVELS
from estimation.scoring.finish_backtest import plan_of_project


@dataclass(frozen=True, eq=False)
class Kickoff:
    """What a candidate may look at when it forecasts the finish of one project.

    Parameters
    ----------
    plan : Plan
        The plan it started with.
    history : DataFrame keeping the HISTORY contract
        Milestones of all projects that are not related to it, whatever their date.
    past : DataFrame keeping the FINISH_RATIOS contract
        Finish ratios of those of them that closed.
    seed : int
    """

    plan: Plan
    history: pd.DataFrame
    past: pd.DataFrame
    seed: int


Candidate = Callable[[Kickoff], np.ndarray]


def _record(method: str) -> Candidate:
    return lambda kickoff: np.quantile(record_of(kickoff.past, method=method).nodes, LEVELS, method="hazen")


CANDIDATES: Mapping[str, Candidate] = {
    "raw plan": lambda kickoff: np.zeros(len(LEVELS)),
    "plan + 20 %": lambda kickoff: np.full(len(LEVELS), np.log(1.2)),
    "record, reference class": _record("pooled"),
    "record, log-t": _record("log_t"),
    "record": _record("auto"),
}
"""Each gives equally likely points of the log finish ratio (actual / planned duration) at ``LEVELS``, ascending."""

HOW = (
    "Closed projects at their kickoff, each from the projects of all other families (same name, numbered in brackets), "
    "whatever their date; the finish measured from the planned start; 'record' is the way the toolkit chooses from 20 "
    "projects on; the skill interval redraws families"
)


def score_project_finishes(data: Path, seed: int) -> pd.DataFrame:
    """Forecast the finish of every closed DSLIB project with every candidate.

    Returns
    -------
    DataFrame with the columns of BACKTEST and ``block``, the family; one row per candidate and project
    """
    history = read_history(data / "dslib")
    ratios = finish_ratios(history)
    names = history.drop_duplicates("project").set_index("project")["project_name"]
    family = names.map(family_of)
    parts = []
    for number, (project, block) in enumerate(family[ratios["project"]].items()):
        related = family.index[family == block]
        kickoff = Kickoff(
            plan=plan_of_project(history, project),
            history=history[~history["project"].isin(related)],
            past=ratios[~ratios["project"].isin(related)],
            seed=seed,
        )
        target = ratios[ratios["project"] == project]
        parts.append(
            score_rows(
                {name: candidate(kickoff)[None, :] for name, candidate in CANDIDATES.items()},
                pd.DataFrame({"project": [project], "milestone": WHOLE_PROJECT, "phase": None}),
                log_finish_ratios(target),
                origin=FIRST_FOLD + pd.Timedelta(days=number),
                seed=seed,
                n_past=len(kickoff.past),
            ).assign(block=block)
        )
    return pd.concat(parts, ignore_index=True)
