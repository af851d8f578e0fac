"""Whether kickoff dates hold in simulated agencies, from the first project on."""

from __future__ import annotations

import inspect
import time

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.agencies import Portfolio, draw_portfolio, history_of
from benchmarks.page import ANYTHING, mean_with_error, verdict, wanted_range
from estimation import calibrate, simulate
from estimation.calibration.project_record import fit_project_record
from estimation.project.closing import baseline_plan
from estimation.scores import crps_from_quantiles

HALF_LIFE = 12
LEVELS = (np.arange(199) + 0.5) / 199
ASKED = np.array([0.1, 0.5, 0.8, 0.9])
P80_LATER, P50_FIRST, P50_LATER = (0.76, 0.84), (0.38, 0.62), (0.42, 0.58)
FEW = {3: (P50_FIRST, (0.74, 0.86)), 5: (P50_FIRST, P80_LATER)} | dict.fromkeys(
    (8, 15, 30), (P50_LATER, P80_LATER)
)
"""By closed projects: where the share of outcomes within P50 and within P80 must lie."""
ANY_AGENCY, ANY_P80 = (0, 1, 3, 10), (0.72, 0.92)
GROWTH_P80, DRIFT_P80 = (0.76, 1.0), (0.45, 1.0)


def few_projects(portfolios: int, seed: int) -> pd.DataFrame:
    """Kickoff dates by the record of 3 to 30 closed projects."""
    rows = []
    for kind in ("overrunning", "mild", "heavy waiting"):
        for n, wanted in FEW.items():
            rows.append(record_row(kind, n, portfolios, seed, *wanted))
    return pd.DataFrame(rows)


def any_agency(portfolios: int, seed: int) -> pd.DataFrame:
    """Kickoff dates where an agency may overrun by anything up to .6, with none to ten projects of its own."""
    rows = [record_row("any", n, portfolios, seed, ANYTHING, ANY_P80) for n in ANY_AGENCY]
    widths = [float(row["P10 to P90"]) for row in rows]
    for row, before, width in zip(rows, [np.inf, *widths], widths, strict=False):
        row["narrower"] = "yes" if width < before else "NO"
    return pd.DataFrame(rows)


def features(portfolios: int, seed: int) -> pd.DataFrame:
    """Kickoff dates of agencies that drift, grow, release on fixed dates, have clients or now and then fail badly."""
    rows = [
        record_row("drift", 0, portfolios, seed, ANYTHING, ANYTHING),
        record_row("drift", 0, portfolios, seed, ANYTHING, DRIFT_P80, half_life_months=HALF_LIFE),
        record_row("growth", 0, portfolios, seed, ANYTHING, GROWTH_P80),
    ]
    for kind in ("fixed dates", "clients", "one in seven twice as bad"):
        rows += [record_row(kind, n, portfolios, seed, ANYTHING, ANYTHING) for n in (8, 20)]
    return pd.DataFrame(rows).fillna("")


def record_row(
    kind: str, n: int, portfolios: int, seed: int, wanted50: tuple, wanted80: tuple, **options
) -> dict[str, str]:
    """Measure one cell: how often dates of the record held over all portfolios, and how wide it was."""
    begun = time.process_time()
    if options.keys() - inspect.signature(fit_project_record).parameters.keys():
        missing = ", ".join(options)
        return {"agency": f"{kind}, {missing}", "closed": "-", "met": "not there yet"}
    scored = pd.DataFrame(
        [record_held(draw_portfolio(kind, n, seed, k), **options) for k in range(portfolios)]
    )
    means = scored.mean()
    row = {
        "agency": ", ".join([kind, *(f"{name} {value}" for name, value in options.items())]),
        "closed": f"{means['closed']:.0f}",
        "P50 held": mean_with_error(scored["P50"]),
        "wanted": wanted_range(wanted50),
        "P80 held": mean_with_error(scored["P80"]),
        "wanted ": wanted_range(wanted80),
        "met": verdict((means["P50"], wanted50), (means["P80"], wanted80)),
        "bias of P50": f"{means['bias']:+.3f}",
        "P10 to P90": f"{means['width']:.3f}",
        "CRPS": f"{means['crps']:.4f}",
        "own t: P80 held": mean_with_error(scored["own t P80"]),
        "truth: P10 to P90": f"{means['true width']:.3f}",
        "truth: CRPS": f"{means['true crps']:.4f}",
    }
    print(f"  {' | '.join(row.values())} ({time.process_time() - begun:.0f} s)", flush=True)
    return row


def record_held(portfolio: Portfolio, **options) -> dict[str, float]:
    """Forecast the new projects of one portfolio from its history as of the day; compare with a t and the truth."""
    record = fit_project_record(portfolio.history(), as_of=portfolio.as_of, **options)
    actual = portfolio.new.log_finish_ratio
    p10, p50, p80, p90 = record.quantiles(ASKED)
    n_closed = int(portfolio.closed.sum())
    truth = np.quantile(portfolio.truth().log_finish_ratio, LEVELS)
    return {
        "closed": n_closed,
        "P50": np.mean(actual <= p50),
        "P80": np.mean(actual <= p80),
        "bias": p50 - np.interp(0.5, LEVELS, truth),
        "width": p90 - p10,
        "crps": _crps(record.quantiles(LEVELS), actual),
        "own t P80": np.mean(actual <= own_t(portfolio, 0.8)) if n_closed > 1 else np.nan,
        "true width": np.subtract(*np.interp([0.9, 0.1], LEVELS, truth)),
        "true crps": _crps(truth, actual),
    }


def own_t(portfolio: Portfolio, level: float) -> float:
    """The predictive t of closed projects alone, two or more of them [log units]."""
    past = portfolio.past.log_finish_ratio[portfolio.closed]
    scale = past.std(ddof=1) * np.sqrt(1 + 1 / len(past))
    return past.mean() + scale * stats.t.ppf(level, len(past) - 1)


def whole_way(portfolios: int, seed: int) -> pd.DataFrame:
    """Kickoff dates by ``calibrate`` and ``simulate``, on a tenth of the portfolios."""
    rows = []
    for n, (wanted50, wanted80) in FEW.items():
        begun, held = time.process_time(), []
        for k in range(max(portfolios // 10, 2)):
            held.append(simulated_held(draw_portfolio("overrunning", n, seed, k, new=4)))
        found = pd.DataFrame(held, columns=["P50", "P80"])
        row = {
            "agency": "overrunning",
            "closed": str(n),
            "portfolios": str(len(found)),
            "P50 held": mean_with_error(found["P50"]),
            "wanted": wanted_range(wanted50),
            "P80 held": mean_with_error(found["P80"]),
            "wanted ": wanted_range(wanted80),
        }
        print(f"  {' | '.join(row.values())} ({time.process_time() - begun:.0f} s)", flush=True)
        rows.append(row)
    return pd.DataFrame(rows)


def simulated_held(portfolio: Portfolio, iterations: int = 1000) -> np.ndarray:
    """Which share of the new projects ended by their P50 and P80 dates, the whole way of the toolkit."""
    model = calibrate(portfolio.history(), seed=1, as_of=portfolio.as_of)
    plans = history_of(portfolio.new, portfolio.today)
    limits = [
        np.quantile(
            simulate(baseline_plan(plans, project), model, seed=1, iterations=iterations).project_finishes,
            [0.5, 0.8],
        )
        for project in plans["project"].unique()
    ]
    return np.mean(portfolio.new.actual_finish[:, None] <= np.ceil(limits), axis=0)


def _crps(quantiles: np.ndarray, actual: np.ndarray) -> float:
    return float(
        crps_from_quantiles(np.broadcast_to(quantiles, (len(actual), len(quantiles))), actual).mean()
    )
