"""One default for verb, notebook and command: the same call gives the same number as the report."""

import ast
import inspect
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from without_kernel import kernels_replaced

from estimation import (
    calibrate,
    date_at,
    earned_value_table,
    evidence_table,
    forecast_table,
    load_model,
    load_results,
    milestone_board,
    multiplier_table,
    plan_of,
    quarterly_report,
    read_history,
    read_plan,
    read_published,
    read_status,
    simulate,
    variance_table,
)
from estimation.publishing.notebooks import OUTPUT, example_of, find_notebook, list_notebooks
from estimation.publishing.runner import run_notebook
from estimation.review.hindsight import hindsight
from estimation.review.quarterly.quarter import read_quarter
from estimation.tracking.client_report import client_report

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = list_notebooks()


def told(short):
    """What a notebook is told as it stands, its paths found."""
    notebook = find_notebook(short)
    return {one.name: one.default for one in notebook.parameters} | example_of(notebook)


def calls(notebook):
    """The calls in a notebook of what computes: each function, and by name the source of what it is given."""
    cells = [cell for cell in nbformat.read(notebook.path, as_version=4).cells if cell.cell_type == "code"]
    lines = ast.parse("\n".join(cell.source for cell in cells)).body
    functions = {}
    imports = [line for line in lines if isinstance(line, ast.ImportFrom)]
    exec(compile(ast.Module(imports, []), notebook.name, "exec"), functions)
    shared = {
        line.targets[0].id: dict(zip([key.value for key in line.value.keys], line.value.values, strict=True))
        for line in lines
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Dict)
    }
    for call in (node for line in lines for node in ast.walk(line) if isinstance(node, ast.Call)):
        function = functions.get(getattr(call.func, "id", None))
        if inspect.isfunction(function) and not function.__module__.startswith("estimation.pages"):
            given = {}
            for keyword in call.keywords:
                given |= {keyword.arg: keyword.value} if keyword.arg else shared[keyword.value.id]
            yield function, {name: ast.unparse(value) for name, value in given.items()}


def defaults_in_two_places():
    """Each parameter of a notebook that it hands on under a name for which the function has a default, too."""
    for notebook in NOTEBOOKS:
        example = {*example_of(notebook), OUTPUT}
        own = {one.name: one.default for one in notebook.parameters if one.name not in example}
        for function, given in calls(notebook):
            keywords = inspect.signature(function).parameters.items()
            defaults = {name: one.default for name, one in keywords if one.default is not one.empty}
            for name, source in given.items():
                words = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
                if words and words <= {*own} and name in defaults:
                    where = f"{notebook.short}: {function.__name__}({name}={source})"
                    yield pytest.param(eval(source, dict(own)), defaults[name], id=where)


@pytest.mark.parametrize(("of_the_notebook", "of_the_function"), list(defaults_in_two_places()))
def test_what_a_notebook_hands_on_by_default_is_what_the_function_takes_by_default(
    of_the_notebook, of_the_function
):
    empty = ("", None)
    assert of_the_notebook == of_the_function or (of_the_notebook in empty and of_the_function in empty)


def test_defaults_in_two_places_are_found():
    found = {one.id for one in defaults_in_two_places()}
    assert "weekly: evidence_table(thresholds=(on_track, at_risk))" in found
    assert "weekly: simulate(iterations=iterations or None)" in found
    assert "quarterly: calibrate(finish_way=finish_way)" in found


def test_notebooks_readme_and_example_draw_with_one_seed():
    seeds = {one.default for notebook in NOTEBOOKS for one in notebook.parameters if one.name == "seed"}
    seeds |= {int(seed) for seed in re.findall(r"\bseed=(\d+)", README)}
    assert seeds == {load_model(told("kickoff")["model_file"]).seed}


# The numbers --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Runs a notebook as it stands and reads what it saved."""

    def saved(short):
        folder = tmp_path_factory.mktemp(short)
        with kernels_replaced():
            return load_results(run_notebook(short, output_dir=folder).folder)

    return saved


def dates(series):
    return pd.to_datetime(series).tolist()


def test_the_promise_of_the_kickoff_is_that_of_three_lines_of_python(saved):
    ask, report = told("kickoff"), saved("kickoff")
    forecast = forecast_table(
        simulate(read_plan(ask["plan_file"]), load_model(ask["model_file"]), seed=ask["seed"])
    )
    assert dates(report.tables["forecast"]["p80_finish"]) == dates(forecast["p80_finish"])
    promised = [report.headline[name] for name in ("promise_finish", "p50_finish")]
    assert dates(promised) == [date_at(forecast, 0.8), date_at(forecast, 0.5)]
    assert report.headline["prob_baseline"] == pytest.approx(forecast["prob_baseline"].iloc[-1])


def test_the_weekly_review_says_what_its_verbs_say(saved):
    ask, report = told("weekly"), saved("weekly")
    plan, model = plan_of(read_history(ask["history"]), ask["project"]), load_model(ask["model_file"])
    updates, seed, day = read_status(ask["status"]), ask["seed"], ask["as_of"]
    evidence = evidence_table(plan, model, updates, seed=seed, as_of=day)
    forecast = forecast_table(simulate(plan, model, seed=seed, as_of=day, status=updates))
    board = milestone_board(plan, updates, forecast, as_of=day, evidence=evidence)
    earned = earned_value_table(plan, updates, as_of=day)
    for table, verb, column in (
        ("forecast", forecast, "p80_finish"),
        ("evidence", evidence, "committed_finish"),
        ("board", board, "expected_finish"),
    ):
        assert dates(report.tables[table][column]) == dates(verb[column])
    assert report.tables["evidence"]["evidence"].tolist() == evidence["evidence"].tolist()
    assert report.tables["evidence"]["prob_now"].tolist() == pytest.approx(evidence["prob_now"].tolist())
    assert report.tables["board"]["status"].tolist() == board["status"].tolist()
    assert report.tables["earned_value"]["ev"].tolist() == earned["ev"].tolist()


def test_the_client_hears_the_end_that_the_verb_gives(saved):
    ask, report = told("client"), saved("client")
    facts = client_report(
        read_history(ask["history"]), read_status(ask["status"]), ask["project"], as_of=ask["as_of"]
    ).facts
    assert dates([report.headline["new_finish"]]) == dates([facts["new_finish"]])
    assert report.headline["late_days"] == facts["late_days"]


@pytest.fixture(scope="module")
def learned():
    """What the history of the example teaches whoever calls the verb."""
    ask = told("calibration")
    return calibrate(read_history(ask["history"]), seed=ask["seed"])


@pytest.mark.slow
def test_the_model_of_the_example_is_the_one_that_the_verb_learns(learned):
    ask = told("kickoff")
    model, plan = load_model(ask["model_file"]), read_plan(ask["plan_file"])
    assert model.finish_way == learned.finish_way
    # Another machine's arithmetic may move a number at its fourth digit, and a date with it.
    pd.testing.assert_frame_equal(multiplier_table(model), multiplier_table(learned), rtol=1e-3)
    ends = [date_at(forecast_table(simulate(plan, one, seed=learned.seed)), 0.8) for one in (model, learned)]
    assert abs(ends[0] - ends[1]) <= pd.Timedelta(days=4)


@pytest.mark.slow
def test_the_calibration_report_learns_what_the_verb_learns(learned, tmp_path):
    with kernels_replaced():
        result = run_notebook("calibration", output_dir=tmp_path)
    model = load_model(result.folder / "model.json")
    assert model.finish_way == learned.finish_way
    pd.testing.assert_frame_equal(multiplier_table(model), multiplier_table(learned))
    plan = read_plan(told("kickoff")["plan_file"])
    pd.testing.assert_frame_equal(
        *(forecast_table(simulate(plan, one, seed=model.seed)) for one in (model, learned))
    )


@pytest.mark.slow
def test_the_variance_review_says_what_its_verbs_say(saved):
    ask, report = told("variance"), saved("variance")
    closed, project = read_history(ask["history"]), ask["project"]
    slips = variance_table(closed[closed["project"] == project].reset_index(drop=True), project)
    assert report.tables["variance"]["slip_days"].tolist() == slips["slip_days"].tolist()
    fan = hindsight(closed, project, read_status(ask["status"]), seed=ask["seed"]).fan
    assert dates(report.tables["forecasts"]["p80_finish"]) == dates(fan["p80_finish"])


@pytest.mark.slow
def test_the_quarterly_report_says_what_its_verb_says(saved):
    ask, report = told("quarterly"), saved("quarterly")
    history = read_history(ask["history"])
    again = quarterly_report(
        history,
        read_published(ask["published"], history=ask["history"]),
        read_quarter(ask["quarter"], history),
        seed=ask["seed"],
        status=read_status(ask["status"]),
    )
    assert dates(report.tables["running"]["p80_finish"]) == dates(again.running["p80_finish"])
    moves = ["then", "now"]
    pd.testing.assert_frame_equal(report.tables["multiplier_moves"][moves], again.multiplier_moves[moves])
