"""YAML as people write it by hand: no objects, and no aliases, with which a small file becomes a huge one."""

from __future__ import annotations

import yaml


def load_plain(text: str, loader: type[yaml.BaseLoader] | type[yaml.SafeLoader]) -> object:
    """Read one YAML document that says everything where it stands.

    Parameters
    ----------
    text : str
    loader : BaseLoader or SafeLoader
        Whether every value stays text, or numbers and dates are read.

    Raises
    ------
    YAMLError
        If it does not read as YAML or has an alias.
    """
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem=f"found the alias '*{event.anchor}'; write out what it stands for",
                problem_mark=event.start_mark,
            )
    return yaml.load(text, Loader=loader)
