"""Findings for readers: what holds for many milestones is said once."""

from estimation.findings import findings_table, found
from estimation.lint.rules import RULES
from estimation.pages.lint_wording import findings_overview, findings_text


def unowned(n):
    return [found("no-owner", f"m{k}", label=f"m{k} 'Result {k}'") for k in range(n)]


def too_long(n):
    return [found("longer-than-two-weeks", f"m{k}", label=f"m{k}", days="12 working days") for k in range(n)]


def test_two_findings_of_a_rule_are_shown_one_by_one():
    lines = findings_overview(findings_table(unowned(2), RULES))
    assert lines["message"].tolist() == [
        f"m{k} 'Result {k}' has no owner. What nobody answers for, nobody warns about." for k in range(2)
    ]
    assert lines["remedy"].tolist() == ["Name the one person who will say early that it slips.", ""]
    assert lines["advice"].tolist() == [
        "m0 'Result 0' has no owner. What nobody answers for, nobody warns about. → Name the one person who will say "
        "early that it slips.",
        "m1 'Result 1' has no owner. What nobody answers for, nobody warns about.",
    ]


def test_many_are_said_once_with_the_list_of_the_others():
    [few] = findings_overview(findings_table(unowned(4), RULES))["message"]
    assert few.endswith("nobody warns about. The same holds for m1, m2 and m3.")
    [many] = findings_overview(findings_table(unowned(1500), RULES))["message"]
    assert many.endswith("The same holds for m1, m2, m3, m4, m5 and 1,494 more.")


def test_findings_with_facts_of_their_own_are_shown_up_to_eight():
    lines = findings_overview(findings_table(too_long(10), RULES))
    assert len(lines) == 8
    assert lines["message"].iloc[-1].endswith("The same holds for m8 and m9.")


def test_a_terminal_shows_the_rule_its_messages_and_one_remedy():
    lines = findings_text(findings_table([*unowned(2), *too_long(1)], RULES))
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "warning longer-than-two-weeks",
        "warning no-owner",
    ]
    assert sum(line.startswith("  -> Name the one person") for line in lines) == 1
    assert max(map(len, lines)) <= 110


def test_a_clean_plan_has_no_lines():
    assert findings_text(findings_table([], RULES)) == []
