"""Whether dates and multipliers hold in simulated agencies, from the first project on: all tables, printed or written.

``python -m benchmarks.agency_calibration`` prints the tables of every part of ``PARTS``, ``python -m
benchmarks.agency_calibration "few projects"`` those of one; ``--write`` puts them into ``docs/benchmarks.md``. The
error of a figure is that between portfolios: projects of one agency are never counted as independent.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from benchmarks.agencies import KINDS, PHASES, draw_portfolio
from benchmarks.agency_dates import any_agency, features, few_projects, whole_way
from benchmarks.agency_multipliers import multipliers, used
from benchmarks.page import PAGE, fill_markers, markdown

SEED = 20261130
PORTFOLIOS = 300


def main(arguments: list[str] | None = None) -> None:
    """Print the tables asked for, with the time each took; write them where that is asked too."""
    options = _parser().parse_args(arguments)
    tables = {}
    for name in options.parts or PARTS:
        begun = time.process_time()
        table = tables[f"agencies-{name.replace(' ', '-')}"] = markdown(
            PARTS[name](options.portfolios, options.seed)
        )
        seconds = time.process_time() - begun
        print(f"\n## {name} ({seconds:.0f} s of the processor)\n\n{table}", flush=True)
    if options.write:
        PAGE.write_text(fill_markers(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


def generated(portfolios: int, seed: int) -> pd.DataFrame:
    """Describe the agencies of each kind: what their projects take, whatever anyone forecasts."""
    rows = []
    for kind in KINDS:
        drawn = [draw_portfolio(kind, 3, seed, k) for k in range(min(portfolios, 100))]
        truth = [portfolio.truth() for portfolio in drawn]
        means = [each.log_finish_ratio.mean() for each in truth]
        medians = np.mean([np.median(each.phase_ratios, axis=0) for each in truth], axis=0)
        low, high = np.quantile(means, [0.05, 0.95])
        rows.append(
            {
                "agency": kind,
                "mean log finish ratio": f"{np.mean(means):.2f} ({low:.2f} to {high:.2f})",
                "its sd": f"{np.mean([each.log_finish_ratio.std() for each in truth]):.2f}",
                **{f"{name} P50": f"{value:.2f}" for name, value in zip(PHASES, medians, strict=True)},
                "exactly on plan": f"{np.mean([each.actual_days == each.planned_days for each in truth]):.0%}",
                "planned days": f"{np.mean([each.planned_finish.mean() for each in truth]):.0f}",
            }
        )
    return pd.DataFrame(rows)


PARTS: Mapping[str, Callable[[int, int], pd.DataFrame]] = {
    "generated": generated,
    "few projects": few_projects,
    "any agency": any_agency,
    "features": features,
    "multipliers": multipliers,
    "used": used,
    "whole way": whole_way,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"which parts: {', '.join(PARTS)}; all by default")
    parser.add_argument("--portfolios", type=int, default=PORTFOLIOS, help="of each cell")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--write", action="store_true", help=f"rewrite the tables of docs/{PAGE.name}")
    return parser


if __name__ == "__main__":
    main()
