"""Finish dates of whole projects, forecast at kickoff: the DSLIB projects, related ones held out together.

To add a way of forecasting, write a function of a ``Kickoff`` and name it in ``CANDIDATES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.datasets import FIRST_FOLD, family_of
from estimation import read_history, simulate
from estimation.calibration.measured_history import MeasuredHistory
from estimation.calibration.milestone_slips import fit_milestone_slips
from estimation.calibration.project_record import finish_ratios, log_finish_ratios, record_of
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.project.closing import baseline_plan
from estimation.project.plan import Plan
from estimation.scoring.backtest import score_rows
from estimation.scoring.candidates import LEVELS
from estimation.scoring.finish_backtest import CHAINED, MATCHED, Known
from estimation.scoring.finish_backtest import Kickoff as Courses

STAGES = ("first third", "middle third", "last third")
"""Of the planned duration, by planned finish."""
ITERATIONS = 2000


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

    @cached_property
    def courses(self) -> Courses:
        """The plan played through its network, with what the unrelated projects teach."""
        return Courses(self.plan, Known(MeasuredHistory(self.history), None, self.seed))


Candidate = Callable[[Kickoff], np.ndarray]


def _record(method: str) -> Candidate:
    return lambda kickoff: np.quantile(record_of(kickoff.past, method=method).nodes, LEVELS, method="hazen")


CANDIDATES: Mapping[str, Candidate] = {
    "raw plan": lambda kickoff: np.zeros(len(LEVELS)),
    "plan + 20 %": lambda kickoff: np.full(len(LEVELS), np.log(1.2)),
    "record, reference class": _record("pooled"),
    "record": _record("auto"),
    MATCHED: lambda kickoff: kickoff.courses.simulated(record_of(kickoff.past)),
    CHAINED: lambda kickoff: kickoff.courses.simulated(),
}
"""Each gives equally likely points of the log finish ratio (actual / planned duration) at ``LEVELS``, ascending."""

HOW = (
    "Closed projects at their kickoff, each from the projects of all other families (same name, numbered in brackets), "
    "whatever their date; the finish measured from the planned start; 'record' is the way the toolkit chooses from 20 "
    "projects on; the skill interval redraws families"
)


MILESTONES_HOW = (
    "The milestones on the way of the same projects, each finish counted from the planned start; by when they were "
    "planned to finish; chance bands would need independent milestones, and those of one project are not"
)


def kickoffs(data: Path, seed: int) -> Iterator[tuple[str, str, Kickoff, pd.DataFrame, pd.DataFrame]]:
    """Give each closed project with its family, what may be looked at, its finish ratio and its milestones."""
    history = read_history(data / "dslib")
    ratios = finish_ratios(history)
    names = history.drop_duplicates("project").set_index("project")["project_name"]
    family = names.map(family_of)
    for project, block in family[ratios["project"]].items():
        related = family.index[family == block]
        kickoff = Kickoff(
            plan=baseline_plan(history, project),
            history=history[~history["project"].isin(related)],
            past=ratios[~ratios["project"].isin(related)],
            seed=seed,
        )
        yield (
            project,
            block,
            kickoff,
            ratios[ratios["project"] == project],
            history[history["project"] == project],
        )


def score_project_finishes(data: Path, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast the finish of every closed DSLIB project with every candidate, and of the milestones on the way.

    Returns
    -------
    finishes : DataFrame with the columns of BACKTEST and ``block``, the family; one row per candidate and project
    milestones : the same with ``stage``, one row per way and milestone
    """
    finishes, milestones = [], []
    for number, (project, block, kickoff, target, own) in enumerate(kickoffs(data, seed)):
        origin = FIRST_FOLD + pd.Timedelta(days=number)
        finishes.append(
            score_rows(
                {name: candidate(kickoff)[None, :] for name, candidate in CANDIDATES.items()},
                pd.DataFrame({"project": [project], "milestone": WHOLE_PROJECT, "phase": None}),
                log_finish_ratios(target),
                origin=origin,
                seed=seed,
                n_past=len(kickoff.past),
            ).assign(block=block)
        )
        milestones.append(_on_the_way(kickoff, own, origin, seed).assign(block=block))
    return pd.concat(finishes, ignore_index=True), pd.concat(milestones, ignore_index=True)


def _on_the_way(kickoff: Kickoff, own: pd.DataFrame, origin: pd.Timestamp, seed: int) -> pd.DataFrame:
    """Score the finishes of milestones, as logs of place / planned place from the planned start."""
    plan, slips = kickoff.plan, fit_milestone_slips(kickoff.history, kickoff.past)
    model = replace(kickoff.courses.known.model, slips=slips)
    record = record_of(kickoff.past)
    played = {
        way: simulate(plan, model, record=record, way=way, seed=seed, iterations=ITERATIONS)
        for way in ("record", "chained")
    }
    network = played["record"].game.network
    by_id = own.set_index("milestone")["actual_finish"].reindex(plan.milestones["milestone"])
    actual = plan.days.evenings(by_id) - network.origin
    planned = plan.baseline.evening - network.origin
    told = (actual > 0) & (planned > 0)
    quantiles = {
        name: np.log(
            np.maximum(np.quantile(played[way].finishes[told], LEVELS, axis=1).T, 0.5)
            / planned[told][:, None]
        )
        for name, way in ((MATCHED, "record"), (CHAINED, "chained"))
    }
    identity = plan.milestones.loc[told, ["project", "milestone", "phase"]].reset_index(drop=True)
    thirds = np.minimum((3 * planned[told] / planned.max()).astype(int), 2)
    scored = score_rows(
        {"raw plan": np.zeros((told.sum(), len(LEVELS))), **quantiles},
        identity,
        np.log(actual[told] / planned[told]),
        origin=origin,
        seed=seed,
        n_past=len(kickoff.past),
    )
    copies = len(scored) // max(int(told.sum()), 1)
    return scored.assign(stage=np.tile(np.array(STAGES)[thirds], copies))
