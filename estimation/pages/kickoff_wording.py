"""The kickoff forecast in sentences: which date to promise, why it is that date, what would change it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.calibration.reference_classes import is_borrowed
from estimation.forecasting.drivers import BETWEEN, SO_FAR
from estimation.forecasting.forecast import DAY_PART, forecast_column
from estimation.forecasting.simulation import Simulation
from estimation.lint.vocabulary import blank_in
from estimation.pages.displays import shown_date, shown_value
from estimation.pages.labels import code_label, milestone_words
from estimation.project.amounts import chance, count, days_words, list_words
from estimation.project.plan import Plan
from estimation.tables import fold_phase

GAPS_USED_UP = "Waiting is below zero where late work uses up gaps that the plan had between milestones."
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MOST_NAMED = 5
"""More milestones than these are listed by their ids alone."""


def unknown_phases(plan: Plan, model: OverrunModel) -> str:
    """Name the phases of a plan that the model has no history of; empty when it knows them all."""
    known = {fold_phase(phase) for phase in model.phases["phase"].iloc[:-1]}
    unknown = [phase for phase in dict.fromkeys(plan.milestones["phase"]) if fold_phase(phase) not in known]
    if not unknown:
        return ""
    phases, its = ("phase", "its") if len(unknown) == 1 else ("phases", "their")
    return (
        f"History knows nothing of the {phases} {list_words(unknown)}: {its} milestones are forecast like any other "
        "work, with the least certainty. Check the spelling."
    )


def forecast_finding(forecast: pd.DataFrame, level: float = 0.8) -> str:
    """Say which date can be promised at a level of the forecast, and how likely the planned one is."""
    whole = forecast.iloc[-1]
    sentence = (
        f"Promise {shown_date(whole[forecast_column(level)])} if {_times_in(level)} is good enough; half of the "
        f"simulated courses end by {shown_date(whole['p50_finish'])}. The planned "
        f"{shown_date(whole['baseline_finish'])} holds with a chance of {chance(whole['prob_baseline'])}"
    )
    if pd.notna(whole["promised_finish"]) and whole["promised_finish"] != whole["baseline_finish"]:
        promised = shown_date(whole["promised_finish"])
        sentence += f", the promised {promised} with one of {chance(whole['prob_promised'])}"
    return f"{sentence}."


def _times_in(level: float) -> str:
    """Write a probability as a count.

    >>> _times_in(0.8), _times_in(0.75)
    ('eight times in ten', '75 times in a hundred')
    """
    tenths = round(10 * level, 9)
    if tenths == int(tenths) and 1 <= tenths <= 9:
        return f"{NUMBERS[int(tenths) - 1]} times in ten"
    return f"{100 * level:g} times in a hundred"


def drivers_finding(forecast: pd.DataFrame) -> str:
    """Name the milestones that most often set the finish."""
    top = forecast.iloc[:-1].sort_values("criticality_index", ascending=False, kind="stable").head(3)
    named = [f"{milestone_words(row)} ({chance(row.criticality_index)})" for row in top.itertuples()]
    return f"Most often on the path that sets the finish: {list_words(named)}."


def which_way(simulation: Simulation, model: OverrunModel) -> str:
    """Say where the spread of the finish comes from, and why."""
    record = model.record if simulation.setup.state is None else None
    if simulation.way == "record" and record is not None and is_borrowed(record):
        return (
            "The spread of the finish is borrowed from whole published projects; the course to it and the multipliers "
            "come from the phases. The two need not agree: promise from the finish."
        )
    if simulation.way == "record" and record is not None:
        return (
            f"The spread of the finish is that of {count(record.n_projects, 'whole project')}: late starts, "
            "overlap and re-sequencing decide when a project ends, and no network knows them. The dates on the way "
            f"come from {'how late their milestones were and ' if model.slips else ''}the overruns of the phases."
        )
    if simulation.way == "record":
        return (
            "The rest of the way is drawn from how much longer than their plan running projects still took; the course "
            "to it, milestone by milestone, from the overruns of the phases."
        )
    if model.finish_way == "chained" and model.record is not None:
        return (
            "The finish is that of the phases chained through the network: in the backtest on this history that came "
            "closer than the record of whole projects."
        )
    return (
        "The finish is that of the phases chained through the network, because no record of whole projects is at hand. "
        "On real projects such dates were too late more often than not."
    )


def contingency_finding(contingency: pd.DataFrame, level: float) -> str:
    """Say how many days the promised date needs beyond the plan, and which phases need them."""
    whole = contingency.iloc[-1]
    named, gaps = (
        largest_reasons(contingency),
        contingency.loc[contingency["phase"] == BETWEEN, "contingency_days"],
    )
    total = int(np.ceil(whole["contingency_days"] - DAY_PART))  # dates are rounded up to a working day, too
    if total <= 0:
        place = f"lies {days_words(-total)} before" if total else "falls on"
        return f"P{100 * level:g} {place} the planned finish: the plan has allowance enough."
    return (
        f"P{100 * level:g} lies {days_words(total)} after the planned finish. Where they come from, in days of the "
        f"driving path: {list_words(named)}.{' ' + GAPS_USED_UP if (gaps <= -0.5).any() else ''}"
    )


def largest_reasons(contingency: pd.DataFrame) -> list[str]:
    """Name what the days beyond the plan belong to, with the days of each, most first."""
    parts = contingency.iloc[:-1].sort_values("contingency_days", ascending=False, kind="stable")
    parts = parts[parts["contingency_days"].abs() >= 0.5]
    days = [shown_value(value, "+.0f") for value in parts["contingency_days"]]
    return [f"{_stretch_label(phase)} {said}" for phase, said in zip(parts["phase"], days, strict=True)]


def lever_finding(tornado: pd.DataFrame) -> str:
    """Name the milestone whose duration moves the finish most."""
    top = next(tornado.itertuples())
    low, high = float(top.low_days), float(top.high_days)
    if not high - low > 0.5:
        return "No single milestone moves the finish by more than half a day."
    return (
        f"The strongest lever is {milestone_words(top)}: when it is among its shortest fifth the project ends "
        f"{-low:.0f} days earlier than on average, among its longest {high:.0f} days later."
    )


def path_finding(path: list[str], merge_days: float, spread: pd.Series) -> str:
    """Name the usual driving path, what parallel work costs in days, and what assuming independence would hide."""
    sentence = f"The finish is set most often by the path {' → '.join(path)}."
    if merge_days >= 0.5:
        days = days_words(round(merge_days))
        sentence += f" Work that runs beside it and has to come together adds {days} at P50."
    narrower = 1 - spread["independent_days"] / spread["days"] if spread["days"] > 0 else 0.0
    if narrower >= 0.05:
        sentence += (
            f" Had every milestone a luck of its own, the range from P10 to P90 would look {100 * narrower:.0f} % "
            "narrower than it is."
        )
    return sentence


def growth_finding(effect_days: float, counted: bool, level: float, *, known: bool = True) -> str:
    """Say what work that nobody has planned yet does to the date, whether the forecast counts it or not."""
    if not known:
        return "How much work is added on the way no history tells yet: milestones that nobody planned are not counted."
    name, days = f"P{100 * level:g}", days_words(round(effect_days, 1))
    if counted:
        return f"Milestones added on the way, as often as in the past, account for {days} of {name}."
    return (
        "Milestones added on the way are not counted; as often as in the past they would move "
        f"{name} by {days}."
    )


def precision_finding(errors: pd.DataFrame) -> str:
    """Say how well the simulation itself knows its dates."""
    whole = errors.iloc[-1]
    worst = max(whole[name] for name in errors.columns if name.endswith("_error_days"))
    return f"More iterations would move the dates of the project by about {max(worst, 0.1):.1f} working days."


def promise_finding(needs: pd.DataFrame, promised: pd.Timestamp, factor: float, level: float) -> str:
    """Say what would have to be true for a promised date to hold; everything times the factor is one way."""
    target = f"{shown_date(promised)} at {100 * level:g} %"
    if factor >= 1:
        return f"{target} holds as the plan stands."
    enough = needs[needs["most_days"].notna()]
    less = f"{100 * (1 - factor):.0f} % less than at P{100 * level:g}"
    everything = f"everything that is left would have to take {less}"
    if enough.empty:
        return f"For {target}, no single milestone can shrink enough; {everything}, or scope has to go."
    named = [
        f"{milestone_words(row)} at most {row.most_days:g} days (at P{100 * level:g} it takes {row.expected_days:.0f})"
        for row in enough.itertuples()
    ]
    return f"For {target}, one of these would have to be true: {'; '.join(named[:3])}. Or {everything}."


def needs_overview(needs: pd.DataFrame) -> pd.DataFrame:
    """Lay out what a promise needs as text, one row per milestone."""
    reached = needs["prob_promised"].map(chance)
    at_most = needs["most_days"].map(lambda value: "" if np.isnan(value) else f"at most {value:g} days")
    return needs.assign(at_most=at_most.where(at_most != "", "not enough alone: " + reached))


def _stretch_label(phase: str) -> str:
    return phase if phase in (BETWEEN, SO_FAR, "whole project") else code_label(phase)


def client_finding(board: pd.DataFrame, early: pd.DataFrame) -> str:
    """Say whether the board can be sent to the client, and what has to be settled or written before."""
    wanting = [
        f"{milestone_words(row)} is promised for {shown_date(row.promised_finish)}, and the board says "
        f"{shown_date(row.finish_by)}: settle that date with the client first"
        for row in early.itertuples(index=False)
    ]
    for name, lacks in (
        ("client_summary", "what they mean to the client"),
        ("acceptance_criteria", "how everyone sees that they are done"),
    ):
        empty = int(board[name].isna().sum())
        if empty:
            wanting.append(f"{count(empty, 'milestone')} without a word on {lacks}")
    texts = board[["name", "client_summary", "acceptance_criteria", "needed"]].fillna("").astype(str)
    blank = board[texts.map(blank_in).ne("").any(axis=1)]
    if len(blank):
        few = len(blank) <= MOST_NAMED
        named = list(map(milestone_words, blank.itertuples())) if few else blank["milestone"].tolist()
        wanting.append(
            f"{count(len(blank), 'milestone')} with blanks still to be filled in: {list_words(named)}"
        )
    needs, asked = board["needed_by"].dropna(), "It asks nothing of the client's side."
    if len(needs):
        first = shown_date(needs.min())
        asked = f"It asks {count(len(needs), 'thing')} of the client's side, the first by {first}."
    if wanting:
        return f"The board for the client is not yet fit to be sent. {'; '.join(wanting)}. {asked}"
    last = shown_date(board["finish_by"].max())
    return f"The board for the client is fit to be sent: {count(len(board), 'milestone')}, the last by {last}. {asked}"


def client_terms(level: float, *, elsewhere: bool = False) -> str:
    """Say to the client what the dates of the board are worth, and what they rest on: similar work, own or not."""
    work = "published projects of others have shown (borrowed)" if elsewhere else "similar work has shown"
    return (
        f"Each date of a milestone is one that is kept {_times_in(level)}, as far as {work}, provided that what is "
        f"needed from your side is there by the date beside it. {needed_terms(level)}"
    )


def needed_terms(level: float) -> str:
    """Say what the day is from which something has to be ready, often long before the milestone is finished."""
    return (
        f"Be ready from the day named: {_times_in(level)} the work that waits for it begins then or later. What is not "
        "there when it begins holds it up."
    )
