"""The plan of the house: writes docs/map.md from the first line of each module, or counts its lines of code.

python docs/house.py          writes docs/map.md
python docs/house.py --count  prints the lines of code of each part, without docstrings, comments and blank lines
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "estimation"
MAP = HERE / "map.md"

ORDER = (
    "errors",
    "scores",
    "tables",
    "findings",
    "calendar",
    "project",
    "ingest",
    "ledger",
    "calibration",
    "forecasting",
    "lint",
    "scoring",
    "learning",
    "tracking",
    "review",
    "pages",
    "publishing",
    "cli",
)
"""The parts of the package; each imports only from those before it."""

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def part_of(path: Path) -> str:
    """Name the part of the package that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def first_line(path: Path) -> str:
    """Read what a module says it is for."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0]


def house_map() -> str:
    """Write the plan of the house: part by part in their order, module by module."""
    lines = [
        "# Map",
        "",
        "Where what is. The parts stand in their order: each imports only from those above it. Made from the first "
        "line of each module by `make map`.",
    ]
    for part in ORDER:
        folder = PACKAGE / part
        lines.append("")
        if not folder.is_dir():
            lines += [f"## `{part}.py`", "", first_line(folder.with_suffix(".py"))]
            continue
        lines += [
            f"## `{part}/`",
            "",
            first_line(folder / "__init__.py"),
            "",
            "| module | what it is |",
            "|---|---|",
        ]
        for path in sorted(
            folder.rglob("*.py"), key=lambda path: (len(path.relative_to(folder).parts), path)
        ):
            name = path.relative_to(folder).as_posix()
            if name != "__init__.py":
                lines.append(f"| `{name.removesuffix('__init__.py')}` | {first_line(path)} |")
    return "\n".join(lines) + "\n"


def code_lines(text: str) -> int:
    """Count the lines of a module that hold code."""
    prose = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    held = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(held - prose)


def main(arguments: list[str]) -> None:
    """Write the map, or print the counts."""
    if arguments != ["--count"]:
        MAP.write_text(house_map(), encoding="utf-8")
        return
    counts: dict[str, int] = {}
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]):
        part = part_of(path).removesuffix(".pyi")
        counts[part] = counts.get(part, 0) + code_lines(path.read_text(encoding="utf-8"))
    for part, count in counts.items():
        print(f"{count:7,d}  {part}")
    print(f"{sum(counts.values()):7,d}  lines of code")


if __name__ == "__main__":
    main(sys.argv[1:])
