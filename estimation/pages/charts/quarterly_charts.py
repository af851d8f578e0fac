"""Charts of the quarterly report: dates that held, bias by quarter, multipliers then and now, where days went."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from estimation.pages.charts.axes import (
    REFERENCE,
    is_narrow,
    legend_above,
    nothing_to_draw,
    phase_axis,
    write_beside,
)
from estimation.pages.figures import ACTUAL, BASELINE, FORECAST_SOFT, INK, LATE, QUIET
from estimation.pages.labels import code_label
from estimation.review.quarterly.trend import QUARTER, TRAILING

_SPREADS_SHOWN = 2.5
"""The axis of spreads ends at so many times the largest: what few projects leave open may reach far beyond."""


def plot_promises_kept(kept: pd.DataFrame, *, ax: Axes, level: float = 0.8) -> Axes:
    """Draw the share of dates of one level that held, quarter by quarter, in front of what chance allows."""
    rows = kept[np.isclose(kept["level"], level)].reset_index(drop=True)
    places = rows.index.to_numpy() + 0.5 * (rows.index == len(rows) - 1)
    counted = rows["n_held"].notna().to_numpy()
    if not counted.any():
        return nothing_to_draw(ax, "too few dates came due")
    n = rows["n_due"].astype(float)
    low, high = (rows[name].astype(float) / n for name in ("n_lower", "n_upper"))
    soft = {"width": 0.62, "color": FORECAST_SOFT, "alpha": 0.6, "label": "what chance allows"}
    band = ax.bar(places[counted], (high - low)[counted], bottom=low[counted], **soft)
    (said,) = ax.plot([-0.5, places[-1] + 0.5], [level] * 2, **REFERENCE, label="as said")
    outside = counted & (rows["verdict"] != "as promised").to_numpy()
    share = rows["share_held"]
    (held,) = ax.plot(places[counted], share[counted], "o", color=ACTUAL, markersize=8, label="held")
    ax.plot(places[outside], share[outside], "o", color=LATE, markersize=8)
    for place, row in zip(places, rows.itertuples(), strict=True):
        of, few = "/" if is_narrow(ax) else " of ", pd.isna(row.n_held)
        text, colour = ("few", QUIET) if few else (f"{row.n_held}{of}{row.n_due}", INK)
        write_beside(ax, text, (place, 0.0), (0, 4), ha="center", va="baseline", color=colour)
    _quarter_axis(ax, places, [*rows["period"].iloc[:-1], "last four"])
    ax.set_ylim(0, 1.06)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_ylabel(f"of P{100 * level:g} dates held")
    ax.grid(axis="y")
    return legend_above(ax, [held, band, said])


def plot_bias_and_spread(trend: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw how much longer than planned projects took (above) and how unequally (below), by the quarter they closed in.

    Rows of one phase come in; the lines go through the quarters taken four at a time.
    """
    if trend["bias_ratio"].isna().all():
        return nothing_to_draw(ax, "too few projects closed")
    places = ax.get_subplotspec().subgridspec(2, 1, height_ratios=[3, 2])  # pyright: ignore[reportOptionalMemberAccess]
    ax.set_subplotspec(places[0])
    below = ax.figure.add_subplot(places[1])
    handles = _plot_trend(trend, ("bias_ratio", "bias_lower", "bias_upper"), 1.0, ax)
    plan = ax.axhline(1.0, **REFERENCE, label="as estimated")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.2f}×"))
    ax.set_ylabel("bias: taken / estimated")
    legend_above(ax, [*handles, plan])
    _plot_trend(trend, ("spread", "spread_lower", "spread_upper"), 0.0, below)
    below.set_ylim(0, _SPREADS_SHOWN * trend["spread"].max() if trend["spread"].notna().any() else 1.0)
    below.set_ylabel("spread")
    return ax


def _plot_trend(trend: pd.DataFrame, names: tuple[str, str, str], base: float, ax: Axes) -> list:
    single, four = (trend[trend["window"] == window].reset_index(drop=True) for window in (QUARTER, TRAILING))
    places = np.arange(len(single))
    shown = ~single["suppressed"].to_numpy(dtype=bool)
    values, low, high = (single[name][shown] for name in names)
    lines = ax.vlines(places[shown], low, high, color=FORECAST_SOFT, linewidth=8, label="90 % interval")
    (points,) = ax.plot(places[shown], values, "o", color=ACTUAL, markersize=8, label="quarter")
    look = {"color": QUIET, "linewidth": 1.2, "label": "four quarters", "zorder": 1.5}
    (together,) = ax.plot(places, four[names[0]].astype(float), **look)
    box = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6}
    for place, hidden, value in zip(places, single["suppressed"], single[names[0]], strict=True):
        if hidden:
            write_beside(ax, "few", (place, base), (0, 4), ha="center", va="baseline", color=QUIET, bbox=box)
        else:
            write_beside(ax, f"{value:.2f}", (place, value), (9, -3), va="baseline", bbox=box)
    _quarter_axis(ax, places, single["quarter"])
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.grid(axis="y")
    return [points, lines, together]


def plot_multiplier_moves(moves: pd.DataFrame, *, ax: Axes, level: float = 0.8) -> Axes:
    """Draw each phase's multiplier a year ago (grey) and now (blue; orange where it moved beyond noise)."""
    rows = moves[np.isclose(moves["level"], level) & ~moves["suppressed"].fillna(False).astype(bool)]
    if rows.empty:
        return nothing_to_draw(ax, "too few projects closed")
    places = phase_axis(ax, rows["phase"])
    then, now = (
        ax.plot([], [], "o", color=colour, label=label)[0]
        for colour, label in ((BASELINE, "a year ago"), (ACTUAL, "now"))
    )
    for place, row in zip(places, rows.itertuples(), strict=True):
        colour = LATE if row.moved else ACTUAL
        for height, name, own in ((place + 0.14, "then", BASELINE), (place - 0.14, "now", colour)):
            value, low, high = (getattr(row, each) for each in (name, f"{name}_lower", f"{name}_upper"))
            ax.hlines(height, low, high, color=own, linewidth=2, alpha=0.6)
            ax.plot(value, height, "o", color=own, markersize=7)
        write_beside(ax, f"{row.now:.2f}", (row.now_upper, place - 0.14), (6, 0))
    ax.axvline(1.0, **REFERENCE, zorder=0)
    ax.set_xlim(right=ax.get_xlim()[1] * 1.04)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    ax.set_xlabel(f"P{100 * level:g} multiplier; line: 90 % interval")
    ax.grid(axis="x")
    return legend_above(ax, [then, now])


def plot_lost_days(lost: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw the days lost by phase and by cause, the costliest on top, with the share that it and all above make up."""
    rows = lost[~lost["suppressed"].astype(bool)].reset_index(drop=True)
    if rows.empty:
        return nothing_to_draw(ax, "nothing to show")
    places = -rows.index.to_numpy() - 1.2 * (rows["dimension"] == "cause")
    most = rows["share_so_far"] - rows["share"] < 0.8  # what makes up four fifths of the days
    ax.barh(places, rows["lost_days"], height=0.62, color=np.where(most, ACTUAL, FORECAST_SOFT).tolist())
    for place, row in zip(places, rows.itertuples(), strict=True):
        write_beside(ax, f"{row.lost_days:,.0f}  ({100 * row.share_so_far:.0f} %)", (row.lost_days, place))
    for dimension, own in pd.Series(places).groupby(rows["dimension"]):
        bold = {"size": 9, "fontweight": "bold", "color": QUIET, "va": "baseline"}
        write_beside(ax, f"by {dimension}", (0, own.max() + 0.5), (2, 1), **bold)
    ax.set_yticks(places, [code_label(value) for value in rows["value"]])
    ax.set_ylim(places.min() - 0.6, 1.0)
    ax.set_xlim(0, rows["lost_days"].max() * (1.45 if is_narrow(ax) else 1.18))
    ax.set_xlabel("working days lost (share so far)")
    ax.grid(axis="x")
    return ax


def _quarter_axis(ax: Axes, places, names) -> None:
    """Write quarters below, on a phone without the year except where it begins."""
    texts = [str(name).replace("Q", "\nQ") if "Q" in str(name) else str(name) for name in names]
    if is_narrow(ax):
        texts = [
            text[5:] if "\n" in text and n and text[:4] == texts[n - 1][:4] else text
            for n, text in enumerate(text.replace("last four", "four") for text in texts)
        ]
        texts = ["\n".join(reversed(text.split("\n"))) for text in texts]
    ax.set_xticks(places, texts, fontsize=8.5)
    ax.tick_params(axis="x", length=0)
