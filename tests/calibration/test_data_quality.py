import pytest
from tables_by_hand import history

from estimation.calibration.data_quality import QUALITY, data_quality
from estimation.tables import check_table

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


def test_what_finished_before_its_predecessors_is_named_with_its_file_and_row():
    early = {**CLEAN, "actual_start": None, "actual_finish": "2026-02-27"}
    rows = [{**early, "milestone": str(k)} for k in range(1, 7)]
    table = data_quality(history(FIRST, *rows)).set_index("rule")
    found = table.loc["finished-before-predecessors"]
    assert (found["project"], found["n_rows"]) == ("p", 6)
    assert found["message"].endswith(
        "Look at p 1 (by hand, row 3), p 2 (by hand, row 4), p 3 (by hand, row 5), p 4 (by hand, row 6) and 2 more"
    )
    without = data_quality(history(FIRST, early).assign(source=None)).set_index("rule")
    assert without["message"]["finished-before-predecessors"].endswith("Look at p 1")


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


@pytest.mark.parametrize(
    ("column", "day", "found"),
    [
        ("actual_finish", "2062-03-06", True),  # 2026 mistyped
        ("baseline_finish", "1970-01-01", True),  # an empty cell read as a zero date
        ("updated_on", "2062-03-06", False),  # no date of the project
        # All other dates lie in the first week of March 2026: plausible are 1996 to 2036.
        ("actual_finish", "2036-02-25", False),
        ("actual_finish", "2036-03-25", True),
        ("project_start", "1996-03-25", False),
        ("project_start", "1996-02-25", True),
    ],
)
def test_a_year_far_from_all_others_is_named_with_its_milestone_and_column(column, day, found):
    table = data_quality(history(FIRST, {**CLEAN, "milestone": "7", column: day}))
    messages = table.loc[table["rule"] == "implausible-years", "message"].tolist()
    assert [f"p 7 ({column} {day})" in message for message in messages] == [True] * found


def test_no_date_before_1980_is_plausible_however_old_the_history_is():
    # All other dates lie in 2005, thirty years before is 1975.
    old = {
        key: value.replace("2026", "2005") if key.endswith(("start", "finish")) else value
        for key, value in CLEAN.items()
    }
    rows = [{**old, "milestone": str(k), "depends_on": ""} for k in range(3)]
    assert "implausible-years" not in rules(
        *rows, {**rows[0], "milestone": "9", "project_start": "1981-01-05"}
    )
    assert (
        rules(*rows, {**rows[0], "milestone": "9", "project_start": "1979-01-05"})["implausible-years"] == 1
    )


def test_a_history_without_dates_has_no_implausible_year():
    effort = {"milestone": "1", "baseline_days": 5.0, "actual_days": 8.0}
    assert "implausible-years" not in rules(effort)


RUNS = {**CLEAN, "actual_finish": None}
GIVEN_UP = {**CLEAN, "actual_start": None, "actual_finish": None, "closed_as": "cancelled"}


def message_of(rule, *rows):
    table = data_quality(history(*rows)).set_index("rule")
    return table["message"].get(rule), table["project"].get(rule), table["n_rows"].get(rule)


def test_cancelled_projects_are_counted_beside_all_projects():
    rows = [{**row, "project": f"q{k}"} for k in range(3) for row in (FIRST, CLEAN)]
    gone = [{**FIRST, "project": "gone"}, {**GIVEN_UP, "project": "gone"}]
    message, project, n_rows = message_of("cancelled-projects", *rows, *gone)
    assert message.startswith("Cancelled: 1 of 4 projects (25 %);")
    assert (project, n_rows) == ("gone", 2)


def test_a_milestone_cancelled_on_the_way_or_in_a_running_project_cancels_no_project():
    dropped = {**GIVEN_UP, "milestone": "x", "baseline_start": "2026-03-02", "baseline_finish": "2026-03-02"}
    assert "cancelled-projects" not in rules(FIRST, dropped, CLEAN)
    assert "cancelled-projects" not in rules({**FIRST, "actual_finish": None}, GIVEN_UP)


def test_an_effort_without_dates_is_a_cancelled_project_when_all_of_it_was_cancelled():
    effort = {"baseline_days": 5.0}
    rows = [{**effort, "project": "a", "milestone": "1", "actual_days": 8.0}]
    rows += [{**effort, "project": "b", "milestone": str(k), "closed_as": "cancelled"} for k in range(2)]
    assert message_of("cancelled-projects", *rows)[0].startswith("Cancelled: 1 of 2 projects (50 %);")


def test_running_projects_are_counted_beside_all_projects():
    rows = [{**row, "project": f"q{k}"} for k in range(2) for row in (FIRST, CLEAN)]
    running = [{**FIRST, "project": "runs"}, {**RUNS, "project": "runs"}]
    message, project, n_rows = message_of("running-projects", *rows, *running)
    assert message.startswith("Still running or not started: 1 of 3 projects (33 %);")
    assert (project, n_rows) == ("runs", 2)
    assert "running-projects" not in rules(FIRST, CLEAN)


def test_a_silent_project_is_no_running_one_and_a_forgotten_date_neither():
    # "gone" was last heard of on 2 March 2026, planned to take four days; "lives" ends the table on 1 June, 65 days on.
    lives = [{**row, "project": "lives"} for row in (FIRST, {**CLEAN, "actual_finish": "2026-06-01"})]
    gone = [{**FIRST, "project": "gone"}, {**RUNS, "project": "gone", "actual_start": None}]
    forgot = [{**FIRST, "project": "forgot", "actual_finish": None}, {**CLEAN, "project": "forgot"}]
    found = rules(*lives, *gone, *forgot)
    assert {"silent-projects": 1, "date-missing": 1}.items() <= found.items()
    assert not {"running", "running-projects"} & found.keys()
    assert "Nothing was heard of gone (since 2026-03-02)" in message_of("silent-projects", *lives, *gone)[0]
    assert "forgot 0 (by hand, row 4)" in message_of("date-missing", *lives, *forgot, *gone)[0]
    kept = [gone[0], {**gone[1], "closed_as": "running"}]
    assert rules(*lives, *kept)["running-projects"] == 2


def test_a_project_closed_later_was_running_on_the_status_date():
    table = data_quality(history(FIRST, CLEAN), as_of="2026-03-04").set_index("rule")
    assert table.loc["running-projects", "message"].startswith(
        "Still running or not started: 1 of 1 project (100 %)"
    )


def test_a_day_off_is_one_of_the_milestones_own_calendar():
    # Sunday 8 March 2026 is worked in Israel and not in Germany; Friday 6 the other way round.
    sunday = {**CLEAN, "actual_finish": "2026-03-08"}
    assert (
        rules(FIRST, {**sunday, "calendar": "IL"}, {**sunday, "milestone": "2", "calendar": "DE"})["day-off"]
        == 1
    )
    assert rules({**FIRST, "calendar": "DE"}, {**CLEAN, "calendar": "IL"})["day-off"] == 1
