"""How often the quarterly report accuses honest forecasts, and how often it sees those that are too early.

    python -m benchmarks.promises --write

simulates portfolios whose kickoff forecasts are calibrated by construction, and the same with dates that come too
early, and counts what the report's own tables say; ``--write`` puts the tables into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))  # the simulation the tests use

from simulated_portfolio import portfolio

from benchmarks.page import PAGE, fill_markers, markdown
from estimation.calibration.model import fit_overruns
from estimation.calibration.overruns import OVERRUNS
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.pages.quarterly_wording import promises_finding
from estimation.review.quarterly.jackknife import bias_of, log_spread_of
from estimation.review.quarterly.multiplier_moves import multiplier_moves
from estimation.review.quarterly.quarter import last_day, quarters_up_to
from estimation.review.quarterly.trend import BETTER, CHANCE, WORSE, overrun_change
from estimation.scoring.dates_held import (
    AS_PROMISED,
    LEVELS,
    TOO_CAUTIOUS,
    TOO_EARLY,
    promise_table,
    promises_kept,
)
from estimation.tables import keep_contract

QUARTER = pd.Period("2026Q4")
FACTORS = (1.0, 0.9, 0.8, 1.25)
SHOWN = 20260001
A_YEAR = 22


def main() -> None:
    """Simulate, count, print; write the tables into the page when asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--portfolios", type=int, default=200)
    parser.add_argument("--changes", type=int, default=200, help="portfolios for the verdicts of change")
    parser.add_argument("--seed", type=int, default=SHOWN)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.portfolios)
    counted = pd.concat([kept(seed, factor) for seed in seeds for factor in FACTORS], ignore_index=True)
    changes = pd.DataFrame([changed(seed) for seed in range(given.seed, given.seed + given.changes)])
    tables = {
        "promises-one": markdown(one_portfolio(given.seed)),
        "promises-rates": markdown(rates(counted)),
        "promises-changes": markdown(change_rates(changes)),
        "promises-intervals": markdown(interval_table(given.seed)),
    }
    print("\n\n".join(tables.values()))
    if given.write:
        PAGE.write_text(fill_markers(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


def kept(seed: int, factor: float) -> pd.DataFrame:
    """Score the kickoff forecasts of one portfolio of 200 projects over a year, quarter by quarter and together."""
    history, published = portfolio(200, factor=factor, seed=seed)
    promises = promise_table(published, history, as_of=last_day(QUARTER))
    table = promises_kept(promises, quarters_up_to(QUARTER, 4))
    return table.assign(factor=factor, seed=seed, pooled=table["period"].str.contains(" to "))


def one_portfolio(seed: int) -> pd.DataFrame:
    """Show one portfolio as its reader sees it: the counts with their bands, and the sentence."""
    rows = []
    for factor in (1.0, 0.8):
        table = kept(seed, factor)
        p80 = table[np.isclose(table["level"], 0.8)]
        rows += [
            {
                "dates": _dates(factor),
                "period": row.period,
                "P80 dates due": row.n_due,
                "held": row.n_held,
                "chance allows": f"{row.n_lower} to {row.n_upper}",
                "verdict": row.verdict,
            }
            for row in p80.itertuples()
        ]
        print(f"{_dates(factor)}: {promises_finding(table)}\n")
    return pd.DataFrame(rows)


def rates(counted: pd.DataFrame) -> pd.DataFrame:
    """Count verdicts: of the four quarters together, of single quarters, and of years with any quarter accused."""
    rows = []
    for factor in FACTORS:
        for level in LEVELS:
            cell = counted[(counted["factor"] == factor) & np.isclose(counted["level"], level)]
            pooled, single = cell[cell["pooled"]], cell[~cell["pooled"]]
            any_quarter = (single["verdict"] == TOO_EARLY).groupby(single["seed"]).any()
            rows.append(
                {
                    "dates": _dates(factor),
                    "level": f"P{100 * level:g}",
                    "held": f"{pooled['share_held'].mean():.3f}",
                    "due a year": f"{pooled['n_due'].mean():.0f}",
                    "year: as promised": _share(pooled["verdict"] == AS_PROMISED),
                    "too early": _share(pooled["verdict"] == TOO_EARLY),
                    "too cautious": _share(pooled["verdict"] == TOO_CAUTIOUS),
                    "single quarter: too early": _share(single["verdict"] == TOO_EARLY),
                    "year with such a quarter": _share(any_quarter),
                }
            )
    return pd.DataFrame(rows)


def changed(seed: int) -> dict[str, bool]:
    """Say what the report calls changed where nothing did, and where projects took three tenths longer before."""
    found = {}
    for name, factor in (("unchanged", 1.0), ("better", 1.3)):
        rows = milestones(np.random.default_rng(seed), factor)
        change = overrun_change(_by_quarter(rows), QUARTER)
        phases = change[change["phase"] != WHOLE_PROJECT]
        for what in ("bias", "spread"):
            verdict = change[f"{what}_verdict"].iloc[0]
            found[f"{name}: {what} of whole projects better"] = verdict == BETTER
            found[f"{name}: {what} of whole projects worse"] = verdict == WORSE
            found[f"{name}: {what} of any phase changed"] = (phases[f"{what}_verdict"] != CHANCE).any()
        then = rows[rows["known_on"] <= last_day(QUARTER - 4)]
        models = [fit_overruns(each, seed=seed, method="closed_form") for each in (rows, then)]
        moves = multiplier_moves(*models, levels=(0.8,))
        found[f"{name}: P80 multiplier of any phase moved"] = bool(moves["moved"].any())
    return found


def milestones(rng: np.random.Generator, factor: float) -> pd.DataFrame:
    """Make the overruns of a portfolio as large as the example: 22 projects a year for four years.

    Parameters
    ----------
    rng : Generator
    factor : float
        By which work that was finished before the last four quarters took longer.

    Returns
    -------
    DataFrame keeping the OVERRUNS contract
    """
    n, ends = 4 * A_YEAR, pd.date_range("2023-01-10", "2026-12-20", periods=4 * A_YEAR).normalize()
    level = np.array([0.1, 0.35, 0.2, 0.25, 0.05])
    shape = (n, len(level), 4)
    z = level[:, None] + 0.15 * rng.standard_normal((n, 1, 1)) + 0.35 * rng.standard_normal(shape)
    ratio = np.where(rng.random(shape) < 0.2, 1.0, np.exp(z))
    ratio = ratio * np.where(ends <= last_day(QUARTER - 4), factor, 1.0)[:, None, None]
    places = np.indices(shape).reshape(3, -1)
    table = pd.DataFrame(
        {
            "project": [f"p{k:03d}" for k in places[0]],
            "phase": [f"phase-{k}" for k in places[1]],
            "milestone": [f"{p}.{k}" for p, k in zip(places[1], places[2], strict=True)],
            "baseline_days": 10.0,
            "actual_days": 10.0 * ratio.ravel(),
            "overrun_ratio": ratio.ravel(),
            "on_plan": np.isclose(ratio.ravel(), 1.0),
            "censored": False,
            "known_on": ends[places[0]],
        }
    )
    return keep_contract(
        table.assign(estimate_days=table["baseline_days"]).reindex(columns=list(OVERRUNS)), OVERRUNS
    )


def _by_quarter(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the log ratios of whole projects (their days together) and of milestones into the table of the trend."""
    log_ratio = np.log(rows["overrun_ratio"].astype(float))
    by_phase = rows[["project", "phase", "known_on"]].assign(log_ratio=log_ratio)
    days = rows.groupby("project", as_index=False).agg(
        planned=("baseline_days", "sum"), taken=("actual_days", "sum"), known_on=("known_on", "first")
    )
    whole = days.assign(phase=WHOLE_PROJECT, log_ratio=np.log(days["taken"] / days["planned"]))
    table = pd.concat([whole[by_phase.columns], by_phase], ignore_index=True)
    quarter = table["known_on"].dt.to_period("Q").astype("str")
    return table.assign(log_approved=table["log_ratio"], quarter=quarter)


def change_rates(changes: pd.DataFrame) -> pd.DataFrame:
    """Share of portfolios in which each was said."""
    rows = [(name, _share(changes[name])) for name in changes]
    return pd.DataFrame(rows, columns=["said of the last four quarters", "in how many portfolios"])


def interval_table(seed: int, *, cells: int = 500) -> pd.DataFrame:
    """Count how often 90 % intervals of bias and spread hold the truth, for few projects and errors of three kinds."""
    rows = []
    for n in (5, 6, 10, 22):
        for kind in ("normal", "heavy tails", "a fifth on plan"):
            rng = np.random.default_rng(seed)
            drawn = [_cell(rng, n, kind) for _ in range(cells)]
            truth = 0.0, np.log(np.std(_cell(np.random.default_rng(0), 200_000, kind)["log_ratio"]))
            row = {"projects": n, "errors": kind}
            for name, measure, at in (("bias", bias_of, truth[0]), ("spread", log_spread_of, truth[1])):
                held = [low <= at <= high for low, high in (measure(cell).interval() for cell in drawn)]
                row[f"{name} held"] = f"{np.mean(held):.2f}"
            for k, name in enumerate(("bias", "spread")):
                held = [_redrawn_holds(cell, (truth[0], np.exp(truth[1])), rng)[k] for cell in drawn]
                row[f"{name}, projects redrawn"] = f"{np.mean(held):.2f}"
            rows.append(row)
    return pd.DataFrame(rows)


def _cell(rng: np.random.Generator, n: int, kind: str) -> pd.DataFrame:
    """One finish per project; log ratios of mean 0."""
    heavy = kind == "heavy tails"
    z = 0.25 * (rng.standard_t(4, n) / np.sqrt(2) if heavy else rng.standard_normal(n))
    if kind == "a fifth on plan":  # exact hits among plans that are too short on the whole
        z = np.where(rng.random(n) < 0.2, 0.0, z + 0.3) - 0.24
    return pd.DataFrame({"project": np.arange(n), "log_ratio": z})


def _redrawn_holds(cell: pd.DataFrame, truth: tuple[float, float], rng: np.random.Generator) -> list[bool]:
    """Whether percentile intervals of 1,000 redraws (the bootstrap) hold mean and standard deviation."""
    z = cell["log_ratio"].to_numpy()
    drawn = z[rng.integers(0, len(z), (1000, len(z)))]
    figures = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
    ends = [np.quantile(each, (0.05, 0.95)) for each in figures]
    return [low <= at <= high for (low, high), at in zip(ends, truth, strict=True)]


def _dates(factor: float) -> str:
    if factor == 1:
        return "calibrated by construction"
    return f"{abs(factor - 1):.0%} too {'early' if factor < 1 else 'late'}"


def _share(flags: pd.Series) -> str:
    return f"{flags.astype(bool).mean():.3f}"


if __name__ == "__main__":
    main()
