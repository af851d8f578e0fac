"""What else was tried for running projects, each as a forecast that takes the statuses of other projects.

Kept so that their figures can be measured again; none of them is in the method unless its docstring says so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.in_flight import (
    BEST_PUBLISHED,
    LEVELS,
    SEED,
    STAGES,
    Forecast,
    by_stage,
    errors,
    forecast_with,
)
from estimation import calibrate, plan_of, simulate
from estimation.calibration.project_record import LEVELS as RECORD_LEVELS
from estimation.calibration.project_record import ProjectRecord
from estimation.calibration.remaining import LEVELS as NODES
from estimation.calibration.remaining import RemainingModel, fit_remaining, residual_scale, weighted_quantiles
from estimation.forecasting.simulation import FEWEST_ITERATIONS

READINGS = ("plan_left", "plan_left_99", "work_left", "work_left_99")
SHRINKAGE = 2
"""Projects of average kind that stand beside the earlier related ones."""


def with_base(*readings: str) -> Forecast:
    """Take the mean of other readings of what is left as the base."""

    def forecast(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
        past, now = (
            table.assign(base_days=table[list(readings)].mean(axis=1)) for table in (others, targets)
        )
        return fit_remaining(past, default_projects=0).quantiles(
            now["base_days"], now["planned_days"], LEVELS
        )

    return forecast


def multiplier_one(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
    """Take the base itself as P50."""
    return np.repeat(targets["base_days"].to_numpy()[:, None], len(LEVELS), axis=1)


def multiplier_by_stage(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
    """Learn multiplier and spread for each stage apart, by earned share."""
    found = np.full((len(targets), len(LEVELS)), np.nan)
    bands = [np.digitize(table["earned_share"], [0.3, 0.7]) for table in (others, targets)]
    for n in range(3):
        model = fit_remaining(others[bands[0] == n], default_projects=0)
        found[bands[1] == n] = forecast_with(model, targets[bands[1] == n])
    return found


def without_pace(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
    """Leave the pace of the project itself out."""
    weights = 1 / others.groupby("project")["project"].transform("size").to_numpy(dtype=float)
    known = (others["base_days"] > 0).to_numpy()
    ratios = (others["remaining_days"] / others["base_days"]).to_numpy()[known]
    base, planned = targets["base_days"].to_numpy(), targets["planned_days"].to_numpy()
    multiplier = weighted_quantiles(np.append(ratios, 1.0), np.append(weights[known], 1.0), np.array([0.5]))[
        0
    ]
    expected = multiplier * others["base_days"].to_numpy()
    residuals = (others["remaining_days"].to_numpy() - expected) / residual_scale(
        expected, others["planned_days"].to_numpy()
    )
    nodes = weighted_quantiles(residuals, weights, NODES)
    return RemainingModel(float(multiplier), nodes, 0, 0).quantiles(base, planned, LEVELS)


def regression(*features: Callable[[pd.DataFrame], pd.Series]) -> Forecast:
    """Add features to the multiplier: least absolute deviations on the real rest, projects weighing the same."""

    def forecast(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
        def design(table: pd.DataFrame) -> np.ndarray:
            share = table["base_days"] / table["planned_days"]
            return np.column_stack([share, *(feature(table) for feature in features)])

        weights = 1 / others.groupby("project")["project"].transform("size").to_numpy(dtype=float)
        actual = (others["remaining_days"] / others["planned_days"]).to_numpy()
        slopes = _least_absolute(design(others), actual, weights)
        days = targets["planned_days"].to_numpy() * (design(targets) @ slopes)
        return np.repeat(np.maximum(days, 0.0)[:, None], len(LEVELS), axis=1)

    return forecast


def delay(table: pd.DataFrame) -> pd.Series:
    """Say how late the project is by its base, as a share of the planned duration."""
    return (table["elapsed_days"] + table["base_days"]) / table["planned_days"] - 1


def delay_of_rest(table: pd.DataFrame) -> pd.Series:
    """Take the delay on the earned schedule, in proportion to what is left."""
    late = (table["elapsed_days"] - table["earned_schedule"]) / table["planned_days"]
    return late * table["base_days"] / table["planned_days"]


def momentum(table: pd.DataFrame) -> pd.Series:
    """Say how far the forecast date moved since the status before."""
    dates = table["elapsed_days"] + table["base_days"]
    before = dates.groupby(table["project"]).shift(1).fillna(table["planned_days"])
    return (dates - before) / table["planned_days"]


def record_early(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
    """Early on, mix in the date that the finish ratios of whole projects give."""
    days = fit_remaining(others, default_projects=0).quantiles(
        targets["base_days"], targets["planned_days"], LEVELS
    )
    ratio = (others["finish"] / others["planned_days"]).groupby(others["project"]).first().median()
    record = np.maximum(ratio * targets["planned_days"] - targets["elapsed_days"], 0.0).to_numpy()[:, None]
    share = 0.3 * (1 - targets["earned_share"].to_numpy()[:, None]) ** 2
    return (1 - share) * days + share * record


def finishes_alone(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
    """Learn from how other projects ended, without any of their status updates."""
    ends = others.groupby("project").first()
    ratios = (ends["finish"] / ends["planned_days"]).to_numpy()
    nodes = np.quantile(np.log(ratios), RECORD_LEVELS, method="hazen")
    record = ProjectRecord(nodes, "pooled", len(ratios), 0, 0.0)
    return forecast_with(fit_remaining(others.head(0), record=record, default_projects=0), targets)


def chained_finishes(rows: pd.DataFrame, history: pd.DataFrame, status: pd.DataFrame) -> np.ndarray:
    """Chain durations through the network from each status date on, what is done fixed; shape (n, 3)."""
    finish = np.full((len(rows), len(LEVELS)), np.nan)
    for family in rows["family"].unique():
        own = (rows["family"] == family).to_numpy()
        others = history[~history["project"].isin(rows["project"][own])]
        model = calibrate(others, seed=SEED, finish_way="record")
        for place in np.flatnonzero(own):
            project, as_of = rows["project"].iloc[place], rows["as_of"].iloc[place]
            played = simulate(
                plan_of(history, project),
                model,
                as_of=as_of,
                status=status[status["project"] == project],
                seed=SEED,
                iterations=FEWEST_ITERATIONS,
                way="chained",
            )
            finish[place] = np.quantile(played.project_finishes, LEVELS)
    return finish


def _least_absolute(design: np.ndarray, actual: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Fit by iteratively reweighted least squares."""
    slopes = np.zeros(design.shape[1])
    for _ in range(60):
        own = weights / (np.abs(actual - design @ slopes) + 1e-3)
        slopes = np.linalg.solve((design * own[:, None]).T @ design, (design * own[:, None]).T @ actual)
    return slopes


def parts_table(rows: pd.DataFrame, ours: np.ndarray) -> pd.DataFrame:
    """Show what the errors are made of, and what earlier related projects would add; one row per question.

    The best multiplier of each project is not known before its end, and related projects are held out everywhere
    else, so these are no forecasts to compare with the others.
    """
    rest = pd.Series(ours[:, 0], rows.index) - rows["elapsed_days"]
    best = rows["project"].map(_best_multipliers(rows, rest))
    gaps = rows.groupby("project")["elapsed_days"].diff().fillna(rows["elapsed_days"])
    related, multiplier = _earlier_related(rows, rest)
    lines = [
        _part("ours", rows, errors(rows, ours[:, 0])),
        _part(
            "with the best single multiplier of each project",
            rows,
            errors(rows, rows["elapsed_days"] + best * rest),
        ),
        _part("half the time since the status before", rows, (gaps / 2 / rows["finish"]).to_numpy()),
    ]
    known = rows[related]
    for name, finish in (
        ("earned schedule, factor 1", known[BEST_PUBLISHED]),
        ("ours", pd.Series(ours[:, 0], rows.index)[related]),
        (
            "with the multiplier of earlier related projects",
            (rows["elapsed_days"] + multiplier * rest)[related],
        ),
    ):
        lines.append(_part(f"where related projects closed before: {name}", known, errors(known, finish)))
    return pd.DataFrame(lines)


def _part(name: str, rows: pd.DataFrame, values: np.ndarray) -> dict:
    own = by_stage(rows, values).mean()
    return {
        "what": name,
        "projects": rows["project"].nunique(),
        **{stage: f"{100 * own[n]:.1f}" for n, stage in enumerate(STAGES)},
    }


def _best_multipliers(rows: pd.DataFrame, rest: pd.Series) -> dict[str, float]:
    """Find for each project the multiplier that makes its forecasts best, by weighted median."""
    found = {}
    for project, own in rows.groupby("project"):
        weights = rest[own.index].clip(lower=1e-6).to_numpy()
        ratios = own["remaining_days"].to_numpy() / weights
        found[project] = float(weighted_quantiles(ratios, weights, np.array([0.5]))[0])
    return found


def _earlier_related(rows: pd.DataFrame, rest: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Learn a multiplier from related projects that had closed by the status date, shrunk n / (n + 2)."""
    best = _best_multipliers(rows, rest)
    closed = rows.drop_duplicates("project").set_index("project")[["family", "known_on"]]
    related, multiplier = np.zeros(len(rows), dtype=bool), np.ones(len(rows))
    for n, row in enumerate(rows.itertuples()):
        past = closed[(closed["family"] == row.family) & (closed["known_on"] < row.as_of)].index
        if len(past):
            related[n] = True
            logs = np.log([best[project] for project in past])
            multiplier[n] = np.exp(logs.sum() / (len(past) + SHRINKAGE))
    return related, multiplier


VARIANTS: dict[str, Forecast] = {
    "without multiplier": multiplier_one,
    "plan alone (R1, R2)": with_base(*READINGS[:2]),
    "network alone (R3, R4)": with_base(*READINGS[2:]),
    "to the end alone (R1, R3)": with_base("plan_left", "work_left"),
    "to 99 % alone (R2, R4)": with_base("plan_left_99", "work_left_99"),
    "multiplier and spread by stage": multiplier_by_stage,
    "without the project's own pace": without_pace,
    "regression, no feature": regression(),
    "regression, delay so far": regression(delay),
    "regression, delay in proportion to the rest": regression(delay_of_rest),
    "regression, last move of the date": regression(momentum),
    "record of finish ratios mixed in early": record_early,
    "finish ratios alone, no status of others": finishes_alone,
}
