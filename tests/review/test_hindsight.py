import numpy as np
import pandas as pd
import pytest
from models_by_hand import model_by_hand
from tables_by_hand import history, status_rows

from estimation.calibration.durations import own_durations
from estimation.project.closing import plan_of
from estimation.review.hindsight import closed_before, hindsight, kickoff_table, lessons_table
from estimation.review.variance import project_rows
from estimation.review.variance_tables import FAN, KICKOFF, LESSONS, TRACK
from estimation.tables import STATUS, check_table

NO_STATUS = status_rows({"milestone": "1"}).iloc[:0]


def past(n: int, ratio: float, *, first: str = "2025-01-06") -> list[dict]:
    """N projects one after the other, planned for 10 days each, that took so many times as long."""
    rows = []
    for k in range(n):
        start = np.busday_offset(first, 20 * k)
        rows.append(
            {
                "project": f"old-{first[:4]}-{k}",
                "milestone": "1",
                "project_start": str(start),
                "baseline_finish": str(np.busday_offset(start, 9)),
                "actual_finish": str(np.busday_offset(start, round(10 * ratio * (0.9 + 0.2 * (k % 2))) - 1)),
            }
        )
    return rows


def reviewed(**more) -> dict:
    """Planned for 2 to 13 March 2026, ten days; took fifteen, until Friday 20 March."""
    return {
        "milestone": "1", "project_start": "2026-03-02", "baseline_finish": "2026-03-13", "actual_finish": "2026-03-20",
        **more,
    }  # fmt: skip


def test_only_what_others_had_done_before_the_start_is_learned_from():
    then = history(*past(12, 1.5), reviewed())
    later = history(*past(12, 1.5), *past(6, 4.0, first="2026-03-09"), reviewed())
    told, with_the_future = (hindsight(t, "p", NO_STATUS, seed=1, iterations=300) for t in (then, later))
    assert told.n_closed == with_the_future.n_closed == 12
    pd.testing.assert_frame_equal(told.fan, with_the_future.fan)
    pd.testing.assert_frame_equal(told.lessons, with_the_future.lessons)
    for table, contract in (
        (told.fan, FAN),
        (told.kickoff, KICKOFF),
        (told.lessons, LESSONS),
        (told.track, TRACK),
    ):
        check_table(table, contract, "hindsight")


def test_the_kickoff_would_have_said_what_such_projects_took():
    # Ten planned days times 1.35 or 1.65: fourteen to seventeen days, the evening of 19 to 24 March.
    first = hindsight(history(*past(12, 1.5), reviewed()), "p", NO_STATUS, seed=1, iterations=2000).fan.iloc[
        0
    ]
    assert pd.Timestamp("2026-03-18") <= first["p50_finish"] <= pd.Timestamp("2026-03-24")
    assert first["p50_finish"] <= first["p80_finish"] <= first["p90_finish"]
    assert first[["baseline_finish", "actual_finish"]].tolist() == [
        pd.Timestamp("2026-03-13"),
        pd.Timestamp("2026-03-20"),
    ]


def test_of_four_closed_projects_nothing_is_learned():
    told = hindsight(history(*past(4, 1.5), reviewed()), "p", NO_STATUS, seed=1)
    assert (told.n_closed, told.model) == (4, None)
    assert told.fan.empty
    assert told.kickoff.empty
    assert told.lessons["deserved"].tolist() == [1.5]
    assert told.lessons["p50"].isna().all()


def test_a_project_counts_as_closed_when_the_last_of_it_is_done():
    table = history(
        {"project": "a", "milestone": "1", "actual_finish": "2026-03-02"},
        {"project": "b", "milestone": "1", "actual_finish": "2026-02-02"},
        {"project": "b", "milestone": "2", "actual_finish": "2026-03-03"},
        {"project": "c", "milestone": "1", "actual_finish": "2026-02-02"},
        {"project": "c", "milestone": "2", "closed_as": "cancelled"},
        {"project": "d", "milestone": "1", "closed_as": "cancelled"},
    )
    assert closed_before(table, pd.Timestamp("2026-03-02")) == 2  # a and c


def test_a_project_of_days_only_is_reviewed_without_dates():
    rows = [{"milestone": "1", "baseline_days": 5.0, "actual_days": 8.0, "closed_as": "delivered"}]
    told = hindsight(history(*past(12, 1.5), *rows), "p", NO_STATUS, seed=1)
    assert (told.n_closed, told.model) == (0, None)
    assert told.track.empty
    assert told.lessons["deserved"].tolist() == [1.6]


def test_each_status_date_has_a_forecast_of_what_was_known_then():
    table = history(*past(12, 1.5), reviewed())
    weekly = status_rows(
        {"milestone": "1", "as_of": "2026-03-06", "actual_start": "2026-03-02", "percent_complete": 0.5},
        {"milestone": "1", "as_of": "2026-03-16", "actual_start": "2026-03-02", "percent_complete": 0.8},
        {"milestone": "extra", "as_of": "2026-03-16", "percent_complete": 0.1},  # no plan knew it
    )
    assert set(weekly.columns) == set(STATUS)
    told = hindsight(table, "p", weekly, seed=1, iterations=300)
    assert told.fan["week"].tolist() == [0, 1, 2]
    # On Monday the 16th it was not done: no course may end before.
    assert told.fan["p10_finish"].iloc[-1] >= pd.Timestamp("2026-03-16")
    # All twelve before it took half as long again: its planned date had hardly a chance from the first week on.
    assert told.track["evidence"].tolist() == ["delayed", "delayed"]
    assert told.track.loc[told.track["left_track"], "week"].tolist() == [1]


def test_the_multiplier_deserved_is_days_taken_per_planned_day_of_the_phase():
    # Data: 4 + 6 planned, 8 + 7 taken: 1.5. Model: 5 planned, 4 taken: .8. The plan had used 1.2 already.
    days = [("data", 4.0, 8.0), ("data", 6.0, 7.0), ("model", 5.0, 4.0)]
    rows = history(
        *[
            {
                "milestone": str(k),
                "phase": phase,
                "baseline_days": b,
                "actual_days": a,
                "closed_as": "delivered",
            }
            for k, (phase, b, a) in enumerate(days)
        ]
    )
    model = model_by_hand(("data",), level=np.log(1.3), spread=0.2)
    lessons = lessons_table(rows, model)
    check_table(lessons, LESSONS, "lessons")
    assert lessons["used"].tolist() == [1, 1]
    assert lessons["deserved"].tolist() == pytest.approx([1.5, 0.8])
    # The plan was made with 1.2: its baselines stay, its estimates were less, so that it deserved 1.2 times as much.
    lessons = lessons_table(rows.assign(factor_used=1.2), model)
    assert lessons["used"].tolist() == pytest.approx([1.2, 1.2])
    assert lessons["deserved"].tolist() == pytest.approx([1.8, 0.96])
    assert lessons["p50"].iloc[0] == pytest.approx(1.3, rel=0.02)
    # A phase that the model has never seen gets what it says of any other.
    assert lessons["p50"].notna().all()


def test_the_calibrated_plan_stretches_each_phase_by_its_multiplier():
    # Two milestones in a row of 4 and 6 planned days, times 1.5: 6 and 9 days, the evening of 20 March (15th day).
    rows = history(
        {
            "milestone": "1",
            "project_start": "2026-03-02",
            "baseline_finish": "2026-03-05",
            "actual_finish": "2026-03-06",
        },
        {"milestone": "2", "depends_on": "1", "baseline_finish": "2026-03-13", "actual_finish": "2026-03-17"},
    )
    rows = project_rows(rows, "p")
    model = model_by_hand(("work",), level=np.log(1.5), spread=0.001, nu=200.0)
    kickoff = kickoff_table(rows, plan_of(rows, "p"), model).iloc[0]
    assert kickoff[["baseline_days", "actual_days"]].tolist() == [
        10,
        own_durations(rows)["actual_own_days"].sum(),
    ]
    assert kickoff["calibrated_days"] == pytest.approx(15, rel=0.01)
    assert kickoff["calibrated_finish"] == pd.Timestamp("2026-03-20")
