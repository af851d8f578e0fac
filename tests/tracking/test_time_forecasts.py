import numpy as np
import pandas as pd
import pytest
from tables_by_hand import plan_rows, status_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.earned_value import earned_value_table
from estimation.tracking.time_forecasts import time_forecast_table
from estimation.tracking.tracking_tables import TIME_FORECASTS


def forecasts(done, as_of, *, budget=None, cost=None):
    """Forecast ten weeks of a milestone each, from Monday 2 March 2026, of which the first ones are done."""
    plan = build_plan(
        plan_rows(
            *(
                {
                    "milestone": str(n),
                    "baseline_days": 5.0,
                    "depends_on": str(n - 1) if n > 1 else None,
                    "budget_cost": budget,
                }
                for n in range(1, 11)
            )
        )
    )
    said = [
        {"milestone": str(n), "actual_start": "2026-03-02", "actual_finish": as_of, "actual_cost": cost}
        for n in range(1, done + 1)
    ]
    status = status_rows(*(said or [{"milestone": "1"}])).assign(as_of=pd.Timestamp(as_of))
    table = time_forecast_table(plan, earned_value_table(plan, status, as_of=as_of))
    check_table(table, TIME_FORECASTS, "time forecasts")
    return table.set_index(["method", "factor"])


def test_the_nine_forecasts_of_half_planned_and_two_fifths_done():
    # PD 50 days, AT 25, EV .4, PV .5: SPI .8; 400 earned for 500 spent: CPI .8, SCI .64. ES 20, SPI(t) .8, SCI(t)
    # .64; ED = 25 x .8 = 20.
    table = forecasts(4, "2026-04-03", budget=100.0, cost=125.0)
    assert table["eac_t_days"].to_dict() == pytest.approx(
        {
            ("planned value", "1"): 55,  # 50 - (.4 - .5) x 50
            ("planned value", "SPI"): 62.5,  # 50 / .8
            ("planned value", "SCI"): 78.125,  # 50 / .64
            ("earned duration", "1"): 55,  # 25 + (50 - 20)
            ("earned duration", "SPI"): 62.5,  # 25 + 30 / .8
            ("earned duration", "SCI"): 71.875,  # 25 + 30 / .64
            ("earned schedule", "1"): 55,  # 25 + (50 - 20)
            ("earned schedule", "SPI(t)"): 62.5,  # 25 + 30 / .8
            ("earned schedule", "SCI(t)"): 71.875,  # 25 + 30 / .64
        }
    )
    assert table["performance"].tolist() == pytest.approx([1, 0.8, 0.64] * 3)
    # 55 working days from Mon 2 March are eleven weeks, Fri 15 May.
    assert table.loc[("earned schedule", "1"), "eac_t_finish"] == pd.Timestamp("2026-05-15")
    assert not table["refuted"].any()


def test_beyond_the_planned_end_the_planned_value_method_forecasts_what_is_already_wrong():
    # Fri 5 June, AT 70 and PD 50: nine of ten done, SPI .9. Planned value says 50 + .1 x 50 = 55 and 50 / .9 =
    # 55.6, both gone. Earned duration takes AT for PD: 70 + 70 - 63 = 77, or 70 / .9 = 77.8. ES 45: 70 + 5 = 75, 70
    # + 5 / (45 / 70).
    table = forecasts(9, "2026-06-05")
    days = table["eac_t_days"].dropna()
    assert days.tolist() == pytest.approx([55, 50 / 0.9, 77, 70 / 0.9, 75, 70 + 5 * 70 / 45])
    assert table["refuted"].to_dict() == {
        way: way[0] == "planned value" and way[1] != "SCI" for way in table.index
    }


def test_without_costs_factors_that_need_them_give_no_forecast():
    missing = forecasts(4, "2026-04-03")["eac_t_days"].isna()
    assert missing[missing].index.tolist() == [
        ("planned value", "SCI"),
        ("earned duration", "SCI"),
        ("earned schedule", "SCI(t)"),
    ]


def test_at_a_pace_of_zero_a_project_never_ends_and_has_no_forecast():
    # Two weeks gone and nothing done: AT 10, PV .2. Factor 1 takes the rest as planned: 60 days each.
    table = forecasts(0, "2026-03-13")
    assert table["eac_t_days"].dropna().to_dict() == pytest.approx(
        {(method, "1"): 60 for method in ("planned value", "earned duration", "earned schedule")}
    )
    assert table["eac_t_finish"].isna().sum() == 6
    assert not table["refuted"].any()


def test_no_duration_is_below_zero():
    # Mon 9 March, AT 6: five of ten done where one was planned, SPI 5. ED 30 of 50: 6 + 20 = 26; planned value
    # 50 - .4 x 50 = 30. Ten done on that day: SPI 10, ED 60, 6 + 50 - 60 = -4, which is no duration.
    assert forecasts(5, "2026-03-09")["eac_t_days"].iloc[[0, 3]].tolist() == pytest.approx([30, 26])
    assert forecasts(10, "2026-03-09")["eac_t_days"].iloc[3] == 0


def test_a_complete_project_is_not_called_refuted():
    assert not forecasts(10, "2026-06-05")["refuted"].any()


def test_each_status_date_has_its_nine_in_the_same_order():
    plan = build_plan(plan_rows({"milestone": "1", "baseline_days": 5.0}))
    days = [pd.Timestamp("2026-03-03"), pd.Timestamp("2026-03-05")]
    status = pd.concat(
        [status_rows({"milestone": "1", "percent_complete": 0.2}).assign(as_of=d) for d in days]
    )
    earned = earned_value_table(plan, status, as_of=days[-1], rule="percent")
    table = time_forecast_table(plan, earned)
    assert table["as_of"].tolist() == list(np.repeat(np.array(days, dtype="datetime64[s]"), 9))
    assert table["method"][:9].tolist() == table["method"][9:].tolist()
    # ES is one day of five at 20 %; day 2: 2 + 4, day 4: 4 + 4.
    schedule = table[(table["method"] == "earned schedule") & (table["factor"] == "1")]
    assert schedule["eac_t_days"].tolist() == pytest.approx([6, 8])
