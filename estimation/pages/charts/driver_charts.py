"""Charts of what drives a date: the levers, and the days that the phases need beyond the plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from estimation.forecasting.drivers import BETWEEN, SO_FAR
from estimation.pages.charts.axes import legend_above, milestone_label, phase_label
from estimation.pages.figures import EARLY, FORECAST, INK, LATE, QUIET

MOST_LEVERS = 8


def plot_levers(tornado: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw how far the finish moves when a milestone is among its shortest or its longest fifth.

    Parameters
    ----------
    tornado : DataFrame keeping the TORNADO contract
        The first eight rows are drawn.
    ax : Axes
    """
    shown = tornado.head(MOST_LEVERS)
    places = np.arange(len(shown))[::-1]
    handles = [
        ax.barh(places, shown["low_days"], color=EARLY, height=0.6, label="among its shortest fifth"),
        ax.barh(places, shown["high_days"], color=LATE, height=0.6, label="among its longest fifth"),
    ]
    names = shown[["milestone", "name"]].itertuples(index=False)
    ax.set_yticks(places, [milestone_label(row.milestone, row.name, ax) for row in names])
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_xlabel("working days, finish of the project against its mean")
    ax.grid(axis="x")
    legend_above(ax, handles)
    return ax


def plot_contingency(contingency: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw the way from the planned finish to the promised one, phase by phase.

    Parameters
    ----------
    contingency : DataFrame keeping the CONTINGENCY contract
    ax : Axes
    """
    whole, parts = contingency.iloc[-1], contingency.iloc[:-1]
    parts = parts[parts["contingency_days"].abs() >= 0.05]
    steps = parts["contingency_days"].to_numpy()
    begins = whole["planned_days"] + np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    labels = [p if p in (BETWEEN, SO_FAR) else phase_label(p) for p in parts["phase"]]
    places = np.arange(len(parts) + 2)[::-1]
    ax.barh(places[0], whole["planned_days"], color=QUIET, height=0.6)
    ax.barh(places[1:-1], steps, left=begins, color=np.where(steps > 0, LATE, EARLY), height=0.6)
    ax.barh(places[-1], whole["expected_days"], color=FORECAST, height=0.6)
    for place, begin, step in zip(places[1:-1], begins, steps, strict=True):
        ax.annotate(
            f"{step:+.0f}".replace("-", "−"),
            (max(begin, begin + step), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ends = [whole["planned_days"], whole["expected_days"]]
    for place, end in zip((places[0], places[-1]), ends, strict=True):
        ax.annotate(
            f"{end:.0f}", (end, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9
        )
    ax.set_yticks(places, ["Plan", *labels, "Promise"])
    ax.set_xlim(0, max(*ends, (begins + steps).max(initial=0)) * 1.08)
    ax.set_xlabel("working days after the start")
    ax.grid(axis="x")
    return ax
