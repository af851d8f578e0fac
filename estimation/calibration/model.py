"""The overrun model: what closed projects teach about the working days each phase really takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimation.calibration.closed_form import ClosedFormFit, fit_closed_form
from estimation.calibration.shape import choose_hierarchy_weight, phase_weight, standard_shape
from estimation.errors import InputError
from estimation.tables import content_hash

ENOUGH_PROJECTS = 10
"""Below this many projects phases are not told apart: one pooled multiplier, provisional."""
NEW_PHASE = "any other phase"
BOOTSTRAP_DRAWS = 300
COPY_FROM_ROWS = 5
"""From this many rows on, a project whose every ratio is 1 is a copy of its plan and no evidence."""

PHASE_COLUMNS = (
    "phase",
    "location",
    "location_variance",
    "spread",
    "degrees",
    "on_plan_share",
    "share_borrowed",
    "hierarchy_weight",
    "n_projects",
    "n_rows",
    "n_on_plan",
    "n_running",
)
DRAW_COLUMNS = ("location", "scale", "on_plan_share")


@dataclass(frozen=True, eq=False)
class OverrunModel:
    """A fitted distribution of the log overrun ratio of each phase; saved as ``model.json``.

    Parameters
    ----------
    phases : DataFrame, columns ``PHASE_COLUMNS``
        One row per phase, and last a row for any phase never seen, which is the widest. ``location`` and
        ``spread`` are in log units: the median multiplier of late or early work is ``exp(location)``.
    project_sd : float
        Standard deviation of what all phases of one project share. [log units]
    shape : float array
        Quantiles of the pooled standardised residuals: the shape of the reference class.
    draws : dict of str to float array, shape (n draws, n phases)
        Refits with whole projects drawn anew, for intervals; keys ``DRAW_COLUMNS``.
    n_projects, n_rows, n_running : int
        Projects and finished rows behind the fit; running rows that it could not use.
    history_hash : str
        Hash of the overruns the model was fitted to.
    first_known, last_known : str
        ISO dates of the earliest and latest evidence; empty without dates.
    method, seed
        How it was fitted.
    left_out : tuple of str
        Projects left out because their actuals copy their plan.
    """

    phases: pd.DataFrame
    project_sd: float
    shape: np.ndarray
    draws: dict[str, np.ndarray]
    n_projects: int
    n_rows: int
    n_running: int
    history_hash: str
    first_known: str
    last_known: str
    method: str
    seed: int
    left_out: tuple[str, ...] = ()

    @property
    def pooled(self) -> bool:
        """Tell whether there was too little history to tell phases apart."""
        return self.n_projects < ENOUGH_PROJECTS

    def rows_of(self, phases) -> np.ndarray:
        """Find the row of each phase; phases never seen get the last row.

        Parameters
        ----------
        phases : sequence of str, length n

        Returns
        -------
        int array, length n
        """
        place = {phase: row for row, phase in enumerate(self.phases["phase"])}
        return np.array([place.get(phase, len(place) - 1) for phase in phases], dtype=int)


def fit_overruns(overruns: pd.DataFrame, *, seed: int, method: str = "auto") -> OverrunModel:
    """Learn from finished work how long each phase really takes.

    Parameters
    ----------
    overruns : DataFrame keeping the OVERRUNS contract
        Running rows are counted, not used: this fit sees finished work only.
    seed : int
        For the bootstrap of whole projects behind the intervals.
    method : "auto" or "closed_form"
        "auto" takes the best method available for the table.

    Returns
    -------
    OverrunModel

    Raises
    ------
    InputError
        If there is no finished row with a ratio, or the method is unknown.
    """
    if method not in ("auto", "closed_form"):
        raise InputError(f"method '{method}' is unknown; wanted 'auto' or 'closed_form'.")
    copies = copies_of_plan(overruns)
    table = overruns[~overruns["project"].isin(copies)]
    finished = table[~table["censored"].astype(bool)]
    if finished.empty:
        raise InputError(
            f"No finished milestone with a planned and an actual duration among {len(overruns)} rows"
            + (f" ({len(copies)} projects copy their plan and were left out)" if copies else "")
            + ". Wanted at least one closed project; check the dates of the history."
        )
    rows = _Rows.of(finished)
    enough = len(rows.projects) >= ENOUGH_PROJECTS
    groups = rows.phase if enough else np.zeros_like(rows.phase)
    n_groups = len(rows.phases) if enough else 1
    fit = fit_closed_form(rows.log_ratio, rows.on_plan, groups, rows.project, n_groups)
    weight = choose_hierarchy_weight(rows.log_ratio, rows.on_plan, groups, rows.project, n_groups, rows.order)
    rng = np.random.default_rng(seed)
    return OverrunModel(
        phases=_phase_table(rows, fit, weight, table, enough),
        project_sd=fit.project_sd,
        shape=standard_shape(fit, rows.log_ratio, rows.on_plan, groups),
        draws=_bootstrap(rows, groups, n_groups, rng, len(rows.phases)),
        n_projects=len(rows.projects),
        n_rows=len(finished),
        n_running=int(table["censored"].sum()),
        history_hash=content_hash(overruns),
        first_known=_iso(finished["known_on"].min()),
        last_known=_iso(finished["known_on"].max()),
        method="closed form, pooled with the reference class",
        seed=seed,
        left_out=tuple(copies),
    )


def copies_of_plan(overruns: pd.DataFrame) -> list[str]:
    """Find projects whose every milestone took exactly what was planned: reporting, not evidence."""
    finished = overruns[~overruns["censored"].astype(bool)]
    grouped = finished.groupby("project", sort=True)["on_plan"]
    return list(grouped.size().index[(grouped.size() >= COPY_FROM_ROWS) & grouped.all()])


@dataclass(frozen=True)
class _Rows:
    """Finished rows as arrays; ``order`` ranks projects by the day their last row became known."""

    log_ratio: np.ndarray
    on_plan: np.ndarray
    phase: np.ndarray
    project: np.ndarray
    order: np.ndarray
    phases: list[str]
    projects: list[str]

    @classmethod
    def of(cls, finished: pd.DataFrame) -> _Rows:
        phase, phases = pd.factorize(finished["phase"])
        project, projects = pd.factorize(finished["project"])
        closed = finished.groupby(project)["known_on"].max()
        order = closed.rank(method="first", na_option="top").to_numpy()
        log_ratio = np.log(finished["overrun_ratio"].to_numpy())
        on_plan = finished["on_plan"].to_numpy(dtype=bool)
        return cls(
            np.where(on_plan, 0.0, log_ratio), on_plan, phase, project, order, list(phases), list(projects)
        )


def _phase_table(
    rows: _Rows, fit: ClosedFormFit, weight: float, table: pd.DataFrame, enough: bool
) -> pd.DataFrame:
    count = len(rows.phases)
    group = np.arange(count) if enough else np.zeros(count, dtype=int)
    running = table[table["censored"].astype(bool)]["phase"].value_counts()
    pairs = pd.DataFrame({"phase": rows.phase, "project": rows.project})
    n_rows = np.bincount(rows.phase, minlength=count)
    n_on_plan = np.bincount(rows.phase, weights=rows.on_plan, minlength=count).astype(int)
    known = pd.DataFrame(
        {
            "phase": rows.phases,
            "location": fit.location[group],
            "location_variance": fit.location_variance[group],
            "spread": fit.spread[group],
            "degrees": fit.degrees[group],
            "on_plan_share": fit.on_plan_share[group],
            "share_borrowed": fit.share_borrowed[group] if enough else 1.0,
            "hierarchy_weight": phase_weight(weight, n_rows if enough else np.full(count, n_rows.sum())),
            "n_projects": pairs.drop_duplicates()["phase"].value_counts(sort=False).sort_index().to_numpy(),
            "n_rows": n_rows,
            "n_on_plan": n_on_plan,
            "n_running": [int(running.get(phase, 0)) for phase in rows.phases],
        }
    )
    new = pd.DataFrame(
        [
            {
                "phase": NEW_PHASE,
                "location": fit.new_location,
                "location_variance": fit.new_location_variance,
                "spread": fit.new_spread,
                "degrees": fit.new_degrees,
                "on_plan_share": fit.new_on_plan_share,
                "share_borrowed": 1.0,
                "hierarchy_weight": weight,
                "n_projects": 0,
                "n_rows": 0,
                "n_on_plan": 0,
                "n_running": 0,
            }
        ]
    )
    return pd.concat([known, new], ignore_index=True)[list(PHASE_COLUMNS)]


def _bootstrap(
    rows: _Rows, groups: np.ndarray, n_groups: int, rng: np.random.Generator, n_phases: int
) -> dict[str, np.ndarray]:
    """Refit with whole projects drawn anew, so that intervals know that the rows of a project hang together."""
    by_project = [np.flatnonzero(rows.project == i) for i in range(len(rows.projects))]
    group = np.arange(n_phases) if n_groups == n_phases else np.zeros(n_phases, dtype=int)
    draws: dict[str, list[np.ndarray]] = {name: [] for name in DRAW_COLUMNS}
    for _ in range(BOOTSTRAP_DRAWS):
        chosen = rng.integers(len(by_project), size=len(by_project))
        take = np.concatenate([by_project[i] for i in chosen])
        copy = np.repeat(np.arange(len(chosen)), [len(by_project[i]) for i in chosen])
        fit = fit_closed_form(rows.log_ratio[take], rows.on_plan[take], groups[take], copy, n_groups)
        draws["location"].append(np.append(fit.location[group], fit.new_location))
        draws["scale"].append(np.append(fit.scale[group], fit.new_scale))
        draws["on_plan_share"].append(np.append(fit.on_plan_share[group], fit.new_on_plan_share))
    return {name: np.array(values) for name, values in draws.items()}


def _iso(day) -> str:
    return "" if pd.isna(day) else f"{day:%Y-%m-%d}"
