import numpy as np
import pandas as pd
import pytest
from tables_by_hand import plan_rows

from estimation.calibration.calibrated_plan import CALIBRATED_PLAN, calibrated_plan
from estimation.errors import InputError
from estimation.project.plan import build_plan, refuse_contradictions
from estimation.tables import check_table

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
    # A milestone of no duration takes no place on its day; two and a half days end in the middle of the third.
    rows = (
        {**TWO[0], "baseline_days": 0.0, "baseline_start": "2026-03-02", "baseline_finish": "2026-03-02"},
        {**TWO[1], "baseline_days": 2.5, "baseline_start": "2026-03-03", "baseline_finish": "2026-03-05"},
    )
    plan = build_plan(plan_rows(*rows))
    refuse_contradictions(plan)  # raises where it refuses
    assert (plan.baseline.evening - plan.baseline.morning).tolist() == [0, 2.5]
    assert plan.baseline.own_days.tolist() == [0, 2.5]


def finishes(plan):
    return pd.Series(plan.baseline_finish, plan.milestones["milestone"]).dt.strftime("%d %b").to_dict()


def starts(plan):
    dates = plan.calendar.morning_dates(plan.baseline.morning)
    return pd.Series(dates, plan.milestones["milestone"]).dt.strftime("%d %b").to_dict()


def test_each_kind_of_link_holds_the_end_it_names():
    # a: Mon 2 to Fri 6 March. FS-1d (a lead): from Fri 6. SS+2d: from Wed 4. FF+1d: two days from Mon 2 would end
    # on Tue 3, held to Mon 9. SF+3d: held to three days after a's start, the evening of Wed 4.
    plan = build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 5.0},
            {"milestone": "fs", "baseline_days": 2.0, "depends_on": "a FS-1d"},
            {"milestone": "ss", "baseline_days": 2.0, "depends_on": "a SS+2d"},
            {"milestone": "ff", "baseline_days": 2.0, "depends_on": "a FF+1d"},
            {"milestone": "sf", "baseline_days": 2.0, "depends_on": "a SF+3d"},
        )
    )
    assert starts(plan) == {"a": "02 Mar", "fs": "06 Mar", "ss": "04 Mar", "ff": "02 Mar", "sf": "02 Mar"}
    assert finishes(plan) == {"a": "06 Mar", "fs": "09 Mar", "ss": "05 Mar", "ff": "09 Mar", "sf": "04 Mar"}


def test_a_plan_may_have_several_starts_and_several_ends():
    # a and b start with the project; c waits for the later of them (b, Thu 5); d for a alone.
    plan = build_plan(
        plan_rows(
            {"milestone": "a", "baseline_days": 2.0},
            {"milestone": "b", "baseline_days": 4.0},
            {"milestone": "c", "baseline_days": 1.0, "depends_on": "a; b"},
            {"milestone": "d", "baseline_days": 1.0, "depends_on": "a"},
        )
    )
    assert starts(plan) == {"a": "02 Mar", "b": "02 Mar", "c": "06 Mar", "d": "04 Mar"}


def test_a_circle_in_a_plan_is_named():
    rows = plan_rows(
        *({"milestone": m, "baseline_days": 1.0, "depends_on": "b" if m == "a" else "a"} for m in "ab")
    )
    with pytest.raises(InputError, match="in a circle: a -> b -> a;"):
        build_plan(rows)


def test_a_predecessor_that_is_not_there_is_named_with_the_nearest():
    rows = plan_rows(
        {"milestone": "2.1", "baseline_days": 1.0},
        {"milestone": "3", "baseline_days": 1.0, "depends_on": "2.l"},
    )
    with pytest.raises(
        InputError, match=r"Milestone 3 depends on 2.l, which is no milestone.* Did you mean 2\.1\?"
    ):
        build_plan(rows)


def test_work_does_not_begin_before_its_not_before_date():
    # 1 ends on Thu 5 March, but the data for 2 arrive on Mon 16: three days to Wed 18. A Sunday means that Monday.
    for day in ("2026-03-16", "2026-03-15"):
        plan = build_plan(plan_rows(TWO[0], {**TWO[1], "not_before": day}))
        assert starts(plan)["2"] == "16 Mar"
        assert finishes(plan)["2"] == "18 Mar"


def test_a_milestone_of_no_duration_is_reached_when_its_predecessors_are_done():
    # The kickoff is on the first day; the sign-off on the day on which 1 is done, and 2 goes on the next morning.
    plan = build_plan(
        plan_rows(
            {"milestone": "kickoff", "baseline_days": 0.0},
            {**TWO[0], "depends_on": "kickoff"},
            {"milestone": "signed", "baseline_days": 0.0, "depends_on": "1"},
            {**TWO[1], "depends_on": "signed"},
        )
    )
    assert finishes(plan) == {"kickoff": "02 Mar", "1": "05 Mar", "signed": "05 Mar", "2": "10 Mar"}
    table = calibrated_plan(plan, multipliers(data=1.5, model=1.0, work=2.0))
    assert table["calibrated_start"].dt.strftime("%d %b").tolist() == ["02 Mar", "02 Mar", "09 Mar", "10 Mar"]
    assert table["calibrated_finish"].dt.strftime("%d %b").tolist() == [
        "02 Mar",
        "09 Mar",
        "09 Mar",
        "12 Mar",
    ]


def fixed(**changes):
    """1 takes Mon 2 to Thu 5 March; 2 takes three days and is fixed on Fri 13 March; 3 follows it."""
    return plan_rows(
        TWO[0],
        {**TWO[1], "fixed_finish": "2026-03-13", **changes},
        {"milestone": "3", "baseline_days": 1.0, "depends_on": "2"},
    )


def test_a_fixed_date_is_the_finish_and_its_work_begins_when_it_can():
    # 2 begins on Fri 6 and would be done on Tue 10; it waits for Fri 13, and 3 for Mon 16.
    for recorded in ({}, {"baseline_finish": "2026-03-13"}):
        plan = build_plan(fixed(**recorded))
        refuse_contradictions(plan)  # raises where it refuses
        assert starts(plan) == {"1": "02 Mar", "2": "06 Mar", "3": "16 Mar"}
        assert finishes(plan) == {"1": "05 Mar", "2": "13 Mar", "3": "16 Mar"}
        assert plan.baseline.own_days.tolist() == [4, 3, 1]
    # Fri 13 March is the tenth evening from Mon 2 March.
    assert (plan.fixed_evenings - plan.calendar.mornings(["2026-03-02"])).tolist() == [-np.inf, 10, -np.inf]


def test_a_calibrated_plan_holds_its_fixed_date_while_it_can():
    # Twice three days from Fri 6 end on Fri 13: held. Three times end on Wed 18: missed.
    held = calibrated_plan(build_plan(fixed()), multipliers(data=1.0, model=2.0, other=1.0))
    missed = calibrated_plan(build_plan(fixed()), multipliers(data=1.0, model=3.0, other=1.0))
    assert held["calibrated_finish"].dt.strftime("%d %b").tolist() == ["05 Mar", "13 Mar", "16 Mar"]
    assert missed["calibrated_finish"].dt.strftime("%d %b").tolist() == ["05 Mar", "18 Mar", "19 Mar"]


@pytest.mark.parametrize(
    ("changes", "planned"),
    [
        ({"baseline_days": 9.0}, "2026-03-18"),  # from Fri 6 March: 6, 9 to 13, 16, 17, 18
        ({"baseline_finish": "2026-03-12"}, "2026-03-12"),
        ({"baseline_finish": "2026-03-17"}, "2026-03-17"),
    ],
)
def test_a_plan_that_misses_its_own_fixed_date_is_refused(changes, planned):
    with pytest.raises(InputError, match=f"2 is fixed on 2026-03-13 and planned for {planned}"):
        refuse_contradictions(build_plan(fixed(**changes)))


def test_teams_side_by_side_work_on_their_own_days():
    # Israel builds five days from Mon 2 November 2026: Mon to Thu, Sun 8. Germany accepts two days: Mon 9, Tue 10.
    # Then one more day in Israel (Wed 11), and two in Germany from Thu 5: Thu, Fri.
    plan = build_plan(
        plan_rows(
            {"milestone": "build", "baseline_days": 5.0, "calendar": "IL"},
            {"milestone": "accept", "baseline_days": 2.0, "depends_on": "build", "calendar": "DE"},
            {"milestone": "hand over", "baseline_days": 1.0, "depends_on": "accept", "calendar": "IL"},
            {"milestone": "train", "baseline_days": 2.0, "depends_on": "build SS+3d", "calendar": "DE"},
        ).assign(project_start=pd.Timestamp("2026-11-02"))
    )
    assert starts(plan) == {"build": "02 Nov", "accept": "09 Nov", "hand over": "11 Nov", "train": "05 Nov"}
    assert finishes(plan) == {"build": "08 Nov", "accept": "10 Nov", "hand over": "11 Nov", "train": "06 Nov"}
    assert plan.baseline.own_days.tolist() == [5, 2, 1, 2]
    assert sorted(plan.team_days) == [0, 1, 2, 3]


def test_dates_of_a_team_are_counted_on_its_own_calendar():
    # In Israel Wed 4 to Sun 8 November are three days (Wed, Thu, Sun); on the axis four. The dates agree with the days.
    plan = build_plan(
        plan_rows(
            {
                "milestone": "1",
                "baseline_start": "2026-11-04",
                "baseline_finish": "2026-11-08",
                "baseline_days": 3.0,
                "calendar": "IL",
            },
            {"milestone": "2", "baseline_days": 1.0, "calendar": "DE"},
        ).assign(project_start=pd.Timestamp("2026-11-02"))
    )
    refuse_contradictions(plan)  # raises where it refuses
    assert plan.baseline.own_days.tolist() == [3, 1]
    assert (plan.baseline.evening - plan.baseline.morning)[0] == 4


def test_a_calibrated_plan_stretches_the_work_of_a_team_on_its_own_days():
    # Two days in Israel from Wed 4 November, doubled: Wed, Thu, Sun, Mon 9; then a day in Germany: Tue 10.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "phase": "data", "baseline_days": 2.0, "calendar": "IL"},
            {"milestone": "2", "phase": "model", "baseline_days": 1.0, "calendar": "DE"},
        ).assign(project_start=pd.Timestamp("2026-11-04"))
    )
    table = calibrated_plan(plan, multipliers(data=2.0, model=1.0))
    assert table["calibrated_finish"].dt.strftime("%d %b").tolist() == ["09 Nov", "10 Nov"]
