"""The whole way on the made-up example: review one project, learn from all, forecast the next, look back."""

from __future__ import annotations

from pathlib import Path

from estimation.errors import RunError
from estimation.publishing.index import write_index
from estimation.publishing.notebooks import NOTEBOOKS, example_of, find_notebook
from estimation.publishing.runner import REPORTS, Progress, run_notebook

MODEL_FILE = "model.json"
EXAMPLE = "example"


def run_demo(
    reports: str | Path = REPORTS, *, progress: Progress | None = None, notebooks: Path = NOTEBOOKS
) -> Path:
    """Make the example's reports: replay, variance review, calibration, forecasts, client report, quarter.

    The notebooks' defaults are the example's files; the forecasts are handed the model of the calibration.
    """
    reports = Path(reports).resolve()
    # A folder of their own: a model learned from the made-up example must not take the place of a real one.
    where = {"progress": progress, "notebooks": notebooks, "reports": reports / EXAMPLE}
    run_notebook("replay", **where)
    run_notebook("variance", **where)
    calibration = run_notebook("calibration", **where)
    model = calibration.folder / MODEL_FILE
    if not model.exists():
        raise RunError(
            f"{calibration.notebook} left no {MODEL_FILE} in {calibration.folder}; nothing to forecast with."
        )
    # With a model of one's own nothing else is taken from the example by itself; here it is meant.
    kickoff, weekly = (example_of(find_notebook(short, notebooks)) for short in ("kickoff", "weekly"))
    run_notebook("kickoff", {**kickoff, "model_file": model}, **where)
    run_notebook("weekly", {**weekly, "model_file": model}, **where)
    run_notebook("client", **where)
    run_notebook("quarterly", **where)
    return write_index(reports)
