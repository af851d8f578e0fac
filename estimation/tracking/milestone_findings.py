"""Findings about milestones of a running project: a sentence filled in from each row of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.findings import Severity


def findings_about(
    rows: pd.DataFrame, rule: str, severity: Severity, sentence: str, remedy: str, **columns
) -> pd.DataFrame:
    """Make one finding of each row; the sentence has the columns of the rows as its fields."""
    return pd.DataFrame(
        {
            "rule": rule,
            "severity": severity.value,
            "item": rows["milestone"],
            "message": [sentence.format(**row) for row in rows.to_dict("records")],
            "remedy": remedy,
            "lost_days": np.nan,
            **columns,
        }
    )
