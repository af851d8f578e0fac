"""What drives the date: which milestones move it, what the path to it is made of, and what parallel work costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from estimation.forecasting.forecast import DAY_PART
from estimation.forecasting.iterations import Detail, project_if
from estimation.forecasting.simulation import Simulation
from estimation.forecasting.traced_iterations import TracedIterations, trace
from estimation.project.network import Network, links_that_set
from estimation.tables import IDENTITY, Column, Contract, keep_contract

TORNADO: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "rank_correlation": Column.ratio("Spearman's between its own duration and the finish of the project"),
    "low_days": Column.days(
        "how much earlier the project ends on average when it is among its shortest fifth; negative"
    ),
    "high_days": Column.days("how much later when it is among its longest fifth"),
}

CONTINGENCY: Contract = {
    "phase": IDENTITY["phase"],
    "planned_days": Column.days("days of the planned path that belong to the phase"),
    "expected_days": Column.days("days of the path in iterations that finish about the promised date"),
    "contingency_days": Column.days("the difference: what the phase needs beyond its plan"),
}

BAND = 0.05
"""Iterations whose finish lies within this share of a level stand for it."""
BETWEEN = "waiting between milestones"
SO_FAR = "up to the status date"


def tornado(simulation: Simulation) -> pd.DataFrame:
    """Rank the milestones by how much their duration moves the finish of the project, the strongest first.

    ``low_days`` and ``high_days`` are by how much the mean finish moves from its middle when the milestone is among
    its shortest or its longest fifth.
    """
    traced = trace(simulation)
    days, finish = traced.detail.durations, traced.project
    ranks = stats.rankdata(finish)
    fifth = max(len(finish) // 5, 1)
    rows = []
    for milestone, own in zip(simulation.plan.milestones.itertuples(), days, strict=True):
        varies = np.ptp(own) > 0 and np.ptp(finish) > 0
        order = np.argsort(own, kind="stable")
        rows.append(
            {
                "milestone": milestone.milestone,
                "name": milestone.name,
                "phase": milestone.phase,
                "rank_correlation": np.corrcoef(stats.rankdata(own), ranks)[0, 1] if varies else 0.0,
                "low_days": finish[order[:fifth]].mean() - finish.mean() if varies else 0.0,
                "high_days": finish[order[-fifth:]].mean() - finish.mean() if varies else 0.0,
            }
        )
    table = pd.DataFrame(rows)
    order = (-table["rank_correlation"].abs()).argsort(kind="stable")
    return keep_contract(table.iloc[order], TORNADO)


def contingency_table(simulation: Simulation, *, level: float = 0.8) -> pd.DataFrame:
    """Split what the promised date needs beyond the plan among the phases, so that it adds up to the last row.

    Every day up to the finish of the project belongs to one milestone of the driving path, or to waiting between
    milestones: for a date, a gap or a lag. The days of iterations that finish about the level are compared with those
    of the plan, phase by phase. Of a running project the days up to the status date stand apart.
    """
    traced = trace(simulation)
    planned = _planned(simulation, traced)
    target = float(np.quantile(simulation.project_finishes, level, method="inverted_cdf"))
    low, high = np.quantile(traced.project, [max(level - BAND, 0), min(level + BAND, 1)])
    near = (traced.project >= low) & (traced.project <= high)
    anchor = traced.setup.anchor
    days = _days_on_path(traced, near).mean(axis=1)
    days *= max(target - anchor, 0) / max(days.sum(), 1e-9)
    phases = simulation.plan.milestones["phase"].to_numpy()
    table = pd.DataFrame(
        {
            "phase": [SO_FAR, *phases, BETWEEN],
            "planned_days": [
                min(anchor, float(planned.project[0])),
                *_days_on_path(planned, np.array([True]))[:, 0],
            ],
            "expected_days": [min(anchor, target), *days],
        }
    )
    table = table.groupby("phase", sort=False, as_index=False).sum()
    table = table[(table["planned_days"].abs() > 1e-6) | (table["expected_days"].abs() > 1e-6)]
    whole = {"phase": "whole project", **table[["planned_days", "expected_days"]].sum()}
    table = pd.concat([table, pd.DataFrame([whole])], ignore_index=True)
    table["contingency_days"] = table["expected_days"] - table["planned_days"]
    return keep_contract(table, CONTINGENCY)


def driving_path(simulation: Simulation) -> list[str]:
    """Name the milestones of the path that most often sets the finish, in their order.

    Starts at the milestone that most often finishes last (of several that do, at the last of the plan's logic) and
    follows, in the iterations it is the path of so far, the predecessor whose link held most often, as far back as
    any does.
    """
    names = simulation.plan.milestones["milestone"]
    return [names.iloc[place] for place in _usual_path(trace(simulation))]


def _usual_path(traced: TracedIterations) -> list[int]:
    """Find the places of the driving path, in their order."""
    network, starts, finishes = traced.setup.network, traced.detail.starts, traced.detail.finishes
    is_last = finishes == finishes.max(axis=0)
    path = [max(reversed(network.order), key=lambda place: np.count_nonzero(is_last[place]))]
    iterations = is_last[path[0]]
    while iterations.any():
        held: dict[int, np.ndarray] = {}
        for before, by_it in links_that_set(network, path[-1], starts, finishes):
            held[before] = held.get(before, False) | (iterations & by_it)
        before = max(held, key=lambda place: np.count_nonzero(held[place]), default=None)
        iterations = np.zeros(0, bool) if before is None else held[before]
        if before is not None and iterations.any():
            path.append(before)
    return path[::-1]


def merge_bias(simulation: Simulation) -> float:
    """Say how many days later the project finishes at P50 than its usual driving path on its own.

    Where two paths meet, the later one counts, every time: the meeting is later than either path alone promises. Work
    added to the path is part of it.
    """
    traced = trace(simulation)
    on_path = np.zeros(len(simulation.plan.milestones), bool)
    on_path[_usual_path(traced)] = True
    setup, detail = traced.setup, traced.detail
    alone = replace(
        setup,
        network=_only(setup.network, on_path),
        hard=None if setup.hard is None else _only(setup.hard, on_path),
    )
    added = None if detail.added is None else detail.added.of(on_path)
    days = np.where(on_path[:, None], detail.durations, np.float32(0))
    path_finish = project_if(alone, replace(detail, added=added), days)
    return float(np.median(traced.project) - np.median(path_finish))


def spread_if_independent(simulation: Simulation) -> pd.Series:
    """Say how much narrower the answer would be if every milestone had a project effect of its own: P10 to P90 in days.

    ``days`` are those of the simulation, ``independent_days`` those of durations drawn independently and chained.
    """
    own = np.ptp(np.quantile(simulation.project_finishes, [0.1, 0.9]))
    alone = trace(simulation, independent=True)
    other = np.ptp(np.quantile(alone.detail.finishes.max(axis=0), [0.1, 0.9]))
    return pd.Series({"days": float(own), "independent_days": float(other)})


def scope_growth_effect(simulation: Simulation, *, level: float = 0.8) -> float:
    """Say how many days of the date are there for work that nobody has planned yet."""
    setup = simulation.setup
    with_it, without = (
        np.quantile(trace(replace(simulation, setup=replace(setup, grows=grows))).project, level)
        for grows in (True, False)
    )
    return float(with_it - without)


def _only(network: Network, kept: np.ndarray) -> Network:
    """Leave out of a network the links and dates of all but some milestones."""
    return replace(
        network,
        links=tuple(
            tuple(link for link in own if kept[k] and kept[link.place]) for k, own in enumerate(network.links)
        ),
        earliest=np.where(kept, network.earliest, np.minimum(network.earliest, 0)),
        earliest_finish=np.where(kept, network.earliest_finish, -np.inf),
    )


def _planned(simulation: Simulation, traced: TracedIterations) -> TracedIterations:
    """Lay the plan itself out like an iteration."""
    baseline = simulation.plan.baseline
    network = simulation.plan.network
    finishes = (baseline.evening - network.origin).astype(np.float32)[:, None]
    starts = (baseline.morning - network.origin).astype(np.float32)[:, None]
    detail = Detail(finishes - starts, starts, finishes, np.ones(1, np.float32))
    return TracedIterations(replace(traced.setup, network=network), detail, finishes.max(axis=0))


def _days_on_path(traced: TracedIterations, chosen: np.ndarray) -> np.ndarray:
    """Give every day of some iterations after the anchor to a milestone of their path, or, last row, to waiting."""
    network, anchor = traced.setup.network, traced.setup.anchor
    starts, finishes = traced.detail.starts[:, chosen], traced.detail.finishes[:, chosen]
    stretch = traced.detail.stretch[chosen]
    n, size = finishes.shape
    iteration = np.arange(size)

    def stretched(place: np.ndarray) -> np.ndarray:
        return np.maximum(place - anchor, 0) * stretch

    days = np.zeros((n + 1, size))
    until = np.full((n, size), np.nan)  # where the iteration leaves the milestone; NaN beside the path
    last = finishes.argmax(axis=0)
    until[last, iteration] = finishes[last, iteration]
    for k in reversed(network.order):
        on_path = ~np.isnan(until[k])
        if not on_path.any():
            continue
        # A finish that hangs on another's (FF, SF) hands the days before it on; else the work itself takes them.
        place, source, bound = _latest(network, k, False, starts, finishes)
        handed = on_path & (np.abs(bound - until[k]) < DAY_PART)
        days[n] += np.where(handed, stretched(until[k]) - stretched(source), 0)
        until[place[handed], iteration[handed]] = source[handed]
        works = on_path & ~handed
        days[k] += np.where(works, stretched(until[k]) - stretched(starts[k]), 0)
        place, source, bound = _latest(network, k, True, starts, finishes)
        linked = works & np.isfinite(bound)
        days[n] += np.where(works, stretched(starts[k]) - stretched(np.where(linked, source, 0)), 0)
        until[place[linked], iteration[linked]] = source[linked]
    return days


def _latest(
    network: Network, k: int, into_start: bool, starts: np.ndarray, finishes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the link that holds up longest in each iteration: its milestone, its end, and that end with the lag."""
    size = finishes.shape[1]
    place, source, bound = np.zeros(size, int), np.zeros(size), np.full(size, -np.inf)
    for link in network.links[k]:
        if link.into_start is not into_start:
            continue
        end = (finishes if link.from_finish else starts)[link.place]
        later = end + link.lag_days > bound
        place, source = np.where(later, link.place, place), np.where(later, end, source)
        bound = np.where(later, end + link.lag_days, bound)
    return place, source, bound
