"""Multipliers: what to multiply a raw estimate by, how sure that is, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.calibration.prediction import log_ratio_quantiles, log_ratio_quantiles_by_draw
from estimation.calibration.reference_classes import BORROWED, is_borrowed
from estimation.tables import IDENTITY, Column, Contract, keep_contract

MULTIPLIERS: Contract = {
    "phase": IDENTITY["phase"],
    "level": Column.probability("share of such work that stayed within the multiplier"),
    "multiplier": Column.ratio("multiply the raw estimate by it", least=0),
    "lower": Column.ratio("lower end of the 90 % interval", least=0),
    "upper": Column.ratio("upper end of the 90 % interval", least=0),
    "n_projects": Column.count("closed projects behind it"),
    "n_rows": Column.count("finished milestones behind it"),
    "n_running": Column.count("running milestones of the phase, not used by this fit"),
    "share_borrowed": Column.probability("how much of the phase's level comes from the other phases"),
    "standing": Column.text("borrowed, provisional, shrunk, stands alone or trusted"),
}

INTERVAL = (0.05, 0.95)
TRUSTED_WITHIN = 1.20
FEWEST_FOR_SHRUNK = 5
FEWEST_TO_STAND_ALONE = 20
SUSPICIOUS_ON_PLAN = 0.9
"""From this share of exact on-plan finishes on, a phase is more likely a copy of its plan than evidence."""


def multiplier_table(model: OverrunModel, *, levels: Sequence[float] = (0.5, 0.8, 0.9)) -> pd.DataFrame:
    """Say, for each phase, what to multiply an estimate by so that such work stays within it.

    Parameters
    ----------
    model : OverrunModel
    levels : sequence of float
        0.8 gives the multiplier that eight of ten such pieces of work stayed within. [0-1]

    Returns
    -------
    DataFrame keeping the MULTIPLIERS contract, one row per phase and level
        The last phase stands for work of a phase never seen. ``lower`` and ``upper`` hold 90 % of what the
        multiplier might truly be, given the evidence. ``standing`` tells how far to trust the row:

        - borrowed: no closed project of one's own, published ones instead;
        - provisional: fewer than ten projects in all, or fewer than five of the phase; or nine of ten of its milestones
          finished exactly on plan, which looks like the plan written down twice;
        - shrunk: five to nineteen projects, part of the level borrowed from the other phases;
        - stands alone: twenty or more;
        - trusted: twenty or more, and the interval lies within times/divided by 1.20.
    """
    asked = np.asarray(levels, dtype=float)
    rows = []
    for place, phase in enumerate(model.phases.itertuples(index=False)):
        quantiles = np.exp(log_ratio_quantiles(model, place, asked))
        by_draw = np.exp(log_ratio_quantiles_by_draw(model, place, asked))
        lower, upper = np.quantile(by_draw, INTERVAL, axis=0)
        for k, level in enumerate(asked):
            # The average over draws may lie outside where nearly all draws say "exactly on plan".
            low, high = min(lower[k], quantiles[k]), max(upper[k], quantiles[k])
            known = dict(zip(model.phases, phase, strict=True))
            found = {"level": level, "multiplier": quantiles[k], "lower": low, "upper": high}
            rows.append({**known, **found, "standing": _standing(model, phase, quantiles[k], low, high)})
    return keep_contract(pd.DataFrame(rows), MULTIPLIERS)


def _standing(model: OverrunModel, phase, multiplier: float, lower: float, upper: float) -> str:
    if is_borrowed(model):
        return BORROWED
    copied = phase.n_rows > 0 and phase.n_on_plan >= SUSPICIOUS_ON_PLAN * phase.n_rows
    if model.pooled or copied or phase.n_projects < FEWEST_FOR_SHRUNK:
        return "provisional"
    if phase.n_projects < FEWEST_TO_STAND_ALONE:
        return "shrunk"
    near = upper <= multiplier * TRUSTED_WITHIN and lower >= multiplier / TRUSTED_WITHIN
    return "trusted" if near else "stands alone"
