"""The command: exit codes, what stands on which output, and that nothing heavy is loaded for help."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import estimation
from estimation.cli import command as cli
from estimation.errors import BusyError, InputError, Problem, RefusedError, RunError
from estimation.publishing import demo, runner
from estimation.publishing.runner import RunResult


@pytest.fixture
def ran(monkeypatch, tmp_path):
    """What the runner was asked for; no kernel starts."""
    asked = []

    def run_notebook(name, parameters, **options):
        asked.append((name, parameters, options["output_dir"], options["timeout"]))
        options["progress"]("toy", 1, 2)
        return RunResult("07_toy_run", tmp_path, tmp_path / "report.html", tmp_path / "n.ipynb", {"n": 5})

    monkeypatch.setattr(runner, "run_notebook", run_notebook)
    return asked


def fails_with(monkeypatch, error):
    def run_notebook(*_, **__):
        raise error

    monkeypatch.setattr(runner, "run_notebook", run_notebook)


def test_help_comes_without_loading_anything_heavy():
    code = (
        "import sys\nfrom estimation.cli.command import main\nmain(['--help'])\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'matplotlib', 'papermill', 'nbconvert', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'loaded for help: {sorted(heavy)}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("demo", "list", "run", "ingest", "lint", "new-plan"))


def test_the_version_is_told(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("estimation ")


def test_silent_moves_are_allowed_by_a_flag_and_only_where_a_notebook_knows_it(ran, capsys):
    assert cli.main(["run", "client", "-p", "project", "atlas", "--allow-unexplained"]) == 0
    assert ran[0][1] == {"project": "atlas", "allow_unexplained": "true"}
    capsys.readouterr()


def test_the_flag_means_nothing_to_other_reports(capsys):
    assert cli.main(["run", "weekly", "--allow-unexplained"]) == 2
    assert "'allow_unexplained' is not a parameter of weekly" in capsys.readouterr().err


def test_parameters_come_in_pairs(ran, capsys):
    words = ["run", "toy", "-p", "history", "a=b.csv", "-p", "offset", "-3", "--parameter", "seed=7"]

    assert cli.main([*words, "--output", "out", "--timeout", "9"]) == 0

    name, parameters, output, timeout = ran[0]
    assert name == "toy"
    assert parameters == {"history": "a=b.csv", "offset": "-3", "seed": "7"}
    assert (str(output), timeout) == ("out", 9)


@pytest.mark.parametrize(
    ("day", "quarter"), [("2026-10-05", "2026Q3"), ("2026-12-31", "2026Q3"), ("2027-01-01", "2026Q4")]
)
def test_a_scheduler_asks_for_the_last_quarter_and_the_clock_names_it(ran, monkeypatch, day, quarter):
    monkeypatch.setattr(cli, "_today", lambda: dt.date.fromisoformat(day))

    assert cli.main(["run", "quarterly", "-p", "quarter", "last"]) == 0

    assert ran[0][1] == {"quarter": quarter}


def test_a_quarter_that_is_named_is_handed_on_as_it_stands(ran):
    assert cli.main(["run", "quarterly", "-p", "quarter", "2026Q1"]) == 0

    assert ran[0][1] == {"quarter": "2026Q1"}


def test_a_run_tells_progress_on_one_output_and_its_report_on_the_other(ran, capsys, tmp_path):
    assert cli.main(["run", "toy"]) == 0

    told = capsys.readouterr()
    assert told.out == f"{tmp_path / 'report.html'}\n"
    assert told.err == "toy: cell 1 of 2\n"


def test_what_the_maker_of_a_report_should_know_stands_on_standard_error(monkeypatch, capsys, tmp_path):
    done = RunResult(
        "toy", tmp_path, tmp_path / "report.html", tmp_path / "n.ipynb", {}, ("Nobody promised.",)
    )
    monkeypatch.setattr("estimation.publishing.runner.run_notebook", lambda *_, **__: done)

    assert cli.main(["run", "toy", "--json"]) == 0

    told = capsys.readouterr()
    assert told.err == "Nobody promised.\n"
    assert json.loads(told.out)["warnings"] == ["Nobody promised."]


def test_json_is_all_there_is_on_standard_output(ran, capsys, tmp_path):
    assert cli.main(["run", "toy", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["report"] == str(tmp_path / "report.html")
    assert told["headline"] == {"n": 5}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run"], "Missing argument"),
        (["run", "toy", "-p", "seed"], "-p seed has no value"),
        (["run", "toy", "-p", "seed", "1", "-p", "seed", "2"], "seed is given twice"),
        (["run", "toy", "--frob"], "No such option"),
        (["frob"], "No such command 'frob'"),
        (["run", "no such notebook"], "There is no notebook 'no such notebook'"),
    ],
)
def test_a_mistyped_command_line_ends_with_two(capsys, words, sentence):
    assert cli.main(words) == 2

    told = capsys.readouterr()
    assert sentence in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RunError("cell [3] failed."), 1),
        (InputError("not a date."), 3),
        (BusyError("Another run."), 4),
        (RefusedError("Too few projects."), 5),
    ],
)
def test_what_went_wrong_is_a_sentence_and_an_exit_code(monkeypatch, capsys, error, code):
    fails_with(monkeypatch, error)

    assert cli.main(["run", "toy"]) == code

    told = capsys.readouterr()
    assert told.err == f"{error}\n"
    assert told.out == ""


def test_errors_are_json_as_well_when_json_is_asked_for(monkeypatch, capsys):
    problem = Problem("history.csv", 3, "Finish", "'soon'", "wanted a date", "Correct the row.")
    fails_with(monkeypatch, InputError(problems=[problem]))

    assert cli.main(["run", "toy", "--json"]) == 3

    told = json.loads(capsys.readouterr().out)
    assert "history.csv, row 3, column 'Finish'" in told["error"]
    assert told["problems"] == [
        {
            "file": "history.csv",
            "row": 3,
            "column": "Finish",
            "came": "'soon'",
            "wanted": "wanted a date",
            "remedy": "Correct the row.",
        }
    ]


def test_a_mistyped_option_is_json_as_well_when_json_is_asked_for(capsys):
    assert cli.main(["list", "--frob", "--json"]) == 2

    assert "--frob" in json.loads(capsys.readouterr().out)["error"]


def test_a_mistake_of_ours_is_one_sentence_and_the_lines_to_report(monkeypatch, capsys):
    fails_with(monkeypatch, KeyError("phase"))

    assert cli.main(["run", "toy"]) == 1

    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.splitlines()[-1].startswith("This should not have happened: KeyError: 'phase'")


def test_ingest_of_a_bad_file_ends_with_three_and_the_gates_own_words(capsys, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("project,milestone\na,1\n")

    assert cli.main(["ingest", str(bad)]) == 3
    assert "bad.csv" in capsys.readouterr().err


def test_ingest_of_a_file_that_is_not_there_ends_with_three(capsys):
    assert cli.main(["ingest", "gone.csv"]) == 3
    assert "There is no file or folder gone.csv" in capsys.readouterr().err


def test_a_new_plan_is_csv_and_says_so(capsys, tmp_path):
    words = [
        "new-plan",
        "--project",
        "atlas",
        "--start",
        "2027-01-11",
        "--output",
        str(tmp_path / "plan.xlsx"),
    ]
    assert cli.main(words) == 2
    assert "Name it .csv" in capsys.readouterr().err


def test_a_new_plan_is_written_once_and_replaced_only_by_force(capsys, tmp_path):
    file = tmp_path / "plan.csv"
    words = ["new-plan", "--project", "atlas", "--start", "2027-01-11", "--output", str(file)]

    assert cli.main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_rows"] == 19  # the milestones of the five-phase framework
    plan = pd.read_csv(file, dtype="str")
    assert set(plan["project"]) == {"atlas"}
    assert plan["baseline_start"].min() == "2027-01-11"

    file.write_text("edited by hand")
    assert cli.main(words) == 5
    assert "--force" in capsys.readouterr().err
    assert file.read_text() == "edited by hand"

    assert cli.main([*words, "--force", "--size", "2"]) == 0
    assert pd.read_csv(file)["baseline_days"].sum() > plan["baseline_days"].astype(float).sum()


def test_a_new_plan_keeps_the_holidays_it_is_told(capsys, tmp_path):
    # Bavaria is off on Epiphany, Wednesday 6 January 2027: the first milestone of five days, begun on Monday 4,
    # is done on Monday 11 instead of Friday 8.
    file = tmp_path / "plan.csv"
    words = ["new-plan", "--project", "atlas", "--start", "2027-01-04", "--output", str(file)]

    assert cli.main([*words, "--calendar", "DE-BY"]) == 0
    plan = pd.read_csv(file, dtype="str")
    assert set(plan["calendar"]) == {"DE-BY"}
    assert plan["baseline_finish"][0] == "2027-01-11"

    assert cli.main([*words, "--force", "--calendar", "Bavaria"]) == 3
    assert "the country 'Bavaria' is not known" in capsys.readouterr().err


def test_a_new_plan_has_a_milestone_for_each_integration(capsys, tmp_path):
    file = tmp_path / "plan.csv"
    words = ["new-plan", "--project", "atlas", "--start", "2027-01-04", "--output", str(file)]

    assert cli.main([*words, "--integration", "SAP", "--integration", "Jira"]) == 0
    plan = pd.read_csv(file, dtype="str").set_index("milestone")
    assert plan.loc[["4.1.1", "4.1.2"], "name"].tolist() == [
        "Integration with SAP verified",
        "Integration with Jira verified",
    ]
    assert plan.loc["4.2", "depends_on"] == "3.4; 4.1; 4.1.1; 4.1.2"

    assert cli.main([*words, "--force", "--integration", "SAP", "--integration", "sap"]) == 3
    assert "the integration 'SAP' comes twice" in capsys.readouterr().err


ROW = "p,{id},work,2026-03-02,{days},{after},Ms Ito,Shown on 400 letters,You can see it.,{name}\n"
HEADER = (
    "project,milestone,phase,project_start,baseline_days,depends_on,"
    "owner,acceptance_criteria,client_summary,name\n"
)


def a_plan(folder, *, days=5, name="Letters loaded"):
    file = folder / "plan.csv"
    rows = [ROW.format(id="a", days=days, after="", name=name)]
    rows.append(ROW.format(id="b", days=days, after="a", name="Report accepted"))
    file.write_text(HEADER + "".join(rows))
    return file


def test_lint_of_a_sound_plan_says_that_it_is_fit(capsys, tmp_path):
    file = a_plan(tmp_path)
    assert cli.main(["lint", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: Fit to be baselined: nothing was found.\n"


def test_warnings_alone_do_not_stop_anybody(capsys, tmp_path):
    assert cli.main(["lint", str(a_plan(tmp_path, name="Loading in progress")), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "Can be forecast, but is not fit to be baselined yet: 1 warning."
    assert (told["can_be_forecast"], told["fit_to_baseline"]) == (True, False)
    [finding] = told["findings"]
    assert list(finding) == ["rule", "severity", "item", "message", "remedy", "standard"]
    assert (finding["rule"], finding["severity"], finding["item"]) == ("status-name", "warning", "a")


def test_a_plan_that_cannot_be_forecast_ends_with_three_and_its_findings(capsys, tmp_path):
    file = a_plan(tmp_path, days=0)
    assert cli.main(["lint", str(file)]) == 3
    told = capsys.readouterr().out
    assert "Cannot be forecast: 1 error." in told
    assert "error no-duration" in told
    assert cli.main(["lint", str(tmp_path / "gone.csv")]) == 3
    assert "There is no file or folder" in capsys.readouterr().err


def test_lint_holds_the_plan_against_a_model_and_a_history(monkeypatch, capsys, tmp_path):
    asked = {}
    findings = estimation.lint_plan
    monkeypatch.setattr(estimation, "load_model", lambda path: path.name)
    monkeypatch.setattr(estimation, "read_history", lambda path: path.name)

    def lint_plan(plan, *, model, history, framework):
        asked.update(model=model, history=history, framework=framework.id)
        return findings(plan)

    monkeypatch.setattr(estimation, "lint_plan", lint_plan)
    (tmp_path / "model.json").touch()
    (tmp_path / "past.csv").touch()
    words = ["lint", str(a_plan(tmp_path)), "--model", str(tmp_path / "model.json")]

    assert cli.main([*words, "--history", str(tmp_path / "past.csv")]) == 0
    assert asked == {"model": "model.json", "history": "past.csv", "framework": "ai_delivery"}
    assert "Fit to be baselined" in capsys.readouterr().out


def test_without_a_history_lint_borrows_where_it_is_told_to_and_says_so(capsys, tmp_path):
    assert cli.main(["lint", str(a_plan(tmp_path)), "--model", ""]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "note planned-finish-unlikely" in told
    assert "(2,000 simulated courses, borrowed from published projects: no closed project of yours" in told


def test_demo_prints_the_page_to_open(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(demo, "run_demo", lambda *, progress: tmp_path / "index.html")

    assert cli.main(["demo"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'index.html'}\n"


def test_list_is_for_people_and_for_programs(capsys):
    assert cli.main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)

    assert cli.main(["list"]) == 0
    shown = capsys.readouterr().out
    assert all(notebook["short"] in shown and notebook["question"] in shown for notebook in listed)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text(
        "project,milestone,phase,Planed finish,notes\na,1,Gardening,2026-03-06,=1+1\na,2,discovery,soon,=2\n",
        encoding="utf-8",
    )
    return path


def test_ingest_sets_bad_rows_aside_with_reasons_that_no_spreadsheet_runs(plan, tmp_path, capsys):
    folder = tmp_path / "clean"
    assert cli.main(["ingest", str(plan)]) == 3
    assert cli.main(["ingest", str(plan), "--set-aside"]) == 2
    assert cli.main(["ingest", str(plan), "--set-aside", "--output", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "Planed finish -> baseline_finish (near spelling)  <- look at this" in said
    assert "Gardening -> a phase of its own (new)" in said
    assert pd.read_csv(folder / "milestones.csv")["milestone"].tolist() == [1]
    rejects = pd.read_csv(folder / "rejects.csv")
    assert rejects[["row", "notes"]].to_numpy().tolist() == [[3, "'=2"]]
    assert "wanted a date such as 2026-03-31" in rejects["reasons"][0]
    record = json.loads((folder / "import.json").read_text(encoding="utf-8"))
    assert (record["n_rows"], record["n_set_aside"], len(record["warnings"])) == (1, 1, 1)
    assert cli.main(["ingest", str(plan), "--set-aside", "--output", str(folder)]) == 5


def test_ingest_suggests_a_mapping_and_replaces_none(plan, tmp_path, capsys):
    words = ["ingest", "--suggest-mapping", str(plan), "--output", str(tmp_path / "ours.yaml")]
    assert cli.main(words) == 0
    assert "baseline_finish: Planed finish" in (tmp_path / "ours.yaml").read_text(encoding="utf-8")
    assert cli.main(words) == 5
    assert cli.main([*words, "--force"]) == 0


def test_a_file_goes_into_a_ledger_once(tmp_path, capsys):
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    history = str(Path(__file__).parents[2] / "data" / "example" / "history.csv")
    assert cli.main(["ingest", history, "--ledger", ledger]) == 0
    assert "1389 of 1389 rows were new; it stands at entry 1" in capsys.readouterr().out
    assert cli.main(["ingest", history, "--ledger", ledger]) == 0
    assert "0 of 1389 rows were new; it stands at entry 1" in capsys.readouterr().out
    assert cli.main(["ingest", str(tmp_path), "--ledger", ledger]) == 2  # a folder is no file


def test_the_password_of_a_ledger_is_not_printed(tmp_path, capsys):
    ledger = f"sqlite://someone:secret@/{tmp_path / 'ledger.db'}"
    cli.main(
        ["ingest", str(Path(__file__).parents[2] / "data" / "example" / "history.csv"), "--ledger", ledger]
    )
    said = capsys.readouterr()
    assert "secret" not in said.out + said.err
