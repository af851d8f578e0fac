"""Networks of activities for the speed of simulations: seeded, the same for everyone who plays them through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation import OverrunModel, multiplier_table
from estimation.project.plan import Plan, build_plan
from estimation.tables import PLAN, keep_contract

START = "2026-03-02"
"""A Monday."""
SHORTEST, LONGEST = 5, 40
"""Estimates of the activities. [working days]"""
LOW, LIKELY, HIGH = 0.05, 0.5, 0.95
"""Quantiles of the overrun that the three points of an estimate stand for."""


@dataclass(frozen=True)
class Network:
    """Activities in an order in which each comes after its predecessors.

    Parameters
    ----------
    name : str
    days : tuple of int, length n
        Estimates. [working days]
    predecessors : tuple of tuples of int, length n
        Places of the activities that each must wait for; all links run from finish to start, without lag.
    """

    name: str
    days: tuple[int, ...]
    predecessors: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.days)


def chain(n: int, seed: int) -> Network:
    """Make activities of which each waits for the one before."""
    days = np.random.default_rng(seed).integers(SHORTEST, LONGEST, n, endpoint=True)
    return Network(f"chain of {n}", tuple(days.tolist()), tuple((k - 1,) if k else () for k in range(n)))


def layered(n: int, seed: int, *, scale: int = 1) -> Network:
    """Make activities in about two root n layers, each with one to three predecessors in the layer before.

    They have two on average, those of the first layer none. ``scale`` multiplies all estimates,
    so that dates rounded to whole days are finer in comparison.
    """
    rng = np.random.default_rng(seed)
    layers = round(2 * n**0.5)
    layer = np.arange(n) * layers // n
    days = rng.integers(SHORTEST, LONGEST, n, endpoint=True) * scale
    predecessors = []
    for k in range(n):
        before = np.flatnonzero(layer == layer[k] - 1)
        wanted = min(len(before), rng.integers(1, 3, endpoint=True))
        predecessors.append(tuple(sorted(rng.choice(before, wanted, replace=False).tolist())))
    return Network(f"layered, {n:,}", tuple(days.tolist()), tuple(predecessors))


def plan_of(network: Network, model: OverrunModel) -> Plan:
    """Write a network as a plan, the phases of the model in turn."""
    table = pd.DataFrame(
        {
            "project": "benchmark",
            "milestone": [f"a{k}" for k in range(len(network))],
            "phase": _phases(network, model),
            "baseline_days": np.array(network.days, dtype=float),
            "depends_on": ["; ".join(f"a{before}" for before in all_of) for all_of in network.predecessors],
            "project_start": pd.Timestamp(START),
            "source": [f"{network.name}, row {k + 2}" for k in range(len(network))],
        }
    )
    return build_plan(keep_contract(table, PLAN))


def three_points(network: Network, model: OverrunModel) -> list[tuple[int, int, int]]:
    """Give what a planner who knows the model would enter elsewhere: low, likely and high days of each activity.

    They are the estimate times the P5, P50 and P95 multipliers of its phase, in whole days, low below high.
    """
    table = multiplier_table(model, levels=(LOW, LIKELY, HIGH)).pivot_table(
        index="phase", columns="level", values="multiplier"
    )
    points = np.array(network.days)[:, None] * table.loc[_phases(network, model)].to_numpy()
    low, likely, high = np.maximum(points.round().astype(int), 1).T
    return list(zip(low.tolist(), likely.tolist(), np.maximum(high, low + 2).tolist(), strict=True))


def _phases(network: Network, model: OverrunModel) -> list[str]:
    known = list(model.phases["phase"].iloc[:-1])
    return [known[k % len(known)] for k in range(len(network))]
