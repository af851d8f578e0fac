"""Bad files, and good ones beside them, made by a seeded script: each with the outcome it must have.

``python tests/bad_files/corpus.py FOLDER`` writes them all to look at.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from estimation.tables import HISTORY

SEED = 20260302
ACCEPT, WARN, REFUSE = "accept", "warn", "refuse"
HEADERS = ["project", "milestone", "phase", "baseline_finish"]
GOOD = ["atlas", "1.1", "discovery", "2026-03-06"]
NEXT = ["atlas", "1.2", "discovery", "2026-03-13"]
FORMULAS = ['=HYPERLINK("http://example.org")', "@SUM(A1)", "+1+cmd|' /C calc'!A0", "=1+1"]
HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE x; --",
    "{{7*7}}",
    "%s%n",
    "$(id)",
    "\u202egnp.exe",
    "../" * 20,
]
PLACEHOLDERS = ["TBD", "tbc", "n/a", "NA", "None", "null", "ongoing", "open", "?", "-", "pending", "unknown"]
NO_DATES = [
    "now",
    "today",
    "2026-02-29",
    "2026-02-30",
    "31.04.2026",
    "2026-13-01",
    "Q1 2026",
    "KW 10",
    "0",
    "99999",
]
NO_NUMBERS = ["5 days", "1.2.3", "1,5", "nan", "inf", "1e999", "0x1F", "five", "--3", "٣٣x"]
NAMES = [
    "../../etc/passwd",
    "C:\\Windows\\x",
    "a/b",
    "..",
    "CON",
    "مشروع",
    "פרויקט",
    "🚀👩‍💻",
    "NA",
    "None",
    "O'Neill; x",
]


@dataclass(frozen=True)
class Case:
    """One file: its content, what must happen, for a refusal where, and with which words."""

    name: str
    content: bytes
    outcome: str
    row: int | None = None
    column: str = ""
    says: str = ""
    kind: str = "history"


def table(*rows, headers=HEADERS, delimiter=",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([headers, *rows])
    return text.getvalue()


def with_column(name: str, cell: str) -> str:
    """A good row, then one with the cell; the column is added where it is not there."""
    if name in HEADERS:
        place = HEADERS.index(name)
        return table(GOOD, [*NEXT[:place], cell, *NEXT[place + 1 :]])
    return table([*GOOD, ""], [*NEXT, cell], headers=[*HEADERS, name])


def made() -> Iterator[Case]:
    rng = random.Random(SEED)
    yield from _cells(rng)
    yield from _texts(rng)
    yield from _rows()
    yield from status_cases()
    yield from _workbooks()
    yield from _other_programs()


def _cells(rng: random.Random) -> Iterator[Case]:
    for name, column in HISTORY.items():
        if column.kind == "date":
            yield _refused(f"date-{name}", with_column(name, rng.choice(NO_DATES)), 3, name, "date")
        elif column.kind in ("number", "whole"):
            yield _refused(
                f"number-{name}", with_column(name, rng.choice(NO_NUMBERS)), 3, name, "plain number"
            )
            yield _refused(f"negative-{name}", with_column(name, "-1"), 3, name, "zero or more")
        elif column.kind == "flag":
            yield _refused(f"flag-{name}", with_column(name, "perhaps"), 3, name, "yes or no")
        elif name not in ("depends_on", "calendar", "source"):
            outcome = WARN if name in ("phase", "owner", "cause", "recovery_kind") else ACCEPT
            yield Case(
                f"hostile-{name}.csv", with_column(name, rng.choice(FORMULAS + HOSTILE[:5])).encode(), outcome
            )
    for n, word in enumerate(PLACEHOLDERS):
        text = with_column("actual_finish", word)
        yield _refused(
            f"placeholder-{n}", text, 3, "actual_finish", "Leave the cell empty if the date is not known"
        )
    for year in ("0001", "9999", "1899", "2206"):
        yield _refused(
            f"year-{year}", with_column("actual_finish", f"{year}-03-06"), 3, "actual_finish", "1970 to 2100"
        )
    for n, name in enumerate(NAMES):
        yield Case(f"name-{n}.csv", table([name, *GOOD[1:]]).encode(), ACCEPT)
    for n, sign in enumerate(("\x1b[31m", "\u202e", "\x07")):
        yield _refused(f"control-{n}", with_column("project", f"at{sign}las"), 3, "project", "cannot be seen")
    yield _refused("long-name", with_column("milestone", "x" * 300), 3, "milestone", "at most 200")
    yield Case("long-note.csv", with_column("notes", "x" * 100_000).encode(), ACCEPT)
    yield _refused("endless-cell", with_column("notes", "x" * 200_000), 3, "", "131,072 characters")
    leap = table(["atlas", "1.1", "discovery", "2024-02-29"], ["atlas", "1.2", "discovery", "2024-03-08"])
    yield Case("leap-day.csv", leap.encode(), ACCEPT)
    yield _refused(
        "far-year", with_column("actual_finish", "2036-03-13"), 3, "actual_finish", "confirmed_dates"
    )
    yield Case("time-zone.csv", with_column("actual_finish", "2026-03-13T23:30:00+02:00").encode(), WARN)
    yield Case("utc.csv", with_column("actual_finish", "2026-03-13 08:00:00Z").encode(), WARN)
    yield Case("zero-days.csv", with_column("baseline_days", "0").encode(), WARN)
    yield Case("weekend.csv", with_column("actual_finish", "2026-03-14").encode(), WARN)
    yield Case(
        "owner-unknown.csv", table([*GOOD, "Ann"], [*NEXT, "TBD"], headers=[*HEADERS, "owner"]).encode(), WARN
    )


def _texts(rng: random.Random) -> Iterator[Case]:
    text = table(GOOD, NEXT).replace("atlas", "Müller")
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        yield Case(f"{encoding}.csv", text.encode(encoding), ACCEPT)
    yield Case("utf-16-be.csv", b"\xfe\xff" + text.encode("utf-16-be"), ACCEPT)
    yield Case("cr-lf.csv", text.replace("\n", "\r\n").encode(), ACCEPT)
    yield _refused("nul", text.replace("1.1", "1\x001"), None, "", "hand in the Excel workbook itself")
    yield Case(
        "no-code-page.csv",
        text.encode("cp1252") + b"\x81\x8d",
        REFUSE,
        None,
        "",
        "Save the table as 'CSV UTF-8'",
    )
    yield Case("utf-16-without-mark.csv", text.encode("utf-16-le"), REFUSE, None, "", "byte order mark")
    for mark, name in ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")):
        yield Case(f"{name}.csv", table(GOOD, NEXT, delimiter=mark).encode(), ACCEPT)
    yield Case("empty.csv", b"", REFUSE, None, "", "Export the table again")
    yield Case("blank.csv", b"\n \n,,,\n", REFUSE, None, "", "Export the table again")
    yield Case("only-a-header.csv", table().encode(), REFUSE, None, "", "Export the table again")
    yield _refused(
        "open-quotation", table(GOOD) + 'atlas,"1.2,discovery,2026-03-13\n', 3, "", "Correct the row"
    )
    yield _refused(
        "stray-quotation", table(GOOD) + '"atlas"x,1.2,discovery,2026-03-13\n', 3, "", "Correct the row"
    )
    yield _refused(
        "surplus", table(GOOD) + "atlas,1.2,Data, clean,2026-03-13\n", 3, "", "into quotation marks"
    )
    yield Case("line-break.csv", with_column("notes", "two\nlines").encode(), ACCEPT)
    yield Case("blank-tail.csv", (table(GOOD) + ",,,\n" * 50 + "\n\n").encode(), ACCEPT)
    yield Case("blank-header.csv", table([*GOOD, ""], headers=[*HEADERS, ""]).encode(), ACCEPT)
    yield _refused(
        "two-headers",
        table([*GOOD, "x"], headers=[*HEADERS, "Phase"]),
        None,
        "Phase",
        "Rename one of the two",
    )
    yield _refused(
        "two-aliases",
        table([*GOOD[:3], "2026-03-06", ""], headers=[*HEADERS[:3], "Due", "Deadline"]),
        None,
        "Deadline",
        "Say which",
    )
    yield _refused(
        "header-asked",
        table([*GOOD, ""], headers=[*HEADERS, "Actual fin"]),
        None,
        "Actual fin",
        "actual_finish: Actual fin",
    )
    yield Case("header-near.csv", table(GOOD, headers=[*HEADERS[:3], "Planed finish"]).encode(), ACCEPT)
    yield _refused(
        "no-phase",
        table(GOOD[:2] + GOOD[3:], headers=HEADERS[:2] + HEADERS[3:]),
        None,
        "phase",
        "Rename the header",
    )
    for n in range(5):
        noise = bytes(rng.randrange(256) for _ in range(400))
        yield Case(f"noise-{n}.csv", noise + b"\x00", REFUSE, None, "", "Save the table as 'CSV UTF-8'")


def _rows() -> Iterator[Case]:
    yield _refused(
        "total", table(GOOD, ["Total", "", "", ""]), 3, "milestone", "a row of totals ('Total'): delete it"
    )
    yield _refused("twice", table(GOOD, GOOD), 3, "milestone", "Keep one of the rows")
    logic = [*HEADERS, "depends_on"]
    yield _refused(
        "circle",
        table([*GOOD, "1.2"], [*NEXT, "1.1"], headers=logic),
        3,
        "depends_on",
        "Remove one of these links",
    )
    yield _refused(
        "dangling", table([*GOOD, ""], [*NEXT, "1.7"], headers=logic), 3, "depends_on", "Did you mean 1.2?"
    )
    yield _refused(
        "no-link", table([*GOOD, ""], [*NEXT, "after 1.1"], headers=logic), 3, "depends_on", "by semicolons"
    )
    span = [*HEADERS, "actual_start", "actual_finish"]
    yield _refused(
        "backwards",
        table([*GOOD, "2026-03-09", "2026-03-06"], headers=span),
        2,
        "actual_finish",
        "Correct one of the two",
    )
    started = [*HEADERS, "project_start", "actual_finish"]
    yield _refused(
        "year-before-project",
        table([*GOOD, "2026-03-02", ""], [*NEXT, "", "2025-03-13"], headers=started),
        3,
        "actual_finish",
        "the project starts long after it, on 2026-03-02 (row 2)",
    )
    yield Case(
        "days-before-project.csv", table([*GOOD, "2026-03-02", "2026-02-27"], headers=started).encode(), WARN
    )
    yield Case(
        "before-predecessor.csv",
        table(
            [*GOOD, "", "2026-03-06"], [*NEXT, "1.1", "2026-03-05"], headers=[*logic, "actual_finish"]
        ).encode(),
        WARN,
    )
    yield Case("no-planned-start.csv", table([*GOOD, "2026-03-02", ""], headers=span).encode(), WARN)
    yield _refused(
        "calendar", with_column("calendar", "Mon-Fri"), 3, "calendar", "empty for Monday to Friday"
    )
    yield _refused(
        "ambiguous",
        table([*GOOD, "03/04/2026"], headers=[*HEADERS, "actual_finish"]),
        2,
        "actual_finish",
        "name the format",
    )
    yield Case("phase-new.csv", with_column("phase", "Gardening").encode(), WARN)
    yield Case("phase-near.csv", with_column("phase", "Deploymnet").encode(), ACCEPT)
    yield _refused(
        "phase-asked", with_column("phase", "Data prep"), 3, "phase", "phases: {Data prep: data_preparation}"
    )
    yield _refused("no-value", with_column("phase", ""), 3, "phase", "Fill the cell")
    yield _refused(
        "no-baseline", with_column("baseline_finish", ""), 3, "baseline_finish", "added_after_baseline = yes"
    )
    for error in ("#REF!", "#N/A", "#DIV/0!", "#NAME?"):
        yield _refused(
            f"error-{error[1:3].lower().strip('/')}",
            with_column("actual_finish", error),
            3,
            "actual_finish",
            "Repair the formula",
        )
    shares = [*HEADERS, "percent_complete", "closed_as"]
    rows = [*GOOD, "100%", "cancelled"], [*NEXT, "100%", ""]
    says = "100 % without a finish came in row 3"
    yield Case("no-date-of-done.csv", table(*rows, headers=shares).encode(), WARN, says=says)
    heap = [["atlas", str(n), "discovery", "2026-03-06", "2026-03-13"] for n in range(30)]
    yield Case("heap.csv", table(*heap, headers=[*HEADERS, "actual_finish"]).encode(), WARN)


def status_cases() -> Iterator[Case]:
    """Status tables: what a row may say of its own day, and two rows of one day."""

    def case(name: str, outcome: str, *rows: list, row: int = 2, column: str = "", says: str = "") -> Case:
        week = [["atlas", "1.1", "2026-03-06", *cells] for cells in rows]
        headers = ["project", "milestone", "as_of", "actual_start", "actual_finish", "percent_complete"]
        headers += ["forecast_finish", "added_after_baseline"]
        return Case(
            f"status-{name}.csv", table(*week, headers=headers).encode(), outcome, row, column, says, "status"
        )

    begun, done, ahead = "2026-03-02", "2026-03-06", "2026-03-09"
    yield case("in-order", ACCEPT, [begun, done, "100%", "", ""])
    yield case("one-day-joined", ACCEPT, [begun, "", "30%", "", ""], [begun, "", "", ahead, ""])
    yield case(
        "one-day-differs",
        REFUSE,
        [begun, "", "30%", "", ""],
        ["", "", "40%", ahead, ""],
        row=3,
        column="percent_complete",
        says="Correct one of the rows, or give the later word a status date of its own.",
    )
    yield case(
        "start-ahead",
        REFUSE,
        [ahead, "", "", "", ""],
        column="actual_start",
        says="leave the start empty until the work has begun",
    )
    yield case(
        "finish-ahead",
        REFUSE,
        ["", ahead, "", "", ""],
        column="actual_finish",
        says="a date that lies ahead is a forecast_finish",
    )
    half_done = {"column": "percent_complete", "says": "leave the finish empty until the work is done"}
    yield case("done-by-half", REFUSE, ["", done, "90%", "", ""], **half_done)
    yield case(
        "done-by-two-rows", REFUSE, ["", done, "", "", ""], ["", "", "90%", "", ""], row=3, **half_done
    )
    yield case("overdue", WARN, [begun, "", "30%", begun, ""], says="before the status date of its row")
    yield case("no-date", WARN, [begun, "", "100%", "", ""], says="counts as running until a date comes")
    yield case("added", ACCEPT, ["", "", "", ahead, "yes"])
    yield case("added-without-days", WARN, [begun, "", "30%", "", "yes"], says="Fill in remaining_days")


def _workbooks() -> Iterator[Case]:
    good, later = [*GOOD[:3], dt.date(2026, 3, 6)], [*NEXT[:3], dt.date(2026, 3, 13)]
    yield Case("good.xlsx", workbook(good, later), ACCEPT)
    yield Case(
        "epoch-1904.xlsx", workbook(good, later, epoch=openpyxl.utils.datetime.CALENDAR_MAC_1904), ACCEPT
    )
    yield Case("merged-project.xlsx", workbook(good, [None, *later[1:]], merge="A2:A3"), ACCEPT)
    yield Case(
        "merged-date.xlsx",
        workbook(good, [*later[:3], None], merge="D2:D3"),
        REFUSE,
        2,
        "baseline_finish",
        "unmerge",
    )
    yield Case("hidden-row.xlsx", workbook(good, later, hide=3), WARN)
    yield Case(
        "error.xlsx",
        workbook(good, [*later[:3], "#REF!"]),
        REFUSE,
        3,
        "baseline_finish",
        "Repair the formula",
    )
    yield Case(
        "formula.xlsx",
        workbook(good, [*later[:3], "=D2+7"]),
        REFUSE,
        3,
        "baseline_finish",
        "let the spreadsheet calculate",
    )
    yield Case(
        "number.xlsx",
        workbook(good, [*later[:3], 46094]),
        REFUSE,
        3,
        "baseline_finish",
        "format the column as dates",
    )
    yield Case("far-row.xlsx", workbook(good, far="A1048576"), REFUSE, None, "", "Delete the cell")
    yield Case("far-corner.xlsx", workbook(good, far="XFD1048576"), REFUSE, None, "", "Delete the cell")
    yield Case("far-column.xlsx", workbook(*[good] * 200, far="XFD201"), REFUSE, None, "", "Delete the cell")
    yield Case("no-headers.xlsx", workbook(headers=["Vorhaben", "Was"]), REFUSE, None, "", "under 'columns:'")
    yield Case(
        "no-workbook.xlsx", b"PK\x03\x04 no archive", REFUSE, None, "", "Save it as .xlsx without a password"
    )
    yield Case(
        "password.xlsx",
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
        REFUSE,
        None,
        "",
        "without a password",
    )
    sheet = "xl/worksheets/sheet1.xml"
    yield Case(
        "bomb.xlsx",
        changed(workbook(good), sheet, lambda old: b"\n" * 210_000_000),
        REFUSE,
        None,
        "",
        "save the sheet as CSV",
    )
    yield Case(
        "dense.xlsx",
        changed(workbook(good), "xl/styles.xml", lambda old: old + b" " * 30_000_000),
        REFUSE,
        None,
        "",
        "save the sheet as CSV",
    )
    doctype = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'
    yield Case(
        "entities.xlsx",
        changed(workbook(good), sheet, lambda old: old.replace(b"<worksheet", doctype, 1)),
        REFUSE,
        None,
        "",
        "Save it as .xlsx",
    )
    yield Case(
        "reference.xlsx",
        changed(workbook(good), sheet, lambda old: old.replace(b'r="A2"', b'r="ZZZZ99999999"')),
        REFUSE,
        None,
        "",
        "Save it as .xlsx",
    )


def _other_programs() -> Iterator[Case]:
    head = '<?xml version="1.0"?>'
    start = '<Project xmlns="http://schemas.microsoft.com/project"><Tasks>'
    plain = "<Task><UID>1</UID><ID>1</ID><Name>A</Name><Finish>2026-03-06T17:00:00</Finish></Task></Tasks></Project>"
    yield Case(
        "no-baseline.xml", (head + start + plain).encode(), REFUSE, None, "Baseline", "use it as a plan"
    )
    yield Case("cut.xml", (head + start + plain[:60]).encode(), REFUSE, None, "", "XML Format")
    laughs = '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><Project>&b;</Project>'
    yield Case("laughs.xml", (head + laughs).encode(), REFUSE, None, "", "XML Format")
    outside = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><Project>&a;</Project>'
    yield Case("outside.xml", (head + outside).encode(), REFUSE, None, "", "XML Format")
    yield Case("page.xml", b"<html></html>", REFUSE, None, "", "XML Format")
    yield Case("no-tasks.xml", (head + start + "</Tasks></Project>").encode(), REFUSE, None, "", "XML Format")
    yield Case("plan.mpp", b"\xd0\xcf\x11\xe0", REFUSE, None, "", "XML Format")
    yield Case("plan.xer", b"ERMHDR\t18.8", REFUSE, None, "", "Microsoft Project XML")
    yield Case("plan.xls", b"\xd0\xcf\x11\xe0", REFUSE, None, "", "Excel workbook (.xlsx)")
    yield Case("data.arff", b"@relation x\n@data\n1,2\n", REFUSE, None, "", "save the table as CSV")


def _refused(name: str, text: str, row: int | None, column: str, says: str) -> Case:
    return Case(f"{name}.csv", text.encode(), REFUSE, row, column, says)


def workbook(*rows, headers=HEADERS, epoch=None, merge="", hide=0, far="") -> bytes:
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    sheet = book.active
    for row in (headers, *rows):
        sheet.append(row)
    for cell in sheet[sheet.max_row]:
        if cell.value == "#REF!":
            cell.data_type = "e"
    if merge:
        sheet.merge_cells(merge)
    if hide:
        sheet.row_dimensions[hide].hidden = True
    if far:
        sheet[far] = "x"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def changed(book: bytes, part: str, change) -> bytes:
    """The same workbook with one part changed."""
    content = io.BytesIO()
    packed = zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with zipfile.ZipFile(io.BytesIO(book)) as old, packed as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return content.getvalue()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for case in made():
        (folder / case.name).write_bytes(case.content)
