"""What follows from what: the logic of a plan, and the one walk through it that says when each milestone is done.

Places are working days after the first morning of the project, so that 32-bit numbers are exact to a
few thousandths of a day over four years. Parts of days flow; a date is shown as the day in which its place falls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from estimation.calendar.team_calendars import EVERY_DAY, TeamDays
from estimation.project.links import Dependency, order_of_work

if TYPE_CHECKING:
    from estimation.project.progress import ProjectState

NOISE = 1e-9
"""Part of a day that is rounding of the arithmetic."""
NO_TEAMS: Mapping[int, TeamDays] = {}

Hook = Callable[[int, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Link:
    """A predecessor: its place in the plan, the kind of link (FS, SS, FF, SF), and the lag in working days."""

    place: int
    kind: str
    lag_days: float

    @property
    def from_finish(self) -> bool:
        """Whether the predecessor's finish counts, else its start."""
        return self.kind[0] == "F"

    @property
    def into_start(self) -> bool:
        """Whether our start waits for it, else our finish."""
        return self.kind[1] == "S"


@dataclass(frozen=True, eq=False)
class Schedule:
    """One course of a project; arrays with one entry per milestone, NaN where something needed is not known.

    ``ready`` is the place at which predecessors, the project start and dates from outside allow the work to begin,
    ``morning`` and ``evening`` those at which it begins and is done, ``own_days`` the working days of the work itself,
    counted on its own calendar, ``waited`` those it stood still before its finish, for FF and SF links or a fixed date.
    """

    ready: np.ndarray
    morning: np.ndarray
    evening: np.ndarray
    own_days: np.ndarray
    waited: np.ndarray

    def counted_from(self, place: float | np.ndarray) -> Schedule:
        """The same course, its places counted from ``place`` working days earlier."""
        return Schedule(
            self.ready + place, self.morning + place, self.evening + place, self.own_days, self.waited
        )


@dataclass(frozen=True, eq=False)
class Network:
    """The logic of a plan as numbers, ready to be walked through.

    Parameters
    ----------
    origin : float
        First morning of the project on the working-day axis of its calendar; all other places count from it.
    order : tuple of int
        Places of the milestones in the plan, each after its predecessors.
    links : tuple of tuples of Link, by milestone
    earliest : float array, length n milestones
        Morning before which each milestone cannot start, whatever its predecessors do.
    earliest_finish : float array, length n milestones
        Evening before which it cannot finish; -inf where nothing says so.
    teams : mapping of place to TeamDays
        Milestones whose team works on fewer days than the axis has; counted from the origin.
    """

    origin: float
    order: tuple[int, ...]
    links: tuple[tuple[Link, ...], ...]
    earliest: np.ndarray
    earliest_finish: np.ndarray
    teams: Mapping[int, TeamDays]

    def schedule(
        self,
        days: np.ndarray,
        *,
        starts: np.ndarray | None = None,
        begin: Hook | None = None,
        end: Hook | None = None,
    ) -> np.ndarray:
        """Walk forward: when each milestone starts and finishes, given its durations. No other code walks a plan.

        Parameters
        ----------
        days : float array, shape (n milestones, n iterations)
            Own durations. [working days] Replaced by the finishes, in place: this is the memory of a simulation.
        starts : float array of the same shape, optional
            Filled with the starts; made where none is given.
        begin, end : functions of (place, starts, days) and (place, starts, finishes), optional
            What else decides when a milestone begins and finishes: given where the links put it, they return where
            it is. Neither is called in a simulation.

        Returns
        -------
        starts : float array, shape (n milestones, n iterations)
            Working days after the origin; ``days`` holds the finishes.
        """
        finishes = days
        starts = np.empty_like(days) if starts is None else starts
        room = np.empty(days.shape[1], days.dtype)
        for k in self.order:
            start, finish, team = starts[k], finishes[k], self.teams.get(k)
            start.fill(self.earliest[k])
            for link in self.links[k]:
                if link.into_start:
                    np.maximum(start, _bound(link, starts, finishes, room), out=start)
            if team is not None:  # work of no duration needs no day of its own
                start[:] = np.where(finish == 0, start, team.next_morning(start))
            if begin is not None:
                start[:] = begin(k, start, finish)
            if team is None:
                finish += start
            else:
                finish[:] = team.finish_after(start, finish)
            for link in self.links[k]:
                if not link.into_start:
                    np.maximum(finish, _bound(link, starts, finishes, room), out=finish)
            if self.earliest_finish[k] > -np.inf:
                np.maximum(finish, self.earliest_finish[k], out=finish)
            if end is not None:
                finish[:] = end(k, start, finish)
        return starts

    def slipping(self, place: int, slip_days: float) -> dict[str, Any]:
        """What makes one milestone finish later in ``schedule``, or earlier as far as its start, links and dates allow.

        Its start is unchanged. [working days of the axis]
        """

        def begin(k: int, start: np.ndarray, days: np.ndarray) -> np.ndarray:
            if k == place and slip_days < 0:
                team = self.teams.get(k, EVERY_DAY)
                sooner = np.maximum(team.finish_after(start, days) + slip_days, start)
                days[:] = team.days_between(start, sooner)
            return start

        def end(k: int, _start: np.ndarray, finish: np.ndarray) -> np.ndarray:
            return finish + slip_days if k == place and slip_days > 0 else finish

        return {"begin": begin, "end": end}

    def latest(self, days: np.ndarray, finish: np.ndarray) -> np.ndarray:
        """Walk backward: the latest finishes that move neither the end of the project nor a fixed date.

        Parameters
        ----------
        days : float array, length n milestones
            Own durations. [working days]
        finish : float array, length n milestones
            Finishes of these durations, as ``schedule`` gives them.

        Returns
        -------
        float array, length n milestones, places
        """
        late = np.where(self.earliest_finish > -np.inf, finish, np.nanmax(finish))
        for k in reversed(self.order):
            begins = self.teams.get(k, EVERY_DAY).start_before(late[k], days[k])
            for link in self.links[k]:
                before = link.place
                bound = (begins if link.into_start else late[k]) - link.lag_days
                if not link.from_finish:
                    bound = self.teams.get(before, EVERY_DAY).finish_after(bound, days[before])
                late[before] = min(late[before], bound)
        return late

    def float_of(self, days: np.ndarray, finish: np.ndarray) -> np.ndarray:
        """Working days of the axis that each finish may slip before the project's end or a fixed date moves."""
        return self.latest(days, finish) - finish

    def behind(self, place: int, through: np.ndarray | None = None) -> set[int]:
        """Places of the milestones that wait for one, through any kind of link, directly or through others.

        ``through`` tells which milestones may stand between, or at the end; all where it is not given.
        """
        waiting = {place}
        for k in self.order:
            if (through is None or through[k]) and any(link.place in waiting for link in self.links[k]):
                waiting.add(k)
        return waiting - {place}

    def without(self, cut: np.ndarray) -> Network:
        """Cut work out, given as a bool array: with no days of its own it hands on what is handed to it.

        Lags out of it fall away, lags into it count; of all kinds of links it has one place.
        """
        if not cut.any():
            return self

        def kept(k: int, link: Link) -> Link:
            return Link(
                link.place,
                f"{link.kind[0]}S" if cut[k] else link.kind,
                0.0 if cut[link.place] else link.lag_days,
            )

        return replace(
            self,
            links=tuple(tuple(kept(k, link) for link in own) for k, own in enumerate(self.links)),
            earliest=np.where(cut, np.minimum(self.earliest, 0.0), self.earliest),
            earliest_finish=np.where(cut, -np.inf, self.earliest_finish),
            teams={k: team for k, team in self.teams.items() if not cut[k]},
        )

    def under_way(self, state: ProjectState) -> Network:
        """What follows from what from a status date on, for durations made of the days taken and the days left.

        Finished work stays. Begun work goes on; where a predecessor is open all the same, it does not finish before
        that one does (SS: begins), a lead deducted, a lag ignored. What has not begun begins after the status date.
        """
        over, running = state.is_over, state.is_running
        earliest = np.where(over | running, state.worked_from, np.maximum(self.earliest, state.now))
        earliest = np.where(state.is_cancelled, self.earliest, earliest)
        least = np.where(over, -np.inf, np.maximum(self.earliest_finish, np.fmax(state.soonest, state.now)))
        links = []
        for k, own in enumerate(self.links):
            kept = []
            for link in () if state.is_done[k] else own:
                begun_there = running[link.place] or state.is_done[link.place]
                if begun_there and not link.from_finish:  # where it began is known: no place of the walk
                    bound = state.start[link.place] + link.lag_days
                    if link.into_start and not running[k]:
                        earliest[k] = max(earliest[k], bound)
                    elif not link.into_start:
                        least[k] = max(least[k], bound)
                elif not running[k] or not link.into_start:
                    kept.append(link)
                elif not state.is_done[link.place]:
                    kept.append(Link(link.place, f"{link.kind[0]}F", min(link.lag_days, 0.0)))
            links.append(tuple(kept))
        return replace(
            self,
            links=tuple(links),
            earliest=earliest,
            earliest_finish=least,
            teams={k: team for k, team in self.teams.items() if not over[k]},
        )


def network_from(
    milestones: Sequence[str],
    dependencies: Mapping[str, tuple[Dependency, ...]],
    *,
    origin: float,
    not_before: np.ndarray | None = None,
    fixed: np.ndarray | None = None,
    teams: Mapping[int, TeamDays] = NO_TEAMS,
) -> Network:
    """The network of some milestones: their links, and the dates that their work has to wait for.

    Parameters
    ----------
    milestones : sequence of str, length n
    dependencies : mapping of id to predecessors
    origin : float
        Morning of the project on the axis; NaN where it is not known: places then count as the axis does, and
        nothing holds the first milestones.
    not_before, fixed : float arrays, length n, optional
        Mornings and evenings set from outside, places on the axis; NaN where there is none.
    teams : mapping of place to TeamDays, counted as the axis counts
    """
    n, place = len(milestones), {milestone: k for k, milestone in enumerate(milestones)}
    first = 0.0 if np.isnan(origin) else origin
    none = np.full(n, np.nan)
    return Network(
        origin=first,
        order=tuple(place[milestone] for milestone in order_of_work(milestones, dependencies)),
        links=tuple(
            tuple(
                Link(place[link.milestone], link.kind, link.lag_days)
                for link in dependencies.get(milestone, ())
            )
            for milestone in milestones
        ),
        earliest=np.fmax(
            -np.inf if np.isnan(origin) else 0.0, (none if not_before is None else not_before) - first
        ),
        earliest_finish=np.fmax(-np.inf, (none if fixed is None else fixed) - first),
        teams={k: team.counted_from(first) for k, team in teams.items()},
    )


def recorded_schedule(
    network: Network,
    *,
    start: np.ndarray,
    finish: np.ndarray,
    days: np.ndarray,
    usual_days: np.ndarray | None = None,
    planned_start: np.ndarray | None = None,
    latest_start: np.ndarray | None = None,
    begins: Callable[[int, float], float] | None = None,
    expected: np.ndarray | None = None,
) -> Schedule:
    """Complete what a table records of one course: starts follow from predecessors, finishes from durations.

    A recorded date names a day: its place is where the walk puts it if that lies inside that day, else the morning
    (of a start) or the evening (of a finish). Work without a recorded start begins when it can; where its finish and
    its days are recorded, not before one less the other. Where a predecessor is not known to have finished, the start
    is not known either: no number is made up.

    Parameters
    ----------
    network : Network
        Of the same milestones.
    start, finish : float arrays, length n
        Recorded mornings and evenings, places; NaN where there is none.
    days : float array, length n
        Recorded durations; they give a finish that is not recorded. [working days]
    usual_days : float array, length n, optional
        What the work would take as planned: where that ends on the recorded day, it took that, to the part of a day;
        where it ends before a bound of FF or SF links or a fixed date, the rest was waiting. [working days]
    planned_start : float array, length n, optional
        Planned starts that lie later than the plan's own links allow; NaN elsewhere. Work without a recorded start
        began then, unless it was done before.
    latest_start : float array, length n, optional
        Starts that the plan makes although its links allow later ones only; NaN elsewhere. Work without a recorded
        start began no later.
    begins : function of (place, when it could begin), optional
        Says instead when work without a recorded start began, or begins.
    expected : float array, length n, optional
        Where work is done that has neither a recorded finish nor recorded days; not known where it is not given.
    """
    none = np.full(len(days), np.nan)
    gap, latest = (none if each is None else each for each in (planned_start, latest_start))
    usual = days if usual_days is None else np.where(np.isnan(days), usual_days, days)
    ready, free, held = (np.full(len(days), np.nan) for _ in range(3))
    as_usual = np.zeros(len(days), bool)

    def begin(k: int, allowed: np.ndarray, _days: np.ndarray) -> np.ndarray:
        team, at = network.teams.get(k, EVERY_DAY), allowed[0]
        ready[k] = at if np.isfinite(at) else np.nan
        if np.isfinite(start[k]):
            until = start[k] + 1 + (2 * NOISE if usual[k] == 0 else 0)  # what takes no time may end its day
            at = at if start[k] <= at + NOISE < until else start[k]
        elif begins is not None:
            at = begins(k, at)
        elif gap[k] > at and not gap[k] >= finish[k]:
            at = gap[k]
        elif latest[k] < at:
            at = latest[k]
        elif np.isfinite(ready[k]) and team.finish_after(at, days[k]) <= finish[k] - 1 + NOISE:
            at = max(at, np.floor(team.start_before(finish[k], days[k]) + NOISE))  # a gap before it
        at = at if np.isfinite(at) else np.nan
        free[k] = team.finish_after(at, usual[k])
        return np.array([at])

    def end(k: int, begun: np.ndarray, done: np.ndarray) -> np.ndarray:
        held[k] = at = done[0]
        on_day_one = usual[k] == at == ready[k] == 0 and finish[k] == 1
        as_usual[k] = np.isnan(finish[k]) or on_day_one or finish[k] - 1 + NOISE < at <= finish[k] + NOISE
        if not as_usual[k]:
            at = finish[k]
            if days[k] == 0 or (usual[k] == 0 and np.isnan(start[k])):
                begun[0] = at  # work of no duration has one place
        elif np.isnan(finish[k]) and np.isnan(days[k]):
            at = np.nan if expected is None else expected[k]  # what it would take is no finish
        return np.array([at])

    finishes = usual[:, None].copy()
    starts = network.schedule(finishes, begin=begin, end=end)[:, 0]
    finishes = finishes[:, 0]
    own = finishes - starts
    waited = np.nan_to_num(np.fmax(np.fmin(held, finishes) - free, 0.0))
    for k, team in network.teams.items():
        own[k] = team.days_between(starts[k], finishes[k])
        waited[k] = np.nan_to_num(team.days_between(free[k], free[k] + waited[k]))
    own = np.where(as_usual & np.isfinite(own), usual, own - waited)
    return Schedule(ready, starts, finishes, np.where(np.isnan(days), own, days), waited)


def count_driving(network: Network, starts: np.ndarray, finishes: np.ndarray) -> np.ndarray:
    """Count in how many courses each milestone lies on the driving path: the chain that set the project's finish.

    Walks back from the milestones that finished last: a predecessor drives when its link set the start (or, for FF
    and SF, the finish) of a milestone that drives.

    Parameters
    ----------
    network : Network
    starts, finishes : float arrays, shape (n milestones, n iterations), as ``Network.schedule`` gives them

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
    starts, finishes : float arrays, shape (n milestones, n iterations), as ``Network.schedule`` gives them
    """
    room = np.empty(finishes.shape[1], finishes.dtype)
    team = network.teams.get(k)
    for link in network.links[k]:
        bound = _bound(link, starts, finishes, room)
        if team is not None and link.into_start:
            bound = team.next_morning(bound)
        yield link.place, bound == (starts if link.into_start else finishes)[k]


def _bound(link: Link, starts: np.ndarray, finishes: np.ndarray, room: np.ndarray) -> np.ndarray:
    end = (finishes if link.from_finish else starts)[link.place]
    return np.add(end, link.lag_days, out=room) if link.lag_days else end
