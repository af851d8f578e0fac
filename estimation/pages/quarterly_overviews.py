"""The tables of the quarterly report: rounded, with intervals behind, verdicts in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.pages.labels import code_label
from estimation.pages.quarterly_wording import GROUPS, MOST_NAMED
from estimation.project.amounts import chance, count, days_words, list_few, project_names
from estimation.review.quarterly.quarterly_report import QuarterlyReport
from estimation.review.quarterly.trend import CHANCE, QUARTER, TRAILING
from estimation.scoring.dates_held import AS_PROMISED, FEWEST_IN_A_CELL, TOO_FEW


def recommendation_overview(recommendations: pd.DataFrame) -> pd.DataFrame:
    """Write each recommendation and the evidence under it."""
    rows = [_recommended(row) for row in recommendations.to_dict("records")]
    return pd.DataFrame(rows, columns=["what", "why"])


def followed_overview(followed: pd.DataFrame) -> pd.DataFrame:
    """Set each earlier recommendation beside its number then and now."""
    unsaid = {"lower": 0, "upper": 0, "standing": ""}
    rows = [
        {"what": _recommended(unsaid | row | {"value": row["value_then"], "n": row["n_then"]})[0]}
        | {when: _number(row["rule"], row[f"value_{when}"], row[f"n_{when}"]) for when in ("then", "now")}
        | {"recommended": row["recommended"]}
        for row in followed.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["what", "then", "now", "recommended"])


def _number(rule: str, value: float, n: int) -> str | None:
    if pd.isna(value):
        return None
    if rule == "largest-multiplier":
        return f"{value:.2f}"
    days = f"{days_words(round(value))} in {count(n, 'project')}"
    return days if "cause" in rule else f"{value:.0f} of {n}{' delayed' * (rule == 'running-delayed')}"


def fared_overview(fared: pd.DataFrame) -> pd.DataFrame:
    """Lay out promises and plans with the share that held and what it may be; groups without any are left out."""
    rows = fared[fared["n_projects"] > 0]
    shares = [
        "few" if row.suppressed else f"{row.share_held:.0%} ({row.share_lower:.0%} to {row.share_upper:.0%})"
        for row in rows.itertuples()
    ]
    labels = [GROUPS[group][0].upper() + GROUPS[group][1:] for group in rows["group"]]
    return rows.assign(label=labels, share=[text.replace("%", " %") for text in shares])


def quarter_overview(report: QuarterlyReport) -> pd.DataFrame:
    """Lay out quarter by quarter what closed, how much longer it took, and which dates held; last, four together.

    Counts of dates have the band of chance behind them.
    """
    whole = report.overrun_trend[report.overrun_trend["phase"] == WHOLE_PROJECT]
    single, four = (whole[whole["window"] == w].reset_index(drop=True) for w in (QUARTER, TRAILING))
    kept = report.promises_kept
    levels = {
        f"P{100 * level:g}": dict(zip(rows["period"], map(_kept_words, rows.itertuples()), strict=True))
        for level, rows in kept.groupby("level")
    }
    quarters = report.closed_by_quarter.assign(ratio=single["approved_ratio"])
    slips = report.closed.loc[report.closed["quarter"].isin(quarters["quarter"].iloc[-4:]), "slip_days"]
    pooled = {"quarter": kept["period"].iloc[-1], "n_projects": len(slips)}
    if len(slips) >= FEWEST_IN_A_CELL:
        late, ratio = int((slips > 0).sum()), four["approved_ratio"].iloc[-1]
        pooled |= {"n_late": late, "median_slip_days": slips.median(), "ratio": ratio}
    table = pd.concat([quarters, pd.DataFrame([pooled])], ignore_index=True)
    table = table.assign(**{name: table["quarter"].map(texts) for name, texts in levels.items()})
    return table.assign(quarter=[*table["quarter"].iloc[:-1], "Last four"])


def _kept_words(row) -> str:
    if row.verdict == TOO_FEW:
        return "few" if row.n_due else "–"
    outside = "" if row.verdict == AS_PROMISED else f", {row.verdict}"
    return f"{row.n_held} of {row.n_due} ({row.n_lower}–{row.n_upper}){outside}"


def change_overview(change: pd.DataFrame) -> pd.DataFrame:
    """Lay out bias and spread of the four quarters and the four before, with the verdict and its interval."""
    table = {"label": change["phase"].map(_phase_words)}
    for name in ("bias", "spread"):
        rows = change[
            [f"{name}_{each}" for each in ("before", "now", "change_lower", "change_upper", "verdict")]
        ].itertuples(index=False, name=None)
        texts = [_changed(*row) for row in rows]
        table |= {name: [values for values, _ in texts], f"{name}_is": [words for _, words in texts]}
    return pd.DataFrame(table)


def _changed(before: float, now: float, low: float, high: float, verdict: str) -> tuple[str, str]:
    if verdict == TOO_FEW:
        return "–", "few"
    words = "as before" if verdict == CHANCE else verdict
    ends = [f"{100 * np.expm1(each):+z.0f} %".replace("-", "−") for each in (low, high)]
    return f"{before:.2f} → {now:.2f}", f"{words} ({ends[0]} to {ends[1]})"


def saved_overview(saved: pd.DataFrame) -> pd.DataFrame:
    """Lay out what multipliers would have saved for a reader, in tenths that add up."""
    return saved.assign(
        label=saved["phase"].map(_phase_words),
        saved=[
            _with_interval(
                round(row.plan_error_days, 1) - round(row.p50_error_days, 1),
                row.saved_lower,
                row.saved_upper,
                "z.1f",
            )
            for row in saved.itertuples()
        ],
    )


def running_overview(running: pd.DataFrame) -> pd.DataFrame:
    """Lay out the running projects for a reader, chances as words."""
    return running.assign(
        label=project_names(running),
        chance_now=running["prob_committed"].map(chance, na_action="ignore").astype("str"),
        chance_then=running["prob_kickoff"].map(chance, na_action="ignore").astype("str"),
    )


def _phase_words(phase: str) -> str:
    return "Whole projects" if phase == WHOLE_PROJECT else code_label(phase)


def _with_interval(value: float, low: float, high: float, spec: str = "z.2f") -> str:
    if pd.isna(value):
        return "–"
    texts = [f"{each:{spec}}".replace("-", "−") for each in (value, low, high)]
    return f"{texts[0]} ({texts[1]} to {texts[2]})"


_HELD = "{item} held {value:.0f} of {n} times; an honest {item} holds {lower:.0f} to {upper:.0f}."
_RECOMMEND = {
    "dates-too-early": (
        "Promise later dates: what kickoff forecasts call {item} is not. Calibrate anew before the next kickoff, and "
        "promise P90 until the dates hold.",
        _HELD,
    ),
    "dates-too-cautious": (
        "Promise earlier dates: kickoff forecasts keep more reserve than {item} says.",
        _HELD,
    ),
    "running-delayed": (
        "Decide now on {projects}: agree on new dates, or on what is left out.",
        "{value:.0f} of {n_running} {are} delayed by the evidence.",
    ),
    "largest-multiplier": (
        "Multiply estimates of {label} by {value:.2f} where a date has to hold.",
        "Its P80 multiplier, the largest of all phases: {value:.2f} (90 % interval {lower:.2f} to {upper:.2f}), {n} "
        "projects, closed or running, with finished work of it, {standing}.",
    ),
    "costliest-cause": (
        "Work on {label} before any other cause.",
        "It cost {days} in {n_projects}, {percent:.0f} % of all days lost in the last four quarters.",
    ),
    "causes-missing": (
        "Write a cause beside every miss: what is not named cannot be worked on.",
        "{percent:.0f} % of the days lost in the last four quarters have none ({days} in {n_projects}).",
    ),
    "forecasts-missing": (
        "Publish a forecast at every kickoff: without it nobody can say whether dates hold.",
        "{value:.0f} of {n_projects} that started in the last four quarters had none.",
    ),
}
"""What is recommended by each rule, and why; the fields are those of the recommendation and its words."""


def _recommended(row: dict) -> tuple[str, ...]:
    """Fill a recommendation and its reason in from a row of the table."""
    words = {
        "projects": list_few(row["item"].split(", "), MOST_NAMED),
        "label": code_label(row["item"]).lower(),
        "days": days_words(row["value"]),
        "n_projects": count(row["n"], "project"),
        "n_running": count(row["n"], "running project"),
        "percent": 100 * row["lower"],
        "are": "is" if row["value"] == 1 else "are",
    }
    return tuple(text.format(**row, **words) for text in _RECOMMEND[row["rule"]])
