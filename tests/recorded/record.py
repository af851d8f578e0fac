"""Record the public verbs: their parameters, and the columns of the tables they return on the example data.

``python tests/recorded/record.py FILE``, run where the release to record lies, writes what the release offers; the
test of the public interface holds today's verbs against that file. It is made anew when a release is out.
"""

import inspect
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import estimation

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"
RUNS = {"seed": 8, "iterations": 100}
AS_OF = "2026-11-06"


def public_verbs() -> dict[str, Callable]:
    """Give the public functions by name; public classes are what they take and return."""
    named = {name: getattr(estimation, name) for name in estimation.__all__}
    return {name: verb for name, verb in named.items() if inspect.isfunction(verb)}


def parameters(verb: Callable) -> dict[str, dict[str, str]]:
    """Give of each parameter of a verb its kind and its default as Python writes it; empty: it has none."""
    return {
        name: {"kind": one.kind.name, "default": "" if one.default is one.empty else repr(one.default)}
        for name, one in inspect.signature(verb).parameters.items()
    }


def columns(table: pd.DataFrame) -> dict[str, str]:
    """Give the columns of a table in their order, each with its type."""
    return {str(name): str(kind) for name, kind in table.dtypes.items()}


def returned_tables(example: Path) -> dict[str, pd.DataFrame]:
    """Call every verb that returns tables, and what they need, once on the example."""
    history = estimation.read_history(example / "history.csv")
    last_closed = history["project"].unique()[-16:]
    closed = history[history["project"].isin(last_closed)].reset_index(drop=True)
    portfolio = estimation.read_history(example / "running.csv")
    updates = estimation.read_status(example / "status" / "visual-inspection.csv")
    published = estimation.read_published(example / "forecasts" / "published.csv")
    new = estimation.read_plan(example / "plans" / "contract-search.csv")
    plan = estimation.plan_of(portfolio, "visual-inspection")
    overruns = estimation.overrun_table(closed)
    record = estimation.fit_project_record(closed)
    saved = estimation.load_model(example / "model.json")
    quick = replace(
        estimation.fit_overruns(overruns, seed=8, method="closed_form"),
        record=record,
        scope_growth=saved.scope_growth,
        cycles=saved.cycles,
    )
    kickoff = estimation.simulate(new, quick, **RUNS)
    simulation = estimation.simulate(plan, quick, as_of=AS_OF, status=updates, **RUNS)
    forecast = estimation.forecast_table(simulation)
    recent = updates[updates["as_of"].isin(sorted(updates["as_of"].unique())[-2:])]
    evidence = estimation.evidence_table(plan, quick, recent, as_of=AS_OF, **RUNS)
    board = estimation.milestone_board(plan, updates, forecast, as_of=AS_OF, evidence=evidence)
    multipliers = estimation.multiplier_table(quick)
    review = estimation.weekly_review(plan, recent, board, evidence, as_of=AS_OF, portfolio=portfolio)
    both = pd.concat([closed, portfolio], ignore_index=True)
    quarterly = estimation.quarterly_report(
        both, published, pd.Period("2026Q3"), seed=8, quarters=4, iterations=100, model=quick, sweeps=20
    )
    with tempfile.TemporaryDirectory() as folder:
        estimation.save_results(folder, inputs={}, headline={}, tables={"board": board})
        results = estimation.load_results(folder)
    return {
        "read_history": history,
        "read_status": updates,
        "read_published": published,
        "read_plan.milestones": new.milestones,
        "plan_of.milestones": plan.milestones,
        "load_results.board": results.tables["board"],
        "overrun_table": overruns,
        "data_quality": estimation.data_quality(closed),
        "multiplier_table": multipliers,
        "calibrated_plan": estimation.calibrated_plan(new, multipliers),
        "lint_plan": estimation.lint_plan(new),
        "forecast_table": estimation.forecast_table(kickoff),
        "finish_distribution": estimation.finish_distribution(kickoff),
        "backtest": estimation.backtest(closed, seed=8, origins=2, candidates=_raw_plan()),
        "backtest_finishes": estimation.backtest_finishes(closed, seed=8, latest=2),
        "evidence_table": evidence,
        "milestone_board": board,
        "forecast_moves": estimation.forecast_moves(updates, plan=plan),
        "earned_value_table": estimation.earned_value_table(plan, updates, as_of=AS_OF),
        "cascade": estimation.cascade(plan, simulation, board["milestone"].iloc[-1], 5.0),
        "variance_table": estimation.variance_table(closed, closed["project"].iloc[0]),
        **_parts("weekly_review", vars(review)),
        **_parts("quarterly_report", vars(quarterly)),
    }


def _raw_plan() -> dict[str, Callable]:
    """Give one candidate for the backtest that costs nothing: all goes as planned."""
    return {"raw plan": lambda past, phases, seed: dict.fromkeys(phases, np.zeros(199))}


def _parts(verb: str, parts: Mapping[str, object]) -> dict[str, pd.DataFrame]:
    return {f"{verb}.{name}": part for name, part in parts.items() if isinstance(part, pd.DataFrame)}


def recorded(example: Path = EXAMPLE) -> dict[str, dict]:
    """Give what is recorded: the public names, the parameters of verbs, and the columns of tables."""
    return {
        "names": sorted(estimation.__all__),
        "parameters": {name: parameters(verb) for name, verb in public_verbs().items()},
        "columns": {name: columns(table) for name, table in returned_tables(example).items()},
    }


if __name__ == "__main__":
    text = json.dumps(recorded(Path("data/example").resolve()), indent=1)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
