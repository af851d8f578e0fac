"""``model.json``: the overrun model on disk, readable, versioned, with the hash of its evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from estimation.calibration.experiment_cycles import ExperimentCycles
from estimation.calibration.milestone_slips import MilestoneSlips
from estimation.calibration.model import COUNTS, DRAW_COLUMNS, PHASE_COLUMNS, OverrunModel
from estimation.calibration.project_record import ProjectRecord
from estimation.calibration.reference_classes import reference_model
from estimation.calibration.remaining import RemainingModel
from estimation.calibration.scope_growth import ScopeGrowth
from estimation.errors import InputError
from estimation.ingest.reference_file import read_reference_classes
from estimation.publishing.results import write_whole

FORMAT = "estimation overrun model"
VERSION = 5
_PLAIN = (
    "method",
    "history_hash",
    "first_known",
    "last_known",
    "n_projects",
    "n_rows",
    "n_running",
    "half_life_months",
    "clients",
    "left_out",
    "track_record",
    "seed",
    "uses_running",
)
"""Fields that JSON holds as they are; its lists are tuples here."""
_PARTS: Mapping[str, type] = {
    "record": ProjectRecord,
    "scope_growth": ScopeGrowth,
    "cycles": ExperimentCycles,
    "remaining": RemainingModel,
    "slips": MilestoneSlips,
}
_ARRAYS = ("nodes", "sizes", "residuals", "n_near", "team")


def save_model(model: OverrunModel, path: str | Path) -> Path:
    """Write a fitted model so that the next plan can be forecast with it, every digit of it.

    Parameters
    ----------
    model : OverrunModel
    path : path of the file; its folder is made

    Returns
    -------
    Path
    """
    target = Path(path)
    content = {
        "format": FORMAT,
        "version": VERSION,
        **{name: getattr(model, name) for name in _PLAIN},
        "r_hat": None if np.isnan(model.r_hat) else model.r_hat,
        "phases": _plain(model.phases),
        "finish_way": model.finish_way,
        **{name: _plain(getattr(model, name)) for name in _PARTS},
        "shape": model.shape.tolist(),
        "draws": _plain({name: model.draws[name] for name in DRAW_COLUMNS}),
    }
    write_whole(target, _lines(content))
    return target


def load_model(path: str | Path) -> OverrunModel:
    """Read a model that ``save_model`` wrote; without a path, the one borrowed from published projects.

    Parameters
    ----------
    path : str or Path
        "" where there is no history yet: every number that rests on the model is then marked "borrowed".

    Raises
    ------
    InputError
        If the file is missing, no model, or of another version.
    """
    if not str(path):
        return reference_model(*read_reference_classes())
    source = Path(path)
    if not source.is_file():
        raise InputError(
            f"{source}: no such model. Make one with `estimation run calibration`, or name none to borrow from "
            "published projects."
        )
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{source.name}: does not read as JSON ({error}). Run the calibration again."
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(
            f"{source.name}: is no overrun model. Hand in the model.json that a calibration wrote."
        )
    if content["version"] != VERSION:
        newer = content["version"] > VERSION
        raise InputError(
            f"{source.name}: has version {content['version']}, this toolkit reads {VERSION}. "
            f"{'Update the toolkit, or run' if newer else 'Run'} the calibration again."
        )
    phases = pd.DataFrame(content["phases"], columns=list(PHASE_COLUMNS))
    return OverrunModel(
        **{name: tuple(value) if isinstance(value := content[name], list) else value for name in _PLAIN},
        r_hat=float("nan") if content["r_hat"] is None else content["r_hat"],
        phases=phases.astype(dict.fromkeys(COUNTS, "int64")),
        finish_way=content["finish_way"],
        **{name: _part_from_json(kind, content[name]) for name, kind in _PARTS.items()},
        shape=np.array(content["shape"]),
        draws={name: np.array(content["draws"][name]) for name in DRAW_COLUMNS},
    )


def _plain(value: Any) -> Any:
    """Write arrays, tables and parts of the model as what JSON knows; a part that was not learned is None."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, pd.DataFrame):
        return value.to_dict("records")
    if is_dataclass(value):
        value = vars(value)
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, Mapping) else value


def _part_from_json(kind: type, fields: dict | None) -> Any:
    if fields is None:
        return None
    made = fields | {name: np.array(fields[name]) for name in _ARRAYS if name in fields}
    if "phases" in fields:
        made["phases"] = pd.DataFrame(fields["phases"]).astype({"phase": "str"})
    return kind(**made)


def _lines(content: dict) -> str:
    """Write JSON with one line per entry and per row of a list, so that people and diffs can read it."""
    parts = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n    ".join(json.dumps(row) for row in value)
            parts.append(f"  {json.dumps(key)}: [\n    {rows}\n  ]")
        elif isinstance(value, dict):
            rows = ",\n    ".join(f"{json.dumps(name)}: {json.dumps(part)}" for name, part in value.items())
            parts.append(f"  {json.dumps(key)}: {{\n    {rows}\n  }}")
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
