import pandas as pd
import pytest
from tables_by_hand import plan_rows

from estimation.errors import InputError
from estimation.planning.calibrated import calibrated_plan
from estimation.planning.plan import build_plan, refuse_contradictions
from estimation.tables import CALIBRATED_PLAN, check_table

TWO = (
    {"milestone": "1", "phase": "data", "baseline_days": 4.0},
    {"milestone": "2", "phase": "model", "baseline_days": 3.0, "depends_on": "1"},
)


def multipliers(**by_phase):
    rows = [{"phase": phase, "level": 0.5, "multiplier": value} for phase, value in by_phase.items()]
    return pd.DataFrame(rows)


def test_a_plan_of_durations_gets_its_dates_from_its_logic():
    # Start Mon 2 March 2026; 4 days to Thu 5; then 3 days Fri, Mon, Tue 10.
    plan = build_plan(plan_rows(*TWO))
    assert plan.baseline_finish.astype("datetime64[D]").astype(str).tolist() == ["2026-03-05", "2026-03-10"]


def test_a_plan_of_dates_gets_its_durations_from_its_logic():
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_finish": "2026-03-05"},
            {"milestone": "2", "baseline_finish": "2026-03-10", "depends_on": "1"},
        )
    )
    assert plan.baseline.own_days.tolist() == [4, 3]


def test_a_plan_without_a_start_says_what_to_fill_in():
    with pytest.raises(InputError, match="wanted project_start, or baseline_start"):
        build_plan(plan_rows(*TWO).assign(project_start=pd.NaT))


def test_work_that_would_end_before_it_can_start_is_refused_by_name():
    with pytest.raises(InputError, match="milestone 2: it finishes before its predecessors do"):
        build_plan(
            plan_rows(
                {"milestone": "1", "baseline_finish": "2026-03-12"},
                {"milestone": "2", "baseline_finish": "2026-03-10", "depends_on": "1"},
            )
        )


def test_the_calibrated_plan_stretches_each_estimate_and_schedules_again():
    # 4 x 1.5 = 6 days: Mon 2 to Mon 9 March; 3 x 1.0 = 3 days: Tue 10 to Thu 12.
    table = calibrated_plan(build_plan(plan_rows(*TWO)), multipliers(data=1.5, model=1.0, other=2.0))
    check_table(table, CALIBRATED_PLAN, "calibrated plan")
    assert table["calibrated_days"].tolist() == [6, 3]
    assert table["calibrated_finish"].dt.strftime("%d %b").tolist() == ["09 Mar", "12 Mar"]


def test_a_phase_without_history_is_stretched_like_one_never_seen():
    # The last phase of the multiplier table speaks for all others.
    table = calibrated_plan(build_plan(plan_rows(*TWO)), multipliers(data=1.5, other=2.0))
    assert table["multiplier"].tolist() == [1.5, 2.0]


def test_a_gap_that_the_plan_leaves_on_purpose_stays():
    # 2 is planned to start on Mon 16 March although 1 ends on Thu 5: stretching 1 to six days moves nothing.
    gap = {**TWO[1], "baseline_start": "2026-03-16"}
    table = calibrated_plan(build_plan(plan_rows(TWO[0], gap)), multipliers(data=1.5, model=1.0, other=1.0))
    assert table["calibrated_start"].dt.strftime("%d %b").tolist() == ["02 Mar", "16 Mar"]


def test_dates_that_were_edited_without_the_days_are_refused_and_say_what_to_empty():
    edited = {**TWO[0], "baseline_start": "2026-03-02", "baseline_finish": "2026-03-27"}
    with pytest.raises(
        InputError, match=r"1 says 4 days, its dates span 20\). Correct one of them; or empty"
    ):
        refuse_contradictions(build_plan(plan_rows(edited)))


def test_a_project_that_was_moved_without_its_milestones_is_refused():
    left = {**TWO[0], "baseline_start": "2026-03-02", "project_start": "2026-03-09"}
    with pytest.raises(InputError, match="milestone 1 is planned to start before the project does"):
        refuse_contradictions(build_plan(plan_rows(left)))


def test_a_finish_and_its_days_give_the_start():
    # Four days to Fri 13 March begin on Tue 10, although the project starts on Mon 2.
    plan = build_plan(plan_rows({**TWO[0], "baseline_finish": "2026-03-13"}))
    assert plan.calendar.morning_dates(plan.baseline.morning)[0].astype(str)[:10] == "2026-03-10"


def test_phases_are_found_however_they_are_spelled():
    table = calibrated_plan(
        build_plan(plan_rows({**TWO[0], "phase": "Data "})), multipliers(data=1.5, other=2.0)
    )
    assert table["multiplier"].tolist() == [1.5]


def test_part_days_and_work_of_no_duration_may_differ_by_one_from_their_dates():
    # A milestone of no duration on a day spans that day; half a day more than two spans three.
    rows = (
        {**TWO[0], "baseline_days": 0.0, "baseline_start": "2026-03-02", "baseline_finish": "2026-03-02"},
        {**TWO[1], "baseline_days": 2.5, "baseline_start": "2026-03-03", "baseline_finish": "2026-03-05"},
    )
    plan = build_plan(plan_rows(*rows))
    refuse_contradictions(plan)  # raises where it refuses
    assert (plan.baseline.evening - plan.baseline.morning).tolist() == [1, 3]
    assert plan.baseline.own_days.tolist() == [0, 2.5]
