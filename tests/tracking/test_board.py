import pandas as pd
import pytest
from models_by_hand import on_plan_model
from tables_by_hand import by_hand, plan_rows, status_rows

from estimation.forecasting.forecast import forecast_table
from estimation.forecasting.simulation import simulate
from estimation.ingest.sources import choose_baseline
from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.board import board_findings, milestone_board, planned_float
from estimation.tracking.tracking_tables import BOARD, RUNNING_FINDINGS


def diamond(**last):
    """a (5 days, 2-6 March 2026), then b (5, 9-13) beside c (2, 9-10), then d (5, 16-20)."""
    return build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0, "owner": "Ann"},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a"},
            {"milestone": "c", "baseline_days": 2.0, "depends_on": "a"},
            {"milestone": "d", "baseline_days": 5.0, "depends_on": "b; c", **last},
        )
    )


def board_of(plan, status, as_of, **thresholds):
    forecast = forecast_table(
        simulate(plan, on_plan_model(), seed=1, iterations=100, as_of=as_of, status=status)
    )
    return milestone_board(plan, status, forecast, as_of=as_of, **thresholds)


def test_float_is_what_the_shorter_branch_may_lose():
    assert planned_float(diamond()).tolist() == [0, 0, 3, 0]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        # 1 is 5 days (0-5), 2 is 2 days, the plan ends on day 10 with 3. The latest evening of 2 is 10.
        ("1", 3.0),  # 2 is 5-7: it may end on 10, so 1 on 8
        ("1FS+1d", 2.0),  # 2 is 6-8: 1 on 7
        ("1SS", 5.0),  # 2 is 0-2: 1 may start on 8 but ends by 10 itself
        ("1FF", 5.0),  # the end of 2 waits for that of 1: 1 on 10
    ],
)
def test_float_keeps_every_kind_of_link(link, expected):
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 5.0},
            {"milestone": "2", "baseline_days": 2.0, "depends_on": link},
            {"milestone": "3", "baseline_days": 10.0, "baseline_start": "2026-03-02"},
        )
    )
    assert planned_float(plan)[0] == expected


def test_slip_is_split_into_what_a_milestone_adds_and_what_it_was_handed():
    # a is done two days late (Tue 10). b, expected on Thu 19, was planned for Fri 13: four days, two of them from a.
    # c keeps its date of Tue 10 although it can begin on Wed 11 only: it is expected on Thu 12, two days handed down.
    said = status_rows(
        {"milestone": "a", "actual_start": "2026-03-02", "actual_finish": "2026-03-10"},
        {"milestone": "b", "forecast_finish": "2026-03-19"},
        {"milestone": "c", "forecast_finish": "2026-03-10"},
    ).assign(as_of=pd.Timestamp("2026-03-10"))
    board = board_of(diamond(), said, "2026-03-10").set_index("milestone")
    check_table(board.reset_index(), BOARD, "board")
    assert board["slip_days"].tolist()[:3] == [2, 4, 2]
    assert board["inherited_days"].tolist()[:3] == [0, 2, 2]
    assert board["own_slip_days"].tolist()[:3] == [2, 2, 0]
    assert (board["own_slip_days"] + board["inherited_days"] == board["slip_days"]).all()
    assert board["status"].tolist()[:3] == ["done", "at risk", "at risk"]
    assert board["float_days"].tolist()[:3] == [-2, -4, 1]
    assert board.loc["a", "owner"] == "Ann"


def test_dates_of_the_forecast_stand_beside_the_teams():
    # Everything takes what was planned: with a done on Tue 10 (two late), b ends on Tue 17 and d on Tue 24, though its
    # team says Fri 20.
    said = status_rows(
        {"milestone": "a", "actual_start": "2026-03-02", "actual_finish": "2026-03-10"},
        {"milestone": "d", "forecast_finish": "2026-03-20"},
    ).assign(as_of=pd.Timestamp("2026-03-10"))
    board = milestone_board(
        diamond(),
        said,
        forecast_table(
            simulate(
                diamond(),
                on_plan_model(),
                seed=1,
                iterations=100,
                as_of="2026-03-10",
                status=said,
                way="chained",
            )
        ),
        as_of="2026-03-10",
    ).set_index("milestone")
    assert board.loc["d", "expected_finish"] == pd.Timestamp("2026-03-24")
    assert board.loc["d", "p80_finish"] == pd.Timestamp("2026-03-24")


def test_the_board_of_the_kickoff_has_no_slip_and_nothing_begun():
    plan = diamond(promised_finish="2026-03-27")
    board = board_of(plan, status_rows({"milestone": "a"}).iloc[:0], "2026-03-01")
    assert board["status"].tolist() == ["not started"] * 4
    assert board["slip_days"].tolist() == [0] * 4
    assert board["committed_finish"].iloc[-1] == pd.Timestamp("2026-03-27")
    assert not board["stale"].any()


@pytest.mark.parametrize(
    ("as_of", "stale"),
    [("2026-03-05", False), ("2026-03-06", True)],  # half a week (3.5 days) in a plan of three weeks
)
def test_a_forecast_nobody_touched_is_stale(as_of, stale):
    said = status_rows({"milestone": "a", "actual_start": "2026-03-02", "forecast_finish": "2026-03-06"})
    board = board_of(diamond(), said, as_of)
    assert board["stale"].iloc[0] == stale


@pytest.mark.parametrize(
    ("days", "row", "as_of", "stale"),
    [
        # 39 days from Mon 2 March end on Thu 23 April, 52 days later: under eight weeks. Fridays are half a week on.
        (39, {"updated_on": "2026-03-02"}, "2026-03-05", False),
        (39, {"updated_on": "2026-03-02"}, "2026-03-06", True),
        # 41 days end on Mon 27 April, 56 days later: eight weeks, and a week may pass.
        (41, {"updated_on": "2026-03-02"}, "2026-03-09", False),
        (41, {"updated_on": "2026-03-02"}, "2026-03-10", True),
        (41, {"as_of": "2026-03-09", "updated_on": "2026-03-02"}, "2026-03-10", True),  # touched, not sent
        (41, {"as_of": "2026-03-09"}, "2026-03-16", False),  # sent without a date of its own
        (
            41,
            {"as_of": "2026-03-10", "actual_finish": "2026-03-06"},
            "2026-03-31",
            False,
        ),  # done does not go stale
        (41, None, "2026-03-02", False),  # nobody has said anything on the first morning
        (41, None, "2026-03-03", True),
    ],
)
def test_how_old_a_forecast_may_be_depends_on_the_length_of_the_plan(days, row, as_of, stale):
    plan = build_plan(plan_rows({"milestone": "a", "baseline_days": float(days)}))
    said = status_rows({"milestone": "a", "actual_start": "2026-03-02", **(row or {})})
    board = board_of(plan, said if row else said.iloc[:0], as_of)
    assert bool(board["stale"].iloc[0]) == stale


def test_in_a_long_plan_a_forecast_may_be_a_week_old():
    plan = build_plan(plan_rows({"milestone": "a", "baseline_days": 60.0}))
    said = status_rows({"milestone": "a", "actual_start": "2026-03-02", "updated_on": "2026-03-02"})
    assert [bool(board_of(plan, said, day)["stale"].iloc[0]) for day in ("2026-03-09", "2026-03-10")] == [
        False,
        True,
    ]


def test_a_new_baseline_does_not_read_as_progress():
    # b was planned for Fri 13; re-planned for Fri 20 it is still five days late against what was approved first.
    table = plan_rows(
        {"milestone": "a", "baseline_finish": "2026-03-06", "baseline_version": 1},
        {"milestone": "b", "baseline_finish": "2026-03-13", "baseline_version": 1, "depends_on": "a"},
        {"milestone": "b", "baseline_finish": "2026-03-20", "baseline_version": 2, "depends_on": "a"},
    )
    said = status_rows({"milestone": "b", "actual_start": "2026-03-09", "forecast_finish": "2026-03-20"})
    first, last = (build_plan(choose_baseline(table, which)) for which in ("first", "last"))
    assert board_of(first, said, "2026-03-09")["slip_days"].iloc[1] == 5
    assert board_of(last, said, "2026-03-09")["slip_days"].iloc[1] == 0


def test_findings_name_what_a_board_lacks():
    said = status_rows({"milestone": "a", "actual_start": "2026-03-02"})
    findings = board_findings(board_of(diamond(), said, "2026-03-11"), as_of="2026-03-11")
    check_table(findings, RUNNING_FINDINGS, "findings")
    rules = findings.groupby("rule")["item"].agg(list).to_dict()
    assert rules == {
        "too-few-milestones": [""],
        "none-verifiable": [""],
        "stale-forecast": ["a", "b", "c", "d"],
    }
    assert "last on 2026-03-02" in findings["message"].iloc[2]
    assert "touched never" in findings["message"].iloc[3]


def test_thresholds_are_the_readers_to_choose():
    # A month of work expected on Fri 3 April instead of Fri 27 March, five working days late: at risk by the rule,
    # delayed where three days are allowed. Touched on Monday, looked at on Wednesday: stale where a day is allowed.
    plan = build_plan(plan_rows({"milestone": "a", "baseline_days": 20.0}))
    said = status_rows(
        {
            "milestone": "a",
            "actual_start": "2026-03-02",
            "forecast_finish": "2026-04-03",
            "updated_on": "2026-03-02",
        }
    )
    chosen = {"at_risk_days": 3, "stale_after": pd.Timedelta(days=1)}
    usual, strict = board_of(plan, said, "2026-03-04"), board_of(plan, said, "2026-03-04", **chosen)
    assert (usual["status"].iloc[0], bool(usual["stale"].iloc[0])) == ("at risk", False)
    assert (strict["status"].iloc[0], bool(strict["stale"].iloc[0])) == ("delayed", True)


def test_too_many_milestones_are_tasks():
    board = board_of(diamond(), status_rows({"milestone": "a"}), "2026-03-02")
    found = [set(board_findings(board, as_of="2026-03-02", fewest=1, most=most)["rule"]) for most in (3, 4)]
    assert [rules & {"too-few-milestones", "too-many-milestones"} for rules in found] == [
        {"too-many-milestones"},
        set(),
    ]


@pytest.mark.parametrize(
    ("status", "evidence", "colour", "found"),
    [
        ("on track", "on track", "green", []),
        ("at risk", "on track", "green", ["reported green; at risk by the dates, on track by the evidence"]),
        ("delayed", None, "Green", ["reported green; delayed by the dates, not known by the evidence"]),
        (
            "not started",
            "delayed",
            "green",
            ["reported green; not started by the dates, delayed by the evidence"],
        ),
        ("delayed", "delayed", "yellow", []),
        ("delayed", "delayed", None, []),
        ("done", "at risk", "green", []),
    ],
)
def test_green_while_the_dates_or_the_evidence_say_otherwise_is_a_finding_of_the_same_week(
    status, evidence, colour, found
):
    row = {"milestone": "a", "status": status, "evidence": evidence, "reported_status": colour}
    told = board_findings(by_hand(pd.DataFrame([row]), BOARD), as_of="2026-03-13")
    told = told[told["rule"] == "green-while-late"]
    assert told["message"].tolist() == found
    assert told["item"].tolist() == ["a"] * len(found)


@pytest.mark.parametrize(
    ("status", "p80", "found"),
    [
        ("delayed", "2026-04-10", True),
        ("delayed", "2026-04-17", False),  # the very day of the team
        ("delayed", None, False),
        ("done", "2026-04-10", False),
    ],
)
def test_a_forecast_before_the_teams_own_date_is_a_finding(status, p80, found):
    row = {"milestone": "a", "status": status, "expected_finish": "2026-04-17", "p80_finish": p80}
    table = pd.DataFrame([row]).astype({"expected_finish": "datetime64[s]", "p80_finish": "datetime64[s]"})
    told = board_findings(by_hand(table, BOARD), as_of="2026-03-13")
    told = told[told["rule"] == "forecast-before-team"]
    assert (len(told) == 1) == found
    if found:
        assert (
            told["message"].iloc[0]
            == "P80 of the forecast is 2026-04-10, before the 2026-04-17 that the team expects"
        )
