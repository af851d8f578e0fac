"""What became of it: earlier recommendations, promises beside the forecast, plans with and without multipliers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from estimation.errors import InputError
from estimation.forecasting.forecast import WHOLE_PROJECT
from estimation.project.amounts import project_names
from estimation.project.closing import closing_days
from estimation.project.estimates import factors_of
from estimation.project.statuses import Status
from estimation.review.quarterly.quarterly_tables import FARED, FOLLOWED_UP, RECOMMENDATIONS
from estimation.scores import share_interval
from estimation.scoring.backtest import project_starts
from estimation.scoring.dates_held import FEWEST_IN_A_CELL, kickoff_forecasts, promise_table
from estimation.tables import keep_contract, rows_table

PROMISES = BEFORE_P50, TO_P80, FROM_P80 = "before P50", "P50 to P80", "P80 or later"
PLANS = MULTIPLIED, REFUSED = "multiplied", "not multiplied"
CLEARLY = 0.05
"""Share by which all estimates of a plan together must have been multiplied up or down to count as multiplied."""
FEWEST_TO_REFUSE = 3
"""Of fewer projects closed before a plan began there was no multiplier to refuse."""


def recommended_before(folder: object, inputs: dict, tables: dict, quarter: pd.Period) -> pd.DataFrame:
    """Recommendations in the saved results of an earlier quarterly report (RECOMMENDATIONS); ``folder`` names them.

    Raises
    ------
    InputError
        If they are the results of another report, or not of an earlier quarter.
    """
    there = tables.get("recommendations")
    if "quarter" not in inputs or there is None or not {*RECOMMENDATIONS} <= {*there}:
        found = "holds the results of another report"
    elif pd.Period(inputs["quarter"]) >= quarter:
        found = f"holds the report of {inputs['quarter']}"
    else:
        return keep_contract(there, RECOMMENDATIONS)
    raise InputError(
        f"last_report: {folder} {found}; expected the quarterly report of a quarter before {quarter}. Name its folder."
    )


def followed_up(
    before: pd.DataFrame,
    now: pd.DataFrame,
    kept: pd.DataFrame,
    moves: pd.DataFrame,
    lost: pd.DataFrame,
    running: pd.DataFrame,
    *,
    n_started: int,
    n_unpublished: int,
) -> pd.DataFrame:
    """Earlier recommendations, each beside today's value of the same rule and item (FOLLOWED_UP).

    Of running projects that were delayed, ``value_now`` counts those that still are, of ``n_now`` that were named. The
    other tables are those that ``recommendations`` takes, and ``now`` is what it gave.
    """
    causes = lost[(lost["dimension"] == "cause") & ~lost["suppressed"]].set_index("value")
    levels = kept.set_index("P" + (100 * kept["level"]).map("{:g}".format))
    tables = {
        "dates": levels[["n_held", "n_due"]],
        "largest": moves[np.isclose(moves["level"], 0.8)].set_index("phase")[["now", "n_now"]],
        "costliest": causes[["lost_days", "n_projects"]],
        "causes": causes[["lost_days", "n_projects"]],
        "forecasts": pd.DataFrame({"n": n_unpublished, "of": n_started}, index=["kickoff"]),
    }
    late = running.loc[running["evidence"] == Status.DELAYED]
    late = set(project_names(late))
    again = set(now[["rule", "item"]].itertuples(index=False, name=None))
    rows = []
    for row in before.rename(columns={"value": "value_then", "n": "n_then"}).to_dict("records"):
        kind = row["rule"].partition("-")[0]
        if kind == "running":
            # A name may hold a comma itself.
            value = sum(f", {name}, " in f", {row['item']}, " for name in late)
            n, recommended = row["value_then"], value > 0
        else:
            table, recommended = tables.get(kind, levels.iloc[:0]), (row["rule"], row["item"]) in again
            value, n = table.loc[row["item"]] if row["item"] in table.index else (None, None)
        rows.append(row | {"value_now": value, "n_now": n, "recommended": recommended})
    return rows_table(rows, FOLLOWED_UP)


def how_they_fared(
    known: pd.DataFrame, published: pd.DataFrame, closed: pd.DataFrame, own: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """How promises fared by where they lay in the kickoff forecast, and plans with and without multipliers (FARED).

    A promise counts when its date has come; unfinished by then is a miss. Cells with fewer than five are left empty.

    Parameters
    ----------
    known : DataFrame keeping the HISTORY contract
        What was known on the day.
    published : DataFrame keeping the PUBLISHED contract
    closed : DataFrame keeping the CLOSED contract
    own : DataFrame
        ``own_durations`` of what was known.
    as_of : Timestamp
    """
    plans = closed.assign(group=closed["project"].map(_multiplied(known, own)), held=closed["slip_days"] <= 0)
    table = pd.concat([_promises(known, published, as_of), plans[["group", "held", "slip_days"]]])
    return rows_table([_fared(group, table[table["group"] == group]) for group in (*PROMISES, *PLANS)], FARED)


def _promises(known: pd.DataFrame, published: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Score the promise of each project like a date of its kickoff forecast, and say where in the forecast it lay."""
    kickoffs = kickoff_forecasts(published[published["as_of"] <= as_of], known)
    whole = kickoffs[kickoffs["milestone"] == WHOLE_PROJECT]
    p50, p80 = (
        whole[np.isclose(whole["level"], level)].set_index("project")["finish"] for level in (0.5, 0.8)
    )
    last = known["baseline_finish"] == known.groupby("project")["baseline_finish"].transform("max")
    promised = (
        known[last].groupby("project")["promised_finish"].max().reindex(p50.index.intersection(p80.index))
    )
    group = np.select(
        [promised < p50[promised.index], promised < p80[promised.index]], PROMISES[:2], FROM_P80
    )
    asked = whole[np.isclose(whole["level"], 0.5)]
    asked = asked.assign(finish=promised.reindex(asked["project"]).array)
    scored = promise_table(asked, known, as_of=as_of)
    groups = pd.Series(group, promised.index).reindex(scored["project"]).array
    return scored.assign(group=groups)[["group", "held"]]


def _multiplied(known: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
    """Tell which plans took multipliers and which refused them; others had nothing to go by."""
    project, estimate = known["project"], own["estimate_own_days"]
    multiplied = estimate * factors_of(known, own["baseline_own_days"])
    factor = multiplied.groupby(project).sum() / estimate.groupby(project).sum()
    starts, closed = project_starts(known).reindex(factor.index), closing_days(known).to_numpy()
    could = (closed[None, :] < starts.to_numpy()[:, None]).sum(axis=1) >= FEWEST_TO_REFUSE
    group = np.select([(factor - 1).abs() > CLEARLY, could], PLANS, "")
    return pd.Series(group, factor.index)


def _fared(group: str, cases: pd.DataFrame) -> Mapping[str, object]:
    n, few = len(cases), len(cases) < FEWEST_IN_A_CELL
    row = dict.fromkeys(FARED) | {"group": group, "n_projects": n, "suppressed": few}
    if few:
        return row
    n_held = int(cases["held"].sum())
    low, high = share_interval(n_held, n)
    shares = {"n_held": n_held, "share_held": n_held / n, "share_lower": low, "share_upper": high}
    return row | shares | {"median_slip_days": cases["slip_days"].median()}
