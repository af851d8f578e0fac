"""How a plan is cut: milestones too long, too many or too few, and the work that needs more than one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from estimation.findings import Finding, found
from estimation.lint.phrases import found_at, phase_words
from estimation.lint.systems import names_system, systems_in
from estimation.project.amounts import count, days_words
from estimation.project.plan import Plan
from estimation.tables import fold_phase

LONGEST_DAYS = 10
"""Two weeks: work that is longer gives no warning in time. [working days]"""
MOST_PER_WEEK = 2.5
WEEKS_PER_MILESTONE = 2

_MEASURE = r"(?:accuracy|precision|recall|f1|auc|target performance|target metric|error rate|hit rate)"
_TARGET = re.compile(
    rf"\b(?:meets?|reach(?:es|ed)?|achiev(?:es|ed)|hits?|attains?)\b.*\b(?:{_MEASURE}|target|\d+ ?%)"
    rf"|\b{_MEASURE}\b.*\b(?:met|reached|achieved|\d+ ?%)|\d+ ?% {_MEASURE}\b",
    re.IGNORECASE,
)
_ABOUT_MODEL = re.compile(
    rf"\b(?:models?|{_MEASURE}|classifier|predictions?|detect\w*|finds?)\b", re.IGNORECASE
)
_READING = re.compile(r"\b(?:baseline|first|simple|prototype) model\b", re.IGNORECASE)


def check_size(plan: Plan) -> Iterator[Finding]:
    """Ask whether the milestones are small enough to warn early, and whether risky work has more than one."""
    if not (plan.baseline.own_days > 0).any():
        yield found("no-duration", plan.project, label=f"'{plan.name}'")
        return
    for rule in (_long_work, _density, _data_phases, _targets, _integrations):
        yield from rule(plan)


def places_by_phase(milestones: pd.DataFrame) -> dict[str, np.ndarray]:
    """Tell where the milestones of each phase stand, however it is spelled; the first spelling names it."""
    first: dict[str, str] = {}
    spelled = {phase: first.setdefault(fold_phase(phase), phase) for phase in milestones["phase"].unique()}
    return milestones.groupby(milestones["phase"].map(spelled), sort=False).indices  # pyright: ignore[reportReturnType]


def _long_work(plan: Plan) -> Iterator[Finding]:
    """Work planned as experiments is looked at after each of them, so what counts is the length of one."""
    table, days = plan.milestones, plan.baseline.own_days
    rounds = table["iterations_planned"].astype("float64").fillna(1).clip(lower=1).to_numpy()
    for place in np.flatnonzero(days / rounds > LONGEST_DAYS + 0.5):
        yield found_at(table, place, "longer-than-two-weeks", days=days_words(days[place]))


def _density(plan: Plan) -> Iterator[Finding]:
    n = len(plan.milestones)
    first = plan.calendar.mornings([plan.start])[0]
    weeks = float(plan.baseline.evening.max() - first) / plan.calendar.week.count("1")
    facts = {"label": f"'{plan.name}'", "n": count(n, "milestone"), "weeks": max(weeks, 1)}
    if n * WEEKS_PER_MILESTONE < weeks:
        yield found("too-few-milestones", plan.project, **facts)
    elif n > MOST_PER_WEEK * max(weeks, 1):
        yield found("too-many-milestones", plan.project, **facts)


def _data_phases(plan: Plan) -> Iterator[Finding]:
    table = plan.milestones
    for phase, places in places_by_phase(table).items():
        words = fold_phase(phase).split("_")
        if len(places) == 1 and any(word in ("data", "dataset", "datasets") for word in words):
            yield found_at(table, places[0], "single-data-milestone", phase=phase_words(phase))


def _targets(plan: Plan) -> Iterator[Finding]:
    """Look in a phase with a target for the model for a second reading: a first model, or a lower number."""
    table = plan.milestones
    names = table["name"].str
    target = (names.contains(_TARGET, na=False) & names.contains(_ABOUT_MODEL, na=False)).to_numpy()
    reading = target | names.contains(_READING, na=False).to_numpy()
    for places in places_by_phase(table).values():
        if target[places].any() and reading[places].sum() == 1:
            yield found_at(table, places[target[places]][0], "target-without-steps")


def _integrations(plan: Plan) -> Iterator[Finding]:
    """Each system named anywhere as an integration needs a milestone whose name speaks of it and of no other."""
    table = plan.milestones
    columns = ("name", "description", "acceptance_criteria", "client_summary", "waiting_on", "notes")
    texts = zip(*(table[column].fillna("").tolist() for column in columns), strict=True)
    spoken_of: dict[str, tuple[int, str]] = {}
    for place, cells in enumerate(texts):
        for system in systems_in(" | ".join(cells)):
            spoken_of.setdefault(system.casefold(), (place, system))
    if not spoken_of:
        return
    systems = [system for _, system in spoken_of.values()]
    named = [[each for each in systems if names_system(name, each)] for name in table["name"].fillna("")]
    alone = {each for spoken in named if len(spoken) == 1 for each in spoken}
    for place, system in spoken_of.values():
        if system not in alone:
            yield found_at(table, place, "integration-without-milestone", system=system)
