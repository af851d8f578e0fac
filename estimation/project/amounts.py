"""Amounts and names in words: a chance, a count, working days, a milestone, several things in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def chance(probability: float) -> str:
    """Write a probability as people should read it: never certain, never impossible.

    >>> chance(0.997), chance(0.42), chance(0.0)
    ('>95 %', '42 %', '<5 %')
    """
    if probability > 0.95:
        return ">95 %"
    if probability < 0.05:
        return "<5 %"
    return f"{100 * probability:.0f} %"


def days_words(count: float) -> str:
    """Write a number of working days.

    >>> days_words(1), days_words(-3), days_words(2.5)
    ('1 working day', '-3 working days', '2.5 working days')
    """
    return f"{count:g} working day{'' if count == 1 else 's'}"


def count(number: int, one: str) -> str:
    """Count things in words that agree.

    >>> count(1, "project"), count(12, "project")
    ('1 project', '12 projects')
    """
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def closed_and_running(n_projects: int, n_closed: int) -> str:
    """Say how many of the projects behind a model were closed; the others had finished milestones and still ran.

    >>> closed_and_running(74, 67), closed_and_running(52, 52)
    ('67 closed and 7 running projects', '52 closed projects')
    """
    running = n_projects - n_closed
    closed = f"{n_closed:,} closed and {count(running, 'running project')}"
    return closed if running > 0 else count(n_closed, "closed project")


def milestone_label(milestone: str, name: object, quote: str = "") -> str:
    """Name a milestone: its id and, where it has one, its name, which inside a sentence may stand in quotation marks.

    >>> milestone_label("2.1", "Data clean"), milestone_label("2.1", None), milestone_label("2.1", "Data clean", "'")
    ('2.1 Data clean', '2.1', "2.1 'Data clean'")
    """
    return f"{milestone} {quote}{name}{quote}" if isinstance(name, str) and name else milestone


def list_few(words: list[str], most: int) -> str:
    """Join the first words as a sentence does, and say how many more there are.

    >>> list_few(["a", "b", "c"], 3), list_few(["a", "b", "c"], 1)
    ('a, b and c', 'a and 2 more')
    """
    return list_words(words[:most] + [f"{len(words) - most:,} more"] * (len(words) > most))


def list_words(words: list[str]) -> str:
    """Join words as a sentence does.

    >>> list_words(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def project_names(table: pd.DataFrame) -> pd.Series:
    """What the project of each row is called: its name, else its id."""
    return table["project_name"].fillna(table["project"])
