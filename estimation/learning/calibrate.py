"""All that a history teaches, in one go: phases, whole projects, scope growth, rounds of experiments."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.durations import own_durations
from estimation.calibration.experiment_cycles import fit_experiment_cycles
from estimation.calibration.model import SWEEPS, OverrunModel, fit_overruns
from estimation.calibration.overruns import overrun_table
from estimation.calibration.project_record import fit_project_record
from estimation.calibration.scope_growth import fit_scope_growth
from estimation.learning.finish_choice import FEWEST_FOR_A_CHOICE, backtested_finish_way


def calibrate(
    history: pd.DataFrame,
    *,
    seed: int,
    as_of: DateLike | None = None,
    half_life_months: float | None = None,
    finish_way: str = "auto",
    sweeps: int = SWEEPS,
) -> OverrunModel:
    """Learn from closed and running projects everything that a forecast of the next one needs.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract
    seed : int
    as_of : date-like, optional
        Status date; what happened later is not known yet.
    half_life_months : float, optional
        As in ``fit_overruns``.
    finish_way : "auto", "record" or "chained"
        Which forecast of a project's finish to use; "auto" takes what ``choose_finish_way`` takes of the backtest,
        which needs some seconds.
    sweeps : int
        As in ``fit_overruns``.

    Returns
    -------
    OverrunModel
        With its record of whole projects where any has closed, and with scope growth and rounds of experiments where
        the history tells of them.

    Raises
    ------
    InputError
        If no milestone has a ratio, see ``fit_overruns``.
    """
    own = own_durations(history)
    overruns = overrun_table(history, as_of=as_of, own=own)
    record = fit_project_record(history, as_of=as_of, own=own)
    if finish_way == "auto":
        enough = record.n_projects >= FEWEST_FOR_A_CHOICE
        finish_way = backtested_finish_way(history, seed=seed, as_of=as_of) if enough else "record"
    return replace(
        fit_overruns(overruns, seed=seed, half_life_months=half_life_months, sweeps=sweeps),
        record=record if record.n_projects else None,
        scope_growth=fit_scope_growth(history, as_of=as_of, own=own),
        cycles=fit_experiment_cycles(history, as_of=as_of, own=own),
        finish_way=finish_way,
    )
