import pandas as pd
import pytest
from tables_by_hand import by_hand, history

from estimation.calibration.durations import own_durations
from estimation.errors import InputError
from estimation.ingest.published_forecasts import PUBLISHED
from estimation.pages import quarterly_overviews as overviews
from estimation.pages import quarterly_wording as wording
from estimation.review.quarterly.follow_up import followed_up, how_they_fared, recommended_before
from estimation.review.quarterly.quarterly_tables import (
    CLOSED,
    FARED,
    FOLLOWED_UP,
    LOST_DAYS,
    MULTIPLIER_MOVES,
    RECOMMENDATIONS,
    RUNNING,
)
from estimation.scoring.dates_held import PROMISES_KEPT
from estimation.tables import check_table

DAY = pd.Timestamp("2026-06-30")
MONDAY = pd.Timestamp("2026-03-02")


def project(name, *, promised="2026-03-13", finish="2026-03-13", factor=None, start=MONDAY, **row):
    """One milestone of ten working days, planned from Monday 2 to Friday 13 March 2026."""
    return {"project": name, "milestone": "1", "project_start": start, "baseline_start": start,
            "baseline_finish": start + pd.Timedelta(days=11), "baseline_days": 10.0, "promised_finish": promised,
            "actual_start": start if finish else None, "actual_finish": finish, "factor_used": factor,
            "closed_as": "delivered" if finish else None, **row}  # fmt: skip


def forecast(name, p50, p80):
    usual = {"entry": 1, "project": name, "as_of": MONDAY, "milestone": "project"}
    return [
        usual | {"level": level, "finish": pd.Timestamp(date)} for level, date in ((0.5, p50), (0.8, p80))
    ]


def fared(projects, forecasts=(), slips=None, as_of=DAY):
    known = history(*projects)
    closed = [{"project": name, "slip_days": float(days)} for name, days in (slips or {}).items()]
    published = by_hand(
        pd.DataFrame(list(forecasts), columns=None if forecasts else list(PUBLISHED)), PUBLISHED
    )
    closed = by_hand(pd.DataFrame(closed, columns=["project", "slip_days"]), CLOSED)
    table = how_they_fared(known, published, closed, own_durations(known), as_of)
    check_table(table, FARED, "fared")
    return table.set_index("group")


# Five promises each, for Friday 13 March: before P50 of the 20th, on P50 of the 13th, and on P80 of the 13th.
FORECASTS = {
    "a": ("2026-03-20", "2026-03-27"),
    "b": ("2026-03-13", "2026-03-27"),
    "c": ("2026-03-06", "2026-03-13"),
}
HELD = {"a": 1, "b": 3, "c": 5}


def promises(**changes):
    projects = [
        project(f"{kind}{k}", finish="2026-03-13" if k < HELD[kind] else "2026-03-16") | changes
        for kind in "abc"
        for k in range(5)
    ]
    return projects, [
        row for one in projects for row in forecast(one["project"], *FORECASTS[one["project"][0]])
    ]


def test_promises_are_counted_by_where_they_lay_in_the_kickoff_forecast():
    table = fared(*promises())
    counts = table.loc[["before P50", "P50 to P80", "P80 or later"], ["n_projects", "n_held"]]
    assert counts.to_numpy().tolist() == [[5, 1], [5, 3], [5, 5]]
    # Clopper-Pearson, five of five: the lower end is .05 ** (1/5) = .549, the upper end 1.
    assert table.loc["P80 or later", ["share_lower", "share_upper"]].tolist() == pytest.approx(
        [0.549, 1], abs=5e-4
    )
    assert table["median_slip_days"].isna().all()


def test_a_promise_counts_when_its_date_has_come_and_unfinished_work_missed_it():
    before = fared(*promises(), as_of=pd.Timestamp("2026-03-12"))
    assert before["n_projects"].sum() == 0
    open_still = fared(*promises(actual_finish=None, closed_as=None), as_of=pd.Timestamp("2026-03-31"))
    assert open_still["n_held"].iloc[:3].tolist() == [0, 0, 0]


def test_without_promise_or_kickoff_forecast_nothing_is_counted_and_four_are_too_few():
    projects, forecasts = promises()
    assert fared([one | {"promised_finish": None} for one in projects], forecasts)["n_projects"].sum() == 0
    assert fared(projects, forecasts[::2])["n_projects"].sum() == 0  # P50 alone says little of a promise
    few = fared(projects[:4], forecasts[:8]).loc["before P50"]
    assert (few["n_projects"], few["suppressed"]) == (4, True)
    assert few[["n_held", "share_held", "share_lower"]].isna().all()


def plans():
    """Three projects closed in January, then six that multiplied by 1.5, six that did not, and one by 1.04."""
    early = [
        project(f"e{k}", start=pd.Timestamp("2026-01-05"), promised=None, finish=f"2026-01-{12 + k}")
        for k in range(3)
    ]
    later = [project(f"{kind}{k}", factor={"m": 1.5, "r": None}[kind]) for kind in "mr" for k in range(6)]
    return [*early, *later, project("r6", factor=1.04)]


def test_plans_are_told_apart_by_their_factor_and_by_what_they_could_have_known():
    slips = {"e0": 9, "e1": 9, "e2": 9} | {f"m{k}": k - 3 for k in range(6)} | {f"r{k}": k for k in range(7)}
    table = fared(plans(), slips=slips)
    # Multiplied: slips -3 to 2, four of six in time, median -.5. Not multiplied: 0 to 6, one of seven, median 3; 1.04
    # is no multiplier, and the first three had no closed project to learn from.
    assert table.loc["multiplied", ["n_projects", "n_held", "median_slip_days"]].tolist() == [6, 4, -0.5]
    assert table.loc["not multiplied", ["n_projects", "n_held", "median_slip_days"]].tolist() == [7, 1, 3]


def test_of_two_closed_projects_nobody_could_have_learned():
    projects = [one for one in plans() if one["project"] != "e0"]
    assert fared(projects, slips={f"r{k}": 1 for k in range(6)}).loc["not multiplied", "n_projects"] == 0


KEPT = by_hand([{"level": 0.8, "n_due": 30, "n_held": 24, "verdict": "as promised"}], PROMISES_KEPT)
MOVES = by_hand([{"phase": "data", "level": 0.8, "now": 2.5, "n_now": 14}], MULTIPLIER_MOVES)
LOST = by_hand(
    [
        {"dimension": "phase", "value": "staffing", "lost_days": 99.0, "n_projects": 9, "suppressed": False},
        {"dimension": "cause", "value": "staffing", "lost_days": 12.0, "n_projects": 6, "suppressed": False},
        {"dimension": "cause", "value": "estimate", "n_projects": 2, "suppressed": True},
    ],
    LOST_DAYS,
)
LATE = by_hand(
    [
        {"project": "p", "project_name": "Maps, old ones", "evidence": "delayed"},
        {"project": "q", "evidence": "on track"},
    ],
    RUNNING,
)


def recommended(*rows):
    names = ["rule", "item", "value", "n"]
    return by_hand(pd.DataFrame(rows, columns=names).assign(rank=range(1, len(rows) + 1)), RECOMMENDATIONS)


BEFORE = recommended(
    ("dates-too-early", "P80", 9, 20),
    ("running-delayed", "Maps, old ones, q", 2, 5),
    ("largest-multiplier", "data", 3.25, 10),
    ("costliest-cause", "staffing", 40, 9),
    ("costliest-cause", "estimate", 41, 9),
    ("forecasts-missing", "kickoff", 4, 8),
)
NEWER = recommended(("a-rule-to-come", "of something", 4, 8))


def test_each_recommendation_stands_beside_the_same_number_of_today():
    now = recommended(("largest-multiplier", "data", 2.5, 14), ("costliest-cause", "other", 30, 9))
    table = followed_up(BEFORE, now, KEPT, MOVES, LOST, LATE, n_started=7, n_unpublished=1)
    check_table(table, FOLLOWED_UP, "followed up")
    # Of two named as delayed one still is. Of the cause with two projects nothing is shown.
    assert table["value_now"].fillna(-1).tolist() == [24, 1, 2.5, 12, -1, 1]
    assert table["n_now"].fillna(-1).tolist() == [30, 2, 14, 6, -1, 7]
    assert table["recommended"].tolist() == [False, True, True, False, False, False]
    shown = overviews.followed_overview(table)
    assert shown["then"].tolist() == [
        "9 of 20", "2 of 5 delayed", "3.25", "40 working days in 9 projects", "41 working days in 9 projects", "4 of 8",
    ]  # fmt: skip
    assert shown["now"].fillna("–").tolist() == [
        "24 of 30", "1 of 2 delayed", "2.50", "12 working days in 6 projects", "–", "1 of 7",
    ]  # fmt: skip
    assert shown["what"].iloc[2] == "Multiply estimates of data by 3.25 where a date has to hold."


def test_of_a_rule_that_is_not_known_nothing_is_said():
    table = followed_up(NEWER, NEWER.iloc[:0], KEPT, MOVES, LOST, LATE, n_started=7, n_unpublished=1)
    assert table[["value_now", "n_now"]].isna().all(axis=None)


def test_without_an_earlier_report_nothing_is_followed_up():
    table = followed_up(BEFORE.iloc[:0], BEFORE, KEPT, MOVES, LOST, LATE, n_started=0, n_unpublished=0)
    assert table.empty
    assert overviews.followed_overview(table).empty


def test_only_an_earlier_quarterly_is_taken():
    quarter, tables = pd.Period("2026Q3"), {"recommendations": BEFORE}
    pd.testing.assert_frame_equal(recommended_before("q2", {"quarter": "2026Q2"}, tables, quarter), BEFORE)
    for inputs, held, found in (
        ({"project": "p"}, tables, "holds the results of another report"),
        ({"quarter": "2026Q2"}, {}, "holds the results of another report"),
        ({"quarter": "2026Q2"}, {"recommendations": BEFORE[["rank"]]}, "holds the results of another report"),
        ({"quarter": "2026Q3"}, tables, "holds the report of 2026Q3"),
    ):
        with pytest.raises(InputError, match=f"last_report: q2 {found}; expected .* a quarter before 2026Q3"):
            recommended_before("q2", inputs, held, quarter)


def test_promises_and_plans_are_said_and_laid_out_with_what_the_share_may_be():
    table = fared(*promises()).reset_index()
    assert wording.fared_finding(table) == (
        "1 of 5 promises before P50, 3 of 5 promises from P50 to P80 and 5 of 5 promises at P80 or later held. Too few "
        "to judge: plans with multipliers and plans without multipliers."
    )
    shown = overviews.fared_overview(table)
    assert shown["label"].tolist()[0] == "Promises before P50"
    # One of five: .010 and .657, the solutions of 1 - (1 - p)^5 = .05 and of (1 - p)^5 + 5 p (1 - p)^4 = .05.
    assert shown["share"].tolist()[0] == "20 % (1 % to 66 %)"
    assert len(shown) == 3
    assert wording.fared_finding(table.iloc[:0]) == ""
