"""The first page lists every report with what it found; the demo makes the first ones."""

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from estimation.errors import RunError
from estimation.publishing import demo
from estimation.publishing.index import write_index
from estimation.publishing.notebooks import NOTEBOOKS
from estimation.publishing.results import save_results
from estimation.publishing.runner import RunResult

ATTACK = "<script>alert(1)</script>"


def a_report(folder, notebook, title, *, headline=None, results=True):
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("page")
    cells = [new_markdown_cell(f"# Notebook {notebook}\n\nWhat does {notebook} answer?")]
    executed = new_notebook(cells=cells, metadata={"estimation": {"notebook": notebook}})
    nbformat.write(executed, folder / "notebook.ipynb")
    if results:
        report = {"title": title, "as_of": "2026-11-16", "n_projects": 72}
        save_results(folder, inputs={}, headline=headline or {}, tables={}, report=report)


def test_reports_are_listed_in_the_order_of_their_notebooks(tmp_path):
    a_report(tmp_path / "kickoff", "03_kickoff_forecast", "Third")
    a_report(tmp_path / "variance" / "atlas", "01_variance_review", "First")
    a_report(tmp_path / "calibration", "02_calibration", "Second")

    page = write_index(tmp_path).read_text()

    assert page.index("First") < page.index("Second") < page.index("Third")
    assert 'href="variance/atlas/report.html"' in page
    assert "What does 02_calibration answer?" in page
    assert "Status date: 16 Nov 2026" in page


def test_headline_figures_are_written_for_readers(tmp_path):
    headline = {"p80_finish": "2027-03-12", "slip_days": 15.0, "prob_on_time": 0.25, "all_levels": [1, 2]}
    a_report(tmp_path / "kickoff", "03_kickoff_forecast", "Kickoff", headline=headline)

    page = write_index(tmp_path).read_text()

    for shown in (
        "<dt>P80 finish</dt><dd>12 Mar 2027</dd>",
        "<dt>Slip, working days</dt><dd>15</dd>",
        "<dd>25 %</dd>",
    ):
        assert shown in page
    assert "All levels" not in page


def test_the_same_date_is_not_shown_twice(tmp_path):
    headline = {"promise_finish": "2027-03-12", "p80_finish": "2027-03-12", "p50_finish": "2027-02-12"}
    a_report(tmp_path / "kickoff", "03_kickoff_forecast", "Kickoff", headline=headline)

    page = write_index(tmp_path).read_text()

    assert page.count("<dd>12 Mar 2027</dd>") == 1
    assert "<dt>P50 finish</dt><dd>12 Feb 2027</dd>" in page


def test_text_from_data_is_escaped_and_nothing_is_loaded(tmp_path):
    a_report(tmp_path / "a b#c", "01_variance_review", ATTACK, headline={ATTACK: ATTACK})

    page = write_index(tmp_path).read_text()

    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 3
    assert 'href="a%20b%23c/report.html"' in page
    assert "https:" not in page
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page


def test_a_report_without_results_is_still_listed(tmp_path):
    a_report(tmp_path / "toy", "07_toy", "", results=False)

    page = write_index(tmp_path).read_text()

    assert "Notebook 07_toy" in page
    assert "Status date" not in page


def test_a_folder_without_reports_says_how_to_make_some(tmp_path):
    assert "estimation demo" in write_index(tmp_path).read_text()


def test_the_same_reports_give_the_same_page(tmp_path):
    a_report(tmp_path / "toy", "07_toy", "Toy")

    assert write_index(tmp_path).read_bytes() == write_index(tmp_path).read_bytes()


def runs_without_kernel(tmp_path, monkeypatch, *, leaves_model):
    asked = []

    def run_notebook(short, parameters=None, *, reports, **_):
        asked.append((short, parameters))
        folder = reports / short
        a_report(folder, short, f"Report {short}")
        if short == "calibration" and leaves_model:
            (folder / "model.json").write_text("{}")
        return RunResult(short, folder, folder / "report.html", folder / "notebook.ipynb", {})

    monkeypatch.setattr(demo, "run_notebook", run_notebook)
    return asked


def test_the_demo_forecasts_with_the_model_it_just_made(tmp_path, monkeypatch):
    asked = runs_without_kernel(tmp_path, monkeypatch, leaves_model=True)

    page = demo.run_demo(tmp_path)

    model = tmp_path / "example" / "calibration" / "model.json"
    example = NOTEBOOKS.parent / "data" / "example"
    history = example / "history.csv"
    kickoff = {
        "plan_file": str(example / "plans" / "contract-search.csv"),
        "model_file": model,
        "history": str(history),
    }
    weekly = {
        "history": str(example / "running.csv"),
        "project": "visual-inspection",
        "status": str(example / "status" / "visual-inspection.csv"),
        "model_file": model,
        "as_of": "2026-11-06",
    }
    assert history.exists()
    assert asked == [
        ("replay", None),
        ("variance", None),
        ("calibration", None),
        ("kickoff", kickoff),
        ("weekly", weekly),
        ("client", None),
        ("quarterly", None),
    ]
    assert page == tmp_path / "index.html"
    assert all(f"Report {short}" in page.read_text() for short in ("variance", "calibration", "kickoff"))


def test_a_calibration_without_a_model_stops_the_demo(tmp_path, monkeypatch):
    asked = runs_without_kernel(tmp_path, monkeypatch, leaves_model=False)

    with pytest.raises(RunError, match=r"left no model\.json"):
        demo.run_demo(tmp_path)
    assert [short for short, _ in asked] == ["replay", "variance", "calibration"]
