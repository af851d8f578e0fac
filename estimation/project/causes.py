"""The codes of a miss: why a milestone was late, and what is done about it; other codes may come."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

CAUSE_CODES: Mapping[str, str] = {
    "data_access": "data, accounts or clearance came late",
    "data_quality": "data were not as good as thought",
    "scope_change": "what was to be done changed or grew",
    "model_performance": "the model stayed below its target",
    "extra_iteration": "a round of experiments or training more than planned",
    "integration": "connecting other systems took longer",
    "infrastructure": "platform, environments or computing power",
    "client_approval": "a decision or signature of the client came late",
    "third_party": "somebody else outside, such as a supplier, was late",
    "staffing": "people were missing or changed",
    "estimate": "the estimate was too low, nothing else happened",
    "other": "none of these; the explanation says what",
}
"""Coded causes and what each means; the list may grow, an unknown code is allowed with a warning."""
OVERTIME, OVERTIME_WITH_CONSENT = "overtime", "overtime with consent"
RECOVERY_KINDS = ("resources", "scope", OVERTIME_WITH_CONSENT, "extension")
"""What a recovery plan may be made of; overtime needs the consent of those who work it."""
CODES: Mapping[str, tuple[str, ...]] = {"cause": tuple(CAUSE_CODES), "recovery_kind": RECOVERY_KINDS}
"""Columns that hold a code, and the codes that are known."""


def coded(text: str) -> str:
    """Reduce a code to what matters, so that spellings of it compare.

    >>> coded("Data Quality"), coded("data-quality")
    ('data_quality', 'data_quality')
    """
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())


def with_known_codes(table: pd.DataFrame) -> pd.DataFrame:
    """Write known codes as they are listed, whatever their case and spaces; leave all others as they came.

    Parameters
    ----------
    table : DataFrame
        With any of the columns of ``CODES``, or none.
    """
    for name, known in CODES.items():
        if name in table and table[name].notna().any():
            listed = {coded(code): code for code in known}
            words = {word: listed.get(coded(word), word) for word in table[name].dropna().unique()}
            table = table.assign(**{name: table[name].map(words).astype(table[name].dtype)})
    return table
