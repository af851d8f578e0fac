"""The executed notebook as a page to send: no code, no script, nothing to load, the same bytes each time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

import nbformat
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from estimation.errors import RunError
from estimation.pages.displays import MISSING, shown_date, shown_value
from estimation.publishing.notebooks import title_and_question
from estimation.publishing.safe_html import safe_html, safe_svg

TEMPLATE = Path(__file__).parent / "template"
_FACTS = {"as_of": "Status date", "n_projects": "Projects behind it"}
_AT_THE_END = {"data_hash": "Data", "iterations": "Iterations", "seed": "Seed", "method": "Method"}
"""What whoever makes the numbers again needs, and nobody who only reads them."""
OWN_PAGE = "own-page"
"""Tag of a markdown cell: what it heads starts a new page in print."""
_ELSEWHERE = ("title", "question", "audience")
_HASH_LETTERS = 12


def render_report(notebook: nbformat.NotebookNode, facts: Mapping | None = None) -> str:
    """Turn an executed notebook into one HTML page that opens anywhere, offline; nothing in it is from the clock.

    The page shows the notebook's words and what its cells showed: figures, tables, key figures, printed text.
    It hides the code, and what cells wrote to standard error: warnings are for whoever runs the notebook,
    and they stay in the notebook kept beside the report.
    """
    facts = facts or {}
    title, question, cells = _without_title(notebook.cells)
    report = facts.get("report", {})
    where = {"template_name": TEMPLATE.name, "extra_template_basedirs": [str(TEMPLATE.parent)]}
    page = {
        "title": str(report.get("title") or title or "Report"),
        "question": str(report.get("question") or question),
        "facts": list(title_facts(report)),
        "made_of": list(closing_facts(report, facts.get("written_by", {}))),
        "parts": list(_parts(cells)),
    }
    exporter = TemplateExporter(**where, file_extension=".html")
    html, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(), resources={"page": page})
    return html


def title_facts(report: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Give the lines of a title block: what a reader must know before believing a number.

    Status date and projects are always there, "not stated" where the run did not say; further facts of the run follow
    under their own names. A client (``audience``) is told the status date alone. Nothing is escaped yet.
    """
    for key, name in _FACTS.items():
        if key == "as_of" or not _is_for_client(report):
            yield name, _stated(report.get(key))
    for key, value in report.items():
        if key not in (*_FACTS, *_AT_THE_END, *_ELSEWHERE) and isinstance(value, str | int | float):
            yield shown_name(key), shown_fact(value, key)


def closing_facts(report: Mapping[str, object], versions: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Give the last line of a page: what it takes to make the same numbers again. A client is told none of it."""
    if _is_for_client(report):
        return
    for key, name in _AT_THE_END.items():
        value = report.get(key)
        if key == "data_hash":
            yield name, _stated(None if value is None else str(value).rpartition(":")[2][:_HASH_LETTERS])
        elif value is not None:
            yield name, shown_fact(value, key)
    if "estimation" in versions:
        yield "Toolkit", str(versions["estimation"])


def _is_for_client(report: Mapping[str, object]) -> bool:
    return report.get("audience") == "client"


def _stated(value: object) -> str:
    return "not stated" if value in (None, "") else shown_fact(value)


def shown_fact(value: object, key: str = "") -> str:
    """Write a value of ``results.json`` for a reader: ISO dates in words, numbers short, chances in percent.

    A chance is never shown as certain: below 5 and above 95 percent it says no more than that.

    Examples
    --------
    >>> shown_fact("2026-11-16"), shown_fact(15.0), shown_fact(0.99, "prob_on_time")
    ('16 Nov 2026', '15', '>95 %')
    """
    if isinstance(value, str):
        try:
            return shown_date(dt.date.fromisoformat(value)) if len(value) == len("2026-11-16") else value
        except ValueError:
            return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown_value(value)
    if key.startswith("prob_"):
        return "<5 %" if value < 0.05 else ">95 %" if value > 0.95 else f"{value * 100:.0f} %"
    return shown_value(value, ",.0f" if abs(value) >= 100 else ".3g")


def shown_name(key: str) -> str:
    """Write a key of ``results.json`` for a reader.

    Examples
    --------
    >>> shown_name("p80_finish"), shown_name("slip_days"), shown_name("prob_baseline"), shown_name("n_rows")
    ('P80 finish', 'Slip, working days', 'Chance of baseline', 'Rows')
    """
    text = re.sub(r"_days$", ", working days", key)
    text = re.sub(r"^n_", "", re.sub(r"^prob_", "chance of ", text)).replace("_", " ").strip()
    text = re.sub(r"\bp(\d\d)\b", r"P\1", text)
    return text[:1].upper() + text[1:]


def _without_title(cells: list) -> tuple[str, str, list]:
    """Take title and question out of the first markdown cell; the title block shows them."""
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            title, question, rest = title_and_question(cell.source)
            return title, question, [*cells[:place], nbformat.v4.new_markdown_cell(rest), *cells[place + 1 :]]
    return "", "", cells


def _parts(cells: list) -> Iterator[str]:
    """Give the page piece by piece, each already safe HTML."""
    n_figures, said = 0, ""
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.strip():
            said = "" if cell.source.lstrip().startswith("#") else said
            renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
            css = "prose own-page" if OWN_PAGE in cell.metadata.get("tags", ()) else "prose"
            yield f'<div class="{css}">{safe_html(MarkdownWithMath(renderer=renderer).render(cell.source))}</div>'
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                raise RunError(f"A cell failed with {output.ename}; a failed notebook makes no report.")
            if output.output_type == "stream":
                if output.name == "stdout" and output.text.strip():
                    yield _plain(output.text)
                continue
            if "image/svg+xml" in output.data or "image/png" in output.data:
                n_figures += 1
                yield _figure(output, f"f{n_figures}")
            elif "text/html" in output.data:
                part = safe_html(output.data["text/html"])
                if part.startswith('<p class="report-text">') and part in said:
                    continue  # the sentence of a chart that could not be drawn, where it stands already
                said += part
                yield part
            elif output.data.get("text/plain", "").strip():
                yield _plain(output.data["text/plain"])


def _plain(text: str) -> str:
    return f'<pre class="plain" tabindex="0">{escape(text.rstrip())}</pre>'


def _figure(output: nbformat.NotebookNode, name: str) -> str:
    """One figure with its words; the drawing for phones beside the wide one where the notebook has both."""
    own, drawing = output.metadata.get("image/svg+xml", {}), output.data.get("image/svg+xml")
    narrow = own.get("narrow")
    if drawing is None:
        drawings = f'<img alt="" src="data:image/png;base64,{"".join(output.data["image/png"].split())}">'
    else:
        drawings = safe_svg(drawing, prefix=f"{name}w-", css="wide" if narrow else "both")
    if narrow:
        drawings += safe_svg(narrow, prefix=f"{name}n-", css="narrow")
    alt = own.get("alt") or output.data.get("text/plain", MISSING)
    return f'<figure role="img" aria-label="{escape(alt)}">{drawings}</figure>'
