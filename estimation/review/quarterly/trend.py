"""Are we getting better: slips, bias and spread of overruns quarter by quarter, with what chance allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.calibration.overruns import overrun_ratio
from estimation.calibration.project_record import log_finish_ratios
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.project.closing import closing_days
from estimation.review.quarterly.jackknife import (
    CONFIDENCE,
    Measured,
    bias_of,
    distance_of,
    log_spread_of,
)
from estimation.review.quarterly.quarterly_tables import (
    CLOSED,
    CLOSED_BY_QUARTER,
    OVERRUN_CHANGE,
    OVERRUN_TREND,
)
from estimation.review.variance import project_slip
from estimation.scoring.dates_held import FEWEST_IN_A_CELL, TOO_FEW
from estimation.tables import empty_table, keep_contract, rows_table

QUARTER, TRAILING = "quarter", "four quarters"
BETTER, WORSE, CHANCE = "better", "worse", "no more than chance"
_UNCOMPARED = {
    f"{measure}_{name}": TOO_FEW if name == "verdict" else None
    for measure in ("bias", "spread")
    for name in ("before", "now", "change", "change_lower", "change_upper", "verdict")
} | {"approved_before": None, "approved_now": None}
"""What is said of a phase of which too few projects closed, then or now."""


def closed_projects(
    history: pd.DataFrame, ratios: pd.DataFrame, quarters: Sequence[pd.Period]
) -> pd.DataFrame:
    """List the projects closed in some quarters with the slip of each, in the order in which they were closed (CLOSED).

    ``finish_ratio`` is empty where ``finish_ratios`` leaves the project out, such as one that copies its plan.
    """
    closed = closing_days(history).sort_values(kind="stable")
    closed = closed[closed.dt.to_period("Q").isin(quarters)]
    rows = [
        {"project": project, "closed_on": day, "quarter": str(day.to_period("Q"))}
        | project_slip(history, project)
        for project, day in closed.items()
    ]
    who = history.groupby("project", sort=False)[["client", "team"]].first().reset_index()
    if not rows:
        return empty_table(CLOSED)
    table = pd.DataFrame(rows).merge(who, on="project", how="left", validate="1:1")
    return keep_contract(
        table.merge(ratios[["project", "finish_ratio"]], on="project", how="left", validate="1:1"), CLOSED
    )


def closed_by_quarter(closed: pd.DataFrame, quarters: Sequence[pd.Period]) -> pd.DataFrame:
    """Sum up the slips of the projects closed in each quarter; left empty with fewer than five."""
    rows = []
    for quarter in map(str, quarters):
        slips = closed.loc[closed["quarter"] == quarter, "slip_days"]
        few = len(slips) < FEWEST_IN_A_CELL
        told = {
            "n_late": int((slips > 0).sum()),
            "median_slip_days": slips.median(),
            "mean_slip_days": slips.mean(),
            "worst_slip_days": slips.max(),
        }
        row = {"quarter": quarter, "n_projects": len(slips), "suppressed": few}
        rows.append(row | (dict.fromkeys(told) if few else told))
    return rows_table(rows, CLOSED_BY_QUARTER)


def log_overruns(
    overruns: pd.DataFrame, ratios: pd.DataFrame, closed: pd.Series, *, approved: pd.DataFrame
) -> pd.DataFrame:
    """Put the log overruns of closed projects (phase 'project') and of their milestones into one table, by quarter.

    ``log_ratio`` is against what was estimated, ``log_approved`` against what was approved: ``approved`` are the finish
    ratios of the same projects against that.
    """
    against = pd.Series(log_finish_ratios(approved), index=approved["project"])
    whole = pd.DataFrame(
        {
            "project": ratios["project"],
            "phase": WHOLE_PROJECT,
            "log_ratio": log_finish_ratios(ratios),
            "log_approved": ratios["project"].map(against),
        }
    )
    finished = overruns[~overruns["censored"].astype(bool)]
    by_phase = finished[["project", "phase"]].assign(
        log_ratio=np.log(finished["overrun_ratio"].to_numpy(dtype=float)),
        log_approved=np.log(overrun_ratio(finished["baseline_days"], finished["actual_days"])),
    )
    table = pd.concat([whole, by_phase], ignore_index=True)
    table = table[table["project"].isin(closed.index)].reset_index(drop=True)
    days = pd.DatetimeIndex(closed.reindex(table["project"]))
    return table.assign(quarter=days.to_period("Q").astype("str"))


def overrun_trend(overruns: pd.DataFrame, quarters: Sequence[pd.Period]) -> pd.DataFrame:
    """Give bias and spread of the estimates of each quarter, of whole projects and phase by phase (OVERRUN_TREND).

    Bias is how much too short plans were on average; spread is how unequally they were wrong: the first is cured by a
    multiplier, the second is not. Each quarter is told by itself, and together with the three before it: few projects
    close in a quarter. Intervals come from leaving out whole projects, as the milestones of one hang together.
    """
    rows = []
    for phase in _phases(overruns):
        of_phase = overruns[overruns["phase"] == phase]
        for window, length in ((QUARTER, 1), (TRAILING, 4)):
            for quarter in quarters:
                cell = of_phase[of_phase["quarter"].isin(_ending(quarter, length))]
                rows.append({"quarter": str(quarter), "window": window, "phase": phase, **_measured(cell)})
    return rows_table(rows, OVERRUN_TREND)


def _measured(cell: pd.DataFrame) -> dict[str, object]:
    n_projects = cell["project"].nunique()
    few = n_projects < FEWEST_IN_A_CELL
    row: dict[str, object] = {"n_projects": n_projects, "n_rows": len(cell), "suppressed": few}
    for names, measure in (
        (("bias_ratio", "bias_lower", "bias_upper"), bias_of),
        (("spread", "spread_lower", "spread_upper"), log_spread_of),
    ):
        values = [None] * 3
        if not few:
            measured = measure(cell)
            values = np.exp([measured.value, *measured.interval()])
        row |= dict(zip(names, values, strict=True))
    row["approved_ratio"] = None if few else _approved_ratio(cell)
    return row


def _approved_ratio(cell: pd.DataFrame) -> float:
    """Give the geometric mean of actual / approved plan."""
    approved = cell.assign(log_ratio=cell["log_approved"])
    return float(np.exp(bias_of(approved.dropna(subset=["log_ratio"])).value))


def overrun_change(overruns: pd.DataFrame, quarter: pd.Period) -> pd.DataFrame:
    """Compare the last four quarters with the four before, and say whether more than chance changed (OVERRUN_CHANGE).

    Better or worse where the interval of the change leaves out zero. Of a bias the distance from 1 counts: plans
    that become too long are no better than plans that were too short. Phases are many, so that one of them would
    often change by chance alone: their intervals are as wide as it takes to hold all together nine times in ten
    (Bonferroni).
    """
    phases, rows = _phases(overruns), []
    for phase in phases:
        of_phase = overruns[overruns["phase"] == phase]
        before, now = (of_phase[of_phase["quarter"].isin(_ending(quarter - ago, 4))] for ago in (4, 0))
        row = {
            "phase": phase,
            "n_before": before["project"].nunique(),
            "n_now": now["project"].nunique(),
            **_UNCOMPARED,
        }
        if min(row["n_before"], row["n_now"]) >= FEWEST_IN_A_CELL:
            together = 1 if phase == WHOLE_PROJECT else max(len(phases) - 1, 1)
            row |= _change(before, now, 1 - (1 - CONFIDENCE) / together)
        rows.append(row)
    return rows_table(rows, OVERRUN_CHANGE)


def _change(before: pd.DataFrame, now: pd.DataFrame, confidence: float) -> dict[str, object]:
    row = {}
    for when, cell in (("before", before), ("now", now)):
        row |= {
            f"bias_{when}": np.exp(bias_of(cell).value),
            f"spread_{when}": np.exp(log_spread_of(cell).value),
            f"approved_{when}": _approved_ratio(cell),
        }
    for name, measure in (("bias", distance_of), ("spread", log_spread_of)):
        change: Measured = measure(now).less(measure(before))
        low, high = change.interval(confidence)
        row |= {
            f"{name}_change": change.value,
            f"{name}_change_lower": low,
            f"{name}_change_upper": high,
            f"{name}_verdict": BETTER if high < 0 else WORSE if low > 0 else CHANCE,
        }
    return row


def _ending(quarter: pd.Period, length: int) -> list[str]:
    """Name a quarter and as many before it as make up a length."""
    return [str(each) for each in pd.period_range(quarter - (length - 1), quarter, freq="Q")]


def _phases(overruns: pd.DataFrame) -> list[str]:
    """List the phases of a table, the whole project first."""
    return [
        WHOLE_PROJECT,
        *(phase for phase in dict.fromkeys(overruns["phase"]) if phase != WHOLE_PROJECT),
    ]
