"""The arithmetic of the early-warning benchmark, on made-up projects small enough to count by hand."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks.early_warning import (
    SPI_T,
    Warnings,
    false_alarms,
    first_warnings,
    looked_worse,
    worst_said,
)

# Planned for 100 days each. The late ones end after 150 and 120, mild after 105, good-1 and good-2 after 100 and 90.
ENDS = {"late-1": 150, "late-2": 120, "mild": 105, "good-1": 100, "good-2": 90}
SAID = [
    ("late-1", 20, 0.9),
    ("late-1", 60, 0.6),
    ("late-2", 50, 0.8),
    ("late-2", 110, 0.1),  # after the planned end: everybody sees it
    ("mild", 50, 0.85),
    ("good-1", 50, 0.7),
    ("good-1", 80, 1.1),
    ("good-2", 50, 1.2),
]


@pytest.fixture
def asked():
    said = pd.DataFrame(SAID, columns=["project", "elapsed_days", SPI_T])
    projects = pd.DataFrame({"finish": ENDS}, dtype=float)
    projects = projects.assign(planned_days=100.0, family=list("abcde"), committed_days=130.0)
    return Warnings(said, projects.assign(finish_ratio=projects["finish"] / 100))


def test_a_project_is_warned_of_when_the_indicator_first_falls_below_the_threshold(asked):
    found = first_warnings(asked, SPI_T, 0.85)
    assert found.to_dict() == pytest.approx(
        {"late-1": 60, "late-2": 50, "mild": np.nan, "good-1": 50, "good-2": np.nan}, nan_ok=True
    )


def test_what_is_said_after_the_planned_end_is_no_warning(asked):
    assert worst_said(asked, SPI_T).tolist() == [0.6, 0.8, 0.85, 0.7, 1.2]


def test_false_alarms_are_counted_where_that_share_of_late_ones_is_warned_of(asked):
    # Half of the late ones: below .6, none of the two in time. All: below .8, good-1 with them; mild is neither.
    worst, everything = worst_said(asked, SPI_T), np.arange(5)
    assert false_alarms(asked, worst, 0.5, everything) == (0.0, 0.6)
    assert false_alarms(asked, worst, 1.0, everything) == (0.5, 0.8)


def test_how_often_a_late_project_looked_worse_counts_pairs(asked):
    # .6 < .7, .6 < 1.2, .8 > .7, .8 < 1.2: three of four pairs; a copy of late-1 adds two pairs, both won: five of six.
    worst, in_time = worst_said(asked, SPI_T), np.array([False, False, False, True, True])
    assert looked_worse(asked, worst, in_time, np.arange(5)) == 0.75
    assert looked_worse(asked, worst, in_time, np.array([0, 0, 1, 3, 4])) == pytest.approx(5 / 6)
