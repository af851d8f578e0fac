"""What must come before what: reading predecessors, the order of the work, the earliest start."""

from __future__ import annotations

import heapq
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

import pandas as pd

from estimation.errors import InputError, nearest
from estimation.project.statuses import is_added

DAYS_PER_WEEK = 5

# An id as short as the rest allows, then perhaps a kind (straight after a digit, or after a space), then perhaps a
# lag. A lag below zero needs the kind before it, because "2.1-3d" could also be the id of a milestone.
_PIECE = re.compile(
    r"(?P<milestone>\w(?:[\w.\-]*?\w)??)"
    r"(?:(?:(?<=\d)|\s+)(?P<kind>FS|SS|FF|SF))?"
    r"(?:\s*(?P<sign>\+|(?(kind)-|(?!)))\s*(?P<lag>\d+(?:\.\d+)?)\s*(?P<unit>[dw]))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Dependency:
    """One link to a predecessor.

    Parameters
    ----------
    milestone : str
        Id of the predecessor.
    kind : str
        Which end waits for which: FS (its finish, then our start), SS, FF or SF.
    lag_days : float
        How long after it; below zero is a lead. [working days]
    """

    milestone: str
    kind: str = "FS"
    lag_days: float = 0.0

    def __str__(self) -> str:
        """Write the link the way people write it: plain finish-to-start needs the id only.

        >>> [str(link) for link in parse_dependencies("2.1fs; 2.2+1w, 4 ss, 5FF-0.5d")]
        ['2.1', '2.2FS+5d', '4SS', '5FF-0.5d']
        """
        lag = f"{self.lag_days:+g}d" if self.lag_days else ""
        if self.kind == "FS" and not lag:
            return self.milestone
        space = "" if self.milestone[-1].isdigit() else " "
        return f"{self.milestone}{space}{self.kind}{lag}"


@lru_cache(maxsize=1 << 14)
def parse_dependencies(text: str) -> tuple[Dependency, ...]:
    """Read the predecessors of a milestone as people write them: "2.1; 2.2FS+3d".

    Pieces are separated by ``;`` or ``,``. Each is the id of a milestone (letters, digits, dots, dashes), then
    perhaps FS, SS, FF or SF (straight after a digit, otherwise after a space; FS when left out), then perhaps a lag
    such as ``+3d`` (working days) or ``+2w`` (weeks of five working days). A lag below zero needs the kind before
    it: ``2.1FS-1d``.

    >>> parse_dependencies("2.1; 2.2FS+3d")
    (Dependency(milestone='2.1', kind='FS', lag_days=0.0), Dependency(milestone='2.2', kind='FS', lag_days=3.0))
    """
    pieces = [piece.strip() for piece in re.split(r"[;,]", text)]
    return tuple(_read_piece(piece, text) for piece in pieces if piece)


def _read_piece(piece: str, text: str) -> Dependency:
    found = _PIECE.fullmatch(piece)
    if found is None:
        raise InputError(
            f"'{piece}' in the dependencies '{text}' cannot be read; wanted the id of a milestone, then perhaps "
            "FS, SS, FF or SF, then perhaps a lag in working days or weeks, such as 2.1, 2.2FS+3d or 4SS+1w. "
            "Correct it, and separate several predecessors by semicolons."
        )
    lag_days = float(found["lag"] or 0) * (DAYS_PER_WEEK if (found["unit"] or "d").lower() == "w" else 1)
    if found["sign"] == "-":
        lag_days = -lag_days
    return Dependency(found["milestone"], (found["kind"] or "FS").upper(), lag_days)


def order_of_work(milestones: Sequence[str], dependencies: Mapping[str, tuple[Dependency, ...]]) -> list[str]:
    """Put milestones into an order in which every predecessor comes first, each id once.

    The order given is kept wherever the dependencies leave a choice; an id that comes twice counts where it came
    first. Refused are a predecessor that is no milestone (the nearest id is named) and dependencies that go round
    in a circle (it is named, each milestone before the one that waits for it).

    >>> order_of_work(["1", "2", "3"], {"1": parse_dependencies("3")})
    ['2', '3', '1']
    """
    work = prepared_work(milestones, dependencies)
    milestones = list(dict.fromkeys(milestones))
    place = {milestone: n for n, milestone in enumerate(milestones)}
    ready: list[int] = []
    order = []
    while work.is_active():
        for milestone in work.get_ready():
            heapq.heappush(ready, place[milestone])
        done = milestones[heapq.heappop(ready)]
        order.append(done)
        work.done(done)
    return order


def prepared_work(
    milestones: Sequence[str], dependencies: Mapping[str, tuple[Dependency, ...]]
) -> TopologicalSorter[str]:
    """Prepare the order of the work, or refuse what ``order_of_work`` refuses."""
    waits_for = {
        milestone: dict.fromkeys(link.milestone for link in dependencies.get(milestone, ()))
        for milestone in dict.fromkeys(milestones)
    }
    _refuse_unknown(waits_for, milestones)
    work = TopologicalSorter(waits_for)
    try:
        work.prepare()
    except CycleError as error:
        place = {milestone: n for n, milestone in enumerate(waits_for)}
        circle = error.args[1][1:]
        first = circle.index(min(circle, key=place.__getitem__))
        raise InputError(
            f"The dependencies go round in a circle: {' -> '.join(circle[first:] + circle[: first + 1])}; wanted an "
            "order in which each milestone can be finished before the next. Remove one of these links."
        ) from None
    return work


def _refuse_unknown(waits_for: Mapping[str, Mapping[str, None]], milestones: Sequence[str]) -> None:
    for milestone, predecessors in waits_for.items():
        # Not a difference of the sets: that would run through all milestones for each one.
        for unknown in sorted(name for name in predecessors if name not in waits_for):
            near = nearest(unknown, milestones, cutoff=0.5)
            hint = f"Did you mean {near}?" if near else "Name one of the milestones, or remove the link."
            raise InputError(
                f"Milestone {milestone} depends on {unknown}, which is no milestone of this plan. {hint}"
            )


def dependencies_of(rows: pd.DataFrame) -> dict[str, tuple[Dependency, ...]]:
    """The predecessors of each milestone of one project; without any they follow one another by planned finish.

    Milestones with the same planned finish run side by side, all after those planned to finish before. Where no finish
    is planned, the order of the rows is the only one there is. Work that no baseline knew stands alone.

    Parameters
    ----------
    rows : DataFrame with ``milestone``, ``depends_on``, and perhaps ``baseline_finish`` and ``added_after_baseline``
    """
    if rows["depends_on"].notna().any():
        texts = zip(rows["milestone"], rows["depends_on"], strict=True)
        return {milestone: parse_dependencies("" if pd.isna(text) else text) for milestone, text in texts}
    planned = rows[~is_added(rows)]
    finish = planned["baseline_finish"] if "baseline_finish" in planned else pd.Series(pd.NaT, planned.index)
    when = finish if finish.notna().any() else pd.Series(range(len(planned)), planned.index)
    chain, before = {}, ()
    for _, group in planned.groupby(when, sort=True)["milestone"]:
        chain |= dict.fromkeys(group, before)
        before = tuple(Dependency(milestone) for milestone in group)
    return {milestone: chain.get(milestone, ()) for milestone in rows["milestone"]}
