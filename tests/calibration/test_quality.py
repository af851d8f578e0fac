import pytest
from tables_by_hand import history

from estimation.calibration.quality import data_quality
from estimation.tables import QUALITY, check_table

START = {"project_start": "2026-03-02"}
CLEAN = {
    "milestone": "1",
    "depends_on": "0",
    "actual_start": "2026-03-03",
    "actual_finish": "2026-03-06",
    "baseline_start": "2026-03-03",
    "baseline_finish": "2026-03-05",
    **START,
}
FIRST = {**CLEAN, "milestone": "0", "depends_on": "", "actual_start": "2026-03-02", "actual_finish": "2026-03-02",
         "baseline_start": "2026-03-02", "baseline_finish": "2026-03-02"}  # fmt: skip


def rules(*rows):
    table = data_quality(history(*rows))
    check_table(table, QUALITY, "quality")
    return dict(zip(table["rule"], table["n_rows"], strict=True))


def test_a_clean_project_gives_no_finding():
    assert rules(FIRST, CLEAN).keys() == {"thin-phases"}  # one project is thin by itself


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"closed_as": "cancelled", "actual_finish": None, "actual_start": None}, "cancelled"),
        ({"baseline_days": 0.0, "actual_days": 2.0}, "planned-in-no-time"),
        ({"actual_days": 0.0, "baseline_days": 3.0}, "took-no-time"),
        ({"actual_start": None, "actual_finish": "2026-02-27"}, "finished-before-predecessors"),
        ({"baseline_finish": None, "baseline_start": None, "added_after_baseline": True}, "added-later"),
        ({"actual_finish": None}, "running"),
        ({"actual_start": None}, "start-derived"),
        ({"actual_finish": "2026-03-07"}, "day-off"),
    ],
)
def test_each_rule_fires_for_the_one_milestone_it_is_about(changed, rule):
    assert rules(FIRST, {**CLEAN, **changed})[rule] == 1


def test_milestones_without_any_dependencies_are_said_to_be_taken_in_order():
    found = rules({**FIRST, "depends_on": None}, {**CLEAN, "depends_on": None})
    assert found["order-assumed"] == 2


def test_the_same_dates_under_two_phases_are_reported():
    twin = {**CLEAN, "milestone": "1b", "phase": "other"}
    assert rules(FIRST, CLEAN, twin)["same-dates-two-phases"] == 1


def test_a_project_that_copies_its_plan_is_named():
    rows = [{**FIRST, "milestone": str(k), "actual_finish": "2026-03-02", "depends_on": ""} for k in range(5)]
    table = data_quality(history(*rows))
    row = table[table["rule"] == "copies-its-plan"].iloc[0]
    assert (row["project"], row["n_rows"]) == ("p", 5)


def test_a_later_baseline_is_said_to_hide_part_of_the_overrun():
    found = rules(FIRST, {**CLEAN, "baseline_version": 2})
    assert found["later-baseline"] == 1


def test_a_ratio_that_comes_too_often_is_reported_as_heaped():
    # Sixty milestones, each planned for 3 days, half of them taking exactly six: ratio 2; the others 4 to 9 days.
    rows = [
        {
            **CLEAN,
            "milestone": f"m{k}",
            "depends_on": "",
            "baseline_days": 3.0,
            "actual_days": 6.0 if k % 2 else 4.0 + k / 12,
        }
        for k in range(60)
    ]
    assert rules(FIRST, *rows)["heaped-ratios"] >= 30


def test_a_phase_that_few_projects_know_is_named():
    assert rules(FIRST, CLEAN)["thin-phases"] == 2


def test_a_mistyped_year_stands_out_as_an_extreme_ratio():
    found = data_quality(history(FIRST, {**CLEAN, "actual_finish": "2062-03-06"}))
    row = found[found["rule"] == "extreme-ratios"].iloc[0]
    assert "p 1 (" in row["message"]


def test_planned_days_that_the_dates_do_not_span_are_reported_and_the_dates_used():
    assert rules(FIRST, {**CLEAN, "baseline_days": 9.0})["days-and-dates-differ"] == 1


def test_a_history_that_is_nearly_always_on_plan_is_asked_about():
    rows = [{**FIRST, "milestone": str(k), "project": f"q{k}", "depends_on": ""} for k in range(6)]
    assert rules(*rows)["on-plan-too-often"] == 6


def test_a_day_off_is_one_of_the_milestones_own_calendar():
    # Sunday 8 March 2026 is worked in Israel and not in Germany; Friday 6 the other way round.
    sunday = {**CLEAN, "actual_finish": "2026-03-08"}
    assert (
        rules(FIRST, {**sunday, "calendar": "IL"}, {**sunday, "milestone": "2", "calendar": "DE"})["day-off"]
        == 1
    )
    assert rules({**FIRST, "calendar": "DE"}, {**CLEAN, "calendar": "IL"})["day-off"] == 1
