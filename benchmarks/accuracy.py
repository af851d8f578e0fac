"""How well the forecasts hold: on real data sets, and on simulated projects whose truth is known.

``python -m benchmarks.accuracy`` prints the tables of the real data, ``python -m benchmarks.accuracy projects`` (or
another key of ``PARTS``) those of one part; ``--recovery`` adds the simulations; ``--write`` puts the tables into
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.datasets import DATA, DataSet, all_data_sets
from benchmarks.page import PAGE, fill_markers, markdown
from benchmarks.project_finishes import HOW, MILESTONES_HOW, score_project_finishes
from benchmarks.recovery import recovery_table
from estimation.scores import binomial_band, block_bootstrap_skill, skill
from estimation.scoring.backtest import RECALIBRATED, refuse_leaks, score_origin
from estimation.scoring.candidates import CANDIDATES

SEED = 20260302
LEVELS = np.array([0.5, 0.8, 0.9])
JUDGED = ("full model", "pool", "closed form")


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    if not options.data.is_dir():
        sys.exit(
            f"No data in {options.data}. Name the folder that holds sip, kitchenham, cesaw and dslib: --data"
        )
    tables = {}
    for name in PARTS if options.what == ALL else [options.what]:
        tables |= PARTS[name](options.data, options.seed)
    if options.recovery:
        tables["recovery"] = markdown(recovery_table(options.repetitions, options.seed))
        print(f"\n## recovery\n\n{tables['recovery']}", flush=True)
    if options.write:
        PAGE.write_text(fill_markers(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


def milestone_tables(data: Path, seed: int) -> dict[str, str]:
    """Score every data set; give its table and the summary of all as Markdown, and print them as they come."""
    tables, judged = {}, []
    for data_set in all_data_sets(data):
        begun = time.perf_counter()
        scored = score(data_set, seed)
        tables[data_set.key] = f"{data_set.how[0].upper()}{data_set.how[1:]}.\n\n" + markdown(
            candidate_table(scored)
        )
        judged.append(judgement(data_set, scored, seed))
        seconds = time.perf_counter() - begun
        print(f"\n## {data_set.title} ({seconds:.0f} s)\n\n{tables[data_set.key]}", flush=True)
    tables["summary"] = markdown(pd.concat(judged, ignore_index=True))
    print(f"\n## summary\n\n{tables['summary']}", flush=True)
    return tables


def project_tables(data: Path, seed: int) -> dict[str, str]:
    """Score the finishes of whole projects at kickoff, and the milestones on the way; Markdown, printed."""
    begun = time.perf_counter()
    finishes, milestones = score_project_finishes(data, seed)
    rows = []
    for name, own in finishes.groupby("candidate", sort=False):
        rows.append(
            {
                "forecast by": name,
                "N": len(own),
                "families": own["block"].nunique(),
                "CRPS": f"{own['crps'].mean():.4f}",
                "skill over raw plan": _skill(finishes, own, "raw plan", seed),
                "bias of P50": f"{(own['q50'] - own['actual']).mean():+.3f}",
                **{f"P{100 * p:.0f} held": _with_band(own["pit"].to_numpy(), p) for p in LEVELS},
            }
        )
    on_the_way = []
    for (name, stage), own in milestones.groupby(["candidate", "stage"], sort=False):
        held = {f"P{100 * p:.0f} held": f"{(own['pit'] <= p).mean():.3f}" for p in LEVELS}
        crps = f"{own['crps'].mean():.4f}"
        on_the_way.append({"forecast by": name, "planned for": stage, "N": len(own), "CRPS": crps, **held})
    tables = {
        "project-finishes": f"{HOW}.\n\n" + markdown(pd.DataFrame(rows)),
        "project-milestones": f"{MILESTONES_HOW}.\n\n" + markdown(pd.DataFrame(on_the_way)),
    }
    print(f"\n## DSLIB project finishes ({time.perf_counter() - begun:.0f} s)", flush=True)
    print("\n\n".join(tables.values()), flush=True)
    return tables


def running_tables(data: Path, seed: int) -> dict[str, str]:
    """Score the finish dates of running projects at every tracking period; Markdown, printed."""
    from benchmarks.in_flight import in_flight_tables  # it reads every period of every workbook

    tables = in_flight_tables(data)
    for name, table in tables.items():
        print(f"\n## {name}\n\n{table}", flush=True)
    return tables


def warning_tables(data: Path, seed: int) -> dict[str, str]:
    """Ask how early late projects were warned of, and how often projects in time were; Markdown, printed."""
    from benchmarks.early_warning import early_warning_tables

    tables = early_warning_tables(data)
    for name, table in tables.items():
        print(f"\n## {name}\n\n{table}", flush=True)
    return tables


def value_tables(data: Path, seed: int) -> dict[str, str]:
    """Count which earned value figures and time forecasts are the published ones; Markdown, printed."""
    from benchmarks.earned_value_by_hour import earned_value_tables

    tables = earned_value_tables(data)
    for name, table in tables.items():
        print(f"\n## {name}\n\n{table}", flush=True)
    return tables


PARTS: Mapping[str, Callable[[Path, int], dict[str, str]]] = {
    "milestones": milestone_tables,
    "projects": project_tables,
    "in-flight": running_tables,
    "early-warning": warning_tables,
    "earned-value": value_tables,
}
"""What can be asked for by name: functions of the data folder and the seed that give Markdown by marker of the page."""
ALL = "all"


def score(data_set: DataSet, seed: int) -> pd.DataFrame:
    """Forecast every fold with every candidate; one row per candidate and forecast, column ``block`` added."""
    parts: list[pd.DataFrame] = []
    for fold in data_set.folds:
        if data_set.block == "project":
            refuse_leaks(fold.past, fold.targets)
        parts.append(
            score_origin(fold.past, fold.targets, CANDIDATES, origin=fold.origin, seed=seed, scored=parts)
        )
    scored = pd.concat(parts, ignore_index=True)
    return scored.assign(block=scored[data_set.block].astype(str))


def candidate_table(scored: pd.DataFrame) -> pd.DataFrame:
    """One row per candidate: mean CRPS, the same with recalibrated levels, and coverage.

    Recalibration begins after 100 forecasts; ``later`` is the CRPS without it on the rows it could be used on.
    """
    rows = []
    corrected = scored["candidate"].str.endswith(RECALIBRATED)
    for name, own in scored[~corrected].groupby("candidate", sort=False):
        other = scored[scored["candidate"] == name + RECALIBRATED]
        later = own[own["origin"].isin(other["origin"])]
        rows.append(
            {
                "candidate": name,
                "N": len(own),
                "CRPS": f"{own['crps'].mean():.4f}",
                "N later": len(later),
                "later": f"{later['crps'].mean():.4f}",
                "recalibrated": f"{other['crps'].mean():.4f}",
                **{f"P{100 * p:.0f} held": f"{h:.3f}" for p, h in zip(LEVELS, _held(own), strict=True)},
                **{
                    f"P{100 * p:.0f} recalibrated": f"{h:.3f}"
                    for p, h in zip(LEVELS[1:], _held(other)[1:], strict=True)
                },
            }
        )
    return pd.DataFrame(rows)


def _held(rows: pd.DataFrame) -> np.ndarray:
    """Tell which share of outcomes stayed within each level; NaN without any."""
    pit = rows["pit"].to_numpy()
    return (pit[:, None] <= LEVELS).mean(axis=0) if len(pit) else np.full(len(LEVELS), np.nan)


def judgement(data_set: DataSet, scored: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row per candidate of ``JUDGED``: skill with its 90 % interval, coverage with its 90 % band."""
    rows = []
    for name in JUDGED:
        own = scored[scored["candidate"] == name]
        rows.append(
            {
                "data": data_set.title,
                "forecast by": name,
                "N": len(own),
                "blocks": own["block"].nunique(),
                "skill over raw plan": _skill(scored, own, "raw plan", seed),
                "skill over reference class": _skill(scored, own, "reference class", seed),
                **{f"P{100 * p:.0f} held": _with_band(own["pit"].to_numpy(), p) for p in LEVELS},
            }
        )
    return pd.DataFrame(rows)


def _skill(scored: pd.DataFrame, own: pd.DataFrame, baseline: str, seed: int) -> str:
    losses, others = own["crps"].to_numpy(), scored.loc[scored["candidate"] == baseline, "crps"].to_numpy()
    low, high = block_bootstrap_skill(losses, others, own["block"].to_numpy(), seed)
    return f"{skill(losses, others):+.3f} ({low:+.3f} to {high:+.3f})"


def _with_band(pit: np.ndarray, level: float) -> str:
    low, high = binomial_band(len(pit), level)
    return f"{(pit <= level).mean():.3f} ({low / len(pit):.3f}-{high / len(pit):.3f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what", nargs="?", default=ALL, choices=(ALL, *PARTS), help="which real data to score"
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real data sets")
    parser.add_argument("--recovery", action="store_true", help="add the simulated projects")
    parser.add_argument("--repetitions", type=int, default=200, help="of each simulation")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--write", action="store_true", help=f"rewrite the tables of docs/{PAGE.name}")
    return parser


if __name__ == "__main__":
    main()
