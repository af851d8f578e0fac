import pandas as pd
from tables_by_hand import history

from estimation.project.closing import baseline_plan, without_unknown
from estimation.project.network import Link


def with_added_work() -> pd.DataFrame:
    """In "p" C came later, and B, which needed nothing before, waits for it; "q" has a C that its plan knew."""
    return history(
        {"milestone": "A", "baseline_finish": "2026-03-06", "project_start": "2026-03-02"},
        {"milestone": "B", "baseline_finish": "2026-03-13", "depends_on": "C"},
        {"milestone": "C", "baseline_finish": None, "added_after_baseline": True},
        {"project": "q", "milestone": "B", "depends_on": "C+1w; D"},
        {"project": "q", "milestone": "C"},
    )


def test_work_that_nobody_knew_of_goes_with_the_links_to_it_in_its_own_project_only():
    table = with_added_work()
    known = without_unknown(table, table["added_after_baseline"].fillna(False).astype(bool))
    assert known["milestone"].tolist() == ["A", "B", "B", "C"]
    assert known["depends_on"].isna().tolist() == [True, True, False, True]
    assert known["depends_on"].iloc[2] == "C+1w; D"


def test_a_plan_whose_only_links_were_to_added_work_had_none_so_its_milestones_follow_one_another():
    plan = baseline_plan(with_added_work(), "p")
    assert plan.network.links == ((), (Link(0, "FS", 0.0),))
