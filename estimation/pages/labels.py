"""What milestones, phases and causes are called on a page."""

from __future__ import annotations

import pandas as pd

from estimation.forecasting.forecast import WHOLE_PROJECT


def code_label(code: str) -> str:
    """Write the code of a phase or of a cause as words.

    >>> code_label("data_preparation"), code_label("no cause recorded")
    ('Data preparation', 'No cause recorded')
    """
    return code.replace("_", " ").capitalize()


def milestone_words(row) -> str:
    """Name a milestone by its id and, where it has one, its name."""
    return f"{row.milestone} {row.name}" if isinstance(row.name, str) else row.milestone


def with_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Add a column ``label``: the id of each milestone with its name, the project's name alone."""
    ids = table["milestone"].where(table["milestone"] != WHOLE_PROJECT, "")
    return table.assign(label=(ids + " " + table["name"].fillna("")).str.strip())
