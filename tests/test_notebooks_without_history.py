"""Day one: kickoff and weekly review of an agency that has no closed project, every number marked."""

import re

import pandas as pd
import pytest
from openpyxl import load_workbook
from without_kernel import kernels_replaced

from estimation.publishing.results import load_results
from estimation.publishing.runner import run_notebook

PLAN = """\
project,milestone,phase,project_start,baseline_finish,depends_on
helios,1.1,discovery,2027-01-11,2027-01-15,
helios,2.1,data_preparation,,2027-02-05,1.1
helios,3.1,model_development,,2027-02-26,2.1
helios,4.1,deployment,,2027-03-05,3.1
"""
STATUS = """\
project,milestone,as_of,actual_start,actual_finish,forecast_finish
helios,1.1,2027-01-15,2027-01-11,2027-01-15,
helios,2.1,2027-01-29,2027-01-18,,2027-02-12
"""
RESTING = re.compile(
    r"P[589]0|Promise|Chance|Holds|Drives|Multiplier|Calibrated|Working target|Evidence|Finished by"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("day_one")
    (made / "plan.csv").write_text(PLAN, encoding="utf-8")
    (made / "status.csv").write_text(STATUS, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def kickoff(folder):
    given = {"plan_file": folder / "plan.csv", "model_file": "", "history": "", "iterations": "400"}
    with kernels_replaced():
        return run_notebook("kickoff", given, output_dir=folder / "kickoff")


@pytest.fixture(scope="module")
def weekly(folder):
    given = {"history": folder / "plan.csv", "status": folder / "status.csv", "model_file": ""}
    given |= {"project": "helios", "as_of": "2027-01-29", "iterations": "400"}
    with kernels_replaced():
        return run_notebook("weekly", given, output_dir=folder / "weekly")


@pytest.mark.parametrize("report", ["kickoff", "weekly"])
def test_every_tile_and_column_that_rests_on_the_model_is_marked(request, report):
    page = request.getfixturevalue(report).report.read_text(encoding="utf-8")
    names = re.findall(r"<(?:dt|th)[^>]*>([^<]+)</", page)
    resting = [name for name in names if RESTING.match(name)]
    assert len(resting) >= 8
    assert [name for name in resting if "(borrowed)" not in name] == []
    assert "Borrowed: no closed project of yours is behind these numbers" in page
    assert "53 published projects (Batselier &amp; Vanhoucke 2015)" in page
    assert load_results(request.getfixturevalue(report).folder).report["n_projects"] == 0


def test_the_promise_is_later_than_planned_and_the_plan_is_read_again(kickoff):
    whole = load_results(kickoff.folder).tables["forecast"].iloc[-1]
    assert whole["baseline_finish"] < whole["p50_finish"] < whole["p80_finish"] < whole["p90_finish"]
    assert load_workbook(kickoff.folder / "plan_p80.xlsx").sheetnames == ["plan (borrowed)"]


def test_the_plan_is_held_against_published_projects_where_there_are_no_others(kickoff):
    findings = load_results(kickoff.folder).tables["findings"]
    said = findings.loc[findings["rule"] == "planned-finish-unlikely", "message"]
    assert said.str.contains("borrowed from published projects: no closed project of yours").tolist() == [
        True
    ]


def test_data_preparation_late_by_a_week_leaves_the_project_in_doubt(weekly):
    results = load_results(weekly.folder)
    assert pd.Timestamp(results.headline["p80_finish"]) > pd.Timestamp("2027-03-05")
    assert "Weekly review: helios (borrowed)" in weekly.report.read_text(encoding="utf-8")
