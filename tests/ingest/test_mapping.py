from pathlib import Path

import pytest

from estimation.errors import InputError
from estimation.ingest.mapping import NO_MAPPING, read_mapping

SIP = Path(__file__).parents[2] / "data" / "mappings" / "sip.yaml"


def written(folder, text):
    path = folder / "ours.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def sentences(source):
    with pytest.raises(InputError) as refused:
        read_mapping(source)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("source", [None, "", {}])
def test_no_mapping_means_by_the_headers_alone(source):
    assert read_mapping(source) == NO_MAPPING


def test_the_shipped_mapping_reads():
    said = read_mapping(SIP)
    assert said.files == ["Sip-task-info.csv", "est-act-dates.csv"]
    assert said.join_on == "TaskNumber"
    assert said.skip_rows == {"StatusCode": ["CANCELLED", "TEMPLATE", "CHRONICLE"]}
    assert said.dates == {"CompletedOn": "%d-%b-%y"}


def test_everything_in_the_file_is_text_as_it_is_written(tmp_path):
    # YAML would make of these a number without its last digit, no, a date, a number in base 60, and None.
    text = """
        translate:
          milestone: {1.10: 2.20, 012: x}
          added_after_baseline: {no: yes}
          actual_finish: {TBD: }
        constants: {project_start: 2026-03-02, notes: 11:30}
        skip_rows: {Done: [no, 1.10, ""]}
    """
    said = read_mapping(written(tmp_path, text))
    assert said.translate == {
        "milestone": {"1.10": "2.20", "012": "x"},
        "added_after_baseline": {"no": "yes"},
        "actual_finish": {"TBD": ""},
    }
    assert said.constants == {"project_start": "2026-03-02", "notes": "11:30"}
    assert said.skip_rows == {"Done": ["no", "1.10", ""]}


def test_a_dictionary_says_the_same_as_a_file(tmp_path):
    said = {
        "constants": {"baseline_version": 2},
        "translate": {"phase": {"x": None}},
        "one_row_per": ("A", "B"),
        "files": None,
    }
    text = "constants: {baseline_version: 2}\ntranslate: {phase: {x: }}\none_row_per: [A, B]\nfiles:\n"
    assert read_mapping(said) == read_mapping(written(tmp_path, text))


def test_an_unknown_key_is_refused_and_the_nearest_named():
    assert sentences({"colums": {"project": "A"}}) == [
        "mapping, column 'colums': unknown key; known are columns, translate, phases, ignore, dates, date_order, "
        "milestones_from, constants, files, join_on, "
        "one_row_per, skip_rows, sheet, closed_as, keep_running, confirmed_dates. Did you mean 'columns'?"
    ]


@pytest.mark.parametrize("key", ["columns", "constants", "translate"])
def test_an_unknown_column_is_refused_and_the_nearest_named(key):
    said = {"basline_finish": {"a": "b"} if key == "translate" else "Due"}
    assert sentences({key: said}) == [
        f"mapping, column '{key}: basline_finish': there is no such column; wanted a column of the glossary in "
        "docs. Did you mean 'baseline_finish'?"
    ]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"columns": ["A"]}, "a list came; wanted 'key: text' lines"),
        ({"columns": {"project": ["A", "B"]}}, "a list came; wanted 'key: text' lines"),
        (
            {"translate": {"phase": "x"}},
            "the text 'x' came; wanted 'key:' with 'their word: our word' lines below",
        ),
        ({"skip_rows": {"Status": "OLD"}}, "the text 'OLD' came; wanted 'key: [A, B]' lines"),
        ({"files": "a.csv"}, "the text 'a.csv' came; wanted a list of texts such as [A, B]"),
        ({"join_on": ["A"]}, "a list came; wanted one text"),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused(said, wrong):
    (key,) = said
    assert sentences(said) == [f"mapping, column '{key}': {wrong}. See data/mappings for an example."]


@pytest.mark.parametrize("form", ["dd/mm/yyyy", "%d/%m", "%d/%m/%Q", "%Y-%m", "ISO"])
def test_a_date_format_must_tell_day_month_and_year(form):
    assert sentences({"dates": {"Due": form}}) == [
        f"mapping, column 'dates: Due': '{form}' came; wanted day, month and year as %d, %m (or %b, %B) and %Y "
        "(or %y), such as %d/%m/%Y. Correct the format."
    ]


def test_one_header_cannot_serve_two_columns():
    # The two spellings mean the same header.
    (said,) = sentences({"columns": {"milestone": "Task No", "name": "task_no"}})
    assert "milestone and name are both read from 'task_no'" in said


def test_a_column_is_read_or_constant_not_both():
    (said,) = sentences({"columns": {"client": "Customer"}, "constants": {"client": "ACME"}})
    assert said.startswith("mapping, column 'columns: client': it is named under 'constants' too; ")


def test_several_files_need_a_header_they_share():
    (said,) = sentences({"files": ["a.csv", "b.csv"]})
    assert said.endswith("several files came; wanted 'join_on:' with them. Name the header they share.")


def test_everything_wrong_with_a_mapping_is_said_at_once(tmp_path):
    path = written(tmp_path, "colums: {}\nfiles: a.csv\nconstants: {clint: x}\n")
    said = sentences(path)
    assert len(said) == 3
    assert all(line.startswith("ours.yaml, column ") for line in said)


@pytest.mark.parametrize("content", ["columns: {project: [", "a: b: c", "\t- x", "[" * 5000])
def test_text_that_is_no_yaml_is_refused(tmp_path, content):
    (said,) = sentences(written(tmp_path, content))
    assert said.startswith("ours.yaml: does not read as YAML (")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_bytes(b"columns: {project: \xff\xfe}")
    (said,) = sentences(path)
    assert said.startswith("ours.yaml: does not read as YAML ('utf-8")


@pytest.mark.parametrize(
    ("text", "came"),
    [("", "no keys came"), ("- a\n- b\n", "a list came"), ("hello", "the text 'hello' came")],
)
def test_a_file_without_keys_is_refused(tmp_path, text, came):
    (said,) = sentences(written(tmp_path, text))
    assert (
        said
        == f"ours.yaml: {came}; wanted keys such as 'columns:'. Compare it with the example in data/mappings."
    )


def test_a_mapping_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such mapping file"):
        read_mapping(tmp_path / "none.yaml")


def test_aliases_and_double_keys_are_refused_before_they_unfold(tmp_path):
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    (said,) = sentences(written(tmp_path, "\n".join(lines)))
    assert "an alias (*name) came; write the value out" in said
    (said,) = sentences(written(tmp_path, "columns: {project: A}\ncolumns: {phase: B}"))
    assert "the key 'columns' came twice; keep one" in said


def test_an_order_of_dates_that_does_not_exist_is_refused_with_those_that_do():
    assert sentences({"date_order": "day first"}) == [
        "mapping, column 'date_order': 'day first' came; wanted day month year, month day year, year month day. "
        "Correct it, or remove it."
    ]


def test_only_what_can_become_of_a_project_is_taken():
    assert read_mapping({"closed_as": {"a": "running", "b": "cancelled"}}).closed_as == {
        "a": "running",
        "b": "cancelled",
    }
    assert sentences({"closed_as": {"a": "canceled"}}) == [
        "mapping, column 'closed_as: a': 'canceled' came; wanted delivered, cancelled, running. Did you mean "
        "'cancelled'?"
    ]
