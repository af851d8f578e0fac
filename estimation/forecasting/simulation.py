"""The simulation of a plan: how long the work might take, thousands of times over."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.model import OverrunModel
from estimation.calibration.pooled_readings import fit_pooled, left_nodes
from estimation.calibration.project_record import LEVELS, ProjectRecord
from estimation.calibration.variates import FinishedWork, Variates
from estimation.errors import InputError
from estimation.forecasting.iterations import Chunk, SimulationSetup, simulate_chunk
from estimation.forecasting.readings import readings_of
from estimation.forecasting.remaining_table import REMAINING
from estimation.project.plan import Plan, outside_dates, refuse_no_work
from estimation.project.progress import LEAST_LEFT_DAYS
from estimation.project.standing import Standing, Standings, standing_of
from estimation.tables import empty_table

FEWEST_ITERATIONS = 100
CHUNK, CHUNK_OF_LARGE_PLANS, LARGE_PLAN = 4096, 2048, 2500
"""Iterations simulated together: what fits the processor's cache; fewer for plans of many milestones."""
WANTED_ERROR_DAYS = 0.5
"""A simulation that may stop by itself does when the standard error of P80 is below this."""
MOST_BYTES = 512 * 2**20
"""What the finishes of such a simulation may take in memory."""
MOST_CHUNKS = 64
LEAST_OF_SAID = 0.8
"""No running work ends before so much of the time that its team still asks for: who is quicker says so."""
WAYS = ("auto", "record", "chained")


@dataclass(frozen=True, eq=False)
class Simulation:
    """What might happen to a plan.

    Parameters
    ----------
    plan : Plan
        The approved one, against which dates are held; what was simulated is its ``estimated``.
    finishes : float32 array, shape (n milestones, n iterations)
        When each milestone finishes, in working days after the first morning of the project, parts of days included.
    project_finishes : float32 array, length n iterations
        When the whole project finishes, work added later included.
    on_driving_path : float array, length n milestones
        Share of iterations in which the milestone lies on the driving path: its criticality index. [0-1]
    origin : float
        First morning of the project on the working-day axis of the plan's calendar.
    seed : int
    way : "record" or "chained"
        Where the spread of the finish comes from: whole projects, or durations chained through the network.
    model_hash : str
        Hash of the evidence the model was fitted to.
    n_projects : int
        Closed projects behind the model.
    setup : SimulationSetup
        What was simulated, for questions asked later.
    as_of : Timestamp or None
        Status date; None before the start.
    standing : Standing or None
        Where the approved plan stood on it.
    """

    plan: Plan
    finishes: np.ndarray
    project_finishes: np.ndarray
    on_driving_path: np.ndarray
    origin: float
    seed: int
    way: str
    model_hash: str
    n_projects: int
    setup: SimulationSetup
    as_of: pd.Timestamp | None = None
    standing: Standing | None = None

    @property
    def iterations(self) -> int:
        """Number of iterations."""
        return self.finishes.shape[1]

    @property
    def game(self) -> SimulationSetup:
        """Old name of ``setup``, kept for one release."""
        return self.setup


def simulate(
    plan: Plan,
    model: OverrunModel,
    *,
    seed: int,
    record: ProjectRecord | None = None,
    as_of: DateLike | None = None,
    status: pd.DataFrame | Standings | Standing | None = None,
    iterations: int | None = None,
    jobs: int | Executor = 1,
    way: str = "auto",
    scope_growth: bool = True,
) -> Simulation:
    """Simulate a plan many times with the overruns that closed projects taught.

    What is drawn starts from the estimates (``plan.estimated``): a plan that was multiplied before it was approved has
    the same forecast as one that was not.

    Each iteration takes one draw of the model and one project effect shared by the whole project, draws how long each
    milestone takes and walks through the network. With a record of whole projects the finish is then drawn from it,
    and the iterations are matched to it by rank. Of a running project, finished work stays as it was, running work
    takes at least what it has taken, and nothing finishes before the status date.

    Parameters
    ----------
    plan : Plan
    model : OverrunModel
    seed : int
        The same seed, plan, model and number of iterations give the same simulation, whatever ``jobs``.
    record : ProjectRecord, optional
        What whole projects did; the model's own where none comes.
    as_of : date-like, optional
        Status date of a running project.
    status : DataFrame keeping the STATUS contract, or a Standing, optional
        What was reported up to then.
    iterations : int, optional
        How many, at least 100. Without a number it goes on until the standard error of the project's
        P80 is below half a working day, or the finishes fill half a gigabyte, or there are 64 chunks of them.
    jobs : int or Executor
        Number of processes, or an executor that has some; one process by default.
    way : "auto", "record" or "chained"
        Where the spread of the finish comes from. "auto" takes what did better in the backtest before the start, and
        the record where nothing was compared; of a running project always what whole projects had left (on real
        projects, durations chained from the status date missed many times as far).
    scope_growth : bool
        Whether milestones may be added on the way as often as in the past.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        If fewer than 100 iterations are asked for, the way is unknown, or the status does not fit the plan.
    """
    if iterations is not None and iterations < FEWEST_ITERATIONS:
        raise InputError(f"iterations {iterations} came; wanted at least {FEWEST_ITERATIONS}, better 10000.")
    if way not in WAYS:
        raise InputError(f"way '{way}' is unknown; wanted 'auto', 'record' or 'chained'.")
    refuse_no_work(plan)
    standing = None if as_of is None else standing_of(plan, status, as_of)
    plan = plan if standing is None else standing.plan
    measured = None if standing is None else standing.estimated
    estimated = plan.estimated if measured is None else measured.plan
    setup = setup_of(estimated, model, record=record, standing=measured, way=way, scope_growth=scope_growth)
    size = chunk_size(plan)
    if iterations is None:
        chunks = _until_sure(setup, seed, size, jobs)
        finishes = np.concatenate([chunk.finishes for chunk in chunks], axis=1)
    else:
        finishes = np.empty((len(plan.milestones), iterations), np.float32)
        chunks = list(_simulated(setup, seed, size, iterations, jobs, finishes))
    n_driving = np.sum([chunk.n_driving for chunk in chunks], axis=0)
    return Simulation(
        plan=plan,
        finishes=finishes,
        project_finishes=np.concatenate([chunk.project for chunk in chunks]),
        on_driving_path=n_driving / finishes.shape[1],
        origin=setup.network.origin,
        seed=seed,
        way="chained" if setup.finish_nodes is None else "record",
        model_hash=model.history_hash,
        n_projects=model.n_projects,
        setup=setup,
        as_of=None if standing is None else standing.as_of,
        standing=standing,
    )


def chunk_size(plan: Plan) -> int:
    """Say how many iterations of a plan are simulated together."""
    return CHUNK if len(plan.milestones) <= LARGE_PLAN else CHUNK_OF_LARGE_PLANS


def setup_of(
    plan: Plan,
    model: OverrunModel,
    *,
    record: ProjectRecord | None,
    standing: Standing | None,
    way: str,
    scope_growth: bool,
) -> SimulationSetup:
    """Put together what a simulation needs: plan, model, record and where the project stands."""
    network = plan.network
    hard, reference = outside_dates(plan), plan.baseline.evening - network.origin
    phases = plan.milestones["phase"]
    order, client = plan.draw_order, next(iter(plan.milestones["client"].dropna()), None)
    variates = Variates(model, phases, client=client, order=order)
    state = None if standing is None else standing.state
    if state is not None and standing is not None:
        network, waits = state.network, np.isnan(state.start) & ~state.is_over
        reference = np.where(state.is_over, 0.0, np.maximum(standing.expected_finish - state.now, 0.0))
        said = state.now + LEAST_OF_SAID * np.nan_to_num(state.said_end - state.now)
        said = np.where(said > state.now, said, -np.inf)
        if hard is not None or np.isfinite(said).any():
            free = np.full(len(said), -np.inf)
            dates = hard or replace(network, earliest=free, earliest_finish=free, teams={})
            hard = replace(
                dates,
                links=network.links,
                earliest=np.where(waits, dates.earliest, -np.inf),
                earliest_finish=np.maximum(np.where(state.is_over, -np.inf, dates.earliest_finish), said),
            )
    baseline = plan.baseline.own_days.astype(np.float32)
    growth = model.scope_growth
    rounds = plan.milestones["iterations_planned"].fillna(0).astype(int).to_numpy()
    return SimulationSetup(
        network=network,
        hard=hard,
        order=order,
        baseline_days=baseline,
        variates=variates,
        rounds={k: rounds[k] for k in order if rounds[k] > 0} if model.cycles is not None else {},
        cycles=model.cycles,
        growth=growth,
        growth_rate=np.zeros(len(baseline)) if growth is None else growth.rates_of(phases),
        grows=scope_growth,
        risk_prob=plan.milestones["risk_prob"].fillna(0).to_numpy(),
        risk_days=plan.milestones["risk_days"].fillna(0).to_numpy(),
        reference=reference,
        slips=model.slips if state is None else None,
        finish_nodes=_finish_nodes(plan, model, record or model.record, standing, way),
        state=state,
        finished_work=None if standing is None else _finished_work(standing, baseline, variates.rows),
        planned=None if standing is None else plan.network,
    )


def standard_error(finishes: np.ndarray, level: float, *, evenly_drawn: bool = False) -> float:
    """Say how far a percentile of the simulation may lie from that of endless iterations, in working days.

    Half the distance between the order statistics one binomial standard error to each side (David & Nagaraja, Order
    statistics, 3rd edition, 2003, section 7.1). Finishes drawn evenly, one from each of n equally likely slices, as
    those of a record are: one place to each side. The project effect is drawn evenly, too, so that chained finishes
    do better than it says.
    """
    n = len(finishes)
    reach = 1.0 if evenly_drawn else np.sqrt(n * level * (1 - level))
    places = np.clip([np.floor(n * level - reach), np.ceil(n * level + reach) - 1], 0, n - 1).astype(int)
    low, high = np.partition(finishes, places)[places]
    return float(high - low) / 2


def _finish_nodes(
    plan: Plan, model: OverrunModel, record: ProjectRecord | None, standing: Standing | None, way: str
) -> np.ndarray | None:
    """Find equally likely finishes of the whole project, from what whole projects did; None to chain durations."""
    planned_days, running = plan.end - plan.network.origin, standing is not None and standing.state.now > 0
    chosen = ("record" if running else model.finish_way) if way == "auto" else way
    if chosen == "chained" or planned_days <= 0:
        return None
    client = next(iter(plan.milestones["client"].dropna()), None)
    if standing is None or not running:
        if record is None:
            return None
        return planned_days * np.exp(record.of_client(client).nodes)
    if standing.state.is_over.all():
        return None
    record = None if record is None else record.of_client(client)
    remaining = model.remaining or fit_pooled(empty_table(REMAINING), record=record)
    finishes = None if record is None else planned_days * np.exp(record.nodes)
    left = left_nodes(remaining, finishes, vars(readings_of(standing)), LEVELS)
    return standing.state.now + np.maximum(left, LEAST_LEFT_DAYS)


def _finished_work(standing: Standing, baseline: np.ndarray, rows: np.ndarray) -> FinishedWork:
    """Take the overruns of the project's own work: finished as it was, on plan too, running as at least so far."""
    state = standing.state
    taken = np.where(standing.plan.is_added, np.nan, state.taken_days)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(taken / baseline)
    usable = np.isfinite(log_ratio)
    return FinishedWork(row=rows[usable], log_ratio=log_ratio[usable], runs=state.is_running[usable])


def _simulated(
    setup: SimulationSetup, seed: int, size: int, iterations: int, jobs: int | Executor, finishes: np.ndarray
) -> Iterator[Chunk]:
    """Simulate all chunks; the finishes of each go to their place in the large table."""
    begins = range(0, iterations, size)
    streams = np.random.SeedSequence(seed).spawn(len(begins))
    sizes = [min(size, iterations - begin) for begin in begins]
    if jobs == 1 or len(sizes) == 1:
        room = np.empty((len(finishes), min(size, iterations)), np.float32)
        for stream, begin, count in zip(streams, begins, sizes, strict=True):
            yield simulate_chunk(
                setup, stream, count, out=finishes[:, begin : begin + count], room=room[:, :count]
            )
        return
    own = isinstance(jobs, int)
    with ProcessPoolExecutor(jobs, get_context("spawn")) if own else nullcontext(jobs) as pool:
        chunks = pool.map(simulate_chunk, [setup] * len(sizes), streams, sizes)
        for begin, count, chunk in zip(begins, sizes, chunks, strict=True):
            finishes[:, begin : begin + count] = chunk.finishes
            yield chunk


def _until_sure(setup: SimulationSetup, seed: int, size: int, jobs: int | Executor) -> list[Chunk]:
    """Simulate chunk after chunk until P80 of the project is known to half a day."""
    most = int(np.clip(MOST_BYTES // (len(setup.baseline_days) * size * 4), 1, MOST_CHUNKS))
    streams = np.random.SeedSequence(seed).spawn(most)
    chunks: list[Chunk] = []
    for stream in streams:
        chunks.append(simulate_chunk(setup, stream, size))
        finishes = np.concatenate([chunk.project for chunk in chunks])
        if standard_error(finishes, 0.8, evenly_drawn=setup.evenly_drawn) < WANTED_ERROR_DAYS:
            break
    return chunks
