"""Reading a framework: YAML that people wrote, checked key by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from estimation.errors import InputError, Problem, did_you_mean, refusal
from estimation.ingest.yaml_text import load_yaml
from estimation.project.framework import Framework, IntegrationTemplate, MilestoneTemplate, Phase

FRAMEWORKS = Path(__file__).resolve().parents[2] / "data" / "frameworks"


@dataclass(frozen=True)
class _Key:
    """What may stand at one key of the file: its kind, and whether it can be left out."""

    kind: str
    required: bool = True


_WANTED = {
    "text": "wanted text",
    "id": "wanted an id as text in quotation marks",
    "list": "wanted a list with at least one entry",
    "days": "wanted working days as a number above zero",
    "count": "wanted a whole number from 1",
    "group": "wanted a group of keys",
}
_FRAMEWORK_KEYS = {
    "id": _Key("id"),
    "name": _Key("text"),
    "description": _Key("text", required=False),
    "phases": _Key("list"),
    "integration": _Key("group", required=False),
}
_PHASE_KEYS = {
    "id": _Key("id"),
    "name": _Key("text"),
    "description": _Key("text", required=False),
    "milestones": _Key("list"),
}
_MILESTONE_KEYS = {
    "id": _Key("id"),
    "name": _Key("text"),
    "done_means": _Key("text", required=False),
    "client_summary": _Key("text", required=False),
    "owner_role": _Key("text", required=False),
    "depends_on": _Key("id", required=False),
    "waiting_on": _Key("text", required=False),
    "typical_days": _Key("days"),
    "iterations_planned": _Key("count", required=False),
}
_INTEGRATION_KEYS = {
    "follows": _Key("id"),
    "needed_by": _Key("id"),
    "name": _Key("text"),
    "typical_days": _Key("days"),
    "done_means": _Key("text", required=False),
    "client_summary": _Key("text", required=False),
    "owner_role": _Key("text", required=False),
    "waiting_on": _Key("text", required=False),
}


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
    content = _load(path)
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


def _load(path: Path) -> Any:
    try:
        return load_yaml(path.read_text(encoding="utf-8-sig"), values=True)
    except yaml.MarkedYAMLError as error:
        row = error.problem_mark.line + 1 if error.problem_mark else None
        found = error.problem or "something that is not YAML"
        remedy = "Look at this row and the one above for indentation, quotation marks and colons."
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        row, found = None, (str(error).splitlines() or ["too many levels"])[0]
        remedy = "Save the file as UTF-8 text and compare it with data/frameworks/ai_delivery.yaml."
    raise refusal(path.name, found, "wanted readable YAML", remedy, row=row)


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
        if {name for name, key in _INTEGRATION_KEYS.items() if key.required} <= fields.keys():
            top["integration"] = IntegrationTemplate(**fields)
    description = top.pop("description", "")
    return {"description": description, "phases": tuple(phases), "milestones": tuple(milestones), **top}


def _label(noun: str, n: int, part: Any, of: str = "") -> str:
    """Name an entry by its id, or by its number where it has none."""
    if isinstance(part, Mapping) and isinstance(part.get("id"), str):
        return f"{noun} '{part['id']}'"
    return f"{noun} number {n}" + (f" of phase '{of}'" if of else "")


def _record(part: Any, keys: Mapping[str, _Key], place: str, problems: list[Problem]) -> dict[str, Any]:
    """Check one mapping of the file key by key; give back what is usable."""
    if not isinstance(part, Mapping):
        expected = f"wanted the keys {', '.join(keys)}"
        remedy = "Write each as 'key: value', indented alike."
        problems.append(Problem(place, None, "", f"there is {_described(part)}", expected, remedy))
        return {}
    usable = {}
    for name, value in part.items():
        if name not in keys:
            remedy = did_you_mean(str(name), keys, "Take it out.")
            expected = f"wanted only {', '.join(keys)}"
            problems.append(Problem(place, None, "", f"the key '{name}' is not known", expected, remedy))
        elif _empty(value):
            continue
        elif problem := _misfit(name, value, keys[name].kind, place):
            problems.append(problem)
        else:
            usable[name] = _tidy(value)
    for name, key in keys.items():
        if key.required and _empty(part.get(name)):
            remedy = f"Add '{name}:' with its value."
            problems.append(Problem(place, None, "", f"'{name}' is missing", _WANTED[key.kind], remedy))
    return usable


def _misfit(name: str, value: Any, kind: str, place: str) -> Problem | None:
    """Say what is wrong with a value, or nothing when it is of the wanted kind."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        "text": isinstance(value, str),
        "id": isinstance(value, str),
        "list": isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0,
        "days": number and 0 < value < float("inf"),
        "count": isinstance(value, int) and not isinstance(value, bool) and value >= 1,
        "group": isinstance(value, Mapping),
    }[kind]
    if fits:
        return None
    remedies = {
        "text": "Put the value in quotation marks, or leave the key out where it may be empty.",
        "id": f'Put it in quotation marks: {name}: "{value}".' if number else "Write it as text.",
        "list": "Start each entry with a dash.",
        "days": "Write a number such as 5 or 2.5.",
        "count": "Write a number such as 4, or leave the key out.",
        "group": "Write its keys below it, indented alike.",
    }
    return Problem(place, None, "", f"{name} is {_described(value)}", _WANTED[kind], remedies[kind])


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _tidy(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


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
