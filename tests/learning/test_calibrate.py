import numpy as np
import pandas as pd
import pytest
from tables_by_hand import history

from estimation.learning import finish_choice
from estimation.learning.calibrate import calibrate


def closed(n_projects):
    """Projects of one milestone, planned for two weeks, one after another; they end up to four days late."""
    rows = []
    for k in range(n_projects):
        start = np.busday_offset("2024-01-01", 20 * k)
        planned = np.busday_offset(start, 9)
        dates = {"project_start": start, "baseline_finish": planned}
        dates["actual_finish"] = np.busday_offset(planned, k % 5)
        texts = {name: str(date) for name, date in dates.items()}
        rows.append({"project": f"p{k:02d}", "milestone": "1", "phase": "work", **texts})
    return history(*rows)


@pytest.fixture
def asked(monkeypatch):
    """The scores by which the way was chosen; chaining always wins."""
    asked = []

    def chained(scores, *, seed):
        asked.append(scores.assign(seed=seed))
        return "chained"

    monkeypatch.setattr(finish_choice, "choose_finish_way", chained)
    return asked


def test_the_way_of_a_finish_is_the_one_that_the_backtest_finds(asked):
    model = calibrate(closed(24), seed=3, sweeps=20, as_of="2025-08-25")
    assert model.finish_way == "chained"
    # The 22nd project, p21, starts 20 * 21 working days after 1 January 2024: on 11 August 2025, and ends a day late,
    # on 25 August. The next one is not over by then.
    assert asked[0]["project"].max() == "p21"
    assert set(asked[0]["candidate"]) == {finish_choice.MATCHED, finish_choice.CHAINED}
    assert set(asked[0]["seed"]) == {3}


def test_of_fewer_than_twenty_projects_the_record_speaks_without_a_backtest(asked):
    assert calibrate(closed(19), seed=3, sweeps=20).finish_way == "record"
    assert asked == []


def test_a_way_that_is_named_is_taken_as_it_is(asked):
    assert calibrate(closed(24), seed=3, sweeps=20, finish_way="record").finish_way == "record"
    assert asked == []


def test_a_project_that_copies_its_plan_teaches_nothing_at_all():
    # Six milestones, all on plan, with rounds of experiments as planned: reporting, not evidence.
    days = [str(np.busday_offset("2024-02-05", 5 * k + 4)) for k in range(6)]
    copy = history(
        *(
            {"project": "copy", "milestone": str(k), "phase": "work", "project_start": "2024-02-05",
             "baseline_finish": day, "actual_finish": day, "iterations_planned": 3, "iterations_actual": 3}
            for k, day in enumerate(days)
        )
    )  # fmt: skip
    rounds = {"iterations_planned": 3, "iterations_actual": 5}
    real = closed(12).assign(**rounds).astype(dict.fromkeys(rounds, "Int64"))
    alone, beside = (
        calibrate(table, seed=1, sweeps=20) for table in (real, pd.concat([real, copy], ignore_index=True))
    )
    assert beside.left_out == ("copy",)
    assert alone.cycles is not None
    assert beside.cycles == alone.cycles
    assert (beside.record.nodes == alone.record.nodes).all()
    assert (beside.slips.nodes == alone.slips.nodes).all()
    assert beside.scope_growth == alone.scope_growth
