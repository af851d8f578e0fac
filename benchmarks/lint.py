"""What plans that were really followed look like to the lint, and how long reading a large plan takes.

    python -m benchmarks.lint --write

reads the 53 DSLIB projects, counts findings by rule, sets the finished projects with each finding about logic beside
those without, and times the reading of 20,000 milestones; ``--write`` puts the tables into ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.datasets import DATA, family_of
from benchmarks.machine import timed
from benchmarks.page import PAGE, fill_markers, markdown
from estimation import lint_plan, load_model, read_history
from estimation.calibration.project_record import finish_ratios
from estimation.errors import InputError
from estimation.ingest.framework_file import FRAMEWORKS, read_framework
from estimation.lint.rules import LOGIC, RULES
from estimation.project.closing import baseline_plan
from estimation.project.new_plan import new_plan
from estimation.project.plan import Plan, build_plan

LARGE = 20_000
RESAMPLES = 4000
INTERVAL = (0.05, 0.95)
FEWEST = 5
"""With fewer families on either side a band says nothing."""
EXAMPLE = FRAMEWORKS.parent / "example"


def main() -> None:
    """Count, compare and time; print the tables, and write them into the page when asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder with the real data sets")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    given = parser.parse_args()
    history = read_history(given.data / "dslib")
    plans, refused = read_plans(history)
    findings = pd.concat([lint_plan(plan).assign(project=plan.project) for plan in plans], ignore_index=True)
    n_milestones = sum(len(plan.milestones) for plan in plans)
    said = f"{len(plans)} plans with {n_milestones:,} milestones were read, {refused} could not be built."
    tables = {
        "lint-counts": f"{said}\n\n{markdown(counts(findings, len(plans)))}",
        "lint-overruns": markdown(overruns_by_finding(history, plans, findings, given.seed)),
        "lint-speed": markdown(speed()),
    }
    print("\n\n".join(tables.values()))
    if given.write:
        PAGE.write_text(fill_markers(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


def read_plans(history: pd.DataFrame) -> tuple[list[Plan], int]:
    """Take the plan that each project started with, and count those that contradict themselves."""
    plans, refused = [], 0
    for project in history["project"].unique():
        try:
            plans.append(baseline_plan(history, project))
        except InputError as error:
            refused += 1
            print(f"{project}: {error}")
    return plans, refused


def counts(findings: pd.DataFrame, n_plans: int) -> pd.DataFrame:
    """Count findings and plans by rule, in the order of the rules; rules that found nothing are not in."""
    by_rule = findings.groupby("rule").agg(findings=("item", "size"), plans=("project", "nunique"))
    by_rule = by_rule.loc[[rule for rule in RULES if rule in by_rule.index]].reset_index()
    shares = [f"{plans} of {n_plans}" for plans in by_rule["plans"]]
    return by_rule.assign(findings=by_rule["findings"].map("{:,}".format), plans=shares)


def overruns_by_finding(
    history: pd.DataFrame, plans: list[Plan], findings: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Set the finish ratios of closed projects with a finding about logic beside those of the others.

    The band of the difference redraws families of related projects, nine times in ten it holds it.
    """
    ratios = finish_ratios(history).set_index("project")["finish_ratio"]
    ratios = ratios[ratios.index.isin([plan.project for plan in plans])]
    names = history.drop_duplicates("project").set_index("project")["project_name"]
    family = names.map(family_of)[ratios.index].to_numpy()
    rows = []
    for rule in LOGIC:
        with_it = ratios.index.isin(findings.loc[findings["rule"] == rule, "project"])
        band = difference_band(ratios.to_numpy(), with_it, family, seed)
        rows.append(
            {
                "rule": rule,
                "closed projects with it": f"{with_it.sum()} of {len(ratios)}",
                "median actual / planned": _median(ratios[with_it]),
                "median of the others": _median(ratios[~with_it]),
                "difference, 90 % band": band,
            }
        )
    return pd.DataFrame(rows)


def difference_band(ratios: np.ndarray, with_it: np.ndarray, family: np.ndarray, seed: int) -> str:
    """Redraw families; say the band of the difference of the medians where both sides have enough of them."""
    if min(len(set(family[with_it])), len(set(family[~with_it]))) < FEWEST:
        return "too few"
    members = [np.flatnonzero(family == each) for each in sorted(set(family))]
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        places = np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))])
        there = with_it[places]
        if there.any() and not there.all():
            drawn.append(np.median(ratios[places][there]) - np.median(ratios[places][~there]))
    lower, upper = np.quantile(drawn, INTERVAL)
    found = np.median(ratios[with_it]) - np.median(ratios[~with_it])
    return f"{found:+.2f} ({lower:+.2f} to {upper:+.2f})"


def _median(ratios: pd.Series) -> str:
    return f"{ratios.median():.2f}" if len(ratios) else "–"


def speed() -> pd.DataFrame:
    """Time the reading of a plan of 20,000 milestones, beside building it; the best of three runs each."""
    framework = read_framework("ai_delivery")
    table = large_plan(LARGE)
    bare = table.assign(**{name: table[name].mask(table.index >= 0) for name in ("owner", "client_summary")})
    plan, bare_plan = build_plan(table), build_plan(bare)
    model, history = load_model(EXAMPLE / "model.json"), read_history(EXAMPLE / "history.csv")
    runs = {
        "build_plan": lambda: build_plan(table),
        "lint_plan, blanks left": lambda: lint_plan(plan, framework=framework),
        "lint_plan, and no owner and no client meaning": lambda: lint_plan(bare_plan, framework=framework),
        "lint_plan with the example's history and model": lambda: lint_plan(
            plan, framework=framework, history=history, model=model
        ),
    }
    rows = []
    for name, run in runs.items():
        seconds, result = min((timed(run) for _ in range(3)), key=lambda one: one[0])
        findings = "" if isinstance(result, Plan) else f"{len(result):,}"
        rows.append(
            {"what": name, "milestones": f"{LARGE:,}", "seconds": f"{seconds:.2f}", "findings": findings}
        )
    return pd.DataFrame(rows)


def large_plan(n: int) -> pd.DataFrame:
    """Put copies of the framework's plan side by side until there are n milestones."""
    one = new_plan(read_framework("ai_delivery"), project="large", start="2027-01-11")
    copies = [
        one.assign(
            milestone=f"{k}." + one["milestone"],
            depends_on=one["depends_on"].str.replace(r"(\d+\.\d+)", rf"{k}.\1", regex=True),
        )
        for k in range(1, n // len(one) + 2)
    ]
    return pd.concat(copies, ignore_index=True).head(n).assign(source="large plan, row 1")


if __name__ == "__main__":
    main()
