"""A plan beside the framework it was made from."""

from dataclasses import replace

from tables_by_hand import plan_rows

from estimation.findings import findings_table
from estimation.lint.against_framework import check_against_framework
from estimation.lint.rules import RULES
from estimation.project.framework import Framework, MilestoneTemplate, Phase
from estimation.project.plan import build_plan

PHASES = (Phase("build", "Build"), Phase("hand_over", "Hand over", "Nobody can run it otherwise."))
DRAFT = MilestoneTemplate("1", "build", "Draft model trained", typical_days=3)
CHECK = MilestoneTemplate(
    "2", "build", "Draft model checked by experts", 2, client_summary="You know its errors."
)
MANUAL = MilestoneTemplate("3", "hand_over", "Manual delivered", typical_days=2)
FRAMEWORK = Framework("small", "Small", "", PHASES, (DRAFT, CHECK, MANUAL))


def findings(*rows):
    plan = build_plan(plan_rows(*({"baseline_days": 2.0, **row} for row in rows)))
    table = findings_table(check_against_framework(plan, FRAMEWORK), RULES)
    return list(zip(table["rule"], table["item"], table["message"], strict=True))


ONE = {"milestone": "1", "phase": "Build", "name": "Draft model trained"}
TWO = {"milestone": "2", "phase": "build", "name": "Checked"}
THREE = {"milestone": "x", "phase": "hand-over", "name": "Manual delivered to the client"}


def test_a_plan_with_all_of_it_is_complete():
    # By id, by name whatever its case, and by half of the words: "manual delivered" of "manual delivered client".
    assert findings(ONE, TWO, THREE) == []


def test_a_missing_milestone_is_named_with_what_it_means():
    assert findings(ONE, THREE) == [
        (
            "missing-milestone",
            "2",
            "The plan has nothing like 2 'Draft model checked by experts' of the framework. You know its errors.",
        )
    ]


def test_a_missing_phase_is_said_once():
    assert findings(ONE, TWO) == [
        (
            "missing-phase",
            "hand_over",
            "The plan has no milestone of the phase 'Hand over'. Nobody can run it otherwise.",
        )
    ]


def test_a_plan_of_another_kind_is_not_held_to_it():
    other = {"milestone": "1", "phase": "walls", "name": "Walls up"}
    assert findings(other, {**other, "milestone": "2", "phase": "roof"}) == []
    wide = replace(FRAMEWORK, phases=(*PHASES, Phase("care", "Care")))
    plan = build_plan(plan_rows({**ONE, "baseline_days": 2.0}))
    assert list(check_against_framework(plan, wide)) == []  # one phase of three
