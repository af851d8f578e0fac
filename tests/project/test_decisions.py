import numpy as np
import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.errors import InputError, UsageError
from estimation.project.decisions import DECISIONS, OUTCOMES, next_word, outcomes, seen_in_review
from estimation.tables import check_table

DATES = ("due", "decided_on", "done_on")


def decisions(*rows) -> pd.DataFrame:
    """Decisions by hand: project, action, due, decided on, done on; the owner is anna."""
    names = ["project", "action", "due", "decided_on", "done_on"]
    table = pd.DataFrame([(*row, None)[:5] for row in rows], columns=names).assign(owner="anna")
    return by_hand(table.assign(**{name: pd.to_datetime(table[name]) for name in DATES}), DECISIONS)


def said(action, **words) -> dict:
    return {"project": "p", "action": action} | {
        name: pd.Timestamp(word) if name in DATES else word for name, word in words.items()
    }


TABLE = decisions(
    ("p", "ask", "2026-03-31", "2026-03-02", "2026-03-20"),
    ("p", "measure", "2026-03-31", "2026-03-02"),
    ("q", "write", "2026-04-30", "2026-03-16"),
    ("q", "train", "2026-03-10", "2026-03-09"),
    ("q", "train", "2026-05-29", "2026-04-01"),  # the date was moved
)


def told(as_of) -> dict:
    table = outcomes(TABLE, pd.Timestamp(as_of))
    check_table(table, OUTCOMES, "outcomes")
    return dict(zip(table["action"], table["outcome"], strict=True))


def test_a_decision_is_open_until_it_is_done_or_its_day_is_over():
    assert told("2026-03-01") == {}
    # On the day itself nothing is overdue.
    assert told("2026-03-10") == {"train": "open", "ask": "open", "measure": "open"}
    assert told("2026-03-31") == {"train": "overdue", "measure": "open", "write": "open", "ask": "done"}
    # Measuring was due on the day before; the other date was moved on this day.
    assert told("2026-04-01") == {"measure": "overdue", "write": "open", "train": "open", "ask": "done"}


def test_without_a_day_all_is_known_and_nothing_is_overdue():
    table = outcomes(TABLE, pd.NaT)
    assert set(table["outcome"]) == {"open", "done"}
    assert table.set_index("action").loc["train", "due"] == pd.Timestamp("2026-05-29")


@pytest.mark.parametrize("seed", range(20))
def test_what_was_decided_or_done_later_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    first = pd.Timestamp("2026-03-02")
    on = rng.integers(0, 60, 12)
    due, done = on + rng.integers(0, 40, 12), on + rng.integers(0, 60, 12).astype(float)
    days = [
        first + pd.to_timedelta(each, unit="D")
        for each in (due, on, np.where(rng.random(12) < 0.5, done, np.nan))
    ]
    rows = [(f"p{rng.integers(2)}", f"a{rng.integers(3)}", *each) for each in zip(*days, strict=True)]
    day = pd.Timestamp("2026-04-01")
    table = decisions(*rows)
    known = table[table["decided_on"] <= day]
    known = known.assign(done_on=known["done_on"].mask(known["done_on"] > day))
    pd.testing.assert_frame_equal(outcomes(table, day), outcomes(known, day))


def test_a_review_sees_what_stood_when_its_project_ran_then_its_own():
    started, closed = pd.Timestamp("2026-03-23"), pd.Timestamp("2026-04-01")
    seen = seen_in_review(TABLE, "q", started=started, closed=closed)
    # Asking was done before q started; measuring is overdue when q closes; q's own are not judged by a day.
    assert list(zip(seen["action"], seen["outcome"], strict=True)) == [
        ("measure", "overdue"),
        ("write", "open"),
        ("train", "open"),
    ]


TODAY = pd.Timestamp("2026-04-06")


def test_a_new_decision_is_decided_today_and_the_same_words_twice_add_nothing():
    new = next_word(TABLE, said("phone", owner="otto", due="2026-05-01"), TODAY)
    check_table(new, DECISIONS, "decisions")
    assert new["decided_on"].tolist() == [TODAY]
    again = pd.concat([TABLE, new], ignore_index=True)
    later = TODAY + pd.Timedelta(days=3)
    assert next_word(again, said("phone", owner="otto", due="2026-05-01"), later).empty
    assert next_word(again, said("phone", owner="otto", due="2026-05-01", note=None), later).empty


def test_done_keeps_the_day_of_the_decision_and_a_new_date_has_its_own():
    done = next_word(TABLE, said("measure", done_on="2026-04-02", note="twice"), TODAY).iloc[0]
    assert (done["decided_on"], done["due"], done["owner"]) == (
        *pd.to_datetime(["2026-03-02", "2026-03-31"]),
        "anna",
    )
    moved = next_word(TABLE, said("ask", due="2026-06-01"), TODAY).iloc[0]
    assert moved["decided_on"] == TODAY
    assert pd.isna(moved["done_on"])  # decided anew, it is open again


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (said("mesure", done_on="2026-04-02"), InputError, "'mesure' of p is not known; .* 'measure' and 'ask'"),
        ({**said("ask", done_on="2026-04-02"), "project": "r"}, InputError, "'ask' of r is .* nothing was decided"),
        (said(""), UsageError, "without project or action"),
        (said("phone", owner="otto"), UsageError, "'phone' of p is new; expected an owner and a due date"),
        (said("measure", done_on="2026-03-01"), InputError, "done_on is 2026-03-01, before 2026-03-02, when it was"),
        (said("phone", owner="otto", due="2026-04-05"), InputError, "due is 2026-04-05, before 2026-04-06"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(words, error, message):
    with pytest.raises(error, match=message):
        next_word(TABLE, words, TODAY)
