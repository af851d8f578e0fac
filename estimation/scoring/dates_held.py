"""Did the dates hold: each project's kickoff forecast, scored once, each level when its date has come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.calibration.durations import project_calendar
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.project.closing import is_cancelled, is_finished
from estimation.project.silence import is_silent
from estimation.scores import binomial_band
from estimation.scoring.backtest import project_starts
from estimation.tables import IDENTITY, Column, Contract, keep_contract, rows_table

LEVELS = (0.5, 0.8, 0.9)
FEWEST_IN_A_CELL = 5
"""With fewer, a number says more about one project than about the quarter."""
AS_PROMISED, TOO_EARLY, TOO_CAUTIOUS, TOO_FEW = "as promised", "too early", "too cautious", "too few"

PROMISES: Contract = {
    "project": IDENTITY["project"],
    "milestone": Column.text("id of the milestone; 'project' for the whole of it"),
    "as_of": Column.date("status date of the kickoff forecast"),
    "level": Column.probability("share of iterations that had finished by the date"),
    "promised": Column.date("the date of that level, which has come"),
    "actual_finish": Column.date("evening on which it was really finished; empty while it runs"),
    "held": Column.flag("finished on the date or before"),
    "quarter": Column.text("quarter in which the date fell"),
}

PROMISES_KEPT: Contract = {
    "period": Column.text("quarter, or the quarters pooled, in which the dates fell"),
    "level": PROMISES["level"],
    "n_due": Column.count("projects whose date of this level fell in the period"),
    "n_held": Column.count("of these, finished by it; empty with fewer than five"),
    "share_held": Column.probability("one by the other"),
    "n_lower": Column.count("fewest that chance allows an honest level to hold, nine times in ten"),
    "n_upper": Column.count("most that chance allows"),
    "verdict": Column.text("as promised, too early, too cautious or too few"),
}


def kickoff_forecasts(published: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Find the forecast that each project started with: the first one published, made at or before its start.

    Forecasts made later, however good, do not count.
    """
    start = published["project"].map(project_starts(history))
    early = published[published["as_of"] <= start]
    first = early.sort_values(["entry", "as_of"], kind="stable").drop_duplicates("project")
    chosen = first[["project", "entry", "as_of"]]
    return early.merge(chosen, on=["project", "entry", "as_of"], validate="m:1")[list(published.columns)]


def promise_table(
    published: pd.DataFrame, history: pd.DataFrame, *, as_of, levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """Score the kickoff forecasts: every level whose date has come by the status date, once.

    A level counts in the quarter in which its date falls, whenever it was published and whenever the work was
    finished: waiting for the finish would leave out exactly those that are late. Unfinished on the date is a miss.
    Cancelled projects are neither. Milestones of one project share its effect: only the rows of whole projects may be
    held against a band of chance.
    """
    day = pd.Timestamp(as_of)
    kickoffs = kickoff_forecasts(published[published["as_of"] <= day], history)
    asked = np.isclose(kickoffs["level"].to_numpy()[:, None], levels).any(axis=1)
    due = kickoffs[asked & (kickoffs["finish"] <= day)].rename(columns={"finish": "promised"})
    table = due.merge(_finishes(history, day), on=["project", "milestone"], how="left", validate="m:1")
    table = table[table["over"].ne(True)]
    held = pd.Series(False, index=table.index)
    calendars = history.groupby("project", sort=False)
    for project, own in table.groupby("project", sort=False):
        calendar = project_calendar(calendars.get_group(project))
        held[own.index] = calendar.kept(own["promised"], own["actual_finish"])
    table = table.assign(held=held, quarter=table["promised"].dt.to_period("Q").astype("str"))
    ordered = table.sort_values(["promised", "project", "milestone", "level"], kind="stable")
    return keep_contract(ordered, PROMISES)


def promises_kept(
    promises: pd.DataFrame, quarters: Sequence[pd.Period], *, levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """Count quarter by quarter, and for the last four together, how many dates of whole projects held, beside chance.

    The band is the exact binomial one of 90 % and takes projects for independent; what hits many at once makes it too
    narrow. With fewer than five dates in a cell nothing is counted.
    """
    whole = promises[promises["milestone"] == WHOLE_PROJECT]
    periods = {str(quarter): [str(quarter)] for quarter in quarters}
    periods[pooled_period(quarters)] = [str(quarter) for quarter in quarters[-4:]]
    rows = []
    for period, names in periods.items():
        for level in levels:
            cell = whole[whole["quarter"].isin(names) & np.isclose(whole["level"], level)]
            rows.append({"period": period, "level": level, **_kept(cell["held"], level)})
    return rows_table(rows, PROMISES_KEPT)


def pooled_period(quarters: Sequence[pd.Period]) -> str:
    """Name the last four quarters together.

    >>> pooled_period(pd.period_range("2025Q3", "2026Q3", freq="Q"))
    '2025Q4 to 2026Q3'
    """
    last = quarters[-4:]
    return f"{last[0]} to {last[-1]}"


def _kept(held: pd.Series, level: float) -> dict[str, object]:
    n, names = len(held), ("n_held", "share_held", "n_lower", "n_upper", "verdict")
    if n < FEWEST_IN_A_CELL:
        return {"n_due": n, **dict.fromkeys(names), "verdict": TOO_FEW}
    n_held, (low, high) = int(held.sum()), binomial_band(n, level)
    verdict = TOO_EARLY if n_held < low else TOO_CAUTIOUS if n_held > high else AS_PROMISED
    return {"n_due": n, **dict(zip(names, (n_held, n_held / n, low, high, verdict), strict=True))}


def _finishes(history: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """List when milestones and whole projects were finished, as known on a day, and whether they were given up."""
    finish = history["actual_finish"].where(is_finished(history, day))
    over = finish.isna() & (is_cancelled(history) | is_silent(history, day))  # of silent work nobody knows
    rows = history[["project", "milestone"]].assign(actual_finish=finish, over=over)
    groups = history.assign(finish=finish, over=over, open=finish.isna() & ~over).groupby("project")
    last = history["baseline_finish"] == history.groupby("project")["baseline_finish"].transform("max")
    whole = pd.DataFrame(
        {
            "actual_finish": groups["finish"].max().mask(groups["open"].any()),
            "over": (last & over).groupby(history["project"]).any() | groups["over"].all(),
        }
    ).reset_index()
    return pd.concat([rows, whole.assign(milestone=WHOLE_PROJECT)], ignore_index=True)
