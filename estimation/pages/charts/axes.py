"""What the charts share: axes of dates, milestones and phases, texts beside points, a legend above."""

from __future__ import annotations

import textwrap

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from estimation.pages.figures import INK, QUIET
from estimation.pages.labels import code_label, milestone_words

NARROW_BELOW_INCHES = 6.0
REFERENCE = {"color": QUIET, "linewidth": 1, "linestyle": (0, (4, 3))}
"""Look of the line that the rest is compared with: as planned, as said."""


def is_narrow(ax: Axes) -> bool:
    """Tell whether the chart is drawn for a phone."""
    return ax.figure.get_figwidth() < NARROW_BELOW_INCHES  # pyright: ignore[reportAttributeAccessIssue]


def milestone_axis(ax: Axes, milestones: pd.DataFrame) -> np.ndarray:
    """Name milestones along the left side as far as fits, and give the heights of their rows: the first on top."""
    places = np.arange(len(milestones))[::-1]
    labels, width = list(map(milestone_words, milestones.itertuples())), 28 if is_narrow(ax) else 44
    short = [textwrap.shorten(words, width, placeholder=" …") for words in labels]
    # What is one word stays whole, however long.
    ax.set_yticks(
        places, [less if " " in words else words for words, less in zip(labels, short, strict=True)]
    )
    return places


def phase_axis(ax: Axes, phases) -> np.ndarray:
    """Name phases along the left side, and give the heights of their rows: the first on top."""
    places = np.arange(len(phases))[::-1]
    ax.set_yticks(places, [code_label(phase) for phase in phases])
    ax.set_ylim(-0.6, len(places) - 0.4)
    return places


def date_axis(ax: Axes, of: Axis | None = None) -> None:
    """Write dates along the bottom, or along another axis, as few as fit."""
    axis = of or ax.xaxis
    locator = mdates.AutoDateLocator(minticks=3, maxticks=4 if is_narrow(ax) else 8)
    axis.set_major_locator(locator)
    # Days stay days on the first of a month: 22 Feb, 01 Mar, 08 Mar.
    years, months, days = "%Y", "%b", "%d %b"
    axis.set_major_formatter(
        mdates.ConciseDateFormatter(
            locator,
            formats=[years, months, days, days, days, days],
            zero_formats=["", years, days, days, days, days],
            offset_formats=["", years, years, years, years, years],
            show_offset=of is None,
        )
    )


def nothing_to_draw(ax: Axes, words: str) -> Axes:
    """Say in place of a chart that there is nothing to draw.

    The axes are turned off, by which ``show_chart`` knows it: a report shows the sentence of the chart instead.
    """
    ax.set_axis_off()
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=QUIET)
    return ax


def write_beside(
    ax: Axes, text: str, at, offset=(4, 0), *, ha="left", va="center", size=8.5, color=INK, **options
) -> None:
    """Write a text beside a point of the chart, the offset in points of print."""
    look = {"ha": ha, "va": va, "fontsize": size, "color": color, **options}
    ax.annotate(text, at, xytext=offset, textcoords="offset points", **look)


def legend_above(ax: Axes, handles) -> Axes:
    """Put the legend in one line above the chart, where it hides nothing: the last thing done to a chart."""
    narrow = is_narrow(ax)
    ax.legend(
        handles=handles,
        loc="lower right" if narrow else "lower left",  # from the right it may reach over the labels
        bbox_to_anchor=(1.0 if narrow else 0.0, 1.0),
        ncols=len(handles),
        borderaxespad=0.2,
        columnspacing=1.0,
        handlelength=1.0,
        handletextpad=0.4,
        fontsize=8 if narrow else 9.5,
    )
    return ax
