"""Every notebook runs on the example, through the runner that the command uses, with few iterations."""

import pandas as pd
import pytest

from estimation.reporting.model_file import load_model
from estimation.reporting.results import load_results
from estimation.reporting.runner import run_notebook


@pytest.fixture(scope="module")
def variance(tmp_path_factory):
    return run_notebook("variance", output_dir=tmp_path_factory.mktemp("variance"))


@pytest.fixture(scope="module")
def calibration(tmp_path_factory):
    return run_notebook("calibration", output_dir=tmp_path_factory.mktemp("calibration"))


@pytest.fixture(scope="module")
def kickoff(tmp_path_factory, calibration):
    given = {"iterations": "400", "model_file": calibration.folder / "model.json"}
    return run_notebook("kickoff", given, output_dir=tmp_path_factory.mktemp("kickoff"))


@pytest.fixture(scope="module")
def weekly(tmp_path_factory):
    return run_notebook("weekly", {"iterations": "400"}, output_dir=tmp_path_factory.mktemp("weekly"))


QUARTER = {"iterations": "200", "quarters": "4", "quarter": "2026-Q3"}


@pytest.fixture(scope="module")
def quarterly(tmp_path_factory):
    return run_notebook("quarterly", QUARTER, output_dir=tmp_path_factory.mktemp("quarterly"))


def test_the_story_lost_five_days_at_each_of_its_three_causes(variance):
    # Planned five weeks (25 working days), took eight (40): fifteen days, five of each cause.
    results = load_results(variance.folder)
    causes = results.tables["causes"]
    assert results.headline["slip_days"] == 15
    assert causes["milestone"].tolist() == ["2.2", "3.3", "4.2"]
    assert causes["own_slip_days"].tolist() == [5, 5, 5]
    assert causes["cause"].tolist() == ["data_quality", "model_iterations", "infrastructure"]


def test_the_fifteen_days_of_the_story_are_divided_five_five_and_five_without_remainder(variance):
    # Data cleaning at 2.2, one more iteration at 3.3, infrastructure at 4.2: one after the other, so each in full.
    tables = load_results(variance.folder).tables
    shares = tables["shares"].set_index("milestone")["project_days"]
    assert shares[["2.2", "3.3", "4.2"]].tolist() == [5, 5, 5]
    assert shares.sum() == shares.abs().sum() == 15
    assert tables["shares_by_phase"]["project_days"].tolist() == [5, 5, 5]
    assert tables["shares_by_part"][["value", "project_days"]].to_numpy().tolist() == [["estimate_error", 15]]


def test_the_story_left_its_track_in_week_three_and_the_kickoff_could_have_known(variance):
    results = load_results(variance.folder)
    assert (results.headline["left_track_week"], results.headline["reported_then"]) == (3, "green")
    assert results.headline["left_track_on"] == "2026-02-20"
    # Planned for 6 March, ended on 27 March: half of the courses known at kickoff end after the plan, by days.
    dates = [results.headline[f"kickoff_{level}"] for level in ("p50", "p80", "p90")]
    assert dates == sorted(dates)
    assert "2026-03-06" < dates[0] < "2026-03-27"
    page = variance.report.read_text(encoding="utf-8")
    assert "It left its track in week 3 (20 Feb 2026) and never came back" in page
    assert "the report of that week said green" in page


def test_the_story_was_reported_green_for_six_weeks_while_its_dates_said_otherwise(variance):
    reported = load_results(variance.folder).tables["reported"]
    assert reported["reported_status"].tolist() == ["green"] * 6 + ["yellow", "red"]
    assert reported.loc[reported["n_overdue"] > 0, "week"].min() == 3


def test_the_page_of_the_story_names_causes_and_days(variance):
    page = variance.report.read_text(encoding="utf-8")
    for words in ("Data quality", "Model iterations", "Infrastructure", "15 working days late"):
        assert words in page


def test_the_calibration_says_which_phase_to_multiply_by_what(calibration):
    table = load_results(calibration.folder).tables["multipliers"]
    p80 = table[table["level"] == 0.8].set_index("phase")["multiplier"]
    assert p80.drop("any other phase").idxmax() == "data_preparation"
    made = load_model(calibration.folder / "model.json")
    assert made.n_projects == 72
    # The model of the example, which the kickoff report starts from, forecasts the way this backtest chose.
    assert made.finish_way == load_model("data/example/model.json").finish_way


def test_the_forecast_gives_dates_in_order_and_the_chance_of_the_plan(kickoff):
    forecast = load_results(kickoff.folder).tables["forecast"]
    whole = forecast.iloc[-1]
    assert whole["milestone"] == "project"
    assert whole["p10_finish"] <= whole["p50_finish"] < whole["p80_finish"] < whole["p95_finish"]
    assert whole["baseline_finish"] < whole["p50_finish"]
    assert 0 <= whole["prob_baseline"] < 0.5


def test_the_forecast_opens_with_what_is_to_be_said_about_the_plan(kickoff):
    findings = load_results(kickoff.folder).tables["findings"]
    assert "promise-unlikely" in set(findings["rule"])
    page = kickoff.report.read_text(encoding="utf-8")
    assert page.index("Is the plan worth forecasting?") < page.index("When it will be finished")
    assert "Can be forecast, but is not fit to be baselined yet" in page
    assert findings["message"].iloc[0].partition("'")[0] in page


def test_the_project_that_drifts_in_silence_is_delayed_by_the_evidence_and_yellow_by_its_reports(weekly):
    results = load_results(weekly.folder)
    trajectory, findings = results.tables["trajectory"], results.tables["findings"]
    assert results.headline["evidence"] == "delayed"
    assert trajectory["reported_status"].iloc[-1] == "yellow"
    assert pd.Timestamp(results.headline["left_on_track"]) < trajectory["as_of"].iloc[-6]
    assert findings["rule"].iloc[0] == "green-until-red"
    # Its dates move by themselves where the data is prepared, not by chance.
    assert results.tables["patterns"]["value"].iloc[0] == "data_preparation"


def test_the_agenda_of_the_week_fits_one_page(weekly):
    agenda = load_results(weekly.folder).tables["agenda"]
    assert len(agenda) <= 25
    assert agenda["section"].iloc[0] == "decide"
    assert "Silent move" in weekly.report.read_text(encoding="utf-8")


def test_a_second_run_of_the_quarter_writes_the_same_bytes(quarterly, tmp_path):
    again = run_notebook("quarterly", QUARTER, output_dir=tmp_path)
    names = sorted(path.name for path in quarterly.folder.iterdir())
    assert names == sorted(path.name for path in again.folder.iterdir())
    differ = [
        name for name in names if (quarterly.folder / name).read_bytes() != (again.folder / name).read_bytes()
    ]
    assert differ == ["notebook.ipynb"]  # which keeps the time of the run


def test_the_quarter_says_whether_dates_held_and_what_to_do(quarterly):
    results = load_results(quarterly.folder)
    kept, advice = results.tables["promises_kept"], results.tables["recommendations"]
    pooled = kept[(kept["period"] == "2025Q4 to 2026Q3") & (kept["level"] == 0.8)].iloc[0]
    # 22 projects closed in these quarters; a date may come due in a quarter without its project closing in it.
    assert 18 <= pooled["n_due"] <= 26
    assert results.report["as_of"] == "2026-09-30"
    assert len(results.tables["closed"]) == 22
    assert 1 <= len(advice) <= 3
    page = quarterly.report.read_text(encoding="utf-8")
    assert page.index(f"{pooled['n_held']} of {pooled['n_due']}") < page.index("What to do differently")
    assert page.index("What to do differently") < page.index("Did the dates hold?")


@pytest.mark.parametrize("report", ["variance", "calibration", "kickoff", "weekly", "quarterly"])
def test_each_page_is_complete_and_loads_nothing(request, report):
    result = request.getfixturevalue(report)
    page = result.report.read_text(encoding="utf-8")
    facts = load_results(result.folder).report
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert page.count("<figure") >= 2
    assert facts["data_hash"][:12] in page
    assert "Status date" in page
    assert pd.Timestamp(facts["as_of"]).year >= 2025
