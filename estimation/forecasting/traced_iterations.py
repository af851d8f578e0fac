"""The first courses of a simulation once more, with how they came about: what questions about causes are asked of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from estimation.forecasting.iterations import Chunk, Detail, Game, play, project_if
from estimation.forecasting.simulation import CHUNK, Simulation, chunk_size

MOST_NUMBERS = 20_000_000
"""Milestones times courses: of large plans fewer courses are played again."""


@dataclass(frozen=True, eq=False)
class Replay:
    """Some courses of a simulation in detail; arrays over (n milestones, n courses).

    Parameters
    ----------
    game : Game
    detail : Detail
        Before courses were matched to whole projects.
    project : float32 array, length n courses
        Finish of the whole project. [working days after the origin]
    """

    game: Game
    detail: Detail
    project: np.ndarray

    def finishes_if(self, durations: np.ndarray) -> np.ndarray:
        """Find when the project would finish with other durations (before matching), all else unchanged."""
        return project_if(self.game, self.detail, durations)


def replay(simulation: Simulation, *, independent: bool = False) -> Replay:
    """Simulate the first iterations once more and keep how they came about; of large plans fewer, and others.

    With ``independent`` every milestone has a project effect of its own, as in tools that assume independence.
    """
    n = len(simulation.plan.milestones)
    size = int(min(CHUNK, simulation.iterations, max(MOST_NUMBERS // n, 100)))
    stream = np.random.SeedSequence(simulation.seed).spawn(1)[0]
    game = replace(simulation.game, shared_luck=False) if independent else simulation.game
    chunk = play(game, stream, size, detailed=True)
    return Replay(game, chunk.detail, chunk.project)


def replay_all(simulation: Simulation) -> Iterator[Chunk]:
    """Simulate all iterations once more, chunk by chunk in their order, number for number, with how they came about."""
    size = chunk_size(simulation.plan)
    begins = range(0, simulation.iterations, size)
    streams = np.random.SeedSequence(simulation.seed).spawn(len(begins))
    for stream, begin in zip(streams, begins, strict=True):
        yield play(simulation.game, stream, min(size, simulation.iterations - begin), detailed=True)
