"""The command `estimation close`: questions, the table of causes, what is written, and what is refused."""

import csv
import io
import json
import re
import shutil

import pandas as pd
import pytest
from example import EXAMPLE

from estimation.cli import command as cli
from estimation.errors import InputError
from estimation.ledger.ledger import open_ledger
from estimation.publishing import runner
from estimation.publishing.runner import RunResult
from estimation.review import closing_project
from estimation.review.slip_shares import shares_by, slip_shares
from estimation.review.variance import project_slip

STORY = "nlp-claims"
STATUS = EXAMPLE / "status" / "nlp-claims.csv"
HAPPENED = ("actual_", "waiting_days", "iterations_actual", "added_", "closed_as", "cause")
CAUSES = {"2.2": "data_quality", "3.3": "extra_iteration", "4.2": "infrastructure"}


class Terminal(io.StringIO):
    """A keyboard: what is typed line by line, and Ctrl-C where a line says so."""

    def isatty(self):
        return True

    def readline(self, *_):
        line = super().readline()
        if line.strip() == "^C":
            raise KeyboardInterrupt
        return line


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The story as its plan alone, five projects closed before it, and the whole history without it."""
    folder = tmp_path_factory.mktemp("tables")
    whole = pd.read_csv(EXAMPLE / "history.csv", dtype="str", keep_default_na=False)
    own = whole["project"] == STORY
    whole[own][[name for name in whole if not name.startswith(HAPPENED)]].to_csv(
        folder / "plan.csv", index=False
    )
    five = whole["project"].isin(whole["project"].unique()[:5])
    whole[five].to_csv(folder / "five.csv", index=False)
    whole[~own].to_csv(folder / "others.csv", index=False)
    return folder


@pytest.fixture
def place(tables, tmp_path, monkeypatch):
    """A folder to work in, with these tables; no keyboard."""
    shutil.copytree(tables, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return tmp_path


def close(*words, project=STORY, status=STATUS):
    return cli.main(["close", project, "--plan", "plan.csv", "--status", str(status), "--no-report", *words])


def asked(place):
    """The table of causes as it was written."""
    return list(csv.DictReader(io.StringIO((place / f"causes-{STORY}.csv").read_text())))


def filled_in(place, name="filled.csv"):
    """The table of causes as a person hands it back."""
    rows = asked(place)
    with (place / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"cause": CAUSES[row["milestone"]]} for row in rows)
    return name


def told(as_tables=("slip", "cause", "phase", "part")):
    """What the variance review says of the story in the example's own history, and in the one written here."""
    from estimation import read_history

    def of(history):
        shares = slip_shares(history, STORY)
        return [project_slip(history, STORY), *(shares_by(shares, one) for one in as_tables[1:])]

    return of(read_history("history.csv")), of(read_history(EXAMPLE / "history.csv"))


def test_without_a_keyboard_three_causes_are_asked_in_a_table_that_is_handed_back(place, capsys):
    assert close() == 3
    assert "3 causes of the slip still missing: see causes-nlp-claims.csv" in capsys.readouterr().err
    rows = asked(place)
    assert [(row["milestone"], row["days"], row["cause"]) for row in rows] == [
        ("2.2", "5.0", ""),
        ("3.3", "5.0", ""),
        ("4.2", "5.0", ""),
    ]
    assert rows[2]["cause_note"] == rows[2]["reason_given"] != ""
    assert not (place / "history.csv").exists()

    assert close("--causes", filled_in(place)) == 0

    assert "What it changes cannot be said" in capsys.readouterr().out  # no other project
    (slip, *now), (expected, *then) = told()
    assert slip == expected
    for found, wanted in zip(now, then, strict=True):
        pd.testing.assert_frame_equal(found, wanted)


def test_on_a_terminal_the_same_is_asked_and_ctrl_c_keeps_the_answers(place, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", Terminal("2\nTwo layouts.\n^C\n"))
    assert close() == 130
    said = capsys.readouterr().err
    assert "1 of 3: 2.2 Training dataset prepared cost 5 working days." in said
    assert "Your answers so far are in causes-nlp-claims.csv" in said
    assert not (place / "history.csv").exists()

    # A word that is no code is not taken; Enter takes the reason that was given.
    monkeypatch.setattr("sys.stdin", Terminal("Extra Iteration\n\ninfrastrcture\n7\n\n"))
    assert close() == 0
    said = capsys.readouterr().err
    assert "1 of 2: 3.3 Model evaluation report delivered" in said
    assert "Did you mean 'infrastructure'?" in said
    rows = pd.read_csv("history.csv", dtype="str").dropna(subset="cause").set_index("milestone")
    assert rows["cause"].to_dict() == CAUSES
    assert rows["cause_note"].fillna("").tolist() == [
        "Two layouts.",
        "",
        "Staging and service did not fit together; the service was rebuilt for the older platform.",
    ]


def test_closing_twice_changes_nothing_and_the_line_says_which_multiplier_moved(place, monkeypatch, capsys):
    assert close("--history", "five.csv") == 3
    capsys.readouterr()
    words = ["--causes", filled_in(place)]
    assert close("--history", "five.csv", *words) == 0
    said = capsys.readouterr()
    lines = [line.strip() for line in said.out.splitlines()]
    moved = next(line for line in lines if line.startswith("Data preparation"))
    before, after = re.search(r"P50 from ([\d.]+) to ([\d.]+)", moved).groups()
    assert before != after
    assert sum("planned for" in line and line.startswith(tuple(last_three())) for line in lines) == 3
    written = (place / "history.csv").read_bytes()
    monkeypatch.setattr(closing_project, "calibrate", too_small)  # what it says of multipliers was looked at

    assert close("--history", "five.csv", *words) == 0
    assert "nothing new, nothing was written" in capsys.readouterr().out
    assert (place / "history.csv").read_bytes() == written

    # Onto itself: the causes are in it, nothing is asked.
    (place / "causes-nlp-claims.csv").unlink()
    assert close("--history", "history.csv", "--json") == 0
    assert "nothing new" in json.loads(capsys.readouterr().out)["said"]
    assert (place / "history.csv").read_bytes() == written


def too_small(*_, **__):
    raise InputError("too small")


def last_three():
    five = pd.read_csv("five.csv")
    return five.groupby("project")["project_start"].min().sort_values().index[-3:]


def test_a_ledger_gets_causes_and_how_the_work_ended_once(place, capsys):
    url = f"sqlite:///{place}/ledger.db"
    assert cli.main(["ingest", "plan.csv", "--kind", "plan", "--ledger", url]) == 0
    assert cli.main(["status", "update", str(STATUS), "--ledger", url]) == 0
    ledger = open_ledger(url)
    moves, status = len(ledger.forecast_moves()), len(ledger.status(STORY))
    words = ["close", STORY, "--ledger", url, "--no-report"]

    assert cli.main(words) == 3
    assert cli.main([*words, "--causes", filled_in(place)]) == 0

    rows = ledger.history().set_index("project").loc[STORY]
    assert rows.dropna(subset="cause").set_index("milestone")["cause"].to_dict() == CAUSES
    assert set(rows["closed_as"]) == {"delivered"}
    assert (len(ledger.forecast_moves()), len(ledger.status(STORY))) == (moves, status)
    head = ledger.head()
    (place / "causes-nlp-claims.csv").unlink()
    capsys.readouterr()
    assert cli.main(words) == 0  # the causes are in the ledger
    assert "nothing new, nothing was added" in capsys.readouterr().out
    assert ledger.head() == head


def test_the_variance_review_is_made_of_what_was_written(place, monkeypatch, capsys):
    ran = []

    def run_notebook(name, parameters, **_):
        ran.append((name, parameters))
        return RunResult("01_variance_review", place, place / "report.html", place / "n.ipynb", {})

    monkeypatch.setattr(runner, "run_notebook", run_notebook)
    assert close() == 3
    causes = filled_in(place)
    words = ["close", STORY, "--plan", "plan.csv", "--status", str(STATUS), "--causes", causes]

    assert cli.main(words) == 0

    assert ran == [("variance", {"history": "history.csv", "project": STORY, "status": str(STATUS)})]
    assert capsys.readouterr().out.splitlines()[-1] == str(place / "report.html")


def test_causes_of_unknown_milestones_and_unknown_codes_are_warned_of(place, capsys):
    (place / "given.csv").write_text(
        "milestone,cause\n2.2,Data Quality\n3.3,weather\n4.2,integration\n4.22,other\n"
    )

    assert close("--causes", "given.csv") == 0

    said = capsys.readouterr().err
    assert (
        "given.csv: milestone 4.22 is not in nlp-claims; the row is passed over. Did you mean '4.2'?" in said
    )
    assert "'weather' came in 1 row; known codes are" in said
    rows = pd.read_csv("history.csv", dtype="str").dropna(subset="cause")
    assert rows["cause"].tolist() == ["data_quality", "weather", "integration"]


def part_of_status(place, *, until="2026-12-31", project=STORY):
    rows = pd.read_csv(STATUS, dtype="str", keep_default_na=False)
    rows[rows["as_of"] <= until].assign(project=project).to_csv(place / "part.csv", index=False)
    return "part.csv"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            {"project": "nlp-claim"},
            "There is no plan of project 'nlp-claim'; there are nlp-claims. Did you mean",
        ),
        (
            {"until": "2026-03-20"},
            "open milestones on its last status date, 2026-03-20: 4.3 Production deployment",
        ),
        ({"until": "2026-01-01"}, "part.csv: only a header came"),
        ({"of": "demand"}, "Project 'nlp-claims' never had a status: the statuses are of demand. Report"),
        ({"of": "nlp-claim"}, "the statuses are of nlp-claim. Did you mean 'nlp-claim'?"),
    ],
)
def test_what_cannot_be_closed_is_said_with_its_remedy(place, capsys, how, said):
    status = part_of_status(place, until=how.get("until", "2026-12-31"), project=how.get("of", STORY))
    assert close(project=how.get("project", STORY), status=status) == 3
    assert said in capsys.readouterr().err


def test_a_plan_in_the_ledger_that_never_had_a_status_is_not_closed(place, capsys):
    url = f"sqlite:///{place}/ledger.db"
    assert cli.main(["ingest", "plan.csv", "--kind", "plan", "--ledger", url]) == 0
    assert cli.main(["close", STORY, "--ledger", url]) == 3
    assert "Project 'nlp-claims' never had a status: no status came." in capsys.readouterr().err


def test_open_milestones_are_cancelled_where_that_is_asked_for(place, capsys):
    status = part_of_status(place, until="2026-03-20")
    (place / "given.csv").write_text("milestone,cause\n2.2,data_quality\n3.3,estimate\n4.2,integration\n")
    assert close("--cancel-open", "--causes", "given.csv", status=status) == 0
    rows = pd.read_csv("history.csv", dtype="str").set_index("milestone")
    cut = rows.index[rows["closed_as"] == "cancelled"]
    assert list(cut) == ["4.3", "4.4", "5.1", "5.3", "5.4"]
    assert set(rows.loc[cut, "actual_finish"]) == {"2026-03-20"}
    written = (place / "history.csv").read_bytes()
    capsys.readouterr()
    assert close("--cancel-open", "--history", "history.csv", status=status) == 0
    assert (place / "history.csv").read_bytes() == written


def test_nothing_that_was_closed_before_is_lost(place, capsys):
    given = "2.2,data_quality\n3.3,estimate\n4.2,integration\n"
    (place / "given.csv").write_text(f"milestone,cause\n{given}")
    (place / "history.csv").write_text("project,milestone,phase,baseline_days\nold,1,discovery,3\n")
    before = (place / "history.csv").read_bytes()

    assert close("--causes", "given.csv") == 5
    assert "To add nlp-claims to it: --history history.csv" in capsys.readouterr().err
    assert (place / "history.csv").read_bytes() == before

    assert close("--causes", "given.csv", "--history", "history.csv") == 0
    assert pd.read_csv("history.csv")["project"].unique().tolist() == ["old", STORY]

    # Closed there on another day.
    text = (place / "history.csv").read_text().replace("2026-03-27,2026-03-27", "2026-03-27,2026-03-30")
    (place / "history.csv").write_text(text)
    capsys.readouterr()
    assert close("--causes", "given.csv", "--history", "history.csv") == 5
    assert "5.4 has actual_finish 2026-03-30 there and 2026-03-27 now" in capsys.readouterr().err


def test_a_table_with_columns_of_its_own_is_not_written_over(place, capsys):
    (place / "history.csv").write_text("project,milestone,phase,baseline_days,Room\nold,1,discovery,3,4b\n")
    assert close("--history", "history.csv") == 5
    assert "history.csv has columns of its own, which would be lost" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--plan", "plan.csv"], ["--ledger", "sqlite:///x.db", "--plan", "plan.csv"], []]
)
def test_files_or_a_ledger_are_named(place, capsys, words):
    assert cli.main(["close", STORY, *words]) == 2
    assert "Name --plan and --status" in capsys.readouterr().err


@pytest.mark.slow
def test_the_story_moves_data_preparation_of_the_whole_history(place, capsys):
    (place / "given.csv").write_text("milestone,cause\n2.2,data_quality\n3.3,estimate\n4.2,integration\n")
    assert close("--causes", "given.csv", "--history", "others.csv") == 0
    # Its data preparation took twice its estimate, others three times: the multiplier falls a little.
    assert "  Data preparation: P50 from 3.05 to 3.02, P80 from 4.23 to 4.20" in capsys.readouterr().out
