import numpy as np
import pandas as pd
import pytest
from tables_by_hand import history

from estimation.calibration.overruns import OVERRUNS, overrun_ratio, overrun_table
from estimation.errors import InputError
from estimation.tables import check_table

START = {"project_start": "2026-03-02"}


def chain_of_two() -> pd.DataFrame:
    """1 planned five days, took seven; 2 planned three days, took three, finished two days late."""
    return history(
        {"milestone": "1", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-10", **START},
        {"milestone": "2", "baseline_finish": "2026-03-11", "actual_finish": "2026-03-13", "depends_on": "1"},
    )


def test_the_ratio_is_own_days_taken_by_own_days_planned():
    table = overrun_table(chain_of_two())
    check_table(table, OVERRUNS, "overruns")
    assert table["overrun_ratio"].tolist() == pytest.approx([7 / 5, 1.0])
    assert table["on_plan"].tolist() == [False, True]


def test_the_ratio_is_against_what_was_estimated_and_the_slip_against_what_was_approved():
    # 1: estimated five, approved seven (times 1.4), took seven. 2: approved three with a factor of 1.5, estimated two.
    table = overrun_table(
        history(
            {"milestone": "1", "baseline_days": 7.0, "estimate_days": 5.0, "actual_finish": "2026-03-10", **START},
            {"milestone": "2", "baseline_days": 3.0, "factor_used": 1.5, "actual_finish": "2026-03-13",
             "depends_on": "1"},
        )
    )  # fmt: skip
    assert table["estimate_days"].tolist() == [5, 2]
    assert table["baseline_days"].tolist() == [7, 3]
    assert table["overrun_ratio"].tolist() == pytest.approx([7 / 5, 3 / 2])
    assert table["slip_days"].tolist() == [0, 0]
    assert not table["on_plan"].any()


def test_a_slip_that_came_from_a_predecessor_is_inherited_not_own():
    table = overrun_table(chain_of_two())
    assert table["slip_days"].tolist() == [2, 2]
    assert table["inherited_days"].tolist() == [0, 2]
    assert table["own_slip_days"].tolist() == [2, 0]


def test_a_running_milestone_counts_with_the_days_so_far_and_is_censored():
    # Status date Thu 12 March: 1 is done, 2 started on Wed 11, so two days of three are over.
    running = chain_of_two().assign(actual_finish=pd.to_datetime(["2026-03-10", None]))
    table = overrun_table(running, as_of="2026-03-12")
    assert table["censored"].tolist() == [False, True]
    assert table["overrun_ratio"][1] == pytest.approx(2 / 3)


def test_where_starts_are_recorded_a_milestone_without_one_has_not_started():
    table = overrun_table(
        history(
            {"milestone": "1", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-06",
             "actual_start": "2026-03-02", **START},
            {"milestone": "2", "baseline_finish": "2026-03-11", "depends_on": "1"},
        ),
        as_of="2026-03-31",
    )  # fmt: skip
    assert table["milestone"].tolist() == ["1"]


def test_what_happened_after_the_status_date_is_not_yet_known():
    table = overrun_table(chain_of_two(), as_of="2026-03-09")
    # 1 had been running since 2 March: six working days of five planned. 2 had not started.
    assert table["milestone"].tolist() == ["1"]
    assert table["censored"].tolist() == [True]
    assert table["overrun_ratio"].tolist() == pytest.approx([6 / 5])


def test_work_planned_in_no_time_has_no_ratio():
    ratios = overrun_ratio(pd.Series([0.0, 10.0, 10.0]), pd.Series([3.0, 0.0, 12.0]))
    assert ratios.isna().tolist() == [True, True, False]


def test_ratio_does_not_depend_on_the_unit():
    rng = np.random.default_rng(7)
    planned = pd.Series(rng.uniform(1, 200, 500))
    actual = planned * pd.Series(rng.lognormal(0.2, 0.4, 500))
    pd.testing.assert_series_equal(overrun_ratio(planned, actual), overrun_ratio(planned * 8, actual * 8))


def test_cancelled_and_added_milestones_give_no_ratio():
    table = overrun_table(
        history(
            {"milestone": "1", "baseline_finish": "2026-03-06", "closed_as": "cancelled", **START},
            {
                "milestone": "2",
                "depends_on": "",
                "actual_start": "2026-03-02",
                "actual_finish": "2026-03-04",
                "added_after_baseline": True,
            },
        )
    )
    assert table.empty


def test_the_table_that_comes_in_is_not_changed():
    milestones = chain_of_two()
    before = milestones.copy(deep=True)
    overrun_table(milestones, as_of="2026-03-09")
    pd.testing.assert_frame_equal(milestones, before)


def test_a_table_that_knows_the_end_still_counts_work_as_running_on_an_earlier_day():
    table = overrun_table(chain_of_two().assign(closed_as="delivered"), as_of="2026-03-09")
    assert table["censored"].tolist() == [True]


def test_a_cancelled_milestone_gives_no_ratio_even_with_a_date():
    table = overrun_table(chain_of_two().assign(closed_as=["cancelled", "delivered"]))
    assert table["milestone"].tolist() == ["2"]


def test_a_baseline_typed_in_for_work_that_was_added_later_does_not_count():
    table = overrun_table(chain_of_two().assign(added_after_baseline=pd.array([True, None], dtype="boolean")))
    assert table["milestone"].tolist() == ["2"]


def test_effort_in_the_plan_is_not_divided_into_calendar_days_in_fact():
    # Planned effort of 4 days over Mon 2 to Fri 13 March (10 days), done exactly then: on plan, not 10 / 4.
    table = overrun_table(
        history({"milestone": "1", "baseline_days": 4.0, "baseline_start": "2026-03-02",
                 "baseline_finish": "2026-03-13", "actual_start": "2026-03-02", "actual_finish": "2026-03-13"})
    )  # fmt: skip
    assert table["overrun_ratio"].tolist() == [1.0]


def test_an_early_start_is_inherited_only_as_far_as_predecessors_were_early():
    # 2 was planned a week after 1 (gap) and started at once: five days early by its own decision, nothing inherited.
    gap = history(
        {"milestone": "1", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-06", **START},
        {"milestone": "2", "depends_on": "1", "baseline_start": "2026-03-16", "baseline_finish": "2026-03-17",
         "actual_start": "2026-03-09", "actual_finish": "2026-03-10"},
    )  # fmt: skip
    assert overrun_table(gap)["inherited_days"].tolist() == [0, 0]
    # 1 was two days early, 2 followed at once: both days are inherited.
    early = chain_of_two().assign(actual_finish=pd.to_datetime(["2026-03-04", "2026-03-09"]))
    assert overrun_table(early)["inherited_days"].tolist() == [0, -2]


def test_work_done_on_a_weekend_took_half_a_day():
    weekend = history({"milestone": "1", "baseline_start": "2026-03-06", "baseline_finish": "2026-03-06",
                       "actual_start": "2026-03-07", "actual_finish": "2026-03-08"})  # fmt: skip
    assert overrun_table(weekend)["actual_days"].tolist() == [0.5]


@pytest.mark.parametrize("said", ["05.04.2026", "foo"])
def test_a_status_date_has_one_reading_or_is_refused(said):
    with pytest.raises(InputError, match="wanted year-month-day"):
        overrun_table(chain_of_two(), as_of=said)


def test_what_runs_has_taken_the_days_of_its_own_calendar():
    # Started Wed 4 November 2026, status Tue 10: in Israel Wed, Thu, Sun, Mon, Tue; in Germany Wed, Thu, Fri, Mon, Tue;
    # on the axis of both there are six days.
    dates = {"project_start": "2026-11-02", "baseline_start": "2026-11-04", "actual_start": "2026-11-04"}
    table = overrun_table(
        history(
            {"milestone": "1", **dates, "baseline_finish": "2026-11-05", "calendar": "IL"},
            {"milestone": "2", **dates, "baseline_finish": "2026-11-05", "calendar": "DE"},
        ),
        as_of="2026-11-10",
    )
    assert table["censored"].tolist() == [True, True]
    assert table["actual_days"].tolist() == [5, 5]
    assert table["overrun_ratio"].tolist() == [2.5, 2.5]
