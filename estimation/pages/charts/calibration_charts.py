"""Charts of the calibration: what phases took, multipliers with their intervals, how often each level held."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from estimation.pages.charts.axes import (
    REFERENCE,
    is_narrow,
    legend_above,
    nothing_to_draw,
    phase_axis,
    write_beside,
)
from estimation.pages.figures import ACTUAL, BASELINE, FORECAST_SOFT, INK, LATE, QUIET

TICKS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0)
LEVEL_MARKS = {0.5: ("o", ACTUAL), 0.8: ("D", LATE), 0.9: ("s", INK)}


def plot_phase_overruns(totals: pd.DataFrame, expected: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw every project as a dot per phase, and over them what the model expects in the order of its rows."""
    places = phase_axis(ax, expected["phase"])
    spread = np.random.default_rng(0)  # scatter of the dots, so that they do not hide one another
    for place, row in zip(places, expected.itertuples(), strict=True):
        dots = totals.loc[totals["phase"] == row.phase, "overrun_ratio"].to_numpy()
        jitter = place - 0.16 + spread.uniform(-0.13, 0.13, len(dots))
        sns.scatterplot(x=dots, y=jitter, s=14, color=BASELINE, alpha=0.65, linewidth=0, ax=ax)
        write_beside(ax, f"{row.p50:.2f} | {row.p80:.2f}", (row.p90, place + 0.18), (6, 0))
    ratios = totals["overrun_ratio"]
    _ratio_axis(ax, ratios.min(), max(ratios.max(), expected["p90"].max() * 1.6))
    ax.set_xlabel("days taken / days planned, whole phase")
    look = {"color": FORECAST_SOFT, "linewidth": 7, "solid_capstyle": "butt", "label": "P10 to P90"}
    (soft, *_) = ax.plot(expected[["p10", "p90"]].T, [places + 0.18] * 2, **look)
    p50 = "P50" if is_narrow(ax) else "expected half of the time (P50)"
    handles = [
        ax.scatter([], [], s=14, color=BASELINE, label="one project"),
        *ax.plot(expected["p50"], places + 0.18, "o", color=ACTUAL, markersize=7, label=p50),
        *ax.plot(expected["p80"], places + 0.18, "D", color=LATE, markersize=6, label="P80"),
        soft,
    ]
    return legend_above(ax, handles)


def plot_multipliers(multipliers: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw each phase's multipliers at P50, P80 and P90, with the 90 % interval of each."""
    phases = list(dict.fromkeys(multipliers["phase"]))
    places = dict(zip(phases, phase_axis(ax, phases), strict=True))
    handles = []
    for k, (level, rows) in enumerate(multipliers.groupby("level")):
        marker, colour = LEVEL_MARKS.get(level, ("o", QUIET))
        height = rows["phase"].map(places) + 0.24 - 0.24 * k
        ax.hlines(height, rows["lower"], rows["upper"], color=colour, linewidth=1.6, alpha=0.55)
        look = {"color": colour, "markersize": 6, "label": f"P{100 * level:.0f}"}
        handles += ax.plot(rows["multiplier"], height, marker, **look)
    _ratio_axis(ax, multipliers["lower"].min(), multipliers["upper"].max())
    ax.set_xlabel("multiply the estimate by; line: 90 % interval")
    return legend_above(ax, handles)


def _ratio_axis(ax: Axes, smallest: float, largest: float) -> None:
    ax.set_xscale("log")
    ax.set_xlim(min(smallest * 0.9, 0.8), max(largest * 1.1, 1.5))
    low, high = ax.get_xlim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    if is_narrow(ax) and len(ticks) > 6:
        ticks = [tick for tick in ticks if tick in (0.5, 1.0, 2.0, 5.0, 12.0)]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    ax.axvline(1.0, **REFERENCE, zorder=0)
    ax.grid(axis="x")


def plot_reliability(reliability: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw how often each level held against how often it said it would; the band is what chance allows."""
    if reliability.empty:
        return nothing_to_draw(ax, "no backtest possible yet")
    level, low, high = reliability["level"], reliability["lower"], reliability["upper"]
    soft = {"color": FORECAST_SOFT, "alpha": 0.6, "linewidth": 0, "label": "what chance allows"}
    band = ax.fill_between(level, low, high, **soft)
    (line,) = ax.plot(level, reliability["held"], "o-", color=ACTUAL, label="held")
    ax.plot([0, 1], [0, 1], **REFERENCE)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="the forecast said", ylabel="of outcomes were within")
    ax.grid()
    return legend_above(ax, [line, band])


def plot_pit(histogram: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw where outcomes fell in their forecasts: level bars are good, a hump to the right means too hopeful."""
    if histogram.empty:
        return nothing_to_draw(ax, "no backtest possible yet")
    width = 1 / len(histogram)
    ax.bar(histogram["left"], histogram["share"], width=0.92 * width, align="edge", color=ACTUAL)
    ax.axhspan(*histogram[["lower", "upper"]].iloc[0], color=BASELINE, alpha=0.35, linewidth=0)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    ax.set(xlim=(0, 1), xlabel="level at which the forecast saw what happened", ylabel="of outcomes")
    ax.set_xticks(np.linspace(0, 1, 6))
    return ax
