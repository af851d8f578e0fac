"""What experts say of single phases, as long as an organisation has few projects of its own to say it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from estimation.ingest.reference_file import read_reference_classes
from estimation.tables import fold_phase

BELIEVED = 0.5
"""Share of an expert's level, as a log, that own projects start from. Measured with one to five own projects."""


def expert_levels(phases: Sequence[str]) -> np.ndarray:
    """Give the level each phase is expected at above the others before own work says otherwise, in log units.

    Half of the middle of the range an expert states, nothing for all other phases. Own rows move away from it as they
    would from no level at all.
    """
    middles = _middles()
    return np.array([BELIEVED * middles.get(fold_phase(phase), 0.0) for phase in phases])


@cache
def _middles() -> dict[str, float]:
    _, classes = read_reference_classes()
    return {
        fold_phase(phase): float(np.log([one.figures["p10"], one.figures["p90"]]).mean())
        for one in classes
        if one.kind == "expert"
        for phase in one.phases
    }
