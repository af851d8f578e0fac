"""Whoever walks a plan says the same: faults of the time when six programs did, and a recursion written apart."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from models_by_hand import model_by_hand, on_plan_model
from tables_by_hand import history, plan_rows, status_rows

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.schedule_laws import SEED, breaches, random_rows
from estimation import (
    backtest,
    earned_value_table,
    evidence_table,
    lint_plan,
    milestone_board,
    quarterly_report,
    read_published,
    read_status,
    simulate,
    weekly_review,
)
from estimation.calibration.calibrated_plan import calibrated_plan
from estimation.calibration.durations import own_durations
from estimation.calibration.project_record import finish_ratios
from estimation.errors import InputError
from estimation.forecasting.forecast import forecast_table
from estimation.forecasting.remaining_table import remaining_table
from estimation.ingest.sources import choose_baseline
from estimation.project.closing import baseline_plan, closing_days
from estimation.project.plan import build_plan
from estimation.project.silence import running_projects
from estimation.review.slip_shares import slip_shares
from estimation.review.variance import project_slip, variance_table
from estimation.scoring.dates_held import promise_table
from estimation.tracking.client_report import client_report

PLANS_IN_THE_TESTS = 40
"""The full proof, 2,000 plans, is ``python -m benchmarks.schedule_laws``."""


@pytest.mark.parametrize("part", range(2))
def test_every_walk_agrees_with_a_recursion_written_apart(part):
    rng, models = np.random.default_rng([SEED, part]), (on_plan_model(), model_by_hand())
    for number in range(PLANS_IN_THE_TESTS // 2):
        rows = random_rows(rng)
        found = list(breaches(rows, *models))
        assert not found, f"plan {number} of seed {[SEED, part]}: {found}\n{pd.DataFrame(rows).to_string()}"


def row_of(*days, **changes):
    """Milestones in a row, one after the other."""
    rows = [
        {"milestone": f"{k}", "baseline_days": float(own), "depends_on": f"{k - 1}" if k else ""}
        for k, own in enumerate(days)
    ]
    return [{**row, **changes.get(f"m{k}", {})} for k, row in enumerate(rows)]


def dates(values):
    return pd.DatetimeIndex(values).strftime("%Y-%m-%d").tolist()


def test_parts_of_days_flow_and_dates_are_rounded_when_they_are_shown():
    # Six times a day and a half from Mon 2 March: nine days, to Thu 12 March. Rounded up each, twelve.
    plan = build_plan(plan_rows(*row_of(*[1.5] * 6)))
    assert dates(plan.baseline_finish) == [
        "2026-03-03", "2026-03-04", "2026-03-06", "2026-03-09", "2026-03-11", "2026-03-12",
    ]  # fmt: skip


def test_ten_times_two_days_times_eleven_tenths_are_twenty_two():
    # Mon 2 March and 22 working days: Tue 31 March.
    plan = build_plan(plan_rows(*row_of(*[2] * 10)))
    table = calibrated_plan(plan, pd.DataFrame({"phase": ["work"], "level": [0.5], "multiplier": [1.1]}))
    assert dates(table["calibrated_finish"])[-1] == "2026-03-31"


def test_a_date_written_beside_the_days_that_give_it_changes_nothing():
    days = plan_rows(*row_of(1.5, 2.5, 3))
    plan = build_plan(days)
    dated = build_plan(days.assign(baseline_finish=plan.baseline_finish))
    assert dated.baseline.evening.tolist() == plan.baseline.evening.tolist()


def test_work_that_finishes_with_late_work_was_handed_its_days():
    # A: Mon 2 to Fri 6 March, done on Fri 13, five days late. B, five days beside it, may not finish before A.
    rows = history(
        {"milestone": "A", "project_start": "2026-03-02", "baseline_start": "2026-03-02",
         "baseline_finish": "2026-03-06", "actual_start": "2026-03-02", "actual_finish": "2026-03-13",
         "depends_on": ""},
        {"milestone": "B", "project_start": "2026-03-02", "baseline_start": "2026-03-02",
         "baseline_finish": "2026-03-06", "actual_start": "2026-03-02", "actual_finish": "2026-03-13",
         "depends_on": "A FF"},
    )  # fmt: skip
    table = variance_table(rows, "p").set_index("milestone")
    assert table.loc["B", ["slip_days", "inherited_days", "estimate_error_days"]].tolist() == [5, 5, 0]
    assert table.loc["A", ["slip_days", "inherited_days", "estimate_error_days"]].tolist() == [5, 0, 5]
    assert own_durations(rows)["actual_own_days"].tolist() == [10, 5]


def test_before_a_date_from_outside_there_is_float():
    # A (5 days) and B (2) would end on evening 7; B is fixed on the evening of day 12 (Tue 17 March). A may slip five.
    plan = build_plan(plan_rows(*row_of(5, 2, m1={"fixed_finish": "2026-03-17"})))
    board = milestone_board(
        plan, read_status(""), forecast_table(simulate(plan, on_plan_model(), seed=1, iterations=100)),
        as_of="2026-02-27",
    )  # fmt: skip
    assert board["float_days"].tolist() == [5, 0]


def test_a_slip_may_not_move_a_fixed_date_though_the_project_ends_later():
    # As above, beside 30 days of other work: A may slip five days before B's date moves, not the 23 to the end.
    rows = [
        *row_of(5, 2, m1={"fixed_finish": "2026-03-17"}),
        {"milestone": "C", "baseline_days": 30.0, "depends_on": ""},
    ]
    plan = build_plan(plan_rows(*rows))
    room = plan.network.float_of(plan.baseline.own_days, plan.baseline.evening - plan.network.origin)
    assert room.tolist() == [5, 0, 0]


def test_work_without_a_recorded_start_began_after_the_gap_that_its_plan_left():
    # B was planned for Mon 16 to Fri 20 March, a week after A could hand over; done on the 20th it took five days.
    rows = history(
        {"milestone": "A", "project_start": "2026-03-02", "baseline_finish": "2026-03-06",
         "actual_finish": "2026-03-06", "depends_on": ""},
        {"milestone": "B", "baseline_start": "2026-03-16", "baseline_finish": "2026-03-20",
         "actual_finish": "2026-03-20", "depends_on": "A"},
    )  # fmt: skip
    assert own_durations(rows)["actual_own_days"].tolist() == [5, 5]


def test_float_reaches_past_planned_gaps_and_on_a_teams_own_days():
    # B waits for Mon 16 March by decision (day 10): A, done on 5, may slip five days.
    gap = build_plan(plan_rows(*row_of(5, 5, m1={"baseline_start": "2026-03-16"})))
    assert gap.network.float_of(
        gap.baseline.own_days, gap.baseline.evening - gap.network.origin
    ).tolist() == [5, 0]


def test_the_same_plan_in_days_and_in_dates_weighs_and_earns_the_same():
    # A 8 of 10 days, B 2: with A done on time, .8 is earned, however the plan is written.
    in_days = plan_rows(*row_of(8, 2))
    plan = build_plan(in_days)
    in_dates = in_days.assign(baseline_finish=plan.baseline_finish, baseline_days=np.nan)
    status = status_rows({"milestone": "0", "as_of": "2026-03-11", "actual_finish": "2026-03-11"})
    for table in (in_days, in_dates):
        earned = earned_value_table(build_plan(table), status, as_of="2026-03-11", rule="0/100")
        assert earned[["pv", "ev", "spi"]].iloc[-1].tolist() == pytest.approx([0.8, 0.8, 1.0])


def rebaselined():
    """Two milestones planned to 23 January; a second baseline moves them and brings a third, done on 13 February."""
    dates_of = {
        ("1", 1): ("2026-01-05", "2026-01-09"), ("2", 1): ("2026-01-12", "2026-01-23"),
        ("1", 2): ("2026-01-05", "2026-01-16"), ("2", 2): ("2026-01-19", "2026-01-30"),
        ("3", 2): ("2026-02-02", "2026-02-13"),
    }  # fmt: skip
    actual = {
        "1": ("2026-01-05", "2026-01-16"),
        "2": ("2026-01-19", "2026-01-30"),
        "3": ("2026-02-02", "2026-02-13"),
    }
    return history(
        *(
            {"milestone": one, "baseline_version": version, "project_start": "2026-01-05",
             "baseline_start": start, "baseline_finish": finish, "actual_start": actual[one][0],
             "actual_finish": actual[one][1], "depends_on": "" if one == "1" else str(int(one) - 1)}
            for (one, version), (start, finish) in dates_of.items()
        )
    )  # fmt: skip


def test_the_first_baseline_is_that_of_the_project_and_what_came_later_is_added_work():
    # Planned 15 days, 5 to 23 January; taken 30, to 13 February.
    first = choose_baseline(rebaselined(), "first")
    assert first.loc[first["added_after_baseline"].fillna(False), "milestone"].tolist() == ["3"]
    assert project_slip(first, "p")["slip_days"] == 15
    assert finish_ratios(first)["finish_ratio"].tolist() == [2.0]


def test_a_cancelled_milestone_with_a_date_closes_nothing():
    # Delivered on Fri 27 February, planned for the 20th; what was given up on 4 March is neither late nor the end.
    rows = history(
        {"milestone": "1", "project_start": "2026-02-09", "baseline_finish": "2026-02-13",
         "actual_finish": "2026-02-27", "depends_on": "", "closed_as": "delivered"},
        {"milestone": "2", "baseline_finish": "2026-02-20", "actual_finish": "2026-03-04", "depends_on": "1",
         "closed_as": "cancelled"},
    )  # fmt: skip
    slip = project_slip(rows, "p")
    assert (slip["slip_days"], f"{slip['actual_finish']:%d %b}") == (5, "27 Feb")
    assert closing_days(rows).dt.strftime("%d %b").tolist() == ["27 Feb"]
    assert running_projects(rows) == []


def test_statuses_of_a_project_whose_planned_work_waited_for_added_work_are_read():
    rows = history(
        {"milestone": "1", "project_start": "2026-01-05", "baseline_finish": "2026-01-09",
         "actual_finish": "2026-01-09"},
        {"milestone": "2", "baseline_finish": "2026-01-16", "actual_finish": "2026-01-23", "depends_on": "1b"},
        {"milestone": "1b", "added_after_baseline": True, "actual_finish": "2026-01-16", "depends_on": "1"},
    )  # fmt: skip
    status = status_rows({"milestone": "1", "as_of": "2026-01-14", "actual_finish": "2026-01-09"})
    assert baseline_plan(rows, "p").milestones["milestone"].tolist() == ["1", "2"]
    # From Wed 14 to Fri 23 January: seven working days were left.
    assert remaining_table(rows, status)["remaining_days"].tolist() == [7.0]


def test_a_plan_whose_work_takes_no_time_is_refused_before_it_is_simulated():
    plan = build_plan(plan_rows({"milestone": "1", "baseline_days": 0.0, "baseline_finish": "2026-03-13"}))
    with pytest.raises(InputError, match=r"none of its milestones takes any time.*Fill in baseline_days"):
        simulate(plan, on_plan_model(), seed=1)


def test_a_date_is_kept_on_working_days_as_slips_are_counted():
    # Promised for Fri 6 March; what is done on Saturday is late by no working day, what is done on Monday by one.
    for done, held in (("2026-03-07", True), ("2026-03-09", False)):
        rows = history({"milestone": "1", "project_start": "2026-03-02", "baseline_finish": "2026-03-06",
                        "actual_finish": done})  # fmt: skip
        published = pd.DataFrame(
            {"project": "p", "milestone": ["1"], "entry": 1, "as_of": pd.Timestamp("2026-02-27"), "level": 0.8,
             "finish": pd.Timestamp("2026-03-06")}
        )  # fmt: skip
        assert promise_table(published, rows, as_of="2026-03-31")["held"].tolist() == [held]


def test_without_links_milestones_follow_one_another_by_planned_finish_and_not_by_row():
    rows = [
        {"milestone": "b", "baseline_finish": "2026-03-13"},
        {"milestone": "a", "baseline_finish": "2026-03-06"},
        {"milestone": "c", "baseline_finish": "2026-03-13"},
    ]
    for some in (rows, rows[::-1]):
        plan = build_plan(plan_rows(*some))
        own = dict(zip(plan.milestones["milestone"], plan.baseline.own_days, strict=True))
        assert own == {"a": 5, "b": 5, "c": 5}  # b and c run side by side in the second week


def test_a_quarter_is_reported_of_projects_without_links_to_which_work_was_added():
    rows = history(
        *(
            {"project": project, "milestone": one, "project_start": start, "baseline_finish": finish,
             "actual_finish": done, "added_after_baseline": added}
            for project, one, start, finish, done, added in (
                ("a", "1", "2026-01-05", "2026-01-16", "2026-01-23", None),
                ("b", "1", "2026-02-02", "2026-02-13", "2026-02-20", None),
                ("r", "1", "2026-08-31", "2026-09-11", "2026-09-11", None),
                ("r", "2", "2026-08-31", "2026-09-25", None, None),
                ("r", "X", "2026-08-31", None, "2026-11-11", True),
            )
        )
    )  # fmt: skip
    report = quarterly_report(
        rows, read_published(""), pd.Period("2026Q3"), seed=1, iterations=100, sweeps=100
    )
    assert report.closed["project"].tolist() == ["a", "b"]


def planned_in_days(project, start, *done):
    """Three milestones of five, eight and four days in a row, written without a single planned date."""
    rows = row_of(5, 8, 4)
    for row, finish in zip(rows, done, strict=False):
        row["actual_finish"] = finish
    rows[0]["project_start"] = start
    return [{"project": project, "name": f"Step {k}", **row} for k, row in enumerate(rows)]


def test_a_plan_in_days_is_taken_everywhere():
    # Planned 17 days from each start; the second milestone took two days longer, so that each ended two days late.
    closed = [
        row
        for n in range(6)
        for row in planned_in_days(
            f"c{n}",
            str(np.busday_offset("2025-01-06", 20 * n)),
            *(str(np.busday_offset("2025-01-06", 20 * n + place)) for place in (4, 14, 18)),
        )
    ]
    projects = history(*closed, *planned_in_days("run", "2026-08-03"))
    status = status_rows(
        {"project": "run", "milestone": "0", "as_of": "2026-08-14", "actual_finish": "2026-08-07"},
        {"project": "run", "milestone": "1", "as_of": "2026-08-14", "forecast_finish": "2026-08-21"},
    )
    assert project_slip(projects, "c3")["slip_days"] == 2
    assert slip_shares(projects, "c3")["project_days"].tolist() == [0, 2, 0]
    assert finish_ratios(projects)["finish_ratio"].tolist() == pytest.approx([19 / 17] * 6)
    assert "run" not in set(backtest(projects, seed=1)["project"])
    plan = baseline_plan(projects, "run")
    assert dates(plan.baseline_finish) == ["2026-08-07", "2026-08-19", "2026-08-25"]
    evidence = evidence_table(plan, on_plan_model(), status, as_of="2026-08-14", seed=1, iterations=100)
    now = simulate(plan, on_plan_model(), seed=1, iterations=100, as_of="2026-08-14", status=status)
    board = milestone_board(plan, status, forecast_table(now), as_of="2026-08-14", evidence=evidence)
    review = weekly_review(plan, status, board, evidence, as_of="2026-08-14", portfolio=projects)
    assert review.trajectory["team_finish"].notna().all()
    told = client_report(projects, status, "run", as_of="2026-08-14").milestones
    assert dates(told["agreed_finish"]) == dates(plan.baseline_finish)
    assert len(lint_plan(plan, model=on_plan_model(), history=projects)) > 0
    quarter = quarterly_report(
        projects, read_published(""), pd.Period("2025Q1"), seed=1, iterations=100, sweeps=100
    )
    assert quarter.closed["slip_days"].tolist() == [2.0] * len(quarter.closed)


def test_client_and_review_measure_a_plan_with_a_link_between_finishes_alike():
    # B may not finish before A, which is expected on Fri 13 March: so does B, and the client hears of no other cause.
    plan = history(
        {"milestone": "A", "project_start": "2026-03-02", "baseline_days": 5.0, "depends_on": ""},
        {"milestone": "B", "baseline_days": 5.0, "depends_on": "A FF"},
    )
    status = status_rows({"milestone": "A", "as_of": "2026-03-04", "actual_start": "2026-03-02",
                          "forecast_finish": "2026-03-13", "reason": "Data came late"})  # fmt: skip
    told = client_report(plan, status, "p", as_of="2026-03-04").milestones.set_index("milestone")
    assert told["new_finish"].dt.strftime("%d %b").tolist() == ["13 Mar", "13 Mar"]
    assert told["own_late_days"].tolist() == [5, 0]
