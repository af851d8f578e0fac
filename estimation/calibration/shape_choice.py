"""How much the hierarchy counts against the reference class: by what forecast better so far."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from estimation.calibration.closed_form import fit_closed_form
from estimation.calibration.observations import Evidence
from estimation.calibration.shape import (
    NODE_LEVELS,
    mix_nodes,
    phase_weight,
    quantiles_with_ties,
    residual_shape,
    t_nodes,
)
from estimation.scores import crps_from_quantiles

CANDIDATE_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
UNDECIDED_WEIGHT = 0.5
FEWEST_PROJECTS_TO_CHOOSE = 15
ROLLING_BLOCKS = 5
MOST_OUTCOMES, MOST_ROWS = 2000, 100_000
"""Of more outcomes per block and phase, and of more rows in all, an even selection decides: that is enough."""


def choose_hierarchy_weight(evidence: Evidence) -> float:
    """Choose, from finished rows, the weight with which later projects would have been forecast best from earlier ones.

    Projects are taken in the order in which they closed. Each of five later blocks of projects is forecast by the
    closed form from the projects before it; the weight with the smallest mean CRPS wins. Fewer than 15 projects
    cannot decide it: 0.5.
    """
    if len(evidence.projects) < FEWEST_PROJECTS_TO_CHOOSE:
        return UNDECIDED_WEIGHT
    evidence = evidence.every_nth_project(len(evidence.project) // MOST_ROWS + 1)
    rank = evidence.closed_rank[evidence.project]
    cuts = np.quantile(evidence.closed_rank, np.linspace(0.4, 1.0, ROLLING_BLOCKS + 1))
    losses = np.zeros(len(CANDIDATE_WEIGHTS))
    for start, end in pairwise(cuts):
        losses += _block_losses(evidence, rank <= start, (rank > start) & (rank <= end))
    return CANDIDATE_WEIGHTS[int(np.argmin(losses))]


def _block_losses(evidence: Evidence, past: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Sum the CRPS of one block of projects under each weight, forecast from the rows of the past."""
    if not past.any() or not block.any():
        return np.zeros(len(CANDIDATE_WEIGHTS))
    z, on_plan, phase = evidence.log_ratio, evidence.on_plan, evidence.phase
    # Ages are measured from the last day of the past, not from a day that nobody knew then.
    weight = evidence.weight / evidence.weight[past].max()
    fit = fit_closed_form(
        z[past], on_plan[past], phase[past], evidence.project[past], len(evidence.phases), weight[past]
    )
    late = past & ~on_plan
    standardised = (z[late] - fit.location[phase[late]]) / fit.spread[phase[late]]
    shape = residual_shape(standardised, np.zeros(len(standardised), dtype=bool), weight[late])
    met, scale, losses = np.unique(phase[block]), fit.scale, np.zeros(len(CANDIDATE_WEIGHTS))
    weights = phase_weight(np.array(CANDIDATE_WEIGHTS), fit.n_rows[:, None])
    mixed = [[mix_nodes(t_nodes(float(fit.degrees[j])), shape, each) for each in weights[j]] for j in met]
    nodes = fit.location[met, None, None] + scale[met, None, None] * np.array(mixed)
    on_plan_share = np.broadcast_to(fit.on_plan_share[met, None], nodes.shape[:2])
    forecasts = quantiles_with_ties(nodes, on_plan_share, NODE_LEVELS)
    for j, forecast in zip(met, forecasts, strict=True):
        outcomes = z[block & (phase == j)]
        outcomes = outcomes[:: len(outcomes) // MOST_OUTCOMES + 1]
        losses += [crps_from_quantiles(each, outcomes).sum() for each in forecast]
    return losses
