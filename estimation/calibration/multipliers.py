"""Multipliers: what to multiply the estimate of a phase by, how sure that is, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.calibration.prediction import phase_total_quantiles
from estimation.calibration.reference_classes import BORROWED, is_borrowed
from estimation.tables import IDENTITY, Column, Contract, keep_contract

MULTIPLIERS: Contract = {
    "phase": IDENTITY["phase"],
    "level": Column.probability("share of projects whose phase stayed within the multiplier"),
    "multiplier": Column.ratio("multiply the estimate of the phase by it", least=0),
    "lower": Column.ratio("lower end of the 90 % interval", least=0),
    "upper": Column.ratio("upper end of the 90 % interval", least=0),
    "n_projects": Column.count("projects behind it, with finished milestones"),
    "n_rows": Column.count("finished milestones behind it"),
    "n_running": Column.count("running milestones of the phase, not used by this fit"),
    "share_borrowed": Column.probability("how much of the phase's level comes from the other phases"),
    "standing": Column.text("borrowed, provisional, shrunk, stands alone or trusted"),
}

TRUSTED_WITHIN, PROVISIONAL_BEYOND = 1.20, 1.50
"""Ends of the interval, times/divided by, up to which a multiplier is trusted, and beyond which it is provisional."""
STANDS_ALONE_BELOW = 0.2
"""Share borrowed from other phases."""
SUSPICIOUS_ON_PLAN = 0.9
"""From this share of exact on-plan finishes on, a phase is more likely a copy of its plan than evidence."""


def multiplier_table(model: OverrunModel, *, levels: Sequence[float] = (0.5, 0.8, 0.9)) -> pd.DataFrame:
    """Say, for each phase, what to multiply its estimate by so that the phase stays within it.

    What is multiplied is the estimate of a phase, so the multiplier is that of what all its milestones take together.
    That of a single milestone is another number: half of them may end exactly on plan while their sum overruns.

    Parameters
    ----------
    model : OverrunModel
    levels : sequence of float
        0.8 gives the multiplier that the phase stays within in eight of ten projects. [0-1]

    Returns
    -------
    DataFrame keeping the MULTIPLIERS contract, one row per phase and level
        The last phase stands for work of a phase never seen. ``lower`` and ``upper`` hold 90 % of what the
        multiplier might truly be, given the evidence. ``standing`` tells how far to trust the row:

        - borrowed: no closed project of one's own, published ones instead;
        - provisional: the interval is wider than times/divided by 1.50; or nine of ten milestones of the phase
          finished exactly on plan, which looks like the plan written down twice;
        - shrunk: a fifth or more of the level is borrowed from the other phases;
        - stands alone: less is;
        - trusted: the interval lies within times/divided by 1.20.
    """
    asked = np.asarray(levels, dtype=float)
    rows = []
    for place, phase in enumerate(model.phases.itertuples(index=False)):
        known = dict(zip(model.phases, phase, strict=True))
        for level, *found in zip(asked, *phase_total_quantiles(model, place, asked), strict=True):
            named = dict(zip(("multiplier", "lower", "upper"), found, strict=True))
            rows.append({**known, "level": level, **named, "standing": _standing(model, phase, *found)})
    return keep_contract(pd.DataFrame(rows), MULTIPLIERS)


def _standing(model: OverrunModel, phase, multiplier: float, lower: float, upper: float) -> str:
    if is_borrowed(model):
        return BORROWED
    copied = phase.n_rows > 0 and phase.n_on_plan >= SUSPICIOUS_ON_PLAN * phase.n_rows
    doubt = max(upper / multiplier, multiplier / lower)
    if copied or doubt > PROVISIONAL_BEYOND or not phase.n_rows:
        return "provisional"
    if doubt <= TRUSTED_WITHIN:
        return "trusted"
    return "shrunk" if phase.share_borrowed >= STANDS_ALONE_BELOW else "stands alone"
