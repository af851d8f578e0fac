"""The client report as an e-mail: the same facts on one screen of plain text."""

from __future__ import annotations

import re
import textwrap

import pandas as pd

from estimation.pages import client_wording as wording
from estimation.pages.displays import shown_date, shown_dates
from estimation.pages.labels import milestone_words
from estimation.project.amounts import count, days_words, list_words
from estimation.tracking.client_report import DECIDE, ClientReport

EMAIL_FILE = "email.txt"
MOST_LINES, WIDEST = 25, 78
_SIZES = (
    (5, 5, 4, 5, 5),
    (4, 4, 4, 4, 3),
    (3, 4, 3, 3, 3),
    (3, 4, 3, 3, 2),
    (3, 4, 3, 2, 2),
    (3, 3, 3, 2, 2),
    (3, 3, 3, 2, 1),
    (3, 3, 3, 2, 0),
    (3, 3, 0, 2, 2),
    (3, 3, 0, 2, 1),
    (3, 3, 0, 2, 0),
    (3, 3, 0, 1, 1),
    (2, 3, 0, 2, 1),
    (2, 3, 0, 2, 0),
    (2, 3, 0, 1, 1),
    (2, 2, 0, 1, 1),
    (1, 2, 0, 1, 1),
    (1, 1, 0, 1, 0),
)
"""How many delays are named, in how many lines each and what is done about them, and how many needs and next steps: the
first that fits one screen. What is done about a delay gives way before a delay or its reason does."""
_SENTENCES = re.compile(r"(?<=[.!?]) +(?=[A-Z\u00c0-\u00de\u201e\"'(])")


def email_text(report: ClientReport) -> str:
    """Write a client report as plain text of at most 25 lines of 78 letters, subject first.

    What does not fit is left to the report, whole sentences at a time, and that is said.
    """
    for size in _SIZES:
        lines = _lines(report, *size)
        if len(lines) <= MOST_LINES:
            break
    return "\n".join(lines) + "\n"


def _lines(
    report: ClientReport, n_delays: int, reason_lines: int, plan_lines: int, n_needs: int, n_steps: int
) -> list[str]:
    facts = report.facts
    lines = [
        _one("Subject: ", facts["project_name"], f": status of {shown_date(facts['as_of'])}"),
        "",
        *_fitted(_sentences(wording.banner(report)), 3, "!! ", "   ")[0],
        *_fitted(_sentences(wording.end_finding(facts)), 2)[0],
        *_fitted(_sentences(wording.sure_finding(facts)), 4)[0],
        *_done(report),
        *_fitted(_sentences(wording.reopened_finding(report)), 2)[0],
    ]
    delays, whole = [], True
    for row in report.delays.head(n_delays).itertuples():
        dates = (
            f"{_cut(milestone_words(row), WIDEST)}: {shown_dates(row.agreed_finish, row.new_finish, '->')}."
            f"{' Done.' if row.state == wording.DONE else ''}"
        )
        moved = report.effects.loc[report.effects["milestone"] == row.milestone, "moved_days"]
        later = f"Moves {count(len(moved), 'later milestone')} by up to {days_words(moved.max())}."
        said = [dates, *_sentences(wording.why(row)), *([later] if len(moved) else [])]
        fitted, all_fitted = _fitted(said, reason_lines, "- ", "  ")
        we_do = "We do: " if isinstance(row.recovery_plan, str) else ""
        plan, all_planned = _fitted(_sentences(f"{we_do}{wording.recovery(row)}"), plan_lines, "  ", "  ")
        delays += fitted + plan
        whole &= all_fitted and all_planned
    lines += _section("Late", delays, len(report.delays) - n_delays, whole)
    asked, needs, whole = _first_needs(report.needs, n_needs), [], True
    for row in asked.itertuples():
        words = _sentences(f"{wording.by_when(row)}: {wording.need(row, facts)}")
        fitted, all_fitted = _fitted(words, 2, "- ", "  ")
        needs += fitted
        whole &= all_fitted
    lines += _section("We need from you", needs, len(report.needs) - n_needs, whole)
    steps = [
        _one(
            f"- {shown_date(row.date)}: ",
            milestone_words(row),
            f" {row.step}"
            + ("" if pd.isna(row.agreed_finish) else f" (agreed {shown_date(row.agreed_finish)})"),
        )
        for row in report.next_steps.head(n_steps).itertuples()
    ]
    return lines + _section("Next two weeks", steps, len(report.next_steps) - n_steps)


def _done(report: ClientReport) -> list[str]:
    """Say how many milestones are done, and name as many of the new ones as two lines hold."""
    facts, new = report.facts, report.milestones[report.milestones["just_done"]]
    labels = [milestone_words(row) for row in new.itertuples()] or ["none"]
    so_far = f"Done: {facts['n_done']} of {count(facts['n_milestones'], 'milestone')}; since the last report"
    for n in range(len(labels), 0, -1):
        more = [f"{len(labels) - n} more"] if n < len(labels) else []
        told, whole = _fitted([f"{so_far}: {list_words([*labels[:n], *more])}."], 2)
        if whole:
            break
    return told


def _first_needs(needs: pd.DataFrame, n: int) -> pd.DataFrame:
    """Take what is needed first, in order of its date; the answer on the end is never among what is left out."""
    first = needs.head(n)
    answer = needs[needs["kind"] == DECIDE]
    if answer.empty or (first["kind"] == DECIDE).any():
        return first
    return pd.concat([needs.head(n - 1), answer])


def _section(title: str, lines: list[str], n_more: int, whole: bool = True) -> list[str]:
    """Put a heading over some lines that says what is left to the report: further ones, or parts of these."""
    if not lines:
        return ["", f"{title}: {n_more} in the report"] if n_more > 0 else []
    more = f" ({n_more} more in the report)" if n_more > 0 else "" if whole else " (more in the report)"
    return ["", f"{title}{more}:", *lines]


def _sentences(text: str) -> list[str]:
    """Take a text apart where its sentences end.

    >>> _sentences("The labels are clean. Three of the days, approx. 2.5, can be won back.")
    ['The labels are clean.', 'Three of the days, approx. 2.5, can be won back.']
    """
    return _SENTENCES.split(text)


def _fitted(sentences: list[str], most: int, first: str = "", then: str = "") -> tuple[list[str], bool]:
    """Break as many whole sentences into lines as fit, and tell whether these are all.

    A first sentence that is too long by itself is cut between words: of nothing there is nothing to read on.
    """
    if most == 0:
        return [], False
    for n in range(len(sentences), 0, -1):
        lines = textwrap.wrap(" ".join(sentences[:n]), WIDEST, initial_indent=first, subsequent_indent=then)
        if len(lines) <= most:
            return lines, n == len(sentences)
    cut = {"max_lines": most, "placeholder": " ..."}
    return textwrap.wrap(sentences[0], WIDEST, initial_indent=first, subsequent_indent=then, **cut), False


def _one(before: str, name: str, after: str) -> str:
    """Write one line; where it would be too long the name is cut, for the dates around it must stay."""
    return f"{before}{_cut(name, WIDEST - len(before) - len(after))}{after}"


def _cut(name: str, most: int) -> str:
    """Keep of a name what fits on one line."""
    name = " ".join(name.split())
    return name if len(name) <= most else f"{name[: most - 4].rstrip()} ..."
