"""Whether older projects should count less: half-lives tried on the past, and what they would have bought."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from estimation.calibration.measured_history import MeasuredHistory, Progress
from estimation.scoring.backtest import ORIGINS, RECALIBRATED, backtest
from estimation.scoring.candidates import Fitted
from estimation.scoring.verdict import SKILL, skill_facts
from estimation.tables import Column, Contract, empty_table, keep_contract

HALF_LIVES: Contract = {
    "half_life_months": Column(
        "number", "months", "age at which evidence counts half; empty: all counts the same", least=0
    ),
    **{name: SKILL[name] for name in ("n_forecasts", "n_projects", "crps")},
    "skill": Column.ratio("share of the CRPS with all history counting the same that is saved"),
    "skill_lower": SKILL["skill_lower"],
    "skill_upper": SKILL["skill_upper"],
    "chosen": Column.flag("taken: the smallest CRPS of those whose whole interval lies above zero"),
}

HALF_LIVES_MONTHS = (6, 12, 24, 36, None)
ALL_THE_SAME = "all history the same"


def choose_half_life(
    history: pd.DataFrame | MeasuredHistory,
    *,
    seed: int,
    candidates: Sequence[float | None] = HALF_LIVES_MONTHS,
    method: str = "closed_form",
    origins: int = ORIGINS,
    progress: Progress | None = None,
) -> tuple[float | None, pd.DataFrame]:
    """Find the age in months at which evidence should count half; None if forgetting would not have helped.

    Each half-life forecasts every past project in the rolling backtest, beside a fit in which all history counts the
    same. Forgetting must prove itself: of the half-lives whose skill over that fit is above zero with its whole 90 %
    interval, projects resampled, the one with the smallest CRPS is taken. The second result has one row per
    candidate; it is empty where no backtest is possible.
    """
    tried = {_name(months): months for months in dict.fromkeys([*candidates, None])}
    named = {name: Fitted(method, months) for name, months in tried.items()}
    scores = backtest(history, seed=seed, candidates=named, origins=origins, progress=progress)
    scores = scores[~scores["candidate"].str.endswith(RECALIBRATED)]
    if scores["project"].nunique() < 2:
        return None, empty_table(HALF_LIVES)
    losses = scores.set_index(["origin", "project", "milestone", "candidate"])["crps"].unstack()  # noqa: PD010
    projects = losses.index.get_level_values("project").to_numpy()
    same = losses[ALL_THE_SAME].to_numpy()
    facts = [skill_facts(losses[name].to_numpy(), same, projects, seed) for name in tried]
    table = pd.DataFrame(facts).assign(half_life_months=list(tried.values()))
    proven = table[table["skill_lower"] > 0]
    chosen = None if proven.empty else float(proven.loc[proven["crps"].idxmin(), "half_life_months"])
    table["chosen"] = [months == chosen for months in tried.values()]
    return chosen, keep_contract(table, HALF_LIVES)


def _name(months: float | None) -> str:
    return ALL_THE_SAME if months is None else f"half-life {months:g} months"
