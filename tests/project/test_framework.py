"""A framework fits together, or says in a sentence what does not."""

from dataclasses import replace

import pytest

from estimation.errors import InputError
from estimation.project.framework import Framework, IntegrationTemplate, MilestoneTemplate, Phase
from estimation.project.links import Dependency

BUILD, CHECK = Phase("build", "Build"), Phase("check", "Check")
DRAFT = MilestoneTemplate("1", "build", "Draft written", typical_days=3)
REVIEW = MilestoneTemplate("2", "check", "Draft reviewed", typical_days=2, depends_on="1FS+1d")


def framework(*milestones, phases=(BUILD, CHECK)):
    return Framework("report", "Report", "", phases, milestones)


def test_dependencies_are_read_once_for_everyone():
    assert framework(DRAFT, REVIEW).dependencies == {"1": (), "2": (Dependency("1", "FS", 1.0),)}


def test_a_milestone_id_that_comes_twice_is_refused():
    with pytest.raises(InputError, match=r"'report': milestone id '1' comes 2 times; wanted each id once"):
        framework(DRAFT, replace(REVIEW, id="1", depends_on=""))


def test_a_phase_id_that_comes_twice_is_refused():
    with pytest.raises(InputError, match="phase id 'build' comes 2 times"):
        framework(DRAFT, phases=(BUILD, BUILD))


def test_an_unknown_phase_is_refused_with_the_nearest_one():
    with pytest.raises(
        InputError, match=r"milestone '2': phase 'chek' is not one of .* Did you mean 'check'\?"
    ):
        framework(DRAFT, replace(REVIEW, phase="chek"))


def test_an_unknown_predecessor_is_refused():
    with pytest.raises(InputError, match="'report': Milestone 2 depends on 9, which is no milestone"):
        framework(DRAFT, replace(REVIEW, depends_on="9"))


def test_an_unreadable_dependency_names_its_milestone():
    with pytest.raises(InputError, match=r"milestone '2': '1 1' in the dependencies '1 1' cannot be read"):
        framework(DRAFT, replace(REVIEW, depends_on="1 1"))


def test_a_circle_is_refused():
    with pytest.raises(InputError, match="circle: 1 -> 2 -> 1"):
        framework(replace(DRAFT, depends_on="2"), REVIEW)


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf")])
def test_a_length_that_is_not_above_zero_is_refused(days):
    with pytest.raises(InputError, match=r"typical_days is .* wanted working days above zero"):
        framework(replace(DRAFT, typical_days=days))


def test_no_iterations_are_left_out_rather_than_zero():
    with pytest.raises(InputError, match="iterations_planned is 0; wanted a whole number from 1"):
        framework(replace(DRAFT, iterations_planned=0))


def test_a_framework_needs_phases_and_milestones():
    with pytest.raises(InputError, match="2 phases and 0 milestones; wanted at least one of each"):
        framework()


CONNECT = IntegrationTemplate(
    "1", "2", "Integration with {name} verified", typical_days=4, waiting_on="Owner of {name}"
)


def with_template(template=CONNECT):
    return Framework("report", "Report", "", (BUILD, CHECK), (DRAFT, REVIEW), template)


def test_each_integration_is_a_milestone_between_what_it_follows_and_what_needs_it():
    wider = with_template().with_integrations(["SAP", " Claims  desk "])
    assert [each.id for each in wider.milestones] == ["1", "1.1", "1.2", "2"]
    sap, desk = wider.milestones[1:3]
    assert (sap.name, sap.waiting_on, sap.phase, sap.typical_days) == (
        "Integration with SAP verified",
        "Owner of SAP",
        "build",
        4,
    )
    assert desk.name == "Integration with Claims desk verified"
    assert wider.milestones[3].depends_on == "1FS+1d; 1.1; 1.2"
    assert [link.milestone for link in wider.dependencies["1.2"]] == ["1"]


def test_without_integrations_a_framework_stays_as_it_is():
    assert with_template().with_integrations([]) == with_template()


@pytest.mark.parametrize(
    ("names", "says"),
    [(["SAP", "sap"], "the integration 'SAP' comes twice"), ([" "], "an integration has no name")],
)
def test_a_name_twice_or_none_is_refused(names, says):
    with pytest.raises(InputError, match=says):
        with_template().with_integrations(names)


def test_a_framework_without_a_template_for_integrations_says_so():
    with pytest.raises(InputError, match="does not say what a milestone for an integration looks like"):
        framework(DRAFT, REVIEW).with_integrations(["SAP"])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"follows": "9"}, "integration: follows '9' is no milestone"),
        ({"needed_by": "3"}, "integration: needed_by '3' is no milestone"),
        ({"name": "Integration verified"}, "has no place for the system"),
    ],
)
def test_a_template_for_integrations_that_does_not_fit_is_refused(wrong, says):
    with pytest.raises(InputError, match=says):
        with_template(replace(CONNECT, **wrong))
