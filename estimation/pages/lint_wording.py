"""The findings about a plan on the page of the kickoff forecast: what holds of many milestones is said once."""

from __future__ import annotations

import textwrap

import pandas as pd

from estimation.lint.rules import RULES
from estimation.project.amounts import list_words

SHOWN_EACH = 2
"""Up to so many findings of one rule are shown one by one; of rules whose findings have facts of their own, more."""
SHOWN_EACH_OF_OWN_FACTS = 8
NAMED = 5
WIDTH = 110


def findings_overview(findings: pd.DataFrame) -> pd.DataFrame:
    """Shorten findings for a reader: one line each, or one for all milestones of which the same is to be said.

    ``advice`` is message and remedy in one; a remedy that was just given is not given again.
    """
    lines = []
    for rule, same in findings.groupby("rule", sort=False):
        shown = SHOWN_EACH_OF_OWN_FACTS if RULES[rule].one_by_one else SHOWN_EACH
        each = same if len(same) <= shown else same.head(1 if not RULES[rule].one_by_one else shown)
        rest = same["item"].iloc[len(each) :]
        messages = each["message"].tolist()
        if len(rest):
            messages[-1] += f" The same holds for {_named(rest.tolist())}."
        remedies = each["remedy"].mask(each["remedy"].duplicated(), "")
        lines += [
            {"severity": severity, "rule": rule, "message": message, "remedy": remedy}
            for severity, message, remedy in zip(each["severity"], messages, remedies, strict=True)
        ]
    table = pd.DataFrame(lines, columns=["severity", "rule", "message", "remedy"]).astype("str")
    return table.assign(advice=(table["message"] + " → " + table["remedy"]).str.removesuffix(" → "))


def findings_text(findings: pd.DataFrame) -> list[str]:
    """Write findings as the lines that a terminal shows."""
    lines = []
    for (severity, rule), rows in findings_overview(findings).groupby(["severity", "rule"], sort=False):
        lines += ["", f"{severity} {rule}"]
        for row in rows.itertuples():
            lines += textwrap.wrap(row.message, WIDTH, initial_indent="  ", subsequent_indent="  ")
            lines += textwrap.wrap(row.remedy, WIDTH, initial_indent="  -> ", subsequent_indent="     ")
    return lines


def _named(items: list[str]) -> str:
    if len(items) <= NAMED + 1:
        return list_words(items)
    return f"{', '.join(items[:NAMED])} and {len(items) - NAMED:,} more"
