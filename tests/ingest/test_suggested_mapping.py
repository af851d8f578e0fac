from pathlib import Path

import openpyxl
import pytest

from estimation.errors import InputError
from estimation.ingest.mapping import read_mapping
from estimation.ingest.sources import check_source, read_history
from estimation.ingest.suggested_mapping import suggest_mapping
from estimation.tables import content_hash

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


def edited(folder, text, *pairs):
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_suggestion_reads_the_file_it_was_made_for(tmp_path):
    path = tmp_path / "jobs.csv"
    path.write_text(
        "Job no,Work item no,Discipline,Planned completion,Actual completion,Effort estimate,Effort spent\n"
        "7,A1,Deployment,06/03/2026,09/03/2026,5,7\n7,A2,Gardening,07/03/2026,,3,\n",
        encoding="utf-8",
    )
    text = suggest_mapping(path)
    assert read_mapping(edited(tmp_path, text)).columns == {
        "project": "Job no",
        "milestone": "Work item no",
        "phase": "Discipline",
        "baseline_finish": "Planned completion",
        "baseline_days": "Effort estimate",
        "actual_finish": "Actual completion",
        "actual_days": "Effort spent",
    }
    assert "baseline_finish: '%d/%m/%Y' # 06/03/2026 may also be '%m/%d/%Y'" in text
    history = read_history(path, mapping=tmp_path / "mapping.yaml")
    assert history["baseline_finish"].dt.day.tolist() == [6, 7]


def test_a_workbook_in_words_nobody_knows_still_gives_a_start(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Bericht"], ["Vorhaben", "Was", "Bis"], ["a", "b", "c"]):
        book.active.append(row)
    book.save(tmp_path / "plan.xlsx")
    text = suggest_mapping(tmp_path / "plan.xlsx")
    assert read_mapping(edited(tmp_path, text)).constants == {
        "project": "NAME",
        "milestone": "whole project",
        "phase": "work",
    }


REPEATED = ["a,1,discovery,2026-03-06", "a,1,discovery,2026-03-06", "b,1,discovery,2026-03-09"]


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("Porject", REPEATED, "one_row_per: [Porject, Milestone] # 1 row repeats a milestone"),
        ("Job no", [*REPEATED, REPEATED[0]], "one_row_per: [Job no, Milestone] # 2 rows repeat a milestone"),
        ("Project", REPEATED[1:], ""),  # the same id in two projects
        ("Vorhaben", REPEATED, ""),  # nobody knows yet which header names the project
    ],
)
def test_repeated_rows_are_folded_by_project_and_milestone_or_not_at_all(tmp_path, header, rows, said):
    path = tmp_path / "jobs.csv"
    path.write_text("\n".join([f"{header},Milestone,Phase,Planned finish", *rows]), encoding="utf-8")
    text = suggest_mapping(path)
    assert [line for line in text.splitlines() if "one_row_per" in line] == [said] * bool(said)
    if said:
        table = check_source(path, mapping=edited(tmp_path, text)).table
        assert table[["project", "milestone"]].to_numpy().tolist() == [["a", "1"], ["b", "1"]]


def test_a_second_baseline_of_a_milestone_is_no_repeated_row(tmp_path):
    path = tmp_path / "jobs.csv"
    path.write_text(
        "Project,Milestone,Phase,Planned finish,baseline_version\n"
        "a,1,discovery,2026-03-06,1\na,1,discovery,2026-03-13,2\n",
        encoding="utf-8",
    )
    assert "one_row_per" not in suggest_mapping(path)


@pytest.mark.skipif(not DATA.is_dir(), reason="the published data are not beside the repository")
def test_the_suggestion_for_the_sip_files_needs_three_lines_of_editing(tmp_path):
    statuses = "FINISHED, CANCELLED, RELEASED, COMPLETED, CHRONICLE, ESTIMATED, TEMPLATE, AUTHORISE"
    mapping = edited(
        tmp_path,
        suggest_mapping(DATA / "sip"),
        ("# skip_rows: #", "skip_rows: #"),
        (f"#   StatusCode: [{statuses}]", "  StatusCode: [CANCELLED, TEMPLATE, CHRONICLE]"),
        ("  actual_start: StartedOn # such as 02-Nov-04\n", ""),
    )
    with mapping.open("a", encoding="utf-8") as file:
        file.write("ignore: [StartedOn]\n")
    ours = read_history(DATA / "sip", mapping=mapping)
    shipped = read_history(DATA / "sip", mapping=ROOT / "data" / "mappings" / "sip.yaml")
    assert content_hash(ours) == content_hash(shipped)


@pytest.mark.skipif(not DATA.is_dir(), reason="the published data are not beside the repository")
def test_the_suggestion_for_the_kitchenham_file_needs_one_line_of_editing(tmp_path):
    path = DATA / "kitchenham" / "kitchenham.arff"
    mapping = edited(
        tmp_path, suggest_mapping(path), ("actual_days: Actual.duration", "actual_days: Actual.effort")
    )
    table = check_source(path, mapping=mapping).table
    # 145 projects; the first was estimated at 495 hours and took 485.
    assert len(table) == 145
    assert table.loc[0, ["baseline_days", "actual_days"]].tolist() == [495.0, 485.0]


def test_a_far_cell_is_refused_and_not_unpacked(tmp_path):
    # The table between the two cells would take half a terabyte.
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "one", "other"
    path = tmp_path / "far.xlsx"
    book.save(path)
    with pytest.raises(InputError, match="far away"):
        suggest_mapping(path)
