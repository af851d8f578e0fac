from types import SimpleNamespace

import pandas as pd
import pytest

from estimation.columns import keep_contract
from estimation.reporting import review_overviews as overviews
from estimation.reporting import review_wording as wording
from estimation.tracking.contracts import (
    ACTIONS,
    BOARD,
    EARNED_VALUE,
    EVIDENCE,
    RUNNING_FINDINGS,
    TRAJECTORY,
    WAITING,
)


def weeks(*rows, contract=EVIDENCE):
    return keep_contract(pd.DataFrame(rows), contract)


def board(**own):
    rows = [{"milestone": m, "name": f"n{m}", "own_slip_days": d, "started": True} for m, d in own.items()]
    return keep_contract(pd.DataFrame(rows), BOARD)


def evidence(*, last, left, prob, committed="2026-03-06"):
    project = {"milestone": "project", "committed_finish": pd.Timestamp(committed), "prob_kickoff": 0.2}
    project["measured_finish"] = pd.Timestamp("2026-03-06")
    friday = {"as_of": pd.Timestamp("2026-02-13"), "week": 2, "evidence": "on track", "prob_now": 0.28}
    today = {"as_of": pd.Timestamp("2026-02-20"), "week": 3, "evidence": last, "prob_now": prob}
    return weeks({**project, **friday}, {**project, **today, "left_on_track": pd.Timestamp(left)})


def test_evidence_that_left_says_when_with_which_chance_and_where_days_were_lost():
    said = wording.evidence_finding(
        evidence(last="delayed", left="2026-02-20", prob=0.01), board(a=0.0, b=5.0, c=-2.0)
    )
    assert said == (
        "The committed date, 6 Mar 2026, has a chance of <5 %; at kickoff it had one of 20 %. By the evidence the "
        "project is delayed; it left on track in week 3, on 20 Feb 2026, with a chance of <5 %. Most days of their own "
        "were lost at b nb (+5)."
    )


def test_evidence_that_never_left_is_said_in_a_sentence():
    said = wording.evidence_finding(evidence(last="on track", left=None, prob=0.3), board())
    assert said.endswith("By the evidence the project is on track, as it has been in every week.")


def test_a_date_that_could_not_be_met_at_kickoff_is_told_apart():
    said = wording.evidence_finding(
        evidence(last="on track", left=None, prob=0.3, committed="2026-02-27"), board()
    )
    assert said.startswith("P80 of the kickoff, 6 Mar 2026, has a chance of 30 %")
    assert said.endswith(
        "The committed 27 Feb 2026 was too early from the start: hardly any course met it at kickoff."
    )


def test_risk_is_counted_and_a_pattern_is_named():
    review = SimpleNamespace(
        at_risk=pd.DataFrame({"status": ["delayed", "at risk", "delayed", "not started"]}),
        moved=pd.DataFrame({"move_days": [3.0, -1.0]}),
        patterns=pd.DataFrame(
            {
                "dimension": ["phase"],
                "value": ["data_preparation"],
                "n_milestones": [3],
                "n_projects": [1],
                "own_slip_days": [19.0],
            }
        ),
    )
    assert wording.risk_finding(review) == (
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
