import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from how_often import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tables_by_hand import history

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.decomposition import measure, random_project, shares_by_orders
from estimation.review.slip_shares import shares_by, slip_shares
from estimation.review.variance import UNCODED, project_rows, project_slip, variance_table
from estimation.review.variance_tables import PARTS, SHARES_BY, SLIP_SHARES
from estimation.tables import check_table
from estimation.tracking.counterfactual import as_built

START = {"project_start": "2026-03-02"}
DELAY, _, SCOPE, _ = PARTS
KINDS = ("FS", "SS", "FF", "SF")


def milestone(name, planned, took, after="", start=None, **more):
    """Planned and real finish as working days after Monday 2 March 2026: 1 is that Monday's evening."""
    return {
        "milestone": name,
        "depends_on": after,
        "baseline_finish": evening(planned),
        "actual_finish": evening(took),
        "actual_start": None if start is None else evening(start + 1),
        **START,
        **more,
    }


def evening(day):
    return None if day is None else str(np.busday_offset("2026-03-02", day - 1))


def days_of(*rows):
    shares = slip_shares(history(*rows), "p").set_index("milestone")
    return shares["project_days"].to_dict()


def test_days_lost_in_a_row_count_in_full_and_a_gap_in_the_plan_takes_some_up():
    # A planned 1-2, took 1-5 (+3); B planned 3-4, took 6-9 (2 -> 4 days, +2): five late.
    assert days_of(milestone("A", 2, 5), milestone("B", 4, 9, "A")) == {"A": 3, "B": 2}
    # The same, and C planned to start on day 8 though it could on day 5: a gap of three takes up three of the five.
    # C alone loses nothing. A alone (3) and B alone (2) would cost nothing, both cost 2: one each.
    rows = (
        milestone("A", 2, 5),
        milestone("B", 4, 9, "A"),
        milestone("C", 9, 11, "B", baseline_start=evening(8)),
    )
    assert days_of(*rows) == {"A": 1, "B": 1, "C": 0}


def test_branches_five_and_four_days_late_side_by_side_bear_three_and_two():
    # One follows both, on time by itself. Orders: A first 5, B then 0; B first 4, A then 1.
    rows = (
        milestone("A", 5, 10),
        milestone("B", 5, 9),
        milestone("C", 7, 12, "A; B"),
    )
    assert days_of(*rows) == {"A": 3, "B": 2, "C": 0}


def test_a_start_delay_waiting_and_a_wrong_estimate_are_told_apart():
    # A on time (1-2). B planned 3-4, could start on day 3, started on day 5 (2 late), took 5-10 (6 days for 2),
    # of which 3 waiting: 2 + 3 + 1 = 6.
    rows = milestone("A", 2, 2), milestone("B", 4, 10, "A", start=4, waiting_days=3.0, cause="approval")
    table = slip_shares(history(*rows), "p")
    check_table(table, SLIP_SHARES, "shares")
    assert table.loc[1, list(PARTS)].tolist() == [2, 3, 0, 1]
    parts = shares_by(table, "part")
    check_table(parts, SHARES_BY, "by part")
    assert parts["value"].tolist() == ["waiting", "start_delay", "estimate_error"]
    assert parts["cumulative_share"].tolist() == pytest.approx([3 / 6, 5 / 6, 1])


def test_added_work_bears_its_days_where_others_waited_for_it():
    # A 1-2, X (nobody planned it) 3-5, B planned 3-4 waited for X: 6-7. Three late, all X's.
    rows = (
        milestone("A", 2, 2),
        milestone("B", 4, 7, "A; X"),
        milestone("X", None, 5, "A", added_after_baseline=True),
    )
    table = slip_shares(history(*rows), "p").set_index("milestone")
    assert table["project_days"].to_dict() == {"A": 0, "B": 0, "X": 3}
    assert table.loc["X", SCOPE] == 3


def test_cancelled_work_wins_its_days_and_hands_on_what_came_before():
    # A planned 1-2, took 1-4 (+2). X planned 3-5, cancelled. B planned 6-7 waited for X, took 5-6: one early.
    rows = (
        milestone("A", 2, 4),
        milestone("X", 5, None, "A", closed_as="cancelled"),
        milestone("B", 7, 6, "X", start=4),
    )
    table = slip_shares(history(*rows), "p").set_index("milestone")
    assert project_slip(history(*rows), "p")["slip_days"] == -1
    # B was ready to start one day early, no more: A alone +2, X alone -1, both -1. A bears (2 + 0) / 2, X (-1 - 3) / 2.
    assert table["project_days"].to_dict() == {"A": 1, "X": -2, "B": 0}
    assert table.loc["X", SCOPE] == -2


def test_an_early_finish_is_shared_too():
    # A planned 1-5 took 1-3, B planned 6-7 started on day 4 and took 4-5: two early, all A's.
    assert days_of(milestone("A", 5, 3), milestone("B", 7, 5, "A", start=3)) == {"A": -2, "B": 0}


def test_a_late_project_start_is_a_start_delay_of_what_comes_first():
    table = slip_shares(history(milestone("A", 2, 5, start=3), milestone("B", 4, 7, "A")), "p")
    assert table[DELAY].tolist() == [3, 0]


def test_work_that_has_days_only_is_laid_out_as_its_logic_allows():
    # 2 + 3 planned in a row beside 4; took 3 + 3 beside 8: planned 5, took 8, three late. B: 8 - 4 of which one
    # beyond the plan's end is lost to its gap. A and C: +1. v(A) = 1, v(B) = 3, both 3: A .5, B 2.5.
    rows = (
        {
            "milestone": "A",
            "baseline_days": 2.0,
            "actual_days": 3.0,
            "depends_on": "",
            "closed_as": "delivered",
        },
        {
            "milestone": "C",
            "baseline_days": 3.0,
            "actual_days": 3.0,
            "depends_on": "A",
            "closed_as": "delivered",
        },
        {
            "milestone": "B",
            "baseline_days": 4.0,
            "actual_days": 8.0,
            "depends_on": "",
            "closed_as": "delivered",
        },
    )
    assert days_of(*rows) == {"A": 0.5, "C": 0, "B": 2.5}
    slip = project_slip(history(*rows), "p")
    assert (slip["baseline_days"], slip["actual_days"], slip["slip_days"]) == (5, 8, 3)
    assert pd.isna(slip["baseline_finish"])
    assert variance_table(history(*rows), "p")["slip_days"].tolist() == [1, 1, 4]


def test_sums_by_phase_and_cause_are_the_slip_of_the_project():
    rows = (
        milestone("A", 5, 10, phase="build", cause="data_quality"),
        milestone("B", 5, 9, phase="check"),
        milestone("C", 7, 15, "A; B", phase="check", cause="data_quality"),
    )
    table = slip_shares(history(*rows), "p")
    by_cause, by_phase = shares_by(table, "cause"), shares_by(table, "phase")
    assert by_cause[["value", "project_days"]].to_numpy().tolist() == [["data_quality", 6], [UNCODED, 2]]
    assert by_phase[["value", "project_days"]].to_numpy().tolist() == [["check", 5], ["build", 3]]


@st.composite
def projects(draw):
    """Closed projects as they come: overlaps, gaps, waiting, added, cancelled and early work, all kinds of links."""
    n = draw(st.integers(1, 8))
    rows, some = [], False
    for k in range(n):
        before = draw(st.lists(st.integers(0, k - 1), max_size=2, unique=True)) if k else []
        links = [f"m{b} {draw(st.sampled_from(KINDS))}{draw(st.integers(-3, 6)) / 2:+g}d" for b in before]
        added = k > 0 and draw(st.integers(0, 5)) == 0
        cancelled = some and not added and draw(st.integers(0, 7)) == 0
        planned, actual = (_dates(draw) for _ in range(2))
        some |= not added and not cancelled
        rows.append(
            {
                "milestone": f"m{k}",
                "depends_on": "; ".join(links),
                "baseline_start": None if added else planned[0],
                "baseline_finish": None if added else planned[1],
                "actual_start": None if cancelled else actual[0],
                "actual_finish": None if cancelled else actual[1],
                "waiting_days": float(draw(st.sampled_from([0, 0, 1, 2.5]))),
                "added_after_baseline": added,
                "closed_as": "cancelled" if cancelled else "delivered",
                "calendar": draw(st.sampled_from(["1111100", "1111100", "1111001"])),
                **START,
            }
        )
    order = draw(st.permutations(range(n)))
    return [rows[k] for k in order]


def _dates(draw):
    """A start, often left out, and a finish."""
    start = draw(st.integers(0, 25))
    finish = start + draw(st.integers(1, 12))
    first = pd.Timestamp("2026-03-02")
    dates = [str((first + timedelta(days=day)).date()) for day in (start, finish)]
    return [draw(st.sampled_from([None, dates[0]])), dates[1]]


LARGE = {"suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


@examples(30, **LARGE)
@given(seed=st.integers(0, 2**32 - 1))
def test_networks_that_were_planned_and_happened_add_up_to_the_day(seed):
    # Dates are counted by numpy there, and not by the code under test.
    found = measure(random_project(np.random.default_rng(seed)))
    assert found["shares_miss"] < 1e-9
    assert found["parts_miss"] < 1e-9
    assert found["milestones_miss"] < 1e-9


@examples(12, **LARGE)
@given(seed=st.integers(0, 2**32 - 1))
def test_shares_are_those_of_playing_every_order_of_the_milestones(seed):
    rows = random_project(np.random.default_rng(seed), most=6)
    shares = slip_shares(rows, "p")["project_days"]
    assert shares.to_numpy() == pytest.approx(shares_by_orders(as_built(rows)), abs=1e-9)


@examples(30, **LARGE)
@given(rows=projects())
def test_shares_add_up_to_the_slip_of_the_project_whatever_happened(rows):
    table = history(*rows)
    slip = as_built(project_rows(table, "p")).slip
    shares = slip_shares(table, "p")
    assert shares["every_order"].all()
    assert shares["project_days"].sum() == pytest.approx(slip, abs=1e-9)
    assert shares[list(PARTS)].sum(axis=1).to_numpy() == pytest.approx(shares["project_days"], abs=1e-9)


@examples(12, **LARGE)
@given(rows=projects())
def test_slips_of_milestones_add_up_too_and_the_order_of_the_rows_tells_nothing(rows):
    table = history(*rows)
    shares, variance = slip_shares(table, "p"), variance_table(table, "p")
    again = slip_shares(table.iloc[::-1].reset_index(drop=True), "p").iloc[::-1]
    assert again["project_days"].to_numpy() == pytest.approx(shares["project_days"], abs=1e-9)
    both = variance["slip_days"].notna()
    split = variance[["inherited_days", *PARTS]].sum(axis=1)
    assert split[both].to_numpy() == pytest.approx(variance["slip_days"][both], abs=1e-9)
    # The slip of the project is what its dates say: the last evening that came less the last that was planned.
    assert shares["project_days"].sum() == pytest.approx(project_slip(table, "p")["slip_days"], abs=1e-9)
