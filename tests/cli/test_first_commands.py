"""The first two commands: their dates and counts are those of the reports, and bad input ends in a sentence."""

import json
from pathlib import Path

import pandas as pd
import pytest
from simulated_portfolio import portfolio

from estimation import date_at, forecast_table, load_model, read_plan, simulate
from estimation.cli import command as cli
from estimation.publishing import index, runner
from estimation.publishing.results import save_results
from estimation.publishing.runner import RunResult
from estimation.review.replay import WARNINGS, replay_table
from estimation.tables import empty_table

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"
PLAN = str(EXAMPLE / "plans" / "contract-search.csv")


def said(capsys, *words):
    code = cli.main(list(map(str, words)))
    streams = capsys.readouterr()
    return code, streams.out, streams.err


def small_history(folder, n=6, every=40):
    path = folder / "closed.csv"
    portfolio(n, every=every)[0].dropna(axis=1, how="all").drop(columns="source").to_csv(path, index=False)
    return path


def test_the_first_date_is_that_of_the_kickoff_report(capsys):
    # data/example/model.json is what the calibration report makes of this history.
    code, out, _ = said(capsys, "promise", EXAMPLE / "history.csv", PLAN, "--json")
    facts = json.loads(out)
    forecast = forecast_table(simulate(read_plan(PLAN), load_model(EXAMPLE / "model.json"), seed=1))
    assert code == 0
    wanted = {"promise_finish": date_at(forecast, 0.8), "p50_finish": date_at(forecast, 0.5)}
    assert {name: pd.Timestamp(facts[name]) for name in wanted} == wanted
    assert facts["prob_baseline"] == pytest.approx(forecast["prob_baseline"].iloc[-1])
    assert len(facts["similar"]) == 5
    assert len(facts["reasons"]) == 3
    assert "plans" in facts["replay"]
    assert not facts["borrowed"]


def test_six_closed_projects_give_a_date_and_say_that_it_is_little(capsys, tmp_path):
    code, out, _ = said(capsys, "promise", small_history(tmp_path), PLAN)
    assert code == 0
    assert "Learned from 6 projects, which is little." in out
    # Sixty days in two milestones, without a client: the plan of nineteen lies outside.
    assert "Outside your closed projects: it is longer than any of them (the longest: 60 working days)" in out


def test_a_plan_alone_gets_a_borrowed_date(capsys):
    code, out, _ = said(capsys, "promise", PLAN)
    forecast = forecast_table(simulate(read_plan(PLAN), load_model(""), seed=1))
    date = date_at(forecast, 0.8)
    assert code == 0
    assert "No closed projects were named; the dates are borrowed." in out
    assert f"promise {date.day} {date:%b %Y} (80 % confidence, borrowed)" in out


def test_a_history_without_a_finish_borrows_and_says_why(capsys, tmp_path):
    path = tmp_path / "open.csv"
    rows = pd.read_csv(small_history(tmp_path), dtype="str").drop(columns=["actual_start", "actual_finish"])
    rows.to_csv(path, index=False)
    code, out, err = said(capsys, "promise", path, PLAN)
    assert (code, err) == (0, "")
    assert out.startswith("No finished milestone has both a planned and an actual duration")
    assert "Until then the dates are borrowed." in out


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["promise", "no.csv", PLAN], 3, "There is no file or folder no.csv"),
        (["promise", "a.csv", "b.csv", PLAN], 2, "expected closed projects and a plan"),
        (["replay", "no.csv"], 3, "there is no file or folder"),
        (["promise", PLAN, "--confidence", "1"], 3, "confidence 1"),
    ],
)
def test_bad_input_ends_in_a_sentence(capsys, words, code, sentence):
    ended, _, err = said(capsys, *words)
    assert ended == code
    assert sentence in err


def test_replay_prints_what_its_page_says(capsys, monkeypatch, tmp_path):
    history, _ = portfolio(12, every=20)
    table = replay_table(history, seed=1)
    folder = tmp_path / "replay"

    def run_notebook(name, parameters, **_):
        assert (name, parameters) == ("replay", {"history": "closed.csv"})
        tables = {"replay": table, "warnings": empty_table(WARNINGS)}
        save_results(folder, inputs={}, headline={"n": 1}, tables=tables, report={"n_projects": 12})
        return RunResult("00_replay", folder, folder / "report.html", folder / "notebook.ipynb", {"n": 1})

    monkeypatch.setattr(runner, "run_notebook", run_notebook)
    monkeypatch.setattr(index, "write_index", lambda _: pytest.fail("the folder is not below reports/"))
    code, out, _ = said(capsys, "replay", "closed.csv")
    held, promised = table["held_plan"].sum(), table["held_p80"].sum()
    assert code == 0
    assert out.startswith(f"Of {len(table)} plans {held} held. At 80 % confidence {promised} would have held")
    assert str(folder / "report.html") in out
