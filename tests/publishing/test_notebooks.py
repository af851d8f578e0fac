"""Notebooks are found by any of their names and refuse what they cannot take before they start."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from estimation.errors import InputError, UsageError
from estimation.publishing.notebooks import (
    Notebook,
    Parameter,
    find_notebook,
    list_notebooks,
    resolve_parameters,
    title_and_question,
    without_example,
)

PARAMETERS = """
history: "Path" = "../data/example/history.csv"  # closed projects: a file or a folder
mapping: "Path" = ""  # how the table is read; = is no problem here
iterations: int = 10_000
level = 0.8
as_of: str = "2026-11-16"  # status date
pooled: bool = True
limit: "float | None" = None
output_dir: "Path" = "../reports/scratch"  # where the results go
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("02_calibration", "03_kickoff_forecast"):
        title = new_markdown_cell(f"# Title of {name}\n\nWhich date\ncan we promise?\n\nMore words.")
        parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
        nbformat.write(new_notebook(cells=[title, parameters]), tmp_path / f"{name}.ipynb")
    (tmp_path / "scratch.ipynb").write_text("not even a notebook")
    return tmp_path


@pytest.fixture
def kickoff(folder):
    return find_notebook("kickoff", folder)


@pytest.mark.parametrize("name", ["3", "03", "kickoff", "03_kickoff_forecast", "03_kickoff_forecast.ipynb"])
def test_a_notebook_answers_to_its_number_its_name_and_its_short_name(folder, name):
    assert find_notebook(name, folder).path == folder / "03_kickoff_forecast.ipynb"


def test_a_mistyped_name_is_answered_with_the_nearest(folder):
    with pytest.raises(UsageError, match=r"no notebook 'kickof'. Did you mean 'kickoff'\?"):
        find_notebook("kickof", folder)
    with pytest.raises(UsageError, match="There are: calibration, kickoff"):
        find_notebook("zzz", folder)


def test_notebooks_are_listed_by_number_with_the_question_they_answer(folder):
    first, second = list_notebooks(folder)

    assert (first.number, first.short) == ("02", "calibration")
    assert (second.number, second.short) == ("03", "kickoff")
    assert second.title == "Title of 03_kickoff_forecast"
    assert second.question == "Which date can we promise?"


def test_parameters_are_read_with_type_default_and_meaning(kickoff):
    read = {one.name: (one.type, one.default, one.help) for one in kickoff.parameters}

    assert read == {
        "history": ("Path", "../data/example/history.csv", "closed projects: a file or a folder"),
        "mapping": ("Path", "", "how the table is read; = is no problem here"),
        "iterations": ("int", 10_000, ""),
        "level": ("float", 0.8, ""),
        "as_of": ("str", "2026-11-16", "status date"),
        "pooled": ("bool", True, ""),
        "limit": ("float | None", None, ""),
        "output_dir": ("Path", "../reports/scratch", "where the results go"),
    }


def test_text_becomes_what_the_notebook_declares(kickoff):
    given = {"iterations": "2_000", "level": "0.9", "as_of": "2027-01-04", "pooled": "No", "limit": "1.5"}

    assert resolve_parameters(kickoff, given) == {
        "iterations": 2000,
        "level": 0.9,
        "as_of": "2027-01-04",
        "pooled": False,
        "limit": 1.5,
    }
    assert resolve_parameters(kickoff, {"limit": "none"}) == {"limit": None}


def test_only_what_was_given_is_handed_on(kickoff):
    assert resolve_parameters(kickoff, {}) == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("iterations", "many", "iterations is 'many'; wanted a whole number"),
        ("level", "high", "level is 'high'; wanted a number"),
        ("pooled", "perhaps", "pooled is 'perhaps'; wanted true or false"),
    ],
)
def test_a_value_of_another_type_is_refused(kickoff, name, value, sentence):
    with pytest.raises(UsageError, match=sentence):
        resolve_parameters(kickoff, {name: value})


def test_an_unknown_parameter_is_answered_with_the_nearest(kickoff):
    with pytest.raises(
        UsageError, match=r"'iteration' is not a parameter of kickoff. Did you mean 'iterations'\?"
    ):
        resolve_parameters(kickoff, {"iteration": "5"})


def test_paths_are_those_of_the_caller(kickoff, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "history.csv").touch()
    monkeypatch.chdir(elsewhere)

    resolved = resolve_parameters(kickoff, {"history": "history.csv", "output_dir": "new"})

    assert resolved == {"history": str(elsewhere / "history.csv"), "output_dir": str(elsewhere / "new")}


def test_a_path_that_is_not_there_is_refused_at_once(kickoff, tmp_path):
    with pytest.raises(InputError, match=r"history: there is no file or folder .*gone\.csv"):
        resolve_parameters(kickoff, {"history": "gone.csv"}, base=tmp_path)


def test_database_addresses_and_empty_paths_are_left_alone(kickoff):
    given = {"history": "sqlite:///ledger.db", "mapping": ""}

    assert resolve_parameters(kickoff, given) == given


def test_a_cell_without_heading_has_no_title_and_stays_whole():
    assert title_and_question("Just words.\n\nMore.") == ("", "", "Just words.\n\nMore.")


def test_a_heading_may_stand_directly_above_its_question():
    assert title_and_question("# Kickoff\n*Which date?*\n\nRest.") == ("Kickoff", "Which date?", "Rest.")
    assert title_and_question("# Kickoff\n\n## Part") == ("Kickoff", "", "## Part")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(np.int64(7), 7), (np.float64(7), None), (7, 7), (object(), None), ([7], None), (np.array([7]), None)],
)
def test_only_plain_values_can_be_told_and_scalars_of_numpy_are_plain(given, wanted):
    notebook = Notebook(Path("07_toy.ipynb"), "07", "07_toy", "toy", "", "", (Parameter("n", "int", 1, ""),))
    if wanted is None:
        with pytest.raises(UsageError, match=r"^n is"):
            resolve_parameters(notebook, {"n": given})
    else:
        value = resolve_parameters(notebook, {"n": given})["n"]
        assert (type(value), value) == (int, wanted)


def settled(short, given, tmp_path):
    """What a real notebook is told when a person names these things; files are made where they are named."""
    for name, value in given.items():
        if name in ("history", "status", "plan_file", "model_file") and "://" not in value:
            (tmp_path / value).touch()
    notebook = find_notebook(short)
    return without_example(notebook, resolve_parameters(notebook, given, base=tmp_path))


OWN_WEEK = {"history": "own.csv", "project": "atlas", "model_file": "model.json", "as_of": "2026-11-27"}


def test_status_updates_that_nobody_named_are_none_and_never_those_of_the_example(tmp_path):
    told, said = settled("weekly", OWN_WEEK, tmp_path)
    assert told["status"] == ""
    assert said == ["weekly: no status updates were named; none are read. Name them: -p status FILE"]


def test_closed_projects_that_nobody_named_are_none_and_never_those_of_the_example(tmp_path):
    told, said = settled("kickoff", {"plan_file": "plan.csv", "model_file": "model.json"}, tmp_path)
    assert told["history"] == ""
    assert said == ["kickoff: no closed projects were named; none are read. Name them: -p history FILE"]


def test_status_updates_come_from_the_ledger_that_the_history_comes_from(tmp_path):
    told, said = settled("weekly", {**OWN_WEEK, "history": "sqlite:///ledger.db"}, tmp_path)
    assert told["status"] == "sqlite:///ledger.db"
    assert said == ["weekly: no status updates were named; they are read from the ledger."]


@pytest.mark.parametrize(
    ("short", "given", "named"),
    [
        ("weekly", {"history": "own.csv"}, ["project", "model_file", "as_of"]),
        ("weekly", {"status": "week.csv"}, ["history", "project", "model_file", "as_of"]),
        ("client", {"history": "own.csv"}, ["project", "as_of"]),
        ("variance", {"history": "own.csv"}, ["project"]),
        ("kickoff", {"plan_file": "plan.csv", "history": "own.csv"}, ["model_file"]),
        ("kickoff", {"history": "own.csv"}, ["plan_file", "model_file"]),
    ],
)
def test_beside_own_data_everything_else_that_would_be_the_examples_must_be_named(
    tmp_path, short, given, named
):
    with pytest.raises(UsageError, match="made-up example") as refused:
        settled(short, given, tmp_path)
    lines = str(refused.value).splitlines()[1:]
    assert [line.split()[1] for line in lines] == named


@pytest.mark.parametrize(
    ("short", "given"),
    [
        ("calibration", {"history": "own.csv"}),
        ("quarterly", {"history": "own.csv", "status": "week.csv"}),
        ("kickoff", {"plan_file": "plan.csv", "model_file": "model.json", "history": "own.csv"}),
        ("weekly", {**OWN_WEEK, "status": "week.csv"}),
        ("weekly", {"iterations": "400"}),
    ],
)
def test_nothing_is_added_where_everything_is_named_or_all_is_the_example(tmp_path, short, given):
    told, said = settled(short, given, tmp_path)
    assert (set(told), said) == (set(given), [])


def test_files_of_the_example_named_one_by_one_stay_an_example():
    notebook = find_notebook("client")
    given = resolve_parameters(notebook, {"status": "data/example/status/nlp-claims.csv"})
    assert without_example(notebook, given) == (given, [])
