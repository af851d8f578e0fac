"""The rolling backtest: at each origin only what was known then, against what happened afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.calibration.measured_history import MeasuredHistory, Progress, told
from estimation.scores import crps_from_quantiles
from estimation.scoring.candidates import CANDIDATES, FITS, LEVELS, Candidate, Fitted, pool
from estimation.tables import IDENTITY, Column, Contract, empty_table, keep_contract

BACKTEST: Contract = {
    "candidate": Column.text("what made the forecast"),
    "origin": Column.date("morning on which it was made; only what was known before counts"),
    **{name: IDENTITY[name] for name in ("project", "milestone", "phase")},
    "n_past": Column.count("projects with finished work known at the origin"),
    "actual": Column.ratio("log of the overrun ratio that happened"),
    "q50": Column.ratio("log ratio forecast at P50"),
    "q80": Column.ratio("log ratio forecast at P80"),
    "q90": Column.ratio("log ratio forecast at P90"),
    "crps": Column.ratio(
        "distance of the forecast distribution from what happened; smaller is better", least=0
    ),
    "pit": Column.probability("level at which the forecast saw what happened, ties spread evenly"),
}

POOL = "pool"
POOLED = ("full model", "reference class")
RECALIBRATED = " recalibrated"
FEWEST_TO_RECALIBRATE = 100
FEWEST_BEFORE = 10
"""Closed projects before the first origin: forecasts from fewer would say little of those from now on."""
ORIGINS = 12
MOST_ORIGINS = 60


def backtest(
    history: pd.DataFrame | MeasuredHistory,
    *,
    seed: int,
    candidates: Mapping[str, Candidate] | None = None,
    origins: int = ORIGINS,
    half_life_months: float | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Forecast every past milestone from what was known before its project started, and score it.

    The days on which projects started are cut into origins. At each, every candidate learns from the overruns known
    on that day (milestones running then are running in its evidence) and forecasts the milestones of the projects
    that start from that day up to the next origin. No row of a forecast project can be in the evidence: it had not
    started.

    Parameters
    ----------
    history : DataFrame keeping the HISTORY contract, or a MeasuredHistory
    seed : int
    candidates : mapping of name to Candidate, optional
        All of ``CANDIDATES`` by default; with the full model and the reference class also their pool.
    origins : int
        At most so many origins.
    half_life_months : float, optional
        Of the two fits among ``CANDIDATES``, as in ``fit_overruns``.
    progress : callable, optional
        Called with (done, of) after each origin.

    Returns
    -------
    DataFrame keeping the BACKTEST contract, one row per candidate, origin and milestone
        Empty when fewer than ten projects were closed before the last one started, or the history has no dates:
        there is nothing yet to learn from.
    """
    forgetting = {name: Fitted(method, half_life_months) for name, method in FITS.items()}
    named = CANDIDATES | forgetting if candidates is None else dict(candidates)
    known = MeasuredHistory.of(history)
    whole = known.overruns()
    finished = whole[~whole["censored"].astype(bool)]
    starts = project_starts(known.table)
    parts = []
    cuts = origin_days(known, origins)
    for origin, following in told(list(pairwise([*cuts, pd.Timestamp.max])), progress):
        before = origin - pd.Timedelta(days=1)
        past = known.overruns(before)
        begun = starts[(starts >= origin) & (starts < following)].index
        targets = finished[finished["project"].isin(begun)]
        if targets.empty:  # what began then has finished nothing yet
            continue
        refuse_leaks(past, targets)
        fitted_once = {name: _fitted_once(known, before, candidate) for name, candidate in named.items()}
        parts.append(score_origin(past, targets, fitted_once, origin=origin, seed=seed, scored=parts))
    if not parts:
        return empty_table(BACKTEST)
    return keep_contract(pd.concat(parts, ignore_index=True), BACKTEST)


def _fitted_once(known: MeasuredHistory, day: pd.Timestamp, candidate: Candidate) -> Candidate:
    """Let a fit be the one that this history has had for the day, if it had one."""
    if not isinstance(candidate, Fitted):
        return candidate
    return lambda past, phases, seed: candidate.read(known.fit(day, **candidate.how(seed)), phases)


def project_starts(history: pd.DataFrame) -> pd.Series:
    """Find the day on which each project was planned to start, else its first recorded start; without any left out."""
    dates = history.groupby("project")[["project_start", "baseline_start", "actual_start"]].min()
    return dates["project_start"].fillna(dates["baseline_start"]).fillna(dates["actual_start"]).dropna()


def refuse_leaks(past: pd.DataFrame, targets: pd.DataFrame) -> None:
    """Raise AssertionError when a forecast project stands in the evidence; this guards the code, not the data."""
    both = set(past["project"]) & set(targets["project"])
    if both:
        raise AssertionError(f"project '{min(both)}' is forecast and stands in the evidence too")


def score_origin(
    past: pd.DataFrame,
    targets: pd.DataFrame,
    candidates: Mapping[str, Candidate],
    *,
    origin: pd.Timestamp,
    seed: int,
    scored: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Forecast the targets of one origin with every candidate, and score each milestone; rows of BACKTEST.

    From 100 milestones scored at earlier origins on (``scored``), each candidate stands a second time, its levels
    corrected by how often they held.
    """
    phases = list(dict.fromkeys(targets["phase"]))
    forecasts = {name: candidate(past, phases, seed) for name, candidate in candidates.items()}
    if set(POOLED) <= set(forecasts):
        forecasts[POOL] = {phase: pool([forecasts[name][phase] for name in POOLED]) for phase in phases}
    for name, past_pit in _past_pit(scored, forecasts).items():
        corrected = {phase: recalibrate(nodes, past_pit) for phase, nodes in forecasts[name].items()}
        forecasts[name + RECALIBRATED] = corrected
    n_past = int(past.loc[~past["censored"].astype(bool), "project"].nunique())
    actual = np.log(targets["overrun_ratio"].to_numpy())
    actual = np.where(targets["on_plan"].to_numpy(dtype=bool), 0.0, actual)
    phase_of = targets["phase"]
    nodes = {name: np.stack([own[phase] for phase in phase_of]) for name, own in forecasts.items()}
    identity = targets[["project", "milestone", "phase"]]
    return score_rows(nodes, identity, actual, origin=origin, seed=seed, n_past=n_past)


def score_rows(
    forecasts: Mapping[str, np.ndarray],
    identity: pd.DataFrame,
    actual: np.ndarray,
    *,
    origin: pd.Timestamp,
    seed: int,
    n_past: int,
) -> pd.DataFrame:
    """Score forecasts of the same things side by side; rows of BACKTEST.

    Each candidate gives equally likely points at ``LEVELS``, ascending, shape (n, points), in log ratios. The PIT of
    ties takes its random numbers from the seed, the same for all candidates: they differ by their forecasts alone.
    """
    spot = np.random.default_rng([seed, abs(origin.value) % 2**32]).random(len(actual))
    scores = []
    for nodes in forecasts.values():
        below, upto = (nodes < actual[:, None]).mean(axis=1), (nodes <= actual[:, None]).mean(axis=1)
        quantiles = nodes[:, np.searchsorted(LEVELS, (0.5, 0.8, 0.9))].T
        pit = below + spot * (upto - below)
        scores.append([actual, *quantiles, crps_from_quantiles(nodes, actual), pit])
    columns = ("actual", "q50", "q80", "q90", "crps", "pit")
    return pd.concat([identity] * len(scores), ignore_index=True).assign(
        candidate=np.repeat(np.array(list(forecasts), dtype=object), len(actual)),
        origin=origin,
        n_past=n_past,
        **dict(zip(columns, np.concatenate(scores, axis=1), strict=True)),
    )


def recalibrate(nodes: np.ndarray, past_pit: np.ndarray) -> np.ndarray:
    """Correct the points of a forecast by how often its levels held in the past, given as PIT values.

    If only 70 % of past outcomes lay below the P80, the corrected P80 is read further up.
    """
    return np.interp(np.quantile(past_pit, LEVELS), LEVELS, nodes)


def origin_days(known: MeasuredHistory, count: int, as_of: DateLike | None = None) -> list[pd.Timestamp]:
    """Cut the starts of projects into at most so many origins, from the day on which enough projects were closed."""
    rows, starts = known.overruns(as_of), project_starts(known.table)
    closed = rows[~rows["censored"].astype(bool)].groupby("project")["known_on"].max().dropna().sort_values()
    if len(closed) < FEWEST_BEFORE:
        return []
    return first_days(starts[starts > closed.iloc[FEWEST_BEFORE - 1]], min(count, MOST_ORIGINS))


def first_days(starts: pd.Series | np.ndarray, count: int) -> list[pd.Timestamp]:
    """Cut days into so many blocks of consecutive ones: the first day of each."""
    blocks = np.array_split(np.unique(starts), count)
    return [pd.Timestamp(block[0]) for block in blocks if len(block)]


def _past_pit(scored: Sequence[pd.DataFrame], names) -> dict[str, np.ndarray]:
    """Gather the PIT values of each candidate so far, where there are enough to correct levels by."""
    if not scored:
        return {}
    table = pd.concat(scored, ignore_index=True)
    by_name = {name: table.loc[table["candidate"] == name, "pit"].to_numpy() for name in names}
    return {name: pit for name, pit in by_name.items() if len(pit) >= FEWEST_TO_RECALIBRATE}
