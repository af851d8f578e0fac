"""What a prepared notebook is told, where its report goes, and what must not lie beside it."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from estimation.errors import RefusedError, UsageError
from estimation.publishing import prepared
from estimation.publishing.notebooks import find_notebook
from estimation.publishing.prepared import Prepared, prepare, without_preparation
from estimation.publishing.runner import run_notebook

SECRET = "zqsecretqz"


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A toy that shows the prepared file; the command is told where the secret is and who asks."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (tmp_path / "all.txt").write_text(SECRET)
    cells = [
        new_markdown_cell("# Toy\n\nWhat may be seen?"),
        new_raw_cell(
            'history: "Path" = "../all.txt"  # everything\nproject: str = "p"',
            metadata={"tags": ["prepared"]},
        ),
        new_code_cell(
            'package: "Path" = "../there.json"\noutput_dir: "Path" = "../out"',
            metadata={"tags": ["parameters"]},
        ),
        new_code_cell("import sys\nprint(open(package).read(), output_dir)\nprint('w', file=sys.stderr)"),
        new_code_cell("if 'fails' in open(package).read(): raise ValueError('no')"),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "09_toy_client.ipynb")

    def same(path, text):
        return path.exists() and path.read_text() == text

    def made(told):
        assert told["history"].endswith("all.txt")
        project = told["project"]
        return Prepared("package", "toy.json", f"for {project}", project, same, ("Nobody promised a date.",))

    monkeypatch.setattr(prepared, "PREPARATIONS", {"toy": made})
    return folder


@pytest.fixture
def run(notebooks, tmp_path):
    return lambda **given: run_notebook(
        "toy", given, notebooks=notebooks, reports=tmp_path / "reports", output_dir=given.pop("to", None)
    )


def test_the_command_is_told_what_the_raw_cell_lists_and_the_output_folder(notebooks):
    toy = find_notebook("toy", notebooks)
    assert toy.is_prepared
    assert [parameter.name for parameter in toy.parameters] == ["history", "project", "output_dir"]
    assert toy.parameters[0].help == "everything"


def test_a_notebook_without_the_raw_cell_reads_for_itself():
    assert prepare(find_notebook("weekly"), {}) is None


@pytest.mark.kernel
def test_the_notebook_sees_the_prepared_file_alone_and_no_path(run, tmp_path):
    done = run(project="atlas")
    assert done.folder == tmp_path / "reports" / "toy" / "atlas"  # a folder for each project
    text = done.executed.read_text()
    assert "for atlas ." in text
    for absent in (SECRET, str(tmp_path), "all.txt", '"name": "stderr"'):
        assert absent not in text
    assert {path.name for path in done.folder.iterdir()} == {"notebook.ipynb", "report.html", "toy.json"}


@pytest.mark.kernel
def test_what_failed_before_is_gone_once_a_report_is_there(run, notebooks):
    folder = run(project="atlas").folder
    (folder / "failed").mkdir()
    (folder / "failed" / "09_toy_client.ipynb").write_text("half")
    run(project="atlas")
    assert not (folder / "failed").exists()


@pytest.mark.parametrize(
    "name", ["board.csv", "toy.json", "failed/04_weekly_review.ipynb", "other/report.html"]
)
def test_a_folder_with_anything_else_in_it_is_refused(run, tmp_path, name):
    place = tmp_path / "mixed" / name
    place.parent.mkdir(parents=True)
    place.write_text("for somebody else")
    with pytest.raises(RefusedError, match="would be sent along with this report"):
        run(project="atlas", to=tmp_path / "mixed")
    assert place.read_text() == "for somebody else"


@pytest.mark.kernel
def test_a_review_put_into_the_clients_folder_is_not_sent_along_with_the_next_report(run):
    folder = run(project="atlas").folder
    before = (folder / "report.html").read_bytes()
    (folder / "board.csv").write_text("owners and costs")
    (folder / "report.html").write_text("a review")
    with pytest.raises(RefusedError, match=r"would be sent along with it: board\.csv"):
        run(project="atlas")
    assert (folder / "report.html").read_text() == "a review"  # nothing was moved in place
    (folder / "board.csv").unlink()
    assert (run(project="atlas").folder / "report.html").read_bytes() == before


def test_the_file_itself_cannot_be_named_from_outside(run):
    with pytest.raises(UsageError, match="'package' is not a parameter of toy"):
        run(package="mine.json")


def test_raw_cell_and_warnings_are_taken_out():
    shown = new_output("stream", name="stdout", text="kept")
    warned = new_output("stream", name="stderr", text="/home/somebody: a warning")
    code = new_code_cell("1", outputs=[shown, warned])
    executed = without_preparation(
        new_notebook(cells=[new_raw_cell("x", metadata={"tags": ["prepared"]}), code])
    )
    assert len(executed.cells) == 1
    assert executed.cells[0].outputs == [shown]


@pytest.mark.kernel
def test_what_the_maker_should_know_is_in_no_file_of_the_report(run):
    done = run()
    assert done.warnings == ("Nobody promised a date.",)
    files = [path for path in done.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"Nobody promised" in path.read_bytes()]
