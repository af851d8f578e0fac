"""What others recorded, in figures: the reference classes that speak before an organisation has closed a project.

    python -m benchmarks.reference_classes

reads the open data sets through the project's own gate and prints each class as ``data/reference/classes.yaml`` has it,
so that anybody can redo the figures; no row of the data stands in this project.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.datasets import DATA, cesaw, kitchenham_duration, kitchenham_effort, sip
from estimation import overrun_table, read_history
from estimation.calibration.model import fit_overruns
from estimation.calibration.observations import copies_of_plan
from estimation.calibration.overruns import ON_PLAN_WITHIN, OVERRUNS
from estimation.calibration.project_record import finish_ratios
from estimation.tables import keep_contract

IN_A_STAGE = 4
"""Activities one after the other that are taken for one phase, where a data set has no phases."""
FEWEST_HOURS = 8
"""Phases planned shorter than one day are left out: no plan of milestones has them."""
SEED = 1


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder with sip, kitchenham, cesaw and dslib"
    )
    data = parser.parse_args(arguments).data
    if not data.is_dir():
        sys.exit(f"No data in {data}. Name the folder that holds sip, kitchenham, cesaw and dslib: --data")
    for name, figures in measured_classes(data).items():
        print(f"{name}:", *(f"  {key}: {value}" for key, value in figures.items()), sep="\n", flush=True)


def measured_classes(data: Path) -> dict[str, dict[str, float | int]]:
    """Measure every class of ``data/reference/classes.yaml`` that is not an expert's, by its id."""
    history = read_history(data / "dslib")
    activities = overrun_table(history)
    activities = activities[~activities["project"].isin(copies_of_plan(activities))]
    whole = finish_ratios(history).rename(columns={"finish_ratio": "overrun_ratio"})
    by_category = totals(sip(data).table, ["project", "phase"])
    by_phase = cesaw(data).table  # minutes, added up by project and phase already
    return {
        "protrack_projects": figures_of(whole),
        "kitchenham_projects": figures_of(kitchenham_duration(data).table),
        "protrack_stages": figures_of(stages(activities[~activities["censored"].astype(bool)])),
        "cesaw_phases": figures_of(by_phase[by_phase["baseline_days"] >= 60 * FEWEST_HOURS]),
        "sip_categories": figures_of(by_category[by_category["baseline_days"] >= FEWEST_HOURS]),
        "kitchenham_efforts": figures_of(kitchenham_effort(data).table),
    }


def stages(activities: pd.DataFrame) -> pd.DataFrame:
    """Add up activities of a project, four after four in the order of its plan; what is left over is dropped."""
    number = activities.groupby("project").cumcount() // IN_A_STAGE
    summed = totals(activities.assign(stage=number), ["project", "stage"])
    return summed[summed["n"] == IN_A_STAGE]


def totals(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Add up planned and actual amounts of finished work; one row per group, with its ratio."""
    summed = rows.groupby(by, as_index=False).agg(
        n=("actual_days", "size"),
        baseline_days=("baseline_days", "sum"),
        actual_days=("actual_days", "sum"),
        known_on=("known_on", "max"),
    )
    return summed.assign(overrun_ratio=summed["actual_days"] / summed["baseline_days"])


def figures_of(rows: pd.DataFrame) -> dict[str, float | int]:
    """Reduce a class to its figures; ratios are actual / planned, logs natural, ``project_sd`` from the full fit."""
    ratio = rows["overrun_ratio"].to_numpy(dtype=float)
    log_ratio = np.log(ratio)
    on_plan = np.abs(log_ratio) <= ON_PLAN_WITHIN
    n_projects = rows["project"].nunique()
    figures = {
        "n_projects": n_projects,
        "n_rows": len(rows),
        "on_plan_share": round(float(on_plan.mean()), 2),
        "mean_ratio": round(float(ratio.mean()), 2),
        "mean_log": round(float(log_ratio.mean()), 3),
        "sd_log": round(float(log_ratio.std(ddof=1)), 3),
    }
    figures |= {f"p{level}": round(float(np.quantile(ratio, level / 100)), 2) for level in (10, 50, 80, 90)}
    return figures | ({"project_sd": _project_sd(rows, on_plan)} if len(rows) > n_projects else {})


def _project_sd(rows: pd.DataFrame, on_plan: np.ndarray) -> float:
    places = np.arange(len(rows)).astype(str)
    table = rows.assign(phase="any", milestone=places, on_plan=on_plan, censored=False)
    table = keep_contract(
        table.assign(estimate_days=table["baseline_days"]).reindex(columns=list(OVERRUNS)), OVERRUNS
    )
    return round(float(fit_overruns(table, seed=SEED, method="full").draws["project_sd"].mean()), 2)


if __name__ == "__main__":
    main()
