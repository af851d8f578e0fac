"""Estimate and baseline: what the team said the work takes, what was approved, and the factor between the two."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.project.network import NOISE, Network, Schedule, recorded_schedule
from estimation.tables import ESTIMATE


def without_estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows as if each estimate were what was approved: no factor is known of."""
    return rows.assign(**{name: rows[name].mask(rows[name].notna()) for name in ESTIMATE})


def has_factors(rows: pd.DataFrame) -> bool:
    """Whether any row tells an estimate apart from its baseline."""
    return bool(rows[["estimate_days", "factor_used"]].notna().any(axis=None))


def estimates_of(rows: pd.DataFrame, own_days: np.ndarray | pd.Series) -> np.ndarray:
    """Say what the team said each milestone takes, before any factor, in working days.

    ``estimate_days``; where it is empty, the approved days divided by ``factor_used``; without either the approved
    days. Where the days of the table are not those that count (effort beside dates), in the same proportion.

    Parameters
    ----------
    rows : DataFrame with ``baseline_days``, ``estimate_days`` and ``factor_used``
    own_days : float array
        Own days of the approved plan.
    """
    own = np.asarray(own_days, dtype=float)
    said, approved, factor = (
        rows[name].to_numpy(float) for name in ("estimate_days", "baseline_days", "factor_used")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        in_proportion = np.where((approved > 0) & (approved != own), own * said / approved, said)
        return np.where(~np.isnan(said), in_proportion, np.where(np.isnan(factor), own, own / factor))


def factors_of(rows: pd.DataFrame, own_days: np.ndarray | pd.Series) -> np.ndarray:
    """What each estimate was multiplied by: ``factor_used``, else approved days / estimate, 1 where nothing tells."""
    own, estimate = np.asarray(own_days, dtype=float), estimates_of(rows, own_days)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.where((own > 0) & (estimate > 0), own / estimate, 1.0)
    return rows["factor_used"].fillna(pd.Series(quotient, rows.index)).to_numpy(float)


def estimated_schedule(
    network: Network, approved: Schedule, estimate: np.ndarray, start: np.ndarray
) -> Schedule:
    """The plan scheduled from its estimates.

    Where the approved plan starts work later than its links allow, so does this one; where it starts sooner, this one
    does not start later than that.

    Parameters
    ----------
    network : Network
        Of the plan, without the gaps of the approved one.
    approved : Schedule
        The approved plan, places after the origin of the network.
    estimate, start : float arrays, length n
        Estimated days; planned starts of the team's own plan, NaN where the table has none. [working days, places]
    """
    gap, sooner = approved.morning > approved.ready + NOISE, approved.morning < approved.ready - NOISE
    return recorded_schedule(
        network,
        start=start,
        finish=np.full(len(start), np.nan),
        days=estimate,
        planned_start=np.where(gap, approved.morning, np.nan),
        latest_start=np.where(sooner, approved.morning, np.nan),
    )
