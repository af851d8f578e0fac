"""How long fits and backtests take, beside a plain fit of the same rows in the same run.

``python -m benchmarks.speed``. Seconds are those of the processor, so that other work on the machine does not count.
They depend on the machine all the same; the ratio to a lognormal per phase, fitted with pandas to the same rows, hardly
does. Each task stands in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd

from benchmarks.machine import peak_mebibytes, timed
from estimation.calibration.model import fit_overruns
from estimation.calibration.overruns import OVERRUNS
from estimation.scoring.backtest import backtest
from estimation.tables import HISTORY, keep_contract

SEED = 20260302
RUNNING = 0.1


@dataclass(frozen=True)
class Task:
    """What is timed, on how much data, and what it may cost."""

    name: str
    run: Callable[[pd.DataFrame], object]
    make: Callable[[], pd.DataFrame]
    repeats: int
    seconds: float
    megabytes: float


def full_fit(overruns: pd.DataFrame) -> object:
    return fit_overruns(overruns, seed=SEED, method="full")


def closed_form_fit(overruns: pd.DataFrame) -> object:
    return fit_overruns(overruns, seed=SEED, method="closed_form")


def all_candidates(history: pd.DataFrame) -> object:
    return backtest(history, seed=SEED, origins=60)


def plain_fit(table: pd.DataFrame) -> pd.DataFrame:
    """Fit a lognormal to the finished ratios of each phase."""
    finished = table[table["actual_days"].notna()]
    log_ratio = np.log(finished["actual_days"] / finished["baseline_days"])
    return log_ratio.groupby(finished["phase"]).agg(["mean", "std"])


def small() -> pd.DataFrame:
    return simulated_overruns(200, 5)


def medium() -> pd.DataFrame:
    return simulated_overruns(1000, 19)


def million() -> pd.DataFrame:
    return simulated_overruns(50_000, 20, running=0.0)


def small_history() -> pd.DataFrame:
    return simulated_history(200, 5)


TASKS = (
    Task("full fit, 200 projects x 5 phases", full_fit, small, 5, 1, 1000),
    Task("full fit, 1,000 projects x 19 phases", full_fit, medium, 3, 10, 1000),
    Task("closed form, 1,000,000 rows", closed_form_fit, million, 3, 1, 1000),
    Task("60-origin backtest, all candidates, 200 x 5", all_candidates, small_history, 1, 60, 1000),
)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, help="of each task; its own number by default")
    options = parser.parse_args(arguments)
    rows = []
    for number, task in enumerate(TASKS):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            rows.append(alone.submit(measure, number, options.repeats or task.repeats).result())
        print(f"{task.name}: {rows[-1]['seconds']} s", file=sys.stderr, flush=True)
    print(pd.DataFrame(rows).to_string(index=False))


def measure(number: int, repeats: int) -> dict[str, object]:
    """Time one task and the plain fit of the same rows in turn; medians of several."""
    task = TASKS[number]
    table = task.make()
    before = peak_mebibytes()
    own, plain = [], []
    for _ in range(repeats):
        plain.append(timed(lambda: plain_fit(table))[0])
        own.append(timed(lambda: task.run(table))[0])
    seconds, baseline = statistics.median(own), statistics.median(plain)
    return {
        "task": task.name,
        "seconds": f"{seconds:.2f}",
        "wanted": f"{task.seconds:g}",
        "plain fit": f"{baseline:.4f}",
        "ratio": f"{seconds / baseline:.0f}",
        "peak MB": f"{peak_mebibytes():.0f}",
        "of it the data": f"{before:.0f}",
        "MB wanted": f"{task.megabytes:.0f}",
        "met": "yes" if seconds <= task.seconds and peak_mebibytes() <= task.megabytes else "NO",
    }


def simulated_overruns(projects: int, phases: int, *, running: float = RUNNING) -> pd.DataFrame:
    """Draw an overrun table; a share of the rows is still running."""
    rng = np.random.default_rng(SEED)
    project, phase = (place.ravel() for place in np.indices((projects, phases)))
    log_ratio = rng.normal(0, 0.2, phases)[phase] + rng.normal(0, 0.2, projects)[project]
    log_ratio = log_ratio + 0.4 * rng.standard_t(6, len(project))
    on_plan, open_still = rng.random(len(project)) < 0.15, rng.random(len(project)) < running
    log_ratio = np.where(on_plan, 0.0, log_ratio)
    reached = np.where(open_still, log_ratio + np.log(rng.uniform(0.1, 1, len(project))), log_ratio)
    planned = rng.lognormal(3, 0.5, len(project))
    table = pd.DataFrame(
        {
            "project": np.char.add("project ", project.astype(str)),
            "phase": np.char.add("phase ", phase.astype(str)),
            "milestone": np.char.add("milestone ", phase.astype(str)),
            "baseline_days": planned,
            "actual_days": planned * np.exp(reached),
            "overrun_ratio": np.exp(reached),
            "on_plan": on_plan & ~open_still,
            "censored": open_still,
            "known_on": pd.Timestamp("2015-01-01") + pd.to_timedelta(project % 4000, unit="D"),
        }
    )
    return keep_contract(
        table.assign(estimate_days=table["baseline_days"]).reindex(columns=list(OVERRUNS)), OVERRUNS
    )


def simulated_history(projects: int, phases: int) -> pd.DataFrame:
    """Draw closed projects that began one after another over eight years, with dates."""
    rng = np.random.default_rng(SEED)
    project, phase = (place.ravel() for place in np.indices((projects, phases)))
    begun = pd.Timestamp("2015-01-05") + pd.to_timedelta(np.sort(rng.integers(0, 2900, projects)), unit="D")
    planned = np.maximum(rng.lognormal(3, 0.4, (projects, phases)).round(), 1)
    took = np.maximum((planned * rng.lognormal(0.1, 0.4, planned.shape)).round(), 1)
    planned_end, end = np.cumsum(planned, axis=1), np.cumsum(took, axis=1)
    start = begun[project]
    table = pd.DataFrame(
        {
            "project": [f"project {i}" for i in project],
            "phase": [f"phase {j}" for j in phase],
            "milestone": [f"milestone {j}" for j in phase],
            "project_start": start,
            "baseline_start": start + _days((planned_end - planned).ravel()),
            "baseline_finish": start + _days(planned_end.ravel()),
            "baseline_days": planned.ravel(),
            "actual_start": start + _days((end - took).ravel()),
            "actual_finish": start + _days(end.ravel()),
            "actual_days": took.ravel(),
        }
    )
    return keep_contract(table.reindex(columns=list(HISTORY)), HISTORY)


def _days(working_days: np.ndarray) -> pd.TimedeltaIndex:
    return pd.to_timedelta((working_days * 7 / 5).round(), unit="D")


if __name__ == "__main__":
    main()
