"""Which phase a word means: a known one as written, a near spelling that is shown, or a phase of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from estimation.errors import Problem
from estimation.ingest.conversion import RawColumn
from estimation.ingest.framework_file import read_framework
from estimation.ingest.spelling import NEW, PERHAPS, SURE, Match, as_yaml, find_near, most_alike
from estimation.tables import fold_phase

DEFAULT_FRAMEWORK = "ai_delivery"
POOLED_PHASE = "work"
"""The phase of what names none."""


@dataclass(frozen=True)
class ReadPhases:
    """The column with near spellings put right, how each word was understood, and what is to be said about it."""

    column: RawColumn
    matches: list[Match]
    problems: list[Problem]
    warnings: list[Problem]


@cache
def _framework_phases() -> dict[str, str]:
    phases = read_framework(DEFAULT_FRAMEWORK).phases
    return {
        spelling: phase.id for phase in phases for spelling in (_spelling(phase.id), _spelling(phase.name))
    }


def _spelling(word: str) -> str:
    return fold_phase(word).replace("_", " ")


def read_phases(column: RawColumn, translated: Mapping[str, str], *, strict: bool = False) -> ReadPhases:
    """Understand the phases of a file by the framework's and by those that a mapping file names, theirs to ours.

    A word that is a known phase but for case, spaces and dashes stays as it is written. A near spelling becomes the
    known phase; an uncertain one is asked for; any other is a phase of its own, with a warning or, if strict,
    refused.
    """
    by_mapping = {_spelling(theirs): ours for theirs, ours in translated.items()}
    known = {**_framework_phases(), **{_spelling(ours): ours for ours in translated.values()}}
    meaning: dict[str, str] = {}
    matches, problems, warnings = [], [], []
    names = ", ".join(dict.fromkeys(known.values()))
    for word in column.words:
        spelling = _spelling(word)
        if not word or len(word.splitlines()) > 1:
            continue
        if spelling in by_mapping:
            how, near = "mapping file", [by_mapping[spelling]]
        elif spelling in known:
            how, near = "name", [known[spelling]]
        else:
            how, near = find_near(spelling, known)
        place = column.places_of(word)[0]
        if how == PERHAPS:
            expected = f"it may mean the phase {' or '.join(near)}"
            say = f"phases: {as_yaml({word: near[0]})}, or if it is a phase of its own, phases: {as_yaml({word: word})}"
            problems.append(column.problem(place, expected, f"Say so in a mapping file: {say}.", whole=True))
            continue
        matches.append(Match("phase", word, near[0] if how else word, how or NEW))
        if how in ("mapping file", SURE):
            meaning[word] = near[0]
        elif not how:
            expected = f"no known phase ({names}), so it is a phase of its own"
            expected = f"wanted a known phase: {names}" if strict else expected
            said = column.problem(place, expected, _advice(word, most_alike(spelling, known)))
            (problems if strict else warnings).append(said)
    cells = [meaning.get(cell, cell) for cell in column.cells] if meaning else column.cells
    return ReadPhases(replace(column, cells=cells), matches, problems, warnings)


def _advice(word: str, alike: str) -> str:
    """Say how a mapping file names the phase; where none is alike, leave the choice to the reader."""
    if alike:
        return f"If it means {alike}, say so in a mapping file: phases: {as_yaml({word: alike})}."
    example = as_yaml({word: "PHASE"})
    return f"If it means one of these, say so in a mapping file: phases: {example}, with its name for PHASE."


def is_known_phase(word: str) -> bool:
    """Tell whether a word is a phase of the framework, as written or surely mistyped."""
    spelling = _spelling(word)
    return spelling in _framework_phases() or find_near(spelling, _framework_phases())[0] == SURE


def pool_rare_phases(
    history: pd.DataFrame, *, min_projects: int = 5, pooled: str = POOLED_PHASE
) -> pd.DataFrame:
    """Keep as phases the work packages that several projects share; all others, and rows without, become one phase.

    Names that differ in capitals and spaces only are one name, written as it came first.
    """
    keys = history["phase"].fillna(pooled).map(_same_name)
    n_projects = history.groupby(keys)["project"].nunique()
    names = history.groupby(keys)["phase"].first()
    kept = keys.isin(n_projects.index[n_projects >= min_projects]) & (keys != _same_name(pooled))
    return history.assign(phase=keys.map(names).where(kept, pooled).astype("str"))


def _same_name(name: str) -> str:
    return " ".join(name.casefold().split())
