"""A plan: milestones with their estimates, what depends on what, and the days on which work is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import ProjectDays, TeamDays, named_calendars, project_days
from estimation.calendar.workdays import WorkCalendar
from estimation.errors import InputError
from estimation.project.amounts import list_few
from estimation.project.estimates import estimated_schedule, estimates_of, without_estimates
from estimation.project.links import dependencies_of, parse_dependencies
from estimation.project.network import NOISE, Network, Schedule, network_from, recorded_schedule
from estimation.tables import PLAN, keep_contract


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan of one project, consistent in itself: made by ``build_plan`` only.

    Parameters
    ----------
    project, name : str
        Id and name of the project.
    milestones : DataFrame keeping the PLAN contract, length n
    calendar : WorkCalendar
        The axis: works on a day when one of the plan's calendars does.
    start : Timestamp
        First working day of the project.
    baseline : Schedule
        The plan's own dates, places on the working-day axis of the calendar; own days are the milestone's own.
    network : Network
        What follows from what. Work does not start before its planned start where that lies later than the plan's own
        links would allow: a gap in a plan is a decision.
    team_days : mapping of place in ``milestones`` to TeamDays
        Only milestones whose own calendar works on fewer days than the axis; empty in most plans.
    unplanned : DataFrame keeping the PLAN contract, or None
        All rows of the project where some are work that no baseline knew: that work, and what waits for it. It is
        followed from the day on which it is first reported, see ``with_added``; then it stands behind the planned
        milestones, with days of its own and without a planned morning and evening.
    reserve : float
        Of a plan of estimates: how many times as long the approved plan is.
    """

    project: str
    name: str
    milestones: pd.DataFrame
    calendar: WorkCalendar
    start: pd.Timestamp
    baseline: Schedule
    network: Network
    team_days: Mapping[int, TeamDays] = field(default_factory=dict)
    unplanned: pd.DataFrame | None = None
    reserve: float = 1.0

    @property
    def is_added(self) -> np.ndarray:
        """Tell which milestones no baseline knew."""
        return np.isnan(self.baseline.evening)

    @property
    def days(self) -> ProjectDays:
        """The days of the plan: its axis and its teams."""
        return ProjectDays(self.calendar, self.team_days)

    @cached_property
    def estimated(self) -> Plan:
        """The plan as its team estimated it, before any factor: the one that is simulated.

        Milestones, links, calendars and dates from outside are those of the approved plan; ``baseline`` is scheduled
        from the estimates, with the gaps of the team's own plan. The plan itself where no estimate differs.
        """
        table, origin, added = self.milestones, self.network.origin, self.is_added
        days, start = estimates_of(table, self.baseline.own_days), table["estimate_start"]
        if start.isna().all() and (np.abs(days - self.baseline.own_days) <= NOISE).all():
            return self
        network = replace(self.network, earliest=np.fmax(0.0, _held_until(self)))
        schedule = estimated_schedule(
            network.without(added),
            self.baseline.counted_from(-origin),
            days,
            self.days.mornings(start) - origin,
        )
        network = with_gaps(network, schedule)
        known = np.where(added, np.nan, origin)
        return replace(
            self,
            milestones=without_estimates(table).assign(baseline_days=days),
            baseline=replace(schedule.counted_from(known), own_days=days),
            network=network,
            reserve=(self.end - origin) / max(np.nanmax(schedule.evening), NOISE),
        )

    @property
    def baseline_finish(self) -> np.ndarray:
        """Finish date of each milestone in the plan.

        Returns
        -------
        datetime64[s] array, length n
        """
        return self.finish_dates(self.baseline.evening)

    @property
    def agreed_finish(self) -> pd.Series:
        """The date agreed for each milestone: the promised one, else the planned one; NaT of added work without one."""
        planned = pd.Series(self.baseline_finish, self.milestones.index)
        return self.milestones["promised_finish"].fillna(planned)

    @property
    def fixed_evenings(self) -> np.ndarray:
        """Evening before which each milestone cannot finish: its ``fixed_finish``; minus infinity without one.

        Work that is done earlier waits for the date; work that takes longer misses it.

        Returns
        -------
        float array, length n, places on the axis
        """
        return self.network.earliest_finish + self.network.origin

    @property
    def end(self) -> float:
        """Planned end of the project: the evening of the milestone planned to finish last, a place on the axis."""
        return float(np.nanmax(self.baseline.evening))

    @property
    def planned_finish(self) -> pd.Timestamp:
        """Planned finish date of the whole project."""
        return pd.Timestamp(self.finish_dates(np.array([self.end]))[0])

    @property
    def promised_finish(self) -> pd.Timestamp:
        """Promised finish of the whole project: that of the milestone planned to finish last; NaT without one."""
        last = self.baseline.evening >= self.end
        return self.milestones["promised_finish"][last].max()

    @property
    def draw_order(self) -> np.ndarray:
        """Places of the milestones by what the plan says of them, whatever the order of its rows: by planned finish."""
        texts = [self.milestones[name].fillna("") for name in ("milestone", "name", "phase")]
        return np.lexsort([*texts, self.baseline.own_days, self.baseline.morning, self.baseline.evening])

    def finish_dates(self, evenings: np.ndarray) -> np.ndarray:
        """Turn evenings on the axis into dates; what is finished on the project's first morning has that day's date.

        Only milestones of no duration finish there. The evening of the working day before is the same place on
        the axis, but a date before the project.

        Returns
        -------
        datetime64[s] array of the same shape
        """
        first = self.calendar.mornings([self.start])[0]
        return self.calendar.evening_dates(np.where(np.equal(evenings, first), first + 1, evenings))


def build_plan(table: pd.DataFrame) -> Plan:
    """Make a plan of its milestone table: find its start, its logic and its planned dates.

    Parameters
    ----------
    table : DataFrame keeping the PLAN contract, one project

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the project has no start date, or a milestone ends up without a planned duration.
    """
    project = table["project"].iloc[0]
    where = f"{table['source'].iloc[0].rsplit(', row', 1)[0]}, project '{project}'"
    days = project_days(table["calendar"])
    starts = table["project_start"].dropna()
    start = starts.iloc[0] if len(starts) else table["baseline_start"].min()
    if pd.isna(start):
        raise InputError(
            f"{where}: no start came; wanted project_start, or baseline_start for the first milestone. "
            "Fill in the date on which the work begins."
        )
    milestones = list(table["milestone"])
    morning = days.axis.mornings([start])[0]
    finish, fixed = days.axis.evenings(table["baseline_finish"]), days.evenings(table["fixed_finish"])
    network = network_from(
        milestones,
        dependencies_of(table),
        origin=morning,
        not_before=days.mornings(table["not_before"]),
        fixed=fixed,
        teams=days.teams,
    )
    # Work towards a fixed date begins when it can, not as late as the date allows.
    no_date = np.isnan(fixed)
    baseline = recorded_schedule(
        replace(
            network,
            earliest_finish=np.fmax(-np.inf, np.where(no_date, fixed, np.fmax(fixed, finish)) - morning),
        ),
        start=days.mornings(table["baseline_start"]) - morning,
        finish=np.where(no_date, finish, np.nan) - morning,
        days=table["baseline_days"].to_numpy(),
    )
    _refuse_backward_work(where, milestones, baseline)
    return Plan(
        project=project,
        name=_first_text(table["project_name"]) or project,
        milestones=table.reset_index(drop=True),
        calendar=days.axis,
        start=pd.Timestamp(days.axis.morning_dates([morning])[0]),
        baseline=baseline.counted_from(morning),
        network=with_gaps(network, baseline),
        team_days=days.teams,
    )


def with_gaps(network: Network, baseline: Schedule) -> Network:
    """A network in which work waits for its planned start where that lies later than its links allow."""
    gap = baseline.morning > baseline.ready + NOISE
    return replace(network, earliest=np.where(gap, baseline.morning, network.earliest))


def with_added(plan: Plan, rows: pd.DataFrame, days: Sequence[float]) -> Plan:
    """The plan with work that no baseline knew, after the planned milestones: it moves them, and not the baseline.

    Parameters
    ----------
    plan : Plan
    rows : DataFrame keeping the PLAN contract
        The added work.
    days : sequence of float
        Its own days. [working days]
    """
    if rows.empty:
        return plan
    known = {*plan.milestones["milestone"], *rows["milestone"]}
    texts = dict(rows[["milestone", "depends_on"]].itertuples(index=False, name=None))
    if plan.unplanned is not None:
        texts |= dict(plan.unplanned[["milestone", "depends_on"]].itertuples(index=False, name=None))
    added, links = set(rows["milestone"]), dependencies_of(plan.milestones)
    for milestone in known:
        text = texts.get(milestone)
        wanted = () if pd.isna(text) else parse_dependencies(text)
        if milestone in added:
            links[milestone] = tuple(link for link in wanted if link.milestone in known)
        else:
            links[milestone] = (*links[milestone], *(link for link in wanted if link.milestone in added))
    whole = keep_contract(pd.concat([plan.milestones, rows], ignore_index=True), PLAN)
    whole = whole.assign(depends_on=["; ".join(map(str, links[one])) for one in whole["milestone"]])
    place = {text: k for k, text in reversed([*enumerate(named_calendars(plan.milestones["calendar"]))])}
    n, new = len(plan.milestones), np.full(len(rows), np.nan)
    same_days = [place.get(text, 0) for text in named_calendars(whole["calendar"])[n:]]
    team_days = {
        **plan.team_days,
        **{n + k: plan.team_days[at] for k, at in enumerate(same_days) if at in plan.team_days},
    }
    all_days = ProjectDays(plan.calendar, team_days)
    network = network_from(
        list(whole["milestone"]),
        links,
        origin=plan.network.origin,
        not_before=all_days.mornings(whole["not_before"]),
        fixed=all_days.evenings(whole["fixed_finish"]),
        teams=team_days,
    )
    held = np.append(plan.network.earliest, network.earliest[n:])  # with the gaps of the plan
    base = plan.baseline
    return replace(
        plan,
        milestones=whole,
        baseline=Schedule(
            *(np.append(each, new) for each in (base.ready, base.morning, base.evening)),
            np.append(base.own_days, days),
            np.append(base.waited, new),
        ),
        network=replace(network, earliest=held),
        team_days=team_days,
    )


def outside_dates(plan: Plan) -> Network | None:
    """What dates set from outside (``not_before``, ``fixed_finish``) hold up, and nothing else; None without any."""
    network, not_before = plan.network, _held_until(plan)
    if np.isnan(not_before).all() and np.isinf(network.earliest_finish).all():
        return None
    return replace(network, earliest=np.where(np.isnan(not_before), -np.inf, not_before), teams={})


def _held_until(plan: Plan) -> np.ndarray:
    """Mornings before which no work may start, set from outside: places after the first morning; NaN without one."""
    return plan.days.mornings(plan.milestones["not_before"]) - plan.network.origin


def _refuse_backward_work(where: str, milestones: list[str], baseline: Schedule) -> None:
    wrong = ~(baseline.own_days >= 0)
    if wrong.any():
        named = list_few(list(np.array(milestones)[wrong]), 5)
        raise InputError(
            f"{where}: no duration follows for milestone {named}: it finishes before its predecessors do, or a "
            "date is missing. Fill in baseline_start or baseline_days, or correct depends_on."
        )


def refuse_no_work(plan: Plan) -> None:
    """Stop when no milestone of a plan takes any time: there is nothing to forecast.

    Raises
    ------
    InputError
    """
    if not (plan.baseline.own_days > 0).any():
        raise InputError(
            f"Plan '{plan.project}': none of its milestones takes any time, so there is nothing to forecast. Fill in "
            "baseline_days, or baseline_start and baseline_finish."
        )


def refuse_contradictions(plan: Plan) -> None:
    """Stop when a plan that was edited says one thing in its days and another in its dates.

    Parameters
    ----------
    plan : Plan

    Raises
    ------
    InputError
        If the days of a milestone and the span of its dates differ by more than one (part days and work of no
        duration may differ by one), if a milestone is planned to start before its project, or if the plan finishes
        it on another day than the one that is fixed.
    """
    table = plan.milestones
    where = f"{table['source'].iloc[0].rsplit(', row', 1)[0]}, project '{plan.project}'"
    dated = (
        table["baseline_start"].notna() & table["baseline_finish"].notna() & table["baseline_days"].notna()
    )
    dated &= table["fixed_finish"].isna()  # work that is done before its fixed date waits for it
    span = plan.days.days_between(plan.baseline.morning, plan.baseline.evening) - plan.baseline.waited
    wrong = dated.to_numpy() & (np.abs(span - table["baseline_days"].to_numpy()) > 1)
    if wrong.any():
        named = "; ".join(
            f"{row.milestone} says {row.baseline_days:g} days, its dates span {days:g}"
            for row, days in zip(table[wrong].head(5).itertuples(), span[wrong], strict=False)
        )
        raise InputError(
            f"{where}: baseline_days and the dates contradict each other ({named}). Correct one of them; or empty "
            "baseline_days so that the dates speak, or baseline_start and baseline_finish so that the days do."
        )
    early = (table["baseline_start"] < table["project_start"]).to_numpy()
    if early.any():
        named = list_few(list(table["milestone"][early]), 5)
        raise InputError(
            f"{where}: milestone {named} is planned to start before the project does. Correct project_start, or empty "
            "baseline_start and baseline_finish so that the dates follow from it."
        )
    fixed, stated = plan.fixed_evenings, table["baseline_finish"].to_numpy()
    if plan.estimated is not plan:  # that it takes longer than its date allows is what the factor says
        plan, stated = plan.estimated, plan.estimated.baseline_finish
    planned = np.where(np.isnat(stated) | (plan.baseline.evening > fixed), plan.baseline_finish, stated)
    missed = np.isfinite(fixed) & (plan.days.evenings(planned) != fixed)
    if missed.any():
        named = "; ".join(
            f"{row.milestone} is fixed on {row.fixed_finish:%Y-%m-%d} and planned for {finish:%Y-%m-%d}"
            for row, finish in zip(table[missed].itertuples(), pd.to_datetime(planned[missed]), strict=True)
        )
        raise InputError(
            f"{where}: the plan and its fixed dates contradict each other ({named}). Correct baseline_finish, shorten "
            "the work before it, or write a date that may be missed under promised_finish instead of fixed_finish."
        )


def _first_text(column: pd.Series) -> str:
    filled = column.dropna()
    return filled.iloc[0] if len(filled) else ""
