"""Charts of the kickoff forecast: the finish as a curve, dates of milestones, levers, days beyond the plan."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from estimation.forecasting.drivers import BETWEEN, SO_FAR
from estimation.pages.charts.axes import date_axis, is_narrow, legend_above, milestone_axis, write_beside
from estimation.pages.displays import shown_date
from estimation.pages.figures import EARLY, FORECAST, FORECAST_SOFT, INK, LATE, QUIET
from estimation.pages.labels import code_label

MARK_COLOURS = {"planned": QUIET, "promised": INK, "P50": FORECAST, "P80": LATE}


def plot_finish_curve(distribution: pd.DataFrame, marks: Mapping[str, pd.Timestamp], *, ax: Axes) -> Axes:
    """Draw the probability of being finished by each date, with the dates that matter marked where they are known."""
    dates = distribution["finish_date"].to_numpy()
    share = distribution["prob_finished"].to_numpy()
    ax.step(dates, share, where="post", color=FORECAST, linewidth=2.4)
    ax.fill_between(dates, share, step="post", color=FORECAST_SOFT, alpha=0.35, linewidth=0)
    shown: dict[pd.Timestamp, str] = {}
    for label, date in marks.items():
        if pd.notna(date):
            shown[date] = f"{shown[date]} = {label}" if date in shown else label
    for date, label in shown.items():
        colour = MARK_COLOURS.get(label, QUIET)
        height = float(share[dates <= date].max(initial=0.0))
        ax.vlines(date, 0, max(height, 0.02), color=colour, linewidth=1.4, linestyle=(0, (4, 2)))
        ax.plot(date, height, "o", color=colour, markersize=7, clip_on=False, zorder=5)
        at, text = (mdates.date2num(date), height), f"{label}\n{shown_date(date)}"
        write_beside(ax, text, at, (-9, 3), ha="right", va="bottom", color=colour)
    visible = dates[(share >= 0.002) & (share <= 0.995)]
    first = min([visible[0], *(np.datetime64(date) for date in shown)])
    share_for_labels = 0.7 if is_narrow(ax) else 0.2
    room = np.timedelta64(int(share_for_labels * (visible[-1] - first) / np.timedelta64(1, "D")) + 2, "D")
    ax.set_xlim(first - room, visible[-1])
    ax.set_ylim(0, 1.04)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_ylabel("finished by then")
    date_axis(ax)
    ax.grid(axis="y")
    return ax


def plot_forecast_dates(forecast: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw for each milestone its planned date and where the forecast sees it: P10 to P90, P50 and P80."""
    places = milestone_axis(ax, forecast)
    soft = {"color": FORECAST_SOFT, "linewidth": 7, "label": "P10 to P90"}
    handles = [ax.hlines(places, forecast["p10_finish"], forecast["p90_finish"], **soft)]
    for column, mark, label, style in (
        ("p50_finish", "o", "P50", {"color": FORECAST, "markersize": 5}),
        ("p80_finish", "D", "P80", {"color": LATE, "markersize": 5}),
        ("baseline_finish", "|", "planned", {"color": INK, "markersize": 11, "markeredgewidth": 2}),
    ):
        handles += ax.plot(forecast[column], places, mark, label=label, **style)
    ax.set_ylim(-0.8, len(forecast) - 0.2)
    date_axis(ax)
    ax.grid(axis="x")
    return legend_above(ax, handles)


MOST_LEVERS = 8


def plot_levers(tornado: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw how far the finish moves when a milestone is among its shortest or its longest fifth, the first eight."""
    shown = tornado.head(MOST_LEVERS)
    places = milestone_axis(ax, shown)
    handles = [
        ax.barh(places, shown["low_days"], color=EARLY, height=0.6, label="among its shortest fifth"),
        ax.barh(places, shown["high_days"], color=LATE, height=0.6, label="among its longest fifth"),
    ]
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_xlabel("working days, finish of the project against its mean")
    ax.grid(axis="x")
    return legend_above(ax, handles)


def plot_contingency(contingency: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw the way from the planned finish to the promised one, phase by phase."""
    whole, parts = contingency.iloc[-1], contingency.iloc[:-1]
    parts = parts[parts["contingency_days"].abs() >= 0.05]
    steps = parts["contingency_days"].to_numpy()
    begins = whole["planned_days"] + np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    labels = [p if p in (BETWEEN, SO_FAR) else code_label(p) for p in parts["phase"]]
    places = np.arange(len(parts) + 2)[::-1]
    ax.barh(places[0], whole["planned_days"], color=QUIET, height=0.6)
    ax.barh(places[1:-1], steps, left=begins, color=np.where(steps > 0, LATE, EARLY), height=0.6)
    ax.barh(places[-1], whole["expected_days"], color=FORECAST, height=0.6)
    ends = [whole["planned_days"], whole["expected_days"]]
    reach = [ends[0], *np.maximum(begins, begins + steps), ends[1]]
    texts = [f"{ends[0]:.0f}", *(f"{step:+.0f}".replace("-", "−") for step in steps), f"{ends[1]:.0f}"]
    for text, end, place in zip(texts, reach, places, strict=True):
        write_beside(ax, text, (end, place), size=9)
    ax.set_yticks(places, ["Plan", *labels, "Promise"])
    ax.set_xlim(0, max(*ends, (begins + steps).max(initial=0)) * 1.08)
    ax.set_xlabel("working days after the start")
    ax.grid(axis="x")
    return ax
