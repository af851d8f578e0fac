"""Whether multipliers hold in simulated agencies, and whether using them moves them."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from benchmarks.agencies import PHASES, Portfolio, Projects, draw_portfolio
from benchmarks.page import ANYTHING, mean_with_error, verdict, wanted_range
from estimation.calibration.calibrated_plan import calibrated_plan, with_calibrated_days
from estimation.calibration.model import SWEEPS, fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.overruns import overrun_table
from estimation.project.closing import baseline_plan, is_added

MOST_BIAS = {0.5: (-0.06, 0.06), 0.8: (-0.10, 0.10)}
COVERS = (0.85, 1.0)
PLAN_BIAS = (-0.03, 0.03)
CLOSED = 8
MOST_MOVED = (-0.02, 0.02)
PLANNING = {
    "baseline_days", "baseline_start", "baseline_finish", "estimate_days", "estimate_start", "factor_used",
}  # fmt: skip
"""What a calibrated plan changes; the estimate beside the baseline where there is one."""


def multipliers(portfolios: int, seed: int, sweeps: int = SWEEPS) -> pd.DataFrame:
    """Multipliers of phases from eight closed projects, beside the true quantiles of phase totals."""
    rows = []
    for kind in ("overrunning", "mild"):
        begun = time.process_time()
        found = [multiplier_errors(draw_portfolio(kind, CLOSED, seed, k), sweeps) for k in range(portfolios)]
        errors, plans = (pd.concat(each) for each in zip(*found, strict=True))
        for (phase, level), own in errors.groupby(["phase", "level"], sort=False):
            covered = own["covered"].astype(float)
            rows.append(
                {
                    "agency": kind,
                    "phase": phase,
                    "level": f"P{100 * level:.0f}",
                    "bias": mean_with_error(own["error"], "+.3f"),
                    "wanted": wanted_range(MOST_BIAS[level]),
                    "mean distance": f"{own['error'].abs().mean():.3f}",
                    "90 % interval covers": mean_with_error(covered),
                    "wanted ": wanted_range(COVERS),
                    "times or divided by": f"{np.exp(own['half width'].mean()):.2f}",
                    "met": verdict((own["error"].mean(), MOST_BIAS[level]), (covered.mean(), COVERS)),
                }
            )
        for name, wanted in (("plan short of", PLAN_BIAS), ("plan short of, true multipliers", ANYTHING)):
            bias = plans[name]
            rows.append(
                {
                    "agency": kind,
                    "phase": name,
                    "level": "P50",
                    "bias": mean_with_error(bias, "+.3f"),
                    "wanted": wanted_range(wanted),
                    "mean distance": f"{bias.abs().mean():.3f}",
                    "met": verdict((bias.mean(), wanted)),
                }
            )
        print(f"  {kind}: {time.process_time() - begun:.0f} s", flush=True)
    return pd.DataFrame(rows).fillna("")


def multiplier_errors(portfolio: Portfolio, sweeps: int = SWEEPS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the multipliers of one portfolio with the true quantiles of phase totals of its agency.

    Returns
    -------
    errors : DataFrame, one row per phase and level
        ``error`` and ``half width`` of the interval in log units, ``covered`` whether it holds the truth.
    plans : DataFrame, one row
        By how many days plans at P50 fall short, as shares of the estimates: the median over the new projects, and with
        the true multipliers in place of the fitted ones the median over many.
    """
    overruns = overrun_table(portfolio.history(), as_of=portfolio.as_of)
    table = multiplier_table(fit_overruns(overruns, seed=1, sweeps=sweeps), levels=tuple(MOST_BIAS))
    drawn = portfolio.truth()
    place = table["phase"].map({phase: k for k, phase in enumerate(PHASES)})
    known = table[place.notna()].assign(place=place)
    true = np.quantile(drawn.phase_ratios, list(MOST_BIAS), axis=0)
    at = known["level"].map({level: k for k, level in enumerate(MOST_BIAS)})
    aim = true[at, known["place"].astype(int)]
    errors = pd.DataFrame(
        {
            "phase": known["phase"],
            "level": known["level"],
            "error": np.log(known["multiplier"] / aim),
            "covered": (known["lower"] <= aim) & (aim <= known["upper"]),
            "half width": np.log(known["upper"] / known["lower"]) / 2,
        }
    )
    fitted = known[known["level"] == 0.5].sort_values("place")["multiplier"].to_numpy()
    short = {
        "plan short of": np.median(days_short(portfolio.new, fitted)),
        "plan short of, true multipliers": np.median(days_short(drawn, true[0])),
    }
    return errors, pd.DataFrame([short])


def days_short(projects: Projects, factor: np.ndarray) -> np.ndarray:
    """By how much own days exceed estimates times a factor per phase, as shares of the estimates."""
    planned, actual = projects.phase_days()
    return (actual.sum(axis=1) - planned @ factor) / planned.sum(axis=1)


def used(portfolios: int, seed: int, sweeps: int = SWEEPS) -> pd.DataFrame:
    """How far multipliers move when half of the projects had been planned with them, their courses as they were."""
    rows = []
    for level in MOST_BIAS:
        begun, moves = time.process_time(), []
        for k in range(max(portfolios // 3, 2)):
            portfolio = draw_portfolio("overrunning", CLOSED, seed, k)
            moves.append(multiplier_moves(portfolio, level, sweeps))
        moved = pd.concat(moves)
        rows.append(
            {
                "half of the projects planned with": f"P{100 * level:.0f}",
                "portfolios": str(len(moves)),
                "multipliers within .02 of what they were": f"{moved.between(*MOST_MOVED).mean():.3f}",
                "largest move": f"{moved.abs().max():.3f}",
                "mean move": f"{moved.mean():+.3f}",
                "of data preparation": f"{moved['data_preparation'].mean():+.3f}",
                "met": verdict((moved.abs().max(), MOST_MOVED)),
            }
        )
        print(f"  {' | '.join(rows[-1].values())} ({time.process_time() - begun:.0f} s)", flush=True)
    return pd.DataFrame(rows)


def multiplier_moves(portfolio: Portfolio, level: float, sweeps: int = SWEEPS) -> pd.Series:
    """By how much each multiplier, at all levels, moves once every other project was planned with those of a level."""
    history = portfolio.history()

    def learned(table: pd.DataFrame) -> pd.DataFrame:
        overruns = overrun_table(table, as_of=portfolio.as_of)
        return multiplier_table(fit_overruns(overruns, seed=1, sweeps=sweeps), levels=tuple(MOST_BIAS))

    before = learned(history)
    after = learned(planned_with(history, before, level, history["project"].unique()[::2]))
    place = ["phase", "level"]
    moved = after.set_index(place)["multiplier"] - before.set_index(place)["multiplier"]
    return moved.droplevel("level")


def planned_with(history: pd.DataFrame, multipliers: pd.DataFrame, level: float, projects) -> pd.DataFrame:
    """Give some projects of a history the calibrated plan of a level as their baseline; what happened stays."""
    history = history.copy()
    for project in projects:
        plan = baseline_plan(history, project)
        table = with_calibrated_days(plan, calibrated_plan(plan, multipliers, level=level))
        table = table.set_index("milestone")
        own = (history["project"] == project) & ~is_added(history)
        for name in PLANNING & set(table):
            history.loc[own, name] = table[name].loc[history.loc[own, "milestone"]].to_numpy()
    return history
