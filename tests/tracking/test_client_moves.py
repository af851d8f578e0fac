import pandas as pd
import pytest
from tables_by_hand import plan_rows, status_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.client_moves import client_moves, unexplained_moves
from estimation.tracking.client_tables import CLIENT_MOVES

FIRST, SECOND = "2026-03-06", "2026-03-13"


def two_in_a_row(**last):
    """a 2-6 March 2026 (five days), b 9-13."""
    return build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a", **last},
        )
    )


def moves_of(*rows, as_of=SECOND, plan=None):
    moves = client_moves(plan or two_in_a_row(), status_rows(*rows), as_of=as_of)
    check_table(moves, CLIENT_MOVES, "moves")
    return moves


def said(milestone, as_of, finish, **more):
    return {"milestone": milestone, "as_of": as_of, "forecast_finish": finish, **more}


def test_a_first_forecast_away_from_the_agreed_date_is_a_move():
    moves = moves_of(said("a", FIRST, "2026-03-10"), said("b", FIRST, "2026-03-13"))
    # a: Fri 6 to Tue 10 March is two working days; b stays where it was agreed.
    assert moves[["milestone", "week", "move_days"]].to_numpy().tolist() == [["a", 1, 2]]
    assert moves["old_finish"].tolist() == [pd.Timestamp("2026-03-06")]
    assert unexplained_moves(moves)["milestone"].tolist() == ["a"]


def test_the_promised_date_is_the_agreed_one():
    plan = two_in_a_row(promised_finish="2026-03-20")
    assert plan.agreed_finish.tolist() == [pd.Timestamp("2026-03-06"), pd.Timestamp("2026-03-20")]
    assert unexplained_moves(moves_of(said("b", FIRST, "2026-03-18"), plan=plan)).empty


def test_a_late_finish_is_a_move_though_no_forecast_said_so():
    moves = moves_of({"milestone": "a", "as_of": SECOND, "actual_finish": "2026-03-12"})
    assert moves[["milestone", "move_days"]].to_numpy().tolist() == [["a", 4]]
    assert len(unexplained_moves(moves)) == 1


def test_work_forecast_early_from_the_first_or_done_early_needs_no_reason():
    assert unexplained_moves(moves_of(said("b", FIRST, "2026-03-12"))).empty
    done = {"milestone": "a", "as_of": SECOND, "actual_finish": "2026-03-05"}
    assert unexplained_moves(moves_of(said("a", FIRST, "2026-03-06"), done)).empty


def test_a_date_of_open_work_drawn_in_needs_a_reason():
    # b was said to end on Wed 18 March (three days late, with a reason) and a week later on Fri 13 March again.
    rows = (
        said("b", FIRST, "2026-03-18", reason="The expert is ill."),
        said("b", SECOND, "2026-03-13"),
    )
    silent = unexplained_moves(moves_of(*rows))
    assert silent[["milestone", "week", "move_days"]].to_numpy().tolist() == [["b", 2, -3]]
    assert unexplained_moves(moves_of(rows[0], rows[1] | {"reason": "She is back."})).empty


def test_a_date_drawn_in_no_further_than_the_one_before_it_is_handed_down():
    # a from Tue 10 to Mon 9 March with a reason: b may follow by one day, not by two.
    why = {"reason": "Access came late."}
    first = (said("a", FIRST, "2026-03-10", **why), said("b", FIRST, "2026-03-17"))
    sooner = said("a", SECOND, "2026-03-09", reason="Half of it is there already.")
    assert unexplained_moves(moves_of(*first, sooner, said("b", SECOND, "2026-03-16"))).empty
    further = unexplained_moves(moves_of(*first, sooner, said("b", SECOND, "2026-03-13")))
    assert further["move_days"].tolist() == [-2]


def test_a_move_no_further_than_the_one_before_it_is_handed_down():
    moves = moves_of(
        said("a", FIRST, "2026-03-10", reason="Access came late."), said("b", FIRST, "2026-03-17")
    )
    assert moves["handed_down"].tolist() == [False, True]
    assert unexplained_moves(moves).empty


def test_a_move_further_than_the_one_before_it_needs_its_own_reason():
    # a explains two days, b moves by three: Fri 13 to Wed 18 March.
    moves = moves_of(
        said("a", FIRST, "2026-03-10", reason="Access came late."), said("b", FIRST, "2026-03-18")
    )
    assert unexplained_moves(moves)["milestone"].tolist() == ["b"]


def test_what_follows_from_a_silent_move_is_counted_where_it_began():
    moves = moves_of(said("a", FIRST, "2026-03-10"), said("b", FIRST, "2026-03-17"))
    assert unexplained_moves(moves)["milestone"].tolist() == ["a"]


@pytest.mark.parametrize(("told", "kind"), [(None, "not told"), ("2026-03-05", "explained")])
def test_a_reason_is_enough_for_the_report_tells_it_itself(told, kind):
    row = said("a", FIRST, "2026-03-10", reason="Access came late.", told_client_on=pd.Timestamp(told))
    moves = moves_of(row)
    assert moves["kind"].tolist() == [kind]
    assert unexplained_moves(moves).empty


def test_later_updates_are_not_looked_at():
    rows = (said("a", FIRST, "2026-03-06"), said("a", SECOND, "2026-03-20"))
    assert moves_of(*rows, as_of=FIRST).empty
    assert len(moves_of(*rows)) == 1
