import numpy as np
import pytest
from tables_by_hand import history as rows_by_hand
from tables_by_hand import plan_rows

from estimation.calibration.similar_projects import (
    SIMILAR,
    Outside,
    outside_history,
    similar_projects,
)
from estimation.project.plan import build_plan
from estimation.tables import check_table


def closed(project, days, client="Client A", taken=2):
    """A closed project of milestones one after the other, given as (phase, days), that took a multiple of its plan."""
    evening = np.cumsum([each for _, each in days])
    at = lambda days: str(np.busday_offset("2026-01-05", int(days) - 1))  # noqa: E731
    return [
        {"project": project, "client": client, "milestone": str(k), "phase": phase, "project_start": "2026-01-05",
         "depends_on": str(k - 1) if k else None, "baseline_finish": at(end), "actual_finish": at(taken * end)}
        for k, ((phase, _), end) in enumerate(zip(days, evening, strict=True))
    ]  # fmt: skip


def plan(days, client="Client A"):
    return build_plan(
        plan_rows(
            *(
                {"project": "new", "client": client, "milestone": str(k), "phase": phase, "baseline_days": each,
                 "project_start": "2027-01-04", "depends_on": str(k - 1) if k else None}
                for k, (phase, each) in enumerate(days)
            )
        )
    )  # fmt: skip


TWO_PHASES = [("data", 10), ("model", 10)]


def test_the_distance_is_that_of_phases_size_milestones_and_client():
    history = rows_by_hand(
        *closed("alike", TWO_PHASES),
        *closed("twice as long", [("data", 20), ("model", 20)]),
        *closed("other phases", [("data", 15), ("model", 5)], client="Client B"),
        *closed("more milestones", [("data", 5), ("data", 5), ("model", 5), ("model", 5)]),
    )
    table = similar_projects(plan(TWO_PHASES), history)
    check_table(table, SIMILAR, "similar projects")
    # Twice as long: log 2. Three quarters data instead of half: a quarter lies elsewhere, and a quarter for the client.
    # Four milestones instead of two: half of log 2.
    wanted = {"alike": 0, "more milestones": np.log(2) / 2, "other phases": 0.5, "twice as long": np.log(2)}
    assert dict(zip(table["project"], table["distance"], strict=True)) == pytest.approx(wanted)
    assert list(table["project"]) == list(wanted)
    assert table.iloc[0][["baseline_days", "actual_days", "finish_ratio"]].tolist() == [20, 40, 2]


def test_the_plan_itself_and_running_projects_are_not_similar_ones():
    running = closed("running", TWO_PHASES)
    running[-1] |= {"actual_finish": None}
    own = [row | {"project": "new"} for row in closed("new", TWO_PHASES)]
    history = rows_by_hand(*closed("over", TWO_PHASES), *running, *own)
    assert similar_projects(plan(TWO_PHASES), history)["project"].tolist() == ["over"]
    assert similar_projects(plan(TWO_PHASES), None).empty


def test_a_plan_outside_history_is_told_by_what_it_is_outside_of():
    history = rows_by_hand(*closed("over", TWO_PHASES))
    assert outside_history(plan(TWO_PHASES), history) == Outside()
    far = plan([("data", 10), ("model", 10), ("rollout", 5)], client="Client Z")
    assert outside_history(far, history) == Outside(
        longest=20, most=2, phases=("rollout",), client="Client Z"
    )
    assert outside_history(far, None) == Outside()
