"""The public interface against what the last release offered, recorded by ``tests/recorded/record.py``."""

import inspect
import json
from pathlib import Path

import pytest
from recorded import record

import estimation
from estimation.ledger.ledger import Ledger

RECORDED = Path(__file__).parent / "recorded"
RELEASE = json.loads((RECORDED / "public_api.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables():
    return record.returned_tables(record.EXAMPLE)


def test_the_public_names_are_those_on_record_and_no_others():
    assert sorted(estimation.__all__) == RELEASE["names"]
    assert all(hasattr(estimation, name) for name in estimation.__all__)


CHANGED = {
    ("evidence_table", "thresholds"): "(0.5, 0.2)",  # of the chance itself, no longer of now / at kickoff
    ("evidence_table", "recovery"): "0.05",
}
"""Defaults that are others than in the release, on purpose: the changelog says so and why."""


@pytest.mark.parametrize("verb", RELEASE["parameters"])
def test_a_call_that_the_release_took_means_the_same_today(verb):
    then, now = dict(RELEASE["parameters"][verb]), record.parameters(getattr(estimation, verb))
    for name in then:
        if (verb, name) in CHANGED:
            then[name] = {**then[name], "default": CHANGED[verb, name]}
    assert {name: now.get(name) for name in then} == then
    # Those that are given by place keep their place; what is new is given by name and may be left out.
    assert [name for name, one in now.items() if one["kind"] != "KEYWORD_ONLY"] == [
        name for name, one in then.items() if one["kind"] != "KEYWORD_ONLY"
    ]
    assert all(one["default"] for name, one in now.items() if name not in then)


def test_every_table_of_the_release_is_returned(tables):
    assert set(RELEASE["columns"]) <= set(tables)


@pytest.mark.parametrize("name", RELEASE["columns"])
def test_a_table_has_the_columns_of_the_release_in_their_order_and_of_their_type(name, tables):
    # A table may gain columns, after those it had.
    then = list(RELEASE["columns"][name].items())
    assert list(record.columns(tables[name]).items())[: len(then)] == then


def callables():
    """Every public function, and the public methods of the public classes and of the ledger."""
    for name in estimation.__all__:
        one = getattr(estimation, name)
        if not inspect.isclass(one):
            yield name, one
    classes = [one for name in estimation.__all__ if inspect.isclass(one := getattr(estimation, name))]
    for one in (*classes, Ledger):
        for name, method in inspect.getmembers_static(one):
            for inner in ("__func__", "fget", "func"):  # class methods, properties, cached properties
                method = getattr(method, inner, method)
            if inspect.isfunction(method) and not name.startswith("_"):
                yield f"{one.__name__}.{name}", method


@pytest.mark.parametrize(("name", "function"), list(callables()))
def test_every_parameter_and_the_result_of_what_is_public_say_their_type(name, function):
    signature = inspect.signature(function)
    silent = [
        each.name
        for each in signature.parameters.values()
        if each.annotation is each.empty and each.name not in ("self", "cls")
    ]
    assert not silent
    assert signature.return_annotation is not signature.empty
