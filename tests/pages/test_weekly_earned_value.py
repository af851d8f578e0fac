import numpy as np
import pandas as pd
from tables_by_hand import by_hand

from estimation.pages.weekly_overviews import pace_columns, time_forecasts_overview
from estimation.pages.weekly_wording import time_forecasts_finding
from estimation.tracking.tracking_tables import EARNED_VALUE, TIME_FORECASTS

WAYS = [
    ("planned value", ("1", "SPI", "SCI")),
    ("earned duration", ("1", "SPI", "SCI")),
    ("earned schedule", ("1", "SPI(t)", "SCI(t)")),
]


def nine(as_of, *, first_day, refuted=(), known=9):
    """Nine forecasts, a day apart from the first day on; the last ones are not known."""
    rows = [
        {
            "as_of": pd.Timestamp(as_of),
            "method": method,
            "factor": factor,
            "eac_t_days": 10.0 + place if place < known else np.nan,
            "eac_t_finish": pd.Timestamp(first_day) + pd.Timedelta(days=place) if place < known else pd.NaT,
            "refuted": place in refuted,
        }
        for place, (method, factor) in enumerate((method, factor) for method, own in WAYS for factor in own)
    ]
    return by_hand(pd.DataFrame(rows), TIME_FORECASTS)


def earned(share):
    return by_hand(pd.DataFrame({"as_of": [pd.Timestamp("2026-03-13")], "ev": [share]}), EARNED_VALUE)


def test_the_last_nine_stand_in_a_line_per_method_and_a_column_per_pace():
    # Planned value 1, 2 and 3 April, earned duration 4 to 6, earned schedule 7 and 8, its last one unknown.
    table = pd.concat(
        [
            nine("2026-03-06", first_day="2026-01-01"),
            nine("2026-03-13", first_day="2026-04-01", refuted=[0], known=8),
        ]
    )
    shown = time_forecasts_overview(table)
    assert shown["method"].tolist() == ["Planned value", "Earned duration", "Earned schedule"]
    assert shown["as_planned"].tolist() == ["already past", "4 Apr 2026", "7 Apr 2026"]
    assert shown["at_pace"].tolist() == ["2 Apr 2026", "5 Apr 2026", "8 Apr 2026"]
    assert shown["at_pace_and_cost"].tolist() == ["3 Apr 2026", "6 Apr 2026", "–"]


def test_a_pace_of_which_nothing_is_known_has_no_column():
    # Without costs every third forecast, the one by SCI, is missing.
    known = nine("2026-03-13", first_day="2026-04-01")
    sci = known["factor"].str.startswith("SCI")
    without = known.assign(
        eac_t_days=known["eac_t_days"].mask(sci), eac_t_finish=known["eac_t_finish"].mask(sci)
    )
    assert list(pace_columns(known)) == ["method", "as_planned", "at_pace", "at_pace_and_cost"]
    assert list(pace_columns(without)) == ["method", "as_planned", "at_pace"]


def test_the_reader_is_told_which_to_believe_and_why_some_lie_in_the_past():
    finding = time_forecasts_finding(earned(0.4), nine("2026-03-13", first_day="2026-04-01"))
    assert "believe the earned schedule with the rest as planned first: 7 Apr 2026" in finding
    assert "before today" not in finding
    late = time_forecasts_finding(earned(0.4), nine("2026-03-13", first_day="2026-04-01", refuted=[0, 1]))
    assert "2 of the nine lie before today already" in late


def test_of_what_is_complete_nothing_is_forecast():
    finding = time_forecasts_finding(earned(1.0), nine("2026-03-13", first_day="2026-04-01"))
    assert finding == "Everything is earned: there is nothing left to forecast."
