"""How long we need for a P80 as steady as that of a peer: fewer iterations may do when they are spread evenly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.networks import Network
from benchmarks.simulators import TRUEPPM, Outcome, Simulator, installed, ours
from estimation import OverrunModel

ITERATIONS = 10_000
FEWEST = 100
ROUNDS = 5


def same_error_table(model: OverrunModel, network: Network, seeds: int, seed: int) -> pd.DataFrame:
    """Find how many iterations, and what share of its time, give us trueppm-scheduler's standard error of P80.

    The error is the standard deviation of P80 over runs with different seeds. Its forecast and ours are of different
    width, so it is measured twice: in days, and as a share of P95 - P50 of the forecast it belongs to. It shrinks with
    the root of the iterations, which gives the number we need; the error at that number is then measured as well. Where
    it is a multiple of theirs, our time is that of their number, multiplied, and the error is not run.

    Parameters
    ----------
    network : Network
        With estimates so large that dates in whole days are fine enough for its error.

    Returns
    -------
    DataFrame, two rows; none where trueppm-scheduler is not installed
    """
    if TRUEPPM not in installed():
        return pd.DataFrame()
    theirs, own = installed()[TRUEPPM](network, model), ours(network, model)
    pairs = [(theirs(ITERATIONS, seed + k), own(ITERATIONS, seed + k)) for k in range(seeds)]
    their_runs, own_runs = ([pair[side] for pair in pairs] for side in (0, 1))
    rows = []
    for name, error in (("in days", _error_in_days), ("share of P95 - P50", _error_by_width)):
        wanted = error(their_runs)
        needed = max(FEWEST, int(np.ceil(ITERATIONS * (error(own_runs) / wanted) ** 2)))
        share, reached = _timed_beside(theirs, own, needed, seeds, seed, error)
        rows.append(
            {
                "error measured": name,
                "theirs at 10,000": f"{wanted:.3g}",
                "ours at 10,000": f"{error(own_runs):.3g}",
                "iterations we need": needed,
                "our error there": reached,
                "share of its time": round(share, 3),
            }
        )
    return pd.DataFrame(rows)


def _timed_beside(
    theirs: Simulator,
    own: Simulator,
    needed: int,
    seeds: int,
    seed: int,
    error: Callable[[list[Outcome]], float],
) -> tuple[float, str]:
    """Time both in turn; then go on alone, to see that the error is what was expected."""
    played = min(needed, ITERATIONS)
    own(FEWEST, seed)
    shares, runs = [], []
    for k in range(ROUNDS):
        beside = theirs(ITERATIONS, seed + k).seconds
        runs.append(own(played, seed + k))
        shares.append(runs[-1].seconds / beside * needed / played)
    if played < needed:
        return float(np.median(shares)), "not run"
    runs += [own(needed, seed + k) for k in range(ROUNDS, seeds)]
    return float(np.median(shares)), f"{error(runs):.3g} ({len(runs)} seeds)"


def _error_in_days(runs: list[Outcome]) -> float:
    return float(np.std([run.days[1] for run in runs], ddof=1))


def _error_by_width(runs: list[Outcome]) -> float:
    middle, _, high = np.mean([run.days for run in runs], axis=0)
    return _error_in_days(runs) / float(high - middle)
