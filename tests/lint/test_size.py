"""The cut of a plan: each rule with a plan that fires it and one that does not."""

import pytest
from sound_plan import fired, message, plan_like

from estimation.lint.size import check_size


def many(n, days):
    """So many milestones of some days, one after the other, behind c."""
    ids = ["c", *(f"d{k}" for k in range(n))]
    return {
        each: {"name": f"Result {k}", "baseline_days": days, "depends_on": ids[k]}
        for k, each in enumerate(ids[1:])
    }


# rule, item, a plan that fires it, one that does not, what the sentence says
CASES = [
    (
        "longer-than-two-weeks",
        "b",
        {"b": {"baseline_days": 11.0}},
        {"b": {"baseline_days": 10.0}},
        "takes 11 working days",
    ),
    (  # twelve days in four experiments are looked at every three days
        "longer-than-two-weeks",
        "b",
        {"b": {"baseline_days": 12.0}},
        {"b": {"baseline_days": 12.0, "iterations_planned": 4}},
        "takes 12 working days",
    ),
    (  # two milestones are enough for 20 days, four weeks; with 15 days of waiting in between they are not for seven
        "too-few-milestones",
        "p",
        {"without": ("b", "c")}
        | {
            "a": {"baseline_days": 10.0},
            "also": {
                "z": {"name": "Z shown", "baseline_days": 10.0, "depends_on": "a", "not_before": "2026-04-06"}
            },
        },
        {"without": ("b", "c")}
        | {
            "a": {"baseline_days": 10.0},
            "also": {"z": {"name": "Z shown", "baseline_days": 10.0, "depends_on": "a"}},
        },
        "has 2 milestones in 7 weeks, fewer than one in two weeks",
    ),
    (  # nine in 16 days, 3.2 weeks, are more than eight; seven in 14 days, 2.8 weeks, are 2.5 a week exactly
        "too-many-milestones",
        "p",
        {"also": many(6, 1.0)},
        {"also": many(4, 1.0)},
        "has 9 milestones in 3 weeks, more than 2.5 a week",
    ),
    (
        "single-data-milestone",
        "b",
        {"b": {"phase": "data_preparation"}},
        {"a": {"phase": "data_preparation"}, "b": {"phase": "Data preparation"}},
        "'Data preparation' has the single milestone b",
    ),
    (
        "single-data-milestone",
        "b",
        {"b": {"phase": "Data"}},
        {"b": {"phase": "database_setup"}},
        "with one milestone the first sign of trouble is the missed date",
    ),
    (
        "target-without-steps",
        "c",
        {"c": {"name": "Model meets target performance"}},
        {"b": {"name": "Baseline model trained"}, "c": {"name": "Model meets target performance"}},
        "c 'Model meets target performance' is the only reading",
    ),
    (
        "target-without-steps",
        "c",
        {"c": {"name": "Recall of 90 % reached"}},
        {"b": {"name": "Recall of 70 % reached"}, "c": {"name": "Recall of 90 % reached"}},
        "The last points take as long",
    ),
    (
        "target-without-steps",
        "c",
        {"c": {"name": "Accuracy target met"}},
        {"c": {"name": "Data quality meets threshold"}},
        "is the only reading",
    ),
    (
        "integration-without-milestone",
        "c",
        {"c": {"acceptance_criteria": "Service connected to SAP, 40 cases"}},
        {"b": {"name": "Integration with SAP verified"}, "c": {"description": "Connected to SAP"}},
        "c 'Report accepted' speaks of SAP",
    ),
]


@pytest.mark.parametrize(("rule", "item", "bad", "good", "says"), CASES)
def test_each_rule_fires_where_it_should_and_only_there(rule, item, bad, good, says):
    assert fired(check_size, plan_like(**bad)) == [(rule, item)]
    assert says in message(check_size, plan_like(**bad), rule)
    assert fired(check_size, plan_like(**good)) == []


def test_a_sound_plan_is_cut_well():
    assert fired(check_size, plan_like()) == []


def test_a_plan_in_which_nothing_takes_time_cannot_be_forecast():
    plan = plan_like(**{each: {"baseline_days": 0.0} for each in "abc"})
    assert fired(check_size, plan) == [("no-duration", "p")]
    assert "nothing to forecast" in message(check_size, plan, "no-duration")


def test_two_systems_in_one_milestone_have_no_milestone_each():
    plan = plan_like(b={"name": "Integrated with SAP and ServiceNow"})
    assert fired(check_size, plan) == [("integration-without-milestone", "b")] * 2


def test_a_milestone_for_each_system_is_enough():
    plan = plan_like(
        a={"name": "SAP integration verified", "description": "Integrations: SAP, ServiceNow"},
        b={"name": "ServiceNow answers a request"},
    )
    assert fired(check_size, plan) == []
