import pandas as pd
import pytest
from simulated_portfolio import cut_off, portfolio
from tables_by_hand import history

from estimation.errors import InputError
from estimation.project.closing import closing_days
from estimation.project.silence import running_projects
from estimation.review.quarterly.quarter import (
    history_as_of,
    last_day,
    last_quarter,
    quarters_up_to,
    read_quarter,
)
from estimation.tables import content_hash

DAY = pd.Timestamp("2026-03-13")


def started() -> pd.DataFrame:
    """A is done on 6 March; B runs since then, done on 18 March; C was added on 16 March and held B up."""
    shared = {"project_start": "2026-03-02"}
    return history(
        {"milestone": "A", "actual_start": "2026-03-02", "actual_finish": "2026-03-06", **shared},
        {"milestone": "B", "depends_on": "A; C", "actual_start": "2026-03-09", "actual_finish": "2026-03-18",
         "cause": "staffing", "waiting_days": 2.0, "closed_as": "delivered", **shared},
        {"milestone": "C", "actual_start": "2026-03-16", "actual_finish": "2026-03-17", "added_after_baseline": True,
         **shared},
    )  # fmt: skip


@pytest.mark.parametrize("text", ["2026Q3", "2026-Q3", "q3 2026", " 2026 q3 "])
def test_a_quarter_may_be_spelled_in_several_ways(text):
    assert str(read_quarter(text)) == "2026Q3"


@pytest.mark.parametrize("text", ["2026", "2026Q5", "third quarter", ""])
def test_what_is_no_quarter_is_refused_with_how_to_write_one(text):
    with pytest.raises(InputError) as caught:
        read_quarter(text)
    assert str(caught.value) == (
        f"quarter '{text}' came; wanted a year and a quarter from 1 to 4. Write it as 2026Q3."
    )


def test_a_quarter_after_the_end_of_the_history_is_refused_naming_the_last_one():
    with pytest.raises(
        InputError, match=r"the history ends before it begins, on 2026-03-18.*name the quarter 2026Q1"
    ):
        read_quarter("2026Q2", started())
    assert str(read_quarter("2026Q1", started())) == "2026Q1"


@pytest.mark.parametrize(
    ("day", "quarter"), [("2026-09-30", "2026Q2"), ("2026-10-01", "2026Q3"), ("2027-01-04", "2026Q4")]
)
def test_the_last_quarter_is_the_one_that_is_over(day, quarter):
    assert str(last_quarter(day)) == quarter


def test_quarters_end_on_their_last_day_and_are_listed_oldest_first():
    assert last_day(pd.Period("2024Q1")) == pd.Timestamp("2024-03-31")
    assert [str(each) for each in quarters_up_to(pd.Period("2026Q1"), 2)] == ["2025Q4", "2026Q1"]


def test_work_finished_later_is_running_and_nothing_written_about_it_is_known():
    known = history_as_of(started(), DAY).set_index("milestone")
    assert known.loc["A", "actual_finish"] == pd.Timestamp("2026-03-06")
    assert known.loc["B", "actual_start"] == pd.Timestamp("2026-03-09")
    assert known.loc["B", ["actual_finish", "cause", "waiting_days", "closed_as"]].isna().all()


def test_work_added_later_is_not_there_and_nothing_waits_for_it():
    known = history_as_of(started(), DAY)
    assert known["milestone"].tolist() == ["A", "B"]
    assert known["depends_on"].iloc[1] == "A"


def test_a_project_that_starts_later_is_not_known():
    later = started().assign(project="q", project_start=pd.Timestamp("2026-03-16"))
    later[["actual_start", "actual_finish"]] += pd.Timedelta(days=28)
    both = pd.concat([started(), later], ignore_index=True)
    assert set(history_as_of(both, DAY)["project"]) == {"p"}


def test_progress_is_believed_up_to_the_day_it_was_written():
    rows = started().assign(actual_finish=pd.NaT, closed_as=None, percent_complete=0.5)
    rows["updated_on"] = pd.to_datetime(["2026-03-12", "2026-03-20", None])
    known = history_as_of(rows, DAY).set_index("milestone")
    assert known.loc["A", "percent_complete"] == 0.5
    assert pd.isna(known.loc["B", "percent_complete"])


def test_asked_again_for_the_same_day_the_table_is_the_same():
    known = history_as_of(started(), DAY)
    pd.testing.assert_frame_equal(history_as_of(known, DAY), known)


def test_what_is_known_is_what_had_been_written_down_by_then():
    past, _ = portfolio(30)
    then, _ = cut_off(*portfolio(30), "2023-06-30")
    assert content_hash(history_as_of(past, pd.Timestamp("2023-06-30"))) == content_hash(
        history_as_of(then, pd.Timestamp("2023-06-30"))
    )


def test_a_project_is_closed_when_all_of_it_is_finished_or_cancelled():
    rows = started()
    assert closing_days(rows).to_dict() == {"p": pd.Timestamp("2026-03-18")}
    rows.loc[1, ["actual_finish", "closed_as"]] = [pd.NaT, "cancelled"]
    assert closing_days(rows).to_dict() == {"p": pd.Timestamp("2026-03-17")}
    assert closing_days(history_as_of(started(), DAY)).empty
    assert running_projects(history_as_of(started(), DAY)) == ["p"]
