"""What a plan says: owners, acceptance criteria, names, what the client has of it, who is waited for."""

from __future__ import annotations

from collections.abc import Iterator

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

_READ = ("name", "owner", "acceptance_criteria", "client_summary", "waiting_on", "description", "notes")


def check_text(plan: Plan) -> Iterator[Finding]:
    """Read every milestone against the marks of a good one: verifiable, one owner, meaningful, with criteria."""
    texts = plan.milestones[["milestone", *_READ]]
    for label, row in zip(labels_of(plan.milestones), texts.itertuples(index=False), strict=True):
        for rule, facts in _marks(row):
            yield found(rule, row.milestone, label=label, **facts)


def _marks(row) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the rules that fire on one milestone, each with its facts."""
    if is_empty(row.owner):
        yield "no-owner", {}
    elif are_several(row.owner):
        yield "several-owners", {"owner": row.owner.strip()}
    if is_empty(row.acceptance_criteria):
        yield "no-acceptance-criteria", {}
    elif piece := blank_in(row.acceptance_criteria):
        yield "blanks-left", {"piece": piece}
    elif piece := vague_words(row.acceptance_criteria):
        yield "vague-criteria", {"piece": piece}
    if isinstance(row.name, str) and (kind := status_kind(row.name)):
        yield "status-name", {"kind": kind, "example": result_like(row.name)}
    if is_empty(row.client_summary):
        yield "no-client-meaning", {}
    texts = [text for text in (row.name, row.description, row.notes) if isinstance(text, str)]
    if isinstance(row.waiting_on, str):
        if is_nobody(row.waiting_on):
            yield "waiting-unnamed", {"who": row.waiting_on.strip()}
    elif piece := next(filter(None, map(waiting_words, texts)), ""):
        yield "waiting-not-recorded", {"piece": piece}
