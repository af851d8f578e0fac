import pandas as pd
from openpyxl import load_workbook
from tables_by_hand import by_hand

from estimation.publishing.client_board_file import FIRST_ROW, save_client_board
from estimation.tracking.client_board import CLIENT_BOARD


def board(**columns):
    row = {"milestone": "1.1", "name": "=SUM(1)", "finish_by": pd.Timestamp("2026-03-20"), **columns}
    return by_hand(pd.DataFrame([row]), CLIENT_BOARD)


def saved(folder, table):
    return load_workbook(
        save_client_board(table, folder / "b.xlsx", title="=Search", stated="Eight in ten.")
    )["milestones"]


def test_the_client_reads_plain_headings_dates_and_what_they_are_worth(tmp_path):
    sheet = saved(tmp_path, board(client_summary="You can try it."))
    assert [cell.value for cell in sheet[FIRST_ROW]] == [
        "No.",
        "Milestone",
        "What it means for you",
        "Finished by",
    ]
    assert sheet.cell(FIRST_ROW + 1, 4).value == pd.Timestamp("2026-03-20").to_pydatetime()
    assert sheet["A3"].value == "Eight in ten."


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    sheet = saved(tmp_path, board())
    cells = [sheet["A1"], sheet.cell(FIRST_ROW + 1, 2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=Search", "s"), ("=SUM(1)", "s")]


def test_a_character_that_no_workbook_can_hold_is_left_out(tmp_path):
    sheet = saved(tmp_path, board(client_summary="You can\x07 try it."))
    assert "You can try it." in [cell.value for cell in sheet[FIRST_ROW + 1]]


def test_columns_of_another_contract_are_not_written(tmp_path):
    sheet = saved(tmp_path, board().assign(owner="OWNER-SECRET", notes="NOTES-SECRET"))
    assert not [cell.value for row in sheet.iter_rows() for cell in row if "SECRET" in str(cell.value)]


def test_nothing_but_the_workbook_is_left_behind(tmp_path):
    saved(tmp_path, board())
    assert [entry.name for entry in tmp_path.iterdir()] == ["b.xlsx"]
