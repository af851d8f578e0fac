"""Figures as a report shows them: one calm style, a wide and a narrow drawing, and words that say the same."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from cycler import cycler

from estimation.pages.displays import ReportText, show_text
from estimation.project.statuses import Colour

BASELINE = "#8a929b"
ACTUAL = "#0b5cad"
FORECAST = ACTUAL
FORECAST_SOFT = "#a9c8e8"
LATE = "#c2500a"
EARLY = "#3f9aa8"
INK = "#1c2530"
QUIET = "#5a6570"
GRID = "#e4e8ec"
REPORTED_COLOURS = {Colour.GREEN: "#5aa469", Colour.YELLOW: "#e3b23c", Colour.RED: "#b3261e"}
PALETTE = (ACTUAL, BASELINE, LATE, EARLY, "#6b5b95", INK)

WIDE_INCHES = 9.0
NARROW_INCHES = 4.4
HEIGHT_INCHES = 4.6

_STABLE_SVG: dict = {"svg.fonttype": "path", "svg.hashsalt": "estimation"}
_STYLE: dict = {
    "axes.axisbelow": True,
    "axes.edgecolor": BASELINE,
    "axes.labelcolor": QUIET,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "figure.dpi": 96,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same glyphs on every machine
    "grid.color": GRID,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "lines.linewidth": 2.0,
    "patch.edgecolor": "white",
    "patch.linewidth": 0.6,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a project's name is a dollar sign
    "xtick.color": BASELINE,
    "xtick.labelcolor": QUIET,
    "xtick.labelsize": 9.5,
    "xtick.major.size": 3,
    "ytick.color": BASELINE,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9.5,
    "ytick.major.size": 0,
    **_STABLE_SVG,
}


@dataclass(frozen=True)
class ReportChart:
    """One figure drawn for two widths, with the sentence that stands for it where it cannot be seen.

    JupyterLab shows the wide drawing; the report page chooses by the width of the screen.
    """

    wide: str
    narrow: str
    alt: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        """Hand both drawings to the notebook: the wide one as output, the narrow one as its metadata."""
        data = {"image/svg+xml": self.wide, "text/plain": self.alt}
        metadata = {"image/svg+xml": {"alt": self.alt, "narrow": self.narrow}}
        return data, metadata


def use_report_style() -> None:
    """Give every figure drawn from here on the look of the reports.

    White ground, one accent colour, greys, no frame. Called in a cell of the notebook; importing this
    module changes nothing. The colours to draw with are the constants of this module: ``BASELINE`` for
    what was planned, ``ACTUAL`` and ``FORECAST`` for what happened or is expected, ``LATE`` for what ran
    over. They differ in lightness as well as in hue and so survive colour blindness and grey printing.
    """
    plt.style.use(["default", _STYLE])


def show_chart(
    draw: Callable[..., object],
    *tables: pd.DataFrame,
    alt: str,
    height: float = HEIGHT_INCHES,
    mark: str = "",
    **options: object,
) -> ReportChart | ReportText:
    """Draw a chart for a screen and for a phone, and say in words what it shows.

    ``draw(*tables, ax=ax, **options)`` is called twice, on a figure 9 inches wide and on one of 4.4;
    a chart that wants to lay itself out differently looks at the width of ``ax.figure``. Where it says that there is
    nothing to draw, the sentence alone is shown. ``alt`` is the finding of the chart, read aloud where the chart cannot
    be seen. A ``mark`` such as "(borrowed)" stands below the drawing and behind its words.

    Raises
    ------
    TypeError
        If ``alt`` is empty.
    """
    if not alt.strip():
        raise TypeError("alt is empty: say in one sentence what the chart shows")
    widths, alt = (WIDE_INCHES, NARROW_INCHES), alt + mark
    wide, narrow = (_drawn(draw, tables, options, width, height, mark.strip()) for width in widths)
    if wide is None or narrow is None:
        return show_text(" ".join(alt.split()))
    return ReportChart(wide=wide, narrow=narrow, alt=" ".join(alt.split()))


def _drawn(draw, tables, options, width: float, height: float, mark: str) -> str | None:
    """SVG text of one drawing, the same for the same drawing; None where the chart has turned its axes off."""
    with mpl.rc_context(_STABLE_SVG):
        figure, ax = plt.subplots(figsize=(width, height), layout="constrained")
        try:
            draw(*tables, ax=ax, **options)
            if not ax.axison:
                return None
            if mark:
                figure.supxlabel(mark, fontsize=9.5, color=QUIET)
            page = io.StringIO()
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            figure.savefig(page, format="svg", metadata=nothing)
        finally:
            plt.close(figure)
    return page.getvalue()
