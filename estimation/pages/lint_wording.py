"""The findings about a plan on the page of the kickoff forecast: what holds of many milestones is said once."""

from __future__ import annotations

import textwrap

import pandas as pd

from estimation.lint.rules import RULES
from estimation.project.amounts import list_few

SHOWN_EACH = 2
"""Up to so many findings of one rule are shown one by one; of rules whose findings have facts of their own, more."""
SHOWN_EACH_OF_OWN_FACTS = 8
NAMED = 5
WIDTH = 110


def findings_overview(findings: pd.DataFrame) -> pd.DataFrame:
    """Shorten findings for a reader: one line each, or one for all milestones of which the same is to be said.

    ``advice`` is message and remedy in one; a remedy that was just given is not given again.
    """
    columns = ["severity", "rule", "message", "remedy"]
    parts = [pd.DataFrame(columns=columns, dtype="str")]
    for rule, same in findings.groupby("rule", sort=False):
        most, first = (SHOWN_EACH_OF_OWN_FACTS,) * 2 if RULES[rule].one_by_one else (SHOWN_EACH, 1)
        each = same if len(same) <= most else same.head(first)
        messages, rest = each["message"].tolist(), same["item"].tolist()[len(each) :]
        if rest:
            messages[-1] += f" The same holds for {list_few(rest, NAMED)}."
        remedies = each["remedy"].mask(each["remedy"].duplicated(), "")
        parts.append(each.assign(message=messages, remedy=remedies)[columns])
    table = pd.concat(parts, ignore_index=True)
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
