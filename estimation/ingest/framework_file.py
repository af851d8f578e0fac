"""Reading a framework: YAML that people wrote, checked key by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from estimation.errors import InputError, Problem, did_you_mean
from estimation.ingest.yaml_text import load_yaml_file
from estimation.project.framework import Framework, IntegrationTemplate, MilestoneTemplate, Phase

FRAMEWORKS = Path(__file__).resolve().parents[2] / "data" / "frameworks"


_WANTED = {
    "text": ("wanted text", "Put the value in quotation marks, or leave the key out where it may be empty."),
    "id": ("wanted an id as text in quotation marks", "Write it as text."),
    "list": ("wanted a list with at least one entry", "Start each entry with a dash."),
    "days": ("wanted working days as a number above zero", "Write a number such as 5 or 2.5."),
    "count": ("wanted a whole number from 1", "Write a number such as 4, or leave the key out."),
    "group": ("wanted a group of keys", "Write its keys below it, indented alike."),
}
"""What is wanted of each kind of value, and what to do where another came."""
_KINDS = {
    **dict.fromkeys(("id", "depends_on", "follows", "needed_by"), "id"),
    **dict.fromkeys(("phases", "milestones"), "list"),
    **{"integration": "group", "typical_days": "days", "iterations_planned": "count"},
}
"""The kind of value at each key; all others hold text."""


def _keys(words: str) -> dict[str, bool]:
    """Tell of each key whether it must be there; those that need not be are marked with a "?"."""
    return {word.removesuffix("?"): not word.endswith("?") for word in words.split()}


_FRAMEWORK_KEYS = _keys("id name description? phases integration?")
_PHASE_KEYS = _keys("id name description? milestones")
_MILESTONE_KEYS = _keys(
    "id name done_means? client_summary? owner_role? depends_on? waiting_on? typical_days iterations_planned?"
)
_INTEGRATION_KEYS = _keys(
    "follows needed_by name typical_days done_means? client_summary? owner_role? waiting_on?"
)


def read_framework(source: str | Path) -> Framework:
    """Read the phases and milestone templates that a new plan starts from.

    Parameters
    ----------
    source : str or Path
        A YAML file, or the name of one in ``data/frameworks`` without its ending: ``"ai_delivery"``.

    Returns
    -------
    Framework

    Raises
    ------
    InputError
        If there is no such file, it is not readable YAML, a key is unknown, missing or of the wrong kind (all of
        these at once, each with file, place, what came, what was wanted and what to do), or if ids, phases and
        dependencies do not fit together.

    Examples
    --------
    >>> [phase.id for phase in read_framework("ai_delivery").phases][:2]
    ['discovery', 'data_preparation']
    """
    path = _find(source)
    content = load_yaml_file(path, "data/frameworks/ai_delivery.yaml")
    problems: list[Problem] = []
    framework = _framework_parts(content, path.name, problems)
    if problems:
        raise InputError(problems=problems)
    try:
        return Framework(**framework)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _find(source: str | Path) -> Path:
    path = Path(source)
    if path.is_file():
        return path
    known = sorted(file.stem for file in FRAMEWORKS.glob("*.yaml"))
    if str(source) in known:
        return FRAMEWORKS / f"{source}.yaml"
    hint = did_you_mean(path.stem, known, "Check the path, or use one of these names.")
    raise InputError(
        f"There is no framework '{source}'; wanted a YAML file, or one of {', '.join(known)}. {hint}"
    )


def _framework_parts(content: Any, file: str, problems: list[Problem]) -> dict[str, Any]:
    """Take the file apart into the arguments of a Framework; what is wrong goes to the problems."""
    top = _record(content, _FRAMEWORK_KEYS, file, problems)
    phases: list[Phase] = []
    milestones: list[MilestoneTemplate] = []
    for n, part in enumerate(top.pop("phases", ()), start=1):
        place = f"{file}, {_label('phase', n, part)}"
        record = _record(part, _PHASE_KEYS, place, problems)
        templates = record.pop("milestones", ())
        if "id" not in record or "name" not in record:
            continue
        phases.append(Phase(**record))
        for m, template in enumerate(templates, start=1):
            inner = f"{file}, {_label('milestone', m, template, of=record['id'])}"
            fields = _record(template, _MILESTONE_KEYS, inner, problems)
            if {"id", "name", "typical_days"} <= fields.keys():
                milestones.append(MilestoneTemplate(phase=record["id"], **fields))
    if "integration" in top:
        fields = _record(top.pop("integration"), _INTEGRATION_KEYS, f"{file}, integration", problems)
        if all(name in fields for name, required in _INTEGRATION_KEYS.items() if required):
            top["integration"] = IntegrationTemplate(**fields)
    description = top.pop("description", "")
    return {"description": description, "phases": tuple(phases), "milestones": tuple(milestones), **top}


def _label(noun: str, n: int, part: Any, of: str = "") -> str:
    """Name an entry by its id, or by its number where it has none."""
    if isinstance(part, Mapping) and isinstance(part.get("id"), str):
        return f"{noun} '{part['id']}'"
    return f"{noun} number {n}" + (f" of phase '{of}'" if of else "")


def _record(part: Any, keys: Mapping[str, bool], place: str, problems: list[Problem]) -> dict[str, Any]:
    """Check one mapping of the file key by key; give back what is usable."""

    def refuse(found: str, expected: str, remedy: str) -> None:
        problems.append(Problem(place, None, "", found, expected, remedy))

    if not isinstance(part, Mapping):
        remedy = "Write each as 'key: value', indented alike."
        refuse(f"there is {_described(part)}", f"wanted the keys {', '.join(keys)}", remedy)
        return {}
    usable = {}
    for name, value in part.items():
        if name not in keys:
            remedy = did_you_mean(str(name), keys, "Take it out.")
            refuse(f"the key '{name}' is not known", f"wanted only {', '.join(keys)}", remedy)
        elif not _empty(value) and _fits(value, _KINDS.get(name, "text")):
            usable[name] = " ".join(value.split()) if isinstance(value, str) else value
        elif not _empty(value):
            expected, remedy = _WANTED[_KINDS.get(name, "text")]
            if _KINDS.get(name) == "id" and _is_number(value):
                remedy = f'Put it in quotation marks: {name}: "{value}".'
            refuse(f"{name} is {_described(value)}", expected, remedy)
    for name, required in keys.items():
        if required and _empty(part.get(name)):
            expected, remedy = _WANTED[_KINDS.get(name, "text")][0], f"Add '{name}:' with its value."
            refuse(f"'{name}' is missing", expected, remedy)
    return usable


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(value: Any, kind: str) -> bool:
    """Tell whether a value is of the wanted kind."""
    if kind == "days":
        return _is_number(value) and 0 < value < float("inf")
    if kind == "count":
        return _is_number(value) and isinstance(value, int) and value >= 1
    if kind == "list":
        return isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    return isinstance(value, Mapping if kind == "group" else str)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _described(value: Any) -> str:
    """Tell a person what stands there."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"the number {value:g}"
    if isinstance(value, Mapping):
        return "a group of keys"
    if isinstance(value, str):
        return f"the text '{value[:40]}'"
    if isinstance(value, Sequence):
        return "a list" if value else "an empty list"
    return f"'{value}'"
