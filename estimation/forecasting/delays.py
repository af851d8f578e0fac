"""The iterations of a simulation once more with one milestone late: who else is late, in which, by how much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from estimation.forecasting.iterations import Chunk, Detail, SimulationSetup, hold_links, with_work_beside
from estimation.forecasting.simulation import Simulation
from estimation.forecasting.traced_iterations import trace_all


def with_slip(simulation: Simulation, place: int, slip_days: float) -> Simulation:
    """Let one unfinished milestone finish later (or earlier: negative) in every iteration, and hand the days on.

    The draws are those of the simulation. Each iteration is walked twice at the pace at which it reaches its finish,
    once as it is and once with the slip; the difference is added to its finishes. So links, lags, dates set from
    outside, calendars and parallel work take up in each iteration what they would. Earlier goes as far as the
    milestone's start, its links and the status date allow. No finish is earlier for a slip above 0, none later for
    one below.
    """
    chunks = [_slipped(simulation.setup, chunk, place, slip_days) for chunk in trace_all(simulation)]
    return replace(
        simulation,
        finishes=np.concatenate([finishes for finishes, _ in chunks], axis=1),
        project_finishes=np.concatenate([project for _, project in chunks]),
    )


def _slipped(
    setup: SimulationSetup, chunk: Chunk, place: int, slip_days: float
) -> tuple[np.ndarray, np.ndarray]:
    """Shift the finishes of a chunk, and of its projects, by what a slip does to each iteration."""
    detail = chunk.detail
    assert detail is not None  # trace_all keeps it
    days = _at_own_pace(setup, detail)
    before, after = days.copy(), days
    setup.network.schedule(before)
    setup.network.schedule(after, **setup.network.slipping(place, slip_days))
    added = None
    if detail.added is not None:
        added = replace(detail.added, days=detail.added.days * detail.stretch[detail.added.iteration])
    project = chunk.project + (with_work_beside(after, added) - with_work_beside(before, added))
    finishes = np.maximum(chunk.finishes + (after - before), np.minimum(chunk.finishes, setup.anchor))
    if setup.finish_nodes is not None:  # matching keeps work behind what it waits for, and so does a slip
        hold_links(setup.network, finishes)
    return finishes, np.maximum(project, finishes.max(axis=0))


def _at_own_pace(setup: SimulationSetup, detail: Detail) -> np.ndarray:
    """Stretch the work that is left as its iteration was stretched to end at its drawn finish."""
    if setup.state is None:
        return detail.durations * detail.stretch
    gone = setup.state.gone_days.astype(np.float32)[:, None]
    return gone + np.maximum(detail.durations - gone, 0) * detail.stretch
