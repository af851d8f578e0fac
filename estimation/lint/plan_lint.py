"""Everything there is to say about a plan before it is forecast, in one table."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from estimation.calibration.model import OverrunModel
from estimation.calibration.project_record import ProjectRecord, fit_project_record
from estimation.findings import Finding, findings_table
from estimation.lint.against_framework import check_against_framework
from estimation.lint.against_history import check_against_history, check_multiplied, check_promise
from estimation.lint.descriptions import check_text
from estimation.lint.logic import check_logic
from estimation.lint.rules import RULES
from estimation.lint.size import check_size
from estimation.project.framework import Framework
from estimation.project.plan import Plan

SEED = 1


def lint_plan(
    plan: Plan,
    *,
    model: OverrunModel | None = None,
    history: pd.DataFrame | None = None,
    record: ProjectRecord | None = None,
    framework: Framework | None = None,
    seed: int = SEED,
) -> pd.DataFrame:
    """Read a plan like a good delivery lead would: is it worth forecasting, and fit to be baselined.

    The text, the cut and the logic of the plan are always read. A framework is held against it where the two share
    half of the phases, closed projects where there are ten of them, and the promised date where a model, a record or
    a history tells how likely it is; with ``load_model("")`` published projects tell, marked "borrowed".

    Parameters
    ----------
    plan : Plan
    model : OverrunModel, optional
        The plan is simulated with it for the chance of its promised date.
    history : DataFrame keeping the HISTORY contract, optional
        Of these only projects that were closed before the plan starts count.
    record : ProjectRecord, optional
        What whole projects did; the model's own, or that of the history, where none comes.
    framework : Framework, optional
        What the plan was made from.
    seed : int
        The same seed gives the same chance.

    Returns
    -------
    DataFrame keeping the FINDINGS contract
        One row per finding, the gravest first. An error: the plan cannot be forecast. A warning: it is not fit to
        be baselined. A note: worth knowing. Every rule stands in ``docs/lint.md``.
    """
    return findings_table(_findings(plan, model, history, record, framework, seed), RULES)


def _findings(plan, model, history, record, framework, seed) -> Iterator[Finding]:
    for check in (check_size, check_text, check_logic):
        yield from check(plan)
    if framework is not None:
        yield from check_against_framework(plan, framework)
    if not (plan.baseline.own_days > 0).any():  # nothing to forecast
        return
    if history is not None:
        yield from check_against_history(plan, history)
        if model is None and record is None:
            others = history[history["project"] != plan.project]
            record = fit_project_record(others, as_of=plan.start - pd.Timedelta(days=1))
    if model is not None:
        yield from check_multiplied(plan, model)
    yield from check_promise(plan, model=model, record=record, seed=seed)
