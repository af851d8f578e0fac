"""Reading a framework: the one that comes with the toolkit is complete, a faulty one is explained."""

from textwrap import dedent

import pytest

from estimation.errors import InputError
from estimation.ingest.framework_file import read_framework
from estimation.project.links import order_of_work

MILESTONES = {
    "1.1": "Data access confirmed",
    "1.2": "Data quality assessment complete",
    "1.3": "Technical approach approved",
    "1.4": "Project plan baselined",
    "2.1": "Data pipeline operational",
    "2.2": "Training dataset prepared",
    "2.3": "Data quality meets threshold",
    "3.1": "Baseline model trained",
    "3.2": "Model meets target performance",
    "3.3": "Model evaluation report delivered",
    "3.4": "Model approved for deployment",
    "4.1": "Deployment infrastructure ready",
    "4.2": "Model deployed to staging",
    "4.3": "Production deployment complete",
    "4.4": "Monitoring and alerting verified",
    "5.1": "Production validation complete",
    "5.2": "Documentation delivered",
    "5.3": "Knowledge transfer complete",
    "5.4": "Project acceptance signed",
}
SMALL = """\
    id: report
    name: Report
    phases:
      - id: build
        name: Build
        milestones:
          - id: "1"
            name: Draft written
            typical_days: 3
          - id: "2"
            name: Report delivered
            typical_days: 2.5
            depends_on: "1FS+1d"
            iterations_planned: 2
"""


@pytest.fixture
def written(tmp_path):
    """Write a framework file, with lines replaced."""

    def write(old="", new=""):
        path = tmp_path / "report.yaml"
        assert old in SMALL
        path.write_text(dedent(SMALL.replace(old, new)), encoding="utf-8")
        return path

    return write


def refusal(path):
    with pytest.raises(InputError) as caught:
        read_framework(path)
    return str(caught.value)


def test_the_five_phases_have_their_nineteen_milestones():
    framework = read_framework("ai_delivery")
    assert [phase.id for phase in framework.phases] == [
        "discovery",
        "data_preparation",
        "model_development",
        "deployment",
        "validation",
    ]
    assert {milestone.id: milestone.name for milestone in framework.milestones} == MILESTONES
    places = [phase.id for phase in framework.phases]
    assert all(places.index(each.phase) + 1 == int(each.id[0]) for each in framework.milestones)


def test_every_milestone_of_it_says_what_done_means_to_whom():
    for milestone in read_framework("ai_delivery").milestones:
        assert milestone.done_means.endswith(".")
        assert milestone.client_summary.endswith(".")
        assert milestone.owner_role


def test_work_that_need_not_wait_runs_side_by_side():
    framework = read_framework("ai_delivery")
    waits_for = {each: {link.milestone for link in links} for each, links in framework.dependencies.items()}

    def everything_before(milestone):
        before = set()
        for each in reversed(order_of_work(list(waits_for), framework.dependencies)):
            if each == milestone or each in before:
                before |= waits_for[each]
        return before

    assert not any(each.startswith(("2", "3")) for each in everything_before("4.1"))
    assert "4.3" not in everything_before("5.2")
    assert everything_before("5.4") == set(MILESTONES) - {"5.4"}


def test_experiments_are_planned_where_the_target_is_to_be_met():
    planned = {each.id: each.iterations_planned for each in read_framework("ai_delivery").milestones}
    assert {milestone for milestone, count in planned.items() if count} == {"3.2"}


def test_another_framework_is_another_file(written):
    framework = read_framework(written())
    first, second = framework.milestones
    assert (first.typical_days, first.depends_on, first.iterations_planned) == (3, "", None)
    assert (second.phase, second.depends_on, second.iterations_planned) == ("build", "1FS+1d", 2)


def test_optional_texts_may_stay_empty(written):
    assert read_framework(written('depends_on: "1FS+1d"', 'depends_on: ""')).milestones[1].depends_on == ""
    assert read_framework(written('depends_on: "1FS+1d"', "depends_on:")).milestones[1].depends_on == ""


def test_a_name_that_is_no_file_is_refused_with_those_there_are():
    assert refusal("ai_delivry") == (
        "There is no framework 'ai_delivry'; wanted a YAML file, or one of ai_delivery. "
        "Did you mean 'ai_delivery'?"
    )


def test_an_unknown_key_is_refused_with_the_nearest_one(written):
    message = refusal(written("typical_days: 3", "typical_day: 3"))
    assert "report.yaml, milestone '1': the key 'typical_day' is not known; wanted only id, name," in message
    assert "Did you mean 'typical_days'?" in message
    assert "report.yaml, milestone '1': 'typical_days' is missing; wanted working days" in message
    assert message.startswith("2 problems found; nothing was computed.")


def test_an_id_without_quotation_marks_is_refused(written):
    # 1.10 without quotation marks is the number 1.1: another milestone.
    message = refusal(written('id: "1"', "id: 1.10"))
    assert "report.yaml, milestone number 1 of phase 'build': id is the number 1.1" in message
    assert "wanted an id as text in quotation marks. Put it in quotation marks" in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "typical_days: 3",
            "typical_days: three",
            "typical_days is the text 'three'; wanted working days as a",
        ),
        (
            "typical_days: 3",
            "typical_days: 0",
            "typical_days is the number 0; wanted working days as a number",
        ),
        ("typical_days: 3", "typical_days: yes", "typical_days is yes; wanted working days as a number"),
        ("typical_days: 3", "typical_days: .inf", "typical_days is the number inf; wanted working days"),
        ("name: Draft written", "name: {a: b}", "name is a group of keys; wanted text"),
        ("name: Draft written", "name: [Draft]", "name is a list; wanted text"),
        (
            "iterations_planned: 2",
            "iterations_planned: 2.5",
            "iterations_planned is the number 2.5; wanted a whole",
        ),
        (
            "name: Report\n",
            "name:\n",
            "report.yaml: 'name' is missing; wanted text. Add 'name:' with its value.",
        ),
    ],
)
def test_a_value_of_another_kind_is_refused(written, old, new, said):
    assert said in refusal(written(old, new))


def test_what_is_no_framework_at_all_is_refused(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("- one\n- two\n")
    assert "list.yaml: there is a list; wanted the keys id, name, description, phases" in refusal(path)
    path.write_text("")
    assert "list.yaml: there is nothing; wanted the keys" in refusal(path)


def test_a_file_that_is_no_yaml_names_the_row(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("id: report\nname: 'Report\nphases: []\n")
    assert "broken.yaml, row 4: found unexpected end of stream; wanted readable YAML." in refusal(path)


def test_a_tag_that_would_run_code_is_refused(tmp_path):
    path = tmp_path / "evil.yaml"
    path.write_text("id: !!python/object/apply:os.getcwd []\n")
    assert "evil.yaml, row 1: could not determine a constructor for the tag" in refusal(path)


def test_parts_that_do_not_fit_together_name_the_file(written):
    message = refusal(written('depends_on: "1FS+1d"', 'depends_on: "7"'))
    assert message == (
        "report.yaml: Framework 'report': Milestone 2 depends on 7, which is no milestone of this plan. "
        "Name one of the milestones, or remove the link."
    )


def test_acceptance_criteria_have_blanks_to_fill_in():
    # The plan milestone itself has nothing to count.
    without = [each.id for each in read_framework("ai_delivery").milestones if "____" not in each.done_means]
    assert without == ["1.4"]


INTEGRATION = """\
    integration:
      follows: "1"
      needed_by: "2"
      name: Integration with {name} verified
      typical_days: 4
"""


def test_integrations_have_a_template_of_their_own(written):
    framework = read_framework(written("    phases:\n", INTEGRATION + "    phases:\n"))
    assert framework.integration.typical_days == 4
    assert read_framework(written()).integration is None
    assert read_framework("ai_delivery").integration.needed_by == "4.2"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "typical_days: 4",
            "typical_days: soon",
            "report.yaml, integration: typical_days is the text 'soon'",
        ),
        ('follows: "1"', 'folows: "1"', "Did you mean 'follows'?"),
        ("{name}", "it", "has no place for the system"),
    ],
)
def test_a_template_for_integrations_is_checked_like_the_rest(written, old, new, said):
    assert old in INTEGRATION
    assert said in refusal(written("    phases:\n", INTEGRATION.replace(old, new) + "    phases:\n"))


def test_an_integration_that_is_no_group_is_refused(written):
    assert "wanted a group of keys" in refusal(
        written("    phases:\n", "    integration: SAP\n    phases:\n")
    )
