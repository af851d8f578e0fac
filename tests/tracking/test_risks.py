import pandas as pd
import pytest
from tables_by_hand import by_hand, history, plan_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.risks import client_losses, patterns_of, risk_table
from estimation.tracking.tracking_tables import BOARD, FORECAST_MOVES, MISSES, PATTERNS, RISKS


def board(*rows):
    filled = {"phase": "work", "started": True, "status": "delayed", "own_slip_days": 0.0, "slip_days": 0.0}
    return by_hand(pd.DataFrame([{**filled, **row} for row in rows]), BOARD)


def moves(*rows):
    table = pd.DataFrame(rows, columns=["milestone", "as_of", "move_days"])
    return by_hand(table.assign(as_of=pd.to_datetime(table["as_of"])), FORECAST_MOVES)


def misses(**plans):
    table = pd.DataFrame({"milestone": list(plans), "recovery_plan": list(plans.values())})
    return by_hand(table, MISSES)


def no_patterns():
    return patterns_of(board().iloc[:0])


def test_each_risk_says_whether_it_shifted_why_and_what_to_do():
    of = board(
        {"milestone": "1", "slip_days": 3.0, "own_slip_days": 3.0, "cause": "data_quality"},
        {"milestone": "2", "slip_days": 8.0, "own_slip_days": 0.0},  # begun, and late with what is before it
        {"milestone": "3", "slip_days": 9.0, "own_slip_days": 0.0, "started": False},
        {"milestone": "4", "slip_days": 0.0, "status": "on track"},
        {"milestone": "5", "slip_days": 7.0, "status": "done"},
        {"milestone": "6", "slip_days": 0.0, "status": "on track", "evidence": "at risk"},
    )
    moved = moves(("1", "2026-03-06", 2.0), ("1", "2026-03-13", 1.0), ("3", "2026-03-13", -1.0))
    table = risk_table(of, moved, misses(**{"2": "A second team"}), no_patterns(), as_of="2026-03-13")
    check_table(table, RISKS, "risks")
    # In hand are 1, 2 and 6, the latest first; 3 has not begun and only follows. 4 and 5 are no risk.
    assert table["milestone"].tolist() == ["2", "1", "6", "3"]
    assert table["in_hand"].tolist() == [True, True, True, False]
    rows = table.set_index("milestone")
    assert rows["action"].to_dict() == {
        "2": "follow recovery",
        "1": "agree recovery",
        "6": "agree recovery",
        "3": "move with what is before it",
    }
    assert rows["move_days"].to_dict() == {"2": 0, "1": 1, "6": 0, "3": -1}
    # Only moves to a later date count: 3 came earlier.
    assert rows["n_moves"].to_dict() == {"2": 0, "1": 2, "6": 0, "3": 0}


def test_what_repeats_is_named_at_the_milestones_it_repeats_at():
    # Ann lost days at 1 and 2, of one cause; 3 is of the same phase as 1 and nothing else.
    of = board(
        {"milestone": "1", "own_slip_days": 3.0, "owner": "Ann", "cause": "estimate", "phase": "data"},
        {"milestone": "2", "own_slip_days": 2.0, "owner": "Ann", "cause": "estimate", "phase": "model"},
        {"milestone": "3", "own_slip_days": 1.0, "owner": "Ben", "cause": "other", "phase": "data"},
        {"milestone": "4", "own_slip_days": 4.0, "owner": "Cem", "started": False, "phase": "model"},
    )
    patterns = patterns_of(of)
    check_table(patterns, PATTERNS, "patterns")
    assert patterns[["dimension", "value", "own_slip_days"]].to_numpy().tolist() == [
        ["owner", "Ann", 5.0],
        ["cause", "estimate", 5.0],
        ["phase", "data", 4.0],
    ]
    table = risk_table(of, moves(), misses(), patterns, as_of="2026-03-13").set_index("milestone")
    assert table["repeats"].fillna("").to_dict() == {
        "1": "owner, cause, phase",
        "2": "owner, cause",
        "3": "phase",
        "4": "",
    }


def of_client(project, client, *finishes):
    """Milestones of five days in a row from Monday 2 March 2026, done on these days."""
    planned = ("2026-03-06", "2026-03-13", "2026-03-20")
    starts = ("2026-03-02", "2026-03-09", "2026-03-16")
    return [
        {
            "project": project,
            "client": client,
            "milestone": str(n),
            "project_start": "2026-03-02",
            "baseline_start": start,
            "baseline_finish": date,
            "depends_on": str(n - 1) if n else "",
            "actual_finish": done,
        }
        for n, (start, date, done) in enumerate(zip(starts, planned, finishes, strict=True))
    ]


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        # p of the same client: 0 two days late by itself, 1 finished on Wed 18, three late, one of its own.
        (of_client("p", "A", "2026-03-10", "2026-03-18", None), [("p", "0", 2.0), ("p", "1", 1.0)]),
        (of_client("p", "B", "2026-03-10", "2026-03-18", None), []),  # another client
        (of_client("p", "A", "2026-03-06", "2026-03-13", None), []),  # lost nothing
        (of_client("p", "A", "2026-03-10", "2026-03-18", "2026-03-24"), []),  # closed
        (of_client("p", "A", None, None, None), []),  # nothing done yet
        # Finished after the status date counts as open.
        (of_client("p", "A", "2026-03-10", "2026-03-26", None), [("p", "0", 2.0)]),
    ],
)
def test_other_running_projects_of_the_client_are_looked_at(rows, lost):
    portfolio = history(*rows, *of_client("q", "A", None, None, None))
    plan = build_plan(plan_rows({"project": "q", "client": "A", "milestone": "0", "baseline_days": 5.0}))
    found = client_losses(portfolio, plan, as_of="2026-03-24")
    assert list(found[["project", "milestone", "own_slip_days"]].itertuples(index=False, name=None)) == lost


def test_a_client_is_a_pattern_when_two_of_its_projects_lose_days():
    elsewhere = pd.DataFrame(
        {"client": ["A"] * 2, "project": ["p", "p"], "milestone": ["0", "1"], "own_slip_days": [2.0, 1.0]}
    )
    here = board({"milestone": "1", "own_slip_days": 4.0})
    row = patterns_of(here, elsewhere).iloc[0]
    assert (row["dimension"], row["value"]) == ("client", "A")
    assert (row["n_milestones"], row["n_projects"], row["own_slip_days"]) == (3, 2, 7.0)
    assert patterns_of(board({"milestone": "1"}), elsewhere).empty
    table = risk_table(here, moves(), misses(), patterns_of(here, elsewhere), as_of="2026-03-13")
    assert table["repeats"].tolist() == ["client"]
