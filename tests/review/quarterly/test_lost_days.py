import pandas as pd
import pytest
from tables_by_hand import history

from estimation.review.quarterly.lost_days import lost_days
from estimation.review.quarterly.quarterly_tables import LOST_DAYS
from estimation.review.variance import UNCODED
from estimation.tables import check_table


def portfolio() -> pd.DataFrame:
    """Six projects from Monday 2 March 2026: data planned until Fri 6 (5 days), model until Fri 13.

    Data finished on Tue 10 in all six: two days over, 12 in all; three of them wrote down why. The model, planned for 5
    days, took 4 in all: a day won each. In two projects an infrastructure milestone beside them took 3 days over.
    """
    rows = []
    for k in range(6):
        shared = {"project": f"p{k}", "project_start": "2026-03-02"}
        cause = "data_quality" if k < 5 else None
        rows += [
            {"milestone": "1", "phase": "data", "baseline_finish": "2026-03-06", "actual_finish": "2026-03-10",
             "cause": cause, **shared},
            {"milestone": "2", "phase": "model", "depends_on": "1", "baseline_finish": "2026-03-13",
             "actual_finish": "2026-03-16", **shared},
        ]  # fmt: skip
        if k < 2:
            rows.append(
                {"milestone": "3", "phase": "deployment", "baseline_finish": "2026-03-06",
                 "actual_finish": "2026-03-11", "cause": "infrastructure", **shared}
            )  # fmt: skip
    return history(*rows)


def test_days_are_added_up_by_phase_and_by_cause_worked_out_by_hand():
    # Lost: data 6 x 2 = 12, deployment 2 x 3 = 6: 18 in all. What the model won is not set against it.
    table = lost_days(portfolio(), [f"p{k}" for k in range(6)])
    check_table(table, LOST_DAYS, "lost days")
    phases = table[table["dimension"] == "phase"].set_index("value")
    assert list(phases.index) == ["data", "deployment"]
    assert phases.loc["data", ["n_projects", "n_milestones", "lost_days"]].tolist() == [6, 6, 12]
    assert phases.loc["data", "share"] == pytest.approx(12 / 18)
    causes = table[table["dimension"] == "cause"].set_index("value")
    assert causes.loc["data_quality", "lost_days"] == 10


def test_what_fewer_than_five_projects_lost_is_not_said():
    table = lost_days(portfolio(), [f"p{k}" for k in range(6)])
    hidden = table[table["suppressed"]].set_index("value")
    assert hidden["n_projects"].to_dict() == {"deployment": 2, "infrastructure": 2, UNCODED: 1}
    assert hidden[["lost_days", "share", "share_so_far", "n_milestones"]].isna().all(axis=None)


def test_without_projects_no_days_are_lost():
    table = lost_days(portfolio(), [])
    check_table(table, LOST_DAYS, "lost days")
    assert table.empty
