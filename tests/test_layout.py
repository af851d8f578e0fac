"""The order of the folders: each imports only from those above it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "estimation"
ORDER = (
    "errors",
    "public_holidays",
    "workdays",
    "disk",
    "columns",
    "tables",
    "causes",
    "scores",
    "dependencies",
    "framework",
    "planning",
    "ingest",
    "ledger",
    "reading",
    "calibration",
    "forecasting",
    "scoring",
    "tracking",
    "reporting",
    "cli_output",
    "cli_ledger",
    "cli_ingest",
    "cli",
)
MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_parts_that_come_before_it(path):
    part = part_of(path)
    if part in ("__init__", "cli"):
        return
    allowed = {*ORDER[: ORDER.index(part) + 1]}
    assert imported_parts(path) <= allowed


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_has_one_reason_to_exist_and_says_it_first(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert text.count("\n") <= 400
    assert path.stem not in ("utils", "helpers", "common", "base", "models")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_unpickles_and_no_yaml_makes_objects(path):
    text = path.read_text(encoding="utf-8")
    for words in (
        "import pickle",
        "read_pickle",
        "allow_pickle",
        "import dill",
        "import joblib",
        "unsafe_load",
    ):
        assert words not in text
