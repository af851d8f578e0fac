import pytest

from estimation.ingest.headers import (
    ALIASES,
    KNOWN_COLUMNS,
    find_header,
    find_place,
    match_headers,
    nearest_header,
    plain,
)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Planned Finish*", "baseline_finish"),
        ("planned_finish", "baseline_finish"),
        ("Planned\nfinish", "baseline_finish"),
        ("  DUE  DATE ", "baseline_finish"),
        ("Due\u00a0date", "baseline_finish"),
        ("baseline_finish", "baseline_finish"),
        ("% Complete", "percent_complete"),
        ("Project-ID", "project"),
    ],
)
def test_a_header_is_known_whatever_its_case_punctuation_and_spaces(header, name):
    assert match_headers([header], {}).columns == {name: 0}


def test_no_alias_means_two_columns_and_every_alias_means_a_column():
    owners = [(plain(alias), name) for name, aliases in ALIASES.items() for alias in aliases]
    assert len({alias for alias, _ in owners}) == len(owners)
    assert {name for _, name in owners} <= set(KNOWN_COLUMNS)


def test_headers_in_any_alphabet_keep_their_letters():
    assert plain("Überschrift (Nr.)") == "überschrift nr"
    assert match_headers(["Фаза", "Проект"], {"phase": "фаза", "project": "Проект"}).columns == {
        "phase": 0,
        "project": 1,
    }


def test_an_exact_name_wins_over_an_alias():
    # "ID" could be the milestone, but a column of that very name is there.
    matched = match_headers(["ID", "Milestone"], {})
    assert matched.columns == {"milestone": 1}
    assert matched.ignored == ["ID"]
    assert matched.clashes == []


def test_a_mapping_wins_over_names_and_takes_its_header_from_every_other_column():
    matched = match_headers(["Phase", "Category"], {"phase": "Category", "name": "Phase"})
    assert matched.columns == {"phase": 1, "name": 0}


def test_a_column_that_a_mapping_names_takes_no_other_header():
    assert match_headers(["Phase"], {"phase": "Category"}).columns == {}


def test_letters_with_marks_are_the_same_however_they_are_stored():
    # One code point, or the letter and a mark of its own, as file systems of some makers store it.
    assert plain("\u00dcbergabe") == plain("U\u0308bergabe") == "übergabe"


def test_two_aliases_of_one_column_clash_and_both_are_named():
    matched = match_headers(["Project", "Due date", "Deadline"], {})
    assert matched.clashes == [("baseline_finish", "Due date", "Deadline")]


def test_blank_headers_are_neither_columns_nor_ignored_names():
    matched = match_headers(["", "#", " - "], {})
    assert (matched.columns, matched.ignored) == ({}, [])


def test_a_file_cannot_say_where_a_row_came_from():
    assert match_headers(["source"], {}).columns == {}


def test_the_header_is_the_row_that_knows_most_and_the_upper_one_of_equals():
    title, header, again = ["Plan"], ["Project", "Milestone", "Phase"], ["Project", "Milestone", "Phase"]
    assert find_header([title, header, again], {}) == (3, 1)
    assert find_header([title], {}) == (0, 0)
    assert find_header([], {}) == (0, 0)


def test_the_header_is_looked_for_in_the_first_thirty_rows():
    header = ["Project", "Milestone"]
    assert find_header([[""]] * 29 + [header], {}) == (2, 29)
    assert find_header([[""]] * 30 + [header], {}) == (0, 0)


def test_a_header_that_a_mapping_file_names_is_found_as_written_or_nearly_so():
    assert find_place(["task no", "Task No."], "Task No.") == 1
    assert find_place(["Project", "TASK_NO"], "Task No.") == 1
    assert find_place(["Project", ""], "#") is None


def test_the_nearest_header_knows_the_aliases():
    assert nearest_header("baseline_finish", ["Owner", "Planed finish"]) == "Planed finish"
    assert nearest_header("phase", ["PHAZE", "Owner"]) == "PHAZE"
    assert nearest_header("phase", ["Owner", "Remarks", ""]) == ""
