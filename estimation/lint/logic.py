"""What waits for what: loose ends, leads and lags, dates that contradict the links, and promises before the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from estimation.findings import Finding, found
from estimation.lint.phrases import date_words, found_at, labels_of
from estimation.project.amounts import days_words
from estimation.project.links import Dependency
from estimation.project.network import Link
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
    links = list(chain.from_iterable(plan.network.links))
    waited_for, until_done = {one.place for one in links}, {one.place for one in links if one.from_finish}
    begins_later = plan.baseline.morning > plan.calendar.mornings([plan.start])[0]
    ends_earlier = plan.baseline.evening < plan.baseline.evening.max()
    ids = plan.milestones["milestone"].tolist()
    rows = zip(ids, plan.network.links, labels, begins_later, ends_earlier, strict=True)
    for k, (item, own, label, later, earlier) in enumerate(rows):
        if not own and later:
            yield found("missing-predecessor", item, label=label)
        elif own and not any(link.into_start for link in own):
            yield found("dangling-start", item, label=label, links=_written(own, ids))
        if k not in until_done and earlier:
            yield found("dangling-finish" if k in waited_for else "missing-successor", item, label=label)


def _links(plan: Plan, labels: list[str]) -> Iterator[Finding]:
    n = other = 0
    ids = plan.milestones["milestone"].tolist()
    for item, label, own in zip(ids, labels, plan.network.links, strict=True):
        n += len(own)
        other += sum(link.kind != "FS" for link in own)
        if leads := [link for link in own if link.lag_days < 0]:
            yield found("lead", item, label=label, links=_written(leads, ids))
        if lags := [link for link in own if link.lag_days > LONGEST_LAG_DAYS]:
            yield found("long-lag", item, label=label, links=_written(lags, ids))
    if n >= FEWEST_LINKS and other > MOST_OTHER_LINKS * n:
        yield found("few-finish-to-start", plan.project, label=f"'{plan.name}'", n=n, other=other)


def _written(links: Iterable[Link], ids: list[str]) -> str:
    """Write links as the plan has them."""
    return "; ".join(str(Dependency(ids[link.place], link.kind, link.lag_days)) for link in links)


def _dates_against_logic(plan: Plan) -> Iterator[Finding]:
    """Measure how far each start, and each finish held by an FF or SF link, lies before what the links allow."""
    baseline = plan.baseline
    early = baseline.ready - baseline.morning
    for k, own in enumerate(plan.network.links):
        for link in own:
            if not link.into_start:
                end = (baseline.evening if link.from_finish else baseline.morning)[link.place]
                early[k] = np.fmax(early[k], end + link.lag_days - baseline.evening[k])
    for k in np.flatnonzero(early > SAME_DAY):
        yield found_at(plan.milestones, k, "dates-against-logic", days=days_words(np.ceil(early[k])))


def _promises(plan: Plan) -> Iterator[Finding]:
    promised = plan.milestones["promised_finish"]
    short = plan.baseline.evening - plan.days.evenings(promised)
    for k in np.flatnonzero(short > 0):
        dates = {"promised": date_words(promised.iloc[k]), "planned": date_words(plan.baseline_finish[k])}
        yield found_at(plan.milestones, k, "negative-float", **dates, days=days_words(short[k]))


def _outside_dates(plan: Plan) -> Iterator[Finding]:
    named = {"not_before": "not before", "fixed_finish": "finished on"}
    dates = plan.milestones[list(named)]
    for k in np.flatnonzero(dates.notna().any(axis=1)):
        listed = [f"{named[column]} {date_words(date)}" for column, date in dates.iloc[k].dropna().items()]
        yield found_at(plan.milestones, k, "hard-constraint", dates=", ".join(listed))
