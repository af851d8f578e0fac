"""Multipliers a year ago and now, and what they would have saved had they been used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from estimation.calibration.model import NEW_PHASE, OverrunModel, fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.phase_totals import phase_totals
from estimation.calibration.project_record import record_of
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.review.quarterly.jackknife import CONFIDENCE, Measured
from estimation.review.quarterly.quarterly_tables import MULTIPLIER_MOVES, SAVED
from estimation.scoring.dates_held import FEWEST_IN_A_CELL
from estimation.tables import keep_contract, rows_table

LEVELS = (0.5, 0.8)
_THEN = ("then", "then_lower", "then_upper", "change", "change_lower", "change_upper")
"""Columns that say nothing where too little was known a year ago."""
_AT_KICKOFF = ["project", "phase", "planned_days", "actual_days", "p50", "p80", "estimate_days"]


def multiplier_moves(
    now: OverrunModel, then: OverrunModel | None, *, levels: Sequence[float] = LEVELS
) -> pd.DataFrame:
    """Set each phase's multiplier beside the one of a year ago, and say which moved beyond noise (MULTIPLIER_MOVES).

    The older model is fitted with another seed. What was known a year ago is in both multipliers and cannot have
    moved: the interval of the change has the doubt of the newer evidence alone, the standard error of a year ago times
    the root of the share of projects that came since. All phases together are within theirs nine times in ten
    (Bonferroni).

    References
    ----------
    .. [1] Hausman, J. A. (1978). Specification tests in econometrics. Econometrica 46, 1251-1271: the variance of the
       difference between an estimate and a better one of more data is the difference of their variances.
    """
    table = multiplier_table(now, levels=levels).rename(
        columns={"multiplier": "now", "lower": "now_lower", "upper": "now_upper", "n_projects": "n_now"}
    )
    table = table[table["phase"] != NEW_PHASE].reset_index(drop=True)
    if then is None:
        return _without_few(table.assign(moved=False, n_then=0, **dict.fromkeys(_THEN)))
    before = multiplier_table(then, levels=levels).rename(
        columns={"multiplier": "then", "lower": "then_lower", "upper": "then_upper", "n_projects": "n_then"}
    )
    kept = ["phase", "level", "then", "then_lower", "then_upper", "n_then"]
    table = table.merge(before[kept], on=["phase", "level"], how="left", validate="1:1")
    confidence = 1 - (1 - CONFIDENCE) / max(table["phase"].nunique(), 1)
    change = np.log(table["now"] / table["then"])
    reach = stats.norm.ppf(0.5 + confidence / 2) * _doubt(table)
    return _without_few(
        table.assign(
            change=np.exp(change),
            change_lower=np.exp(change - reach),
            change_upper=np.exp(change + reach),
            moved=(np.abs(change) > reach) & reach.gt(0),
        )
    )


def _without_few(moves: pd.DataFrame) -> pd.DataFrame:
    """Leave out the numbers of phases of fewer than five closed projects, now or a year ago."""
    few_now = moves["n_now"].fillna(0) < FEWEST_IN_A_CELL
    few_then = few_now | (moves["n_then"].fillna(0) < FEWEST_IN_A_CELL)
    table = keep_contract(moves.assign(suppressed=few_now), MULTIPLIER_MOVES)
    now, both = ["now", "now_lower", "now_upper"], list(_THEN)
    table[now], table[both] = table[now].mask(few_now), table[both].mask(few_then)
    return table.assign(moved=table["moved"] & ~few_then)


def _doubt(table: pd.DataFrame) -> pd.Series:
    """Give the standard error of each change, from how sure the multipliers were then, and are now."""
    reach = 2 * stats.norm.ppf(0.95)
    then, now = (np.log(table[f"{name}_upper"] / table[f"{name}_lower"]) / reach for name in ("then", "now"))
    n_then, n_now = table["n_then"].astype(float), table["n_now"].astype(float)
    # Where half of the work ends on plan, a P50 seems certain in one of the fits: the less certain of both counts.
    error = (np.sqrt(n_now / n_then) * now).clip(lower=then)
    return error * np.sqrt((1 - n_then / n_now).clip(lower=0))


def multipliers_at_kickoff(
    overruns: pd.DataFrame,
    ratios: pd.DataFrame,
    starts: pd.Series,
    *,
    seed: int,
    approved: pd.DataFrame,
) -> pd.DataFrame:
    """Find what was planned and taken, and the multipliers that were known on each project's first morning.

    The multiplier of a whole project (phase 'project') is that of its record, those of phases come from the closed form
    of the overrun model: each learned from what was finished the evening before. Projects that started before any
    other had closed are left out. What was planned is the approved plan; ``approved`` are finish ratios against it.
    """
    planned_days = approved.set_index("project")["baseline_days"]
    finished = overruns[~overruns["censored"].astype(bool)]
    totals = phase_totals(finished)
    rows = []
    for project, start in starts.items():
        past, known = ratios[ratios["known_on"] < start], finished[finished["known_on"] < start]
        if past.empty or known.empty:
            continue
        p50, p80 = np.exp(record_of(past).quantiles(LEVELS))
        whole = ratios[ratios["project"] == project]
        whole = whole.assign(
            estimate_days=whole["baseline_days"], baseline_days=whole["project"].map(planned_days)
        )
        rows.append(whole.assign(phase=WHOLE_PROJECT, p50=p50, p80=p80))
        model = fit_overruns(known, seed=seed, method="closed_form")
        phases = totals[totals["project"] == project]
        table = multiplier_table(model, levels=LEVELS)["multiplier"].to_numpy().reshape(-1, len(LEVELS))
        p50, p80 = table[model.rows_of(phases["phase"])].T
        rows.append(phases.assign(p50=p50, p80=p80))
    if not rows:
        return pd.DataFrame(columns=_AT_KICKOFF)
    found = pd.concat(rows, ignore_index=True).rename(columns={"baseline_days": "planned_days"})
    return found[_AT_KICKOFF]


def saved_by_multipliers(at_kickoff: pd.DataFrame) -> pd.DataFrame:
    """Say how far plans were off, and how far estimates times the multiplier known at kickoff would have been (SAVED).

    P80 is no estimate but a date to hold: its error is larger by design, what counts is how many stayed within.
    """
    rows = []
    for phase, cell in at_kickoff.groupby("phase", sort=False):
        few = len(cell) < FEWEST_IN_A_CELL
        row = {"phase": phase, "n_projects": len(cell), "suppressed": few}
        if few:
            row |= dict.fromkeys(SAVED.keys() - row.keys())
        else:
            planned, actual = cell["planned_days"], cell["actual_days"]
            p50, p80 = (cell["estimate_days"] * cell[name] for name in ("p50", "p80"))
            errors = {"plan": actual - planned, "p50": actual - p50, "p80": actual - p80}
            row |= {f"{name}_error_days": error.abs().mean() for name, error in errors.items()}
            saved = errors["plan"].abs() - errors["p50"].abs()
            low, high = Measured(saved.mean(), saved.sem(), len(saved) - 1.0).interval()
            row |= {
                "planned_days": planned.mean(),
                "multiplier": cell["p50"].mean(),
                "saved_days": saved.mean(),
                "saved_lower": low,
                "saved_upper": high,
                "n_held_plan": int((actual <= planned).sum()),
                "n_held_p80": int((actual <= p80).sum()),
            }
        rows.append(row)
    table = rows_table(rows, SAVED)
    first = table["phase"] == WHOLE_PROJECT
    return pd.concat([table[first], table[~first]], ignore_index=True)
