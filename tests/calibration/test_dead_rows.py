"""A law: dates that were forgotten and projects that died move no multiplier and no finish."""

import numpy as np
import pandas as pd
import pytest
from tables_by_hand import history

from estimation.calibration.experiment_cycles import fit_experiment_cycles
from estimation.calibration.model import fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.overruns import overrun_table
from estimation.calibration.project_record import fit_project_record
from estimation.calibration.scope_growth import fit_scope_growth
from estimation.project.silence import is_silent
from estimation.review.quarterly.running_projects import running_projects

PHASES = ("discovery", "data_preparation", "deployment")


def evening(start, days: int) -> pd.Timestamp:
    return pd.Timestamp(np.busday_offset(np.datetime64(start, "D"), days - 1))


def portfolio(seed: int, n_projects: int = 7) -> pd.DataFrame:
    """Random projects: three milestones in a row, and beside them a fourth of which the last need not wait."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n_projects):
        start, planned, real = pd.Timestamp(np.busday_offset("2023-01-02", 40 * k)), 0, 0
        for number, phase in enumerate(PHASES, 1):
            days = int(rng.integers(5, 20))
            began = evening(start, real + 1)
            planned, real = (
                planned + days,
                real + max(1, round(days * np.exp(0.2 + 0.4 * rng.standard_normal()))),
            )
            rows.append(
                {"project": f"p{k}", "milestone": str(number), "phase": phase, "project_start": start,
                 "depends_on": str(number - 1) if number > 1 else None, "baseline_finish": evening(start, planned),
                 "actual_start": began, "actual_finish": evening(start, real),
                 "iterations_planned": 3, "iterations_actual": int(rng.integers(2, 6))}
            )  # fmt: skip
    end = rows[-1]["actual_finish"]  # the table is written a day after its last finish, and a project runs
    runs = {
        "project": "runs",
        "phase": PHASES[0],
        "project_start": evening(end, -5),
        "updated_on": evening(end, 2),
    }
    rows.append(
        {**runs, "milestone": "1", "baseline_finish": evening(end, 4), "actual_start": evening(end, -5)}
    )
    return history(*rows)


def with_dead_rows(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same with milestones of which nobody wrote a date, and a project that nobody marked as cancelled."""
    rng = np.random.default_rng(seed)
    closed = table["project"].unique()[:3]  # closed long before the table ends
    starts, phase = table.groupby("project")["project_start"].first(), str(rng.choice(PHASES))
    start = {"project_start": starts["p0"], "phase": phase}
    forgotten = [
        {"project": name, "milestone": "beside", "phase": phase, "baseline_finish": evening(starts[name], 4),
         "actual_start": starts[name]}
        for name in rng.choice(closed, size=2, replace=False)
    ]  # fmt: skip
    dead = [
        {**start, "project": "dead", "milestone": str(k), "baseline_finish": evening(start["project_start"], 10 * k),
         "actual_start": start["project_start"]}
        for k in range(1, 4)
    ]  # fmt: skip
    return pd.concat([table, history(*forgotten, *dead)], ignore_index=True)


@pytest.mark.parametrize("seed", range(5))
def test_forgotten_dates_and_a_dead_project_move_nothing(seed):
    clean = portfolio(seed)
    dirty = with_dead_rows(clean, seed)
    assert is_silent(dirty).sum() == 5
    assert running_projects(dirty) == running_projects(clean) == ["runs"]
    fits = [fit_overruns(overrun_table(table), seed=1, sweeps=50) for table in (clean, dirty)]
    assert fits[0].n_running == fits[1].n_running == 1
    pd.testing.assert_frame_equal(*map(multiplier_table, fits))
    records = [fit_project_record(table) for table in (clean, dirty)]
    np.testing.assert_array_equal(records[0].nodes, records[1].nodes)
    assert fit_experiment_cycles(clean) == fit_experiment_cycles(dirty)
    assert fit_scope_growth(dirty) is None


def test_added_work_of_a_project_with_a_forgotten_date_counts():
    # Two added milestones of five days beside twice three planned ones: a third more, whatever "beside" did.
    clean = portfolio(1, n_projects=2)
    extra = [
        {"project": name, "milestone": "extra", "phase": PHASES[0], "added_after_baseline": True,
         "actual_start": clean["project_start"][0], "actual_finish": evening(clean["project_start"][0], 5)}
        for name in ("p0", "p1")
    ]  # fmt: skip
    clean = pd.concat([clean, history(*extra)], ignore_index=True)
    assert fit_scope_growth(clean).other_rate == pytest.approx(2 / 6)
    forgotten = {"project": "p0", "milestone": "later", "phase": PHASES[0], "added_after_baseline": True}
    dirty = pd.concat([clean, history(forgotten)], ignore_index=True)
    assert fit_scope_growth(dirty, as_of="2026-01-05").n_projects == 2


def test_what_silent_work_is_written_down_to_have_taken_is_evidence_that_it_takes_longer():
    # Nothing was heard of "old" since 2020; ten days were written down of one milestone planned for four.
    rows = [
        {"project": "new", "milestone": "1", "baseline_finish": "2026-01-16", "actual_finish": "2026-01-20"}
    ]
    rows += [
        {"project": "old", "milestone": "1", "baseline_finish": "2020-01-10", "actual_finish": "2020-01-10"},
        {"project": "old", "milestone": "2", "baseline_days": 4.0, "actual_days": 10.0},
        {"project": "old", "milestone": "3", "baseline_days": 4.0},
    ]
    table = history(*({"phase": "work", "project_start": row.get("baseline_finish"), **row} for row in rows))
    found = overrun_table(table).set_index(["project", "milestone"])
    assert found.loc[("old", "2"), ["overrun_ratio", "censored"]].tolist() == [2.5, True]
    assert ("old", "3") not in found.index
