"""The choice between two ways to forecast a finish, whole projects or chained phases: what did better so far."""

from __future__ import annotations

import pandas as pd

from estimation.calibration.measured_history import MeasuredHistory
from estimation.scores import block_bootstrap_skill
from estimation.scoring.finish_backtest import CHAINED, FINISH_CANDIDATES, MATCHED, backtest_finishes

FEWEST_FOR_A_CHOICE = 20


def choose_finish_way(scores: pd.DataFrame, *, seed: int) -> str:
    """Choose where the spread of a finish comes from: whole projects, or phases chained through the network.

    "record", unless chaining came closer on at least twenty projects and the lower end of the 90 % interval of that
    gain is above zero: then "chained". The scores are those of ``backtest_finishes``.
    """
    losses = scores.pivot_table(index="project", columns="candidate", values="crps")
    if not {MATCHED, CHAINED} <= set(losses) or len(losses) < FEWEST_FOR_A_CHOICE:
        return "record"
    lower, _ = block_bootstrap_skill(
        losses[CHAINED].to_numpy(), losses[MATCHED].to_numpy(), losses.index.to_numpy(), seed
    )
    return "chained" if lower > 0 else "record"


def backtested_finish_way(history: pd.DataFrame | MeasuredHistory, *, seed: int, **how) -> str:
    """Choose it by a backtest of the two alone; ``choose_finish_way`` says the same of one that holds others too."""
    two = {name: FINISH_CANDIDATES[name] for name in (MATCHED, CHAINED)}
    return choose_finish_way(backtest_finishes(history, seed=seed, candidates=two, **how), seed=seed)
