"""A project is closed: its rows, whose causes are asked for, and its place in the history."""

import pandas as pd
import pytest
from example import history as example_history
from example import status as example_status
from tables_by_hand import history, status_rows

from estimation.errors import InputError, RefusedError
from estimation.ingest.sources import choose_baseline
from estimation.review.closing_project import PASSED, close_project, with_project
from estimation.tables import COURSE, HISTORY, MOVES, empty_table, keep_contract

NONE = empty_table(HISTORY)


def three_in_a_row(**more):
    """Mon 2 March 2026: a 2-6 March, b 9-13, c 16-20; five working days each."""
    start = {"project_start": "2026-03-02", "baseline_days": 5.0, **more}
    return history(
        {**start, "milestone": "a", "baseline_finish": "2026-03-06"},
        {**start, "milestone": "b", "baseline_finish": "2026-03-13", "depends_on": "a"},
        {**start, "milestone": "c", "baseline_finish": "2026-03-20", "depends_on": "b"},
    )


def done(*dates, **more):
    """Each milestone began the working day after the one before was finished."""
    starts = ["2026-03-02", *(pd.Timestamp(day) + pd.offsets.BDay() for day in dates)]
    return status_rows(
        *(
            {
                "milestone": one,
                "as_of": "2026-05-29",
                "actual_start": start,
                "actual_finish": day,
                **{name: cells.get(one) for name, cells in more.items()},
            }
            for one, start, day in zip("abc", starts, dates, strict=False)
        )
    )


def test_the_story_becomes_the_rows_that_its_history_has():
    known = example_history()
    own = known["project"] == "nlp-claims"
    happened = [name for name in (*COURSE, *MOVES) if name != "added_after_baseline"]
    planned = known[own].assign(**dict.fromkeys(happened, None))

    rows = close_project(
        keep_contract(planned, HISTORY), "nlp-claims", example_status("nlp-claims"), NONE
    ).rows

    # What no status tells: causes, and rounds of experiments.
    unsaid = ["cause", "cause_note", "iterations_actual", "source"]
    expected = known[own].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows.drop(columns=unsaid), expected.drop(columns=unsaid))
    assert rows["cause"].isna().all()


def test_estimates_stay_and_what_was_said_on_the_way_does_not():
    planned = three_in_a_row(estimate_days=4.0, factor_used=1.25, client="A")
    told = done(
        "2026-03-06", "2026-03-13", "2026-03-20", waiting_days={"b": 2.0}, forecast_finish={"b": "2026-03-13"}
    )

    rows = close_project(planned, "p", told, NONE).rows

    assert rows[["estimate_days", "factor_used", "client"]].to_numpy().tolist() == [[4.0, 1.25, "A"]] * 3
    assert rows["waiting_days"].fillna(0).tolist() == [0, 2, 0]
    assert rows["closed_as"].tolist() == ["delivered"] * 3
    assert rows[list(PASSED)].isna().all(axis=None)


def test_added_and_cancelled_work_come_along():
    told = pd.concat(
        [
            done("2026-03-06", "2026-03-13"),
            status_rows(
                {"milestone": "c", "as_of": "2026-03-13", "closed_as": "cancelled"},
                {
                    "milestone": "x",
                    "as_of": "2026-03-13",
                    "actual_start": "2026-03-09",
                    "actual_finish": "2026-03-11",
                    "added_after_baseline": True,
                },
            ),
        ]
    )

    rows = close_project(three_in_a_row(), "p", told, NONE).rows.set_index("milestone")

    assert rows["closed_as"].to_dict() == {
        "a": "delivered",
        "b": "delivered",
        "c": "cancelled",
        "x": "delivered",
    }
    assert rows["added_after_baseline"].fillna(False).to_dict() == {
        "a": False,
        "b": False,
        "c": False,
        "x": True,
    }
    assert rows.loc["x", "actual_finish"] == pd.Timestamp("2026-03-11")
    assert rows.loc["c", "actual_finish"] == pd.Timestamp("2026-03-13")  # the day on which it was cut
    assert pd.isna(rows.loc["x", "depends_on"])


def test_open_work_is_cancelled_on_the_last_status_date_only_where_that_is_meant():
    told = done("2026-03-06", "2026-03-13")

    with pytest.raises(
        InputError, match=r"open milestones on its last status date, 2026-05-29: c\. .*--cancel-open"
    ):
        close_project(three_in_a_row(), "p", told, NONE)

    last = close_project(three_in_a_row(), "p", told, NONE, cancel_open=True).rows.iloc[-1]
    assert (last["closed_as"], last["actual_finish"]) == ("cancelled", pd.Timestamp("2026-05-29"))


@pytest.mark.parametrize(
    ("finishes", "asked"),
    [
        # a loses 6 days (6 March to 16 March), b 3, c 1: 6 of 10 are too few, 9 are enough.
        (["2026-03-16", "2026-03-26", "2026-04-03"], {"a": 6, "b": 3}),
        # a loses 8 days, b none, c 2: the 8 are exactly 80 %.
        (["2026-03-18", "2026-03-25", "2026-04-03"], {"a": 8}),
        # Each loses 5: two of three carry 67 %.
        (["2026-03-13", "2026-03-27", "2026-04-10"], {"a": 5, "b": 5, "c": 5}),
        # a loses 5 days, b and c win 3 and 2: on its planned day.
        (["2026-03-13", "2026-03-17", "2026-03-20"], {}),
    ],
)
def test_causes_are_asked_where_four_fifths_of_the_days_were_lost(finishes, asked):
    questions = close_project(three_in_a_row(), "p", done(*finishes), NONE).questions()
    assert dict(zip(questions["milestone"], questions["days"], strict=True)) == asked
    assert questions["cause"].isna().all()


def test_what_the_statuses_gave_is_offered_and_no_answer():
    told = pd.concat(
        [
            done(
                "2026-03-16", "2026-03-20", "2026-03-27", cause={"a": "staffing"}, reason={"a": "She left."}
            ),
            status_rows({"milestone": "a", "as_of": "2026-03-06", "reason": "Anna is ill."}),
        ]
    )
    closed = close_project(three_in_a_row(), "p", told, NONE)

    asked = closed.questions().iloc[0]
    assert (asked["reported_cause"], asked["cause_note"]) == ("staffing", "Anna is ill. She left.")
    assert pd.isna(asked["cause"])

    answered = closed.with_causes(
        pd.DataFrame({"milestone": ["a"], "cause": ["estimate"], "cause_note": ["Too low."]})
    )
    assert answered.questions()["cause"].tolist() == ["estimate"]
    assert answered.rows["cause"].dropna().tolist() == ["estimate"]


def test_a_project_that_ran_in_the_history_is_replaced_where_it_stood():
    others = [three_in_a_row().assign(project=name) for name in ("m", "p", "z")]
    before = pd.concat(others, ignore_index=True)
    closed = close_project(three_in_a_row(), "p", done("2026-03-06", "2026-03-13", "2026-03-20"), before)

    whole = with_project(before, closed)

    assert whole["project"].tolist() == ["m"] * 3 + ["p"] * 3 + ["z"] * 3
    assert whole.groupby("project")["actual_finish"].count().to_dict() == {"m": 0, "p": 3, "z": 0}
    again = close_project(three_in_a_row(), "p", done("2026-03-06", "2026-03-13", "2026-03-20"), whole)
    pd.testing.assert_frame_equal(with_project(whole, again), whole)


def test_a_project_closed_on_other_dates_is_refused_and_they_are_named():
    plan, told = three_in_a_row(), done("2026-03-06", "2026-03-13", "2026-03-20")
    held = with_project(NONE, close_project(plan, "p", told, NONE))

    later = done("2026-03-06", "2026-03-13", "2026-03-23")
    with pytest.raises(
        RefusedError, match=r"other dates: c has actual_finish 2026-03-20 there and 2026-03-23 now\."
    ):
        close_project(plan, "p", later, held)
    with pytest.raises(RefusedError, match="c is only in plan and statuses"):
        close_project(plan, "p", told, held[:2])


def test_a_project_that_was_cancelled_as_a_whole_is_asked_nothing():
    told = status_rows(*({"milestone": one, "closed_as": "cancelled"} for one in "abc"))
    closed = close_project(three_in_a_row(), "p", told, NONE)
    assert not closed.delivered
    assert closed.questions().empty
    assert set(closed.rows["closed_as"]) == {"cancelled"}


def test_every_baseline_stays():
    twice = pd.concat(
        [
            three_in_a_row(baseline_version=1),
            three_in_a_row(baseline_version=2).assign(baseline_days=7.0),
        ],
        ignore_index=True,
    )
    closed = close_project(twice, "p", done("2026-03-13", "2026-03-20", "2026-03-27"), NONE)

    assert closed.rows["baseline_days"].tolist() == [5.0] * 3 + [7.0] * 3
    assert closed.milestones["baseline_days"].tolist() == [5.0] * 3
    assert choose_baseline(closed.rows, "last")["actual_finish"].notna().all()
    assert closed.questions()["days"].tolist() == [5.0]  # against the first
