"""The errors raised on purpose, each with the exit code of the command that meets it, and the nearest known word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class EstimationError(Exception):
    """Anything the toolkit says on purpose: one sentence a person can act on."""

    exit_code = 1


class RunError(EstimationError):
    """A notebook or a step of the work failed; what was made so far is kept aside."""


class UsageError(EstimationError):
    """The command was called with something it does not know."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where it stands, what came, what was wanted, what to do.

    ``file`` is the file's name, ``row`` counts as a spreadsheet does (the first line is 1), ``column`` is
    the header as the person wrote it; ``row`` and ``column`` may be empty when the whole file is meant. ``whole``
    marks a problem of a whole column that is shown at its first row: leaving out that row would not help.
    """

    file: str
    row: int | None
    column: str
    came: str
    wanted: str
    remedy: str
    whole: bool = False

    def __str__(self) -> str:
        """Put the problem into one line: place, what came, what was wanted, what to do."""
        place = ", ".join(
            part
            for part in (
                self.file,
                f"row {self.row}" if self.row is not None else "",
                f"column '{self.column}'" if self.column else "",
            )
            if part
        )
        return f"{place}: {self.came}; {self.wanted}. {self.remedy}"


class InputError(EstimationError):
    """A file or table that people handed in cannot be used as it is.

    Parameters
    ----------
    message : str
        The sentence to read first; with problems their number and their list follow it.
    problems : sequence of Problem
        Everything that was found, in file order.
    """

    exit_code = 3
    shown = 50

    def __init__(self, message: str = "", problems: tuple[Problem, ...] | list[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.lead = message
        if self.problems:
            count = len(self.problems)
            head = f"{count} problem{'s' if count != 1 else ''} found; nothing was computed."
            lines = [str(problem) for problem in self.problems[: self.shown]]
            if count > self.shown:
                lines.append(f"... and {count - self.shown} more.")
            message = "\n".join([part for part in (message, head) if part] + lines)
        super().__init__(message)


def refusal(
    file: str, found: str, expected: str, remedy: str, *, row: int | None = None, column: str = ""
) -> InputError:
    """Make the error that says one thing about a file; without a row the whole file is meant."""
    return InputError(problems=[Problem(file, row, column, found, expected, remedy)])


class BusyError(EstimationError):
    """Another run is writing to the same place."""

    exit_code = 4


class RefusedError(EstimationError):
    """A rule of the house forbids what was asked for."""

    exit_code = 5


def nearest_few(word: str, known: Iterable[str], *, most: int, cutoff: float = 0.6) -> list[str]:
    """List the known words that are spelled most like another, the nearest first."""
    return difflib.get_close_matches(word, list(known), n=most, cutoff=cutoff)


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Find the known word that is spelled most like another; None where none is near.

    >>> nearest("owner_rol", ["name", "owner_role"]), nearest("cost", ["name", "owner_role"])
    ('owner_role', None)
    """
    return next(iter(nearest_few(word, known, most=1, cutoff=cutoff)), None)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Ask whether the nearest known word is meant, or say something else where none is near.

    >>> did_you_mean("owner_rol", ["name", "owner_role"], "Leave it out.")
    "Did you mean 'owner_role'?"
    """
    near = nearest(word, known)
    return otherwise if near is None else f"Did you mean '{near}'?"
