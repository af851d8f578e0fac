import numpy as np
import pandas as pd
import pytest
from how_often import examples
from hypothesis import given
from hypothesis import strategies as st
from models_by_hand import growth_by_hand, model_by_hand, on_plan_model, record_by_hand
from random_plans import networks, plan_of
from tables_by_hand import by_hand, plan_rows, status_rows

from estimation import cascade, simulate
from estimation.errors import InputError
from estimation.forecasting.delays import with_slip
from estimation.forecasting.traced_iterations import trace_all
from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.board import planned_float
from estimation.tracking.cascade import what_if
from estimation.tracking.tracking_tables import CASCADE, FORECAST_MOVES

CHAINED = {"seed": 1, "iterations": 100, "way": "chained"}


def plan(*rows):
    empty = {"depends_on": "", "not_before": None, "fixed_finish": None}
    return build_plan(plan_rows(*({**empty, **row} for row in rows)))


def diamond(**last):
    """a (5 days, 2-6 March 2026), then b (5, 9-13) beside c (2, 9-10), then d (5, 16-20)."""
    return plan(
        {"milestone": "a", "baseline_days": 5.0, "owner": "Ann"},
        {"milestone": "b", "baseline_days": 5.0, "depends_on": "a", "owner": "Ben"},
        {"milestone": "c", "baseline_days": 2.0, "depends_on": "a", "owner": "Cem"},
        {"milestone": "d", "baseline_days": 5.0, "depends_on": "b; c", "owner": "Dua", **last},
    )


def cascade_of(of, milestone, slip, **how):
    table = cascade(of, simulate(of, on_plan_model(), **CHAINED, **how), milestone, slip)
    check_table(table, CASCADE, "cascade")
    return table.set_index("milestone")


def test_a_slip_beyond_its_float_is_handed_on_and_what_float_takes_up_is_said():
    # c may lose three days beside b. It loses five: d is two days later, Tue 24 March, and so is the project.
    table = cascade_of(diamond(), "c", 5)
    assert table.index.tolist() == ["c", "d", "project"]
    assert table["move_days"].tolist() == [5, 2, 2]
    assert table["absorbed_days"].tolist() == [0, 3, 3]
    # c ends on Tue 10 and then on Tue 17.
    assert table["old_finish"].dt.strftime("%m-%d").tolist() == ["03-10", "03-20", "03-20"]
    assert table["new_finish"].dt.strftime("%m-%d").tolist() == ["03-17", "03-24", "03-24"]
    # Everything takes what was planned: P50 and P80 are those dates.
    assert (table["p80_finish"] == table["old_finish"]).all()
    assert (table["new_p80_finish"] == table["new_finish"]).all()
    assert (table["new_p50_finish"] == table["new_finish"]).all()
    assert table["prob_moves"].tolist() == [1, 1, 1]


def test_within_its_float_only_the_milestone_itself_moves():
    table = cascade_of(diamond(), "c", 3)
    assert table["move_days"].tolist() == [3, 0, 0]
    assert table["tell_owner"].tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("promised", "slip", "promise", "told"),
    [
        ("2026-03-24", 2, "kept", False),  # d ends on Fri 20, then on Tue 24
        ("2026-03-24", 3, "broken by the slip", True),
        ("2026-03-19", 1, "broken before", True),  # it is late already, and becomes later
        ("2026-03-19", 0, "broken before", False),
        (None, 2, None, False),
    ],
)
def test_a_promise_breaks_when_the_date_moves_beyond_it_and_then_the_client_is_told(
    promised, slip, promise, told
):
    row = cascade_of(diamond(promised_finish=promised), "b", slip).loc["d"]
    assert (row["promise"] if promise else pd.isna(row["promise"])) == (promise or True)
    assert row["tell_client"] == told


def test_a_promise_that_becomes_much_less_likely_is_told_though_the_planned_days_keep_it():
    # 5 days exp(.3 t) each in a row of three; the promise leaves two days beyond the planned ones. With two days of
    # slip the planned days just keep it, and courses that had used the room do not.
    simulation = simulate(diamond(promised_finish="2026-03-24"), model_by_hand(), seed=1, way="chained")
    row = cascade(simulation.plan, simulation, "b", 2).set_index("milestone").loc["d"]
    assert row["promise"] == "kept"
    assert row["new_prob_promised"] < 0.8 * row["prob_promised"]
    assert row["tell_client"]


def test_of_a_project_that_was_promised_nothing_the_client_hears_when_p80_moves():
    assert cascade_of(diamond(), "b", 2)["tell_client"].tolist() == [False, False, True]
    assert cascade_of(diamond(), "c", 2)["tell_client"].tolist() == [False, False, False]


@pytest.mark.parametrize(
    ("link", "moves"),
    [
        # a takes 5 days (0-5) and slips 4; b takes 2 days.
        ("a", 4),  # b 5-7 becomes 9-11
        ("a FS+3d", 4),  # 8-10 becomes 12-14
        ("a SS+1d", 0),  # the start of a stays: b 1-3
        ("a FF", 4),  # b waits to end with a: 5 becomes 9
        ("a FF-2d", 4),  # 3 becomes 7
        ("a FF-4d", 3),  # b ends on 2 by itself, not on 1; then on 5
        ("a SF+6d", 0),  # its end hangs on the start of a
    ],
)
def test_every_kind_of_link_hands_on_what_hangs_on_the_finish(link, moves):
    two = plan(
        {"milestone": "a", "baseline_days": 5.0},
        {"milestone": "b", "baseline_days": 2.0, "depends_on": link},
    )
    assert cascade_of(two, "a", 4).loc["b", "move_days"] == moves


@pytest.mark.parametrize(
    ("dates", "slip", "moves"),
    [
        # a ends on Fri 6 March. b takes 2 days and may begin on Thu 12 only: three days of room.
        ({"not_before": "2026-03-12"}, 3, 0),
        ({"not_before": "2026-03-12"}, 5, 2),
        # b ends on Tue 10, and its date is fixed for Fri 13: three days of room.
        ({"fixed_finish": "2026-03-13", "baseline_finish": "2026-03-13"}, 3, 0),
        ({"fixed_finish": "2026-03-13", "baseline_finish": "2026-03-13"}, 4, 1),
        # A gap in the plan is room, too: planned for Thu 12 and Fri 13.
        ({"baseline_start": "2026-03-12"}, 4, 1),
    ],
)
def test_dates_from_outside_and_gaps_take_up_days(dates, slip, moves):
    two = plan(
        {"milestone": "a", "baseline_days": 5.0},
        {"milestone": "b", "baseline_days": 2.0, "depends_on": "a", **dates},
    )
    assert cascade_of(two, "a", slip).loc["b", "move_days"] == moves


def test_work_of_a_team_with_days_of_its_own_moves_on_its_days():
    # b is worked on Mondays and Tuesdays: Mon 9 and Tue 10. a, late by one day, ends on Mon 9: b does Tue 10 and
    # Mon 16, four days of the project later.
    two = plan(
        {"milestone": "a", "baseline_days": 5.0, "calendar": "1111100"},
        {"milestone": "b", "baseline_days": 2.0, "depends_on": "a", "calendar": "1100000"},
    )
    assert cascade_of(two, "a", 1).loc["b", "move_days"] == 4


def done_and_running():
    """On Fri 13 March a is done; b has begun on Mon 9 and c on Tue 10 beside it, each with a day left."""
    return status_rows(
        {"milestone": "a", "actual_start": "2026-03-02", "actual_finish": "2026-03-06"},
        {"milestone": "b", "actual_start": "2026-03-09", "remaining_days": 1.0},
        {"milestone": "c", "actual_start": "2026-03-10", "remaining_days": 1.0},
    ).assign(as_of=pd.Timestamp("2026-03-13"))


def test_what_is_finished_does_not_slip_and_running_work_does():
    how = {"as_of": "2026-03-13", "status": done_and_running()}
    with pytest.raises(InputError, match="'a' is finished and does not slip any more; open are b, c, d"):
        cascade_of(diamond(), "a", 2, **how)
    # b and c end on Mon 16, d on Mon 23; b two days later takes d to Wed 25.
    table = cascade_of(diamond(), "b", 2, **how)
    assert table["move_days"].tolist() == [2, 2, 2]
    assert table.loc["d", "new_finish"] == pd.Timestamp("2026-03-25")


def test_work_that_has_begun_before_its_predecessor_is_done_stays_where_it_is():
    # d has begun although b runs: no slip of b moves its start any more.
    begun = status_rows({"milestone": "d", "actual_start": "2026-03-12", "remaining_days": 4.0})
    said = pd.concat([done_and_running(), begun.assign(as_of=pd.Timestamp("2026-03-13"))], ignore_index=True)
    table = cascade_of(diamond(), "b", 2, as_of="2026-03-13", status=said)
    assert table["move_days"].tolist() == [2, 0, 0]


def test_finished_work_behind_a_late_one_is_left_out():
    over = status_rows(
        {"milestone": "a", "actual_start": "2026-03-02", "remaining_days": 1.0},
        {"milestone": "c", "actual_start": "2026-03-05", "actual_finish": "2026-03-06"},
    ).assign(as_of=pd.Timestamp("2026-03-06"))
    table = cascade_of(diamond(), "a", 2, as_of="2026-03-06", status=over)
    assert table.index.tolist() == ["a", "b", "d", "project"]


def test_an_earlier_finish_moves_what_waits_as_far_as_nothing_else_holds_it():
    # b four days earlier (Mon 9): d waits for c (Tue 10), three days earlier.
    assert cascade_of(diamond(), "b", -4)["move_days"].tolist() == [-4, -3, -3]
    # No earlier than its start, five days before its end.
    assert cascade_of(diamond(), "b", -9)["move_days"].tolist()[0] == -5


def test_running_work_does_not_get_done_before_the_status_date():
    how = {"as_of": "2026-03-13", "status": done_and_running()}
    table = cascade_of(diamond(), "b", -3, **how)
    assert table.loc["b", "new_finish"] == pd.Timestamp("2026-03-16")


@pytest.mark.parametrize(
    ("milestone", "slip", "words"),
    [
        ("e", 2, "has no milestone 'e'; it has a, b, c, d. Correct the id."),
        ("a", float("nan"), "slip_days nan came; wanted a number of working days"),
    ],
)
def test_what_cannot_slip_is_said(milestone, slip, words):
    with pytest.raises(InputError, match=words):
        cascade_of(diamond(), milestone, slip)


def test_a_simulation_of_another_plan_is_refused():
    other = build_plan(plan_rows({"project": "q", "milestone": "a", "baseline_days": 5.0}))
    with pytest.raises(InputError, match="of project 'p', the plan of 'q'"):
        cascade(other, simulate(diamond(), on_plan_model(), **CHAINED), "a", 2)


def test_where_whole_projects_took_longer_room_is_longer_too_and_days_stay_days():
    # Whole projects took twice their plan: every course ends on day 30. c has three days of room in the plan, six then:
    # a slip of five moves nobody, one of eight moves the project by two.
    simulation = simulate(
        diamond(), on_plan_model(), record=record_by_hand([np.log(2)]), seed=1, iterations=200, way="record"
    )
    assert simulation.project_finishes == pytest.approx(30.0)
    for slip, moved in ((5, 0.0), (8, 2.0)):
        later = with_slip(simulation, 2, slip)
        assert later.project_finishes - simulation.project_finishes == pytest.approx(moved, abs=1e-3)
    # Work without room hands every day on.
    assert with_slip(simulation, 1, 8).project_finishes == pytest.approx(38.0, abs=1e-3)


def test_dates_from_outside_stay_where_they_are_though_the_way_is_stretched():
    # a takes 10 days, c may begin on day 30 only and takes 4: 34 planned, half as much again by the record. At that
    # pace a ends on day 15, and day 30 stays day 30: fifteen days of room, not half as much again.
    late = plan(
        {"milestone": "a", "baseline_days": 10.0},
        {"milestone": "c", "baseline_days": 4.0, "depends_on": "a", "not_before": "2026-04-13"},
    )
    simulation = simulate(
        late, on_plan_model(), record=record_by_hand([np.log(1.5)]), seed=1, iterations=100, way="record"
    )
    for slip, moved in ((15, 0.0), (17, 2.0)):
        later = with_slip(simulation, 0, slip).project_finishes
        assert later - simulation.project_finishes == pytest.approx(moved, abs=1e-3)


def test_the_same_courses_are_asked_before_and_after():
    simulation = simulate(diamond(), model_by_hand(spread=0.5), seed=3, iterations=5000)
    again = np.concatenate([chunk.finishes for chunk in trace_all(simulation)], axis=1)
    assert np.array_equal(again, simulation.finishes)


@examples(60)
@given(networks(), st.integers(0, 8), st.integers(-8, 60), st.booleans())
def test_a_slip_never_makes_anything_earlier_and_none_changes_nothing(drawn, which, quarters, by_record):
    rows, _ = drawn
    of, slip = plan_of(rows), quarters / 4
    place = which % len(rows)
    simulation = simulate(
        of,
        model_by_hand(spread=0.4, project_sd=0.2),
        seed=1,
        iterations=100,
        way="record" if by_record else "chained",
        record=record_by_hand([-0.1, 0.0, 0.4, 0.6]) if by_record else None,
    )
    none, later = with_slip(simulation, place, 0.0), with_slip(simulation, place, slip)
    assert np.array_equal(none.finishes, simulation.finishes)
    assert np.array_equal(none.project_finishes, simulation.project_finishes)
    sign = 1 if slip >= 0 else -1
    assert (sign * (later.finishes - simulation.finishes) >= 0).all()
    assert (sign * (later.project_finishes - simulation.project_finishes) >= 0).all()
    if slip >= 0:
        assert later.finishes[place] - simulation.finishes[place] == pytest.approx(slip, abs=1e-3)


@examples(80)
@given(networks(lags=st.integers(-2, 4).map(lambda whole: 4 * whole)), st.integers(0, 8))
def test_a_slip_within_the_planned_float_moves_no_finish_of_the_project(drawn, which):
    rows, _ = drawn
    of = plan_of(rows)
    place = which % len(rows)
    room = planned_float(of)[place]
    simulation = simulate(of, on_plan_model(), **CHAINED)
    within = with_slip(simulation, place, max(room, 0.0)).project_finishes
    assert within == pytest.approx(simulation.project_finishes, abs=1e-3)


def board_and_moves(*moved, done=()):
    """b is eight days late, c two, d not; each move is of a milestone, its days, and whether it was handed down."""
    board = pd.DataFrame({"milestone": list("abcd"), "slip_days": [9.0, 8.0, 2.0, 0.0]})
    board["status"] = ["done", *("done" if m in done else "at risk" for m in "bcd")]
    table = pd.DataFrame(moved, columns=["milestone", "move_days", "handed_down"])
    return board, by_hand(table, FORECAST_MOVES)


@pytest.mark.parametrize(
    ("moved", "named", "chosen"),
    [
        ([], "", "b"),  # the latest open one
        ([("c", 3.0, False), ("d", 1.0, False)], "", "c"),  # the one that moved most
        ([("c", 1.0, False), ("d", 3.0, True)], "", "c"),  # by itself
        ([("c", 3.0, False), ("d", 4.0, False)], "", "c"),  # three days by itself, d one: three came from c
        ([("c", -3.0, False)], "", "b"),  # to a later date
        ([("a", 3.0, False)], "", "b"),  # what is done cannot slip
        ([("c", 3.0, False)], "d", "d"),
    ],
)
def test_where_no_milestone_is_named_the_one_that_moved_most_or_is_latest_is_asked_about(
    moved, named, chosen
):
    board, moves = board_and_moves(*moved)
    simulation = simulate(diamond(), on_plan_model(), **CHAINED)
    table = what_if(simulation.plan, simulation, board, moves, milestone=named, slip_days=2)
    check_table(table, CASCADE, "cascade")
    assert table["milestone"].iloc[0] == chosen


def test_of_a_project_that_is_done_there_is_no_cascade():
    board, moves = board_and_moves(done="bcd")
    simulation = simulate(diamond(), on_plan_model(), **CHAINED)
    assert what_if(simulation.plan, simulation, board, moves).empty


@pytest.mark.parametrize("in_series", [0.0, 1.0])
def test_work_that_nobody_planned_moves_with_its_milestone(in_series):
    model = on_plan_model(scope_growth=growth_by_hand(1.0, in_series=in_series))
    simulation = simulate(diamond(), model, seed=1, iterations=400, way="chained")
    later = with_slip(simulation, 3, 4)
    # d is last, and what comes with it runs in it or after it: every course that ends there ends four days later.
    assert (later.project_finishes - simulation.project_finishes).max() == pytest.approx(4, abs=1e-3)
    assert (later.project_finishes >= simulation.project_finishes).all()
