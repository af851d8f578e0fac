"""Charts of the backtest: how often each level held, and where outcomes fell in the forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from estimation.pages.charts.axes import legend_above, nothing_to_draw
from estimation.pages.figures import ACTUAL, BASELINE, FORECAST_SOFT, QUIET


def plot_reliability(reliability: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw how often each level held against how often it said it would; the band is what chance allows.

    Parameters
    ----------
    reliability : DataFrame with ``level``, ``held``, ``lower`` and ``upper`` (0-1)
    ax : Axes
    """
    if reliability.empty:
        return nothing_to_draw(ax, "no backtest possible yet")
    band = ax.fill_between(
        reliability["level"], reliability["lower"], reliability["upper"], color=FORECAST_SOFT, alpha=0.6, linewidth=0,
        label="what chance allows",
    )  # fmt: skip
    (line,) = ax.plot(reliability["level"], reliability["held"], "o-", color=ACTUAL, label="held")
    ax.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="the forecast said", ylabel="of outcomes were within")
    ax.grid()
    legend_above(ax, [line, band])
    return ax


def plot_pit(histogram: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw where outcomes fell in their forecasts: level bars are good, a hump to the right means too hopeful.

    Parameters
    ----------
    histogram : DataFrame with ``left``, ``share``, ``lower`` and ``upper``, one row per bin of equal width
    ax : Axes
    """
    if histogram.empty:
        return nothing_to_draw(ax, "no backtest possible yet")
    width = 1 / len(histogram)
    ax.bar(histogram["left"], histogram["share"], width=0.92 * width, align="edge", color=ACTUAL)
    ax.axhspan(
        histogram["lower"].iloc[0], histogram["upper"].iloc[0], color=BASELINE, alpha=0.35, linewidth=0
    )
    ax.xaxis.set_major_formatter(PercentFormatter(1.0))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set(xlim=(0, 1), xlabel="level at which the forecast saw what happened", ylabel="of outcomes")
    ax.set_xticks(np.linspace(0, 1, 6))
    return ax
