"""The iterations of a simulation once more, with how they came about: what questions about causes are asked of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from estimation.forecasting.iterations import Chunk, Detail, SimulationSetup, project_if, simulate_chunk
from estimation.forecasting.simulation import CHUNK, Simulation, chunk_size

MOST_NUMBERS = 20_000_000
"""Milestones times iterations: of large plans fewer iterations are traced."""


@dataclass(frozen=True, eq=False)
class TracedIterations:
    """Some iterations of a simulation in detail; arrays over (n milestones, n iterations).

    Parameters
    ----------
    setup : SimulationSetup
    detail : Detail
        Before iterations were matched to whole projects.
    project : float32 array, length n iterations
        Finish of the whole project. [working days after the origin]
    """

    setup: SimulationSetup
    detail: Detail
    project: np.ndarray

    def finishes_if(self, durations: np.ndarray) -> np.ndarray:
        """Find when the project would finish with other durations (before matching), all else unchanged."""
        return project_if(self.setup, self.detail, durations)


def trace(simulation: Simulation, *, independent: bool = False) -> TracedIterations:
    """Simulate the first iterations once more and keep how they came about; of large plans fewer, and others.

    With ``independent`` every milestone has a project effect of its own, as in tools that assume independence.
    """
    n = len(simulation.plan.milestones)
    size = int(min(CHUNK, simulation.iterations, max(MOST_NUMBERS // n, 100)))
    stream = np.random.SeedSequence(simulation.seed).spawn(1)[0]
    setup = replace(simulation.setup, shared_effect=False) if independent else simulation.setup
    chunk = simulate_chunk(setup, stream, size, detailed=True)
    assert chunk.detail is not None  # as asked for
    return TracedIterations(setup, chunk.detail, chunk.project)


def trace_all(simulation: Simulation) -> Iterator[Chunk]:
    """Simulate all iterations once more, chunk by chunk in their order, number for number, with how they came about."""
    size = chunk_size(simulation.plan)
    begins = range(0, simulation.iterations, size)
    streams = np.random.SeedSequence(simulation.seed).spawn(len(begins))
    for stream, begin in zip(streams, begins, strict=True):
        yield simulate_chunk(
            simulation.setup, stream, min(size, simulation.iterations - begin), detailed=True
        )
