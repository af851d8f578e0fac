"""What each milestone of a plan might take, drawn many times: the random numbers of a simulation.

A residual is read from a table of quantiles at a uniform random place, so that tails, the shape of the reference class
and the share that finishes exactly on plan cost one uniform number each. All arrays are float32, activity-major.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import stats
from scipy.special import log_ndtr, ndtr

from estimation.calibration.model import OverrunModel

PLACES = 4096
"""Quantiles in a table of residuals."""
PLACE_LEVELS = (np.arange(PLACES) + 0.5) / PLACES
ROWS_AT_ONCE = 8
SMALLEST_SPREAD = 0.01
"""Work that always ends on plan says of its project's luck no more than work that spreads so little. [log units]"""
MOST = np.float32(np.log(1000))
"""No work takes a thousand times its plan; a phase that never was off plan has draws without bound."""


@dataclass(frozen=True, eq=False)
class ProjectEffects:
    """What all milestones of one iteration have in common; arrays over iterations, per row of the model's phases.

    ``draw`` is the draw of the model that is taken to be true, ``shared`` the effect of project and client, ``learned``
    what the project's own work adds to it [log units]. ``level`` (shared effect included), own ``spread`` [log units]
    and ``on_plan_share`` [0-1] are by row of the model; ``tail`` is where the table of residuals of the draw's tail
    weight begins.
    """

    draw: np.ndarray
    shared: np.ndarray
    learned: np.ndarray
    level: dict[int, np.ndarray]
    spread: dict[int, np.ndarray]
    on_plan_share: dict[int, np.ndarray]
    tail: np.ndarray

    @property
    def at_first(self) -> ProjectEffects:
        """The same before the project's own work said anything."""
        level = {row: (values - self.learned).astype(np.float32) for row, values in self.level.items()}
        return replace(self, level=level, learned=np.zeros_like(self.learned))


@dataclass(frozen=True, eq=False)
class FinishedWork:
    """What the project's own work says about its effect: row of the model's phases and log ratio of each [log units].

    Work that ``runs`` is known to take longer than its ratio so far.
    """

    row: np.ndarray
    log_ratio: np.ndarray
    runs: np.ndarray


class Variates:
    """Overrun ratios of the milestones of one plan, ready to be drawn chunk by chunk.

    Phases the model never saw are drawn from the widest distribution; a client not told apart is one never seen.
    """

    def __init__(
        self,
        model: OverrunModel,
        phases: Iterable[str],
        *,
        client: str | None = None,
        order: np.ndarray | None = None,
    ) -> None:
        self.rows = model.rows_of(phases)
        self._order = np.arange(len(self.rows)) if order is None else order
        self._client = model.draws["client"][:, model.column_of(client)]
        self._draws = model.draws
        self._tails, self._tail_of_draw = np.unique(model.draws["nu"], return_inverse=True)
        self._tables = {int(row): self._table(model, row) for row in np.unique(self.rows)}

    def project_effects(
        self, size: int, rng: np.random.Generator, finished_work: FinishedWork | None = None
    ) -> ProjectEffects:
        """Draw what the milestones of each iteration share: a draw of the model and the project effect.

        The effect is stratified: its quantiles are covered evenly, which steadies P80 at no cost. Finished work moves
        it.
        """
        draw = rng.permutation(size) % len(self._draws["nu"])
        strata = (rng.permutation(size) + rng.random(size)) / size
        centre, sd = self._project_effect_given(finished_work)
        scores = stats.norm.ppf(strata)
        learned = centre[draw] + (sd - self._draws["project_sd"])[draw] * scores
        shared = self._client[draw] + self._draws["project_sd"][draw] * scores + learned
        per_row = {
            name: {row: self._draws[name][draw, row].astype(np.float32) for row in self._tables}
            for name in ("level", "spread", "on_plan_share")
        }
        level = {row: (values + shared).astype(np.float32) for row, values in per_row["level"].items()}
        tail = (self._tail_of_draw[draw] * (PLACES + 1)).astype(np.intp)
        return ProjectEffects(draw, shared, learned, level, per_row["spread"], per_row["on_plan_share"], tail)

    def ratios(self, effects: ProjectEffects, rng: np.random.Generator, out: np.ndarray) -> np.ndarray:
        """Draw the overrun ratio of every milestone in every iteration into ``out``; 1 is exactly on plan."""
        for row in self._tables:
            members = self._order[self.rows[self._order] == row]
            for begin in range(0, len(members), ROWS_AT_ONCE):
                some = members[begin : begin + ROWS_AT_ONCE]
                out[some] = self._ratios_of(row, effects, _places((len(some), out.shape[1]), rng))
        return out

    def ratios_of_one(
        self, milestone: int, effects: ProjectEffects, rng: np.random.Generator, out: np.ndarray
    ) -> None:
        """Draw the overrun ratio of one milestone into its row of ``out``."""
        out[milestone] = self._ratios_of(int(self.rows[milestone]), effects, _places(out.shape[1:], rng))

    def ratios_beyond(
        self, milestone: int, elapsed_ratio: float, effects: ProjectEffects, rng: np.random.Generator
    ) -> np.ndarray:
        """Draw the ratio of running work, none below ``elapsed_ratio``: elapsed own days / baseline own days.

        Work that may still end on its plan has less than 1.
        """
        row = int(self.rows[milestone])
        place = _places(effects.draw.shape, rng)
        share = effects.on_plan_share[row]
        with np.errstate(divide="ignore"):
            least = (np.log(elapsed_ratio) - effects.level[row]) / effects.spread[row]
        below = self._share_below(row, effects, least)  # of what is not exactly on plan
        tie = share / (share + (1 - share) * (1 - below)) if elapsed_ratio < 1 else np.zeros_like(share)
        rest = (place - tie) / np.maximum(1 - tie, 1e-9)  # negative where it ends on plan
        place_in_table = below + (1 - below) * np.maximum(rest, 0)
        ratio = self._look_up(row, effects, place_in_table)
        ratio[place < tie] = 1
        return np.maximum(ratio, np.float32(elapsed_ratio))

    def _ratios_of(self, row: int, effects: ProjectEffects, place: np.ndarray) -> np.ndarray:
        share = effects.on_plan_share[row]
        on_plan = place < share
        place -= share
        place *= 1 / np.maximum(1 - share, np.float32(1e-9))
        np.maximum(place, 0, out=place)
        ratio = self._look_up(row, effects, place)
        ratio[on_plan] = 1
        return ratio

    def _look_up(self, row: int, effects: ProjectEffects, place: np.ndarray) -> np.ndarray:
        """Turn uniform places into ratios through the table of residuals."""
        index = np.multiply(place, np.float32(PLACES), out=np.empty(place.shape, np.intp), casting="unsafe")
        index += effects.tail
        value = self._tables[row].take(index, out=place, mode="clip")
        value *= effects.spread[row]
        value += effects.level[row]
        return np.exp(np.minimum(value, MOST, out=value), out=value)

    def _share_below(self, row: int, effects: ProjectEffects, residual: np.ndarray) -> np.ndarray:
        """Find which share of the residuals lies below a value, one value per iteration."""
        table = self._tables[row].reshape(len(self._tails), PLACES + 1)
        share = np.empty(len(residual), np.float32)
        for number, nodes in enumerate(table):
            of_tail = effects.tail == number * (PLACES + 1)
            share[of_tail] = np.searchsorted(nodes[:PLACES], residual[of_tail]) / PLACES
        return np.minimum(share, np.float32(1 - 0.5 / PLACES))

    def _project_effect_given(self, finished_work: FinishedWork | None) -> tuple[np.ndarray, np.ndarray]:
        """Give centre and spread of the project's effects under each draw of the model, finished work considered."""
        sd = self._draws["project_sd"]
        if finished_work is None or not len(finished_work.row):
            return np.zeros_like(sd), sd
        nu = self._draws["nu"][:, None]
        spread = np.maximum(self._draws["spread"][:, finished_work.row], SMALLEST_SPREAD)
        variance = spread**2 * nu / np.maximum(nu - 2, 1)
        expected = self._draws["level"][:, finished_work.row] + self._client[:, None]
        apart, counts = finished_work.log_ratio - expected, np.ones_like(variance)
        if finished_work.runs.any():
            # Of running work the mean of what lies beyond, as far as it could have been over by now.
            runs, spread = finished_work.runs, np.sqrt(variance + sd[:, None] ** 2)
            at = (apart / spread)[:, runs]
            counts[:, runs] = ndtr(at)
            apart[:, runs] = spread[:, runs] * np.exp(-0.5 * at**2 - log_ndtr(-at)) / np.sqrt(2 * np.pi)
        precision = np.sum(counts / variance, axis=1) + 1 / np.maximum(sd, 1e-6) ** 2
        pull = np.sum(counts * apart / variance, axis=1)
        return pull / precision, precision**-0.5

    def _table(self, model: OverrunModel, row: int) -> np.ndarray:
        """Mix hierarchy and reference class into one table of quantiles per tail weight, laid end to end."""
        weight = model.phases["hierarchy_weight"].iloc[row]
        # Residuals end one sigma beyond the outermost node of the reference class: exp of a t has no mean.
        furthest = float(np.abs(model.shape).max()) + 1.0
        tables = []
        for tail in self._tails:
            points = np.concatenate([_t_quantiles(float(tail)), model.shape])
            mass = np.repeat([weight / PLACES, (1 - weight) / len(model.shape)], [PLACES, len(model.shape)])
            order = np.argsort(points, kind="stable")
            places = np.searchsorted(np.cumsum(mass[order]), PLACE_LEVELS).clip(max=len(points) - 1)
            nodes = points[order][places]
            tables.append(np.append(nodes, nodes[-1]).clip(-furthest, furthest))
        return np.concatenate(tables).astype(np.float32)


@lru_cache(maxsize=512)
def _t_quantiles(tail: float) -> np.ndarray:
    return stats.t.ppf(PLACE_LEVELS, tail)


def _places(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw uniform numbers from 16 bits each, four at a time: as fine as a table of 4,096 residuals can use."""
    count = int(np.prod(shape))
    bits = rng.bit_generator.random_raw(-(-count // 4)).view(np.uint16)[:count]
    place = bits.reshape(shape).astype(np.float32)
    place += np.float32(0.5)
    place *= np.float32(2**-16)
    return place
