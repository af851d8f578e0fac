import time

import pandas as pd
import pytest

from estimation.errors import InputError
from estimation.ingest.gate import HISTORY_NEED, PLAN_NEED, STATUS_NEED, pass_gate
from estimation.ingest.mapping import TableMapping
from estimation.ingest.raw_table import RawTable
from estimation.tables import HISTORY, PLAN, STATUS, check_table

HEADERS = ["Project", "Milestone", "Phase", "Due date", "Done on"]
ROW = ["atlas", "1.1", "discovery", "2026-03-06", "2026-03-09"]


def table_of(*rows, headers=HEADERS):
    return RawTable("history.csv", headers, [list(row) for row in rows], list(range(2, len(rows) + 2)))


def through(raw, contract=HISTORY, need=HISTORY_NEED, **mapping):
    return pass_gate(raw, contract, need, TableMapping(**mapping)).table


def refused(raw, contract=HISTORY, need=HISTORY_NEED, **mapping):
    """The problems as (row, column, the rest of the sentence)."""
    with pytest.raises(InputError) as error:
        through(raw, contract, need, **mapping)
    return [(one.row, one.column, f"{one.came}; {one.wanted}. {one.remedy}") for one in error.value.problems]


def places(said):
    return [(row, column) for row, column, _ in said]


@pytest.mark.parametrize(
    ("contract", "need", "headers"),
    [
        (HISTORY, HISTORY_NEED, HEADERS),
        (PLAN, PLAN_NEED, HEADERS),
        (STATUS, STATUS_NEED, ["Project", "Milestone", "Phase", "Status date", "Expected finish"]),
    ],
)
def test_what_comes_through_keeps_its_contract(contract, need, headers):
    table = through(table_of(ROW, headers=headers), contract, need)
    check_table(table, contract, "table")
    assert table["milestone"].tolist() == ["1.1"]
    assert table["source"].tolist() == ["history.csv, row 2"]


def test_durations_without_a_calendar_are_enough():
    raw = table_of(["a", "1", "work", "5", "7"], headers=[*HEADERS[:3], "Estimate", "Days taken"])
    assert through(raw)[["baseline_days", "actual_days"]].to_numpy().tolist() == [[5.0, 7.0]]


PLANNED = [*HEADERS[:3], "Planned days", "Team estimate", "Factor"]


def test_estimate_and_factor_stand_beside_the_baseline():
    raw = table_of(["a", "1", "work", "15", "10", "1.44"], ["a", "2", "work", "5", "", ""], headers=PLANNED)
    table = through(raw)[["baseline_days", "estimate_days", "factor_used"]]
    assert table.fillna(-1).to_numpy().tolist() == [[15, 10, 1.44], [5, -1, -1]]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["15", "10", "0"], ("Factor", "'0' came; wanted a factor above 0")),
        (["15", "0", ""], ("Team estimate", "'0' came; Planned days is 15: no factor makes one the other")),
        (["0", "10", ""], ("Team estimate", "'10' came; Planned days is 0")),
        # 10 times 1.44 are 14.4; a day for rounding and .16 for the factor: 15.5 is rounding, 15.7 is not.
        (
            ["15.7", "10", "1.44"],
            ("Factor", "'1.44' came; 10 estimated days times it are 14.4, Planned days is 15.7"),
        ),
    ],
)
def test_an_estimate_that_cannot_have_given_its_baseline_is_refused(cells, said):
    ((row, column, words),) = refused(table_of(["a", "1", "work", *cells], headers=PLANNED))
    assert (row, column) == (2, said[0])
    assert words.startswith(said[1])
    assert through(table_of(["a", "1", "work", "15.5", "10", "1.44"], headers=PLANNED))[
        "factor_used"
    ].tolist() == [1.44]


def test_an_estimate_without_any_baseline_is_what_was_approved():
    table = through(table_of(["a", "1", "work", "5"], headers=[*HEADERS[:3], "Estimate (days)"]))
    assert table["baseline_days"].tolist() == [5.0]
    assert table["estimate_days"].isna().all()


def test_planned_days_alone_are_enough_for_a_plan_and_for_a_history_that_holds_one():
    raw = table_of(["a", "1", "work", "5"], headers=[*HEADERS[:3], "Estimate"])
    assert through(raw, PLAN, PLAN_NEED)["baseline_days"].tolist() == [5.0]
    assert through(raw)["baseline_days"].tolist() == [5.0]


def test_work_added_after_the_baseline_needs_none():
    raw = table_of([*ROW, ""], ["atlas", "1.2", "data", "", "", "yes"], headers=[*HEADERS, "Added later"])
    assert through(raw)["added_after_baseline"].fillna(False).tolist() == [False, True]


def test_problems_of_headers_and_cells_are_said_together_and_in_order():
    headers = ["Project", "Milestone", "Phaze", "Due date", "Done on"]
    raw = table_of(["a", "1", "x", "2026-03-06", "now"], ["a", "1", "x", "March", ""], headers=headers)
    assert places(refused(raw)) == [
        (None, "phase"),
        (2, "Done on"),
        (3, "Due date"),
        (3, "Milestone"),
    ]


def test_a_column_that_cannot_be_read_is_not_also_called_missing():
    # Every planned finish is ambiguous: one problem for the column, none about rows without a baseline.
    rows = [["a", str(n), "work", f"0{n}/0{n + 1}/2026", ""] for n in range(1, 9)]
    assert places(refused(table_of(*rows))) == [(2, "Due date")]


def test_planned_days_that_cannot_be_read_are_not_also_called_missing():
    raw = table_of(["a", "1", "work", "5 days", "7"], headers=[*HEADERS[:3], "Estimate", "Days taken"])
    assert places(refused(raw)) == [(2, "Estimate")]


def test_a_status_date_that_cannot_be_read_is_not_also_called_missing():
    raw = table_of(["a", "1", "soon"], headers=["Project", "Milestone", "Status date"])
    assert places(refused(raw, STATUS, STATUS_NEED)) == [(2, "Status date")]


def test_a_missing_column_names_the_nearest_header_that_nothing_else_uses():
    said = refused(
        table_of(ROW, headers=["Project name", "Milestone", "Phase", "Plan. fin. date", "Done on"])
    )
    assert [sentence.partition("; is it ")[2] for *_, sentence in said] == [
        "'Project name'? Rename the header or name it in a mapping file under 'columns:'.",
        "'Plan. fin. date'? Rename the header or name it in a mapping file under 'columns:'.",
    ]


def test_an_actual_date_is_never_offered_as_the_planned_one():
    ((_, column, sentence),) = refused(
        table_of(ROW[:4], headers=["Project", "Milestone", "Phase", "Actual finish"])
    )
    assert column == "baseline_finish"
    assert "is it" not in sentence


def test_two_headers_of_one_column_are_refused_unless_the_table_does_not_need_it():
    headers = ["Project", "Milestone", "Phase", "Due date", "Done on", "Finished"]
    assert refused(table_of([*ROW, ""], headers=headers)) == [
        (
            None,
            "Finished",
            "'Done on' and 'Finished' both read as actual_finish; wanted one. "
            "Say which in a mapping file: columns: {actual_finish: 'Done on'}, or rename the other.",
        )
    ]
    assert len(through(table_of([*ROW, ""], headers=headers), PLAN, PLAN_NEED)) == 1
    chosen = through(table_of([*ROW, ""], headers=headers), columns={"actual_finish": "Finished"})
    assert chosen["actual_finish"].isna().all()


def test_two_headers_of_the_same_words_can_only_be_renamed():
    # Two rows of headers, "Baseline" and "Actual" above "Start" and "Finish", leave every word twice.
    raw = table_of(ROW, headers=["Project", "Milestone", "Phase", "Finish", "finish"])
    ((_, column, sentence),) = refused(raw, columns={"baseline_finish": "Finish"})
    assert column == "finish"
    assert sentence.endswith("wanted one. Rename one of the two in the file.")


def test_an_empty_cell_that_is_needed_is_refused_row_by_row():
    said = refused(table_of(["", "1.1", "", "2026-03-06", ""], ["atlas", "", "data", "2026-03-06", ""]))
    assert places(said) == [(2, "Project"), (2, "Phase"), (3, "Milestone")]


def test_finish_before_start_is_refused_under_the_headers_of_the_person():
    raw = table_of([*ROW, "2026-03-10"], headers=[*HEADERS, "Started"])
    assert refused(raw) == [
        (
            2,
            "Done on",
            "2026-03-09 came; it is before Started 2026-03-10. "
            "Correct one of the two, or leave the one that is not known empty.",
        )
    ]


def test_finish_on_the_day_of_the_start_is_in_order():
    assert len(through(table_of([*ROW, "2026-03-09"], headers=[*HEADERS, "Started"]))) == 1


def test_a_milestone_may_stand_twice_only_with_another_baseline():
    headers = [*HEADERS, "baseline_version"]
    assert len(through(table_of([*ROW, "1"], [*ROW, "2"], headers=headers))) == 2
    said = refused(table_of([*ROW, "1"], [*ROW, ""], [*ROW, "1.0"], headers=headers))
    # A row without a number is the first baseline too.
    assert places(said) == [(3, "Milestone"), (4, "Milestone")]
    assert said[0][2].startswith(
        "Project 'atlas', Milestone '1.1', baseline_version '1' came again; row 2 has it. Keep one of the rows"
    )


def test_a_number_of_a_baseline_that_cannot_be_read_makes_no_double():
    raw = table_of([*ROW, "1"], [*ROW, "first"], headers=[*HEADERS, "baseline_version"])
    assert places(refused(raw)) == [(3, "baseline_version")]


def test_the_same_id_in_two_projects_is_no_double():
    assert len(through(table_of(ROW, ["borealis", *ROW[1:]]))) == 2


WEEK = ["Project", "Milestone", "Status date", "Started", "% done", "Done on", "owner"]


def of_a_week(*rows):
    return table_of(*(["a", "1", *row] for row in rows), headers=WEEK)


def test_rows_of_one_milestone_and_status_date_are_one():
    raw = of_a_week(
        ["2026-03-06", "2026-03-02", "", "", "ann"],
        ["2026-03-13", "", "0.5", "", ""],
        ["2026-03-06", "2026-03-02", "30%", "", "bob"],  # an owner is no part of a status
        ["2026-03-06", "", "", "2026-03-06", ""],
    )
    assert places(refused(raw, STATUS, STATUS_NEED)) == [(4, "% done")]

    table = through(of_a_week(*(row[2:] for row in raw.rows[:3])), STATUS, STATUS_NEED)
    assert table["as_of"].dt.day.tolist() == [6, 13]
    assert table["percent_complete"].tolist() == [0.3, 0.5]
    assert table["actual_start"].dt.day.tolist()[0] == 2
    assert table["source"].tolist() == ["history.csv, row 2", "history.csv, row 3"]


def test_every_cell_that_differs_from_a_row_of_the_same_day_is_refused_with_both():
    raw = of_a_week(
        ["2026-03-06", "", "30%", "", ""],
        ["2026-03-06", "2026-03-02", "", "", ""],
        ["2026-03-06", "2026-03-03", "40%", "", ""],
    )
    remedy = "Correct one of the rows, or give the later word a status date of its own."
    same = "for the same milestone and Status date"
    said = [
        (4, "% done", f"'40%' came; row 2 says '30%' {same}. {remedy}"),
        (4, "Started", f"'2026-03-03' came; row 3 says '2026-03-02' {same}. {remedy}"),
    ]
    assert refused(raw, STATUS, STATUS_NEED) == said

    passed = pass_gate(raw, STATUS, STATUS_NEED, set_aside=True)
    assert [one.row for one in passed.rejects] == [4]
    assert passed.table[["percent_complete"]].to_numpy().tolist() == [[0.3]]
    assert passed.table["actual_start"].dt.day.tolist() == [2]


def test_what_only_joined_rows_contradict_is_refused_at_the_cell_that_says_it():
    raw = of_a_week(["2026-03-06", "2026-03-05", "", "", ""], ["2026-03-06", "", "", "2026-03-04", ""])
    assert [(row, column) for row, column, _ in refused(raw, STATUS, STATUS_NEED)] == [(3, "Done on")]


def test_a_translated_cell_is_as_empty_as_one_that_was_left_empty():
    raw = of_a_week(["2026-03-06", "-", "", "", ""], ["2026-03-06", "2026-03-02", "", "", ""])
    table = through(raw, STATUS, STATUS_NEED, translate={"actual_start": {"-": ""}})
    assert table["actual_start"].dt.day.tolist() == [2]


def test_an_odd_status_is_taken_and_its_rows_are_named_under_any_header():
    headers = ["project", "milestone", "as_of", "forecast_finish"]
    mapped = TableMapping(columns={"as_of": "{week}"})
    rows = [["a", str(n), "2026-03-06", "2026-03-05"] for n in range(6)]
    passed = pass_gate(
        table_of(*rows, headers=[*headers[:2], "{week}", headers[3]]), STATUS, STATUS_NEED, mapped
    )
    ((row, came),) = [(one.row, one.came) for one in passed.warnings]
    assert (row, came) == (
        2,
        "a forecast before the status date of its row came in rows 2, 3, 4, 5 and 2 more",
    )


def test_added_work_that_says_its_days_in_any_week_can_be_followed():
    headers = ["project", "milestone", "as_of", "remaining_days", "added_after_baseline"]
    rows = [["a", "1", "2026-03-06", "", "yes"], ["a", "1", "2026-03-13", "4", ""]]
    assert not pass_gate(table_of(*rows, headers=headers), STATUS, STATUS_NEED).warnings
    rows[1][0] = "b"
    assert [one.row for one in pass_gate(table_of(*rows, headers=headers), STATUS, STATUS_NEED).warnings] == [
        2
    ]


def with_logic(*rows):
    headers = ["Project", "Milestone", "Phase", "Due date", "Predecessors"]
    return table_of(*([row[0], row[1], "work", "2026-03-06", row[2]] for row in rows), headers=headers)


def test_every_unknown_predecessor_of_a_row_is_named():
    said = refused(with_logic(("a", "2.1", ""), ("a", "2.2", "2.11; 2.1; x"), ("b", "2.2", "2.1")))
    assert said == [
        (
            3,
            "Predecessors",
            "'2.11; 2.1; x' came; milestone 2.2 depends on 2.11, which is no milestone of this plan. Did you mean 2.1?",
        ),
        (
            3,
            "Predecessors",
            "'2.11; 2.1; x' came; milestone 2.2 depends on x, which is no milestone of this plan. "
            "Name one of the milestones, or remove the link.",
        ),
        (
            4,
            "Predecessors",
            "'2.1' came; milestone 2.2 depends on 2.1, which is no milestone of this plan. Did you mean 2.2?",
        ),
    ]


def test_every_circle_is_named_at_the_row_that_closes_it():
    # 1 -> 2 -> 3 -> 1 is closed by the third row; 4 and 5 wait for each other; 6 waits for itself.
    said = refused(
        with_logic(
            ("a", "1", "3"),
            ("a", "2", "1"),
            ("a", "3", "2"),
            ("a", "4", "5"),
            ("a", "5", "4; 1"),
            ("a", "6", "6"),
        )
    )
    assert [(row, sentence.partition("circle: ")[2].partition(";")[0]) for row, _, sentence in said] == [
        (4, "1 -> 2 -> 3 -> 1"),
        (6, "4 -> 5 -> 4"),
        (7, "6 -> 6"),
    ]
    assert all(sentence.endswith("Remove one of these links.") for *_, sentence in said)


def test_a_link_that_cannot_be_read_says_how_links_are_written():
    ((row, _, sentence),) = refused(with_logic(("a", "1", ""), ("a", "2", "after 1")))
    assert row == 3
    assert sentence.endswith(
        "such as 2.1, 2.2FS+3d or 4SS+1w. Correct it, and separate several predecessors by semicolons."
    )


def test_a_row_without_an_id_does_not_disturb_the_logic_of_the_others():
    assert places(refused(with_logic(("a", "1", ""), ("a", "", "1"), ("a", "3", "1")))) == [(3, "Milestone")]


def test_a_project_of_two_thousand_milestones_in_a_chain_is_checked_in_a_few_seconds():
    rows = [("a", str(n), str(n - 1) if n else "") for n in range(2000)]
    start = time.process_time()
    assert len(through(with_logic(*rows))) == 2000
    assert time.process_time() - start < 5


def test_a_thousand_unknown_predecessors_are_refused_in_a_few_seconds():
    rows = [("a", f"milestone-{n}", f"milestoned-{n}") for n in range(1000)]
    start = time.process_time()
    assert len(refused(with_logic(*rows))) == 1000
    assert time.process_time() - start < 5


def test_a_name_over_several_lines_is_refused():
    said = refused(table_of(["atlas", "1.1,data\natlas", "discovery", "2026-03-06", ""]))
    assert said == [
        (
            2,
            "Milestone",
            "'1.1,data atlas' came, which goes over several lines; wanted a name in one line. "
            "Correct it; if it holds a part of the next row, a quotation mark is missing there.",
        )
    ]


def test_a_calendar_that_cannot_be_read_is_refused_once():
    raw = table_of([*ROW, "Mon-Fri"], ["atlas", "1.2", *ROW[2:], "Mon-Fri"], headers=[*HEADERS, "calendar"])
    assert places(refused(raw)) == [(2, "calendar")]


def test_names_that_look_like_missing_values_are_names():
    table = through(table_of(["NA", "None", "nan", "2026-03-06", ""]))
    assert table[["project", "milestone", "phase"]].to_numpy().tolist() == [["NA", "None", "nan"]]


def test_no_rows_are_refused():
    assert refused(table_of()) == [
        (
            None,
            "",
            "no row came; wanted at least one. Check the file, and 'skip_rows:' if there is a mapping file.",
        )
    ]


def test_a_mapping_renames_translates_and_fills_in():
    raw = table_of(
        ["7", "T1", "Dev", "04/03/2026", "TBD"], headers=["Job", "Ticket", "Kind", "Target", "Real end"]
    )
    table = through(
        raw,
        columns={
            "milestone": "ticket",
            "phase": "KIND",
            "baseline_finish": "Target",
            "actual_finish": "Real end",
        },
        translate={"phase": {"Dev": "model_development"}, "actual_finish": {"TBD": ""}},
        dates={"target": "%m/%d/%Y"},
        constants={"project": "atlas", "client": "ACME", "baseline_version": "2"},
    )
    row = table.loc[0, ["project", "client", "milestone", "phase", "baseline_version"]]
    assert row.tolist() == ["atlas", "ACME", "T1", "model_development", 2]
    assert table["baseline_finish"][0] == pd.Timestamp("2026-04-03")
    assert table["actual_finish"].isna().all()


def test_a_constant_wins_over_a_column_of_the_file():
    assert through(table_of(ROW), constants={"phase": "work"})["phase"].tolist() == ["work"]


def test_a_constant_that_cannot_be_read_is_said_once_and_placed_in_the_mapping():
    with pytest.raises(InputError) as error:
        through(table_of(ROW, ["atlas", "1.2", *ROW[2:]]), constants={"weight": "a lot"})
    (problem,) = error.value.problems
    assert str(problem).startswith(
        "history.csv, 'constants' of the mapping file, column 'weight': 'a lot' came; wanted a plain number."
    )


def test_a_header_of_the_mapping_that_did_not_come_is_named_with_the_nearest():
    said = refused(
        table_of(ROW, headers=["Project", "Milestone", "Phase", "Due", "Finished at"]),
        columns={"actual_finish": "Finish at"},
        dates={"Dues": "%d/%m/%Y"},
    )
    headers = "The headers are: Project, Milestone, Phase, Due, Finished at; "
    assert said == [
        (
            None,
            "Finish at",
            "no such column came; the mapping file reads actual_finish from it. "
            f"{headers}is it 'Finished at'? Correct 'columns:' in the mapping file.",
        ),
        (
            None,
            "Dues",
            "no such column came; the mapping file gives its date format. "
            f"{headers}is it 'Due'? Correct 'dates:' in the mapping file.",
        ),
    ]


def test_a_mapping_made_for_a_history_serves_a_plan_without_actual_dates():
    raw = table_of(ROW[:4], headers=HEADERS[:4])
    mapping = {"columns": {"actual_finish": "Closed"}, "dates": {"Closed": "%d/%m/%Y"}}
    assert len(through(raw, PLAN, PLAN_NEED, **mapping)) == 1


def test_cells_of_a_joined_column_are_placed_in_their_own_file():
    raw = RawTable(
        "tasks.csv",
        HEADERS,
        [ROW, ["atlas", "1.2", "data", "2026-03-06", "soon"]],
        [2, 3],
        {4: [("dates.csv", 17), ("dates.csv", 9)]},
    )
    with pytest.raises(InputError) as error:
        through(raw)
    assert str(error.value).splitlines()[1].startswith("dates.csv, row 9, column 'Done on': 'soon' came; ")


def test_a_table_with_many_problems_shows_fifty_and_the_count():
    rows = [["a", str(n), "work", "2026-03-06", "soon"] for n in range(60)]
    with pytest.raises(InputError) as error:
        through(table_of(*rows))
    lines = str(error.value).splitlines()
    assert lines[0] == "60 problems found; nothing was computed."
    assert len(lines) == 52
    assert lines[-1] == "... and 10 more."


def test_a_finish_a_year_before_its_project_is_a_mistyped_year():
    headers = ("project", "milestone", "phase", "project_start", "baseline_finish", "actual_finish")
    (said,) = refused(table_of(("p", "1", "work", "2026-01-12", "2026-01-16", "2025-01-16"), headers=headers))
    assert said[:2] == (2, "actual_finish")
    assert said[2].startswith("2025-01-16 came; the project starts long after it, on 2026-01-12")


def test_the_start_of_a_project_counts_for_its_rows_that_do_not_repeat_it():
    headers = ("project", "milestone", "phase", "project_start", "baseline_finish", "actual_finish")
    rows = [
        ("p", "1", "work", "", "2026-01-16", "2025-01-16"),
        ("p", "2", "work", "2026-01-12", "2026-01-16", "2026-01-16"),
        ("q", "1", "work", "", "2025-01-16", "2025-01-16"),
    ]
    assert refused(table_of(*rows, headers=headers)) == [
        (
            2,
            "actual_finish",
            "2025-01-16 came; the project starts long after it, on 2026-01-12 (row 3). "
            "Correct the year of one of the two.",
        )
    ]


def out_of_order(*rows, headers):
    passed = pass_gate(table_of(*rows, headers=headers), HISTORY, HISTORY_NEED)
    return [(one.row, one.column, one.came) for one in passed.warnings if " before " in one.came]


def test_a_finish_shortly_before_its_project_is_named_and_kept():
    headers = ("project", "milestone", "phase", "project_start", "baseline_finish", "actual_finish")
    # The 31st day before Monday 12 January 2026 is 12 December 2025; the day of the start itself is in order.
    rows = [
        ("p", "1", "work", "2026-01-12", "2026-01-09", "2026-01-12"),
        ("p", "2", "work", "", "2026-01-12", "2025-12-12"),
        *[("p", str(n), "work", "", "2026-01-16", "2026-01-08") for n in range(3, 7)],
    ]
    starts = "the project starts on 2026-01-12"
    named = [f"p {n} on 2026-01-08 (row {n + 1}), {starts}" for n in (3, 4, 5)]
    assert out_of_order(*rows, headers=headers) == [
        (
            2,
            "baseline_finish",
            f"1 milestone planned to finish before the project starts: p 1 on 2026-01-09 (row 2), {starts}",
        ),
        (
            3,
            "actual_finish",
            "5 milestones finished before the project starts: "
            f"p 2 on 2025-12-12 (row 3), {starts}; {'; '.join(named)}; and 1 more",
        ),
    ]


@pytest.mark.parametrize(
    ("logic", "finish", "named"),
    [
        ("1", "2026-03-05", True),
        ("1FS+2d", "2026-03-05", True),
        ("1", "2026-03-06", False),
        ("1FS-3d", "2026-03-05", False),
        ("1SS", "2026-03-05", False),
        ("0", "2026-03-05", False),  # a predecessor that is not finished has no date to compare
    ],
)
def test_what_finished_before_its_predecessor_is_named_with_both_dates(logic, finish, named):
    headers = [*HEADERS, "Predecessors"]
    rows = [
        ("atlas", "2", "discovery", "2026-03-13", finish, logic),
        ("atlas", "1", "discovery", "2026-03-06", "2026-03-06", ""),
        ("atlas", "0", "discovery", "2026-03-06", "", ""),
        ("borealis", "1", "discovery", "2026-03-13", "2026-03-16", ""),
    ]
    came = "1 milestone finished before a predecessor: atlas 2 on 2026-03-05 (row 2), predecessor 1 on 2026-03-06"
    assert out_of_order(*rows, headers=headers) == ([(2, "Done on", came)] if named else [])


@pytest.mark.parametrize(
    ("held", "date", "said"),
    [
        ("not_before", "2026-01-13", "2026-01-12 came; it is before not_before 2026-01-13"),
        ("fixed_finish", "2026-01-09", "2026-01-09 came; it is before baseline_start 2026-01-12"),
    ],
)
def test_a_plan_against_its_own_not_before_or_fixed_date_is_refused(held, date, said):
    headers = ("project", "milestone", "phase", "baseline_start", "baseline_finish", held)
    raw = table_of(("p", "1", "work", "2026-01-12", "2026-01-16", date), headers=headers)
    (found,) = refused(raw, PLAN, PLAN_NEED)
    assert found[2].startswith(said)


def test_a_fixed_date_before_the_work_may_begin_is_refused():
    headers = ("project", "milestone", "phase", "baseline_days", "not_before", "fixed_finish")
    raw = table_of(("p", "1", "work", "5", "2026-01-12", "2026-01-09"), headers=headers)
    assert places(refused(raw, PLAN, PLAN_NEED)) == [(2, "fixed_finish")]


def test_a_country_that_is_not_known_is_refused_with_the_nearest():
    raw = table_of([*ROW, "Germany"], headers=[*HEADERS, "calendar"])
    (found,) = refused(raw)
    assert found[:2] == (2, "calendar")
    assert "the country 'Germany' is not known; did you mean DE? Wanted" in found[2]


def test_an_order_of_dates_decides_what_the_data_does_not():
    raw = table_of(["a", "1", "discovery", "03/04/2026", ""])
    assert through(raw, date_order="day month year")["baseline_finish"][0] == pd.Timestamp("2026-04-03")
    assert through(raw, date_order="month day year")["baseline_finish"][0] == pd.Timestamp("2026-03-04")


def test_a_header_that_may_be_meant_is_asked_for_until_the_mapping_answers():
    raw = table_of([*ROW, "2026-03-02"], headers=[*HEADERS, "Actual beginning"])
    assert len(through(raw)) == 1
    raw = table_of([*ROW[:4], "2026-03-09"], headers=[*HEADERS[:4], "Act fin"])
    asked = refused(raw)
    assert [one[1] for one in asked] == ["Act fin"]
    assert through(raw, columns={"actual_finish": "Act fin"})["actual_finish"].notna().all()
    assert through(raw, ignore=["Act fin"])["actual_finish"].isna().all()


def test_phases_of_a_mapping_are_known_whatever_their_case():
    raw = table_of(["a", "1", "DATA PREP", "2026-03-06", ""], ["a", "2", "Gardening", "2026-03-06", ""])
    told = {"phases": {"Data prep": "data_preparation", "Gardening": "Gardening"}}
    passed = pass_gate(raw, HISTORY, HISTORY_NEED, TableMapping(**told), strict_phases=True)
    assert passed.table["phase"].tolist() == ["data_preparation", "Gardening"]
    with pytest.raises(InputError, match="wanted a known phase: discovery"):
        pass_gate(
            table_of(["a", "1", "Gardening", "2026-03-06", ""]), HISTORY, HISTORY_NEED, strict_phases=True
        )


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        (
            "Modelling",
            "If it means model_development, say so in a mapping file: phases: {Modelling: model_development}.",
        ),
        ("Planning", "If it means discovery, say so in a mapping file: phases: {Planning: discovery}."),
        (
            "Deploying it",
            "If it means deployment, say so in a mapping file: phases: {Deploying it: deployment}.",
        ),
        (
            "Gardening",
            "If it means one of these, say so in a mapping file: phases: {Gardening: PHASE}, with its name for PHASE.",
        ),
        (
            "Discount",  # five letters of discovery are not enough
            "If it means one of these, say so in a mapping file: phases: {Discount: PHASE}, with its name for PHASE.",
        ),
    ],
)
def test_a_phase_of_its_own_is_compared_with_the_known_phase_of_the_same_stem_or_with_none(word, advice):
    passed = pass_gate(table_of(["a", "1", word, "2026-03-06", ""]), HISTORY, HISTORY_NEED)
    (warning,) = [one for one in passed.warnings if one.column == "Phase"]
    assert "no known phase (discovery, data_preparation, model_development, " in warning.wanted
    assert (warning.remedy, passed.table["phase"].tolist()) == (advice, [word])


def test_causes_are_read_in_any_spelling_and_codes_of_ones_own_are_kept_with_a_warning():
    headers = [*HEADERS, "Cause", "recovery_kind"]
    raw = table_of(
        [*ROW, "Data Quality", "Overtime with consent"],
        ["atlas", "1.2", "discovery", "2026-03-06", "2026-03-09", "works council", "overtime"],
        ["atlas", "1.3", "discovery", "2026-03-06", "2026-03-09", "third-party", ""],
        headers=headers,
    )
    passed = pass_gate(raw, HISTORY, HISTORY_NEED)
    assert passed.table["cause"].tolist() == ["data_quality", "works council", "third_party"]
    assert passed.table["recovery_kind"].tolist()[:2] == ["overtime with consent", "overtime"]
    said = [(one.row, one.column, one.came) for one in passed.warnings if "known codes" in one.wanted]
    # Overtime without consent is a kind nobody knows.
    assert said == [
        (3, "Cause", "'works council' came in 1 row"),
        (3, "recovery_kind", "'overtime' came in 1 row"),
    ]
