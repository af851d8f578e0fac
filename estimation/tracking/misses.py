"""Missed milestones: what is on record of each miss, what is missing, and how long the client waited for word."""

from __future__ import annotations

import pandas as pd

from estimation.calendar.workdays import DateLike, status_day
from estimation.findings import ERROR, WARNING
from estimation.project.amounts import days_words
from estimation.project.causes import OVERTIME
from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, standing_of
from estimation.tables import keep_contract
from estimation.tracking.impossible_dates import dates_left_behind
from estimation.tracking.milestone_findings import findings_about
from estimation.tracking.tracking_tables import MISSES, RUNNING_FINDINGS

CONSENT = "consent to the overtime"
RECORD = {
    "acknowledged_on": "acknowledgement",
    "cause": "cause",
    "cause_note": "explanation",
    "told_client_on": "word to the client",
}
"""What the record of every miss needs."""
RECOVERY = {
    "recovery_plan": "recovery plan",
    "recovery_kind": "kind of recovery",
    "recovery_owner": "owner of the recovery",
    "recovery_finish": "date of the recovery",
}
"""What it needs besides while the milestone is open."""
WHOLE_RECOVERY = "recovery plan with its kind, owner and date"
NEW_RECOVERY = "recovery plan that is not over"
DATES = "dates of what waits for it"


def missed_milestones(
    plan: Plan,
    status: pd.DataFrame | Standings | Standing,
    *,
    as_of: DateLike,
    portfolio: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """List the milestones that were not done on their planned date (MISSES): what is on record, what is asked for.

    Every miss needs an acknowledgement, a coded cause, an explanation and a word to the client; while it is open a
    recovery plan with its kind, owner and date, and new dates for what waits for it. A recovery whose date is over
    while the milestone is open has failed: another is asked for. Overtime needs consent. What a table of running
    projects has on record counts where the status updates say nothing.

    The client has heard on the first date told in an update that expected it late or came after its date. Dates of
    open milestones behind count as untouched when nobody has touched them after the planned date, or when they were
    left too early (see ``dates_left_behind``).
    """
    standing = standing_of(plan, status, as_of)
    plan, day, over = standing.plan, standing.as_of, standing.state.is_cancelled
    table = plan.milestones.set_index("milestone").assign(baseline_finish=plan.baseline_finish)
    latest = standing.latest.assign(told_client_on=_first_told(standing))
    table = table.join(latest["actual_finish"]).join(_with_records(latest, plan, portfolio, day))
    ended = table["actual_finish"].fillna(day)
    late = plan.calendar.slip(table["baseline_finish"], ended)
    missed = (
        (ended > table["baseline_finish"]).to_numpy() & ~over & ((late >= 1) | table["actual_finish"].isna())
    )
    heard = table["told_client_on"].fillna(day)
    table = table.assign(
        late_days=late,
        word_days=plan.calendar.slip(table["baseline_finish"], heard),
        **_behind(standing),
    )
    table = table[missed].reset_index()
    return keep_contract(
        table.assign(asked_for=[_asked_for(row, day) for row in table.to_dict("records")]), MISSES
    )


def miss_findings(misses: pd.DataFrame, *, as_of: DateLike) -> pd.DataFrame:
    """Ask for what the record of a miss lacks; flag overtime nobody agreed to, and clients who were told late.

    Days lost are those the client waited, or has waited so far, for word of the miss.
    """
    asked = misses[misses["asked_for"].notna()]
    forced = misses[misses["asked_for"].fillna("").str.contains(CONSENT, regex=False)]
    told_late = misses[misses["told_client_on"].notna() & (misses["word_days"] > 0)]
    waiting = asked["word_days"].where(asked["told_client_on"].isna()).clip(lower=0)
    tables = [
        findings_about(
            forced,
            "overtime-without-consent",
            ERROR,
            "to be recovered by overtime, and nobody said that those who work it agree",
            "Ask them; else take resources, scope or an extension.",
        ),
        findings_about(
            asked.assign(late=asked["late_days"].map(days_words)),
            "miss-without-record",
            WARNING,
            "missed {baseline_finish:%Y-%m-%d} by {late}; asked for: {asked_for}",
            "Fill in what is asked for, the open ones first.",
            lost_days=waiting,
        ),
        findings_about(
            told_late.assign(later=told_late["word_days"].map(days_words)),
            "client-told-late",
            WARNING,
            "missed {baseline_finish:%Y-%m-%d}; the client was told on {told_client_on:%Y-%m-%d}, {later} later",
            "Tell the client when the forecast passes the date, not after it.",
            lost_days=told_late["word_days"],
        ),
    ]
    found = pd.concat(tables, ignore_index=True)
    return keep_contract(found.assign(as_of=status_day(as_of)), RUNNING_FINDINGS)


def with_recorded_causes(board: pd.DataFrame, plan: Plan, portfolio: pd.DataFrame, *, as_of) -> pd.DataFrame:
    """Fill in the causes of a board that only the table of running projects has on record."""
    told = _with_records(board.set_index("milestone"), plan, portfolio, status_day(as_of), names=("cause",))
    return board.assign(cause=told["cause"].to_numpy()).astype({"cause": board["cause"].dtype})


def _with_records(
    told: pd.DataFrame,
    plan: Plan,
    portfolio: pd.DataFrame | None,
    day: pd.Timestamp,
    names=(*RECORD, *RECOVERY),
) -> pd.DataFrame:
    """Take the record of each milestone from what was told, else from the table of the projects as it was by then."""
    told = told[list(names)]
    if portfolio is None:
        return told
    own = portfolio[(portfolio["project"] == plan.project) & ~(portfolio["updated_on"] > day)]
    own = own.drop_duplicates("milestone", keep="last").set_index("milestone")[list(names)]
    return told.fillna(own.reindex(told.index))


def _first_told(standing: Standing) -> pd.Series:
    """Find when the client first heard of each milestone being late."""
    plan, day, rows = standing.plan, standing.as_of, standing.among.reports.rows
    planned, own = pd.Series(plan.baseline_finish, plan.milestones["milestone"]), rows[rows["as_of"] <= day]
    due = own["milestone"].map(planned)
    about = own[(own["forecast_finish"] > due) | (own["as_of"] > due)]
    told = about[about["told_client_on"] <= day].groupby("milestone")["told_client_on"].min()
    return told.reindex(planned.index).astype("datetime64[s]")


def _behind(standing: Standing) -> dict[str, list[int]]:
    """Count the open milestones behind each one, and those whose date nobody has brought up to date since."""
    plan, latest = standing.plan, standing.latest
    touched = latest["updated_on"].fillna(latest["as_of"])
    ended = dict(zip(latest.index, standing.state.is_over, strict=True))
    left = set(dates_left_behind(plan, standing, standing.as_of)["milestone"])
    planned = dict(zip(plan.milestones["milestone"], pd.to_datetime(plan.baseline_finish), strict=True))
    ids = list(planned)
    behind = {one: [ids[k] for k in plan.network.behind(place)] for place, one in enumerate(ids)}
    open_behind = {one: [each for each in found if not ended[each]] for one, found in behind.items()}
    return {
        "n_behind": [len(open_behind[one]) for one in planned],
        "n_untouched": [
            sum(each in left or not touched[each] > due for each in open_behind[one])
            for one, due in planned.items()
        ],
    }


def _asked_for(row: dict, day: pd.Timestamp) -> str | None:
    """List what the record of one miss lacks."""
    asked = [words for name, words in RECORD.items() if pd.isna(row[name])]
    if pd.isna(row["actual_finish"]):
        lacks = [words for name, words in RECOVERY.items() if pd.isna(row[name])]
        asked += [WHOLE_RECOVERY] if len(lacks) == len(RECOVERY) else lacks
        if row["recovery_finish"] < day:
            asked.append(NEW_RECOVERY)
        if row["recovery_kind"] == OVERTIME:
            asked.append(CONSENT)
    if row["n_untouched"]:
        asked.append(DATES)
    return "; ".join(asked) or None
