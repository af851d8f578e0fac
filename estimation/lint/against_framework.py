"""What a framework has and a plan lacks: whole phases, and milestones of the phases that both have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from estimation.findings import Finding, found
from estimation.lint.phrases import phase_words
from estimation.project.amounts import milestone_label
from estimation.project.framework import Framework
from estimation.project.plan import Plan
from estimation.tables import fold_phase

SHARED_PHASES = 0.5
"""A plan that has fewer of the framework's phases was not made with it, and is not held to it."""
SAME_WORDS = 0.5

_WEAK = frozenset(("a", "an", "and", "for", "in", "is", "of", "on", "the", "to", "with"))


def check_against_framework(plan: Plan, framework: Framework) -> Iterator[Finding]:
    """Name the phases and milestones of a framework that a plan made with it does not have.

    A milestone is there when one of its phase has its id or its name, or half of the words of either name.
    """
    by_phase = dict(list(plan.milestones.groupby(plan.milestones["phase"].map(fold_phase))))
    has = [fold_phase(phase.id) in by_phase for phase in framework.phases]
    if sum(has) < SHARED_PHASES * len(has):
        return
    for phase, there in zip(framework.phases, has, strict=True):
        wanted = [each for each in framework.milestones if each.phase == phase.id]
        if not there:
            listed = ", ".join(f"'{each.name}'" for each in wanted)
            facts = {"phase": phase_words(phase.id), "meaning": phase.description, "milestones": listed}
            yield found("missing-phase", phase.id, **facts)
            continue
        own = by_phase[fold_phase(phase.id)]
        ids, names = set(own["milestone"]), {_content(name) for name in own["name"].dropna().unique()}
        for each in wanted:
            words = _content(each.name)
            if each.id not in ids and not any(_alike(words, name) for name in names):
                label = milestone_label(each.id, each.name, "'")
                yield found("missing-milestone", each.id, label=label, meaning=each.client_summary)


def _content(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", name.casefold())) - _WEAK


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and len(one & other) >= SAME_WORDS * max(len(one), len(other))
