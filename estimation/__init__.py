"""Learn from closed projects how long the next one will really take.

The way of the data: ``read_history`` -> ``overrun_table`` -> ``fit_overruns`` -> ``multiplier_table``, then
``read_plan`` and a model -> ``simulate`` -> ``forecast_table``.
"""

from estimation.calibration.model import OverrunModel, fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.overruns import overrun_table
from estimation.calibration.quality import data_quality
from estimation.forecasting.forecast import date_at, finish_distribution, forecast_table
from estimation.forecasting.simulation import Simulation, simulate
from estimation.ingest.sources import read_milestone_history as read_history
from estimation.ingest.sources import read_milestone_plan, read_status
from estimation.planning.calibrated import calibrated_plan
from estimation.planning.plan import Plan, build_plan
from estimation.reporting.model_file import load_model, save_model
from estimation.reporting.results import load_results, save_results
from estimation.tables import content_hash
from estimation.tracking.variance import variance_table


def read_plan(source, *, mapping=None) -> Plan:
    """Read the plan of one project from a CSV or Excel file.

    Parameters
    ----------
    source : path of a file
    mapping : path, dict or None
        How the table is to be read; see ``TableMapping``.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        Everything that is wrong with the file, at once.
    """
    return build_plan(read_milestone_plan(source, mapping=mapping))


__all__ = [
    "OverrunModel",
    "Plan",
    "Simulation",
    "calibrated_plan",
    "content_hash",
    "data_quality",
    "date_at",
    "finish_distribution",
    "fit_overruns",
    "forecast_table",
    "load_model",
    "load_results",
    "multiplier_table",
    "overrun_table",
    "read_history",
    "read_plan",
    "read_status",
    "save_model",
    "save_results",
    "simulate",
    "variance_table",
]
