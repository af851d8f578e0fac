"""The tables of the weekly review: risks, changes, misses, the cascade, time forecasts, findings, the agenda."""

from __future__ import annotations

import re

import pandas as pd

from estimation.pages.displays import MISSING, shown_date, shown_dates, shown_value
from estimation.pages.labels import code_label, with_labels
from estimation.project.amounts import chance, count, days_words
from estimation.project.statuses import LATE, OVER
from estimation.tracking import agenda as on_agenda
from estimation.tracking import risks as on_risks
from estimation.tracking.tracking_tables import ACTIONS

SECTIONS = {
    "decide": "Decide",
    "escalate": "Escalate",
    "explain": "Explain",
    "record": "Complete the records",
    "next fourteen days": "Next fourteen days",
    "complete the plan": "Complete the plan",
    "celebrate": "Celebrate",
}
ACTION_TEXTS = {
    on_agenda.TELL: "{what} by the evidence: cut scope, add people, or agree a new date with the client",
    on_risks.AGREE: "{what}: agree a recovery plan",
    on_risks.FOLLOW: "{what}: does the recovery plan hold?",
    on_risks.MOVE_WITH: "handed down: the dates follow from what is decided above",
    on_agenda.MOVE_DATES: "on old dates behind {what}, which is late: move them",
    on_agenda.CALL: "{what}",
    on_agenda.EXPLAIN: "moved, {what}: write the reason, tell the client",
    on_agenda.RECORD: "asked for: {what}",
    on_agenda.DO_NEXT: "{what}",
    on_agenda.COMPLETE: "{what}",
    on_agenda.CELEBRATE: "{what}",
}
"""What the agenda says about each action; the field is what the line is about."""
RISK_ACTIONS = {
    on_risks.AGREE: "agree a recovery plan",
    on_risks.FOLLOW: "check the recovery plan",
    on_risks.MOVE_WITH: "Move with what is before them",
}
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
MOST_WEEKS = 6
"""Weeks of the trajectory that a table shows."""
PACE_HEADERS = {
    "as_planned": "Rest as planned (factor 1)",
    "at_pace": "At the pace so far (SPI, SPI(t))",
    "at_pace_and_cost": "At pace and cost so far (SCI)",
}
"""What the factors mean, in the order of the forecasts: 1; SPI or SPI(t); SCI or SCI(t)."""
PAST = "already past"
ONE_PAGE, MOST_OF_A_PART = 16, 3
"""Lines of an agenda that surely fit one printed page; of a longer one, so many of each part are shown."""


def risk_overview(risks: pd.DataFrame) -> pd.DataFrame:
    """Lay out what is at risk: one line per milestone in hand, those that only follow together."""
    in_hand = risks["in_hand"].fillna(False).astype(bool)
    rows = [
        {
            "label": row.label,
            "status": row.status if row.status in LATE else f"{row.evidence} by the evidence",
            "slip_days": row.slip_days,
            "own_slip_days": row.own_slip_days,
            "shifted": _shifted(row),
            "why": _why(row),
            "action": ": ".join(
                [*([row.owner] if isinstance(row.owner, str) else []), RISK_ACTIONS[row.action]]
            ),
        }
        for row in with_labels(risks[in_hand]).itertuples()
    ]
    handed = risks[~in_hand]
    if len(handed):
        moved = int((handed["move_days"] > 0).sum())
        rows.append(
            {
                "label": f"{count(len(handed), 'other')}: {', '.join(handed['milestone'])}",
                "status": ", ".join(f"{n} {word}" for word, n in handed["status"].value_counts().items()),
                "slip_days": handed["slip_days"].max(),
                "shifted": f"{moved} later" if moved else "no",
                "why": "Handed down",
                "action": RISK_ACTIONS[on_risks.MOVE_WITH],
            }
        )
    names = ["label", "status", "slip_days", "own_slip_days", "shifted", "why", "action"]
    return pd.DataFrame(rows, columns=names)


def change_overview(changes: pd.DataFrame) -> pd.DataFrame:
    """Lay out what changed since the last review: in words, with the date before and now, and why it moved."""
    table = with_labels(changes)
    return table.assign(
        what=[_changed(row) for row in changes.itertuples()],
        why=[
            None if pd.isna(row.kind) else row.kind if pd.isna(row.reason) else f"{row.kind}: {row.reason}"
            for row in changes.itertuples()
        ],
    )[["label", "what", "old_finish", "new_finish", "move_days", "why"]]


def miss_overview(misses: pd.DataFrame) -> pd.DataFrame:
    """Lay out missed milestones: open ones one by one, finished ones together where the same is asked for."""
    open_ = with_labels(misses[misses["actual_finish"].isna()])
    rows = [
        {
            "label": row.label,
            "late_days": row.late_days,
            "cause": _cause(row),
            "recovery": _recovery(row),
            "word": _when_told(row),
            "asked_for": row.asked_for,
        }
        for row in open_.itertuples()
    ]
    closed = misses[misses["actual_finish"].notna()]
    for asked, own in closed.groupby("asked_for", sort=False, dropna=False):
        told = own["told_client_on"].notna()
        rows.append(
            {
                "label": f"{count(len(own), 'finished one')}: {', '.join(own['milestone'])}",
                "late_days": own["late_days"].max(),
                "word": f"{told.sum()} of {len(own)} told",
                "asked_for": None if pd.isna(asked) else asked,
            }
        )
    return pd.DataFrame(rows, columns=["label", "late_days", "cause", "recovery", "word", "asked_for"])


def board_overview(board: pd.DataFrame) -> pd.DataFrame:
    """Lay the board out: beside the evidence the chance of the agreed date, and in brackets that at kickoff."""
    chances = zip(board["evidence"], board["prob_now"], board["prob_kickoff"], strict=True)
    said = [
        word
        if pd.isna(word) or word in OVER
        else f"{word}, {chance(now)} ({chance(then)})".replace(" %", "\u00a0%")
        for word, now, then in chances
    ]
    return with_labels(board).assign(evidence=said)


def cascade_overview(cascade: pd.DataFrame) -> pd.DataFrame:
    """Lay out a cascade: who moves by how much, what float takes up, P50 and P80 before and after, whom to tell."""
    table = with_labels(cascade)
    for level in ("p50", "p80"):
        pairs = zip(table[f"{level}_finish"], table[f"new_{level}_finish"], strict=True)
        table[level] = [shown_date(was) if was == then else shown_dates(was, then) for was, then in pairs]
    return table.assign(tell=[_to_be_told(row) for row in table.itertuples()])


def trajectory_overview(trajectory: pd.DataFrame) -> pd.DataFrame:
    """Take the last weeks of a trajectory, the latest first; chances as people should read them."""
    last = trajectory.tail(MOST_WEEKS).iloc[::-1]
    return last.assign(chance=last["prob_now"].map(chance))


def time_forecasts_overview(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Lay the nine forecasts of the last status date out: a line per method, a column per factor, dates as text."""
    last = forecasts[forecasts["as_of"] == forecasts["as_of"].max()]
    said = last["eac_t_finish"].map(shown_date, na_action="ignore").astype(object)
    said = said.where(~last["refuted"].astype(bool), PAST).where(last["eac_t_days"].notna(), MISSING)
    said = said.to_numpy().reshape(-1, len(PACE_HEADERS))  # three methods with three factors each, in order
    methods = [method.capitalize() for method in dict.fromkeys(last["method"])]
    return pd.DataFrame({"method": methods, **dict(zip(PACE_HEADERS, said.T, strict=True))})


def pace_columns(forecasts: pd.DataFrame) -> dict[str, str]:
    """Choose the columns of that overview: a factor of which nothing is known has none."""
    shown = time_forecasts_overview(forecasts)
    known = {name: header for name, header in PACE_HEADERS.items() if (shown[name] != MISSING).any()}
    return {"method": "Finish by", **known}


def findings_overview(findings: pd.DataFrame) -> pd.DataFrame:
    """Lay findings out for readers: one line per rule, its milestones together where there are several.

    Dates of their messages read as everywhere else on the page.
    """
    rows = []
    for rule, own in findings.groupby("rule", sort=False):
        items = [item for item in own["item"] if item]
        message = _DATE.sub(lambda found: shown_date(pd.Timestamp(found[0])), own["message"].iloc[0])
        several = f" (and {len(own) - 1} more)" if len(own) > 1 else ""
        rows.append(
            {
                "finding": str(rule).replace("-", " ").capitalize(),
                "milestones": ", ".join(items),
                "message": message[0].upper() + message[1:] + several + ".",
                "remedy": own["remedy"].iloc[0],
            }
        )
    return pd.DataFrame(rows, columns=["finding", "milestones", "message", "remedy"])


def agenda_overview(agenda: pd.DataFrame) -> pd.DataFrame:
    """Lay the agenda out for one page: each line behind the part of the meeting it belongs to.

    Of an agenda that is too long for a page the first lines of each part, and how many more there are.
    """
    place = agenda.groupby("section", sort=False).cumcount()
    fits = len(agenda) <= ONE_PAGE
    table = agenda.loc[fits | (place < MOST_OF_A_PART), list(ACTIONS)]
    words = [
        ACTION_TEXTS.get(row.action, "{what}").format(what="" if pd.isna(row.what) else row.what)
        for row in table.itertuples()
    ]
    shown = pd.DataFrame(
        {
            "part": table["section"].map(SECTIONS).to_numpy(),
            "label": with_labels(table)["label"].to_numpy(),
            "owner": table["owner"].to_numpy(),
            "due": table["due"].to_numpy(),
            "days": table["days"].to_numpy(),
            "what": [text[:1].upper() + text[1:] for text in words],
        }
    )
    if fits:
        return shown
    left = (agenda.groupby("section", sort=False).size() - MOST_OF_A_PART).loc[lambda n: n > 0]
    more = pd.DataFrame(
        {"part": left.index.map(SECTIONS), "label": [f"{n} more" for n in left], "what": "See agenda.csv"}
    )
    order = pd.Series({part: n for n, part in enumerate(dict.fromkeys(shown["part"]))})
    return pd.concat([shown, more]).sort_values("part", key=order.get, kind="stable", ignore_index=True)


def _why(row) -> str:
    """Say where the days come from, and what they have in common with others."""
    if not row.own_slip_days >= 1:
        return "Handed down"
    why = "No cause recorded" if pd.isna(row.cause) else code_label(row.cause)
    return f"{why}; {'once' if pd.isna(row.repeats) else 'again: same ' + row.repeats}"


def _shifted(row) -> str:
    """Say whether the forecast moved since the last review, and how often it has moved later."""
    moved = f"{shown_value(row.move_days, '+g')} day{'' if abs(row.move_days) == 1 else 's'}"
    now = moved if row.move_days else "no"
    return f"{now}; {count(row.n_moves, 'move')} so far" if row.n_moves else now


def _to_be_told(row) -> str:
    """Say who has to know, and which promise stands behind it."""
    told = ["owner"] * bool(row.tell_owner) + ["client"] * bool(row.tell_client)
    promise = "" if pd.isna(row.promise) else f"; promise {shown_date(row.promised_finish)} {row.promise}"
    return (" and ".join(told) or "nobody") + promise


def _changed(row) -> str:
    """Name what changed at one milestone."""
    if row.finished:
        return "finished"
    words = ["begun"] if row.begun else []
    if pd.isna(row.old_status):
        words.append(f"{row.status}, added since")
    elif row.status != row.old_status:
        words.append(f"{row.status}, was {row.old_status}")
    elif row.move_days:
        words.append(row.status)
    if not pd.isna(row.evidence) and not pd.isna(row.old_evidence) and row.evidence != row.old_evidence:
        words.append(f"evidence {row.evidence}, was {row.old_evidence}")
    return "; ".join(words)


def _cause(row) -> str | None:
    if pd.isna(row.cause):
        return None if pd.isna(row.cause_note) else row.cause_note
    return code_label(row.cause) + ("" if pd.isna(row.cause_note) else f": {row.cause_note}")


def _recovery(row) -> str | None:
    if pd.isna(row.recovery_plan):
        return None
    kind = "" if pd.isna(row.recovery_kind) else f"{row.recovery_kind}: "
    owner = "" if pd.isna(row.recovery_owner) else f", {row.recovery_owner}"
    until = "" if pd.isna(row.recovery_finish) else f", until {shown_date(row.recovery_finish)}"
    return f"{kind}{row.recovery_plan}{owner}{until}"


def _when_told(row) -> str:
    """Say when the client heard, counted from the planned date."""
    if pd.isna(row.told_client_on):
        return f"not told, {days_words(max(row.word_days, 0))} so far"
    if row.word_days > 0:
        return f"told {days_words(row.word_days)} after"
    return f"told {days_words(-row.word_days)} before" if row.word_days < 0 else "told on the day"
