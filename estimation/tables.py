"""Column contracts: the name, kind, unit and meaning of every column that passes between the parts."""

from __future__ import annotations

import re

from estimation.columns import Column, Contract


def _text(meaning: str) -> Column:
    return Column("text", "", meaning)


def _date(meaning: str) -> Column:
    return Column("date", "", meaning)


def _days(meaning: str) -> Column:
    return Column("number", "working days", meaning)


def _ratio(meaning: str) -> Column:
    return Column("number", "dimensionless", meaning)


def _prob(meaning: str) -> Column:
    return Column("number", "0-1", meaning)


def _count(meaning: str) -> Column:
    return Column("whole", "", meaning)


def _cost(meaning: str) -> Column:
    return Column("number", "money", meaning)


IDENTITY: Contract = {
    "project": _text("id of the project"),
    "milestone": _text("id of the milestone within its project"),
    "phase": _text("stretch of work comparable across projects"),
    "project_name": _text("name of the project"),
    "client": _text("who the project is for; confidential to other clients"),
    "team": _text("who does the work"),
    "name": _text("the result that is verifiable when the milestone is done"),
    "description": _text("what the milestone is about"),
    "client_summary": _text("what the milestone means to the client"),
    "acceptance_criteria": _text("how everyone sees that it is done"),
    "owner": _text("the one person who answers for it"),
    "notes": _text("anything else, internal"),
}
BASELINE: Contract = {
    "project_start": _date("morning on which the project was planned to start"),
    "baseline_start": _date("morning on which the approved plan starts the work"),
    "baseline_finish": _date("evening on which the approved plan finishes it"),
    "baseline_days": _days("duration or effort in the approved plan"),
    "baseline_version": _count("number of the baseline, the first is 1"),
    "promised_finish": _date("date committed to the client"),
    "weight": Column("number", "share of scope", "how much of the project the milestone carries"),
    "budget_cost": _cost("approved budget"),
    "not_before": _date("morning before which the work cannot start, whatever its predecessors do"),
    "fixed_finish": _date(
        "date fixed from outside: not finished before it; later only when the work takes longer"
    ),
    "risk_prob": _prob("probability that the named risk strikes"),
    "risk_days": _days("how long it holds the work up when it does"),
    "iterations_planned": _count("experiment cycles in the plan"),
}
LOGIC: Contract = {
    "depends_on": _text("predecessors, such as '2.1; 2.2FS+3d'"),
    "waiting_on": _text("who outside must act"),
    "calendar": _text(
        "days worked on it: DE-BY, or 1111100 (Monday first), then days off as ISO dates and ranges"
    ),
}
COURSE: Contract = {
    "actual_start": _date("morning on which the work really started"),
    "actual_finish": _date("evening on which it was really finished"),
    "actual_days": _days("duration or effort it really took, so far when it is not finished"),
    "forecast_finish": _date("date now expected by the team"),
    "remaining_days": _days("what the team says is left"),
    "percent_complete": Column("number", "0-1", "share of the work that is done"),
    "confidence": _prob("how sure the team is of its forecast"),
    "reported_status": _text("colour or word the project reported"),
    "waiting_days": _days("days of standing still for someone outside, included in the duration"),
    "iterations_actual": _count("experiment cycles it really took"),
    "actual_cost": _cost("money spent"),
    "added_after_baseline": Column("flag", "", "work that no baseline knew"),
    "closed_as": _text("delivered or cancelled; empty while it runs"),
}
MOVES: Contract = {
    "reason": _text("why the forecast moved"),
    "told_client_on": _date("when the client was told"),
    "cause": _text("coded root cause of a miss, such as data_quality; see causes.py"),
    "cause_note": _text("the cause in a sentence"),
    "acknowledged_on": _date("when the miss was acknowledged"),
    "recovery_plan": _text("what is done about it"),
    "recovery_kind": _text("resources, scope, overtime with consent, extension"),
    "recovery_owner": _text("who answers for the recovery"),
    "recovery_finish": _date("when it is recovered"),
    "updated_on": _date("when the row was last touched"),
}
ORIGIN: Contract = {
    "source": _text("file and row the line came from"),
}

HISTORY: Contract = {**IDENTITY, **BASELINE, **LOGIC, **COURSE, **MOVES, **ORIGIN}
PLAN: Contract = {**IDENTITY, **BASELINE, **LOGIC, **ORIGIN}
STATUS: Contract = {
    "project": IDENTITY["project"],
    "milestone": IDENTITY["milestone"],
    "as_of": _date("status date up to which the row tells the truth"),
    **COURSE,
    **MOVES,
    **ORIGIN,
}

QUALITY: Contract = {
    "rule": _text("stable id of the check"),
    "severity": _text("left out, assumed or note"),
    "project": _text("project it concerns; empty for the whole table"),
    "item": _text("milestone, phase or column it concerns"),
    "n_rows": _count("how many rows it touches"),
    "message": _text("what was found and what was done about it"),
}

OVERRUNS: Contract = {
    "project": IDENTITY["project"],
    "client": IDENTITY["client"],
    "team": IDENTITY["team"],
    "phase": IDENTITY["phase"],
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "baseline_days": _days("own working days in the baseline"),
    "actual_days": _days("own working days it took; elapsed so far when censored"),
    "overrun_ratio": _ratio("actual own days / baseline own days; 1.0 = on plan"),
    "on_plan": Column("flag", "", "finished exactly on plan, within half a percent"),
    "censored": Column("flag", "", "still running: the ratio is only known to be exceeded"),
    "slip_days": _days("finish minus baseline finish, late is positive"),
    "inherited_days": _days("part of the slip that came from predecessors finishing late"),
    "own_slip_days": _days("rest of the slip"),
    "known_on": _date("day on which the row became known: actual finish, or the status date"),
}

MULTIPLIERS: Contract = {
    "phase": IDENTITY["phase"],
    "level": _prob("share of such work that stayed within the multiplier"),
    "multiplier": _ratio("multiply the raw estimate by it"),
    "lower": _ratio("lower end of the 90 % interval"),
    "upper": _ratio("upper end of the 90 % interval"),
    "n_projects": _count("closed projects behind it"),
    "n_rows": _count("finished milestones behind it"),
    "n_running": _count("running milestones of the phase, not used by this fit"),
    "share_borrowed": _prob("how much of the phase's level comes from the other phases"),
    "standing": _text("provisional, shrunk, stands alone or trusted"),
}

PHASE_TOTALS: Contract = {
    "project": IDENTITY["project"],
    "phase": IDENTITY["phase"],
    "baseline_days": _days("own days of the phase's milestones in the baseline, added up"),
    "actual_days": _days("own days they took, added up"),
    "overrun_ratio": _ratio("one by the other"),
    "n_milestones": _count("finished milestones with a ratio"),
}

PHASE_QUANTILES: Contract = {
    "phase": IDENTITY["phase"],
    "p10": _ratio("one whole phase in ten took less than this times its estimate"),
    "p50": _ratio("half took less"),
    "p80": _ratio("eight in ten took less"),
    "p90": _ratio("nine in ten took less"),
}

CALIBRATED_PLAN: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "baseline_days": _days("own working days as estimated"),
    "multiplier": MULTIPLIERS["multiplier"],
    "calibrated_days": _days("estimate times multiplier"),
    "baseline_finish": BASELINE["baseline_finish"],
    "calibrated_start": _date("morning on which the stretched plan starts the work"),
    "calibrated_finish": _date("evening on which the stretched plan finishes it"),
}

FORECAST_FACTS: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "baseline_finish": BASELINE["baseline_finish"],
    "promised_finish": BASELINE["promised_finish"],
    "prob_baseline": _prob("probability of finishing by the planned date"),
    "prob_promised": _prob("probability of finishing by the promised date"),
    "criticality_index": _prob("share of iterations in which the milestone is on the driving path"),
}


TORNADO: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "rank_correlation": _ratio("Spearman's between its own duration and the finish of the project"),
    "low_days": _days(
        "how much earlier the project ends on average when it is among its shortest fifth; negative"
    ),
    "high_days": _days("how much later when it is among its longest fifth"),
}

CONTINGENCY: Contract = {
    "phase": IDENTITY["phase"],
    "planned_days": _days("days of the planned path that belong to the phase"),
    "expected_days": _days("days of the path in courses that finish about the promised date"),
    "contingency_days": _days("the difference: what the phase needs beyond its plan"),
}

PROMISE_NEEDS: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "baseline_days": BASELINE["baseline_days"],
    "expected_days": _days("own days it takes in eight of ten courses"),
    "most_days": _days(
        "own days it may take at most for the promise to hold; empty where it alone is not enough"
    ),
    "prob_promised": _prob("probability of the promised date when the milestone takes no more than that"),
}


def forecast_column(level: float) -> str:
    """Name the date column of a forecast level.

    >>> forecast_column(0.8)
    'p80_finish'
    """
    return f"p{100 * level:g}_finish"


FINISH_RATIOS: Contract = {
    "project": IDENTITY["project"],
    "client": IDENTITY["client"],
    "baseline_days": _days("from the planned start to the planned finish of the whole project"),
    "actual_days": _days("from the planned start to the actual finish of the whole project"),
    "finish_ratio": _ratio("actual days / baseline days; 1.0 = finished on the planned date"),
    "on_plan": Column("flag", "", "finished on the planned day, or within half a percent"),
    "known_on": _date("day on which the project was closed and the row became known"),
}

REMAINING: Contract = {
    "project": IDENTITY["project"],
    "client": IDENTITY["client"],
    "as_of": _date("status date"),
    "elapsed_days": _days("from the planned start of the project to the status date"),
    "planned_days": _days("from the planned start to the planned finish of the whole project"),
    "earned_share": Column("number", "0-1", "share of the project's weight that was done"),
    "earned_schedule": _days("after which the plan was to have earned as much"),
    "plan_left": _days("what the plan had left from there"),
    "plan_left_99": _days("what it had left to 99 % of the weight"),
    "work_left": _days("what the unfinished work takes at planned durations, through the network"),
    "work_left_99": _days("what it takes to 99 % of the weight"),
    "base_days": _days("mean of these readings: the rest, if all goes as planned"),
    "remaining_days": _days("from the status date to the real finish of the project"),
    "known_on": _date("day on which the project was closed and the row became known"),
}

BACKTEST: Contract = {
    "candidate": _text("what made the forecast"),
    "origin": _date("morning on which it was made; only what was known before counts"),
    "project": IDENTITY["project"],
    "milestone": IDENTITY["milestone"],
    "phase": IDENTITY["phase"],
    "n_past": _count("projects with finished work known at the origin"),
    "actual": _ratio("log of the overrun ratio that happened"),
    "q50": _ratio("log ratio forecast at P50"),
    "q80": _ratio("log ratio forecast at P80"),
    "q90": _ratio("log ratio forecast at P90"),
    "crps": _ratio("distance of the forecast distribution from what happened; smaller is better"),
    "pit": _prob("level at which the forecast saw what happened, ties spread evenly"),
}

SKILL: Contract = {
    "candidate": BACKTEST["candidate"],
    "n_forecasts": _count("forecasts that every candidate made"),
    "n_projects": _count("projects they belong to"),
    "crps": _ratio("mean distance of the forecast from what happened; smaller is better"),
    "skill": _ratio("share of the baseline's distance that is saved"),
    "skill_lower": _ratio("lower end of its 90 % interval, whole projects resampled"),
    "skill_upper": _ratio("upper end"),
    "held_p50": _count("outcomes within P50"),
    "held_p80": _count("outcomes within P80"),
    "held_p90": _count("outcomes within P90"),
}

HALF_LIVES: Contract = {
    "half_life_months": Column(
        "number", "months", "age at which evidence counts half; empty: all counts the same"
    ),
    "n_forecasts": SKILL["n_forecasts"],
    "n_projects": SKILL["n_projects"],
    "crps": SKILL["crps"],
    "skill": _ratio("share of the CRPS with all history counting the same that is saved"),
    "skill_lower": SKILL["skill_lower"],
    "skill_upper": SKILL["skill_upper"],
    "chosen": Column("flag", "", "taken: the smallest CRPS of those whose whole interval lies above zero"),
}

VARIANCE: Contract = {
    "project": IDENTITY["project"],
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "baseline_start": _date("morning on which own work was planned to start"),
    "baseline_finish": BASELINE["baseline_finish"],
    "actual_start": _date("morning on which own work started"),
    "actual_finish": COURSE["actual_finish"],
    "baseline_days": _days("own working days in the baseline"),
    "actual_days": _days("own working days it took"),
    "slip_days": _days("finish minus baseline finish, late is positive"),
    "inherited_days": _days("slip from predecessors that finished late"),
    "start_delay_days": _days("work could have started and did not"),
    "waiting_days": _days("standing still for someone outside"),
    "added_scope_days": _days("work that no baseline knew"),
    "estimate_error_days": _days("the rest: the estimate was wrong"),
    "own_slip_days": _days("days lost by this milestone itself: all parts but the inherited one"),
    "cause": MOVES["cause"],
    "cause_note": MOVES["cause_note"],
}

CAUSES: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "cause": MOVES["cause"],
    "cause_note": MOVES["cause_note"],
    "own_slip_days": _days("days lost by this milestone itself, inherited ones left out"),
}

REPORTED: Contract = {
    "week": _count("number of the status date, the first is 1"),
    "as_of": _date("status date"),
    "reported_status": _text("worst colour reported for any milestone"),
    "n_overdue": _count("milestones past their planned date and unfinished"),
    "days_overdue": _days("how far the worst of them is past it"),
    "overdue": _text("which they are, with a semicolon between"),
}


def fold_phase(phase: str) -> str:
    """Reduce the name of a phase to what matters: case, spaces, dashes and underscores do not.

    >>> fold_phase("Data  Preparation") == fold_phase("data_preparation")
    True
    """
    return "_".join(re.split(r"[\s_\-]+", phase.strip().casefold()))
