"""The calibration in sentences: multipliers, what the model rests on, what the backtest and its intervals mean."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from estimation.calibration.model import NEW_PHASE, OverrunModel
from estimation.calibration.multipliers import TRUSTED_WITHIN
from estimation.calibration.reference_classes import is_borrowed
from estimation.pages.displays import shown_date
from estimation.pages.labels import code_label
from estimation.pages.replay_wording import held_words
from estimation.project.amounts import count, list_words
from estimation.scoring.backtest import RECALIBRATED
from estimation.scoring.finish_backtest import CHAINED, MATCHED
from estimation.scoring.verdict import best_candidate

NO_BACKTEST = (
    "No backtest was possible: fewer than ten projects with dates had closed before another one started. How well "
    "these numbers hold is not known yet."
)
USABLE = ("closed form", "full model", "pool", "reference class", "phase resampling", "phase lognormal")
USED = "full model"


def held(skill: pd.DataFrame, candidate: str, *, what: str) -> str:
    """Say how often P80 of one candidate held, and what chance alone would allow."""
    row = skill[skill["candidate"] == candidate].iloc[0]
    return held_words(int(row["held_p80"]), int(row["n_forecasts"]), what)


def milestone_verdict(skill: pd.DataFrame) -> str:
    """Say how the forecasts of milestones did against the plan and against the other ways."""
    if skill.empty:
        return NO_BACKTEST
    rows = skill.set_index("candidate")
    used = rows.loc[USED]
    best = best_candidate(skill, USABLE)
    sentence = (
        f"Forecast from what was known before each project started, {int(used['n_forecasts']):,} milestones of "
        f"{int(used['n_projects'])} projects: the model in use came {_percent(used['skill'])} closer to what happened "
        f"than the raw plan (90 % interval {_percent(used['skill_lower'])} to {_percent(used['skill_upper'])})."
    )
    if best != USED:
        gap = used["crps"] / rows.loc[best, "crps"] - 1
        close = "too little to matter" if gap < 0.03 else "worth a look"
        sentence += f" Best of all was '{best}', {_percent(gap, digits=1)} closer still: {close}."
    return f"{sentence} {held(skill, USED, what='milestones')}"


def finish_verdict(skill: pd.DataFrame, way: str) -> str:
    """Say how forecasts of whole projects did, which way ("record" or "chained") speaks from now on, and why."""
    if skill.empty:
        return ""
    crps = skill.set_index("candidate")["crps"]
    chained, matched = crps[CHAINED], crps[MATCHED]
    sentence = held(skill, CHAINED if way == "chained" else MATCHED, what="whole projects")
    if way != "chained" and matched <= chained:
        return (
            f"{sentence} The record of whole projects came {_percent(1 - matched / chained)} closer than chaining "
            "phases through the network: the finish is drawn from it."
        )
    sentence += f" Chaining phases through the network came {_percent(1 - chained / matched)} closer"
    if way == "chained":
        return f"{sentence} than the record of whole projects, more than chance: forecasts chain."
    return (
        f"{sentence}, no more than chance would give: the finish is drawn from the record of whole projects."
    )


def skill_overview(milestones: pd.DataFrame, finishes: pd.DataFrame) -> pd.DataFrame:
    """Lay out the ways of forecasting for a reader: best first, recalibrated ones left out."""
    parts = []
    for what, table in (("milestones", milestones), ("whole projects", finishes)):
        plain = table[~table["candidate"].fillna("").str.endswith(RECALIBRATED)]
        held = plain[["held_p50", "held_p80", "held_p90"]].astype(float)
        counts = held.div(plain["n_forecasts"].astype(float), axis=0).map(_percent).astype("str")
        skill = [
            f"{_percent(row.skill)} ({100 * row.skill_lower:.0f} to {100 * row.skill_upper:.0f})"
            for row in plain.itertuples()
        ]
        parts.append(
            plain.assign(forecast=what, skill=pd.Series(skill, index=plain.index, dtype="str"), **counts)
        )
    return pd.concat(parts, ignore_index=True)


def half_life_finding(half_lives: pd.DataFrame, used: float) -> str:
    """Say whether older projects should count less, and whether they did here (0 months: all counts the same)."""
    all_the_same = "Here all history counts the same."
    here = f"Here evidence counts half after {used:g} months." if used else all_the_same
    if half_lives.empty:
        return f"No backtest was possible, so whether older projects should count less is not known. {here}"
    best = half_lives[half_lives["chosen"]].iloc[0]
    if pd.isna(best["half_life_months"]):
        return f"Counting older projects less would have gained no more than chance. {here}"
    months = best["half_life_months"]
    sentence = (
        f"Projects have changed: had evidence counted half after {months:g} months, past forecasts would have come "
        f"{_percent(best['skill'])} closer (90 % interval {_percent(best['skill_lower'])} to "
        f"{_percent(best['skill_upper'])}). {here}"
    )
    return sentence if used == months else f"{sentence} Consider half_life_months {months:g}."


def half_life_overview(half_lives: pd.DataFrame) -> pd.DataFrame:
    """Lay out the half-lives tried for a reader, with the % of the distance that each would have gained."""
    names = half_lives["half_life_months"].map("half after {:g} months".format, na_action="ignore")
    skill = [
        "–" if pd.isna(row.half_life_months)
        else f"{100 * row.skill:z.1f} % ({100 * row.skill_lower:z.1f} to {100 * row.skill_upper:z.1f})"
        for row in half_lives.itertuples()
    ]  # fmt: skip
    return pd.DataFrame(
        {
            "counts": names.astype("str").fillna("all the same"),
            "gained": pd.Series(skill, dtype="str"),
            "chosen": half_lives["chosen"].map({True: "yes", False: ""}).astype("str"),
        }
    )


def one_more_project(multipliers: pd.DataFrame) -> str:
    """Say what one more closed project would buy, and how many it takes until every P80 can be trusted."""
    known = _p80(multipliers)
    factor = np.sqrt((known["upper"] / known["lower"]).to_numpy(dtype=float))
    widest = int(np.argmax(factor))
    row, n = known.iloc[widest], int(known["n_projects"].iloc[widest])
    after = factor[widest] ** np.sqrt(n / (n + 1)) if n else factor[widest]
    needed = int(np.ceil(n * (np.log(factor[widest]) / np.log(TRUSTED_WITHIN)) ** 2 - 1e-9))
    sentence = (
        f"The P80 multiplier of {code_label(row['phase']).lower()} is known least, to within times or divided by "
        f"{factor[widest]:.2f}; one more closed project "
    )
    narrows = f"{after:.2f}" != f"{factor[widest]:.2f}"
    sentence += f"narrows that to about {after:.2f}" if narrows else "would hardly narrow that"
    more = f", and about {needed} closed projects are needed until it can be trusted" if needed > n else ""
    return f"{sentence}{more}."


def _p80(multipliers: pd.DataFrame) -> pd.DataFrame:
    return multipliers[(multipliers["phase"] != NEW_PHASE) & np.isclose(multipliers["level"], 0.8)]


def _smallest_and_largest(multipliers: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    ordered = _p80(multipliers).sort_values("multiplier")
    return ordered.iloc[0], ordered.iloc[-1]


def _percent(share: float, *, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"


def model_evidence(model: OverrunModel) -> str:
    """Say what a model rests on and what it does not know; of a borrowed one ``borrowed_words`` do."""
    if is_borrowed(model):
        return ""
    known = [dt.date.fromisoformat(day) for day in (model.first_known, model.last_known) if day]
    used = "were not used: work that drags on is missing from the multipliers."
    used = "count as known to take longer than so far." if model.uses_running else used
    period = f", finished {shown_date(known[0])} to {shown_date(known[1])}" if known else ""
    said = [
        f"Learned from {count(model.n_projects, 'project')} with {count(model.n_rows, 'finished milestone')}{period}.",
        model.n_running and f"{model.n_running} milestones still running {used}",
        model.clients
        and f"{len(model.clients)} clients are told apart in forecasts; the multipliers are those for a client never "
        "seen.",
        model.half_life_months
        and f"Older work counts less: half as much after {model.half_life_months:g} months.",
        model.left_out
        and f"Left out, because their actuals copy their plan: {list_words(list(model.left_out))}.",
        not model.converged
        and f"Two runs of the fit agreed only to R-hat {model.r_hat:.3f} (wanted 1.010): read the intervals with care.",
        model.track_record,
    ]
    return " ".join(filter(None, said))


def multiplier_finding(multipliers: pd.DataFrame) -> str:
    """Name the phase that needs the largest multiplier and the one that needs the smallest."""
    low, top = _smallest_and_largest(multipliers)
    if top["multiplier"] == low["multiplier"]:
        return (
            f"To hold eight times in ten, multiply estimates by {top['multiplier']:.2f} (90 % interval "
            f"{top['lower']:.2f} to {top['upper']:.2f}), whatever their phase."
        )
    sentence = (
        f"{code_label(top['phase'])} needs the largest allowance: to hold eight times in ten, multiply its "
        f"estimates by {top['multiplier']:.2f} (90 % interval {top['lower']:.2f} to {top['upper']:.2f}, "
        f"{count(int(top['n_projects']), 'project')})."
    )
    return f"{sentence} {code_label(low['phase'])} needs the smallest: {low['multiplier']:.2f}."


def multiplier_overview(multipliers: pd.DataFrame) -> pd.DataFrame:
    """Lay the multiplier table out as a reader wants it: one row per phase, the interval behind each number."""
    rows = []
    for phase, levels in multipliers.groupby("phase", sort=False):
        texts = {
            f"P{100 * row.level:.0f}": f"{row.multiplier:.2f} ({row.lower:.2f}–{row.upper:.2f})"
            for row in levels.itertuples()
        }
        counts = levels.iloc[-1][["n_projects", "n_rows", "share_borrowed"]]
        standing = "; ".join(levels["standing"].unique())
        rows.append({"phase": code_label(phase), **texts, **counts, "standing": standing})
    return pd.DataFrame(rows)


def calibration_headline(model: OverrunModel, multipliers: pd.DataFrame) -> dict[str, object]:
    """Choose the few figures that a calibration is read for."""
    low, top = _smallest_and_largest(multipliers)
    shown = {code_label(row["phase"]).lower(): f"{row['multiplier']:.2f} ×" for row in (top, low)}
    if top["multiplier"] == low["multiplier"]:
        shown = {"all phases": f"{top['multiplier']:.2f} ×"}
    figures: dict[str, object] = {"Projects": model.n_projects, "Milestones": model.n_rows}
    return figures | {f"P80 multiplier, {phase}": multiplier for phase, multiplier in shown.items()}


def phase_totals_finding(expected: pd.DataFrame) -> str:
    """Say what whole phases took, phase by phase."""
    rows = expected.itertuples()
    parts = [f"{code_label(row.phase)} {row.p50:.2f} (one in five above {row.p80:.2f})" for row in rows]
    return "Days taken per day planned, half of the projects below: " + "; ".join(parts) + "."


def with_projects(quality: pd.DataFrame) -> pd.DataFrame:
    """Put the projects that a finding is about behind its message, where it names some."""
    named = " (" + quality["project"] + ")"
    return quality.assign(message=quality["message"] + named.fillna(""))
