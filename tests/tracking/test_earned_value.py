import numpy as np
import pandas as pd
import pytest
from tables_by_hand import plan_rows, status_rows

from estimation import plan_of, read_history
from estimation.errors import InputError
from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.earned_value import earned_value_table
from estimation.tracking.tracking_tables import EARNED_VALUE


def ten_weeks(**columns):
    """Ten milestones of a week each, one after the other, from Monday 2 March 2026; all weigh the same."""
    return build_plan(
        plan_rows(
            *(
                {
                    "milestone": str(n),
                    "baseline_days": 5.0,
                    "depends_on": str(n - 1) if n > 1 else None,
                    **columns,
                }
                for n in range(1, 11)
            )
        )
    )


def done(numbers, as_of, **columns):
    rows = [
        {
            "milestone": str(n),
            "actual_start": "2026-03-02",
            "actual_finish": as_of,
            "percent_complete": 1.0,
            **columns,
        }
        for n in numbers
    ]
    return status_rows(*rows).assign(as_of=pd.Timestamp(as_of))


def last(table):
    check_table(table, EARNED_VALUE, "earned value")
    return table.iloc[-1]


def test_half_planned_and_two_fifths_done_is_an_spi_of_eight_tenths():
    # After five weeks (Fri 3 April, day 25) five of ten are planned and four done: .4 / .5. The plan was to have four
    # done after day 20: SPI(t) = 20 / 25, five days late. The rest as planned: 25 + 50 - 20 = 55 days; at the pace so
    # far 50 / .8 = 62.5.
    row = last(earned_value_table(ten_weeks(), done(range(1, 5), "2026-04-03"), as_of="2026-04-03"))
    assert [row[name] for name in ("pv", "ev", "spi", "es_days", "spi_t", "sv_t_days")] == pytest.approx(
        [0.5, 0.4, 0.8, 20, 0.8, -5]
    )
    assert [row["eac_t_days"], row["eac_t_spi_days"]] == pytest.approx([55, 62.5])
    # 55 working days from Mon 2 March: eleven weeks, Fri 15 May.
    assert row["eac_t_finish"] == pd.Timestamp("2026-05-15")


@pytest.mark.parametrize(
    ("rule", "planned", "earned"),
    [
        # Wed 11 March, day 8: week one is over, week two under way by three days. Milestone 1 done, 2 at 30 %.
        ("0/100", 0.1, 0.1),
        ("50/50", 0.15, 0.15),
        ("percent", 0.16, 0.13),
    ],
)
def test_each_rule_plans_and_earns_in_the_same_way(rule, planned, earned):
    said = status_rows(
        {"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-06"},
        {"milestone": "2", "actual_start": "2026-03-09", "percent_complete": 0.3},
    ).assign(as_of=pd.Timestamp("2026-03-11"))
    row = last(earned_value_table(ten_weeks(), said, as_of="2026-03-11", rule=rule))
    assert [row["pv"], row["ev"]] == pytest.approx([planned, earned])


def test_work_planned_for_the_next_morning_is_not_planned_yet():
    row = last(earned_value_table(ten_weeks(), done([1], "2026-03-06"), as_of="2026-03-06", rule="50/50"))
    assert [row["pv"], row["ev"], row["spi_t"]] == pytest.approx([0.1, 0.1, 1])


def test_costs_are_held_against_the_budget():
    # Ten milestones of 100 each: 400 earned for 500 spent, CPI .8; 1000 / .8 = 1250 at completion.
    plan = ten_weeks(budget_cost=100.0)
    row = last(
        earned_value_table(plan, done(range(1, 5), "2026-04-03", actual_cost=125.0), as_of="2026-04-03")
    )
    assert [row["actual_cost"], row["cpi"], row["eac_cost"]] == pytest.approx([500, 0.8, 1250])


def test_without_costs_or_budgets_there_are_no_cost_figures():
    row = last(earned_value_table(ten_weeks(), done([1], "2026-03-06", actual_cost=5.0), as_of="2026-03-06"))
    assert np.isnan([row["cpi"], row["eac_cost"]]).all()


def test_earned_before_anything_was_planned():
    # Mon 2 March: nothing planned to be done yet, one milestone done already.
    row = last(earned_value_table(ten_weeks(), done([1], "2026-03-02"), as_of="2026-03-02"))
    assert row["pv"] == 0
    assert np.isnan(row["spi"])
    assert [row["es_days"], row["spi_t"]] == pytest.approx([5, 5])  # day 5 reached on day 1


def test_before_the_project_starts_nothing_is_planned_or_late():
    row = last(earned_value_table(ten_weeks(), status_rows({"milestone": "1"}), as_of="2026-02-27"))
    assert [row["pv"], row["ev"], row["es_days"]] == [0, 0, 0]
    assert np.isnan([row["spi"], row["spi_t"]]).all()


def test_beyond_the_planned_end_spi_recovers_and_spi_t_does_not():
    # Planned until Fri 8 May (day 50). Nine done on day 55, SPI .9, SPI(t) 45/55; all done on day 60: SPI 1, SPI(t)
    # 50/60. Between, on day 58, still nine: SPI .9, SPI(t) 45/58. From eight (day 52) to nine (day 55) SPI rises by
    # .1 and SPI(t) from 40/52 = .769 to .818: both recover, which misleads nobody.
    plan = ten_weeks()
    said = pd.concat(
        [
            done(range(1, 9), "2026-05-12"),
            done([9], "2026-05-15"),
            done([10], "2026-05-22"),
            done([10], "2026-05-29"),
        ]
    )
    table = earned_value_table(plan, said, as_of="2026-05-29")
    assert table["pv"].tolist() == [1] * 4
    assert table["spi"].tolist() == pytest.approx([0.8, 0.9, 1, 1])
    assert table["spi_t"].tolist() == pytest.approx([40 / 52, 45 / 55, 50 / 60, 50 / 65])
    assert not table["spi_misleads"].any()
    # What is complete needs no forecast: 60 days it took, whenever one looks.
    assert table["eac_t_days"].tolist() == pytest.approx([62, 60, 60, 60])


def test_a_recovery_that_time_does_not_confirm_is_said():
    # Planned until day 50. Day 52: eight done (.8, 40/52 = .769). Four weeks later, day 72: nine (.9, 45/72 = .625).
    said = pd.concat([done(range(1, 9), "2026-05-12"), done([9], "2026-06-09")])
    table = earned_value_table(ten_weeks(), said, as_of="2026-06-09")
    assert table["spi_t"].tolist() == pytest.approx([40 / 52, 45 / 72])
    assert table["spi_misleads"].tolist() == [False, True]


def test_more_than_the_whole_cannot_be_earned():
    row = last(
        earned_value_table(ten_weeks(), done(range(1, 11), "2026-04-03"), as_of="2026-04-03", rule="percent")
    )
    assert [row["ev"], row["es_days"], row["eac_t_days"]] == pytest.approx([1, 50, 25])


def test_an_unknown_rule_is_answered_with_those_there_are():
    with pytest.raises(InputError, match="rule 'half' is unknown; wanted one of 0/100, 50/50, percent"):
        earned_value_table(ten_weeks(), done([1], "2026-03-06"), as_of="2026-03-06", rule="half")


def test_a_project_that_has_done_all_that_was_planned_is_not_late_between_two_finishes():
    # Wed 1 April, day 23: four of ten are planned and done, the fifth is under way until day 25. On day 25, still
    # without the fifth, the plan was to have four done after day 20: SPI(t) 20 / 25.
    plan = ten_weeks()
    said = pd.concat([done(range(1, 5), "2026-04-01"), done(range(1, 5), "2026-04-03")])
    table = earned_value_table(plan, said, as_of="2026-04-03")
    assert table["es_days"].tolist() == pytest.approx([23, 20])
    assert table["spi_t"].tolist() == pytest.approx([1, 0.8])


def test_in_a_pause_that_the_plan_has_nobody_is_late_who_has_done_what_comes_before():
    # A week of work, a planned week of nothing, a week of work, by percent complete. Half is earned: in the middle
    # of the pause (Wed 11 March, day 8) that is on time; on day 13 (Wed 18 March), work was to go on after day 10:
    # 3 days late.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 5.0},
            {"milestone": "2", "baseline_days": 5.0, "depends_on": "1FS+5d"},
        )
    )
    said = pd.concat([done([1], "2026-03-11"), done([1], "2026-03-18")])
    table = earned_value_table(plan, said, as_of="2026-03-18", rule="percent")
    assert table["es_days"].tolist() == pytest.approx([8, 10])
    assert table["sv_t_days"].tolist() == pytest.approx([0, -3])
    assert table["eac_t_days"].tolist() == pytest.approx([15, 18])


def test_milestones_that_cost_nothing_weigh_nothing_and_free_projects_have_no_cost_figures():
    # Budgets of 100 and 0: the second earns nothing. All budgets zero: planned days weigh, and nothing is held
    # against 0.
    rows = [
        {"milestone": "1", "baseline_days": 5.0, "budget_cost": 100.0},
        {"milestone": "2", "baseline_days": 5.0, "budget_cost": 0.0},
    ]
    row = last(earned_value_table(build_plan(plan_rows(*rows)), done([2], "2026-03-06"), as_of="2026-03-06"))
    assert [row["ev"], row["spi"], row["spi_t"]] == [0, 0, 0]
    free = earned_value_table(
        ten_weeks(budget_cost=0.0), done([1], "2026-03-06", actual_cost=5.0), as_of="2026-03-06"
    )
    row = last(free)
    assert row["ev"] == pytest.approx(0.1)
    assert np.isnan([row["cpi"], row["eac_cost"]]).all()


def test_work_reported_to_have_cost_nothing_has_no_cost_index():
    said = done(range(1, 5), "2026-04-03", actual_cost=0.0)
    row = last(earned_value_table(ten_weeks(budget_cost=100.0), said, as_of="2026-04-03"))
    assert row["actual_cost"] == 0
    assert np.isnan([row["cpi"], row["eac_cost"]]).all()


def test_a_new_baseline_does_not_read_as_progress(tmp_path):
    # Two milestones of a week each; nothing is done on Fri 13 March, when both were planned. The new baseline would
    # have nothing planned yet and an SPI of nothing by nothing.
    path = tmp_path / "atlas.csv"
    path.write_text(
        "project,milestone,phase,project_start,baseline_start,baseline_finish,baseline_version\n"
        "atlas,a,discovery,2026-03-02,2026-03-02,2026-03-06,1\n"
        "atlas,b,deployment,2026-03-02,2026-03-09,2026-03-13,1\n"
        "atlas,a,discovery,2026-03-02,2026-03-16,2026-03-20,2\n"
        "atlas,b,deployment,2026-03-02,2026-03-23,2026-03-27,2\n"
    )
    status = status_rows({"milestone": "a"}).assign(project="atlas")
    row = last(earned_value_table(plan_of(read_history(path), "atlas"), status, as_of="2026-03-13"))
    assert [row["pv"], row["ev"], row["spi"], row["spi_t"]] == [1, 0, 0, 0]
    assert row["eac_t_days"] == pytest.approx(20)  # ten days gone, ten planned
