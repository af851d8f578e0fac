"""One chunk of a simulation: durations, unplanned work and risks are drawn, walked, matched to whole projects.

Late starts, overlap and re-sequencing decide when a project ends, and none of them is in a network. So the finish of
the whole project is drawn from what whole projects did, the dates before it from the network; the latest iteration
gets the latest finish. Milestones on the way follow the walk at first and the finish more and more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from estimation.calibration.experiment_cycles import ExperimentCycles
from estimation.calibration.milestone_slips import LEVELS as SLIP_LEVELS
from estimation.calibration.milestone_slips import MilestoneSlips
from estimation.calibration.scope_growth import ScopeGrowth
from estimation.calibration.variates import FinishedWork, ProjectEffects, Variates
from estimation.project.network import Network, count_driving
from estimation.project.progress import DATE, LEAST_LEFT_DAYS, ProjectState

LEAST_STRETCH = np.float32(1e-4)
"""A course that the record ends today is so short: what a risk adds to it is still its own days."""


@dataclass(frozen=True, eq=False)
class SimulationSetup:
    """All that is needed to simulate iterations of one plan; handed to worker processes as it is.

    Parameters
    ----------
    network : Network
        The plan's own, with what has happened by the status date.
    hard : Network or None
        Nothing but the dates set from outside, or by the team for running work, and the links that carry them on; None
        where there are none.
    order : int array, length n milestones
        Places in the order in which random numbers are drawn: that of the plan, whatever the order of its rows.
    baseline_days : float32 array, length n milestones
        Own durations in the plan. [working days]
    variates : Variates
    rounds : dict of place to planned rounds of experiments
        Milestones whose duration follows the number of rounds.
    cycles : ExperimentCycles or None
    growth : ScopeGrowth or None
    growth_rate : float array, length n milestones
        Milestones added per planned one.
    grows : bool
        Whether scope growth counts in the answer; it is drawn in any case, because the record knows it.
    risk_prob, risk_days : float arrays, length n milestones
        Named risks of the plan. [0-1] [working days]
    finish_nodes : float array or None
        Equally likely finishes of the whole project, ascending, in working days after the origin; None where the
        chained durations count.
    reference : float array, length n milestones
        Planned finish of each milestone after the anchor: at kickoff the plan's own, of a running project that of the
        rest at planned durations.
    slips : MilestoneSlips or None
        How late milestones on the way come; None of a running project, and where nothing is known.
    state : ProjectState or None
        Where the project stands; None before it starts.
    finished_work : FinishedWork or None
        What its own finished work says about its effect.
    shared_effect : bool
        Whether the milestones of an iteration share the effect of the project, as real ones do.
    planned : Network or None
        The plan's own network, of a running project.
    """

    network: Network
    hard: Network | None
    order: np.ndarray
    baseline_days: np.ndarray
    variates: Variates
    rounds: dict[int, int]
    cycles: ExperimentCycles | None
    growth: ScopeGrowth | None
    growth_rate: np.ndarray
    grows: bool
    risk_prob: np.ndarray
    risk_days: np.ndarray
    finish_nodes: np.ndarray | None
    reference: np.ndarray
    slips: MilestoneSlips | None
    state: ProjectState | None
    finished_work: FinishedWork | None
    shared_effect: bool = True
    planned: Network | None = None

    @property
    def anchor(self) -> float:
        """Place before which nothing can change any more: the status date, or the start."""
        return 0.0 if self.state is None else self.state.now

    @property
    def evenly_drawn(self) -> bool:
        """Whether the project's finishes are those of the record and nothing else, one from each even slice of it."""
        only_the_record = self.hard is None and (self.grows or self.growth is None)
        return self.finish_nodes is not None and only_the_record and not self.open_risks.any()

    @property
    def open_risks(self) -> np.ndarray:
        """Tell which milestones have a named risk that may still strike."""
        at_risk = self.risk_prob > 0
        return at_risk if self.state is None else at_risk & ~self.state.is_over


@dataclass(frozen=True, eq=False)
class Added:
    """Milestones that nobody planned; arrays of one entry each.

    ``milestone`` is the planned milestone each comes with, ``iteration`` the one it comes in, ``days`` its own
    duration [working days]. ``in_series`` says whether other work waits for it, so that it lengthens its milestone;
    else it runs after it, beside the rest.
    """

    milestone: np.ndarray
    iteration: np.ndarray
    days: np.ndarray
    in_series: np.ndarray

    def of(self, milestones: np.ndarray) -> Added:
        """Keep what comes with some milestones, given as a bool array."""
        kept = milestones[self.milestone]
        return Added(self.milestone[kept], self.iteration[kept], self.days[kept], self.in_series[kept])


@dataclass(frozen=True, eq=False)
class Detail:
    """How the finishes of a chunk came about; all before the iterations were matched to the record.

    ``durations`` (with the work added in series, risks included), ``starts`` and ``finishes`` have the shape (n
    milestones, size); ``stretch`` is by how much the time of the whole project from the anchor on is stretched to end
    at its drawn finish, 1 where durations are chained; ``hold`` is the same for work behind a date that holds. Of
    ``added`` milestones those in series are in the durations already, and so are ``risks``, the days of named risks
    divided by the stretch, so that stretched they are their own.
    """

    durations: np.ndarray
    starts: np.ndarray
    finishes: np.ndarray
    stretch: np.ndarray
    added: Added | None = None
    risks: np.ndarray | None = None
    hold: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Chunk:
    """Iterations simulated together: places in working days after the origin, the project's with added work.

    ``finishes`` has the shape (n milestones, size), ``project`` (size,), ``n_driving`` (n milestones,); ``detail`` is
    there where it was asked for.
    """

    finishes: np.ndarray
    project: np.ndarray
    n_driving: np.ndarray
    detail: Detail | None


def simulate_chunk(
    setup: SimulationSetup,
    stream: np.random.SeedSequence,
    size: int,
    *,
    out: np.ndarray | None = None,
    room: np.ndarray | None = None,
    detailed: bool = False,
) -> Chunk:
    """Simulate some iterations of a plan; the same setup and stream give the same iterations.

    ``out`` is filled with the finishes. ``room`` is memory for the starts, to be used again by the next chunk: fresh
    memory costs as much as the walk. ``detailed`` keeps durations, starts and the finishes before matching.
    """
    rng = _generator(stream)
    days = np.empty((len(setup.baseline_days), size), np.float32) if out is None else out
    luck = _draw_days(setup, days, rng, stream)
    growth_rng, finish_rng, risk_rng = [rng] * 3
    if setup.state is not None:  # what has happened moves no random number of what is to come
        growth_rng, finish_rng, risk_rng = (_generator(stream, len(days) + n) for n in range(3))
    added = _draw_growth(setup, size, growth_rng)
    risks = _draw_risks(setup, size, risk_rng)
    counted = added if setup.grows else None
    stretch = hold = np.ones(size, np.float32)
    if setup.finish_nodes is None or (risks is None and counted is added):
        if risks is not None:
            days += risks
        durations, starts, project = _walk_with(setup, days, counted, room, keep=detailed)
        if setup.finish_nodes is not None:
            stretch, hold = _stretch(setup, project, finish_rng, luck)
    else:
        stretch, hold = _stretch(setup, _walk_with(setup, days.copy(), added, room)[2], finish_rng, luck)
        if risks is not None:
            # The record knows how projects usually go on, not what this plan fears: a risk adds its days, no more.
            risks /= np.maximum(stretch, LEAST_STRETCH, out=stretch)
            days += risks
        durations, starts, project = _walk_with(
            setup, days, counted, room, keep=detailed or risks is not None
        )
    n_driving = count_driving(setup.network, starts, days)
    detail = Detail(durations, starts, days.copy(), stretch, counted, risks, hold) if detailed else None
    if setup.finish_nodes is not None:
        late = _late_by_risks(setup, durations, days, project, counted, risks)
        ways = (stretch, hold)
        project = _match(setup, durations, days, project, ways, late, None if detailed else starts)
    return Chunk(days, project, n_driving, detail)


def project_if(setup: SimulationSetup, detail: Detail, durations: np.ndarray) -> np.ndarray:
    """Find when the project would finish in some iterations if its milestones took other durations, all else unchanged.

    The durations stand in the place of the detail's own, work added in series included. [working days]
    """
    finishes = durations.copy()
    setup.network.schedule(finishes)
    project = with_work_beside(finishes, detail.added)
    if setup.finish_nodes is not None:
        late = _late_by_risks(setup, durations, finishes, project, detail.added, detail.risks)
        hold = detail.stretch if detail.hold is None else detail.hold
        project = _match(setup, durations, finishes, project, (detail.stretch, hold), late)
    return project


def _generator(stream: np.random.SeedSequence, *key: int) -> np.random.Generator:
    """Make the random numbers of a stream, or of a part of it that a key names."""
    own = np.random.SeedSequence(stream.entropy, spawn_key=(*stream.spawn_key, *key)) if key else stream
    return np.random.Generator(np.random.SFC64(own))


def _draw_days(
    setup: SimulationSetup, days: np.ndarray, rng: np.random.Generator, stream: np.random.SeedSequence
) -> np.ndarray | None:
    """Fill in how long each milestone takes in each iteration; of a running project, when the plan would have ended."""
    effects = setup.variates.project_effects(days.shape[1], rng, setup.finished_work)
    if setup.shared_effect:
        setup.variates.ratios(effects if setup.state is None else effects.at_first, rng, days)
    else:
        for place in setup.order:
            own = setup.variates.project_effects(days.shape[1], rng, setup.finished_work)
            setup.variates.ratios_of_one(place, own, rng, days)
    days *= setup.baseline_days[:, None]
    for place, planned in setup.rounds.items():
        assert setup.cycles is not None  # rounds are counted where the model knows cycles
        rounds = setup.cycles.draw(planned, days.shape[1], rng)
        noise = rng.standard_normal(days.shape[1])
        per_round = np.exp(setup.cycles.log_ratio_per_round + setup.cycles.sd_per_round * noise)
        days[place] = setup.baseline_days[place] * rounds / planned * per_round
    luck = None
    if setup.state is not None:
        over = setup.state.is_over
        if setup.finish_nodes is not None and setup.planned is not None:
            luck = days.copy()
            setup.planned.schedule(luck)
            luck = luck.max(axis=0)
        if setup.shared_effect:  # what ends exactly on plan does so whatever the project's luck
            off_plan = days != setup.baseline_days[:, None]
            np.multiply(days, np.exp(effects.learned).astype(np.float32), out=days, where=off_plan)
        days[over] = setup.state.gone_days[over, None]
        for place in setup.order[setup.state.is_running[setup.order]]:
            own = _generator(stream, int(place))
            days[place] = _running_days(setup, place, effects, days[place], own)
    return luck


def _running_days(
    setup: SimulationSetup, place: int, effects: ProjectEffects, fresh: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw how long running work takes in all: by what the team said is left, else no less than it has taken.

    What was said is an estimate like the first: it is multiplied, then the days since are taken off. Where a date and
    days or a share count, the later end does.
    """
    state, planned = setup.state, setup.baseline_days[place]
    assert state is not None  # work runs in a project that has begun
    elapsed = max(state.taken_days[place], 0.0)
    conditional = (
        planned * setup.variates.ratios_beyond(place, max(elapsed, 1e-6) / planned, effects, rng)
        if planned > 0
        else np.full_like(fresh, elapsed)
    )
    ratio = fresh / planned if planned > 0 else np.ones_like(fresh)
    days, share = state.remaining_days[place], state.percent_complete[place]
    said, end = (days, state.word_ends[1]) if days >= 0 else ((1 - share) * planned, state.word_ends[2])
    own = place in setup.network.teams  # whose days are not those of the axis
    left = state.left_days[place] if own else end[place] - setup.anchor
    words = [elapsed + left + (ratio - 1) * said] if said >= 0 else []
    if state.left_by[place] == DATE:
        left = state.left_to_date[place]
        words.append(elapsed + left + (ratio - 1) * min(left, planned))
    taken = np.max(words, axis=0) if words else conditional
    return np.maximum(taken, elapsed + min(LEAST_LEFT_DAYS, state.left_to_date[place])).astype(np.float32)


def _draw_growth(setup: SimulationSetup, size: int, rng: np.random.Generator) -> Added | None:
    """Draw the milestones that nobody has planned yet; finished work grows no more."""
    rate = setup.growth_rate if setup.state is None else setup.growth_rate * ~setup.state.is_over
    if setup.growth is None or not rate.sum() > 0:
        return None
    in_order = np.cumsum(rate[setup.order]) / rate.sum()
    counts = rng.poisson(rate.sum(), size)
    total = int(counts.sum())
    sizes = setup.growth.sizes[rng.integers(len(setup.growth.sizes), size=total)]
    return Added(
        milestone=setup.order[np.searchsorted(in_order, rng.random(total)).clip(max=len(rate) - 1)],
        iteration=np.repeat(np.arange(size), counts),
        days=(sizes * setup.baseline_days.mean()).astype(np.float32),
        in_series=rng.random(total) < setup.growth.share_in_series,
    )


def _draw_risks(setup: SimulationSetup, size: int, rng: np.random.Generator) -> np.ndarray | None:
    """Let the named risks of the plan strike, those of finished work no more."""
    open_still = setup.open_risks
    if not open_still.any():
        return None
    days = np.empty((len(open_still), size), np.float32)
    days[setup.order] = rng.random(days.shape, np.float32)
    return ((days < (setup.risk_prob * open_still)[:, None]) * setup.risk_days[:, None]).astype(np.float32)


def _walk_with(
    setup: SimulationSetup,
    days: np.ndarray,
    added: Added | None,
    room: np.ndarray | None,
    *,
    keep: bool = False,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Walk through the network with the added work; give durations if kept, starts, and the finish of the project.

    Durations are kept, too, where matching needs them: to hold dates set from outside.
    """
    if added is not None:
        series = added.in_series
        np.add.at(days, (added.milestone[series], added.iteration[series]), added.days[series])
    matches = setup.hard is not None and setup.finish_nodes is not None
    durations = days.copy() if keep or matches else None
    starts = setup.network.schedule(days, starts=room)
    return durations, starts, with_work_beside(days, added)


def with_work_beside(finishes: np.ndarray, added: Added | None) -> np.ndarray:
    """Find the finish of the project: of its last milestone, or of added work that runs after its milestone."""
    project = finishes.max(axis=0)
    if added is not None:
        beside = ~added.in_series
        ends = finishes[added.milestone[beside], added.iteration[beside]] + added.days[beside]
        np.maximum.at(project, added.iteration[beside], ends)
    return project


def _stretch(
    setup: SimulationSetup, project: np.ndarray, rng: np.random.Generator, luck: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Match iterations to finishes by rank: by how much the time of each project is stretched, length n iterations.

    Of a running project the rank is that of the plan walked with the same draws (``luck``): it is the same whatever has
    happened, so that worse news takes no iteration to an earlier finish. The second is by how much that walk is
    stretched in all: it shrinks no work behind a date that holds because other work takes longer.
    """
    size = len(project)
    levels = (np.arange(size) + rng.random(size)) / size
    assert setup.finish_nodes is not None
    nodes = (np.arange(len(setup.finish_nodes)) + 0.5) / len(setup.finish_nodes)
    drawn = np.empty(size)
    drawn[np.argsort(project if luck is None else luck, kind="stable")] = np.interp(
        levels, nodes, setup.finish_nodes
    )
    drawn = np.maximum(drawn, setup.anchor)
    stretch = ((drawn - setup.anchor) / np.maximum(project - setup.anchor, 1e-6)).astype(np.float32)
    return stretch, stretch if luck is None else (drawn / np.maximum(luck, 1e-6)).astype(np.float32)


def _late_by_risks(
    setup: SimulationSetup,
    durations: np.ndarray | None,
    finishes: np.ndarray,
    project: np.ndarray,
    added: Added | None,
    risks: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Find how much later the walk is for its risks: each milestone and the project, what float takes up left out."""
    if risks is None:
        return None
    calm = np.maximum(durations - risks, 0)
    setup.network.schedule(calm)
    project_late = project - with_work_beside(calm, added)
    return np.maximum(np.subtract(finishes, calm, out=calm), 0), np.maximum(project_late, 0)


def _match(
    setup: SimulationSetup,
    durations: np.ndarray | None,
    finishes: np.ndarray,
    project: np.ndarray,
    ways: tuple[np.ndarray, np.ndarray],
    late: tuple[np.ndarray, np.ndarray] | None = None,
    room: np.ndarray | None = None,
) -> np.ndarray:
    """Bring the milestones of each iteration into line with its finish; dates set from outside hold all the same.

    The nearer a milestone is planned to the end, the more the finish of the whole project says about it and the less
    the walk: log finish ratios are averaged with the square root of its planned share of the time. Before the start the
    slips of milestones planned at that share of the time decide, as far as they are known: the latest iteration gets
    the latest. None is later than the project. What risks make late comes on top, so that it is in the dates of what
    waits for it alone. Then the plan is walked once more, so that none is earlier than its links and dates allow.
    """
    anchor, (stretch, hold) = np.float32(setup.anchor), ways
    done = np.zeros(len(finishes), bool) if setup.state is None else setup.state.is_over
    bounds = None
    if setup.hard is not None:
        bounds = durations * hold
        setup.hard.schedule(bounds)
    rest = calm = (project - anchor) * stretch
    if late is not None:
        finishes -= late[0]
        calm = rest - late[1] * stretch
    whole = setup.reference[~done].max(initial=0.0)
    rank = np.empty(0) if setup.slips is None else _ranks(calm)
    with np.errstate(divide="ignore"):
        log_ratio = np.log(np.maximum(calm, 0) / np.float32(max(whole, 1e-6)))
    for k in np.flatnonzero(~done):
        share = np.float32(np.sqrt(setup.reference[k] / whole)) if whole > 0 else np.float32(0)
        if share >= 1:
            finishes[k] = anchor + calm
        elif share > 0:
            with np.errstate(divide="ignore"):  # what is walked to in no time stays there
                walked = np.log(np.maximum(finishes[k] - anchor, 0))
            recorded = np.log(np.float32(setup.reference[k])) + log_ratio
            finishes[k] = anchor + np.minimum(np.exp((1 - share) * walked + share * recorded), calm)
            if setup.slips is not None:
                finishes[k] = np.minimum(_slipped(setup, k, whole, finishes[k], rank), anchor + calm)
        if late is not None:
            np.minimum(finishes[k] + late[0][k] * stretch, anchor + rest, out=finishes[k])
        if bounds is not None:
            np.maximum(finishes[k], bounds[k], out=finishes[k])
    hold_links(setup.network, finishes, room)
    return np.maximum(anchor + rest, finishes.max(axis=0))


def _slipped(
    setup: SimulationSetup, k: int, whole: float, finishes: np.ndarray, project_rank: np.ndarray
) -> np.ndarray:
    """Give one milestone the slips of those planned where it is, by rank, beside what was walked and recorded.

    A project that ends late is late on the way, so the rank of its finish counts twice that of the milestone's own.
    """
    assert setup.slips is not None  # as asked for
    slips, weight = setup.slips.at(setup.reference[k] / whole)
    order = np.argsort(2 * project_rank + _ranks(finishes), kind="stable")
    levels = (np.arange(len(order)) + 0.5) / len(order)
    slipped = np.maximum(setup.reference[k] + whole * np.interp(levels, SLIP_LEVELS, slips), 0)
    matched = np.empty_like(finishes)
    matched[order] = (1 - weight) * np.sort(finishes) + weight * slipped
    return matched


def _ranks(values: np.ndarray) -> np.ndarray:
    """Number iterations from the earliest to the latest."""
    ranks = np.empty(len(values), np.int32)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values), dtype=np.int32)
    return ranks


def hold_links(network: Network, finishes: np.ndarray, room: np.ndarray | None = None) -> np.ndarray:
    """Walk once more with these finishes: each moves on as far as links and dates require. The starts, in ``room``."""
    wanted = np.empty(finishes.shape[1], finishes.dtype)

    def begin(k: int, start: np.ndarray, finish: np.ndarray) -> np.ndarray:
        wanted[:] = finish
        finish[:] = (
            0  # nothing is added to a start and taken off again: in 32 bits that would not be the same
        )
        if k not in network.teams:
            return start
        return np.where(wanted > start, network.teams[k].next_morning(start), start)

    def end(_k: int, _start: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        return np.maximum(allowed, wanted, out=allowed)

    return replace(network, teams={}).schedule(finishes, starts=room, begin=begin, end=end)
