"""What was said of each milestone up to a day: rows of a status table folded once, each cell with its day."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from estimation.errors import InputError
from estimation.project.amounts import list_few
from estimation.project.closing import is_added, is_cancelled
from estimation.project.plan import Plan
from estimation.project.status_rules import joined, refuse_impossible
from estimation.tables import STATUS

NEVER = -1
"""Row of a cell that was never filled."""
NOT_YET = np.datetime64("NaT", "s")
OUTDATED = ("actual_finish", "forecast_finish", "remaining_days", "percent_complete", "closed_as")
"""What was said of work before it was opened again no longer counts."""


@dataclass(eq=False)
class Course:
    """How far each milestone had come after the rows of one status date; arrays of length n milestones.

    Parameters
    ----------
    finish, cut_on, reopened_on : datetime64[s] arrays
        When it was done, cancelled, and opened again after it had been done; NaT where that is not so, or no more.
    since : int array
        The first row whose words still count.
    stood : dict of place to pairs of dates
        Each finish, or cut, that was taken back, and the opening after it.
    former : dict of place to dates
        Finishes that were replaced or taken back, oldest first.
    """

    finish: np.ndarray
    cut_on: np.ndarray
    reopened_on: np.ndarray
    since: np.ndarray
    stood: dict[int, tuple[tuple[np.datetime64, np.datetime64], ...]] = field(default_factory=dict)
    former: dict[int, tuple[pd.Timestamp, ...]] = field(default_factory=dict)

    def of(self, n: int) -> Course:
        """The same of the first n milestones, to go on from."""
        arrays = (self.finish, self.cut_on, self.reopened_on, self.since)
        return Course(*(each[:n].copy() for each in arrays), dict(self.stood), dict(self.former))

    def add(self, k: np.ndarray, rows: pd.DataFrame, first: int) -> None:
        """Take in the rows of one status date, about the milestones at ``k``; the first of them is number ``first``."""
        day = rows["as_of"].to_numpy()
        finish, ahead = rows["actual_finish"].to_numpy(), rows["forecast_finish"].to_numpy()
        cut = is_cancelled(rows).to_numpy()
        ends = ~np.isnat(finish) & ~cut
        left = (rows["remaining_days"] > 0) | (rows["percent_complete"] < 1)
        opens = (left.to_numpy(dtype=bool, na_value=False) | (ahead > day)) & np.isnat(finish) & ~cut
        was_done = ~np.isnat(self.finish[k])
        opens &= was_done | ~np.isnat(self.cut_on[k])
        for n in np.flatnonzero(was_done & (opens | (ends & (finish != self.finish[k])))):
            self.former[k[n]] = (*self.former.get(k[n], ()), pd.Timestamp(self.finish[k[n]]))
        for n in np.flatnonzero(opens):
            stop = self.finish[k[n]] if was_done[n] else self.cut_on[k[n]]
            self.stood[k[n]] = (*self.stood.get(k[n], ()), (stop, day[n]))
        self.since[k[opens]] = first + np.flatnonzero(opens)
        told = opens | ends | cut
        self.finish[k[told]] = np.where(ends, finish, NOT_YET)[told]
        self.cut_on[k[told]] = np.where(cut, np.where(np.isnat(finish), day, finish), NOT_YET)[told]
        self.reopened_on[k[told]] = np.where(opens & was_done, day, NOT_YET)[told]


def _not_begun(n: int) -> Course:
    return Course(np.full(n, NOT_YET), np.full(n, NOT_YET), np.full(n, NOT_YET), np.zeros(n, int))


@dataclass(frozen=True, eq=False)
class Reports:
    """All that was said of one project, in order of the status dates, whatever the order of the rows.

    Parameters
    ----------
    plan : Plan
        As it was first approved.
    rows : DataFrame keeping the STATUS contract
        Of this project alone, one row per milestone and status date.
    """

    plan: Plan
    rows: pd.DataFrame

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """Status dates, each once."""
        return pd.DatetimeIndex(self.rows["as_of"].unique())

    @cached_property
    def milestones(self) -> list[str]:
        """Ids: those of the plan, then added work in the order in which it was first reported."""
        return list(dict.fromkeys([*self.plan.milestones["milestone"], *self.rows["milestone"]]))

    @cached_property
    def says_starts(self) -> bool:
        """Whether the table ever holds a start or a percentage."""
        return bool(self.rows[["actual_start", "percent_complete"]].notna().any(axis=None))

    def at(self, day: pd.Timestamp) -> int:
        """Place of the last status date up to a day; -1 before the first."""
        return int(self.dates.searchsorted(day, side="right")) - 1

    @cached_property
    def _added_on(self) -> pd.DatetimeIndex:
        """When each milestone that was not planned was first reported, in their order."""
        first = self.rows.groupby("milestone", sort=False)["as_of"].first()
        return pd.DatetimeIndex(first.reindex(self.milestones[len(self.plan.milestones) :]))

    def n_known(self, day: pd.Timestamp) -> int:
        """How many milestones there are on a day: those planned, and those added by then."""
        return len(self.plan.milestones) + int(self._added_on.searchsorted(day, side="right"))

    def first_row(self, place: int) -> pd.Series:
        """The row in which a milestone was first reported."""
        return self.rows[self.rows["milestone"] == self.milestones[place]].iloc[0]

    @cached_property
    def first_progress(self) -> np.ndarray:
        """The first status date on which a share of each milestone was done; NaT where none ever was."""
        begun = self.rows[self.rows["percent_complete"] > 0]
        return begun.groupby("milestone")["as_of"].first().reindex(self.milestones).to_numpy()

    @cached_property
    def _places(self) -> np.ndarray:
        return pd.Index(self.milestones).get_indexer(self.rows["milestone"])

    @cached_property
    def _dates_of_rows(self) -> np.ndarray:
        return self.dates.get_indexer(self.rows["as_of"])

    @cached_property
    def _last(self) -> dict[str, np.ndarray]:
        """For each column and status date the last row that fills it, by milestone."""
        found = {}
        for name in STATUS:
            filled = np.flatnonzero(self.rows[name].notna().to_numpy())
            last = np.full((len(self.dates), len(self.milestones)), NEVER)
            last[self._dates_of_rows[filled], self._places[filled]] = filled
            found[name] = np.maximum.accumulate(last, axis=0)
        return found

    @cached_property
    def _courses(self) -> list[Course]:
        """Go through the status dates once: what was finished, cut, opened again."""
        course, courses = _not_begun(len(self.milestones)), []
        bounds = np.searchsorted(self._dates_of_rows, np.arange(len(self.dates) + 1))
        for first, last in pairwise(bounds):
            course = course.of(len(self.milestones))
            course.add(self._places[first:last], self.rows.iloc[first:last], first)
            courses.append(course)
        return courses

    def course(self, day: pd.Timestamp) -> Course:
        """How far each milestone has come by a day."""
        place, n = self.at(day), self.n_known(day)
        return _not_begun(n) if place < 0 else self._courses[place].of(n)

    def row_of(self, name: str, day: pd.Timestamp) -> np.ndarray:
        """The row that last filled a column and still counts, by milestone; -1 where none does."""
        place, n = self.at(day), self.n_known(day)
        if place < 0:
            return np.full(n, NEVER)
        last = self._last[name][place, :n]
        if name not in OUTDATED:
            return last
        return np.where(last >= self._courses[place].since[:n], last, NEVER)

    def cells(self, name: str, day: pd.Timestamp) -> np.ndarray:
        """What was last said in a column and still counts, by milestone."""
        return self.rows[name].array.take(self.row_of(name, day), allow_fill=True)

    def said_on(self, name: str, day: pd.Timestamp) -> np.ndarray:
        """The status date on which that was said; NaT where nothing was."""
        return self.rows["as_of"].array.take(self.row_of(name, day), allow_fill=True)

    def latest(self, day: pd.Timestamp) -> pd.DataFrame:
        """What was last said of each milestone in each column, ids as index; ``as_of`` is the date of its last row."""
        names = [name for name in STATUS if name not in ("project", "milestone")]
        columns = {name: self.cells(name, day) for name in names}
        course = self.course(day)
        columns["actual_finish"] = course.finish
        columns["closed_as"] = (
            pd.Series(columns["closed_as"]).where(~(np.isnat(course.cut_on) & np.isnat(course.finish))).array
        )
        ids = pd.Index(self.milestones[: len(course.finish)], name="milestone")
        return pd.DataFrame(columns, index=ids)


def reports_of(plan: Plan, status: pd.DataFrame) -> Reports:
    """Fold the rows of a project: by status date, whatever their order.

    Parameters
    ----------
    plan : Plan
    status : DataFrame keeping the STATUS contract
        Rows of other projects are passed over.

    Raises
    ------
    InputError
        If two rows of one milestone and day differ, a row tells of a date after its own, or a milestone comes that
        neither the plan knows nor any row marks as added.
    """
    own = joined(status[status["project"] == plan.project])
    refuse_impossible(own)
    added = set() if plan.unplanned is None else set(plan.unplanned["milestone"])
    added |= set(own["milestone"][is_added(own)])
    names = list(plan.milestones["milestone"])
    unknown = sorted(set(own["milestone"]) - set(names) - added)
    if unknown:
        raise InputError(
            f"Status of project '{plan.project}': milestone {list_few(list(unknown), 5)} is reported and the plan does "
            f"not have it; the plan has {', '.join(names[:20])}. Correct the id, or mark work that came later with "
            "added_after_baseline = yes."
        )
    return Reports(plan, own.sort_values(["as_of", "milestone"], kind="stable", ignore_index=True))
