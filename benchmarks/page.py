"""Tables of the benchmarks as Markdown, and their places in ``docs/benchmarks.md``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


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
