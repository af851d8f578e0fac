import pandas as pd
from tables_by_hand import by_hand, plan_rows, status_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.changes import changes_since_review
from estimation.tracking.moves import forecast_moves
from estimation.tracking.tracking_tables import CHANGES, EVIDENCE

FRIDAYS = pd.to_datetime(["2026-03-06", "2026-03-13"])


def four_in_a_row():
    """A week each from Monday 2 March 2026."""
    return build_plan(
        plan_rows(
            *(
                {"milestone": m, "baseline_days": 5.0, "depends_on": before, "owner": "Ann"}
                for m, before in (("1", ""), ("2", "1"), ("3", "2"), ("4", "3"))
            )
        )
    )


def evidence(**words):
    """Two Fridays; each word holds for the second, on track for the first."""
    rows = [
        {"as_of": pd.Timestamp(day), "milestone": m, "evidence": "on track" if day < "2026-03-13" else word}
        for day in ("2026-03-06", "2026-03-13")
        for m, word in words.items()
    ]
    return by_hand(pd.DataFrame(rows), EVIDENCE)


def reports():
    """1 is done on Tue 10, two days late; 2 has begun, moved by two days; 3 stays; 4 has a date again earlier."""
    return status_rows(
        *({"milestone": m, "as_of": "2026-03-06", **row} for m, row in {
            "1": {"actual_start": "2026-03-02", "forecast_finish": "2026-03-06"},
            "2": {"forecast_finish": "2026-03-13"},
            "3": {"forecast_finish": "2026-03-20"},
            "4": {"forecast_finish": "2026-03-30"},
        }.items()),
        {"milestone": "1", "as_of": "2026-03-13", "actual_finish": "2026-03-10", "forecast_finish": "2026-03-10"},
        {"milestone": "2", "as_of": "2026-03-13", "actual_start": "2026-03-11", "forecast_finish": "2026-03-17"},
        {"milestone": "3", "as_of": "2026-03-13", "forecast_finish": "2026-03-20"},
        {"milestone": "4", "as_of": "2026-03-13", "forecast_finish": "2026-03-27", "reason": "No holiday."},
    )  # fmt: skip


def changes_on(day, **words):
    plan, said = four_in_a_row(), reports()
    moves = forecast_moves(said, plan=plan)
    table = changes_since_review(plan, said, moves, evidence(**words), as_of=day)
    check_table(table, CHANGES, "changes")
    return table.set_index("milestone")


def test_what_was_finished_begun_or_moved_stands_beside_what_it_was():
    table = changes_on("2026-03-13", **{"1": "done", "2": "on track", "3": "on track", "4": "on track"})
    assert table.index.tolist() == ["1", "2", "3", "4"]
    assert table["finished"].tolist() == [True, False, False, False]
    assert table["begun"].tolist() == [False, True, False, False]
    # 1: Fri 6 to Tue 10; 2: Fri 13 to Tue 17, and 3 behind it; 4: said for Mon 30, and now behind 3 on Tue 31.
    assert table["move_days"].tolist() == [2, 2, 2, 1]
    assert table["old_status"].tolist() == ["on track", "not started", "not started", "at risk"]
    assert table["status"].tolist() == ["done", "at risk", "at risk", "at risk"]
    assert table["kind"].fillna("").tolist() == ["silent", "silent", "", "not told"]
    assert table.loc["4", "reason"] == "No holiday."


def test_evidence_that_changed_is_a_change_though_the_date_stands():
    words = {"1": "on track", "2": "on track", "3": "at risk", "4": "on track"}
    said = status_rows(
        {"milestone": "1", "as_of": "2026-03-04", "actual_start": "2026-03-02"},
        {"milestone": "1", "as_of": "2026-03-05"},
    )
    seen = evidence(**words).assign(
        as_of=lambda rows: rows["as_of"].map(dict(zip(FRIDAYS, said["as_of"], strict=True)))
    )
    plan = four_in_a_row()
    table = changes_since_review(plan, said, forecast_moves(said, plan=plan), seen, as_of="2026-03-05")
    assert table[["milestone", "old_evidence", "evidence"]].to_numpy().tolist() == [
        ["3", "on track", "at risk"]
    ]
    assert table["move_days"].tolist() == [0]


def test_at_the_first_review_nothing_has_changed():
    assert changes_on("2026-03-06", **{"1": "on track"}).empty
