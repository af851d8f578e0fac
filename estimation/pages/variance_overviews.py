"""The tables of the variance review: shares that add up, the split of slips, slips week by week."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from estimation.pages.labels import code_label, with_labels
from estimation.review.variance_tables import PARTS

PART_HEADERS = dict(zip(PARTS, ("Start delay", "Waiting", "Added", "Estimate"), strict=True))
SHARE_FORMATS = dict.fromkeys([*PARTS, "project_days"], "+.1f")
SPLIT_FORMATS = {**dict.fromkeys(["slip_days", "inherited_days", *PARTS], "+.0f"), "project_days": "+.1f"}
MOST_WEEKS = 8


def grouped(by: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put tables of shares under one another, each with its sum, in words and in tenths that add up.

    The keys are plurals, "causes" or "phases"; the first column says by which a line divides the slip.
    """
    names, parts = [*PARTS, "project_days"], []
    for kind, groups in by.items():
        total = {"value": f"All {kind}", **groups[names].sum(), "n_milestones": groups["n_milestones"].sum()}
        rows = groups.assign(value=groups["value"].map(code_label), **groups[names].apply(in_tenths))
        own = pd.concat([rows, pd.DataFrame([total])], ignore_index=True)
        parts.append(own.assign(by=kind.removesuffix("s").capitalize()))
    return pd.concat(parts, ignore_index=True)


def share_columns(groups: pd.DataFrame) -> dict[str, str]:
    """Choose the columns of a table of shares: the days, then the parts that there are; one part alone is all days."""
    parts = _parts_of(groups)
    days_and_parts = {"project_days": "Days", **(parts if len(parts) > 1 else {})}
    return {"by": "By", "value": "Slip of the project", **days_and_parts}


def with_shares(variance: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Put what each milestone cost the project beside where its own slip came from; the last row is the project."""
    table = with_labels(variance).assign(project_days=in_tenths(shares["project_days"]))
    total = {"label": "Whole project", "project_days": shares["project_days"].sum()}
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)


def split_columns(table: pd.DataFrame) -> dict[str, str]:
    """Choose the columns of the split of each milestone's slip: only parts that there are."""
    return {
        "label": "Milestone",
        "project_days": "Cost the project",
        "slip_days": "Slip",
        "inherited_days": "Inherited",
        **_parts_of(table),
    }


def _parts_of(table: pd.DataFrame) -> dict[str, str]:
    return {name: header for name, header in PART_HEADERS.items() if table[name].fillna(0).any()}


def expected_overview(variance: pd.DataFrame, course: pd.DataFrame) -> pd.DataFrame:
    """Lay planned date, slip as expected week by week, and actual date of each milestone side by side.

    Of many weeks eight are shown, the first and the last among them.
    """
    weeks = sorted(course["week"].unique())
    if len(weeks) > MOST_WEEKS:
        weeks = [weeks[round(float(k))] for k in np.linspace(0, len(weeks) - 1, MOST_WEEKS)]
    slips = course.pivot_table(index="milestone", columns="week", values="slip_days", aggfunc="last")
    slips = slips.reindex(index=variance["milestone"], columns=weeks).reset_index(drop=True)
    labels = with_labels(variance)["label"]
    known = pd.DataFrame({"Milestone": labels, "Planned": variance["baseline_finish"]})
    happened = pd.DataFrame({"Actual": variance["actual_finish"], "Slip": variance["slip_days"]})
    return pd.concat([known, slips.set_axis([f"W{week}" for week in weeks], axis=1), happened], axis=1)


def expected_formats(overview: pd.DataFrame) -> dict[str, str]:
    """Write slips with their sign."""
    return {name: "+.0f" for name in overview.columns[2:] if name != "Actual"}


def in_tenths(values: pd.Series) -> pd.Series:
    """Round days to tenths so that they still add up to the tenth: the largest remainders are rounded up.

    >>> in_tenths(pd.Series([10 / 3, 10 / 3, 10 / 3])).tolist()
    [3.4, 3.3, 3.3]
    """
    tenths = values.to_numpy() * 10
    whole = np.floor(tenths + 1e-7)
    missing = round(float(tenths.sum() - whole.sum()))
    up = np.argsort(-(tenths - whole), kind="stable")[:missing]
    whole[up] += 1
    return pd.Series(whole / 10, index=values.index)
