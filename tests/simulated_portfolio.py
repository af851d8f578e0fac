"""A simulated portfolio whose kickoff forecasts are calibrated by construction, or too early by a known factor.

Every project is planned for 60 working days (data 20, model 40) and takes ``60 exp(.1 + .25 z)``, z standard normal.
The forecast of level q is the quantile of that very distribution, ``60 exp(.1 + .25 z_q)``, times ``factor``. Both are
rounded up to whole days, which keeps their order: with factor 1 level q holds with probability q, exactly.
"""

import numpy as np
import pandas as pd
from scipy import stats

from estimation.ingest.published_forecasts import PUBLISHED
from estimation.tables import HISTORY, keep_contract

LEVELS = (0.5, 0.8, 0.9)
MEAN, SPREAD = 0.1, 0.25
FIRST_START = "2023-01-02"


def evening(start, days):
    """The evening after so many working days, the start's own day being the first."""
    return pd.Timestamp(np.busday_offset(np.datetime64(start, "D"), int(days) - 1))


def portfolio(n_projects: int = 200, *, factor: float = 1.0, seed: int = 1, every: int = 5):
    """Make history and published forecasts; a project starts every so many working days."""
    rng = np.random.default_rng(seed)
    rows, forecasts = [], []
    for k in range(n_projects):
        start = pd.Timestamp(np.busday_offset(FIRST_START, every * k))
        taken = int(np.ceil(60 * np.exp(MEAN + SPREAD * rng.standard_normal())))
        first = max(1, round(taken / 3))
        shared = {"project": f"p{k:03d}", "project_name": f"Project {k}", "project_start": start}
        rows += [
            {**shared, "milestone": "1", "phase": "data", "baseline_finish": evening(start, 20),
             "actual_start": start, "actual_finish": evening(start, first), "cause": "data_quality"},
            {**shared, "milestone": "2", "phase": "model", "baseline_finish": evening(start, 60), "depends_on": "1",
             "actual_start": evening(start, first + 1), "actual_finish": evening(start, taken)},
        ]  # fmt: skip
        for level in LEVELS:
            promised = int(np.ceil(factor * 60 * np.exp(MEAN + SPREAD * stats.norm.ppf(level))))
            forecasts.append(
                {"entry": k + 1, "project": f"p{k:03d}", "as_of": start, "milestone": "project", "level": level,
                 "finish": evening(start, promised)}
            )  # fmt: skip
    history = keep_contract(pd.DataFrame(rows).assign(source="simulated"), HISTORY)
    return history, keep_contract(pd.DataFrame(forecasts), PUBLISHED)


def cut_off(history: pd.DataFrame, published: pd.DataFrame, day: str):
    """What somebody had written down by a day: later starts, finishes and forecasts are not there."""
    day = pd.Timestamp(day)
    then = history[history["project_start"] <= day].reset_index(drop=True)
    for name in ("actual_start", "actual_finish"):
        then[name] = then[name].mask(history.loc[history["project_start"] <= day, name].to_numpy() > day)
    then["cause"] = then["cause"].where(then["actual_finish"].notna())
    return then, published[published["as_of"] <= day].reset_index(drop=True)
