"""What the charts share: labels that fit the width, axes of dates, a legend above."""

from __future__ import annotations

import textwrap

import matplotlib.dates as mdates
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from estimation.pages.figures import QUIET

NARROW_BELOW_INCHES = 6.0


def is_narrow(ax: Axes) -> bool:
    """Tell whether the chart is drawn for a phone."""
    return ax.figure.get_figwidth() < NARROW_BELOW_INCHES


def milestone_label(milestone: str, name: str | None, ax: Axes) -> str:
    """Write a milestone as its id and as much of its name as fits."""
    if not name or name != name:
        return milestone
    return textwrap.shorten(f"{milestone} {name}", width=28 if is_narrow(ax) else 44, placeholder=" …")


def date_axis(ax: Axes, of: Axis | None = None) -> None:
    """Write dates along the bottom, or along another axis, as few as fit."""
    axis = of or ax.xaxis
    locator = mdates.AutoDateLocator(minticks=3, maxticks=4 if is_narrow(ax) else 8)
    axis.set_major_locator(locator)
    years, months, days = (
        "%Y",
        "%b",
        "%d %b",
    )  # days stay days on the first of a month: 22 Feb, 01 Mar, 08 Mar
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
    """Say in place of a chart that there is nothing to draw; a report shows the sentence of the chart instead.

    Parameters
    ----------
    ax : Axes
        Its axes are turned off, by which ``show_chart`` knows it.
    words : str
    """
    ax.set_axis_off()
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=QUIET)
    return ax


def legend_above(ax: Axes, handles) -> None:
    """Put the legend in one line above the chart, where it hides nothing."""
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
