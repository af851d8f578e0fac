"""How long a running project will take by its earned value: nine published forecasts, EAC(t), at every status date."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.forecasting.earned_schedule import ROUNDING
from estimation.project.plan import Plan
from estimation.tables import keep_contract
from estimation.tracking.tracking_tables import TIME_FORECASTS

PLANNED_VALUE, EARNED_DURATION, EARNED_SCHEDULE = "planned value", "earned duration", "earned schedule"
COMPLETE = 1 - ROUNDING


def time_forecast_table(plan: Plan, earned: pd.DataFrame) -> pd.DataFrame:
    """Forecast the duration of a project from what it has earned, in the nine ways that are published.

    Three methods measure what is left, and each divides it by a performance factor: 1 if the rest goes as planned,
    SPI or SPI(t) if it goes at the pace so far, SCI or SCI(t) if money that runs over slows it too. With PD the
    planned duration, AT the time elapsed, EV and PV shares of the whole, ED = AT SPI, and ES the earned schedule:

    - planned value: PD - (EV - PV) PD with factor 1, PD / factor with the others
    - earned duration: AT + (max(PD, AT) - ED) / factor
    - earned schedule: AT + (PD - ES) / factor

    SPI returns to 1 on every late project, so the first two end on the planned duration however late the project
    is: their finish comes to lie before the status date, which ``refuted`` says. Factor 1 on the earned schedule was
    the closest of the nine on real projects. A factor of zero, or one that is not known (SCI needs costs), gives no
    forecast. No duration is below zero.

    References
    ----------
    .. [1] Vandevoorde & Vanhoucke, A comparison of different project duration forecasting methods using earned value
       metrics, Int. J. Project Management 24, 2006, 289-302.
    """
    planned = earned["planned_days"].to_numpy(dtype=float)
    elapsed, spi, spi_t = (earned[name].to_numpy(dtype=float) for name in ("elapsed_days", "spi", "spi_t"))
    cpi = earned["cpi"].to_numpy(dtype=float)
    ahead = (earned["ev"] - earned["pv"]).to_numpy(dtype=float)
    plan_left = np.maximum(planned, elapsed) - elapsed * spi
    schedule_left = planned - earned["es_days"].to_numpy(dtype=float)
    one = np.ones(len(earned))
    ways = [
        (PLANNED_VALUE, "1", one, lambda _: planned - ahead * planned),
        (PLANNED_VALUE, "SPI", spi, lambda pace: planned / pace),
        (PLANNED_VALUE, "SCI", spi * cpi, lambda pace: planned / pace),
        (EARNED_DURATION, "1", one, lambda pace: elapsed + plan_left / pace),
        (EARNED_DURATION, "SPI", spi, lambda pace: elapsed + plan_left / pace),
        (EARNED_DURATION, "SCI", spi * cpi, lambda pace: elapsed + plan_left / pace),
        (EARNED_SCHEDULE, "1", one, lambda pace: elapsed + schedule_left / pace),
        (EARNED_SCHEDULE, "SPI(t)", spi_t, lambda pace: elapsed + schedule_left / pace),
        (EARNED_SCHEDULE, "SCI(t)", spi_t * cpi, lambda pace: elapsed + schedule_left / pace),
    ]
    origin = plan.calendar.mornings([plan.start])[0]
    running = (earned["ev"] < COMPLETE).to_numpy()
    parts = []
    for place, (method, factor, pace, duration) in enumerate(ways):
        days = np.maximum(duration(np.where(pace > 0, pace, np.nan)), 0.0)
        parts.append(
            pd.DataFrame(
                {
                    "as_of": earned["as_of"],
                    "method": method,
                    "factor": factor,
                    "performance": pace,
                    "eac_t_days": days,
                    "eac_t_finish": plan.finish_dates(origin + days),
                    "refuted": running & (days < elapsed - ROUNDING),
                    "place": place,
                }
            )
        )
    table = pd.concat(parts).sort_values(["as_of", "place"], kind="stable")
    return keep_contract(table, TIME_FORECASTS)
