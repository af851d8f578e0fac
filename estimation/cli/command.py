"""The command: takes words and paths, calls the parts, prints what they return; decides nothing itself.

Everything heavy is imported inside the commands, so that help comes at once.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from estimation.cli.close_command import close
from estimation.cli.decide_command import decide
from estimation.cli.first_commands import promise, replay
from estimation.cli.ingest_command import ingest
from estimation.cli.ledger_commands import ledger_app, publish, status_app
from estimation.cli.output import JSON, MAPPED, make_report, must_be_new, must_exist, tell_progress
from estimation.cli.output import print_result as _print
from estimation.errors import EstimationError, InputError, UsageError

STOPPED = 130
LAST = "last"

# What typer raises about a mistyped command line; older releases keep the class elsewhere.
_Mistyped: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="estimation",
    help="Learn from closed projects how long the next one will really take.",
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 bad input data, 4 busy, 5 refused, 130 stopped.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


app.add_typer(ledger_app)
app.add_typer(status_app)
app.command()(replay)
app.command()(promise)
app.command()(close)
app.command()(ingest)
app.command()(publish)
app.command()(decide)


class _TakesPairs(TyperCommand):
    """A command whose ``-p`` takes two words, a name and a value; typer itself knows no repeated pairs."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _paired(args))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and say how it went."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # the name of a file may hold bytes that no screen can show
            stream.reconfigure(errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue]
    # What reads notebooks could also check web addresses, and takes a second to learn their grammar: not needed here.
    sys.modules.setdefault("rfc3987_syntax", None)  # pyright: ignore[reportArgumentType, reportCallIssue]
    try:
        code = app(words, prog_name="estimation", standalone_mode=False)
        if code == STOPPED:  # typer has caught the interruption
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except _Mistyped as mistake:
        if not mistake.format_message():  # no arguments: typer has shown the help, there is nothing to add
            return UsageError.exit_code
        mistake.show()
        return _failed(mistake.format_message(), UsageError.exit_code, words, shown=True)
    except EstimationError as error:
        return _failed(str(error), error.exit_code, words, problems=getattr(error, "problems", ()))
    except (KeyboardInterrupt, typer.Abort):
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it would tell of each cell that was cut off
        said = "Stopped. What it had started was ended; what was there before is as it was."
        return _failed(said, STOPPED, words)
    except OSError as error:
        return _failed(f"{error.filename or 'A file'}: {error.strerror or error}. Check the path.", 1, words)
    except Exception as error:  # the last place where a mistake of ours can become a sentence
        traceback.print_exc()
        found = f"This should not have happened: {type(error).__name__}: {error}."
        return _failed(f"{found} Please report the lines above.", EstimationError.exit_code, words)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"estimation {version('estimation-toolkit')}")
        raise typer.Exit


@app.callback()
def _estimation(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command()
def demo(as_json: JSON = False) -> None:
    """Make all reports of the made-up example and print where they are."""
    from estimation.publishing.demo import run_demo

    page = run_demo(progress=tell_progress)
    _print({"index": str(page)}, [str(page)], as_json)


@app.command(name="list")
def list_(as_json: JSON = False) -> None:
    """List the notebooks: the question each answers and what it can be told."""
    from estimation.publishing.notebooks import list_notebooks

    notebooks = list_notebooks()
    lines = []
    for notebook in notebooks:
        lines += [f"{notebook.number}  {notebook.short}", f"    {notebook.question or notebook.title}"]
        width = max((len(parameter.name) for parameter in notebook.parameters), default=0)
        for parameter in notebook.parameters:
            facts = f"    -p {parameter.name:<{width}}  {parameter.type}, default {parameter.default!r}"
            lines.append(f"{facts}  {parameter.help}".rstrip())
        lines.append("")
    _print([_facts(notebook) for notebook in notebooks], lines[:-1], as_json)


@app.command(cls=_TakesPairs)
def run(
    notebook: Annotated[str, typer.Argument(help="Number, name or short name; see: estimation list.")],
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "-p", "--parameter", metavar="NAME VALUE", help="A parameter of the notebook. Can be given again."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds that one cell may take.")] = 600,
    deadline: Annotated[int, typer.Option(min=1, help="Seconds for the whole run.")] = 3600,
    allow_unexplained: Annotated[
        bool,
        typer.Option(
            "--allow-unexplained",
            help="Make a client report although dates moved in silence; a banner says so.",
        ),
    ] = False,
    as_json: JSON = False,
) -> None:
    """Run a notebook and write its report.

    For the quarterly report -p quarter last is the quarter that ended last.
    """
    given: dict[str, str] = {}
    for pair in parameters or ():
        name, _, value = pair.partition("=")
        if name in given:
            raise UsageError(f"{name} is given twice.")
        given[name] = value
    if given.get("quarter", "").strip().casefold() == LAST:
        from estimation.review.quarterly.quarter import last_quarter

        given["quarter"] = str(last_quarter(_today()))
    if allow_unexplained:
        given["allow_unexplained"] = "true"
    done = make_report(notebook, given, output_dir=output, timeout=timeout, deadline=deadline)
    facts = {name: str(value) if isinstance(value, Path) else value for name, value in vars(done).items()}
    for warning in done.warnings:
        print(warning, file=sys.stderr)
    _print(facts, [str(done.report)], as_json)


@app.command()
def lint(
    plan: Annotated[Path, typer.Argument(help="The plan of one project: CSV or Excel.")],
    model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='A model.json: how likely the promise is; "": borrowed.'),
    ] = None,
    history: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Closed projects to compare it with.")
    ] = None,
    framework: Annotated[str, typer.Option(help="Milestone framework it should follow.")] = "ai_delivery",
    mapping: MAPPED = None,
    as_json: JSON = False,
) -> int:
    """Read a plan like a good delivery lead would: is it worth forecasting, and fit to be baselined."""
    borrows = model == Path()  # what an empty word becomes
    must_exist(plan, None if borrows else model, history, mapping)
    from estimation import lint_plan, load_model, read_history, read_plan
    from estimation.ingest.framework_file import read_framework
    from estimation.lint.plan_verdict import can_be_forecast, fit_to_baseline, plan_verdict
    from estimation.pages.lint_wording import findings_text

    findings = lint_plan(
        read_plan(plan, mapping=mapping),
        model=None if model is None else load_model("" if borrows else model),
        history=None if history is None else read_history(history),
        framework=read_framework(framework),
    )
    facts = {
        "file": str(plan),
        "verdict": plan_verdict(findings),
        "can_be_forecast": can_be_forecast(findings),
        "fit_to_baseline": fit_to_baseline(findings),
        "findings": findings.to_dict("records"),
    }
    _print(facts, [f"{plan}: {facts['verdict']}", *findings_text(findings)], as_json)
    return 0 if can_be_forecast(findings) else InputError.exit_code


@app.command(name="new-plan")
def new_plan(
    project: Annotated[str, typer.Option(help="Id of the new project.")],
    start: Annotated[str, typer.Option(metavar="DATE", help="Morning it starts, as 2027-01-11.")],
    output: Annotated[Path, typer.Option(metavar="FILE", help="CSV file to write.")],
    size: Annotated[float, typer.Option(help="Scales typical durations; 1 is a medium project.")] = 1.0,
    calendar: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Days worked, as DE-BY or '1111100 DE-BY 2026-12-24..2026-12-31'; Monday to Friday if left out.",
        ),
    ] = "1111100",
    framework: Annotated[str, typer.Option(help="Milestone framework.")] = "ai_delivery",
    integrations: Annotated[
        list[str] | None,
        typer.Option(
            "--integration", metavar="NAME", help="A system to connect; adds a milestone. Can be given again."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    as_json: JSON = False,
) -> None:
    """Write a first plan from a framework, ready to be edited in a spreadsheet."""
    must_be_new(output, force)
    if output.suffix.lower() != ".csv":
        raise UsageError(
            f"{output.name}: a plan is written as CSV, which every spreadsheet opens. Name it .csv."
        )
    from estimation.calendar.workdays import calendar_from_text
    from estimation.ingest.framework_file import read_framework
    from estimation.project.new_plan import new_plan as plan_from
    from estimation.publishing.results import write_whole

    days_worked = calendar_from_text(calendar)
    template = read_framework(framework).with_integrations(integrations or ())
    plan = plan_from(template, project=project, start=start, size=size, calendar=days_worked)
    rows = plan.drop(columns="source")
    write_whole(output, rows.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n"))
    finish = f"{plan['baseline_finish'].max():%Y-%m-%d}"
    facts = {"file": str(output), "n_rows": len(plan), "baseline_finish": finish}
    lines = [
        f"{output}: {len(plan)} milestones, finish {finish}.",
        "Edit it: change the dates and empty baseline_days, or change the days and empty the dates.",
        f"Then: estimation lint {output}",
        f"and:  estimation run kickoff -p plan_file {output} -p model_file reports/calibration/model.json",
        '(the model that `estimation run calibration` made of your own projects; "" borrows from published ones)',
    ]
    _print(facts, lines, as_json)


def _today() -> dt.date:
    """Read the clock: for a scheduler, which cannot name the quarter that is over."""
    return dt.datetime.now().date()


def _paired(words: list[str]) -> list[str]:
    """Join the two words behind each ``-p`` to one that typer can take; ``name=value`` is taken as it stands."""
    joined, rest = [], iter(words)
    for word in rest:
        joined.append(word)
        if word == "--":
            joined.extend(rest)
        elif word in ("-p", "--parameter"):
            name = next(rest, None)
            if name is None:
                break
            if "=" not in name:
                value = next(rest, None)
                if value is None:
                    raise UsageError(f"-p {name} has no value. Write: -p {name} VALUE")
                name = f"{name}={value}"
            joined.append(name)
    return joined


def _facts(notebook) -> dict[str, Any]:
    """Describe a notebook as JSON shows it."""
    facts = {name: getattr(notebook, name) for name in ("number", "short", "name", "title", "question")}
    return {**facts, "parameters": [vars(parameter) for parameter in notebook.parameters]}


def _failed(message: str, code: int, words: list[str], *, problems=(), shown: bool = False) -> int:
    """Say what went wrong, on standard error and, when asked for JSON, on standard output as well."""
    if not shown:
        print(message, file=sys.stderr)
    if "--json" in words:
        listed = [
            {name: getattr(one, name) for name in ("file", "row", "column", "came", "wanted", "remedy")}
            for one in problems
        ]
        print(json.dumps({"error": message, "problems": listed}, indent=2, ensure_ascii=False))
    return code


if __name__ == "__main__":
    sys.exit(main())
