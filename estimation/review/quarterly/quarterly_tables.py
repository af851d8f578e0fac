"""Column contracts of the quarterly estimation report."""

from __future__ import annotations

from estimation.calibration.multipliers import MULTIPLIERS
from estimation.calibration.project_record import FINISH_RATIOS
from estimation.tables import BASELINE, IDENTITY, Column, Contract
from estimation.tracking.tracking_tables import EARNED_VALUE, EVIDENCE

QUARTER = Column.text("calendar quarter, such as 2026Q3")
SUPPRESSED = Column.flag("fewer than five projects in the cell: its numbers are left empty")
N_PROJECTS = Column.count("projects in the cell")


CLOSED: Contract = {
    "quarter": QUARTER,
    "project": IDENTITY["project"],
    "project_name": IDENTITY["project_name"],
    "client": IDENTITY["client"],
    "team": IDENTITY["team"],
    "closed_on": Column.date("evening on which the last of it was finished"),
    "baseline_finish": BASELINE["baseline_finish"],
    "slip_days": Column.days("finish minus planned finish, late is positive"),
    "finish_ratio": FINISH_RATIOS["finish_ratio"],
}

CLOSED_BY_QUARTER: Contract = {
    "quarter": QUARTER,
    "n_projects": N_PROJECTS,
    "n_late": Column.count("of these, finished after the planned date"),
    "median_slip_days": Column.days("half of them slipped less"),
    "mean_slip_days": Column.days("their slips on average"),
    "worst_slip_days": Column.days("the largest slip"),
    "suppressed": SUPPRESSED,
}

OVERRUN_TREND: Contract = {
    "quarter": QUARTER,
    "window": Column.text("quarter: projects closed in it; four quarters: in it or the three before"),
    "phase": Column.text("phase; 'project' for the finish of whole projects"),
    "n_projects": N_PROJECTS,
    "n_rows": Column.count("finishes or milestones in the cell"),
    "bias_ratio": Column.ratio(
        "geometric mean of actual / estimated; 1.0 = right on average, above: too short", least=0
    ),
    "bias_lower": Column.ratio("lower end of its 90 % interval, whole projects left out", least=0),
    "bias_upper": Column.ratio("upper end", least=0),
    "spread": Column.ratio("standard deviation of the log ratio; 0 = every estimate equally wrong", least=0),
    "spread_lower": Column.ratio("lower end of its 90 % interval; empty where not known", least=0),
    "spread_upper": Column.ratio("upper end", least=0),
    "suppressed": SUPPRESSED,
    "approved_ratio": Column.ratio(
        "geometric mean of actual / approved plan, which may have been multiplied", least=0
    ),
}

OVERRUN_CHANGE: Contract = {
    "phase": OVERRUN_TREND["phase"],
    "n_before": Column.count("projects closed in the four quarters before these"),
    "n_now": Column.count("projects closed in the last four quarters"),
    "bias_before": Column.ratio("geometric mean of actual / estimated, before", least=0),
    "bias_now": Column.ratio("the same, now", least=0),
    "bias_change": Column.ratio(
        "how much further from 1.0 the bias is now, in log units; negative is better"
    ),
    "bias_change_lower": Column.ratio(
        "lower end of its interval: 90 % for whole projects, for all phases together"
    ),
    "bias_change_upper": Column.ratio("upper end"),
    "bias_verdict": Column.text("better, worse, no more than chance or too few"),
    "spread_before": Column.ratio("standard deviation of the log ratio, before", least=0),
    "spread_now": Column.ratio("the same, now", least=0),
    "spread_change": Column.ratio("logarithm of now / before; negative is better"),
    "spread_change_lower": Column.ratio("lower end of its interval, as that of the bias"),
    "spread_change_upper": Column.ratio("upper end"),
    "spread_verdict": Column.text("better, worse, no more than chance or too few"),
    "approved_before": Column.ratio("geometric mean of actual / approved plan, before", least=0),
    "approved_now": Column.ratio("the same, now", least=0),
}

MULTIPLIER_MOVES: Contract = {
    "phase": IDENTITY["phase"],
    "level": MULTIPLIERS["level"],
    "then": Column.ratio("multiplier as it was learned a year ago", least=0),
    "then_lower": Column.ratio("lower end of its 90 % interval", least=0),
    "then_upper": Column.ratio("upper end", least=0),
    "now": Column.ratio("multiplier as it is learned today", least=0),
    "now_lower": Column.ratio("lower end of its 90 % interval", least=0),
    "now_upper": Column.ratio("upper end", least=0),
    "change": Column.ratio("now / then", least=0),
    "change_lower": Column.ratio("lower end of its interval, 90 % for all phases together", least=0),
    "change_upper": Column.ratio("upper end", least=0),
    "moved": Column.flag("the interval of the change leaves out 1: beyond noise"),
    "n_then": Column.count("closed projects of the phase behind the multiplier then"),
    "n_now": Column.count("and now"),
    "suppressed": Column.flag(
        "fewer than five now: its numbers are left empty; with fewer then, those of then"
    ),
    "standing": MULTIPLIERS["standing"],
}

SAVED: Contract = {
    "phase": OVERRUN_TREND["phase"],
    "n_projects": N_PROJECTS,
    "planned_days": Column.days("what it was planned to take, on average", least=0),
    "multiplier": Column.ratio("P50 multiplier known at kickoff, on average", least=0),
    "plan_error_days": Column.days("how far the plan was off, on average", least=0),
    "p50_error_days": Column.days("how far the plan times that P50 multiplier would have been off", least=0),
    "p80_error_days": Column.days("how far the plan times the P80 multiplier would have been off", least=0),
    "saved_days": Column.days("plan error less P50 error"),
    "saved_lower": Column.days("lower end of its 90 % interval (Student)"),
    "saved_upper": Column.days("upper end"),
    "n_held_plan": Column.count("projects that stayed within the plan"),
    "n_held_p80": Column.count("projects that stayed within the plan times the P80 multiplier"),
    "suppressed": SUPPRESSED,
}

LOST_DAYS: Contract = {
    "dimension": Column.text("phase or cause"),
    "value": Column.text("which of them"),
    "n_projects": Column.count("projects that lost days there"),
    "n_milestones": Column.count("milestones that lost days by themselves"),
    "lost_days": Column.days("days they lost by themselves; what others won is not set against it", least=0),
    "share": Column.probability("share of all days lost"),
    "share_so_far": Column.probability("with everything above it"),
    "suppressed": SUPPRESSED,
}

RUNNING: Contract = {
    "project": IDENTITY["project"],
    "project_name": IDENTITY["project_name"],
    "client": IDENTITY["client"],
    "baseline_finish": BASELINE["baseline_finish"],
    "committed_finish": EVIDENCE["committed_finish"],
    "p50_finish": EVIDENCE["p50_finish"],
    "p80_finish": EVIDENCE["p80_finish"],
    "prob_committed": Column.probability("probability today of the committed date"),
    "prob_kickoff": EVIDENCE["prob_kickoff"],
    "evidence": EVIDENCE["evidence"],
    "earned": EARNED_VALUE["ev"],
    "spi": EARNED_VALUE["spi"],
    "spi_t": EARNED_VALUE["spi_t"],
    "expected_finish": Column.date("when the project is expected to be done, as it stands"),
}

FARED: Contract = {
    "group": Column.text(
        "where the promise lay in the kickoff forecast (before P50, P50 to P80, P80 or later), or whether the plan was "
        "multiplied (multiplied; not multiplied, though three projects had closed by its start)"
    ),
    "n_projects": Column.count(
        "promises whose date has come; or plans whose project closed in the quarters shown"
    ),
    "n_held": Column.count("finished by the promise, or by the approved finish"),
    "share_held": Column.probability("one by the other"),
    "share_lower": Column.probability("lower end of its 90 % interval (Clopper-Pearson)"),
    "share_upper": Column.probability("upper end"),
    "median_slip_days": Column.days("of closed plans: half of them slipped less"),
    "suppressed": SUPPRESSED,
}

RECOMMENDATIONS: Contract = {
    "rank": Column.count("1 first"),
    "rule": Column.text("stable id of the rule that gave it"),
    "item": Column.text("phase, cause, level or projects it is about"),
    "value": Column("number", "", "the number it rests on"),
    "lower": Column("number", "", "lower end of its interval or band, where it has one"),
    "upper": Column("number", "", "upper end"),
    "n": Column.count("how many projects, dates or milestones are behind it"),
    "standing": Column.text("how far to trust it, where the table says"),
}

FOLLOWED_UP: Contract = {
    **{name: RECOMMENDATIONS[name] for name in ("rank", "rule", "item")},
    "value_then": Column("number", "", "the number it rested on in the earlier report"),
    "n_then": Column.count("how many projects, dates or milestones were behind it"),
    "value_now": Column("number", "", "the same number today; empty where the tables no longer have it"),
    "n_now": Column.count("how many are behind it today"),
    "recommended": Column.flag("recommended again"),
}
