"""Whether the forecast of a running project holds in simulated agencies: P80 by how much of the plan is gone.

    python -m benchmarks.agency_in_flight                                  # all kinds, a few portfolios each
    python -m benchmarks.agency_in_flight mild --portfolios 10             # one kind
    python -m benchmarks.agency_in_flight --portfolios 100 --write         # for the record, into docs/benchmarks.md

An agency looks back on 5, 8, 15 or 30 closed projects with their status tables (the first of the same thirty) and
forecasts new ones, while they run, when 3, 25, 50, 75 and 100 % of their planned duration are gone. Their statuses tell
dates only, or percent complete as well, and come from teams that say nothing of what is to come, re-estimate honestly,
or too hopefully; the courses, and what the teams think, are the same in all of them. The error of a figure is that
between portfolios.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from benchmarks.agencies import (
    ADDED_DAYS,
    KINDS,
    LAST,
    MILESTONES,
    PLANNED,
    Portfolio,
    Projects,
    _date,
    draw_portfolio,
    history_of,
)
from benchmarks.page import ANYTHING, PAGE, fill_markers, markdown, mean_with_error, verdict, wanted_range
from estimation import calibrate
from estimation.calibration.model import OverrunModel
from estimation.calibration.remaining import fit_remaining
from estimation.forecasting.remaining_table import remaining_table
from estimation.forecasting.simulation import _finish_nodes
from estimation.project.closing import baseline_plan
from estimation.project.plan import Plan
from estimation.project.standing import Standing, standing_of
from estimation.scores import crps_from_quantiles
from estimation.tables import STATUS, keep_contract

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
FORMS = {"dates": False, "percent": True}
"""By name: whether a status tells the percent complete beside the dates."""
TEAMS = ("silent", "honest", "hopeful")
HONEST_SD, HOPEFUL = 0.15, (1.5, 2.0)
"""Error of an honest word on the rest [log units]; how many times as long as said it takes the hopeful, by project."""
P80_HELD = (0.72, 0.88)
FIXED_ERROR, FIXED_FROM, FIXED_STAGES = 0.06, 8, (0.5, 0.75)
"""Fixed release dates: largest median error of P50 at half and three quarters, from so many closed projects on."""
BY = ["kind", "form", "team", "closed"]


@dataclass(frozen=True, eq=False)
class Words:
    """What teams think of their rest, whoever asks: drawn once for each project.

    Parameters
    ----------
    honest : float array (projects, milestones)
        Log of what the honest say is left, over what is.
    hopeful : float array (projects,)
        What is left, over what the hopeful say.
    """

    honest: np.ndarray
    hopeful: np.ndarray

    def said(self, left: np.ndarray, project: np.ndarray, team: str) -> np.ndarray:
        """Say how many working days are left: the next at the earliest; of rows of projects, (rows, milestones)."""
        said = left * np.exp(self.honest[project]) if team == "honest" else left / self.hopeful[project, None]
        return np.maximum(np.round(said), 1).astype(int)


def draw_words(n: int, rng: np.random.Generator) -> Words:
    """Draw what the teams of n projects think."""
    return Words(rng.normal(0, HONEST_SD, (n, len(MILESTONES))), rng.uniform(*HOPEFUL, n))


def status_places(projects: Projects, every: int, more: np.ndarray | None = None) -> list[np.ndarray]:
    """List on which evenings of each project there is a status: regularly while it runs, and on ``more`` of its own."""
    more = np.zeros((len(projects.start), 0), int) if more is None else more
    regular = [np.arange(every, finish, every) for finish in projects.actual_finish]
    return [
        np.unique([*evenings, *own[own < finish]]).astype(int)
        for evenings, own, finish in zip(regular, more, projects.actual_finish, strict=True)
    ]


def statuses_of(
    projects: Projects, ids: np.ndarray, places: list[np.ndarray], words: Words, *, percent: bool, team: str
) -> pd.DataFrame:
    """Write down what the teams reported on each status date; STATUS.

    A row comes of what runs, of what has ended since the status before, and of the last milestone. Added work comes
    with the days that such work takes when it is first told of.
    """
    project = np.repeat(np.arange(len(places)), [len(each) for each in places])
    now = np.concatenate(places)[:, None]
    before = np.concatenate([np.append(0, each)[:-1] for each in places])[:, None]
    (start, finish), exists = projects.actual[:, project], projects.exists[project]
    begun, done = exists & (start < now), exists & (finish <= now)
    running = begun & ~done
    told = running | (done & (finish > before))
    told[:, LAST] = True
    added = np.arange(len(MILESTONES)) >= PLANNED
    first = projects.start[project][:, None]
    share = np.clip(np.round((now - start) / np.maximum(finish - start, 1), 1), 0, 0.9)
    expects = running.copy()
    expects[:, LAST] = ~done[:, LAST]
    ahead = now + (1 if team == "silent" else words.said(finish - now, project, team))
    columns = {
        "project": np.broadcast_to(ids[project][:, None], told.shape),
        "milestone": np.broadcast_to(MILESTONES, told.shape),
        "as_of": _date(np.broadcast_to(first + now - 1, told.shape)),
        "actual_start": _date(first + start, begun),
        "actual_finish": _date(first + finish - 1, done),
        "forecast_finish": _date(first + ahead - 1, expects & (team != "silent")),
        "percent_complete": np.where(percent & begun, np.where(done, 1.0, share), np.nan),
        "remaining_days": np.where(added & running & (start >= before), ADDED_DAYS, np.nan),
        "added_after_baseline": np.broadcast_to(added, told.shape),
    }
    return keep_contract(pd.DataFrame({name: values[told] for name, values in columns.items()}), STATUS)


# What the toolkit is asked for, and all of it.


def calibrated(history: pd.DataFrame) -> OverrunModel:
    """Learn from closed projects what they teach without their statuses."""
    return calibrate(history, seed=1, finish_way="record")


def looked_back(history: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    """Look back on closed projects at each of their status dates; of fewer projects it is a part of the table."""
    return remaining_table(history, status)


def taught(model: OverrunModel, updates: pd.DataFrame) -> OverrunModel:
    """Learn from what was looked back on how the rest of a project goes on."""
    return replace(model, remaining=fit_remaining(updates, record=model.record))


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


def forecasts(portfolio: Portfolio, seed: list[int], every: int = EVERY) -> pd.DataFrame:
    """Forecast the new projects of one portfolio at every stage: a row per stage, form, team and closed projects."""
    rng, past, new = np.random.default_rng(seed), portfolio.past, portfolio.new
    thoughts, own_thoughts = draw_words(len(past.start), rng), draw_words(len(new.start), rng)
    history = portfolio.history()
    names = np.array([f"p{k:03d}" for k in range(len(past.start))])
    known = {n: calibrated(history[history["project"].isin(names[:n])]) for n in CLOSED}
    evenings = np.maximum(np.round(np.outer(new.planned_finish, STAGES)), 1).astype(int)
    targets = np.array([f"new{k:03d}" for k in range(len(new.start))])
    table = history_of(new, portfolio.today)
    table["project"] = table["project"].str.replace("p", "new")
    plans = [baseline_plan(table, target) for target in targets]
    asked = [(k, n) for k, n in np.argwhere(evenings < new.actual_finish[:, None])]
    every_day, own_days = status_places(past, every), status_places(new, every, evenings)
    rows = []
    for (form, percent), team in product(FORMS.items(), TEAMS):
        said = statuses_of(past, names, every_day, thoughts, percent=percent, team=team)
        updates = looked_back(history, said)
        models = {n: taught(known[n], updates[updates["project"].isin(names[:n])]) for n in CLOSED}
        reported = statuses_of(new, targets, own_days, own_thoughts, percent=percent, team=team)
        for k, n in asked:
            day = pd.Timestamp(str(_date(new.start[k] + evenings[k, n] - 1)))
            up_to_now = reported[(reported["project"] == targets[k]) & (reported["as_of"] <= day)]
            standing = standing_of(plans[k], up_to_now, day)
            for closed, model in models.items():
                nodes = forecast_nodes(plans[k], model, standing, day)
                cell = {"form": form, "team": team, "closed": closed, "stage": STAGES[n]}
                rows.append(cell | scored(nodes, new.actual_finish[k], new.planned_finish[k]))
    return pd.DataFrame(rows)


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
        stages = {stage: own for stage, own in cell.groupby("stage")}
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
    parser.add_argument("--write", action="store_true", help=f"rewrite the tables of docs/{PAGE.name}")
    options = parser.parse_args(arguments)
    found = []
    for kind, number in product(options.kinds or ASKED_KINDS, range(options.portfolios)):
        begun = time.process_time()
        portfolio = draw_portfolio(kind, max(CLOSED), SEED, number, new=TARGETS)
        rows = forecasts(portfolio, [SEED, list(KINDS).index(kind), number, 1], options.every)
        found.append(rows.assign(kind=kind, portfolio=f"{kind} {number}"))
        print(f"  {kind} {number} ({time.process_time() - begun:.1f} s)", flush=True)
    every = pd.concat(found)
    tables = {
        "agencies-in-flight": markdown(held_table(every)),
        "agencies-in-flight-errors": markdown(error_table(every)),
    }
    print("\n\n".join(tables.values()))
    if options.write:
        PAGE.write_text(fill_markers(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
