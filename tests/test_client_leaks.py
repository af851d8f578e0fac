"""Twenty clients, a word of its own planted in each one's every field: the report of one holds no other's, in any byte.

Nor does it hold what is internal of its own, nor where on which machine it was made.
"""

import socket
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from estimation.cli import command as cli
from estimation.publishing.client_package import prepare_client
from estimation.publishing.runner import run_notebook
from estimation.tables import HISTORY, STATUS

N_CLIENTS = 20
OWN = 7
SILENT = 11
SHOWN = {"milestone", "project_name", "name", "client_summary", "waiting_on", "reason", "recovery_plan"}
"""Fields that are written for the client: their words may, and do, stand in the report."""
MEANT = {
    "calendar",
    "depends_on",
    "closed_as",
    "source",
}  # their text has a meaning of its own: any word is refused
LETTERS = "bcdfghjklmnpqrstvwxz"


def word_of(client, field):
    """A word that stands nowhere else: the client and the field are spelled in it."""
    return f"zq{LETTERS[client]}{''.join(each for each in field if each.isalpha())}{ending_of(client)}"


def ending_of(client):
    """What all words of a client end in, and no other word."""
    return f"qz{3 * LETTERS[client]}zq"


def number_of(client, field):
    """A number of nine digits that stands nowhere else."""
    fields = [*HISTORY, *STATUS]
    return 700_000_000 + client * 1_000_003 + fields.index(field) * 7919


def texts(contract, client):
    return {
        name: word_of(client, name)
        for name, column in contract.items()
        if column.kind == "text" and name not in MEANT
    }


def milestones(client):
    """Two milestones in a row, 2-6 and 9-13 March 2026."""
    costs = {name: number_of(client, name) for name in ("budget_cost", "actual_cost")}
    common = {**texts(HISTORY, client), **costs, "project_start": "2026-03-02"}
    first = f"{word_of(client, 'milestone')}.1"
    second = f"{word_of(client, 'milestone')}.2"
    return [
        {**common, "milestone": first, "baseline_finish": "2026-03-06"},
        {**common, "milestone": second, "baseline_finish": "2026-03-13", "depends_on": first},
    ]


def updates(client, silent=False):
    """The first milestone stands as agreed on the 3rd, is three days later on the 6th, with a reason unless silent."""
    first = {
        **texts(STATUS, client),
        "milestone": f"{word_of(client, 'milestone')}.1",
        "actual_cost": number_of(client, "actual_cost"),
        "confidence": 0.987654321,
        "told_client_on": "2026-03-05",
    }
    reason = "" if silent else first["reason"]
    return [
        {**first, "as_of": "2026-03-03", "forecast_finish": "2026-03-06", "reason": ""},
        {**first, "as_of": "2026-03-06", "forecast_finish": "2026-03-11", "reason": reason},
    ]


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    """Files of all clients in folders that have telling names; the eleventh moved a date in silence."""
    folder = tmp_path_factory.mktemp("zqfolderqz") / "zqportfolioqz"
    folder.mkdir()
    pd.DataFrame([row for client in range(N_CLIENTS) for row in milestones(client)]).to_csv(
        folder / "zqhistoryqz.csv", index=False
    )
    pd.DataFrame(
        [row for client in range(N_CLIENTS) for row in updates(client, silent=client == SILENT)]
    ).to_csv(folder / "zqstatusqz.csv", index=False)
    return folder


def told(portfolio, client):
    return {
        "history": str(portfolio / "zqhistoryqz.csv"),
        "status": str(portfolio / "zqstatusqz.csv"),
        "project": word_of(client, "project"),
        "as_of": "2026-03-06",
    }


@pytest.fixture(scope="module")
def report(portfolio, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zqoutqz")
    return run_notebook("client", told(portfolio, OWN), output_dir=folder).folder


@pytest.fixture(scope="module")
def written(report):
    """Every byte of the report by the name of its file; what is packed is unpacked as well."""
    contents = {}
    for path in report.rglob("*"):
        if path.is_file():
            contents[str(path.relative_to(report))] = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    contents |= {f"{path.name}/{name}": packed.read(name) for name in packed.namelist()}
    return contents


def where(written, words):
    return sorted(
        (name, word)
        for name, content in written.items()
        for word in words
        if word.lower().encode() in content.lower()
    )


@pytest.mark.kernel
def test_the_report_is_whole(written):
    wanted = {
        "client.json",
        "email.txt",
        "milestones.csv",
        "milestones.xlsx",
        "notebook.ipynb",
        "report.html",
    }
    assert wanted <= set(written)
    assert b"<svg" in written["report.html"]
    assert b"<svg" in written["notebook.ipynb"]
    assert any(name.startswith("milestones.xlsx/xl/") for name in written)


@pytest.mark.kernel
def test_what_is_written_for_the_client_is_in_it(written):
    for field in SHOWN:  # what a milestone means is shown on the page when it has just been done
        page = "client.json" if field == "client_summary" else "report.html"
        assert word_of(OWN, field).encode() in written[page], field


@pytest.mark.kernel
def test_no_byte_of_it_is_of_another_client(written):
    others = [client for client in range(N_CLIENTS) if client != OWN]
    words = [word_of(client, field) for client in others for field in {**HISTORY, **STATUS}]
    numbers = [str(number_of(client, field)) for client in others for field in ("budget_cost", "actual_cost")]
    # Every word of another client ends in its own letter: one look for that finds those of fields to come as well.
    endings = [ending_of(client) for client in others]
    assert where(written, [*words, *numbers, *endings]) == []


@pytest.mark.kernel
def test_nothing_internal_of_its_own_is_in_it(written):
    internal = [
        field
        for contract in (HISTORY, STATUS)
        for field, column in contract.items()
        if column.kind == "text" and field not in SHOWN | MEANT
    ]
    assert {"notes", "owner", "team", "client", "cause_note", "recovery_owner", "reported_status"} <= set(
        internal
    )
    numbers = [str(number_of(OWN, field)) for field in ("budget_cost", "actual_cost")]
    assert where(written, [*(word_of(OWN, field) for field in internal), *numbers, "987654321"]) == []


@pytest.mark.kernel
def test_no_place_on_the_machine_is_in_it(written, portfolio, report):
    places = [Path.home(), portfolio, report, Path(__file__).parents[1], "/tmp/", "/home/"]
    names = ["zqfolderqz", "zqportfolioqz", "zqhistoryqz", "zqstatusqz", "zqoutqz", socket.gethostname()]
    assert where(written, [str(each) for each in [*places, *names] if len(str(each)) > 4]) == []


@pytest.mark.parametrize("client", [0, OWN, SILENT, N_CLIENTS - 1])
def test_no_package_holds_a_word_of_another_client(portfolio, client):
    package = prepare_client(**told(portfolio, client), allow_unexplained=True)
    assert word_of(client, "reason" if client != SILENT else "name") in package
    endings = [ending_of(other) for other in range(N_CLIENTS) if other != client]
    assert [ending for ending in endings if ending in package] == []


@pytest.mark.kernel
def test_a_silent_move_stops_the_report_with_exit_code_5(portfolio, tmp_path, capsys):
    pairs = [word for name, value in told(portfolio, SILENT).items() for word in ("-p", name, value)]
    assert cli.main(["run", "client", *pairs, "--output", str(tmp_path / "out")]) == 5
    said = capsys.readouterr().err
    # 6 to 11 March are three working days.
    for part in (
        word_of(SILENT, "project"),
        f"{word_of(SILENT, 'milestone')}.1 {word_of(SILENT, 'name')}: 2026-03-06 -> 2026-03-11 (3 working days later)",
        "in week 2, on 2026-03-06",
        "--reason",
        "--told-client",
        "--allow-unexplained",
    ):
        assert part in said
    assert not (tmp_path / "out").exists()


def test_the_words_are_unique():
    words = [word_of(client, field) for client in range(N_CLIENTS) for field in {**HISTORY, **STATUS}]
    assert len(set(words)) == len(words)
