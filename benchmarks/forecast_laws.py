"""Worse news must not make a forecast better: random running projects, one cell of what was said made worse.

The projects and the ways to make news worse are those of the tests. Counted is how often a forecast of the project
moves earlier all the same: any draw, any of its ordered draws, P50 or P80 by more than a tenth of a day, or the chance
of the planned date by more than half a percent. A finish that is missing, or work that is opened again, may bring back
an older word of the team, which is news of another kind; such cases stand apart.

    python -m benchmarks.forecast_laws 250
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from random_standings import SEED, random_projects
from standing_laws import worse_news

from benchmarks.page import markdown
from estimation import load_model, simulate

MODEL = Path(__file__).parents[1] / "data" / "example" / "model.json"
ITERATIONS = 200
ROUNDING = 1e-2
OTHER_KIND = ("not done", "reopened")
LEVELS = (0.5, 0.8)


def counted(n: int) -> pd.DataFrame:
    """One row per way to make news worse: how often it was tried, and how often each figure became better."""
    model, rows = load_model(MODEL), []
    for number, project in enumerate(random_projects(n)):
        rng = np.random.default_rng([SEED, number])
        day = project.dates[int(rng.integers(len(project.dates)))]
        before = _forecast(project, day, model)
        if before is None:
            continue
        cut = project.on(day).state.is_cancelled
        for what, worse in worse_news(project, day, rng):
            if (worse.on(day).state.is_cancelled != cut).any():
                continue
            after = _forecast(worse, day, model)
            if after is not None:
                rows.append({"news": what.split(",")[0], "tried": 1} | _better(before, after))
    table = pd.DataFrame(rows).groupby("news").sum()
    table["another kind"] = np.where(table.index.isin(OTHER_KIND), "may be", "no")
    return table.reset_index()


def _forecast(project, day, model):
    standing = project.on(day)
    if standing.state.is_over.all():
        return None
    how = {"seed": 1, "as_of": day, "status": standing, "iterations": ITERATIONS}
    return simulate(standing.among.reports.plan, model, **how)


def _better(before, after) -> dict[str, int]:
    """Which figures of a project became better."""
    ordered = np.sort(after.project_finishes) - np.sort(before.project_finishes)
    moved = np.subtract(
        *(np.quantile(each.project_finishes, LEVELS, method="inverted_cdf") for each in (after, before))
    )
    planned = before.plan.end - before.origin
    held = [(each.project_finishes <= planned + 1e-3).mean() for each in (before, after)]
    return {
        "a draw earlier": int((after.project_finishes - before.project_finishes).min() < -ROUNDING),
        "an ordered draw earlier": int(ordered.min() < -ROUNDING),
        "P50 or P80 earlier": int(moved.min() < -0.1),
        "chance higher": int(held[1] > held[0] + 0.005),
    }


if __name__ == "__main__":
    print(markdown(counted(int(sys.argv[1]) if len(sys.argv) > 1 else 100)))
