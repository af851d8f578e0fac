"""What the findings about a plan add up to: can it be forecast, is it fit to be baselined."""

from __future__ import annotations

import pandas as pd

from estimation.findings import ERROR, WARNING, Severity
from estimation.project.amounts import count


def can_be_forecast(findings: pd.DataFrame) -> bool:
    """Tell whether there is anything to forecast: no finding is an error."""
    return not (findings["severity"] == ERROR).any()


def fit_to_baseline(findings: pd.DataFrame) -> bool:
    """Tell whether the plan is fit to be baselined: notes at most."""
    return not findings["severity"].isin((ERROR, WARNING)).any()


def plan_verdict(findings: pd.DataFrame) -> str:
    """Say in one line whether the plan is fit to be baselined.

    >>> from estimation.findings import findings_table
    >>> plan_verdict(findings_table([], {}))
    'Fit to be baselined: nothing was found.'
    """
    counts = findings["severity"].value_counts()
    listed = ", ".join(count(counts[severity], severity) for severity in Severity if severity in counts)
    if not can_be_forecast(findings):
        return f"Cannot be forecast: {listed}."
    if not fit_to_baseline(findings):
        return f"Can be forecast, but is not fit to be baselined yet: {listed}."
    return f"Fit to be baselined: {listed or 'nothing was found'}."
