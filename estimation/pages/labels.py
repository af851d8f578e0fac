"""What milestones, phases and causes are called on a page."""

from __future__ import annotations

import pandas as pd

from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.project.amounts import milestone_label

DECISION_COLUMNS = {
    "project": "Project",
    "action": "Decided",
    "owner": "Owner",
    "due": "Due",
    "outcome": "Outcome",
    "done_on": "Done on",
}
"""Columns of a table of decisions as a reader sees them."""


def code_label(code: str) -> str:
    """Write the code of a phase or of a cause as words.

    >>> code_label("data_preparation"), code_label("no cause recorded")
    ('Data preparation', 'No cause recorded')
    """
    return code.replace("_", " ").capitalize()


def milestone_words(row) -> str:
    """Name the milestone of a row by its id and, where it has one, its name; the whole project in words alone."""
    whole = row.milestone == WHOLE_PROJECT
    return "Whole project" if whole else milestone_label(row.milestone, row.name)


def with_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Add a column ``label``: what the milestone of each row is called."""
    labels = [milestone_words(row) for row in table.itertuples()]
    return table.assign(label=pd.Series(labels, table.index, dtype="str"))
