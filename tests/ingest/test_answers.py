"""Projects that fell silent, and dates far from their project: what the gate says, and what a person can answer."""

import json

import pandas as pd
import pytest

from estimation.errors import InputError
from estimation.ingest.sources import check_source, read_history, read_plan
from estimation.project.silence import project_courses
from estimation.publishing.import_record import describe_import, save_import

HEAD = "project,milestone,phase,project_start,baseline_finish,actual_finish,notes"
# "done" is closed, "lost" fell silent in January 2026 after one of its three milestones, "gap" ended without a word of
# its first, "now" runs: it was finished up to the last day of the table.
ROWS = """
done,1,work,2026-01-05,2026-01-16,2026-01-19,
done,2,work,2026-01-05,2026-01-30,2026-02-03,
lost,1,work,2026-01-05,2026-01-16,2026-01-21,
lost,2,work,2026-01-05,2026-01-30,,
lost,3,work,2026-01-05,2026-02-13,,
gap,1,work,2026-01-05,2026-01-16,,
gap,2,work,2026-01-05,2026-01-30,2026-02-05,
now,1,work,2026-08-03,2026-08-14,2026-08-20,
now,2,work,2026-08-03,2026-08-28,,
"""


@pytest.fixture
def file(tmp_path):
    return written(tmp_path, ROWS)


def written(folder, rows: str):
    path = folder / "projects.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def courses(path, mapping=None) -> dict[str, str]:
    return project_courses(read_history(path, mapping=mapping)).set_index("project")["course"].to_dict()


def refusals(path, mapping=None) -> list[str]:
    with pytest.raises(InputError) as refused:
        check_source(path, mapping=mapping)
    return [str(problem) for problem in refused.value.problems]


def test_ingest_says_in_one_line_what_runs_what_fell_silent_and_what_lacks_a_date(file):
    facts, lines = describe_import(check_source(file), file)
    assert (
        lines[1]
        == "2 closed, 1 running, 1 silent since January 2026: cancelled? 1 closed with a date missing."
    )
    assert lines[2].startswith("  Silent: lost.")
    assert "closed_as: {lost: cancelled}" in lines[2]
    assert "keep_running: [lost]" in lines[2]
    assert lines[3].startswith("  Without a date: gap 1.")
    assert facts["courses"] == {"running": ["now"], "date_missing": ["gap"], "silent": ["lost"]}
    json.dumps(facts)


def test_the_line_is_short_where_there_is_nothing_to_ask(tmp_path):
    kept = [row for row in ROWS.strip().splitlines() if row.startswith(("done", "now"))]
    path = written(tmp_path, "\n" + "\n".join(kept))
    assert describe_import(check_source(path), path)[1][1] == "1 closed, 1 running."


@pytest.mark.parametrize(
    ("mapping", "course"),
    [
        ({"closed_as": {"lost": "cancelled"}}, "closed"),
        ({"keep_running": ["lost"]}, "running"),
        ({"closed_as": {"lost": "running"}}, "running"),
    ],
)
def test_an_answer_in_the_mapping_holds_for_the_clean_table_too(file, tmp_path, mapping, course):
    assert courses(file)["lost"] == "cancelled?"
    assert courses(file, mapping)["lost"] == course
    checked = check_source(file, mapping=mapping)
    facts, _ = describe_import(checked, file)
    save_import(checked, facts, tmp_path / "clean")
    assert courses(tmp_path / "clean" / "milestones.csv") == courses(file, mapping)
    others = ["done", "gap", "now"]
    assert [courses(file, mapping)[name] for name in others] == [courses(file)[name] for name in others]


def test_what_is_finished_or_answered_in_the_file_is_not_written_over(tmp_path):
    rows = "\n".join(ROWS.strip().splitlines())
    path = tmp_path / "projects.csv"
    lines = [f"{row}," for row in rows.splitlines()]
    lines[3] += "delivered"
    path.write_text("\n".join([f"{HEAD},closed_as", *lines]), encoding="utf-8")
    lost = read_history(path, mapping={"closed_as": {"lost": "cancelled"}}).query("project == 'lost'")
    assert lost["closed_as"].fillna("").tolist() == ["", "delivered", "cancelled"]


def test_a_milestone_finished_under_one_of_its_baselines_is_not_cancelled(tmp_path):
    path = tmp_path / "projects.csv"
    path.write_text(
        "project,milestone,phase,baseline_version,baseline_finish,actual_finish\n"
        "p,1,work,1,2026-01-16,2026-01-20\np,1,work,2,2026-01-23,\np,2,work,1,2026-01-30,\n",
        encoding="utf-8",
    )
    rows = read_history(path, mapping={"closed_as": {"p": "cancelled"}})
    assert rows["closed_as"].fillna("").tolist() == ["", "cancelled"]


def test_a_project_that_no_file_has_is_refused_with_the_nearest(file):
    assert refusals(file, {"keep_running": ["last"]}) == [
        "mapping, column 'keep_running': 'last' came; there is no such project. Did you mean 'lost'?"
    ]


# p is planned from 5 January to 6 February 2026, 32 days: 366 + 3 * 32 = 462 days after 10 February 2026, its last
# date beside the one in question, is 18 May 2027.
def far(finish: str, notes: str = "", start: str = "2026-01-05") -> str:
    return f"""
p,1,work,{start},2026-01-16,2026-01-20,
p,2,work,{start},2026-01-23,2026-02-10,
p,3,work,{start},2026-02-06,{finish},{notes}
"""


def test_a_date_far_from_its_project_is_refused_and_the_confirming_key_named(tmp_path):
    assert check_source(written(tmp_path, far("2027-05-18"))).table["actual_finish"].notna().all()
    assert refusals(written(tmp_path, far("2027-05-19"))) == [
        "projects.csv, row 4, column 'actual_finish': 2027-05-19 came; all other dates of project 'p' lie between "
        "2026-01-05 and 2026-02-10. Correct it; if it is right, say so in a mapping file, confirmed_dates: "
        "{p: ['2027-05-19']}, or in the notes of the row: confirmed 2027-05-19."
    ]


@pytest.mark.parametrize(
    ("notes", "mapping"),
    [
        ("waited for the works council; confirmed 2031-04-01", None),
        ("", {"confirmed_dates": {"p": ["2031-04-01"]}}),
    ],
)
def test_a_confirmed_date_is_a_note(tmp_path, notes, mapping):
    path = written(tmp_path, far("2031-04-01", notes))
    checked = check_source(path, mapping=mapping)
    assert checked.table["actual_finish"].iloc[2] == pd.Timestamp("2031-04-01")
    assert [str(one) for one in checked.warnings if "2031" in str(one)] == [
        "projects.csv, row 4, column 'actual_finish': 2031-04-01 came; all other dates of project 'p' lie between "
        "2026-01-05 and 2026-02-10. It was confirmed, and taken as it stands."
    ]


def test_another_date_is_not_confirmed_with_it(tmp_path):
    assert (
        len(refusals(written(tmp_path, far("2031-04-01")), {"confirmed_dates": {"p": ["2031-04-02"]}})) == 1
    )


def test_a_mistyped_plan_is_found_too_however_long_it_makes_the_plan(tmp_path):
    rows = far("2026-02-12").replace("2026-02-06", "2062-02-06")
    assert [line.split(";")[0] for line in refusals(written(tmp_path, rows))] == [
        "projects.csv, row 4, column 'baseline_finish': 2062-02-06 came"
    ]


def test_two_dates_that_are_far_together_are_both_refused(tmp_path):
    rows = far("2062-02-12").replace("2026-02-06", "2062-02-06")
    assert len(refusals(written(tmp_path, rows))) == 2


def test_bad_rows_can_be_set_aside_and_long_plans_may_be_late(tmp_path):
    checked = check_source(written(tmp_path, far("2027-05-19")), set_aside=True)
    assert (len(checked.table), len(checked.rejects)) == (2, 1)
    # Planned from 7 January 2025, 395 days: 366 + 3 * 395 days after 10 February 2026 is 11 May 2030.
    long = far("2030-05-11", start="2025-01-07")
    assert len(check_source(written(tmp_path, long)).table) == 3


def test_where_no_side_is_plainly_the_project_nothing_is_far(tmp_path):
    # Two rows, a year and a month apart, each with a start and a finish: two of four dates on either side.
    rows = "\np,1,work,2026-01-05,2026-01-16,,\np,2,work,2027-02-15,2027-03-05,,\n"
    assert len(check_source(written(tmp_path, rows)).table) == 2
    # Of one milestone there is no rest of a project.
    assert len(check_source(written(tmp_path, "\np,1,work,,2026-01-16,2031-01-16,\n")).table) == 1


def test_a_plan_is_held_to_the_same(tmp_path):
    path = written(tmp_path, far("").replace("2026-02-06", "2036-02-06"))
    with pytest.raises(InputError, match="confirmed_dates"):
        read_plan(path)
