from dataclasses import replace

import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.pages import weekly_overviews as overviews
from estimation.pages import weekly_wording as wording
from estimation.tracking.tracking_tables import (
    ACTIONS,
    BOARD,
    CASCADE,
    CHANGES,
    EARNED_VALUE,
    EVIDENCE,
    FORECAST_MOVES,
    LEFT_BEHIND,
    MISSES,
    PATTERNS,
    RISKS,
    RUNNING_FINDINGS,
    TRAJECTORY,
    WAITING,
)
from estimation.tracking.weekly_review import WeeklyReview

OF_A_REVIEW = {
    "at_risk": BOARD,
    "risks": RISKS,
    "patterns": PATTERNS,
    "misses": MISSES,
    "waiting": WAITING,
    "trajectory": TRAJECTORY,
    "moved": FORECAST_MOVES,
    "changes": CHANGES,
    "left_behind": LEFT_BEHIND,
    "findings": RUNNING_FINDINGS,
    "agenda": ACTIONS,
}


def weeks(*rows, contract=EVIDENCE):
    return by_hand(pd.DataFrame(rows), contract)


def review(**rows):
    """A review of these rows by the name of their table; the other tables are empty."""
    return WeeklyReview(
        **{name: by_hand(pd.DataFrame(rows.pop(name, [])), kept) for name, kept in OF_A_REVIEW.items()},
        **rows,
    )


def board(**own):
    rows = [{"milestone": m, "name": f"n{m}", "own_slip_days": d, "started": True} for m, d in own.items()]
    return by_hand(pd.DataFrame(rows), BOARD)


def evidence(*, last, left, prob):
    project = {"milestone": "project", "committed_finish": pd.Timestamp("2026-03-06"), "prob_kickoff": 0.61}
    friday = {"as_of": pd.Timestamp("2026-02-13"), "week": 2, "evidence": "on track", "prob_now": 0.58}
    today = {"as_of": pd.Timestamp("2026-02-20"), "week": 3, "evidence": last, "prob_now": prob}
    return weeks({**project, **friday}, {**project, **today, "left_on_track": pd.Timestamp(left)})


def test_evidence_that_left_says_when_with_which_chance_and_where_days_were_lost():
    said = wording.evidence_finding(
        evidence(last="delayed", left="2026-02-20", prob=0.01), board(a=0.0, b=5.0, c=-2.0)
    )
    assert said == (
        "Chance of the agreed date, 6 Mar 2026: <5 %, 61 % at kickoff. By the evidence the project is delayed, off "
        "track since week 3 (20 Feb 2026). Lost most days by themselves: b nb (+5)."
    )


@pytest.mark.parametrize(
    ("left", "ends"), [(None, "on track, as in every week."), ("2026-02-06", "on track again.")]
)
def test_evidence_on_track_today_is_said_in_a_sentence(left, ends):
    said = wording.evidence_finding(evidence(last="on track", left=left, prob=0.7), board())
    assert said.endswith(f"70 %, 61 % at kickoff. By the evidence the project is {ends}")


def test_the_board_shows_the_chance_and_that_at_kickoff_beside_the_evidence():
    chances = {"prob_now": 0.43, "prob_kickoff": 0.61}
    rows = [
        {"milestone": m, "evidence": word, **chances}
        for m, word in (("1", "at risk"), ("2", "done"), ("3", None))
    ]
    shown = overviews.board_overview(by_hand(pd.DataFrame(rows), BOARD))["evidence"]
    assert shown.iloc[:2].tolist() == ["at risk, 43\u00a0% (61\u00a0%)", "done"]
    assert pd.isna(shown.iloc[2])  # added later: nothing was believed at kickoff


def test_risk_is_counted_and_a_pattern_is_named():
    again = {"dimension": "phase", "value": "data_preparation", "n_milestones": 3, "n_projects": 1}
    said = review(
        at_risk=[{"status": word} for word in ("delayed", "at risk", "delayed", "not started")],
        moved=[{"move_days": 3.0}, {"move_days": -1.0}],
        patterns=[{**again, "own_slip_days": 19.0}],
    )
    assert wording.risk_finding(said) == (
        "Milestones by the dates reported: 2 delayed and 1 at risk; 1 moved later since the last review. It "
        "repeats: 3 milestones of the phase Data preparation lost 19 working days by themselves."
    )


@pytest.mark.parametrize(
    ("urgency", "sentence"),
    [
        ("escalate now", "Escalate now: Client IT (milestone 1)."),
        ("later", "Nothing outside is overdue. Next to act, by 6 Mar 2026: Client IT."),
    ],
)
def test_who_outside_must_act_is_named(urgency, sentence):
    row = {
        "milestone": "1",
        "waiting_on": "Client IT",
        "act_by": pd.Timestamp("2026-03-06"),
        "urgency": urgency,
    }
    assert wording.waiting_finding(weeks(row, contract=WAITING)) == sentence


@pytest.mark.parametrize(("moved", "trend"), [(14, "moves away"), (-14, "comes closer"), (1, "holds steady")])
def test_the_course_of_p80_is_named(moved, trend):
    row = {"week": 1, "p80_finish": pd.Timestamp("2026-03-20"), "team_finish": pd.Timestamp("2026-03-06")}
    later = {**row, "week": 2, "p80_finish": row["p80_finish"] + pd.Timedelta(days=moved)}
    assert f": it {trend}." in wording.trajectory_finding(weeks(row, later, contract=TRAJECTORY))


def test_no_week_of_the_course_is_named_twice():
    row = {"week": 1, "p80_finish": pd.Timestamp("2026-03-20"), "team_finish": pd.Timestamp("2026-03-20")}
    told = [wording.trajectory_finding(weeks(*[row] * n, contract=TRAJECTORY)) for n in (1, 2)]
    assert told[0].startswith("P80 is 20 Mar 2026 in the first review.")
    assert told[1].startswith("P80 is 20 Mar 2026, after 20 Mar 2026 in week 1: it holds steady.")


def test_earned_value_is_said_with_its_indices_and_the_warning():
    row = {"ev": 0.4, "pv": 0.5, "sv_t_days": -5.0, "spi": 0.8, "spi_t": 0.8, "spi_misleads": True}
    assert wording.earned_finding(weeks(row, contract=EARNED_VALUE)) == (
        "40 % of the project is earned, 50 % was planned: 5 working days late on the time axis; SPI 0.80, SPI(t) 0.80. "
        "On 1 status date SPI rose while SPI(t) did not: believe SPI(t)."
    )


def test_findings_of_one_rule_share_a_line():
    rows = [
        {"rule": "silent-move", "item": item, "message": f"moved {item}", "remedy": "tell"} for item in "ab"
    ]
    shown = overviews.findings_overview(weeks(*rows, contract=RUNNING_FINDINGS))
    assert shown.iloc[0].tolist() == ["Silent move", "a, b", "Moved a (and 1 more).", "tell"]


def test_each_line_of_the_agenda_names_its_part_and_its_milestone():
    rows = [{"section": "decide", "milestone": "1", "name": "data", "what": "delayed"}]
    shown = overviews.agenda_overview(weeks(*rows, contract=ACTIONS))
    assert shown[["part", "label", "what"]].iloc[0].tolist() == ["Decide", "1 data", "Delayed"]


def test_days_lost_before_work_began_are_named_where_no_others_are():
    waiting = board(a=10.0).assign(started=False)
    both = pd.concat([waiting, board(b=2.0)])
    assert wording.own_slip_finding(waiting) == (
        "Lost most days by themselves, before the work began: a na (+10)."
    )
    assert wording.own_slip_finding(both) == "Lost most days by themselves: b nb (+2)."
    assert wording.own_slip_finding(board(b=0.0)) == "No milestone has lost days by itself."


def test_an_agenda_too_long_for_a_page_shows_the_first_of_each_part_and_counts_the_rest():
    parts = ["decide"] * 2 + ["explain"] * 5 + ["next fourteen days"] * 10
    rows = [{"section": part, "milestone": str(n), "what": "late"} for n, part in enumerate(parts)]
    shown = overviews.agenda_overview(weeks(*rows, contract=ACTIONS))
    # 17 lines came: two, three of five and three of ten are shown, each with how many more there are.
    assert shown["label"].tolist() == ["0", "1", "2", "3", "4", "2 more", "7", "8", "9", "7 more"]
    assert shown["part"].tolist() == ["Decide"] * 2 + ["Explain"] * 4 + ["Next fourteen days"] * 4
    assert len(overviews.agenda_overview(weeks(*rows[:16], contract=ACTIONS))) == 16


def falling(**project):
    """3 slips by four days: 4 goes with it, 5 has room, and the project is three days later."""
    friday, dates = (
        pd.Timestamp("2026-03-06"),
        ("p50_finish", "new_p50_finish", "p80_finish", "new_p80_finish"),
    )
    base = {"move_days": 0.0, "absorbed_days": 4.0, "tell_owner": False, **dict.fromkeys(dates, friday)}
    end = {"milestone": "project", "name": "Whole project", "move_days": 3.0, "absorbed_days": 1.0}
    rows = [
        {**base, "milestone": "3", "name": "model", "owner": "Ann", "move_days": 4.0, "tell_owner": True},
        {**base, "milestone": "4", "owner": "Ben", "move_days": 4.0, "tell_owner": True},
        {**base, "milestone": "5", "owner": "Cem"},
        {**base, **end, "new_p80_finish": pd.Timestamp("2026-03-11"), **project},
    ]
    table = pd.DataFrame(rows)
    return by_hand(table.assign(tell_client=False), CASCADE)


def test_a_cascade_is_said_with_who_moves_what_float_takes_up_and_whom_to_tell():
    assert wording.cascade_finding(falling(), 4) == (
        "If 3 model finishes 4 working days later, 1 of 2 milestones behind it move by up to 4 working days; P80 of "
        "the project goes from 6 Mar 2026 to 11 Mar 2026. At planned durations float takes up 1 working day on the way "
        "to the end. To be told: Ann and Ben."
    )


def test_a_cascade_that_ends_in_float_or_comes_earlier_says_so():
    same = falling(move_days=0.0, absorbed_days=4.0, new_p80_finish=pd.Timestamp("2026-03-06"))
    assert (
        "P80 of the project stays 6 Mar 2026. At planned durations float takes up all of it"
        in wording.cascade_finding(same, 4)
    )
    # Courses take longer than planned, and the room of the plan is gone in them.
    worn = falling(move_days=0.0, absorbed_days=4.0)
    assert "all of it on the way to the end; courses that take longer have less room." in (
        wording.cascade_finding(worn, 4)
    )
    assert wording.cascade_finding(falling(), -4).startswith("If 3 model finishes 4 working days earlier, ")
    assert wording.cascade_finding(falling().iloc[:0], 4).startswith("Every milestone is done")


def test_a_broken_promise_and_the_client_are_named():
    broken = falling()
    promised = pd.Series([pd.NaT, pd.Timestamp("2026-03-09"), pd.NaT, pd.NaT]).astype("datetime64[s]")
    promise = pd.Series([None, "broken by the slip", None, None], dtype="str")
    broken = broken.assign(promised_finish=promised, promise=promise, tell_client=[False, True, False, False])
    said = wording.cascade_finding(broken, 4)
    assert "The promise of 9 Mar 2026 for 4 breaks. To be told: Ann, Ben and the client." in said
    shown = overviews.cascade_overview(broken)
    assert shown["tell"].tolist() == [
        "owner",
        "owner and client; promise 9 Mar 2026 broken by the slip",
        "nobody",
        "nobody",
    ]
    assert shown["p80"].tolist() == ["6 Mar 2026"] * 3 + ["6 Mar → 11 Mar 2026"]


def missed(*rows):
    filled = {"late_days": 3.0, "word_days": 3.0, "baseline_finish": pd.Timestamp("2026-03-06")}
    return weeks(*({**filled, **row} for row in rows), contract=MISSES)


def test_misses_are_counted_with_their_records_and_what_the_client_heard():
    friday = pd.Timestamp("2026-03-06")
    table = missed(
        {"milestone": "1", "asked_for": "cause"},
        {"milestone": "2", "told_client_on": friday, "word_days": 0.0, "actual_finish": friday},
        {"milestone": "3", "told_client_on": friday, "word_days": 2.0},
    )
    assert wording.miss_finding(table) == (
        "3 milestones missed their planned date, 2 of them open. 2 of 3 records are complete. The client has heard "
        "of 2 of them, of 1 after the date had passed; the longest silence is 3 working days so far."
    )
    assert wording.miss_finding(table.iloc[:0]) == "No milestone has missed its planned date."


def test_open_misses_have_a_line_each_and_finished_ones_share_theirs():
    friday = pd.Timestamp("2026-03-06")
    table = missed(
        {
            "milestone": "1",
            "name": "data",
            "cause": "data_quality",
            "cause_note": "Labels.",
            "recovery_plan": "Hire",
            "recovery_kind": "resources",
            "recovery_owner": "Ann",
            "recovery_finish": friday,
            "told_client_on": friday,
            "word_days": -1.0,
        },
        {"milestone": "2", "actual_finish": friday, "asked_for": "cause"},
        {"milestone": "3", "actual_finish": friday, "asked_for": "cause", "late_days": 5.0},
    )
    shown = overviews.miss_overview(table)
    assert shown["label"].tolist() == ["1 data", "2 finished ones: 2, 3"]
    assert shown["cause"].iloc[0] == "Data quality: Labels."
    assert shown["recovery"].iloc[0] == "resources: Hire, Ann, until 6 Mar 2026"
    assert shown["word"].tolist() == ["told 1 working day before", "0 of 2 told"]
    assert shown["late_days"].tolist() == [3, 5]


def test_risks_in_hand_have_a_line_each_and_say_why_once_or_again():
    base = {"status": "delayed", "slip_days": 5.0, "own_slip_days": 3.0, "move_days": 1.0, "n_moves": 2}
    table = weeks(
        {
            **base,
            "milestone": "1",
            "owner": "Ann",
            "in_hand": True,
            "cause": "estimate",
            "repeats": "owner",
            "action": "agree recovery",
        },
        {
            **base,
            "milestone": "2",
            "own_slip_days": 0.0,
            "move_days": 0.0,
            "n_moves": 0,
            "in_hand": True,
            "action": "follow recovery",
        },
        {**base, "milestone": "3", "in_hand": False, "action": "move with what is before it"},
        contract=RISKS,
    )
    shown = overviews.risk_overview(table)
    assert shown["label"].tolist() == ["1", "2", "1 other: 3"]
    assert shown["why"].tolist() == ["Estimate; again: same owner", "Handed down", "Handed down"]
    assert shown["shifted"].tolist() == ["+1 day; 2 moves so far", "no", "1 later"]
    assert shown["action"].iloc[0] == "Ann: agree a recovery plan"


def test_changes_are_said_in_words():
    base = {"status": "at risk", "old_status": "at risk", "begun": False, "finished": False, "move_days": 0.0}
    table = weeks(
        {**base, "milestone": "1", "finished": True, "status": "done"},
        {
            **base,
            "milestone": "2",
            "begun": True,
            "old_status": "not started",
            "move_days": 2.0,
            "kind": "silent",
        },
        {
            **base,
            "milestone": "3",
            "move_days": 1.0,
            "kind": "explained",
            "reason": "Access.",
            "old_evidence": "on track",
            "evidence": "at risk",
        },
        contract=CHANGES,
    )
    shown = overviews.change_overview(table)
    assert shown["what"].tolist() == [
        "finished",
        "begun; at risk, was not started",
        "at risk; evidence at risk, was on track",
    ]
    assert shown["why"].iloc[1:].tolist() == ["silent", "explained: Access."]


def test_decisions_are_named_before_anything_else():
    rows = [
        {"section": "decide", "milestone": "project", "action": "tell the client"},
        {"section": "decide", "milestone": "2", "name": "data", "action": "agree recovery"},
        {"section": "decide", "milestone": "3, 4", "action": "move with what is before it"},
        {"section": "decide", "milestone": "5, 6", "what": "2", "action": "move the dates"},
    ]
    said = wording.decision_finding(weeks(*rows, contract=ACTIONS))
    assert said == (
        "To decide today: what becomes of the agreed date, a recovery plan for 2 data and new dates for what waits "
        "for 2."
    )
    assert wording.decision_finding(weeks(rows[2], contract=ACTIONS)) == "Nothing has to be decided today."


def test_recovery_plans_to_be_decided_share_a_phrase():
    rows = [
        {"section": "decide", "milestone": "project", "action": "tell the client"},
        *({"section": "decide", "milestone": m, "name": "n", "action": "agree recovery"} for m in "234567"),
    ]
    said = wording.decision_finding(weeks(*rows, contract=ACTIONS))
    assert said == (
        "To decide today: what becomes of the agreed date; recovery plans for 2 n, 3 n, 4 n, 5 n and 2 more."
    )


def test_dates_in_findings_read_as_everywhere_else():
    row = {"rule": "silent-move", "item": "a", "message": "moved from 2026-03-06 to 2026-03-18", "remedy": ""}
    shown = overviews.findings_overview(weeks(row, contract=RUNNING_FINDINGS))
    assert shown["message"].tolist() == ["Moved from 6 Mar 2026 to 18 Mar 2026."]


def test_the_change_since_the_last_review_is_counted():
    friday = pd.Timestamp("2026-03-06")
    moves = [
        ("silent", 2.0, False),
        ("explained", 1.0, False),
        ("silent", -1.0, False),
        ("silent", 2.0, True),
    ]
    said = review(
        trajectory=[{"as_of": friday}, {"as_of": friday + pd.Timedelta(days=7)}],
        changes=[
            {"finished": True, "begun": False, "move_days": 2.0},
            {"finished": False, "begun": True, "move_days": 1.0},
        ],
        moved=[dict(zip(("kind", "move_days", "handed_down"), move, strict=True)) for move in moves],
    )
    assert wording.change_finding(said) == (
        "Since 6 Mar 2026: 1 finished, 1 begun, 1 with another date; 1 of 2 moves to a later date not handed down by "
        "another without a word of why."
    )
    first = replace(said, trajectory=said.trajectory.iloc[:1])
    assert wording.change_finding(first) == "This is the first review."
