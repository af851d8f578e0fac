"""The reference model: what an organisation without a closed project borrows from projects elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from estimation.calibration.closed_form import NORMAL_DEGREES
from estimation.calibration.full_fit import DRAWS
from estimation.calibration.model import NEW_PHASE, PHASE_COLUMNS, OverrunModel
from estimation.calibration.project_record import FINISH_RATIOS, ProjectRecord, record_of
from estimation.calibration.shape import NODE_LEVELS
from estimation.ingest.reference_file import ReferenceClass
from estimation.project.amounts import list_words
from estimation.tables import content_hash, empty_table, fold_phase

BORROWED = "borrowed"
BASIS = "borrowed from published projects: no closed project of yours is behind it"
MILESTONES_IN_A_PHASE = 4
"""A range about a phase is read as that of the total of so many equal milestones."""
NINE_IN_TEN = float(ndtri(0.9))
SEED = 1


def is_borrowed(model: OverrunModel | ProjectRecord) -> bool:
    """Tell whether no closed project of one's own is behind a model or a record."""
    return model.n_projects == 0


def borrowed_mark(model: OverrunModel) -> str:
    """Write what stands behind the name of every number that rests on a borrowed model; nothing for an own one."""
    return f" ({BORROWED})" if is_borrowed(model) else ""


def borrowed_words(model: OverrunModel) -> str:
    """Say what a borrowed model rests on, and until when; nothing for an own one."""
    if not is_borrowed(model):
        return ""
    return (
        f"Borrowed: no closed project of yours is behind these numbers. {model.method}. They are wide on purpose; your "
        "first closed projects make them yours (estimation run calibration)."
    )


def reference_model(phases: Sequence[str], classes: Sequence[ReferenceClass]) -> OverrunModel:
    """Put reference classes together to a model that forecasts before there is any history; wide on purpose.

    The finish of a project follows the record's prior alone. Each draw of the model takes one of the measured classes
    about phases to be the one like the reader's work, for all phases but those that an expert's range is about. The log
    of what a phase takes is normal through P10 and P90 of its class; what of its variance the phases of a project do
    not share is half the level of the phase, half the luck of its four milestones.

    Parameters
    ----------
    phases : sequence of str
        Phases that get a row of their own; the last row serves for any other.
    classes : sequence of ReferenceClass

    Returns
    -------
    OverrunModel
        With ``n_projects`` 0; ``method`` names the sources.
    """
    measured = [one for one in classes if one.about == "phases" and one.kind == "measured"]
    experts = {fold_phase(phase): one for one in classes if one.kind == "expert" for phase in one.phases}
    rng = np.random.default_rng(SEED)
    drawn = [measured[k] for k in np.arange(DRAWS) % len(measured)]
    known = [one.figures["project_sd"] for one in measured if "project_sd" in one.figures]
    project_sd = np.array([one.figures.get("project_sd", np.mean(known or [0.0])) for one in drawn])
    rows = [*phases, NEW_PHASE]
    level, spread = np.empty((2, DRAWS, len(rows)))
    for row, phase in enumerate(rows):
        expert = experts.get(fold_phase(phase))
        ends = np.log(
            [[one.figures["p10"], one.figures["p90"]] for one in ([expert] * DRAWS if expert else drawn)]
        )
        middle, variance = ends.mean(axis=1), (np.diff(ends)[:, 0] / (2 * NINE_IN_TEN)) ** 2
        own = np.maximum(variance - project_sd**2, variance / 4) / 2
        spread[:, row] = np.sqrt(own * MILESTONES_IN_A_PHASE)
        # A total of milestones lies above their median: by half of the variance that adding up takes away.
        middle -= spread[:, row] ** 2 / 2 * (1 - 1 / MILESTONES_IN_A_PHASE)
        level[:, row] = middle + np.sqrt(own) * ndtri((rng.permutation(DRAWS) + 0.5) / DRAWS)
    table = pd.DataFrame(
        {"phase": rows, "share_borrowed": 1.0, "hierarchy_weight": 1.0, "n_equal": MILESTONES_IN_A_PHASE}
    )
    return OverrunModel(
        phases=table.assign(**{name: 0 for name in PHASE_COLUMNS if name not in table})[list(PHASE_COLUMNS)],
        draws={
            "level": level,
            "spread": spread,
            "on_plan_share": np.zeros(level.shape),
            "client": np.zeros((DRAWS, 1)),
            "client_sd": np.zeros(DRAWS),
            "project_sd": project_sd,
            "nu": np.full(DRAWS, NORMAL_DEGREES),
        },
        shape=ndtri(NODE_LEVELS),
        n_projects=0,
        n_rows=0,
        n_running=0,
        uses_running=False,
        history_hash=content_hash(pd.DataFrame([{"id": one.id, **one.figures} for one in classes])),
        first_known="",
        last_known="",
        method=_sources(classes, measured, list(experts.values())),
        seed=SEED,
        r_hat=float("nan"),
        record=record_of(empty_table(FINISH_RATIOS)),
    )


def _sources(
    classes: Sequence[ReferenceClass], measured: list[ReferenceClass], experts: list[ReferenceClass]
) -> str:
    """Name what a reference model rests on, for readers."""
    whole = next((one for one in classes if one.about == "projects"), None)
    said = [
        whole and f"the dates rest on {whole.figures['n_projects']} published projects ({whole.short})",
        f"allowances of phases on {sum(int(one.figures['n_rows']) for one in measured):,} pieces of published work "
        f"({list_words(list(dict.fromkeys(one.short for one in measured)))})",
        *(
            f"that of {' and '.join(one.phases).replace('_', ' ')} on {one.short}: {one.figures['p10']:g} to "
            f"{one.figures['p90']:g} times the estimate, eight times in ten"
            for one in experts
        ),
    ]
    text = "; ".join(filter(None, said))
    return text[0].upper() + text[1:]
