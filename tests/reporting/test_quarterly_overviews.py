import pandas as pd
import pytest

from estimation.columns import keep_contract
from estimation.reporting import quarterly_overviews as overviews
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


def test_what_is_no_more_than_chance_reads_as_before():
    row = {"phase": "project", "bias_verdict": CHANCE, "spread_verdict": BETTER}
    said = overviews.change_overview(table(OVERRUN_CHANGE, row)).iloc[0]
    assert said[["label", "bias_verdict", "spread_verdict"]].tolist() == [
        "Whole projects",
        "as before",
        "better",
    ]


def test_chances_of_running_projects_are_never_certain():
    row = {"project": "atlas", "prob_committed": 0.0, "prob_kickoff": 0.99}
    said = overviews.running_overview(table(RUNNING, row)).iloc[0]
    assert said[["label", "chance_now", "chance_then"]].tolist() == ["atlas", "<5 %", ">95 %"]
