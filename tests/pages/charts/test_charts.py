import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from tables_by_hand import by_hand, history

from estimation.pages.charts.calibration_charts import (
    plot_multipliers,
    plot_phase_overruns,
    plot_pit,
    plot_reliability,
)
from estimation.pages.charts.kickoff_charts import plot_finish_curve, plot_forecast_dates
from estimation.pages.charts.variance_charts import (
    plot_fan,
    plot_pareto,
    plot_planned_and_actual,
    plot_reported,
)
from estimation.pages.figures import ACTUAL, LATE, REPORTED_COLOURS
from estimation.review.variance import variance_table
from estimation.review.variance_tables import FAN, SHARES_BY


@pytest.fixture(params=[9.0, 4.4], ids=["wide", "narrow"])
def ax(request):
    figure, ax = plt.subplots(figsize=(request.param, 4))
    yield ax
    plt.close(figure)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_each_milestone_has_a_planned_and_an_actual_bar_and_lost_days_are_marked(ax):
    variance = variance_table(
        history(
            {"milestone": "1", "name": "data access confirmed", "baseline_finish": "2026-03-06",
             "actual_finish": "2026-03-10", "project_start": "2026-03-02"},
            {"milestone": "2", "name": "report delivered", "depends_on": "1", "baseline_finish": "2026-03-11",
             "actual_finish": "2026-03-13"},
        ), "p")  # fmt: skip
    plot_planned_and_actual(variance, ax=ax)
    bars = [bar for bar in ax.patches if bar.get_width() > 0]
    # Planned Mon 2 to the end of Fri 6: five calendar days wide; 1 lost two days by itself, 2 none.
    assert bars[0].get_width() == 5
    assert len(bars) == 4
    assert [to_hex(bar.get_facecolor()) == LATE for bar in bars] == [False, True, False, False]
    assert texts(ax) == ["+2 d"]
    assert labels(ax)[0].startswith("1 data access")


def test_each_week_has_the_colour_that_was_reported(ax):
    reported = pd.DataFrame(
        {"week": [1, 2, 3], "reported_status": ["green", "yellow", "red"], "days_overdue": [0.0, 2.0, 7.0]}
    )
    plot_reported(reported, ax=ax)
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == list(REPORTED_COLOURS.values())
    assert [bar.get_height() for bar in ax.patches] == [0, 2, 7]
    assert {"green", "yellow", "red", "7"} <= set(texts(ax))


def test_no_weekly_status_is_said_in_the_chart(ax):
    plot_reported(pd.DataFrame({"week": [], "reported_status": [], "days_overdue": []}), ax=ax)
    assert texts(ax) == ["no weekly status table"]


def test_every_project_is_a_dot_and_the_first_phase_stands_on_top(ax):
    totals = pd.DataFrame({"phase": ["a", "a", "b"], "overrun_ratio": [1.0, 2.0, 1.5]})
    expected = pd.DataFrame(
        {"phase": ["a", "b"], "p10": 0.8, "p50": [1.2, 1.1], "p80": [1.6, 1.4], "p90": 2.0}
    )
    plot_phase_overruns(totals, expected, ax=ax)
    dots = [tuple(map(float, point)) for c in ax.collections for point in c.get_offsets()]
    assert sorted(x for x, _ in dots) == [1.0, 1.5, 2.0]
    assert labels(ax) == ["A", "B"]
    assert ax.get_yticks().tolist() == [1, 0]
    assert texts(ax) == ["1.20 | 1.60", "1.10 | 1.40"]


def test_each_level_of_a_phase_has_a_point_and_its_interval(ax):
    table = pd.DataFrame(
        {
            "phase": ["a", "a"],
            "level": [0.5, 0.8],
            "multiplier": [1.2, 1.9],
            "lower": [1.1, 1.6],
            "upper": [1.3, 2.4],
        }
    )
    plot_multipliers(table, ax=ax)
    intervals = [segment[:, 0].tolist() for c in ax.collections for segment in c.get_segments()]
    assert intervals == [[1.1, 1.3], [1.6, 2.4]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["P50", "P80"]


def test_the_finish_curve_marks_the_dates_that_are_known_and_leaves_out_the_others(ax):
    dates = pd.date_range("2026-03-02", periods=5, freq="D")
    curve = pd.DataFrame({"finish_date": dates, "prob_finished": [0.1, 0.4, 0.5, 0.8, 1.0]})
    plot_finish_curve(curve, {"planned": dates[0], "promised": pd.NaT, "P80": dates[3]}, ax=ax)
    assert texts(ax) == ["planned\n2 Mar 2026", "P80\n5 Mar 2026"]
    marked = [tuple(line.get_ydata()) for line in ax.lines if len(line.get_xdata()) == 1]
    assert marked == [(0.1,), (0.8,)]


def test_the_project_is_the_last_row_of_the_forecast_chart(ax):
    dates = pd.to_datetime(["2026-03-02", "2026-03-03"])
    forecast = pd.DataFrame(
        {"milestone": ["1", "project"], "name": ["data access", "Whole project"], "baseline_finish": dates,
         "p10_finish": dates, "p50_finish": dates, "p80_finish": dates, "p90_finish": dates}
    )  # fmt: skip
    plot_forecast_dates(forecast, ax=ax)
    assert labels(ax) == ["1 data access", "Whole project"]
    assert ax.get_yticks().tolist() == [1, 0]


def test_reliability_is_drawn_as_held_against_said_inside_the_band_of_chance(ax):
    table = pd.DataFrame(
        {"level": [0.5, 0.8], "held": [0.45, 0.7], "lower": [0.4, 0.75], "upper": [0.6, 0.85]}
    )
    plot_reliability(table, ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[0.5, 0.45], [0.8, 0.7]]


def test_the_pit_histogram_has_a_bar_per_bin(ax):
    table = pd.DataFrame({"left": [0.0, 0.5], "share": [0.4, 0.6], "lower": 0.45, "upper": 0.55})
    plot_pit(table, ax=ax)
    bars = [bar for bar in ax.patches if bar.get_width() < 0.9]
    assert [bar.get_height() for bar in bars] == [0.4, 0.6]


@pytest.mark.parametrize("draw", [plot_reliability, plot_pit])
def test_a_missing_backtest_is_said_in_the_chart(ax, draw):
    draw(pd.DataFrame(columns=["level", "left"]), ax=ax)
    assert texts(ax) == ["no backtest possible yet"]


def test_the_week_in_which_the_track_was_left_is_marked(ax):
    reported = pd.DataFrame(
        {"week": [1, 2, 3], "reported_status": "green", "days_overdue": [0.0, 2.0, 7.0],
         "left_track": [False, True, False]}
    )  # fmt: skip
    plot_reported(reported, ax=ax)
    assert "left its track" in texts(ax)
    assert ax.lines[0].get_xdata()[0] == 1.5


def test_causes_are_a_stair_and_days_won_go_back(ax):
    # 5 and 3 days lost, 2 won: bars 0-5, 5-8, 8-6.
    rows = [("Data quality", 5.0, 0.625), ("Staffing", 3.0, 1.0), ("No cause recorded", -2.0, None)]
    causes = pd.DataFrame(rows, columns=["value", "project_days", "cumulative_share"])
    plot_pareto(by_hand(causes, SHARES_BY), ax=ax)
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(0, 5), (5, 3), (8, -2)]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [LATE, LATE, ACTUAL]
    assert texts(ax) == ["+5 d, 62 %", "+3 d, 100 %", "−2 d"]


def test_forecasts_over_time_stand_beside_the_plan_the_team_and_what_happened(ax):
    dates = {
        "p10_finish": "2026-03-06", "p50_finish": "2026-03-18", "p80_finish": "2026-03-25", "p90_finish": "2026-03-27",
        "team_finish": "2026-03-06", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-27",
    }  # fmt: skip
    fan = (
        pd.DataFrame([dates, dates])
        .apply(pd.to_datetime)
        .assign(as_of=pd.to_datetime(["2026-02-02", "2026-02-06"]))
    )
    plot_fan(by_hand(fan, FAN), ax=ax)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["P10–P90", "P50", "P80", "team", "plan", "actual"]
    assert len(ax.lines[0].get_xdata()) == 2
    plan, actual = (line.get_ydata()[0] for line in ax.lines[3:5])
    assert (pd.Timestamp(actual) - pd.Timestamp(plan)).days == 21


def test_without_forecasts_the_chart_says_why(ax):
    plot_fan(by_hand(pd.DataFrame(), FAN), ax=ax)
    assert texts(ax) == ["too few projects had closed before it started"]
