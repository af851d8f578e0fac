"""Every notebook runs on the example, through the runner that the command uses, with few iterations."""

import pandas as pd
import pytest

from estimation.reporting.model_file import load_model
from estimation.reporting.results import load_results
from estimation.reporting.runner import run_notebook
from estimation.tracking.client_board import CLIENT_BOARD


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


@pytest.fixture(scope="module")
def quarterly(tmp_path_factory):
    given = {"iterations": "200", "quarters": "4", "quarter": "2026-Q3"}
    return run_notebook("quarterly", given, output_dir=tmp_path_factory.mktemp("quarterly"))


def test_the_story_lost_five_days_at_each_of_its_three_causes(variance):
    # Planned five weeks (25 working days), took eight (40): fifteen days, five of each cause.
    results = load_results(variance.folder)
    causes = results.tables["causes"]
    assert results.headline["slip_days"] == 15
    assert causes["milestone"].tolist() == ["2.2", "3.3", "4.2"]
    assert causes["own_slip_days"].tolist() == [5, 5, 5]
    assert causes["cause"].tolist() == ["data_quality", "model_iterations", "infrastructure"]


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


def test_the_kickoff_saves_a_board_for_the_client_without_anything_internal(kickoff):
    board = load_results(kickoff.folder).tables["client_board"]
    assert list(board.columns) == list(CLIENT_BOARD)
    # 19 milestones of the example's next plan; its promise of 3 March 2027 is none the forecast keeps.
    assert len(board) == 19
    assert (kickoff.folder / "client_board.xlsx").is_file()
    page = kickoff.report.read_text(encoding="utf-8")
    assert "not yet fit to be sent. 5.4 Project acceptance signed is promised for 3 Mar 2027" in page


def test_the_project_that_drifts_in_silence_is_delayed_by_the_evidence_and_yellow_by_its_reports(weekly):
    results = load_results(weekly.folder)
    trajectory, findings = results.tables["trajectory"], results.tables["findings"]
    assert results.headline["evidence"] == "delayed"
    assert trajectory["reported_status"].iloc[-1] == "yellow"
    assert pd.Timestamp(results.headline["left_on_track"]) < trajectory["as_of"].iloc[-6]
    assert findings["rule"].iloc[0] == "green-until-red"
    # Its dates move by themselves where the data is prepared, not by chance.
    assert results.tables["patterns"]["value"].iloc[0] == "data_preparation"


def test_the_week_shows_nine_forecasts_from_earned_value_and_which_to_believe(weekly):
    results = load_results(weekly.folder)
    forecasts, earned = results.tables["time_forecasts"], results.tables["earned_value"]
    assert len(forecasts) == 9 * len(earned)
    best = forecasts[(forecasts["method"] == "earned schedule") & (forecasts["factor"] == "1")]
    assert best["eac_t_days"].iloc[-1] == earned["eac_t_days"].iloc[-1]
    assert "believe the earned schedule" in weekly.report.read_text(encoding="utf-8")


def test_the_agenda_of_the_week_fits_one_page(weekly):
    agenda = load_results(weekly.folder).tables["agenda"]
    assert len(agenda) <= 25
    assert agenda["section"].iloc[0] == "decide"
    assert "Silent move" in weekly.report.read_text(encoding="utf-8")


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
