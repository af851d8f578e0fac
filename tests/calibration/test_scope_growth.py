import numpy as np
import pytest
from tables_by_hand import history

from estimation.calibration.scope_growth import PRIOR_MILESTONES, SIZES_KEPT, fit_scope_growth


def done(milestone, days, **row):
    """It took so many working days up to Friday 20 March 2026."""
    start = None if days is None else np.busday_offset("2026-03-20", 1 - days).item()
    return {
        "milestone": milestone,
        "baseline_days": 10.0,
        "actual_start": start,
        "actual_finish": "2026-03-20",
        **row,
    }


def added(milestone, days, **row):
    return done(milestone, days, baseline_days=None, added_after_baseline=True, **row)


def closed_project():
    """Two planned milestones of 10 days and one of 40 in another phase; two added, of 5 and 30 days."""
    return (
        done("1", 12),
        done("2", 8, depends_on="A"),
        done("3", 41, phase="launch", baseline_days=40.0),
        added("A", 5),
        added("B", 30, phase="launch"),
    )


def test_rates_are_added_per_planned_milestone_drawn_towards_all_phases():
    # All: 2 added / 3 planned. work: (1 + 20 * 2/3) / (2 + 20); launch: (1 + 20 * 2/3) / (1 + 20).
    growth = fit_scope_growth(history(*closed_project()))
    assert PRIOR_MILESTONES == 20
    assert growth.other_rate == pytest.approx(2 / 3)
    assert growth.rates_of(["work", "LAUNCH", "unseen"]) == pytest.approx([43 / 66, 43 / 63, 2 / 3])
    counts = growth.phases.set_index("phase")[["n_planned", "n_added"]]
    assert counts.loc["work"].tolist() == [2, 1]
    assert counts.loc["launch"].tolist() == [1, 1]
    assert growth.n_projects == 1


def test_sizes_are_own_days_over_the_mean_planned_days_of_the_project():
    # Planned 10, 10, 40: mean 20. Added 5 and 30: sizes .25 and 1.5, the lower half and the upper half of quantiles.
    sizes = fit_scope_growth(history(*closed_project())).sizes
    assert len(sizes) == SIZES_KEPT
    assert (sizes[0], sizes[-1]) == (0.25, 1.5)
    assert np.median(sizes) == pytest.approx((0.25 + 1.5) / 2)


def test_work_is_in_series_where_other_work_waits_for_it():
    # 2 waits for A, nobody for B.
    assert fit_scope_growth(history(*closed_project())).share_in_series == 0.5


def test_a_milestone_of_the_same_name_in_another_project_does_not_count_as_waiting():
    # In p, A is waited for and B not; in q, B and C are and A is not.
    rows = (done("1", 9, depends_on="B; C"), added("A", 5), added("B", 5), added("C", 5))
    growth = fit_scope_growth(history(*closed_project(), *({**row, "project": "q"} for row in rows)))
    assert growth.share_in_series == pytest.approx(3 / 5)
    assert growth.n_projects == 2


def test_projects_that_still_run_teach_nothing_yet():
    running = ({**row, "project": "q"} for row in (done("1", None, actual_finish=None), added("A", 5)))
    growth = fit_scope_growth(history(*closed_project(), *running))
    assert growth.n_projects == 1


def test_a_status_date_hides_what_closed_later():
    rows = history(*closed_project())
    assert fit_scope_growth(rows, as_of="2026-03-19") is None
    assert fit_scope_growth(rows, as_of="2026-03-20").n_projects == 1


def test_a_history_that_marks_nothing_as_added_does_not_say_that_nothing_grows():
    assert fit_scope_growth(history(done("1", 12), done("2", 8))) is None


def test_work_that_only_has_a_finish_is_no_larger_than_the_time_since_the_finish_before_it():
    # Planned: two milestones of five days. A was done on 6 March, B on the 20th, the added work on the 11th: from
    # Monday 9 on three days, .6 of a mean milestone; from the start of the project it would be eight.
    rows = (
        {"milestone": "A", "project_start": "2026-03-02", "baseline_finish": "2026-03-06",
         "actual_finish": "2026-03-06"},
        {"milestone": "B", "baseline_finish": "2026-03-13", "actual_finish": "2026-03-20"},
        {"milestone": "X", "actual_finish": "2026-03-11", "added_after_baseline": True},
    )  # fmt: skip
    assert fit_scope_growth(history(*rows)).sizes == pytest.approx(0.6)
