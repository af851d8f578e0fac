"""The closing of a project in sentences: which multipliers moved, and what that would have done to the last plans."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from estimation.pages.displays import shown_date
from estimation.pages.labels import code_label
from estimation.project.amounts import count, days_words, milestone_label
from estimation.project.causes import CAUSE_CODES


def multiplier_lines(multipliers: pd.DataFrame) -> list[str]:
    """Sentences about the phases whose multiplier moved by a hundredth or more, see ``what_it_taught``."""
    lines, still = [], 0
    for phase, rows in multipliers.round(2).groupby("phase", sort=False):
        moved = [
            f"P{100 * row.level:g} {row.after:.2f}"
            if pd.isna(row.before)
            else f"P{100 * row.level:g} from {row.before:.2f} to {row.after:.2f}"
            for row in rows.itertuples()
            if row.before != row.after
        ]
        still += not moved
        new = " (a new phase)" if rows["before"].isna().all() else ""
        lines += [f"  {code_label(str(phase))}{new}: {', '.join(moved)}"] if moved else []
    if not lines:
        return ["Multipliers: none moved by a hundredth."]
    rest = [f"  {count(still, 'other phase')} moved by less than a hundredth."] if still else []
    return ["Multipliers that moved (what a phase takes, times its estimate):", *lines, *rest]


def plan_lines(plans: pd.DataFrame) -> list[str]:
    """Sentences about the P80 dates of the last plans, before and after, see ``what_it_taught``."""
    lines = []
    for row in plans.to_dict("records"):
        before, after = shown_date(row["before"]), shown_date(row["after"])
        later = (row["after"] - row["before"]).days
        way = f"{count(abs(later), 'calendar day')} {'later' if later > 0 else 'earlier'}"
        said = f"{before} becomes {after}, {way}" if later else f"{after}, unchanged"
        lines.append(f"  {row['project']}, planned for {shown_date(row['planned_finish'])}: {said}")
    return ["Dates at 80 % confidence of the plans that started last:", *lines] if lines else []


def code_lines() -> list[str]:
    """What a person is told before the first question: the causes to choose from."""
    codes = [f"  {number:>2} {code}: {words}" for number, (code, words) in enumerate(CAUSE_CODES.items(), 1)]
    return ["What caused the slip? These milestones carry 80 % of it. Causes:", *codes]


def question_lines(row: Mapping, number: int, of: int) -> list[str]:
    """What a person is told before the cause of one milestone is asked for (a row of QUESTIONS)."""
    what = milestone_label(row["milestone"], row["name"])
    lines = ["", f"{number} of {of}: {what} cost {days_words(row['days'])}."]
    return lines + [f"   Reason given: {row['reason_given']}"] * bool(row["reason_given"])
