"""Earned value and time forecasts of the ProTrack workbooks; skipped, with the reason, where they are absent."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks.datasets import DATA
from benchmarks.earned_value_by_hour import FORECASTS, differing, figures_of_all

_THERE = pytest.mark.skipif(
    not (DATA / "dslib").is_dir(), reason=f"the ProTrack workbooks are not in {DATA / 'dslib'}"
)


def DSLIB(test):
    """A proof on the real projects: where they are there, and not every day."""
    return pytest.mark.slow(_THERE(test))


WITH_SPI = {
    f"{method}, {factor}" for method in ("planned value", "earned duration") for factor in ("SPI", "SCI")
}
WITH_SPI_T = {"earned schedule, SPI(t)", "earned schedule, SCI(t)"}

EXCEPTIONS = {
    # Nothing is earned and nothing spent: the workbook calls 0 / 0 a CPI of 0, and where a factor is 0 it goes on with
    # factor 1. Here neither is a number.
    ("C2013-05", 1): {"cpi"} | WITH_SPI | WITH_SPI_T,
    ("C2013-05", 2): {"cpi"} | WITH_SPI | WITH_SPI_T,
    # Less is earned than the first hour of the plan was to earn: SPI(t) is 0, and again factor 1 is taken there.
    ("C2013-12", 1): WITH_SPI_T,
    ("C2013-14", 1): WITH_SPI_T,
    # Its own schedule plans less than is earned up to hour 204, and the workbook publishes 203 as earned schedule.
    ("C2011-05", 3): {"es", "spi_t", "earned schedule, 1"} | WITH_SPI_T,
}


@pytest.fixture(scope="module")
def figures():
    return figures_of_all(DATA / "dslib")


@DSLIB
def test_every_figure_of_every_period_is_compared(figures):
    # 53 workbooks with 855 tracking periods; PV, EV, AC, ES, SPI, CPI, SPI(t) and nine EAC(t).
    assert figures["project"].nunique() == 53
    assert set(figures["figure"]) == {"pv", "ev", "ac", "es", "spi", "cpi", "spi_t", *FORECASTS}
    assert (figures.groupby("figure").size() == 855).all()
    assert figures["published"].notna().all()


@DSLIB
def test_they_equal_the_published_ones_within_their_rounding_except_for_those_named(figures):
    # Money and indices are published with all digits, ES in whole hours, finishes to the nearest hour.
    allowed = figures.groupby("figure")["within"].max()
    assert (allowed[["pv", "ev", "ac", "spi", "cpi", "spi_t"]] <= 1e-12).all()
    assert allowed["es"] == 0
    assert allowed[list(FORECASTS)].tolist() == pytest.approx([0.5] * 9)
    wrong = differing(figures)
    found = {
        (project, int(period)): set(own["figure"])
        for (project, period), own in wrong.groupby(["project", "period"])
    }
    assert found == EXCEPTIONS


@DSLIB
def test_forecasts_by_earned_schedule_are_never_in_the_past_those_by_planned_value_are(figures):
    past = set(figures["figure"][figures["refuted"]])
    assert {name for name in past if name.startswith("planned value")} == set(FORECASTS[:3])
    assert not {name for name in past if name.startswith("earned schedule")}
