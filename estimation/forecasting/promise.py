"""What would have to be true for a promised date to hold: which milestone must shrink to what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.forecasting.simulation import Simulation
from estimation.forecasting.traced_iterations import TracedIterations, trace
from estimation.project.estimates import estimates_of
from estimation.tables import BASELINE, IDENTITY, Column, Contract, rows_table

PROMISE_NEEDS: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "baseline_days": BASELINE["baseline_days"],
    "expected_days": Column.days("own days it takes in eight of ten iterations", least=0),
    "most_days": Column.days(
        "own days it may take at most for the promise to hold; empty where it alone is not enough", least=0
    ),
    "prob_promised": Column.probability(
        "probability of the promised date when the milestone takes no more than that"
    ),
    "estimate_days": Column.days("own working days as estimated, before any factor", least=0),
}

MOST_MILESTONES = 8


def promise_needs(simulation: Simulation, date, *, level: float = 0.8) -> pd.DataFrame:
    """Say for each driving milestone how short it would have to be, alone, for a promised date to hold.

    One row for each of the up to eight milestones that drive most often, those that can save the promise first.
    ``most_days`` is NaN where even no time at all would not be enough; ``prob_promised`` then says how far it gets.
    Durations are those of the stretched iteration, so that they compare with the forecast.
    """
    plan = simulation.plan
    evening = float(plan.calendar.evenings([date])[0] - simulation.origin)
    traced = trace(simulation)
    done = np.zeros(len(plan.milestones), bool) if traced.setup.state is None else traced.setup.state.is_over
    order = np.argsort(-np.where(done, -1.0, simulation.on_driving_path), kind="stable")
    rows, estimate = [], estimates_of(plan.milestones, plan.baseline.own_days)
    for place in order[:MOST_MILESTONES]:
        if done[place] or simulation.on_driving_path[place] <= 0:
            continue
        own = traced.detail.durations[place] * traced.detail.stretch
        most, chance = _shortest_needed(traced, place, evening, level)
        milestone = plan.milestones.iloc[place]
        rows.append(
            {
                **milestone[["milestone", "name", "phase"]],
                "baseline_days": plan.baseline.own_days[place],
                "estimate_days": estimate[place],
                "expected_days": float(np.quantile(own, level, method="inverted_cdf")),
                "most_days": most,
                "prob_promised": chance,
            }
        )
    table = rows_table(rows, PROMISE_NEEDS)
    return table.sort_values(
        ["most_days", "prob_promised"], ascending=False, kind="stable", na_position="last", ignore_index=True
    )


def needed_factor(simulation: Simulation, date, *, level: float = 0.8) -> float:
    """Say by which factor all that is left would have to shrink for a promised date to hold; 1 where it holds."""
    evening = float(simulation.plan.calendar.evenings([date])[0] - simulation.origin)
    anchor = simulation.setup.anchor
    finish = float(np.quantile(simulation.project_finishes, level, method="inverted_cdf"))
    return float(np.clip((evening - anchor) / max(finish - anchor, 1e-9), 0, 1))


def _shortest_needed(
    traced: TracedIterations, place: int, evening: float, level: float
) -> tuple[float, float]:
    """Search the most half days that a milestone may take; give them as days with the chance that then results."""

    def chance(cap: float) -> float:
        days = traced.detail.durations.copy()
        np.minimum(days[place], cap / traced.detail.stretch, out=days[place])
        return float((traced.finishes_if(days) <= evening + 1e-3).mean())

    high = float((traced.detail.durations[place] * traced.detail.stretch).max())
    if chance(high) >= level:
        return np.floor(2 * high) / 2, chance(high)
    elapsed = 0.0
    if traced.setup.state is not None and traced.setup.state.is_running[place]:
        elapsed = float(traced.setup.state.taken_days[place])
    if chance(elapsed) < level:
        return np.nan, chance(elapsed)
    enough, too_long = int(2 * elapsed), int(np.ceil(2 * high))
    while too_long - enough > 1:
        middle = (enough + too_long) // 2
        enough, too_long = (middle, too_long) if chance(middle / 2) >= level else (enough, middle)
    return enough / 2, chance(enough / 2)
