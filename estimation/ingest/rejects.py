"""Rows that cannot be used are left out one by one, and with them what depends on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from estimation.errors import Problem
from estimation.ingest.conversion import shown
from estimation.ingest.raw_table import RawTable
from estimation.ingest.row_checks import Rows, predecessors_in


def only_rows(raw: RawTable, kept: Sequence[int]) -> RawTable:
    """Keep some rows of a table, with their places and with the problems of these rows."""
    numbers = [raw.row_numbers[row] for row in kept]
    return replace(
        raw,
        rows=[raw.rows[row] for row in kept],
        row_numbers=numbers,
        joined={column: [places[row] for row in kept] for column, places in raw.joined.items()},
        problems=[problem for problem in raw.problems if problem.row in set(numbers)] if raw.problems else (),
    )


def bad_rows(rows: Rows, problems: Sequence[Problem]) -> dict[int, list[Problem]] | None:
    """Tell which places of the table must go, and why; None where leaving out rows does not help."""
    if any(map(_concerns_many_rows, problems)):
        return None
    wanted = {(problem.file, problem.row) for problem in problems}
    found: dict[tuple[str, int | None], list[int]] = {}
    for places in [rows.raw.places(), *rows.raw.joined.values()]:
        for place, key in enumerate(places):
            if key in wanted and place not in found.get(key, ()):
                found.setdefault(key, []).append(place)
    bad: dict[int, list[Problem]] = {}
    for problem in problems:
        for place in found.get((problem.file, problem.row), ()):
            bad.setdefault(place, []).append(problem)
    return {**bad, **_followers(rows, bad)} if bad else None


def why_nothing_set_aside(file: str, rows: Rows, problems: Sequence[Problem]) -> str:
    """Say why nothing was set aside: what must be settled first, and how many rows could go then."""
    first = [problem for problem in problems if _concerns_many_rows(problem)]
    if not first:
        return f"{file}: nothing was set aside, because no row would be left."
    named = [f"column '{one.column}'" if one.column else "the file itself" for one in first]
    what = f"{' and '.join(dict.fromkeys(named))} must be settled first"
    settle = f"{file}: nothing was set aside: {what}, as it concerns more than one row."
    bad = bad_rows(rows, [problem for problem in problems if not _concerns_many_rows(problem)])
    return f"{settle} {len(bad)} row{'s' * (len(bad) > 1)} could then be set aside." if bad else settle


def _concerns_many_rows(problem: Problem) -> bool:
    """Tell whether a problem is one of a whole column or of the file."""
    return problem.row is None or problem.whole


def _followers(rows: Rows, bad: dict[int, list[Problem]]) -> dict[int, list[Problem]]:
    """Find the rows that depend on those set aside, directly or through others."""
    if not {"project", "milestone", "depends_on"} <= rows.columns.keys():
        return {}
    project, milestone, logic = (rows.columns[name].cells for name in ("project", "milestone", "depends_on"))
    touched = {project[place] for place in bad}
    kept = {(project[n], milestone[n]) for n in range(len(project)) if n not in bad and project[n] in touched}
    waiting: dict[tuple[str, str], list[int]] = {}
    for place in range(len(project)):
        if project[place] in touched and place not in bad:
            for predecessor in predecessors_in(logic[place]):
                waiting.setdefault((project[place], predecessor), []).append(place)
    gone = [key for place in bad if (key := (project[place], milestone[place])) not in kept]
    followers: dict[int, list[Problem]] = {}
    while gone:
        key = gone.pop()
        for place in waiting.get(key, ()):
            if place not in followers:
                found = f"'{shown(logic[place])}' came"
                expected = f"milestone {shown(key[1])} was set aside"
                remedy = "Correct that row first."
                followers[place] = [rows.problem(place, "depends_on", found, expected, remedy)]
                gone.append((project[place], milestone[place]))
    return followers
