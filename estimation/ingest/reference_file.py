"""Reading reference classes: what others published in figures, and what experts state, checked key by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from estimation.errors import InputError, Problem, did_you_mean
from estimation.ingest.yaml_text import load_yaml_file

REFERENCE_CLASSES = Path(__file__).resolve().parents[2] / "data" / "reference" / "classes.yaml"
ABOUT, KINDS = ("projects", "phases"), ("measured", "expert")
_TEXTS = ("id", "about", "kind", "what", "source", "short")
_COUNTS = ("n_projects", "n_rows")
_RATIOS = ("p10", "p50", "p80", "p90", "mean_ratio")
_NUMBERS = (*_COUNTS, *_RATIOS, "on_plan_share", "mean_log", "sd_log", "project_sd")


@dataclass(frozen=True)
class ReferenceClass:
    """What one source says of work elsewhere, in figures.

    ``about`` is "projects" or "phases", ``kind`` "measured" or "expert"; ``phases`` are those an expert's range is
    about. ``figures`` holds at least ``p10`` and ``p90``, ratios of actual to planned that one and nine pieces of work
    in ten stayed below; a measured class also ``n_projects`` and ``n_rows``.
    """

    id: str
    about: str
    kind: str
    what: str
    source: str
    short: str
    phases: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


def read_reference_classes(
    path: str | Path = REFERENCE_CLASSES,
) -> tuple[tuple[str, ...], list[ReferenceClass]]:
    """Read what is known of projects elsewhere: the phases of a plan, and the classes that speak for them.

    Returns
    -------
    phases : tuple of str
    classes : list of ReferenceClass

    Raises
    ------
    InputError
        If the file is missing or no readable YAML, a key is unknown, missing or of the wrong kind, a range is empty, or
        no measured class is about phases.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError(f"{source}: no such file. Get data/reference/classes.yaml back from the toolkit.")
    content: Any = load_yaml_file(source, "data/reference/classes.yaml as it came")
    problems: list[Problem] = []
    top = content if isinstance(content, Mapping) else {}
    phases = _names(top.get("phases"), f"{source.name}, phases", problems)
    listed = top.get("classes")
    classes = [
        _class_of(part, f"{source.name}, class number {n}", problems)
        for n, part in enumerate(listed if isinstance(listed, list) else [], start=1)
    ]
    if not any(one and (one.about, one.kind) == ("phases", "measured") for one in classes):
        found, wanted = "no class is measured and about phases", "wanted one at least"
        problems.append(Problem(source.name, None, "", found, wanted, "List classes under 'classes:'."))
    if problems:
        raise InputError(problems=problems)
    return phases, [one for one in classes if one]


def _class_of(part: Any, place: str, problems: list[Problem]) -> ReferenceClass | None:
    """Check one class; None where it cannot be used, and why goes to the problems."""
    before = len(problems)

    def refuse(found: str, wanted: str, remedy: str) -> None:
        problems.append(Problem(place, None, "", found, wanted, remedy))

    given = part if isinstance(part, Mapping) else {}
    for name in given:
        if name not in (*_TEXTS, *_NUMBERS, "phases"):
            remedy = did_you_mean(str(name), (*_TEXTS, *_NUMBERS, "phases"), "Take it out.")
            refuse(f"the key '{name}' is not known", "wanted keys explained at the top of the file", remedy)
    for name in _TEXTS:
        if not isinstance(given.get(name), str) or not given[name].strip():
            refuse(f"{name} is {given.get(name)!r}", "wanted text", f"Write '{name}:' with its text.")
    for name, known in (("about", ABOUT), ("kind", KINDS)):
        if isinstance(given.get(name), str) and given[name] not in known:
            refuse(f"{name} is '{given[name]}'", f"wanted {' or '.join(known)}", "Write one of them.")
    figures = {name: given[name] for name in _NUMBERS if name in given}
    bad = [name for name, value in figures.items() if not _is_figure(name, value)]
    for name in bad:
        refuse(f"{name} is {figures[name]!r}", "wanted a number; ratios above zero", "Write the figure.")
    expert = given.get("kind") == "expert"
    for name in ("p10", "p90", *(() if expert else _COUNTS)):
        if name not in figures:
            refuse(f"'{name}' is missing", "wanted a number", f"Add '{name}:' with its figure.")
    if not bad and {"p10", "p90"} <= {*figures} and not figures["p10"] < figures["p90"]:
        found = f"p10 is {figures['p10']:g} and p90 is {figures['p90']:g}"
        refuse(found, "wanted p10 below p90", "Write the smaller one under p10.")
    phases = _names(given.get("phases"), f"{place}, phases", problems) if expert else ()
    if len(problems) > before:
        return None
    return ReferenceClass(
        **{name: " ".join(given[name].split()) for name in _TEXTS}, phases=phases, figures=figures
    )


def _is_figure(name: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        return False
    return value > 0 if name in (*_RATIOS, *_COUNTS) else True


def _names(value: Any, place: str, problems: list[Problem]) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return tuple(value)
    remedy = "Write them as [discovery, data_preparation]."
    problems.append(Problem(place, None, "", f"{value!r} came", "wanted a list of phases", remedy))
    return ()
