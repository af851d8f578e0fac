"""What could forecast a milestone: from the raw plan to the full model, each as a distribution per phase.

A candidate looks at the evidence of the past and gives, for each phase asked for, equally likely points of the log
overrun ratio in ascending order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from estimation.calibration.model import OverrunModel, fit_overruns
from estimation.calibration.prediction import log_ratio_quantiles

POINTS = 199
LEVELS = (np.arange(POINTS) + 0.5) / POINTS
TRIANGLE = (0.9, 1.0, 1.3)
FEWEST_FOR_A_PHASE = 3
BACKTEST_SWEEPS = 300

Forecasts = dict[str, np.ndarray]
Candidate = Callable[[pd.DataFrame, Sequence[str], int], Forecasts]


def raw_plan(past: pd.DataFrame, phases: Sequence[str], seed: int) -> Forecasts:
    """Believe the plan as it stands."""
    return {phase: np.zeros(POINTS) for phase in phases}


def plus_20_percent(past: pd.DataFrame, phases: Sequence[str], seed: int) -> Forecasts:
    """Add a fifth to every estimate."""
    return {phase: np.full(POINTS, np.log(1.2)) for phase in phases}


def triangular(past: pd.DataFrame, phases: Sequence[str], seed: int) -> Forecasts:
    """Take the range that people type by hand: from a tenth less to three tenths more."""
    low, mode, high = TRIANGLE
    points = stats.triang.ppf(LEVELS, (mode - low) / (high - low), loc=low, scale=high - low)
    return {phase: np.log(points) for phase in phases}


def reference_class(past: pd.DataFrame, phases: Sequence[str], seed: int) -> Forecasts:
    """Pool all finished ratios of the past, whatever their phase (reference class forecasting)."""
    return dict.fromkeys(phases, _empirical(_log_ratios(past)))


def phase_resampling(past: pd.DataFrame, phases: Sequence[str], seed: int) -> Forecasts:
    """Resample the past ratios of the same phase (evidence-based scheduling); all ratios where it has too few."""
    return {phase: _empirical(_of_phase_or_all(past, phase)) for phase in phases}


def phase_lognormal(past: pd.DataFrame, phases: Sequence[str], seed: int) -> Forecasts:
    """Fit a lognormal to the past ratios of the same phase by maximum likelihood; to all where it has too few."""
    ratios, scores = {phase: _of_phase_or_all(past, phase) for phase in phases}, stats.norm.ppf(LEVELS)
    return {phase: own.mean() + max(own.std(), 0.02) * scores for phase, own in ratios.items()}


@dataclass(frozen=True)
class Fitted:
    """A fit as a candidate, "closed_form" or "full"; with a half-life, older evidence counts less in it."""

    method: str
    half_life_months: float | None = None

    def __call__(self, past: pd.DataFrame, phases: Sequence[str], seed: int) -> Forecasts:
        """Fit the past and forecast from it."""
        return self.read(fit_overruns(past, **self.how(seed)), phases)

    def how(self, seed: int) -> dict:
        """Say how it is fitted in a backtest."""
        return {**vars(self), "sweeps": BACKTEST_SWEEPS, "seed": seed}

    def read(self, model: OverrunModel, phases: Sequence[str]) -> Forecasts:
        """Forecast from a model that was fitted so."""
        rows = zip(phases, model.rows_of(phases), strict=True)
        return {phase: log_ratio_quantiles(model, row, LEVELS) for phase, row in rows}


def pool(forecasts: Sequence[np.ndarray]) -> np.ndarray:
    """Average forecasts of the same thing: equally likely points of all of them together."""
    return np.quantile(np.concatenate(forecasts), LEVELS, method="hazen")


FITS = {"closed form": "closed_form", "full model": "full"}
CANDIDATES: dict[str, Candidate] = {
    "raw plan": raw_plan,
    "plan + 20 %": plus_20_percent,
    "triangular": triangular,
    "reference class": reference_class,
    "phase resampling": phase_resampling,
    "phase lognormal": phase_lognormal,
    **{name: Fitted(method) for name, method in FITS.items()},
}


def _log_ratios(past: pd.DataFrame) -> np.ndarray:
    return np.log(past.loc[~past["censored"].astype(bool), "overrun_ratio"].to_numpy())


def _of_phase_or_all(past: pd.DataFrame, phase: str) -> np.ndarray:
    own = _log_ratios(past[past["phase"] == phase])
    return own if len(own) >= FEWEST_FOR_A_PHASE else _log_ratios(past)


def _empirical(values: np.ndarray) -> np.ndarray:
    return np.quantile(values, LEVELS, method="inverted_cdf")
