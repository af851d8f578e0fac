"""What the model predicts for new work: quantiles of one phase, and draws for all milestones of a project."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from estimation.calibration.model import OverrunModel
from estimation.calibration.shape import NODE_LEVELS, mix_nodes, quantiles_with_ties, t_nodes, unit_nodes
from estimation.calibration.variates import Variates

TOTALS, TOTALS_SEED = 400, 1
INTERVAL = (0.05, 0.95)


def log_ratio_quantiles(
    model: OverrunModel, row: int, levels: np.ndarray, *, client: str | None = None
) -> np.ndarray:
    """Find quantiles of the log overrun ratio of one milestone of a phase (a row of ``model.phases``) in a new project.

    Averaged over all draws: what the model does not know widens them. A client not told apart is one never seen.
    """
    spread, shift = model.draws["spread"][:, row], model.draws["client"][:, model.column_of(client)]
    unit = unit_nodes(
        float(np.sqrt(np.mean(model.draws["project_sd"] ** 2) / np.mean(spread**2))),
        float(1 / np.mean(1 / model.draws["nu"])),
        model.shape,
        model.phases["hierarchy_weight"].iloc[row],
    )
    nodes = np.sort((model.draws["level"][:, row] + shift)[:, None] + spread[:, None] * unit, axis=None)
    return quantiles_with_ties(nodes, model.draws["on_plan_share"][:, row].mean(), levels)


def phase_total_quantiles(
    model: OverrunModel, row: int, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find quantiles of what a whole phase of a new project takes over its estimate, and their 90 % intervals.

    A phase is ``n_equal`` milestones of one length, which share the effect of project and client. The log of their sum
    is nearly normal where there are several, and has the shape of the milestones' own where there is one: ``1 / n^2``
    of the latter. All draws of the model meet the same luck, so that what differs between them is doubt; which shape is
    right is doubt, too.

    Returns
    -------
    quantiles, lower, upper : float arrays, one per level
        Actual / estimated days of the phase.
    """
    rng, draws = np.random.default_rng(TOTALS_SEED), model.draws
    even = (np.arange(TOTALS) + 0.5) / TOTALS
    # That clients differ is part of what a new one may do, not a doubt about the multiplier.
    sd = np.sqrt(draws["project_sd"] ** 2 + np.mean(draws["client_sd"]) ** 2)
    level = draws["level"][:, row, None] + sd[:, None] * rng.permutation(ndtri(even))
    tail = t_nodes(float(1 / np.mean(1 / draws["nu"])))
    residual = mix_nodes(tail, model.shape, model.phases["hierarchy_weight"].iloc[row])
    n_equal = max(round(float(model.phases["n_equal"].iloc[row])), 1)
    total = np.zeros(level.shape)
    for _ in range(n_equal):
        own = np.interp(rng.permutation(even), NODE_LEVELS, residual)
        on_plan = rng.permutation(even) < draws["on_plan_share"][:, row, None]
        total += np.where(on_plan, 1.0, np.exp(level + draws["spread"][:, row, None] * own)) / n_equal
    drawn = np.sort(np.log(total), axis=1)
    normal = drawn.mean(axis=1, keepdims=True) + drawn.std(axis=1, keepdims=True) * ndtri(even)
    both = normal + (drawn - normal) / n_equal**2
    ends = np.array(
        [np.quantile(np.quantile(each, levels, axis=1), INTERVAL, axis=1) for each in (drawn, both)]
    )
    found = np.quantile(both, levels)
    # The average over draws may lie outside where nearly all draws say "exactly on plan".
    lower, upper = np.minimum(ends[:, 0].min(axis=0), found), np.maximum(ends[:, 1].max(axis=0), found)
    return np.exp(found), np.exp(lower), np.exp(upper)


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
