"""What changed since the last review: what began, was finished, moved, or stands otherwise."""

from __future__ import annotations

import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.project.plan import Plan
from estimation.project.standing import DONE, Standing, Standings, standings_of
from estimation.tables import empty_table, keep_contract
from estimation.tracking.tracking_tables import CHANGES


def changes_since_review(
    plan: Plan,
    status: pd.DataFrame | Standings | Standing,
    moves: pd.DataFrame,
    evidence: pd.DataFrame,
    *,
    as_of: DateLike,
) -> pd.DataFrame:
    """Put each milestone beside what it was at the status date before (CHANGES); what did not change is left out.

    Without a status date before this one nothing has changed.
    """
    standings = standings_of(plan, status)
    days = standings.dates(as_of)
    if len(days) < 2:
        return empty_table(CHANGES)
    now, was = (
        standings.on(day).table.set_index("milestone").assign(evidence=_evidence_on(evidence, day))
        for day in (days[-1], days[-2])
    )
    was, plan = was.reindex(now.index), standings.on(days[-1]).plan
    said = moves[moves["as_of"] == days[-1]].set_index("milestone")[["kind", "handed_down", "reason"]]
    table = plan.milestones.set_index("milestone")[["name", "owner"]].assign(
        begun=now["start"].notna() & was["start"].isna(),
        finished=(now["state"] == DONE) & (was["state"] != DONE),
        old_status=was["status"],
        status=now["status"],
        old_evidence=was["evidence"],
        evidence=now["evidence"],
        old_finish=was["expected_finish"],
        new_finish=now["expected_finish"],
        move_days=plan.calendar.slip(was["expected_finish"], now["expected_finish"]),
    )
    table = table.join(said)
    other = (
        (table["status"] != table["old_status"])
        | (table["evidence"].fillna("") != table["old_evidence"].fillna(""))
        | (table["move_days"].fillna(0) != 0)
    )
    return keep_contract(table[other | table["begun"] | table["finished"]].reset_index(), CHANGES)


def _evidence_on(evidence: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    return evidence[evidence["as_of"] == day].set_index("milestone")["evidence"]
