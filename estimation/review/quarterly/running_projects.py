"""Running projects on the last day of a quarter: earned schedule, the chance of each committed date, P50 and P80."""

from __future__ import annotations

import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.errors import InputError
from estimation.project.closing import baseline_plan, is_added
from estimation.project.plan import refuse_contradictions
from estimation.project.silence import running_projects
from estimation.project.standing import standing_of
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
    status: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say where each running project stands, and how likely its committed date is, the least likely first (RUNNING).

    What was reported up to the status date is the status; of a project of which nothing was, what the history tells, as
    known by then. A project whose plan contradicts itself has its name alone.
    """
    day = pd.Timestamp(as_of)
    rows = []
    for project in running_projects(history, day):
        own = history[history["project"] == project]
        names = own[["project", "project_name", "client"]].iloc[0].to_dict()
        try:
            plan = baseline_plan(history, project)
            refuse_contradictions(plan)
            reported = _reported(status, project, day)
            standing = standing_of(plan, _status_of(own, day) if reported is None else reported, day)
        except InputError:  # one plan that cannot be followed is no reason to show none
            rows.append(dict.fromkeys(RUNNING) | names)
            continue
        options = {"seed": seed, "as_of": day, "iterations": iterations, "way": way}
        last = whole_project(
            evidence_table(plan, model, standing if reported is None else standing.among, **options)
        ).iloc[-1]
        earned = earned_value_table(plan, standing, as_of=day).iloc[-1]
        rows.append(
            {
                **names,
                "baseline_finish": plan.planned_finish,
                "expected_finish": standing.project_finish,
                "committed_finish": last["committed_finish"],
                "p50_finish": last["p50_finish"],
                "p80_finish": last["p80_finish"],
                "prob_committed": last["prob_now"],
                "prob_kickoff": last["prob_kickoff"],
                "evidence": last["evidence"],
                "earned": earned["ev"],
                "spi": earned["spi"],
                "spi_t": earned["spi_t"],
            }
        )
    by = ["prob_committed", "project"]
    return rows_table(rows, RUNNING).sort_values(by, kind="stable", na_position="last", ignore_index=True)


def _reported(status: pd.DataFrame | None, project: str, day: pd.Timestamp) -> pd.DataFrame | None:
    """Take what was reported of a project; None where nothing was up to the day."""
    own = None if status is None else status[status["project"] == project]
    return None if own is None or not (own["as_of"] <= day).any() else own


def _status_of(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Write the status update that the rows of a project's history amount to on a day.

    What was last touched on a day is as old as that; of added work only what something is known of is told.
    """
    told = rows[["actual_start", "actual_finish", "forecast_finish", "remaining_days", "percent_complete"]]
    known = rows[~is_added(rows) | told.notna().any(axis=1)]
    facts = known[["updated_on", "actual_start", "actual_finish"]].max(axis=1)
    as_of = facts.where(known["updated_on"].notna(), day).clip(upper=day)
    share = known["percent_complete"].where(known["actual_finish"].isna())
    return keep_contract(known.assign(as_of=as_of, percent_complete=share), STATUS)
