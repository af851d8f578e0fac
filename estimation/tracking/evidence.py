"""Evidence beside the reported status: the chance of the agreed dates, week by week."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.model import OverrunModel
from estimation.errors import InputError
from estimation.forecasting.forecast import WHOLE_PROJECT, forecast_table
from estimation.forecasting.simulation import simulate
from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, each_standing
from estimation.project.statuses import BY_EVIDENCE, Status
from estimation.tables import empty_table, keep_contract
from estimation.tracking.tracking_tables import EVIDENCE

THRESHOLDS = (0.5, 0.2)
"""On track from the first chance on, at risk from the second, else delayed."""
RECOVERY = 0.05
"""How far beyond a threshold the chance must rise before a milestone is called better again."""


def evidence_table(
    plan: Plan,
    model: OverrunModel,
    status: pd.DataFrame | Standings | Standing,
    *,
    seed: int,
    as_of: DateLike | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    recovery: float = RECOVERY,
    iterations: int | None = None,
    way: str = "auto",
) -> pd.DataFrame:
    """Chance of each agreed date week by week, what it makes of the milestone, and the chance at kickoff beside it.

    The committed date is the one agreed with the client, else the planned one. The evidence is its chance today: on
    track, at risk or delayed, worse at once and better only when the chance clears a threshold by ``recovery``.
    Unfinished after its committed date is delayed, without a chance. The label of the kickoff is where it begins, and
    an alarm is a label that falls, or a chance below the second threshold.

    Parameters
    ----------
    plan : Plan
    model : OverrunModel
    status : DataFrame keeping the STATUS contract, or Standings; of a Standing its day alone
    seed : int
        The same for all weeks, so that they differ by what happened alone.
    as_of : date-like, optional
        Last status date.
    thresholds : two floats
        Chances: on track from the first, at risk from the second, which is lower. [0-1]
    recovery : float
        Chance beyond a threshold from which a milestone is better again. [0-1]
    iterations : int, optional
        Courses played for each status date, as in ``simulate``.
    way : "auto", "record" or "chained"
        As in ``simulate``, for the kickoff as well.

    Returns
    -------
    DataFrame keeping the EVIDENCE contract
        For each status date one row per milestone in the order of the plan, and one for the whole project; work that
        was added later has none.

    Raises
    ------
    InputError
        If the thresholds are no shares, or the first is below the second.
    """
    _refuse_thresholds(thresholds)
    options: dict = {"seed": seed, "iterations": iterations, "way": way}
    kickoff = forecast_table(simulate(plan, model, **options), levels=(0.8,))
    committed = kickoff["promised_finish"].fillna(kickoff["baseline_finish"]).to_numpy()
    believed = _chances(kickoff)
    ranks = next_ranks(believed, np.zeros(len(kickoff), int), thresholds, recovery)
    left = np.full(len(kickoff), np.datetime64("NaT", "s"))
    weeks = []
    for week, standing in enumerate(each_standing(plan, status, as_of), start=1):
        day = standing.as_of
        simulation = simulate(plan, model, as_of=day, status=standing, **options)
        forecast = forecast_table(simulation, levels=(0.5, 0.8))
        # Added work stands between the plan and the whole.
        known = np.r_[: len(kickoff) - 1, len(forecast) - 1]
        done, over = (
            np.append(each, each.all())[known] for each in (standing.state.is_done, standing.state.is_over)
        )
        done[-1] = over[-1]
        now = np.where(~over & (committed < day.to_datetime64()), 0.0, _chances(forecast)[known])
        before, ranks = ranks, np.where(over, ranks, next_ranks(now, ranks, thresholds, recovery))
        left = np.where(np.isnat(left) & ~over & (ranks > 0), np.datetime64(day, "s"), left)
        words = np.select([done, over], [Status.DONE, Status.CANCELLED], np.array(BY_EVIDENCE)[ranks])
        seen = pd.DataFrame(
            {
                "committed_finish": committed,
                "measured_finish": committed,
                "prob_kickoff": believed,
                "prob_now": now,
                "evidence_ratio": now / np.where(believed > 0, believed, np.nan),
                "evidence": words,
                "left_on_track": left,
                "alarm": ~over & ((ranks > before) | (now < thresholds[1])),
            },
            index=forecast.index[known],
        )
        weeks.append(forecast.join(seen).assign(as_of=day, week=week))
    return keep_contract(pd.concat(weeks), EVIDENCE) if weeks else empty_table(EVIDENCE)


def next_ranks(
    chance, ranks, thresholds: Sequence[float] = THRESHOLDS, recovery: float = RECOVERY
) -> np.ndarray:
    """Move milestones between on track (0), at risk (1) and delayed (2): worse at once, better with a margin.

    >>> next_ranks(np.array([0.49, 0.54, 0.55]), np.array([0, 1, 1])).tolist()
    [1, 1, 0]
    """
    chance = np.asarray(chance, dtype=float)
    fresh = sum((chance < each).astype(int) for each in thresholds)
    eased = sum((chance < each + recovery).astype(int) for each in thresholds)
    return np.maximum(fresh, np.minimum(ranks, eased))


def whole_project(evidence: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of the whole project, one per status date."""
    return evidence[evidence["milestone"] == WHOLE_PROJECT].reset_index(drop=True)


def _refuse_thresholds(thresholds: Sequence[float]) -> None:
    on_track, at_risk = thresholds
    if not 0 <= at_risk <= on_track <= 1:
        raise InputError(
            f"on_track {on_track:g} and at_risk {at_risk:g} came; wanted two shares between 0 and 1, on_track the "
            f"higher one, such as {THRESHOLDS[0]:g} and {THRESHOLDS[1]:g}."
        )


def _chances(forecast: pd.DataFrame) -> np.ndarray:
    """Chance of the agreed date of each milestone and of the project, of the planned one where none is agreed."""
    return forecast["prob_promised"].fillna(forecast["prob_baseline"]).to_numpy()
