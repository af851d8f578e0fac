"""Models and records written by hand: every number of the simulation is then known without a fit."""

from dataclasses import replace

import numpy as np
import pandas as pd

from estimation.calibration.experiment_cycles import ExperimentCycles
from estimation.calibration.model import DRAW_COLUMNS, PHASE_COLUMNS, OverrunModel
from estimation.calibration.project_record import LEVELS, ProjectRecord
from estimation.calibration.scope_growth import ScopeGrowth

NORMAL = (np.arange(199) + 0.5) / 199


def model_by_hand(
    phases=("work",),
    *,
    level=0.0,
    spread=0.3,
    on_plan=0.0,
    project_sd=0.0,
    nu=8.0,
    weight=1.0,
    shape=(0.0, 9.0),
):
    """One row per phase and one for any other; each number may be a list, one entry per draw.

    Residuals are a t with ``nu`` degrees of freedom, cut one beyond the largest node of the shape.
    """
    columns = {"level": level, "spread": spread, "on_plan_share": on_plan}
    n = max(np.size(value) for value in (*columns.values(), project_sd, nu))
    wide = {
        name: np.tile(np.broadcast_to(np.asarray(value, float), n)[:, None], len(phases) + 1)
        for name, value in columns.items()
    }
    narrow = {
        "project_sd": np.broadcast_to(np.asarray(project_sd, float), n).copy(),
        "nu": np.broadcast_to(np.asarray(nu, float), n).copy(),
        "client": np.zeros((n, 1)),
        "client_sd": np.zeros(n),
    }
    table = pd.DataFrame({"phase": [*phases, "any other phase"], "hierarchy_weight": weight})
    return OverrunModel(
        phases=table.assign(**{name: 0 for name in PHASE_COLUMNS if name not in table})[list(PHASE_COLUMNS)],
        draws={name: (wide | narrow)[name] for name in DRAW_COLUMNS},
        shape=np.asarray(shape, float),
        n_projects=30,
        n_rows=300,
        n_running=0,
        uses_running=False,
        history_hash="by hand",
        first_known="",
        last_known="",
        method="by hand",
        seed=1,
        r_hat=float("nan"),
    )


def on_plan_model(**changes):
    """Everything takes exactly what was planned."""
    return replace(model_by_hand(on_plan=1.0), **changes)


def by_phase(model, **levels):
    """Give the phases of a model different levels."""
    draws = dict(model.draws)
    draws["level"] = draws["level"].copy()
    for phase, value in levels.items():
        draws["level"][:, list(model.phases["phase"]).index(phase)] = value
    return replace(model, draws=draws)


def growth_by_hand(rate, *, size=1.0, in_series=1.0):
    """So many milestones added per planned one, in any phase, all of the same size."""
    return ScopeGrowth(
        phases=pd.DataFrame({"phase": [], "n_planned": [], "n_added": [], "rate": []}),
        other_rate=rate,
        sizes=np.array([size]),
        share_in_series=in_series,
        n_projects=20,
    )


def even_cycles(*, per_round=0.0, actual=1e7):
    """Rounds as planned on average, Poisson and nothing else; a round takes what was planned."""
    return ExperimentCycles(actual, 1e7, 1e9, per_round, 0.0, 100, 20)


def record_by_hand(log_ratios):
    """A record whose quantiles are those of these equally likely log finish ratios."""
    nodes = np.quantile(log_ratios, LEVELS, method="hazen")
    return ProjectRecord(nodes, len(log_ratios), 0, 0.0)
