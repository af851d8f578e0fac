"""A plan beside closed projects: each rule with a plan that fires it and one that does not, numbers by hand."""

import numpy as np
import pytest
from models_by_hand import model_by_hand
from sound_plan import message, plan_like
from tables_by_hand import history

from estimation.calibration.calibrated_plan import calibrated_plan, with_calibrated_days
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.project_record import LEVELS, ProjectRecord
from estimation.findings import findings_table
from estimation.lint.against_history import check_against_history, check_multiplied, check_promise
from estimation.lint.rules import RULES
from estimation.project.estimates import without_estimates
from estimation.project.plan import build_plan

PROJECTS = range(1, 12)


def past(*, changes=None, projects=PROJECTS, closed="2025", **cells):
    """Eleven closed projects of the sound plan's three milestones, planned 5, 3 and 2 days like it.

    Project k took k + 4 days for a and what was planned for the rest: a took 5, 6 .. 15 days.
    """
    rows = []
    for k in projects:
        for milestone, name, planned in (
            ("a", "letters  LOADED", 5.0),
            ("b", "Letters labelled by two people", 3.0),
            ("c", "Report accepted", 2.0),
        ):
            row = {
                "project": f"past {k}",
                "milestone": milestone,
                "name": name,
                "baseline_days": planned,
                "actual_days": k + 4.0 if milestone == "a" else planned,
                "closed_as": "delivered",
                "iterations_actual": 3.0 if milestone == "b" else None,
                "cause": None,
                **cells,
            }
            rows.append({**row, **(changes or {}).get((k, milestone), {})})
    return history(*rows)


def fired(plan, table):
    findings = findings_table(check_against_history(plan, table), RULES)
    return list(zip(findings["rule"], findings["item"], strict=True))


def said(plan, table, rule):
    return message(lambda plan: check_against_history(plan, table), plan, rule)


def test_a_plan_that_was_multiplied_and_does_not_say_so_is_asked_about():
    model = model_by_hand(level=0.3)  # half take exp(.3), 1.35 times the estimate, or less
    raw = plan_like(a={"baseline_days": 8.0}, b={"baseline_days": 3.5}, c={"baseline_days": 2.0})

    def rules(plan):
        return [finding.rule for finding in check_multiplied(plan, model)]

    assert rules(raw) == []
    for level in (0.5, 0.8):
        table = with_calibrated_days(raw, calibrated_plan(raw, multiplier_table(model), level=level))
        assert rules(build_plan(table)) == []  # it keeps its estimates
        silent = build_plan(without_estimates(table))
        assert rules(silent) == ["multiplied-already"]
        # One odd duration of three that no multiplier explains is no nine in ten.
        assert (
            rules(
                build_plan(without_estimates(table).assign(baseline_days=[7.77, *table["baseline_days"][1:]]))
            )
            == []
        )


def test_a_plan_like_those_before_it_has_nothing_against_it():
    # 5 days are below the 20th percentile of 5 .. 15, which is 7: a is planned with 8.
    assert fired(plan_like(a={"baseline_days": 8.0}), past()) == []


def test_a_history_without_any_name_is_compared_phase_by_phase():
    # The table that people start from has no names; its cells are empty all the way down. All three milestones are of
    # one phase, and of a plan with one phase nothing is said about the phase.
    assert fired(plan_like(a={"baseline_days": 8.0}), past(name=None)) == []


def test_an_estimate_below_what_four_of_five_took_is_named_with_its_evidence():
    # a took 5, 6 .. 15 days: the 20th percentile is the third of eleven, 7, and the middle 10. This plan has 5 + 3 + 2
    # days like each before it, so that scaled they are the same. 5 is less than 95 % of 7.
    plan = plan_like()
    assert fired(plan, past()) == [("below-history", "a")]
    sentence = said(plan, past(), "below-history")
    assert sentence == (
        "a 'Letters loaded' is planned at 5 working days. Of 11 such milestones in closed projects eight in ten took 7 "
        "days or more, and half 10 or more; scaled to a plan of this size, 7.0 and 10.0."
    )
    findings = findings_table(check_against_history(plan, past()), RULES)
    assert "without an answer plan 10 working days" in findings["remedy"].iloc[0]


def test_a_project_half_the_size_may_be_short_in_days():
    # 4, 1.5 and 1 days are 6.5 of 10: scaled by .65 the 20th percentile of a is 4.55, of which 95 % are 4.32.
    smaller = {"a": {"baseline_days": 4.5}, "b": {"baseline_days": 1.5}, "c": {"baseline_days": 0.5}}
    assert ("below-history", "a") not in fired(plan_like(**smaller), past())
    assert ("below-history", "a") in fired(plan_like(a={"baseline_days": 3.0}), past())


def test_fewer_than_ten_projects_say_nothing():
    assert fired(plan_like(), past(projects=range(1, 10))) == []


def test_the_future_and_the_project_itself_say_nothing():
    # Of eleven projects two closed after the plan starts (2 March 2026): nine are too few.
    later = {(k, m): {"actual_finish": "2026-03-02"} for k in (1, 2) for m in "abc"}
    dates = {"project_start": "2025-01-06", "actual_finish": "2025-03-03", "baseline_finish": "2025-03-03"}
    assert fired(plan_like(), past(changes=later, **dates)) == []
    own = {(k, m): {"project": "p"} for k in (1, 2) for m in "abc"}
    assert fired(plan_like(), past(changes=own)) == []
    running = {(k, "c"): {"actual_days": None, "closed_as": None} for k in (1, 2)}
    assert fired(plan_like(), past(changes=running)) == []


def test_a_phase_without_known_names_is_compared_as_a_whole():
    # The phase "load" took 5 .. 15 days, the 20th percentile is 7; the plan has 2 + 2 in it. The totals of the past
    # projects are 10 days in plan and this one's is 4 + 3 + 2 = 9: scaled 6.3. 4 is less than both.
    loaded = past(changes={(k, "a"): {"phase": "load"} for k in PROJECTS})
    also = {"z": {"name": "Second half in", "phase": "Load", "baseline_days": 2.0, "depends_on": "a"}}
    plan = plan_like(a={"phase": "load", "name": "First half in", "baseline_days": 2.0}, also=also)
    assert fired(plan, loaded) == [("below-history", "load")]
    assert "The phase 'Load' is planned at 4 working days. Of 11 closed projects with this phase" in said(
        plan, loaded, "below-history"
    )


def test_a_plan_that_is_short_all_over_is_told_so_once():
    # Ten names that took 5 days in each of ten projects, planned at 2 each: all below, but a tenth of the work each.
    ids = [f"m{k}" for k in range(10)]
    rows = [
        {"project": f"past {n}", "milestone": m, "name": m, "baseline_days": 5.0, "actual_days": 5.0}
        for n in range(10)
        for m in ids
    ]
    table = history(*({**row, "closed_as": "delivered"} for row in rows))
    also = {m: {"name": m, "baseline_days": 2.0, "depends_on": ""} for m in ids}
    plan = plan_like(also=also, without=tuple("abc"))
    assert fired(plan, table) == [("short-all-over", "p")]
    assert "10 of 10 estimates of 'p'" in said(plan, table, "short-all-over")
    assert "adds up to 20 days of work; the middle one of 10 closed projects took 50" in said(
        plan, table, "short-all-over"
    )
    longer = {m: {"baseline_days": 5.0} for m in ids}
    assert fired(plan_like(also=also, without=tuple("abc"), **longer), table) == []


def test_experiment_cycles_are_counted_by_phase_and_project():
    few = {"a": {"baseline_days": 8.0}, "b": {"iterations_planned": 2}}
    enough = {"a": {"baseline_days": 8.0}, "b": {"iterations_planned": 2}, "c": {"iterations_planned": 1}}
    assert fired(plan_like(**few), past()) == [("few-iterations", "work")]
    assert "planned with 2 experiment cycles. Of 11 closed projects eight in ten needed 3" in said(
        plan_like(**few), past(), "few-iterations"
    )
    assert fired(plan_like(**enough), past()) == []


def test_a_phase_that_half_of_the_others_had_is_missed():
    # c belongs to the phase "care" in six, and in five, of eleven projects. c itself took 2 days.
    plan = plan_like(a={"baseline_days": 8.0})
    six = past(changes={(k, "c"): {"phase": "care"} for k in range(1, 7)})
    five = past(changes={(k, "c"): {"phase": "care"} for k in range(1, 6)})
    assert fired(plan, six) == [("phase-others-had", "care")]
    assert "6 of 11 closed projects had a phase 'Care', with a middle of 2 days of work" in said(
        plan, six, "phase-others-had"
    )
    assert fired(plan, five) == []


def test_a_cause_that_cost_a_quarter_of_the_projects_days_is_named_until_a_risk_plans_for_it():
    # In three of eleven projects (27 %) the data was to blame for days over, in two (18 %) it was not usual.
    plan = plan_like(a={"baseline_days": 8.0})
    three = past(changes={(k, "a"): {"cause": "data_quality"} for k in (9, 10, 11)})
    two = past(changes={(k, "a"): {"cause": "data_quality"} for k in (10, 11)})
    hopeful = past(changes={(k, "a"): {"cause": "estimate"} for k in (9, 10, 11)})
    assert fired(plan, three) == [("usual-cause", "work")]
    # Over by 8, 9 and 10 days.
    assert "of 11 closed projects 3 lost days to data quality (half of them 9 or more)" in said(
        plan, three, "usual-cause"
    )
    assert fired(plan, two) == fired(plan, hopeful) == []
    with_risk = plan_like(a={"baseline_days": 8.0, "risk_prob": 0.3, "risk_days": 5.0}, b={"risk_prob": None})
    assert fired(with_risk, three) == []


# The promise -----------------------------------------------------------------------------------------------------


def record(*log_ratios):
    return ProjectRecord(np.quantile(log_ratios, LEVELS), 20, 0, 0.0)


def promise(plan, **given):
    findings = findings_table(
        check_promise(plan, **{"model": None, "record": None, "seed": 1, **given}), RULES
    )
    return list(zip(findings["rule"], findings["message"], strict=True))


# The plan takes ten days, to Friday 13 March; eleven days end on Monday 16, twelve on 17. Of the projects before, log
# ratios are even between 0 and .2: a factor of 1.1 is a log of .0953 and holds in 48 %, 1.2 is .182 and holds in 91 %.
EVEN = record(0.0, 0.2)


@pytest.mark.parametrize(
    ("promised", "rules"),
    [
        ("2026-03-16", ["promise-unlikely"]),
        ("2026-03-17", []),
        (None, ["planned-finish-unlikely"]),
    ],
)
def test_the_record_of_whole_projects_says_how_likely_the_promise_is(promised, rules):
    plan = plan_like(c={"promised_finish": promised})
    assert [rule for rule, _ in promise(plan, record=EVEN)] == rules


def test_a_promise_on_the_way_is_none_of_the_project():
    # a ends before c; what is promised for it says nothing of the end.
    assert [rule for rule, _ in promise(plan_like(a={"promised_finish": "2026-06-30"}), record=EVEN)] == [
        "planned-finish-unlikely"
    ]


def test_a_promise_better_than_even_and_worse_than_eight_in_ten_is_noted():
    # Between 0 and .15 a factor of 1.1 holds in 64 %.
    plan = plan_like(c={"promised_finish": "2026-03-16"})
    assert promise(plan, record=record(0.0, 0.15)) == [
        (
            "promise-uncertain",
            "'p' is promised for 16 March 2026, which holds about 6 times in ten (what 20 closed projects took "
            "compared with their plans). A promise should hold eight times in ten.",
        )
    ]


def test_with_a_model_the_plan_is_simulated():
    # All work takes exactly what was planned: the plan's own finish holds always, the day before never.
    model = model_by_hand(level=0.0, spread=1e-9, on_plan=1.0)
    assert promise(plan_like(c={"promised_finish": "2026-03-13"}), model=model) == []
    [(rule, sentence)] = promise(plan_like(c={"promised_finish": "2026-03-12"}), model=model)
    assert rule == "promise-unlikely"
    assert (
        "holds less than once in twenty (2,000 simulated courses, learned from 30 closed projects)"
        in sentence
    )


def test_a_record_of_no_project_is_borrowed_and_says_so():
    # A quarter of its log ratios lies below 0: the planned finish holds once in four times.
    nobodys = ProjectRecord(np.quantile([-0.1, 0.3], LEVELS), 0, 0, 0.0)
    [(_, sentence)] = promise(plan_like(), record=nobodys)
    assert "(borrowed from published projects: no closed project of yours is behind it)" in sentence


def test_without_evidence_nothing_is_said_about_the_promise():
    assert promise(plan_like(c={"promised_finish": "2026-03-16"})) == []
