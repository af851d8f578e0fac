import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.pages import quarterly_wording as wording
from estimation.review.quarterly.quarterly_tables import (
    CLOSED_BY_QUARTER,
    LOST_DAYS,
    MULTIPLIER_MOVES,
    OVERRUN_CHANGE,
    RECOMMENDATIONS,
    RUNNING,
    SAVED,
)
from estimation.review.quarterly.trend import BETTER, CHANCE, WORSE
from estimation.scoring.dates_held import AS_PROMISED, PROMISES_KEPT, TOO_EARLY, TOO_FEW


def table(contract, *rows) -> pd.DataFrame:
    return by_hand(pd.DataFrame(list(rows), columns=None if rows else list(contract)), contract)


def kept(*verdicts) -> pd.DataFrame:
    """P80 of quarters from 2026Q1 on, the last for all of them together."""
    counted = {AS_PROMISED: 16, TOO_EARLY: 9}
    rows = [
        {"period": f"2026Q{k + 1}", "level": 0.8, "n_due": 3 if verdict == TOO_FEW else 20,
         "n_held": counted.get(verdict), "n_lower": 13, "n_upper": 19, "verdict": verdict}
        for k, verdict in enumerate(verdicts)
    ]  # fmt: skip
    return table(PROMISES_KEPT, *rows[:-1], {**rows[-1], "period": "2025Q4 to 2026Q3"})


def test_dates_that_held_are_counted_beside_what_chance_allows():
    assert wording.promises_finding(kept(AS_PROMISED, AS_PROMISED)) == (
        "The dates held as promised: of 20 P80 dates of kickoff forecasts that came due from 2025Q4 to 2026Q3, 16 "
        "held; an honest P80 holds 13 to 19. No quarter lies outside chance by itself."
    )


def test_dates_that_did_not_hold_name_their_quarters_and_those_with_too_few():
    said = wording.promises_finding(kept(TOO_EARLY, TOO_FEW, AS_PROMISED, TOO_EARLY, TOO_EARLY))
    assert said.startswith("The dates were too early: of 20 P80 dates")
    assert said.endswith(
        "Quarter by quarter they were too early in 2026Q1 and 2026Q4, and within chance in the others. Too few came "
        "due in 2026Q2."
    )
    assert wording.promises_finding(kept(TOO_EARLY, TOO_EARLY)).endswith("they were too early in 2026Q1.")


def test_too_few_dates_are_not_judged():
    assert wording.promises_finding(kept(TOO_FEW, TOO_FEW)) == (
        "Only 3 P80 dates of kickoff forecasts came due from 2025Q4 to 2026Q3: too few to judge."
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (CHANCE, "Estimates got neither better nor worse by more than chance"),
        (BETTER, "Estimates got better, by more than chance"),
        (WORSE, "Estimates got worse, by more than chance"),
    ],
)
def test_the_trend_says_better_worse_or_chance(verdict, said):
    whole = {
        "phase": "project",
        "bias_before": 1.3,
        "bias_now": 1.2,
        "bias_verdict": verdict,
        "spread_verdict": CHANCE,
    }
    data = {"phase": "data_preparation", "bias_verdict": CHANCE, "spread_verdict": BETTER}
    assert wording.trend_finding(table(OVERRUN_CHANGE, whole, data)) == (
        f"{said}: projects took 1.20 times their plan over the last four quarters, after 1.30 in the four before. They "
        "differ among themselves as much as before. Phase by phase, beyond chance: spread of data preparation got "
        "better."
    )


def test_a_trend_says_what_multiplying_did_only_where_some_plan_was_multiplied():
    whole = {"phase": "project", "bias_before": 1.5, "bias_now": 1.5, "approved_before": 1.5, "approved_now": 1.25,
             "bias_verdict": CHANCE, "spread_verdict": CHANCE}  # fmt: skip
    said = wording.trend_finding(table(OVERRUN_CHANGE, whole))
    assert "projects took 1.50 times their estimates over the last four quarters" in said
    assert (
        "Against the plans that were approved, 1.20 times the estimates, they took 1.25 times as long, after 1.50: "
        "that difference is multiplying, not better estimating."
    ) in said
    assert "approved" not in wording.trend_finding(table(OVERRUN_CHANGE, {**whole, "approved_now": 1.5}))


def test_a_trend_of_too_few_projects_is_not_told():
    whole = {
        "phase": "project",
        "n_now": 6,
        "n_before": 2,
        "bias_verdict": TOO_FEW,
        "spread_verdict": TOO_FEW,
    }
    assert wording.trend_finding(table(OVERRUN_CHANGE, whole)) == (
        "6 projects closed in the last four quarters and 2 in the four before: too few to say whether estimates get "
        "better (five in each are wanted)."
    )


def test_closed_projects_are_set_against_the_quarters_before():
    quarters = [
        {
            "quarter": f"2026Q{k}",
            "n_projects": 5,
            "n_late": late,
            "median_slip_days": slip,
            "suppressed": False,
        }
        for k, late, slip in ((1, 3, 4.5), (2, 4, 12.0), (3, 5, 30.0))
    ]
    assert wording.closed_finding(table(CLOSED_BY_QUARTER, *quarters)) == (
        "5 projects closed in 2026Q3, all of them late; the median slip was 30 working days. In the quarters before it "
        "lay between 4.5 and 12."
    )


def test_a_quarter_with_fewer_than_five_projects_keeps_its_slips_to_itself():
    row = {"quarter": "2026Q3", "n_projects": 1, "suppressed": True}
    assert wording.closed_finding(table(CLOSED_BY_QUARTER, row)) == (
        "1 project closed in 2026Q3: fewer than five, so that their slips are not shown."
    )


def test_running_projects_are_added_up_to_how_many_will_hold():
    # .9 + .8 + .5 + 0: about two of four.
    rows = [
        {"project": name, "prob_committed": prob, "evidence": word}
        for name, prob, word in (
            ("a", 0.9, "on track"), ("b", 0.8, "on track"), ("c", 0.5, "at risk"), ("d", 0.0, "delayed")
        )
    ]  # fmt: skip
    assert wording.running_finding(table(RUNNING, *rows)) == (
        "4 projects were running; by the forecasts of today about 2 will hold the agreed date. Delayed by the "
        "evidence: d."
    )
    assert wording.running_finding(table(RUNNING)) == "No project was running on the last day of the quarter."


def test_a_multiplier_that_moved_is_named_with_both_numbers():
    rows = {"phase": "data", "level": 0.8, "then": 2.6, "now": 1.9, "n_then": 20, "moved": True}
    assert wording.moves_finding(table(MULTIPLIER_MOVES, rows)) == (
        "Moved beyond noise within the year, at P80: data from 2.60 to 1.90."
    )
    assert wording.moves_finding(table(MULTIPLIER_MOVES, {**rows, "moved": False})) == (
        "No phase's P80 multiplier moved beyond noise within the year."
    )
    assert wording.moves_finding(table(MULTIPLIER_MOVES, {**rows, "n_then": 0})) == (
        "A year ago nothing was known to learn multipliers from."
    )


def test_what_a_multiplier_would_have_saved_is_called_chance_when_it_may_be():
    whole = {"phase": "project", "n_projects": 22, "multiplier": 1.3, "plan_error_days": 16.0, "p50_error_days": 14.0,
             "saved_lower": -1.0, "saved_upper": 5.0, "saved_days": 2.0, "suppressed": False}  # fmt: skip
    data = {
        **whole,
        "phase": "data",
        "plan_error_days": 9.0,
        "p50_error_days": 6.0,
        "saved_lower": 1.0,
        "saved_days": 3.0,
    }
    assert wording.saved_finding(table(SAVED, whole, data)) == (
        "Times the one multiplier known at each kickoff (P50, about 1.30) plans of whole projects would have been off "
        "by 14.0 instead of 16 working days (a gain of −1.0 to 5.0, which may be chance). Of the phases data would "
        "have gained most: off by 6.0 instead of 9.0."
    )
    assert "too few" in wording.saved_finding(table(SAVED, {**whole, "suppressed": True})).lower()


def test_lost_days_name_the_largest_and_how_many_are_not_shown():
    rows = [
        {
            "dimension": "cause",
            "value": "data_quality",
            "lost_days": 1200.0,
            "share": 0.6,
            "suppressed": False,
        },
        {"dimension": "cause", "value": "staffing", "suppressed": True},
    ]
    assert wording.lost_finding(table(LOST_DAYS, *rows), "cause") == (
        "Most days were lost to data quality (1,200 days, 60 %). 1 cause of fewer than five projects is not shown."
    )


def test_where_nothing_gives_reason_nothing_is_recommended():
    assert wording.recommendation_finding(table(RECOMMENDATIONS)) == wording.NOTHING_TO_RECOMMEND


def test_phases_of_few_projects_are_named_as_not_shown():
    row = {"phase": "data", "level": 0.8, "n_then": 9, "n_now": 12, "moved": False, "suppressed": False}
    few = {"phase": "rare", "level": 0.8, "n_then": 1, "n_now": 3, "moved": False, "suppressed": True}
    assert wording.moves_finding(table(MULTIPLIER_MOVES, row, few)) == (
        "No phase's P80 multiplier moved beyond noise within the year. 1 phase of fewer than five projects is not "
        "shown."
    )
