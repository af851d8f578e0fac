"""All that a history teaches, in one go: phases, whole projects, scope growth, rounds of experiments."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.experiment_cycles import fit_experiment_cycles
from estimation.calibration.measured_history import MeasuredHistory, Progress
from estimation.calibration.milestone_slips import fit_milestone_slips
from estimation.calibration.model import SWEEPS, OverrunModel
from estimation.calibration.project_record import fit_project_record
from estimation.calibration.scope_growth import fit_scope_growth
from estimation.learning.finish_choice import FEWEST_FOR_A_CHOICE, backtested_finish_way


def calibrate(
    history: pd.DataFrame | MeasuredHistory,
    *,
    seed: int,
    as_of: DateLike | None = None,
    half_life_months: float | None = None,
    finish_way: str = "auto",
    sweeps: int = SWEEPS,
    progress: Progress | None = None,
) -> OverrunModel:
    """Learn from closed and running projects everything that a forecast of the next one needs.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract, or a MeasuredHistory
        Measured, its backtest here is not made again by ``backtest_finishes``.
    seed : int
    as_of : date-like, optional
        Status date; what happened later is not known yet.
    half_life_months : float, optional
        Age at which phases and whole projects count half; by default all count the same.
    finish_way : "auto", "record" or "chained"
        Which forecast of a project's finish to use; "auto" takes what ``choose_finish_way`` takes of the backtest,
        which needs some seconds.
    sweeps : int
        As in ``fit_overruns``.
    progress : callable, optional
        Called with (done, of) after each origin of that backtest.

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
    known = MeasuredHistory.of(history)
    record = fit_project_record(
        known.table, as_of=as_of, measured=known.projects, half_life_months=half_life_months
    )
    if finish_way == "auto":
        how = {"seed": seed, "as_of": as_of, "progress": progress}
        enough = record.n_projects >= FEWEST_FOR_A_CHOICE
        finish_way = backtested_finish_way(known, **how) if enough else "record"
    model = known.fit(as_of, seed=seed, half_life_months=half_life_months, sweeps=sweeps)
    # A copy of its plan is no evidence of anything.
    table = known.table[~known.table["project"].isin(model.left_out)]
    own, ratios = known.own.loc[table.index], known.ratios(as_of)
    return replace(
        model,
        record=record if record.n_projects else None,
        scope_growth=fit_scope_growth(table, as_of=as_of, own=own),
        cycles=fit_experiment_cycles(table, as_of=as_of, own=own),
        finish_way=finish_way,
        slips=fit_milestone_slips(table, ratios, own=own, half_life_months=half_life_months),
    )
