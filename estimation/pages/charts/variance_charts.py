"""Charts of the variance review: planned against actual, reports, causes, forecasts made over time."""

from __future__ import annotations

import textwrap

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from estimation.pages.charts.axes import (
    date_axis,
    is_narrow,
    legend_above,
    milestone_axis,
    nothing_to_draw,
    write_beside,
)
from estimation.pages.figures import (
    ACTUAL,
    BASELINE,
    FORECAST,
    FORECAST_SOFT,
    INK,
    LATE,
    QUIET,
    REPORTED_COLOURS,
)


def plot_planned_and_actual(variance: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw each milestone twice: grey as planned, colour as it happened; orange where it slipped by itself."""
    places = milestone_axis(ax, variance)
    one_day = pd.Timedelta(days=1)
    for place, row in zip(places, variance.itertuples(), strict=True):
        lost = row.own_slip_days
        if pd.notna(row.baseline_finish):
            left, right = mdates.date2num([row.baseline_start, row.baseline_finish + one_day])
            ax.barh(place + 0.2, right - left, left=left, height=0.3, color=BASELINE)
        if pd.notna(row.actual_start) and pd.notna(row.actual_finish):
            left, right = mdates.date2num([row.actual_start, row.actual_finish + one_day])
            ax.barh(place - 0.18, right - left, left=left, height=0.36, color=LATE if lost > 0 else ACTUAL)
            if lost > 0:
                write_beside(ax, f"{lost:+.0f} d", (right, place - 0.18), color=LATE)
    ax.set_ylim(-0.8, len(variance) - 0.2)
    date_axis(ax)
    ax.grid(axis="x")
    handles = [
        ax.barh([np.nan], [0], color=colour, label=label)
        for label, colour in (("planned", BASELINE), ("actual", ACTUAL), ("lost days", LATE))
    ]
    return legend_above(ax, handles)


def plot_reported(reported: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw how far milestones were overdue each week, in the colour that was reported that week.

    With a column ``left_track`` (TRACK) the week in which it left its track is marked.
    """
    if reported.empty:
        return nothing_to_draw(ax, "no weekly status table")
    colours = [REPORTED_COLOURS.get(colour, BASELINE) for colour in reported["reported_status"]]
    weeks = reported["week"].astype(int)
    ax.bar(weeks, reported["days_overdue"], color=colours, width=0.72)
    for week, days, colour in zip(weeks, reported["days_overdue"], reported["reported_status"], strict=True):
        write_beside(ax, f"{days:.0f}", (week, days), (0, 3), ha="center", va="baseline", size=9)
        look = {"size": 7.5 if is_narrow(ax) else 9, "color": QUIET}
        write_beside(ax, colour, (week, 0), (0, -6), ha="center", va="top", **look)
    if "left_track" in reported and reported["left_track"].any():
        left = float(weeks[reported["left_track"]].iloc[0]) - 0.5
        ax.axvline(left, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        offset, ha = ((-5, -4), "right") if left > 1.5 else ((5, -4), "left")
        top = {"xycoords": ("data", "axes fraction"), "ha": ha, "va": "top"}
        write_beside(ax, "left its track", (left, 1.0), offset, size=9, **top)
    ax.set_xticks(weeks, [f"{week}" for week in weeks])
    ax.tick_params(axis="x", pad=14, length=0)
    ax.set_xlabel("week, and the colour reported in it")
    ax.set_ylabel("working days overdue")
    ax.grid(axis="y")
    return ax


def plot_pareto(causes: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw the days each cause cost the project as a stair: each bar begins where the one above ended."""
    places = np.arange(len(causes))[::-1]
    lost = causes["project_days"].to_numpy()
    ends = np.cumsum(lost)
    ax.barh(places, lost, left=ends - lost, height=0.62, color=np.where(lost > 0, LATE, ACTUAL))
    for place, days, end, share in zip(places, lost, ends, causes["cumulative_share"], strict=True):
        text = f"{days:+.1f} d".replace(".0", "").replace("-", "−")
        text = text if pd.isna(share) else f"{text}, {100 * share:.0f} %"
        write_beside(ax, text, (max(end, end - days), place), (5, 0), size=8.5 if is_narrow(ax) else 9.5)
    for place, end in zip(places[:-1], ends[:-1], strict=True):
        ax.plot([end, end], [place - 0.69, place], color=BASELINE, linewidth=0.8)
    width = 17 if is_narrow(ax) else 32
    ax.set_yticks(places, ["\n".join(textwrap.wrap(value, width)) for value in causes["value"]])
    ax.set_ylim(-0.7, len(causes) - 0.3)
    reach = max(np.max(ends, initial=0.0), 1.0)
    ax.set_xlim(min(np.min(ends, initial=0.0) * 1.1, 0.0), reach * (1.5 if is_narrow(ax) else 1.25))
    ax.axvline(0, color=BASELINE, linewidth=0.8)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_xlabel("working days, added up; % of all days lost")
    return ax


def plot_fan(fan: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw the finish as each status date saw it: forecasts, the team's own date, the plan, and what happened."""
    if fan.empty:
        return nothing_to_draw(ax, "too few projects had closed before it started")
    days = fan["as_of"]
    low, high, alone = fan["p10_finish"], fan["p90_finish"], len(fan) == 1  # the kickoff alone
    if alone:
        ax.vlines(days, low, high, color=FORECAST_SOFT, linewidth=14)
    soft = {"color": FORECAST_SOFT, "alpha": 0.45, "linewidth": 0, "label": "P10–P90"}
    handles = [ax.fill_between(days, low, high, **soft)]
    for name, label, look in (
        ("p50", "P50", {"color": FORECAST, "linewidth": 2, "marker": "o" if alone else None}),
        ("p80", "P80", {"color": FORECAST, "linewidth": 1.4, "linestyle": (0, (4, 2))}),
        ("team", "team", {"color": LATE, "linewidth": 2, "marker": "o", "markersize": 4}),
    ):
        handles += ax.plot(days, fan[f"{name}_finish"], label=label, **look)
    plan, actual = fan[["baseline_finish", "actual_finish"]].iloc[0]
    handles.append(ax.axhline(plan, color=BASELINE, linewidth=1.6, linestyle=(0, (1, 1.5)), label="plan"))
    handles.append(ax.axhline(actual, color=INK, linewidth=1.6, label="actual"))
    date_axis(ax)
    date_axis(ax, ax.yaxis)
    ax.set_ylabel("finish of the project")
    ax.grid(axis="y")
    return legend_above(ax, handles)
