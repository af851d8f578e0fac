"""Where a running project stands keeps the laws, on random projects, and a recursion written apart says the same."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from random_standings import SEED, STYLES, random_projects
from standing_laws import LAWS, breaches, finishes

from estimation import open_ledger
from estimation.project.closing import plan_of
from estimation.project.standing import standings_of

PROJECTS_EVERY_DAY = 30
PROJECTS_IN_THE_TESTS = 200
"""The full proof, 2,000 projects, is ``python -m benchmarks.standing_laws``."""


@cache
def projects():
    return list(random_projects(PROJECTS_IN_THE_TESTS))


def none_broken(law, projects):
    found = list(breaches(law, projects, SEED))
    assert not found, f"{law.__doc__} {len(found)} breaches:\n" + "\n".join(found[:10])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_random_projects_keep_the_law(law):
    none_broken(law, projects()[:PROJECTS_EVERY_DAY])


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_many_random_projects_keep_the_law(law):
    none_broken(law, projects())


def test_the_random_projects_are_of_every_kind():
    """At least three in ten of what has begun did not wait for what comes before it; every state and word occurs."""
    out, begun, states, words = 0, 0, set(), set()
    for project in projects():
        apart = project.by_recursion(project.dates[-1])
        states |= {apart.state(one) for one in apart.milestones}
        words |= {name for row in project.said for name in row}
        for one in apart.milestones:
            before = [
                apart.expected(link)[1] + min(lag, 0)
                for link, kind, lag in apart.links.get(one, ())
                if kind == "FS" and link in apart.milestones
            ]
            if before and apart.state(one) in ("done", "running"):
                begun += 1
                out += apart.expected(one)[0] < max(before) - 1e-6
    assert out / begun > 0.3
    assert states == {"not started", "running", "done", "cancelled"}
    assert {project.style for project in projects()} == set(STYLES)
    assert words >= {"actual_start", "actual_finish", "forecast_finish", "remaining_days", "percent_complete",
                     "closed_as", "added_after_baseline"}  # fmt: skip
    assert any(
        said.former
        for project in projects()
        for said in project.by_recursion(project.dates[-1]).said.values()
    )


def _is_added_to(project):
    return any(row.get("added_after_baseline") for row in [*project.rows, *project.said])


def _is_corrected(project):
    """A second finish is told to a ledger as a correction, by a word of its own."""
    done = {(row["milestone"], row["actual_finish"]) for row in project.said if "actual_finish" in row}
    return len(done) > len({one for one, _ in done})


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_file_or_a_ledger_says_the_same(tmp_path, add, number):
    """5: what went through the ledger stands where it stood."""
    project = [one for one in projects() if not _is_added_to(one) and not _is_corrected(one)][number]
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db", create=True)
    add(ledger, project.history)
    add(ledger, project.status, file="status.csv")
    kept = standings_of(plan_of(ledger.history(), "p"), ledger.status("p"))
    for day in project.dates:
        wanted, found = finishes(project.on(day)), finishes(kept.on(day))
        assert found == pytest.approx(wanted), day
        pd.testing.assert_series_equal(
            kept.on(day).table["expected_finish"], project.on(day).table["expected_finish"]
        )


def test_dates_of_the_rows_are_the_dates_of_the_standings():
    for project in projects()[:20]:
        wanted = sorted({row["as_of"] for row in project.said})
        assert list(project.standings.dates()) == wanted
        if len(wanted) > 2:
            day = wanted[1] + pd.Timedelta(days=1)
            assert list(project.standings.dates(as_of=day)) == [*(date for date in wanted if date < day), day]


def test_the_same_seed_gives_the_same_projects():
    one, other = (next(random_projects(1)) for _ in range(2))
    assert one.rows == other.rows
    assert one.said == other.said
    assert np.array_equal(one.dates, other.dates)
