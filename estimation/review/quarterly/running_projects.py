"""Running projects on the last day of a quarter: earned schedule, the chance of each committed date, P50 and P80."""

from __future__ import annotations

import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.errors import InputError
from estimation.forecasting.forecast import forecast_table
from estimation.forecasting.simulation import simulate
from estimation.project.closing import baseline_plan, running_projects
from estimation.project.plan import Plan, refuse_contradictions
from estimation.review.quarterly.quarterly_tables import RUNNING
from estimation.tables import STATUS, keep_contract, rows_table
from estimation.tracking.earned_value import earned_value_table
from estimation.tracking.evidence import evidence_table, whole_project


def portfolio_forecast(
    history: pd.DataFrame,
    model: OverrunModel,
    *,
    as_of,
    seed: int,
    iterations: int | None,
    way: str = "auto",
) -> pd.DataFrame:
    """Say where each running project stands, and how likely its committed date is, the least likely first (RUNNING).

    The actual dates of the history, as known on the status date, are the status: what is not finished by then is not
    done. Work added after the baseline is not in it. A project whose plan contradicts itself has its name alone.
    """
    day = pd.Timestamp(as_of)
    rows = []
    for project in running_projects(history):
        own = history[history["project"] == project]
        names = own[["project", "project_name", "client"]].iloc[0].to_dict()
        try:
            plan = baseline_plan(history, project)
            refuse_contradictions(plan)
        except InputError:  # one plan that cannot be followed is no reason to show none
            rows.append(dict.fromkeys(RUNNING) | names)
            continue
        updates = status_of(own, plan, day)
        options = {"seed": seed, "as_of": day, "iterations": iterations, "way": way}
        last = whole_project(evidence_table(plan, model, updates, **options)).iloc[-1]
        today = forecast_table(simulate(plan, model, status=updates, **options), levels=(0.8,)).iloc[-1]
        earned = earned_value_table(plan, updates, as_of=day).iloc[-1]
        rows.append(
            {
                **names,
                "baseline_finish": plan.baseline_finish.max(),
                "committed_finish": last["committed_finish"],
                "p50_finish": last["p50_finish"],
                "p80_finish": last["p80_finish"],
                # The evidence may be measured at another date, where nobody could believe in the committed one.
                "prob_committed": last["prob_now"]
                if pd.isna(plan.promised_finish)
                else today["prob_promised"],
                "prob_kickoff": last["prob_kickoff"],
                "evidence": last["evidence"],
                "earned": earned["ev"],
                "spi": earned["spi"],
                "spi_t": earned["spi_t"],
            }
        )
    by = ["prob_committed", "project"]
    return rows_table(rows, RUNNING).sort_values(by, kind="stable", na_position="last", ignore_index=True)


def status_of(rows: pd.DataFrame, plan: Plan, day: pd.Timestamp) -> pd.DataFrame:
    """Write the status update that the actual dates of a project's history amount to."""
    known = rows[rows["milestone"].isin(plan.milestones["milestone"])]
    return keep_contract(known.assign(as_of=day), STATUS)
