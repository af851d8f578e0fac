"""The overrun model: what closed projects teach about the working days each phase really takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calibration.closed_form import SMALLEST_SIGMA, draw_around, fit_closed_form, own_residuals
from estimation.calibration.evidence import Evidence, copies_of_plan
from estimation.calibration.experiment_cycles import ExperimentCycles
from estimation.calibration.gibbs import PosteriorDraws, sample_posterior
from estimation.calibration.project_record import ProjectRecord
from estimation.calibration.scope_growth import ScopeGrowth
from estimation.calibration.shape import phase_weight, residual_shape
from estimation.calibration.shape_choice import choose_hierarchy_weight
from estimation.errors import InputError
from estimation.tables import content_hash, fold_phase

ENOUGH_PROJECTS = 10
"""Below this many projects phases are not told apart: one pooled multiplier, provisional."""
NEW_PHASE = "any other phase"
DRAWS = 400
SWEEPS = 1800
LARGEST_FULL_FIT = 100_000
"""Rows up to which "auto" takes the full fit; beyond, the closed form."""
CONVERGED_BELOW = 1.01
METHODS = {
    "full": "full model: running work included, pooled with the reference class",
    "closed_form": "closed form: finished work only, pooled with the reference class",
}

HASHED = ("project", "phase", "baseline_days", "actual_days", "censored")
"""What the fit looks at, and so what its hash is about."""
PHASE_COLUMNS = (
    "phase",
    "share_borrowed",
    "hierarchy_weight",
    "n_projects",
    "n_rows",
    "n_on_plan",
    "n_running",
)
DRAW_COLUMNS = ("level", "spread", "on_plan_share", "project_sd", "nu")


@dataclass(frozen=True, eq=False)
class OverrunModel:
    """A fitted distribution of the log overrun ratio of each phase; saved as ``model.json``.

    Parameters
    ----------
    phases : DataFrame, columns ``PHASE_COLUMNS``
        One row per phase, and last a row for any phase never seen, which is the least certain.
    draws : dict of str to float array
        What the model might be, given the evidence; keys ``DRAW_COLUMNS``. ``level``, ``spread`` (of one
        milestone around level and project effect) and ``on_plan_share`` have the shape (n draws, n rows of
        ``phases``); ``project_sd`` (what the milestones of one project share) and ``nu`` (tail weight) (n
        draws,). [log units]
    shape : float array
        Nodes of the pooled standardised residuals: the shape of the reference class.
    n_projects, n_rows, n_running : int
        Projects and finished rows behind the fit; running rows.
    uses_running : bool
        Whether running rows entered the fit, as work that is known to take longer than so far.
    history_hash : str
        Hash of the overruns the model was fitted to.
    first_known, last_known : str
        ISO dates of the earliest and latest evidence; empty without dates.
    method : str
        How it was fitted, for readers.
    seed : int
    r_hat : float
        Worst agreement of two chains, 1.00 when they agree; NaN for the closed form.
    left_out : tuple of str
        Projects left out because their actuals copy their plan.
    track_record : str
        How its kind of forecast did in the backtest, in a sentence; empty where none was made.
    record : ProjectRecord or None
        What whole projects did, where it was learned with the model.
    scope_growth : ScopeGrowth or None
        How much work is added after the baseline; None where the history does not tell.
    cycles : ExperimentCycles or None
        How many rounds of experiments it takes; None where the history does not tell.
    finish_way : "record" or "chained"
        Which forecast of a project's finish did better in the backtest.
    """

    phases: pd.DataFrame
    draws: dict[str, np.ndarray]
    shape: np.ndarray
    n_projects: int
    n_rows: int
    n_running: int
    uses_running: bool
    history_hash: str
    first_known: str
    last_known: str
    method: str
    seed: int
    r_hat: float
    left_out: tuple[str, ...] = ()
    track_record: str = ""
    record: ProjectRecord | None = None
    scope_growth: ScopeGrowth | None = None
    cycles: ExperimentCycles | None = None
    finish_way: str = "record"

    @property
    def pooled(self) -> bool:
        """Tell whether there was too little history to tell phases apart."""
        return self.n_projects < ENOUGH_PROJECTS

    @property
    def converged(self) -> bool:
        """Tell whether two chains of the full fit agreed; a closed form always does."""
        return not self.r_hat > CONVERGED_BELOW

    def rows_of(self, phases) -> np.ndarray:
        """Find the row of each phase, however it is spelled; phases never seen get the last row.

        Parameters
        ----------
        phases : sequence of str, length n

        Returns
        -------
        int array, length n
        """
        place = {fold_phase(phase): row for row, phase in enumerate(self.phases["phase"])}
        return np.array([place.get(fold_phase(phase), len(self.phases) - 1) for phase in phases], dtype=int)


def fit_overruns(
    overruns: pd.DataFrame, *, seed: int, method: str = "auto", by: str = "phase", sweeps: int = SWEEPS
) -> OverrunModel:
    """Learn from finished and running work how long each phase really takes.

    Parameters
    ----------
    overruns : DataFrame keeping the OVERRUNS contract
    seed : int
        Of the sampler.
    method : "auto", "full" or "closed_form"
        "full" samples the posterior of the hierarchical model, running rows included; "closed_form" uses finished
        rows only and takes milliseconds. "auto" takes the full one up to 100,000 rows.
    by : "phase", "client" or "team"
        What to tell apart. By client or team, the model's "phases" are clients or teams over all their phases: for
        comparison, not for forecasting a plan.
    sweeps : int
        Sweeps of each of the two chains of the full fit; doubled where the chains do not agree after these.

    Returns
    -------
    OverrunModel

    Raises
    ------
    InputError
        If there is no row with a ratio, the method or ``by`` is unknown, or no row names a client or team.
    """
    if method not in ("auto", *METHODS):
        raise InputError(f"method '{method}' is unknown; wanted 'auto', 'full' or 'closed_form'.")
    if method == "auto":
        method = "full" if len(overruns) <= LARGEST_FULL_FIT else "closed_form"
    overruns = _told_apart_by(overruns, by)
    copies = copies_of_plan(overruns)
    table = overruns[~overruns["project"].isin(copies)]
    finished = table[~table["censored"].astype(bool)]
    _refuse_without_evidence(overruns, finished, copies)
    as_given = list(table["phase"].unique())
    if method == "full":  # the same rows in another order meet the same random numbers
        table = table.sort_values(["project", "phase", "milestone"])
    evidence = Evidence.of(table if method == "full" else finished)
    n_projects = int(finished["project"].nunique())
    enough = n_projects >= ENOUGH_PROJECTS
    pooled = evidence if enough else evidence.as_one_phase()
    done = pooled.finished()
    fit = fit_closed_form(done.log_ratio, done.on_plan, done.phase, done.project, len(pooled.phases))
    weight = choose_hierarchy_weight(done)
    rng = np.random.default_rng(seed)
    if method == "full":
        draws, shape, r_hat = _full(pooled, seed, sweeps, rng)
        if r_hat > CONVERGED_BELOW and sweeps >= SWEEPS:  # a short fit on purpose is not made longer
            draws, shape, r_hat = _full(pooled, seed, 2 * sweeps, rng)
    else:
        draws, r_hat = draw_around(fit, DRAWS, rng), float("nan")
        rows = ~done.on_plan
        residuals = own_residuals(fit, done.log_ratio[rows], done.phase[rows], done.project[rows], rng)
        shape = residual_shape(residuals, np.zeros(len(residuals), dtype=bool))
    phases = _phase_table(evidence, fit.share_borrowed, weight, enough)
    columns = [*(range(len(phases) - 1) if enough else [0] * (len(phases) - 1)), -1]
    order = [*(evidence.phases.index(phase) for phase in as_given if phase in evidence.phases), -1]
    phases, columns = phases.iloc[order].reset_index(drop=True), [columns[place] for place in order]
    wide = ("level", "spread", "on_plan_share")
    return OverrunModel(
        phases=phases,
        draws={name: draws[name][:, columns] if name in wide else draws[name] for name in DRAW_COLUMNS},
        shape=shape,
        n_projects=n_projects,
        n_rows=len(finished),
        n_running=int(table["censored"].sum()),
        uses_running=method == "full",
        history_hash=content_hash(overruns[list(HASHED)]),
        first_known=_iso(finished["known_on"].min()),
        last_known=_iso(finished["known_on"].max()),
        method=METHODS[method],
        seed=seed,
        r_hat=r_hat,
        left_out=tuple(copies),
    )


def _told_apart_by(overruns: pd.DataFrame, by: str) -> pd.DataFrame:
    """Put clients or teams in the place of phases where these are to be told apart."""
    if by not in ("phase", "client", "team"):
        raise InputError(f"by '{by}' is unknown; wanted 'phase', 'client' or 'team'.")
    if len(overruns) and overruns[by].isna().all():
        raise InputError(f"No milestone names its {by}. Fill in the column '{by}', or tell phases apart.")
    return overruns.assign(phase=overruns[by].fillna(f"no {by} named"))


def _refuse_without_evidence(overruns: pd.DataFrame, finished: pd.DataFrame, copies: list[str]) -> None:
    if finished.empty:
        running = int(overruns["censored"].sum())
        raise InputError(
            f"No finished milestone has both a planned and an actual duration ({running} are running"
            + (f", {len(copies)} projects copy their plan and were left out" if copies else "")
            + "). Wanted at least one closed project; check the dates of the history."
        )


def _full(
    evidence: Evidence, seed: int, sweeps: int, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray, float]:
    """Sample the posterior; give its draws, the shape of the residuals, and the worst R-hat."""
    rows = ~evidence.on_plan
    log_ratio, phase, project = evidence.log_ratio[rows], evidence.phase[rows], evidence.project[rows]
    censored = evidence.censored[rows]
    posterior = sample_posterior(
        log_ratio,
        censored,
        phase,
        project,
        np.zeros(len(evidence.projects), dtype=int),
        ties_of_phase=np.bincount(evidence.phase, weights=evidence.on_plan, minlength=len(evidence.phases)),
        n_clients=1,
        seed=seed,
        sweeps=sweeps,
        burn_in=sweeps // 6,
        keep=DRAWS,
    )
    chosen = rng.choice(len(posterior.nu), size=4, replace=False)
    residuals = [
        (log_ratio - posterior.level[d, phase] - posterior.project[d, project]) / posterior.spread[d, phase]
        for d in chosen
    ]
    shape = residual_shape(np.concatenate(residuals), np.tile(censored, len(chosen)))
    return _with_new_phase(posterior, rng), shape, max(posterior.r_hat.values())


def _with_new_phase(posterior: PosteriorDraws, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Add a column for a phase never seen, drawn from what phases have in common."""
    n = len(posterior.nu)
    level = rng.normal(posterior.grand, posterior.phase_sd)
    degrees = posterior.spread_degrees
    variance = posterior.pooled_variance * degrees / rng.chisquare(degrees, n)
    share = posterior.on_plan_share[np.arange(n), rng.integers(posterior.on_plan_share.shape[1], size=n)]
    return {
        "level": np.column_stack([posterior.level, level]),
        # A spread from few degrees of freedom can be anything; what no phase comes near to is not believed.
        "spread": np.column_stack([posterior.spread, np.clip(np.sqrt(variance), *_seen(posterior.spread))]),
        "on_plan_share": np.column_stack([posterior.on_plan_share, share]),
        "project_sd": posterior.project_sd,
        "nu": posterior.nu,
    }


def _seen(spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give half the smallest and twice the largest spread that a phase has in each draw."""
    return np.maximum(spread.min(axis=1) / 2, SMALLEST_SIGMA), spread.max(axis=1) * 2


def _phase_table(evidence: Evidence, share_borrowed, weight: float, enough: bool) -> pd.DataFrame:
    count = len(evidence.phases)
    done = evidence.finished()
    n_rows = np.bincount(done.phase, minlength=count)
    pairs = pd.DataFrame({"phase": done.phase, "project": done.project}).drop_duplicates()
    known = pd.DataFrame(
        {
            "phase": evidence.phases,
            "share_borrowed": share_borrowed if enough else 1.0,
            "hierarchy_weight": phase_weight(weight, n_rows if enough else np.full(count, n_rows.sum())),
            "n_projects": np.bincount(pairs["phase"], minlength=count),
            "n_rows": n_rows,
            "n_on_plan": np.bincount(done.phase, weights=done.on_plan, minlength=count).astype(int),
            "n_running": np.bincount(evidence.phase, weights=evidence.censored, minlength=count).astype(int),
        }
    )
    new = {"phase": NEW_PHASE, "share_borrowed": 1.0, "hierarchy_weight": weight}
    new |= dict.fromkeys(("n_projects", "n_rows", "n_on_plan", "n_running"), 0)
    return pd.concat([known, pd.DataFrame([new])], ignore_index=True)[list(PHASE_COLUMNS)]


def _iso(day) -> str:
    return "" if pd.isna(day) else f"{day:%Y-%m-%d}"
