import numpy as np
import pandas as pd
import pytest
from simulated_portfolio import portfolio
from tables_by_hand import by_hand

from estimation.calibration.overruns import OVERRUNS, overrun_table
from estimation.calibration.project_record import FINISH_RATIOS, finish_ratios
from estimation.project.closing import closing_days
from estimation.project.estimates import without_estimates
from estimation.review.quarterly.jackknife import bias_and_spread, bias_of, log_spread_of
from estimation.review.quarterly.quarter import quarters_up_to
from estimation.review.quarterly.quarterly_tables import (
    CLOSED,
    CLOSED_BY_QUARTER,
    OVERRUN_CHANGE,
    OVERRUN_TREND,
)
from estimation.review.quarterly.trend import (
    BETTER,
    CHANCE,
    WORSE,
    closed_by_quarter,
    closed_projects,
    log_overruns,
    overrun_change,
    overrun_trend,
)
from estimation.tables import check_table

LAST = pd.Period("2024Q4")


def log_ratios(by_quarter: dict[str, list[float]], phase: str = "project") -> pd.DataFrame:
    """One project per ratio; what was approved is what was estimated."""
    table = pd.DataFrame(
        [
            {"quarter": quarter, "project": f"{quarter}-{k}", "phase": phase, "log_ratio": np.log(ratio)}
            for quarter, ratios in by_quarter.items()
            for k, ratio in enumerate(ratios)
        ]
    )
    return table.assign(log_approved=table["log_ratio"])


def spread_around(ratio: float, n: int, sd: float = 0.2) -> list[float]:
    """N ratios whose logs have that mean and that standard deviation, exactly."""
    z = np.random.default_rng(n).standard_normal(n)
    return list(ratio * np.exp(sd * (z - z.mean()) / z.std(ddof=1)))


def test_projects_closed_in_a_quarter_are_listed_with_their_slip():
    # Project 0 of the simulation starts on 2 January 2023; planned 60 days.
    history, _ = portfolio(12)
    quarters = quarters_up_to(pd.Period("2023Q2"), 2)
    closed = closed_projects(history, finish_ratios(history), quarters)
    check_table(closed, CLOSED, "closed")
    assert closed["closed_on"].is_monotonic_increasing
    own = history[history["project"] == "p000"].iloc[-1]
    slip = np.busday_count(
        own["baseline_finish"].to_datetime64().astype("M8[D]"),
        own["actual_finish"].to_datetime64().astype("M8[D]"),
    )
    assert closed.set_index("project").loc["p000", "slip_days"] == slip
    sums = closed_by_quarter(closed, quarters)
    check_table(sums, CLOSED_BY_QUARTER, "closed by quarter")
    assert sums["n_projects"].sum() == len(closed)


def test_multiplying_is_told_apart_from_estimating():
    # Everything took 1.5 times its estimate in both years; this year plans were approved at 1.2 times the estimates, so
    # that projects took 1.5 / 1.2 = 1.25 times those.
    then, now = [f"{year}Q{q}" for year in (2023,) for q in (1, 2, 3, 4)], [f"2024Q{q}" for q in (1, 2, 3, 4)]
    table = log_ratios({quarter: spread_around(1.5, 5) for quarter in (*then, *now)})
    table["log_approved"] = table["log_ratio"] - np.where(table["quarter"].isin(now), np.log(1.2), 0.0)
    change = overrun_change(table, LAST).iloc[0]
    assert change[["bias_before", "bias_now"]].tolist() == pytest.approx([1.5, 1.5])
    assert change[["approved_before", "approved_now"]].tolist() == pytest.approx([1.5, 1.25])
    assert change["bias_verdict"] == CHANCE
    trend = overrun_trend(table, quarters_up_to(LAST, 2))
    check_table(trend, OVERRUN_TREND, "trend")
    # Of the four quarters to 2024Q3 one was not multiplied yet.
    mixed = np.exp((np.log(1.5) + 3 * np.log(1.25)) / 4)
    assert trend["approved_ratio"].to_numpy() == pytest.approx([1.25, 1.25, mixed, 1.25])
    # Where nothing was multiplied both are one.
    alone = overrun_change(table.assign(log_approved=table["log_ratio"]), LAST).iloc[0]
    assert alone["approved_now"] == pytest.approx(1.5)


def test_the_ratio_to_the_approved_plan_stands_beside_that_to_the_estimate():
    # p000 was approved at 1.25 times what was estimated: the same finish is log 1.25 less against it.
    history, _ = portfolio(12)
    factor = history["project"].eq("p000").map({True: 1.25, False: np.nan})
    used = history.assign(factor_used=factor)
    closed = closing_days(used)
    table = log_overruns(
        overrun_table(used), finish_ratios(used), closed, approved=finish_ratios(without_estimates(used))
    ).set_index("project")
    apart = table["log_ratio"] - table["log_approved"]
    assert apart["p000"].to_numpy() == pytest.approx(np.log(1.25))
    assert apart.drop("p000").to_numpy() == pytest.approx(0)


def test_slips_of_fewer_than_five_projects_are_not_shown():
    closed = pd.DataFrame(
        {"quarter": ["2024Q3"] * 5 + ["2024Q4"] * 4, "slip_days": [1.0, 2, 3, 4, 100, 1, 2, 3, 4]}
    )
    sums = closed_by_quarter(closed, quarters_up_to(LAST, 2))
    assert sums["median_slip_days"].tolist()[0] == 3
    assert sums["mean_slip_days"].tolist()[0] == 22
    assert sums.loc[1, ["n_late", "median_slip_days", "mean_slip_days", "worst_slip_days"]].isna().all()
    assert sums["suppressed"].tolist() == [False, True]


def test_bias_and_spread_are_mean_and_standard_deviation_of_log_ratios():
    # Logs .1, .3, .5: mean .3, variance (.04 + 0 + .04) / 2, standard deviation .2.
    mean, spread = bias_and_spread(np.array([3.0, 0.9, 0.35]))
    assert (mean, spread) == (pytest.approx(0.3), pytest.approx(0.2))


def test_the_trend_gives_the_geometric_mean_of_each_quarter_with_its_interval():
    trend = overrun_trend(log_ratios({"2024Q4": [0.5, 2.0, 2.0, 2.0, 2.0]}), [LAST])
    check_table(trend, OVERRUN_TREND, "trend")
    # (.5 x 2 x 2 x 2 x 2) ** (1 / 5) = 8 ** .2 = 1.516
    # The same taken four quarters at a time, as nothing closed in the three before.
    assert trend["window"].tolist() == ["quarter", "four quarters"]
    assert trend["bias_ratio"].tolist() == [pytest.approx(8**0.2)] * 2
    assert trend["bias_lower"].iloc[0] < 8**0.2 < trend["bias_upper"].iloc[0]


def test_the_interval_redraws_whole_projects_and_not_their_milestones():
    # Ten milestones of each project are alike: they are five pieces of evidence and not fifty.
    few = log_ratios({"2024Q4": spread_around(1.2, 5)}, "data")
    many = pd.concat([few] * 10, ignore_index=True)
    narrow, wide = (overrun_trend(table, [LAST]).iloc[-1] for table in (many, few))
    assert narrow["n_rows"] == 50
    assert narrow[["bias_lower", "bias_upper"]].tolist() == pytest.approx(
        wide[["bias_lower", "bias_upper"]].tolist()
    )


def test_the_interval_of_the_mean_is_that_of_student():
    # Logs .1, .2, .3, .4, .5: mean .3, standard deviation .1581, error .1581 / sqrt(5) = .0707; t of 4 degrees of
    # freedom 2.132: .3 plus or minus .1507.
    cell = log_ratios({"2024Q4": list(np.exp([0.1, 0.2, 0.3, 0.4, 0.5]))})
    assert bias_of(cell).interval() == pytest.approx((0.1493, 0.4507), abs=1e-4)


@pytest.mark.parametrize("n", [5, 22])
@pytest.mark.montecarlo
def test_intervals_of_few_projects_cover_the_truth_nine_times_in_ten(n):
    # 400 cells: 348 to 372 of them, exactly binomial; the jackknife of a spread is known to be a little short.
    rng, held = np.random.default_rng(3), np.zeros(2)
    for _ in range(400):
        cell = log_ratios({"2024Q4": list(1.2 * np.exp(0.25 * rng.standard_normal(n)))})
        for k, (measured, truth) in enumerate(
            ((bias_of(cell), np.log(1.2)), (log_spread_of(cell), np.log(0.25)))
        ):
            low, high = measured.interval()
            held[k] += low <= truth <= high
    assert 348 <= held[0] <= 372
    assert 336 <= held[1] <= 376


def test_a_quarter_of_few_is_told_together_with_the_three_before():
    table = log_ratios({"2024Q1": [1.1, 1.2], "2024Q2": [1.3], "2024Q3": [1.4], "2024Q4": [1.5, 1.6]})
    alone, together = overrun_trend(table, [LAST]).to_dict("records")
    assert (alone["suppressed"], together["suppressed"]) == (True, False)
    assert together["n_projects"] == 6
    # Geometric mean of the six: (1.1 x 1.2 x 1.3 x 1.4 x 1.5 x 1.6) ** (1 / 6).
    assert together["bias_ratio"] == pytest.approx((1.1 * 1.2 * 1.3 * 1.4 * 1.5 * 1.6) ** (1 / 6))


def test_estimates_that_were_all_wrong_alike_have_no_known_doubt_about_their_spread():
    trend = overrun_trend(log_ratios({"2024Q4": [1.2] * 6}), [LAST]).iloc[0]
    assert trend["bias_ratio"] == pytest.approx(1.2)
    assert pd.isna(trend["spread_lower"])
    assert pd.isna(trend["spread_upper"])


@pytest.mark.montecarlo
@pytest.mark.parametrize(
    ("quarters", "most"), [(50, 9), pytest.param(300, 38, marks=pytest.mark.slow)], ids=["quick", "slow"]
)
def test_phases_that_did_not_change_are_called_changed_in_a_tenth_of_the_quarters_all_together(
    quarters, most
):
    # Five phases, 22 projects before and 22 now, all alike: in no more than a tenth of the quarters is any of them
    # called changed, in bias and in spread each. By chance 9 of 50 and 38 of 300 at most (binomial, .94 or more); were
    # each phase judged by itself, it would be 41 %: 20 of 50, at least 13 of them with probability .99.
    rng, wrong = np.random.default_rng(5), np.zeros(2)
    for _ in range(quarters):
        made = [
            log_ratios(
                {q: list(1.3 * np.exp(0.3 * rng.standard_normal(22))) for q in ("2023Q4", "2024Q4")}, phase
            )
            for phase in "abcde"
        ]
        change = overrun_change(pd.concat(made, ignore_index=True), LAST)
        phases = change[change["phase"] != "project"]
        wrong += [(phases[f"{name}_verdict"] != CHANCE).any() for name in ("bias", "spread")]
    assert (wrong <= most).all()
    assert (wrong >= 1).all()


def test_a_cell_of_four_projects_is_empty():
    trend = overrun_trend(log_ratios({"2024Q4": [1.0, 1.1, 1.2, 1.3]}), [LAST]).iloc[0]
    assert trend["suppressed"]
    assert trend[["bias_ratio", "bias_lower", "spread"]].isna().all()


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [(1.6, 1.1, BETTER), (1.1, 1.6, WORSE), (1.25, 1.22, CHANCE), (1.3, 0.5, WORSE)],
)
def test_a_bias_is_better_when_it_is_nearer_to_one_by_more_than_chance(before, now, verdict):
    # 40 projects each with a spread of .2: a standard error of .03 each.
    table = log_ratios({"2023Q4": spread_around(before, 40), "2024Q4": spread_around(now, 40)})
    change = overrun_change(table, LAST)
    check_table(change, OVERRUN_CHANGE, "change")
    assert change["bias_verdict"].tolist() == [verdict]
    assert change["bias_now"].iloc[0] == pytest.approx(now)
    assert change["spread_verdict"].tolist() == [CHANCE]


def test_a_spread_that_halves_is_better():
    table = log_ratios({"2023Q4": spread_around(1.2, 40, 0.4), "2024Q4": spread_around(1.2, 40, 0.2)})
    change = overrun_change(table, LAST).iloc[0]
    assert (change["spread_verdict"], change["bias_verdict"]) == (BETTER, CHANCE)
    assert change["spread_change"] == pytest.approx(np.log(0.5))


def test_while_no_project_has_closed_there_are_no_overruns_to_compare():
    rows = {"project": "a", "phase": "data", "overrun_ratio": 1.2, "censored": False}
    rows = by_hand([{**rows, "baseline_days": 5.0, "actual_days": 6.0}], OVERRUNS)
    ratios = by_hand(pd.DataFrame(columns=list(FINISH_RATIOS)), FINISH_RATIOS)
    closed = pd.Series([], index=pd.Index([], dtype="str"), dtype="datetime64[s]")
    assert log_overruns(rows, ratios, closed, approved=ratios).empty
