"""One walk through a plan: whoever schedules it says the same as a recursion written apart, on random plans.

Plans of up to nine milestones in random order: quarters of days, all kinds of links, lags and leads, teams with
calendars of their own, dates from outside, gaps.

    python -m benchmarks.schedule_laws 2000
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from estimation.calibration.calibrated_plan import calibrated_plan
from estimation.calibration.durations import own_durations
from estimation.calibration.model import OverrunModel
from estimation.forecasting.simulation import simulate
from estimation.project.plan import Plan, build_plan
from estimation.publishing.model_file import load_model
from estimation.tables import HISTORY, PLAN, keep_contract
from estimation.tracking.cascade import cascade

SEED = 20261129
MODEL = Path(__file__).parents[1] / "data" / "example" / "model.json"
MONDAY = np.datetime64("2026-03-02")
KINDS = ("FS", "FS", "FS", "SS", "FF", "SF")
TEAMS = ("1111100", "1111100", "1111100", "1100000", "0111110", "1111101")
EXACT = 1e-6
"""Days; the simulation counts in 32 bits."""
EXACT_IN_32_BITS = 1e-2


def random_rows(rng: np.random.Generator) -> list[dict]:
    """The milestones of one plan, as a table of a person would have them, in random order."""
    n = int(rng.integers(1, 10))
    teams = rng.random() < 0.3
    rows = []
    for later in range(n):
        before = {int(k) for k in rng.integers(0, later, size=rng.integers(0, 3))} if later else set()
        links = [
            f"m{k} {rng.choice(KINDS)}{rng.integers(-4, 9) / 4 * (rng.random() < 0.5):+g}d"
            for k in sorted(before)
        ]
        row = {
            "project": "p",
            "milestone": f"m{later}",
            "phase": "work",
            "project_start": pd.Timestamp(MONDAY),
            "baseline_days": float(rng.integers(0, 40)) / 4,
            "depends_on": "; ".join(links),
            "calendar": str(rng.choice(TEAMS)) if teams else "1111100",
            "source": f"random, row {later + 2}",
        }
        if rng.random() < 0.15:
            row["not_before"] = pd.Timestamp(np.busday_offset(MONDAY, int(rng.integers(0, 25))))
        if rng.random() < 0.15:
            row["fixed_finish"] = pd.Timestamp(np.busday_offset(MONDAY, int(rng.integers(0, 35))))
        rows.append(row)
    return [rows[k] for k in rng.permutation(n)]


def plan_from(rows: list[dict]) -> Plan:
    """The plan of some rows."""
    return build_plan(keep_contract(pd.DataFrame(rows), PLAN))


def recursion(rows: list[dict], days: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Start and finish of each milestone by recursion over the text of the plan, the work done day by day.

    Places count the days on which anybody works, from the first one of the project.
    """
    weeks = {row["calendar"] for row in rows}
    worked = [day for day in MONDAY + np.arange(1500) if any(_works(week, day) for week in weeks)]
    by_id = {row["milestone"]: row for row in rows}
    known: dict[str, tuple[float, float]] = {}

    def work(week: str, place: float, own: float) -> float:
        while own > 1e-9:
            day = int(np.floor(place + 1e-9))
            if not _works(week, worked[day]):
                place = day + 1.0
                continue
            step = min(own, day + 1 - place)
            place, own = place + step, own - step
        return place

    def times(milestone: str) -> tuple[float, float]:
        if milestone in known:
            return known[milestone]
        row, own = by_id[milestone], days[milestone]
        start, least = 0.0, []
        if row.get("not_before") is not None and not pd.isna(row.get("not_before")):
            start = max(start, _mornings(worked, row["calendar"], row["not_before"]))
        if row.get("fixed_finish") is not None and not pd.isna(row.get("fixed_finish")):
            least.append(_evenings(worked, row["calendar"], row["fixed_finish"]))
        for piece in filter(None, row["depends_on"].split("; ")):
            before, link = piece.split(" ")
            begun, ended = times(before)
            bound = (begun if link[0] == "S" else ended) + float(link[2:-1])
            if link[1] == "S":
                start = max(start, bound)
            else:
                least.append(bound)
        if own > 0:
            while not _works(row["calendar"], worked[int(np.floor(start + 1e-9))]):
                start = np.floor(start + 1e-9) + 1.0
        known[milestone] = start, max([work(row["calendar"], start, own), *least])
        return known[milestone]

    return {milestone: times(milestone) for milestone in by_id}


def _works(week: str, day: np.datetime64) -> bool:
    return week[(day.astype("datetime64[D]").astype(int) + 3) % 7] == "1"


def _mornings(worked: list, week: str, date) -> float:
    return float(
        next(k for k, day in enumerate(worked) if day >= np.datetime64(date, "D") and _works(week, day))
    )


def _evenings(worked: list, week: str, date) -> float:
    before = [k for k, day in enumerate(worked) if day <= np.datetime64(date, "D") and _works(week, day)]
    return float(before[-1] + 1) if before else 0.0


def breaches(rows: list[dict], on_plan: OverrunModel, model: OverrunModel) -> Iterator[str]:
    """What of a plan is not as the recursion has it.

    Planned dates, the calibrated plan and the simulation at ratio 1, the cascade of nothing, own days of a project that
    went as planned; and longer work never ends anything earlier, nor does the order of rows or an id matter. One
    model takes everything exactly as planned, the other does not.
    """
    plan = plan_from(rows)
    days = {row["milestone"]: row["baseline_days"] for row in rows}
    expected = recursion(rows, days)
    ids = list(plan.milestones["milestone"])
    finishes = np.array([expected[one][1] for one in ids])
    places = plan.baseline.counted_from(-plan.network.origin)
    if not np.allclose(places.evening, finishes, atol=EXACT):
        yield f"planned {places.evening} is not {finishes}"
    if not np.allclose(places.morning, [expected[one][0] for one in ids], atol=EXACT):
        yield "planned starts"
    dates = plan.finish_dates(finishes + plan.network.origin)
    ones = pd.DataFrame({"phase": ["work"], "level": [0.5], "multiplier": [1.0]})
    calibrated = calibrated_plan(plan, ones)
    if not np.array_equal(calibrated["calibrated_finish"].to_numpy(), dates):
        yield "calibrated at ratio 1"
    if max(days.values()) > 0:
        simulation = simulate(plan, on_plan, seed=1, iterations=100, way="chained")
        if not np.allclose(simulation.finishes, finishes[:, None], atol=EXACT_IN_32_BITS):
            yield "simulated at ratio 1"
        nothing = cascade(plan, simulation, ids[0], 0.0)
        if nothing["move_days"].any() or (nothing["old_finish"] != nothing["new_finish"]).any():
            yield "cascade of nothing"
        by_id = dict(zip(ids, dates, strict=True))
        shown = nothing.iloc[:-1]
        if (shown["old_finish"].to_numpy() != [by_id[one] for one in shown["milestone"]]).any():
            yield "cascade at planned durations"
    yield from _as_planned(rows, plan)
    yield from _worse(rows, plan, expected)
    yield from _other_form(rows, plan, model)


def _as_planned(rows: list[dict], plan: Plan) -> Iterator[str]:
    """Reported exactly as planned, with and without starts, every milestone took its planned days."""
    # Work of no duration is begun on the day on which it is done.
    starts = np.minimum(plan.calendar.morning_dates(plan.baseline.morning), plan.baseline_finish)
    for began in (starts, None):
        history = plan.milestones.assign(
            actual_finish=plan.baseline_finish, actual_start=pd.NaT if began is None else began
        )
        own = own_durations(keep_contract(history, HISTORY))
        if not np.allclose(own["actual_own_days"], own["baseline_own_days"], atol=EXACT):
            yield f"own days as planned: {own['actual_own_days'].tolist()} of {own['baseline_own_days'].tolist()}"
        if not np.allclose(own["baseline_own_days"], plan.milestones["baseline_days"], atol=EXACT):
            yield "planned own days"


def _worse(rows: list[dict], plan: Plan, expected: dict) -> Iterator[str]:
    """A milestone that takes longer ends nothing earlier."""
    one = rows[0]["milestone"]
    longer = {row["milestone"]: row["baseline_days"] + 1.75 * (row["milestone"] == one) for row in rows}
    finishes = np.array([longer[each] for each in plan.milestones["milestone"]])[:, None]
    plan.network.schedule(finishes)
    before = np.array([expected[each][1] for each in plan.milestones["milestone"]])
    if (finishes[:, 0] < before - EXACT).any():
        yield "longer work ends something earlier"


def _other_form(rows: list[dict], plan: Plan, model: OverrunModel) -> Iterator[str]:
    """Rows in another order and other ids give the same dates, planned and simulated."""
    other = [
        {**row, "milestone": f"x{row['milestone']}", "depends_on": row["depends_on"].replace("m", "xm")}
        for row in rows
    ]
    turned = plan_from(other[::-1])
    if not np.array_equal(turned.baseline.evening[::-1], plan.baseline.evening):
        yield "order of rows or ids"
    if (plan.baseline.own_days > 0).any():
        both = [
            simulate(each, model, seed=2, iterations=100, way="chained").finishes for each in (plan, turned)
        ]
        if not np.allclose(both[0], both[1][::-1], atol=EXACT_IN_32_BITS):
            yield "simulated in another order of rows"


def main(n: int) -> None:
    """Check ``n`` plans and print what is broken."""
    learned = replace(load_model(MODEL), record=None, scope_growth=None, cycles=None)
    on_plan = replace(
        learned, draws={**learned.draws, "on_plan_share": np.ones_like(learned.draws["on_plan_share"])}
    )
    rng, broken = np.random.default_rng(SEED), 0
    for number in range(n):
        rows = random_rows(rng)
        for breach in breaches(rows, on_plan, learned):
            broken += 1
            print(f"plan {number}: {breach}\n{pd.DataFrame(rows).to_string()}")
    print(f"{n} random plans, seed {SEED}: {broken} breaches")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
