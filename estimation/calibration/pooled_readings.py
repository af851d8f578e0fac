"""Readings of what is left, pooled: measured progress, the record given the time gone, and the team's own date.

A linear pool: each reading keeps its whole distribution and counts in its share of the outcomes. The weights depend on
the plan and the time gone alone, so that no better news can move them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from estimation.calibration.project_record import ProjectRecord, record_of
from estimation.calibration.remaining import (
    LEVELS,
    RemainingModel,
    fit_remaining,
    weighted_quantiles,
)
from estimation.tables import ROUNDING

OWN_WEIGHTS_AFTER = 0.06
"""Share of the planned time in which, after the first day, the pool passes from the kickoff forecast to own weights."""
STAGES = np.array([0.15, 0.4, 0.65, 0.9])
"""Shares of the planned time at which the team's word is known; it is learned from statuses up to a quarter away."""
REACH = 0.25
PRIOR_PROJECTS = 2.0
"""As how many projects the organisation's own overrun counts beside what became of its teams' words."""
FEWEST_FOR_WEIGHTS = 10
GAIN = 0.02
"""Share of the CRPS that other weights must save before they replace equal ones."""
STEP = 4
"""Weights are tried in steps of one fourth."""
FEWEST_NODES = 25
"""Outcomes of the record that must lie ahead; of a project that outlasted more of them, so many are stretched."""


def record_left(finishes: np.ndarray, elapsed_days: float) -> np.ndarray:
    """What is left of a project that has lasted so long, by the finishes of whole projects; ascending working days.

    Parameters
    ----------
    finishes : float array, ascending
        Equally likely finishes, in working days from the planned start.
    elapsed_days : float
    """
    ahead = finishes[finishes > elapsed_days]
    if (
        len(ahead) < FEWEST_NODES
    ):  # it has outlasted nearly all: the longest, as much longer than what it has lasted
        longest = finishes[-FEWEST_NODES:]
        ahead = longest * max(elapsed_days / longest[0], 1.0)
    return ahead - elapsed_days


def team_left(model: RemainingModel, said_days: float, share_gone: float) -> np.ndarray:
    """What is left if the team's own date is as far off as such dates were; ascending working days."""
    assert model.team is not None
    ratios = [np.interp(share_gone, STAGES, column) for column in model.team.T]
    return said_days * np.exp(np.array(ratios))


def pooled(readings: Sequence[np.ndarray], weights: Sequence[float], levels: np.ndarray) -> np.ndarray:
    """Quantiles of a linear pool of readings, each given by equally likely outcomes."""
    counted = [(values, weight) for values, weight in zip(readings, weights, strict=True) if weight > 0]
    values = np.concatenate([one for one, _ in counted])
    shares = np.concatenate([np.full(len(one), weight / len(one)) for one, weight in counted])
    order = np.argsort(values, kind="stable")
    # No straight lines between outcomes: they could take a level back where an outcome moves on past another.
    reached = np.cumsum(shares[order]) / shares.sum()
    return values[order][np.searchsorted(reached, levels - ROUNDING).clip(max=len(values) - 1)]


def weights_at(final: Sequence[float], elapsed_days: float, planned_days: float) -> np.ndarray:
    """Weights of progress, record and the team's date after some days of a plan: at first the record alone."""
    gone = np.clip((elapsed_days - 1) / (OWN_WEIGHTS_AFTER * planned_days), 0, 1)
    moved = gone**2 * (3 - 2 * gone)
    return moved * np.array(final) + (1 - moved) * np.array([0.0, 1.0, 0.0])


def left_nodes(
    model: RemainingModel, finishes: np.ndarray | None, row: Mapping[str, float], levels: np.ndarray
) -> np.ndarray:
    """Working days left at each level, all readings pooled.

    Parameters
    ----------
    model : RemainingModel
    finishes : float array, ascending, or None
        Equally likely finishes of the whole project as the record has them, in working days from its planned start.
    row : mapping
        ``base_days``, ``planned_days``, ``elapsed_days`` and ``team_days``, as in REMAINING.
    levels : float array [0-1]
    """
    elapsed, planned, said = row["elapsed_days"], row["planned_days"], row["team_days"]
    progress = model.quantiles(row["base_days"], planned, LEVELS, elapsed_days=elapsed)
    share = elapsed / planned
    weights = weights_at(model.weights, elapsed, planned)
    record = progress if finishes is None else record_left(finishes, elapsed)
    readings = [progress, record, progress if model.team is None else team_left(model, said, share)]
    return np.maximum(pooled(readings, weights, levels), 0.0)


def fit_pooled(remaining: pd.DataFrame, *, record: ProjectRecord | None = None, **how) -> RemainingModel:
    """Learn from closed projects what is left at a status date: by progress, by the team's word, and how each counts.

    Parameters
    ----------
    remaining : DataFrame keeping the REMAINING contract
    record : ProjectRecord, optional
        Of whole projects.
    **how
        As in ``fit_remaining``.

    Returns
    -------
    RemainingModel
        The weights are equal ones unless, with ten projects or more, others saved 2 % of the CRPS when each project
        was forecast from the others.

    References
    ----------
    .. [1] Yao, Y., Vehtari, A., Simpson, D. & Gelman, A. (2018). Using stacking to average Bayesian predictive
       distributions. Bayesian Analysis 13, 917-1007 (arXiv:1704.02030).
    """
    model = _with_team(fit_remaining(remaining, record=record, **how), remaining, record)
    projects = remaining["project"].unique()
    if len(projects) < FEWEST_FOR_WEIGHTS:
        return model
    losses = []
    for project in projects:
        own = remaining["project"] == project
        others = remaining[~own]
        without = record_of(_ratios(others))
        fitted = _with_team(fit_remaining(others, record=without, **how), others, without)
        losses.append(_losses(fitted, without, remaining[own]))
    first, second = (np.mean([loss[k] for loss in losses], axis=0) for k in (0, 1))
    return _with_weights(model, lambda weights: float(weights @ first - weights @ second @ weights / 2))


def _with_weights(model: RemainingModel, crps: Callable[[np.ndarray], float]) -> RemainingModel:
    """The model with the weights on the grid that lose least, if they save enough beside equal ones."""
    steps = [np.array(each) / STEP for each in product(range(STEP + 1), repeat=3) if sum(each) == STEP]
    best = min(steps, key=crps)
    equal = np.full(3, 1 / 3)
    chosen = best if crps(best) < (1 - GAIN) * crps(equal) else equal
    return replace(model, weights=tuple(float(each) for each in chosen))


def _with_team(
    model: RemainingModel, remaining: pd.DataFrame, record: ProjectRecord | None
) -> RemainingModel:
    """The model with what became of the team's words, shrunk towards what became of its estimates."""
    spoken = remaining[remaining["team_days"] > 0]
    log_ratio = np.log((spoken["remaining_days"] / spoken["team_days"]).to_numpy(dtype=float))
    share = (spoken["elapsed_days"] / spoken["planned_days"]).to_numpy(dtype=float)
    prior = np.zeros(len(LEVELS)) if record is None else record.quantiles(LEVELS)
    rows = []
    for stage in STAGES:
        near = np.abs(share - stage) <= REACH
        project = spoken["project"][near]
        weight = 1 / project.groupby(project).transform("size").to_numpy(dtype=float)
        values = np.append(log_ratio[near], prior)
        weights = np.append(weight, np.full(len(prior), PRIOR_PROJECTS / len(prior)))
        rows.append(weighted_quantiles(values, weights, LEVELS))
    return replace(model, team=np.array(rows))


def _ratios(remaining: pd.DataFrame) -> pd.DataFrame:
    """Finish ratios of the projects of a table of statuses, as ``record_of`` takes them."""
    first = remaining.drop_duplicates("project")
    ratio = (first["elapsed_days"] + first["remaining_days"]) / first["planned_days"]
    return first[["project", "client", "known_on"]].assign(
        finish_ratio=ratio, on_plan=np.abs(np.log(ratio)) <= 0.005, censored=False
    )


def _losses(
    model: RemainingModel, record: ProjectRecord, rows: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Parts of the CRPS of any linear pool: mean distances of readings from what happened, and from each other.

    Both in shares of the planned duration and averaged over the status dates of one project.
    """
    first, second = np.zeros(3), np.zeros((3, 3))
    for row in rows.to_dict("records"):
        share = row["elapsed_days"] / row["planned_days"]
        said = row["team_days"]
        progress = model.quantiles(
            row["base_days"], row["planned_days"], LEVELS, elapsed_days=row["elapsed_days"]
        )
        ahead = record_left(row["planned_days"] * np.exp(record.nodes), row["elapsed_days"])
        each = [progress, ahead, team_left(model, said, share)]
        each = [np.quantile(values, LEVELS[::4], method="hazen") / row["planned_days"] for values in each]
        actual = row["remaining_days"] / row["planned_days"]
        first += [np.abs(values - actual).mean() for values in each]
        second += [[np.abs(a[:, None] - b).mean() for b in each] for a in each]
    return first / len(rows), second / len(rows)
