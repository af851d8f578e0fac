"""The first two commands of a new user: the replay of closed projects, and the first date of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from estimation.cli.output import JSON, MAPPED, make_report, must_exist, print_result
from estimation.errors import InputError, UsageError

SEED = 1


def replay(
    history: Annotated[str, typer.Argument(help="Closed projects: a file, a folder or a ledger.")],
    status: Annotated[
        str,
        typer.Option(metavar="FILE", help="Their weekly status tables: how early a warning would have come."),
    ] = "",
    mapping: MAPPED = None,
    output: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
    as_json: JSON = False,
) -> None:
    """Replay closed projects: what dates at 80 % confidence would have been worth."""
    from estimation.pages import replay_wording as wording
    from estimation.publishing.results import load_results

    given = {"history": history, "status": status, "mapping": str(mapping or "")}
    named = {name: value for name, value in given.items() if value}
    done = make_report("replay", named, output_dir=output)
    results = load_results(done.folder)
    table, warnings = results.tables["replay"], results.tables["warnings"]
    lines = [
        f"{wording.replay_finding(table)} {wording.warning_finding(warnings)}".rstrip(),
        wording.rests_finding(table, int(results.report["n_projects"])),  # pyright: ignore[reportArgumentType]
        wording.wrong_finding(table),
        f"The page: {done.report}",
    ]
    facts = {**done.headline, "n_replayed": len(table), "report": str(done.report)}
    print_result(facts, [line for line in lines if line], as_json)


def promise(
    files: Annotated[
        list[str],
        typer.Argument(metavar="[SHEET] PLAN", help="Closed projects, if there are any, and the new plan."),
    ],
    mapping: MAPPED = None,
    plan_mapping: Annotated[Path | None, typer.Option(help="How the plan is to be read (YAML).")] = None,
    confidence: Annotated[float, typer.Option(help="How sure the promised date shall be.")] = 0.8,
    as_json: JSON = False,
) -> None:
    """Tell which date can be promised for a plan, and why, in ten lines."""
    if len(files) > 2:
        raise UsageError("Found more than two files; expected closed projects and a plan, or a plan alone.")
    sheet, plan_file = ("", *files)[-2:]
    must_exist(
        Path(plan_file), mapping, plan_mapping, *([Path(sheet)] if sheet and "://" not in sheet else [])
    )
    from estimation import calibrate, load_model, read_history, read_plan
    from estimation.calibration.measured_history import MeasuredHistory
    from estimation.pages.displays import show_progress
    from estimation.pages.promise_text import promise_facts
    from estimation.publishing.results import json_like

    plan = read_plan(plan_file, mapping=plan_mapping)
    known, note = None, "No closed projects were named; the dates are borrowed."
    if sheet:
        known = MeasuredHistory(read_history(sheet, mapping=mapping))
    try:
        model = (
            load_model("")
            if known is None
            else calibrate(known, seed=SEED, progress=show_progress("Learning"))
        )
    except InputError as error:  # nothing is finished yet
        known, model, note = None, load_model(""), f"{error} Until then the dates are borrowed."
    facts = promise_facts(plan, model, known, seed=SEED, confidence=confidence)
    text = facts.pop("lines")
    kickoff = f"estimation run kickoff -p plan_file {plan_file}"
    if known is None:
        lines = [note, *text, f'More: {kickoff} -p model_file ""']
    else:
        learn = f"estimation run calibration -p history {sheet}"
        more = f"{kickoff} -p history {sheet} -p model_file reports/calibration/model.json"
        lines = [*text, f"More: {learn}", f"      {more}"]
    print_result(json_like(facts, "promise"), lines, as_json)
