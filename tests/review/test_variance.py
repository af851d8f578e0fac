import numpy as np
import pandas as pd
import pytest
from tables_by_hand import by_hand, history

from estimation.errors import InputError
from estimation.review.variance import (
    CAUSES,
    REPORTED,
    UNCODED,
    cause_table,
    project_slip,
    reported_by_week,
    variance_table,
)
from estimation.tables import STATUS, check_table
from estimation.tracking.slip_parts import VARIANCE

START = {"project_start": "2026-03-02"}
OWN_PARTS = ["start_delay_days", "waiting_days", "added_scope_days", "estimate_error_days"]


def closed_project():
    """Three in a row and one beside them, with every kind of slip.

    1: planned Mon 2 - Fri 6 (5 d), took until Tue 10 (7 d): +2, estimate error 2.
    2: planned Mon 9 - Wed 11 (3 d); could start Wed 11, started Thu 12 (delay 1), took until Wed 18 (5 d), of which
       2 waiting: slip Wed 11 -> Wed 18 = 5 = inherited 2 + delay 1 + waiting 2 + error 0.
    3: planned Thu 12 - Fri 13 (2 d); could start Thu 19, took until Thu 19 (1 d): slip Fri 13 -> Thu 19 = 4
       = inherited 5 - 1.
    4: added, nobody planned it: 3 days from Mon 2 to Wed 4.
    """
    return history(
        {"milestone": "1", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-10", "cause": "data_quality",
         "name": "data ready", **START},
        {"milestone": "2", "depends_on": "1", "baseline_finish": "2026-03-11", "actual_start": "2026-03-12",
         "actual_finish": "2026-03-18", "waiting_days": 2.0},
        {"milestone": "3", "depends_on": "2", "baseline_finish": "2026-03-13", "actual_finish": "2026-03-19"},
        {"milestone": "4", "actual_start": "2026-03-02", "actual_finish": "2026-03-04", "added_after_baseline": True},
    )  # fmt: skip


def test_each_slip_is_split_as_worked_out_by_hand():
    table = variance_table(closed_project(), "p")
    check_table(table, VARIANCE, "variance")
    parts = table[["slip_days", "inherited_days", *OWN_PARTS]]
    assert parts.iloc[0].tolist() == [2, 0, 0, 0, 0, 2]
    assert parts.iloc[1].tolist() == [5, 2, 1, 2, 0, 0]
    assert parts.iloc[2].tolist() == [4, 5, 0, 0, 0, -1]
    assert table["added_scope_days"].iloc[3] == 3


def test_the_parts_add_up_to_the_slip_exactly_on_random_projects():
    rng = np.random.default_rng(5)
    for _ in range(30):
        rows = []
        plan, real = pd.Timestamp("2026-03-02"), pd.Timestamp("2026-03-02")
        for k in range(8):
            plan, real = (
                plan + pd.offsets.BDay(rng.integers(1, 8)),
                real + pd.offsets.BDay(rng.integers(1, 12)),
            )
            start = real - pd.offsets.BDay(rng.integers(0, 3))
            rows.append(
                {
                    "milestone": str(k),
                    "depends_on": "" if k == 0 else str(rng.integers(0, k)),
                    "baseline_finish": plan,
                    "actual_finish": real,
                    "actual_start": start if rng.random() < 0.5 else None,
                    "waiting_days": float(rng.integers(0, 3)),
                    **START,
                }
            )
        table = variance_table(history(*rows), "p")
        total = table[["inherited_days", *OWN_PARTS]].sum(axis=1)
        assert (total == table["slip_days"]).all()


def test_causes_count_only_what_a_milestone_lost_by_itself_most_days_first():
    causes = cause_table(variance_table(closed_project(), "p"))
    check_table(causes, CAUSES, "causes")
    assert causes["milestone"].tolist() == ["2", "4", "1", "3"]
    assert causes["own_slip_days"].tolist() == [3, 3, 2, -1]
    assert causes["cause"].tolist() == [UNCODED, UNCODED, "data_quality", UNCODED]


def test_the_project_ends_as_late_as_its_last_milestone():
    # Planned Mon 2 to Fri 13 March (10 days), took until Thu 19 (14 days): 4 late.
    slip = project_slip(closed_project(), "p")
    assert (slip["baseline_days"], slip["actual_days"], slip["slip_days"]) == (10, 14, 4)


def test_an_unknown_project_is_refused_naming_those_that_are_there():
    with pytest.raises(InputError, match="There is no project 'q' in the history; it has p"):
        variance_table(closed_project(), "q")


def test_a_project_that_is_not_closed_is_refused_naming_the_open_milestone():
    open_project = closed_project().assign(
        actual_finish=lambda t: t["actual_finish"].mask(t["milestone"] == "3")
    )
    with pytest.raises(InputError, match="no actual_finish for milestone 3"):
        variance_table(open_project, "p")


def test_what_was_reported_stands_beside_what_the_dates_already_said():
    # On Fri 6 nothing is past its date; on Fri 13 milestone 2 (Wed 11) is two days over, 3 falls due that day.
    status = by_hand(
        pd.DataFrame(
            {
                "project": "p",
                "milestone": ["1", "1", "2"],
                "as_of": pd.to_datetime(["2026-03-06", "2026-03-13", "2026-03-13"]),
                "reported_status": ["green", "green", "Yellow"],
            }
        ),
        STATUS,
    )
    reported = reported_by_week(closed_project(), "p", status)
    check_table(reported, REPORTED, "reported")
    assert reported["n_overdue"].tolist() == [0, 1]
    assert reported["days_overdue"].tolist() == [0, 2]
    assert reported["reported_status"].tolist() == ["green", "yellow"]


def test_a_baseline_typed_in_for_added_work_leaves_the_split_exact():
    table = closed_project()
    table.loc[3, "baseline_finish"] = pd.Timestamp("2026-03-03")
    row = variance_table(table, "p").iloc[3]
    assert pd.isna(row["slip_days"])
    assert row["added_scope_days"] == 3
    assert pd.isna(row["estimate_error_days"])


def test_teams_with_calendars_of_their_own_split_their_slips_without_remainder():
    # November 2026, the axis works Sunday to Friday. 1 (Israel): planned Wed 4 - Sun 8 (3 d), came Tue 10 (5 d):
    # slip 2, its own. 2 (Germany): planned Mon 9 - Tue 10 (2 d), could start Wed 11, came Fri 13 (3 d): slip 3,
    # inherited 2, its own 1.
    rows = history(
        {"milestone": "1", "project_start": "2026-11-04", "baseline_finish": "2026-11-08",
         "actual_finish": "2026-11-10", "calendar": "IL"},
        {"milestone": "2", "depends_on": "1", "baseline_finish": "2026-11-10", "actual_finish": "2026-11-13",
         "calendar": "DE"},
    )  # fmt: skip
    table = variance_table(rows, "p")
    assert table[["slip_days", "inherited_days", *OWN_PARTS]].to_numpy().tolist() == [
        [2, 0, 0, 0, 0, 2],
        [3, 2, 0, 0, 0, 1],
    ]
    assert table[["baseline_days", "actual_days"]].to_numpy().tolist() == [[3, 5], [2, 3]]
