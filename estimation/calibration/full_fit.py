"""The full fit as the model wants it: posterior draws, with columns for phases and clients never seen."""

from __future__ import annotations

import numpy as np
from scipy import stats

from estimation.calibration.closed_form import SMALLEST_SIGMA
from estimation.calibration.gibbs import PosteriorDraws, sample_posterior
from estimation.calibration.observations import Evidence
from estimation.calibration.shape import residual_shape

DRAWS = 400


def fit_full(
    evidence: Evidence,
    client_of_project: np.ndarray,
    n_clients: int,
    seed: int,
    sweeps: int,
    rng: np.random.Generator,
) -> tuple[dict[str, np.ndarray], np.ndarray, float]:
    """Fit the hierarchical model to finished and running work: the model's draws, nodes of the shape, worst R-hat.

    ``client_of_project`` holds the place of each project's client; all 0 means no client effect. The draws tell apart
    the ``n_clients`` clients of the first places.
    """
    rows = ~evidence.on_plan
    log_ratio, phase, project = evidence.log_ratio[rows], evidence.phase[rows], evidence.project[rows]
    censored, weight = evidence.censored[rows], evidence.weight[rows]
    posterior = sample_posterior(
        log_ratio,
        censored,
        phase,
        project,
        client_of_project,
        ties_of_phase=np.bincount(
            evidence.phase, weights=evidence.weight * evidence.on_plan, minlength=len(evidence.phases)
        ),
        n_clients=int(client_of_project.max()) + 1,
        seed=seed,
        weight=weight,
        sweeps=sweeps,
        burn_in=sweeps // 6,
        keep=DRAWS,
    )
    chosen = rng.choice(len(posterior.nu), size=4, replace=False)
    residuals = [
        (log_ratio - posterior.level[d, phase] - posterior.project[d, project]) / posterior.spread[d, phase]
        for d in chosen
    ]
    shape = residual_shape(
        np.concatenate(residuals), np.tile(censored, len(chosen)), np.tile(weight, len(chosen))
    )
    draws = _with_new_phase(posterior, rng) | {
        "client": _with_new_client(posterior, n_clients, rng),
        "client_sd": posterior.client_sd,
    }
    return draws, shape, max(posterior.r_hat.values())


def _with_new_phase(posterior: PosteriorDraws, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Add a column for a phase never seen, drawn from what phases have in common."""
    n = len(posterior.nu)
    level = rng.normal(posterior.grand, posterior.phase_sd)
    degrees = posterior.spread_degrees
    variance = posterior.pooled_variance * degrees / rng.chisquare(degrees, n)
    seen = posterior.spread
    believed = np.maximum(seen.min(axis=1) / 2, SMALLEST_SIGMA), seen.max(axis=1) * 2
    share = posterior.on_plan_share[np.arange(n), rng.integers(posterior.on_plan_share.shape[1], size=n)]
    return {
        "level": np.column_stack([posterior.level, level]),
        # A spread from few degrees of freedom can be anything; what no phase comes near to is not believed.
        "spread": np.column_stack([seen, np.clip(np.sqrt(variance), *believed)]),
        "on_plan_share": np.column_stack([posterior.on_plan_share, share]),
        "project_sd": posterior.project_sd,
        "nu": posterior.nu,
    }


def _with_new_client(posterior: PosteriorDraws, n_clients: int, rng: np.random.Generator) -> np.ndarray:
    """Add a column for a client never seen, its draws spread evenly over what clients do; zeros without clients."""
    n = len(posterior.nu)
    if not n_clients:
        return np.zeros((n, 1))
    new = posterior.client_sd * stats.norm.ppf((rng.permutation(n) + 0.5) / n)
    return np.column_stack([posterior.client[:, :n_clients], new])
