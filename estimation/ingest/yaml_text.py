"""YAML that people wrote: read without aliases, which can unfold a line into a billion, and without double keys."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError

from estimation.errors import refusal


class TextLoader(yaml.BaseLoader):
    """Everything is text as it is written: ``2.10`` stays 2.10, ``no`` stays no."""


class ValueLoader(yaml.SafeLoader):
    """Numbers, dates and words as YAML means them; nothing that runs code."""


def load_yaml(text: str, *, values: bool = False) -> object:
    """Read YAML text.

    Parameters
    ----------
    text : str
    values : bool
        Whether numbers and words of YAML become values; else everything stays text.

    Raises
    ------
    yaml.MarkedYAMLError
        If it is no YAML, uses an alias (``*name``), or says a key twice.

    Examples
    --------
    >>> load_yaml("milestone: 2.10")
    {'milestone': '2.10'}
    """
    return yaml.load(text, Loader=ValueLoader if values else TextLoader)


def load_yaml_file(path: Path, like: str) -> Any:
    """Read a YAML file that people wrote; where it is none, say in which row and with what to compare it."""
    try:
        return load_yaml(path.read_text(encoding="utf-8-sig"), values=True)
    except yaml.MarkedYAMLError as error:
        row = error.problem_mark.line + 1 if error.problem_mark else None
        found = error.problem or "something that is not YAML"
        remedy = "Look at this row and the one above for indentation, quotation marks and colons."
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        row, found = None, (str(error).splitlines() or ["too many levels"])[0]
        remedy = f"Save the file as UTF-8 text and compare it with {like}."
    raise refusal(path.name, found, "wanted readable YAML", remedy, row=row)


@cache
def load_words(path: Path) -> Mapping[str, Any]:
    """Read words that stand beside a module of this package as lists in YAML; all of it is text."""
    words: Any = load_yaml(path.read_text(encoding="utf-8"))
    return words


def _refuse_aliases(loader, parent, index):
    if loader.check_event(yaml.AliasEvent):
        mark = loader.peek_event().start_mark
        raise ComposerError(None, None, "an alias (*name) came; write the value out", mark)
    return Composer.compose_node(loader, parent, index)


def _refuse_double_keys(loader, node, deep=False):
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value in seen:
            problem = f"the key '{key.value}' came twice; keep one"
            raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
    return type(loader).__mro__[1].construct_mapping(loader, node, deep)


for _loader in (TextLoader, ValueLoader):
    _loader.compose_node = _refuse_aliases  # pyright: ignore[reportAttributeAccessIssue]
    _loader.construct_mapping = _refuse_double_keys  # pyright: ignore[reportAttributeAccessIssue]
