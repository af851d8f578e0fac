import pandas as pd
from tables_by_hand import by_hand, plan_rows, status_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.agenda import agenda_of
from estimation.tracking.impossible_dates import dates_left_behind
from estimation.tracking.tracking_tables import (
    ACTIONS,
    BOARD,
    EVIDENCE,
    FORECAST_MOVES,
    MISSES,
    RISKS,
    WAITING,
)

DAY = pd.Timestamp("2026-03-13")


def table(contract, *rows):
    return by_hand(pd.DataFrame(rows, columns=None if rows else list(contract)), contract)


def milestones(*rows):
    return table(
        BOARD,
        *(
            {
                "milestone": m,
                "name": f"n{m}",
                "owner": owner,
                "status": status,
                "expected_finish": DAY,
                **more,
            }
            for m, owner, status, more in rows
        ),
    )


def agenda(board, *, evidence="on track", risks=(), misses=(), left=None, moved=(), waiting=()):
    weeks = [
        {"as_of": DAY - pd.Timedelta(days=7), "milestone": "project", "evidence": "on track"},
        {"as_of": DAY, "milestone": "project", "evidence": evidence, "committed_finish": DAY},
    ]
    found = agenda_of(
        board,
        table(EVIDENCE, *weeks),
        risks=table(RISKS, *risks),
        waiting=table(WAITING, *waiting),
        moved=table(FORECAST_MOVES, *moved),
        misses=table(MISSES, *misses),
        left=dates_left_behind(*nothing(), DAY) if left is None else left,
        day=DAY,
    )
    check_table(found, ACTIONS, "agenda")
    return found


def nothing():
    plan = build_plan(plan_rows({"milestone": "1", "baseline_days": 5.0}))
    return plan, status_rows({"milestone": "1"})


def risk(milestone, action, slip):
    return {
        "milestone": milestone,
        "name": f"n{milestone}",
        "owner": f"owner {milestone}",
        "status": "delayed",
        "expected_finish": DAY + pd.Timedelta(days=slip),
        "slip_days": slip,
        "action": action,
    }


def test_the_committed_date_comes_first_when_the_evidence_has_left_it():
    board = milestones(("1", "Ann", "done", {}))
    first = agenda(board, evidence="delayed").iloc[0]
    assert first[["section", "milestone", "what", "action"]].tolist() == [
        "decide",
        "project",
        "delayed",
        "tell the client",
    ]
    assert agenda(board, evidence="on track").empty


def test_milestones_that_only_follow_share_a_line_in_the_order_of_the_plan():
    board = milestones(*((m, None, "done", {}) for m in ("1", "2", "10")))
    risks = [
        risk("10", "move with what is before it", 9),
        risk("1", "agree recovery", 4),
        risk("2", "move with what is before it", 3),
    ]
    rows = agenda(board, risks=risks)
    assert rows["milestone"].tolist() == ["1", "2, 10"]
    assert rows["days"].tolist() == [4, 9]
    assert rows["owner"].tolist() == ["owner 1", "owner 2, owner 10"]


def test_dates_left_behind_a_late_milestone_are_to_be_moved():
    # a is expected a week late, and b keeps its date: by hand in the tests of silent optimism.
    plan = build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a"},
        )
    )
    said = status_rows(
        {"milestone": "a", "actual_start": "2026-03-02", "forecast_finish": "2026-03-13"},
        {"milestone": "b", "forecast_finish": "2026-03-13"},
    ).assign(as_of=pd.Timestamp("2026-03-06"))
    left = dates_left_behind(plan, said, "2026-03-06")
    board = milestones(("a", "Ann", "done", {}), ("b", "Ben", "done", {}))
    row = agenda(board, left=left).iloc[0]
    assert row[["section", "milestone", "what", "action"]].tolist() == ["decide", "b", "a", "move the dates"]
    assert row["days"] == 5


def test_records_are_asked_for_of_open_misses_and_of_those_finished_since_the_last_review():
    board = milestones(*((m, "Ann", "done", {}) for m in "123"))
    asked = {"asked_for": "cause", "baseline_finish": DAY, "late_days": 2.0}
    misses = [
        {"milestone": "1", **asked, "actual_finish": pd.NaT},
        {"milestone": "2", **asked, "actual_finish": DAY},
        {"milestone": "3", **asked, "actual_finish": DAY - pd.Timedelta(days=7)},  # asked for a week ago
    ]
    rows = agenda(board, misses=misses)
    assert rows[["section", "milestone", "what"]].to_numpy().tolist() == [["record", "1, 2", "cause"]]


def test_what_is_due_soon_without_owner_or_criteria_is_completed_together():
    board = milestones(
        ("1", None, "on track", {}),
        ("2", "Ann", "on track", {}),
        ("3", "Ann", "not started", {"expected_finish": DAY + pd.Timedelta(days=15)}),
        ("4", "Ben", "on track", {}),
    )
    rows = agenda(board).set_index("section")
    assert rows.loc[["next fourteen days"], "milestone"].tolist() == ["1", "2", "4"]
    assert rows.loc[["complete the plan"], ["milestone", "what"]].to_numpy().tolist() == [
        ["1", "no owner; no acceptance criteria"],
        ["2, 4", "no acceptance criteria"],
    ]


def test_an_explained_move_and_one_that_came_earlier_need_no_words():
    board = milestones(*((m, "Ann", "done", {}) for m in "1234"))
    base = {"as_of": DAY, "new_finish": DAY, "handed_down": False, "kind": "silent", "move_days": 2.0}
    moved = [
        {**base, "milestone": "1"},
        {**base, "milestone": "2", "kind": "explained"},
        {**base, "milestone": "3", "move_days": -2.0},
        {**base, "milestone": "4", "handed_down": True},
    ]
    assert agenda(board, moved=moved)["milestone"].tolist() == ["1"]
