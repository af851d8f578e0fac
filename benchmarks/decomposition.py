"""Does the split of a slip add up: random closed projects as they come, every sum beside the dates themselves.

    python -m benchmarks.decomposition --write

makes 1,000 seeded projects with overlaps, waiting, late starts, added, cancelled and early work, divides the slip of
each, and counts how many sums miss by anything; ``--write`` puts the table into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations

import numpy as np
import pandas as pd

from benchmarks.page import PAGE, fill_markers, markdown
from estimation.review.slip_shares import slip_shares
from estimation.review.variance import variance_table
from estimation.review.variance_tables import PARTS
from estimation.tables import HISTORY, keep_contract
from estimation.tracking.counterfactual import AsBuilt

FIRST_DAY = np.datetime64("2026-03-02")
PHASES = ("discovery", "data_preparation", "model_development", "deployment", "validation")
FEATURES: Mapping[str, str] = {
    "overlap": "work overlapped with what it waits for",
    "waiting": "waiting recorded",
    "start_delay": "work that could have started and did not",
    "added": "added work",
    "cancelled": "cancelled work",
    "early_work": "a milestone that took less than planned",
    "side_by_side": "work side by side",
    "early_finish": "the project finished early",
    "late_finish": "the project finished late",
}
ADDS_UP = 1e-9
"""Working days; a sum of floating-point numbers is exact to about a billionth."""


def main() -> None:
    """Divide the slips of many random projects; print how many add up."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = parser.parse_args()
    rng, began = np.random.default_rng(given.seed), time.perf_counter()
    found = pd.DataFrame([measure(random_project(rng)) for _ in range(given.projects)])
    table = markdown(summary(found, time.perf_counter() - began))
    print(table)
    if given.write:
        page = fill_markers(PAGE.read_text(encoding="utf-8"), {"decomposition": table})
        PAGE.write_text(page, encoding="utf-8")


def random_project(rng: np.random.Generator, *, most: int = 12) -> pd.DataFrame:
    """Make one closed project: a network that was planned, and what came of it.

    Parameters
    ----------
    rng : Generator
    most : int
        Milestones at most; two at least.

    Returns
    -------
    DataFrame keeping the HISTORY contract
        Days of a Monday-to-Friday calendar. Every start is recorded, the plan's and the real one.
    """
    n = int(rng.integers(2, most + 1))
    added = (rng.random(n) < 0.1) & (np.arange(n) > 0)
    cancelled = (rng.random(n) < 0.07) & ~added & (np.arange(n) > 0)
    before = [
        [int(k) for k in rng.choice(j, size=min(j, int(rng.integers(0, 4))), replace=False)] for j in range(n)
    ]
    planned = _dates(rng, before, rng.integers(1, 11, n), gaps=rng.random(n) < 0.2, there=~added)
    taken = np.maximum(np.ceil(planned[1] - planned[0] + 1).astype(int), 1)
    taken = np.maximum(np.rint(taken * np.exp(0.15 + 0.45 * rng.standard_normal(n))).astype(int), 1)
    waiting = np.where(rng.random(n) < 0.2, rng.integers(1, 5, n), 0)
    actual = _dates(
        rng,
        before,
        taken + waiting,
        gaps=rng.random(n) < 0.2,
        overlaps=rng.random(n) < 0.2,
        there=~cancelled,
    )
    rows = []
    for k in rng.permutation(n):
        links = "; ".join(f"m{b}" for b in before[k])
        rows.append(
            {
                "project": "p",
                "milestone": f"m{k}",
                "phase": PHASES[int(rng.integers(5))],
                "depends_on": links,
                "project_start": FIRST_DAY,
                "baseline_start": None if added[k] else _day(planned[0][k]),
                "baseline_finish": None if added[k] else _day(planned[1][k]),
                "actual_start": None if cancelled[k] else _day(actual[0][k]),
                "actual_finish": None if cancelled[k] else _day(actual[1][k]),
                "waiting_days": float(waiting[k]) if waiting[k] and not cancelled[k] else None,
                "added_after_baseline": bool(added[k]),
                "closed_as": "cancelled" if cancelled[k] else "delivered",
            }
        )
    return keep_contract(pd.DataFrame(rows).assign(source="made up"), HISTORY)


def _dates(rng, before, days, *, gaps, there, overlaps=None) -> tuple[np.ndarray, np.ndarray]:
    """Lay work out in its order, first and last day as numbers; what is not there hands on what came before."""
    n = len(days)
    first, last = np.zeros(n, dtype=int), np.full(n, -1, dtype=int)
    for k in range(n):
        ready = max([0, *(last[b] + 1 for b in before[k])])
        if overlaps is not None and overlaps[k] and before[k]:
            ready = max(0, ready - int(rng.integers(1, 5)))
        first[k] = ready + (int(rng.integers(1, 6)) if gaps[k] else 0)
        last[k] = first[k] + int(days[k]) - 1 if there[k] else ready - 1
    return first, last


def _day(number: int) -> np.datetime64:
    return np.busday_offset(FIRST_DAY, int(number))


def measure(rows: pd.DataFrame) -> dict[str, object]:
    """Divide the slip of one project, and say by how much each sum misses and what the project had.

    Returns
    -------
    dict
        ``slip_days``, counted by numpy from the dates; ``shares_miss``, ``parts_miss`` and ``milestones_miss``,
        the largest difference of each sum; ``every_order``; a flag per feature.
    """
    slip = _slip(rows["baseline_finish"].max(), rows["actual_finish"].max())
    shares, variance = slip_shares(rows, "p"), variance_table(rows, "p")
    both = rows["baseline_finish"].notna() & rows["actual_finish"].notna()
    own = [
        _slip(row.baseline_finish, row.actual_finish) if there else 0.0
        for row, there in zip(rows.itertuples(), both, strict=True)
    ]
    split = variance[["inherited_days", *PARTS]].sum(axis=1)
    return {
        "n_milestones": len(rows),
        "slip_days": slip,
        "shares_miss": abs(shares["project_days"].sum() - slip),
        "parts_miss": (shares[list(PARTS)].sum(axis=1) - shares["project_days"]).abs().max(),
        "milestones_miss": float(np.abs(split - own)[both].max()) if both.any() else 0.0,
        "every_order": bool(shares["every_order"].all()),
        **features(rows, variance, slip),
    }


def features(rows: pd.DataFrame, variance: pd.DataFrame, slip: float) -> dict[str, bool]:
    """Say what there is in a project of what makes splitting hard."""
    ends, starts = (rows.set_index("milestone")[name] for name in ("actual_finish", "actual_start"))
    links = [
        (row.milestone, before)
        for row in rows.itertuples()
        for before in str(row.depends_on or "").split("; ")
        if before in ends.index
    ]
    spans = rows[["actual_start", "actual_finish"]].dropna().to_numpy()
    return {
        "overlap": any(starts[later] <= ends[before] for later, before in links),
        "waiting": bool(rows["waiting_days"].gt(0).any()),
        "start_delay": bool(variance["start_delay_days"].gt(0).any()),
        "added": bool(rows["added_after_baseline"].any()),
        "cancelled": bool((rows["closed_as"] == "cancelled").any()),
        "early_work": bool(variance["estimate_error_days"].lt(0).any()),
        "side_by_side": any(
            a[0] <= b[1] and b[0] <= a[1] for k, a in enumerate(spans) for b in spans[k + 1 :]
        ),
        "early_finish": slip < 0,
        "late_finish": slip > 0,
    }


def _slip(planned, actual) -> float:
    """Count the working days between two evenings, without the code under test."""
    first = np.datetime64(
        "2025-12-01"
    )  # numpy counts backwards with other ends: count both from a day before
    planned, actual = (np.busday_count(first, np.datetime64(day, "D") + 1) for day in (planned, actual))
    return float(actual - planned)


def shares_by_orders(built: AsBuilt) -> np.ndarray:
    """Divide a slip by playing every order of the milestones, one by one: slow, and told by the definition alone.

    Parameters
    ----------
    built : AsBuilt
        Of at most seven milestones or so.

    Returns
    -------
    float array, one share per milestone [working days]
    """
    n = len(built.planned_evening)
    planned, done = np.isfinite(built.planned_evening), np.isfinite(built.actual_evening)
    kept = planned & done
    delays, longer = (np.where(kept, each, 0.0) for each in (built.start_delay, built.longer))

    def finish(came: frozenset) -> Fraction:
        on = np.array([k in came for k in range(n)])
        ends = built.finish_with(
            (delays * on)[:, None], (longer * on)[:, None], ((planned != done) & on)[:, None]
        )
        return Fraction(float(ends[0]))

    values: dict[frozenset, Fraction] = {}
    total = [Fraction(0)] * n
    orders = list(permutations(range(n)))
    for order in orders:
        came: frozenset = frozenset()
        for k in order:
            after = came | {k}
            for each in (came, after):
                if each not in values:
                    values[each] = finish(each)
            total[k] += values[after] - values[came]
            came = after
    return np.array([float(each / len(orders)) for each in total])


def summary(found: pd.DataFrame, seconds: float) -> pd.DataFrame:
    """Count sums that miss, and how many projects had each feature."""
    n, sizes = len(found), found["n_milestones"]
    rows = [
        ("projects", f"{n:,}"),
        ("milestones", f"{sizes.min()} to {sizes.max()}, {sizes.sum():,} in all"),
        ("slip of the projects, working days", f"{found['slip_days'].min():g} to {found['slip_days'].max():g}"),
    ]  # fmt: skip
    for name, words in (
        ("shares_miss", "shares of milestones against the slip that the dates say"),
        ("parts_miss", "parts of a share against the share"),
        ("milestones_miss", "parts of a milestone's own slip against its dates"),
    ):
        rows.append(
            (f"sums that miss: {words}", f"{(found[name] > ADDS_UP).sum()} (largest {found[name].max():.1e})")
        )
    rows.append(("all orders looked at", f"{found['every_order'].mean():.0%}"))
    rows += [(f"with {words}", f"{found[name].mean():.0%}") for name, words in FEATURES.items()]
    rows.append(("seconds", f"{seconds:.0f}"))
    return pd.DataFrame(rows, columns=["what", "measured"])


if __name__ == "__main__":
    main()
