"""Column contracts of the variance review: shares of the slip, the track, forecasts over time, lessons."""

from __future__ import annotations

from estimation.calibration.multipliers import MULTIPLIERS
from estimation.review.variance import REPORTED
from estimation.tables import BASELINE, COURSE, IDENTITY, Column, Contract
from estimation.tracking.slip_parts import VARIANCE
from estimation.tracking.tracking_tables import EVIDENCE, P50, P80

_PROJECT_DAYS = Column.days("share of the project's slip; gains are negative")


def _part(meaning: str) -> Column:
    return Column.days(f"part of that share: {meaning}")


PARTS: Contract = {
    "start_delay_days": _part("work could have started and did not"),
    "waiting_days": _part("standing still for someone outside"),
    "added_scope_days": _part("work that no baseline knew; work that was given up is negative"),
    "estimate_error_days": _part("the estimate was wrong"),
}

SLIP_SHARES: Contract = {
    "milestone": IDENTITY["milestone"],
    "name": IDENTITY["name"],
    "phase": IDENTITY["phase"],
    "cause": VARIANCE["cause"],
    "cause_note": VARIANCE["cause_note"],
    "own_slip_days": VARIANCE["own_slip_days"],
    **PARTS,
    "project_days": _PROJECT_DAYS,
    "every_order": Column.flag("all orders were looked at; else 4,096 were drawn"),
}

SHARES_BY: Contract = {
    "value": Column.text("which phase, cause or part"),
    "n_milestones": Column.count("milestones with a share in it"),
    **PARTS,
    "project_days": _PROJECT_DAYS,
    "cumulative_share": Column.probability("of all days lost, those of this row and the rows above"),
}

TRACK: Contract = {
    **REPORTED,
    "team_finish": Column.date("finish of the project as the team expects it"),
    "forecast_slip_days": Column.days("that finish less the planned one"),
    "evidence": EVIDENCE["evidence"],
    "off_track": Column.flag("work overdue, the finish forecast late, or the evidence not on track"),
    "left_track": Column.flag("the first of the weeks that were off track to the end"),
}

FAN: Contract = {
    "as_of": EVIDENCE["as_of"],
    "week": Column.count("number of the status date; 0 is the kickoff"),
    "p10_finish": Column.date("one in ten courses has finished by then"),
    "p50_finish": P50,
    "p80_finish": P80,
    "p90_finish": Column.date("nine in ten courses have finished by then"),
    "team_finish": TRACK["team_finish"],
    "baseline_finish": BASELINE["baseline_finish"],
    "actual_finish": COURSE["actual_finish"],
}

KICKOFF: Contract = {
    "phase": IDENTITY["phase"],
    "baseline_days": Column.days("own days of the phase's milestones in the plan"),
    "calibrated_days": Column.days("the same, stretched by what was known at kickoff"),
    "actual_days": Column.days("own days they took"),
    "calibrated_finish": Column.date("finish of the phase in the calibrated plan"),
    "actual_finish": COURSE["actual_finish"],
    "estimate_days": Column.days("own days of its milestones as estimated, before any factor"),
}

LESSONS: Contract = {
    "phase": IDENTITY["phase"],
    "n_milestones": Column.count("finished milestones of the phase in this project"),
    "used": Column.ratio("factor of the plan on its estimates; 1.0 = raw estimates", least=0),
    "deserved": Column.ratio("actual own days / estimated own days of this project", least=0),
    "p50": Column.ratio("multiplier that closed projects recommend for half of such work", least=0),
    "p80": Column.ratio("multiplier they recommend for eight in ten", least=0),
    "lower": MULTIPLIERS["lower"],
    "upper": MULTIPLIERS["upper"],
    "n_projects": MULTIPLIERS["n_projects"],
}
