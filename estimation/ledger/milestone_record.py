"""What the ledger knows of one milestone, and what a new row adds to it or contradicts."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field

from estimation.ledger.cells import Cells
from estimation.ledger.schema import CAUSE, PROMISED, RECOVERY, REPORTED

_AT = {name: place for place, name in enumerate(REPORTED)}
_START, _FINISH, _DAYS, _CLOSED = (
    _AT[name] for name in ("actual_start", "actual_finish", "actual_days", "closed_as")
)
_FORECAST, _REASON, _TOLD = _AT["forecast_finish"], _AT["reason"], _AT["told_client_on"]
_PLANNED = list(PROMISED).index("baseline_finish")
FACTS = ("actual_start", "actual_finish", "actual_days")


@dataclass(frozen=True)
class Conflict:
    """Two sources that cannot both be right: which cell, what came and from where, what was known and from where."""

    column: str
    came: object
    source: str
    known: object
    known_source: str
    version: int | None = None


@dataclass
class Known:
    """One milestone as the ledger knows it; each method gives the row to add, or None when it knows all of it.

    ``baselines`` holds cells and sources by version, ``status`` the merged cells by status date, ``facts`` the actual
    dates with their sources, ``forecasts`` the forecast dates in the order of their status dates.
    """

    id: int
    fingerprints: set[int] = field(default_factory=set)
    description: Cells | None = None
    baselines: dict[int, tuple[Cells, str]] = field(default_factory=dict)
    status: dict[str, Cells] = field(default_factory=dict)
    current: Cells | None = None
    facts: dict[str, tuple[object, str]] = field(default_factory=dict)
    forecasts: list[tuple[str, int, str]] = field(default_factory=list)
    cause: Cells | None = None
    recovery: Cells | None = None
    revisions: dict[object, int] = field(default_factory=dict)

    def revision(self, key: object) -> int:
        """Count the rows of one kind."""
        self.revisions[key] = number = self.revisions.get(key, 0) + 1
        return number

    def describe(self, cells: Cells, entry: int) -> tuple | None:
        """Take what the milestone is called, who owns it and the like; the latest word counts."""
        merged = _over(self.description, cells)
        if merged == self.description:
            return None
        self.description = merged
        return (self.id, self.revision("description"), entry, *cells)

    def promise(
        self, version: int, cells: Cells, source: str, entry: int
    ) -> tuple[list[Conflict], tuple | None]:
        """Take a baseline: a new number is a re-baseline, a known number may only fill what was empty."""
        held, held_source = self.baselines.get(version, (None, ""))
        conflicts = []
        if held is not None:
            conflicts = [
                Conflict(name, came, source, was, held_source, version)
                for name, came, was in zip(PROMISED, cells, held, strict=True)
                if came is not None and was is not None and came != was
            ]
        merged = _over(held, cells)
        if merged == held:
            return conflicts, None
        self.baselines[version] = (merged, source)
        row = (self.id, version, self.revision(("baseline", version)), entry, *cells, source)
        return conflicts, row

    def report(
        self, as_of: str, dated: bool, cells: Cells, source: str, entry: int, made_by: str
    ) -> tuple[list[Conflict], tuple | None, tuple | None]:
        """Take a status: actual dates may not change, a forecast that changes is a move."""
        conflicts = list(self._contradictions(cells, source))
        if (
            conflicts and not dated and self.status
        ):  # a correction without a date of its own is the latest word
            as_of = max(as_of, max(self.status))
        held = self.status.get(as_of)
        merged = _later(held, cells)
        known = merged == held if dated else _later(self.current, cells) == self.current
        if known:
            return conflicts, None, None
        old, new = self._expected(as_of), cells[_FORECAST]
        move = None
        if old is not None and new is not None and old != new:
            reason, told = cells[_REASON], cells[_TOLD]
            silent = int(reason is None)
            move = (self.id, self.revision("move"), entry, as_of, made_by, old, new, reason, told, silent)
        self.remember(as_of, cells, source)
        row = (self.id, as_of, self.revisions["status", as_of], entry, int(dated), *cells, source)
        return conflicts, row, move

    def remember(self, as_of: str, cells: Cells, source: str) -> None:
        """Learn a status that the ledger has, or is about to have."""
        self.revision(("status", as_of))
        latest = not self.status or as_of >= max(self.status)
        self.status[as_of] = _later(self.status.get(as_of), cells)
        self.current = _later(self.current, cells) if latest else _later(cells, self.current)
        if cells[_FORECAST] is not None:
            insort(self.forecasts, (as_of, len(self.forecasts), cells[_FORECAST]))
        for name in FACTS:
            value = cells[_AT[name]]
            if value is not None and (name != "actual_days" or _is_over(cells)):
                self.facts[name] = (value, source)

    def blame(self, cells: Cells, entry: int) -> tuple | None:
        """Take the cause of a miss."""
        merged = _over(self.cause, cells)
        if merged == self.cause or merged == (None,) * len(CAUSE):
            return None
        self.cause = merged
        return (self.id, self.revision("cause"), entry, *cells)

    def recover(self, cells: Cells, entry: int) -> tuple | None:
        """Take what is done about a miss."""
        merged = _over(self.recovery, cells)
        if merged == self.recovery or merged == (None,) * len(RECOVERY):
            return None
        self.recovery = merged
        return (self.id, self.revision("recovery"), entry, *cells)

    def _contradictions(self, cells: Cells, source: str):
        for name in FACTS:
            came = cells[_AT[name]]
            if came is None or name not in self.facts or (name == "actual_days" and not _is_over(cells)):
                continue
            was, where = self.facts[name]
            if came != was:
                yield Conflict(name, came, source, was, where)

    def _expected(self, as_of: str) -> str | None:
        """Finish that was expected before: the forecast of the status date or before it, else the plan's."""
        place = bisect_left(self.forecasts, (as_of, len(self.forecasts)))
        return self.forecasts[place - 1][2] if place else self._planned()

    def _planned(self) -> str | None:
        """Finish in the latest baseline: before the first forecast it is what was expected."""
        return self.baselines[max(self.baselines)][0][_PLANNED] if self.baselines else None


def _over(old: Cells | None, new: Cells) -> Cells:
    """Lay new cells over old ones; an empty cell says nothing."""
    if old is None or old == new:
        return new
    return tuple(was if came is None else came for was, came in zip(old, new, strict=True))


def _later(old: Cells | None, new: Cells | None) -> Cells:
    """Lay a later status over an earlier one; a reason belongs to the date it came with, not to the next one."""
    if old is None or new is None:
        return old if new is None else new
    merged = list(_over(old, new))
    if new[_FORECAST] is not None and old[_FORECAST] not in (None, new[_FORECAST]):
        merged[_REASON], merged[_TOLD] = new[_REASON], new[_TOLD]
    return tuple(merged)


def _is_over(cells: Cells) -> bool:
    return cells[_FINISH] is not None or cells[_CLOSED] is not None
