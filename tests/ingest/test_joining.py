import pytest

from estimation.errors import InputError
from estimation.ingest.joining import join_tables
from estimation.ingest.mapping import TableMapping
from estimation.ingest.raw_table import RawTable


def table_of(file, headers, *rows, first_row=2):
    return RawTable(
        file, headers.split(), [row.split(",") for row in rows], list(range(first_row, first_row + len(rows)))
    )


TASKS = table_of("tasks.csv", "Task Phase State", "1,build,DONE", "2,test,DONE", "3,test,DROPPED")
DATES = table_of("dates.csv", "Task End", "2,2026-03-06", "1,2026-03-13", "9,2026-03-20")


def refused(raws, **mapping):
    with pytest.raises(InputError) as error:
        join_tables(raws, TableMapping(**mapping))
    return [str(problem) for problem in error.value.problems]


def test_one_table_without_a_mapping_stays_as_it_is():
    assert join_tables([TASKS], TableMapping()) == TASKS


def test_two_files_are_joined_on_a_header_they_share_whatever_their_order():
    joined = join_tables([TASKS, DATES], TableMapping(join_on="Task"))
    assert joined.headers == ["Task", "Phase", "State", "End"]
    assert joined.rows == [
        ["1", "build", "DONE", "2026-03-13"],
        ["2", "test", "DONE", "2026-03-06"],
        ["3", "test", "DROPPED", ""],
    ]


def test_every_cell_remembers_the_file_and_row_it_came_from():
    joined = join_tables([TASKS, DATES], TableMapping(join_on="Task"))
    assert list(joined.places(0)) == [("tasks.csv", 2), ("tasks.csv", 3), ("tasks.csv", 4)]
    # Task 1 stands in row 3 of the dates, task 2 in row 2; task 3 has no partner and keeps its own row.
    assert joined.places(3) == [("dates.csv", 3), ("dates.csv", 2), ("tasks.csv", 4)]


def test_three_files_are_joined_and_remember_their_places():
    owners = table_of("owners.csv", "Task Owner", "3,Ann", "2,Bo", first_row=5)
    joined = join_tables([TASKS, DATES, owners], TableMapping(join_on="Task"))
    assert [row[3:] for row in joined.rows] == [["2026-03-13", ""], ["2026-03-06", "Bo"], ["", "Ann"]]
    assert joined.places(3)[1] == ("dates.csv", 2)
    assert joined.places(4)[1:] == [("owners.csv", 6), ("owners.csv", 5)]


def test_a_column_that_both_files_have_is_read_from_the_first():
    other = table_of("dates.csv", "Task Phase End", "1,wrong,2026-03-06")
    joined = join_tables([TASKS, other], TableMapping(join_on="Task"))
    assert joined.headers == ["Task", "Phase", "State", "End"]
    assert joined.rows[0] == ["1", "build", "DONE", "2026-03-06"]


def test_the_shared_header_may_differ_in_case_and_punctuation():
    joined = join_tables([TASKS, table_of("d.csv", "TASK End", "1,x")], TableMapping(join_on="task"))
    assert joined.headers == ["Task", "Phase", "State", "End"]
    assert joined.rows[0][3] == "x"


def test_rows_without_the_shared_id_find_no_partner():
    tasks = table_of("tasks.csv", "Task Phase", ",build", "1,test")
    dates = table_of("dates.csv", "Task End", ",2026-03-06", "1,2026-03-13", ",2026-03-20")
    joined = join_tables([tasks, dates], TableMapping(join_on="Task"))
    assert [row[2] for row in joined.rows] == ["", "2026-03-13"]


def test_a_shared_header_that_names_a_row_twice_is_refused_with_both_rows():
    dates = table_of("dates.csv", "Task End", "1,2026-03-06", "2,x", "1,2026-03-13", "1,2026-03-06")
    said = refused([TASKS, dates], join_on="Task")
    remedy = "Remove one, or name the header under 'one_row_per:' if the repeated rows say the same."
    assert said == [
        f"dates.csv, row {row}, column 'Task': '1' came again; row 2 has it, so the files cannot be joined. {remedy}"
        for row in (4, 5)
    ]


def test_files_without_one_common_id_are_refused_instead_of_joined_to_nothing():
    dates = table_of("dates.csv", "Task End", "001,2026-03-06", "002,2026-03-13")
    assert refused([TASKS, dates], join_on="Task") == [
        "dates.csv, column 'Task': no 'Task' of tasks.csv came here; wanted the same ids in both files. "
        "Compare the two columns: leading zeros, spaces and prefixes must be the same."
    ]


def test_a_file_without_the_shared_header_is_refused_with_the_nearest():
    dates = table_of("dates.csv", "Tasks End", "1,2026-03-06")
    assert refused([TASKS, dates], join_on="Task") == [
        "dates.csv, column 'Task': no such column came; the mapping file names it under 'join_on'. "
        "The headers are: Tasks, End; is it 'Tasks'? Correct the mapping file."
    ]


def test_every_header_that_the_mapping_names_and_no_file_has_is_refused():
    said = refused([TASKS], skip_rows={"Stat": ["DROPPED"]}, one_row_per=["Task", "Team"])
    headers = "The headers are: Task, Phase, State;"
    assert said == [
        "tasks.csv, column 'Stat': no such column came; the mapping file names it under 'skip_rows'. "
        f"{headers} is it 'State'? Correct the mapping file.",
        "tasks.csv, column 'Team': no such column came; the mapping file names it under 'one_row_per'. "
        f"{headers} Correct the mapping file.",
    ]


def test_rows_are_passed_over_by_the_words_in_a_column():
    kept = join_tables([TASKS], TableMapping(skip_rows={"state": ["DROPPED", "done"]}))
    # Words count as they are written: "done" is not "DONE".
    assert [row[0] for row in kept.rows] == ["1", "2"]
    assert kept.row_numbers == [2, 3]


def test_rows_passed_over_cannot_disagree():
    raw = table_of("t.csv", "Task Phase State", "1,build,DONE", "1,test,DROPPED")
    mapping = TableMapping(columns={"phase": "Phase"}, one_row_per=["Task"], skip_rows={"State": ["DROPPED"]})
    assert join_tables([raw], mapping).rows == [["1", "build", "DONE"]]


def test_repeated_rows_that_say_the_same_are_folded_into_the_first():
    # The person is in no column that is read, so it may differ.
    raw = table_of("t.csv", "Task Phase Person", "1,build,Ann", "2,test,Bo", "1,build,Cy")
    folded = join_tables([raw], TableMapping(columns={"phase": "Phase"}, one_row_per=["Task"]))
    assert [row[:2] for row in folded.rows] == [["1", "build"], ["2", "test"]]
    assert folded.row_numbers == [2, 3]


@pytest.mark.parametrize("columns", [{"phase": "phase"}, {}])
def test_repeated_rows_that_disagree_are_refused_in_every_column_that_is_read(columns):
    # Without a mapping the header "Phase" is known by its name.
    raw = table_of("t.csv", "Task Phase", "1,build", "1,test")
    assert refused([raw], columns=columns, one_row_per=["Task"]) == [
        "t.csv, row 3, column 'Phase': 'test' came; row 2 says 'build' for the same Task. Correct one of the rows."
    ]
