"""The rolling backtest of whole projects: the finish ratio forecast from what was known before a project started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.measured_history import MeasuredHistory, Progress, told
from estimation.calibration.model import OverrunModel
from estimation.calibration.project_record import ProjectRecord, log_finish_ratios, record_of
from estimation.errors import InputError
from estimation.forecasting.forecast import DAY_PART, WHOLE_PROJECT
from estimation.forecasting.simulation import simulate
from estimation.project.closing import baseline_plan
from estimation.project.plan import Plan, refuse_no_work
from estimation.scoring.backtest import BACKTEST, ORIGINS, first_days, origin_days, project_starts, score_rows
from estimation.scoring.candidates import BACKTEST_SWEEPS, LEVELS
from estimation.tables import empty_table, keep_contract

FEWEST_CLOSED = 3
CHAIN_ITERATIONS = 500
LATEST = 40

FinishCandidate = Callable[[pd.DataFrame, "Kickoff"], np.ndarray]


@dataclass(frozen=True, eq=False)
class Known:
    """What was known on the eve of an origin (None: all), and the model that it teaches."""

    history: MeasuredHistory
    eve: pd.Timestamp | None
    seed: int

    @property
    def model(self) -> OverrunModel:
        """Fitted once, and only where a candidate asks for it."""
        return self.history.fit(self.eve, seed=self.seed, sweeps=BACKTEST_SWEEPS)

    def record(self, method: str = "auto") -> ProjectRecord:
        """The record of the projects known then, see ``record_of``."""
        ratios = self.history.ratios(self.eve)
        return self.history.once(("record", self.eve, method), lambda: record_of(ratios, method=method))

    def kickoff(self, project: str) -> Kickoff:
        """The kickoff of a project with what was known; InputError where its plan contradicts itself."""

        def make() -> Kickoff:
            plan = baseline_plan(self.history.table, project).estimated
            refuse_no_work(plan)
            return Kickoff(plan, self)

        return self.history.once(("kickoff", self.eve, self.seed, project), make)


@dataclass(frozen=True, eq=False)
class Kickoff:
    """What a finish candidate may look at: the plan of a project and what was known before it started."""

    plan: Plan
    known: Known

    def forecast(self, candidate: FinishCandidate, past: pd.DataFrame) -> np.ndarray:
        """What a candidate forecasts, asked once."""
        return self.known.history.once(("forecast", candidate, self), lambda: candidate(past, self))

    def simulated(self, record: ProjectRecord | None = None) -> np.ndarray:
        """Simulate the plan, chained or matched to a record; log finish ratios at ``LEVELS``."""
        how = {"iterations": CHAIN_ITERATIONS, "seed": self.known.seed}
        finishes = simulate(self.plan, self.known.model, record=record, **how).project_finishes
        planned = self.plan.baseline.evening.max() - self.plan.network.origin
        ratios = np.maximum(np.ceil(finishes.astype(float) - DAY_PART), 1) / planned
        # A level is a day, as in the forecast itself: by then that share of the iterations had finished.
        return np.quantile(np.log(ratios), LEVELS, method="inverted_cdf")


def _record(method: str) -> FinishCandidate:
    return lambda past, kickoff: np.quantile(kickoff.known.record(method).nodes, LEVELS, method="hazen")


CHAINED = "phases chained through the network"
MATCHED = "courses matched to the record"
FINISH_CANDIDATES: Mapping[str, FinishCandidate] = {
    "raw plan": lambda past, kickoff: np.zeros(len(LEVELS)),
    "plan + 20 %": lambda past, kickoff: np.full(len(LEVELS), np.log(1.2)),
    "record, reference class": _record("pooled"),
    "record": _record("auto"),
    MATCHED: lambda past, kickoff: kickoff.simulated(kickoff.known.record()),
    CHAINED: lambda past, kickoff: kickoff.simulated(),
}


def backtest_finishes(
    history: pd.DataFrame | MeasuredHistory,
    *,
    seed: int,
    candidates: Mapping[str, FinishCandidate] | None = None,
    latest: int = LATEST,
    origins: int = ORIGINS,
    as_of: DateLike | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Forecast when each past project would end, from what was known before it started, and score it.

    The projects are cut into origins by the day they started, the same as in ``backtest``, so that a fit serves both;
    those that started before the first of these have origins of their own, by their share. Those of one origin are
    forecast from what was known on its morning, as with a model that is made anew now and then.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract, or a MeasuredHistory
    seed : int
    candidates : mapping of name to FinishCandidate, optional
        All of ``FINISH_CANDIDATES`` by default.
    latest : int
        At most so many projects, the latest to start. Of these, one whose plan contradicts itself is passed over.
    origins : int
        At most so many origins of ``backtest``, and so many by share before.
    as_of : date-like, optional
        Status date; projects that closed later are not scored.
    progress : callable, optional
        Called with (done, of) after each origin.

    Returns
    -------
    DataFrame keeping the BACKTEST contract, one row per candidate and project
        ``actual`` and the quantiles are log finish ratios: actual / planned duration of the whole project. Empty
        when no project started after three others had closed.
    """
    named = dict(FINISH_CANDIDATES if candidates is None else candidates)
    measured = MeasuredHistory.of(history)
    ratios = measured.ratios(as_of)
    ratios = ratios[~ratios["censored"]]
    starts = project_starts(measured.table).reindex(ratios["project"]).to_numpy()
    dated = np.argsort(starts, kind="stable")[: np.count_nonzero(~np.isnat(starts))]
    chosen, cuts = dated[-latest:], origin_days(measured, origins, as_of)
    before = starts[chosen] if not cuts else starts[chosen][starts[chosen] < cuts[0]]
    cuts = [*first_days(before, max(round(origins * len(before) / max(len(chosen), 1)), 1)), *cuts]
    folds = [
        (day, chosen[(starts[chosen] >= day) & (starts[chosen] < following)])
        for day, following in pairwise([*cuts, pd.Timestamp.max])
    ]
    parts = []
    for day, places in told([fold for fold in folds if len(fold[1])], progress):
        known = Known(measured, day - pd.Timedelta(days=1), seed)
        past = measured.ratios(known.eve)
        if (~past["censored"]).sum() < FEWEST_CLOSED:
            continue
        for place in places:
            target = ratios.iloc[[place]]
            try:
                kickoff = known.kickoff(target["project"].iloc[0])
            except InputError:  # the plan of one old project is no reason to score none
                continue
            forecasts = {name: kickoff.forecast(each, past)[None, :] for name, each in named.items()}
            identity = pd.DataFrame({"project": target["project"], "milestone": WHOLE_PROJECT, "phase": None})
            actual = log_finish_ratios(target)
            parts.append(
                score_rows(
                    forecasts, identity, actual, origin=day, seed=seed, n_past=int((~past["censored"]).sum())
                )
            )
    if not parts:
        return empty_table(BACKTEST)
    return keep_contract(pd.concat(parts, ignore_index=True), BACKTEST)
