import pytest

from estimation.errors import InputError
from estimation.ingest.sources import check_source, read_history

HEADER = [
    *("Summary", "Issue key", "Issue id", "Issue Type", "Status", "Project key", "Project name", "Assignee"),
    *(
        "Resolution",
        "Created",
        "Updated",
        "Resolved",
        "Fix versions",
        "Fix versions",
        "Components",
        "Due date",
    ),
    *("Custom field (Epic Link)", "Custom field (Epic Name)", "Inward issue link (Blocks)"),
    *("Inward issue link (Blocks)", "Outward issue link (Blocks)"),
]


def issue(number, kind="Story", **cells):
    row = dict.fromkeys(range(len(HEADER)), "")
    known = {
        "Summary": f"Issue {number}",
        "Issue key": f"ATL-{number}",
        "Issue id": 10000 + number,
        "Issue Type": kind,
    }
    known |= {"Status": "Done", "Project key": "ATL", "Project name": "Atlas", "Updated": "20/Mar/26 9:12 AM"}
    for header, values in (known | cells).items():
        places = [place for place, name in enumerate(HEADER) if name == header]
        for place, value in zip(places, values if isinstance(values, tuple) else (values,), strict=False):
            row[place] = str(value)
    return ",".join(row.values())


def export(folder, *issues, header=None):
    path = folder / "jira.csv"
    path.write_text("\r\n".join([header or ",".join(HEADER), *issues]) + "\r\n", encoding="utf-8")
    return path


def dated(due, resolved):
    """Dates as Jira writes them by default: day, short month and year, with the hour."""
    return {
        "Due date": f"{due}/Mar/26 12:00 AM",
        "Resolved": f"{resolved}/Mar/26 4:30 PM" if resolved else "",
    }


EPIC = {"Custom field (Epic Name)": "Clean data", "Components": "Data preparation"}


def test_epics_are_milestones_with_their_own_dates(tmp_path):
    path = export(
        tmp_path,
        issue(1, "Epic", **EPIC, **dated("06", "13")),
        issue(2, "Epic", Components="Deployment", **dated("20", "")),
        issue(3, **{"Custom field (Epic Link)": "ATL-1", "Outward issue link (Blocks)": "ATL-4"}),
        issue(4, **{"Custom field (Epic Link)": "ATL-2", "Inward issue link (Blocks)": ("ATL-3", "EXT-9")}),
    )
    history = read_history(path)
    assert history["milestone"].tolist() == ["ATL-1", "ATL-2"]
    assert history["name"].tolist() == ["Clean data", "Issue 2"]
    assert history["phase"].tolist() == ["Data preparation", "Deployment"]
    assert history["baseline_finish"].dt.day.tolist() == [6, 20]
    assert history["actual_finish"].dt.day.fillna(0).tolist() == [13, 0]
    # ATL-3, a part of the first epic, blocks ATL-4, a part of the second.
    assert history["depends_on"].fillna("").tolist() == ["", "ATL-1"]
    assert history["source"].tolist() == ["jira.csv, row 2", "jira.csv, row 3"]
    said = [warning.came for warning in check_source(path).warnings]
    assert "1 link to an issue that is no part of a milestone here came" in said
    assert "2 issues are done without a resolution date" not in said[0]


def test_a_version_is_planned_for_its_last_due_date_and_done_with_its_last_issue(tmp_path):
    path = export(
        tmp_path,
        issue(1, **{"Fix versions": ("1.0 beta", "1.1")}, **dated("06", "10")),
        issue(2, **{"Fix versions": "1.0 beta"}, **dated("13", "12")),
        issue(3, **{"Fix versions": "1.1"}, **dated("20", "")),
        issue(4, **{"Fix versions": "1.0 beta", "Resolution": "Won't Do"}, **dated("27", "27")),
    )
    history = read_history(path)
    assert history[["milestone", "name"]].to_numpy().tolist() == [["1.0-beta", "1.0 beta"], ["1.1", "1.1"]]
    assert history["baseline_finish"].dt.day.tolist() == [13, 20]
    assert history["actual_finish"].dt.day.fillna(0).tolist() == [12, 0]


def test_a_mapping_chooses_issues_and_sub_tasks_are_parts_of_them(tmp_path):
    path = export(
        tmp_path,
        issue(1, "Epic", **EPIC, **dated("06", "13")),
        issue(2, **dated("06", "13"), Resolution="Duplicate"),
        issue(3, "Sub-task", **dated("06", "13")),
    )
    history = read_history(path, mapping={"milestones_from": "issues"})
    assert history["milestone"].tolist() == ["ATL-2"]
    assert history["closed_as"].tolist() == ["cancelled"]
    assert history["actual_finish"].isna().all()


def test_versions_that_block_each_other_keep_the_first_link(tmp_path):
    path = export(
        tmp_path,
        issue(1, **{"Fix versions": "1", "Outward issue link (Blocks)": "ATL-2"}, **dated("06", "06")),
        issue(2, **{"Fix versions": "2"}, **dated("13", "13")),
        issue(3, **{"Fix versions": "2", "Outward issue link (Blocks)": "ATL-4"}, **dated("13", "13")),
        issue(4, **{"Fix versions": "1"}, **dated("06", "06")),
    )
    checked = check_source(path)
    assert checked.table["depends_on"].fillna("").tolist() == ["", "1"]
    assert "1 link to one that waits for it came" in [warning.came for warning in checked.warnings]


def test_the_newer_names_of_the_columns_are_known_too(tmp_path):
    header = ",".join(HEADER).replace("Issue", "Work item").replace("issue", "work item")
    path = export(tmp_path, issue(1, "Epic", **EPIC, **dated("06", "13")), header=header)
    assert read_history(path)["milestone"].tolist() == ["ATL-1"]


def test_an_epic_without_a_due_date_is_refused_at_its_row(tmp_path):
    path = export(tmp_path, issue(1, "Epic", **dated("06", "13")), issue(2, "Epic"))
    with pytest.raises(InputError) as error:
        read_history(path)
    assert [(one.row, one.column) for one in error.value.problems] == [(3, "baseline_finish")]
