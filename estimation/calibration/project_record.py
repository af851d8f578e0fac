"""The record of whole projects: how long closed projects took from their planned start, compared with their plan.

Late starts, overlap and re-sequencing decide when a project ends, so the spread of a finish date is learned from
whole projects directly, not from phase overruns chained through a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy import stats

from estimation.calendar.workdays import DateLike
from estimation.calibration.durations import own_durations, project_calendar
from estimation.calibration.observations import COPY_FROM_ROWS
from estimation.calibration.overruns import ON_PLAN_WITHIN
from estimation.calibration.shape import mix_nodes, quantiles_with_ties, t_nodes
from estimation.project.closing import is_added, is_cancelled, is_finished
from estimation.scores import crps_from_quantiles
from estimation.tables import IDENTITY, Column, Contract, empty_table, keep_contract

FINISH_RATIOS: Contract = {
    "project": IDENTITY["project"],
    "client": IDENTITY["client"],
    "baseline_days": Column.days(
        "of the whole project as scheduled from its estimates, from its planned start", least=0
    ),
    "actual_days": Column.days("from the planned start to the actual finish of the whole project", least=0),
    "finish_ratio": Column.ratio("actual days / baseline days; 1.0 = finished on the planned date", least=0),
    "on_plan": Column.flag("finished on the planned day, or within half a percent"),
    "known_on": Column.date("day on which the project was closed and the row became known"),
}

OWN_RECORD_FROM = 20
"""From this many projects on, their own record alone speaks; with fewer, pseudo-projects help."""
PSEUDO_PROJECTS = 5
PSEUDO_MEAN, PSEUDO_SD = 0.10, 0.22
"""What projects elsewhere did: log finish ratio of the pseudo-projects that stand in for a short record."""
DEGREES_GRID = np.array([3.0, 5.0, 10.0, 30.0])
SMALLEST_SIGMA = 0.02
EM_SWEEPS = 50
MOST_FOLDS = 100
"""Up to this many projects each is left out in turn; of more projects every hundredth together."""
CANDIDATES = ("pooled", "log_t")
LEVELS = (np.arange(999) + 0.5) / 999

RUNNING = "still running"
CANCELLED = "cancelled before the planned end"
UNDATED = "planned start, planned finish or actual finish not known"
NO_DURATION = "planned in no time, or over before the planned start"
COPY = "every milestone exactly on plan: reporting, not evidence"


@dataclass(frozen=True, eq=False)
class ProjectRecord:
    """Distribution of the log finish ratio of a new project: its planned duration times ``exp`` of it is its end.

    Parameters
    ----------
    nodes : float array
        Quantiles of the log finish ratio at the levels ``LEVELS``; 0 is exactly on plan. [log units]
    method : "prior", "pooled" or "log_t"
        Which candidate serves; "prior" with fewer than 20 projects.
    n_projects, n_on_plan : int
        Closed projects behind it, and how many of them finished exactly on plan.
    on_plan_share : float
        Probability of finishing exactly on plan; near 1 where release dates are fixed, 0 where no project
        ever did. [0-1]
    candidate_crps : mapping of str to float
        Leave-one-out CRPS of each candidate, what the choice rests on; empty with fewer than 20 projects.
        [log units]
    left_out : mapping of str to int
        How many projects are not in the record, by reason.
    last_known : str
        ISO date of the latest evidence; empty without any.
    """

    nodes: np.ndarray
    method: str
    n_projects: int
    n_on_plan: int
    on_plan_share: float
    candidate_crps: Mapping[str, float] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    last_known: str = ""

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Find quantiles of the log finish ratio; beyond the outermost nodes they stay there.

        Parameters
        ----------
        levels : float array, any shape [0-1]

        Returns
        -------
        float array, same shape [log units]
        """
        return np.interp(levels, LEVELS, self.nodes)

    def probabilities(self, log_ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the probability of less than a log finish ratio, and of it or less; they part exactly on plan.

        Parameters
        ----------
        log_ratio : float array, any shape [log units]

        Returns
        -------
        below, at_or_below : float array, same shape [0-1]
        """
        n = len(self.nodes)
        return np.searchsorted(self.nodes, log_ratio) / n, np.searchsorted(self.nodes, log_ratio, "right") / n

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw log finish ratios of n possible outcomes of a new project, spread evenly over the distribution.

        Returns
        -------
        float array, length n, in random order [log units]
        """
        # Stratified: one draw from each of n equally likely slices, which steadies P80 at no cost.
        return self.quantiles((rng.permutation(n) + rng.random(n)) / n)


def fit_project_record(
    history: pd.DataFrame, *, as_of: DateLike | None = None, own: pd.DataFrame | None = None
) -> ProjectRecord:
    """Learn from closed projects how much later than planned a whole project really ends.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    as_of : date-like, optional
        Status date; projects that closed later count as still running.
    own : DataFrame, optional
        ``own_durations(history)`` where it is known already.

    Returns
    -------
    ProjectRecord
        Without any closed project the pseudo-projects alone speak: a wide distribution around 10 % late.
    """
    measured = _measured_projects(history, as_of, own)
    left_out = measured["left_out"].value_counts(sort=False)
    return replace(record_of(_kept(measured)), left_out=left_out.to_dict())


def finish_ratios(history: pd.DataFrame, *, as_of=None, own: pd.DataFrame | None = None) -> pd.DataFrame:
    """List how long each closed project took from its planned start, compared with its plan; FINISH_RATIOS.

    Measured from the *planned* start in both cases, on the project's own calendar: starting late is one of the
    reasons for ending late, and at kickoff nobody knows yet that it will happen. Milestones added after the baseline
    count for the actual finish, not for the planned one. Projects that run (with ``as_of``: on that day), were
    cancelled before their planned end, have no dates or copy their plan are not in; ``ProjectRecord.left_out`` counts
    them. Leaving running projects out favours short ones while many still run.
    """
    return _kept(_measured_projects(history, as_of, own))


def log_finish_ratios(ratios: pd.DataFrame) -> np.ndarray:
    """Take the log of finish ratios; exactly 0 for projects that finished on plan [log units]."""
    on_plan = ratios["on_plan"].to_numpy(dtype=bool)
    return np.where(on_plan, 0.0, np.log(ratios["finish_ratio"].to_numpy(dtype=float)))


def record_of(ratios: pd.DataFrame, *, method: str = "auto") -> ProjectRecord:
    """Fit the record to finish ratios already measured, as a backtest does at each origin.

    With fewer than 20 projects the log ratio follows ``m' + s' t_{n+4}``, the conjugate predictive distribution with
    five pseudo-projects (Gelman et al., Bayesian data analysis, 3rd edition, 2013, section 3.3). With 20 or more the
    own record stands alone, by the candidate with the smaller leave-one-out CRPS: "pooled", the past ratios
    themselves (Flyvbjerg, From Nobel Prize to project management, Project Management Journal 37(3), 2006), or
    "log_t", a Student t fitted to them (Lange, Little & Taylor, Robust statistical modeling using the t distribution,
    JASA 84, 1989). Finishes exactly on plan have a probability of their own: their share, with five projects (one,
    from 20 on) added that were not on plan.
    """
    if method not in ("auto", "prior", *CANDIDATES):
        raise ValueError(f"method '{method}' is unknown; wanted 'auto', 'prior', 'pooled' or 'log_t'")
    log_ratio = log_finish_ratios(ratios)
    on_plan = log_ratio == 0
    crps = {}
    if method == "auto" and len(log_ratio) >= OWN_RECORD_FROM:
        crps = {candidate: _left_out_crps(log_ratio, candidate) for candidate in CANDIDATES}
    chosen = (min(crps, key=crps.__getitem__) if crps else "prior") if method == "auto" else method
    last_known = ratios["known_on"].max()
    return ProjectRecord(
        nodes=_fold_nodes(log_ratio, np.ones((1, len(log_ratio)), dtype=bool), chosen)[0],
        method=chosen,
        n_projects=len(log_ratio),
        n_on_plan=int(on_plan.sum()),
        on_plan_share=float(on_plan.sum() / (len(log_ratio) + _pseudo_projects(chosen))),
        candidate_crps=crps,
        last_known="" if pd.isna(last_known) else f"{last_known:%Y-%m-%d}",
    )


def _measured_projects(history: pd.DataFrame, as_of, own: pd.DataFrame | None) -> pd.DataFrame:
    """Measure every project, one row each; ``left_out`` says why a project has no place in the record."""
    own = own_durations(history) if own is None else own
    groups = history.groupby("project", sort=False)
    rows = [_measured_project(rows, own.loc[rows.index]) for _, rows in groups]
    measured = pd.DataFrame(rows) if rows else empty_table(FINISH_RATIOS).assign(left_out=None)
    if as_of is not None:
        later = pd.to_datetime(measured["known_on"]) > pd.Timestamp(as_of)
        measured["left_out"] = measured["left_out"].mask(later, RUNNING)
    return measured


def _measured_project(rows: pd.DataFrame, own: pd.DataFrame) -> dict:
    calendar = project_calendar(rows)
    planned = own[~is_added(rows)]
    cancelled, finished = is_cancelled(rows), is_finished(rows)
    start = rows["project_start"].dropna()
    morning = calendar.mornings(start.iloc[:1])[0] if len(start) else planned["estimate_morning"].min()
    end = planned["estimate_evening"].max(skipna=False)
    finish = rows["actual_finish"].where(finished).max()
    baseline_days, actual_days = end - morning, calendar.evenings([finish])[0] - morning
    measured = baseline_days > 0 and actual_days > 0
    ratio = actual_days / baseline_days if measured else np.nan
    on_plan = bool(measured and (actual_days == baseline_days or abs(np.log(ratio)) <= ON_PLAN_WITHIN))
    kept = planned["actual_evening"].eq(planned["baseline_evening"]).all()
    kept = kept and (on_plan or calendar.evenings([finish])[0] == planned["baseline_evening"].max())
    last = rows.index.isin(planned.index[planned["estimate_evening"] == end])
    reasons = {
        RUNNING: not (finished | cancelled).all(),
        CANCELLED: cancelled.all() or (last.any() and cancelled[last].all()),
        UNDATED: (finished & rows["actual_finish"].isna()).any() or np.isnan(baseline_days + actual_days),
        NO_DURATION: not measured,
        COPY: kept and len(planned) >= COPY_FROM_ROWS,
    }
    return {
        "project": rows["project"].iloc[0],
        "client": next(iter(rows["client"].dropna()), None),
        "baseline_days": baseline_days,
        "actual_days": actual_days,
        "finish_ratio": ratio,
        "on_plan": on_plan,
        # A cancellation, too, had to be known before the project could count as closed.
        "known_on": max([finish, *rows.loc[cancelled, "updated_on"].dropna()]),
        "left_out": next((reason for reason, holds in reasons.items() if holds), None),
    }


def _kept(measured: pd.DataFrame) -> pd.DataFrame:
    return keep_contract(measured[measured["left_out"].isna()], FINISH_RATIOS)


def _pseudo_projects(method: str) -> int:
    """How many projects unlike any seen are added: the next may be the first to break the pattern."""
    return PSEUDO_PROJECTS if method == "prior" else 1


def _left_out_crps(log_ratio: np.ndarray, method: str) -> float:
    fold = np.arange(len(log_ratio)) % MOST_FOLDS
    used = fold != np.unique(fold)[:, None]
    nodes = _fold_nodes(log_ratio, used, method)
    return float(crps_from_quantiles(nodes[fold], log_ratio).mean())


def _fold_nodes(log_ratio: np.ndarray, used: np.ndarray, method: str) -> np.ndarray:
    """Predict a new project from the projects used in each fold, shape (folds, LEVELS) [log units]."""
    moved = log_ratio != 0
    if method == "log_t" and moved.sum() > OWN_RECORD_FROM:
        terms = _robust_t(log_ratio, used & moved)
    else:
        terms = _conjugate_t(log_ratio, used & moved & (method != "pooled"))
    nodes = []
    for location, scale, degrees, fold in zip(*terms, used, strict=True):
        past = log_ratio[fold & moved] if method == "pooled" else np.empty(0)
        share = (fold & ~moved).sum() / (fold.sum() + _pseudo_projects(method))
        # Beside the past ratios the t weighs as one project; alone it is the whole forecast.
        weight = 1 / (len(past) + 1)
        shape = (past - location) / scale if len(past) else np.zeros(1)
        late_or_early = location + scale * mix_nodes(t_nodes(float(degrees)), shape, weight)
        nodes.append(quantiles_with_ties(late_or_early, share, LEVELS))
    return np.array(nodes)


def _conjugate_t(log_ratio: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Location, scale and degrees of freedom for a new project, five pseudo-projects included; one per fold."""
    n = used.sum(axis=1)
    total = n + PSEUDO_PROJECTS
    mean = np.divide((used * log_ratio).sum(axis=1), n, out=np.full(len(n), PSEUDO_MEAN), where=n > 0)
    squares = (used * (log_ratio - mean[:, None]) ** 2).sum(axis=1)
    squares += (PSEUDO_PROJECTS - 1) * PSEUDO_SD**2 + PSEUDO_PROJECTS * n / total * (mean - PSEUDO_MEAN) ** 2
    degrees = total - 1.0
    location = (n * mean + PSEUDO_PROJECTS * PSEUDO_MEAN) / total
    return location, np.sqrt(squares / degrees * (1 + 1 / total)), degrees


def _robust_t(log_ratio: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Location, scale and degrees of freedom by maximum likelihood (EM), for a new project; one per fold."""
    n = used.sum(axis=1)
    degrees = DEGREES_GRID[:, None, None]
    location = np.broadcast_to((used * log_ratio).sum(axis=1) / n, (len(DEGREES_GRID), len(n)))
    variance = np.full(location.shape, max(np.var(log_ratio[used.any(axis=0)]), SMALLEST_SIGMA**2))
    for _ in range(EM_SWEEPS):
        squares = (log_ratio - location[..., None]) ** 2
        weight = used * (degrees + 1) / (degrees + squares / variance[..., None])
        location = (weight * log_ratio).sum(axis=-1) / weight.sum(axis=-1)
        squares = (log_ratio - location[..., None]) ** 2
        variance = np.maximum((weight * squares).sum(axis=-1) / n, SMALLEST_SIGMA**2)
    scale = np.sqrt(variance)
    density = stats.t.logpdf(log_ratio, degrees, location[..., None], scale[..., None])
    best = np.argmax((used * density).sum(axis=-1), axis=0)
    fold = np.arange(len(n))
    return location[best, fold], scale[best, fold] * np.sqrt(1 + 1 / n), DEGREES_GRID[best]
