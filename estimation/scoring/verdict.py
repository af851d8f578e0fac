"""What a backtest says: one line per candidate, and the sentence a leader needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from estimation.scores import binomial_band, block_bootstrap_skill, skill
from estimation.scoring.backtest import BACKTEST, RECALIBRATED
from estimation.tables import ROUNDING, Column, Contract, empty_table, keep_contract

SKILL: Contract = {
    "candidate": BACKTEST["candidate"],
    "n_forecasts": Column.count("forecasts that every candidate made"),
    "n_projects": Column.count("projects they belong to"),
    "crps": Column.ratio("mean distance of the forecast from what happened; smaller is better", least=0),
    "skill": Column.ratio("share of the baseline's distance that is saved"),
    "skill_lower": Column.ratio("lower end of its 90 % interval, whole projects resampled"),
    "skill_upper": Column.ratio("upper end"),
    "held_p50": Column.count("outcomes within P50"),
    "held_p80": Column.count("outcomes within P80"),
    "held_p90": Column.count("outcomes within P90"),
}

RAW_PLAN = "raw plan"
RELIABILITY_LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def skill_table(scores: pd.DataFrame, *, seed: int, baseline: str = RAW_PLAN) -> pd.DataFrame:
    """Compare candidates, best first: how far forecasts lay from what happened, and how often their levels held.

    All are compared on the forecasts that every one of them made. ``skill`` is the share of the baseline's CRPS that
    is saved; its interval resamples whole projects. Empty where fewer than two projects could be forecast: one says
    nothing about the next.
    """
    if scores["project"].nunique() < 2:
        return empty_table(SKILL)
    shared = on_shared_ground(scores)
    losses = shared.set_index(["origin", "project", "milestone", "candidate"])["crps"].unstack()  # noqa: PD010
    blocks = losses.index.get_level_values("project").to_numpy()
    reference = losses[baseline].to_numpy()
    rows = []
    for name, group in shared.groupby("candidate", sort=False):
        own = losses[name].to_numpy()
        held = {f"held_p{level}": int(within(group, f"q{level}").sum()) for level in (50, 80, 90)}
        rows.append({"candidate": name, **skill_facts(own, reference, blocks, seed), **held})
    table = pd.DataFrame(rows).sort_values("crps", kind="stable", ignore_index=True)
    return keep_contract(table, SKILL)


def skill_facts(own: np.ndarray, reference: np.ndarray, blocks: np.ndarray, seed: int) -> dict[str, float]:
    """Compare the losses of one candidate with those of another on the same forecasts; columns of SKILL."""
    low, high = block_bootstrap_skill(own, reference, blocks, seed)
    return {
        "n_forecasts": len(own),
        "n_projects": len(set(blocks)),
        "crps": own.mean(),
        "skill": skill(own, reference),
        "skill_lower": low,
        "skill_upper": high,
    }


def on_shared_ground(scores: pd.DataFrame) -> pd.DataFrame:
    """Keep the forecasts that every candidate made: recalibrated ones begin later than the others."""
    made = scores.groupby(["origin", "project", "milestone"])["candidate"].transform("nunique")
    if made.max() < scores["candidate"].nunique():
        return on_shared_ground(scores[~scores["candidate"].str.endswith(RECALIBRATED)])
    return scores[made == scores["candidate"].nunique()]


def within(scores: pd.DataFrame, quantile: str) -> pd.Series:
    """Which forecasts held: what happened lay within the quantile, the very day of it included."""
    return scores["actual"] <= scores[quantile] + ROUNDING


def best_candidate(table: pd.DataFrame, among: Sequence[str]) -> str:
    """Name the candidate with the smallest CRPS among those that could be used."""
    return table[table["candidate"].isin(among)].iloc[0]["candidate"]


def reliability_table(scores: pd.DataFrame, candidate: str) -> pd.DataFrame:
    """Say how often each level held, and how often chance would have let a perfect forecast hold it; 90 % band."""
    pit = scores.loc[scores["candidate"] == candidate, "pit"].to_numpy()
    if not len(pit):
        return pd.DataFrame(columns=["level", "held", "lower", "upper"], dtype=float)
    low, high = np.array([binomial_band(len(pit), level) for level in RELIABILITY_LEVELS]).T / len(pit)
    held = [(pit <= level).mean() for level in RELIABILITY_LEVELS]
    return pd.DataFrame({"level": RELIABILITY_LEVELS, "held": held, "lower": low, "upper": high})


def pit_histogram(scores: pd.DataFrame, candidate: str, *, bins: int = 10) -> pd.DataFrame:
    """Say where outcomes fell in their forecasts, bin by bin; a perfect forecast spreads them evenly. 90 % band."""
    pit = scores.loc[scores["candidate"] == candidate, "pit"].to_numpy()
    if not len(pit):
        return pd.DataFrame(columns=["left", "share", "lower", "upper"], dtype=float)
    counts, edges = np.histogram(pit, bins=bins, range=(0, 1))
    low, high = np.array(binomial_band(len(pit), 1 / bins)) / len(pit)
    return pd.DataFrame({"left": edges[:-1], "share": counts / len(pit), "lower": low, "upper": high})
