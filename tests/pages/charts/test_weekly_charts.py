import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from estimation.pages.charts.weekly_charts import plot_earned_value, plot_evidence, plot_trajectory
from estimation.pages.figures import REPORTED_COLOURS


@pytest.fixture(params=[9.0, 4.4], ids=["wide", "narrow"])
def ax(request):
    figure, ax = plt.subplots(figsize=(request.param, 4))
    yield ax
    plt.close(figure)


def trajectory():
    fridays = pd.to_datetime(["2026-03-06", "2026-03-13", "2026-03-20"])
    return pd.DataFrame(
        {
            "as_of": fridays,
            "week": [1, 2, 3],
            "reported_status": ["green", "yellow", "red"],
            "prob_now": [0.6, 0.4, 0.1],
            "prob_kickoff": 0.55,
            "team_finish": pd.Timestamp("2026-04-03"),
            "p50_finish": fridays + pd.Timedelta(days=30),
            "p80_finish": fridays + pd.Timedelta(days=40),
        }
    )


def test_the_evidence_stands_above_the_colours_that_were_reported(ax):
    plot_evidence(trajectory(), thresholds=(0.5, 0.2), ax=ax)
    now, kickoff = ax.lines
    assert now.get_ydata().tolist() == [0.6, 0.4, 0.1]
    assert list(kickoff.get_ydata()) == [0.55]
    assert [text.get_text() for text in ax.texts] == ["on track", "at risk", "delayed", *"■■■"]
    assert [to_hex(text.get_color()) for text in ax.texts[3:]] == list(REPORTED_COLOURS.values())


def test_the_finish_of_each_week_stands_beside_the_agreed_date(ax):
    agreed = pd.Timestamp("2026-04-10")
    plot_trajectory(trajectory(), agreed, ax=ax)
    assert [line.get_label() for line in ax.lines] == ["P80", "P50", "as reported", "agreed"]
    assert set(ax.lines[-1].get_ydata()) == {agreed}


def test_value_is_drawn_as_shares(ax):
    earned = pd.DataFrame({"as_of": trajectory()["as_of"], "pv": [0.1, 0.5, 1.0], "ev": [0.1, 0.3, 0.4]})
    plot_earned_value(earned, ax=ax)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.1, 0.5, 1.0], [0.1, 0.3, 0.4]]
