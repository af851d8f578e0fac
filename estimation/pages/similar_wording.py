"""Similar projects in words: what the closed projects nearest to a plan took, and where it lies outside all of them."""

from __future__ import annotations

import pandas as pd

from estimation.calibration.similar_projects import Outside
from estimation.pages.labels import code_label
from estimation.project.amounts import days_words, list_words, project_names


def similar_finding(similar: pd.DataFrame) -> str:
    """Say what the closed projects nearest to a plan planned and took."""
    if similar.empty:
        return "No closed project to compare with."
    ratio = similar["finish_ratio"].median()
    return f"The {len(similar)} most similar closed projects took {ratio:.1f} times their plan (median)."


def similar_overview(similar: pd.DataFrame) -> pd.DataFrame:
    """Lay the similar projects out for a reader; columns as in ``SIMILAR_COLUMNS``."""
    return similar.assign(project=project_names(similar))[list(SIMILAR_COLUMNS)]


SIMILAR_COLUMNS = {
    "project": "Project",
    "client": "Client",
    "n_milestones": "Milestones",
    "baseline_days": "Planned, days",
    "actual_days": "Took, days",
    "finish_ratio": "Taken / planned",
}
SIMILAR_FORMATS = {"baseline_days": ".0f", "actual_days": ".0f", "finish_ratio": ".2f"}


def outside_finding(outside: Outside) -> str:
    """Warn where a plan lies outside all closed projects; empty where it does not."""
    said = [
        outside.longest and f"it is longer than any of them (the longest: {days_words(outside.longest)})",
        outside.most and f"it has more milestones (at most {outside.most} so far)",
        outside.phases
        and f"its {list_words([code_label(one).lower() for one in outside.phases])} is new to them",
        outside.client and f"{outside.client} is a new client",
    ]
    said = [one for one in said if one]
    return f"Outside your closed projects: {'; '.join(said)}. Read the dates with care." if said else ""
