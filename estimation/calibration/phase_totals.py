"""Whole phases: what all milestones of a phase took together, project by project, and what the model expects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.calibration.prediction import phase_total_quantiles
from estimation.tables import IDENTITY, Column, Contract, keep_contract, rows_table

PHASE_TOTALS: Contract = {
    "project": IDENTITY["project"],
    "phase": IDENTITY["phase"],
    "baseline_days": Column.days("own days of the phase's milestones in the baseline, added up", least=0),
    "actual_days": Column.days("own days they took, added up", least=0),
    "overrun_ratio": Column.ratio("what they took / what they were estimated to take", least=0),
    "n_milestones": Column.count("finished milestones with a ratio"),
    "estimate_days": Column.days("own days they were estimated to take, added up", least=0),
}

PHASE_QUANTILES: Contract = {
    "phase": IDENTITY["phase"],
    "p10": Column.ratio("one whole phase in ten took less than this times its estimate", least=0),
    "p50": Column.ratio("half took less", least=0),
    "p80": Column.ratio("eight in ten took less", least=0),
    "p90": Column.ratio("nine in ten took less", least=0),
}

QUANTILES = {"p10": 0.1, "p50": 0.5, "p80": 0.8, "p90": 0.9}


def phase_totals(overruns: pd.DataFrame) -> pd.DataFrame:
    """Add up the own days of the finished milestones of each phase in each project."""
    finished = overruns[~overruns["censored"].astype(bool)]
    totals = finished.groupby(["project", "phase"], sort=False, as_index=False).agg(
        baseline_days=("baseline_days", "sum"),
        actual_days=("actual_days", "sum"),
        n_milestones=("milestone", "size"),
        estimate_days=("estimate_days", "sum"),
    )
    ratio = totals["actual_days"] / totals["estimate_days"]
    return keep_contract(totals.assign(overrun_ratio=ratio), PHASE_TOTALS)


def expected_phase_totals(model: OverrunModel) -> pd.DataFrame:
    """Say what the model expects of whole phases, to be laid over what they took; its multipliers are these numbers."""
    rows, levels = [], np.array(list(QUANTILES.values()))
    for k, phase in enumerate(model.phases["phase"].iloc[:-1]):
        found, _, _ = phase_total_quantiles(model, k, levels)
        rows.append({"phase": phase, **dict(zip(QUANTILES, found, strict=True))})
    return rows_table(rows, PHASE_QUANTILES)
