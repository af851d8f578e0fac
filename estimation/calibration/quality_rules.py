"""The rules about a history: what each is called, whether it leaves rows out or assumes something, what it says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from estimation.findings import QualitySeverity, Rule

_left_out, _assumed, _note = (partial(Rule, severity) for severity in QualitySeverity)

QUALITY_RULES: Mapping[str, Rule] = {
    "cancelled": _left_out("{milestones} cancelled milestones: neither late nor on time"),
    "planned-in-no-time": _left_out("{milestones} planned with zero days: they slip but have no ratio"),
    "took-no-time": _left_out("{milestones} finished in zero days: they have no ratio"),
    "finished-before-predecessors": _left_out(
        "{milestones} finished before their predecessors did, or before the project started, and without a recorded "
        "start: how long they took is not known. Look at {named}",
    ),
    "duration-unknown": _left_out(
        "{milestones} finished, but no planned or actual duration follows: a start, a predecessor's date or a project "
        "start is missing",
    ),
    "days-and-dates-differ": _note(
        "{milestones} have planned days that their dates do not span: the dates were used, because no actual days "
        "stand beside them",
    ),
    "added-later": _left_out("{milestones} added after the baseline: scope growth, no estimate to compare"),
    "copies-its-plan": _left_out(
        "{projects} finished every milestone exactly on plan: that is reporting, not evidence"
    ),
    "running": _note("{milestones} still running: known to take longer than so far"),
    "date-missing": _left_out(
        "{milestones} without a date that the rest of their project ended or went on without: {named}. Write when they "
        "were finished, or what became of them in closed_as",
    ),
    "silent-projects": _left_out(
        "Nothing was heard of {named} for longer than {days} working days and than their plans, so that they do not "
        "count as running. Say what they are: closed_as = cancelled, their dates, or closed_as = running",
    ),
    "cancelled-projects": _note(
        "Cancelled: {share}; what went worst may be among them, and only the milestones that they finished teach "
        "anything",
    ),
    "running-projects": _note(
        "Still running or not started: {share}; they have no finish date to learn from; the milestones they did finish "
        "count",
    ),
    "implausible-years": _note(
        "{milestones} with a year far from all others: {named}. The dates were used as they stand: correct them",
    ),
    "same-dates-two-phases": _note(
        "{n_rows} sets of dates stand under two phases of one project: the same work may be counted twice",
    ),
    "later-baseline": _note(
        "{n_rows} milestones are measured against a later baseline, not the first one committed to: their overruns "
        "look smaller than they were",
    ),
    "heaped-ratios": _note(
        "{n_rows} of {n} late or early milestones have exactly the ratio {ratio:g}: short or rounded durations, or a "
        "habit of reporting",
    ),
    "extreme-ratios": _note(
        "{n_rows} milestones took more than {times} times their plan or less than a {times}th: {named}. A mistyped "
        "date looks like this",
    ),
    "on-plan-too-often": _note(
        "{percent:.0f} % of the milestones finished exactly on plan: are these actual dates, or the plan again?",
    ),
    "thin-phases": _note(
        "fewer than {fewest} projects know {named}: their multipliers lean on the other phases"
    ),
    "order-assumed": _assumed(
        "{n} projects without dependencies: milestones are taken to follow one another"
    ),
    "start-derived": _assumed(
        "{milestones} no recorded start: work is taken to begin when predecessors allowed it"
    ),
    "day-off": _note("{milestones} finished on a day off: counted as the working day before"),
}
"""Every rule by its id, in the order in which the table lists them."""
