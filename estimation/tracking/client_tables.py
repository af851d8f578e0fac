"""What a client may be shown: the columns that are let in, and the columns of the report made from them.

Everything is named that may pass; what is not named here cannot reach a client, whatever columns a table gains.
"""

from __future__ import annotations

from collections.abc import Mapping

from estimation.project.causes import CAUSE_CODES
from estimation.tables import BASELINE, COURSE, IDENTITY, LOGIC, MOVES, ORIGIN, STATUS, Column, Contract
from estimation.tracking.tracking_tables import NAMED

PLAN_FOR_CLIENT: Contract = {
    **{
        name: IDENTITY[name]
        for name in ("project", "milestone", "phase", "project_name", "name", "client_summary")
    },
    **{
        name: BASELINE[name]
        for name in (
            "project_start",
            "baseline_start",
            "baseline_finish",
            "baseline_days",
            "baseline_version",
            "promised_finish",
            "not_before",
            "fixed_finish",
        )
    },
    **LOGIC,
    "added_after_baseline": COURSE["added_after_baseline"],
    "source": ORIGIN["source"],
}
"""Columns of the plan that the dates are worked out from. ``source`` serves error messages and is in no table below."""

STATUS_FOR_CLIENT: Contract = {
    **{name: STATUS[name] for name in ("project", "milestone", "as_of")},
    **{
        name: COURSE[name]
        for name in (
            "actual_start",
            "actual_finish",
            "forecast_finish",
            "remaining_days",
            "percent_complete",
            "added_after_baseline",
            "closed_as",
        )
    },
    **{
        name: MOVES[name]
        for name in ("reason", "told_client_on", "cause", "recovery_plan", "recovery_finish", "updated_on")
    },
}
"""Columns of the status updates that the report is made from."""

CLIENT_CAUSES = tuple(code for code in CAUSE_CODES if code != "other")
"""Coded causes for which there are words towards a client; any other text under ``cause`` stays inside."""

AGREED = Column.date(
    "date agreed with the client: the promised one, else that of the plan agreed at the start"
)
NEW = Column.date("done on, else the date on which it is expected, never before the work it waits for")
LATE = Column.days("new date minus agreed date, late is positive")
OWN_LATE = Column.days("part of it that the milestone itself adds")
STATE = Column.text("done, cancelled, overdue (late, and no new date given), late or on time")

CLIENT_MILESTONES: Contract = {
    **NAMED,
    "client_summary": IDENTITY["client_summary"],
    "agreed_finish": AGREED,
    "previous_finish": Column.date("new date as the report before this one had it"),
    "new_finish": NEW,
    "late_days": LATE,
    "own_late_days": OWN_LATE,
    "state": STATE,
    "just_done": Column.flag("done since the last report"),
    "started": Column.flag("work has begun"),
    "start": Column.date("morning on which the work began or is now expected to"),
    "former_finish": Column.date("when it was reported done before it was opened again"),
    "reopened_on": Column.date("status date on which it was opened again; empty where it was not"),
}

DELAYS: Contract = {
    **NAMED,
    "client_summary": IDENTITY["client_summary"],
    "agreed_finish": AGREED,
    "new_finish": NEW,
    "late_days": LATE,
    "own_late_days": OWN_LATE,
    "state": STATE,
    **{
        name: MOVES[name]
        for name in ("reason", "told_client_on", "cause", "recovery_plan", "recovery_finish")
    },
}

EFFECTS: Contract = {
    "milestone": Column.text("milestone that lost days"),
    "moved": Column.text("later milestone that moves with it"),
    "name": Column.text("name of the later milestone"),
    "agreed_finish": AGREED,
    "new_finish": NEW,
    "moved_days": Column.days("how much of its delay comes from there", least=0),
}

CLIENT_MOVES: Contract = {
    **NAMED,
    "as_of": STATUS["as_of"],
    "week": Column.count("number of the status date, the first is 1"),
    "old_finish": Column.date("date before; at first the agreed one"),
    "new_finish": Column.date("date since"),
    "move_days": Column.days("new minus old, later is positive"),
    "kind": Column.text("explained, not told (a reason, told by this report) or silent"),
    "reason": MOVES["reason"],
    "told_client_on": MOVES["told_client_on"],
    "needs_reason": Column.flag("the date came later, or that of open work was drawn in"),
    "handed_down": Column.flag("a predecessor moved at least as far, the same way, in the same update"),
}

NEEDS: Contract = {
    "by": Column.date("day by which it is needed"),
    "kind": Column.text("act: somebody must do something; decide: an answer on the new end date"),
    **NAMED,
    "waiting_on": LOGIC["waiting_on"],
    "now": Column.flag("the work waits for it already"),
}

NEXT_STEPS: Contract = {
    "date": Column.date("when"),
    "step": Column.text("starts or due"),
    **NAMED,
    "agreed_finish": AGREED,
}

CLIENT_TABLES: Mapping[str, Contract] = {
    "milestones": CLIENT_MILESTONES,
    "delays": DELAYS,
    "effects": EFFECTS,
    "moves": CLIENT_MOVES,
    "needs": NEEDS,
    "next_steps": NEXT_STEPS,
}
"""The tables of a client report by their names in its package."""
