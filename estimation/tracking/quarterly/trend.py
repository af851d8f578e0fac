"""Are we getting better: slips, bias and spread of overruns quarter by quarter, with what chance allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.calibration.project_record import log_finish_ratios
from estimation.columns import keep_contract
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.scoring.published import FEWEST_IN_A_CELL, TOO_FEW
from estimation.tracking.quarterly.contracts import CLOSED, CLOSED_BY_QUARTER, OVERRUN_CHANGE, OVERRUN_TREND
from estimation.tracking.quarterly.quarter import closing_days
from estimation.tracking.variance import project_slip

DRAWS = 2000
INTERVAL = (0.05, 0.95)
BETTER, WORSE, CHANCE = "better", "worse", "no more than chance"


def closed_projects(
    history: pd.DataFrame, ratios: pd.DataFrame, quarters: Sequence[pd.Period]
) -> pd.DataFrame:
    """List the projects closed in some quarters, with the slip of each.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract, as known at the end of the last quarter
    ratios : DataFrame keeping the FINISH_RATIOS contract
    quarters : sequence of Period

    Returns
    -------
    DataFrame keeping the CLOSED contract, one row per project, in the order in which they were closed
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
    table = pd.DataFrame(rows, columns=list(CLOSED)).drop(columns=["client", "team", "finish_ratio"])
    table = table.merge(who, on="project", how="left", validate="1:1")
    return keep_contract(
        table.merge(ratios[["project", "finish_ratio"]], on="project", how="left", validate="1:1"), CLOSED
    )


def closed_by_quarter(closed: pd.DataFrame, quarters: Sequence[pd.Period]) -> pd.DataFrame:
    """Sum up the slips of the projects closed in each quarter.

    Parameters
    ----------
    closed : DataFrame keeping the CLOSED contract
    quarters : sequence of Period

    Returns
    -------
    DataFrame keeping the CLOSED_BY_QUARTER contract, one row per quarter; slips are left empty with fewer than five
    """
    rows = []
    for quarter in map(str, quarters):
        slips = closed.loc[closed["quarter"] == quarter, "slip_days"]
        row = {"quarter": quarter, "n_projects": len(slips), "suppressed": len(slips) < FEWEST_IN_A_CELL}
        if not row["suppressed"]:
            row |= {
                "n_late": int((slips > 0).sum()),
                "median_slip_days": slips.median(),
                "mean_slip_days": slips.mean(),
                "worst_slip_days": slips.max(),
            }
        rows.append(row)
    return keep_contract(pd.DataFrame(rows), CLOSED_BY_QUARTER)


def log_overruns(overruns: pd.DataFrame, ratios: pd.DataFrame, closed: pd.Series) -> pd.DataFrame:
    """Put the log overruns of whole projects and of their milestones into one table, by the quarter of closing.

    Parameters
    ----------
    overruns : DataFrame keeping the OVERRUNS contract
    ratios : DataFrame keeping the FINISH_RATIOS contract
    closed : Series as ``closing_days`` gives it

    Returns
    -------
    DataFrame with ``quarter``, ``project``, ``phase`` ('project' for a finish) and ``log_ratio``
        Closed projects only.
    """
    whole = pd.DataFrame(
        {"project": ratios["project"], "phase": WHOLE_PROJECT, "log_ratio": log_finish_ratios(ratios)}
    )
    finished = overruns[~overruns["censored"].astype(bool)]
    by_phase = finished[["project", "phase"]].assign(
        log_ratio=np.log(finished["overrun_ratio"].to_numpy(dtype=float))
    )
    table = pd.concat([whole, by_phase], ignore_index=True)
    table["quarter"] = table["project"].map(closed).dt.to_period("Q").astype("str")
    return table[table["project"].isin(closed.index)].reset_index(drop=True)


def overrun_trend(overruns: pd.DataFrame, quarters: Sequence[pd.Period], *, seed: int) -> pd.DataFrame:
    """Give bias and spread of the estimates of each quarter, of whole projects and phase by phase.

    Bias is how much too short plans were on average; spread is how unequally they were wrong: the first is cured by a
    multiplier, the second is not.

    Parameters
    ----------
    overruns : DataFrame as ``log_overruns`` gives it
    quarters : sequence of Period
    seed : int
        Of the bootstrap, which redraws whole projects: the milestones of one hang together.

    Returns
    -------
    DataFrame keeping the OVERRUN_TREND contract, one row per quarter and phase
    """
    rows = []
    for phase in _phases(overruns):
        of_phase = overruns[overruns["phase"] == phase]
        for quarter in map(str, quarters):
            cell = of_phase[of_phase["quarter"] == quarter]
            n_projects = cell["project"].nunique()
            row = {"quarter": quarter, "phase": phase, "n_projects": n_projects, "n_rows": len(cell)}
            row["suppressed"] = n_projects < FEWEST_IN_A_CELL
            if not row["suppressed"]:
                bias, spread = bias_and_spread(_sums(cell).sum(axis=0))
                biases, spreads = bias_and_spread(_redrawn(cell, np.random.default_rng(seed)))
                row |= {"bias_ratio": np.exp(bias), "spread": spread}
                row["bias_lower"], row["bias_upper"] = np.exp(np.quantile(biases, INTERVAL))
                row["spread_lower"], row["spread_upper"] = np.quantile(spreads, INTERVAL)
            rows.append(row)
    return keep_contract(pd.DataFrame(rows), OVERRUN_TREND)


def overrun_change(overruns: pd.DataFrame, quarter: pd.Period, *, seed: int) -> pd.DataFrame:
    """Compare the last four quarters with the four before, and say whether more than chance changed.

    Parameters
    ----------
    overruns : DataFrame as ``log_overruns`` gives it
    quarter : Period
        The last of the four.
    seed : int
        Of the bootstrap of whole projects.

    Returns
    -------
    DataFrame keeping the OVERRUN_CHANGE contract, one row per phase, the whole project first
        Better or worse where the 90 % interval of the change leaves out zero. Of a bias the distance from 1 counts:
        plans that become too long are no better than plans that were too short.
    """
    spans = [
        [str(each) for each in pd.period_range(quarter - last, quarter - last + 3, freq="Q")]
        for last in (7, 3)
    ]
    rows = []
    for phase in _phases(overruns):
        of_phase = overruns[overruns["phase"] == phase]
        before, now = (of_phase[of_phase["quarter"].isin(span)] for span in spans)
        row = {
            "phase": phase,
            "n_before": before["project"].nunique(),
            "n_now": now["project"].nunique(),
            "bias_verdict": TOO_FEW,
            "spread_verdict": TOO_FEW,
        }
        if min(row["n_before"], row["n_now"]) >= FEWEST_IN_A_CELL:
            row |= _change(before, now, seed)
        rows.append(row)
    return keep_contract(pd.DataFrame(rows), OVERRUN_CHANGE)


def bias_and_spread(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn count, sum and sum of squares of log ratios into their mean and standard deviation.

    >>> mean, spread = bias_and_spread(np.array([2.0, 0.4, 0.1]))  # of .1 and .3
    >>> round(float(mean), 3), round(float(spread), 3)
    (0.2, 0.141)
    """
    n, total, squares = np.moveaxis(np.asarray(sums, dtype=float), -1, 0)
    mean = total / n
    variance = (squares - n * mean**2) / np.maximum(n - 1, 1)
    return mean, np.sqrt(np.maximum(variance, 0.0))


def _change(before: pd.DataFrame, now: pd.DataFrame, seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    row = {}
    points = [bias_and_spread(_sums(cell).sum(axis=0)) for cell in (before, now)]
    drawn = [bias_and_spread(_redrawn(cell, rng)) for cell in (before, now)]
    (row["bias_before"], row["spread_before"]), (row["bias_now"], row["spread_now"]) = points
    for k, name in enumerate(("bias", "spread")):
        size = [np.abs(each[k]) for each in (*points, *drawn)]
        low, high = np.quantile(size[3] - size[2], INTERVAL)
        row |= {
            f"{name}_change": size[1] - size[0],
            f"{name}_change_lower": low,
            f"{name}_change_upper": high,
            f"{name}_verdict": BETTER if high < 0 else WORSE if low > 0 else CHANCE,
        }
    return row | {name: np.exp(row[name]) for name in ("bias_before", "bias_now")}


def _phases(overruns: pd.DataFrame) -> list[str]:
    """List the phases of a table, the whole project first."""
    return [
        WHOLE_PROJECT,
        *(phase for phase in dict.fromkeys(overruns["phase"]) if phase != WHOLE_PROJECT),
    ]


def _sums(cell: pd.DataFrame) -> np.ndarray:
    """Count, sum and sum of squares of the log ratios of each project, shape (projects, 3)."""
    z = cell["log_ratio"]
    parts = pd.DataFrame({"n": 1.0, "total": z, "squares": z**2})
    return parts.groupby(cell["project"], sort=True).sum().to_numpy()


def _redrawn(cell: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Draw the projects of a cell anew with replacement; sums as in ``_sums``, shape (draws, 3)."""
    sums = _sums(cell)
    return rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=DRAWS) @ sums
