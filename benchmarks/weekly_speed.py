"""How long the weekly review of a large project takes, without its simulations, and how often it is worked out.

A plan of some milestones in rows of ten, each with a row on every status date. Run with two releases side by side in
one shell, alternating, the processor seconds compare:

    python -m benchmarks.weekly_speed 500 60
    PYTHONPATH=../release python -m benchmarks.weekly_speed 500 60
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

import estimation
from estimation.tables import PLAN, STATUS, keep_contract
from estimation.tracking.tracking_tables import EVIDENCE

SEED = 20261130
FIRST = pd.Timestamp("2026-01-05")


def plan_table(n: int) -> pd.DataFrame:
    """Rows of ten milestones, one after the other, the rows side by side."""
    rows = [
        {
            "project": "p",
            "milestone": f"m{k}",
            "phase": "work",
            "project_start": FIRST,
            "baseline_days": 30.0,
            "depends_on": f"m{k - 1}" if k % 10 else "",
            "source": f"made up, row {k}",
        }
        for k in range(n)
    ]
    return keep_contract(pd.DataFrame(rows).reindex(columns=list(PLAN)), PLAN)


def status_table(n: int, weeks: int, rng: np.random.Generator) -> pd.DataFrame:
    """What each milestone reports each week: begun and done about as planned, its date moved now and then."""
    planned = pd.Series(np.arange(n) % 10 * 30.0)
    begun = planned + rng.integers(0, 6, n)
    done = begun + rng.integers(25, 45, n)
    parts = []
    for week in range(weeks):
        day, now = FIRST + pd.Timedelta(days=4 + 7 * week), 5.0 * (week + 1)
        starts, ends = (FIRST + pd.to_timedelta(each // 5 * 7 + each % 5, unit="D") for each in (begun, done))
        said = FIRST + pd.to_timedelta((done + rng.integers(-3, 4, n)) // 5 * 7 + 4, unit="D")
        parts.append(
            pd.DataFrame(
                {
                    "project": "p",
                    "milestone": [f"m{k}" for k in range(n)],
                    "as_of": day,
                    "actual_start": starts.where(begun < now),
                    "actual_finish": ends.where(done < now),
                    "forecast_finish": said.where(done >= now),
                    "reported_status": "green",
                }
            )
        )
    return keep_contract(pd.concat(parts, ignore_index=True).reindex(columns=list(STATUS)), STATUS)


def main(n: int, weeks: int) -> None:
    """Time the board and the review of the last week."""
    plan = estimation.project.plan.build_plan(plan_table(n))
    status = status_table(n, weeks, np.random.default_rng(SEED))
    day = status["as_of"].max()
    names = [*plan.milestones["milestone"], "project"]
    forecast = pd.DataFrame({"milestone": names}).assign(p50_finish=day, p80_finish=day, prob_baseline=0.5)
    evidence = pd.concat(
        [
            pd.DataFrame({"milestone": names, "as_of": each, "evidence": "on track"})
            for each in status["as_of"].unique()
        ]
    ).reindex(columns=list(EVIDENCE))
    evidence = keep_contract(evidence, EVIDENCE)
    begun = time.process_time()
    followed = estimation.standings_of(plan, status) if hasattr(estimation, "standings_of") else status
    board = estimation.milestone_board(plan, followed, forecast, as_of=day, evidence=evidence)
    estimation.weekly_review(plan, followed, board, evidence, as_of=day)
    seconds = time.process_time() - begun
    print(f"{n} milestones, {weeks} weeks, {len(status)} rows: {seconds:.2f} s of processor time")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
