"""Numbers become sentences here, and only here: findings, alt texts, recommendations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from estimation.calibration.model import NEW_PHASE, OverrunModel
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.pages.charts.axes import phase_label
from estimation.pages.displays import shown_date, shown_value
from estimation.project.statuses import Colour
from estimation.review.variance import UNCODED


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


def days(count: float) -> str:
    """Write a number of working days.

    >>> days(1), days(-3), days(2.5)
    ('1 working day', '-3 working days', '2.5 working days')
    """
    return f"{count:g} working day{'' if count == 1 else 's'}"


def list_words(words: list[str]) -> str:
    """Join words as a sentence does.

    >>> list_words(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def with_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Add a column ``label``: the id of each milestone with its name, the project's name alone.

    Parameters
    ----------
    table : DataFrame with ``milestone`` and ``name``
    """
    ids = table["milestone"].where(table["milestone"] != WHOLE_PROJECT, "")
    return table.assign(label=(ids + " " + table["name"].fillna("")).str.strip())


def milestone_words(row) -> str:
    """Name a milestone by its id and, where it has one, its name."""
    return f"{row.milestone} {row.name}" if isinstance(row.name, str) else row.milestone


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
    return (
        f"{n_closed:,} closed and {count(running, 'running project')}"
        if running > 0
        else f"{n_closed:,} closed project{'' if n_closed == 1 else 's'}"
    )


def evidence(model: OverrunModel) -> str:
    """Say what a model rests on and what it does not know."""
    period = ""
    if model.first_known:
        first, last = (
            shown_date(dt.date.fromisoformat(day)) for day in (model.first_known, model.last_known)
        )
        period = f", finished {first} to {last}"
    running = ""
    if model.n_running and model.uses_running:
        running = f" {model.n_running} milestones still running count as known to take longer than so far."
    elif model.n_running:
        running = (
            f" {model.n_running} milestones still running were not used: work that drags on is missing from the "
            "multipliers."
        )
    clients = ""
    if model.clients:
        clients = (
            f" {len(model.clients)} clients are told apart in forecasts; the multipliers are those for a client never "
            "seen."
        )
    forgetting = ""
    if model.half_life_months:
        forgetting = f" Older work counts less: half as much after {model.half_life_months:g} months."
    unsettled = (
        ""
        if model.converged
        else (
            f" Two runs of the fit agreed only to R-hat {model.r_hat:.3f} (wanted 1.010): read the intervals with care."
        )
    )
    copies = (
        f" Left out, because their actuals copy their plan: {list_words(list(model.left_out))}."
        if model.left_out
        else ""
    )
    little = (
        " That is too little to tell phases apart: every phase gets the same pooled multiplier, and it is "
        "provisional."
        if model.pooled
        else ""
    )
    return (
        f"Learned from {count(model.n_projects, 'project')} with {count(model.n_rows, 'finished milestone')}{period}."
        f"{little}{running}{clients}{forgetting}{copies}{unsettled}"
        f"{' ' + model.track_record if model.track_record else ''}"
    )


def multiplier_finding(multipliers: pd.DataFrame) -> str:
    """Name the phase that needs the largest multiplier and the one that needs the smallest."""
    known = multipliers[(multipliers["phase"] != NEW_PHASE) & np.isclose(multipliers["level"], 0.8)]
    top = known.sort_values("multiplier").iloc[-1]
    low = known.sort_values("multiplier").iloc[0]
    if top["multiplier"] == low["multiplier"]:
        return (
            f"To hold eight times in ten, multiply estimates by {top['multiplier']:.2f} (90 % interval "
            f"{top['lower']:.2f} to {top['upper']:.2f}), whatever their phase."
        )
    sentence = (
        f"{phase_label(top['phase'])} needs the largest allowance: to hold eight times in ten, multiply its "
        f"estimates by {top['multiplier']:.2f} (90 % interval {top['lower']:.2f} to {top['upper']:.2f}, "
        f"{count(int(top['n_projects']), 'project')})."
    )
    return f"{sentence} {phase_label(low['phase'])} needs the smallest: {low['multiplier']:.2f}."


def multiplier_overview(multipliers: pd.DataFrame) -> pd.DataFrame:
    """Lay the multiplier table out as a reader wants it: one row per phase, the interval behind each number.

    Parameters
    ----------
    multipliers : DataFrame keeping the MULTIPLIERS contract

    Returns
    -------
    DataFrame of text, one row per phase, one column per level
    """
    rows = []
    for phase, levels in multipliers.groupby("phase", sort=False):
        last = levels.iloc[-1]
        texts = {
            f"P{100 * row.level:.0f}": f"{row.multiplier:.2f} ({row.lower:.2f}–{row.upper:.2f})"
            for row in levels.itertuples()
        }
        standing = list(dict.fromkeys(levels["standing"]))
        rows.append(
            {
                "phase": phase_label(phase),
                **texts,
                "n_projects": last["n_projects"],
                "n_rows": last["n_rows"],
                "share_borrowed": last["share_borrowed"],
                "standing": "; ".join(standing),
            }
        )
    return pd.DataFrame(rows)


def calibration_headline(model: OverrunModel, multipliers: pd.DataFrame) -> dict[str, object]:
    """Choose the few figures that a calibration is read for."""
    known = multipliers[multipliers["phase"] != NEW_PHASE]
    p80 = known[np.isclose(known["level"], 0.8)].sort_values("multiplier")
    top = p80.iloc[-1]
    if top["multiplier"] == p80.iloc[0]["multiplier"]:
        one = f"{top['multiplier']:.2f} ×"
        return {"Projects": model.n_projects, "Milestones": model.n_rows, "P80 multiplier, all phases": one}
    return {
        "Projects": model.n_projects,
        "Milestones": model.n_rows,
        f"P80 multiplier, {phase_label(top['phase']).lower()}": f"{top['multiplier']:.2f} ×",
        f"P80 multiplier, {phase_label(p80.iloc[0]['phase']).lower()}": f"{p80.iloc[0]['multiplier']:.2f} ×",
    }


def phase_totals_finding(expected: pd.DataFrame) -> str:
    """Say what whole phases took, phase by phase."""
    parts = [
        f"{phase_label(row.phase)} {row.p50:.2f} (one in five above {row.p80:.2f})"
        for row in expected.itertuples()
    ]
    return "Days taken per day planned, half of the projects below: " + "; ".join(parts) + "."


def slip_finding(slip: Mapping[str, object]) -> str:
    """Say in one sentence how a closed project ended."""
    late = int(slip["slip_days"])
    if late == 0:
        ended = "finished on its planned date"
    else:
        ended = f"finished {days(abs(late))} {'late' if late > 0 else 'early'}"
    planned, taken = days(slip["baseline_days"]), days(slip["actual_days"])
    if pd.isna(slip["actual_finish"]):
        return f"{slip['project_name']} {ended}: planned for {planned}, it took {taken}."
    return (
        f"{slip['project_name']} {ended}: planned for {planned} until {shown_date(slip['baseline_finish'])}, it took "
        f"{taken} until {shown_date(slip['actual_finish'])}."
    )


def cause_finding(causes: pd.DataFrame) -> str:
    """Name the causes of the days a project lost, most days first."""
    lost = causes[causes["own_slip_days"] > 0]
    if lost.empty:
        return "No milestone lost days by itself."
    named = [
        f"{milestone_words(row)} ({shown_value(row.own_slip_days, '+g')} days, {_cause_words(row.cause)})"
        for row in lost[["milestone", "name", "own_slip_days", "cause"]].itertuples(index=False)
    ]
    shown = named[:6] + ([f"{len(named) - 6} more"] if len(named) > 6 else [])
    many = "one milestone" if len(named) == 1 else f"{len(named)} milestones"
    return f"The days were lost at {many}: {list_words(shown)}."


def cause_label(cause: str) -> str:
    """Write a coded cause as words.

    >>> cause_label("data_quality")
    'Data quality'
    """
    return cause.replace("_", " ").capitalize()


def with_reasons(causes: pd.DataFrame) -> pd.DataFrame:
    """Add a column ``reason``: the cause of each miss and what the team wrote about it.

    Parameters
    ----------
    causes : DataFrame keeping the CAUSES contract
    """
    coded = causes["cause"].map(cause_label)
    return causes.assign(reason=coded.str.cat(causes["cause_note"], sep=": ").fillna(coded))


def with_projects(quality: pd.DataFrame) -> pd.DataFrame:
    """Put the projects that a finding is about behind its message, where it names some.

    Parameters
    ----------
    quality : DataFrame keeping the QUALITY contract
    """
    named = " (" + quality["project"] + ")"
    return quality.assign(message=quality["message"] + named.fillna(""))


def _cause_words(cause: str) -> str:
    return cause if cause == UNCODED else cause.replace("_", " ")


def reported_finding(reported: pd.DataFrame) -> str:
    """Say when work was overdue for the first time and when a colour other than green was first reported."""
    if reported.empty:
        return "No weekly status table was handed in, so what was reported when is not known."
    overdue = reported[reported["n_overdue"] > 0]
    coloured = reported[reported["reported_status"].isin(list(Colour))]
    warned = coloured[coloured["reported_status"] != Colour.GREEN]
    if overdue.empty:
        return "No milestone was overdue on any status date."
    first = overdue.iloc[0]
    seen = (
        f"From week {first['week']} on, the dates showed work overdue ({list_words(first['overdue'].split('; '))}, by "
        f"{days(first['days_overdue'])})"
    )
    if coloured.empty:
        return f"{seen}; no report named a colour."
    if warned.empty:
        return f"{seen}; every report was green."
    week = int(warned.iloc[0]["week"])
    colours = {
        colour: group["week"].iloc[0] for colour, group in warned.groupby("reported_status", sort=False)
    }
    said = list_words([f"{colour} in week {first_week}" for colour, first_week in colours.items()])
    lost = week - int(first["week"])
    late = (
        f"{lost} week{'s' if lost != 1 else ''} of warning were lost" if lost > 0 else "it was said in time"
    )
    return f"{seen}; the reports turned {said}: {late}."
