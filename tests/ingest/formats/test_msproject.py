import pytest
from msproject_by_hand import baseline, fields, link, project, task

from estimation.errors import InputError
from estimation.ingest.formats.msproject import read_msproject
from estimation.ingest.sources import check_source, read_history, read_plan, read_status

ONE = baseline(0, "2026-03-02", "2026-03-06", 40)


def written(folder, text, name="atlas.xml"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows(path, kind="history"):
    raw = read_msproject(path, kind=kind)
    return [dict(zip(raw.headers, row, strict=True)) for row in raw.rows]


def refused(path, read=read_history):
    with pytest.raises(InputError) as error:
        read(path)
    return [str(problem) for problem in error.value.problems]


def closed(uid, name, **more):
    course = {"ActualStart": "2026-03-02T08:00:00", "ActualFinish": "2026-03-10T17:00:00"}
    return task(
        uid, name, 2, inner=ONE, **course | {"ActualDuration": "PT56H0M0S", "PercentComplete": 100} | more
    )


def test_baseline_actuals_and_money_of_a_task(tmp_path):
    inner = ONE.replace("</Baseline>", "<Cost>120050</Cost></Baseline>") + link(3, lag=4800)
    assigned = "<Assignment><UID>9</UID><TaskUID>2</TaskUID><ResourceUID>5</ResourceUID></Assignment>"
    xml = project(
        task(1, "Data Preparation", summary=1),
        closed(2, "Clean").replace(ONE, inner).replace("</Task>", "<Notes>two\nlines</Notes></Task>"),
        closed(3, "Collect"),
        resources="<Resource><UID>5</UID><ID>5</ID><Name>Ann</Name></Resource>",
        assignments=assigned,
    )
    path = written(tmp_path, xml)
    history = read_history(path)
    row = history.iloc[0]
    assert history["milestone"].tolist() == ["2", "3"]
    assert row[["project", "project_name", "phase", "owner", "notes"]].tolist() == [
        *("atlas", "Atlas", "Data Preparation", "Ann", "two lines")
    ]
    # 40 hours are five days of 480 minutes, 56 are seven; 120050 hundredths are 1200.50; 4800 tenths of a minute a day.
    assert row[["baseline_days", "actual_days", "budget_cost"]].tolist() == [5.0, 7.0, 1200.5]
    assert (row["depends_on"], row["baseline_finish"].day, row["actual_finish"].day) == ("3FS+1d", 6, 10)
    assert row["source"] == "atlas.xml, row 2"


def test_each_of_the_eleven_baselines_is_a_version_and_an_interim_plan_is_none(tmp_path):
    inner = "".join(baseline(n, "2026-03-02", f"2026-03-{6 + n:02d}", 40) for n in range(11))
    inner += baseline(3, "2026-01-05", "2026-01-06", 8).replace("<Interim>0", "<Interim>1")
    path = written(tmp_path, project(task(1, "Work", inner=inner)))
    table = check_source(path).table
    assert table["baseline_version"].tolist() == list(range(1, 12))
    assert read_history(path)["baseline_finish"].dt.day.tolist() == [6]
    assert read_history(path, baseline=3)["baseline_finish"].dt.day.tolist() == [8]


def test_a_file_without_a_baseline_is_no_history_but_a_plan(tmp_path):
    first = task(1, "A", Start="2026-03-02T08:00:00", Finish="2026-03-06T17:00:00", Duration="PT40H0M0S")
    second = task(2, "B", Start="2026-03-09T08:00:00", Finish="2026-03-10T17:00:00", inner=link(1))
    path = written(tmp_path, project(first, second))
    assert refused(path) == [
        "atlas.xml, column 'Baseline': no task has a baseline; wanted the approved plan beside what happened; without "
        "it every overrun ratio would be 1. In MS Project set the baseline before the work starts (Project, "
        "Set Baseline), or use it as a plan."
    ]
    plan = read_plan(path)
    assert plan.milestones["baseline_finish"].dt.day.tolist() == [6, 10]
    assert plan.milestones["depends_on"].fillna("").tolist() == ["", "1"]


def test_work_without_a_baseline_where_others_have_one_was_added(tmp_path):
    path = written(
        tmp_path, project(closed(1, "A"), task(2, "Late wish", 2, ActualStart="2026-03-11T08:00:00"))
    )
    assert read_history(path)["added_after_baseline"].fillna(False).tolist() == [False, True]


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (link(1), "1"),
        (link(1, "SS"), "1SS"),
        (link(1, "FF", -9600), "1FF-2d"),
        (link(1, "SF", 2400), "1SF+0.5d"),
        # An elapsed week of 7 x 1440 minutes holds five days of work; half of a predecessor of five days is 2.5.
        (link(1, lag=100800, form=8), "1FS+5d"),
        (link(1, lag=50, form=19), "1FS+2.5d"),
    ],
)
def test_links_and_lags_are_written_as_people_write_them(tmp_path, one, text):
    xml = project(task(1, "A", inner=ONE, Duration="PT40H0M0S"), task(2, "B", inner=ONE + one))
    assert rows(written(tmp_path, xml))[1]["depends_on"] == text


def test_links_to_summaries_and_other_projects_are_left_out_with_a_note(tmp_path):
    xml = project(task(1, "S", summary=1), closed(2, "A"), task(3, "B", inner=ONE + link(1) + link(77)))
    raw = read_msproject(written(tmp_path, xml))
    assert [note.came for note in raw.notes] == [
        "a link to a summary task came",
        "a link to a task outside this project came",
    ]
    assert [note.row for note in raw.notes] == [3, 3]


def test_a_milestone_at_the_beginning_of_a_day_was_reached_the_evening_before(tmp_path):
    # 2026-03-09 is a Monday; its morning is the evening of Friday the 6th.
    moment = "2026-03-09T08:00:00"
    inner = f"<Baseline>{fields(Number=0, Start=moment, Finish=moment, Duration='PT0H0M0S')}</Baseline>"
    (row,) = rows(written(tmp_path, project(task(1, "Go", inner=inner))))
    assert (row["baseline_start"], row["baseline_finish"], row["baseline_days"]) == (
        "2026-03-06",
        "2026-03-06",
        "0",
    )


def exception(name, first, last, **more):
    period = f"<TimePeriod><FromDate>{first}T00:00:00</FromDate><ToDate>{last}T23:59:00</ToDate></TimePeriod>"
    return f"<Exception>{period}{fields(Name=name, **more)}<DayWorking>0</DayWorking></Exception>"


def test_days_off_once_each_year_and_by_weekday(tmp_path):
    xml = project(
        closed(1, "A"),
        exceptions=exception("Closed", "2026-12-24", "2026-12-25", Type=1)
        + exception("New year", "2026-01-01", "2027-01-01", Type=2, Month=0, MonthDay=1)
        # The fourth Thursday of November 2026 is the 26th.
        + exception("Thanks", "2026-11-01", "2026-11-30", Type=3, Month=10, MonthItem=7, MonthPosition=3)
        + exception("Every week", "2026-01-01", "2026-12-31", Type=6, Period=1),
    )
    raw = read_msproject(written(tmp_path, xml))
    calendar = raw.rows[0][raw.headers.index("calendar")]
    assert calendar == "1111100 2026-01-01 2026-11-26 2026-12-24..2026-12-25 2027-01-01"
    assert "the calendar exception 'Every week' came" in raw.notes[0].came


def test_a_roof_over_everything_is_no_phase(tmp_path):
    xml = project(
        task(1, "Atlas", 1, summary=1),
        task(2, "Stage one", 2, summary=1),
        task(3, "Deep", 3, summary=1),
        closed(4, "A").replace("<OutlineLevel>2", "<OutlineLevel>4"),
        task(5, "Deploymnet", 2, summary=1),
        closed(6, "B").replace("<OutlineLevel>2", "<OutlineLevel>3"),
    )
    path = written(tmp_path, xml)
    # "Deploymnet" is a known phase with two letters swapped; "Stage one" is a phase of its own.
    assert read_history(path)["phase"].tolist() == ["Stage one", "deployment"]
    assert ("Deploymnet", "deployment", "near spelling") in {
        (match.came, match.meaning, match.how) for match in check_source(path).matches
    }


def test_a_status_needs_its_date(tmp_path):
    path = written(tmp_path, project(closed(1, "A")))
    assert refused(path, read_status)[0].startswith("atlas.xml, column 'StatusDate': no status date came")
    path = written(tmp_path, project(closed(1, "A"), StatusDate="2026-03-13T17:00:00"))
    assert read_status(path)["as_of"].dt.day.tolist() == [13]


def test_an_inactive_task_is_cancelled_and_a_constraint_holds_a_plan(tmp_path):
    constraint = {"ConstraintType": 4, "ConstraintDate": "2026-03-02T08:00:00"}
    path = written(tmp_path, project(task(1, "A", inner=ONE, Active=0, **constraint)))
    assert read_history(path)["closed_as"].tolist() == ["cancelled"]
    assert "not_before" not in rows(path)[0]
    assert rows(path, "plan")[0]["not_before"] == "2026-03-02"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Project [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Project SYSTEM "http://example.org/x.dtd">',
    ],
)
def test_a_document_type_is_refused_before_any_entity_is_read(tmp_path, doctype):
    (said,) = refused(written(tmp_path, project(closed(1, "A"), doctype=doctype)))
    assert "it has a document type ('<!DOCTYPE Project'), which could define entities" in said


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("", "no element found"),
        ("<Project", "unclosed token"),
        ("<APIBusinessObjects/>", "it begins with <APIBusinessObjects>"),
        ("<Project>" + "<a>" * 60, "more than 50 deep"),
    ],
)
def test_other_xml_is_refused_with_the_way_to_save_it(tmp_path, text, came):
    (said,) = refused(written(tmp_path, text))
    assert came in said
    assert said.endswith("In MS Project choose File, Save As, and the type 'XML Format (*.xml)'.")


def test_a_field_that_cannot_be_read_is_placed_at_its_task(tmp_path):
    (said,) = refused(written(tmp_path, project(closed(1, "A", ActualFinish="soon"))))
    assert said.startswith("atlas.xml, row 1, column 'ActualFinish': 'soon' came; wanted a date and time")
