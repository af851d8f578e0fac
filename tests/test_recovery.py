"""Short version of the simulated recovery of ``benchmarks/recovery.py``; the long one is in docs/benchmarks.md.

One repetition strays by about .08 at P80, because the 40 projects it learns from are few; the mean of R repetitions
strays by that over the square root of R. The bands below are those of the long version, widened by 1.645 such errors;
seeds are fixed, so a test that passes keeps passing until a forecast changes.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks.recovery import repeat

SEED = 7
SWEEPS = 300


@pytest.fixture(scope="module")
def quarter_running():
    return repeat("a quarter running", 30, SEED, sweeps=SWEEPS).mean()


def test_totals_hold_as_often_as_they_say_when_nothing_is_running():
    # One repetition strays by .078 at P80 and .052 at P90 (200 repetitions): over 30, 1.645 errors are .023 and .016.
    held = repeat("nothing running", 30, SEED, sweeps=SWEEPS).mean()
    assert held["P80 of the total held"] == pytest.approx(0.80, abs=0.03 + 0.023)
    assert held["P90 of the total held"] == pytest.approx(0.90, abs=0.02 + 0.016)


def test_totals_hold_when_a_quarter_of_the_work_is_running(quarter_running):
    # One repetition strays by .083 (200 repetitions): over 30, 1.645 errors are .025.
    assert 0.78 - 0.025 <= quarter_running["P80 of the total held"] <= 0.85 + 0.025


def test_the_fit_that_drops_running_rows_fails(quarter_running):
    # The counter-check: without it the test above might pass whatever the fit does with running work.
    assert quarter_running["share running"] == pytest.approx(0.25, abs=0.01)
    assert quarter_running["P80 held, running rows dropped"] < 0.72 + 0.029  # it strays by .097
    gained = quarter_running["P80 of the total held"] - quarter_running["P80 held, running rows dropped"]
    assert gained > 0.05


def test_a_phase_that_truly_differs_is_not_dragged_to_the_others():
    # One repetition strays by .079: over 15, 1.645 errors are .034.
    held = repeat("one phase at 2.5", 15, SEED, sweeps=SWEEPS).mean()
    assert 0.75 - 0.034 <= held["P80 of that phase held"] <= 0.85 + 0.034


def test_phases_of_one_project_share_its_luck():
    # The difference strays by .026 in one repetition: over 20, 1.645 errors are .009.
    differs = repeat("shared project effect", 20, SEED, sweeps=SWEEPS).mean()
    assert differs["P90 held, shared minus independent"] >= 0.02 - 0.009


def test_phases_with_three_rows_are_forecast_better_than_alone():
    # The skill strays by .038 in one repetition: over 10, 1.645 errors are .020.
    skill = repeat("three rows per phase", 10, SEED).mean()
    assert skill["CRPS skill over phase lognormal"] >= 0.10 - 0.020
