"""What is odd about what was said of a running project: taken as it is, and asked about."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from estimation.findings import NOTE, WARNING, Finding, Rule, findings_table, found
from estimation.project.amounts import milestone_label
from estimation.project.network import NOISE
from estimation.project.progress import DATE, DAYS, PERCENT
from estimation.project.standing import Standing

APART_DAYS = 2
"""Working days by which two words of one row may differ about the end of the work."""
RULES = {
    "reopened": Rule(
        WARNING,
        "{label} was reported done on {former:%Y-%m-%d} and was opened again on {on:%Y-%m-%d}",
        "Tell the client what was found, and by when it is done now.",
    ),
    "overdue-forecast": Rule(
        WARNING,
        "the update of {on:%Y-%m-%d} expects {label} on {said:%Y-%m-%d}, which was over by then",
        "Ask its owner for a date that can still come, or enter when it was done.",
    ),
    "complete-without-a-date": Rule(
        WARNING,
        "{label} is 100 % complete and has no date: it counts as running",
        "Enter the date on which it was done.",
    ),
    "words-differ": Rule(
        WARNING,
        "in the update of {on:%Y-%m-%d} the date, the days and the share of {label} lie {apart:.0f} days apart",
        "Correct one of them; the date counts before the days, the days before the share.",
    ),
    "days-used-up": Rule(
        WARNING,
        "the {said:g} days that were left of {label} on {on:%Y-%m-%d} are over, and it is not done",
        "Ask its owner how many days are left now.",
    ),
    "begun-early": Rule(
        WARNING,
        "{label} has begun although {before} is not {what}; it is taken not to end before that",
        "Say whether the link is right, or what of it can be done before.",
    ),
    "done-early": Rule(
        NOTE,
        "{label} is done although {before} is not",
        "Say whether the link is right, or whether it has to be opened again.",
    ),
    "may-be-drawn-in": Rule(
        NOTE,
        "{label} could be done on {possible:%Y-%m-%d}, and {said:%Y-%m-%d} was said",
        "Draw the date in, or say what it waits for.",
    ),
}


def status_findings(standing: Standing) -> pd.DataFrame:
    """List what is odd about what was said up to the day (FINDINGS), the gravest first."""
    every = (*_reopened(standing), *_words(standing), *_out_of_sequence(standing))
    return findings_table(every, RULES)


def _reopened(standing: Standing) -> Iterator[Finding]:
    for row in standing.table.itertuples():
        if not pd.isna(row.reopened_on):
            former = standing.former_finishes[row.milestone][-1]
            yield _of(standing, row.Index, "reopened", former=former, on=row.reopened_on)


def _words(standing: Standing) -> Iterator[Finding]:
    """Words that cannot be right, or do not agree."""
    state, reports, day = standing.state, standing.among.reports, standing.as_of
    names = ("forecast_finish", "remaining_days", "percent_complete")
    date, days, share = (reports.cells(name, day) for name in names)
    on, on_days, _ = (pd.DatetimeIndex(reports.said_on(name, day)) for name in names)
    rows = [reports.row_of(name, day) for name in names]
    ends = state.word_ends
    for k in np.flatnonzero(~state.is_over):
        if date[k] < on[k] and state.left_by[k] != PERCENT:
            yield _of(standing, k, "overdue-forecast", on=on[k], said=pd.Timestamp(date[k]))
        if share[k] == 1:
            yield _of(standing, k, "complete-without-a-date")
        newest = max(row[k] for row in rows)
        told = [end[k] for end, row in zip(ends, rows, strict=True) if row[k] == newest >= 0]
        if state.is_running[k] and max(told, default=0) - min(told, default=0) > APART_DAYS:
            yield _of(
                standing, k, "words-differ", on=reports.rows["as_of"][newest], apart=max(told) - min(told)
            )
        if state.left_by[k] == DAYS and state.is_running[k] and ends[1][k] < state.now - NOISE:
            yield _of(standing, k, "days-used-up", said=float(days[k]), on=on_days[k])
        if state.left_by[k] == DATE and not state.is_running[k] and ends[0][k] == standing.expected_finish[k]:
            possible = _without_its_date(standing, k)
            if possible <= ends[0][k] - 1:
                dates = pd.DatetimeIndex(standing.dates(np.array([possible, ends[0][k]])))
                yield _of(standing, k, "may-be-drawn-in", possible=dates[0], said=dates[1])


def _without_its_date(standing: Standing, k: int) -> float:
    """When a milestone would be done if its own date did not hold it, and those of the others did."""
    network, days = standing.state.ahead(to_dates=True)
    network.earliest_finish[k] = standing.state.network.earliest_finish[k]
    finishes = days[:, None]
    network.schedule(finishes)
    return finishes[k, 0]


def _out_of_sequence(standing: Standing) -> Iterator[Finding]:
    """Work that has begun, or is done, before what it waits for."""
    state = standing.state
    if standing.among.reports.plan.milestones["depends_on"].isna().all():
        return  # the order is assumed, and nobody can say whether a link is right
    begun = state.is_running | state.is_done
    for k, links in enumerate(standing.plan.network.links):
        for link in links:
            p = link.place
            missing = ~state.is_over[p] if link.from_finish else ~(begun[p] | state.is_cancelled[p])
            if not missing:
                continue
            before, what = _label(standing, p), "done" if link.from_finish else "begun"
            if state.is_running[k] and link.into_start:
                yield _of(standing, k, "begun-early", before=before, what=what)
            elif state.is_done[k]:
                yield _of(standing, k, "done-early", before=before)


def _of(standing: Standing, k: int, rule: str, **facts: object) -> Finding:
    milestone = standing.plan.milestones["milestone"][k]
    return found(rule, milestone, label=_label(standing, k), **facts)


def _label(standing: Standing, k: int) -> str:
    row = standing.plan.milestones.iloc[k]
    return milestone_label(row["milestone"], row["name"])
