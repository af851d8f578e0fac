"""Experiment cycles: how many rounds of a model it took, compared with the rounds that were planned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calibration.durations import own_durations
from estimation.calibration.overruns import overrun_ratio
from estimation.project.closing import is_finished

PRIOR_ROUNDS = 8.0
"""Planned rounds that took as many as planned, added so that a short history is not believed too much."""
PRIOR_ROWS = 5.0
PRIOR_SD = 0.3
"""Spread of the log time per round in other work: what a short history leans on. [log units]"""
EVENEST = 200.0


@dataclass(frozen=True)
class ExperimentCycles:
    """Count of rounds a milestone needs, and how long a round takes compared with its plan.

    ``actual_rounds`` and ``planned_rounds`` are added up over the history, with eight rounds on plan: their ratio is
    the expected overrun of rounds. ``evenness`` is the gamma shape of milestones' own rates; 200 is as even as chance
    allows. ``log_ratio_per_round`` and ``sd_per_round`` are of actual / planned days per round. [log units]
    """

    actual_rounds: float
    planned_rounds: float
    evenness: float
    log_ratio_per_round: float
    sd_per_round: float
    n_rows: int
    n_projects: int

    def draw(self, planned: int, size: int, rng: np.random.Generator) -> np.ndarray:
        """Draw how many rounds a milestone takes: one for sure, the others Poisson at an uncertain rate."""
        rate = rng.gamma(self.actual_rounds, 1 / self.planned_rounds, size)
        own = rng.gamma(self.evenness, 1 / self.evenness, size)
        return 1 + rng.poisson(np.maximum(planned * rate * own - 1, 0))


def fit_experiment_cycles(
    history: pd.DataFrame, *, as_of=None, own: pd.DataFrame | None = None
) -> ExperimentCycles | None:
    """Learn from finished milestones how many rounds of experiments it took, compared with the plan; None without any.

    Rounds beyond the first are negative binomial: Poisson, with a gamma rate whose shape is found by moments. ``own``
    is ``own_durations(history)`` where it is known already.
    """
    own = own_durations(history) if own is None else own
    finished = is_finished(history, None if as_of is None else pd.Timestamp(as_of))
    ratio = overrun_ratio(own["estimate_own_days"], own["actual_own_days"])
    table = history.assign(ratio=ratio)[finished & ratio.notna()]
    table = table[(table["iterations_planned"] > 0) & (table["iterations_actual"] > 0)]
    if table.empty:
        return None
    planned = table["iterations_planned"].to_numpy(dtype=float)
    actual = table["iterations_actual"].to_numpy(dtype=float)
    per_round = np.log(table["ratio"].to_numpy() * planned / actual)
    total_actual, total_planned = actual.sum() + PRIOR_ROUNDS, planned.sum() + PRIOR_ROUNDS
    expected = planned * total_actual / total_planned
    # Var = mean + mean^2 / evenness: what exceeds Poisson scatter is how unlike milestones are.
    excess = np.sum((actual - expected) ** 2 - expected) + PRIOR_ROWS * 0.1 * np.mean(expected) ** 2
    evenness = np.sum(expected**2) / excess if excess > 0 else EVENEST
    n = len(per_round)
    centre = per_round.sum() / (n + PRIOR_ROWS)
    squares = np.sum((per_round - centre) ** 2) + PRIOR_ROWS * (PRIOR_SD**2 + centre**2)
    return ExperimentCycles(
        actual_rounds=float(total_actual),
        planned_rounds=float(total_planned),
        evenness=float(np.clip(evenness, 0.5, EVENEST)),
        log_ratio_per_round=float(centre),
        sd_per_round=float(np.sqrt(squares / (n + PRIOR_ROWS))),
        n_rows=n,
        n_projects=int(table["project"].nunique()),
    )
