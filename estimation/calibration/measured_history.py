"""A history measured once and handed on: what was known of it on any day, and each fit to that, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.calibration.durations import own_durations
from estimation.calibration.model import OverrunModel, fit_overruns, method_of
from estimation.calibration.overruns import overrun_table
from estimation.calibration.project_record import measured_projects, ratios_known
from estimation.project.silence import known_until

Progress = Callable[[int, int], None]
"""Called with how many folds are done, and of how many."""


@dataclass(frozen=True, eq=False)
class MeasuredHistory:
    """A history with what every fit and every backtest needs of it; each of these verbs takes it for the table.

    ``calibrate``, ``backtest``, ``backtest_finishes``, ``choose_half_life`` and ``data_quality`` measure what they are
    given. Handed the same measured history, they share own durations, overruns, finish ratios and fits: a fold that
    was fitted for one is not fitted again for another. It holds what was made of it in memory.

    Parameters
    ----------
    table : DataFrame keeping the HISTORY contract

    Examples
    --------
    >>> history = MeasuredHistory(pd.DataFrame())
    >>> MeasuredHistory.of(history) is history
    True
    """

    table: pd.DataFrame
    _made: dict[Hashable, object] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, history: pd.DataFrame | MeasuredHistory) -> MeasuredHistory:
        """Measure a table; what is measured already comes back as it is."""
        return history if isinstance(history, cls) else cls(history)

    @cached_property
    def own(self) -> pd.DataFrame:
        """Own durations of its milestones."""
        return own_durations(self.table)

    @cached_property
    def projects(self) -> pd.DataFrame:
        """Its projects as a whole, see ``measured_projects``."""
        return measured_projects(self.table, self.own)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Make something of this history, or give what was made under the same key before."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def overruns(self, as_of: DateLike | None = None) -> pd.DataFrame:
        """The overruns known on a day, see ``overrun_table``."""
        how = {"as_of": as_of, "own": self.own}
        return self.once(("overruns", _day(as_of)), lambda: overrun_table(self.table, **how))

    def ratios(self, as_of: DateLike | None = None) -> pd.DataFrame:
        """The finish ratios known on a day, running projects included, see ``finish_ratios``."""
        known = (self.projects, self.table, _day(as_of) or known_until(self.table), as_of)
        return self.once(("ratios", _day(as_of)), lambda: ratios_known(*known))

    def fit(self, as_of: DateLike | None = None, *, method: str = "auto", **how) -> OverrunModel:
        """The model that the overruns known on a day teach, see ``fit_overruns``."""
        overruns = self.overruns(as_of)
        how = {"half_life_months": None, **how, "method": method_of(overruns, method)}
        return self.once(("fit", _day(as_of), *sorted(how.items())), lambda: fit_overruns(overruns, **how))


def told(folds: Sequence, progress: Progress | None) -> Iterator:
    """Go through folds, and tell after each how many are done."""
    for done, fold in enumerate(folds, 1):
        yield fold
        if progress is not None:
            progress(done, len(folds))


def _day(as_of: DateLike | None) -> pd.Timestamp | None:
    return None if as_of is None else status_day(as_of)
