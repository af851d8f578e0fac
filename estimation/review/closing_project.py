"""A project is closed: plan and statuses become history, its slip gets causes, and what that changes is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from estimation.calibration.measured_history import Progress
from estimation.calibration.model import NEW_PHASE
from estimation.calibration.multipliers import multiplier_table
from estimation.errors import InputError, RefusedError, did_you_mean
from estimation.forecasting.forecast import date_at, forecast_table
from estimation.forecasting.simulation import simulate
from estimation.ingest.sources import choose_baseline
from estimation.learning.calibrate import calibrate
from estimation.project.amounts import list_few, milestone_label
from estimation.project.closing import baseline_plan, is_finished, is_over
from estimation.project.network import NOISE
from estimation.project.standing import CANCELLED, NOT_STARTED, RUNNING, Standing, standings_of
from estimation.review.slip_shares import slip_shares
from estimation.review.variance_tables import SLIP_SHARES
from estimation.tables import COURSE, HISTORY, IDENTITY, MOVES, Column, Contract, empty_table, keep_contract

CARRIED = 0.8
"""Share of the lost days whose causes are asked for. [0-1]"""
LEVELS = (0.5, 0.8)
PLANS_SHOWN = 3
PASSED = (
    *("forecast_finish", "remaining_days", "percent_complete", "confidence", "reported_status"),
    *("reason", "told_client_on", "updated_on"),
)
"""What was said while the project ran; the status table keeps it."""
_FACTS = [name for name in (*COURSE, *MOVES) if name not in (*PASSED, "added_after_baseline")]
_COMPARED = ("baseline_finish", "actual_start", "actual_finish", "closed_as")

QUESTIONS: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "days": Column.days("days of the project's slip that the milestone caused"),
    "reason_given": Column.text("reasons the statuses gave for its dates"),
    "reported_cause": Column.text("cause the statuses gave; taken where no other is filled in"),
    "cause": MOVES["cause"],
    "cause_note": MOVES["cause_note"],
}


@dataclass(frozen=True, eq=False)
class ClosedProject:
    """A project as the history keeps it from now on.

    Parameters
    ----------
    project : str
    rows : DataFrame keeping the HISTORY contract
        One row per milestone and baseline.
    reasons : Series of text
        Reasons that the statuses gave for the dates of a milestone, ids as index.
    confirmed : frozenset of str
        Milestones whose cause an earlier closing settled.
    """

    project: str
    rows: pd.DataFrame
    reasons: pd.Series
    confirmed: frozenset[str] = frozenset()

    @property
    def milestones(self) -> pd.DataFrame:
        """One row per milestone, with its first baseline."""
        return choose_baseline(self.rows, "first")

    @property
    def delivered(self) -> bool:
        """Whether any of it was finished."""
        return bool(is_finished(self.milestones).any())

    def with_causes(self, answers: pd.DataFrame) -> ClosedProject:
        """The same with the causes that a table names by milestone; where it names none, as before."""
        said = answers.dropna(subset="cause").drop_duplicates("milestone", keep="last").set_index("milestone")
        told = said[["cause", "cause_note"]].reindex(self.rows["milestone"]).reset_index(drop=True)
        rows = keep_contract(self.rows.assign(**told.fillna(self.rows)), HISTORY)
        return replace(self, rows=rows, confirmed=self.confirmed | {*said.index})

    def questions(self) -> pd.DataFrame:
        """The milestones that carry 80 % of the slip, most days first; ``cause`` is empty where one is asked for.

        Returns
        -------
        DataFrame keeping the QUESTIONS contract
            Without rows for a project that ended on its planned day or before.
        """
        shares = slip_shares(self.milestones, self.project) if self.delivered else empty_table(SLIP_SHARES)
        lost = shares[shares["project_days"] > NOISE]
        lost = lost.sort_values("project_days", ascending=False, kind="stable").rename(
            columns={"project_days": "days"}
        )
        carries = lost["days"].cumsum() - lost["days"] < CARRIED * lost["days"].sum() - NOISE
        asked = lost[carries & (shares["project_days"].sum() > NOISE)]
        reasons = asked["milestone"].map(self.reasons).astype("str")
        settled = asked["milestone"].isin(self.confirmed)
        asked = asked.assign(
            days=asked["days"].round(1),
            reason_given=reasons,
            reported_cause=asked["cause"].mask(settled),
            cause=asked["cause"].where(settled),
            cause_note=asked["cause_note"].fillna(reasons),
        )
        return keep_contract(asked, QUESTIONS)


def close_project(
    planned: pd.DataFrame,
    project: str,
    status: pd.DataFrame,
    history: pd.DataFrame,
    *,
    cancel_open: bool = False,
) -> ClosedProject:
    """Fold the plan and the statuses of a project into rows of the history.

    Parameters
    ----------
    planned : DataFrame keeping the HISTORY contract
        With the plan of the project, one row per milestone and baseline.
    project : str
        Its id.
    status : DataFrame keeping the STATUS contract
    history : DataFrame keeping the HISTORY contract
        In which the project may be running, or closed already on the same dates: then its rows stay.
    cancel_open : bool
        Whether open milestones count as cancelled on the last status date.

    Returns
    -------
    ClosedProject
        Without the dates, shares and reasons that were said while it ran.

    Raises
    ------
    InputError
        If the plan does not have the project, it never had a status, or milestones are open.
    RefusedError
        If the history has it closed on other dates.
    """
    table, own = planned[planned["project"] == project], status[status["project"] == project]
    if table.empty:
        known = planned["project"].unique()
        there = f"there are {list_few(sorted(known), 8)}." if len(known) else "there is none."
        raise InputError(
            f"There is no plan of project '{project}'; {there} {did_you_mean(project, known, 'Correct the id.')}"
        )
    if own.empty:
        others = status["project"].unique()
        found = f"the statuses are of {list_few(sorted(others), 8)}" if len(others) else "no status came"
        remedy = "Report when each milestone was finished (actual_finish), then close the project."
        raise InputError(
            f"Project '{project}' never had a status: {found}. {did_you_mean(project, others, remedy)}"
        )
    standings = standings_of(baseline_plan(choose_baseline(table, "first"), project), own)
    standing = standings.on(standings.dates()[-1])
    is_open = standing.table["state"].isin([NOT_STARTED, RUNNING]).to_numpy()
    if is_open.any() and not cancel_open:
        named = [milestone_label(row.milestone, row.name) for row in standing.table[is_open].itertuples()]
        raise InputError(
            f"Project '{project}' has open milestones on its last status date, {standing.as_of:%Y-%m-%d}: "
            f"{list_few(named, 8)}. Report their actual_finish, or close them as cancelled with --cancel-open."
        )
    closed = ClosedProject(project, _folded(table, standing), _reasons(own))
    held = history[history["project"] == project]
    if held.empty or not is_over(choose_baseline(held, "first")).all():
        return closed
    _refuse_other_dates(choose_baseline(held, "first"), closed.milestones, project)
    closed_as = closed.milestones.set_index("milestone")["closed_as"]
    settled = held.loc[held["closed_as"].notna() & held["cause"].notna(), "milestone"]
    held = held.assign(closed_as=held["closed_as"].fillna(held["milestone"].map(closed_as)))
    return replace(closed, rows=keep_contract(held, HISTORY), confirmed=frozenset(settled))


def _folded(table: pd.DataFrame, standing: Standing) -> pd.DataFrame:
    """Rows of the plan and of added work with what happened: the last word of each column that still counts."""
    milestones, course = standing.plan.milestones, standing.among.reports.course(standing.as_of)
    open_or_cut = standing.table["state"].isin([CANCELLED, NOT_STARTED, RUNNING]).to_numpy()
    cut_on = np.where(np.isnat(course.cut_on), np.datetime64(standing.as_of, "s"), course.cut_on)
    facts = standing.latest[_FACTS].assign(
        actual_finish=np.where(open_or_cut, cut_on, course.finish),
        closed_as=np.where(open_or_cut, "cancelled", "delivered"),
    )
    new = milestones[~milestones["milestone"].isin(table["milestone"])]
    new = new.assign(depends_on=new["depends_on"].replace("", None), added_after_baseline=True)
    rows = pd.concat([table, keep_contract(new, HISTORY)], ignore_index=True)
    told = facts.loc[rows["milestone"]].reset_index(drop=True)
    return keep_contract(rows.assign(**told.fillna(rows)).drop(columns=list(PASSED)), HISTORY)


def _reasons(status: pd.DataFrame) -> pd.Series:
    """The different reasons given for each milestone, oldest first."""
    said = status.sort_values("as_of", kind="stable").dropna(subset="reason")
    return said.groupby("milestone")["reason"].agg(lambda reasons: " ".join(dict.fromkeys(reasons)))


def _refuse_other_dates(held: pd.DataFrame, rows: pd.DataFrame, project: str) -> None:
    """Refuse a project that the history has with other milestones or dates; an empty cell contradicts nothing."""
    there, now = (table.set_index("milestone")[list(_COMPARED)].astype("str") for table in (held, rows))
    apart = there.index.symmetric_difference(now.index)
    found = [
        f"{one} is only in {'the history' if one in there.index else 'plan and statuses'}" for one in apart
    ]
    for milestone in there.index.drop(apart, errors="ignore"):
        for name, old, new in zip(_COMPARED, there.loc[milestone], now.loc[milestone], strict=True):
            if old != new and not pd.isna([old, new]).any():
                found.append(f"{milestone} has {name} {old} there and {new} now")
    if found:
        raise RefusedError(
            f"Project '{project}' is closed in the history already, with other dates: {list_few(found, 8)}. Correct "
            "the plan or the statuses, or take its rows out of the history and close it again."
        )


def with_project(history: pd.DataFrame, closed: ClosedProject) -> pd.DataFrame:
    """The history with the closed project in the place where it ran or stood, else at its end."""
    own = (history["project"] == closed.project).to_numpy()
    place = int(own.argmax()) if own.any() else len(own)
    parts = [history[:place], closed.rows, history[place:][~own[place:]]]
    return keep_contract(pd.concat([part for part in parts if len(part)]), HISTORY)


def what_it_taught(
    history: pd.DataFrame, project: str, *, seed: int, progress: Callable[[str], Progress]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Calibrate without a closed project and with it, and set both beside each other.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
        With the project.
    project : str
    seed : int
        The same for both, so that what differs is what the project taught.
    progress : callable
        Called with what is worked on; gives what is told how many folds are done.

    Returns
    -------
    tuple of DataFrame
        Multipliers ``before`` and ``after`` by ``phase`` and ``level``, empty before for a new phase; and the P80 dates
        ``before`` and ``after`` of the three other plans that started last, with ``project`` and ``planned_finish``.
        Those plans are part of both histories: it is no test of the forecast.

    Raises
    ------
    InputError
        If nothing can be learned from the history without the project.
    """
    others = history[history["project"] != project]
    models = {
        "before": calibrate(others, seed=seed, progress=progress(f"Learning without {project}")),
        "after": calibrate(history, seed=seed, progress=progress(f"Learning with {project}")),
    }
    tables = {name: multiplier_table(model, levels=LEVELS) for name, model in models.items()}
    by = {name: table.set_index(["phase", "level"])["multiplier"] for name, table in tables.items()}
    multipliers = by["after"].rename("after").to_frame().assign(before=by["before"]).reset_index()
    starts = others.groupby("project")[["project_start", "baseline_start"]].min().min(axis="columns")
    plans = []
    for name in starts.dropna().sort_values(ascending=False, kind="stable").index[:PLANS_SHOWN]:
        plan = baseline_plan(others, name)
        row = {"project": name, "planned_finish": plan.planned_finish}
        for when, model in models.items():
            row[when] = date_at(forecast_table(simulate(plan, model, seed=seed)), 0.8)
        plans.append(row)
    return multipliers[multipliers["phase"] != NEW_PHASE], pd.DataFrame(plans)
