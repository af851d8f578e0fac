"""The first date of a plan in ten lines of text: what to promise, why, and what similar closed projects took."""

from __future__ import annotations

from typing import Any

import pandas as pd

from estimation.calibration.measured_history import MeasuredHistory
from estimation.calibration.model import OverrunModel
from estimation.calibration.reference_classes import BORROWED, is_borrowed
from estimation.calibration.similar_projects import outside_history, similar_projects
from estimation.forecasting.drivers import contingency_table
from estimation.forecasting.forecast import date_at, forecast_table
from estimation.forecasting.simulation import simulate
from estimation.pages.displays import shown_date
from estimation.pages.kickoff_wording import largest_reasons
from estimation.pages.replay_wording import (
    FEWEST_TRUSTED,
    replay_finding,
)
from estimation.pages.similar_wording import outside_finding
from estimation.project.amounts import chance, count, list_words, project_names
from estimation.project.plan import Plan
from estimation.review.replay import replay_table

MOST_REASONS = 3


def promise_facts(
    plan: Plan, model: OverrunModel, history: MeasuredHistory | None, *, seed: int, confidence: float = 0.8
) -> dict[str, Any]:
    """Work out the first date of a plan: the simulation of the kickoff report, and what closed projects say beside it.

    Parameters
    ----------
    plan : Plan
    model : OverrunModel
        Of the history, or borrowed where there is none.
    history : MeasuredHistory, optional
    seed : int
    confidence : float
        How sure the promised date shall be. [0-1]

    Returns
    -------
    dict
        Dates, chances, tables of reasons, similar projects and the replay; ``lines`` holds the text.
    """
    simulation = simulate(plan, model, seed=seed)
    forecast = forecast_table(simulation, levels=sorted({0.5, 0.8, confidence}))
    whole, borrowed = forecast.iloc[-1], f", {BORROWED}" * is_borrowed(model)
    reasons = largest_reasons(contingency_table(simulation, level=confidence))[:MOST_REASONS]
    own = history is not None and not is_borrowed(model)
    similar = similar_projects(plan, history) if own else None
    outside = outside_finding(outside_history(plan, history)) if own else ""
    replayed = replay_finding(replay_table(history, seed=seed)) if own else ""
    promise, even = date_at(forecast, confidence), date_at(forecast, 0.5)
    little = ", which is little" * (model.n_projects < FEWEST_TRUSTED)
    learned = f"Learned from {count(model.n_projects, 'project')}{little}. {replayed}"
    lines = [
        f"{plan.name}: promise {shown_date(promise)} ({100 * confidence:g} % confidence{borrowed}). Even chance: "
        f"{shown_date(even)}.",
        f"Planned: {shown_date(whole['baseline_finish'])}, which holds with a chance of "
        f"{chance(whole['prob_baseline'])}.",
        f"Why later than planned: {list_words(reasons)} working days." if reasons else "",
        *_similar_lines(similar),
        outside,
        learned if own else f"{model.method}.",
    ]
    return {
        "project": plan.project,
        "promise_finish": promise,
        "p50_finish": even,
        "p80_finish": date_at(forecast, 0.8),
        "baseline_finish": whole["baseline_finish"],
        "prob_baseline": float(whole["prob_baseline"]),
        "borrowed": is_borrowed(model),
        "n_projects": model.n_projects,
        "reasons": reasons,
        "similar": [] if similar is None else similar.to_dict("records"),
        "outside": outside,
        "replay": replayed,
        "lines": [line for line in lines if line],
    }


def _similar_lines(similar: pd.DataFrame | None) -> list[str]:
    if similar is None or similar.empty:
        return []
    names = project_names(similar)
    width = int(names.str.len().max())
    rows = zip(names, similar["baseline_days"], similar["actual_days"], strict=True)
    told = [f"  {name:<{width}}  {planned:4.0f} → {taken:.0f}" for name, planned, taken in rows]
    return ["Most similar closed projects, working days planned → taken:", *told]
