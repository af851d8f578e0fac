"""The logic of a plan as numbers, and the walk through it: when each milestone starts and finishes.

Places are working days after the first morning of the project, so that 32-bit numbers are exact to a
few thousandths of a day over four years.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from estimation.calendar.team_calendars import TeamDays
from estimation.project.plan import Plan
from estimation.project.progress import ProjectState


@dataclass(frozen=True)
class Link:
    """A predecessor: its place in the plan, whether its finish counts (else its start), and the lag in working days."""

    place: int
    from_finish: bool
    lag_days: float


@dataclass(frozen=True, eq=False)
class Network:
    """A plan ready to be walked through.

    Parameters
    ----------
    origin : float
        First morning of the project on the working-day axis of the plan's calendar; all other places count from it.
    order : tuple of int
        Places of the milestones in the plan, each after its predecessors.
    to_start, to_finish : tuple of tuples of Link, by milestone
        What its start waits for (FS, SS), and its finish (FF, SF).
    earliest : float array, length n milestones
        Morning before which each milestone cannot start, whatever its predecessors do.
    earliest_finish : float array, length n milestones
        Evening before which it cannot finish; -inf where nothing says so.
    baseline : float array, length n milestones
        Planned finishes.
    teams : mapping of place to TeamDays
        Milestones whose team works on fewer days than the axis has.
    """

    origin: float
    order: tuple[int, ...]
    to_start: tuple[tuple[Link, ...], ...]
    to_finish: tuple[tuple[Link, ...], ...]
    earliest: np.ndarray
    earliest_finish: np.ndarray
    baseline: np.ndarray
    teams: Mapping[int, TeamDays]

    def standing_at(self, state: ProjectState) -> Network:
        """Fix what has happened: finished work stays, running work has begun, the rest begins after the status date."""
        begun, finished = state.is_finished | state.is_running, state.is_finished

        def still_open(links, closed) -> tuple[tuple[Link, ...], ...]:
            return tuple(() if over else own for own, over in zip(links, closed, strict=True))

        return replace(
            self,
            to_start=still_open(self.to_start, begun),
            to_finish=still_open(self.to_finish, finished),
            earliest=np.where(begun, state.start, np.maximum(self.earliest, state.now)),
            earliest_finish=np.where(finished, -np.inf, np.maximum(self.earliest_finish, state.now)),
            teams={k: team for k, team in self.teams.items() if not finished[k]},
        )

    def dates_ahead(self, state: ProjectState) -> Network:
        """Keep of the dates set from outside those of work that has not begun, and of what is not done."""
        begun, finished = state.is_finished | state.is_running, state.is_finished
        return replace(
            self,
            earliest=np.where(begun, -np.inf, self.earliest),
            earliest_finish=np.where(finished, -np.inf, self.earliest_finish),
        )


def network_of(plan: Plan) -> Network:
    """Take the logic of a plan: its links, and the dates that work has to wait for.

    Work does not start before the project, nor before ``not_before``, nor before its planned start where that lies
    later than the plan's own logic would allow: a gap in a plan is a decision.

    Parameters
    ----------
    plan : Plan
    """
    milestones = plan.milestones["milestone"]
    place = {milestone: k for k, milestone in enumerate(milestones)}
    origin = float(plan.calendar.mornings([plan.start])[0])
    not_before = plan.days.mornings(plan.milestones["not_before"])
    teams = {k: team.counted_from(origin) for k, team in plan.team_days.items()}
    ready = plan.baseline.ready.copy()
    for k, team in plan.team_days.items():
        ready[k] = team.next_morning(ready[k])
    gap = np.where(plan.baseline.morning > ready, plan.baseline.morning, np.nan)

    def links(kinds: tuple[str, str]) -> tuple[tuple[Link, ...], ...]:
        return tuple(
            tuple(
                Link(place[link.milestone], link.kind == kinds[0], link.lag_days)
                for link in plan.dependencies[milestone]
                if link.kind in kinds
            )
            for milestone in milestones
        )

    return Network(
        origin=origin,
        order=tuple(place[milestone] for milestone in plan.order),
        to_start=links(("FS", "SS")),
        to_finish=links(("FF", "SF")),
        earliest=np.fmax(origin, np.fmax(not_before, gap)) - origin,
        earliest_finish=plan.fixed_evenings - origin,
        baseline=plan.baseline.evening - origin,
        teams=teams,
    )


def outside_dates(plan: Plan, network: Network) -> Network | None:
    """Keep of a network only what dates set from outside (``not_before``, ``fixed_finish``) hold up.

    Returns
    -------
    Network or None
        None where the plan has no such date.
    """
    not_before = plan.days.mornings(plan.milestones["not_before"]) - network.origin
    if np.isnan(not_before).all() and np.isinf(network.earliest_finish).all():
        return None
    return replace(network, earliest=np.where(np.isnan(not_before), -np.inf, not_before), teams={})


def walk(
    network: Network,
    days: np.ndarray,
    *,
    starts: np.ndarray | None = None,
    slip: tuple[int, float] | None = None,
) -> np.ndarray:
    """Walk forward through the network: when each milestone starts and finishes, given its durations.

    Parameters
    ----------
    network : Network
    days : float array, shape (n milestones, n iterations)
        Own durations. [working days] Replaced by the finishes, in place: this is the memory of a simulation.
    starts : float array of the same shape, optional
        Filled with the starts; made where none comes.
    slip : tuple of place and working days, optional
        One milestone finishes by so much later than it would, its start unchanged; less than 0 is earlier, as far as
        its start, links and dates allow.

    Returns
    -------
    starts : float array, shape (n milestones, n iterations)
        Working days after the origin; ``days`` holds the finishes.
    """
    finishes = days
    starts = np.empty_like(days) if starts is None else starts
    bound = np.empty(days.shape[1], days.dtype)
    for k in network.order:
        start, finish = starts[k], finishes[k]
        start.fill(network.earliest[k])
        for link in network.to_start[k]:
            np.maximum(start, _bound(link, starts, finishes, bound), out=start)
        if k in network.teams:
            _work_on_own_days(network.teams[k], start, finish)
        else:
            finish += start
        slipped = 0.0 if slip is None or slip[0] != k else slip[1]
        if slipped < 0:
            np.maximum(finish + slipped, start, out=finish)
        for link in network.to_finish[k]:
            np.maximum(finish, _bound(link, starts, finishes, bound), out=finish)
        if network.earliest_finish[k] > -np.inf:
            np.maximum(finish, network.earliest_finish[k], out=finish)
        if slipped > 0:
            finish += slipped
    return starts


def count_driving(network: Network, starts: np.ndarray, finishes: np.ndarray) -> np.ndarray:
    """Count in how many courses each milestone lies on the driving path: the chain that set the project's finish.

    Walks back from the milestones that finished last: a predecessor drives when its link set the start (or, for FF
    and SF, the finish) of a milestone that drives.

    Parameters
    ----------
    network : Network
    starts, finishes : float arrays, shape (n milestones, n iterations), as ``walk`` gives them

    Returns
    -------
    int array, length n milestones
    """
    drives = finishes == finishes.max(axis=0)
    counts = np.zeros(len(finishes), dtype=np.int64)
    for k in reversed(network.order):
        counts[k] = np.count_nonzero(drives[k])
        if not counts[k]:
            continue
        for before, set_by_it in links_that_set(network, k, starts, finishes):
            set_by_it &= drives[k]
            drives[before] |= set_by_it
    return counts


def links_that_set(
    network: Network, k: int, starts: np.ndarray, finishes: np.ndarray
) -> Iterator[tuple[int, np.ndarray]]:
    """Go through the links to one milestone: the predecessor's place, and in which courses its link set the start.

    For FF and SF, in which it set the finish.

    Parameters
    ----------
    network : Network
    k : int
        Place of the milestone.
    starts, finishes : float arrays, shape (n milestones, n iterations), as ``walk`` gives them
    """
    bound = np.empty(finishes.shape[1], finishes.dtype)
    team = network.teams.get(k)
    for links, moved in ((network.to_start[k], starts[k]), (network.to_finish[k], finishes[k])):
        for link in links:
            place = _bound(link, starts, finishes, bound)
            if team is not None and links is network.to_start[k]:
                place = team.next_morning(place)
            yield link.place, place == moved


def _work_on_own_days(team: TeamDays, start: np.ndarray, finish: np.ndarray) -> None:
    """Turn own days in ``finish`` into places, work advancing on the days of its team only; in place."""
    start[:] = np.where(finish == 0, start, team.next_morning(start))
    finish[:] = team.finish_after(start, finish)


def _bound(link: Link, starts: np.ndarray, finishes: np.ndarray, room: np.ndarray) -> np.ndarray:
    end = (finishes if link.from_finish else starts)[link.place]
    return np.add(end, link.lag_days, out=room) if link.lag_days else end
