import example
import pandas as pd
import pytest
from models_by_hand import model_by_hand, on_plan_model
from tables_by_hand import empty_columns, plan_rows, status_rows

from estimation.forecasting.forecast import forecast_table
from estimation.forecasting.simulation import simulate
from estimation.project import standing
from estimation.project.closing import plan_of
from estimation.project.plan import build_plan
from estimation.project.progress import state_of
from estimation.project.standing import standings_of
from estimation.tracking.board import milestone_board
from estimation.tracking.earned_value import earned_value_table
from estimation.tracking.evidence import evidence_table
from estimation.tracking.weekly_review import weekly_review

RUNS = {"seed": 1, "iterations": 400, "way": "chained"}


@pytest.fixture(scope="module")
def review():
    """Four milestones of a week each from Monday 2 March 2026; reviewed on Friday 13, after the one of Friday 6.

    1 was done on Wed 11, three days late. 2 is expected on Wed 25, planned for Fri 13: eight days, three handed down.
    3 keeps its Fri 20, which cannot be any more. 4 waits for the client and has moved with a reason nobody told.
    """
    plan = build_plan(
        plan_rows(
            {
                "milestone": "1",
                "baseline_days": 5.0,
                "phase": "data",
                "owner": "Ann",
                "acceptance_criteria": "seen",
            },
            {"milestone": "2", "baseline_days": 5.0, "phase": "data", "owner": "Ann", "depends_on": "1"},
            {
                "milestone": "3",
                "baseline_days": 5.0,
                "owner": "Ben",
                "depends_on": "2",
                "waiting_on": "Client IT",
            },
            {"milestone": "4", "baseline_days": 5.0, "depends_on": "3", "waiting_on": "Client sponsor"},
        )
    )
    said = status_rows(
        {
            "milestone": "1",
            "as_of": "2026-03-06",
            "actual_start": "2026-03-02",
            "forecast_finish": "2026-03-09",
        },
        {
            "milestone": "2",
            "as_of": "2026-03-06",
            "forecast_finish": "2026-03-16",
            "reported_status": "green",
        },
        {"milestone": "3", "as_of": "2026-03-06", "forecast_finish": "2026-03-20"},
        {"milestone": "4", "as_of": "2026-03-06", "forecast_finish": "2026-03-27"},
        {
            "milestone": "1",
            "as_of": "2026-03-13",
            "actual_finish": "2026-03-11",
            "forecast_finish": "2026-03-11",
        },
        {
            "milestone": "2",
            "as_of": "2026-03-13",
            "actual_start": "2026-03-12",
            "forecast_finish": "2026-03-25",
        },
        {"milestone": "4", "as_of": "2026-03-13", "forecast_finish": "2026-03-30", "reason": "holidays"},
    )
    day = "2026-03-13"
    model = model_by_hand(("data", "work"))
    evidence = evidence_table(plan, model, said, as_of=day, **RUNS)
    forecast = forecast_table(simulate(plan, model, as_of=day, status=said, **RUNS))
    board = milestone_board(plan, said, forecast, as_of=day, evidence=evidence)
    return weekly_review(plan, said, board, evidence, as_of=day)


def test_no_column_is_empty_but_those_of_which_nothing_is_on_record(review):
    # The four milestones have no names, nobody has recorded the misses, and work at risk has not finished.
    assert empty_columns(vars(review)) == {
        "at_risk": [
            "acceptance_criteria",
            "actual_finish",
            "cause",
            "description",
            "name",
            "notes",
            "percent_complete",
        ],
        "risks": ["cause", "name"],
        "misses": [
            "acknowledged_on",
            "cause",
            "cause_note",
            "name",
            "recovery_finish",
            "recovery_kind",
            "recovery_owner",
            "recovery_plan",
            "told_client_on",
        ],
        "waiting": ["name"],
        "trajectory": ["confidence"],
        "moved": ["told_client_on"],
        "changes": ["name"],
        "left_behind": ["name"],
    }


def test_the_latest_milestones_come_first(review):
    # 2 is eight days late, and what waits for it with it: 3 on 1 April, 4 on 8 April.
    assert review.at_risk["milestone"].tolist() == ["2", "3", "4"]
    assert review.at_risk["slip_days"].tolist() == [8, 8, 8]


def test_days_lost_twice_in_a_phase_and_by_an_owner_are_a_pattern(review):
    # 1 lost three days and 2 five by itself, both in the phase data and Ann's.
    rows = review.patterns[["dimension", "value", "n_milestones", "own_slip_days"]].to_numpy().tolist()
    assert rows == [["phase", "data", 2, 8.0], ["owner", "Ann", 2, 8.0]]


def test_who_outside_must_act_by_when_moves_with_the_work_before(review):
    # 2 is expected on Wed 25, so 3 begins on Thu 26 and 4, five days later, on Thu 2 April.
    table = review.waiting.set_index("milestone")
    assert table["act_by"].dt.strftime("%m-%d").to_dict() == {"3": "03-26", "4": "04-02"}
    assert table["urgency"].to_dict() == {"3": "due in fourteen days", "4": "later"}


def test_only_moves_since_the_last_review_are_looked_at_where_they_began(review):
    assert review.moved["milestone"].tolist() == ["1", "2", "4"]
    agenda = review.agenda.set_index("section")
    # 1 went from Mon 9 to Wed 11, two days; 2 from Mon 16 to Wed 25, seven, of which 1 explains two.
    assert agenda.loc[["explain"], "milestone"].tolist() == ["1", "2", "4"]
    assert agenda.loc[["explain"], "what"].tolist() == ["silent", "silent", "not told"]


def test_the_trajectory_has_a_row_per_week(review):
    table = review.trajectory
    assert table["week"].tolist() == [1, 2]
    # On 6 March 1 is a day late, and 4 with it; on the 13th 2 ends on the 25th, 3 and 4 five and ten days later.
    assert table["team_finish"].dt.strftime("%m-%d").tolist() == ["03-30", "04-08"]
    assert table["n_delayed"].tolist() == [0, 3]
    assert table["p80_finish"].is_monotonic_increasing


def test_the_agenda_goes_from_decisions_to_what_there_is_to_celebrate(review):
    sections = review.agenda["section"].drop_duplicates().tolist()
    assert sections == ["decide", "explain", "record", "next fourteen days", "complete the plan", "celebrate"]
    done = review.agenda[review.agenda["section"] == "celebrate"]
    assert done["milestone"].tolist() == ["1"]
    assert done["due"].tolist() == [pd.Timestamp("2026-03-11")]


def test_where_the_project_stands_is_worked_out_once_for_each_status_date(monkeypatch):
    plan = plan_of(example.history("running.csv"), "visual-inspection")
    standings = standings_of(plan, example.status("visual-inspection"))
    worked_out = []
    monkeypatch.setattr(standing, "state_of", lambda *given: worked_out.append(given[-1]) or state_of(*given))
    day = standings.dates()[-1]
    evidence = evidence_table(plan, on_plan_model(), standings, as_of=day, **RUNS)
    forecast = forecast_table(simulate(plan, on_plan_model(), as_of=day, status=standings, **RUNS))
    board = milestone_board(plan, standings, forecast, as_of=day, evidence=evidence)
    weekly_review(plan, standings, board, evidence, as_of=day)
    earned_value_table(plan, standings, as_of=day)
    assert sorted(worked_out) == standings.dates()
    assert len(worked_out) == 12
