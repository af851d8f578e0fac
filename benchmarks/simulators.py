"""Our engine and three public packages behind one call: play a network through, give dates and criticality.

Each is prepared outside the clock (our ``Plan``, their project) and run inside it, to the outputs they share: P50, P80
and P95 of the project's finish as dates (pmcontrols: as days), and the criticality of each activity where there is one.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import subprocess
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import timed
from benchmarks.networks import START, Network, plan_of, three_points
from estimation import OverrunModel, simulate
from estimation.calibration.variates import Variates
from estimation.forecasting.simulation import CHUNK
from estimation.project.network import count_driving, network_of, walk
from estimation.project.plan import Plan

LEVELS = (0.5, 0.8, 0.95)
MCPROJSIM_PINNED = "mcprojsim==0.15.2"
OURS, TRUEPPM, PMCONTROLS, MCPROJSIM = "ours", "trueppm-scheduler", "pmcontrols", "mcprojsim"
FIRST_DAY = dt.date.fromisoformat(START)
SCRATCH = Path(__file__).resolve().parent.parent / ".venv" / "mcprojsim"
"""Environment of mcprojsim: inside the project's own, which git does not see and ``make clean`` removes."""


@dataclass(frozen=True)
class Outcome:
    """What one run took and said.

    Parameters
    ----------
    seconds : float
        Of the processor.
    days : tuple of float
        P50, P80 and P95 of the project's finish. [working days after its start]
    criticality : sequence of float, or None where the package gives none
    """

    seconds: float
    days: tuple[float, ...]
    criticality: object


Simulator = Callable[[int, int], Outcome]
"""Takes iterations and seed."""


def ours(network: Network, model: OverrunModel) -> Simulator:
    plan = plan_of(network, model)

    def run(iterations: int, seed: int) -> Outcome:
        def run() -> tuple[np.ndarray, np.ndarray]:
            simulation = simulate(plan, model, seed=seed, iterations=iterations)
            days = np.quantile(simulation.project_finishes, LEVELS)
            plan.calendar.evening_dates(simulation.origin + np.ceil(days))
            return days, simulation.on_driving_path

        seconds, (days, criticality) = timed(run)
        return Outcome(seconds, tuple(days.tolist()), criticality)

    return run


def parts_of_ours(plan: Plan, model: OverrunModel, iterations: int, seed: int) -> dict[str, float]:
    """Time the parts of ``simulate``, chunk by chunk as it works: drawing durations; forward pass with criticality.

    Returns
    -------
    dict of part to seconds of the processor
    """
    variates = Variates(model, plan.milestones["phase"])
    logic, planned = network_of(plan), plan.baseline.own_days.astype(np.float32)[:, None]
    days = np.empty((len(planned), min(CHUNK, iterations)), np.float32)

    def draw() -> None:
        variates.ratios(variates.project_effects(days.shape[1], rng), rng, days)
        np.multiply(days, planned, out=days)

    parts = {"drawing": 0.0, "forward pass with criticality": 0.0}
    for stream in np.random.SeedSequence(seed).spawn(-(-iterations // CHUNK)):
        rng = np.random.Generator(np.random.SFC64(stream))
        parts["drawing"] += timed(draw)[0]
        walking = timed(lambda: count_driving(logic, walk(logic, days), days))[0]
        parts["forward pass with criticality"] += walking
    share = iterations / (CHUNK * -(-iterations // CHUNK)) if iterations > CHUNK else 1.0
    return {part: seconds * share for part, seconds in parts.items()}


def trueppm(network: Network, model: OverrunModel) -> Simulator:
    import trueppm_scheduler as scheduler

    days = [[dt.timedelta(days=value) for value in points] for points in three_points(network, model)]
    project = scheduler.Project(
        id="benchmark",
        name="benchmark",
        start_date=FIRST_DAY,
        tasks=[  # the sampled days are floored at the duration: the low one leaves them all as they are
            scheduler.Task(
                id=f"a{k:05d}",
                name=f"a{k}",
                duration=low,
                optimistic_duration=low,
                most_likely_duration=likely,
                pessimistic_duration=high,
            )
            for k, (low, likely, high) in enumerate(days)
        ],
        dependencies=[
            scheduler.Dependency(f"a{before:05d}", f"a{k:05d}")
            for k, all_of in enumerate(network.predecessors)
            for before in all_of
        ],
    )

    def run(iterations: int, seed: int) -> Outcome:
        seconds, result = timed(lambda: scheduler.monte_carlo(project, runs=iterations, seed=seed))
        dates = (result.p50, result.p80, result.p95)
        return Outcome(seconds, tuple(_working_days(date) for date in dates), None)

    return run


def _working_days(finish: dt.date) -> float:
    return float(np.busday_count(FIRST_DAY, finish + dt.timedelta(days=1)))


def pmcontrols(network: Network, model: OverrunModel) -> Simulator:
    from pmcontrols import pert

    activities = [
        {"id": f"a{k}", "a": low, "m": likely, "b": high, "predecessors": [f"a{before}" for before in all_of]}
        for k, ((low, likely, high), all_of) in enumerate(
            zip(three_points(network, model), network.predecessors, strict=True)
        )
    ]
    order = [activity["id"] for activity in activities]

    def run(iterations: int, seed: int) -> Outcome:
        seconds, result = timed(lambda: pert(activities, n_sim=iterations, seed=seed))
        days = tuple(result.stats[f"mc_p{100 * level:.0f}"] for level in LEVELS)
        criticality = result.table.set_index("activity")["criticality_index"].loc[order].to_numpy()
        return Outcome(seconds, days, criticality)

    return run


class McprojsimWorker:
    """mcprojsim at work on one network, in a process and an environment of its own; closed with the process."""

    def __init__(self, network: Network, model: OverrunModel, python: Path):
        self.process = subprocess.Popen(
            [python, Path(__file__).with_name("mcprojsim_worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(
            {"days": three_points(network, model), "predecessors": network.predecessors, "start": START}
        )

    def __call__(self, iterations: int, seed: int) -> Outcome:
        """Run once."""
        answer = self.answer(iterations, seed)
        return Outcome(answer["seconds"], tuple(answer["days"]), answer["criticality"])

    def answer(self, iterations: int, seed: int) -> dict[str, object]:
        """Run once; memory as well as outcome."""
        self._say({"iterations": iterations, "seed": seed})
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _say(self, what: dict[str, object]) -> None:
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()


def mcprojsim_python() -> Path | None:
    """Find the Python of the environment that holds mcprojsim, or None."""
    python = SCRATCH / "bin" / "python"
    return python if list(SCRATCH.glob("lib/*/site-packages/mcprojsim")) else None


def set_up_mcprojsim() -> None:
    """Install mcprojsim into its own environment. Its metadata wants a newer Python than it needs."""
    if mcprojsim_python():
        return
    venv.create(SCRATCH, with_pip=True)
    whatever_python = ["--ignore-requires-python", "--only-binary", ":all:"]
    pip = [SCRATCH / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *whatever_python, MCPROJSIM_PINNED], check=True)


def installed() -> dict[str, Callable[[Network, OverrunModel], Simulator]]:
    """Name the simulators that are here, ours first."""
    found = {OURS: ours}
    if importlib.util.find_spec("trueppm_scheduler"):
        found[TRUEPPM] = trueppm
    if importlib.util.find_spec("pmcontrols"):
        found[PMCONTROLS] = pmcontrols
    if python := mcprojsim_python():
        found[MCPROJSIM] = lambda network, model: McprojsimWorker(network, model, python)
    return found
