"""How early a project that will end late is warned of, and how often one that will not: ProTrack projects, each period.

``python -m benchmarks.accuracy early-warning`` prints the tables, ``--write`` puts them into the page. The evidence is
that of ``evidence_table``, calibrated on the other projects only (related ones held out together); SPI and SPI(t) are
those that the workbooks publish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.in_flight import statuses
from benchmarks.page import markdown
from estimation import Plan, calibrate, evidence_table, forecast_table, plan_of, read_history, simulate
from estimation.calibration.pooled_readings import fit_pooled
from estimation.ingest.sources import read_status
from estimation.scores import binomial_band
from estimation.tracking.evidence import whole_project

LATE = 1.10
"""Finish ratio beyond which a project ended late: more than a tenth over its planned duration."""
ITERATIONS = 1000
REDRAWS = 1000
RATES = (0.6, 0.7, 0.8, 0.9, 1.0)
"""Shares of the late projects that are to be warned of when two indicators are compared."""
SEED = 20260302
PROMISED, P80, CHANGE, ALARM, SPI_T, SPI = (
    "evidence, baseline agreed",
    "evidence, P80 of kickoff agreed",
    "chance of the baseline now / at kickoff",
    "alarm of the evidence, baseline agreed",
    "SPI(t)",
    "SPI",
)
THRESHOLDS: Mapping[str, tuple[float, ...]] = {
    PROMISED: (0.5, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05),
    ALARM: (1,),
    P80: (0.7, 0.6, 0.5, 0.3, 0.2, 0.1),
    CHANGE: (0.9, 0.8, 0.7, 0.6, 0.5, 0.3),
    SPI_T: (0.95, 0.9, 0.85, 0.8, 0.7),
    SPI: (0.95, 0.9, 0.8, 0.7),
}
"""Thresholds looked at; an alarm is given (0) or not (1)."""
USUAL = 0.95
"""Below it SPI and SPI(t) are usually called a warning."""


@dataclass(frozen=True, eq=False)
class Warnings:
    """What each indicator said of each project at each status date, and how the project ended.

    Parameters
    ----------
    said : DataFrame, one row per project and status date
        ``project``, ``elapsed_days`` and a column per indicator; the lower, the worse.
    projects : DataFrame, project as index
        ``family``, ``planned_days``, ``finish`` (working days from the planned start), ``finish_ratio``,
        ``committed_days`` (P80 of the kickoff).
    """

    said: pd.DataFrame
    projects: pd.DataFrame


def early_warning_tables(data: Path) -> dict[str, str]:
    """Ask every indicator at every period of every project; give the tables as Markdown by name."""
    folder = data / "dslib"
    asked = warnings_of(read_history(folder), read_status(folder), folder)
    return {
        "early-warning": markdown(threshold_table(asked)),
        "early-warning-rates": markdown(rate_table(asked)),
        "early-warning-order": markdown(order_table(asked)),
        "early-warning-broken": markdown(broken_table(asked)),
    }


def warnings_of(history: pd.DataFrame, status: pd.DataFrame, folder: Path) -> Warnings:
    """Give what each indicator said; copies of plans are left out."""
    rows = statuses(folder, history, status)
    rows = rows[~rows["copies_plan"]]
    rows = rows.assign(
        **{
            SPI: rows["published_share"] / rows["published_planned_share"].replace(0, np.nan),
            SPI_T: rows["published_schedule"] / rows["elapsed_days"],
        }
    )
    parts = [
        evidence_of(history, status, own, rows[rows["family"] != family])
        for family, own in rows.groupby("family", sort=True)
    ]
    rows = rows.merge(pd.concat(parts), on=["project", "as_of"], validate="1:1")
    ends = rows.groupby("project").first()
    projects = ends[["family", "planned_days", "finish", "committed_days"]]
    return Warnings(
        said=rows[["project", "elapsed_days", *THRESHOLDS]],
        projects=projects.assign(finish_ratio=ends["finish"] / ends["planned_days"]),
    )


def evidence_of(
    history: pd.DataFrame, status: pd.DataFrame, own: pd.DataFrame, others: pd.DataFrame
) -> pd.DataFrame:
    """Ask the evidence of the projects of one family, with what all others taught.

    Parameters
    ----------
    history, status : DataFrames keeping the HISTORY and the STATUS contract
    own, others : DataFrames with the columns of ``remaining_table``
        Status dates of the projects asked about, and of those that teach; no project is in both.

    Returns
    -------
    DataFrame, one row per project and status date
        ``project``, ``as_of``, the indicators by evidence, ``committed_days``.
    """
    others_history = history[history["project"].isin(others["project"])]
    model = calibrate(others_history, seed=SEED, finish_way="record")
    # Without the default residuals: they were measured on these projects.
    rest = fit_pooled(others, record=model.record, default_projects=0)
    model = replace(model, remaining=rest)
    found = []
    for project, dates in own.groupby("project"):
        plan = plan_of(history, project)
        reports = status[(status["project"] == project) & status["as_of"].isin(dates["as_of"])]
        kickoff = forecast_table(simulate(plan, model, seed=SEED, iterations=ITERATIONS), levels=(0.8,))
        by_p80, by_plan = (
            whole_project(evidence_table(each, model, reports, seed=SEED, iterations=ITERATIONS))
            for each in (agreed(plan, kickoff["p80_finish"].iloc[-1]), agreed(plan, plan.baseline_finish))
        )
        start = plan.calendar.mornings([plan.start])[0]
        found.append(
            pd.DataFrame(
                {
                    "project": project,
                    "as_of": by_plan["as_of"],
                    PROMISED: by_plan["prob_now"],
                    ALARM: 1.0 - by_plan["alarm"].astype(float),
                    CHANGE: by_plan["evidence_ratio"],
                    P80: by_p80["prob_now"],
                    "committed_days": plan.calendar.evenings(by_p80["committed_finish"]) - start,
                }
            )
        )
    return pd.concat(found)


def agreed(plan: Plan, finish: np.ndarray | pd.Timestamp) -> Plan:
    """Agree on a date for every milestone: the planned one, as many agencies do, or one for all."""
    return replace(plan, milestones=plan.milestones.assign(promised_finish=finish))


def first_warnings(asked: Warnings, indicator: str, threshold: float) -> pd.Series:
    """Find after how many working days each project was first warned of; NaN where it never was."""
    below = asked.said[asked.said[indicator] < threshold]
    return below.groupby("project")["elapsed_days"].min().reindex(asked.projects.index)


def threshold_table(asked: Warnings) -> pd.DataFrame:
    """One row per indicator and threshold: how many late projects were warned of and how early, and false alarms."""
    ends = asked.projects
    late, in_time = is_late(asked), is_in_time(asked)
    usual = {name: first_warnings(asked, name, USUAL) for name in (SPI_T, SPI)}
    rows = []
    for name, thresholds in THRESHOLDS.items():
        for threshold in thresholds:
            first = first_warnings(asked, name, threshold)
            warned = (first <= ends["planned_days"]).to_numpy()
            lead = (ends["finish"] - first)[late]
            rows.append(
                {
                    "warning": name if name == ALARM else f"{name} < {threshold:g}",
                    "late ones warned of": f"{warned[late].sum()} of {late.sum()}",
                    "days before the end": f"{lead.median():.0f}",
                    "as a share": f"{(lead / ends['finish'][late]).median():.2f}",
                    **{
                        f"days before {other} < {USUAL:g}": f"{(days - first)[late].median():+.0f}"
                        for other, days in usual.items()
                    },
                    "false alarms, ended in time": _count(warned[in_time]),
                    "alarms, at most a tenth late": _count(warned[~late]),
                }
            )
    return pd.DataFrame(rows)


def rate_table(asked: Warnings) -> pd.DataFrame:
    """One row per share of late projects warned of: false alarms of the evidence beside those of SPI(t) and SPI."""
    worst = {name: worst_said(asked, name) for name in (PROMISED, SPI_T, SPI)}
    everything = np.arange(len(asked.projects))
    rows = []
    for rate in RATES:
        row = {"late ones warned of": f"{100 * rate:.0f} %"}
        alarms = {name: false_alarms(asked, values, rate, everything) for name, values in worst.items()}
        for name, (share, threshold) in alarms.items():
            row[name] = f"{share:.2f} (< {threshold:.2f})"
        for other in (SPI_T, SPI):
            low, high = _band(
                asked,
                lambda drawn, rate=rate, other=other: (
                    false_alarms(asked, worst[other], rate, drawn)[0]
                    - false_alarms(asked, worst[PROMISED], rate, drawn)[0]
                ),
            )
            gain = alarms[other][0] - alarms[PROMISED][0]
            row[f"fewer than {other}"] = f"{gain:+.2f} ({low:+.2f} to {high:+.2f})"
        rows.append(row)
    return pd.DataFrame(rows)


def order_table(asked: Warnings) -> pd.DataFrame:
    """One row per indicator: how often a late project looked worse than one in time, and that beside SPI(t).

    It is the area under the curve of detections against false alarms, over all thresholds at once.
    """
    worst = {name: worst_said(asked, name) for name in THRESHOLDS if name != ALARM}
    everything = np.arange(len(asked.projects))
    rows = []
    for name, values in worst.items():
        row = {"indicator": name}
        for group, others in (
            ("in time", is_in_time(asked)),
            ("at most a tenth late", ~is_late(asked)),
        ):
            own = looked_worse(asked, values, others, everything)
            low, high = _band(
                asked,
                lambda drawn, values=values, others=others: (
                    looked_worse(asked, values, others, drawn)
                    - looked_worse(asked, worst[SPI_T], others, drawn)
                ),
            )
            row[f"worse than one {group}"] = f"{own:.2f}"
            row[f"beside SPI(t), {group}"] = f"{low:+.2f} to {high:+.2f}"
        rows.append(row)
    return pd.DataFrame(rows)


def broken_table(asked: Warnings) -> pd.DataFrame:
    """One row per threshold, P80 agreed: how many broken promises were foreseen, and false alarms on kept ones."""
    ends = asked.projects
    broken = (ends["finish"] > ends["committed_days"] + 1e-9).to_numpy()
    rows = []
    for threshold in THRESHOLDS[P80]:
        first = first_warnings(asked, P80, threshold)
        before = (first <= ends["committed_days"]).to_numpy()
        lead = (ends["committed_days"] - first)[broken & before]
        rows.append(
            {
                "warning": f"{P80} < {threshold:g}",
                "broken promises foreseen": f"{before[broken].sum()} of {broken.sum()}",
                "median days before the promised date": f"{lead.median():.0f}",
                "false alarms, promise kept": _count(before[~broken]),
            }
        )
    return pd.DataFrame(rows)


def is_late(asked: Warnings) -> np.ndarray:
    """Tell which projects ended more than a tenth late."""
    return (asked.projects["finish_ratio"] > LATE).to_numpy()


def is_in_time(asked: Warnings) -> np.ndarray:
    """Tell which projects ended by their planned date."""
    return (asked.projects["finish_ratio"] <= 1 + 1e-9).to_numpy()


def worst_said(asked: Warnings, indicator: str) -> np.ndarray:
    """Take the worst that was said of each project before its planned end: later everybody sees that it is late."""
    ends = asked.projects
    within = asked.said["elapsed_days"] <= asked.said["project"].map(ends["planned_days"])
    worst = asked.said[within].groupby("project")[indicator].min()
    return worst.reindex(ends.index).fillna(np.inf).to_numpy()


def false_alarms(
    asked: Warnings, worst: np.ndarray, rate: float, projects: np.ndarray
) -> tuple[float, float]:
    """Give the share of projects in time that are warned of where that share of the late ones is, and the threshold.

    The threshold is the least at which so many late projects are warned of; ``projects`` are places, as redrawn.
    """
    late, in_time = is_late(asked)[projects], is_in_time(asked)[projects]
    values = np.sort(worst[projects][late])
    threshold = float(values[int(np.ceil(rate * len(values))) - 1])
    return float((worst[projects][in_time] <= threshold).mean()), threshold


def looked_worse(asked: Warnings, worst: np.ndarray, others: np.ndarray, projects: np.ndarray) -> float:
    """Give the share of pairs, a late project and one of the others, in which the late one looked worse; ties half."""
    late = worst[projects][is_late(asked)[projects]][:, None]
    other = worst[projects][others[projects]][None, :]
    return float(((late < other) + 0.5 * (late == other)).mean())


def _band(asked: Warnings, statistic: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """Give the 90 % interval of a statistic of places; whole families of projects are redrawn."""
    families = asked.projects["family"].to_numpy()
    blocks = [np.flatnonzero(families == family) for family in np.unique(families)]
    rng = np.random.default_rng(SEED)
    drawn = [
        np.concatenate([blocks[n] for n in rng.integers(0, len(blocks), len(blocks))]) for _ in range(REDRAWS)
    ]
    return tuple(np.quantile([statistic(places) for places in drawn], [0.05, 0.95]))


def _count(hit: np.ndarray) -> str:
    """Write a count with the 90 % band in which chance leaves counts of that share."""
    low, high = binomial_band(len(hit), hit.mean())
    return f"{hit.sum()} of {len(hit)} ({low:.0f}-{high:.0f})"
