"""The commands of README.md, as they stand there: a stranger who follows them must arrive."""

import re
import shlex
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from without_kernel import kernels_replaced

from estimation.cli import command as cli
from estimation.ledger.ledger import open_ledger
from estimation.publishing import runner
from estimation.publishing.notebooks import find_notebook, resolve_parameters, without_example
from estimation.publishing.results import load_results

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
OWN_PROJECTS = README.partition("## Use your own projects")[2].partition("\n## ")[0]
FEW = {
    "replay": {"iterations": "100"},
    "calibration": {"origins": "1"},
    "kickoff": {"iterations": "200"},
    "weekly": {"iterations": "100"},
    "variance": {"iterations": "100"},
}
PHASES = {"1.1": "discovery", "2.1": "data_preparation", "3.1": "model_development"}


def commands() -> list[list[str]]:
    """The commands of the seven steps, word by word."""
    lines = OWN_PROJECTS.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("    estimation ")]


def table_of(header: str) -> pd.DataFrame:
    """The table of the page whose header begins with these words."""
    lines = README[README.index(f"| {header}") :].partition("\n\n")[0].splitlines()
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return pd.DataFrame(rows, columns=head)


def closed_projects(n_projects: int) -> pd.DataFrame:
    """The six columns of step 1: three milestones of ten days; all but the first end k % 5 + 1 days late."""
    rows = []
    for k in range(n_projects):
        start = np.busday_offset("2025-01-06", 20 * k)
        for place, (milestone, phase) in enumerate(PHASES.items()):
            finish = np.busday_offset(start, 10 * (place + 1) - 1)
            late = k % 5 + 1 if place else 0
            row = {"project": "atlas" if k == 0 else f"project-{k}", "milestone": milestone, "phase": phase}
            row |= {"project_start": None if place else start, "baseline_finish": finish}
            rows.append({**row, "actual_finish": np.busday_offset(finish, late)})
    return pd.DataFrame(rows)


@contextmanager
def all_done(status):
    """The statuses of the next plan when its last week has come: all of it was done as planned."""
    before = status.read_text()
    plan = pd.read_csv("atlas-2.csv", dtype="str")
    done = plan[["project", "milestone"]].assign(as_of=plan["baseline_finish"].max())
    done.assign(actual_finish=plan["baseline_finish"]).to_csv(status, index=False)
    yield
    status.write_text(before)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder of somebody who follows the seven steps, and the exit code of each command.

    Each notebook runs once, without a kernel and with few iterations; where it comes again, and the quarter, its
    parameters are checked.
    """
    folder, codes, ran = tmp_path_factory.mktemp("stranger"), [], []
    real = runner.run_notebook

    def run_notebook(name, given, **options):
        options["output_dir"] = folder / "reports" / name
        if name in ran or name not in {*FEW, "client"}:
            notebook = find_notebook(name)
            without_example(notebook, resolve_parameters(notebook, given))
            return runner.RunResult(name, folder, folder / "report.html", folder / "n.ipynb", {})
        ran.append(name)
        return real(name, {**given, **FEW.get(name, {})}, **options)

    with pytest.MonkeyPatch.context() as patch, kernels_replaced():
        patch.chdir(folder)
        patch.delenv("ESTIMATION_LEDGER", raising=False)
        patch.setattr(runner, "run_notebook", run_notebook)
        table = closed_projects(12)
        assert list(table.columns) == list(table_of("project | milestone | phase").columns)
        table.to_excel("projects.xlsx", index=False)
        table_of("project | milestone | as_of").to_csv("atlas-2-status.csv", index=False)
        for words in commands():
            with all_done(Path("atlas-2-status.csv")) if words[0] == "close" else nullcontext():
                codes.append((" ".join(words), cli.main(words)))
    return folder, codes, ran


def test_every_command_of_the_seven_steps_ends_well(followed):
    _, codes, ran = followed
    assert len(codes) == 19
    assert [words for words, code in codes if code != 0] == []
    assert ran == ["replay", "calibration", "kickoff", "weekly", "client", "variance"]


def test_the_review_and_the_client_hear_of_the_persons_own_project(followed):
    folder, _, _ = followed
    weekly = load_results(folder / "reports" / "weekly")
    assert weekly.report["as_of"] == "2027-01-15"
    # The status table of the page: two done, one running, expected on Fri 22 January.
    board = weekly.tables["board"].set_index("milestone")
    assert (board["status"] == "done").sum() == 2
    assert board.loc["1.3", "expected_finish"] == pd.Timestamp("2027-01-22")
    email = (folder / "reports" / "client" / "email.txt").read_text(encoding="utf-8")
    assert "atlas-2" in email.splitlines()[0]


def test_the_ledger_holds_what_was_handed_in(followed):
    folder, _, _ = followed
    ledger = open_ledger(f"sqlite:///{folder}/ledger.db")
    # Twelve closed projects of three milestones and the nineteen of the plan; one forecast on record.
    assert ledger.history()["project"].nunique() == 13
    assert len(ledger.history()) == 12 * 3 + 19
    assert ledger.published()["project"].unique().tolist() == ["atlas-2"]
    moves = ledger.forecast_moves().set_index("milestone")
    assert moves.loc["1.3", "new_finish"].max() == pd.Timestamp("2027-01-29")


def test_the_page_of_the_ledger_makes_it_with_a_command_that_there_is(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parent.parent / "docs" / "ledger.md").read_text(encoding="utf-8")
    first = re.search(r"^    estimation (ingest projects.*)$", page, flags=re.MULTILINE)[1]
    monkeypatch.chdir(tmp_path)
    closed_projects(2).to_excel("projects.xlsx", index=False)

    assert cli.main(shlex.split(first)) == 0
    assert cli.main(["ledger", "status"]) == 0

    assert "2 projects, 6 milestones" in capsys.readouterr().out
