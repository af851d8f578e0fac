"""How a finding speaks of milestones, phases, dates and days."""

from __future__ import annotations

import pandas as pd

from estimation.findings import Finding, found
from estimation.project.amounts import milestone_label


def labels_of(milestones: pd.DataFrame) -> list[str]:
    """Write each milestone as people speak of it: its id, and its name in quotation marks where it has one."""
    rows = zip(milestones["milestone"].tolist(), milestones["name"].tolist(), strict=True)
    return [milestone_label(item, name, "'") for item, name in rows]


def found_at(milestones: pd.DataFrame, place: int, rule: str, **facts: object) -> Finding:
    """Note that a rule fires on the milestone at a place of the table; its label is one of the facts."""
    item = milestones["milestone"].array[place]  # faster than iloc: a large plan has thousands of findings
    return found(rule, item, label=milestone_label(item, milestones["name"].array[place], "'"), **facts)


def phase_words(phase: str) -> str:
    """Write a phase as a sentence speaks of it.

    >>> phase_words("data_preparation")
    "'Data preparation'"
    """
    return f"'{phase.replace('_', ' ').capitalize()}'"


def date_words(date) -> str:
    """Write a date so that no reader takes it for another one.

    >>> date_words("2026-11-06")
    '6 November 2026'
    """
    day = pd.Timestamp(date)
    return f"{day.day} {day:%B %Y}"
