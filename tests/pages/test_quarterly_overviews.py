import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.pages import quarterly_overviews as overviews
from estimation.review.quarterly.quarterly_tables import OVERRUN_CHANGE, RECOMMENDATIONS, RUNNING, SAVED
from estimation.review.quarterly.trend import BETTER, CHANCE
from estimation.scoring.dates_held import TOO_FEW


def table(contract, *rows) -> pd.DataFrame:
    return by_hand(pd.DataFrame(list(rows), columns=None if rows else list(contract)), contract)


RULES = {
    "dates-too-early": ({"item": "P80", "value": 9, "lower": 13, "upper": 19, "n": 20}, "Promise later dates",
                        "P80 held 9 of 20 times; an honest P80 holds 13 to 19."),
    "dates-too-cautious": ({"item": "P50", "value": 18, "lower": 6, "upper": 14, "n": 20}, "Promise earlier dates",
                           "P50 held 18 of 20 times; an honest P50 holds 6 to 14."),
    "running-delayed": ({"item": "Atlas", "value": 1, "n": 4}, "Decide now on Atlas",
                        "1 of 4 running projects is delayed by the evidence."),
    "largest-multiplier": ({"item": "data_preparation", "value": 2.4, "lower": 2.1, "upper": 2.7, "n": 74,
                            "standing": "trusted"}, "Multiply estimates of data preparation by 2.40",
                           "Its P80 multiplier, the largest of all phases: 2.40 (90 % interval 2.10 to 2.70), 74 "
                           "projects, closed or running, with finished work of it, trusted."),
    "costliest-cause": ({"item": "data_quality", "value": 200, "lower": 0.26, "n": 17}, "Work on data quality",
                        "It cost 200 working days in 17 projects, 26 % of all days lost in the last four quarters."),
    "causes-missing": ({"item": "-", "value": 80, "lower": 0.4, "n": 9}, "Write a cause beside every miss",
                       "40 % of the days lost in the last four quarters have none (80 working days in 9 projects)."),
    "forecasts-missing": ({"item": "kickoff", "value": 3, "n": 8}, "Publish a forecast at every kickoff",
                          "3 of 8 projects that started in the last four quarters had none."),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_each_recommendation_says_what_to_do_and_stands_on_its_numbers(rule):
    numbers, what, why = RULES[rule]
    said = overviews.recommendation_overview(table(RECOMMENDATIONS, {"rank": 1, "rule": rule, **numbers}))
    assert said["what"].iloc[0].startswith(what)
    assert said["why"].iloc[0] == why


def test_without_recommendations_the_table_is_empty():
    assert overviews.recommendation_overview(table(RECOMMENDATIONS)).empty


def test_a_change_reads_as_two_values_a_verdict_and_what_it_may_be():
    row = {
        "phase": "project", "bias_before": 1.3, "bias_now": 1.25, "bias_change_lower": -0.1, "bias_change_upper": 0.021,
        "bias_verdict": CHANCE, "spread_before": 0.4, "spread_now": 0.2, "spread_change_lower": -1.0,
        "spread_change_upper": -0.4, "spread_verdict": BETTER,
    }  # fmt: skip
    few = {"phase": "data", "bias_verdict": TOO_FEW, "spread_verdict": TOO_FEW}
    said = overviews.change_overview(table(OVERRUN_CHANGE, row, few))
    # Logarithms are written as percent: exp(-.1) is .905, exp(.021) 1.021, exp(-1) .368 and exp(-.4) .670.
    assert said.to_numpy().tolist() == [
        [
            "Whole projects",
            "1.30 → 1.25",
            "as before (−10 % to +2 %)",
            "0.40 → 0.20",
            "better (−63 % to −33 %)",
        ],
        ["Data", "–", "few", "–", "few"],
    ]


def test_days_saved_add_up_as_they_are_shown():
    # 16.94 and 14.74 are shown as 16.9 and 14.7, so 2.2 were saved; 5.86 and 5.84 as 5.9 and 5.8: 0.1, not 0.0.
    rows = [
        {"phase": "project", "plan_error_days": 16.94, "p50_error_days": 14.74, "saved_days": 2.2},
        {"phase": "data", "plan_error_days": 5.86, "p50_error_days": 5.84, "saved_days": 0.02},
        {"phase": "model", "plan_error_days": 11.6, "p50_error_days": 7.76, "saved_days": 3.84},
    ]
    said = overviews.saved_overview(
        table(SAVED, *({**row, "saved_lower": -1, "saved_upper": 4} for row in rows))
    )
    assert said["saved"].tolist() == ["2.2 (−1.0 to 4.0)", "0.1 (−1.0 to 4.0)", "3.8 (−1.0 to 4.0)"]


def test_chances_of_running_projects_are_never_certain():
    row = {"project": "atlas", "prob_committed": 0.0, "prob_kickoff": 0.99}
    said = overviews.running_overview(table(RUNNING, row)).iloc[0]
    assert said[["label", "chance_now", "chance_then"]].tolist() == ["atlas", "<5 %", ">95 %"]
