"""The rules about a history: what each is called, whether it leaves rows out or assumes something, what it says."""

from __future__ import annotations

from collections.abc import Mapping

from estimation.findings import QualitySeverity, Rule

LEFT_OUT, ASSUMED, NOTE = QualitySeverity

QUALITY_RULES: Mapping[str, Rule] = {
    "cancelled": Rule(LEFT_OUT, "{milestones} cancelled milestones: neither late nor on time"),
    "planned-in-no-time": Rule(LEFT_OUT, "{milestones} planned with zero days: they slip but have no ratio"),
    "took-no-time": Rule(LEFT_OUT, "{milestones} finished in zero days: they have no ratio"),
    "finished-before-predecessors": Rule(
        LEFT_OUT,
        "{milestones} finished before their predecessors did, or before the project started, and without a recorded "
        "start: how long they took is not known. Look at {named}",
    ),
    "duration-unknown": Rule(
        LEFT_OUT,
        "{milestones} finished, but no planned or actual duration follows: a start, a predecessor's date or a project "
        "start is missing",
    ),
    "days-and-dates-differ": Rule(
        NOTE,
        "{milestones} have planned days that their dates do not span: the dates were used, because no actual days "
        "stand beside them",
    ),
    "added-later": Rule(
        LEFT_OUT, "{milestones} added after the baseline: scope growth, no estimate to compare"
    ),
    "copies-its-plan": Rule(
        LEFT_OUT, "{projects} finished every milestone exactly on plan: that is reporting, not evidence"
    ),
    "running": Rule(NOTE, "{milestones} still running: known to take longer than so far"),
    "cancelled-projects": Rule(
        NOTE,
        "Cancelled: {share}; what went worst may be among them, and only the milestones that they finished teach "
        "anything",
    ),
    "running-projects": Rule(
        NOTE,
        "Still running or not started: {share}; they have no finish date to learn from; the milestones they did finish "
        "count",
    ),
    "implausible-years": Rule(
        NOTE,
        "{milestones} with a year far from all others: {named}. The dates were used as they stand: correct them",
    ),
    "same-dates-two-phases": Rule(
        NOTE,
        "{n_rows} sets of dates stand under two phases of one project: the same work may be counted twice",
    ),
    "later-baseline": Rule(
        NOTE,
        "{n_rows} milestones are measured against a later baseline, not the first one committed to: their overruns "
        "look smaller than they were",
    ),
    "heaped-ratios": Rule(
        NOTE,
        "{n_rows} of {n} late or early milestones have exactly the ratio {ratio:g}: short or rounded durations, or a "
        "habit of reporting",
    ),
    "extreme-ratios": Rule(
        NOTE,
        "{n_rows} milestones took more than {times} times their plan or less than a {times}th: {named}. A mistyped "
        "date looks like this",
    ),
    "on-plan-too-often": Rule(
        NOTE,
        "{percent:.0f} % of the milestones finished exactly on plan: are these actual dates, or the plan again?",
    ),
    "thin-phases": Rule(
        NOTE, "fewer than {fewest} projects know {named}: their multipliers lean on the other phases"
    ),
    "order-assumed": Rule(
        ASSUMED, "{n} projects without dependencies: milestones are taken to follow one another"
    ),
    "start-derived": Rule(
        ASSUMED, "{milestones} no recorded start: work is taken to begin when predecessors allowed it"
    ),
    "day-off": Rule(NOTE, "{milestones} finished on a day off: counted as the working day before"),
}
"""Every rule by its id, in the order in which the table lists them."""
