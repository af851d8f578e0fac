from .calibration.calibrated_plan import calibrated_plan
from .calibration.data_quality import data_quality
from .calibration.model import OverrunModel, fit_overruns
from .calibration.multipliers import multiplier_table
from .calibration.overruns import overrun_table
from .calibration.project_record import ProjectRecord, fit_project_record
from .calibration.similar_projects import similar_projects
from .forecasting.forecast import date_at, finish_distribution, forecast_table
from .forecasting.simulation import Simulation, simulate
from .ingest.sources import read_plan
from .learning.calibrate import calibrate
from .ledger.inputs import read_decisions, read_history, read_published, read_status
from .ledger.ledger import open_ledger
from .lint.plan_lint import lint_plan
from .project.closing import plan_of
from .project.plan import Plan
from .project.standing import Standing, standing_of, standings_of
from .publishing.model_file import load_model, save_model
from .publishing.results import load_results, save_results
from .review.quarterly.quarterly_report import quarterly_report
from .review.replay import replay_table
from .review.variance import variance_table
from .scoring.backtest import backtest
from .scoring.finish_backtest import backtest_finishes
from .tables import content_hash
from .tracking.board import milestone_board
from .tracking.cascade import cascade
from .tracking.earned_value import earned_value_table
from .tracking.evidence import evidence_table
from .tracking.moves import forecast_moves
from .tracking.weekly_review import weekly_review

__all__ = [
    "OverrunModel",
    "Plan",
    "ProjectRecord",
    "Simulation",
    "Standing",
    "backtest",
    "backtest_finishes",
    "calibrate",
    "calibrated_plan",
    "cascade",
    "content_hash",
    "data_quality",
    "date_at",
    "earned_value_table",
    "evidence_table",
    "finish_distribution",
    "fit_overruns",
    "fit_project_record",
    "forecast_moves",
    "forecast_table",
    "lint_plan",
    "load_model",
    "load_results",
    "milestone_board",
    "multiplier_table",
    "open_ledger",
    "overrun_table",
    "plan_of",
    "quarterly_report",
    "read_decisions",
    "read_history",
    "read_plan",
    "read_published",
    "read_status",
    "replay_table",
    "save_model",
    "save_results",
    "similar_projects",
    "simulate",
    "standing_of",
    "standings_of",
    "variance_table",
    "weekly_review",
]
