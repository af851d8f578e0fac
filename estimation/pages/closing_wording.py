"""The closing of a project in sentences: which multipliers moved, and what that would have done to the last plans."""

from __future__ import annotations

import pandas as pd

from estimation.pages.displays import shown_date
from estimation.pages.labels import code_label
from estimation.project.amounts import count, days_words


def multiplier_lines(multipliers: pd.DataFrame) -> list[str]:
    """Sentences about the phases whose multiplier moved by a hundredth or more (TAUGHT_MULTIPLIERS)."""
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
    """Sentences about the P80 dates of the last plans, before and after (TAUGHT_PLANS)."""
    lines = []
    for row in plans.itertuples():
        later = (row.after - row.before).days
        way = f"{count(abs(later), 'calendar day')} {'later' if later > 0 else 'earlier'}"
        change = f"{shown_date(row.before)} becomes {shown_date(row.after)}, {way}"
        said = change if later else f"{shown_date(row.after)}, unchanged"
        lines.append(f"  {row.project}, planned for {shown_date(row.planned_finish)}: {said}")
    return ["Dates at 80 % confidence of the plans that started last:", *lines] if lines else []


def question_lines(row, number: int, of: int) -> list[str]:
    """What a person is told before the cause of one milestone is asked for (a row of QUESTIONS)."""
    lines = [f"{number} of {of}: {row.milestone} {row.name} cost {days_words(row.days)}."]
    return lines + [f"   Reason given: {row.reason_given}"] * (not pd.isna(row.reason_given))
