"""The rolling backtest of whole projects: the finish ratio forecast from what was known before a project started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.durations import own_durations
from estimation.calibration.model import OverrunModel, fit_overruns
from estimation.calibration.overruns import overrun_table
from estimation.calibration.project_record import ProjectRecord, finish_ratios, log_finish_ratios, record_of
from estimation.errors import InputError
from estimation.forecasting.donors import donor_finishes
from estimation.forecasting.forecast import DAY_PART, WHOLE_PROJECT
from estimation.forecasting.simulation import simulate
from estimation.project.closing import baseline_plan
from estimation.project.plan import Plan, refuse_no_work
from estimation.scoring.backtest import BACKTEST, ORIGINS, project_starts, score_rows
from estimation.scoring.candidates import BACKTEST_SWEEPS, LEVELS
from estimation.tables import empty_table, keep_contract

FEWEST_CLOSED = 3
CHAIN_ITERATIONS = 500
LATEST = 40

FinishCandidate = Callable[[pd.DataFrame, "Kickoff"], np.ndarray]


@dataclass(frozen=True, eq=False)
class Known:
    """The overruns known on the morning of an origin, and the model that they teach."""

    past: pd.DataFrame
    seed: int

    @cached_property
    def model(self) -> OverrunModel:
        """Fitted once, and only where a candidate asks for it."""
        return fit_overruns(self.past, seed=self.seed, sweeps=BACKTEST_SWEEPS)


@dataclass(frozen=True, eq=False)
class Kickoff:
    """What a finish candidate may look at: the plan of a project and what was known before it started."""

    plan: Plan
    known: Known

    def simulated(self, record: ProjectRecord | None = None) -> np.ndarray:
        """Simulate the plan, chained or matched to a record; log finish ratios at ``LEVELS``."""
        how = {"iterations": CHAIN_ITERATIONS, "seed": self.known.seed}
        return self._log_ratios(simulate(self.plan, self.known.model, record=record, **how).project_finishes)

    def donated(self, *, recentred: bool) -> np.ndarray:
        """Simulate the plan with one past project at a time; log finish ratios at ``LEVELS``."""
        how = {"iterations": CHAIN_ITERATIONS, "seed": self.known.seed}
        centre = self.known.model if recentred else None
        return self._log_ratios(donor_finishes(self.plan, self.known.past, recentred_on=centre, **how))

    def _log_ratios(self, finishes: np.ndarray) -> np.ndarray:
        planned = self.plan.baseline.evening.max() - self.plan.network.origin
        ratios = np.maximum(np.ceil(finishes.astype(float) - DAY_PART), 1) / planned
        return np.quantile(np.log(ratios), LEVELS, method="hazen")


def _record(method: str) -> FinishCandidate:
    return lambda past, kickoff: np.quantile(record_of(past, method=method).nodes, LEVELS, method="hazen")


CHAINED = "phases chained through the network"
MATCHED = "courses matched to the record"
FINISH_CANDIDATES: Mapping[str, FinishCandidate] = {
    "raw plan": lambda past, kickoff: np.zeros(len(LEVELS)),
    "plan + 20 %": lambda past, kickoff: np.full(len(LEVELS), np.log(1.2)),
    "record, reference class": _record("pooled"),
    "record, log-t": _record("log_t"),
    "record": _record("auto"),
    MATCHED: lambda past, kickoff: kickoff.simulated(record_of(past)),
    CHAINED: lambda past, kickoff: kickoff.simulated(),
    "one past project per course": lambda past, kickoff: kickoff.donated(recentred=False),
    "one past project per course, re-centred": lambda past, kickoff: kickoff.donated(recentred=True),
}


def backtest_finishes(
    history: pd.DataFrame,
    *,
    seed: int,
    candidates: Mapping[str, FinishCandidate] | None = None,
    latest: int = LATEST,
    origins: int = ORIGINS,
    as_of: DateLike | None = None,
) -> pd.DataFrame:
    """Forecast when each past project would end, from what was known before it started, and score it.

    The projects are cut into origins by the day they started. Those of one origin are forecast from what was known on
    the morning the first of them started, as with a model that is made anew now and then.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    seed : int
    candidates : mapping of name to FinishCandidate, optional
        All of ``FINISH_CANDIDATES`` by default.
    latest : int
        At most so many projects, the latest to start. Of these, one whose plan contradicts itself is passed over.
    origins : int
        At most so many origins.
    as_of : date-like, optional
        Status date; projects that closed later are not scored.

    Returns
    -------
    DataFrame keeping the BACKTEST contract, one row per candidate and project
        ``actual`` and the quantiles are log finish ratios: actual / planned duration of the whole project. Empty
        when no project started after three others had closed.
    """
    named = dict(FINISH_CANDIDATES if candidates is None else candidates)
    own = own_durations(history)
    ratios = finish_ratios(history, as_of=as_of, own=own)
    starts = project_starts(history).reindex(ratios["project"]).to_numpy()
    dated = np.argsort(starts, kind="stable")[: np.count_nonzero(~np.isnat(starts))]
    blocks = np.array_split(dated[-latest:], origins)
    parts = []
    for places in (block for block in blocks if len(block)):
        day = pd.Timestamp(starts[places[0]])
        past = ratios[ratios["known_on"] < day]
        if len(past) < FEWEST_CLOSED:
            continue
        known = Known(overrun_table(history, as_of=day - pd.Timedelta(days=1), own=own), seed)
        for place in places:
            target = ratios.iloc[[place]]
            try:
                plan = baseline_plan(history, target["project"].iloc[0]).estimated
                refuse_no_work(plan)
            except InputError:  # the plan of one old project is no reason to score none
                continue
            kickoff = Kickoff(plan, known)
            forecasts = {name: candidate(past, kickoff)[None, :] for name, candidate in named.items()}
            identity = pd.DataFrame({"project": target["project"], "milestone": WHOLE_PROJECT, "phase": None})
            actual = log_finish_ratios(target)
            parts.append(score_rows(forecasts, identity, actual, origin=day, seed=seed, n_past=len(past)))
    if not parts:
        return empty_table(BACKTEST)
    return keep_contract(pd.concat(parts, ignore_index=True), BACKTEST)
