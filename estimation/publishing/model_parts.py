"""What a model file holds beside the phases: whole projects, scope growth, rounds of experiments, what is left."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from estimation.calibration.experiment_cycles import ExperimentCycles
from estimation.calibration.model import OverrunModel
from estimation.calibration.project_record import ProjectRecord
from estimation.calibration.remaining import RemainingModel
from estimation.calibration.scope_growth import ScopeGrowth

PARTS = ("record", "scope_growth", "cycles", "remaining")


def parts_to_json(model: OverrunModel) -> dict[str, dict | None]:
    """Write the parts of a model as what JSON knows; a part that was not learned is None."""
    return {
        "record": None if model.record is None else _plain(asdict(model.record)),
        "scope_growth": None if model.scope_growth is None else _plain(vars(model.scope_growth)),
        "cycles": None if model.cycles is None else _plain(asdict(model.cycles)),
        "remaining": None if model.remaining is None else _plain(asdict(model.remaining)),
    }


def parts_from_json(content: dict) -> dict[str, object]:
    """Read the parts back; the names are those of the model's fields."""
    record, growth, cycles, remaining = (content[name] for name in PARTS)
    return {
        "record": None if record is None else ProjectRecord(**{**record, "nodes": np.array(record["nodes"])}),
        "scope_growth": None
        if growth is None
        else ScopeGrowth(
            **{
                **growth,
                "phases": pd.DataFrame(growth["phases"]).astype({"phase": "str"}),
                "sizes": np.array(growth["sizes"]),
            }
        ),
        "cycles": None if cycles is None else ExperimentCycles(**cycles),
        "remaining": None
        if remaining is None
        else RemainingModel(**{**remaining, "residuals": np.array(remaining["residuals"])}),
    }


def _plain(fields: dict) -> dict:
    return {name: _plain_value(value) for name, value in fields.items()}


def _plain_value(value):
    if isinstance(value, np.ndarray):
        return np.round(value, 5).tolist()
    if isinstance(value, pd.DataFrame):
        return value.to_dict("records")
    return dict(value) if hasattr(value, "items") else value
