import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from tables_by_hand import by_hand

from estimation.pages.charts.axes import date_axis
from estimation.pages.charts.client_charts import plot_agreed_and_new
from estimation.pages.figures import ACTUAL, LATE
from estimation.tracking.client_tables import CLIENT_MILESTONES


@pytest.fixture(params=[9.0, 4.4], ids=["wide", "narrow"])
def ax(request):
    figure, ax = plt.subplots(figsize=(request.param, 4))
    yield ax
    plt.close(figure)


def test_each_new_date_stands_beside_the_agreed_one_and_late_ones_stand_out(ax):
    rows = pd.DataFrame(
        {
            "milestone": ["1", "2"],
            "name": ["Data access confirmed", "Report delivered"],
            "agreed_finish": pd.to_datetime(["2026-03-06", "2026-03-13"]),
            "new_finish": pd.to_datetime(["2026-03-06", "2026-03-18"]),
            "late_days": [0.0, 3.0],
            "state": ["done", "late"],
        }
    )
    plot_agreed_and_new(by_hand(rows, CLIENT_MILESTONES), pd.Timestamp("2026-03-10"), ax=ax)
    agreed, new = ax.collections[1], ax.collections[2]
    # Five calendar days from Friday 13 to Wednesday 18 March.
    assert (new.get_offsets()[:, 0] - agreed.get_offsets()[:, 0]).tolist() == [0, 5]
    assert [to_hex(colour) for colour in new.get_edgecolors()] == [ACTUAL, LATE]
    assert [to_hex(colour) for colour in new.get_facecolors()] == [ACTUAL, "#ffffff"]  # empty: not there yet
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "1 Data access confirmed",
        "2 Report delivered",
    ]
    assert ax.texts[0].get_text() == "status date"


def test_days_on_the_axis_are_written_in_one_way_over_the_turn_of_a_month(ax):
    ax.set_xlim(pd.Timestamp("2026-02-20"), pd.Timestamp("2026-03-10"))
    date_axis(ax)
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_xticklabels() if label.get_text()]
    assert len(labels) >= 3
    assert all(re.fullmatch(r"\d\d (Feb|Mar)", label) for label in labels), labels
