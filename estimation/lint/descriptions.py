"""What a plan says: owners, acceptance criteria, names, what the client has of it, who is waited for."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from estimation.findings import Finding, found
from estimation.lint.phrases import labels_of
from estimation.lint.vocabulary import (
    are_several,
    blank_in,
    is_empty,
    is_nobody,
    result_like,
    status_kind,
    vague_words,
    waiting_words,
)
from estimation.project.plan import Plan


def check_text(plan: Plan) -> Iterator[Finding]:
    """Read every milestone against the marks of a good one: verifiable, one owner, meaningful, with criteria."""
    table = plan.milestones
    labels = labels_of(table)
    for rule in (_owners, _criteria, _names, _client_meaning, _waiting):
        yield from rule(table, labels)


def _cells(table: pd.DataFrame, labels: list[str], *columns: str) -> Iterator[tuple]:
    """Give id, label and some cells of each milestone."""
    return zip(table["milestone"].tolist(), labels, *(table[name].tolist() for name in columns), strict=True)


def _owners(table: pd.DataFrame, labels: list[str]) -> Iterator[Finding]:
    for item, label, owner in _cells(table, labels, "owner"):
        if is_empty(owner):
            yield found("no-owner", item, label=label)
        elif are_several(owner):
            yield found("several-owners", item, label=label, owner=owner.strip())


def _criteria(table: pd.DataFrame, labels: list[str]) -> Iterator[Finding]:
    for item, label, text in _cells(table, labels, "acceptance_criteria"):
        if is_empty(text):
            yield found("no-acceptance-criteria", item, label=label)
        elif piece := blank_in(text):
            yield found("blanks-left", item, label=label, piece=piece)
        elif piece := vague_words(text):
            yield found("vague-criteria", item, label=label, piece=piece)


def _names(table: pd.DataFrame, labels: list[str]) -> Iterator[Finding]:
    for item, label, name in _cells(table, labels, "name"):
        if isinstance(name, str) and (kind := status_kind(name)):
            yield found("status-name", item, label=label, kind=kind, example=result_like(name))


def _client_meaning(table: pd.DataFrame, labels: list[str]) -> Iterator[Finding]:
    for item, label, text in _cells(table, labels, "client_summary"):
        if is_empty(text):
            yield found("no-client-meaning", item, label=label)


def _waiting(table: pd.DataFrame, labels: list[str]) -> Iterator[Finding]:
    for item, label, who, *texts in _cells(table, labels, "waiting_on", "name", "description", "notes"):
        if isinstance(who, str):
            if is_nobody(who):
                yield found("waiting-unnamed", item, label=label, who=who.strip())
        elif piece := next(filter(None, map(waiting_words, (t for t in texts if isinstance(t, str)))), ""):
            yield found("waiting-not-recorded", item, label=label, piece=piece)
