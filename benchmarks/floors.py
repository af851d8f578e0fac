"""What random numbers cost by themselves: no simulation that draws them can be faster."""

from __future__ import annotations

import numpy as np

from estimation import OverrunModel

CHUNK = 200_000
"""Values drawn at a time: small enough for the cache of the processor."""


def draw_normals_and_exponentials(n: int, iterations: int, seed: int) -> None:
    """First floor: one normal and one exponential per activity and iteration, single precision."""
    rng = np.random.Generator(np.random.SFC64(seed))
    for size in _chunks(n, iterations):
        rng.standard_normal(size, dtype=np.float32)
        rng.standard_exponential(size, dtype=np.float32)


def draw_variates(model: OverrunModel, n: int, iterations: int, seed: int) -> None:
    """Second floor: the model's own variates, drawn straightforwardly and thrown away.

    Per iteration one draw of the model and one normal project effect; per activity and iteration one Student t, one
    uniform for the on-plan share and one index into the shape table (not the look-up). Nothing is put together.
    """
    rng = np.random.Generator(np.random.SFC64(seed))
    draw = rng.integers(len(model.draws["nu"]), size=iterations)
    rng.standard_normal(iterations) * model.draws["project_sd"][draw]
    half = (model.draws["nu"][draw] / 2).astype(np.float32)
    for size in _chunks(n, iterations):
        rng.standard_normal(size, dtype=np.float32) * np.sqrt(
            half / rng.standard_gamma(half, size, dtype=np.float32)
        )
        rng.random(size, dtype=np.float32)
        rng.integers(len(model.shape), size=size, dtype=np.uint16)


def _chunks(n: int, iterations: int) -> list[tuple[int, int]]:
    """Cut (n, iterations) into blocks of whole activities of at most ``CHUNK`` values, or of one activity."""
    rows = max(1, CHUNK // iterations)
    return [(min(rows, n - first), iterations) for first in range(0, n, rows)]
