"""The full fit: a Gibbs sampler of the hierarchical log-t model, running milestones included.

``z = m + a_phase + b_client + u_project + eps / sqrt(w)`` with ``w ~ Gamma(nu / 2, nu / 2)``: residuals are
Student t, so that a wild milestone does not drag its phase. A running milestone is known only to exceed what it
has taken so far; each sweep draws what it might end as, given everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from scipy.special import gammaln, log_ndtr, ndtri_exp

from estimation.calibration.closed_form import PRIOR_TIES, SMALLEST_SIGMA

NU_GRID = np.array([3.0, 4, 5, 7, 10, 15, 25, 50, 200])
SPREAD_DEGREES_GRID = np.array([1.0, 2, 4, 8, 16, 32, 64])
GAMMALN_OF_HALF = gammaln(SPREAD_DEGREES_GRID / 2)
T_AT_ONE = gammaln((NU_GRID + 1) / 2) - gammaln(NU_GRID / 2) - 0.5 * np.log(NU_GRID)
EFFECT_SCALE = 0.5
"""Scale of the half-Cauchy priors on the spread of phases, clients and projects. [log units]"""
POOLED_VARIANCE_RATE = 4.0
"""Rate of the exponential prior of the pooled variance: spreads of half a log unit are ordinary."""
MANY_ROWS = 5000
"""Beyond, the tail weight is drawn every fifth sweep only."""
FURTHEST_BEYOND = 4.0
"""A running milestone is never drawn further than this beyond what it has taken. [log units]"""
KEPT_AS_THEY_ARE = ("level", "on_plan_share", "client", "grand", "nu", "pooled_variance", "spread_degrees")


@dataclass(frozen=True)
class PosteriorDraws:
    """Draws of everything the model does not know, one row per kept sweep; log units.

    ``level``, ``spread`` and ``on_plan_share`` have the shape (draws, phases); ``client`` (draws, clients);
    ``project`` (draws, projects), client effect included; ``grand``, ``phase_sd``, ``client_sd``, ``project_sd``,
    ``nu``, ``pooled_variance`` and ``spread_degrees`` (draws,).
    ``r_hat`` holds the convergence of level and spread of each phase and of the shared terms.
    """

    level: np.ndarray
    spread: np.ndarray
    on_plan_share: np.ndarray
    client: np.ndarray
    project: np.ndarray
    grand: np.ndarray
    phase_sd: np.ndarray
    client_sd: np.ndarray
    project_sd: np.ndarray
    nu: np.ndarray
    pooled_variance: np.ndarray
    spread_degrees: np.ndarray
    r_hat: dict[str, float]


def sample_posterior(
    log_ratio: np.ndarray,
    censored: np.ndarray,
    phase: np.ndarray,
    project: np.ndarray,
    client_of_project: np.ndarray,
    *,
    ties_of_phase: np.ndarray,
    n_clients: int,
    seed: int,
    weight: np.ndarray | None = None,
    sweeps: int = 1800,
    burn_in: int = 300,
    keep: int = 400,
) -> PosteriorDraws:
    """Draw from the posterior of the hierarchical model, two chains from different starts.

    Rows are those not on plan; of ``censored`` ones ``log_ratio`` is only known to be exceeded. ``ties_of_phase``
    counts the rows on plan, as much as they weigh. A row's likelihood is raised to the power of its weight. With one
    client there is no client effect. ``sweeps`` and ``burn_in`` are of each chain, ``keep`` of both.

    Half-Cauchy priors: Makalic & Schmidt, A simple sampler for the horseshoe estimator, IEEE SPL 23(1), 2016. t
    residuals: Geweke, Bayesian treatment of the independent Student-t linear model, J. Applied Econometrics 8, 1993.
    R-hat: Gelman et al., Bayesian data analysis, 3rd edition, 2013, section 11.4.
    """
    chains = []
    for stream in np.random.SeedSequence(seed).spawn(2):
        rng = np.random.Generator(np.random.SFC64(stream))
        sampler = _Sampler(
            log_ratio, censored, phase, project, client_of_project, ties_of_phase, n_clients, weight, rng
        )
        chains.append(sampler.run(sweeps, burn_in))
    kept = np.linspace(0, sweeps - burn_in - 1, keep // 2).astype(int)
    joined = {name: np.concatenate([chain[name][kept] for chain in chains]) for name in chains[0]}
    watched = ("level", "spread", "project_sd", *(("client",) if n_clients > 1 else ()))
    r_hat = {name: _r_hat(chains[0][name], chains[1][name]) for name in watched}
    return PosteriorDraws(**joined, r_hat=r_hat)


class _Sampler:
    """One chain: the data, its index sums, and the state that each sweep moves."""

    def __init__(
        self, log_ratio, censored, phase, project, client_of_project, ties_of_phase, n_clients, weight, rng
    ):
        self.y, self.censored = log_ratio, censored
        self.counts = np.ones(len(log_ratio)) if weight is None else weight
        self.phase, self.project, self.client_of = phase, project, client_of_project
        n_phases = len(ties_of_phase)
        self.J, self.P, self.C = n_phases, len(client_of_project), n_clients
        self.n_of_phase = np.bincount(phase, weights=self.counts, minlength=n_phases)
        self.ties_of_phase = ties_of_phase
        finished = self.counts[~censored].sum() + ties_of_phase.sum()
        self.pooled_ties = ties_of_phase.sum() / finished if finished else 0.0
        self.open, self.counted = np.flatnonzero(censored), float(self.counts.sum())
        self.differ = (weight is not None and bool((weight != 1).any())) or len(self.open) > 0
        # Where every project has one row only, its effect and the row's own cannot be told apart: all is the row's.
        self.projects_share = len(project) > 0 and np.bincount(project).max() > 1
        self.rng, self.sweeps_done = rng, 0
        centre = float(np.median(log_ratio)) if len(log_ratio) else 0.0
        start = rng.normal(0, 0.2)
        spread = max(float(np.var(log_ratio)), 0.05) if len(log_ratio) else 0.25
        self.s = SimpleNamespace(
            z=log_ratio.astype(float).copy(),
            w=np.ones(len(log_ratio)),
            tied=np.zeros(len(log_ratio), dtype=bool),
            on_plan_share=np.full(n_phases, self.pooled_ties),
            level=np.full(n_phases, centre + start),
            shared=np.zeros(self.P),
            client=np.zeros(n_clients),
            variance=np.full(n_phases, spread),
            grand=centre + start,
            phase_var=0.1,
            client_var=0.05,
            project_var=0.1 if self.projects_share else 0.0,
            nu=10.0,
            pooled_variance=spread,
            spread_degrees=8.0,
        )

    def run(self, sweeps: int, burn_in: int) -> dict[str, np.ndarray]:
        rows = []
        for sweep in range(sweeps):
            self._sweep()
            if sweep >= burn_in:
                s = self.s
                rows.append(
                    {
                        **{name: np.copy(getattr(s, name)) for name in KEPT_AS_THEY_ARE},
                        "project": s.shared.copy(),
                        "spread": np.sqrt(s.variance),
                        "phase_sd": np.sqrt(s.phase_var),
                        "client_sd": np.sqrt(s.client_var) if self.C > 1 else 0.0,
                        "project_sd": np.sqrt(s.project_var),
                    }
                )
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def _sweep(self) -> None:
        s, rng = self.s, self.rng
        mean, variance = s.level[self.phase] + s.shared[self.project], s.variance[self.phase]
        self._finish_running(mean, variance)
        scaled = self._unless_tied((s.z - mean) ** 2 / variance)
        self._tail_weight(scaled)
        # The power of a t density is a mixture of normal ones too: ``w`` then carries the row's weight with it.
        shape = self.counts * (s.nu + 1 - s.tied) / 2 if self.differ else (s.nu + 1) / 2
        s.w = rng.standard_gamma(shape, len(s.w)) / ((s.nu + scaled) / 2)
        if len(s.w):
            variance *= self._stretch_weights_and_spreads()
        precision = self._unless_tied(s.w / variance)

        target = s.z - s.shared[self.project]
        s.level = self._effects(self.phase, self.J, precision, target, s.grand, s.phase_var)
        if self.projects_share:
            self._move_projects(precision)
        precision_of_grand = self.J / s.phase_var + 1.0
        s.grand = rng.normal(s.level.sum() / s.phase_var / precision_of_grand, precision_of_grand**-0.5)
        s.phase_var = self._effect_variance(s.level - s.grand, s.phase_var)

        residual = s.z - s.level[self.phase] - s.shared[self.project]
        squares = np.bincount(self.phase, weights=self._unless_tied(s.w) * residual**2, minlength=self.J)
        tied_of_phase = np.bincount(self.phase[s.tied], weights=self.counts[s.tied], minlength=self.J)
        d0 = s.spread_degrees
        degrees = (d0 + self.n_of_phase - tied_of_phase).tolist()
        s.variance = (d0 * s.pooled_variance + squares) / [rng.chisquare(each) for each in degrees]
        s.variance = np.maximum(s.variance, SMALLEST_SIGMA**2)
        ties = self.ties_of_phase + tied_of_phase + PRIOR_TIES * self.pooled_ties
        others = self.n_of_phase - tied_of_phase + PRIOR_TIES * (1 - self.pooled_ties)
        shares = zip(np.maximum(ties, 1e-9).tolist(), np.maximum(others, 1e-9).tolist(), strict=True)
        s.on_plan_share = np.array([rng.beta(tied, other) for tied, other in shares])
        self._hyper()

    def _unless_tied(self, values: np.ndarray) -> np.ndarray:
        return np.where(self.s.tied, 0.0, values) if len(self.open) else values

    def _finish_running(self, mean: np.ndarray, variance: np.ndarray) -> None:
        """Draw where running milestones might end, beyond what they have taken; with plan left perhaps exactly on it.

        The others come from the tail of their normal distribution, by inversion in the log so that far tails stay
        exact.
        """
        if not len(self.open):
            return
        s, k = self.s, self.open
        sd = np.sqrt(variance[k] / np.maximum(s.w[k] / self.counts[k], 1e-12))
        log_beyond = log_ndtr(-(self.y[k] - mean[k]) / sd)
        share = s.on_plan_share[self.phase[k]]
        odds = share / np.maximum(share + (1 - share) * np.exp(log_beyond), 1e-300)
        s.tied[k] = (self.y[k] < 0) & (self.rng.random(len(k)) < odds)
        log_tail = log_beyond + np.log(self.rng.random(len(k)))
        s.z[k] = np.minimum(mean[k] - sd * ndtri_exp(log_tail), self.y[k] + FURTHEST_BEYOND)

    def _move_projects(self, precision: np.ndarray) -> None:
        """Draw what the rows of each project, and the projects of each client, have in common."""
        s = self.s
        target, centre = s.z - s.level[self.phase], s.client[self.client_of]
        s.shared = self._effects(self.project, self.P, precision, target, centre, s.project_var)
        self._shift_between_levels_and_projects()
        if self.C > 1:
            ones = np.full(self.P, 1 / s.project_var)
            s.client = self._effects(self.client_of, self.C, ones, s.shared, 0.0, s.client_var)
            s.client_var = self._effect_variance(s.client, s.client_var)
            self._shift_between_clients_and_grand()
        s.project_var = self._effect_variance(s.shared - s.client[self.client_of], s.project_var)

    def _effects(self, index, count, precision, target, centre, variance) -> np.ndarray:
        total = np.bincount(index, weights=precision, minlength=count) + 1 / variance
        pull = np.bincount(index, weights=precision * target, minlength=count) + centre / variance
        return pull / total + self.rng.standard_normal(count) / np.sqrt(total)

    def _shift_between_levels_and_projects(self) -> None:
        """Move all levels up and all projects down by the same: the data cannot tell, only the priors can."""
        s = self.s
        centre = s.client[self.client_of]
        precision = self.J / s.phase_var + self.P / s.project_var
        pull = (s.shared - centre).sum() / s.project_var - (s.level - s.grand).sum() / s.phase_var
        shift = pull / precision + self.rng.standard_normal() / np.sqrt(precision)
        s.level = s.level + shift
        s.shared = s.shared - shift

    def _shift_between_clients_and_grand(self) -> None:
        """Move all clients down and what all phases have in common up by the same, for the same reason."""
        s = self.s
        precision = self.C / s.client_var + 1.0
        pull = s.client.sum() / s.client_var - s.grand
        shift = pull / precision + self.rng.standard_normal() / np.sqrt(precision)
        s.level, s.grand = s.level + shift, s.grand + shift
        s.shared, s.client = s.shared - shift, s.client - shift

    def _effect_variance(self, effects: np.ndarray, variance: float) -> float:
        """Draw the variance of a set of effects under its half-Cauchy prior."""
        auxiliary = (1 / EFFECT_SCALE**2 + 1 / variance) / self.rng.standard_gamma(1.0)
        rate = 1 / auxiliary + 0.5 * float((effects**2).sum())
        return max(rate / self.rng.standard_gamma((len(effects) + 1) / 2), 1e-6)

    def _tail_weight(self, scaled: np.ndarray) -> None:
        """Draw the tail weight from the t density itself: drawn given the row weights it would hardly move."""
        self.sweeps_done += 1
        if len(scaled) > MANY_ROWS and self.sweeps_done % 5:
            return
        logs, counts = np.log1p(scaled / NU_GRID[:, None]), self._unless_tied(self.counts)
        sums = logs @ counts
        self.s.nu = self._pick(NU_GRID, counts.sum() * T_AT_ONE - (NU_GRID + 1) / 2 * sums)

    def _stretch_weights_and_spreads(self) -> float:
        """Scale row weights and spreads together: the data cannot tell, only the priors can."""
        s = self.s
        rate = s.nu / 2 * float(s.w.sum()) + POOLED_VARIANCE_RATE * s.pooled_variance
        factor = self.rng.standard_gamma(self.counted * s.nu / 2 + 1) / rate
        s.w = s.w * factor
        s.variance = s.variance * factor
        s.pooled_variance *= factor
        return factor

    def _hyper(self) -> None:
        """Draw the pooled variance and how firmly phases are held to it."""
        s, rng = self.s, self.rng
        inverse = float((1 / s.variance).sum())
        d0 = s.spread_degrees
        rate = d0 * inverse / 2 + POOLED_VARIANCE_RATE
        s.pooled_variance = rng.gamma(self.J * d0 / 2 + 1.0, 1 / rate)
        half = SPREAD_DEGREES_GRID / 2
        logs = self.J * (half * np.log(half * s.pooled_variance) - GAMMALN_OF_HALF)
        logs -= (half + 1) * np.log(s.variance).sum() + half * s.pooled_variance * inverse
        s.spread_degrees = self._pick(SPREAD_DEGREES_GRID, logs)

    def _pick(self, grid: np.ndarray, log_weight: np.ndarray) -> float:
        weight = np.exp(log_weight - log_weight.max())
        return float(grid[weight.cumsum().searchsorted(self.rng.random() * weight.sum())])


def _r_hat(first: np.ndarray, second: np.ndarray) -> float:
    """Compare two chains: 1.00 when they agree; the worst of several quantities, each chain split in halves."""
    n = len(first) // 2
    halves = [chain[begin : begin + n] for chain in (first, second) for begin in (0, n)]
    stacked = np.stack(halves).reshape(4, n, -1)
    within = stacked.var(axis=1, ddof=1).mean(axis=0)
    between = n * stacked.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(((n - 1) / n * within + between / n) / within)
    return float(np.nanmax(np.where(within > 0, ratio, 1.0)))
