"""What waits for what: loose ends, leads and lags, dates that contradict the links, and promises before the plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from estimation.findings import Finding, found
from estimation.lint.phrases import date_words, found_at, labels_of
from estimation.project.amounts import days_words
from estimation.project.plan import Plan

LONGEST_LAG_DAYS = 5
"""A lag longer than a week hides work or waiting. [working days]"""
SAME_DAY = 1
"""Work that begins on the day its predecessor finishes is an ordinary handover. [working days]"""
MOST_OTHER_LINKS = 0.1
FEWEST_LINKS = 10
"""With fewer links one of another kind is already more than one in ten."""


def check_logic(plan: Plan) -> Iterator[Finding]:
    """Ask whether a delay would find its way through the plan to the finish, and whether the dates agree with it."""
    table = plan.milestones
    labels = labels_of(table)
    if table["depends_on"].isna().all():
        if len(table) > 1:
            yield found("no-logic", plan.project, label=f"'{plan.name}'")
    else:
        yield from _loose_ends(plan, labels)
        yield from _links(plan, labels)
        yield from _dates_against_logic(plan)
    yield from _promises(plan)
    yield from _outside_dates(plan)


def _loose_ends(plan: Plan, labels: list[str]) -> Iterator[Finding]:
    links = chain.from_iterable(plan.dependencies.values())
    kinds: dict[str, set[str]] = {}
    for link in links:
        kinds.setdefault(link.milestone, set()).add(link.kind)
    first = plan.calendar.mornings([plan.start])[0]
    begins_later = plan.baseline.morning > first
    ends_earlier = plan.baseline.evening < plan.baseline.evening.max()
    rows = zip(plan.milestones["milestone"].tolist(), labels, begins_later, ends_earlier, strict=True)
    for item, label, later, earlier in rows:
        own = plan.dependencies[item]
        if not own and later:
            yield found("missing-predecessor", item, label=label)
        elif own and all(link.kind in ("FF", "SF") for link in own):
            yield found("dangling-start", item, label=label, links="; ".join(map(str, own)))
        to_it = kinds.get(item, ())
        if not to_it and earlier:
            yield found("missing-successor", item, label=label)
        elif to_it and earlier and all(kind in ("SS", "SF") for kind in to_it):
            yield found("dangling-finish", item, label=label)


def _links(plan: Plan, labels: list[str]) -> Iterator[Finding]:
    n = other = 0
    for item, label in zip(plan.milestones["milestone"].tolist(), labels, strict=True):
        own = plan.dependencies[item]
        n += len(own)
        other += sum(link.kind != "FS" for link in own)
        leads = [str(link) for link in own if link.lag_days < 0]
        lags = [str(link) for link in own if link.lag_days > LONGEST_LAG_DAYS]
        if leads:
            yield found("lead", item, label=label, links="; ".join(leads))
        if lags:
            yield found("long-lag", item, label=label, links="; ".join(lags))
    if n >= FEWEST_LINKS and other > MOST_OTHER_LINKS * n:
        yield found("few-finish-to-start", plan.project, label=f"'{plan.name}'", n=n, other=other)


def _dates_against_logic(plan: Plan) -> Iterator[Finding]:
    """Measure how far each start, and each finish held by an FF or SF link, lies before what the links allow."""
    baseline, milestones = plan.baseline, plan.milestones["milestone"]
    early = baseline.ready - baseline.morning
    held = {item: own for item, own in plan.dependencies.items() if any(k.kind in ("FF", "SF") for k in own)}
    place = {item: k for k, item in enumerate(milestones)} if held else {}
    for item, own in held.items():
        k = place[item]
        ends = [
            (baseline.evening if link.kind == "FF" else baseline.morning)[place[link.milestone]]
            + link.lag_days
            for link in own
            if link.kind in ("FF", "SF")
        ]
        early[k] = np.fmax(early[k], max(ends) - baseline.evening[k])
    for k in np.flatnonzero(early > SAME_DAY):
        yield found_at(plan.milestones, k, "dates-against-logic", days=days_words(np.ceil(early[k])))


def _promises(plan: Plan) -> Iterator[Finding]:
    promised = plan.milestones["promised_finish"]
    short = plan.baseline.evening - plan.days.evenings(promised)
    for k in np.flatnonzero(short > 0):
        yield found_at(
            plan.milestones,
            k,
            "negative-float",
            promised=date_words(promised.iloc[k]),
            planned=date_words(plan.baseline_finish[k]),
            days=days_words(short[k]),
        )


def _outside_dates(plan: Plan) -> Iterator[Finding]:
    table = plan.milestones
    dated = table["fixed_finish"].notna() | table["not_before"].notna()
    for k in np.flatnonzero(dated):
        dates = {
            "not before": table["not_before"].iloc[k],
            "finished on": table["fixed_finish"].iloc[k],
        }
        listed = ", ".join(f"{what} {date_words(date)}" for what, date in dates.items() if pd.notna(date))
        yield found_at(table, k, "hard-constraint", dates=listed)
