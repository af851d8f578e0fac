"""Tables of the benchmarks as Markdown: figures with their error, and their places in ``docs/benchmarks.md``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


NORMAL_90 = 1.645
ANYTHING = (-np.inf, np.inf)


def markdown(table: pd.DataFrame) -> str:
    """Write a table as Markdown."""
    lines = [table.columns, ["---"] * len(table.columns), *table.astype(str).to_numpy()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def fill_markers(page: str, tables: dict[str, str]) -> str:
    """Put each table between its markers, ``<!-- name -->`` and ``<!-- /name -->``; the rest stays."""
    for name, table in tables.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", flags=re.DOTALL)
        page, found = marked.subn(lambda match, table=table: f"{match[1]}{table}\n{match[2]}", page)
        if not found:
            sys.exit(f"{PAGE.name} has no place for '{name}'; wanted <!-- {name} --> and <!-- /{name} -->")
    return page


def mean_with_error(values: pd.Series, form: str = ".3f") -> str:
    """Write a mean with the 90 % interval that the spread of independent values gives; a dash without any."""
    if values.isna().all():
        return "-"
    mean, error = values.mean(), NORMAL_90 * values.std(ddof=1) / np.sqrt(len(values))
    return f"{mean:{form}} ({mean - error:{form}} to {mean + error:{form}})"


def verdict(*judged: tuple[float, tuple[float, float]]) -> str:
    """Tell whether all figures lie within what was wanted; a dash where nothing was."""
    if all(wanted == ANYTHING for _, wanted in judged):
        return "-"
    return "yes" if all(low <= value <= high for value, (low, high) in judged) else "NO"


def wanted_range(wanted: tuple[float, float]) -> str:
    """Write the range in which a figure must lie; a share of 1 is no limit."""
    low, high = wanted
    if wanted == ANYTHING:
        return "-"
    if low == -high:
        return f"within {high:.2f}"
    return f"at least {low:.2f}" if high == 1 else f"{low:.2f} to {high:.2f}"
