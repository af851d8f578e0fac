"""The notebooks there are: the question each answers, what it can be told, and whether what it is told fits."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from estimation.errors import InputError, UsageError, did_you_mean
from estimation.publishing.results import json_like

REPOSITORY = Path(__file__).resolve().parents[2]
NOTEBOOKS = REPOSITORY / "notebooks"
OUTPUT = "output_dir"
PREPARED_TAG = "prepared"
EXAMPLE = Path("data", "example")
STATUS = "status"
"""The one table that a project may not have yet: left out beside own data, there is none."""
_LEFT_OUT = {STATUS: "status updates", "history": "closed projects"}

_FILE_NAME = re.compile(r"(?P<number>\d{2})_(?P<short>[a-z]+)\w*")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_OF_A_PROJECT = ("project", "as_of")
_KINDS = {"int": int, "float": float, "str": str, "bool": lambda text: _FLAGS[text.lower()]}
_TYPES = {"int": "a whole number", "float": "a number", "bool": "true or false", "Path": "a path"}


@dataclass(frozen=True)
class Parameter:
    """One thing a notebook can be told: its name, its type, what it is by default, and what it means."""

    name: str
    type: str
    default: object
    help: str


@dataclass(frozen=True)
class Notebook:
    """A notebook by its three names, with the question it answers and what it can be told.

    A prepared one does not read for itself: what the command is told goes into a file that the notebook is handed.
    """

    path: Path
    number: str
    name: str
    short: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    is_prepared: bool = False


def list_notebooks(folder: Path = NOTEBOOKS) -> list[Notebook]:
    """List the notebooks in the order of their numbers.

    A notebook is named ``NN_word_more.ipynb``; its title and question are the first heading of its first
    markdown cell and the paragraph below it, its parameters the assignments of the cell tagged
    ``parameters``: type from the annotation or else from the value, meaning from the comment behind it. Where a raw
    cell is tagged ``prepared``, they are the assignments of that cell and the output folder.
    """
    files = sorted(path for path in folder.glob("*.ipynb") if _FILE_NAME.fullmatch(path.stem))
    return [_read(path) for path in files]


def find_notebook(name: str, folder: Path = NOTEBOOKS) -> Notebook:
    """Find a notebook by number ("3", "03"), by name ("03_kickoff_forecast") or by short name ("kickoff")."""
    notebooks = list_notebooks(folder)
    wanted = name.removesuffix(".ipynb")
    for notebook in notebooks:
        if wanted in (notebook.name, notebook.short, notebook.number, notebook.number.lstrip("0")):
            return notebook
    names = [notebook.short for notebook in notebooks]
    every = [*names, *(notebook.name for notebook in notebooks)]
    raise UsageError(f"There is no notebook '{name}'. {_nearest(name, every, shown=names)}")


def resolve_parameters(
    notebook: Notebook, given: Mapping[str, object], *, base: Path | None = None
) -> dict[str, object]:
    """Check what a notebook is told before it starts, and turn text into what the notebook expects.

    Paths are those of the person who calls: they are made absolute here, because the notebook itself runs in
    its own folder. A value with ``://`` in it is the address of a database and passes untouched.
    """
    known = {parameter.name: parameter for parameter in notebook.parameters}
    unknown = [name for name in given if name not in known]
    refused = [
        f"'{name}' is not a parameter of {notebook.short}. {_nearest(name, known)}" for name in unknown
    ]
    if refused:
        raise UsageError("\n".join(refused))
    return {name: _converted(known[name], value, base or Path.cwd()) for name, value in given.items()}


def example_of(notebook: Notebook) -> dict[str, object]:
    """Say which defaults of a notebook are the made-up example's: its files, and the project and day they are about."""
    return {
        one.name: str((notebook.path.parent / str(one.default)).resolve()) if _is_place(one) else one.default
        for one in notebook.parameters
        if one.default
        and (one.name in _OF_A_PROJECT or (_is_place(one) and not _is_own(notebook, one.default)))
    }


def without_example(notebook: Notebook, values: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """Keep the made-up example out of reports about own data: what was not named must not come from it.

    The notebooks' defaults are the example's files, so that each runs as it stands. As soon as one path lies elsewhere
    the others must be named. What may be None is left out, and so are status updates, which come from the ledger where
    the history is one.
    """
    known = {one.name: one for one in notebook.parameters}
    own = [name for name, value in values.items() if _is_place(known[name]) and _is_own(notebook, value)]
    if not own:
        return dict(values), []
    completed, said, wanted = dict(values), [], []
    for name in example_of(notebook):
        if name in values:
            continue
        if name != STATUS and "None" not in known[name].type:
            wanted.append(name)
            continue
        history = str(values.get("history", ""))
        completed[name] = history if "://" in history else ""
        none = f"none are read. Name them: -p {name} FILE"
        source = "they are read from the ledger." if completed[name] else none
        said.append(f"{notebook.short}: no {_LEFT_OUT[name]} were named; {source}")
    if wanted:
        lines = [f"    -p {name} VALUE  {known[name].help}".rstrip() for name in wanted]
        raise UsageError(
            f"{notebook.short}: {own[0]} is your own, and what was not named would be that of the made-up example. "
            "Name also:\n" + "\n".join(lines)
        )
    return completed, said


def title_and_question(source: str) -> tuple[str, str, str]:
    r"""Split a notebook's first markdown cell into its title, its question and the rest.

    Examples
    --------
    >>> title_and_question("# Kickoff\n\nWhich date can we promise?\n\nRead on.")
    ('Kickoff', 'Which date can we promise?', 'Read on.')
    """
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", source.strip()) if part.strip()]
    if not paragraphs or not paragraphs[0].startswith("# "):
        return "", "", source
    title, _, below = paragraphs[0].partition("\n")
    rest = [below.strip(), *paragraphs[1:]] if below.strip() else paragraphs[1:]
    question = " ".join(rest[0].split()).strip("*_ ") if rest and not rest[0].startswith("#") else ""
    return title[2:].strip(), question, "\n\n".join(rest[1:] if question else rest)


def _is_place(parameter: Parameter) -> bool:
    return parameter.type.startswith("Path") and parameter.name != OUTPUT


def _is_own(notebook: Notebook, value: object) -> bool:
    """Whether a path leads elsewhere than to the example; so does every address of a database."""
    text = "" if value is None else str(value)
    example = (notebook.path.parent.parent / EXAMPLE).resolve()
    return bool(text) and (
        "://" in text or not (notebook.path.parent / text).resolve().is_relative_to(example)
    )


def _read(path: Path) -> Notebook:
    names = _FILE_NAME.fullmatch(path.stem)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    first = next((_source(cell) for cell in cells if cell["cell_type"] == "markdown"), "")
    own, prepared = (
        [_source(cell) for cell in cells if tag in cell.get("metadata", {}).get("tags", [])]
        for tag in ("parameters", PREPARED_TAG)
    )
    parameters = _parameters(own[0]) if own else ()
    if prepared:
        output = [parameter for parameter in parameters if parameter.name == OUTPUT]
        parameters = (*_parameters(prepared[0]), *output)
    title, question, _ = title_and_question(first)
    return Notebook(
        path=path,
        number=names["number"],  # pyright: ignore[reportOptionalSubscript] - list_notebooks passes no other
        name=path.stem,
        short=names["short"],  # pyright: ignore[reportOptionalSubscript]
        title=title or path.stem,
        question=question,
        parameters=parameters,
        is_prepared=bool(prepared),
    )


def _source(cell: Mapping) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _parameters(source: str) -> tuple[Parameter, ...]:
    """Read the assignments of a parameters cell."""
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for line in ast.parse(source).body:
        if isinstance(line, ast.AnnAssign) and line.value is not None:
            target, annotation, value = line.target, line.annotation, line.value
        elif isinstance(line, ast.Assign):
            target, annotation, value = line.targets[0], None, line.value
        else:
            continue
        default = ast.literal_eval(value)
        kind = ast.unparse(annotation).strip("'\"") if annotation is not None else type(default).__name__
        found.append(Parameter(target.id, kind, default, comments.get(line.end_lineno, "")))  # pyright: ignore[reportAttributeAccessIssue]
    return tuple(found)


def _converted(parameter: Parameter, value: object, base: Path) -> object:
    """Give one value the type that the notebook declares for it; only what JSON knows can be told to a notebook."""
    try:
        value = json_like(value, parameter.name)
    except TypeError:
        raise UsageError(
            f"{parameter.name} is a {type(value).__name__}; wanted text, a number, a flag or a date."
        ) from None
    if isinstance(value, list | dict):
        if parameter.type in ("list", "dict") and type(value).__name__ == parameter.type:
            return value
        raise UsageError(
            f"{parameter.name} is a {type(value).__name__}; wanted {_TYPES.get(parameter.type, 'text')}."
        )
    text = "" if value is None else str(value).strip()
    kind, *others = (kind.strip() for kind in parameter.type.split("|"))
    if "None" in (kind, *others) and text.lower() in ("", "none"):
        return None
    if kind == "Path":
        return _absolute(parameter, text, base)
    if kind not in _KINDS:
        raise UsageError(
            f"{parameter.name} is a {parameter.type} and cannot be given here; edit the notebook instead."
        )
    try:
        return _KINDS[kind](text)
    except (KeyError, ValueError):
        raise UsageError(f"{parameter.name} is '{text}'; wanted {_TYPES[kind]}.") from None


def _absolute(parameter: Parameter, text: str, base: Path) -> str:
    if not text or "://" in text:
        return text
    try:
        path = (base / Path(text).expanduser()).resolve()
    except (RuntimeError, ValueError) as error:  # a home that nobody has, or a NUL
        raise UsageError(f"{parameter.name} is {text!r}; wanted a path ({error}).") from None
    if parameter.name != OUTPUT and not path.exists():
        raise InputError(
            f"{parameter.name}: there is no file or folder {path}. Check the path and run again."
        )
    return str(path)


def _nearest(name: str, known, *, shown=None) -> str:
    """Say which name was probably meant, or which there are."""
    names = list(shown if shown is not None else known)
    return did_you_mean(name, known, f"There are: {', '.join(names)}." if names else "There are none.")
