"""Charts of one closed project: planned against actual, and what was reported when."""

from __future__ import annotations

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from estimation.reporting.charts.axes import date_axis, is_narrow, legend_above, milestone_label
from estimation.reporting.figures import ACTUAL, BASELINE, INK, LATE, QUIET

COLOURS = {"green": "#5aa469", "yellow": "#e3b23c", "red": "#b3261e"}


def plot_planned_and_actual(variance: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw each milestone twice: grey as planned, colour as it happened; orange where it slipped by itself.

    Parameters
    ----------
    variance : DataFrame keeping the VARIANCE contract
    ax : Axes
    """
    places = np.arange(len(variance))[::-1]
    one_day = pd.Timedelta(days=1)
    for place, row in zip(places, variance.itertuples(), strict=True):
        lost = row.own_slip_days
        if pd.notna(row.baseline_finish):
            left = mdates.date2num(row.baseline_start)
            ax.barh(
                place + 0.2,
                mdates.date2num(row.baseline_finish + one_day) - left,
                left=left,
                height=0.3,
                color=BASELINE,
            )
        if pd.notna(row.actual_start) and pd.notna(row.actual_finish):
            left = mdates.date2num(row.actual_start)
            right = mdates.date2num(row.actual_finish + one_day)
            ax.barh(place - 0.18, right - left, left=left, height=0.36, color=LATE if lost > 0 else ACTUAL)
            if lost > 0:
                ax.annotate(
                    f"{lost:+.0f} d",
                    (right, place - 0.18),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8.5,
                    color=LATE,
                )
    ax.set_yticks(
        places,
        [
            milestone_label(r.milestone, r.name, ax)
            for r in variance[["milestone", "name"]].itertuples(index=False)
        ],
    )
    ax.set_ylim(-0.8, len(variance) - 0.2)
    date_axis(ax)
    ax.grid(axis="x")
    _legend(ax)
    return ax


def _legend(ax: Axes) -> None:
    handles = [
        ax.barh([np.nan], [0], color=colour, label=label)
        for label, colour in (("planned", BASELINE), ("actual", ACTUAL), ("lost days", LATE))
    ]
    legend_above(ax, handles)


def plot_reported(reported: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw how far milestones were overdue each week, in the colour that was reported that week.

    Parameters
    ----------
    reported : DataFrame keeping the REPORTED contract
    ax : Axes
    """
    if reported.empty:
        ax.set_axis_off()
        ax.text(
            0.5, 0.5, "no weekly status table", ha="center", va="center", transform=ax.transAxes, color=QUIET
        )
        return ax
    colours = [COLOURS.get(colour, BASELINE) for colour in reported["reported_status"]]
    weeks = reported["week"].astype(int)
    ax.bar(weeks, reported["days_overdue"], color=colours, width=0.72)
    for week, days, colour in zip(weeks, reported["days_overdue"], reported["reported_status"], strict=True):
        ax.annotate(
            f"{days:.0f}" if days else "0",
            (week, days),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            color=INK,
        )
        ax.annotate(
            colour,
            (week, 0),
            xytext=(0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7.5 if is_narrow(ax) else 9,
            color=QUIET,
        )
    ax.set_xticks(weeks, [f"{week}" for week in weeks])
    ax.tick_params(axis="x", pad=14, length=0)
    ax.set_xlabel("week, and the colour reported in it")
    ax.set_ylabel("working days overdue")
    ax.grid(axis="y")
    return ax
