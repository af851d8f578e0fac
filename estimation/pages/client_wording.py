"""The client report in sentences: the end, what is done, what is late and why, what is needed."""

from __future__ import annotations

import pandas as pd

from estimation.pages.displays import shown_date, shown_dates
from estimation.pages.labels import milestone_words, with_labels
from estimation.pages.notes import Note
from estimation.project.amounts import count, days_words, list_few, list_words
from estimation.tracking.client_moves import unexplained_moves
from estimation.tracking.client_report import DECIDE, DONE, ClientReport
from estimation.tracking.moves import NOT_TOLD

CAUSES = {
    "data_access": "Data or access to a system came later than planned.",
    "data_quality": "The data needed more cleaning than planned.",
    "scope_change": "More was asked for than had been planned.",
    "model_performance": "The model did not reach its target at first.",
    "extra_iteration": "The model needed more rounds of training than planned.",
    "integration": "Connecting it to other systems took longer than planned.",
    "infrastructure": "The technical environment needed more work than planned.",
    "client_approval": "The work waited for a decision from your side.",
    "third_party": "The work waited for somebody else outside.",
    "staffing": "People were free for it later than planned.",
    "estimate": "The work took longer than had been estimated.",
}
"""What each of CLIENT_CAUSES is called towards the client."""
NO_REASON = "No reason has been written down yet."
MOST_NOTES = 5


def banner(report: ClientReport) -> str:
    """Warn that dates moved and nobody wrote down why; nothing where all are explained."""
    silent = unexplained_moves(report.moves)
    if silent.empty:
        return ""
    named = []
    for _, own in silent.groupby("milestone", sort=False):
        row, last = next(own.itertuples()), own["new_finish"].iloc[-1]
        moved = f"{shown_dates(row.old_finish, row.new_finish)} and back" if last == row.old_finish else ""
        named.append(f"{milestone_words(row)} ({moved or shown_dates(row.old_finish, last)})")
    shown = list_few(named, MOST_NOTES)
    return f"Not explained: dates moved and no reason was written down for it: {shown}."


def headline(report: ClientReport) -> dict[str, object]:
    """Choose the few figures that stand on top."""
    facts = report.facts
    done = facts["n_done"] == facts["n_milestones"]
    agreed = "Agreed end" if facts["end_promised"] else "End in the agreed plan"
    if not facts["n_milestones"]:
        return {agreed: facts["agreed_finish"], "End as it stands now": "cancelled"}
    figures = {
        agreed: facts["agreed_finish"],
        "Done on" if done else "End as it stands now": facts["new_finish"],
    }
    if "p80_finish" in facts and not done:
        figures["About 8 in 10 by"] = facts["p80_finish"]
    else:  # four fit side by side; how many are done is said below as well
        figures["Milestones done"] = f"{facts['n_done']} of {facts['n_milestones']}"
    if len(report.needs):
        first = report.needs.iloc[0]
        figures["Needed from you" if first["now"] else "Needed from you by"] = (
            "now" if first["now"] else first["by"]
        )
    return figures


def end_finding(facts: dict) -> str:
    """Say when the project ends and when that was agreed to be."""
    new, agreed, late = facts["new_finish"], facts["agreed_finish"], facts["late_days"]
    if not facts["n_milestones"]:
        return f"All that was agreed for {shown_date(agreed)} has been cancelled."
    if facts["n_done"] == facts["n_milestones"]:
        return f"The project is done, on {shown_date(new)}: {against_agreed(late, agreed)}."
    if late > 0:
        before = facts["previous_finish"]
        last = f" The last report said {shown_date(before)}." if before != new else ""
        return f"The end moves to {shown_date(new)}, {days_words(late)} after the agreed {shown_date(agreed)}.{last}"
    early = f", {days_words(-late)} before it" if late < 0 else ""
    return (
        f"The agreed end, {shown_date(agreed)}, can be met: if the work left goes as planned, it is done on "
        f"{shown_date(new)}{early}."
    )


def done_finding(report: ClientReport) -> str:
    """Say how many milestones are done, and which of them since the last report."""
    facts, new = report.facts, report.milestones[report.milestones["just_done"]]
    one = "is" if facts["n_milestones"] == 1 else "are"
    said = f"{facts['n_done']} of {count(facts['n_milestones'], 'milestone')} {one} done"
    if new.empty:
        return f"{said}, none of them since the last report."
    return f"{said}; since the last report {list_words([milestone_words(row) for row in new.itertuples()])}."


def why_finding(report: ClientReport) -> str:
    """Say where the days were lost, and why where that is one place."""
    delays = report.delays
    if delays.empty:
        return ""
    n_moved = report.effects["moved"].nunique()
    follow = (
        f" {count(n_moved, 'later milestone')} {'move' if n_moved > 1 else 'moves'} with it."
        if n_moved
        else ""
    )
    if len(delays) == 1:
        row = next(delays.itertuples())
        return f"The days were lost at {milestone_words(row)} ({days_words(row.own_late_days)}). {why(row)}{follow}"
    named = [
        f"{milestone_words(row)} ({days_words(row.own_late_days)})"
        for row in delays.head(MOST_NOTES).itertuples()
    ]
    more = f", and at {len(delays) - MOST_NOTES} more" if len(delays) > MOST_NOTES else ""
    return f"The days were lost at {list_words(named)}{more}.{follow}"


def need_finding(report: ClientReport) -> str:
    """Say what is needed from the client first."""
    if report.needs.empty:
        return "We need nothing from you at the moment."
    row = next(report.needs.itertuples())
    return f"From you we need first, {by_when(row)}: {need(row, report.facts)}"


def sure_finding(facts: dict) -> str:
    """Hold the end as it stands against what earlier projects had left at the same point, and say what to rely on.

    Nothing without a forecast, and nothing once the project is done.
    """
    if "p80_finish" not in facts or facts["n_done"] == facts["n_milestones"]:
        return ""
    went = (
        f"as {count(int(facts['n_projects']), 'earlier project')} went"
        if facts.get("n_projects")
        else "as past projects went"
    )
    new, safe = facts["new_finish"], facts["p80_finish"]
    return (
        f"{shown_date(new)} holds if the rest goes as planned; {went}, it is as likely as not done by "
        f"{shown_date(facts['p50_finish'])} and about 8 in 10 by {shown_date(safe)}. Rely on "
        f"{shown_date(max(new, safe))}; the agreed {shown_date(facts['agreed_finish'])} has a chance of "
        f"{in_ten(facts['prob_agreed'])}."
    )


def told_now_finding(moves: pd.DataFrame) -> str:
    """List the moves that have a reason and that the client hears of for the first time."""
    new = moves[(moves["kind"] == NOT_TOLD) & (moves["move_days"] > 0) & ~moves["handed_down"]]
    if new.empty:
        return ""
    named = [
        f"{milestone_words(row)}, {shown_dates(row.old_finish, row.new_finish)}: {row.reason}"
        for row in new.itertuples()
    ]
    return f"You are told of this for the first time: {'; '.join(named)}"


def done_notes(report: ClientReport) -> tuple[Note, ...]:
    """Tell of each milestone done since the last report when it was done and what it is for.

    One that was done late and has a note of its own among the delays is told of there.
    """
    told = set(report.delays["milestone"].head(MOST_NOTES))
    new = report.milestones[report.milestones["just_done"] & ~report.milestones["milestone"].isin(told)]
    return tuple(
        Note(
            f"✓ {milestone_words(row)}",
            _filled(
                ("Done", f"{shown_date(row.new_finish)}: {against_agreed(row.late_days, row.agreed_finish)}"),
                ("What it is for", row.client_summary),
            ),
        )
        for row in new.itertuples()
    )


def delay_notes(report: ClientReport) -> tuple[Note, ...]:
    """Tell of each delay its dates, why, what moves with it and what is done about it."""
    just_done = set(report.milestones.loc[report.milestones["just_done"], "milestone"])
    notes = [
        Note(
            f"{'✓ ' if row.state == DONE else ''}{milestone_words(row)}: "
            f"{shown_dates(row.agreed_finish, row.new_finish)}, "
            f"{'done ' if row.state == DONE else ''}{_how_late(row.late_days)}",
            _filled(
                ("What it is for", row.client_summary if row.milestone in just_done else None),
                ("Why", f"{why(row)}{_told_on(row)}"),
                ("Moves with it", effect(row.milestone, report)),
                ("What we do", recovery(row)),
            ),
        )
        for row in report.delays.head(MOST_NOTES).itertuples()
    ]
    rest = report.delays.iloc[MOST_NOTES:]
    if len(rest):
        named = [f"{milestone_words(row)} ({days_words(row.own_late_days)})" for row in rest.itertuples()]
        notes.append(Note(f"Smaller delays: {list_words(named)}", ()))
    return tuple(notes)


def _how_late(late: float) -> str:
    return "added to the agreed plan" if pd.isna(late) else f"{days_words(late)} late"


def reopened_finding(report: ClientReport) -> str:
    """Name what was reported done and is open again; nothing where that is nothing."""
    again = report.milestones[report.milestones["reopened_on"].notna()]
    named = [
        f"{milestone_words(row)}, reported done on {shown_date(row.former_finish)}, now expected on "
        f"{shown_date(row.new_finish)}"
        for row in again.itertuples()
    ]
    return f"Open again: {list_words(named)}." if named else ""


def why(row) -> str:
    """Give the reason of a delay, else its cause in plain words."""
    if isinstance(row.reason, str):
        return _sentence(row.reason)
    return CAUSES.get(row.cause, NO_REASON) if isinstance(row.cause, str) else NO_REASON


def recovery(row) -> str:
    """Say what is done about a delay, and when that is to be done."""
    if isinstance(row.recovery_plan, str):
        until = "" if pd.isna(row.recovery_finish) else f" By {shown_date(row.recovery_finish)}."
        return f"{_sentence(row.recovery_plan)}{until}"
    if row.state == DONE:
        return "The days lost are not won back; the dates after it move."
    if pd.isna(row.agreed_finish):
        return "What it moves has not been agreed yet."
    return "No way to win the days back has been agreed yet."


def effect(milestone: str, report: ClientReport) -> str:
    """Say which later milestones move with one that is late."""
    moved = report.effects[report.effects["milestone"] == milestone]
    dates = report.milestones.set_index("milestone")
    late = dates["late_days"]
    if moved.empty:
        ends = report.facts["late_days"] > 0 and dates["new_finish"][milestone] == report.facts["new_finish"]
        return "The end of the project." if ends else "Nothing: the plan has room for it."
    alone = (moved["moved_days"].to_numpy() >= late[moved["moved"]].to_numpy()).all()
    most, least = moved["moved_days"].max(), moved["moved_days"].min()
    far = f"by {days_words(most)}" if most == least else f"by {least:g} to {days_words(most)}"
    shown = moved.iloc[[0, -1]] if len(moved) > 1 else moved
    named = [
        f"{milestone_words(row)} ({shown_dates(row.agreed_finish, row.new_finish)})"
        for row in shown.assign(milestone=shown["moved"]).itertuples()
    ]
    ends = f"from {named[0]} to {named[-1]}" if len(named) > 1 else named[0]
    together = "" if alone else "; these dates hold the other delays as well"
    return f"{count(len(moved), 'later milestone')}, {far}: {ends}{together}."


def need(row, facts: dict) -> str:
    """Say what is needed of the client."""
    if row.kind == DECIDE:
        new, safe = facts["new_finish"], facts.get("p80_finish")
        surer = (
            f" {shown_date(new)}"
            if safe is None or safe <= new
            else (f" a day between {shown_date(new)} and, to be safe, {shown_date(safe)}")
        )
        return (
            f"Your answer: does{surer} work as the new end, or what must be ready on "
            f"{shown_date(facts['agreed_finish'])}?"
        )
    return _sentence(row.waiting_on)


def by_when(row) -> str:
    """Say by when something is needed; what the work waits for already is needed now."""
    return "now" if row.now else f"by {shown_date(row.by)}"


def needs_overview(report: ClientReport) -> pd.DataFrame:
    """Lay out what is needed by when, and for which milestone."""
    rows = [
        (
            "now" if row.now else shown_date(row.by),
            need(row, report.facts),
            "End of the project" if row.kind == DECIDE else milestone_words(row),
        )
        for row in report.needs.itertuples()
    ]
    return pd.DataFrame(rows, columns=["by", "need", "milestone"])


def milestones_overview(milestones: pd.DataFrame) -> pd.DataFrame:
    """Lay out every milestone with its agreed date beside the new one; a tick before what is done."""
    ticks = (milestones["state"] == DONE).map({True: "✓ ", False: ""})
    labels = with_labels(milestones)["label"]
    dates = [
        shown_dates(row.agreed_finish, row.new_finish) if row.late_days else shown_date(row.new_finish)
        for row in milestones.itertuples()
    ]
    late = milestones["late_days"]
    return milestones.assign(label=ticks.astype("str") + labels, dates=dates, days=late.where(late != 0))


def next_overview(next_steps: pd.DataFrame) -> pd.DataFrame:
    """Lay out what starts and what is due in the next two weeks."""
    return with_labels(next_steps)


def chart_finding(report: ClientReport) -> str:
    """Say what the chart of dates shows."""
    states = report.milestones["state"].value_counts()
    said = list_words([f"{states[state]} {state}" for state in states.index])
    return f"Agreed dates beside the new ones, milestone by milestone: {said}. {end_finding(report.facts)}"


def agreed_terms(report: ClientReport) -> str:
    """Say what the agreed dates are, and what the new ones: nothing is called promised that nobody promised."""
    facts = report.facts
    plan = "the date of the plan agreed at the start"
    if facts["n_promised"] == 0:
        agreed = plan
    elif facts["n_promised"] == len(report.milestones):
        agreed = "the date promised to you"
    else:
        end = ", as for the end of the project" if facts["end_promised"] else ""
        agreed = f"the date promised to you where there is one{end}, else {plan}"
    return (
        f"Agreed is {agreed}. Now is the day on which a milestone was done; of work to come, what the team said last, "
        "else what the plan leaves, and never before the work it waits for."
    )


def against_agreed(late: float, agreed) -> str:
    """Compare a date with the agreed one."""
    if pd.isna(late):
        return "work that was added to the agreed plan"
    if late == 0:
        return "as agreed"
    return f"agreed {shown_date(agreed)}, {days_words(abs(late))} {'later' if late > 0 else 'earlier'}"


def in_ten(probability: float) -> str:
    """Write a probability as people say it, never certain and never impossible.

    >>> in_ten(0.81), in_ten(0.02), in_ten(0.97)
    ('about 8 in 10', 'less than 1 in 20', 'more than 19 in 20')
    """
    if probability < 0.05:
        return "less than 1 in 20"
    if probability > 0.95:
        return "more than 19 in 20"
    return f"about {min(max(round(10 * probability), 1), 9)} in 10"


def _told_on(row) -> str:
    """Say when the client was told of a reason."""
    if not isinstance(row.reason, str):
        return ""
    return (
        " (Told with this report.)"
        if pd.isna(row.told_client_on)
        else f" (Told on {shown_date(row.told_client_on)}.)"
    )


def _filled(*parts: tuple[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((word, text) for word, text in parts if isinstance(text, str) and text)


def _sentence(text: str) -> str:
    """End a text as a sentence ends."""
    text = " ".join(text.split())
    return text if text[-1:] in ".!?" else f"{text}."
