"""Simulated courses of a plan: each iteration draws how long the work takes and walks through the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimation.calibration.model import OverrunModel
from estimation.calibration.prediction import draw_log_ratios
from estimation.dependencies import Dependency
from estimation.errors import InputError
from estimation.planning.plan import Plan


@dataclass(frozen=True, eq=False)
class Simulation:
    """What might happen to a plan; arrays have the shape (n milestones, n iterations).

    Parameters
    ----------
    plan : Plan
    starts, finishes : float arrays
        Places on the working-day axis of the plan's calendar, parts of days included.
    on_driving_path : float array, length n milestones
        Share of iterations in which the milestone lies on the driving path: its criticality index. [0-1]
    seed : int
    model_hash : str
        Hash of the evidence the model was fitted to.
    n_projects : int
        Closed projects behind the model.
    """

    plan: Plan
    starts: np.ndarray
    finishes: np.ndarray
    on_driving_path: np.ndarray
    seed: int
    model_hash: str
    n_projects: int

    @property
    def iterations(self) -> int:
        """Number of simulated courses."""
        return self.finishes.shape[1]

    @property
    def project_finishes(self) -> np.ndarray:
        """Evening on which the last milestone finished in each iteration, on the working-day axis."""
        return self.finishes.max(axis=0)


def simulate(plan: Plan, model: OverrunModel, *, seed: int, iterations: int = 10_000) -> Simulation:
    """Play a new plan through many times with the overruns that closed projects taught.

    Each iteration draws one ratio per milestone (a project effect shared by all, see ``draw_log_ratios``),
    multiplies the estimates by them and walks through the network. Work does not begin before its predecessors
    allow it, nor before ``not_before``, nor before its planned start where the plan leaves a gap on purpose.

    Parameters
    ----------
    plan : Plan
    model : OverrunModel
    seed : int
        The same seed, plan and model give the same simulation.
    iterations : int
        How many courses to play; at least 100.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        If fewer than 100 iterations are asked for.
    """
    if iterations < 100:
        raise InputError(f"iterations {iterations} came; wanted at least 100, better 10000.")
    rng = np.random.Generator(np.random.SFC64(seed))
    log_ratios = draw_log_ratios(model, list(plan.milestones["phase"]), iterations, rng)
    starts, finishes = walk(plan, plan.baseline.own_days[:, None] * np.exp(log_ratios))
    return Simulation(
        plan=plan,
        starts=starts,
        finishes=finishes,
        on_driving_path=driving_share(plan, starts, finishes),
        seed=seed,
        model_hash=model.history_hash,
        n_projects=model.n_projects,
    )


def earliest_mornings(plan: Plan) -> np.ndarray:
    """Find the morning before which each milestone cannot start, whatever its predecessors do.

    The project start, ``not_before``, and the planned start where it lies later than the plan's own logic
    would allow: a gap in a plan is a decision.

    Returns
    -------
    float array, length n milestones
    """
    project = plan.calendar.mornings([plan.start])[0]
    not_before = plan.calendar.mornings(plan.milestones["not_before"])
    gap = np.where(plan.baseline.morning > plan.baseline.ready, plan.baseline.morning, np.nan)
    return np.fmax(project, np.fmax(not_before, gap))


def walk(plan: Plan, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Walk forward through the network: when each milestone starts and finishes, given its durations.

    Parameters
    ----------
    plan : Plan
    days : float array, shape (n milestones, iterations)
        Own durations. [working days]

    Returns
    -------
    starts, finishes : float arrays of the same shape, on the working-day axis
    """
    place = {milestone: k for k, milestone in enumerate(plan.milestones["milestone"])}
    earliest = earliest_mornings(plan)
    starts, finishes = np.empty_like(days), np.empty_like(days)
    for milestone in plan.order:
        k = place[milestone]
        start = np.full(days.shape[1], earliest[k])
        for link in plan.dependencies[milestone]:
            if link.kind in ("FS", "SS"):
                np.maximum(start, _bound(link, place, starts, finishes), out=start)
        finish = start + days[k]
        for link in plan.dependencies[milestone]:
            if link.kind in ("FF", "SF"):
                np.maximum(finish, _bound(link, place, starts, finishes), out=finish)
        starts[k], finishes[k] = start, finish
    return starts, finishes


def driving_share(plan: Plan, starts: np.ndarray, finishes: np.ndarray) -> np.ndarray:
    """Count how often each milestone lies on the driving path: the chain that set the project's finish.

    Walks back from the milestones that finished last: a predecessor drives when its link set the start (or,
    for FF and SF, the finish) of a milestone that drives.

    Returns
    -------
    float array, length n milestones [0-1]
    """
    place = {milestone: k for k, milestone in enumerate(plan.milestones["milestone"])}
    drives = finishes == finishes.max(axis=0)
    for milestone in reversed(plan.order):
        k = place[milestone]
        for link in plan.dependencies[milestone]:
            moved = starts[k] if link.kind in ("FS", "SS") else finishes[k]
            drives[place[link.milestone]] |= drives[k] & (_bound(link, place, starts, finishes) == moved)
    return drives.mean(axis=1)


def _bound(link: Dependency, place: dict[str, int], starts: np.ndarray, finishes: np.ndarray) -> np.ndarray:
    ends = finishes if link.kind in ("FS", "FF") else starts
    return ends[place[link.milestone]] + link.lag_days
