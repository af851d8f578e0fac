"""Owners, criteria, names, meaning, waiting: each rule with a plan that fires it and one that does not."""

import pytest
from sound_plan import fired, message, plan_like

from estimation.findings import findings_table
from estimation.lint.descriptions import check_text
from estimation.lint.rules import RULES


def test_a_sound_plan_has_nothing_to_read_twice():
    assert fired(check_text, plan_like()) == []


# rule, the cell that fires it, the cell that does not, what the sentence says
CASES = [
    ("no-owner", {"owner": None}, {"owner": "Ms Ito"}, "b 'Letters labelled by two people' has no owner."),
    ("no-owner", {"owner": "tbd."}, {"owner": "Tbilisi office lead"}, "nobody warns about"),
    ("several-owners", {"owner": "Anna and Bob"}, {"owner": "Data and AI lead"}, "belongs to 'Anna and Bob'"),
    ("several-owners", {"owner": "Team"}, {"owner": "Team lead"}, "belongs to 'Team'"),
    ("several-owners", {"owner": "Anna Berg, Bob Cole"}, {"owner": "Berg, Anna"}, "relies on the others"),
    (
        "several-owners",
        {"owner": "Data lead / Platform engineer"},
        {"owner": "R&D lead"},
        "relies on the others",
    ),
    ("no-acceptance-criteria", {"acceptance_criteria": "n/a"}, {}, "has no acceptance criteria"),
    (
        "blanks-left",
        {"acceptance_criteria": "A sample of ____ letters is labelled"},
        {"acceptance_criteria": "A sample of 400 letters is labelled"},
        "a blank in its acceptance criteria: 'A sample of ____ letters is labelled'",
    ),
    (
        "blanks-left",
        {"acceptance_criteria": "Threshold to be agreed with the sponsor"},
        {"acceptance_criteria": "Threshold agreed with the sponsor in writing"},
        "'Threshold to be agreed with the sponsor'",
    ),
    (
        "vague-criteria",
        {"acceptance_criteria": "The labels are of good quality"},
        {"acceptance_criteria": "Good quality: 9 of 10 labels agree"},
        "counts as done when: 'good quality'",
    ),
    ("vague-criteria", {"acceptance_criteria": "Done"}, {}, "counts as done when: 'Done'"),
    (
        "status-name",
        {"name": "Model development in progress"},
        {"name": "Model finds nine of ten defects"},
        "b 'Model development in progress' is a status",
    ),
    ("status-name", {"name": "Development"}, {"name": "Development complete"}, "is an activity"),
    (
        "status-name",
        {"name": "Model deployment"},
        {"name": "Model approved for deployment"},
        "is an activity",
    ),
    ("status-name", {"name": "Data cleaning 2"}, {"name": "Data cleaned"}, "is an activity"),
    ("status-name", {"name": "Rollout started"}, {"name": "Getting started guide delivered"}, "is a status"),
    ("no-client-meaning", {"client_summary": None}, {}, "does not say what it means to the client"),
    (
        "waiting-unnamed",
        {"waiting_on": "Client, for data"},
        {"waiting_on": "Client data owner, for data"},
        "waits for 'Client, for data'",
    ),
    (
        "waiting-unnamed",
        {"waiting_on": "third party"},
        {"waiting_on": "Hosting firm Nord"},
        "nobody in particular",
    ),
    (
        "waiting-not-recorded",
        {"notes": "Waiting for access to the archive, then two days."},
        {"notes": "Waiting for access to the archive.", "waiting_on": "Archive manager"},
        "says 'Waiting for access to the archive'",
    ),
    (
        "waiting-not-recorded",
        {"description": "The client provides the exports"},
        {"description": "The client saw the exports"},
        "says 'The client provides the exports'",
    ),
]


@pytest.mark.parametrize(("rule", "bad", "good", "says"), CASES)
def test_each_rule_fires_where_it_should_and_only_there(rule, bad, good, says):
    assert fired(check_text, plan_like(b=bad)) == [(rule, "b")]
    assert says in message(check_text, plan_like(b=bad), rule)
    assert fired(check_text, plan_like(b=good)) == []


def test_a_status_is_answered_with_a_result_about_the_same_thing():
    findings = findings_table(check_text(plan_like(b={"name": "Model development in progress"})), RULES)
    assert findings["remedy"].tolist() == [
        "Say what will be true: 'Model finds nine of ten defects in last month's images'."
    ]
