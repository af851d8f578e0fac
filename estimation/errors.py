"""The errors raised on purpose, each with the exit code of the command that meets it."""

from __future__ import annotations

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


class BusyError(EstimationError):
    """Another run is writing to the same place."""

    exit_code = 4


class RefusedError(EstimationError):
    """A rule of the house forbids what was asked for."""

    exit_code = 5
