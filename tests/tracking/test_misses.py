import pandas as pd
import pytest
from tables_by_hand import by_hand, history, plan_rows, status_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.misses import miss_findings, missed_milestones, with_recorded_causes
from estimation.tracking.tracking_tables import BOARD, MISSES, RUNNING_FINDINGS

COMPLETE = {
    "acknowledged_on": "2026-03-09",
    "cause": "data_quality",
    "cause_note": "Labels contradict each other.",
    "told_client_on": "2026-03-10",
    "recovery_plan": "A second labeller joins.",
    "recovery_kind": "resources",
    "recovery_owner": "Ann",
    "recovery_finish": "2026-03-18",
}


def two_in_a_row():
    """a 2-6 March 2026 (five days), b 9-13."""
    return build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0, "owner": "Ann", "phase": "data"},
            {"milestone": "b", "baseline_days": 5.0, "depends_on": "a"},
        )
    )


def said(*rows):
    dates = ["acknowledged_on", "told_client_on", "recovery_finish"]
    table = status_rows(*rows)
    return table.astype(dict.fromkeys(dates, "datetime64[s]"))


def update(milestone, as_of, **columns):
    for name in ("acknowledged_on", "told_client_on"):
        if columns.get(name):
            columns[name] = pd.Timestamp(columns[name])
    return {"milestone": milestone, "as_of": as_of, **columns}


def misses_on(day, *rows):
    table = missed_milestones(two_in_a_row(), said(*rows), as_of=day)
    check_table(table, MISSES, "misses")
    return table.set_index("milestone")


@pytest.mark.parametrize(
    ("day", "finish", "late"),
    [
        ("2026-03-06", None, None),  # its planned day is not over
        ("2026-03-07", None, 0),  # Saturday: unfinished after its day, no working day later yet
        ("2026-03-11", None, 3),  # Mon, Tue, Wed
        ("2026-03-11", "2026-03-06", None),
        ("2026-03-11", "2026-03-09", 1),
    ],
)
def test_a_milestone_is_missed_when_its_planned_day_is_over_and_it_is_not_done(day, finish, late):
    rows = misses_on(
        day, update("a", finish or "2026-03-03", actual_start="2026-03-02", actual_finish=finish)
    )
    assert rows["late_days"].tolist() == ([] if late is None else [late])


def test_cancelled_work_is_not_missed():
    assert misses_on("2026-03-11", update("a", "2026-03-03", closed_as="cancelled")).empty


def test_everything_missing_is_asked_for():
    row = misses_on("2026-03-11", update("a", "2026-03-03")).loc["a"]
    assert row["asked_for"].split("; ") == [
        "acknowledgement",
        "cause",
        "explanation",
        "word to the client",
        "recovery plan with its kind, owner and date",
        "dates of what waits for it",
    ]
    assert (row["owner"], row["phase"]) == ("Ann", "data")


def test_a_complete_record_is_asked_for_nothing_and_days_to_the_word_are_counted():
    # Told on Tue 10, planned for Fri 6: two working days.
    record = update("a", "2026-03-11", forecast_finish="2026-03-18", **COMPLETE)
    moved = update("b", "2026-03-11", forecast_finish="2026-03-25")
    row = misses_on("2026-03-11", record, moved).loc["a"]
    assert pd.isna(row["asked_for"])
    assert (row["word_days"], row["n_behind"], row["n_untouched"]) == (2, 1, 0)


@pytest.mark.parametrize(
    ("recovery", "asked"),
    [
        ({"recovery_kind": "overtime"}, "consent to the overtime"),
        ({"recovery_kind": "overtime with consent"}, None),
        ({"recovery_owner": None}, "owner of the recovery"),
        (
            {"recovery_kind": None, "recovery_owner": None, "recovery_finish": None},
            "kind of recovery; owner of the recovery; date of the recovery",
        ),
        ({"recovery_kind": "a second team"}, None),
        # The status is of the 11th: what was to be recovered on the 10th is not, on the 11th it still may be.
        ({"recovery_finish": "2026-03-10"}, "recovery plan that is not over"),
        ({"recovery_finish": "2026-03-11"}, None),
    ],
)
def test_a_recovery_has_a_kind_an_owner_and_a_date_and_overtime_needs_consent(recovery, asked):
    record = update("a", "2026-03-11", forecast_finish="2026-03-18", **{**COMPLETE, **recovery})
    moved = update("b", "2026-03-11", forecast_finish="2026-03-25")
    row = misses_on("2026-03-11", record, moved).loc["a"]
    assert (None if pd.isna(row["asked_for"]) else row["asked_for"]) == asked


def test_finished_work_needs_no_recovery_but_a_cause():
    done = {"actual_start": "2026-03-02", "actual_finish": "2026-03-09", "told_client_on": "2026-03-09"}
    moved = update("b", "2026-03-11", forecast_finish="2026-03-16")
    row = misses_on("2026-03-11", update("a", "2026-03-11", **done), moved).loc["a"]
    assert row["asked_for"] == "acknowledgement; cause; explanation"


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        # Told on Wed 4 that it will be Tue 10: two days before Fri 6.
        ([("2026-03-04", "2026-03-10", "2026-03-04")], -2),
        # What was told while it was expected in time was about something else.
        ([("2026-03-04", "2026-03-05", "2026-03-04"), ("2026-03-09", "2026-03-11", "2026-03-09")], 1),
        # The first word counts, not the last.
        ([("2026-03-09", "2026-03-11", "2026-03-09"), ("2026-03-11", "2026-03-13", "2026-03-11")], 1),
        # Nobody told: so far, up to Wed 11.
        ([("2026-03-09", "2026-03-11", None)], 3),
    ],
)
def test_days_between_the_miss_and_the_first_word_to_the_client_are_measured(rows, word):
    updates = [update("a", day, forecast_finish=date, told_client_on=told) for day, date, told in rows]
    assert misses_on("2026-03-11", *updates)["word_days"].tolist() == [word]


def test_dates_behind_are_untouched_when_nobody_looked_at_them_since_or_left_them_too_early():
    late = update("a", "2026-03-09", actual_start="2026-03-02", forecast_finish="2026-03-12")
    seen_before = update("b", "2026-03-06", forecast_finish="2026-03-19")
    assert misses_on("2026-03-09", late, seen_before).loc["a", "n_untouched"] == 1
    seen_since = update("b", "2026-03-09", forecast_finish="2026-03-19")
    assert misses_on("2026-03-09", late, seen_since).loc["a", "n_untouched"] == 0
    # Touched, and left on Fri 13, which a on Thu 12 does not allow.
    left = [update("b", day, forecast_finish="2026-03-13") for day in ("2026-03-06", "2026-03-09")]
    assert misses_on("2026-03-09", late, *left).loc["a", "n_untouched"] == 1


@pytest.mark.parametrize(
    ("updated", "project", "told", "cause"),
    [
        ("2026-03-11", "p", None, "staffing"),
        (None, "p", None, "staffing"),
        ("2026-03-12", "p", None, None),  # written down after the status date
        ("2026-03-11", "q", None, None),  # of another project
        ("2026-03-11", "p", "estimate", "estimate"),  # the status updates say it themselves
    ],
)
def test_what_the_table_of_the_projects_has_on_record_counts_where_the_status_is_silent(
    updated, project, told, cause
):
    rows = [{"project": project, "milestone": "a", "cause": "staffing", "updated_on": updated}]
    portfolio = history(*rows, {"project": project, "milestone": "b", "updated_on": updated})
    status = said(update("a", "2026-03-11", forecast_finish="2026-03-18", cause=told))
    plan = two_in_a_row()
    row = (
        missed_milestones(plan, status, as_of="2026-03-11", portfolio=portfolio)
        .set_index("milestone")
        .loc["a"]
    )
    assert (None if pd.isna(row["cause"]) else row["cause"]) == cause
    assert ("cause" in row["asked_for"].split("; ")) == (cause is None)
    board = by_hand(pd.DataFrame({"milestone": ["a", "b"], "cause": [told, None]}), BOARD)
    filled = with_recorded_causes(board, plan, portfolio, as_of="2026-03-11")
    check_table(filled, BOARD, "board")
    assert (None if pd.isna(filled["cause"].iloc[0]) else filled["cause"].iloc[0]) == cause


def test_findings_ask_flag_and_count():
    overtime = {**COMPLETE, "recovery_kind": "overtime"}
    table = missed_milestones(
        two_in_a_row(),
        said(
            update("a", "2026-03-16", forecast_finish="2026-03-18", **overtime),
            update("b", "2026-03-16", forecast_finish="2026-03-25"),
        ),
        as_of="2026-03-16",
    )
    found = miss_findings(table, as_of="2026-03-16")
    check_table(found, RUNNING_FINDINGS, "findings")
    assert found[["rule", "item"]].to_numpy().tolist() == [
        ["overtime-without-consent", "a"],
        ["miss-without-record", "a"],
        ["miss-without-record", "b"],
        ["client-told-late", "a"],
    ]
    # b was planned for Fri 13; on Mon 16 the client has waited a day. a was told two days after its date.
    assert found["lost_days"].fillna(-1).tolist() == [-1, -1, 1, 2]
    assert found["message"].iloc[1] == (
        "missed 2026-03-06 by 6 working days; asked for: consent to the overtime"
    )
    assert "told on 2026-03-10, 2 working days later" in found["message"].iloc[3]
