"""Properties: what is written reads back the same, order changes nothing, and nothing ends in a traceback."""

import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from how_often import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from msproject_by_hand import baseline, link, project, task

from estimation.errors import InputError
from estimation.ingest.sources import check_source, read_history
from estimation.tables import content_hash


def tried(number):
    """So many examples, all in the same folder: each writes its file anew."""
    return examples(number, suppress_health_check=[HealthCheck.function_scoped_fixture])


HEADERS = [
    "project",
    "milestone",
    "phase",
    "name",
    "baseline_start",
    "baseline_finish",
    "actual_finish",
    "depends_on",
]
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
PHASES = st.sampled_from(["discovery", "Data preparation", "model_development", "Gardening", "資料"])
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8).filter(
    lambda text: not text.startswith(("#", "'", "="))
)


@st.composite
def tables(draw):
    """Rows of valid milestones: each may depend on those before it in its project, all within a year."""
    rows = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        first = draw(DAYS)
        for n in range(1, draw(st.integers(1, 4)) + 1):
            start = first + dt.timedelta(draw(st.integers(0, 60)))
            finish = start + dt.timedelta(draw(st.integers(0, 60)))
            actual = draw(
                st.none() | st.integers(0, 300).map(lambda days, start=start: start + dt.timedelta(days))
            )
            before = [str(k) for k in range(1, n) if draw(st.booleans())]
            row = [name, str(n), draw(PHASES), draw(NAMES), start, finish, actual, "; ".join(before)]
            rows.append(row)
    return rows


def as_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, *rows])
    return path


def as_workbook(path, rows):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Plan")
    for row in [HEADERS, *rows]:
        sheet.append([cell or None for cell in row])
    book.save(path)
    return path


def wanted(rows):
    table = pd.DataFrame(rows, columns=HEADERS).replace({"": None})
    return table[["project", "milestone", "name", "depends_on"]].to_numpy(dtype=object).tolist(), [
        [None if day is None else pd.Timestamp(day) for day in row[4:7]] for row in rows
    ]


def read(path):
    table = check_source(path).table
    texts = table[["project", "milestone", "name", "depends_on"]].astype(object)
    dates = table[["baseline_start", "baseline_finish", "actual_finish"]].astype(object)
    return texts.where(texts.notna(), None).to_numpy().tolist(), dates.where(
        dates.notna(), None
    ).to_numpy().tolist()


@pytest.mark.parametrize(("write", "name"), [(as_csv, "plan.csv"), (as_workbook, "plan.xlsx")])
@given(rows=tables())
@tried(25)
def test_a_valid_table_reads_back_as_it_was_written(tmp_path, write, name, rows):
    assert read(write(tmp_path / name, rows)) == wanted(rows)


@given(rows=tables())
@tried(25)
def test_a_valid_table_reads_back_from_ms_project_xml(tmp_path, rows):
    one = [row for row in rows if row[0] == rows[0][0]]
    tasks = []
    for _, milestone, _, name, start, finish, actual, before in one:
        links = "".join(link(other) for other in before.split("; ") if other)
        course = {} if actual is None else {"ActualFinish": f"{actual}T17:00:00"}
        tasks.append(task(milestone, name, inner=baseline(0, start, finish, 8) + links, **course))
    path = tmp_path / "plan.xml"
    path.write_text(project(*tasks, Name="x"), encoding="utf-8")
    texts, dates = wanted([["x", *row[1:]] for row in one])
    assert read(path) == (texts, dates)


@given(rows=tables(), data=st.data())
@tried(10)
def test_order_of_rows_and_files_never_changes_the_history(tmp_path, rows, data):
    shuffled = data.draw(st.permutations(rows))
    one = read_history(as_csv(tmp_path / "one.csv", rows))
    again = read_history(as_csv(tmp_path / "again.csv", shuffled))
    assert content_hash(one.assign(phase="")) == content_hash(again.assign(phase=""))
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    names = list(dict.fromkeys(row[0] for row in rows))
    for n, name in enumerate(data.draw(st.permutations(names))):
        as_csv(folder / f"{n}.csv", [row for row in rows if row[0] == name])
    assert content_hash(read_history(folder).assign(phase="")) == content_hash(one.assign(phase=""))


def ends_in_words(path):
    """Whether there is a table with rows, or words that name the file."""
    try:
        return len(check_source(path).table) >= 1
    except InputError as error:
        return path.name in str(error)


@given(content=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".xlsx", ".xml", ".arff", ".txt"]))
@tried(100)
def test_random_bytes_end_in_words(tmp_path, content, suffix):
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    assert ends_in_words(path)


CELLS = st.text(max_size=12) | st.sampled_from(
    ["2026-03-06", "1", "-1", "#REF!", "=1", "\x00", "1.1", "NA", "yes", '"', "1; 1"]
)


@given(cells=st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=4))
@tried(60)
def test_random_cells_end_in_words(tmp_path, cells):
    text = io.StringIO()
    csv.writer(text).writerows([HEADERS, *cells])
    path = tmp_path / "any.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    assert ends_in_words(path)


@given(cut=st.integers(0, 3000), damage=st.binary(max_size=6))
@tried(60)
def test_damaged_ms_project_xml_ends_in_words(tmp_path, cut, damage):
    whole = project(task(1, "A", inner=baseline(0, "2026-03-02", "2026-03-06", 40))).encode()
    path = tmp_path / "plan.xml"
    path.write_bytes(whole[:cut] + damage + whole[cut + len(damage) :])
    assert ends_in_words(path)


def test_a_declared_size_that_lies_is_found_out(tmp_path):
    path = as_workbook(
        tmp_path / "plan.xlsx", [["a", "1", "discovery", "x", None, dt.date(2026, 3, 6), None, ""]]
    )
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46  # its entry in the central directory
    content[place + 24 : place + 28] = (part.file_size - 100).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(InputError, match="more than it declares"):
        check_source(path)
