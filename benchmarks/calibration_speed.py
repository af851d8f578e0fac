"""How long the calibration report takes beside another checkout's: processor time, in pairs that alternate.

    python -m benchmarks.calibration_speed ../release --pairs 3                    # the example, the whole command
    python -m benchmarks.calibration_speed ../release --pairs 1 --projects 1000    # projects tiled from the example

Each checkout runs its own notebook on the same history; what counts is the processor time of the command and all its
processes, the start of Jupyter included. ``cells`` is that of the notebook's cells alone, in one plain process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "data" / "example" / "history.csv"
SEED = 20261130
DATES = (
    "project_start",
    "baseline_start",
    "baseline_finish",
    "promised_finish",
    "actual_start",
    "actual_finish",
)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("other", type=Path, help="checkout to compare with")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument(
        "--projects", type=int, default=0, help="tiled from the example; 0: the example itself"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        history = tiled(options.projects, Path(folder)) if options.projects else EXAMPLE
        rows = []
        for number in range(options.pairs):
            for kind in ("command", "cells"):
                sides = {"own": ROOT, "other": options.other.resolve()}
                order = list(sides) if number % 2 else list(sides)[::-1]
                seconds = {side: measured(kind, sides[side], history, Path(folder)) for side in order}
                rows.append({"what": kind, **seconds, "ratio": seconds["own"] / seconds["other"]})
                print(rows[-1], file=sys.stderr, flush=True)
    print(pd.DataFrame(rows).groupby("what").median().round(3).to_string())


def measured(kind: str, checkout: Path, history: Path, folder: Path) -> float:
    """Run the report of a checkout and give the seconds of the processor of all its processes."""
    out = str(folder / "out")
    command = [
        "-m",
        "estimation.cli.command",
        "run",
        "calibration",
        "--output",
        out,
        "-p",
        "history",
        history,
    ]
    if kind == "cells":
        command = [__file__, "cells", history, out]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    how = {
        "cwd": checkout / "notebooks",
        "env": {**os.environ, "PYTHONPATH": str(checkout), "MPLBACKEND": "agg"},
    }
    subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True, **how)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_cells(history: str, out: str) -> None:
    """Run the code cells of the notebook in the current folder, in this process."""
    cells = json.loads(Path("02_calibration.ipynb").read_text(encoding="utf-8"))["cells"]
    names: dict = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", ()):
                names |= {"history": history, "output_dir": out}


def tiled(projects: int, folder: Path) -> Path:
    """Write a history of so many projects: those of the example again and again, moved in time, a few days later."""
    rng, example = np.random.default_rng(SEED), pd.read_csv(EXAMPLE, dtype="str")
    names, parts = example["project"].unique(), []
    for number in range(projects):
        own = example[example["project"] == names[number % len(names)]]
        own = own.assign(project=f"p{number:04d}-" + own["project"])
        moved = pd.Timedelta(days=7 * int(rng.integers(-100, 1)))
        for name in DATES:
            late = rng.integers(0, 4, len(own)) if name == "actual_finish" else 0
            days = pd.to_datetime(own[name]) + moved + pd.to_timedelta(late, unit="D")
            own[name] = days.dt.strftime("%Y-%m-%d")
        parts.append(own)
    path = folder / "history.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


if __name__ == "__main__":
    if sys.argv[1:2] == ["cells"]:
        run_cells(*sys.argv[2:])
    else:
        main()
