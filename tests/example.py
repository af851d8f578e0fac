"""The tables of the example, each read once; who asks gets a copy."""

from functools import cache
from pathlib import Path

from estimation.ingest import sources

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "example"

_read_history, _read_status = cache(sources.read_history), cache(sources.read_status)


def history(name="history.csv"):
    """Milestones of a file of the example: all closed projects, where no other is named."""
    return _read_history(EXAMPLE / name).copy()


def status(project):
    """What a project of the example reported each week."""
    return _read_status(EXAMPLE / "status" / f"{project}.csv").copy()
