"""The client report as an e-mail: the same facts on one screen of plain text."""

from __future__ import annotations

import textwrap

from estimation.reporting import client_wording as wording
from estimation.reporting.displays import shown_date
from estimation.reporting.wording import count, days, list_words
from estimation.tracking.client_report import DECIDE, ClientReport

EMAIL_FILE = "email.txt"
MOST_LINES, WIDEST = 25, 78
_SIZES = ((2, 3, 3, 3), (2, 3, 2, 3), (2, 2, 2, 3), (1, 2, 2, 3), (1, 2, 1, 2), (1, 1, 1, 2), (1, 1, 1, 1))
"""How many delays, needs and next steps are named, and in how many lines a reason: the first that fits one screen."""


def email_text(report: ClientReport) -> str:
    """Write a client report as plain text of at most 25 lines of 78 letters.

    Parameters
    ----------
    report : ClientReport

    Returns
    -------
    str
        Subject first. What does not fit is counted and left to the report.
    """
    for size in _SIZES:
        lines = _lines(report, *size)
        if len(lines) <= MOST_LINES:
            break
    return "\n".join(lines) + "\n"


def _lines(report: ClientReport, n_delays: int, n_needs: int, n_steps: int, n_lines: int) -> list[str]:
    facts = report.facts
    new = report.milestones[report.milestones["just_done"]]
    done = list_words([wording.label(row) for row in new.itertuples()]) or "none"
    lines = [
        _one("Subject: ", facts["project_name"], f": status of {shown_date(facts['as_of'])}"),
        "",
        *_wrapped(wording.banner(report), 3, "!! ", "   "),
        *_wrapped(wording.end_finding(facts), 2),
        *_wrapped(wording.sure_finding(facts), 2),
        *_wrapped(
            f"Done: {facts['n_done']} of {count(facts['n_milestones'], 'milestone')}; since the last report: {done}.",
            2,
        ),
    ]
    delays = []
    for place, row in enumerate(report.delays.head(n_delays).itertuples()):
        dates = wording.pair(row.agreed_finish, row.new_finish, "->")
        moved = report.effects.loc[report.effects["milestone"] == row.milestone, "moved_days"]
        later = (
            f" Moves {count(len(moved), 'later milestone')} by up to {days(moved.max())}."
            if len(moved)
            else ""
        )
        delays += _wrapped(f"{_cut(wording.label(row), WIDEST)}: {dates}.{later}", 2, "- ", "  ")
        if place == 0:  # the others are told in the report
            delays += _wrapped(f"Why: {wording.why(row)}", n_lines, "  ", "  ")
            delays += _wrapped(f"We do: {wording.recovery(row)}", min(n_lines, 2), "  ", "  ")
    lines += _section("Late", delays, len(report.delays) - n_delays)
    needed = report.needs.sort_values("kind", key=lambda kinds: kinds != DECIDE, kind="stable")
    needs = [
        line
        for row in needed.head(n_needs).itertuples()
        for line in _wrapped(f"by {shown_date(row.by)}: {wording.need(row, facts)}", 2, "- ", "  ")
    ]
    lines += _section("We need from you", needs, len(report.needs) - n_needs)
    steps = [
        _one(
            f"- {shown_date(row.date)}: ",
            wording.label(row),
            f" {row.step} (agreed {shown_date(row.agreed_finish)})",
        )
        for row in report.next_steps.head(n_steps).itertuples()
    ]
    return lines + _section("Next two weeks", steps, len(report.next_steps) - n_steps)


def _section(title: str, lines: list[str], n_more: int) -> list[str]:
    """Put a heading over some lines, with the number of those that are left to the report."""
    if not lines:
        return []
    more = f" ({n_more} more in the report)" if n_more > 0 else ""
    return ["", f"{title}{more}:", *lines]


def _wrapped(text: str, most: int, first: str = "", then: str = "") -> list[str]:
    """Break a text into lines that fit, a few at most."""
    return textwrap.wrap(
        text, WIDEST, initial_indent=first, subsequent_indent=then, max_lines=most, placeholder=" ..."
    )


def _one(before: str, name: str, after: str) -> str:
    """Write one line; where it would be too long the name is cut, for the dates around it must stay."""
    return f"{before}{_cut(name, WIDEST - len(before) - len(after))}{after}"


def _cut(name: str, most: int) -> str:
    """Keep of a name what fits on one line."""
    name = " ".join(name.split())
    return name if len(name) <= most else f"{name[: most - 4].rstrip()} ..."
