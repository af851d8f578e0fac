"""The chart of the client report: each milestone's agreed date and its new one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from estimation.pages.charts.axes import date_axis, is_narrow, legend_above, milestone_axis, write_beside
from estimation.pages.figures import ACTUAL, BASELINE, INK, LATE, QUIET
from estimation.tracking.client_report import DONE


def plot_agreed_and_new(milestones: pd.DataFrame, as_of, *, ax: Axes) -> Axes:
    """Draw each milestone's agreed date as a grey bar and its new one as a dot: full when done, orange when later."""
    places = milestone_axis(ax, milestones)
    later = (milestones["late_days"] > 0).to_numpy()
    colours = np.where(later, LATE, ACTUAL)
    done = (milestones["state"] == DONE).to_numpy()
    ax.axvline(as_of, color=INK, linewidth=1.0, zorder=1)
    before, now = milestones["agreed_finish"], milestones["new_finish"]
    both = (before.notna() & now.notna()).to_numpy()
    ax.hlines(np.asarray(places)[both], before[both], now[both], color=colours[both], linewidth=1.6, zorder=2)
    bar = {"marker": "|", "s": 90, "color": BASELINE, "linewidth": 3, "zorder": 3, "label": "agreed"}
    agreed = ax.scatter(before, places, **bar)
    dot, filling = {"s": 34, "linewidth": 1.5}, np.where(done, colours, "white")
    ax.scatter(now, places, color=filling, edgecolor=colours, zorder=4, **dot)
    top = {"va": "top", "color": QUIET, "xycoords": ("data", "axes fraction")}
    write_beside(ax, "status date", (as_of, 1.0), (3, -1), **top)
    handles = [agreed] + [
        ax.scatter([], [], color=face, edgecolor=edge, label=label, **dot)
        for face, edge, label in (
            (ACTUAL, ACTUAL, "done"),
            ("white", ACTUAL, "expected"),
            ("white", LATE, "later"),
        )
    ]
    ax.tick_params(axis="y", labelsize=7.5 if is_narrow(ax) else 9)
    ax.set_ylim(-0.8, len(milestones) - 0.2)
    date_axis(ax)
    ax.grid(axis="x")
    return legend_above(ax, handles)
