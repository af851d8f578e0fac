"""Every notebook runs on the example once, through the runner that the command uses, with few iterations.

What else a report says is asked without a kernel.
"""

import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient
from without_kernel import kernels_replaced

from estimation.publishing.model_file import load_model
from estimation.publishing.results import load_results
from estimation.publishing.runner import run_notebook
from estimation.tracking.client_board import CLIENT_BOARD

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "data" / "example"
KICKOFF = {"iterations": "400", "plan_file": EXAMPLE / "plans" / "contract-search.csv"}
QUARTER = {"iterations": "200", "quarters": "4", "quarter": "2026-Q3", "finish_way": "record"}


@pytest.fixture(scope="module")
def variance(tmp_path_factory):
    return run_notebook("variance", {"iterations": "2000"}, output_dir=tmp_path_factory.mktemp("variance"))


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    return run_notebook("replay", {"iterations": "200"}, output_dir=tmp_path_factory.mktemp("replay"))


@pytest.fixture(scope="module")
def calibration(tmp_path_factory):
    """What every sixth project of the example teaches, twelve of them."""
    history = pd.read_csv(EXAMPLE / "history.csv", dtype="str")
    names = history["project"].unique()[::6]
    folder = tmp_path_factory.mktemp("calibration")
    history[history["project"].isin(names)].to_csv(folder / "history.csv", index=False)
    given = {"history": folder / "history.csv", "origins": "2"}
    return run_notebook("calibration", given, output_dir=folder / "report")


@pytest.fixture(scope="module")
def kickoff(tmp_path_factory, calibration):
    given = {**KICKOFF, "model_file": calibration.folder / "model.json"}
    return run_notebook("kickoff", given, output_dir=tmp_path_factory.mktemp("kickoff"))


@pytest.fixture(scope="module")
def weekly(tmp_path_factory):
    return run_notebook("weekly", {"iterations": "400"}, output_dir=tmp_path_factory.mktemp("weekly"))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """The other running project, and the question what follows if 4.3 slips ten days."""
    given = {
        "iterations": "400",
        "project": "demand-forecast",
        "status": EXAMPLE / "status" / "demand-forecast.csv",
        "what_if": "4.3",
        "slip_days": "10",
    }
    with kernels_replaced():
        return run_notebook("weekly", given, output_dir=tmp_path_factory.mktemp("healthy"))


@pytest.fixture(scope="module")
def week_three(tmp_path_factory):
    return run_notebook("client", output_dir=tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def week_five(tmp_path_factory):
    status = EXAMPLE / "status" / "nlp-claims.csv"
    given = {"as_of": "2026-03-06", "status": status, "allow_unexplained": True}
    with kernels_replaced():
        return run_notebook("client", given, output_dir=tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def quarterly(tmp_path_factory):
    return run_notebook("quarterly", QUARTER, output_dir=tmp_path_factory.mktemp("quarterly"))


def test_the_replay_says_what_its_table_says(replay):
    results = load_results(replay.folder)
    table = results.tables["replay"]
    assert results.headline["Plans that held"] == f"{table['held_plan'].sum()} of {len(table)}"
    assert results.headline["Dates at 80 % that held"] == f"{table['held_p80'].sum()} of {len(table)}"
    # The story project is the one with weekly statuses among them; it ended on 27 March.
    warnings = results.tables["warnings"]
    assert warnings["project"].tolist() == ["nlp-claims"]
    weeks = warnings["weeks_before_end"].iloc[0]
    assert results.headline["First warning before the end"] == f"{weeks:.0f} weeks"
    assert f"Of {len(table)} plans" in replay.report.read_text(encoding="utf-8")


def test_the_story_lost_five_days_at_each_of_its_three_causes(variance):
    # Planned five weeks (25 working days), took eight (40): fifteen days, five of each cause.
    results = load_results(variance.folder)
    causes = results.tables["causes"]
    assert results.headline["slip_days"] == 15
    assert causes["milestone"].tolist() == ["2.2", "3.3", "4.2"]
    assert causes["own_slip_days"].tolist() == [5, 5, 5]
    assert causes["cause"].tolist() == ["data_quality", "extra_iteration", "infrastructure"]


def test_the_fifteen_days_of_the_story_are_divided_five_five_and_five_without_remainder(variance):
    # Data cleaning at 2.2, one more iteration at 3.3, infrastructure at 4.2: one after the other, so each in full.
    tables = load_results(variance.folder).tables
    shares = tables["shares"].set_index("milestone")["project_days"]
    assert shares[["2.2", "3.3", "4.2"]].tolist() == [5, 5, 5]
    assert shares.sum() == shares.abs().sum() == 15
    assert tables["shares_by_phase"]["project_days"].tolist() == [5, 5, 5]
    assert tables["shares_by_part"][["value", "project_days"]].to_numpy().tolist() == [["estimate_error", 15]]


def test_the_story_was_off_track_from_week_one_and_the_kickoff_could_have_known(variance):
    results = load_results(variance.folder)
    assert (results.headline["left_track_week"], results.headline["reported_then"]) == (1, "green")
    # Less than one chance in ten at kickoff: delayed by the evidence on the first Friday.
    assert results.headline["left_track_on"] == "2026-02-06"
    # Planned for 6 March, ended on 27 March: half of the courses known at kickoff end after the plan, by days.
    dates = [results.headline[f"kickoff_{level}"] for level in ("p50", "p80", "p90")]
    assert dates == sorted(dates)
    assert "2026-03-06" < dates[0] < "2026-03-27"
    page = variance.report.read_text(encoding="utf-8")
    assert "Off track from week 1 (6 Feb 2026) to the end" in page
    assert "the report of that week said green" in page


def test_the_story_was_reported_green_for_six_weeks_while_its_dates_said_otherwise(variance):
    reported = load_results(variance.folder).tables["reported"]
    assert reported["reported_status"].tolist() == ["green"] * 6 + ["yellow", "red"]
    assert reported.loc[reported["n_overdue"] > 0, "week"].min() == 3


def test_the_page_of_the_story_names_causes_and_days(variance):
    page = variance.report.read_text(encoding="utf-8")
    for words in ("Data quality", "Extra iteration", "Infrastructure", "15 working days late"):
        assert words in page


def test_the_calibration_says_which_phase_to_multiply_by_what(calibration):
    table = load_results(calibration.folder).tables["multipliers"]
    p80 = table[table["level"] == 0.8].set_index("phase")["multiplier"]
    assert p80.drop("any other phase").idxmax() == "data_preparation"
    made = load_model(calibration.folder / "model.json")
    assert made.n_projects == 12
    assert made.finish_way in ("record", "chained")


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
    # 19 milestones of the example's next plan; its promise of 31 March 2027 is none the forecast keeps.
    assert len(board) == 19
    assert (kickoff.folder / "client_board.xlsx").is_file()
    needed = board.dropna(subset="needed_by")
    assert len(needed) == 12
    assert (needed["needed_by"] <= needed["finish_by"]).all()
    page = kickoff.report.read_text(encoding="utf-8")
    assert "not yet fit to be sent. 5.4 Project acceptance signed is promised for 31 Mar 2027" in page


def test_the_project_that_drifts_in_silence_is_delayed_by_the_evidence_and_yellow_by_its_reports(weekly):
    results = load_results(weekly.folder)
    trajectory, findings = results.tables["trajectory"], results.tables["findings"]
    assert results.headline["evidence"] == "delayed"
    assert trajectory["reported_status"].iloc[-1] == "yellow"
    # Agreed without a reserve, the date never had an even chance: off track from the first review, and never back.
    left = pd.Timestamp(results.headline["left_on_track"])
    assert trajectory["as_of"].iloc[0] == left
    # Its chance at kickoff, 15 %, is an alarm by itself. It eases while work is reported on plan; the drift begins
    # early and shows late: from 9 October on the alarm stands, two reviews at least before a report is not green.
    project = results.tables["evidence"].query("milestone == 'project'")
    assert project["alarm"].iloc[0]
    assert not project["alarm"].iloc[3:7].any()
    assert project["alarm"].iloc[-5:].all()
    told = trajectory.loc[trajectory["reported_status"] != "green", "as_of"].min()
    lost = np.busday_count(left.date(), told.date())
    assert lost >= 10
    assert (trajectory.loc[trajectory["as_of"] >= left, "evidence"] != "on track").all()
    assert findings["rule"].iloc[0] == "green-until-red"
    assert findings["lost_days"].iloc[0] == lost
    # Its dates move by themselves where the data is prepared, not by chance.
    assert results.tables["patterns"]["value"].iloc[0] == "data_preparation"


def test_the_week_shows_nine_forecasts_from_earned_value_and_which_to_believe(weekly):
    results = load_results(weekly.folder)
    forecasts, earned = results.tables["time_forecasts"], results.tables["earned_value"]
    assert len(forecasts) == 9 * len(earned)
    best = forecasts[(forecasts["method"] == "earned schedule") & (forecasts["factor"] == "1")]
    assert best["eac_t_days"].iloc[-1] == earned["eac_t_days"].iloc[-1]
    assert "believe the earned schedule" in weekly.report.read_text(encoding="utf-8")


def test_the_healthy_project_raises_no_alarm_in_any_week(healthy):
    results = load_results(healthy.folder)
    assert set(results.tables["trajectory"]["evidence"]) == {"on track"}
    assert not {"green-until-red", "silent-optimism", "silent-move"} & set(results.tables["findings"]["rule"])


@pytest.mark.parametrize("report", ["weekly", "healthy"])
def test_the_review_ends_with_an_agenda_of_one_page(request, report):
    result = request.getfixturevalue(report)
    agenda = load_results(result.folder).tables["agenda"]
    # A printed page takes a good thirty lines of a table; a milestone's line takes up to three.
    assert len(agenda) <= 12
    assert agenda["section"].iloc[0] == ("decide" if report == "weekly" else "next fourteen days")
    page = result.report.read_text(encoding="utf-8")
    last = page.index('<div class="prose own-page"><h2>Agenda</h2>')
    assert "<h2" not in page[last + 40 :]
    assert page.count('own-page"') == 1


def test_the_silent_drift_is_told_with_its_moves_its_misses_and_the_dates_left_behind(weekly):
    results = load_results(weekly.folder)
    rules = set(results.tables["findings"]["rule"])
    assert {"silent-move", "silent-optimism", "miss-without-record"} <= rules
    misses = results.tables["misses"]
    # Nobody told the client of any miss.
    assert misses["told_client_on"].isna().all()
    # The first, 1.2 of Wed 26 August, is ten weeks and two days old on Fri 6 November.
    assert misses["word_days"].iloc[0] == 52
    assert "15 milestones missed their planned date, 8 of them open" in weekly.report.read_text(
        encoding="utf-8"
    )


def test_the_cascade_is_that_of_the_latest_milestone_where_none_is_named(weekly):
    results = load_results(weekly.folder)
    assert results.inputs["what_if"] == "3.1"
    assert results.tables["at_risk"]["milestone"].iloc[0] == "3.1"


def test_a_project_manager_can_ask_what_follows_if_a_milestone_slips(healthy):
    # 5.1 ends on Mon 30 November, then on Mon 14 December. The acceptance takes a day and is booked for Mon 7 December;
    # then it ends on Tue 15 December: six days later, four of the ten are taken up. 5.2 does not wait for 4.3.
    results = load_results(healthy.folder)
    cascade = results.tables["cascade"].set_index("milestone")
    assert cascade.index.tolist() == ["4.3", "4.4", "5.1", "5.3", "5.4", "project"]
    assert cascade.loc[["4.3", "4.4", "5.1"], "move_days"].tolist() == [10, 10, 10]
    assert cascade.loc["project", ["move_days", "absorbed_days"]].tolist() == [6, 4]
    assert cascade.loc["5.4", "promise"] == "broken by the slip"
    assert cascade.loc["5.4", "tell_client"]
    assert "If 4.3 Production deployment complete finishes 10 working days later" in healthy.report.read_text(
        encoding="utf-8"
    )


def test_in_week_three_the_client_report_says_what_the_sponsor_needed(week_three):
    # Reported green. 2.2 took five days more, so the end moves from 6 to 13 March, three days after the promise; see
    # data/example/story.py.
    page = week_three.report.read_text(encoding="utf-8")
    told = (
        "End as it stands now</dt><dd>13 Mar 2026",  # the first screen
        "2.2 Training dataset prepared: 13 Feb → 20 Feb 2026, done 5 working days late",  # which one, old and new date
        "A fifth of the labels contradicted each other",  # why
        "to 5.4 Project acceptance signed (10 Mar → 13 Mar 2026)",  # what moves after it
        "With two of your claims experts judging long letters",  # what we do about it
        "Two of your claims experts for two days",  # what we need
    )
    for words in told:
        assert words in page, words
    assert "24 Feb 2026" in page[page.index("What we need from you") :]  # and by when
    assert "green" not in page
    assert "Not explained" not in page
    assert page.index("8 of 19 milestones are done") < page.index("<figure")
    assert load_results(week_three.folder).headline["late_days"] == 3


def test_in_week_five_the_client_report_names_both_delays_and_warns_that_nobody_said_why(week_five):
    page = week_five.report.read_text(encoding="utf-8")
    first = page.index("Not explained: dates moved")
    assert first < page.index("The end moves to 20 Mar 2026, 8 working days after the agreed 10 Mar 2026")
    assert "3.3 Model evaluation report delivered: 20 Feb → 6 Mar 2026, done 10 working days late" in page
    assert "2.2 Training dataset prepared: 13 Feb → 20 Feb 2026, done 5 working days late" in page
    assert "No reason has been written down yet." in page
    assert "!! Not explained" in (week_five.folder / "email.txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_client_report_runs_in_jupyterlab_as_it_stands(tmp_path):
    # Run All starts in notebooks/ and is told nothing; only where it writes is changed here.
    notebook = nbformat.read(ROOT / "notebooks" / "05_client_status.ipynb", as_version=4)
    told = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    made = tmp_path / "scratch" / "client"  # not there yet, as in a fresh copy of the toolkit
    told.source = told.source.replace("../reports/scratch/client", str(made))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    assert (made / "email.txt").read_text(encoding="utf-8").startswith("Subject: Claims letters NLP pipeline")


def test_the_client_is_shown_the_status_date_and_nothing_of_how_the_report_is_made(week_three):
    page = week_three.report.read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "Status date" in page
    for absent in ("Projects behind it", "Toolkit", "not stated"):
        assert absent not in page


@pytest.mark.slow
def test_a_second_run_writes_the_same_bytes(calibration, kickoff, tmp_path):
    # The report that draws, charts, and writes a workbook; what the quarter adds is run twice in its own tests.
    given = {**KICKOFF, "model_file": calibration.folder / "model.json"}
    again = run_notebook("kickoff", given, output_dir=tmp_path)
    one, other = contents(kickoff.folder), contents(again.folder)
    assert list(one) == list(other)
    differ = [name for name in one if one[name] != other[name]]
    # What keeps the time of the run: the notebook, and each workbook in the part meant for that.
    assert {name.rpartition("xlsx/")[2] for name in differ} <= {"notebook.ipynb", "docProps/core.xml"}
    assert sum(name.endswith("/xl/workbook.xml") for name in one) == 3


def contents(folder):
    """Bytes by name, in order; what is packed is unpacked."""
    found = {}
    for path in sorted(folder.iterdir()):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                found |= {f"{path.name}/{name}": packed.read(name) for name in packed.namelist()}
        else:
            found[path.name] = path.read_bytes()
    return found


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


def test_review_and_quarter_say_what_became_of_the_decisions_on_the_day_they_are_about(variance, quarterly):
    # data/example/story.py. The review: of the project before it as of 27 March 2026, then its own as they are known.
    # The quarter: as of 30 September; what was done on 21 October is open. Its page lists what was not done before it.
    told = [
        load_results(each.folder).tables[name]
        for each, name in ((variance, "decided"), (quarterly, "decisions"))
    ]
    assert [table["outcome"].tolist() for table in told] == [
        ["overdue", "done", "open", "done", "done"],
        ["overdue", "overdue", "open", "done", "done"],
    ]
    page = quarterly.report.read_text(encoding="utf-8")
    assert "5 decisions of variance reviews: 2 overdue, 1 open and 2 done." in page
    assert page.count("complaint-themes</th>") == 1
    assert "What the earlier report recommended" not in page
    assert variance.report.read_text(encoding="utf-8").count("complaint-themes</th>") == 2


@pytest.mark.slow
def test_the_next_quarter_looks_back_on_what_this_one_recommended(quarterly, tmp_path):
    where = {"history": EXAMPLE, "status": EXAMPLE / "status", "last_report": quarterly.folder}
    with kernels_replaced():
        later = run_notebook("quarterly", {**QUARTER, **where, "quarter": "2026Q4"}, output_dir=tmp_path)
    before, then = (load_results(each.folder).tables for each in (quarterly, later))
    followed = then["followed_up"]
    assert followed["rule"].tolist() == before["recommendations"]["rule"].tolist()
    assert followed["value_then"].tolist() == before["recommendations"]["value"].tolist()
    largest = followed[followed["rule"] == "largest-multiplier"].iloc[0]
    moves = then["multiplier_moves"]
    (now,) = moves.loc[(moves["level"] == 0.8) & (moves["phase"] == largest["item"]), "now"]
    assert largest["value_now"] == now
    assert "What the earlier report recommended" in later.report.read_text(encoding="utf-8")


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
