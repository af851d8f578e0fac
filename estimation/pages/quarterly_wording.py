"""The quarterly report in sentences: did the dates hold, do estimates get better, what to do differently."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.pages.labels import code_label
from estimation.project.amounts import count, days_words, list_few, list_words, project_names
from estimation.project.statuses import Status
from estimation.review.quarterly.quarterly_report import QuarterlyReport
from estimation.review.quarterly.trend import BETTER, CHANCE, TRAILING, WORSE
from estimation.scoring.dates_held import AS_PROMISED, TOO_CAUTIOUS, TOO_EARLY, TOO_FEW

NO_FORECASTS = (
    "No kickoff forecast is on record whose date has come, so whether dates held cannot be told. Publish the forecast "
    "of each kickoff, and this page will."
)
NOTHING_TO_RECOMMEND = "Nothing in these tables gives reason for a recommendation."
MOST_NAMED = 3
VERDICTS = {
    AS_PROMISED: "The dates held as promised",
    TOO_EARLY: "The dates were too early",
    TOO_CAUTIOUS: "The dates were too cautious",
}
_ESTIMATES = {
    CHANCE: "Estimates got neither better nor worse by more than chance",
    BETTER: "Estimates got better, by more than chance",
    WORSE: "Estimates got worse, by more than chance",
}
_SPREADS = {
    CHANCE: "as much as before",
    BETTER: "less than before, beyond chance",
    WORSE: "more than before, beyond chance",
}


def headline(report: QuarterlyReport, *, level: float = 0.8) -> dict[str, object]:
    """Choose the few figures that a quarter is read for."""
    pooled = _pooled(report.promises_kept, level)
    last, trend = report.closed_by_quarter.iloc[-1], report.overrun_trend
    four = trend[(trend["phase"] == WHOLE_PROJECT) & (trend["window"] == TRAILING)].iloc[-1]
    held = "too few" if pooled["verdict"] == TOO_FEW else f"{pooled['n_held']} of {pooled['n_due']}"
    return {
        f"P{100 * level:g} dates held, last four quarters": held,
        "Taken / planned, last four quarters": four["approved_ratio"],
        "Projects closed this quarter": last["n_projects"],
        "Their median slip, working days": last["median_slip_days"],
    }


GROUPS = {
    "before P50": "promises before P50",
    "P50 to P80": "promises from P50 to P80",
    "P80 or later": "promises at P80 or later",
    "multiplied": "plans with multipliers",
    "not multiplied": "plans without multipliers",
}
"""Promises and plans of which it is said how they fared."""
HEADLINE_FORMATS = {
    "Taken / planned, last four quarters": "{:.2f} ×",
    "Their median slip, working days": "+.0f",
}


def promises_finding(kept: pd.DataFrame, *, level: float = 0.8) -> str:
    """Say how many dates held in the last four quarters, what chance allows, and in which quarters they did not."""
    pooled = _pooled(kept, level)
    name = f"P{100 * level:g}"
    if pooled["n_due"] == 0:
        return NO_FORECASTS
    if pooled["verdict"] == TOO_FEW:
        dates = count(int(pooled["n_due"]), f"{name} date")
        return f"Only {dates} of kickoff forecasts came due from {pooled['period']}: too few to judge."
    sentence = (
        f"{VERDICTS[pooled['verdict']]}: of {pooled['n_due']} {name} dates of kickoff forecasts that came due from "
        f"{pooled['period']}, {pooled['n_held']} held; an honest {name} holds {pooled['n_lower']} to "
        f"{pooled['n_upper']}."
    )
    quarters = kept[np.isclose(kept["level"], level)].iloc[:-1]
    outside = [
        f"{word} in {list_words(quarters.loc[quarters['verdict'] == word, 'period'].tolist())}"
        for word in (TOO_EARLY, TOO_CAUTIOUS)
        if (quarters["verdict"] == word).any()
    ]
    few = quarters.loc[quarters["verdict"] == TOO_FEW, "period"].tolist()
    within = ", and within chance in the others" if (quarters["verdict"] == AS_PROMISED).any() else ""
    by_quarter = f"Quarter by quarter they were {list_words(outside)}{within}."
    by_quarter = by_quarter if outside else "No quarter lies outside chance by itself."
    return f"{sentence} {by_quarter}" + (f" Too few came due in {list_words(few)}." if few else "")


def trend_finding(change: pd.DataFrame) -> str:
    """Say whether plans of whole projects came closer to the truth than a year before, and which phases did."""
    whole = change[change["phase"] == WHOLE_PROJECT].iloc[0]
    if whole["bias_verdict"] == TOO_FEW:
        return (
            f"{count(int(whole['n_now']), 'project')} closed in the last four quarters and {whole['n_before']} in the "
            "four before: too few to say whether estimates get better (five in each are wanted)."
        )
    multiplied = any(
        abs(whole[f"approved_{when}"] - whole[f"bias_{when}"]) >= 0.005 for when in ("before", "now")
    )
    sentence = (
        f"{_ESTIMATES[whole['bias_verdict']]}: projects took {whole['bias_now']:.2f} times their "
        f"{'estimates' if multiplied else 'plan'} over the last four quarters, after {whole['bias_before']:.2f} in the "
        f"four before. They differ among themselves {_SPREADS[whole['spread_verdict']]}."
    )
    if multiplied:
        factor, now, before = (
            whole["bias_now"] / whole["approved_now"],
            whole["approved_now"],
            whole["approved_before"],
        )
        sentence += (
            f" Against the plans that were approved, {factor:.2f} times the estimates, they took {now:.2f} times as "
            f"long, after {before:.2f}: that difference is multiplying, not better estimating."
        )
    phases = change[change["phase"] != WHOLE_PROJECT]
    changed = [
        f"{what} of {code_label(row.phase).lower()} got {verdict}"
        for row in phases.itertuples()
        for what, verdict in (("bias", row.bias_verdict), ("spread", row.spread_verdict))
        if verdict not in (CHANCE, TOO_FEW)
    ]
    if not changed:
        return f"{sentence} No phase changed by more than chance."
    return f"{sentence} Phase by phase, beyond chance: {list_words(changed)}."


def closed_finding(by_quarter: pd.DataFrame) -> str:
    """Say how many projects closed in the quarter, how late, and how that compares with the quarters before."""
    last, before = by_quarter.iloc[-1], by_quarter.iloc[:-1]
    n = int(last["n_projects"])
    if last["suppressed"]:
        return f"{count(n, 'project')} closed in {last['quarter']}: fewer than five, so that their slips are not shown."
    late = "all of them" if last["n_late"] == n else str(last["n_late"])
    sentence = (
        f"{count(n, 'project')} closed in {last['quarter']}, {late} late; the median slip was "
        f"{days_words(last['median_slip_days'])}."
    )
    medians = before["median_slip_days"].dropna()
    if medians.empty:
        return sentence
    return f"{sentence} In the quarters before it lay between {medians.min():g} and {medians.max():g}."


def running_finding(running: pd.DataFrame) -> str:
    """Say how many running projects may be expected to hold their agreed date, and which are delayed."""
    known = running[running["prob_committed"].notna()]
    if known.empty:
        return "No project was running on the last day of the quarter."
    expected = known["prob_committed"].sum()
    about = "fewer than one" if expected < 0.95 else f"about {expected:.0f}"
    sentence = (
        f"{count(len(known), 'project')} {'was' if len(known) == 1 else 'were'} running; by the forecasts of today "
        f"{about} will hold the agreed date."
    )
    late = known[known["evidence"] == Status.DELAYED]
    if late.empty:
        return f"{sentence} None is delayed by the evidence."
    names = project_names(late).tolist()
    return f"{sentence} Delayed by the evidence: {list_few(names, MOST_NAMED)}."


def moves_finding(moves: pd.DataFrame, *, level: float = 0.8) -> str:
    """Say which multipliers moved beyond noise within a year."""
    rows = moves[np.isclose(moves["level"], level)]
    hidden = _not_shown(int(rows["suppressed"].fillna(False).astype(bool).sum()), "phase")
    if not rows["n_then"].fillna(0).any():
        return f"A year ago nothing was known to learn multipliers from.{hidden}"
    moved = rows[rows["moved"].astype(bool)]
    if moved.empty:
        return f"No phase's P{100 * level:g} multiplier moved beyond noise within the year.{hidden}"
    named = [
        f"{code_label(row.phase).lower()} from {row.then:.2f} to {row.now:.2f}" for row in moved.itertuples()
    ]
    return f"Moved beyond noise within the year, at P{100 * level:g}: {list_words(named)}.{hidden}"


def saved_finding(saved: pd.DataFrame) -> str:
    """Say what the multiplier known at each kickoff would have saved, for whole projects and for the best phase."""
    shown = saved[~saved["suppressed"].astype(bool)]
    if shown.empty or shown["phase"].iloc[0] != WHOLE_PROJECT:
        return "Too few projects closed in the last four quarters to say what a multiplier would have saved."
    whole = shown.iloc[0]
    low, high = whole["saved_lower"], whole["saved_upper"]
    chance_words = ", which may be chance" if low <= 0 <= high else ""
    gain = f"a gain of {low:.1f} to {high:.1f}".replace("-", "−")
    sentence = (
        f"Times the one multiplier known at each kickoff (P50, about {whole['multiplier']:.2f}) plans of whole "
        f"projects would have been off by {whole['p50_error_days']:.1f} instead of "
        f"{days_words(round(whole['plan_error_days'], 1))} ({gain}{chance_words})."
    )
    phases = shown.iloc[1:]
    if phases.empty or phases["saved_lower"].max() <= 0:
        return sentence
    best = phases.loc[phases["saved_days"].idxmax()]
    return (
        f"{sentence} Of the phases {code_label(best['phase']).lower()} would have gained most: off by "
        f"{best['p50_error_days']:.1f} instead of {best['plan_error_days']:.1f}."
    )


def lost_finding(lost: pd.DataFrame, dimension: str) -> str:
    """Name the phases or causes that make up most of the lost days, and what is suppressed."""
    rows = lost[lost["dimension"] == dimension]
    shown = rows[~rows["suppressed"].astype(bool)]
    hidden = _not_shown(int(rows["suppressed"].sum()), dimension)
    if shown.empty:
        return f"No {dimension} lost days in five projects or more.{hidden}"
    named = [
        f"{code_label(row.value).lower()} ({row.lost_days:,.0f} days, {100 * row.share:.0f} %)"
        for row in shown.head(MOST_NAMED).itertuples()
    ]
    return f"Most days were lost to {list_words(named)}.{hidden}"


def fared_finding(fared: pd.DataFrame) -> str:
    """Say how many promises and plans of each kind held, and of which there are too few."""
    few, shown = (fared[fared["suppressed"] == is_few] for is_few in (True, False))
    held = [f"{row.n_held} of {row.n_projects} {GROUPS[row.group]}" for row in shown.itertuples()]
    said = f"{list_words(held)} held. " if held else ""
    return said + (f"Too few to judge: {list_words(few['group'].map(GROUPS).tolist())}." if len(few) else "")


def decisions_finding(decisions: pd.DataFrame) -> str:
    """Say how many decisions of variance reviews are overdue, open and done on the last day of the quarter."""
    told = [f"{n} {outcome}" for outcome, n in decisions["outcome"].value_counts(sort=False).items()]
    return f"{count(len(decisions), 'decision')} of variance reviews: {list_words(told)}." if told else ""


def recommendation_finding(recommendations: pd.DataFrame) -> str:
    """Say how the recommendations were found, or that there are none."""
    if recommendations.empty:
        return NOTHING_TO_RECOMMEND
    return "Each is chosen by a rule from the tables below; under another quarter's numbers it would not stand here."


def _pooled(kept: pd.DataFrame, level: float) -> pd.Series:
    return kept[np.isclose(kept["level"], level)].iloc[-1]


def _not_shown(hidden: int, of: str) -> str:
    """Say how many phases or causes have too few projects to be shown."""
    if not hidden:
        return ""
    return f" {count(hidden, of)} of fewer than five projects {'is' if hidden == 1 else 'are'} not shown."
