"""Whether the forecast of a running project holds in simulated agencies: P80 by how much of the plan is gone.

    python -m benchmarks.agency_in_flight                          # all kinds, a few portfolios each
    python -m benchmarks.agency_in_flight mild --portfolios 10     # one kind
    python -m benchmarks.agency_in_flight --portfolios 100 --jobs 2 --rows ../in-flight --write   # for the record

A portfolio takes about 17 seconds of the processor with statuses every two weeks, most of it for looking back on its
180 status tables. With ``--rows`` each is kept in a folder and not made again, so that a long run can be broken off and
done kind by kind; a folder belongs to one state of the code.

An agency looks back on 5, 8, 15 or 30 closed projects with their status tables (the first of the same thirty) and
forecasts new ones, while they run, when 3, 25, 50, 75 and 100 % of their planned duration are gone. Their statuses tell
dates only, or percent complete as well, and come from teams that say nothing of what is to come, re-estimate honestly,
or too hopefully; the courses, and what the teams think, are the same in all of them. The error of a figure is that
between portfolios.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product, repeat
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.agencies import KINDS, _date, draw_portfolio, history_of
from benchmarks.agency_statuses import FORMS, TEAMS, draw_words, status_places, statuses_of
from benchmarks.page import ANYTHING, PAGE, fill_markers, markdown, mean_with_error, verdict, wanted_range
from estimation import calibrate
from estimation.calibration.model import OverrunModel
from estimation.calibration.pooled_readings import fit_pooled
from estimation.forecasting.remaining_table import remaining_table
from estimation.forecasting.simulation import _finish_nodes
from estimation.project.closing import baseline_plan
from estimation.project.plan import Plan
from estimation.project.standing import Standing, standing_of
from estimation.scores import crps_from_quantiles
from estimation.scoring.candidates import BACKTEST_SWEEPS

SEED = 20261130
PORTFOLIOS = 10
ASKED_KINDS = ("overrunning", "mild", "heavy waiting", "fixed dates")
CLOSED = (5, 8, 15, 30)
TARGETS = 5
"""New projects of each portfolio that are forecast while they run."""
STAGES = (0.03, 0.25, 0.5, 0.75, 1.0)
"""Shares of the planned duration that are gone."""
EVERY = 10
"""Working days from one status date to the next."""
P80_HELD = (0.72, 0.88)
FIXED_ERROR, FIXED_FROM, FIXED_STAGES = 0.06, 8, (0.5, 0.75)
"""Fixed release dates: largest median error of P50 at half and three quarters, from so many closed projects on."""
BY = ["kind", "form", "team", "closed"]


# What the toolkit is asked for, and all of it.


def calibrated(history: pd.DataFrame) -> OverrunModel:
    """Learn from closed projects what they teach without their statuses; phases roughly: no finish asks for them."""
    return calibrate(history, seed=1, finish_way="record", sweeps=BACKTEST_SWEEPS)


def looked_back(history: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    """Look back on closed projects at each of their status dates; of fewer projects it is a part of the table."""
    return remaining_table(history, status)


def taught(model: OverrunModel, updates: pd.DataFrame) -> OverrunModel:
    """Learn from what was looked back on how the rest of a project goes on."""
    return replace(model, remaining=fit_pooled(updates, record=model.record))


def forecast_nodes(
    plan: Plan, model: OverrunModel, rows: pd.DataFrame | Standing, day: pd.Timestamp
) -> np.ndarray:
    """Find equally likely finishes of a running project, in working days from its planned start.

    ``simulate`` draws its ``project_finishes`` from them.
    """
    standing = standing_of(plan, rows, day).estimated
    nodes = _finish_nodes(standing.plan, model, model.record, standing, "auto")
    assert nodes is not None  # some closed project and some planned day there always are
    return nodes


def forecasts(kind: str, number: int, every: int = EVERY, closed: tuple[int, ...] = CLOSED) -> pd.DataFrame:
    """Forecast the new projects of one portfolio at every stage: a row for each, by form, team and closed projects."""
    portfolio = draw_portfolio(kind, max(closed), SEED, number, new=TARGETS)
    past, new, history = portfolio.past, portfolio.new, portfolio.history()
    rng = np.random.default_rng([SEED, list(KINDS).index(kind), number, 1])
    words, own_words = draw_words(len(past.start), rng), draw_words(len(new.start), rng)
    names = history["project"].unique()
    known = {n: calibrated(history[history["project"].isin(names[:n])]) for n in closed}
    approved = history_of(new, portfolio.today)
    approved["project"] = approved["project"].str.replace("p", "new")
    targets = approved["project"].unique()
    plans = [baseline_plan(approved, target) for target in targets]
    asked = np.maximum(np.round(np.outer(new.planned_finish, STAGES)), 1).astype(int)
    places, own_places = status_places(past, every), status_places(new, every, asked)
    rows = []
    for (form, percent), team in product(FORMS.items(), TEAMS):
        updates = looked_back(history, statuses_of(past, names, places, words, percent=percent, team=team))
        models = {n: taught(known[n], updates[updates["project"].isin(names[:n])]) for n in closed}
        status = statuses_of(new, targets, own_places, own_words, percent=percent, team=team)
        for k, stage in np.argwhere(asked < new.actual_finish[:, None]):
            day = pd.Timestamp(str(_date(new.start[k] + asked[k, stage] - 1)))
            reported = status[(status["project"] == targets[k]) & (status["as_of"] <= day)]
            standing = standing_of(plans[k], reported, day)
            for n, model in models.items():
                nodes = forecast_nodes(plans[k], model, standing, day)
                cell = {"kind": kind, "portfolio": number, "form": form, "team": team, "closed": n}
                score = scored(nodes, new.actual_finish[k], new.planned_finish[k])
                rows.append(cell | {"stage": STAGES[stage], "target": k} | score)
    return pd.DataFrame(rows)


def kept_forecasts(kind: str, number: int, every: int, folder: Path | None) -> pd.DataFrame:
    """Make the forecasts of a portfolio, or read them where they were made before."""
    path = None if folder is None else folder / f"{kind.replace(' ', '-')}-{number}.csv"
    if path is not None and path.exists():
        return pd.read_csv(path)
    begun = time.process_time()
    rows = forecasts(kind, number, every)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(path, index=False)
    print(f"  {kind} {number} ({time.process_time() - begun:.0f} s)", flush=True)
    return rows


def scored(nodes: np.ndarray, actual: int, planned: int) -> dict[str, float]:
    """Compare a forecast with what happened; dates are evenings, CRPS is a share of the planned duration."""
    p50, p80 = np.quantile(nodes, [0.5, 0.8])
    return {
        "P50": float(actual <= np.ceil(p50 - 1e-6)),
        "P80": float(actual <= np.ceil(p80 - 1e-6)),
        "crps": float(crps_from_quantiles(np.sort(nodes), np.array(actual))) / planned,
        "error": abs(p50 - actual) / actual,
    }


def between_portfolios(cell: pd.DataFrame, column: str) -> pd.Series:
    """One value per portfolio, whose mean is that of all forecasts and whose spread is that between portfolios.

    Portfolios of which few projects still run count by them: the linearised ratio of sums.
    """
    sums = cell.groupby("portfolio")[column].agg(["sum", "size"])
    mean = sums["sum"].sum() / sums["size"].sum()
    return mean + (sums["sum"] - mean * sums["size"]) / sums["size"].mean()


def held_table(found: pd.DataFrame) -> pd.DataFrame:
    """One row per kind, form, team and number of closed projects: how often P80 held at each stage."""
    rows = []
    for key, cell in found.groupby(BY, sort=False):
        stages = dict(list(cell.groupby("stage")))
        judged = [(own["P80"].mean(), P80_HELD) for own in stages.values()]
        rows.append(
            dict(zip(("agency", "statuses", "team", "closed"), map(str, key), strict=True))
            | {
                f"{stage:.0%}": mean_with_error(between_portfolios(own, "P80"), ".2f")
                for stage, own in stages.items()
            }
            | {"wanted": wanted_range(P80_HELD), "met": verdict(*judged)}
        )
    return pd.DataFrame(rows)


def error_table(found: pd.DataFrame) -> pd.DataFrame:
    """The same rows: how often P50 held, CRPS and median error of P50 by stage, and what was wanted of it."""
    rows = []
    for key, cell in found.groupby(BY, sort=False):
        stages = cell.groupby("stage")
        errors = stages["error"].median()
        fixed = key[0] == "fixed dates" and key[3] >= FIXED_FROM
        judged = [
            (errors[stage], (0, FIXED_ERROR) if fixed and stage in FIXED_STAGES else ANYTHING)
            for stage in STAGES
        ]
        rows.append(
            dict(zip(("agency", "statuses", "team", "closed"), map(str, key), strict=True))
            | {"P50 held": mean_with_error(between_portfolios(cell, "P50"), ".2f")}
            | {f"CRPS at {stage:.0%}": f"{value:.3f}" for stage, value in stages["crps"].mean().items()}
            | {f"error at {stage:.0%}": f"{value:.1%}" for stage, value in errors.items()}
            | {"wanted": f"at most {FIXED_ERROR:.0%}" if fixed else "-", "met": verdict(*judged)}
        )
    return pd.DataFrame(rows)


def main(arguments: list[str] | None = None) -> None:
    """Print both tables with the time they took; write them where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", help=f"of agencies: {', '.join(ASKED_KINDS)}; all by default")
    parser.add_argument("--portfolios", type=int, default=PORTFOLIOS, help="of each kind")
    parser.add_argument("--every", type=int, default=EVERY, help="working days between status dates")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--rows", type=Path, help="folder that keeps the forecasts of each portfolio")
    parser.add_argument("--write", action="store_true", help=f"rewrite the tables of docs/{PAGE.name}")
    options = parser.parse_args(arguments)
    begun = time.perf_counter()
    kinds, numbers = zip(*product(options.kinds or ASKED_KINDS, range(options.portfolios)), strict=True)
    with ProcessPoolExecutor(options.jobs) as pool:
        found = pd.concat(
            pool.map(kept_forecasts, kinds, numbers, repeat(options.every), repeat(options.rows))
        )
    tables = {
        "agencies-in-flight": markdown(held_table(found)),
        "agencies-in-flight-errors": markdown(error_table(found)),
    }
    print("", *tables.values(), f"{time.perf_counter() - begun:.0f} s", sep="\n\n")
    if options.write:
        PAGE.write_text(fill_markers(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
