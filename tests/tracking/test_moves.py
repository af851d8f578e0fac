import pandas as pd
import pytest
from tables_by_hand import by_hand, plan_rows, status_rows

from estimation.project.plan import build_plan
from estimation.project.standing import status_course
from estimation.tables import check_table
from estimation.tracking.moves import forecast_moves, green_until_red, jump_findings, move_findings
from estimation.tracking.tracking_tables import EVIDENCE, FORECAST_MOVES, RUNNING_FINDINGS

WEEKS = ("2026-03-06", "2026-03-13", "2026-03-20")


def two_in_a_row():
    """a 2-6 March 2026 (five days), b 9-13."""
    return build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a"},
        )
    )


def weekly(milestone, *forecasts, **columns):
    """One row per week; each further column has one entry per week."""
    return [
        {"milestone": milestone, "as_of": week, "forecast_finish": date}
        | {name: values[n] for name, values in columns.items()}
        for n, (week, date) in enumerate(zip(WEEKS, forecasts, strict=False))
    ]


def evidence_by_hand(words, left, milestone="project"):
    rows = pd.DataFrame(
        {
            "as_of": pd.to_datetime(list(WEEKS[: len(words)])),
            "week": range(1, len(words) + 1),
            "milestone": milestone,
            "evidence": words,
            "left_on_track": pd.to_datetime(left),
        }
    )
    return by_hand(rows, EVIDENCE)


def test_every_change_of_a_date_stands_beside_the_one_before():
    said = status_rows(
        *weekly("a", "2026-03-10", "2026-03-10", "2026-03-24"), *weekly("b", "2026-03-17", "2026-03-16")
    )
    moves = forecast_moves(said)
    check_table(moves, FORECAST_MOVES, "moves")
    # a: Tue 10 to Tue 24 March is ten working days; b: Tue 17 to Mon 16 one earlier. Unchanged dates are no move.
    table = moves[["milestone", "as_of", "old_finish", "new_finish", "move_days"]].astype({"as_of": "str"})
    assert table["milestone"].tolist() == ["b", "a"]
    assert table["as_of"].tolist() == ["2026-03-13", "2026-03-20"]
    assert table["move_days"].tolist() == [-1, 10]


@pytest.mark.parametrize(
    ("reason", "told", "kind"),
    [
        ("labels are wrong", pd.Timestamp("2026-03-13"), "explained"),
        ("labels are wrong", pd.NaT, "not told"),
        (None, pd.Timestamp("2026-03-13"), "silent"),
        (None, pd.NaT, "silent"),
    ],
)
def test_a_move_is_explained_when_it_has_a_reason_and_the_client_knows(reason, told, kind):
    rows = weekly("a", "2026-03-10", "2026-03-12", reason=[None, reason], told_client_on=[pd.NaT, told])
    said = status_rows(*rows).astype({"told_client_on": "datetime64[s]"})
    assert forecast_moves(said)["kind"].tolist() == [kind]


def test_a_date_earlier_than_the_work_left_allows_is_found():
    # On Fri 13 March a is begun that day and nothing of it is done: five days more, Fri 20; then b, Fri 27.
    # b is moved from Mon 23 to Thu 19, four... a from Fri 13 to Fri 20, which is possible.
    said = status_rows(
        *weekly(
            "a", "2026-03-13", "2026-03-20", actual_start=[None, "2026-03-13"], percent_complete=[0.0, 0.0]
        ),
        *weekly("b", "2026-03-23", "2026-03-19"),
    )
    moves = forecast_moves(said, plan=two_in_a_row()).set_index("milestone")
    assert moves["possible_finish"].dt.strftime("%m-%d").to_dict() == {"a": "03-20", "b": "03-27"}
    assert moves["too_early"].to_dict() == {"a": False, "b": True}


def test_moves_handed_down_are_told_from_where_they_began():
    said = status_rows(*weekly("a", "2026-03-06", "2026-03-18"), *weekly("b", "2026-03-13", "2026-03-25"))
    moves = forecast_moves(said, plan=two_in_a_row())
    assert moves.set_index("milestone")["handed_down"].to_dict() == {"a": False, "b": True}
    findings = move_findings(moves)
    check_table(findings, RUNNING_FINDINGS, "findings")
    silent = findings[findings["rule"] == "silent-move"]
    assert silent["item"].tolist() == ["a"]
    assert silent["message"].tolist() == ["moved from 2026-03-06 to 2026-03-18 (+8 days), silent"]


def test_a_move_further_than_that_of_its_predecessor_has_to_be_explained_itself():
    # a goes from Fri 6 to Tue 10 March, two days; b from Fri 13 to Mon 23, six: two of them came from a, four did not.
    said = status_rows(*weekly("a", "2026-03-06", "2026-03-10"), *weekly("b", "2026-03-13", "2026-03-23"))
    moves = forecast_moves(said, plan=two_in_a_row())
    assert moves["move_days"].tolist() == [2, 6]
    assert moves["handed_down"].tolist() == [False, False]
    findings = move_findings(moves)
    assert findings.loc[findings["rule"] == "silent-move", "item"].tolist() == ["a", "b"]


def test_a_date_drawn_in_while_its_predecessor_slips_is_not_handed_down():
    said = status_rows(*weekly("a", "2026-03-06", "2026-03-10"), *weekly("b", "2026-03-17", "2026-03-16"))
    assert forecast_moves(said, plan=two_in_a_row())["handed_down"].tolist() == [False, False]


def test_a_jump_from_in_time_to_delayed_counts_the_days_of_warning_lost():
    # a is planned for Fri 6 March: on time on 6 March, expected on Fri 27 on 20 March. Between, on Fri 13 it is five
    # days late, so only the reports jump. Its evidence left on track on 6 March: ten days before.
    plan = two_in_a_row()
    rows = weekly(
        "a", "2026-03-06", "2026-03-13", "2026-03-27", actual_start=["2026-03-02"] * 3,
        reported_status=["green", "green", "red"],
    )  # fmt: skip
    course = status_course(plan, status_rows(*rows))
    evidence = evidence_by_hand(["at risk"] * 3, ["2026-03-06"] * 3, milestone="a")
    found = jump_findings(plan, course, evidence)
    check_table(found, RUNNING_FINDINGS, "findings")
    assert course.loc[course["milestone"] == "a", "status"].tolist() == ["on track", "at risk", "delayed"]
    assert found["lost_days"].tolist() == [10]
    assert "the reports went from on track to delayed on 2026-03-20" in found["message"].iloc[0]
    assert (
        "off track by the evidence since week 1 (2026-03-06), 10 working days before"
        in found["message"].iloc[0]
    )


def test_a_jump_the_evidence_did_not_see_either_loses_nothing():
    plan = two_in_a_row()
    rows = weekly("a", "2026-03-06", "2026-03-27", actual_start=["2026-03-02"] * 2)
    found = jump_findings(
        plan, status_course(plan, status_rows(*rows)), evidence_by_hand(["on track"] * 2, [None] * 2)
    )
    assert found["item"].tolist() == ["a", "b"]  # b waits for it
    assert found["lost_days"].tolist() == [0, 0]
    assert found["message"].iloc[0].startswith("the forecasts went from on track to delayed on 2026-03-13")


def test_at_risk_between_is_no_jump():
    plan = two_in_a_row()
    rows = weekly("a", "2026-03-06", "2026-03-13", "2026-03-27", actual_start=["2026-03-02"] * 3)
    course = status_course(plan, status_rows(*rows))
    assert jump_findings(plan, course, evidence_by_hand(["on track"] * 3, [None] * 3)).empty


@pytest.mark.parametrize(
    ("colours", "left", "lost"),
    [
        (["green", "green", "yellow"], "2026-03-06", 10),  # Fri 6 to Fri 20
        (["green", "green", "green"], "2026-03-13", 5),  # and green to this day
        (["green", "green", "green"], "2026-03-20", 0),  # in the same week
        (["green", "green", "red"], "2026-03-20", None),  # said in the same week
        (["green", "yellow", "red"], "2026-03-13", None),  # said in time
        (["green", "green", "green"], None, None),  # nothing to say
    ],
)
def test_reports_that_stay_green_after_the_evidence_has_left_are_a_finding(colours, left, lost):
    plan = two_in_a_row()
    course = status_course(plan, status_rows(*weekly("a", *["2026-03-27"] * 3, reported_status=colours)))
    found = green_until_red(plan, course, evidence_by_hand(["at risk"] * 3, [left] * 3))
    assert found["lost_days"].tolist() == ([] if lost is None else [lost])
