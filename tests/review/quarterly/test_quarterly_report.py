"""The whole report on simulated portfolios: calibrated by construction, a fifth too early, and without the future."""

from dataclasses import replace

import pandas as pd
import pytest
from scipy import stats
from simulated_portfolio import cut_off, portfolio
from tables_by_hand import by_hand, empty_columns

from estimation.pages import quarterly_overviews as overviews
from estimation.pages import quarterly_wording as wording
from estimation.project.decisions import DECISIONS
from estimation.publishing.results import load_results, save_results
from estimation.review.quarterly.quarter import last_day, quarters_up_to
from estimation.review.quarterly.quarterly_report import quarterly_report
from estimation.review.quarterly.quarterly_tables import RECOMMENDATIONS
from estimation.review.quarterly.recommendations import recommendations
from estimation.scoring.dates_held import (
    AS_PROMISED,
    TOO_EARLY,
    promise_table,
    promises_kept,
)

# 104 projects, one start every five working days from January 2023 on: P80 dates, about 82 working days later, come due
# up to April 2025. The report looks back on the four quarters of 2024.
QUARTER = pd.Period("2024Q4")
MANY = 104
SHORT = {"seed": 1, "quarters": 4, "iterations": 200, "sweeps": 300, "finish_way": "record"}
DECIDED = by_hand(
    [
        {"project": "p", "action": action, "owner": "anna", "due": pd.Timestamp(due), "decided_on": pd.Timestamp(on),
         "done_on": pd.Timestamp(done)}
        for action, on, due, done in (
            ("ask", "2024-02-05", "2024-12-31", None),
            ("measure", "2024-02-05", "2024-12-30", "2025-01-02"),
            ("train", "2024-02-05", "2024-04-01", "2024-04-08"),
            ("write", "2025-01-01", "2025-02-03", "2025-01-02"),
        )
    ],
    DECISIONS,
)  # fmt: skip
BEFORE = by_hand([{"rank": 1, "rule": "dates-too-early", "item": "P80", "value": 3, "n": 9}], RECOMMENDATIONS)
FEWER = portfolio(40, seed=3, every=15)


@pytest.fixture(scope="module")
def calibrated():
    return quarterly_report(*portfolio(MANY, seed=2), QUARTER, **SHORT, decisions=DECIDED, before=BEFORE)


@pytest.fixture(scope="module")
def too_early(calibrated):
    """The same projects with other forecasts: only what is said of the dates is made anew."""
    past, forecasts = portfolio(MANY, seed=2, factor=0.8)
    promises = promise_table(forecasts, past, as_of=last_day(QUARTER))
    kept = promises_kept(promises, quarters_up_to(QUARTER, 4))
    advice = recommendations(
        kept.iloc[-3:], calibrated.multiplier_moves, calibrated.lost_days, calibrated.running, n_started=52,
        n_unpublished=0,
    )  # fmt: skip
    return replace(calibrated, promises=promises, promises_kept=kept, recommendations=advice)


def p80(report) -> pd.DataFrame:
    return report.promises_kept[report.promises_kept["level"] == 0.8]


def test_no_column_is_empty_but_those_of_which_nothing_is_known(calibrated):
    # The simulated projects have no client and no team.
    assert empty_columns(vars(calibrated)) == {"closed": ["client", "team"], "running": ["client"]}


def test_decisions_are_told_as_on_the_last_day_of_the_quarter(calibrated):
    # Due on the day before and done two days later: overdue. Due on the day itself: open. Decided later: not known yet.
    table = calibrated.decisions
    told = dict(zip(table["action"], table["outcome"], strict=True))
    assert told == {"measure": "overdue", "ask": "open", "train": "done"}
    assert table["done_on"].notna().tolist() == [False, False, True]
    assert (
        wording.decisions_finding(table) == "3 decisions of variance reviews: 1 overdue, 1 open and 1 done."
    )


def test_an_earlier_recommendation_stands_beside_what_the_dates_kept_say_today(calibrated):
    pooled, (row,) = p80(calibrated).iloc[-1], calibrated.followed_up.to_dict("records")
    assert (row["value_then"], row["n_then"]) == (3, 9)
    assert (row["value_now"], row["n_now"]) == (pooled["n_held"], pooled["n_due"])
    assert not row["recommended"]


def test_forecasts_calibrated_by_construction_hold_within_their_band(calibrated):
    # Fifty-odd P80 dates in the year, 80 % of which hold: the band is four fifths of them, give or take a tenth.
    pooled = p80(calibrated).iloc[-1]
    assert pooled["n_due"] == pytest.approx(52, abs=2)
    assert pooled["verdict"] == AS_PROMISED
    assert pooled["n_lower"] <= pooled["n_held"] <= pooled["n_upper"]
    said = wording.promises_finding(calibrated.promises_kept)
    assert said.startswith(f"The dates held as promised: of {pooled['n_due']} P80 dates")
    assert f"an honest P80 holds {pooled['n_lower']} to {pooled['n_upper']}." in said
    assert "dates-too-early" not in set(calibrated.recommendations["rule"])


def test_forecasts_a_fifth_too_early_are_called_so_by_quarter(too_early):
    # P80 holds with probability Phi(.8416 + ln(.8) / .25) = .48, P90 with Phi(1.2816 - .8926) = .65, P50 with .19.
    pooled = too_early.promises_kept.iloc[-3:]
    assert pooled["verdict"].tolist() == [TOO_EARLY] * 3
    assert pooled["share_held"].tolist() == pytest.approx([0.19, 0.48, 0.65], abs=0.14)
    quarters = p80(too_early).iloc[:-1]
    missed = quarters.loc[quarters["verdict"] == TOO_EARLY, "period"].tolist()
    assert len(missed) >= 3
    said = wording.promises_finding(too_early.promises_kept)
    assert said.startswith("The dates were too early: of ")
    assert f"too early in {wording.list_words(missed)}" in said


def test_the_first_recommendation_then_is_to_promise_later_dates(too_early):
    first = too_early.recommendations.iloc[0]
    pooled = p80(too_early).iloc[-1]
    assert first["rule"] == "dates-too-early"
    why = overviews.recommendation_overview(too_early.recommendations)["why"].iloc[0]
    assert why == (
        f"P80 held {pooled['n_held']} of {pooled['n_due']} times; an honest P80 holds {pooled['n_lower']} to "
        f"{pooled['n_upper']}."
    )


def test_the_bias_of_each_quarter_is_that_of_the_simulation(calibrated):
    # exp(.1) = 1.105, up to half a day of rounding up in about 66; the intervals hold nine times in ten.
    trend = calibrated.overrun_trend
    trend = trend[(trend["phase"] == "project") & (trend["window"] == "quarter")]
    assert len(trend) == 4
    assert ((trend["bias_lower"] <= 1.115) & (trend["bias_upper"] >= 1.115)).sum() >= 3
    assert trend["spread"].tolist() == pytest.approx([0.25] * 4, abs=0.12)


def test_the_running_projects_are_those_that_had_started_and_not_ended(calibrated):
    past, _ = portfolio(MANY, seed=2)
    ends = past.groupby("project")[["project_start", "actual_finish"]].max()
    day = last_day(QUARTER)
    there = ends[(ends["project_start"] <= day) & (ends["actual_finish"] > day)]
    assert set(calibrated.running["project"]) == set(there.index)
    assert calibrated.running["prob_committed"].between(0, 1).all()
    assert calibrated.running["spi_t"].gt(0).sum() >= len(there) - 2


@pytest.fixture(scope="module")
def as_known():
    """A report of the first quarter of 2024 by somebody who knew nothing that came later."""
    said = DECIDED[DECIDED["decided_on"] <= "2024-03-31"]
    said = said.assign(done_on=said["done_on"].mask(said["done_on"] > "2024-03-31"))
    return quarterly_report(*cut_off(*FEWER, "2024-03-29"), pd.Period("2024Q1"), **SHORT, decisions=said)


@pytest.fixture(scope="module")
def with_the_future():
    """The same made later, of a history with many projects more, work that ended since, and later forecasts."""
    return quarterly_report(*FEWER, pd.Period("2024Q1"), **SHORT, decisions=DECIDED)


def test_rows_of_the_future_change_nothing(as_known, with_the_future):
    assert len(as_known.running) >= 4
    assert len(as_known.closed) >= 10
    assert len(as_known.decisions) == 3
    for name, table in vars(as_known).items():
        pd.testing.assert_frame_equal(getattr(with_the_future, name), table)


def test_two_runs_write_the_same_bytes(as_known, with_the_future, tmp_path):
    for folder, report in (("a", as_known), ("b", with_the_future)):
        save_results(
            tmp_path / folder, inputs={}, headline=wording.headline(report), tables=vars(report), report={}
        )
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == len(vars(as_known)) + 1
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (
        load_results(tmp_path / "a").tables["closed"]["project"].tolist()
        == as_known.closed["project"].tolist()
    )


def test_without_published_forecasts_that_is_what_is_said():
    past, forecasts = cut_off(*FEWER, "2023-09-29")
    report = quarterly_report(past, forecasts.iloc[:0], pd.Period("2023Q3"), **SHORT)
    assert (report.promises_kept["n_due"] == 0).all()
    assert wording.promises_finding(report.promises_kept) == wording.NO_FORECASTS
    assert wording.headline(report)["P80 dates held, last four quarters"] == "too few"


@pytest.mark.slow
def test_the_first_year_of_a_portfolio_has_a_bias_though_nothing_to_compare_it_with():
    # Planned for 60 days from 2 January 2023 on, one start every 15 working days: 13 or so closed by the end of 2023.
    past, forecasts = cut_off(*FEWER, "2023-12-29")
    report = quarterly_report(past, forecasts, pd.Period("2023Q4"), **SHORT)
    assert wording.trend_finding(report.overrun_change).endswith("(five in each are wanted).")
    figure = wording.headline(report)["Taken / planned, last four quarters"]
    ratios = report.closed["finish_ratio"].dropna()
    assert len(ratios) >= 8
    assert figure == pytest.approx(stats.gmean(ratios))
    assert overviews.quarter_overview(report)["ratio"].iloc[-1] == figure


def test_fewer_than_five_projects_in_a_year_are_not_summed_up():
    past, forecasts = cut_off(*FEWER, "2023-06-09")
    report = quarterly_report(past, forecasts, pd.Period("2023Q2"), **SHORT)
    last = overviews.quarter_overview(report).iloc[-1]
    assert 0 < last["n_projects"] < 5
    assert last[["n_late", "median_slip_days", "ratio"]].isna().all()
    assert last["P80"] in ("few", "–")
