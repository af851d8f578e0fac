"""How well the finish date of a running project is forecast: ProTrack projects at every tracking period.

``python -m benchmarks.accuracy in-flight`` prints the tables, ``--write`` puts them into the page. Forecast are the
finish dates of the baseline, the nine that the workbooks publish (an answer key nobody here wrote), and ours,
calibrated on the other projects only; related projects are held out together.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineWorkbook

from benchmarks.datasets import family_of
from benchmarks.page import markdown
from estimation import overrun_table, read_history
from estimation.calendar.workdays import calendar_from_text
from estimation.calibration.observations import copies_of_plan
from estimation.calibration.remaining import RemainingModel, fit_remaining
from estimation.forecasting.remaining_table import remaining_table
from estimation.ingest.sources import read_status
from estimation.scores import binomial_band

PUBLISHED = {
    "planned value, factor 1": "EAC(t)-PV (PF=1)",
    "planned value, SPI": "EAC(t)-PV (PF=SPI)",
    "planned value, SCI": "EAC(t)-PV (PF=SCI)",
    "earned duration, factor 1": "EAC(t)-ED (PF=1)",
    "earned duration, SPI": "EAC(t)-ED (PF=SPI)",
    "earned duration, SCI": "EAC(t)-ED (PF=SPI)",  # the workbooks head this column, too, with SPI
    "earned schedule, factor 1": "EAC(t)-ES (PF=1)",
    "earned schedule, SPI(t)": "EAC(t)-ES (PF=SPI(t))",
    "earned schedule, SCI(t)": "EAC(t)-ES (PF=SCI(t))",
}
BEST_PUBLISHED = "earned schedule, factor 1"
STAGES = ("early", "middle", "late")
"""Below 30 % of the budget earned, 30 to 70 %, and above."""
LEVELS = np.array([0.5, 0.8, 0.9])
REDRAWS = 2000
SEED = 20260302

Forecast = Callable[[pd.DataFrame, pd.DataFrame], np.ndarray]
"""Given the statuses of other projects, and those to forecast: remaining days at each of ``LEVELS``, shape (n, 3)."""


def in_flight_tables(data: Path) -> dict[str, str]:
    """Forecast every running project at every tracking period; give the tables as Markdown by name."""
    from benchmarks.in_flight_variants import VARIANTS, chained_finishes, parts_table

    folder = data / "dslib"
    history, status = read_history(folder), read_status(folder)
    rows = statuses(folder, history, status)
    ours = left_out_forecast(rows, our_forecast)
    scored = ~rows["copies_plan"].to_numpy()
    variants = {"ours": ours} | {name: left_out_forecast(rows, make) for name, make in VARIANTS.items()}
    variants["durations chained from the status date"] = chained_finishes(rows, history, status)
    return {
        "in-flight": markdown(error_table(rows, ours, scored)),
        "in-flight-spread": markdown(spread_table(rows, ours, scored)),
        "in-flight-variants": markdown(variant_table(rows, variants, scored)),
        "in-flight-parts": markdown(parts_table(rows[scored], ours[scored])),
    }


def statuses(folder: Path, history: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    """Read all projects at all status dates: REMAINING columns, published forecasts, family, stage, copies of plans.

    Forecasts are in working days from the planned start of the project.
    """
    table = remaining_table(history, status)
    known = pd.concat([_published(path, history) for path in sorted(folder.glob("*.xlsx"))])
    numbers = status[["project", "as_of"]].drop_duplicates().sort_values(["project", "as_of"])
    numbers = numbers.assign(period=numbers.groupby("project").cumcount())
    table = table.merge(numbers, on=["project", "as_of"], validate="1:1")
    table = table.merge(known, on=["project", "period"], validate="1:1")
    names = history.drop_duplicates("project").set_index("project")["project_name"]
    return table.assign(
        family=table["project"].map(names.map(family_of)),
        finish=table["elapsed_days"] + table["remaining_days"],
        stage=np.digitize(table["published_share"], [0.3, 0.7 + 1e-9]),
        copies_plan=table["project"].isin(copies_of_plan(overrun_table(history))),
    )


def _published(path: Path, history: pd.DataFrame) -> pd.DataFrame:
    """Read the published figures of one workbook, a row per tracking period in order of time."""
    rows = history[history["project"] == path.stem.partition(" ")[0]]
    calendar = calendar_from_text(rows["calendar"].iloc[0])
    start = calendar.mornings(rows["project_start"].iloc[:1])[0]
    grid = CalamineWorkbook.from_path(path).get_sheet_by_name("Tracking Overview").to_python()
    table = pd.DataFrame([row for row in grid[2:] if row[2] != ""]).sort_values(2, kind="stable")
    heads = [str(head) for head in grid[1]]
    columns = {}
    for name, head in PUBLISHED.items():
        place = heads.index(head) + (name == "earned duration, SCI")
        days = pd.to_datetime(table[place]).dt.normalize()
        columns[name] = calendar.evenings(days) - start
    budget = rows["budget_cost"].sum()
    reached = pd.to_datetime(table[heads.index("Earned Schedule (ES)")]).dt.normalize()
    return pd.DataFrame(columns).assign(
        project=rows["project"].iloc[0],
        period=range(len(table)),
        published_share=table[heads.index("Earned Value (EV)")].to_numpy(dtype=float) / budget,
        published_planned_share=table[heads.index("Planned Value (PV)")].to_numpy(dtype=float) / budget,
        published_schedule=calendar.evenings(reached) - start,
    )


def our_forecast(others: pd.DataFrame, targets: pd.DataFrame) -> np.ndarray:
    """Forecast with what the other projects taught; the default residuals, measured on these projects, do not count."""
    model = fit_remaining(others, default_projects=0)
    return forecast_with(model, targets)


def forecast_with(model: RemainingModel, targets: pd.DataFrame) -> np.ndarray:
    """Give the remaining days at each of ``LEVELS``."""
    base, planned, elapsed = (
        targets[name].to_numpy() for name in ("base_days", "planned_days", "elapsed_days")
    )
    return model.quantiles(base, planned, LEVELS, elapsed_days=elapsed)


def left_out_forecast(rows: pd.DataFrame, forecast: Forecast) -> np.ndarray:
    """Forecast each family of related projects from all others; days from the planned start, shape (n, 3)."""
    finish = np.full((len(rows), len(LEVELS)), np.nan)
    for family in rows["family"].unique():
        own = (rows["family"] == family).to_numpy()
        targets = rows[own].drop(columns=["finish", "remaining_days"])
        others = rows[~own & ~rows["copies_plan"].to_numpy()]
        finish[own] = targets["elapsed_days"].to_numpy()[:, None] + forecast(others, targets)
    return finish


def by_stage(rows: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    """Average over the statuses of each project within a stage: one row per project, one column per stage."""
    table = pd.DataFrame({"project": rows["project"], "stage": rows["stage"], "value": values})
    return table.pivot_table("value", "project", "stage", aggfunc="mean")


def errors(rows: pd.DataFrame, finish: np.ndarray) -> np.ndarray:
    """Measure how far finish dates lie from the real one, as a share of the project's real duration."""
    return (np.abs(finish - rows["finish"]) / rows["finish"]).to_numpy()


def error_table(rows: pd.DataFrame, ours: np.ndarray, scored: np.ndarray) -> pd.DataFrame:
    """One row per forecast: mean error by stage, and beside the best published one; copies of plans apart."""
    forecasts = {
        "baseline": rows["planned_days"],
        **{name: rows[name] for name in PUBLISHED},
        "ours, P50": ours[:, 0],
    }
    apart = ["baseline", BEST_PUBLISHED, "ours, P50"]
    lines = []
    for part, names, kept in (("", forecasts, scored), (", copies of the plan", apart, ~scored)):
        best = by_stage(rows[kept], errors(rows[kept], rows[kept][BEST_PUBLISHED])).mean()
        for name in names:
            own = by_stage(rows[kept], errors(rows[kept], np.asarray(forecasts[name])[kept])).mean()
            lines.append(
                {
                    "forecast": name + part,
                    **{stage: f"{100 * own.get(n, np.nan):.1f}" for n, stage in enumerate(STAGES)},
                    "beside earned schedule": f"{(own / best).mean():.2f}",
                }
            )
    return pd.DataFrame(lines)


def mean_ratio(rows: pd.DataFrame, finish: np.ndarray) -> tuple[float, float, float]:
    """Divide the error of a forecast by that of the best published one, stages averaged; with its 90 % interval.

    For the interval whole families of projects are redrawn.
    """
    own, best = (by_stage(rows, errors(rows, each)) for each in (finish, rows[BEST_PUBLISHED]))
    families = rows.drop_duplicates("project").set_index("project")["family"].reindex(own.index)
    blocks = [np.flatnonzero(families == family) for family in families.unique()]
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(REDRAWS):
        places = np.concatenate([blocks[n] for n in rng.integers(0, len(blocks), len(blocks))])
        drawn.append((own.iloc[places].mean() / best.iloc[places].mean()).mean())
    return float((own.mean() / best.mean()).mean()), *np.quantile(drawn, [0.05, 0.95])


def spread_table(rows: pd.DataFrame, ours: np.ndarray, scored: np.ndarray) -> pd.DataFrame:
    """One row per stage: pinball loss beside the bare earned-schedule date, and how often P80 and P90 held."""
    rows, ours = rows[scored], ours[scored]
    finish = rows["finish"].to_numpy()
    bare = (
        np.maximum(rows[BEST_PUBLISHED], rows["elapsed_days"]).to_numpy()[:, None].repeat(len(LEVELS), axis=1)
    )
    losses, others = (pinball_loss(each, LEVELS, finish) / finish[:, None] for each in (ours, bare))
    held = finish[:, None] <= ours + 1e-9
    lines = []
    for n, stage in enumerate(STAGES):
        line = {"stage": stage, "statuses": int((rows["stage"] == n).sum())}
        line["projects"] = rows["project"][rows["stage"] == n].nunique()
        for k, level in enumerate(LEVELS):
            ratio = by_stage(rows, losses[:, k]).mean()[n] / by_stage(rows, others[:, k]).mean()[n]
            line[f"pinball {level:g}"] = f"{ratio:.2f}"
        for k, level in list(enumerate(LEVELS))[1:]:
            low, high = binomial_band(line["projects"], level)
            share = by_stage(rows, held[:, k]).mean()[n]
            band = f"({low / line['projects']:.2f}-{high / line['projects']:.2f})"
            line[f"P{100 * level:.0f} held"] = f"{share:.3f} {band}"
        lines.append(line)
    return pd.DataFrame(lines)


def pinball_loss(quantiles: np.ndarray, levels: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Score quantile forecasts: being below a P80 date costs four times as much per day as being above.

    ``level * (y - q)`` when the actual lies above the quantile, ``(1 - level) * (q - y)`` below; shape (n, levels).
    Koenker & Bassett, Regression quantiles, Econometrica 46(1), 1978.
    """
    miss = np.asarray(actual)[..., None] - quantiles
    return np.maximum(levels * miss, (levels - 1) * miss)


def variant_table(rows: pd.DataFrame, variants: dict[str, np.ndarray], scored: np.ndarray) -> pd.DataFrame:
    """One row per variant of the method: error by stage, and beside the best published one with its interval."""
    lines = []
    for name, finish in variants.items():
        own = by_stage(rows[scored], errors(rows[scored], finish[scored, 0])).mean()
        ratio, low, high = mean_ratio(rows[scored], finish[scored, 0])
        lines.append(
            {
                "variant": name,
                **{stage: f"{100 * own[n]:.1f}" for n, stage in enumerate(STAGES)},
                "beside earned schedule": f"{ratio:.3f} ({low:.2f} to {high:.2f})",
            }
        )
    return pd.DataFrame(lines)
