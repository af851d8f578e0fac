"""A new plan: the framework's milestones, scaled and put on the calendar as early as they can be."""

import datetime as dt

import pytest

from estimation.calendar.workdays import WorkCalendar
from estimation.errors import InputError
from estimation.ingest.framework_file import read_framework
from estimation.project.framework import Framework, MilestoneTemplate, Phase
from estimation.project.new_plan import new_plan
from estimation.tables import PLAN, check_table


def framework(*milestones):
    """A framework of one phase: (id, typical days, depends_on) each."""
    templates = [
        MilestoneTemplate(i, "work", f"Result {i}", days, depends_on=text) for i, days, text in milestones
    ]
    return Framework("small", "Small", "", (Phase("work", "Work"),), tuple(templates))


def dates(plan, column):
    return [f"{day:%Y-%m-%d}" for day in plan[column]]


def test_work_starts_as_early_as_its_predecessors_allow():
    # 2 March 2026 is a Monday. a: Mon-Wed (3). b after a: Thu 5 - Fri 6 (2). c beside b, from Thu 5: one day.
    # d waits for the later of b (Fri 6) and c (Thu 5) plus two days (Fri 6, Mon 9 pass): Tue 10, one day.
    plan = new_plan(
        framework(("a", 3, ""), ("b", 2, "a"), ("c", 1, "a"), ("d", 1, "b; c FS+2d")),
        project="p",
        start="2026-03-02",
    )
    assert dates(plan, "baseline_start") == ["2026-03-02", "2026-03-05", "2026-03-05", "2026-03-10"]
    assert dates(plan, "baseline_finish") == ["2026-03-04", "2026-03-06", "2026-03-05", "2026-03-10"]
    assert plan["baseline_days"].tolist() == [3, 2, 1, 1]


def test_the_order_of_the_framework_is_kept_though_work_runs_in_another():
    plan = new_plan(framework(("z", 1, "a"), ("a", 2, "")), project="p", start="2026-03-02")
    assert plan["milestone"].tolist() == ["z", "a"]
    assert dates(plan, "baseline_start") == ["2026-03-04", "2026-03-02"]


def test_a_link_to_the_finish_stretches_the_work():
    # a: Mon 2 - Fri 6. b starts with the project, one day of work, but is finished a day after a: Mon 9.
    # Its own duration is the day of work; the rest is waiting for a.
    plan = new_plan(framework(("a", 5, ""), ("b", 1, "a FF+1d")), project="p", start="2026-03-02")
    assert dates(plan, "baseline_start")[1] == "2026-03-02"
    assert dates(plan, "baseline_finish")[1] == "2026-03-09"
    assert plan["baseline_days"].tolist() == [5, 1]


def test_weekends_and_holidays_are_not_worked():
    # Friday 1 May is a holiday: three days from Thursday 30 April are Thu 30, Mon 4, Tue 5.
    calendar = WorkCalendar(holidays=(dt.date(2026, 5, 1),))
    plan = new_plan(framework(("a", 3, "")), project="p", start="2026-04-30", calendar=calendar)
    assert dates(plan, "baseline_finish") == ["2026-05-05"]
    assert plan["calendar"].tolist() == ["1111100 2026-05-01"]


def test_a_start_on_a_day_off_is_the_next_working_day():
    plan = new_plan(framework(("a", 1, "")), project="p", start=dt.date(2026, 3, 7))  # a Saturday
    assert dates(plan, "project_start") == dates(plan, "baseline_start") == ["2026-03-09"]


@pytest.mark.parametrize(
    ("typical", "size", "days"),
    [
        (5, 1.0, 5),
        (5, 0.5, 3),  # 2.5 is rounded up
        (3, 0.8, 2),  # 2.4
        (2, 0.1, 1),  # never less than one day
        (50, 0.29, 15),  # 14.5 exactly, though binary arithmetic says a hair less
    ],
)
def test_size_scales_the_typical_days(typical, size, days):
    plan = new_plan(framework(("a", typical, "")), project="p", start="2026-03-02", size=size)
    assert plan["baseline_days"].tolist() == [days]


def test_a_larger_project_never_ends_earlier():
    delivery = read_framework("ai_delivery")
    sizes = (0.3, 0.5, 0.8, 1.0, 1.4, 2.0)
    ends = [
        new_plan(delivery, project="p", start="2026-03-02", size=size)["baseline_finish"].max()
        for size in sizes
    ]
    assert ends == sorted(ends)


def test_a_medium_project_takes_about_fourteen_weeks():
    # Along the longest way, in working days: 1.1 5, 1.2 5, 1.3 4, 2.1 6, 2.2 10, 3.1 5, 3.2 12, 3.3 4, 3.4 3,
    # 4.2 4, 4.3 4, one day of lag, 5.1 5, 5.4 2 = 70. Monday 2 March 2026 + 14 weeks: Friday 5 June.
    plan = new_plan(read_framework("ai_delivery"), project="p", start="2026-03-02")
    assert f"{plan['baseline_finish'].max():%Y-%m-%d}" == "2026-06-05"


def test_the_plan_keeps_its_contract_and_carries_the_frameworks_texts():
    delivery = read_framework("ai_delivery")
    plan = new_plan(delivery, project="atlas", start="2026-03-02", project_name="Atlas", client="Client A")
    check_table(plan, PLAN, "plan")
    assert plan["acceptance_criteria"].tolist() == [each.done_means for each in delivery.milestones]
    assert plan["owner"].tolist() == [each.owner_role for each in delivery.milestones]
    assert plan["depends_on"].fillna("").tolist() == [each.depends_on for each in delivery.milestones]
    assert plan.loc[plan["milestone"] == "3.2", "iterations_planned"].tolist() == [4]
    assert set(plan["project_name"]) == {"Atlas"}
    assert set(plan["baseline_version"]) == {1}
    empty = [
        "team",
        "description",
        "notes",
        "promised_finish",
        "weight",
        "budget_cost",
        "not_before",
        "source",
    ]
    assert plan[empty].isna().all(axis=None)


def test_names_that_are_not_given_stay_empty():
    plan = new_plan(framework(("a", 1, "")), project="p", start="2026-03-02")
    assert plan[["project_name", "client"]].isna().all(axis=None)


def test_a_start_that_is_no_date_is_refused():
    with pytest.raises(
        InputError, match=r"start '02.03.2026' is no date; wanted year-month-day such as 2026-03-02"
    ):
        new_plan(framework(("a", 1, "")), project="p", start="02.03.2026")


@pytest.mark.parametrize("size", [0, -1, float("nan"), float("inf")])
def test_a_size_that_is_not_above_zero_is_refused(size):
    with pytest.raises(InputError, match=r"size factor is .* wanted a number above zero"):
        new_plan(framework(("a", 1, "")), project="p", start="2026-03-02", size=size)


def test_a_project_without_an_id_is_refused():
    with pytest.raises(InputError, match="The project has no id"):
        new_plan(framework(("a", 1, "")), project=" ", start="2026-03-02")
