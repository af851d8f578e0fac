"""Simulated recovery: projects drawn from a known truth, so that honest forecasts must hold as often as they say.

The truth is of the model's own family: this proves the code, not the model. Every repetition draws a truth, a
history and new projects; the error of a figure is that between repetitions.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from estimation.calibration.model import OverrunModel, fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.overruns import OVERRUNS
from estimation.calibration.prediction import draw_log_ratios, log_ratio_quantiles
from estimation.calibration.shape import quantiles_with_ties
from estimation.scores import crps_from_quantiles
from estimation.scoring.candidates import CANDIDATES
from estimation.tables import keep_contract

PHASE_DAYS = np.array([10.0, 20.0, 30.0, 20.0, 10.0])
"""Typical planned working days of the five phases; the planned start of a phase is halfway into the one before."""
PROJECTS = 40
NEW_PROJECTS = 50
RUNNING = 0.25
"""Share of the milestones begun by the status date that are still running on it."""
SWEEPS = 600
ITERATIONS = 4000
NORMAL_90 = 1.645
STANDS_OUT = 2
"""Place of the phase that takes 2.5 times its plan."""


@dataclass(frozen=True)
class Truth:
    """What the overruns are drawn from; ``level`` and ``spread`` per phase, log units."""

    level: np.ndarray
    spread: np.ndarray
    on_plan_share: float = 0.15
    project_sd: float = 0.25
    nu: float = 8.0


@dataclass(frozen=True)
class Wanted:
    """The range in which a figure must lie."""

    case: str
    figure: str
    low: float
    high: float


COVERS = "90 % interval of a phase's P80 multiplier covers it"
WANTED = (
    Wanted("nothing running", "P80 of the total held", 0.77, 0.83),
    Wanted("nothing running", "P90 of the total held", 0.88, 0.92),
    Wanted("a quarter running", "P80 of the total held", 0.78, 0.85),
    Wanted("a quarter running", "P80 held, running rows dropped", 0.0, 0.72),
    Wanted("one phase at 2.5", "P80 of that phase held", 0.75, 0.85),
    Wanted("shared project effect", "P90 held, shared minus independent", 0.02, 1.0),
    Wanted("three rows per phase", "CRPS skill over phase lognormal", 0.10, 1.0),
    Wanted("5 projects", COVERS, 0.85, 0.95),
    Wanted("10 projects", COVERS, 0.85, 0.95),
    Wanted("20 projects", COVERS, 0.85, 0.95),
    Wanted("three projects", "CRPS skill over phase lognormal", 0.10, 1.0),
)


def recovery_table(repetitions: int, seed: int, *, processes: int = 2) -> pd.DataFrame:
    """One row per figure: its mean over all repetitions with 90 % band, and what was wanted."""
    with ProcessPoolExecutor(processes) as pool:
        measured = {case: repeat(case, repetitions, seed, run=pool.map) for case in CASES}
    rows = []
    for wanted in WANTED:
        values = measured[wanted.case][wanted.figure]
        mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
        rows.append(
            {
                "case": wanted.case,
                "figure": wanted.figure,
                "repetitions": len(values),
                "mean": f"{mean:.3f}",
                "90 % band": f"{mean - NORMAL_90 * error:.3f} to {mean + NORMAL_90 * error:.3f}",
                "wanted": _range(wanted),
                "met": "yes" if wanted.low <= mean <= wanted.high else "NO",
            }
        )
    return pd.DataFrame(rows)


def repeat(case: str, repetitions: int, seed: int, *, run: Callable = map, **options) -> pd.DataFrame:
    """Run one case many times; one row per repetition, one column per figure."""
    number = list(CASES).index(case)
    seeds = [[seed, number, repetition] for repetition in range(repetitions)]
    return pd.DataFrame(list(run(partial(CASES[case], **options), seeds)))


def nothing_running(seed, *, sweeps: int = SWEEPS) -> dict[str, float]:
    """Forecast the total of new projects from 40 closed ones."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng)
    model = fit_overruns(closed(*draw_projects(truth, PROJECTS, rng)), seed=seed[-1], sweeps=sweeps)
    held80, held90 = totals_held(model, truth, rng)
    return {"P80 of the total held": held80, "P90 of the total held": held90}


def a_quarter_running(seed, *, sweeps: int = SWEEPS) -> dict[str, float]:
    """Forecast it from 40 projects seen at one status date, once with their running work and once without."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng)
    history = cut_off(*draw_projects(truth, PROJECTS, rng), rng)
    full = fit_overruns(history, seed=seed[-1], method="full", sweeps=sweeps)
    dropped = fit_overruns(history, seed=seed[-1], method="closed_form")
    new = draw_projects(truth, NEW_PROJECTS, rng)
    return {
        "P80 of the total held": totals_held(full, truth, rng, new=new)[0],
        "P80 held, running rows dropped": totals_held(dropped, truth, rng, new=new)[0],
        "share running": history["censored"].mean(),
    }


def one_phase_stands_out(seed, *, sweeps: int = SWEEPS) -> dict[str, float]:
    """Forecast a phase at 2.5 times its plan beside four near 1: it must not be dragged to them."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 0.05, len(PHASE_DAYS))
    level[STANDS_OUT] = np.log(2.5)
    truth = Truth(level, np.full(len(level), 0.4))
    model = fit_overruns(closed(*draw_projects(truth, PROJECTS, rng)), seed=seed[-1], sweeps=sweeps)
    p80 = log_ratio_quantiles(model, model.rows_of([_name(STANDS_OUT)])[0], np.array([0.8]))
    log_ratio, _ = draw_projects(truth, NEW_PROJECTS, rng)
    return {"P80 of that phase held": np.mean(log_ratio[:, STANDS_OUT] <= p80)}


def shared_project_effect(seed, *, sweeps: int = SWEEPS) -> dict[str, float]:
    """Compare totals whose phases share the luck of their project with totals whose phases each have their own."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng)
    model = fit_overruns(closed(*draw_projects(truth, PROJECTS, rng)), seed=seed[-1], sweeps=sweeps)
    new = draw_projects(truth, NEW_PROJECTS, rng)
    shared = totals_held(model, truth, rng, new=new)[1]
    independent = totals_held(model, truth, rng, new=new, shared=False)[1]
    return {"P90 held, shared minus independent": shared - independent}


def three_rows_per_phase(seed) -> dict[str, float]:
    """Forecast phases that three of 15 projects had each."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng, phases=15)
    history = closed(*draw_projects(truth, 15, rng))
    phase, project = history["phase"].str[6:].astype(int), history["project"].str[8:].astype(int)
    return _skill_over_lognormal(history[(phase - project) % 15 < 3], truth, rng)


def three_projects(seed) -> dict[str, float]:
    """Forecast five phases from three projects in all."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng)
    return _skill_over_lognormal(closed(*draw_projects(truth, 3, rng)), truth, rng)


def interval_of_p80(seed, *, projects: int, sweeps: int = SWEEPS) -> dict[str, float]:
    """Say how sure the P80 multiplier of each phase is, from few projects, and compare it with the true one."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng)
    model = fit_overruns(closed(*draw_projects(truth, projects, rng)), seed=seed[-1], sweeps=sweeps)
    found = multiplier_table(model, levels=(0.8,)).iloc[: len(truth.level)]
    true = np.exp(true_quantiles(truth, 0.8))
    covered = (found["lower"].to_numpy() <= true) & (true <= found["upper"].to_numpy())
    return {COVERS: covered.mean(), "times or divided by": np.sqrt(found["upper"] / found["lower"]).mean()}


CASES = {
    "nothing running": nothing_running,
    "a quarter running": a_quarter_running,
    "one phase at 2.5": one_phase_stands_out,
    "shared project effect": shared_project_effect,
    "three rows per phase": three_rows_per_phase,
    "three projects": three_projects,
    "5 projects": partial(interval_of_p80, projects=5),
    "10 projects": partial(interval_of_p80, projects=10),
    "20 projects": partial(interval_of_p80, projects=20),
}


def draw_truth(rng: np.random.Generator, phases: int = len(PHASE_DAYS)) -> Truth:
    """Draw phases that differ by a fifth in level and by a sixth in spread."""
    return Truth(rng.normal(0.1, 0.2, phases), 0.4 * np.exp(rng.normal(0, 0.15, phases)))


def draw_projects(truth: Truth, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw log ratios and planned days of projects, both of shape (projects, phases)."""
    shape = (count, len(truth.level))
    luck = rng.normal(0, truth.project_sd, (count, 1))
    log_ratio = truth.level + luck + truth.spread * rng.standard_t(truth.nu, shape)
    planned = (
        np.resize(PHASE_DAYS, shape[1]) * rng.lognormal(0, 0.4, (count, 1)) * rng.lognormal(0, 0.2, shape)
    )
    return np.where(rng.random(shape) < truth.on_plan_share, 0.0, log_ratio), planned


def true_quantiles(truth: Truth, level: float) -> np.ndarray:
    """Find a quantile of the log ratio of one milestone of each phase in a new project."""
    luck = truth.project_sd * stats.norm.ppf((np.arange(200) + 0.5) / 200)
    residual = stats.t.ppf((np.arange(400) + 0.5) / 400, truth.nu)
    nodes = [
        np.sort(np.add.outer(own, spread * residual + luck[:, None]).ravel())
        for own, spread in zip(truth.level, truth.spread, strict=True)
    ]
    share = np.full(len(nodes), truth.on_plan_share)
    return quantiles_with_ties(np.array(nodes), share, np.array([level]))[:, 0]


def closed(log_ratio: np.ndarray, planned: np.ndarray) -> pd.DataFrame:
    """Make the overrun table of projects that are all finished."""
    return _overruns(
        log_ratio, planned, np.zeros(planned.shape, dtype=bool), np.ones(planned.shape, dtype=bool)
    )


def cut_off(log_ratio: np.ndarray, planned: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Make the overrun table of projects that began one after another, as seen on one status date.

    Phases overlap and begin as planned. What drags on is more likely to be caught running, so that the finished rows
    alone look better than the truth. The portfolio is as old as makes a quarter of the work begun run.
    """
    into_project = np.cumsum(planned, axis=1) - planned
    into_project = into_project * 0.5
    took = planned * np.exp(log_ratio)
    age = rng.random((len(planned), 1))
    youngest, oldest = planned.sum(axis=1).mean() / 4, planned.sum() * 10
    for _ in range(40):
        middle = np.sqrt(youngest * oldest)
        so_far = age * middle - into_project
        running = (so_far > 0) & (took > so_far)
        youngest, oldest = (
            (middle, oldest) if running.sum() > RUNNING * (so_far > 0).sum() else (youngest, middle)
        )
    reached = np.where(running, np.log(np.maximum(so_far, 1e-9) / planned), log_ratio)
    return _overruns(reached, planned, running, so_far > 0)


def totals_held(
    model: OverrunModel,
    truth: Truth,
    rng: np.random.Generator,
    *,
    new: tuple[np.ndarray, np.ndarray] | None = None,
    shared: bool = True,
) -> np.ndarray:
    """Find which share of new projects stayed within the P80 and the P90 of their total days."""
    log_ratio, planned = draw_projects(truth, NEW_PROJECTS, rng) if new is None else new
    drawn = draw_log_ratios(model, [_name(j) for j in range(planned.shape[1])], ITERATIONS, rng)
    if not shared:
        drawn = rng.permuted(drawn, axis=1)
    limits = np.quantile(planned @ np.exp(drawn), [0.8, 0.9], axis=1)
    return (np.sum(planned * np.exp(log_ratio), axis=1) <= limits).mean(axis=1)


def _skill_over_lognormal(history: pd.DataFrame, truth: Truth, rng: np.random.Generator) -> dict[str, float]:
    log_ratio, _ = draw_projects(truth, NEW_PROJECTS, rng)
    names = [_name(j) for j in range(log_ratio.shape[1])]
    loss = {}
    for candidate in ("full model", "phase lognormal"):
        forecasts = CANDIDATES[candidate](history, names, 1)
        nodes = np.stack([forecasts[name] for name in names])
        loss[candidate] = crps_from_quantiles(
            np.broadcast_to(nodes, (*log_ratio.shape, nodes.shape[1])), log_ratio
        )
    return {"CRPS skill over phase lognormal": 1 - loss["full model"].mean() / loss["phase lognormal"].mean()}


def _overruns(log_ratio, planned, running, keep) -> pd.DataFrame:
    project, phase = np.nonzero(keep)
    rows = pd.DataFrame(
        {
            "project": [f"project {i}" for i in project],
            "phase": [_name(j) for j in phase],
            "milestone": [f"milestone {j}" for j in phase],
            "baseline_days": planned[keep],
            "actual_days": (planned * np.exp(log_ratio))[keep],
            "overrun_ratio": np.exp(log_ratio)[keep],
            "on_plan": (log_ratio == 0)[keep] & ~running[keep],
            "censored": running[keep],
        }
    )
    return keep_contract(
        rows.assign(estimate_days=rows["baseline_days"]).reindex(columns=list(OVERRUNS)), OVERRUNS
    )


def _name(phase: int) -> str:
    return f"phase {phase}"


def _range(wanted: Wanted) -> str:
    if wanted.low == 0:
        return f"below {wanted.high:.2f}"
    if wanted.high == 1:
        return f"at least {wanted.low:.2f}"
    return f"{wanted.low:.2f} to {wanted.high:.2f}"
