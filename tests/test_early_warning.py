"""The arithmetic of the early-warning benchmark, on made-up projects small enough to count by hand."""

import sys
from pathlib import Path

import example
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks.early_warning import (
    ALARM,
    CHANGE,
    P80,
    PROMISED,
    SPI_T,
    Warnings,
    evidence_of,
    false_alarms,
    first_warnings,
    looked_worse,
    worst_said,
)
from estimation.calibration.project_record import finish_ratios
from estimation.forecasting.remaining_table import remaining_table

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "example"

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
    # .6 < .7, .6 < 1.2, .8 > .7, .8 < 1.2: three of four pairs; a copy of late-1 adds two pairs, both won: five of
    # six.
    worst, in_time = worst_said(asked, SPI_T), np.array([False, False, False, True, True])
    assert looked_worse(asked, worst, in_time, np.arange(5)) == 0.75
    assert looked_worse(asked, worst, in_time, np.array([0, 0, 1, 3, 4])) == pytest.approx(5 / 6)


@pytest.fixture(scope="module")
def story():
    """A project of the example, its weekly reports, its status dates, and what twelve others had left.

    They are those nearest to their plans: after the others nobody would believe in a planned date.
    """
    history, status = (
        example.history(),
        example.status("nlp-claims"),
    )
    own = remaining_table(history, status)
    ends = finish_ratios(history[history["project"] != "nlp-claims"]).nsmallest(12, "finish_ratio")
    others = own.iloc[[0] * 12].assign(
        project=ends["project"].to_numpy(),
        planned_days=60.0,
        base_days=50.0,
        remaining_days=np.linspace(40.0, 65.0, 12),
    )
    return history, status, own, others


def test_from_the_reports_to_the_day_of_the_warning(story):
    # Reports come every Friday, five days apart. Evidence is the chance of the planned date; the first Friday on which
    # it is below .2 is the warning, and an alarm. The reports turn yellow in week seven.
    said = evidence_of(*story)
    weeks = said.merge(story[2][["as_of", "elapsed_days"]], on="as_of", validate="1:1")
    assert weeks["elapsed_days"].tolist() == [5.0 * n for n in range(1, 8)]
    asked = Warnings(weeks, pd.DataFrame({"finish": [40.0]}, index=["nlp-claims"]))
    first = first_warnings(asked, PROMISED, 0.2)["nlp-claims"]
    below = weeks["elapsed_days"][weeks[PROMISED] < 0.2]
    assert first == below.min() < 35  # before the yellow of week seven
    assert (weeks[ALARM][weeks[PROMISED] < 0.2] == 0).all()
    # The change since kickoff is the same chance over one number.
    ratio = (weeks[PROMISED] / weeks[CHANGE])[weeks[PROMISED] > 0]
    assert ratio.to_numpy() == pytest.approx(ratio.iloc[0])


def test_a_warning_knows_nothing_of_what_comes_later_nor_of_how_its_own_project_ended(story):
    history, status, own, others = story
    whole = evidence_of(history, status, own, others)
    early = own[own["as_of"] <= "2026-02-20"]
    # How the project went and ended is changed beyond recognition, and the reports of later weeks are gone.
    mine = history["project"] == "nlp-claims"
    changed = history.assign(
        actual_finish=history["actual_finish"].mask(mine, history["actual_finish"] + pd.Timedelta(days=200)),
        actual_days=history["actual_days"].mask(mine, 500.0),
    )
    known = evidence_of(changed, status[status["as_of"] <= "2026-02-20"], early, others)
    named = [PROMISED, ALARM, CHANGE, P80, "committed_days"]
    pd.testing.assert_frame_equal(known[named], whole[named].head(3))
