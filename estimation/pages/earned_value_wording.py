"""The time forecasts of the earned value in words: what each would make of the finish, and which to believe."""

from __future__ import annotations

import pandas as pd

from estimation.pages.displays import MISSING, shown_date
from estimation.tracking.time_forecasts import EARNED_SCHEDULE

PACE_HEADERS = {
    "as_planned": "Rest as planned (factor 1)",
    "at_pace": "At the pace so far (SPI, SPI(t))",
    "at_pace_and_cost": "At pace and cost so far (SCI)",
}
"""What the factors mean, in the order of the forecasts: 1; SPI or SPI(t); SCI or SCI(t)."""
PAST = "already past"


def time_forecasts_overview(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Lay the nine forecasts of the last status date out: a line per method, a column per factor.

    Parameters
    ----------
    forecasts : DataFrame keeping the TIME_FORECASTS contract

    Returns
    -------
    DataFrame with ``method``, ``as_planned``, ``at_pace`` and ``at_pace_and_cost``, dates as text
    """
    last = forecasts[forecasts["as_of"] == forecasts["as_of"].max()]
    said = last["eac_t_finish"].map(shown_date, na_action="ignore").astype(object)
    said = said.where(~last["refuted"].astype(bool), PAST).where(last["eac_t_days"].notna(), MISSING)
    said = said.to_numpy().reshape(-1, len(PACE_HEADERS))  # three methods with three factors each, in order
    methods = [method.capitalize() for method in dict.fromkeys(last["method"])]
    return pd.DataFrame({"method": methods, **dict(zip(PACE_HEADERS, said.T, strict=True))})


def pace_columns(forecasts: pd.DataFrame) -> dict[str, str]:
    """Choose the columns of the overview: a factor of which nothing is known has none.

    Parameters
    ----------
    forecasts : DataFrame keeping the TIME_FORECASTS contract
    """
    shown = time_forecasts_overview(forecasts)
    known = {name: header for name, header in PACE_HEADERS.items() if (shown[name] != MISSING).any()}
    return {"method": "Finish by", **known}


def time_forecasts_finding(earned: pd.DataFrame, forecasts: pd.DataFrame) -> str:
    """Say which of the nine to believe, what it says, and why the others mislead.

    Parameters
    ----------
    earned : DataFrame keeping the EARNED_VALUE contract
    forecasts : DataFrame keeping the TIME_FORECASTS contract, of the same project
    """
    last = forecasts[forecasts["as_of"] == forecasts["as_of"].max()]
    if earned["ev"].iloc[-1] >= 1 - 1e-9:
        return "Everything is earned: there is nothing left to forecast."
    best = last[(last["method"] == EARNED_SCHEDULE) & (last["factor"] == "1")].iloc[0]
    past = int(last["refuted"].sum())
    refuted = ""
    if past:
        lie = "of the nine lies" if past == 1 else "of the nine lie"
        refuted = (
            f" {past} {lie} before today already: SPI returns to 1 on every late project, and with it they return to "
            "the planned duration."
        )
    costs = " Pace and cost together (SCI) need budgets and costs." if last["eac_t_days"].isna().any() else ""
    return (
        f"Of nine usual forecasts from earned value believe the earned schedule with the rest as planned first: "
        f"{shown_date(best['eac_t_finish'])}. On real projects it came closest of the nine; taking the pace so far for "
        f"the rest (SPI, SPI(t)), or pace and cost (SCI), was worse at every stage, because few projects go on as they "
        f"began.{refuted} None of them knows what comes late in a project: P50 and P80 above do.{costs}"
    )
