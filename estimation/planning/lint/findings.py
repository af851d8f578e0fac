"""Findings about a plan: one table, whatever rule they come from, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from estimation.columns import Column, Contract, keep_contract
from estimation.planning.lint.rules import RULES

SEVERITIES = ("error", "warning", "note")

FINDINGS: Contract = {
    "rule": Column("text", "", "stable id of the rule"),
    "severity": Column("text", "", "error, warning or note"),
    "item": Column("text", "", "id of the milestone, the phase or the project it is about"),
    "message": Column("text", "", "what is wrong and why it costs"),
    "remedy": Column("text", "", "what to write instead"),
    "standard": Column("text", "", "GAO practice and DCMA check, where the rule is theirs"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found: the rule, what it is about, and the facts that its sentences name."""

    rule: str
    item: str
    facts: dict[str, object]


def found(rule: str, item: str, **facts: object) -> Finding:
    """Note that a rule fires on a milestone, a phase or the project."""
    return Finding(rule, item, facts)


def findings_table(found: Iterable[Finding]) -> pd.DataFrame:
    """Write findings as sentences, the gravest first, then in the order of the rules and of the plan.

    Parameters
    ----------
    found : iterable of Finding

    Returns
    -------
    DataFrame keeping the FINDINGS contract, one row per finding
    """
    place = {rule: n for n, rule in enumerate(RULES)}
    ordered = sorted(found, key=lambda one: (SEVERITIES.index(RULES[one.rule].severity), place[one.rule]))
    rules = [RULES[one.rule] for one in ordered]
    table = pd.DataFrame(
        {
            "rule": [one.rule for one in ordered],
            "severity": [rule.severity for rule in rules],
            "item": [one.item for one in ordered],
            "message": [rule.message.format_map(one.facts) for rule, one in zip(rules, ordered, strict=True)],
            "remedy": [rule.remedy.format_map(one.facts) for rule, one in zip(rules, ordered, strict=True)],
            "standard": [rule.standard for rule in rules],
        }
    )
    return keep_contract(table, FINDINGS)


def can_be_forecast(findings: pd.DataFrame) -> bool:
    """Tell whether there is anything to forecast: no finding is an error.

    Parameters
    ----------
    findings : DataFrame keeping the FINDINGS contract
    """
    return not (findings["severity"] == "error").any()


def fit_to_baseline(findings: pd.DataFrame) -> bool:
    """Tell whether the plan is fit to be baselined: notes at most.

    Parameters
    ----------
    findings : DataFrame keeping the FINDINGS contract
    """
    return not findings["severity"].isin(("error", "warning")).any()


def plan_verdict(findings: pd.DataFrame) -> str:
    """Say in one line whether the plan is fit to be baselined.

    Parameters
    ----------
    findings : DataFrame keeping the FINDINGS contract

    Examples
    --------
    >>> plan_verdict(findings_table([]))
    'Fit to be baselined: nothing was found.'
    """
    counts = findings["severity"].value_counts()
    listed = ", ".join(
        f"{counts[severity]:,} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in SEVERITIES
        if counts.get(severity, 0)
    )
    if not can_be_forecast(findings):
        return f"Cannot be forecast: {listed}."
    if not fit_to_baseline(findings):
        return f"Can be forecast, but is not fit to be baselined yet: {listed}."
    return f"Fit to be baselined: {listed or 'nothing was found'}."
