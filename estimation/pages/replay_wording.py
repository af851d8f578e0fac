"""The replay in sentences: what dates given at 80 % would have been worth, where they would have been wrong."""

from __future__ import annotations

import pandas as pd

from estimation.project.amounts import count, days_words, list_few, project_names
from estimation.scores import binomial_band

FEWEST_TRUSTED = 8
"""Closed projects from which on the counts of a replay say something about the next date."""
MOST_NAMED = 5
MOST_DRAWN = 24
TOO_FEW = "No closed project could be replayed: that needs one that began after three others had closed."
LEVEL = 0.8


def held_words(n_held: int, n: int, what: str = "") -> str:
    """Say how many dates given at 80 % held, and how many are to be expected.

    >>> held_words(34, 40)
    '34 of 40 dates given at 80 % held; 28 to 36 is what to expect.'
    """
    low, high = binomial_band(n, LEVEL)
    verdict = ": the dates were too early" * (n_held < low) + ": the dates were too cautious" * (
        n_held > high
    )
    dates = f"{n:,} dates {what and f'of {what} '}given at 80 %"
    return f"{n_held:,} of {dates} held; {low:,} to {high:,} is what to expect{verdict}."


def times_as_long(replay: pd.DataFrame) -> float:
    """How many times as long as the plan the dates at 80 % were; the middle of all projects."""
    return float((replay["p80_days"] / replay["planned_days"]).median())


def replay_finding(replay: pd.DataFrame) -> str:
    """Say in one line what the dates would have been worth."""
    if replay.empty:
        return TOO_FEW
    held, promised = int(replay["held_plan"].sum()), int(replay["held_p80"].sum())
    return (
        f"Of {count(len(replay), 'plan')} {held} held. At 80 % confidence {promised} would have held, for dates "
        f"{times_as_long(replay):.1f} times as long as the plan."
    )


def warning_finding(warnings: pd.DataFrame) -> str:
    """Say how long before the end the weekly evidence would first have warned; empty without status dates."""
    late, on_time = (warnings[warnings["held_plan"].astype(bool) == kept] for kept in (False, True))
    warned, n_false = late["weeks_before_end"].dropna(), int(on_time["warned_on"].notna().sum())
    never = f"; {len(late) - len(warned)} of them never" if len(warned) < len(late) else ""
    first = f"First warning {warned.median():.0f} weeks before the end" if len(warned) else "No warning"
    late_words = (
        f"{first} ({count(len(late), 'late project')} with status dates{never})." if len(late) else ""
    )
    false = f"Of {len(on_time)} that held their plan {n_false} would have been warned of, too."
    return " ".join(filter(None, [late_words, false if len(on_time) else ""]))


def wrong_finding(replay: pd.DataFrame) -> str:
    """Name the projects where the date at 80 % would have been wrong, the worst first."""
    late = (replay["actual_days"] - replay["p80_days"])[~replay["held_p80"].astype(bool)]
    if replay.empty:
        return ""
    if late.empty:
        return "No date given at 80 % would have been missed."
    ordered = late.sort_values(ascending=False, kind="stable")
    names = project_names(replay)
    named = [f"{names[k]} ({days_words(days)} later)" for k, days in ordered.items()]
    return f"The date at 80 % would have been wrong for {list_few(named, MOST_NAMED)}."


def rests_finding(replay: pd.DataFrame, n_closed: int) -> str:
    """Say what the replay rests on, and whether its counts can be trusted yet."""
    if replay.empty:
        return ""
    least, most = replay["n_past"].min(), replay["n_past"].max()
    learned = f"{least} to {most} closed projects" if most > least else count(int(most), "closed project")
    said = f"Each date was made from what was known before its project began: {learned}."
    if n_closed < FEWEST_TRUSTED:
        return (
            f"{said} {count(n_closed, 'closed project')} in all is little: this shows the way, it proves nothing. "
            f"From {FEWEST_TRUSTED} on the counts begin to mean something."
        )
    return f"{said} {held_words(int(replay['held_p80'].sum()), len(replay))}"


def replay_headline(replay: pd.DataFrame, warnings: pd.DataFrame) -> dict[str, object]:
    """Choose the few figures that a replay is read for."""
    if replay.empty:
        return {"Projects replayed": 0}
    late = warnings.loc[~warnings["held_plan"].astype(bool), "weeks_before_end"].dropna()
    of = f"of {len(replay)}"
    figures: dict[str, object] = {
        "Plans that held": f"{replay['held_plan'].sum()} {of}",
        "Dates at 80 % that held": f"{replay['held_p80'].sum()} {of}",
        "Times as long as the plan": f"{times_as_long(replay):.1f} ×",
    }
    return figures | ({"First warning before the end": f"{late.median():.0f} weeks"} if len(late) else {})


REPLAY_COLUMNS = {
    "project": "Project",
    "planned_start": "Began",
    "n_past": "Known",
    "planned_days": "Planned",
    "p50_days": "Even chance",
    "p80_days": "At 80 %",
    "actual_days": "Took",
    "held_plan": "Plan held",
    "held_p80": "80 % held",
}
REPLAY_FORMATS = dict.fromkeys(("planned_days", "p50_days", "p80_days", "actual_days"), ".0f")
