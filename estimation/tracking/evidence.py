"""Evidence beside the reported status: what the simulation says of the committed dates, week by week."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.model import OverrunModel
from estimation.errors import InputError
from estimation.forecasting.forecast import DAY_PART, WHOLE_PROJECT, forecast_table
from estimation.forecasting.simulation import Simulation, simulate
from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, each_standing
from estimation.project.statuses import BY_EVIDENCE, Status
from estimation.tables import empty_table, keep_contract
from estimation.tracking.tracking_tables import EVIDENCE

THRESHOLDS = (0.8, 0.5)
"""On track from the first, at risk from the second, else delayed."""
RECOVERY = 0.1
"""How far beyond a threshold the evidence must rise before a milestone is called better again."""
BELIEVABLE = 0.05
"""A date less likely than this at kickoff can hardly become less likely: P80 of the kickoff is watched instead."""


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
    """Say week by week how likely each committed date still is, beside what was believed at kickoff.

    The committed date is the promised one, else P80 of the kickoff forecast. Evidence is its probability today over
    its probability at kickoff, so that a plan that was too tight from the start is a finding of the kickoff and no
    alarm later. A milestone gets worse at once and better only when the evidence clears the threshold by
    ``recovery``. Unfinished after its committed date is delayed.

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
        On track from the first, at risk from the second, which is lower. [0-1]
    recovery : float
    iterations : int, optional
        Courses played for each status date, as in ``simulate``.
    way : "auto", "record" or "chained"
        As in ``simulate``. What was believed at kickoff is asked of the way in which the running project is forecast,
        so that the ratio moves by what happened alone.

    Returns
    -------
    DataFrame keeping the EVIDENCE contract
        For each status date one row per milestone in the order of the plan, and one for the whole project. Of work
        that was added later nothing was believed at kickoff: its evidence is empty.

    Raises
    ------
    InputError
        If the thresholds are no shares, or the first is below the second.
    """
    _refuse_thresholds(thresholds)
    options: dict = {"seed": seed, "iterations": iterations}
    believed = forecast_table(simulate(plan, model, way=way, **options), levels=(0.8,))
    promised = believed["promised_finish"].to_numpy()
    committed = np.where(np.isnat(promised), believed["p80_finish"].to_numpy(), promised)
    # Like is compared with like: the belief at kickoff is that of the way in which the running project is forecast.
    kickoff = simulate(plan, model, way="record" if way == "auto" else way, **options)
    p80 = forecast_table(kickoff, levels=(0.8,))["p80_finish"].to_numpy()
    measured = np.where(_shares(plan, kickoff, committed) >= BELIEVABLE, committed, p80)
    at_kickoff = _shares(plan, kickoff, measured)

    weeks, ranks = [], np.zeros(len(believed), int)
    left = np.full(len(believed), np.datetime64("NaT", "s"))
    for week, standing in enumerate(each_standing(plan, status, as_of), start=1):
        day = standing.as_of
        simulation = simulate(plan, model, as_of=day, status=standing, way=way, **options)
        forecast = forecast_table(simulation, levels=(0.5, 0.8))
        known = np.r_[
            : len(believed) - 1, len(forecast) - 1
        ]  # added work stands between the plan and the whole
        now = _shares(plan, simulation, measured)
        done, over = (
            np.append(each, each.all())[known] for each in (standing.state.is_done, standing.state.is_over)
        )
        done[-1] = over[-1]
        ratio = np.where(~over & (committed < day.to_datetime64()), 0.0, now / at_kickoff)
        ranks = np.where(over, ranks, next_ranks(ratio, ranks, thresholds, recovery))
        left = np.where(np.isnat(left) & ~over & (ranks > 0), np.datetime64(day, "s"), left)
        words = np.select([done, over], [Status.DONE, Status.CANCELLED], np.array(BY_EVIDENCE)[ranks])
        seen = pd.DataFrame(
            {
                "committed_finish": committed,
                "measured_finish": measured,
                "prob_kickoff": at_kickoff,
                "prob_now": now,
                "evidence_ratio": ratio,
                "evidence": words,
                "left_on_track": left,
            },
            index=forecast.index[known],
        )
        weeks.append(forecast.join(seen).assign(as_of=day, week=week))
    return keep_contract(pd.concat(weeks), EVIDENCE) if weeks else empty_table(EVIDENCE)


def next_ranks(
    ratio, ranks, thresholds: Sequence[float] = THRESHOLDS, recovery: float = RECOVERY
) -> np.ndarray:
    """Move milestones between on track (0), at risk (1) and delayed (2): worse at once, better with a margin.

    >>> next_ranks(np.array([0.79, 0.85, 0.91]), np.array([0, 1, 1])).tolist()
    [1, 1, 0]
    """
    ratio = np.asarray(ratio, dtype=float)
    fresh = sum((ratio < each).astype(int) for each in thresholds)
    eased = sum((ratio < each + recovery).astype(int) for each in thresholds)
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


def _shares(plan: Plan, simulation: Simulation, dates: np.ndarray) -> np.ndarray:
    """Find the share of iterations in which each planned milestone, and the project, finishes by a date."""
    places = np.append(plan.days.evenings(dates[:-1]), plan.calendar.evenings(dates[-1:]))
    places = (places - simulation.origin + DAY_PART).astype(np.float32)
    inside = (simulation.finishes[: len(dates) - 1] <= places[:-1, None]).mean(axis=1)
    return np.append(inside, (simulation.project_finishes <= places[-1]).mean())
