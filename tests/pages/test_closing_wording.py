"""The closing of a project in sentences."""

import pandas as pd

from estimation.pages.closing_wording import multiplier_lines, plan_lines


def multipliers(*rows):
    names = ["phase", "level", "before", "after"]
    return pd.DataFrame(rows, columns=names)


def test_phases_that_moved_by_a_hundredth_are_named_with_both_numbers():
    lines = multiplier_lines(
        multipliers(
            ("data_preparation", 0.5, 3.051, 3.019),
            ("data_preparation", 0.8, 4.2251, 4.2249),  # on either side of 4.225
            ("deployment", 0.5, 1.201, 1.204),
            ("deployment", 0.8, 1.5, 1.5),
            ("hardware", 0.5, None, 1.3),
            ("hardware", 0.8, None, 1.9),
        )
    )
    assert lines[1:] == [
        "  Data preparation: P50 from 3.05 to 3.02, P80 from 4.23 to 4.22",
        "  Hardware (a new phase): P50 1.30, P80 1.90",
        "  1 other phase moved by less than a hundredth.",
    ]


def test_where_none_moved_one_sentence_says_so():
    lines = multiplier_lines(multipliers(("deployment", 0.5, 1.201, 1.204)))
    assert lines == ["Multipliers: none moved by a hundredth."]


def test_the_dates_of_the_last_plans_stand_before_and_after():
    days = [("2026-10-19", "2026-11-27", "2026-11-27"), ("2026-10-09", "2026-12-14", "2026-12-15")]
    days += [("2026-09-25", "2026-11-30", "2026-11-26")]
    names = ("planned_finish", "before", "after")
    rows = [
        {"project": project, **dict(zip(names, map(pd.Timestamp, row), strict=True))}
        for project, row in zip("abc", days, strict=True)
    ]
    assert plan_lines(pd.DataFrame(rows))[1:] == [
        "  a, planned for 19 Oct 2026: 27 Nov 2026, unchanged",
        "  b, planned for 9 Oct 2026: 14 Dec 2026 becomes 15 Dec 2026, 1 calendar day later",
        "  c, planned for 25 Sep 2026: 30 Nov 2026 becomes 26 Nov 2026, 4 calendar days earlier",
    ]
    assert plan_lines(pd.DataFrame()) == []
