"""Charts of a forecast: the finish date as a curve, and the dates of the milestones."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.pages.charts.axes import date_axis, is_narrow, legend_above, milestone_label
from estimation.pages.displays import shown_date
from estimation.pages.figures import FORECAST, FORECAST_SOFT, INK, LATE, QUIET

MARK_COLOURS = {"planned": QUIET, "promised": INK, "P50": FORECAST, "P80": LATE}


def plot_finish_curve(distribution: pd.DataFrame, marks: Mapping[str, pd.Timestamp], *, ax: Axes) -> Axes:
    """Draw the probability of being finished by each date, with the dates that matter marked on it.

    Parameters
    ----------
    distribution : DataFrame with ``finish_date`` and ``prob_finished``
    marks : mapping of label to date
        Such as baseline, promised, P50 and P80; missing dates are left out.
    ax : Axes
    """
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
        ax.annotate(
            f"{label}\n{shown_date(date)}",
            (mdates.date2num(date), height),
            xytext=(-9, 3),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=8.5,
            color=colour,
        )
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
    """Draw for each milestone its planned date and where the forecast sees it: P10 to P90, P50 and P80.

    Parameters
    ----------
    forecast : DataFrame as ``forecast_table`` gives it, with the default levels
    ax : Axes
    """
    places = np.arange(len(forecast))[::-1]
    handles = [
        ax.hlines(
            places,
            forecast["p10_finish"],
            forecast["p90_finish"],
            color=FORECAST_SOFT,
            linewidth=7,
            label="P10 to P90",
        )
    ]
    for column, mark, label, style in (
        ("p50_finish", "o", "P50", {"color": FORECAST, "markersize": 5}),
        ("p80_finish", "D", "P80", {"color": LATE, "markersize": 5}),
        ("baseline_finish", "|", "planned", {"color": INK, "markersize": 11, "markeredgewidth": 2}),
    ):
        handles += ax.plot(forecast[column], places, mark, label=label, **style)
    names = forecast[["milestone", "name"]].itertuples(index=False)
    labels = [
        row.name if row.milestone == WHOLE_PROJECT else milestone_label(row.milestone, row.name, ax)
        for row in names
    ]
    ax.set_yticks(places, labels)
    ax.set_ylim(-0.8, len(forecast) - 0.2)
    date_axis(ax)
    ax.grid(axis="x")
    legend_above(ax, handles)
    return ax
