"""What the ledger holds of one milestone, and what a further baseline or status adds to it or contradicts."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from estimation.ledger.cells import Cells
from estimation.ledger.schema import PLANNED, REPORTED
from estimation.project.statuses import Closed

_AT = {name: place for place, name in enumerate(REPORTED)}
_FINISH, _CLOSED, _PERCENT = _AT["actual_finish"], _AT["closed_as"], _AT["percent_complete"]
_FORECAST, _REASON, _TOLD = _AT["forecast_finish"], _AT["reason"], _AT["told_client_on"]
_PLANNED_FINISH = list(PLANNED).index("baseline_finish")
_ACTUALS = ("actual_start", "actual_finish", "actual_days")


@dataclass(frozen=True)
class Conflict:
    """Two sources that cannot both be right about a cell: the new one, and the one the ledger holds."""

    column: str
    given: object
    source: str
    held: object
    held_source: str
    version: int | None = None


@dataclass
class MilestoneRecord:
    """One milestone as the ledger holds it; what is added gives the row to insert, or None when nothing is new.

    ``latest`` holds the merged cells by table, ``baselines`` cells and sources by version, ``status`` the merged
    cells by status date, ``ends`` finish and share as dated updates told them, ``actuals`` the actual dates
    with their sources, ``forecasts`` the forecast dates in the order of their status dates.
    """

    id: int
    fingerprints: set[int] = field(default_factory=set)
    latest: dict[str, Cells] = field(default_factory=dict)
    baselines: dict[int, tuple[Cells, str]] = field(default_factory=dict)
    status: dict[str, Cells] = field(default_factory=dict)
    ends: dict[str, Cells] = field(default_factory=dict)
    current: Cells | None = None
    actuals: dict[str, tuple] = field(default_factory=dict)
    forecasts: list[tuple[str, int, str]] = field(default_factory=list)
    revisions: dict[object, int] = field(default_factory=dict)

    def next_revision(self, key: object) -> int:
        """Count the rows of one kind."""
        self.revisions[key] = number = self.revisions.get(key, 0) + 1
        return number

    def revise(self, table: str, cells: Cells, entry: int) -> tuple | None:
        """Add a description, a cause or a recovery plan: the latest cell of each column counts."""
        held = self.latest.get(table)
        merged = _over(held, cells)
        if merged == held:
            return None
        self.latest[table] = merged
        return (self.id, self.next_revision(table), entry, *cells)

    def add_baseline(
        self, version: int, cells: Cells, source: str, entry: int
    ) -> tuple[list[Conflict], tuple | None]:
        """Add a baseline: a new number is a re-baseline, a known number may only fill what was empty."""
        held, held_source = self.baselines.get(version, (None, ""))
        conflicts = [
            Conflict(name, new, source, old, held_source, version)
            for name, new, old in zip(PLANNED, cells, held or (), strict=False)
            if new is not None and old is not None and new != old
        ]
        merged = _over(held, cells)
        if merged == held:
            return conflicts, None
        self.baselines[version] = (merged, source)
        return conflicts, (self.id, version, self.next_revision(("baseline", version)), entry, *cells, source)

    def add_status(
        self, as_of: str, dated: bool, cells: Cells, source: str, entry: int, made_by: str
    ) -> tuple[list[Conflict], tuple | None, tuple | None]:
        """Add a status: actual dates may not change, and a forecast that changes gives a row for the move as well."""
        conflicts = [
            Conflict(name, new, source, *self.actuals[name])
            for name, new in _actuals_in(cells)
            if name in self.actuals and new != self.actuals[name][0]
        ]
        if conflicts and not dated:  # a correction without a date of its own is the latest word
            as_of = max([as_of, *self.status])
        finish, percent = self._end(as_of, cells) if dated else (None, None)
        if finish is not None and percent is not None and percent < 1:
            held = f"actual_finish {finish}"
            conflicts.append(Conflict("percent_complete", percent, source, held, f"the status of {as_of}"))
        before = self.status.get(as_of) if dated else self.current
        if _later(before, cells) == before:
            return conflicts, None, None
        old, new = self._expected(as_of), cells[_FORECAST]
        move = None
        if old is not None and new is not None and old != new:
            reason, told = cells[_REASON], cells[_TOLD]
            number, silent = self.next_revision("move"), int(reason is None)
            move = (self.id, number, entry, as_of, made_by, old, new, reason, told, silent)
        self.hold_status(as_of, dated, cells, source)
        row = (self.id, as_of, self.revisions["status", as_of], entry, int(dated), *cells, source)
        return conflicts, row, move

    def hold_status(self, as_of: str, dated: bool, cells: Cells, source: str) -> None:
        """Take over a status that the ledger has, or is about to have."""
        self.next_revision(("status", as_of))
        latest = not self.status or as_of >= max(self.status)
        self.status[as_of] = _later(self.status.get(as_of), cells)
        self.current = _later(self.current, cells) if latest else _later(cells, self.current)
        if dated:
            self.ends[as_of] = self._end(as_of, cells)
        if cells[_FORECAST] is not None:
            insort(self.forecasts, (as_of, len(self.forecasts), cells[_FORECAST]))
        self.actuals.update({name: (actual, source) for name, actual in _actuals_in(cells)})

    def _end(self, as_of: str, cells: Cells) -> Cells:
        return _over(self.ends.get(as_of), (cells[_FINISH], cells[_PERCENT]))

    def _expected(self, as_of: str) -> str | None:
        """Finish that was expected before: the forecast of the status date or before it, else the latest baseline's."""
        place = bisect_left(self.forecasts, (as_of, len(self.forecasts)))
        if place:
            return self.forecasts[place - 1][2]
        return self.baselines[max(self.baselines)][0][_PLANNED_FINISH] if self.baselines else None


def _actuals_in(cells: Cells) -> Iterator[tuple]:
    """Actual dates and days that a status states for good: days taken count when the milestone is over."""
    is_over = cells[_FINISH] is not None or cells[_CLOSED] not in (None, Closed.RUNNING)
    for name in _ACTUALS:
        if cells[_AT[name]] is not None and (name != "actual_days" or is_over):
            yield name, cells[_AT[name]]


def _over(old: Cells | None, new: Cells) -> Cells:
    """Lay new cells over old ones; an empty cell says nothing."""
    if old is None or old == new:
        return new
    return tuple(was if cell is None else cell for was, cell in zip(old, new, strict=True))


def _later(old: Cells | None, new: Cells | None) -> Cells:
    """Lay a later status over an earlier one; a reason belongs to the date it came with, not to the next one."""
    if old is None or new is None:
        return old if new is None else new  # pyright: ignore[reportReturnType] - one of the two is there
    merged = list(_over(old, new))
    if new[_FORECAST] is not None and old[_FORECAST] not in (None, new[_FORECAST]):
        merged[_REASON], merged[_TOLD] = new[_REASON], new[_TOLD]
    return tuple(merged)
