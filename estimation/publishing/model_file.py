"""``model.json``: the overrun model on disk, readable, versioned, with the hash of its evidence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.calibration.model import DRAW_COLUMNS, PHASE_COLUMNS, OverrunModel
from estimation.errors import InputError
from estimation.publishing.model_parts import parts_from_json, parts_to_json
from estimation.publishing.results import write_whole

FORMAT = "estimation overrun model"
VERSION = 4
_COUNTS = ("n_projects", "n_rows", "n_on_plan", "n_running")


def save_model(model: OverrunModel, path: str | Path) -> Path:
    """Write a fitted model so that the next plan can be forecast with it.

    Parameters
    ----------
    model : OverrunModel
    path : path of the file; its folder is made

    Returns
    -------
    Path
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "method": model.method,
        "history_hash": model.history_hash,
        "first_known": model.first_known,
        "last_known": model.last_known,
        "n_projects": model.n_projects,
        "n_rows": model.n_rows,
        "n_running": model.n_running,
        "half_life_months": model.half_life_months,
        "clients": list(model.clients),
        "left_out": list(model.left_out),
        "track_record": model.track_record,
        "seed": model.seed,
        "uses_running": model.uses_running,
        "r_hat": None if np.isnan(model.r_hat) else round(model.r_hat, 4),
        "phases": [_rounded(row) for row in model.phases.to_dict("records")],
        "finish_way": model.finish_way,
        **parts_to_json(model),
        "shape": np.round(model.shape, 5).tolist(),
        "draws": {name: np.round(model.draws[name], 4).tolist() for name in DRAW_COLUMNS},
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
        phases=phases.astype(dict.fromkeys(_COUNTS, "int64")),
        uses_running=content["uses_running"],
        r_hat=float("nan") if content["r_hat"] is None else content["r_hat"],
        shape=np.array(content["shape"]),
        draws={name: np.array(content["draws"][name]) for name in DRAW_COLUMNS},
        n_projects=content["n_projects"],
        n_rows=content["n_rows"],
        n_running=content["n_running"],
        history_hash=content["history_hash"],
        first_known=content["first_known"],
        last_known=content["last_known"],
        method=content["method"],
        seed=content["seed"],
        half_life_months=content["half_life_months"],
        clients=tuple(content["clients"]),
        left_out=tuple(content["left_out"]),
        track_record=content["track_record"],
        finish_way=content["finish_way"],
        **parts_from_json(content),
    )


def _rounded(row: dict) -> dict:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}


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
