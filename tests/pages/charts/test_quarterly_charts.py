import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from tables_by_hand import by_hand

from estimation.pages.charts.quarterly_charts import (
    plot_bias_and_spread,
    plot_lost_days,
    plot_multiplier_moves,
    plot_promises_kept,
)
from estimation.pages.figures import ACTUAL, FORECAST_SOFT, LATE
from estimation.review.quarterly.quarterly_tables import LOST_DAYS, MULTIPLIER_MOVES, OVERRUN_TREND
from estimation.scoring.dates_held import AS_PROMISED, PROMISES_KEPT, TOO_EARLY, TOO_FEW


@pytest.fixture(params=[9.0, 4.4], ids=["wide", "narrow"])
def ax(request):
    figure, ax = plt.subplots(figsize=(request.param, 4))
    yield ax
    plt.close(figure)


def test_dates_that_held_stand_in_front_of_their_band_and_misses_are_orange(ax):
    rows = [
        {"period": "2026Q1", "n_due": 10, "n_held": 8, "share_held": 0.8, "n_lower": 6, "n_upper": 10,
         "verdict": AS_PROMISED},
        {"period": "2026Q2", "n_due": 3, "verdict": TOO_FEW},
        {"period": "2025Q3 to 2026Q2", "n_due": 20, "n_held": 9, "share_held": 0.45, "n_lower": 13, "n_upper": 19,
         "verdict": TOO_EARLY},
    ]  # fmt: skip
    plot_promises_kept(by_hand(pd.DataFrame(rows).assign(level=0.8), PROMISES_KEPT), ax=ax)
    bands = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches]
    assert bands == [pytest.approx((0.6, 1.0)), pytest.approx((0.65, 0.95))]
    held, missed = ax.lines[1], ax.lines[2]
    assert held.get_ydata().tolist() == [0.8, 0.45]
    assert (missed.get_ydata().tolist(), to_hex(missed.get_color())) == ([0.45], LATE)
    assert [text.get_text().replace("/", " of ") for text in ax.texts] == ["8 of 10", "few", "9 of 20"]


def test_a_quarter_with_too_few_projects_is_in_the_line_of_four_alone(ax):
    rows = [
        {"quarter": "2026Q1", "window": "quarter", "bias_ratio": 1.2, "bias_lower": 1.1, "bias_upper": 1.3,
         "spread": 0.3, "spread_lower": 0.2, "spread_upper": 0.5, "suppressed": False},
        {"quarter": "2026Q2", "window": "quarter", "suppressed": True},
        {"quarter": "2026Q1", "window": "four quarters", "bias_ratio": 1.25, "spread": 0.28, "suppressed": False},
        {"quarter": "2026Q2", "window": "four quarters", "bias_ratio": 1.22, "spread": 0.26, "suppressed": False},
    ]  # fmt: skip
    plot_bias_and_spread(by_hand(pd.DataFrame(rows), OVERRUN_TREND), ax=ax)
    _, below = ax.figure.axes
    for panel, values, four in ((ax, [1.2], [1.25, 1.22]), (below, [0.3], [0.28, 0.26])):
        assert panel.lines[0].get_ydata().tolist() == values
        assert panel.lines[1].get_ydata().tolist() == four
        assert [text.get_text() for text in panel.texts] == [f"{values[0]:.2f}", "few"]


def test_a_multiplier_that_moved_is_orange(ax):
    usual = {
        "level": 0.8,
        "then": 1.5,
        "then_lower": 1.3,
        "then_upper": 1.7,
        "now_lower": 1.1,
        "now_upper": 1.3,
    }
    rows = [{"phase": "data", "now": 1.2, "moved": True}, {"phase": "model", "now": 1.25, "moved": False}]
    plot_multiplier_moves(by_hand(pd.DataFrame([usual | row for row in rows]), MULTIPLIER_MOVES), ax=ax)
    now = [line for line in ax.lines if list(line.get_xdata()) in ([1.2], [1.25])]
    assert [to_hex(line.get_color()) for line in now] == [LATE, ACTUAL]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Data", "Model"]


def test_what_makes_up_four_fifths_of_the_days_is_dark_and_hidden_cells_are_not_drawn(ax):
    rows = [
        {"dimension": "cause", "value": name, "lost_days": days, "share": days / 100, "share_so_far": so_far,
         "suppressed": False}
        for name, days, so_far in (("data_quality", 70.0, 0.7), ("staffing", 15.0, 0.85), ("scope", 15.0, 1.0))
    ]  # fmt: skip
    hidden = {"dimension": "cause", "value": "waiting", "suppressed": True}
    plot_lost_days(by_hand(pd.DataFrame([*rows, hidden]), LOST_DAYS), ax=ax)
    assert [bar.get_width() for bar in ax.patches] == [70, 15, 15]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [ACTUAL, ACTUAL, FORECAST_SOFT]


def test_without_lost_days_the_chart_says_so(ax):
    plot_lost_days(by_hand(pd.DataFrame(), LOST_DAYS), ax=ax)
    assert [text.get_text() for text in ax.texts] == ["nothing to show"]
