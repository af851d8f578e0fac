"""Column contracts of following a running project: board, evidence, moves, earned value, weekly review."""

from __future__ import annotations

from estimation.findings import FINDINGS
from estimation.forecasting.forecast import FORECAST_FACTS
from estimation.project.standing import AS_OF, SLIP, STATUS_WORD, WEEK
from estimation.tables import BASELINE, COURSE, IDENTITY, LOGIC, MOVES, Column, Contract

NAMED: Contract = {name: IDENTITY[name] for name in ("milestone", "name")}
OWNED: Contract = {**NAMED, "owner": IDENTITY["owner"]}
P50 = Column.date("half of the courses have finished by then")
P80 = Column.date("eight in ten courses have finished by then")
COMMITTED = Column.date("the agreed date, else the planned one")
STARTED = Column.flag("work has begun")
OWN_SLIP = Column.days("part of the slip that the milestone itself adds")
INHERITED = Column.days("part of the slip that predecessors hand down")

EVIDENCE: Contract = {
    "as_of": AS_OF,
    "week": WEEK,
    **NAMED,
    "committed_finish": COMMITTED,
    "measured_finish": Column.date("the committed date once more, for one release"),
    "prob_kickoff": Column.probability("chance of the committed date as believed at kickoff"),
    "prob_now": Column.probability("chance of the committed date on the status date"),
    "evidence_ratio": Column.ratio("one by the other: the change since kickoff; 1.0 = as likely", least=0),
    "evidence": Column.text("on track, at risk or delayed by that chance; done when done"),
    "left_on_track": Column.date("first status date on which the evidence was not on track"),
    "p50_finish": P50,
    "p80_finish": P80,
    "alarm": Column.flag(
        "its label fell since the status date before, or the chance is below that of a delay"
    ),
}

BOARD: Contract = {
    **NAMED,
    "phase": IDENTITY["phase"],
    "description": IDENTITY["description"],
    "owner": IDENTITY["owner"],
    "acceptance_criteria": IDENTITY["acceptance_criteria"],
    "depends_on": LOGIC["depends_on"],
    "waiting_on": LOGIC["waiting_on"],
    "baseline_finish": BASELINE["baseline_finish"],
    "committed_finish": COMMITTED,
    "expected_finish": Column.date(
        "actual finish; of open work what was last said, else what the plan leaves, behind what it waits for"
    ),
    "actual_start": COURSE["actual_start"],
    "actual_finish": COURSE["actual_finish"],
    "started": STARTED,
    "status": STATUS_WORD,
    "slip_days": SLIP,
    "own_slip_days": OWN_SLIP,
    "inherited_days": INHERITED,
    "float_days": Column.days("how far it may still slip before the planned end moves; negative: it has"),
    "p50_finish": P50,
    "p80_finish": P80,
    "prob_baseline": FORECAST_FACTS["prob_baseline"],
    **{name: EVIDENCE[name] for name in ("evidence", "evidence_ratio", "left_on_track")},
    "reported_status": COURSE["reported_status"],
    "percent_complete": COURSE["percent_complete"],
    "cause": MOVES["cause"],
    "updated_on": Column.date("day on which the forecast was last touched"),
    "stale": Column.flag("not finished, and its forecast is older than its plan allows"),
    "notes": IDENTITY["notes"],
    **{name: EVIDENCE[name] for name in ("prob_now", "prob_kickoff")},
}

FORECAST_MOVES: Contract = {
    "project": IDENTITY["project"],
    "milestone": IDENTITY["milestone"],
    "as_of": AS_OF,
    "previous_as_of": Column.date("status date of the forecast before"),
    "old_finish": Column.date("date expected before"),
    "new_finish": Column.date("date expected since"),
    "move_days": Column.days("new minus old, later is positive"),
    "kind": Column.text("explained, not told (a reason, but the client was not told) or silent"),
    "reason": MOVES["reason"],
    "told_client_on": MOVES["told_client_on"],
    "possible_finish": Column.date("when the work left allows it at planned durations; needs a plan"),
    "too_early": Column.flag("the new date lies before that"),
    "handed_down": Column.flag("a predecessor moved at least as far in the same update; needs a plan"),
}

RUNNING_FINDINGS: Contract = {
    **{name: FINDINGS[name] for name in ("rule", "severity", "item", "message", "remedy")},
    "as_of": AS_OF,
    "lost_days": Column.days("warning that was lost", least=0),
}

LEFT_BEHIND: Contract = {
    "as_of": AS_OF,
    "late": Column.text("id of the late milestone"),
    "late_days": SLIP,
    **NAMED,
    "left_finish": Column.date("forecast of a milestone behind it, as it was at the review before"),
    "possible_finish": Column.date("when it can be done after the late one, at planned durations"),
    "short_days": Column.days("by how much the date left is too early", least=0),
}

MISSES: Contract = {
    **NAMED,
    "phase": IDENTITY["phase"],
    "owner": IDENTITY["owner"],
    "baseline_finish": BASELINE["baseline_finish"],
    "actual_finish": COURSE["actual_finish"],
    "late_days": Column.days("from the planned date to the actual one, or to the status date", least=0),
    **{name: MOVES[name] for name in ("acknowledged_on", "cause", "cause_note")},
    **{name: MOVES[name] for name in ("recovery_plan", "recovery_kind", "recovery_owner", "recovery_finish")},
    "told_client_on": Column.date("when the client first heard that it would be late, or was"),
    "word_days": Column.days("from the planned date to that word, or so far; negative: told before"),
    "n_behind": Column.count("open milestones that wait for it"),
    "n_untouched": Column.count("of these, whose forecast nobody touched since, or left too early"),
    "asked_for": Column.text("what the record lacks, separated by semicolons; empty when complete"),
}

EARNED_VALUE: Contract = {
    "as_of": AS_OF,
    "elapsed_days": Column.days("AT: from the planned start to the status date"),
    "pv": Column.probability("planned value: share of the project that was to be earned"),
    # What teams say of their work may add up to more than the whole.
    "ev": Column("number", "0-1", "earned value: share of the project that is earned", least=0),
    "spi": Column.ratio("EV / PV; returns to 1 on every project as it completes", least=0),
    "es_days": Column.days("earned schedule: when the plan was to have earned as much", least=0),
    "spi_t": Column.ratio("ES / AT; does not return to 1", least=0),
    "sv_t_days": Column.days("ES - AT; late is negative"),
    "eac_t_days": Column.days("duration if the rest goes as planned: AT + PD - ES"),
    "eac_t_spi_days": Column.days("duration if the rest goes at the pace so far: PD / SPI(t)"),
    "eac_t_finish": Column.date("finish after that duration, the first of the two"),
    "actual_cost": Column.cost("AC: what the work has cost"),
    "cpi": Column.ratio("earned budget / actual cost; below 1 is over budget", least=0),
    "eac_cost": Column.cost("budget at completion / CPI"),
    "spi_misleads": Column.flag("SPI recovers and SPI(t) does not: believe SPI(t)"),
    "planned_days": Column.days(
        "PD: from the planned start to the planned end, without work that was cut", least=0
    ),
}

CASCADE: Contract = {
    **OWNED,
    "waiting_on": LOGIC["waiting_on"],
    "old_finish": Column.date("when it is done if what is left takes its planned days, without the slip"),
    "new_finish": Column.date("the same with the slip"),
    "move_days": Column.days("new minus old, later is positive"),
    "absorbed_days": Column.days("part of the slip that float takes up on the way to it"),
    "prob_moves": Column.probability("share of courses in which its finish moves by half a day or more"),
    "promised_finish": BASELINE["promised_finish"],
    "promise": Column.text(
        "at planned durations: kept, broken by the slip, broken before, kept again; empty without one",
    ),
    "prob_promised": FORECAST_FACTS["prob_promised"],
    "new_prob_promised": Column.probability("the same with the slip"),
    "p50_finish": P50,
    "new_p50_finish": Column.date("P50 of the same courses with the slip"),
    "p80_finish": P80,
    "new_p80_finish": Column.date("P80 of the same courses with the slip"),
    "tell_owner": Column.flag("its owner has to know: it moves"),
    "tell_client": Column.flag(
        "the client has to know: a promised date moves on, or becomes much less likely"
    ),
}

TIME_FORECASTS: Contract = {
    "as_of": AS_OF,
    "method": Column.text("planned value, earned duration or earned schedule"),
    "factor": Column.text("pace at which the rest is taken to go: 1, SPI, SCI, SPI(t) or SCI(t)"),
    "performance": Column.ratio("that factor; missing where it needs costs, or work done", least=0),
    "eac_t_days": Column.days("EAC(t): duration from the planned start to the finish", least=0),
    "eac_t_finish": Column.date("finish after that duration"),
    "refuted": Column.flag("that finish lies before the status date, and the project is not complete"),
}

WAITING: Contract = {
    **NAMED,
    "waiting_on": LOGIC["waiting_on"],
    "act_by": Column.date("morning by which they must act: start of the work, or the status date"),
    "owner": IDENTITY["owner"],
    "urgency": Column.text("escalate now, due in the next fourteen days, or later"),
}

CHANGES: Contract = {
    **OWNED,
    "begun": Column.flag("its work has begun since the last review"),
    "finished": Column.flag("it was finished since"),
    "old_status": Column.text("status by the rule at the last review"),
    "status": STATUS_WORD,
    "old_evidence": Column.text("evidence at the last review"),
    "evidence": EVIDENCE["evidence"],
    "old_finish": Column.date("expected finish at the last review"),
    "new_finish": Column.date("expected or actual finish now"),
    "move_days": Column.days("new minus old, later is positive"),
    "kind": Column.text("explained, not told or silent, where its forecast was moved"),
    "handed_down": Column.flag("a predecessor moved at least as far in the same update"),
    "reason": MOVES["reason"],
}

RISKS: Contract = {
    **OWNED,
    "status": STATUS_WORD,
    "evidence": EVIDENCE["evidence"],
    "expected_finish": Column.date("date it is expected on"),
    "slip_days": SLIP,
    "own_slip_days": OWN_SLIP,
    "move_days": Column.days("by how much its forecast moved since the last review"),
    "n_moves": Column.count("how often its forecast has moved later"),
    "cause": MOVES["cause"],
    "in_hand": Column.flag("its work is under way, or it loses days by itself; else it only follows"),
    "repeats": Column.text("patterns it belongs to: phase, owner, cause, client; empty: once"),
    "action": Column.text("agree recovery, follow recovery, or move with what is before it"),
}

PATTERNS: Contract = {
    "dimension": Column.text("phase, owner, cause or client"),
    "value": Column.text("which of them"),
    "n_milestones": Column.count("milestones of it that lost days by themselves"),
    "n_projects": Column.count("projects they belong to; more than one for a client only"),
    "own_slip_days": OWN_SLIP,
}

TRAJECTORY: Contract = {
    "as_of": AS_OF,
    "week": EVIDENCE["week"],
    "team_finish": Column.date("finish of the project as the team expects it"),
    "p50_finish": P50,
    "p80_finish": P80,
    "prob_now": EVIDENCE["prob_now"],
    "evidence": EVIDENCE["evidence"],
    "reported_status": COURSE["reported_status"],
    "confidence": Column.probability("how sure the team is of its forecasts, on average"),
    "n_at_risk": Column.count("milestones at risk by the rule"),
    "n_delayed": Column.count("milestones delayed by the rule"),
    "prob_kickoff": EVIDENCE["prob_kickoff"],
}

ACTIONS: Contract = {
    "section": Column.text("part of the agenda"),
    **OWNED,
    "due": Column.date("date it is about"),
    "days": Column.days("slip or move it is about"),
    "what": Column.text("what it is: a status, who must act, what is missing"),
    "action": Column.text("what has to be done about it, as a code"),
}
