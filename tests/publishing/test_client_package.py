import datetime as dt
import json
import shlex
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from estimation.cli import command as cli
from estimation.errors import InputError, RefusedError
from estimation.ingest import sources
from estimation.ledger.ledger import open_ledger
from estimation.publishing.client_package import (
    _refusal,
    is_package_of,
    package_text,
    package_warnings,
    prepare_client,
    read_client_package,
)
from estimation.publishing.results import save_results
from estimation.tables import check_table
from estimation.tracking.client_report import client_report
from estimation.tracking.client_tables import CLIENT_TABLES

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"
TOLD = {
    "history": EXAMPLE / "told" / "plan.csv",
    "project": "nlp-claims",
    "status": EXAMPLE / "told" / "status.csv",
}
SILENT = {**TOLD, "status": EXAMPLE / "status" / "nlp-claims.csv"}
WEEK_THREE = "2026-02-20"


@cache
def told(as_of):
    """The package of the story as its team should have told it."""
    return prepare_client(**TOLD, as_of=as_of)


def test_what_is_written_down_is_read_back(tmp_path):
    history, status = sources.read_history(TOLD["history"]), sources.read_status(TOLD["status"])
    made = client_report(history, status, "nlp-claims", as_of=WEEK_THREE)
    path = tmp_path / "client.json"
    path.write_text(package_text(made, "nlp-claims"))
    read = read_client_package(path)
    assert read.facts == made.facts
    for name, contract in CLIENT_TABLES.items():
        check_table(getattr(read, name), contract, name)
        pd.testing.assert_frame_equal(getattr(read, name), getattr(made, name))


def test_the_same_data_gives_the_same_bytes_as_the_example_that_is_committed():
    assert told(WEEK_THREE) == (EXAMPLE / "client.json").read_text()


def test_silent_moves_refuse_the_report_and_are_named_where_they_began():
    with pytest.raises(RefusedError) as error:
        prepare_client(**SILENT, as_of=WEEK_THREE)
    lines = str(error.value).splitlines()
    # 2.2 moved by one day in week two and by four in week three; seven later milestones only follow.
    assert lines[0].startswith("nlp-claims: 2 dates moved in silence up to 2026-02-20")
    assert lines[1:3] == [
        "  2.2 Training dataset prepared: 2026-02-13 -> 2026-02-16 (1 working day later), in week 2, on 2026-02-13",
        "  2.2 Training dataset prepared: 2026-02-16 -> 2026-02-20 (4 working days later), in week 3, on 2026-02-20",
    ]
    assert "estimation status set nlp-claims 2.2 --as-of 2026-02-13 --forecast 2026-02-16" in str(error.value)
    assert len(lines) == 6


def test_a_date_drawn_in_is_called_earlier_and_the_command_can_be_copied_whatever_the_ids():
    day, old, new = (pd.Timestamp(text) for text in ("2026-03-13", "2026-03-18", "2026-03-13"))
    move = {"milestone": "go live (1)", "name": "Second\nline", "old_finish": old, "new_finish": new}
    silent = pd.DataFrame([{**move, "move_days": -3.0, "week": 2, "as_of": day}])
    lines = _refusal("p & q", silent, day).splitlines()
    assert lines[1] == (
        "  go live (1) Second line: 2026-03-18 -> 2026-03-13 (3 working days earlier), in week 2, on 2026-03-13"
    )
    assert lines[3].startswith("  estimation status set 'p & q' 'go live (1)' --as-of 2026-03-13")


def test_it_is_made_all_the_same_when_that_is_asked_for():
    package = json.loads(prepare_client(**SILENT, as_of=WEEK_THREE, allow_unexplained=True))
    moves = package["tables"]["moves"]
    assert [move["kind"] for move in moves] == ["silent"] * 9
    # In week one the team expects the end two days before the one promised; that needs no reason.
    assert [move["milestone"] for move in moves if not move["needs_reason"]] == ["5.4"]


@pytest.mark.parametrize("friday", pd.date_range("2026-02-06", periods=8, freq="W-FRI").strftime("%Y-%m-%d"))
def test_the_told_story_can_be_sent_in_each_of_its_weeks(friday):
    assert json.loads(told(friday))["facts"]["as_of"] == friday


def test_a_reason_written_into_the_ledger_opens_the_way(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger = open_ledger(url, create=True)
    who = {"made_by": "anna", "made_at": dt.datetime(2026, 2, 20, 9, 0)}
    for name in ("history", "status"):
        read = {"history": sources.read_history, "status": sources.read_status}[name]
        ledger.add(read(SILENT[name]), file=f"{name}.csv", file_hash=name, **who)
    asked = {**SILENT, "history": url, "status": url, "as_of": WEEK_THREE}
    with pytest.raises(RefusedError, match="2 dates moved in silence"):
        prepare_client(**asked)
    for day, finish in (("2026-02-13", "2026-02-16"), (WEEK_THREE, "2026-02-20")):
        words = ["--as-of", day, "--forecast", finish, "--reason", f"Labels of {day}.", "--told-client", day]
        assert cli.main(["status", "set", "nlp-claims", "2.2", *words, "--ledger", url]) == 0
    delay = json.loads(prepare_client(**asked))["tables"]["delays"][0]
    assert delay["reason"] == "Labels of 2026-02-13. Labels of 2026-02-20."
    assert delay["told_client_on"] == WEEK_THREE


def test_a_reason_opens_the_way_where_work_left_grew_and_no_forecast_moved(tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    plan, said = tmp_path / "plan.csv", tmp_path / "status.csv"
    plan.write_text(
        "project,milestone,phase,project_start,baseline_finish\np,go live,work,2026-03-02,2026-03-06\n"
    )
    said.write_text(
        "project,milestone,as_of,actual_start,remaining_days\np,go live,2026-03-04,2026-03-02,5\n"
    )
    ledger, who = open_ledger(url, create=True), {"made_by": "anna", "made_at": dt.datetime(2026, 3, 4, 9, 0)}
    ledger.add(sources.read_history(plan), file="plan.csv", file_hash="plan", **who)
    ledger.add(sources.read_status(said), file="status.csv", file_hash="status", **who)
    asked = {"history": url, "status": url, "project": "p", "as_of": "2026-03-04"}
    # Five days from Thu 5 March end on Wed 11, three after Fri 6.
    with pytest.raises(RefusedError, match=r"2026-03-06 -> 2026-03-11 \(3 working days later\)") as error:
        prepare_client(**asked)
    command = next(line for line in str(error.value).splitlines() if "status set" in line)
    words = shlex.split(command.replace("DATE", "2026-03-04"))[1:]
    assert cli.main([*words, "--ledger", url]) == 0
    assert json.loads(prepare_client(**asked))["facts"]["new_finish"] == "2026-03-11"


def results_of_a_weekly_review(folder, **inputs):
    whole = {
        "milestone": ["5.4", "project"],
        "p50_finish": pd.to_datetime(["2026-03-17"] * 2),
        "p80_finish": pd.to_datetime(["2026-03-24"] * 2),
        "promised_finish": pd.to_datetime(["2026-03-06"] * 2),
        "prob_baseline": [0.2, 0.2],
        "prob_promised": [0.1, 0.1],
    }
    save_results(
        folder,
        inputs={"project": "nlp-claims", "as_of": WEEK_THREE, **inputs},
        headline={},
        tables={"forecast": pd.DataFrame(whole)},
        report={"n_projects": 72},
    )
    return folder


def test_the_likely_end_is_read_from_the_weekly_review_of_the_same_day(tmp_path):
    package = prepare_client(**TOLD, as_of=WEEK_THREE, forecast=results_of_a_weekly_review(tmp_path))
    path = tmp_path / "client.json"
    path.write_text(package)
    facts = read_client_package(path).facts
    assert facts["p80_finish"] == pd.Timestamp("2026-03-24")
    assert facts["prob_agreed"] == 0.1
    assert facts["n_projects"] == 72


@pytest.mark.parametrize("other", [{"project": "atlas"}, {"as_of": "2026-02-13"}])
def test_a_forecast_of_another_project_or_day_is_refused(tmp_path, other):
    with pytest.raises(InputError, match="wanted 'nlp-claims' as of 2026-02-20"):
        prepare_client(**TOLD, as_of=WEEK_THREE, forecast=results_of_a_weekly_review(tmp_path, **other))


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "no client package"), ("{", "not a client package"), ('{"format": 9}', "reads up to 1")],
)
def test_what_is_no_package_is_said_with_the_way_to_make_one(tmp_path, text, message):
    path = tmp_path / "client.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_client_package(path)


def test_an_end_that_nobody_promised_is_told_to_whoever_makes_the_report():
    text = told(WEEK_THREE)
    assert package_warnings(text, "nlp-claims") == ()  # 5.4 is promised for 10 March
    package = json.loads(text)
    package["facts"]["end_promised"] = False
    (warning,) = package_warnings(json.dumps(package), "nlp-claims")
    assert warning.startswith("nlp-claims: no promised date is recorded for the end of the project.")
    assert "the plan agreed at the start, 2026-03-10, as the weekly review does." in warning


def test_a_package_is_known_as_one_of_the_same_project_whatever_its_day(tmp_path):
    path = tmp_path / "client.json"
    path.write_text(told(WEEK_THREE))
    later = told("2026-03-06")
    assert is_package_of(path, later)
    other = json.loads(later) | {"key": "0" * 16}
    assert not is_package_of(path, json.dumps(other))
    assert not is_package_of(tmp_path / "gone.json", later)
    assert '"nlp-claims"' not in later  # a project's id may be a code name
