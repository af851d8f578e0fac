import datetime as dt
import zipfile

import openpyxl
import pytest
from how_often import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from estimation.errors import InputError
from estimation.ingest.formats.excel import cells_as_text, open_workbook, read_excel
from estimation.ingest.formats.excel_guard import NOT_CALCULATED

HEADERS = ["Project", "Milestone", "Phase", "Due date", "Done on"]
ROW = ["atlas", "1.1", "discovery", dt.date(2026, 3, 6), dt.date(2026, 3, 9)]
TEXTS = ["atlas", "1.1", "discovery", "2026-03-06", "2026-03-09"]


def workbook(folder, sheets, *, name="plan.xlsx", at=(1, 1), states=()):
    """Write sheets (title to rows) with their first cell at a row and column."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for n, row in enumerate(rows, start=at[0]):
            for m, value in enumerate(row, start=at[1]):
                cell = sheet.cell(n, m, value)
                if isinstance(value, str) and value.startswith("#"):
                    cell.data_type = "e"
    for title, state in dict(states).items():
        book[title].sheet_state = state
    book.save(folder / name)
    return folder / name


def refused(path, **options):
    with pytest.raises(InputError) as error:
        read_excel(path, **options)
    return [str(problem) for problem in error.value.problems]


def test_a_sheet_becomes_text_with_its_rows(tmp_path):
    raw = read_excel(workbook(tmp_path, {"Plan": [HEADERS, ROW]}))
    assert raw.file == "plan.xlsx, sheet 'Plan'"
    assert raw.headers == HEADERS
    assert raw.rows == [TEXTS]
    assert raw.row_numbers == [2]


def test_a_title_above_and_empty_columns_beside_the_table_do_not_shift_rows(tmp_path):
    # The table starts at C4 below a title; row 6 is blank.
    rows = [["Portfolio report"], ["as of", dt.date(2026, 3, 2)], [], HEADERS, ROW, [], ROW]
    raw = read_excel(workbook(tmp_path, {"Plan": rows}, at=(1, 3)))
    assert raw.headers == ["", "", *HEADERS]
    assert raw.row_numbers == [5, 7]
    assert [row[2:] for row in raw.rows] == [TEXTS, TEXTS]


def test_the_rows_count_from_the_top_of_the_sheet_where_nothing_stands_above(tmp_path):
    assert read_excel(workbook(tmp_path, {"Plan": [HEADERS, ROW]}, at=(10, 1))).row_numbers == [11]


def test_an_unrelated_first_sheet_is_passed_over(tmp_path):
    sheets = {"Read me": [["How to use this"], ["Project", "see next sheet"]], "Plan": [HEADERS, ROW]}
    assert read_excel(workbook(tmp_path, sheets)).file == "plan.xlsx, sheet 'Plan'"


def test_chart_sheets_and_empty_sheets_are_passed_over(tmp_path):
    path = workbook(tmp_path, {"Empty": [], "Plan": [HEADERS, ROW]})
    book = openpyxl.load_workbook(path)
    book.create_chartsheet("Chart", 0).add_chart(openpyxl.chart.BarChart())
    book.save(path)
    assert read_excel(path).file == "plan.xlsx, sheet 'Plan'"


def test_cells_right_of_the_header_are_not_read(tmp_path):
    raw = read_excel(workbook(tmp_path, {"Plan": [HEADERS, [*ROW, "", "see mail"], [""] * 6 + ["legend"]]}))
    assert raw.rows == [TEXTS]


def test_cells_become_the_text_that_a_person_sees():
    cells = [None, "", " a ", True, False, 3.0, 2.5, 0.1 + 0.2, 1.1, 46090.0, 123456789012345.0]
    assert cells_as_text(cells) == [
        *("", "", "a", "yes", "no", "3", "2.5", "0.3", "1.1", "46090", "123456789012345")
    ]
    cells = [dt.date(2026, 3, 6), dt.datetime(2026, 3, 6, 17, 30), dt.time(8, 0), dt.timedelta(hours=30)]
    assert cells_as_text(cells) == ["2026-03-06", "2026-03-06", "08:00:00", "1 day, 6:00:00"]


def test_a_cell_with_an_error_is_not_empty(tmp_path):
    # The library that reads workbooks gives an error as an empty cell, which would mean "not finished yet".
    rows = [HEADERS, [*ROW[:4], "#REF!"], [*ROW[:2], "#N/A", *ROW[3:]]]
    raw = read_excel(workbook(tmp_path, {"Other": [], "Plan": rows}, at=(3, 28)))
    # Column AB is the 28th.
    assert [row[27:] for row in raw.rows] == [[*TEXTS[:4], "#REF!"], [*TEXTS[:2], "#N/A", *TEXTS[3:]]]


def test_a_formula_that_was_never_calculated_is_not_empty(tmp_path):
    rows = [HEADERS, [*ROW[:4], "=D2+3"]]
    assert read_excel(workbook(tmp_path, {"Plan": rows})).rows == [[*TEXTS[:4], NOT_CALCULATED]]


def test_a_formula_whose_text_is_empty_is_an_empty_cell(tmp_path):
    # Spreadsheets mark the result of =IF(...; "") as text: t="str" with an empty value.
    path = workbook(tmp_path, {"Plan": [HEADERS, [*ROW[:4], '=IF(1,"","")']]})
    rewritten = tmp_path / "saved.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b'<c r="E2">' in content
                content = content.replace(b'<c r="E2">', b'<c r="E2" t="str">')
            new.writestr(name, content)
    assert read_excel(rewritten).rows == [[*TEXTS[:4], ""]]


def test_a_sheet_that_is_named_is_read_even_when_hidden(tmp_path):
    sheets = {"Plan": [HEADERS, ROW], "Old": [HEADERS, ["borealis", *ROW[1:]]]}
    path = workbook(tmp_path, sheets, states={"Old": "hidden"})
    assert read_excel(path, sheet="Old").rows[0][0] == "borealis"
    assert read_excel(path).rows[0][0] == "atlas"


def test_a_sheet_that_does_not_exist_is_refused_with_those_that_do(tmp_path):
    path = workbook(tmp_path, {"Plan": [HEADERS, ROW], "Lists": [["a"]]})
    assert refused(path, sheet="plans") == [
        "plan.xlsx: has no sheet 'plans'; it has Plan, Lists. Name one of these in the mapping file under 'sheet:'."
    ]


@pytest.mark.parametrize("second", [HEADERS, HEADERS[:4]])
def test_two_sheets_with_milestones_are_refused_rather_than_one_left_out(tmp_path, second):
    sheets = {
        "Atlas": [HEADERS, ROW],
        "Borealis": [second, ROW[: len(second)]],
        "Lists": [["Phase", "Owner"]],
    }
    assert refused(workbook(tmp_path, sheets)) == [
        "plan.xlsx: the sheets 'Atlas', 'Borealis' all hold such a table; wanted one. "
        "Name it in a mapping file (sheet: Atlas), or save each sheet as a file in one folder."
    ]


def test_an_empty_copy_of_the_table_is_no_rival(tmp_path):
    sheets = {"Template": [HEADERS], "Plan": [HEADERS, ROW]}
    assert read_excel(workbook(tmp_path, sheets)).file == "plan.xlsx, sheet 'Plan'"


def test_a_workbook_without_known_headers_is_refused(tmp_path):
    path = workbook(tmp_path, {"Sheet1": [["Vorhaben", "Ergebnis"], ["atlas", "1.1"]], "Sheet2": []})
    assert refused(path) == [
        "plan.xlsx (Sheet1, Sheet2): no row among the first 30 has two known column headers; wanted headers such as "
        "project, milestone, phase, baseline_finish, actual_finish. Name your own in a mapping file under 'columns:'."
    ]
    raw = read_excel(path, columns={"project": "Vorhaben", "milestone": "Ergebnis"})
    assert raw.rows == [["atlas", "1.1"]]


def test_a_header_without_rows_is_refused(tmp_path):
    assert refused(workbook(tmp_path, {"Plan": [["Title"], HEADERS]})) == [
        "plan.xlsx, sheet 'Plan': only a header came; wanted a header and at least one row. "
        "Export the table again, or check that this is the file you meant."
    ]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"Project,Milestone\natlas,1.1\n", b"<html><table></table>"]
)
def test_a_file_that_only_says_to_be_a_workbook_is_refused(tmp_path, content):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        open_workbook(path)
    (problem,) = error.value.problems
    assert str(problem).startswith("plan.xlsx: cannot be opened as an Excel workbook (")
    assert str(problem).endswith("Save it as .xlsx without a password, or export the sheet as CSV.")


@given(st.data())
@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_workbook_is_read_or_refused_in_a_sentence(tmp_path, data):
    path = tmp_path / "whole.xlsx"
    if not path.exists():
        workbook(tmp_path, {"Plan": [HEADERS, ROW, [*ROW[:4], "#REF!"]]}, name=path.name)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    cut = data.draw(st.integers(0, len(parts[name])))
    damage = data.draw(st.sampled_from([b"", b"<", b"\x00", b"&lol;", b"</x>"]))
    parts[name] = parts[name][:cut] + damage + data.draw(st.sampled_from([b"", parts[name][cut + 5 :]]))
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(damaged, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    try:
        rows, problems = read_excel(damaged).rows, []
    except InputError as error:
        rows, problems = [], error.problems
    assert bool(rows) != bool(problems)
    assert all(problem.remedy for problem in problems)
