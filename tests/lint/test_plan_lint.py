"""Whole plans: the framework's own is clean, the story's names what later went wrong."""

import re
from pathlib import Path

import pytest
from example import history as example_history
from models_by_hand import model_by_hand
from sound_plan import plan_like
from tables_by_hand import history

from estimation import lint_plan, read_plan
from estimation.ingest.framework_file import read_framework
from estimation.lint.plan_verdict import fit_to_baseline, plan_verdict
from estimation.project.closing import baseline_plan
from estimation.project.new_plan import new_plan
from estimation.project.plan import build_plan

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"


@pytest.fixture(scope="module")
def framework():
    return read_framework("ai_delivery")


@pytest.fixture(scope="module")
def example():
    return example_history()


@pytest.fixture(scope="module")
def story(example, framework):
    return lint_plan(baseline_plan(example, "nlp-claims"), history=example, framework=framework)


def filled_in(table):
    """Fill every blank of a new plan with a number."""
    return table.assign(
        acceptance_criteria=table["acceptance_criteria"].map(lambda text: re.sub("_{2,}", "12", text)),
        source="new plan, row 2",
    )


@pytest.mark.parametrize("integrations", [(), ("SAP", "Claims desk")])
def test_the_frameworks_own_plan_filled_in_is_clean(framework, integrations):
    template = framework.with_integrations(integrations)
    table = new_plan(template, project="p", start="2027-01-11")
    as_written = lint_plan(build_plan(table.assign(source="new plan, row 2")), framework=framework)
    assert set(as_written["rule"]) == {"blanks-left"}
    assert plan_verdict(lint_plan(build_plan(filled_in(table)), framework=framework)) == (
        "Fit to be baselined: nothing was found."
    )


def test_a_plan_twice_the_size_has_work_that_is_too_long(framework):
    table = filled_in(new_plan(framework, project="p", start="2027-01-11", size=2.0))
    findings = lint_plan(build_plan(table), framework=framework)
    # Twice 10, 6 and 8 days; the twelve of 3.2, doubled, are four experiments of six.
    assert findings["item"].tolist() == ["2.1", "2.2", "4.1", "5.2"]
    assert set(findings["rule"]) == {"longer-than-two-weeks"}


def test_the_plan_of_the_example_is_clean_until_history_speaks_of_data_and_promise(framework, example):
    plan = read_plan(EXAMPLE / "plans" / "contract-search.csv")
    assert lint_plan(plan, framework=framework).empty
    against = lint_plan(plan, history=example, framework=framework)
    warnings = against[against["severity"] == "warning"]
    assert warnings[["rule", "item"]].to_numpy().tolist() == [
        ["below-history", "2.1"],
        ["below-history", "2.2"],
        ["promise-unlikely", "contract-search"],
    ]


def test_the_story_is_not_fit_to_be_baselined(story):
    assert not fit_to_baseline(story)
    assert {"no-acceptance-criteria", "too-many-milestones", "promise-unlikely"} <= set(story["rule"])


@pytest.mark.parametrize(
    ("rule", "item", "says"),
    [
        # 2.2 was planned at three days and took eight: contradicting labels and unknown layouts.
        ("below-history", "2.2", "'Training dataset prepared' is planned at 3 working days"),
        ("usual-cause", "data_preparation", "lost days to data quality"),
        # 3.3 took one training iteration that nobody had planned.
        ("few-iterations", "model_development", "One more training iteration, planned by nobody"),
        # 4.2 met a platform older than the service.
        ("usual-cause", "deployment", "infrastructure"),
    ],
)
def test_the_storys_findings_name_what_later_went_wrong(story, rule, item, says):
    found = story[(story["rule"] == rule) & (story["item"] == item)]
    assert says in found["message"].iloc[0]


def test_only_what_was_known_then_counts(story, example):
    closed = example.groupby("project")["actual_finish"].max()
    n_known = (closed < "2026-02-02").sum()
    assert f"of {n_known} closed projects" in story.loc[story["rule"] == "usual-cause", "message"].iloc[0]


def test_a_plan_without_any_work_is_an_error_and_nothing_is_simulated():
    rows = [
        {"project": f"past {k}", "milestone": "a", "baseline_days": 5.0, "actual_days": 5.0}
        for k in range(12)
    ]
    past = history(*({**row, "closed_as": "delivered"} for row in rows))
    findings = lint_plan(plan_like(**{each: {"baseline_days": 0.0} for each in "abc"}), history=past)
    assert findings["severity"].tolist() == ["error"]


def test_the_same_seed_gives_the_same_findings():
    plan, model = plan_like(c={"promised_finish": "2026-03-13"}), model_by_hand(level=0.2)
    one, two = (lint_plan(plan, model=model, seed=3) for _ in range(2))
    assert one["rule"].tolist() == ["promise-unlikely"]
    assert one.equals(two)
