"""``model.json``: the overrun model on disk, readable, versioned, with the hash of its evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from estimation.calibration.experiment_cycles import ExperimentCycles
from estimation.calibration.model import DRAW_COLUMNS, PHASE_COLUMNS, OverrunModel
from estimation.calibration.project_record import ProjectRecord
from estimation.calibration.remaining import RemainingModel
from estimation.calibration.scope_growth import ScopeGrowth
from estimation.errors import InputError
from estimation.publishing.results import write_whole

FORMAT = "estimation overrun model"
VERSION = 4
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
}
_ARRAYS = ("nodes", "sizes", "residuals")
_COUNTS = ("n_projects", "n_rows", "n_on_plan", "n_running")


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
        "phases": model.phases.to_dict("records"),
        "finish_way": model.finish_way,
        **{name: _part_to_json(getattr(model, name)) for name in _PARTS},
        "shape": model.shape.tolist(),
        "draws": {name: model.draws[name].tolist() for name in DRAW_COLUMNS},
    }
    write_whole(target, _lines(content))
    return target


def load_model(path: str | Path) -> OverrunModel:
    """Read a model that ``save_model`` wrote.

    Raises
    ------
    InputError
        If the file is missing, no model, or of another version.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError(f"{source}: no such model. Make one with `estimation run calibration`.")
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
        phases=phases.astype(dict.fromkeys(_COUNTS, "int64")),
        finish_way=content["finish_way"],
        **{name: _part_from_json(kind, content[name]) for name, kind in _PARTS.items()},
        shape=np.array(content["shape"]),
        draws={name: np.array(content["draws"][name]) for name in DRAW_COLUMNS},
    )


def _part_to_json(part: object | None) -> dict[str, object] | None:
    """Write a part of the model as what JSON knows; one that was not learned is None."""
    if part is None:
        return None
    fields: dict[str, object] = {}
    for name, value in vars(part).items():
        if isinstance(value, np.ndarray):
            fields[name] = value.tolist()
        elif isinstance(value, pd.DataFrame):
            fields[name] = value.to_dict("records")
        else:
            fields[name] = dict(value) if isinstance(value, Mapping) else value
    return fields


def _part_from_json(kind: type, fields: dict | None) -> Any:
    if fields is None:
        return None
    arrays = {name: np.array(fields[name]) for name in _ARRAYS if name in fields}
    tables = {
        name: pd.DataFrame(fields[name]).astype({"phase": "str"}) for name in ("phases",) if name in fields
    }
    return kind(**{**fields, **arrays, **tables})


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
