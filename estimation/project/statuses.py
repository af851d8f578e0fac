"""Words for statuses, colours and how work was added and closed, and their groups; `standing` decides which holds."""

from __future__ import annotations

from enum import StrEnum

import pandas as pd


class Status(StrEnum):
    """Where a milestone stands by its dates; the evidence uses the words of ``BY_EVIDENCE``, and done."""

    DONE = "done"
    CANCELLED = "cancelled"
    DELAYED = "delayed"
    AT_RISK = "at risk"
    NOT_STARTED = "not started"
    ON_TRACK = "on track"


OVER = (Status.DONE, Status.CANCELLED)
"""Nothing is left to be done, said or moved."""
LATE = (Status.DELAYED, Status.AT_RISK)
"""What a review has to look at, the worst first."""
IN_TIME = (Status.ON_TRACK, Status.NOT_STARTED, *OVER)
BY_EVIDENCE = (Status.ON_TRACK, Status.AT_RISK, Status.DELAYED)
"""What the evidence can say of open work, each worse than the one before."""


class Colour(StrEnum):
    """What a project reports, each worse than the one before."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


COLOUR_WORDS = {
    Colour.GREEN: Status.ON_TRACK,
    Colour.YELLOW: Status.AT_RISK,
    "amber": Status.AT_RISK,
    Colour.RED: Status.DELAYED,
}


class Closed(StrEnum):
    """How work ended, as ``closed_as`` says it; or that it still runs, however long nobody wrote of it."""

    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RUNNING = "running"


def is_added(table: pd.DataFrame) -> pd.Series:
    """Which milestones no first baseline knew; one that was typed in for them later does not count.

    A table without the column ``added_after_baseline``, such as a plan, has none.
    """
    flags = table.get("added_after_baseline", pd.Series(False, table.index))
    return flags.fillna(False).astype(bool)


def worst_colour(colours: pd.Series) -> str:
    """Find the worst of green, yellow and red; other words come as they are.

    >>> worst_colour(pd.Series(["green", "yellow", None]))
    'yellow'
    """
    said = [colour.casefold() for colour in colours.dropna()]
    known = [colour.value for colour in reversed(Colour) if colour in said]
    return known[0] if known else (said[0] if said else "")
