"""Using the tool does not move its multipliers: plans made with it forecast and teach as before."""

import example
import numpy as np
import pandas as pd
import pytest
from tables_by_hand import plan_rows, status_rows

import estimation
from estimation.calibration.calibrated_plan import with_calibrated_days
from estimation.calibration.project_record import finish_ratios
from estimation.errors import InputError
from estimation.forecasting.remaining_table import remaining_table
from estimation.project.closing import baseline_plan
from estimation.project.plan import build_plan, refuse_contradictions
from estimation.project.standing import standing_of
from estimation.publishing.plan_file import save_plan

PLANNED = [
    "baseline_days",
    "baseline_start",
    "baseline_finish",
    "estimate_days",
    "factor_used",
    "estimate_start",
]
DATES = ["p50_finish", "p80_finish", "p90_finish"]


@pytest.fixture(scope="module")
def closed():
    history = example.history()
    return history[history["project"].isin(history["project"].unique()[-24:])].reset_index(drop=True)


def fitted(history):
    return estimation.fit_overruns(estimation.overrun_table(history), seed=8, method="closed_form")


@pytest.fixture(scope="module")
def model(closed):
    return fitted(closed)


@pytest.fixture(scope="module")
def record(closed):
    return estimation.fit_project_record(closed)


def half_planned_with(history, multipliers, level):
    """Every other project as if it had been planned with the calibrated plan; all went on as it did."""
    parts = []
    for n, (project, rows) in enumerate(history.groupby("project", sort=False)):
        if n % 2 == 0:
            plan = baseline_plan(history, project)
            new = with_calibrated_days(plan, estimation.calibrated_plan(plan, multipliers, level=level))
            planned = new.set_index("milestone")[PLANNED].reindex(rows["milestone"])
            rows = rows.assign(**{name: planned[name].array for name in PLANNED})
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("level", [0.5, 0.8])
def test_a_portfolio_that_plans_half_of_its_projects_with_the_tool_learns_the_same(closed, model, level):
    before = estimation.multiplier_table(model)
    used = half_planned_with(closed, before, level)
    assert (used["baseline_days"] - closed["baseline_days"]).abs().max() > 1  # the plans are others
    after = estimation.multiplier_table(fitted(used))
    assert after["multiplier"].to_numpy() == pytest.approx(before["multiplier"].to_numpy(), abs=0.02)
    ratios = [finish_ratios(each)["finish_ratio"].to_numpy() for each in (closed, used)]
    assert ratios[1] == pytest.approx(ratios[0], abs=1e-9)
    # Slips are against what was approved: later plans, smaller slips.
    slips = [estimation.overrun_table(each)["slip_days"].sum() for each in (closed, used)]
    assert slips[1] < slips[0]


def random_plan(rng):
    """Links of all kinds, lags, gaps, dates from outside, teams; durations in quarters of days."""
    rows = []
    for k in range(rng.integers(2, 10)):
        before = rng.permutation(k)[: rng.integers(0, 3)]
        kinds = rng.choice(["FS", "FS", "SS", "FF", "SF"], len(before))
        lags = rng.integers(-4, 9, len(before)) / 4
        row = {
            "milestone": f"m{k}",
            "phase": str(rng.choice(["discovery", "data_preparation", "model_development", "validation"])),
            "baseline_days": float(rng.integers(1, 40)) / 4,
            "depends_on": "; ".join(
                f"m{b} {kind}{lag:+g}d" for b, kind, lag in zip(before, kinds, lags, strict=True)
            ),
        }
        dated = [("not_before", 20), ("fixed_finish", 60), ("baseline_start", 40)]
        if rng.random() < 0.5:
            name, most = dated[rng.integers(3)]
            row[name] = np.busday_offset("2026-03-02", rng.integers(most // 3, most))
        if rng.random() < 0.2:
            row["calendar"] = str(rng.choice(["1111000", "1010100", "DE-BY"]))
        rows.append(row)
    rows[1]["depends_on"] = rows[1]["depends_on"] or "m0"
    empty = dict.fromkeys(["not_before", "fixed_finish", "calendar", "baseline_start"])
    return build_plan(plan_rows(*({**empty, **row} for row in rows)))


def dated_plan():
    """Dates alone, no links: work side by side, a gap, and work that overlaps what comes before it."""
    dates = {"A": ("02", "06"), "B": ("02", "06"), "C": ("05", "13"), "D": ("18", "20"), "E": ("23", "27")}
    return build_plan(
        plan_rows(
            *(
                {"milestone": one, "phase": "data_preparation",
                 "baseline_start": f"2026-03-{start}", "baseline_finish": f"2026-03-{finish}"}
                for one, (start, finish) in dates.items()
            )
        )
    )  # fmt: skip


def plans():
    rng, found = np.random.default_rng(11), [dated_plan()]
    while len(found) < 9:
        plan = random_plan(rng)
        try:
            refuse_contradictions(plan)
        except InputError:  # a fixed date that the estimates miss
            continue
        found.append(plan)
    return found


@pytest.mark.parametrize("plan", plans())
def test_a_calibrated_plan_fed_back_forecasts_the_same_dates_and_is_not_multiplied_again(
    plan, model, record, tmp_path
):
    multipliers = estimation.multiplier_table(model)
    how = {"record": record, "way": "record"}
    was = estimation.simulate(plan, model, seed=3, iterations=150, **how)
    for level in (0.5, 0.8):
        calibrated = estimation.calibrated_plan(plan, multipliers, level=level)
        file = save_plan(with_calibrated_days(plan, calibrated), tmp_path / "plan.xlsx")
        back = estimation.read_plan(file)
        assert np.abs(back.baseline.own_days - plan.baseline.own_days).max() > 0.05  # another plan
        simulation = estimation.simulate(back, model, seed=3, iterations=150, **how)
        assert simulation.plan is back
        assert np.array_equal(simulation.finishes, was.finishes)
        assert np.array_equal(simulation.project_finishes, was.project_finishes)
        pd.testing.assert_frame_equal(
            estimation.forecast_table(simulation)[DATES], estimation.forecast_table(was)[DATES]
        )
        again = estimation.calibrated_plan(back, multipliers, level=level)
        same = [name for name in again if not name.startswith("baseline_")]
        pd.testing.assert_frame_equal(again[same], calibrated[same])


def test_a_running_project_planned_with_the_tool_has_the_forecast_it_would_have_had(model):
    work = {"phase": "data_preparation"}
    plan = build_plan(
        plan_rows(
            {**work, "milestone": "A", "baseline_days": 10.0},
            {**work, "milestone": "B", "baseline_days": 10.0, "depends_on": "A"},
            {**work, "milestone": "C", "baseline_days": 5.0, "depends_on": "B"},
        )
    )
    calibrated = estimation.calibrated_plan(plan, estimation.multiplier_table(model), level=0.8)
    approved = build_plan(with_calibrated_days(plan, calibrated))
    status = status_rows(
        {"milestone": "A", "actual_start": "2026-03-02", "actual_finish": "2026-03-19"},
        {"milestone": "B", "actual_start": "2026-03-20", "as_of": "2026-03-27", "percent_complete": 0.4},
    )
    how = {"as_of": "2026-03-27", "status": status, "seed": 3, "iterations": 150}
    was, now = (estimation.simulate(each, model, **how) for each in (plan, approved))
    assert np.array_equal(now.finishes, was.finishes)
    # Against the estimates A is four days late (14 for 10); against what was approved, in time.
    slips = [standing_of(each, status, "2026-03-27").table["slip_days"][0] for each in (plan, approved)]
    assert slips[0] == 4
    assert slips[1] <= 0


def test_what_was_left_of_closed_projects_is_told_from_their_estimates(closed, model):
    one = closed[closed["project"] == closed["project"].iloc[0]]
    used = half_planned_with(one, estimation.multiplier_table(model), 0.8)
    day = one["actual_finish"].sort_values().iloc[len(one) // 2]
    done = one[one["actual_finish"] <= day]
    status = done[["project", "milestone", "actual_start", "actual_finish"]].assign(as_of=day)
    status = status_rows(*status.to_dict("records"))
    was, now = (remaining_table(each, status) for each in (one, used))
    assert len(was) == 1
    pd.testing.assert_frame_equal(now, was)
