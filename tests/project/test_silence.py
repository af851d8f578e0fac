import pandas as pd
import pytest
from tables_by_hand import history

from estimation.project.silence import is_forgotten, is_silent, project_courses, running_projects

# 2026: 5 January is a Monday. A is planned to end on Friday 9 January, the last milestone "planned_end".
FIRST, SECOND = "2026-01-09", "2026-01-23"


def begun(planned_end: str, **last: object) -> pd.DataFrame:
    """A project of which A was finished on 9 January and nothing was heard since, beside B and C."""
    start = {"project_start": "2026-01-05"}
    return history(
        {"milestone": "A", "baseline_finish": FIRST, "actual_finish": FIRST, **start},
        {"milestone": "B", "baseline_finish": SECOND, "actual_finish": None, **start},
        {"milestone": "C", "baseline_finish": planned_end, **start, **last},
    )


@pytest.mark.parametrize(
    ("planned_end", "still_runs", "silent"),
    [
        # Planned 20 days, so 60 count: twelve weeks after Friday 9 January are Friday 3 April.
        ("2026-01-30", "2026-04-03", "2026-04-06"),
        # Planned 20 weeks, 100 days: twenty weeks after 9 January are Friday 29 May.
        ("2026-05-22", "2026-05-29", "2026-06-01"),
    ],
)
def test_a_project_is_silent_after_sixty_working_days_and_its_planned_length(planned_end, still_runs, silent):
    rows = begun(planned_end)
    assert is_silent(rows, still_runs).tolist() == [False, False, False]
    assert running_projects(rows, still_runs) == ["p"]
    assert is_silent(rows, silent).tolist() == [False, True, True]
    assert running_projects(rows, silent) == []


def test_days_are_counted_on_the_calendar_of_the_project():
    # Three days a week: 60 of them are twenty weeks, to Friday 29 May.
    rows = begun("2026-01-30").assign(calendar="1110000")
    assert not is_silent(rows, "2026-05-29").any()
    assert is_silent(rows, "2026-06-01").tolist() == [False, True, True]


def test_what_was_touched_by_the_status_date_counts_and_what_came_later_does_not():
    rows = begun("2026-01-30", updated_on="2026-03-02")
    assert not is_silent(rows, "2026-04-06").any()
    late = begun("2026-01-30", actual_finish="2026-08-03")
    assert is_silent(late, "2026-04-06").tolist() == [False, True, True]


def test_the_end_of_the_table_is_the_day_by_default():
    other = {"project": "q", "milestone": "A", "baseline_finish": "2026-04-03"}
    rows = pd.concat(
        [begun("2026-01-30"), history({**other, "actual_finish": "2026-04-06"})], ignore_index=True
    )
    assert is_silent(rows).tolist() == [False, True, True, False]


def test_a_project_that_has_yet_to_begin_is_not_silent_and_one_that_never_began_is():
    rows = history(
        {
            "milestone": "A",
            "project_start": "2026-09-07",
            "baseline_finish": "2026-09-11",
            "updated_on": FIRST,
        },
        {"milestone": "B", "baseline_finish": "2026-09-18"},
    )
    # From Monday 7 September on nobody wrote: 60 days later it is Monday 30 November.
    assert running_projects(rows, "2026-11-30") == ["p"]
    assert project_courses(rows, "2026-12-01")["course"].tolist() == ["cancelled?"]


def test_without_any_date_nothing_can_be_silent():
    rows = history({"milestone": "A", "baseline_days": 5.0}, {"milestone": "B", "baseline_days": 5.0})
    assert running_projects(rows) == ["p"]
    assert not is_silent(rows, "2030-01-01").any()


def test_a_silent_project_with_much_open_is_perhaps_cancelled_and_one_that_ended_lacks_a_date():
    open_end, ended = begun("2026-01-30"), begun("2026-01-30", actual_finish="2026-02-04")
    rows = pd.concat([open_end, ended.assign(project="q")], ignore_index=True)
    courses = project_courses(rows, "2026-06-01").set_index("project")
    assert courses["course"].to_dict() == {"p": "cancelled?", "q": "closed with a date missing"}
    assert courses["since"].dt.strftime("%Y-%m-%d").to_dict() == {"p": FIRST, "q": "2026-02-04"}
    assert courses["n_silent"].to_dict() == {"p": 2, "q": 1}
    # Only where the project ended is nothing but a date missing.
    assert is_forgotten(rows, "2026-06-01").tolist() == [False, False, False, False, True, False]


def test_few_open_milestones_are_dates_missing_although_the_last_is_among_them():
    # One of five planned is a fifth, one of four a quarter.
    def project(n: int) -> pd.DataFrame:
        dates = pd.date_range("2026-01-09", periods=n, freq="7D")
        return history(
            *({"milestone": str(k), "baseline_finish": day, "actual_finish": day} for k, day in enumerate(dates[:-1])),
            {"milestone": "end", "baseline_finish": dates[-1]},
        )  # fmt: skip

    rows = pd.concat([project(5), project(4).assign(project="q")], ignore_index=True)
    courses = project_courses(rows, "2026-12-31").set_index("project")["course"]
    assert courses.to_dict() == {"p": "closed with a date missing", "q": "cancelled?"}
    assert not is_forgotten(rows, "2026-12-31").any()  # when they ended is not known


def linked(link: str, **b: object) -> pd.DataFrame:
    """B is open; C, which waits for it by the link, was finished on 30 January; D runs."""
    return history(
        {"milestone": "B", "baseline_finish": SECOND, **b},
        {
            "milestone": "C",
            "baseline_finish": "2026-01-30",
            "actual_finish": "2026-01-30",
            "depends_on": link,
        },
        {"milestone": "D", "baseline_finish": "2026-02-27", "depends_on": "C"},
    )


@pytest.mark.parametrize(
    ("rows", "forgotten"),
    [
        (linked("B"), True),
        (linked("BFF"), False),  # it need not be finished before
        (linked("B-3d"), False),
        (linked(None, updated_on=None), False),  # D waits for C only: nothing waits for B
        (linked("B", updated_on="2026-02-02"), False),  # somebody wrote of it after C was finished
    ],
)
def test_what_all_waiting_work_went_on_without_is_a_forgotten_date(rows, forgotten):
    assert is_silent(rows, "2026-02-06").tolist() == [forgotten, False, False]
    assert is_forgotten(rows, "2026-02-06").tolist() == [forgotten, False, False]
    assert running_projects(rows, "2026-02-06") == ["p"]


def test_without_links_all_that_was_planned_later_must_be_finished():
    rows = linked(None).assign(depends_on=None)
    assert not is_silent(rows, "2026-02-06").any()
    rows.loc[2, "actual_finish"] = pd.Timestamp("2026-02-06")
    assert is_forgotten(rows, "2026-02-06").tolist() == [True, False, False]
    assert project_courses(rows)["course"].tolist() == ["closed with a date missing"]


def test_what_someone_said_counts():
    rows = begun("2026-01-30").assign(closed_as=[None, "delivered", "running"])
    assert is_silent(rows, "2026-12-31").tolist() == [False, True, False]  # delivered, nobody says when
    assert is_silent(rows, FIRST).tolist() == [False, True, False]
    assert running_projects(rows, "2026-12-31") == ["p"]
