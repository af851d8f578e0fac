"""The commands of the ledger: what they print, what they refuse, with which exit code."""

import datetime as dt
import json
import re

import pandas as pd
import pytest
import sqlalchemy as sa
import tables_by_hand as by_hand

from estimation.cli import command as cli
from estimation.ledger.ledger import open_ledger
from estimation.publishing.results import load_results, save_results


@pytest.fixture
def url(tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    rows = [
        {"project": "atlas", "milestone": name, "baseline_finish": "2026-03-06"} for name in ("1.1", "1.2")
    ]
    who = {"made_by": "anna", "made_at": dt.datetime(2026, 11, 24, 9, 0)}
    open_ledger(url, create=True).add(by_hand.history(*rows), file="plan.csv", file_hash="0" * 64, **who)
    return url


def test_setting_a_forecast_moves_it(url, capsys):
    words = [
        "status",
        "set",
        "atlas",
        "1.1",
        "--forecast",
        "2026-03-13",
        "--as-of",
        "2026-03-04",
        "--ledger",
        url,
    ]

    assert cli.main([*words, "--reason", "Access came late", "--told-client", "2026-03-05"]) == 0
    assert "1.1 of atlas: 1 of 1 rows are new." in capsys.readouterr().out

    move = open_ledger(url).forecast_moves().iloc[0]
    assert (move["reason"], move["silent"]) == ("Access came late", False)
    assert move["told_client_on"] == pd.Timestamp("2026-03-05")


def test_a_silent_move_is_counted_where_the_ledger_is_described(url, capsys):
    words = [
        "status",
        "set",
        "atlas",
        "1.1",
        "--forecast",
        "2026-03-13",
        "--as-of",
        "2026-03-04",
        "--ledger",
        url,
    ]
    assert cli.main(words) == 0
    capsys.readouterr()

    assert cli.main(["ledger", "status", "--ledger", url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["entry"], told["n_silent_moves"], told["tables"]["forecast_moves"]) == (2, 1, 1)
    assert told["n_explained_since"] == 0

    assert cli.main([*words, "--reason", "Access came late"]) == 0
    capsys.readouterr()
    assert cli.main(["ledger", "status", "--ledger", url]) == 0
    said = "1 forecast moves, 1 of them without a reason when they came, 1 of those explained since;"
    assert said in capsys.readouterr().out


def finished_on_friday(url, tmp_path):
    """1.1 of atlas was done on its planned day, Friday 6 March 2026."""
    file = tmp_path / "done.csv"
    file.write_text("project,milestone,actual_finish\natlas,1.1,2026-03-06\n")
    assert cli.main(["status", "update", str(file), "--as-of", "2026-03-06", "--ledger", url]) == 0


@pytest.mark.parametrize("day", ["2026-03-06", "2026-03-09"])
def test_a_milestone_that_is_finished_can_be_given_no_forecast(url, tmp_path, capsys, day):
    finished_on_friday(url, tmp_path)
    before = open_ledger(url).head()
    words = ["status", "set", "atlas", "1.1", "--forecast", "2026-03-13", "--as-of", day, "--ledger", url]

    assert cli.main(words) == 5

    said = capsys.readouterr().err
    assert "1.1 of atlas was finished on 2026-03-06 (done.csv" in said
    assert f"a forecast of 2026-03-13 came for it on {day}" in said
    assert open_ledger(url).head() == before


def test_what_was_said_before_the_finish_can_still_be_written_down(url, tmp_path):
    finished_on_friday(url, tmp_path)
    words = ["status", "set", "atlas", "1.1", "--forecast", "2026-03-13", "--as-of", "2026-03-05"]

    assert cli.main([*words, "--reason", "Access came late", "--ledger", url]) == 0

    assert open_ledger(url).forecast_moves()["moved_on"].tolist() == [pd.Timestamp("2026-03-05")]


def test_a_finish_that_came_late_can_still_be_explained(url, tmp_path):
    # Done on Tuesday 10 March instead of Friday 6 March: the client report asks why, and names this very command.
    file = tmp_path / "late.csv"
    file.write_text("project,milestone,actual_finish\natlas,1.2,2026-03-10\n")
    assert cli.main(["status", "update", str(file), "--as-of", "2026-03-13", "--ledger", url]) == 0
    words = ["status", "set", "atlas", "1.2", "--forecast", "2026-03-10", "--as-of", "2026-03-13"]

    assert cli.main([*words, "--reason", "Access came late", "--ledger", url]) == 0

    move = open_ledger(url).forecast_moves().iloc[-1]
    assert (move["new_finish"], move["silent"]) == (pd.Timestamp("2026-03-10"), False)


def test_whoever_has_no_ledger_is_told_the_whole_command_that_makes_one(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/none.db"
    assert cli.main(["ledger", "status", "--ledger", url]) == 3
    assert f"`estimation ingest FILE --ledger {url}` makes one" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def test_an_update_may_hold_only_what_changed(url, tmp_path, capsys):
    file = tmp_path / "week.csv"
    file.write_text("project,milestone,forecast_finish\natlas,1.1,2026-03-13\n")

    assert cli.main(["status", "update", str(file), "--as-of", "2026-03-04", "--ledger", url]) == 0
    assert cli.main(["status", "update", str(file), "--as-of", "2026-03-04", "--ledger", url]) == 0

    assert "nothing new, nothing was added" in capsys.readouterr().out
    assert open_ledger(url).status()["as_of"].tolist() == [pd.Timestamp("2026-03-04")]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["status", "set", "atlas", "9", "--forecast", "2026-03-13"], 3, "has no milestone 9 of atlas"),
        (["status", "set", "atlas", "1.1", "--forecast", "soon"], 2, "wanted a date such as 2026-03-31"),
        (["ledger", "import", "gone.zip"], 3, "There is no file gone.zip"),
        (["publish", "gone"], 3, "no results.json here"),
    ],
)
def test_mistakes_have_their_exit_code(url, words, code, message, capsys):
    assert cli.main([*words, "--ledger", url]) == code
    assert message in capsys.readouterr().err


def test_a_ledger_is_carried_by_two_commands(url, tmp_path, capsys):
    other, file = f"sqlite:///{tmp_path}/other.db", str(tmp_path / "ledger.zip")

    assert cli.main(["ledger", "export", file, "--ledger", url]) == 0
    assert cli.main(["ledger", "export", file, "--ledger", url]) == 5
    assert cli.main(["ledger", "import", file, "--ledger", other]) == 0

    assert open_ledger(other).head() == open_ledger(url).head()


def kickoff(folder, **inputs):
    """What a kickoff report leaves behind, as far as a publication needs it."""
    known = {"project": "atlas", "plan_hash": "a" * 64, "model_hash": "b" * 64, "seed": 7, "iterations": 1000}
    dates = pd.to_datetime(["2026-03-09", "2026-03-16"])
    forecast = pd.DataFrame(
        {"milestone": ["1.1", "project"], "p50_finish": dates, "p80_finish": dates + pd.Timedelta(days=7)}
    )
    save_results(
        folder,
        inputs={**known, **inputs},
        headline={},
        tables={"forecast": forecast},
        report={"as_of": "2026-03-02"},
    )
    return str(folder)


def test_a_published_forecast_is_on_record_once(url, tmp_path, capsys):
    folder = kickoff(tmp_path / "kickoff")

    assert cli.main(["publish", folder, "--ledger", url]) == 0
    assert cli.main(["publish", folder, "--ledger", url]) == 0
    assert cli.main(["publish", kickoff(tmp_path / "later", seed=8), "--ledger", url]) == 0

    published = open_ledger(url).published()
    first = published[published["entry"] == 2]
    assert published["entry"].unique().tolist() == [2, 3]
    assert first["milestone"].tolist() == ["1.1", "1.1", "project", "project"]
    assert first["level"].tolist() == [0.5, 0.8, 0.5, 0.8]
    assert first["finish"].dt.day.tolist() == [9, 16, 16, 23]
    assert first["seed"].unique().tolist() == [7]
    assert json.loads(first["versions"].iloc[0]).keys() == {"estimation", "python"}


@pytest.mark.parametrize("missing", ["plan_hash", "as_of"])
def test_a_report_that_does_not_say_its_plan_or_its_date_cannot_be_published(url, tmp_path, capsys, missing):
    folder = kickoff(tmp_path / "old", **({} if missing == "as_of" else {missing: ""}))
    if missing == "as_of":
        facts = json.loads((tmp_path / "old" / "results.json").read_text())
        del facts["report"]["as_of"]
        (tmp_path / "old" / "results.json").write_text(json.dumps(facts))

    assert cli.main(["publish", folder, "--ledger", url]) == 3
    assert f"do not say {missing}. Run the kickoff report anew" in capsys.readouterr().err
    assert open_ledger(url).published().empty


def test_a_user_without_a_name_is_named_by_number(url, monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr("getpass.getuser", nobody)
    words = ["status", "set", "atlas", "1.1", "--forecast", "2026-03-13", "--ledger", url]
    assert cli.main(words) == 0
    assert re.fullmatch(r"user \d+|unknown", open_ledger(url).forecast_moves()["moved_by"].iloc[0])


def test_a_date_can_be_set_back_on_the_same_day(url, capsys):
    words = ["status", "set", "atlas", "1.1", "--as-of", "2026-03-04", "--ledger", url, "--forecast"]
    for forecast in ("2026-03-13", "2026-03-20", "2026-03-13"):
        assert cli.main([*words, forecast]) == 0
        assert "1 of 1 rows are new" in capsys.readouterr().out

    assert cli.main([*words, "2026-03-13"]) == 0  # as it is: nothing moves
    assert "nothing new" in capsys.readouterr().out
    assert open_ledger(url).forecast_moves()["new_finish"].dt.day.tolist() == [13, 20, 13]


def test_a_file_that_contradicts_is_refused_and_added_where_it_is_said_to_correct(url, tmp_path, capsys):
    first, second = tmp_path / "first.csv", tmp_path / "Z{}ürich.csv"
    line = "project,milestone,phase,baseline_finish,actual_finish\natlas,1.1,work,2026-03-06,2026-03-{}\n"
    first.write_text(line.format("09"))
    second.write_text(line.format("10"))
    assert cli.main(["ingest", str(first), "--ledger", url]) == 0

    assert cli.main(["ingest", str(second), "--ledger", url]) == 5
    said = capsys.readouterr().err
    assert (
        "Z{}ürich.csv, row 2: actual_finish 2026-03-10 came for milestone 1.1 of atlas; first.csv, row 2"
        in said
    )
    assert cli.main(["ingest", str(second), "--ledger", url, "--correct", "typing error"]) == 0

    ledger = open_ledger(url)
    assert ledger.history()["actual_finish"].dt.day.dropna().tolist() == [10]
    with ledger._database.reading() as connection:
        entries = connection.execute(sa.text("SELECT kind, reason FROM entries ORDER BY number")).all()
    assert [tuple(entry) for entry in entries][1:] == [("import", None), ("correction", "typing error")]


def test_results_say_as_of_which_entry_the_ledger_was_read(url, tmp_path):
    ledger = open_ledger(url)
    address = ledger.pinned_address()
    cli.main(["status", "set", "atlas", "1.1", "--forecast", "2026-03-13", "--ledger", url])

    save_results(tmp_path, inputs={"history": address, "n": 1}, headline={}, tables={})

    assert address.endswith("?entry=1")
    assert open_ledger(url).head().number == 2
    assert load_results(tmp_path).report == {"ledger": str(open_ledger(address).head())}
