"""Findings: rules as data, and one table of what they found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from estimation.tables import Column, Contract, keep_contract


class Severity(StrEnum):
    """How grave a finding about a plan is, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


ERROR, WARNING, NOTE = Severity


class QualitySeverity(StrEnum):
    """What became of the rows that a finding about a history is about."""

    LEFT_OUT = "left out"
    ASSUMED = "assumed"
    NOTE = "note"


FINDINGS: Contract = {
    "rule": Column.text("stable id of the rule"),
    "severity": Column.text("error, warning or note"),
    "item": Column.text("id of the milestone, the phase or the project it is about"),
    "message": Column.text("what is wrong and why it costs"),
    "remedy": Column.text("what to write instead"),
    "standard": Column.text("GAO practice and DCMA check, where the rule is theirs"),
}


@dataclass(frozen=True)
class Rule:
    """What a rule says; ``message`` and ``remedy`` hold the names of facts in braces.

    ``one_by_one`` says that each finding has facts of its own, so that a reader is shown all of them.
    """

    severity: str
    message: str
    remedy: str = ""
    standard: str = ""
    one_by_one: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found: the rule, what it is about, and the facts that its sentences name."""

    rule: str
    item: str | None
    facts: dict[str, object]


def found(rule: str, item: str | None, **facts: object) -> Finding:
    """Note that a rule fires on a milestone, a phase or the project."""
    return Finding(rule, item, facts)


def worded(findings: Iterable[Finding], rules: Mapping[str, Rule], contract: Contract) -> pd.DataFrame:
    """Write findings as sentences in the order of the rules; a column can also be a fact of the findings."""
    place = {rule: n for n, rule in enumerate(rules)}
    ordered = sorted(findings, key=lambda one: place[one.rule])
    fired = [rules[one.rule] for one in ordered]
    columns = {
        **{name: [one.facts.get(name) for one in ordered] for name in contract},
        "rule": [one.rule for one in ordered],
        "severity": [str(rule.severity) for rule in fired],
        "item": [one.item for one in ordered],
        "message": [rule.message.format_map(one.facts) for rule, one in zip(fired, ordered, strict=True)],
        "remedy": [rule.remedy.format_map(one.facts) for rule, one in zip(fired, ordered, strict=True)],
        "standard": [rule.standard for rule in fired],
    }
    return keep_contract(pd.DataFrame(columns), contract)


def findings_table(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> pd.DataFrame:
    """Write findings as sentences, the gravest first, then in the order of the rules and of the plan."""
    grave: list[str] = list(Severity)
    gravest_first = sorted(rules.items(), key=lambda item: grave.index(item[1].severity))
    return worded(findings, dict(gravest_first), FINDINGS)
