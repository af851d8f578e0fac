"""A small plan that no rule has anything to say about, to be spoiled in one place by each test."""

from tables_by_hand import plan_rows

from estimation.findings import findings_table
from estimation.lint.rules import RULES
from estimation.project.plan import build_plan

# Two weeks from Monday 2 March 2026: a 5 days (to Friday 6), b 3 days (9 to 11), c 2 days (12 and 13).
SOUND = {
    "a": {"name": "Letters loaded", "baseline_days": 5.0, "depends_on": ""},
    "b": {"name": "Letters labelled by two people", "baseline_days": 3.0, "depends_on": "a"},
    "c": {"name": "Report accepted", "baseline_days": 2.0, "depends_on": "b"},
}
SAID = {
    "phase": "work",
    "owner": "Data lead",
    "acceptance_criteria": "Shown to the sponsor on 400 letters",
    "client_summary": "You can see it.",
    "description": None,
    "notes": None,
    "waiting_on": None,
    "iterations_planned": None,
    "baseline_start": None,
    "not_before": None,
    "fixed_finish": None,
    "promised_finish": None,
}


def plan_like(*, also=None, without=(), **changes):
    """The sound plan with cells changed: ``b={"owner": "Team"}``; ``also`` adds milestones."""
    rows = {key: {**SAID, "milestone": key, **row} for key, row in {**SOUND, **(also or {})}.items()}
    for key, cells in changes.items():
        rows[key].update(cells)
    return build_plan(plan_rows(*(row for key, row in rows.items() if key not in without)))


def fired(check, plan):
    """What a group of rules finds: (rule, item) in the order of the table."""
    findings = findings_table(check(plan), RULES)
    return list(zip(findings["rule"], findings["item"], strict=True))


def message(check, plan, rule):
    """The sentence of the first finding of a rule."""
    findings = findings_table(check(plan), RULES)
    return findings.loc[findings["rule"] == rule, "message"].iloc[0]
