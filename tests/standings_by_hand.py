"""Small running projects written by hand, for tests: three milestones in a row in March 2027, what was said of them."""

import numpy as np
import pandas as pd
from tables_by_hand import by_hand

from estimation.project.closing import plan_of
from estimation.project.standing import standing_of
from estimation.tables import HISTORY, STATUS

START = "1 Mar"
"""A Monday. Evenings 1 to 5 are those of 1 to 5 March, 6 to 10 of 8 to 12, 11 to 15 of 15 to 19, 16 to 20 of 22 to 26,
21 to 25 of 29 March to 2 April, 26 to 30 of 5 to 9 April."""


def day(text):
    """A day of 2027: "4 Mar"; other years are written out."""
    return pd.Timestamp(text if text[-4:].isdigit() else f"{text} 2027")


def dated(row):
    """Dates of a row as days; other cells as they are."""
    texts = ("_start", "_finish", "_before", "as_of")
    return {name: day(cell) if name.endswith(texts) and cell else cell for name, cell in row.items()}


def milestone(one, days, depends_on="", **cells):
    row = {"project": "p", "phase": "work", "project_start": START, "milestone": one, "name": f"Result {one}"}
    row["source"] = f"by hand, row of {one}"
    return dated({**row, "baseline_days": days, "depends_on": depends_on, **cells})


def three(**changes):
    """Spec (4 days), build (6), trial (3) in a row: planned for 4, 12 and 17 March."""
    rows = {"spec": (4, ""), "build": (6, "spec"), "trial": (3, "build")}
    return [milestone(one, *row) | dated(changes.get(one, {})) for one, row in rows.items()]


def says(one, as_of, **cells):
    """One status row; dates as "4 Mar"."""
    return dated({"project": "p", "milestone": one, "as_of": as_of, "source": f"by hand, {as_of}", **cells})


def standing(rows, said, as_of):
    """Where a project stands on a day."""
    status = by_hand(pd.DataFrame(said, columns=list(STATUS)), STATUS)
    return standing_of(plan_of(by_hand(rows, HISTORY), rows[0]["project"]), status, day(as_of))


def column(standing, name):
    """A column of the table by milestone; dates as "4 Mar", what is missing as None."""
    cells = standing.table.set_index("milestone")[name]
    if cells.dtype.kind == "M":
        return {one: None if pd.isna(cell) else f"{cell:%-d %b}" for one, cell in cells.items()}
    return {one: None if cell is None or cell is np.nan else cell for one, cell in cells.items()}
