"""What the model predicts for new work: quantiles of one phase, and draws for all milestones of a project."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from estimation.calibration.model import OverrunModel
from estimation.calibration.shape import quantiles_with_ties, unit_nodes
from estimation.calibration.variates import Variates


def log_ratio_quantiles(
    model: OverrunModel, row: int, levels: np.ndarray, *, client: str | None = None
) -> np.ndarray:
    """Find quantiles of the log overrun ratio of one milestone of a phase (a row of ``model.phases``) in a new project.

    Averaged over all draws: what the model does not know widens them. A client not told apart is one never seen.
    """
    effect = model.draws["client"][:, model.column_of(client)]
    nodes = np.sort(_nodes_by_draw(model, row, effect, 0.0), axis=None)
    return quantiles_with_ties(nodes, model.draws["on_plan_share"][:, row].mean(), levels)


def log_ratio_quantiles_by_draw(
    model: OverrunModel, row: int, levels: np.ndarray, *, client: str | None = None
) -> np.ndarray:
    """Find the same quantiles under each draw, as if it were true, shape (draws, levels): their scatter is doubt."""
    column = model.column_of(client)
    if column < len(model.clients):
        nodes = _nodes_by_draw(model, row, model.draws["client"][:, column], 0.0)
    else:  # that clients differ is part of what a new one may do, not a doubt about the multiplier
        nodes = _nodes_by_draw(model, row, np.zeros(1), float(model.draws["client_sd"].mean()))
    return quantiles_with_ties(nodes, model.draws["on_plan_share"][:, row], levels)


def draw_log_ratios(
    model: OverrunModel,
    phases: Sequence[str],
    iterations: int,
    rng: np.random.Generator,
    *,
    client: str | None = None,
) -> np.ndarray:
    """Draw log overrun ratios of the milestones of a new project, shape (milestones, iterations); 0 is exactly on plan.

    Each iteration takes one draw of the model, the effect of the client and one project effect, shared by all
    milestones.
    """
    variates = Variates(model, phases, client=client)
    out = np.empty((len(variates.rows), iterations), np.float32)
    return np.log(variates.ratios(variates.project_effects(iterations, rng), rng, out))


def _nodes_by_draw(model: OverrunModel, row: int, shift: np.ndarray, client_sd: float) -> np.ndarray:
    """Give the nodes of work that finishes late or early under each draw, shape (n draws, nodes).

    ``shift`` moves the work of each draw, ``client_sd`` spreads it like a project effect.
    """
    spread = model.draws["spread"][:, row]
    shared = np.mean(model.draws["project_sd"] ** 2) + client_sd**2
    unit = unit_nodes(
        float(np.sqrt(shared / np.mean(spread**2))),
        float(1 / np.mean(1 / model.draws["nu"])),
        model.shape,
        model.phases["hierarchy_weight"].iloc[row],
    )
    return (model.draws["level"][:, row] + shift)[:, None] + spread[:, None] * unit
