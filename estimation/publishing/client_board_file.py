"""The milestone board of the kickoff as a spreadsheet for the client: plain headings, one page wide."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from estimation.publishing.plan_file import put_text, put_value, write_book
from estimation.tracking.client_board import CLIENT_BOARD

HEADINGS = {
    "milestone": ("No.", 6),
    "name": ("Milestone", 26),
    "client_summary": ("What it means for you", 44),
    "finish_by": ("Finished by", 13),
    "acceptance_criteria": ("How we both see that it is done", 52),
    "needed": ("Needed from your side", 34),
    "needed_by": ("Be ready from", 14),
}
"""Columns of the board: what stands above each, and how wide it is."""
FIRST_ROW = 5


def save_client_board(board: pd.DataFrame, path: str | Path, *, title: str, stated: str) -> Path:
    """Write the board as an Excel workbook that can be sent as it is.

    Columns that nobody filled are left out, and so is every column that the contract CLIENT_BOARD does not have.
    """
    from openpyxl import Workbook  # takes a third of a second that most runs need not spend
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    shown = [name for name in CLIENT_BOARD if board[name].notna().any()]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "milestones"
    sheet["A2"], sheet["A2"].font = "Milestones of the project", Font(size=12)
    for place, text in (("A1", title), ("A3", stated)):
        put_text(sheet[place], text)
    sheet["A1"].font = Font(bold=True, size=16)
    line = Border(bottom=Side(style="thin", color="BBBBBB"))
    for column, name in enumerate(shown, start=1):
        heading, width = HEADINGS[name]
        head = sheet.cell(FIRST_ROW, column, heading)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="EEEEEE")
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[head.column_letter].width = width
        for row, value in enumerate(board[name], start=FIRST_ROW + 1):
            cell = sheet.cell(row, column)
            cell.border, cell.alignment = line, Alignment(wrap_text=True, vertical="top", horizontal="left")
            put_value(cell, value, "d mmm yyyy")
    sheet.freeze_panes = f"A{FIRST_ROW + 1}"
    sheet.print_title_rows = f"{FIRST_ROW}:{FIRST_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # pyright: ignore[reportOptionalMemberAccess]
    return write_book(book, Path(path))
