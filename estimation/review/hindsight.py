"""Hindsight without cheating: what others had taught when a project started, and what that says on every date after."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from estimation.calibration.calibrated_plan import calibrated_plan, with_calibrated_days
from estimation.calibration.durations import own_durations
from estimation.calibration.model import NEW_PHASE, OverrunModel
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.similar_projects import SIMILAR, similar_projects
from estimation.forecasting.forecast import forecast_table
from estimation.forecasting.simulation import simulate
from estimation.learning.calibrate import calibrate
from estimation.project.closing import is_finished, is_over, plan_of
from estimation.project.estimates import factors_of
from estimation.project.plan import Plan, build_plan
from estimation.project.standing import STATUS_COURSE, Standings, standings_of, status_course
from estimation.review.off_track import track_table
from estimation.review.variance import project_rows
from estimation.review.variance_tables import FAN, KICKOFF, LESSONS
from estimation.tables import empty_table, fold_phase, keep_contract
from estimation.tracking.evidence import evidence_table
from estimation.tracking.tracking_tables import EVIDENCE

FEWEST_CLOSED = 5
"""Of fewer projects closed before the start nothing is learned."""
LEVELS = (0.1, 0.5, 0.8, 0.9)


@dataclass(frozen=True, eq=False)
class Hindsight:
    """What was known at the start of a closed project, and what it would have said.

    ``n_closed`` counts the other projects closed before it started; the model was learned from them alone. It is None,
    and ``fan`` and ``kickoff`` are empty, where there were fewer than five, or the project has no dates. ``course`` is
    what was expected of each milestone on each status date; the first row of ``fan`` is the kickoff. ``similar`` are
    the closed projects most like it, whenever they closed.
    """

    n_closed: int
    model: OverrunModel | None
    track: pd.DataFrame
    course: pd.DataFrame
    fan: pd.DataFrame
    kickoff: pd.DataFrame
    lessons: pd.DataFrame
    similar: pd.DataFrame


def hindsight(
    history: pd.DataFrame,
    project: str,
    status: pd.DataFrame,
    *,
    seed: int,
    iterations: int | None = None,
) -> Hindsight:
    """Go back to the start of a closed project and forecast it from there with what others had taught by then.

    Only what others had done before it started is learned from. Status rows of milestones that the history does not
    have are passed over.
    """
    rows = project_rows(history, project)
    dated = rows["actual_finish"].notna().any() and rows[["project_start", "baseline_start"]].notna().any(
        axis=None
    )
    plan = plan_of(rows, project) if dated else None
    updates = (
        None if plan is None else standings_of(plan, status[status["milestone"].isin(rows["milestone"])])
    )
    others = history[history["project"] != project]
    before = None if plan is None else plan.start - pd.Timedelta(days=1)
    course = empty_table(STATUS_COURSE) if plan is None or updates is None else status_course(plan, updates)
    similar = similar_projects(plan, others) if plan is not None else empty_table(SIMILAR)
    n_closed = 0 if before is None else closed_before(others, before)
    if plan is None or updates is None or n_closed < FEWEST_CLOSED:
        track = track_table(rows, plan, updates)
        return Hindsight(
            n_closed,
            None,
            track,
            course,
            empty_table(FAN),
            empty_table(KICKOFF),
            lessons_table(rows),
            similar,
        )
    model = calibrate(others, seed=seed, as_of=before)
    evidence = (
        evidence_table(plan, model, updates, seed=seed, iterations=iterations)
        if updates.dates()
        else empty_table(EVIDENCE)
    )
    return Hindsight(
        n_closed,
        model,
        track=track_table(rows, plan, updates, evidence),
        course=course,
        fan=fan_table(rows, plan, model, updates, seed=seed, iterations=iterations),
        kickoff=kickoff_table(rows, plan, model),
        lessons=lessons_table(rows, model),
        similar=similar,
    )


def closed_before(history: pd.DataFrame, day: pd.Timestamp) -> int:
    """Count the projects whose last milestone was finished by a day."""
    delivered = is_finished(history, day).groupby(history["project"]).any()
    return int((is_over(history, day).groupby(history["project"]).all() & delivered).sum())


def fan_table(
    rows: pd.DataFrame,
    plan: Plan,
    model: OverrunModel,
    status: Standings,
    *,
    seed: int,
    iterations: int | None,
) -> pd.DataFrame:
    """Set the forecasts of the finish made over time beside the plan, what the team expected and what happened.

    The kickoff comes first, then one row per status date (FAN).
    """
    planned, happened = plan.planned_finish, rows["actual_finish"].max()
    weeks = []
    for week, day in enumerate([None, *status.dates()]):
        when = {} if day is None else {"as_of": day, "status": status.on(day)}
        simulation = simulate(plan, model, seed=seed, iterations=iterations, **when)
        forecast = forecast_table(simulation, levels=LEVELS).iloc[-1]
        expected = planned if day is None else status.on(day).project_finish
        weeks.append(
            {
                **{name: forecast[name] for name in FAN if name in forecast},
                "as_of": plan.start if day is None else day,
                "week": week,
                "team_finish": expected,
                "baseline_finish": planned,
                "actual_finish": happened,
            }
        )
    return keep_contract(pd.DataFrame(weeks), FAN)


def kickoff_table(rows: pd.DataFrame, plan: Plan, model: OverrunModel) -> pd.DataFrame:
    """Say what the estimates times the multipliers known at kickoff would have been, phase by phase (KICKOFF)."""
    calibrated = calibrated_plan(plan, multiplier_table(model, levels=(0.5,)))
    stretched = build_plan(with_calibrated_days(plan, calibrated))
    table = calibrated.assign(
        calibrated_finish=stretched.baseline_finish,
        calibrated_days=stretched.baseline.own_days,
        actual_days=calibrated["milestone"].map(
            own_durations(rows)["actual_own_days"].set_axis(rows["milestone"])
        ),
        actual_finish=calibrated["milestone"].map(rows.set_index("milestone")["actual_finish"]),
    )
    days = ["baseline_days", "calibrated_days", "actual_days", "estimate_days"]
    dates = ["calibrated_finish", "actual_finish"]
    by_phase = table.groupby("phase", sort=False)
    return keep_contract(by_phase[days].sum().join(by_phase[dates].max()).reset_index(), KICKOFF)


def lessons_table(rows: pd.DataFrame, model: OverrunModel | None = None) -> pd.DataFrame:
    """Compare, phase by phase, the multiplier the plan used, the one it deserved and the one to use next time.

    Deserved comes from one project and changes nothing by itself; what is recommended comes from all closed projects.
    Deserved is what the phase took for what was estimated; used is the factor of its milestones, weighed by their
    estimates: 1.0 where the baseline was made of raw estimates.
    """
    own = own_durations(rows)
    measured = own["baseline_own_days"].gt(0) & own["actual_own_days"].gt(0) & is_finished(rows)
    estimate = own["estimate_own_days"]
    factors = factors_of(rows, own["baseline_own_days"]) * estimate
    work = own[measured].assign(phase=rows["phase"], multiplied=factors)
    totals = work.groupby("phase", sort=False).agg(
        n_milestones=("actual_own_days", "size"),
        estimated=("estimate_own_days", "sum"),
        multiplied=("multiplied", "sum"),
        taken=("actual_own_days", "sum"),
    )
    shares = {"used": totals["multiplied"], "deserved": totals["taken"]}
    lessons = totals.assign(
        **{name: days / totals["estimated"] for name, days in shares.items()}
    ).reset_index()
    recommended = (
        dict.fromkeys(("p50", "p80", "lower", "upper", "n_projects"))
        if model is None
        else _recommended(lessons["phase"], multiplier_table(model, levels=(0.5, 0.8)))
    )
    return keep_contract(lessons.assign(**recommended), LESSONS)


def _recommended(phases: pd.Series, multipliers: pd.DataFrame) -> dict[str, pd.Series]:
    """Look up what the model says of each phase; what it has never seen gets what it says of any other."""
    folded = multipliers["phase"].map(fold_phase)
    wanted = phases.map(fold_phase).where(lambda names: names.isin(folded), fold_phase(NEW_PHASE))
    half, most = (
        multipliers[multipliers["level"] == level].set_index(folded[multipliers["level"] == level])
        for level in (0.5, 0.8)
    )
    return {
        "p50": wanted.map(half["multiplier"]),
        "p80": wanted.map(most["multiplier"]),
        **{name: wanted.map(most[name]) for name in ("lower", "upper", "n_projects")},
    }
