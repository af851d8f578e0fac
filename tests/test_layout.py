"""The plan of the house: its parts and their order, a name for each module, and the map of them."""

import ast
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))  # the map is made beside the pages it stands with

from house import MAP, ORDER, PACKAGE, code_lines, first_line, house_map, part_of  # noqa: E402

MODULES = sorted(PACKAGE.rglob("*.py"))


def imported_parts(path: Path) -> set[str]:
    """Parts of the package that a module imports anywhere, functions included; "" is the public face itself."""
    parts = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        parts |= {[*name.split("."), ""][1] for name in names if name.split(".")[0] == "estimation"}
    return parts


def test_every_part_of_the_package_has_its_place_in_the_order():
    assert {part_of(path) for path in MODULES} - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("part", ORDER[:-1])  # the command, last, knows every part
def test_a_part_imports_only_from_those_before_it(part):
    allowed = {*ORDER[: ORDER.index(part) + 1]}
    backwards = {
        path.relative_to(PACKAGE).as_posix(): sorted(imported_parts(path) - allowed)
        for path in MODULES
        if part_of(path) == part and not imported_parts(path) <= allowed
    }
    assert not backwards


def test_no_two_modules_share_a_name_and_none_is_a_drawer():
    names = Counter(path.stem for path in MODULES if path.stem != "__init__")
    folders = {path.parent.name for path in MODULES}
    assert not [name for name, count in names.items() if count > 1]
    assert not {"utils", "helpers", "common", "base", "models"} & (set(names) | folders)


def test_every_module_says_first_what_it_is_for():
    assert not [path.name for path in MODULES if not first_line(path).endswith((".", "?"))]


def test_the_map_is_the_one_of_today():
    assert MAP.read_text(encoding="utf-8") == house_map(), "run: make map"


def test_docstrings_comments_and_blanks_are_no_lines_of_code():
    text = (
        '"""What it is."""\n\nA = 1  # one\n\n\ndef f():\n    """Say.\n\n    More.\n    """\n'
        "    # why\n    return (\n        A\n    )\n"
    )
    assert code_lines(text) == 5  # the assignment, the head of the function, three lines of its return


def test_nothing_unpickles_and_no_yaml_makes_objects():
    forbidden = (
        "import pickle",
        "read_pickle",
        "allow_pickle",
        "import dill",
        "import joblib",
        "unsafe_load",
    )
    assert not [
        (path.name, words)
        for path in MODULES
        for words in forbidden
        if words in path.read_text(encoding="utf-8")
    ]
