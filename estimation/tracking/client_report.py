"""The status of a running project as its client needs it: dates beside the agreed ones, delays, needs, next steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.errors import InputError
from estimation.project.closing import is_added, plan_of
from estimation.project.plan import Plan
from estimation.project.progress import state_of
from estimation.project.remaining_work import planned_rest
from estimation.project.standing import expected_course, latest_reports, status_dates
from estimation.tables import HISTORY, STATUS, empty_table, keep_contract
from estimation.tracking.client_moves import agreed_finish, client_moves, unexplained_moves
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
from estimation.tracking.inherited_delay import effect_of, inherited_dates
from estimation.tracking.moves import SILENT

DONE, CANCELLED, OVERDUE, LATE, ON_TIME = "done", "cancelled", "overdue", "late", "on time"
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
    that are none of CLIENT_CAUSES. Updates of work that no baseline knew are left out with it.
    """
    plan = history.loc[history["project"] == project, list(PLAN_FOR_CLIENT)]
    added = set(plan.loc[is_added(plan), "milestone"])
    said = status.loc[
        (status["project"] == project) & ~status["milestone"].isin(added), list(STATUS_FOR_CLIENT)
    ]
    said = said.assign(cause=said["cause"].where(said["cause"].isin(CLIENT_CAUSES)))
    return keep_contract(plan, HISTORY), keep_contract(said, STATUS)


def client_report(
    history: pd.DataFrame, status: pd.DataFrame, project: str, *, as_of: DateLike
) -> ClientReport:
    """Tell a client how its project stands: every date beside the agreed one, and what follows from it.

    A new date is the later of what the team expects and what the work left allows at planned durations, and moves
    with the work before it: a date that only holds if days are won back is not told as if it held. What was told on
    the last status date is worked out by the same rule.

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
    days = status_dates(plan, own_status, day)
    previous = days[-2] if len(days) > 1 else plan.start
    now, before = _dates(plan, own_status, day), _dates(plan, own_status, previous)
    agreed = agreed_finish(plan)
    late = plan.calendar.slip(agreed, now["new_finish"])
    ids = plan.milestones.set_index("milestone", drop=False)
    milestones = keep_contract(
        ids.assign(
            agreed_finish=agreed.to_numpy(),
            previous_finish=before["new_finish"].to_numpy() if len(days) > 1 else agreed.to_numpy(),
            new_finish=now["new_finish"].to_numpy(),
            late_days=late,
            own_late_days=now["own_late_days"].to_numpy(),
            state=np.select(
                [now["cancelled"], now["done"], (agreed.to_numpy() < day) & ~now["new_given"], late > 0],
                [CANCELLED, DONE, OVERDUE, LATE],
                ON_TIME,
            ),
            just_done=(now["done"] & ~now["cancelled"] & ~before["done"]).to_numpy(),
            started=now["started"].to_numpy(),
            start=now["start"].to_numpy(),
        ),
        CLIENT_MILESTONES,
    )
    effects, moves = _effects(plan, milestones), client_moves(plan, own_status, as_of=day)
    unsaid = _unsaid_moves(plan, own_status, milestones, moves, day)
    moves = keep_contract(pd.concat([moves, unsaid]), CLIENT_MOVES) if len(unsaid) else moves
    facts = _facts(plan, milestones, day, previous)
    return ClientReport(
        facts=facts,
        milestones=milestones,
        delays=_delays(milestones, effects, moves, latest_reports(plan, own_status, day), day),
        effects=effects,
        moves=moves,
        needs=_needs(plan, milestones, day, end_is_late=facts["late_days"] > 0),
        next_steps=_next_steps(milestones, day),
    )


def _dates(plan: Plan, status: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Say when each milestone is done, or now will be, and what it adds to that itself."""
    course, state = expected_course(plan, status, day), state_of(plan, status, day)
    latest = latest_reports(plan, status, day)
    origin = plan.calendar.mornings([plan.start])[0]
    expected = plan.days.evenings(course["expected_finish"])
    possible = origin + state.now + planned_rest(plan, state)
    done = course["done"].to_numpy()
    alone = np.where(done, expected, np.maximum(expected, possible))
    whole = inherited_dates(plan, alone, begun=origin + state.start, done=done)
    mornings = np.where(course["started"], whole.morning, np.maximum(whole.morning, origin + state.now))
    return pd.DataFrame(
        {
            "new_finish": np.where(done, course["expected_finish"], plan.finish_dates(whole.evening)),
            "own_late_days": whole.evening - whole.forced,
            "done": done,
            "cancelled": done & latest["actual_finish"].isna().to_numpy(),
            "new_given": (latest["forecast_finish"] > day).to_numpy(),
            "started": course["started"].to_numpy(),
            "start": plan.calendar.morning_dates(mornings),
        },
        index=course.index,
    )


def _unsaid_moves(
    plan: Plan, status: pd.DataFrame, milestones: pd.DataFrame, moves: pd.DataFrame, day: pd.Timestamp
) -> pd.DataFrame:
    """Find open milestones told later than anybody said, by days lost since a reason or a cause was last given.

    Work left that grew, and work on which time went by, move the date a client is told as a forecast does.
    """
    milestones = milestones.set_index("milestone", drop=False)
    own = status[status["as_of"] <= day].sort_values("as_of", kind="stable").groupby("milestone")
    said = own["forecast_finish"].last().reindex(milestones.index).fillna(milestones["agreed_finish"])
    why = status[(status["as_of"] <= day) & (status["reason"].notna() | status["cause"].notna())]
    old, lost = milestones["agreed_finish"].copy(), milestones["own_late_days"].copy()
    explained_on = why.groupby("milestone")["as_of"].max()
    for known in explained_on.unique():
        ids = explained_on.index[explained_on == known]
        then = _dates(plan, status, known).loc[ids]
        old[ids], lost[ids] = then["new_finish"], lost[ids] - then["own_late_days"]
    new = milestones["new_finish"]
    later = (new > said) & (new > milestones["agreed_finish"]) & (lost >= 1) & ~milestones["state"].isin(OVER)
    unsaid = milestones[later & ~milestones["milestone"].isin(unexplained_moves(moves)["milestone"])]
    return unsaid.assign(
        as_of=day,
        week=len(status_dates(plan, status, day)),
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
    agreed = plan.baseline_finish.max() if pd.isna(promised) else promised
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


def _effects(plan: Plan, milestones: pd.DataFrame) -> pd.DataFrame:
    """Follow each delay to the milestones that are not done and move with it."""
    late = milestones[["agreed_finish", "new_finish", "late_days", "state"]]
    own = milestones["own_late_days"].to_numpy()
    parts = []
    for row in milestones[milestones["own_late_days"] >= 1].itertuples():
        days = np.minimum(effect_of(plan, own, row.milestone), late["late_days"])
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
    lost = milestones[(milestones["own_late_days"] >= 1) & (milestones["late_days"] >= 1)]
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
