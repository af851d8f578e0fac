"""The first page: which reports there are, what each answers, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import nbformat

from estimation.errors import InputError
from estimation.publishing.html import TEMPLATE, shown_fact, shown_name, title_facts
from estimation.publishing.notebooks import title_and_question
from estimation.publishing.results import read_facts, write_whole
from estimation.publishing.runner import NOTEBOOK_FILE, REPORT_FILE
from estimation.publishing.staging import FAILED, READY, STAGED

INDEX_FILE = "index.html"
_FIGURES_SHOWN = 4
_LONGEST_FIGURE = 40


def write_index(reports: Path) -> Path:
    """List every report under a folder on one page, in the order of the notebooks they come from."""
    pages = sorted(path for path in reports.rglob(REPORT_FILE) if _is_in_place(path.relative_to(reports)))
    entries = sorted((_entry(page, reports) for page in pages), key=itemgetter("order", "link"))
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATE), autoescape=True)
    page = environment.get_template("overview.html.j2").render(reports=entries)
    write_whole(reports / INDEX_FILE, page + "\n")
    return reports / INDEX_FILE


def _is_in_place(path: Path) -> bool:
    """Whether a page is a report, and not one that failed or is being made."""
    return not any(part in (FAILED, READY) or part.startswith(STAGED) for part in path.parts)


def _entry(page: Path, reports: Path) -> dict[str, Any]:
    """Read what the first page says of one report from the files beside it."""
    folder = page.parent
    name, title, question = _notebook(folder / NOTEBOOK_FILE)
    try:
        facts = read_facts(folder)
    except InputError:  # a report whose notebook saved no results is still a report
        facts = {}
    report = facts.get("report", {})
    return {
        "order": name or "~",
        "link": quote(page.relative_to(reports).as_posix()),
        "title": str(report.get("title") or title or folder.name),
        "question": str(report.get("question") or question),
        "figures": _figures(facts.get("headline", {})),
        "facts": list(title_facts(report))[:2] if report else [],
    }


def _notebook(path: Path) -> tuple[str, str, str]:
    """Name, title and question of the notebook behind a report, as far as it is still there."""
    if not path.exists():
        return "", "", ""
    notebook = nbformat.read(path, as_version=4)
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    return (notebook.metadata.get("estimation", {}).get("notebook", ""), *title_and_question(first)[:2])


def _figures(headline: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Choose the first few figures that are one short value each; a date that stands there already says no more."""
    short: dict[str, str] = {}
    for key, value in headline.items():
        if isinstance(value, str | int | float) and len(str(value)) <= _LONGEST_FIGURE:
            shown = shown_fact(value, key)
            again = isinstance(value, str) and shown != value and shown in short.values()
            short |= {} if again else {shown_name(key): shown}
    return tuple(short.items())[:_FIGURES_SHOWN]
