"""Charts of the weekly review: the chance beside the reports, the finish week by week, value planned and earned."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from estimation.pages.charts.axes import date_axis, is_narrow, legend_above, write_beside
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
from estimation.project.statuses import BY_EVIDENCE, Colour


def plot_evidence(trajectory: pd.DataFrame, *, thresholds: Sequence[float], ax: Axes) -> Axes:
    """Draw the chance of the agreed date week by week, and under each week the colour that was reported.

    On track from the first threshold, at risk from the second; the diamond on the left is the chance at kickoff.
    """
    weeks = trajectory["week"].astype(int).to_numpy()
    on_track, at_risk = thresholds
    ax.axhspan(at_risk, on_track, color=REPORTED_COLOURS[Colour.YELLOW], alpha=0.16, linewidth=0)
    ax.axhspan(0, at_risk, color=REPORTED_COLOURS[Colour.RED], alpha=0.10, linewidth=0)
    ax.plot(weeks, trajectory["prob_now"], "-o", color=FORECAST, clip_on=False, zorder=4)
    kickoff, edge = (
        trajectory["prob_kickoff"].iloc[:1],
        {"transform": ax.get_yaxis_transform(), "clip_on": False},
    )
    ax.plot([0], kickoff, "D", color=QUIET, zorder=5, **edge)
    places = ((on_track, 0), (at_risk, 0), (at_risk, 1))
    for word, (level, below) in zip(BY_EVIDENCE, places, strict=True):
        look: dict = {"ha": "right", "va": "top" if below else "bottom", "color": QUIET}
        offset = (-3, -3 if below else 3)
        write_beside(ax, word, (1.0, level), offset, xycoords=ax.get_yaxis_transform(), **look)
    for week, colour in zip(weeks, trajectory["reported_status"], strict=True):
        look = {"size": 8 if is_narrow(ax) else 13, "color": REPORTED_COLOURS.get(colour, BASELINE)}
        below = {"xycoords": ax.get_xaxis_transform(), "ha": "center", "va": "top"}
        write_beside(ax, "■", (week, 0.0), (0, -18), **below, **look)
    _week_axis(ax, weeks)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("week; the square is the colour that was reported", labelpad=24)
    ax.set_ylabel("chance of the agreed date")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_ylim(0, 1.03)
    ax.set_xlim(weeks.min() - 0.4, weeks.max() + 0.4)
    ax.grid(axis="y")
    return ax


def plot_trajectory(trajectory: pd.DataFrame, agreed, *, ax: Axes) -> Axes:
    """Draw what each week expected of the finish: as the team reports it, P50 and P80, and the agreed date."""
    weeks = trajectory["week"].astype(int)
    p50, p80 = trajectory["p50_finish"], trajectory["p80_finish"]
    ax.fill_between(weeks, p50, p80, color=FORECAST_SOFT, alpha=0.4, linewidth=0)
    handles = [
        *ax.plot(weeks, p80, "-D", color=LATE, markersize=4, label="P80"),
        *ax.plot(weeks, p50, "-o", color=FORECAST, markersize=4, label="P50"),
        *ax.plot(weeks, trajectory["team_finish"], "--", color=QUIET, label="as reported"),
        ax.axhline(agreed, color=INK, linewidth=1.4, label="agreed"),
    ]
    date_axis(ax, of=ax.yaxis)
    _week_axis(ax, weeks)
    ax.set_xlabel("week")
    ax.grid(axis="y")
    return legend_above(ax, handles)


def plot_earned_value(earned: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw planned and earned value week by week as shares of the project."""
    days, ev, pv = earned["as_of"], earned["ev"], earned["pv"]
    handles = [
        *ax.plot(days, pv, "--", color=BASELINE, label="planned value"),
        *ax.plot(days, ev, "-o", color=ACTUAL, markersize=5, label="earned value"),
    ]
    ax.fill_between(days, ev, pv, where=pv > ev, interpolate=True, color=LATE, alpha=0.15, linewidth=0)
    ax.set_ylim(0, 1.03)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_ylabel("share of the project")
    date_axis(ax)
    ax.grid(axis="y")
    return legend_above(ax, handles)


def _week_axis(ax: Axes, weeks) -> None:
    """Write the numbers of the weeks below; on a phone every other one where they are many."""
    ax.set_xticks(weeks[:: 2 if is_narrow(ax) and len(weeks) > 8 else 1])
