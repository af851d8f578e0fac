"""The record of whole projects: how long closed projects took from their planned start, compared with their plan.

Late starts, overlap and re-sequencing decide when a project ends, so the spread of a finish date is learned from
whole projects directly, not from phase overruns chained through a network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.calibration.clients import known_clients
from estimation.calibration.closed_form import fit_closed_form
from estimation.calibration.durations import own_durations, project_calendar
from estimation.calibration.observations import COPY_FROM_ROWS, recency_weights
from estimation.calibration.overruns import ON_PLAN_WITHIN
from estimation.calibration.record_posterior import next_project_nodes
from estimation.calibration.shape import as_often_as, quantiles_with_ties
from estimation.project.closing import is_added, is_cancelled, is_finished
from estimation.project.silence import is_forgotten, known_until, silent_projects
from estimation.tables import IDENTITY, Column, Contract, empty_table, fold_phase, keep_contract

FINISH_RATIOS: Contract = {
    "project": IDENTITY["project"],
    "client": IDENTITY["client"],
    "baseline_days": Column.days(
        "from the planned start to the finish that the plan's estimates give the whole project", least=0
    ),
    "actual_days": Column.days(
        "from the planned start to the actual finish of the whole project; to the status date where it runs",
        least=0,
    ),
    "finish_ratio": Column.ratio("actual days / baseline days; 1.0 = finished on the planned date", least=0),
    "on_plan": Column.flag("finished on the planned day, or within half a percent"),
    "known_on": Column.date(
        "day on which the project was closed and the row became known; the status date where it runs"
    ),
    "censored": Column.flag("still running: the ratio is only known to be exceeded"),
}

OFF_PLAN_PROJECTS = 1
"""So many projects that did not finish exactly on plan are added: the next may be the first to break the pattern."""
LEVELS = (np.arange(999) + 0.5) / 999

RUNNING = "still running"
SILENT = "silent for longer than its plan"
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
    n_projects, n_on_plan, n_running : int
        Closed projects behind it, how many of them finished exactly on plan, and running ones known to take longer.
    on_plan_share : float
        Probability of finishing exactly on plan; near 1 where release dates are fixed, 0 where no project
        ever did. [0-1]
    clients : mapping of str to (float, float)
        Clients told apart: how far the centre of their projects lies above that of all, and their spread beside that
        of all. [log units] [ratio]
    left_out : mapping of str to int
        How many projects are not in the record, by reason.
    last_known : str
        ISO date of the latest evidence; empty without any.
    centre : float
        Expected centre of the log finish ratio. [log units]
    """

    nodes: np.ndarray
    n_projects: int
    n_on_plan: int
    on_plan_share: float
    n_running: int = 0
    centre: float = 0.0
    clients: Mapping[str, tuple[float, float]] = field(default_factory=dict)
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

    def of_client(self, client: str | None) -> ProjectRecord:
        """Give the record of a client's next project; the record itself where the client is not told apart."""
        known = {fold_phase(name): effect for name, effect in self.clients.items()}
        if client is None or fold_phase(client) not in known:
            return self
        shift, spread = known[fold_phase(client)]
        late_or_early = self.centre + shift + spread * (self.nodes[self.nodes != 0] - self.centre)
        share = np.mean(self.nodes == 0)
        return replace(
            self, nodes=quantiles_with_ties(late_or_early, share, LEVELS), centre=self.centre + shift
        )

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
    history: pd.DataFrame,
    *,
    as_of: DateLike | None = None,
    own: pd.DataFrame | None = None,
    measured: pd.DataFrame | None = None,
    half_life_months: float | None = None,
) -> ProjectRecord:
    """Learn from closed and running projects how much later than planned a whole project really ends.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    as_of : date-like, optional
        Status date; projects that closed later count as still running.
    own, measured : DataFrame, optional
        ``own_durations(history)`` and ``measured_projects(history)`` where they are known already.
    half_life_months : float, optional
        Age at which a project counts half; by default all count the same.

    Returns
    -------
    ProjectRecord
        Without any project the prior alone speaks: a wide distribution around 12 % late.
    """
    measured = measured_projects(history, own) if measured is None else measured
    day = known_until(history) if as_of is None else status_day(as_of)
    ratios = ratios_known(measured, history, day, as_of)
    out = measured[~measured["project"].isin(ratios["project"])]
    left_out = out["left_out"].fillna(RUNNING)
    left_out = left_out.mask(
        (left_out == RUNNING) & out["project"].isin(silent_projects(history, as_of)), SILENT
    )
    record = record_of(ratios, half_life_months=half_life_months)
    return replace(record, left_out=left_out.value_counts(sort=False).to_dict())


def finish_ratios(
    history: pd.DataFrame,
    *,
    as_of: DateLike | None = None,
    own: pd.DataFrame | None = None,
    running: bool = False,
) -> pd.DataFrame:
    """List how long each closed project took from its planned start, compared with its plan; FINISH_RATIOS.

    Measured from the *planned* start in both cases, on the project's own calendar: starting late is one of the
    reasons for ending late, and at kickoff nobody knows yet that it will happen. The plan is that of its estimates.
    Milestones added after the baseline count for the actual finish, not for the planned one. Projects that were
    cancelled before their planned end, have no dates or copy their plan are not in, nor are silent ones;
    ``ProjectRecord.left_out`` counts them. With ``running`` those that run (with ``as_of``: on that day) are in, as
    known to take longer: without them short projects are favoured while many still run.
    """
    day = known_until(history) if as_of is None else status_day(as_of)
    ratios = ratios_known(measured_projects(history, own), history, day, as_of)
    return ratios if running else ratios[~ratios["censored"]].reset_index(drop=True)


def log_finish_ratios(ratios: pd.DataFrame) -> np.ndarray:
    """Take the log of finish ratios; exactly 0 for projects that finished on plan [log units]."""
    on_plan = ratios["on_plan"].to_numpy(dtype=bool)
    return np.where(on_plan, 0.0, np.log(ratios["finish_ratio"].to_numpy(dtype=float)))


def record_of(
    ratios: pd.DataFrame, *, half_life_months: float | None = None, method: str = "auto"
) -> ProjectRecord:
    """Fit the record to finish ratios already measured, as a backtest does at each origin.

    A Student t around a centre and a spread that are learned from the first project on, see ``record_posterior``.
    Finishes exactly on plan have a probability of their own: their share, with one project added that was not on plan.
    Where at least five clients have two or more closed projects, each client's centre is its own, shrunk towards that
    of all by how much clients differ. "pooled" instead takes the past ratios themselves, the reference class of
    Flyvbjerg, From Nobel Prize to project management, Project Management Journal 37(3), 2006.
    """
    if method not in ("auto", "pooled"):
        raise ValueError(f"method '{method}' is unknown; wanted 'auto' or 'pooled'")
    log_ratio, censored = log_finish_ratios(ratios), ratios["censored"].to_numpy(dtype=bool)
    weight = recency_weights(ratios["known_on"], half_life_months)
    on_plan, counted = (log_ratio == 0) & ~censored, weight * ~censored
    late = ~on_plan
    share = float(counted @ on_plan / (counted.sum() + OFF_PLAN_PROJECTS))
    nodes, centre, sd = next_project_nodes(log_ratio[late], censored[late], weight[late])
    if method == "pooled" and counted[late].sum() > 0:
        nodes = np.sort(log_ratio[late & ~censored][as_often_as(weight[late & ~censored])])
    last_known = ratios["known_on"][~censored].max()
    return ProjectRecord(
        nodes=quantiles_with_ties(nodes, share, LEVELS),
        n_projects=int((~censored).sum()),
        n_on_plan=int(on_plan.sum()),
        on_plan_share=share,
        n_running=int(censored.sum()),
        centre=centre,
        clients=_client_effects(
            ratios[late & ~censored], log_ratio[late & ~censored], weight[late & ~censored], sd
        ),
        last_known="" if pd.isna(last_known) else f"{last_known:%Y-%m-%d}",
    )


def _client_effects(
    ratios: pd.DataFrame, log_ratio: np.ndarray, weight: np.ndarray, sd: float
) -> dict[str, tuple[float, float]]:
    """How far each known client lies above all, shrunk, and how wide its next project is beside one of any client."""
    clients = known_clients(ratios)
    if not clients:
        return {}
    names = ratios["client"].map(fold_phase, na_action="ignore")
    of_client, _ = pd.factorize(names.fillna(ratios["project"]))
    together = np.zeros(len(log_ratio), dtype=int)
    fit = fit_closed_form(log_ratio, np.zeros(len(log_ratio), dtype=bool), together, of_client, 1, weight)
    between = min(fit.project_sd**2, 0.9 * sd**2)
    effects = {}
    for client in clients:
        own = (names == fold_phase(client)).to_numpy()
        kept = between / (between + (sd**2 - between) / max(weight[own].sum(), 1e-6))
        shift = kept * (np.average(log_ratio[own], weights=weight[own]) - float(fit.location[0]))
        effects[client] = (float(shift), float(np.sqrt(1 - kept * between / sd**2)))
    return effects


def measured_projects(history: pd.DataFrame, own: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measure every project as the table knows it today, one row each; ``ratios_known`` makes a day's table of it.

    ``left_out`` says why a project has no place in the record; ``morning`` and ``calendar`` where it began to count.
    """
    own = own_durations(history) if own is None else own
    groups = history.assign(forgotten=is_forgotten(history)).groupby("project", sort=False)
    rows = [_measured_project(rows, own.loc[rows.index]) for _, rows in groups]
    return (
        pd.DataFrame(rows)
        if rows
        else empty_table(FINISH_RATIOS).assign(left_out=None, morning=0.0, calendar=None)
    )


def ratios_known(
    measured: pd.DataFrame, history: pd.DataFrame, day: pd.Timestamp, as_of: DateLike | None
) -> pd.DataFrame:
    """Give the finish ratios as known on a day: closed projects, and running ones with what they have taken."""
    later = pd.to_datetime(measured["known_on"]) > day if as_of is not None else False
    runs = (measured["left_out"] == RUNNING) | (measured["left_out"].isna() & later)
    elapsed = pd.Series(np.nan, measured.index)
    if runs.any() and not pd.isna(day):
        runs &= ~measured["project"].isin(silent_projects(history, as_of))
        ends = {calendar: calendar.evenings([day])[0] for calendar in set(measured.loc[runs, "calendar"])}
        elapsed = (measured["calendar"].map(ends).astype(float) - measured["morning"]).where(runs)
    runs &= (elapsed > 0) & (measured["baseline_days"] > 0)
    ratio = measured["finish_ratio"].mask(runs, elapsed / measured["baseline_days"])
    table = measured.assign(
        actual_days=measured["actual_days"].mask(runs, elapsed),
        finish_ratio=ratio,
        on_plan=measured["on_plan"].astype(bool) & ~runs,
        known_on=pd.to_datetime(measured["known_on"]).mask(runs, day),
        censored=runs,
    )
    return keep_contract(table[runs | (measured["left_out"].isna() & ~later)], FINISH_RATIOS)


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
        # Of forgotten dates the last is none: the project ended when its last milestone was finished.
        RUNNING: not (finished | cancelled | rows["forgotten"]).all(),
        CANCELLED: cancelled.all() or (last.any() and cancelled[last].all()),
        UNDATED: (finished & rows["actual_finish"].isna()).any() or np.isnan(baseline_days + actual_days),
        NO_DURATION: not measured,
        COPY: kept and len(planned) >= COPY_FROM_ROWS,
    }
    return {
        "project": rows["project"].iloc[0],
        "morning": morning,
        "calendar": calendar,
        "client": next(iter(rows["client"].dropna()), None),
        "baseline_days": baseline_days,
        "actual_days": actual_days,
        "finish_ratio": ratio,
        "on_plan": on_plan,
        # A cancellation, too, had to be known before the project could count as closed.
        "known_on": max([finish, *rows.loc[cancelled, "updated_on"].dropna()]),
        "left_out": next((reason for reason, holds in reasons.items() if holds), None),
    }
