"""The chart of the replay: what each project planned, what would have been promised, what it took."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from estimation.pages.charts.axes import REFERENCE, is_narrow, legend_above, nothing_to_draw
from estimation.pages.figures import ACTUAL, BASELINE, FORECAST_SOFT, LATE
from estimation.project.amounts import project_names


def plot_replay(replay: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw each project as a share of its plan: a bar to the date at 80 %, a dot for what it took, newest on top."""
    if replay.empty:
        return nothing_to_draw(ax, "no project could be replayed")
    places = np.arange(len(replay))[::-1]
    planned = replay["planned_days"]
    even, promised, taken = (replay[f"{name}_days"] / planned for name in ("p50", "p80", "actual"))
    missed = ~replay["held_p80"].astype(bool)
    bars = ax.barh(places, promised - 1, left=1, height=0.62, color=FORECAST_SOFT, label="promised at 80 %")
    ax.vlines(even, places - 0.31, places + 0.31, color="white", linewidth=1.5)
    plan = ax.axvline(1.0, **REFERENCE, label="plan")
    (held,) = ax.plot(taken[~missed], places[~missed], "o", color=ACTUAL, markersize=6, label="took, held")
    (late,) = ax.plot(taken[missed], places[missed], "D", color=LATE, markersize=6, label="took, missed")
    names, width = project_names(replay), 20 if is_narrow(ax) else 34
    ax.set_yticks(places, [textwrap.shorten(name, width, placeholder=" …") for name in names])
    ax.set(ylim=(-0.7, len(replay) - 0.3), xlim=(min(0.95, taken.min() - 0.05), None))
    ax.set_xlabel("working days as a share of the plan")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    ax.grid(axis="x")
    ax.spines["left"].set_color(BASELINE)
    return legend_above(ax, [plan, bars, held, *([late] if missed.any() else [])])
