"""The status of a running project as its client needs it: dates beside the agreed ones, delays, needs, next steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.errors import InputError
from estimation.project.closing import plan_of
from estimation.project.plan import Plan
from estimation.project.standing import CANCELLED, DONE, Standing, standings_of
from estimation.tables import HISTORY, STATUS, empty_table, keep_contract
from estimation.tracking.client_moves import client_moves, unexplained_moves
from estimation.tracking.client_tables import (
    CLIENT_CAUSES,
    CLIENT_MILESTONES,
    CLIENT_MOVES,
    DELAYS,
    EFFECTS,
    NEEDS,
    NEXT_STEPS,
    PLAN_FOR_CLIENT,
    STATUS_FOR_CLIENT,
)
from estimation.tracking.inherited_delay import effect_of
from estimation.tracking.moves import SILENT
from estimation.tracking.slip_parts import inherited_days, own_late_days

OVERDUE, LATE, ON_TIME = "overdue", "late", "on time"
OVER = (DONE, CANCELLED)
ACT, DECIDE = "act", "decide"
NEXT = pd.Timedelta(days=14)
ANSWER_DAYS = 5
"""Working days within which an answer on a new end date is asked for."""


@dataclass(frozen=True, eq=False)
class ClientReport:
    """What a client is told of a project.

    Facts of the whole project: ``project_name``; ``as_of``, ``previous_as_of`` (of the last report);
    ``agreed_finish``, ``previous_finish``, ``new_finish`` and ``late_days``; ``n_done`` of ``n_milestones``, those
    that were cancelled left out; ``end_promised``, whether the agreed end is one that was promised, and
    ``n_promised``, how many milestones have a promised date. The tables keep the contracts of ``client_tables``.
    Delays are milestones that lose days by themselves and are late, or make others late. Moves are those of
    ``client_moves``; and, silent, where a date is told later than anybody said and the days were lost since a reason
    or a cause was last given.
    """

    facts: dict[str, Any]
    milestones: pd.DataFrame
    delays: pd.DataFrame
    effects: pd.DataFrame
    moves: pd.DataFrame
    needs: pd.DataFrame
    next_steps: pd.DataFrame


def for_client(
    history: pd.DataFrame, status: pd.DataFrame, project: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep of all data what the client of one project may be shown, and what its dates follow from.

    The rows of the project alone; all columns but those of PLAN_FOR_CLIENT and STATUS_FOR_CLIENT are empty, and causes
    that are none of CLIENT_CAUSES.
    """
    plan = history.loc[history["project"] == project, list(PLAN_FOR_CLIENT)]
    said = status.loc[status["project"] == project, list(STATUS_FOR_CLIENT)]
    said = said.assign(cause=said["cause"].where(said["cause"].isin(CLIENT_CAUSES)))
    return keep_contract(plan, HISTORY), keep_contract(said, STATUS)


def client_report(
    history: pd.DataFrame, status: pd.DataFrame, project: str, *, as_of: DateLike
) -> ClientReport:
    """Tell a client how its project stands: every date beside the agreed one, and what follows from it.

    A new date is the one at which the milestone is expected, as in the weekly review: what the team said last, grown
    older, and never before the work it waits for. What was told on the last status date is worked out by the same rule.

    Raises
    ------
    InputError
        If the history does not have the project, nothing of it was reported up to the status date, or the status
        names a milestone that the plan does not have.
    """
    own_history, own_status = for_client(history, status, project)
    plan = plan_of(own_history if len(own_history) else history, project)
    day = status_day(as_of)
    if not (own_status["as_of"] <= day).any():
        raise InputError(
            f"There is no status update of project '{project}' up to {day:%Y-%m-%d}; a report to its client needs one. "
            "Add it to the status table, or name a later status date."
        )
    standings = standings_of(plan, own_status)
    days = standings.dates(day)
    now, before = standings.on(day), standings.on(days[-2] if len(days) > 1 else plan.start)
    milestones = _milestones(now, before, first=len(days) < 2)
    effects, moves = _effects(now, milestones), client_moves(plan, standings, as_of=day)
    unsaid = _unsaid_moves(now, milestones, moves)
    moves = keep_contract(pd.concat([moves, unsaid]), CLIENT_MOVES) if len(unsaid) else moves
    facts = _facts(plan, milestones, day, before.as_of)
    return ClientReport(
        facts=facts,
        milestones=milestones,
        delays=_delays(milestones, effects, moves, now.latest, day),
        effects=effects,
        moves=moves,
        needs=_needs(now.plan, milestones, day, end_is_late=facts["late_days"] > 0),
        next_steps=_next_steps(milestones, day),
    )


def _milestones(now: Standing, before: Standing, *, first: bool) -> pd.DataFrame:
    """Put of each milestone the date now expected beside the agreed one, and beside that of the report before."""
    course = now.table.set_index("milestone", drop=False)
    was = before.table.set_index("milestone").reindex(course.index)
    agreed, done = course["agreed_finish"], course["state"] == DONE
    new_given = (now.latest["forecast_finish"] > now.as_of).to_numpy()
    overdue = (agreed < now.as_of) & ~new_given
    return keep_contract(
        course.assign(
            client_summary=now.plan.milestones["client_summary"].array,
            previous_finish=agreed if first else was["expected_finish"],
            new_finish=course["expected_finish"],
            own_late_days=own_late_days(now),
            state=np.select(
                [course["state"] == CANCELLED, done, overdue, course["late_days"] > 0],
                [CANCELLED, DONE, OVERDUE, LATE],
                ON_TIME,
            ),
            just_done=done & (was["state"] != DONE),
            started=course["start"].notna(),
            start=course["expected_start"],
        ),
        CLIENT_MILESTONES,
    )


def _unsaid_moves(now: Standing, milestones: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """Find open milestones told later than anybody said, by days lost since a reason or a cause was last given.

    Work left that grew, and work on which time went by, move the date a client is told as a forecast does.
    """
    milestones = milestones.set_index("milestone", drop=False)
    plan, day, rows = now.plan, now.as_of, now.among.reports.rows
    said = now.latest["forecast_finish"].fillna(milestones["agreed_finish"])
    why = rows[(rows["as_of"] <= day) & (rows["reason"].notna() | rows["cause"].notna())]
    old, lost = milestones["agreed_finish"].copy(), milestones["own_late_days"].copy()
    explained_on = why.groupby("milestone")["as_of"].max()
    for known in explained_on.unique():
        ids, then = explained_on.index[explained_on == known], now.among.on(known)
        at = then.table.assign(lost=own_late_days(then)).set_index("milestone").loc[ids]
        old[ids], lost[ids] = at["expected_finish"], lost[ids] - at["lost"]
    new = milestones["new_finish"]
    later = (new > said) & (new > milestones["agreed_finish"]) & (lost >= 1) & ~milestones["state"].isin(OVER)
    unsaid = milestones[later & ~milestones["milestone"].isin(unexplained_moves(moves)["milestone"])]
    return unsaid.assign(
        as_of=day,
        week=len(now.among.dates(day)),
        old_finish=old[unsaid.index],
        move_days=plan.calendar.slip(old[unsaid.index], unsaid["new_finish"]),
        kind=SILENT,
        reason=None,
        told_client_on=pd.NaT,
        needs_reason=True,
        handed_down=False,
    )


def _facts(plan: Plan, milestones: pd.DataFrame, day: pd.Timestamp, previous: pd.Timestamp) -> dict[str, Any]:
    """Sum up the whole project."""
    promised = plan.promised_finish
    agreed = plan.planned_finish if pd.isna(promised) else promised
    new = milestones["new_finish"].max()
    return {
        "project_name": plan.name,
        "as_of": day,
        "previous_as_of": previous,
        "agreed_finish": pd.Timestamp(agreed),
        "previous_finish": milestones["previous_finish"].max(),
        "new_finish": new,
        "late_days": float(plan.calendar.slip([agreed], [new])[0]),
        "n_done": int((milestones["state"] == DONE).sum()),
        "n_milestones": int((milestones["state"] != CANCELLED).sum()),
        "end_promised": bool(pd.notna(promised)),
        "n_promised": int(plan.milestones["promised_finish"].notna().sum()),
    }


def _effects(now: Standing, milestones: pd.DataFrame) -> pd.DataFrame:
    """Follow each delay to the milestones that are not done and move with it."""
    plan, added, over = now.among.reports.plan, now.plan.is_added, now.state.is_over
    handed = np.where(added, np.inf, np.nan_to_num(inherited_days(now)))
    late = milestones[["agreed_finish", "new_finish", "late_days", "state"]]
    own = milestones["own_late_days"].to_numpy()
    parts = []
    for place, row in enumerate(milestones.itertuples()):
        if not row.own_late_days >= 1:
            continue
        days = np.full(len(milestones), row.own_late_days)
        if not added[place]:
            days[~added] = effect_of(plan, own[~added], row.milestone)
        # Nothing open moves work that is over and what follows it; nor is more handed down than what each inherits.
        through = None if over[place] else ~over
        behind = np.isin(np.arange(len(days)), list(now.plan.network.behind(place, through)))
        days = np.where(behind, np.minimum(np.minimum(days, handed), late["late_days"]), 0.0)
        moved = (days >= 1) & ~late["state"].isin(OVER)
        parts.append(
            late[moved].assign(
                milestone=row.milestone,
                moved=milestones["milestone"][moved],
                name=milestones["name"][moved],
                moved_days=days[moved],
            )
        )
    return keep_contract(pd.concat(parts), EFFECTS) if parts else empty_table(EFFECTS)


def _delays(
    milestones: pd.DataFrame,
    effects: pd.DataFrame,
    moves: pd.DataFrame,
    latest: pd.DataFrame,
    day: pd.Timestamp,
) -> pd.DataFrame:
    """Take the milestones that lose days by themselves, with why and what is done: open ones first, then the latest."""
    own = moves[moves["reason"].notna() & ~moves["handed_down"] & (moves["move_days"] > 0)].groupby(
        "milestone"
    )
    told_on = own["told_client_on"].agg(lambda dates: dates.max() if dates.notna().all() else pd.NaT)
    said = pd.DataFrame({"reason": own["reason"].agg(_together), "told_client_on": told_on}).reindex(
        latest.index
    )
    told = latest[["cause", "recovery_plan", "recovery_finish"]].assign(
        reason=said["reason"].fillna(latest["reason"]),
        told_client_on=said["told_client_on"].where(said["reason"].notna(), latest["told_client_on"]),
    )
    ends_late = milestones["agreed_finish"].isna() & (
        milestones["new_finish"] > milestones["agreed_finish"].max()
    )
    late = (milestones["late_days"] >= 1) | milestones["milestone"].isin(effects["milestone"]) | ends_late
    lost = milestones[(milestones["own_late_days"] >= 1) & late]
    matters = (lost["state"] != DONE) | lost["milestone"].isin(effects["milestone"]) | lost["just_done"]
    table = lost[matters].merge(told.reset_index(), on="milestone", validate="1:1")
    table["recovery_finish"] = table["recovery_finish"].where(table["recovery_finish"] >= day)
    order = np.lexsort((-table["own_late_days"], ~table["just_done"], table["state"] == DONE))
    return keep_contract(table.iloc[order], DELAYS)


def _together(reasons: pd.Series) -> str:
    """Put the reasons of several moves one after the other, each once."""
    sentences = [" ".join(reason.split()) for reason in reasons.drop_duplicates()]
    return " ".join(each if each[-1:] in ".!?" else f"{each}." for each in sentences)


def _needs(plan: Plan, milestones: pd.DataFrame, day: pd.Timestamp, *, end_is_late: bool) -> pd.DataFrame:
    """List who outside must act by when, and the answer that a later end needs."""
    open_ = milestones[~milestones["state"].isin(OVER)]
    waits = plan.milestones["waiting_on"].notna() & ~milestones["state"].isin(OVER)
    act = milestones[waits].assign(
        waiting_on=plan.milestones["waiting_on"][waits],
        kind=ACT,
        by=milestones["start"][waits].clip(lower=day),
        now=milestones["started"][waits] | (milestones["start"][waits] <= day),
    )
    last = open_[open_["new_finish"] == milestones["new_finish"].max()].tail(1 if end_is_late else 0)
    answer = plan.calendar.evening_dates(plan.calendar.evenings([day]) + ANSWER_DAYS)[0]
    by = last["new_finish"].clip(upper=pd.Timestamp(answer))
    decide = last.assign(waiting_on=None, kind=DECIDE, by=by, now=False)
    table = pd.concat([part for part in (decide, act) if len(part)] or [act])
    return keep_contract(table.sort_values("by", kind="stable"), NEEDS)


def _next_steps(milestones: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """List what starts and what is due within the next two weeks."""
    open_ = milestones[~milestones["state"].isin(OVER)]
    until = day + NEXT
    done = open_[open_["new_finish"] <= until].assign(step="due", date=lambda rows: rows["new_finish"])
    starts = open_[~open_["started"] & (open_["start"] <= until) & (open_["new_finish"] > until)]
    starts = starts.assign(step="starts", date=starts["start"])
    return keep_contract(pd.concat([done, starts]).sort_values("date", kind="stable"), NEXT_STEPS)
