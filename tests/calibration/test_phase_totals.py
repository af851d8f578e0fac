import pandas as pd
import pytest
from tables_by_hand import overruns

from estimation.calibration.model import fit_overruns
from estimation.calibration.phase_totals import expected_phase_totals, phase_totals


def two_milestones_each(n=30):
    one = overruns({"data": [1.5 + 0.01 * k for k in range(n)]})
    other = overruns({"data": [1.1 + 0.02 * k for k in range(n)]}).assign(
        milestone=lambda t: t["milestone"] + "b"
    )
    return pd.concat([one, other], ignore_index=True)


def test_days_of_a_phase_are_added_up_before_they_are_divided():
    # Project 0: (15 + 11) / 20 = 1.3.
    totals = phase_totals(two_milestones_each())
    first = totals[totals["project"] == "p000"].iloc[0]
    assert first["overrun_ratio"] == pytest.approx(1.3)
    assert first["n_milestones"] == 2


def test_running_milestones_do_not_count():
    table = two_milestones_each().assign(censored=lambda t: t["project"] == "p000")
    assert "p000" not in set(phase_totals(table)["project"])


def test_the_expectation_of_a_phase_lies_where_its_projects_lie():
    table = two_milestones_each()
    totals = phase_totals(table)["overrun_ratio"]
    expected = expected_phase_totals(fit_overruns(table, seed=1, sweeps=600)).iloc[0]
    assert expected["p10"] < expected["p50"] < expected["p80"] < expected["p90"]
    assert expected["p50"] == pytest.approx(totals.median(), rel=0.1)
