"""The table of findings: its contract, its order, and what it adds up to."""

from pathlib import Path

import pytest

from estimation.findings import FINDINGS, Severity, findings_table, found
from estimation.lint.plan_verdict import can_be_forecast, fit_to_baseline, plan_verdict
from estimation.lint.rules import RULES
from estimation.tables import check_table

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "lint.md").read_text(encoding="utf-8")
ERROR = found("no-duration", "p", label="'p'")
WARNING = found("no-owner", "b", label="b")
NOTE = found("missing-milestone", "1.2", label="1.2 'Data quality assessment complete'", meaning="Costs.")


def test_the_gravest_comes_first_then_the_order_of_the_rules_and_of_the_plan():
    other, longer = (
        found("no-owner", "a", label="a"),
        found("longer-than-two-weeks", "c", label="c", days="12 working days"),
    )
    table = findings_table([NOTE, WARNING, other, longer, ERROR], RULES)
    check_table(table, FINDINGS, "findings")
    assert table["severity"].tolist() == ["error", "warning", "warning", "warning", "note"]
    assert table["item"].tolist() == ["p", "c", "b", "a", "1.2"]


def test_no_finding_is_an_empty_table():
    check_table(findings_table([], RULES), FINDINGS, "findings")
    assert findings_table([], RULES).empty


@pytest.mark.parametrize(
    ("findings", "verdict", "forecast", "fit"),
    [
        ([], "Fit to be baselined: nothing was found.", True, True),
        ([NOTE], "Fit to be baselined: 1 note.", True, True),
        (
            [NOTE, WARNING, WARNING],
            "Can be forecast, but is not fit to be baselined yet: 2 warnings, 1 note.",
            True,
            False,
        ),
        ([WARNING, ERROR], "Cannot be forecast: 1 error, 1 warning.", False, False),
    ],
)
def test_the_verdict_is_one_line(findings, verdict, forecast, fit):
    table = findings_table(findings, RULES)
    assert plan_verdict(table) == verdict
    assert (can_be_forecast(table), fit_to_baseline(table)) == (forecast, fit)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_stands_in_the_documentation_with_its_words(rule):
    said = RULES[rule]
    assert said.severity in list(Severity)
    assert rule == rule.lower().replace("_", "-")
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{rule}` "))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:] == [said.severity, said.message, said.remedy, said.standard or "own"]
