"""Short versions of the simulated recovery of ``benchmarks/recovery.py``; the long one is in docs/benchmarks.md.

One repetition strays by about .08 at P80, because the 40 projects it learns from are few; the mean of R repetitions
strays by that over the square root of R. The bands below are those of the long version, widened by 1.645 such errors;
seeds are fixed, so a test that passes keeps passing until a forecast changes. A P80 that holds 70 % of the time is
found out by the 12 repetitions of every day nine times in ten, one that holds 72 % by the 30 of the slow tests.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks.recovery import repeat

SEED = 7
SWEEPS = 300
QUICK_AND_SLOW = [12, pytest.param(30, marks=pytest.mark.slow)]

pytestmark = pytest.mark.montecarlo


def chance(strays, repetitions):
    """What the mean of so many repetitions may be off by, where one strays by so much."""
    return 1.645 * strays / repetitions**0.5


@pytest.mark.parametrize("repetitions", QUICK_AND_SLOW)
def test_totals_hold_as_often_as_they_say_when_nothing_is_running(repetitions):
    # One repetition strays by .078 at P80 and .052 at P90 (200 repetitions).
    held = repeat("nothing running", repetitions, SEED, sweeps=SWEEPS).mean()
    assert held["P80 of the total held"] == pytest.approx(0.80, abs=0.03 + chance(0.078, repetitions))
    assert held["P90 of the total held"] == pytest.approx(0.90, abs=0.02 + chance(0.052, repetitions))


@pytest.mark.parametrize("repetitions", QUICK_AND_SLOW)
def test_totals_hold_when_a_quarter_of_the_work_is_running_and_not_where_it_is_dropped(repetitions):
    # One repetition strays by .083, and by .097 where running rows are dropped (200 repetitions).
    found = repeat("a quarter running", repetitions, SEED, sweeps=SWEEPS).mean()
    held, dropped = found["P80 of the total held"], found["P80 held, running rows dropped"]
    allowed = chance(0.083, repetitions)
    assert 0.78 - allowed <= held <= 0.85 + allowed
    # The counter-check: without it the line above might hold whatever the fit does with running work.
    assert found["share running"] == pytest.approx(0.25, abs=0.01)
    assert dropped < 0.72 + chance(0.097, repetitions)
    assert held - dropped > 0.05


@pytest.mark.parametrize("repetitions", QUICK_AND_SLOW)
def test_a_phase_that_truly_differs_is_not_dragged_to_the_others(repetitions):
    # One repetition strays by .079.
    held = repeat("one phase at 2.5", repetitions, SEED, sweeps=SWEEPS).mean()
    assert held["P80 of that phase held"] == pytest.approx(0.80, abs=0.05 + chance(0.079, repetitions))


@pytest.mark.slow
@pytest.mark.parametrize("repetitions", QUICK_AND_SLOW)
def test_phases_of_one_project_share_its_luck(repetitions):
    # The difference strays by .026 in one repetition; were the luck not shared, it would be zero.
    differs = repeat("shared project effect", repetitions, SEED, sweeps=SWEEPS).mean()
    assert differs["P90 held, shared minus independent"] >= 0.02 - chance(0.026, repetitions)


@pytest.mark.slow
@pytest.mark.parametrize("repetitions", [5, pytest.param(10, marks=pytest.mark.slow)])
def test_phases_with_three_rows_are_forecast_better_than_alone(repetitions):
    # The skill strays by .038 in one repetition.
    skill = repeat("three rows per phase", repetitions, SEED).mean()
    assert skill["CRPS skill over phase lognormal"] >= 0.10 - chance(0.038, repetitions)
