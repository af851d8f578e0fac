import csv
import io

import pytest
from how_often import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from estimation.errors import InputError
from estimation.ingest.formats.delimited import decode, find_delimiter, read_delimited

HEADERS = ["Project", "Milestone", "Phase", "Notes"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]
DELIMITERS = [",", ";", "\t", "|"]


def written(folder, text, *, name="history.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def sentence(folder, text):
    with pytest.raises(InputError) as refused:
        read_delimited(written(folder, text))
    return str(refused.value).splitlines()[1]


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_delimiter_is_found_in_every_encoding(tmp_path, delimiter, encoding):
    lines = [HEADERS, ["atlas", "1.1", "Prüfung", "für 5 € – „bald“"]]
    text = "".join(delimiter.join(line) + "\r\n" for line in lines)
    raw = read_delimited(written(tmp_path, text, encoding=encoding))
    assert raw.headers == HEADERS
    assert raw.rows == [["atlas", "1.1", "Prüfung", "für 5 € – „bald“"]]
    assert raw.row_numbers == [2]


@pytest.mark.parametrize(("mark", "codec"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_utf_16_is_read_in_both_byte_orders(mark, codec):
    assert decode(mark + "Straße".encode(codec), "x.csv") == "Straße"


# What cp1252 has beside ASCII, without control characters; all of it exists in every encoding tried.
CHARACTERS = st.sampled_from([*"ab 12,;|\t\"'\n.-=#äöüßéñçÆ€–„“…°%", "\r\n"])
CELLS = st.lists(CHARACTERS, max_size=12).map("".join)


@given(
    rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6),
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(ENCODINGS),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
@examples(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_table_reads_back_as_it_was_written(tmp_path, rows, delimiter, encoding, quoting, line_end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    # "für" makes sure that the cp1252 file is not UTF-8 by accident, as the one with only "ß€" would be.
    writer.writerows([HEADERS, ["atlas", "1.1", "data", "für"], *rows])
    raw = read_delimited(written(tmp_path, text.getvalue(), encoding=encoding))

    # Blank rows are passed over but counted, space around a cell does not count.
    kept = [(n, [cell.strip() for cell in row]) for n, row in enumerate(rows, start=3)]
    kept = [(n, row) for n, row in kept if any(row)]
    assert raw.headers == HEADERS
    assert raw.rows[1:] == [row for _, row in kept]
    assert raw.row_numbers[1:] == [n for n, _ in kept]


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: ("a,b\n" + text).encode("utf-8")))
@examples(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_in_a_sentence(tmp_path, content):
    path = written(tmp_path, content)
    try:
        widths, problems = {len(row) for row in read_delimited(path).rows}, []
    except InputError as refused:
        widths, problems = set(), refused.problems
    assert len(widths) == (not problems)
    assert all(problem.file == path.name and problem.remedy for problem in problems)


def test_rows_count_as_a_spreadsheet_does_after_blank_lines_and_quoted_line_breaks(tmp_path):
    # Row 1 header, 2 blank, 3 "a" with a note over three lines of text, 4 and 5 blank, 6 "b".
    text = 'Project,Milestone,Notes\n\na,1,"one\ntwo\nthree"\n\n,,\nb,2,\n'
    assert read_delimited(written(tmp_path, text)).row_numbers == [3, 6]


def test_names_that_look_like_missing_values_stay_names(tmp_path):
    raw = read_delimited(written(tmp_path, "Project,Milestone,Phase\nNA,None,null\nnan,N/A,\n"))
    assert raw.rows == [["NA", "None", "null"], ["nan", "N/A", ""]]


def test_a_header_with_a_line_break_does_not_hide_the_delimiter(tmp_path):
    text = 'Project;Milestone;"Planned\nfinish";"Notes, if any"\natlas;1.1;2026-03-06;a, b\n'
    raw = read_delimited(written(tmp_path, text))
    assert raw.headers == ["Project", "Milestone", "Planned\nfinish", "Notes, if any"]
    assert raw.rows == [["atlas", "1.1", "2026-03-06", "a, b"]]


def test_known_headers_count_for_more_than_the_number_of_fields():
    # Split at commas the header has five fields, at semicolons three, but only these are known.
    assert find_delimiter("Project;Milestone;Notes (risks, issues, questions, decisions)\n") == ";"


def test_headers_that_a_mapping_file_names_help_to_find_the_delimiter():
    header = "Vorhaben|Ergebnis, Teil, Abschnitt, Kapitel"
    assert find_delimiter(header) == ","
    named = {"project": "Vorhaben", "milestone": "Ergebnis, Teil, Abschnitt, Kapitel"}
    assert find_delimiter(header, named) == "|"


@pytest.mark.parametrize(
    "above",
    ["sep=;\n", "Portfolio, as of March, all clients\n", "Closed projects;;;\n\nprinted;2026-03-02;;\n"],
)
def test_lines_above_the_header_are_passed_over(tmp_path, above):
    text = above + "Project;Milestone;Phase;Due date\natlas;1.1;data;2026-03-06\n"
    raw = read_delimited(written(tmp_path, text))
    assert raw.headers == ["Project", "Milestone", "Phase", "Due date"]
    assert raw.rows == [["atlas", "1.1", "data", "2026-03-06"]]
    assert raw.row_numbers == [above.count("\n") + 2]


def test_a_first_line_that_knows_two_headers_is_the_header_whatever_follows(tmp_path):
    # The second line would know three: "no", "Completed" and "Summary" are names of columns too.
    text = "Project,Milestone,x,y,z\natlas,1.1,no,Completed,Summary\natlas,1.2,,,\n"
    assert read_delimited(written(tmp_path, text)).headers == ["Project", "Milestone", "x", "y", "z"]


def test_a_space_before_a_quotation_mark_does_not_break_the_field(tmp_path):
    raw = read_delimited(written(tmp_path, 'Project, Milestone, Name\natlas, 1.1, "Data, clean"\n'))
    assert raw.rows == [["atlas", "1.1", "Data, clean"]]


def test_an_inch_mark_inside_a_field_is_text(tmp_path):
    assert read_delimited(written(tmp_path, 'Project,Name\natlas,5" disk\n')).rows == [["atlas", '5" disk']]


def test_missing_fields_at_the_end_are_empty_and_empty_surplus_is_no_problem(tmp_path):
    raw = read_delimited(written(tmp_path, "Project,Milestone,Phase\natlas,1.1\natlas,1.2,data,,,\n"))
    assert raw.rows == [["atlas", "1.1", ""], ["atlas", "1.2", "data"]]


def test_every_row_with_too_many_fields_is_reported(tmp_path):
    raw = read_delimited(written(tmp_path, "Project,Milestone\na,1,x\nb,2\nc,3,,y\n"))
    assert raw.row_numbers == [2, 3, 4]
    assert [(problem.row, problem.came) for problem in raw.problems] == [
        (2, "3 fields came"),
        (4, "4 fields came"),
    ]


def test_an_open_quotation_is_placed_in_the_row_where_it_opens(tmp_path):
    # The blank line and the note of two lines count as rows 2 and 3.
    text = 'Project,Notes\n\na,"one\ntwo"\nb,"never closed\nc,\n'
    assert sentence(tmp_path, text).startswith("history.csv, row 4: the quotation marks do not pair up")


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe"])
def test_nul_characters_are_refused_behind_a_byte_order_mark_too(tmp_path, mark):
    text = "Project,Milestone\na\x00,1\n".encode("utf-16-le" if mark == b"\xff\xfe" else "utf-8")
    assert "contains NUL" in sentence(tmp_path, mark + text)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n  \n", b",,,\n"])
def test_a_file_without_text_is_called_empty(tmp_path, content):
    assert sentence(tmp_path, content) == (
        "history.csv: the file is empty; wanted a header and at least one row. "
        "Export the table again, or check that this is the file you meant."
    )


def test_a_file_that_cannot_be_opened_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder.csv: cannot be opened \(.*\); wanted a file .* Close it"):
        read_delimited(tmp_path / "folder.csv")
