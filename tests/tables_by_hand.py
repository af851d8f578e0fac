"""Small tables written by hand, for tests: only the columns a test is about."""

from collections.abc import Iterable, Mapping

import pandas as pd

from estimation.calibration.overruns import OVERRUNS
from estimation.tables import HISTORY, PLAN, STATUS, Contract, keep_contract


def by_hand(rows: pd.DataFrame | Iterable[dict], contract: Contract) -> pd.DataFrame:
    """A table of which a test names the columns it is about; the others are empty."""
    table = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    return keep_contract(table.reindex(columns=list(contract)), contract)


def empty_columns(tables: Mapping[str, pd.DataFrame]) -> dict[str, list[str]]:
    """Columns of each table that are empty on every row; tables in which none is are left out."""
    empty = {name: sorted(table.columns[table.isna().all()]) for name, table in tables.items()}
    return {name: columns for name, columns in empty.items() if columns}


def history(*rows: dict) -> pd.DataFrame:
    """Milestones of closed or running projects; dates as ISO text."""
    return keep_contract(_dated([{"project": "p", "phase": "work", **row} for row in rows]), HISTORY)


def plan_rows(*rows: dict) -> pd.DataFrame:
    """Milestones of one plan; it starts on Monday 2 March 2026 unless a row says otherwise."""
    start = {"project": "p", "phase": "work", "project_start": "2026-03-02"}
    return keep_contract(_dated([{**start, **row} for row in rows]), PLAN)


def overruns(ratios: dict[str, list[float]], *, on_plan_within: float = 0.005) -> pd.DataFrame:
    """One finished milestone per ratio: the n-th ratio of each phase belongs to project n."""
    rows = [
        {
            "project": f"p{number:03d}",
            "phase": phase,
            "milestone": f"{phase}-{number}",
            "baseline_days": 10.0,
            "estimate_days": 10.0,
            "actual_days": 10.0 * ratio,
            "overrun_ratio": ratio,
            "on_plan": abs(ratio - 1) <= on_plan_within,
            "censored": False,
            "known_on": pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * number),
        }
        for phase, values in ratios.items()
        for number, ratio in enumerate(values)
    ]
    return by_hand(rows, OVERRUNS)


def _dated(rows: list[dict]) -> pd.DataFrame:
    table = pd.DataFrame(rows).assign(source=[f"by hand, row {n}" for n in range(2, len(rows) + 2)])
    for name in table.columns:
        if name.endswith(("_start", "_finish")) or name in ("not_before", "updated_on", "as_of"):
            table[name] = pd.to_datetime(table[name])
    return table


def status_rows(*rows: dict) -> pd.DataFrame:
    """Status updates of one project; of Monday 2 March 2026, or the day of their latest fact, unless a row says."""
    facts = ("actual_start", "actual_finish")
    known = [max(["2026-03-02", *(str(row[name])[:10] for name in facts if row.get(name))]) for row in rows]
    table = _dated([{"project": "p", "as_of": day, **row} for day, row in zip(known, rows, strict=True)])
    return keep_contract(table.assign(as_of=pd.to_datetime(table["as_of"])), STATUS)
