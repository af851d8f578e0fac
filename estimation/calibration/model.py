"""The overrun model: what closed projects teach about the working days each phase really takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from estimation.calibration.clients import known_clients, places_of_clients
from estimation.calibration.closed_form import ClosedFormFit, draw_around, fit_closed_form, own_residuals
from estimation.calibration.experiment_cycles import ExperimentCycles
from estimation.calibration.expert_ranges import expert_levels
from estimation.calibration.full_fit import DRAWS, fit_full
from estimation.calibration.milestone_slips import MilestoneSlips
from estimation.calibration.observations import Evidence, copies_of_plan
from estimation.calibration.project_record import ProjectRecord
from estimation.calibration.remaining import RemainingModel
from estimation.calibration.scope_growth import ScopeGrowth
from estimation.calibration.shape import phase_weight, residual_shape
from estimation.calibration.shape_choice import choose_hierarchy_weight
from estimation.errors import InputError
from estimation.tables import content_hash, fold_phase

NEW_PHASE = "any other phase"
SWEEPS = 1800
LARGEST_FULL_FIT = 100_000
"""Rows up to which "auto" takes the full fit; beyond, the closed form."""
CONVERGED_BELOW = 1.01
METHODS = {
    "full": "full model: running work included, pooled with the reference class",
    "closed_form": "closed form: finished work only, pooled with the reference class",
}

HASHED = ("project", "phase", "baseline_days", "actual_days", "censored")
"""What every fit looks at, and so what its hash is about; the days are those that were estimated."""
COUNTS = ("n_projects", "n_rows", "n_on_plan", "n_running")
PHASE_COLUMNS = ("phase", "share_borrowed", "hierarchy_weight", "n_equal", *COUNTS)
DRAW_COLUMNS = ("level", "spread", "on_plan_share", "client", "client_sd", "project_sd", "nu")


@dataclass(frozen=True, eq=False)
class OverrunModel:
    """A fitted distribution of the log overrun ratio of each phase; saved as ``model.json``.

    Parameters
    ----------
    phases : DataFrame, columns ``PHASE_COLUMNS``
        One row per phase, and last a row for any phase never seen, which is the least certain. ``n_equal`` is of how
        many milestones of one length a phase of one project consists: the more, the more their luck evens out.
    draws : dict of str to float array
        What the model might be, given the evidence; keys ``DRAW_COLUMNS``. ``level``, ``spread`` (of one
        milestone around level and project effect) and ``on_plan_share`` have the shape (n draws, n rows of
        ``phases``); ``client`` (how far the projects of a client lie above the others) (n draws, n clients + 1),
        the last for a client never seen; ``client_sd`` (how much clients differ), ``project_sd`` (what the
        milestones of one project share, beyond its client) and ``nu`` (tail weight) (n draws,). [log units]
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
    clients : tuple of str
        Clients told apart, in the order of the columns of ``draws["client"]``; empty where too few are known.
    half_life_months : float, optional
        Age at which evidence counted half; None where all counted the same.
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
    remaining : RemainingModel or None
        How the rest of running projects went on; None where no status updates of closed projects were at hand.
    finish_way : "record" or "chained"
        Which forecast of a project's finish did better in the backtest.
    slips : MilestoneSlips or None
        How late milestones on the way came, where it was learned with the model.
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
    clients: tuple[str, ...] = ()
    half_life_months: float | None = None
    left_out: tuple[str, ...] = ()
    track_record: str = ""
    record: ProjectRecord | None = None
    scope_growth: ScopeGrowth | None = None
    cycles: ExperimentCycles | None = None
    remaining: RemainingModel | None = None
    finish_way: str = "record"
    slips: MilestoneSlips | None = None

    @property
    def converged(self) -> bool:
        """Tell whether two chains of the full fit agreed; a closed form always does."""
        return not self.r_hat > CONVERGED_BELOW

    def rows_of(self, phases: Iterable[str]) -> np.ndarray:
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

    def column_of(self, client: str | None) -> int:
        """Find the column of a client in ``draws["client"]``, however it is spelled; unknown ones get the last."""
        place = {fold_phase(name): column for column, name in enumerate(self.clients)}
        return len(self.clients) if client is None else place.get(fold_phase(client), len(self.clients))


def fit_overruns(
    overruns: pd.DataFrame,
    *,
    seed: int,
    method: str = "auto",
    by: str = "phase",
    half_life_months: float | None = None,
    sweeps: int = SWEEPS,
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
    half_life_months : float, optional
        Older evidence counts less: half as much for each half-life of its age, measured from the latest
        ``known_on`` of the table. Rows without a date count in full. By default all counts the same.
    sweeps : int
        Sweeps of each of the two chains of the full fit; doubled where the chains do not agree after these.

    Returns
    -------
    OverrunModel
        The full fit tells clients apart where at least five have two or more closed projects each and some project
        has several milestones; the closed form never does.

    Raises
    ------
    InputError
        If there is no row with a ratio, the method or ``by`` is unknown, no row names a client or team, the half-life
        is not above zero, or it is asked for and no row has a date.
    """
    method = method_of(overruns, method)
    overruns = _grouped_by(overruns, by)
    # Names are looked up often below; as categories each name is read once, not once per row.
    overruns = overruns.assign(**{name: overruns[name].astype("category") for name in ("project", "phase")})
    copies = copies_of_plan(overruns)
    table = overruns[~overruns["project"].isin(copies)] if copies else overruns
    finished = table[~table["censored"].astype(bool)]
    _refuse_without_evidence(overruns, finished, copies)
    as_given = list(table["phase"].unique())
    if method == "full":  # the same rows in another order meet the same random numbers
        table = table.sort_values(["project", "phase", "milestone"])
    evidence = Evidence.of(table if method == "full" else finished, half_life_months)
    expected = expert_levels(evidence.phases)
    evidence = replace(evidence, log_ratio=evidence.log_ratio - expected[evidence.phase] * ~evidence.on_plan)
    done = evidence.finished()
    rows = (done.log_ratio, done.on_plan, done.phase, done.project)
    fit = fit_closed_form(*rows, len(evidence.phases), done.weight)
    weight = choose_hierarchy_weight(done)
    rng = np.random.default_rng(seed)
    clients = ()
    if method == "full":
        clients = known_clients(table) if by == "phase" and evidence.projects_have_several_rows() else ()
        of_projects = places_of_clients(table, evidence.projects, clients)
        draws, shape, r_hat = fit_full(evidence, of_projects, len(clients), seed, sweeps, rng)
        if r_hat > CONVERGED_BELOW and sweeps >= SWEEPS:  # a short fit on purpose is not made longer
            draws, shape, r_hat = fit_full(evidence, of_projects, len(clients), seed, 2 * sweeps, rng)
    else:
        (draws, shape), r_hat = _draw_closed_form(fit, done, rng), float("nan")
    draws["level"][:, :-1] += expected
    phases = _phase_table(evidence, fit.share_borrowed, weight).assign(
        n_equal=_equal_milestones(finished, evidence.phases)
    )
    order = [*(evidence.phases.index(phase) for phase in as_given if phase in evidence.phases), -1]
    phases = phases.iloc[order].reset_index(drop=True)
    wide = ("level", "spread", "on_plan_share")
    looked_at = [*HASHED, *["client"] * bool(clients), *["known_on"] * bool(half_life_months)]
    return OverrunModel(
        phases=phases,
        draws={name: draws[name][:, order] if name in wide else draws[name] for name in DRAW_COLUMNS},
        shape=shape,
        n_projects=len(pd.unique(done.project)),
        n_rows=len(finished),
        n_running=int(table["censored"].sum()),
        uses_running=method == "full",
        history_hash=content_hash(overruns.assign(baseline_days=overruns["estimate_days"])[looked_at]),
        first_known=_iso(finished["known_on"].min()),
        last_known=_iso(finished["known_on"].max()),
        method=METHODS[method],
        seed=seed,
        r_hat=r_hat,
        clients=clients,
        half_life_months=half_life_months,
        left_out=tuple(copies),
    )


def method_of(overruns: pd.DataFrame, method: str) -> str:
    """Say which fit "auto" is: the full one up to 100,000 rows."""
    if method not in ("auto", *METHODS):
        raise InputError(f"method '{method}' is unknown; wanted 'auto', 'full' or 'closed_form'.")
    if method != "auto":
        return method
    return "full" if len(overruns) <= LARGEST_FULL_FIT else "closed_form"


def _draw_closed_form(
    fit: ClosedFormFit, done: Evidence, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Draw around the closed form, which knows no clients, and pool what is left of finished rows into a shape."""
    draws = draw_around(fit, DRAWS, rng) | {"client": np.zeros((DRAWS, 1)), "client_sd": np.zeros(DRAWS)}
    rows = ~done.on_plan
    weight = done.weight[rows]
    residuals = own_residuals(fit, done.log_ratio[rows], done.phase[rows], done.project[rows], rng, weight)
    return draws, residual_shape(residuals, np.zeros(len(residuals), dtype=bool), weight)


def _grouped_by(overruns: pd.DataFrame, by: str) -> pd.DataFrame:
    """Put clients or teams in the place of phases where these are to be told apart."""
    if by not in ("phase", "client", "team"):
        raise InputError(f"by '{by}' is unknown; wanted 'phase', 'client' or 'team'.")
    if by == "phase":
        return overruns
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


def _phase_table(evidence: Evidence, share_borrowed, weight: float) -> pd.DataFrame:
    count = len(evidence.phases)
    done = evidence.finished()
    n_rows, weighed = np.bincount(done.phase, minlength=count), done.rows_of_phase()
    known = pd.DataFrame(
        {
            "phase": evidence.phases,
            "share_borrowed": share_borrowed,
            "hierarchy_weight": phase_weight(weight, weighed),
            "n_projects": done.projects_of_phase(),
            "n_rows": n_rows,
            "n_on_plan": np.bincount(done.phase, weights=done.on_plan, minlength=count).astype(int),
            "n_running": np.bincount(evidence.phase, weights=evidence.censored, minlength=count).astype(int),
        }
    )
    new = {"phase": NEW_PHASE, "share_borrowed": 1.0, "hierarchy_weight": weight}
    new |= dict.fromkeys(COUNTS, 0)
    return pd.concat([known, pd.DataFrame([new])], ignore_index=True)


def _equal_milestones(finished: pd.DataFrame, phases: list[str]) -> np.ndarray:
    """Of how many milestones of one length a phase of one project consists: the median; last that of a phase unseen.

    A project of 8 and 2 days has (8 + 2)^2 / (8^2 + 2^2) = 1.5.
    """
    days = finished["estimate_days"].to_numpy(dtype=float)
    cell = pd.factorize(finished["project"])[0] * len(phases) + pd.Index(phases).get_indexer(
        finished["phase"]
    )
    sums, squares = (np.bincount(cell, each) for each in (days, days**2))
    met = np.flatnonzero(squares)
    equal, of_phase = sums[met] ** 2 / squares[met], met % len(phases)
    medians = {k: float(np.median(equal[of_phase == k])) for k in np.unique(of_phase)}
    return np.array([*(medians.get(k, 1.0) for k in range(len(phases))), np.median(list(medians.values()))])


def _iso(day) -> str:
    return "" if pd.isna(day) else f"{day:%Y-%m-%d}"
