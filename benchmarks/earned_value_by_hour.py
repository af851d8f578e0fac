"""Our earned value and time forecasts beside every figure the ProTrack workbooks publish, to the working hour.

The workbooks count in working hours and earn the fixed cost of an activity when it begins. So every project is told to
the toolkit with one working hour as its day, and the fixed cost of an activity as a milestone of its first hour; from
there on ``earned_value_table`` and ``time_forecast_table`` do what they do for a report. ``python -m
benchmarks.accuracy earned-value`` counts what is the same, ``--write`` puts the counts into the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineWorkbook

from benchmarks.page import markdown
from estimation.ingest.formats.excel import open_workbook
from estimation.ingest.formats.protrack import BASELINE_COLUMNS, ProtrackBook, open_protrack
from estimation.ingest.formats.protrack_progress import STATUS_COLUMNS, status_moment
from estimation.ingest.formats.protrack_sheet import open_sheet, unique_ids
from estimation.ingest.formats.protrack_units import Agenda, parse_moment, parse_number
from estimation.project.plan import Plan, build_plan
from estimation.tables import PLAN, STATUS, keep_contract
from estimation.tracking.earned_value import earned_value_table
from estimation.tracking.time_forecasts import time_forecast_table

FIRST = pd.Timestamp("2000-01-03")
"""The date that stands for the first working hour of a project; the next hour is the next date."""
MONEY = {"pv": "Planned Value (PV)", "ev": "Earned Value (EV)", "ac": "Actual Cost (AC)"}
INDICES = {
    "spi": "Schedule Performance Index (SPI)",
    "cpi": "Cost Performance Index (CPI)",
    "spi_t": "Schedule Performance Index (SPI(t))",
}
FORECASTS = (
    "planned value, 1",
    "planned value, SPI",
    "planned value, SCI",
    "earned duration, 1",
    "earned duration, SPI",
    "earned duration, SCI",
    "earned schedule, 1",
    "earned schedule, SPI(t)",
    "earned schedule, SCI(t)",
)
"""The nine EAC(t) in the order of the columns; the workbooks head two of them with the same words."""
CALLED = {name: name.upper() for name in ("pv", "ev", "ac", "es", "spi", "cpi")} | {
    "spi_t": "SPI(t)",
    "all": "all",
}
FIRST_FORECAST = "EAC(t)-PV (PF=1)"
ALL_DIGITS = 1e-12
"""Money and indices are published with all their digits: what sums in another order may differ by."""
HALF_AN_HOUR = 0.5 + 1e-9
"""Finishes are published to the nearest hour."""
SAME_HOUR = 1e-4
"""Shares complete are recorded in single precision, 6e-8: of an activity of 1,600 hours that is so much of an hour."""
WITHIN = dict.fromkeys((*MONEY, *INDICES), ALL_DIGITS) | {"es": 0.0}


def figures_of_all(folder: Path) -> pd.DataFrame:
    """Set ours beside the published figures: one row per workbook, tracking period and figure.

    Returns
    -------
    DataFrame
        ``project``, ``period``, ``figure``, ``ours``, ``published``, ``within`` (what the published rounding allows),
        ``refuted`` (a forecast that is before the status date). PV, EV and AC are shares of the budget, ES and EAC(t)
        working hours after the planned start.
    """
    return pd.concat([figures_of(path) for path in sorted(folder.glob("*.xlsx"))], ignore_index=True)


def figures_of(path: Path) -> pd.DataFrame:
    """Set ours beside the published figures of one workbook."""
    book = open_protrack(path, lambda names: names, STATUS_COLUMNS)
    plan, status = _told_by_hour(path, book)
    # A period tells of every activity; two periods can end in the same working hour, one of them on a day off.
    earned = pd.concat(
        [earned_value_table(plan, period, as_of=period["as_of"].max(), rule="percent") for period in status],
        ignore_index=True,
    )
    # The workbooks take ES in whole hours, away from the status date, and go on with that.
    elapsed, hours = earned["elapsed_days"], earned["es_days"]
    hours = np.where(hours <= elapsed, np.floor(hours + SAME_HOUR), np.ceil(hours - SAME_HOUR))
    rounded = earned.assign(es_days=hours, spi_t=hours / elapsed)
    forecasts = time_forecast_table(plan, rounded)
    budget = plan.milestones["budget_cost"].sum()
    ours = {
        "pv": earned["pv"],
        "ev": earned["ev"],
        "ac": earned["actual_cost"] / budget,
        "es": rounded["es_days"],
        "spi": earned["spi"],
        "cpi": earned["cpi"],
        "spi_t": rounded["spi_t"],
    }
    named = forecasts["method"] + ", " + forecasts["factor"]
    refuted = {name: forecasts["refuted"][named == name].to_numpy() for name in FORECASTS}
    ours |= {name: forecasts["eac_t_days"][named == name].reset_index(drop=True) for name in FORECASTS}
    published = _published(path, book, budget)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "project": plan.project,
                    "period": np.arange(1, len(earned) + 1),
                    "figure": name,
                    "ours": values.to_numpy(dtype=float),
                    "published": published[name].to_numpy(dtype=float),
                    "within": WITHIN.get(name, HALF_AN_HOUR),
                    "refuted": refuted.get(name, False),
                }
            )
            for name, values in ours.items()
        ],
        ignore_index=True,
    )


def earned_value_tables(data: Path) -> dict[str, str]:
    """Count what is the same as published, and list what is not; Markdown by name."""
    figures = figures_of_all(data / "dslib")
    wrong = differing(figures)
    counts = figures.groupby("figure", sort=False).size().rename("compared").to_frame()
    counts["differing"] = wrong.groupby("figure").size().reindex(counts.index, fill_value=0)
    counts["before the status date"] = figures.groupby("figure")["refuted"].sum().reindex(counts.index)
    counts.loc["all"] = counts.sum()
    counts.index = counts.index.map(lambda name: CALLED.get(name, f"EAC(t), {name}"))
    where = wrong.groupby(["project", "period"], sort=False)["figure"]
    named = where.agg(lambda own: "; ".join(CALLED.get(name, f"EAC(t), {name}") for name in own))
    return {
        "earned-value": markdown(counts.rename_axis("figure").reset_index()),
        "earned-value-differing": markdown(named.rename("figures").reset_index()),
    }


def differing(figures: pd.DataFrame) -> pd.DataFrame:
    """Take the figures that differ by more than the published rounding, those that one side does not have included."""
    return figures[~((figures["ours"] - figures["published"]).abs() <= figures["within"])]


def _told_by_hour(path: Path, book: ProtrackBook) -> tuple[Plan, list[pd.DataFrame]]:
    """Tell a project to the toolkit with a working hour as its day: its plan, and what each period reports."""
    places = list(book.activities)
    origin = hours_of(
        book.agenda, [book.plan.read(place, "Baseline Start", parse_moment) for place in places]
    ).min()
    starts, ends = (
        hours_of(book.agenda, [book.plan.read(place, name, parse_moment) for place in places]) - origin
        for name in ("Baseline Start", "Baseline End")
    )
    ids = np.array([book.activities[place]["milestone"] for place in places])
    total, fixed = _costs(path, book, places)
    begun = starts + (ends > starts)  # the fixed cost is earned in the first hour
    rows = pd.concat(
        [
            _planned_rows(ids, starts, ends, total - fixed),
            _planned_rows(_fixed(ids), starts, begun, fixed)[fixed > 0],
        ]
    )
    whole = {"project": path.stem.partition(" ")[0], "phase": "work", "project_start": FIRST}
    plan = build_plan(keep_contract(rows.assign(**whole, calendar="1111111", source=path.name), PLAN))
    updates = []
    for period in book.periods:
        own = unique_ids(period)
        at = [own.index(each) for each in ids]
        share, cost = (
            np.array([period.read_filled(place, name, parse_number) or 0.0 for place in at])
            for name in ("Percentage Completed", "Actual Cost")
        )
        started = np.array([period.text(place, "Actual Start") != "" for place in at])
        now = hours_of(book.agenda, [status_moment(period)])[0] - origin
        said = pd.DataFrame({"milestone": ids, "percent_complete": share, "actual_cost": cost})
        of_fixed = pd.DataFrame({"milestone": _fixed(ids), "percent_complete": started.astype(float)})
        whole = {"project": plan.project, "source": path.name, "as_of": _evening(now)}
        updates.append(keep_contract(pd.concat([said, of_fixed[fixed > 0]]).assign(**whole), STATUS))
    return plan, updates


def hours_of(agenda: Agenda, moments: Sequence) -> np.ndarray:
    """Count the working hours before each moment on the agenda of a project."""
    moments = pd.to_datetime(pd.Series(moments))
    days = moments.dt.normalize()
    mornings = agenda.calendar.mornings(days)
    clock = (moments - days).dt.total_seconds().to_numpy() / 3600
    gone = np.clip(clock[:, None] - np.array(agenda.hours), 0.0, 1.0).sum(axis=1)
    worked = agenda.calendar.evenings(days) - mornings
    return np.round(mornings * len(agenda.hours) + gone * worked, 6)


def _planned_rows(ids, starts: np.ndarray, ends: np.ndarray, costs: np.ndarray) -> pd.DataFrame:
    """Lay out milestones: begun in the morning of their first hour, done in the evening of their last."""
    finishes = _evening(ends)
    return pd.DataFrame(
        {
            "milestone": ids,
            "baseline_start": np.minimum(_evening(starts + 1), finishes),
            "baseline_finish": finishes,
            "baseline_days": ends - starts,
            "budget_cost": costs,
        }
    )


def _evening(hours):
    return FIRST + pd.to_timedelta(np.asarray(hours) - 1, unit="D")


def _fixed(ids: np.ndarray) -> list[str]:
    return [f"{each}, fixed cost" for each in ids]


def _costs(path: Path, book: ProtrackBook, places: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Read the whole and the fixed cost of each activity."""
    sheet_name = book.plan.file.partition("sheet '")[2].rstrip("'")
    columns = BASELINE_COLUMNS | {"Fixed Cost": False}
    sheet = open_sheet(path, open_workbook(path), sheet_name, columns, [])
    at = [sheet.row_numbers.index(book.plan.row_numbers[place]) for place in places]
    total, fixed = (
        np.array([sheet.read_filled(place, name, parse_number) or 0.0 for place in at])
        for name in ("Total Cost", "Fixed Cost")
    )
    return total, fixed


def _published(path: Path, book: ProtrackBook, budget: float) -> pd.DataFrame:
    """Read the published figures of a workbook, a row per tracking period in order of time."""
    grid = CalamineWorkbook.from_path(path).get_sheet_by_name("Tracking Overview").to_python()
    heads = [str(head) for head in grid[1]]
    rows = pd.DataFrame([row for row in grid[2:] if row[2] != ""]).sort_values(2, kind="stable")
    origin = hours_of(
        book.agenda, [book.plan.read(place, "Baseline Start", parse_moment) for place in book.activities]
    ).min()
    found = {name: rows[heads.index(head)].astype(float) / budget for name, head in MONEY.items()}
    found |= {name: rows[heads.index(head)].astype(float) for name, head in INDICES.items()}
    times = {"es": heads.index("Earned Schedule (ES)")}
    times |= {name: heads.index(FIRST_FORECAST) + n for n, name in enumerate(FORECASTS)}
    found |= {name: hours_of(book.agenda, rows[place].tolist()) - origin for name, place in times.items()}
    return pd.DataFrame(found).reset_index(drop=True)
