import ast
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return nbformat.read(request.param, as_version=4).cells


def test_there_are_notebooks():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["00", "01", "02", "03", "04", "05", "06"]


def test_notebooks_are_committed_without_outputs(cells):
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_the_first_code_cell_holds_the_parameters_with_annotated_types(cells):
    code = [cell for cell in cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [code[0]]
    assert all(isinstance(line, ast.AnnAssign) for line in ast.parse(code[0].source).body)


def test_cells_ask_and_do_not_think(cells):
    for cell in (cell for cell in cells if cell.cell_type == "code"):
        nodes = list(ast.walk(ast.parse(cell.source.replace("%", "#"))))
        assert not any(isinstance(n, ast.FunctionDef | ast.For | ast.While | ast.ClassDef) for n in nodes)


def test_a_title_and_its_question_come_first(cells):
    title, question, *_ = cells[0].source.split("\n\n")
    assert title.startswith("# ")
    assert question.endswith("?")
