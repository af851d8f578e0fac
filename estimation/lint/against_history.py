"""A plan beside the closed projects that came before it: estimates, experiment cycles, phases, causes, its promise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from estimation.calibration.calibrated_plan import SHOWN_DECIMALS, multipliers_of_phases
from estimation.calibration.durations import own_durations
from estimation.calibration.model import OverrunModel
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.project_record import ProjectRecord
from estimation.calibration.reference_classes import BASIS, is_borrowed
from estimation.findings import Finding, found
from estimation.forecasting.forecast import DAY_PART
from estimation.forecasting.simulation import simulate
from estimation.lint.phrases import date_words, labels_of, phase_words
from estimation.lint.size import places_by_phase
from estimation.project.amounts import days_words
from estimation.project.closing import is_added, is_finished, is_over
from estimation.project.estimates import has_factors
from estimation.project.network import NOISE
from estimation.project.plan import Plan
from estimation.tables import fold_phase

FEWEST_PROJECTS = 10
"""With fewer closed projects nothing is said about what such work took."""
LOW, MIDDLE = 0.2, 0.5
ROOM = 0.95
"""An estimate within a twentieth of the mark is not frequent apart from it."""
USUAL_PHASE, USUAL_CAUSE = 0.5, 0.25
"""A phase that half of the projects had, a cause that cost days in a quarter of them."""
NO_RISK = ("estimate",)
"""Causes that say how an estimate was wrong and not what happened: nothing to plan a risk for."""
PROMISE_HOLDS, EVEN_CHANCE = 0.8, 0.5
FACTOR_LEVELS, FEWEST_MULTIPLIED, NEARLY_ALL = (0.5, 0.8, 0.9), 3, 0.9
"""A plan looks multiplied where at least three odd durations, nine in ten of them, are a multiplier's."""
ITERATIONS, MOST_CELLS = 2000, 5_000_000
"""Iterations for the chance of a promise; fewer, at least a hundred, of very large plans."""


def check_against_history(plan: Plan, history: pd.DataFrame) -> Iterator[Finding]:
    """Compare a plan with what the work of closed projects really took.

    Only projects that were closed before the plan starts count, and never the plan's own. Fewer than ten of them say
    nothing.
    """
    past = _closed_before(plan, history)
    if past["project"].nunique() < FEWEST_PROJECTS:
        return
    for rule in (_estimates, _cycles, _phases, _causes):
        yield from rule(plan, past)


def check_promise(
    plan: Plan, *, model: OverrunModel | None, record: ProjectRecord | None, seed: int
) -> Iterator[Finding]:
    """Say how likely the promised date is, else the planned one; without a model the record alone decides."""
    first = float(plan.calendar.mornings([plan.start])[0])
    end = plan.baseline.evening.max()
    is_promised = pd.notna(plan.promised_finish)
    date = pd.Timestamp(plan.promised_finish if is_promised else plan.finish_dates([end])[0])
    due = float(plan.calendar.evenings([date])[0])
    if model is not None:
        iterations = int(np.clip(MOST_CELLS // len(plan.milestones), 100, ITERATIONS))
        simulation = simulate(plan, model, record=record, seed=seed, iterations=iterations)
        prob = float((simulation.project_finishes <= due - simulation.origin + DAY_PART).mean())
        learned = f"learned from {model.n_projects} closed projects"
        basis = f"{iterations:,} simulated courses, {BASIS if is_borrowed(model) else learned}"
    elif record is not None and plan.estimated.end > first:
        log_ratio = np.log(max(due - first, DAY_PART) / (plan.estimated.end - first))
        prob = float(record.probabilities(log_ratio)[1])
        own = f"what {record.n_projects} closed projects took compared with their plans"
        basis = BASIS if is_borrowed(record) else own
    else:
        return
    if prob < (PROMISE_HOLDS if is_promised else EVEN_CHANCE):
        rule = "promise-unlikely" if prob < EVEN_CHANCE else "promise-uncertain"
        facts = {"label": f"'{plan.name}'", "date": date_words(date), "basis": basis}
        rule = rule if is_promised else "planned-finish-unlikely"
        yield found(rule, plan.project, **facts, chance=_times_in_ten(prob))


def check_multiplied(plan: Plan, model: OverrunModel) -> Iterator[Finding]:
    """Say where a plan looks multiplied already, and does not tell its estimates.

    People estimate in days and half days. Where nearly all days that are not such are half days times what the model
    multiplies their phases by, to the decimals of a calibrated plan, nobody estimated them: by chance one day in sixty
    is.
    """
    days = plan.baseline.own_days
    odd = np.abs(2 * days - np.round(2 * days)) > NOISE
    if has_factors(plan.milestones) or odd.sum() < FEWEST_MULTIPLIED:
        return
    multipliers = multiplier_table(model, levels=FACTOR_LEVELS)
    for level in FACTOR_LEVELS:
        factors = multipliers_of_phases(plan.milestones["phase"], multipliers, level)
        guessed = np.round(2 * days / factors) / 2
        fits = np.isclose(np.round(guessed * factors, SHOWN_DECIMALS), days, atol=10.0**-SHOWN_DECIMALS / 2)
        if fits[odd].mean() >= NEARLY_ALL:
            first = int(np.flatnonzero(odd & fits)[0])
            facts = {"n": int((odd & fits).sum()), "level": f"P{100 * level:g}", "factor": factors[first]}
            example = {
                "first": labels_of(plan.milestones)[first],
                "days": days[first],
                "guessed": guessed[first],
            }
            yield found("multiplied-already", plan.project, label=f"'{plan.name}'", **facts, **example)
            return


def _closed_before(plan: Plan, history: pd.DataFrame) -> pd.DataFrame:
    """Keep the finished rows of projects that were closed when the plan starts, with their own days.

    ``planned_days`` and ``days`` are own working days in plan and in fact; ``size`` is the plan of this project
    divided by that of the row's project, both in days of work as estimated.
    """
    known = history["project"] != plan.project
    over = is_over(history, plan.start - pd.Timedelta(days=1))
    known &= over.groupby(history["project"]).transform("all")
    own = own_durations(history[known])
    past = history[known].assign(
        planned_days=own["baseline_own_days"].where(~is_added(history[known])),
        estimated_days=own["estimate_own_days"].where(~is_added(history[known])),
        days=own["actual_own_days"],
        phase=history["phase"][known].map(fold_phase),
        name=_folded(history["name"][known]),
    )
    estimated = past["estimated_days"].groupby(past["project"]).transform("sum")
    past = past.assign(size=plan.estimated.baseline.own_days.sum() / estimated.where(estimated > 0))
    return past[is_finished(past) & (past["days"] > 0)]


def _folded(names: pd.Series) -> pd.Series:
    # Word by word in plain Python: of a column without any name pandas would make numbers on the way.
    return names.map(lambda name: " ".join(name.casefold().split()), na_action="ignore").astype("str")


def _estimates(plan: Plan, past: pd.DataFrame) -> Iterator[Finding]:
    """Compare estimates with milestones of the same name; the phases where no name is known, with phase totals."""
    table, own_days = plan.milestones, plan.baseline.own_days
    by_name = past.groupby("name", sort=False)
    marks = {
        name: {**_marks(rows["days"], rows["size"]), "n": len(rows)}
        for name, rows in by_name
        if rows["project"].nunique() >= FEWEST_PROJECTS and rows["size"].notna().any()
    }
    names = _folded(table["name"]).tolist()
    known = np.array([name in marks for name in names])
    labels, below = labels_of(table), 0
    for k in np.flatnonzero(known):
        facts = marks[names[k]]
        below += own_days[k] < facts["p20"]
        if _too_short(own_days[k], facts):
            others = f"Of {facts['n']} such milestones in closed projects"
            yield _short(table["milestone"].iloc[k], labels[k], own_days[k], facts, others)
    n = int(known.sum())
    if n >= FEWEST_PROJECTS and below > n / 2:
        totals = past.groupby("project")["days"].sum()
        facts = {"total": own_days.sum(), "n_projects": len(totals), "median": totals.median()}
        yield found("short-all-over", plan.project, label=f"'{plan.name}'", below=int(below), n=n, **facts)
    yield from _phase_totals(plan, past, known)


def _phase_totals(plan: Plan, past: pd.DataFrame, known: np.ndarray) -> Iterator[Finding]:
    places_of = places_by_phase(plan.milestones)
    for phase, places in places_of.items():
        rows = past[past["phase"] == fold_phase(phase)]
        if known[places].any() or rows["project"].nunique() < FEWEST_PROJECTS or len(places_of) == 1:
            continue
        totals = rows.groupby("project").agg(days=("days", "sum"), size=("size", "first"))
        days, facts = plan.baseline.own_days[places].sum(), _marks(totals["days"], totals["size"])
        if _too_short(days, facts):
            others = f"Of {len(totals)} closed projects with this phase"
            yield _short(phase, f"The phase {phase_words(phase)}", days, facts, others)


def _marks(days: pd.Series, size: pd.Series) -> dict:
    """Read off what four of five such pieces of work took at least, and the middle one; also at this plan's size."""
    scaled = (days * size).dropna()
    return {
        "p20": days.quantile(LOW, interpolation="lower"),
        "p50": days.quantile(MIDDLE, interpolation="lower"),
        "scaled_p20": scaled.quantile(LOW),
        "scaled_p50": scaled.quantile(MIDDLE),
    }


def _too_short(days: float, facts: dict) -> bool:
    """Tell whether an estimate has no excuse: a small project may be short in days, a large one in its share."""
    return 0 < days < ROOM * min(facts["p20"], facts["scaled_p20"])


def _short(item: str, label: str, days: float, facts: dict, others: str) -> Finding:
    suggested = days_words(np.ceil(min(facts["p50"], facts["scaled_p50"])))
    facts = {**facts, "label": label, "days": days_words(days), "others": others, "suggested": suggested}
    return found("below-history", item, **facts)


def _cycles(plan: Plan, past: pd.DataFrame) -> Iterator[Finding]:
    """Compare the experiment cycles of each phase with those it took, project by project."""
    for phase, places in places_by_phase(plan.milestones).items():
        cycles = plan.milestones["iterations_planned"].iloc[places].sum()
        rows = past[(past["phase"] == fold_phase(phase)) & past["iterations_actual"].notna()]
        took = rows.groupby("project")["iterations_actual"].sum().astype(float)
        if not cycles or len(took) < FEWEST_PROJECTS:
            continue
        p20, p50 = took.quantile([LOW, MIDDLE], interpolation="lower")
        if cycles < p20:
            facts = {"planned": float(cycles), "n_projects": len(took), "p20": p20, "p50": p50}
            yield found("few-iterations", phase, phase=phase_words(phase), **facts)


def _phases(plan: Plan, past: pd.DataFrame) -> Iterator[Finding]:
    n_projects = past["project"].nunique()
    has = {fold_phase(phase) for phase in plan.milestones["phase"]}
    for phase, rows in past.groupby("phase", sort=False):
        n = rows["project"].nunique()
        if phase not in has and n >= USUAL_PHASE * n_projects:
            facts = {"n_projects": n_projects, "median": rows.groupby("project")["days"].sum().median()}
            yield found("phase-others-had", phase, phase=phase_words(phase), n=n, **facts)


def _causes(plan: Plan, past: pd.DataFrame) -> Iterator[Finding]:
    """Name what cost days in many projects, for phases in which no milestone carries a risk."""
    over = past["days"] - past["planned_days"]
    lost = past.assign(over=over)[past["cause"].notna() & (over > 0)]
    lost = lost[~lost["cause"].map(fold_phase).isin(NO_RISK)]
    table = plan.milestones
    planned_for = (table["risk_prob"] > 0) & (table["risk_days"] > 0)
    for phase, places in places_by_phase(table).items():
        if planned_for.iloc[places].any():
            continue
        n_projects = past.loc[past["phase"] == fold_phase(phase), "project"].nunique()
        by_cause = lost[lost["phase"] == fold_phase(phase)].groupby("cause")
        frequent = by_cause.agg(n=("project", "nunique"), days=("over", "median"))
        frequent = frequent[frequent["n"] >= USUAL_CAUSE * max(n_projects, FEWEST_PROJECTS)]
        frequent = frequent.sort_values(["n", "days"], ascending=False, kind="stable")
        if len(frequent):
            causes = " and ".join(
                f"{row.n} lost days to {str(row.Index).replace('_', ' ')} (half of them {row.days:g} or more)"
                for row in frequent.itertuples()
            )
            yield found("usual-cause", phase, phase=phase_words(phase), n_projects=n_projects, causes=causes)


def _times_in_ten(prob: float) -> str:
    """Write a probability as a count, never as a certainty.

    >>> [_times_in_ten(prob) for prob in (0.01, 0.11, 0.42, 0.97)]
    ['less than once in twenty', 'about once in ten', 'about 4 times in ten', 'more than 19 times in twenty']
    """
    if prob < 0.05:
        return "less than once in twenty"
    if prob > 0.95:
        return "more than 19 times in twenty"
    tenths = max(1, round(10 * prob))
    return "about once in ten" if tenths == 1 else f"about {tenths} times in ten"
