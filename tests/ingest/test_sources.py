import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import tables_by_hand

from estimation.errors import InputError
from estimation.ingest.sources import (
    choose_baseline,
    read_history,
    read_plan_table,
    read_status,
)
from estimation.tables import HISTORY, PLAN, STATUS, check_table

ROOT = Path(__file__).parents[2]
BAD_FILES = ROOT / "tests" / "bad_files"
SIP = ROOT.parent / "shared" / "data" / "sip"

HEADER = "project,milestone,phase,planned finish,actual finish\n"
ATLAS = HEADER + "atlas,1.1,discovery,2026-03-06,2026-03-09\natlas,1.2,data,2026-03-13,\n"
BOREALIS = HEADER.replace("planned finish", "Due date") + "borealis,1.1,discovery,13.03.2026,16.03.2026\n"

NO_DATE = "wanted a date such as 2026-03-31. Correct the cell, or leave it empty if the date is not known."
NO_NUMBER = (
    "wanted a plain number. "
    "Write it with a point for decimals, without unit or thousands mark, or leave it empty."
)
NO_TEXT = (
    "contains NUL bytes, so it is no delimited text (or UTF-16 without its byte order mark); "
    "wanted UTF-8, UTF-16 or cp1252 text. "
    "Save the table as 'CSV UTF-8', or hand in the Excel workbook itself as .xlsx."
)
NO_VALUE = (
    "nothing came; wanted a value. Fill the cell (of merged cells only the first counts), or delete the row."
)
TOTALS = "nothing came; wanted a value. It looks like a row of totals ('Total'): delete it."
NO_BASELINE = (
    "neither a planned finish nor planned days came; wanted one of them. "
    "Fill it in, or mark work that no plan knew with added_after_baseline = yes."
)
SPREADSHEET_ERROR = (
    "wanted a value, not an error of the spreadsheet. "
    "Repair the formula, let the spreadsheet calculate, and save again."
)
EXPORT_AGAIN = (
    "wanted a header and at least one row. Export the table again, or check that this is the file you meant."
)
SURPLUS = (
    "6 fields came; the header in row 1 names 5. Put a field that contains a comma into quotation marks; "
    "delete lines above the header, and give every column one."
)
ORDER = "wanted an order in which each milestone can be finished before the next. Remove one of these links."
BACKWARDS = "Correct one of the two, or leave the one that is not known empty."
RENAME = "Rename the header or name it in a mapping file under 'columns:'."
PHAZE = "The headers are: Project, Milestone, Phaze, Fin. plan, Actual finish"

SENTENCES = {
    "empty": [f": the file is empty; {EXPORT_AGAIN}"],
    "only_a_header": [f": only a header came; {EXPORT_AGAIN}"],
    "nul_bytes": [f": {NO_TEXT}"],
    "utf16_without_mark": [f": {NO_TEXT}"],
    # 79 characters of header, a line end, 11 characters ("atlas,1.1,d"): the byte behind them is the 92nd.
    "no_encoding": [
        ": byte 92 does not read as cp1252; wanted UTF-8, UTF-16 or cp1252 text. "
        "Save the table as 'CSV UTF-8', or hand in the Excel workbook itself as .xlsx."
    ],
    "open_quotation": [
        ", row 3: the quotation marks do not pair up (unexpected end of data); wanted fields split by comma, "
        "quotation marks inside a field doubled. Correct the row and save again."
    ],
    "swallowed_row": [
        ", row 2, column 'milestone': '1.1,discovery,2026-03-02,2026-03-06,2026-03-02,2026-03-06 at...' came, "
        "which goes over several lines; wanted a name in one line. "
        "Correct it; if it holds a part of the next row, a quotation mark is missing there."
    ],
    "surplus_field": [f", row 2: {SURPLUS}", f", row 3: {SURPLUS}"],
    "missing_column": [
        f", column 'phase': no such column came; wanted phase. {PHAZE}; is it 'Phaze'? {RENAME}",
        ", column 'baseline_finish': no such column came; wanted baseline_finish or baseline_days. "
        f"{PHAZE}; {RENAME}",
    ],
    "two_columns_for_one": [
        ", column 'Target date': 'Due date' and 'Target date' both read as baseline_finish; wanted one. "
        "Say which in a mapping file: columns: {baseline_finish: 'Due date'}, or rename the other."
    ],
    "ambiguous_dates": [
        ", row 2, column 'actual finish': '04/03/2026' came; it may mean 04 March 2026 (day/month/year) or "
        "03 April 2026 (month/day/year), and the rest of the column does not decide. Write the dates as 2026-03-31, "
        "or name the format in a mapping file: dates: {actual_finish: '%d/%m/%Y'} or '%m/%d/%Y'."
    ],
    "two_date_formats": [
        ", row 4, column 'actual finish': '03/20/2026' came; wanted day/month/year such as 31/03/2026, like the rest "
        "of the column. It reads as month/day/year; write all dates of the column in one way, best as 2026-03-31."
    ],
    "no_dates": [
        f", row 2, column 'actual finish': 'now' came; {NO_DATE}",
        f", row 3, column 'planned finish': '2026-02-30' came; {NO_DATE}",
        f", row 4, column 'actual finish': 'end of March' came; {NO_DATE}",
    ],
    "day_numbers": [
        ", row 2, column 'actual finish': '46090' came; wanted a date such as 2026-03-31. "
        "It looks like a spreadsheet's day number: format the column as dates there and save again."
    ],
    "impossible_year": [
        ", row 2, column 'actual finish': '2206-03-09' came; wanted a year from 1970 to 2100. Correct the year.",
        ", row 3, column 'planned finish': '1926-03-13' came; wanted a year from 1970 to 2100. Correct the year.",
    ],
    "numbers_with_more": [
        f", row 2, column 'estimate': '5 days' came; {NO_NUMBER}",
        f", row 3, column 'estimate': '2,5' came; {NO_NUMBER}",
        f", row 4, column 'estimate': '1.200,00' came; {NO_NUMBER}",
        f", row 4, column 'actual days': '~900' came; {NO_NUMBER}",
        ", row 5, column 'estimate': '-3' came; wanted zero or more. Correct the cell.",
        f", row 5, column 'actual days': '1e999' came; {NO_NUMBER}",
    ],
    "finish_before_start": [
        f", row 2, column 'actual finish': 2026-03-06 came; it is before actual start 2026-03-09. {BACKWARDS}",
        f", row 3, column 'planned finish': 2026-03-13 came; it is before planned start 2026-03-16. {BACKWARDS}",
    ],
    "row_twice": [
        ", row 4, column 'Milestone': Project 'atlas', Milestone '1.1' came again; row 2 has it. "
        "Keep one of the rows, or give a later baseline its own baseline_version. "
        "If a spreadsheet made it of an id such as 1.10, store the ids as text there."
    ],
    "unknown_predecessor": [
        ", row 3, column 'Predecessors': '2.1FS+2d; 2.11' came; milestone 2.2 depends on 2.11, which is no milestone "
        "of this plan. Did you mean 2.1?",
        ", row 4, column 'Predecessors': 'after 2.2' came; 'after 2.2' in the dependencies 'after 2.2' cannot be "
        "read; wanted the id of a milestone, then perhaps FS, SS, FF or SF, then perhaps a lag in working days or "
        "weeks, such as 2.1, 2.2FS+3d or 4SS+1w. Correct it, and separate several predecessors by semicolons.",
    ],
    "circle": [
        ", row 5, column 'Predecessors': '2.3' came; the dependencies go round in a circle: "
        f"2.2 -> 2.3 -> 2.4 -> 2.2; {ORDER}",
        ", row 6, column 'Predecessors': '2.5' came; the dependencies go round in a circle: "
        f"2.5 -> 2.5; {ORDER}",
    ],
    "empty_cells": [
        f", row 2, column 'phase': {NO_VALUE}",
        f", row 3, column 'project': {NO_VALUE}",
        f", row 4, column 'planned finish': {NO_BASELINE}",
        f", row 5, column 'milestone': {TOTALS}",
        f", row 5, column 'phase': {TOTALS}",
        f", row 5, column 'planned finish': {NO_BASELINE}",
    ],
    "spreadsheet_errors": [
        f", row 2, column 'actual finish': '#REF!' came; {SPREADSHEET_ERROR}",
        f", row 3, column 'phase': '#N/A' came; {SPREADSHEET_ERROR}",
    ],
    "neither_yes_nor_no": [
        ", row 2, column 'added later': 'maybe' came; wanted yes or no. Correct the cell.",
        ", row 3, column 'added later': 'later' came; wanted yes or no. Correct the cell.",
    ],
    "shares_and_counts": [
        ", row 3, column 'iterations_planned': '2.5' came; wanted a whole number. Round it, or leave it empty.",
        ", row 3, column '% complete': '80' came; wanted 0 to 1, or 0 to 100 %, the same in the whole column. "
        "Correct the cell.",
        ", row 4, column 'iterations_planned': '-1' came; wanted zero or more. Correct the cell.",
    ],
    # Row 1 header, 2 blank, 3 a milestone with a note over three lines, 4 blank, 5 the bad one.
    "rows_after_line_breaks": [f", row 5, column 'planned finish': '2026-03-32' came; {NO_DATE}"],
    "bad_calendar": [
        ", row 2, column 'calendar': 'Mon-Fri' came; the calendar 'Mon-Fri' is not usable: the country 'Mon' is not "
        "known; write its ISO code of two letters. Wanted a week pattern (seven digits 0 or 1, Monday first) or a "
        "country, then ISO dates of the days off, such as '1111100 2026-01-01', 'DE-BY' or "
        "'1111100 DE-BY 2026-12-24..2026-12-31'. Or leave it empty for Monday to Friday."
    ],
}


def written(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(read, *arguments, **options):
    with pytest.raises(InputError) as error:
        read(*arguments, **options)
    return str(error.value).splitlines()


@pytest.mark.parametrize("name", SENTENCES)
def test_a_bad_file_is_refused_in_sentences_that_say_where_what_and_what_to_do(name):
    head, *lines = refused(read_history, BAD_FILES / f"{name}.csv")
    wanted = [f"{name}.csv{sentence}" for sentence in SENTENCES[name]]
    assert lines == wanted
    assert head == f"{len(wanted)} problem{'s' if len(wanted) > 1 else ''} found; nothing was computed."


def test_every_bad_file_has_its_sentences():
    assert {path.stem for path in BAD_FILES.glob("*.csv")} == set(SENTENCES)


def test_a_file_becomes_a_history_that_keeps_its_contract(tmp_path):
    history = read_history(written(tmp_path, "atlas.csv", ATLAS))
    check_table(history, HISTORY, "history")
    assert history["milestone"].tolist() == ["1.1", "1.2"]
    assert history["actual_finish"].isna().tolist() == [False, True]
    assert history["source"].tolist() == ["atlas.csv, row 2", "atlas.csv, row 3"]


def test_the_files_of_a_folder_are_read_together_each_in_its_own_format(tmp_path):
    written(tmp_path, "a.csv", ATLAS)
    written(tmp_path, "b.TSV", BOREALIS.replace(",", "\t"))
    for name in ("notes.md", ".hidden.csv", "~$b.xlsx", "deeper/c.csv"):
        written(tmp_path, name, "not a table")
    history = read_history(tmp_path)
    assert history["project"].tolist() == ["atlas", "atlas", "borealis"]
    assert history["actual_finish"].dropna().tolist() == [
        pd.Timestamp("2026-03-09"),
        pd.Timestamp("2026-03-16"),
    ]


def test_everything_wrong_with_a_folder_is_said_at_once(tmp_path):
    written(tmp_path, "a.csv", ATLAS.replace("2026-03-09", "soon"))
    written(tmp_path, "b.csv", "")
    written(tmp_path, "c.csv", ATLAS)
    written(tmp_path, "d.csv", ATLAS)
    (tmp_path / "e.xlsx").write_bytes(b"no workbook")
    (tmp_path / "f.xls").write_bytes(b"old workbook")
    head, *lines = refused(read_history, tmp_path)
    assert head == "5 problems found; nothing was computed."
    assert {line.partition(",")[0].partition(":")[0] for line in lines} == {
        *("a.csv", "b.csv", "d.csv", "e.xlsx", "f.xls")
    }
    assert "d.csv, column 'project': project 'atlas' came again; c.csv has it already. " in "\n".join(lines)


def test_a_folder_without_files_is_refused(tmp_path):
    written(tmp_path, "readme.md", "nothing here")
    assert refused(read_history, tmp_path) == [
        f"{tmp_path}: holds no file to read; wanted files ending in .csv, .tsv, .txt, .xlsx, .xlsm, .xml, .arff. "
        "Check the folder."
    ]


def test_a_path_that_leads_nowhere_is_refused(tmp_path):
    path = tmp_path / "none.csv"
    assert refused(read_history, path) == [f"{path}: no such file or folder. Check the path."]


WORKBOOK = "Save the table as an Excel workbook (.xlsx) or as CSV."


@pytest.mark.parametrize(
    ("name", "came", "remedy"),
    [
        (
            "plan.mpp",
            "files ending in '.mpp' cannot be read; this is a plan of MS Project in its own format",
            "In MS Project choose File, Save As, and the type 'XML Format (*.xml)'.",
        ),
        (
            "plan.xer",
            "files ending in '.xer' cannot be read; this is an export of Primavera P6",
            "In P6 choose File, Export, and the type 'Microsoft Project XML', or 'Spreadsheet (XLSX)' with the "
            "activities.",
        ),
        ("plan.xls", "files ending in '.xls' cannot be read; this is a workbook of Excel 97", WORKBOOK),
        ("plan.doc", "files ending in '.doc' cannot be read", WORKBOOK),
        ("plan", "a file without an ending came", WORKBOOK),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_way_to_save_it(tmp_path, name, came, remedy):
    assert refused(read_history, written(tmp_path, name, ATLAS))[1] == (
        f"{name}: {came}; wanted .csv, .tsv, .txt, .xlsx, .xlsm, .xml, .arff. {remedy}"
    )


def test_a_workbook_and_a_text_file_of_the_same_table_read_the_same(tmp_path):
    text = read_history(written(tmp_path, "atlas.csv", ATLAS))
    book = openpyxl.Workbook()
    book.active.append(["Portfolio"])
    book.active.append(HEADER.strip().split(","))
    book.active.append(
        ["atlas", 1.1, "discovery", pd.Timestamp("2026-03-06"), pd.Timestamp("2026-03-09 17:00")]
    )
    book.active.append(["atlas", "1.2", "data", "2026-03-13", None])
    book.save(tmp_path / "atlas.xlsx")
    sheet = read_history(tmp_path / "atlas.xlsx")
    pd.testing.assert_frame_equal(text.drop(columns="source"), sheet.drop(columns="source"))
    assert sheet["source"][0] == "atlas.xlsx, sheet 'Sheet', row 3"


def test_an_error_in_a_workbook_is_refused_and_not_taken_for_unfinished(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(["atlas", "1.1", "discovery", pd.Timestamp("2026-03-06"), "#REF!"])
    book.active["E2"].data_type = "e"
    book.active.append(["atlas", "1.2", "discovery", 46087, None])
    book.save(tmp_path / "atlas.xlsx")
    assert refused(read_history, tmp_path / "atlas.xlsx")[1:] == [
        f"atlas.xlsx, sheet 'Sheet', row 2, column 'actual finish': '#REF!' came; {SPREADSHEET_ERROR}",
        "atlas.xlsx, sheet 'Sheet', row 3, column 'planned finish': '46087' came; wanted a date such as 2026-03-31. "
        "It looks like a spreadsheet's day number: format the column as dates there and save again.",
    ]


def test_efforts_without_dates_and_progress_are_final(tmp_path):
    text = "project,milestone,phase,estimate,actual days\na,1,work,5,7\na,2,work,5,\n"
    assert read_history(written(tmp_path, "a.csv", text))["closed_as"].fillna("").tolist() == [
        "delivered",
        "",
    ]


def test_a_plan_is_one_project_in_its_latest_baseline(tmp_path):
    text = "project,milestone,phase,planned finish,baseline_version\na,1,x,2026-03-06,1\na,1,x,2026-03-20,2\n"
    plan = read_plan_table(written(tmp_path, "plan.csv", text))
    check_table(plan, PLAN, "plan")
    assert plan["baseline_finish"].tolist() == [pd.Timestamp("2026-03-20")]


def test_a_plan_of_two_projects_is_refused(tmp_path):
    path = written(tmp_path, "plan.csv", ATLAS + BOREALIS.splitlines()[1].replace("13.03.2026", "2026-03-13"))
    path.write_text(path.read_text().replace("16.03.2026", "2026-03-16"))
    (said,) = refused(read_plan_table, path)
    assert said.startswith("plan.csv: holds 2 projects (atlas and borealis); a plan is one project.")


def test_a_folder_where_one_file_is_wanted_is_refused(tmp_path):
    written(tmp_path, "a.csv", ATLAS)
    assert refused(read_plan_table, tmp_path) == [
        f"{tmp_path}: is a folder; wanted one plan file. Name the file."
    ]


def test_a_folder_of_status_tables_is_read_as_one(tmp_path):
    for project in ("a", "b"):
        written(
            tmp_path,
            f"{project}.csv",
            f"project,milestone,as_of,forecast\n{project},1,2026-03-06,2026-03-20\n",
        )
    assert read_status(tmp_path)["project"].tolist() == ["a", "b"]


def test_a_plan_may_be_joined_of_two_files_of_a_folder(tmp_path):
    written(tmp_path, "what.csv", "project,milestone,phase\na,1,x\na,2,x\n")
    written(tmp_path, "when.csv", "milestone,due\n2,2026-03-13\n1,2026-03-06\n")
    said = {"files": ["what.csv", "when.csv"], "join_on": "milestone"}
    plan = read_plan_table(tmp_path, mapping=said)
    assert plan["baseline_finish"].dt.day.tolist() == [6, 13]


def test_a_bad_cell_of_a_joined_file_is_placed_in_that_file(tmp_path):
    written(tmp_path, "what.csv", "project,milestone,phase\na,1,x\na,2,x\n")
    written(tmp_path, "when.csv", "milestone,due\n2,2026-03-13\n\n1,2026-03-36\n")
    said = {"files": ["what.csv", "when.csv"], "join_on": "milestone"}
    assert refused(read_history, tmp_path, mapping=said)[1].startswith("when.csv, row 4, column 'due': ")


def test_files_of_a_mapping_that_are_not_there_are_named(tmp_path):
    written(tmp_path, "a.csv", ATLAS)
    (said,) = refused(read_history, tmp_path, mapping={"files": ["a.csv", "b.csv"], "join_on": "milestone"})
    assert said.startswith(f"{tmp_path}: the mapping file names b.csv, which is not there.")


def test_a_mapping_that_passes_over_every_row_is_refused(tmp_path):
    path = written(tmp_path, "a.csv", ATLAS)
    _, said = refused(read_history, path, mapping={"skip_rows": {"project": ["atlas"]}})
    assert said.startswith("a.csv: no row came; wanted at least one.")


def test_no_status_file_means_no_updates():
    status = read_status("")
    check_table(status, STATUS, "status")
    assert len(status) == 0


def test_status_updates_are_read_by_date(tmp_path):
    text = "Project;Milestone;Status date;Progress;RAG\na;1;06.03.2026;50;green\na;1;13.03.2026;100;red\n"
    status = read_status(written(tmp_path, "status.csv", text))
    assert status["as_of"].dt.day.tolist() == [6, 13]
    assert status["percent_complete"].tolist() == [0.5, 1.0]


def baselines(*rows):
    """Rows of (milestone, version, day of March planned)."""
    return tables_by_hand.history(
        *(
            {"milestone": milestone, "baseline_version": version, "baseline_finish": f"2026-03-{day:02d}"}
            for milestone, version, day in rows
        )
    )


@pytest.mark.parametrize(
    ("baseline", "days"),
    [
        ("first", {"1": 2, "2": 9}),
        ("last", {"1": 6, "2": 9}),
        (1, {"1": 2, "2": 9}),
        (2, {"1": 4, "2": 9}),
        # There is no fourth baseline of 1, and none up to the second of 2 but its only one.
        (4, {"1": 6, "2": 9}),
    ],
)
def test_one_baseline_of_each_milestone_counts(baseline, days):
    # The third row stands before the first one: order is by number, not by row.
    table = baselines(("1", 3, 6), ("2", 1, 9), ("1", 1, 2), ("1", 2, 4))
    chosen = choose_baseline(table, baseline)
    check_table(chosen, HISTORY, "history")
    assert dict(zip(chosen["milestone"], chosen["baseline_finish"].dt.day, strict=True)) == days
    assert chosen["milestone"].tolist() == ["1", "2"]


def test_a_row_without_a_number_is_the_first_baseline():
    table = baselines(("1", 2, 4), ("1", None, 2))
    assert choose_baseline(table, "first")["baseline_finish"].dt.day.tolist() == [2]


def test_what_is_no_baseline_comes_from_the_latest_row_that_says_it():
    table = baselines(("1", 1, 2), ("1", 2, 4)).assign(owner=["Ann", "Bo"], notes=["first", None])
    table["actual_finish"] = pd.to_datetime(["2026-03-05", None]).astype("datetime64[s]")
    chosen = choose_baseline(table, "first")
    check_table(chosen, HISTORY, "history")
    row = chosen.loc[0, ["baseline_version", "owner", "notes", "actual_finish"]].tolist()
    assert row == [1, "Bo", "first", pd.Timestamp("2026-03-05")]


@pytest.mark.parametrize("baseline", ["second", True, 1.5, None])
def test_a_baseline_that_is_neither_first_nor_last_nor_a_number_is_refused(baseline):
    with pytest.raises(InputError, match="wanted 'first', 'last' or a number such as 2"):
        choose_baseline(baselines(("1", 1, 2)), baseline)


@pytest.mark.skipif(not SIP.is_dir(), reason="the SiP task data is not beside the repository")
def test_the_sip_tasks_are_read_through_the_shipped_mapping():
    start = time.process_time()
    history = read_history(SIP, mapping=ROOT / "data" / "mappings" / "sip.yaml")
    assert time.process_time() - start < 10
    check_table(history, HISTORY, "history")
    # Jones and Cullum, 2019, by the rules of the mapping, on the tasks estimated before 2011: 6,853 tasks, of them
    # 4,907 Development, 653 Management and 1,293 Operational; 32.57 % under, 38.03 % on and 29.40 % over the estimate.
    assert len(history) == 6853
    assert history["phase"].value_counts().to_dict() == {
        "Development": 4907,
        "Management": 653,
        "Operational": 1293,
    }
    ratio = history["actual_days"] / history["baseline_days"]
    shares = [(ratio < 1).mean(), (ratio == 1).mean(), (ratio > 1).mean()]
    assert shares == pytest.approx([0.3257, 0.3803, 0.2940], abs=5e-5)
