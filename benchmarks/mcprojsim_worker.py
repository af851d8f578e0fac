"""Plays networks through with mcprojsim, in an environment of its own: it cannot share ours.

Started by ``benchmarks.simulators``. Reads JSON lines: first the network (``days``: low, likely and high of each
activity; ``predecessors``: places; ``start``), then one line per run (``iterations``, ``seed``). Answers each run
with a line.
"""

import json
import sys
import time
from pathlib import Path

from mcprojsim import Project, SimulationEngine

HOURS = 8.0
LEVELS = (50, 80, 95)


def main() -> None:
    network = json.loads(sys.stdin.readline())
    project = Project.model_validate(
        {
            "project": {"name": "benchmark", "start_date": network["start"], "hours_per_day": HOURS},
            "tasks": [
                {
                    "id": f"a{k}",
                    "name": f"a{k}",
                    "estimate": {"low": low, "expected": likely, "high": high, "unit": "days"},
                    "dependencies": [f"a{before}" for before in all_of],
                }
                for k, ((low, likely, high), all_of) in enumerate(
                    zip(network["days"], network["predecessors"], strict=True)
                )
            ],
        }
    )
    before = peak_mebibytes()
    for line in sys.stdin:
        asked = json.loads(line)
        begun = time.process_time()
        engine = SimulationEngine(asked["iterations"], random_seed=asked["seed"], show_progress=False)
        results = engine.run(project)
        hours = [results.percentile(level) for level in LEVELS]
        [results.delivery_date(value) for value in hours]
        critical = results.get_critical_path()
        answer = {
            "seconds": time.process_time() - begun,
            "days": [value / HOURS for value in hours],
            "criticality": [critical[f"a{k}"] for k in range(len(project.tasks))],
            "peak": peak_mebibytes(),
            "before": before,
        }
        print(json.dumps(answer), flush=True)


def peak_mebibytes() -> float:
    """Give the most memory held so far, as ``benchmarks.machine`` does, of which this environment knows nothing."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
