"""What to do about it: at most three recommendations, each chosen by a rule from the tables of the report."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from estimation.project.amounts import project_names
from estimation.project.statuses import Status
from estimation.review.quarterly.quarterly_tables import RECOMMENDATIONS
from estimation.review.variance import UNCODED
from estimation.scoring.dates_held import TOO_CAUTIOUS, TOO_EARLY
from estimation.tables import rows_table

MOST = 3
TRUSTED = ("trusted", "stands alone")
COSTLY_CAUSE, UNCODED_TOO_OFTEN, UNPUBLISHED_TOO_OFTEN = 0.15, 0.25, 0.2
"""Shares: of the lost days that one cause must cost, that have no cause, of projects without a kickoff forecast."""
NOTEWORTHY = 1.1
"""A multiplier below it is not worth a recommendation."""
_BY_LEVEL = (0.8, 0.9, 0.5)


def recommendations(
    kept: pd.DataFrame,
    moves: pd.DataFrame,
    lost: pd.DataFrame,
    running: pd.DataFrame,
    *,
    n_started: int,
    n_unpublished: int,
    most: int = MOST,
) -> pd.DataFrame:
    """Choose what to recommend: what the tables give reason for, in this order, and nothing else.

    1. Dates held less often than chance allows, or (last) more often. 2. Committed dates of running projects are
    delayed by the evidence. 3. The largest P80 multiplier among phases that stand alone. 4. The cause that cost most.
    5. Lost days without a cause. 6. Projects that started without a published forecast. Of the dates kept only those of
    the pooled quarters come in.
    """
    found = [
        *_dates(kept, TOO_EARLY),
        *_delayed(running),
        *_multiplier(moves),
        *_lost_days(lost, "costliest-cause", coded=True, enough=COSTLY_CAUSE),
        *_lost_days(lost, "causes-missing", coded=False, enough=UNCODED_TOO_OFTEN),
        *_unpublished(n_started, n_unpublished),
        *_dates(kept, TOO_CAUTIOUS),
    ][:most]
    unsaid = dict.fromkeys(("lower", "upper", "standing"))  # not every number has a band, and few a standing
    return rows_table([unsaid | one | {"rank": rank} for rank, one in enumerate(found, 1)], RECOMMENDATIONS)


def _dates(kept: pd.DataFrame, verdict: str) -> Iterator[dict]:
    """Find the first of P80, P90 and P50 that missed its band."""
    for level in _BY_LEVEL:
        rows = kept[np.isclose(kept["level"], level) & (kept["verdict"] == verdict)]
        for row in rows.itertuples():
            yield {
                "rule": f"dates-{verdict.replace(' ', '-')}",
                "item": f"P{100 * level:g}",
                "value": row.n_held,
                "lower": row.n_lower,
                "upper": row.n_upper,
                "n": row.n_due,
            }
            return


def _delayed(running: pd.DataFrame) -> Iterator[dict]:
    late = running[running["evidence"] == Status.DELAYED]
    if len(late):
        yield {
            "rule": "running-delayed",
            "item": ", ".join(project_names(late)),
            "value": len(late),
            "n": len(running),
        }


def _multiplier(moves: pd.DataFrame) -> Iterator[dict]:
    p80 = moves[np.isclose(moves["level"], 0.8) & moves["standing"].isin(TRUSTED) & (moves["now_lower"] > 1)]
    if len(p80) and p80["now"].max() >= NOTEWORTHY:
        top = p80.loc[p80["now"].idxmax()]
        yield {
            "rule": "largest-multiplier",
            "item": top["phase"],
            "value": top["now"],
            "lower": top["now_lower"],
            "upper": top["now_upper"],
            "n": top["n_now"],
            "standing": top["standing"],
        }


def _lost_days(lost: pd.DataFrame, rule: str, *, coded: bool, enough: float) -> Iterator[dict]:
    """Take the costliest of the coded causes, or the days without a cause, where that is enough of all days."""
    causes = lost[
        (lost["dimension"] == "cause") & ((lost["value"] != UNCODED) == coded) & ~lost["suppressed"]
    ]
    if len(causes) and causes["share"].iloc[0] >= enough:
        top = causes.iloc[0]
        yield {
            "rule": rule,
            "item": top["value"],
            "value": top["lost_days"],
            "lower": top["share"],
            "n": top["n_projects"],
        }


def _unpublished(n_started: int, n_unpublished: int) -> Iterator[dict]:
    if n_started and n_unpublished / n_started >= UNPUBLISHED_TOO_OFTEN:
        yield {"rule": "forecasts-missing", "item": "kickoff", "value": n_unpublished, "n": n_started}
