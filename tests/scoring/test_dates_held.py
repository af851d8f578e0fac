import pandas as pd
import pytest
from simulated_portfolio import portfolio
from tables_by_hand import history

from estimation.ingest.published_forecasts import PUBLISHED
from estimation.scoring.dates_held import (
    AS_PROMISED,
    PROMISES,
    PROMISES_KEPT,
    TOO_EARLY,
    TOO_FEW,
    kickoff_forecasts,
    promise_table,
    promises_kept,
)
from estimation.tables import check_table, keep_contract

QUARTERS = list(pd.period_range("2024Q1", "2024Q4", freq="Q"))


def published(*rows: dict) -> pd.DataFrame:
    """Forecasts on record; of project p as a whole at P80, made on its first morning, unless a row says otherwise."""
    usual = {"entry": 1, "project": "p", "as_of": "2026-03-02", "milestone": "project", "level": 0.8}
    table = pd.DataFrame([{**usual, **row} for row in rows])
    return keep_contract(
        table.assign(as_of=pd.to_datetime(table["as_of"]), finish=pd.to_datetime(table["finish"])), PUBLISHED
    )


def two_milestones(**changes) -> pd.DataFrame:
    """Planned until Fri 13 March 2026, finished on Wed 18."""
    return history(
        {"milestone": "1", "project_start": "2026-03-02", "baseline_finish": "2026-03-06",
         "actual_finish": "2026-03-09"},
        {"milestone": "2", "project_start": "2026-03-02", "baseline_finish": "2026-03-13",
         "actual_finish": "2026-03-18", "depends_on": "1", **changes},
    )  # fmt: skip


def test_a_date_holds_when_the_work_was_finished_on_it_or_before():
    forecasts = published({"finish": "2026-03-18"}, {"finish": "2026-03-17", "level": 0.5})
    table = promise_table(forecasts, two_milestones(), as_of="2026-03-31")
    check_table(table, PROMISES, "promises")
    assert table.set_index("level")["held"].to_dict() == {0.8: True, 0.5: False}
    assert set(table["quarter"]) == {"2026Q1"}


def test_unfinished_on_its_date_is_a_miss_even_while_it_still_runs():
    running = two_milestones(actual_finish=None)
    table = promise_table(published({"finish": "2026-03-18"}), running, as_of="2026-03-31")
    assert table["held"].tolist() == [False]
    assert table["actual_finish"].isna().all()


def test_a_date_that_has_not_come_is_not_scored_though_the_work_is_done():
    forecasts = published({"finish": "2026-03-17", "level": 0.5}, {"finish": "2026-04-02"})
    assert promise_table(forecasts, two_milestones(), as_of="2026-03-31")["level"].tolist() == [0.5]


def test_a_level_is_scored_in_the_quarter_of_its_date_whenever_the_work_was_finished():
    # Promised for 1 April, finished on 18 March.
    table = promise_table(published({"finish": "2026-04-01"}), two_milestones(), as_of="2026-06-30")
    assert table["quarter"].tolist() == ["2026Q2"]


def test_the_first_forecast_published_at_or_before_the_start_counts_and_no_later_one():
    forecasts = published(
        {"entry": 3, "as_of": "2026-03-02", "finish": "2026-03-30"},
        {"entry": 2, "as_of": "2026-02-27", "finish": "2026-03-16"},
        {"entry": 1, "as_of": "2026-03-09", "finish": "2026-03-18"},
    )
    assert kickoff_forecasts(forecasts, two_milestones())["entry"].tolist() == [2]
    assert not promise_table(forecasts, two_milestones(), as_of="2026-03-31")["held"].any()


def test_a_project_forecast_only_after_its_start_is_not_scored():
    late = published({"as_of": "2026-03-03", "finish": "2026-03-30"})
    assert promise_table(late, two_milestones(), as_of="2026-03-31").empty


def test_a_cancelled_project_is_neither_held_nor_missed():
    cancelled = two_milestones(actual_finish=None, closed_as="cancelled")
    assert promise_table(published({"finish": "2026-03-18"}), cancelled, as_of="2026-03-31").empty


def test_milestones_are_scored_beside_the_project_and_not_counted_with_it():
    forecasts = published({"finish": "2026-03-18"}, {"milestone": "1", "finish": "2026-03-06"})
    table = promise_table(forecasts, two_milestones(), as_of="2026-03-31")
    assert table.set_index("milestone")["held"].to_dict() == {"project": True, "1": False}
    kept = promises_kept(table, [pd.Period("2026Q1")], levels=[0.8])
    assert kept["n_due"].tolist() == [1, 1]


def test_fewer_than_five_dates_in_a_cell_are_not_counted():
    rows = [{"project": f"p{k}", "finish": "2026-03-18"} for k in range(4)]
    closed = pd.concat([two_milestones().assign(project=f"p{k}") for k in range(4)], ignore_index=True)
    kept = promises_kept(
        promise_table(published(*rows), closed, as_of="2026-03-31"), [pd.Period("2026Q1")], levels=[0.8]
    )
    assert kept["n_due"].tolist() == [4, 4]
    assert kept["n_held"].isna().all()
    assert set(kept["verdict"]) == {TOO_FEW}


def test_the_band_is_the_exact_binomial_one():
    # Ten P80 dates: P(X <= 5) = .033, P(X <= 6) = .121: the band of 90 % runs from 6 to 10.
    rows = [{"project": f"p{k}", "finish": "2026-03-18" if k < 5 else "2026-03-17"} for k in range(10)]
    closed = pd.concat([two_milestones().assign(project=f"p{k}") for k in range(10)], ignore_index=True)
    promises = promise_table(published(*rows), closed, as_of="2026-03-31")
    kept = promises_kept(promises, [pd.Period("2026Q1")], levels=[0.8])
    check_table(kept, PROMISES_KEPT, "promises kept")
    assert kept.iloc[0][["n_due", "n_held", "n_lower", "n_upper"]].tolist() == [10, 5, 6, 10]
    assert kept["verdict"].tolist() == [TOO_EARLY, TOO_EARLY]


def kept_of(**options) -> pd.DataFrame:
    past, forecasts = portfolio(**options)
    return promises_kept(promise_table(forecasts, past, as_of="2024-12-31"), QUARTERS)


@pytest.mark.slow
@pytest.mark.montecarlo
def test_dates_that_are_calibrated_by_construction_hold_within_their_band():
    # Each level of the pooled quarters lies within its band nine times in ten or more; in 20 portfolios, 14 or fewer
    # would be met with a probability below .012 (binomial, .9).
    inside = [
        (kept_of(n_projects=110, seed=seed).iloc[-2]["verdict"] == AS_PROMISED) for seed in range(1, 21)
    ]
    assert sum(inside) >= 15


def test_dates_a_fifth_too_early_are_called_so_quarter_by_quarter():
    # P80 then holds with probability Phi(.8416 + ln(.8) / .25) = Phi(-.051) = .48. A quarter has about 13 dates (65
    # working days, one start in five), of which 8 to 13 may hold by chance and 6 do on average; the year has 52,
    # of which 37 to 46 may hold and 25 do.
    kept = kept_of(factor=0.8)
    p80 = kept[kept["level"] == 0.8]
    assert p80["n_due"].tolist()[:4] == pytest.approx([13] * 4, abs=1)
    assert p80["verdict"].iloc[-1] == TOO_EARLY
    assert (p80["verdict"].iloc[:4] == TOO_EARLY).sum() >= 3
    assert p80["share_held"].iloc[-1] == pytest.approx(0.48, abs=0.15)
