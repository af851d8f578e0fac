import pandas as pd
import pytest

from estimation.columns import keep_contract
from estimation.reporting import quarterly_overviews as overviews
from estimation.scoring.published import TOO_FEW
from estimation.tracking.quarterly.contracts import OVERRUN_CHANGE, RECOMMENDATIONS, RUNNING
from estimation.tracking.quarterly.trend import BETTER, CHANCE


def table(contract, *rows) -> pd.DataFrame:
    return keep_contract(pd.DataFrame(list(rows), columns=None if rows else list(contract)), contract)


RULES = {
    "dates-too-early": ({"item": "P80", "value": 9, "lower": 13, "upper": 19, "n": 20}, "Promise later dates",
                        "P80 held 9 of 20 times; 13 to 19 would be chance."),
    "dates-too-cautious": ({"item": "P50", "value": 18, "lower": 6, "upper": 14, "n": 20}, "Promise earlier dates",
                           "P50 held 18 of 20 times; 6 to 14 would be chance."),
    "running-delayed": ({"item": "Atlas", "value": 1, "n": 4}, "Decide now on Atlas",
                        "1 of 4 running projects is delayed by the evidence."),
    "largest-multiplier": ({"item": "data_preparation", "value": 2.4, "lower": 2.1, "upper": 2.7, "n": 74,
                            "standing": "trusted"}, "Multiply estimates of data preparation by 2.40",
                           "Its P80 multiplier, the largest of all phases: 2.40 (90 % interval 2.10 to 2.70), 74 "
                           "projects, trusted."),
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
    assert said.to_numpy().tolist() == [
        [
            "Whole projects",
            "1.30 → 1.25",
            "as before (−0.10 to +0.02)",
            "0.40 → 0.20",
            "better (−1.00 to −0.40)",
        ],
        ["Data", "–", "few", "–", "few"],
    ]


def test_chances_of_running_projects_are_never_certain():
    row = {"project": "atlas", "prob_committed": 0.0, "prob_kickoff": 0.99}
    said = overviews.running_overview(table(RUNNING, row)).iloc[0]
    assert said[["label", "chance_now", "chance_then"]].tolist() == ["atlas", "<5 %", ">95 %"]
