"""What waits for what: each rule with a plan that fires it and one that does not."""

import pytest
from sound_plan import fired, message, plan_like

from estimation.lint.logic import check_logic

NONE = {each: {"depends_on": None} for each in "abc"}
BESIDE = {"name": "Manual written", "baseline_days": 1.0}


def beside(links, *, waits="b; d", **cells):
    """A fourth milestone d with these links, which c waits for as well."""
    return {"also": {"d": {**BESIDE, "depends_on": links, **cells}}, "c": {"depends_on": waits}}


# rule, item, a plan that fires it, one that does not, what the sentence says
CASES = [
    ("no-logic", "p", NONE, {}, "No milestone of 'p' says what it waits for"),
    (
        "missing-predecessor",
        "d",
        beside("", baseline_start="2026-03-09"),
        beside(""),  # begins with the project
        "d 'Manual written' starts after the project and waits for nothing",
    ),
    ("missing-successor", "d", beside("a", waits="b"), beside("a"), "Nothing waits for d 'Manual written'"),
    (
        "dangling-start",
        "d",
        beside("b FF"),
        beside("a; b FF"),
        "Only the finish of d 'Manual written' is tied to anything (b FF)",
    ),
    (
        "dangling-finish",
        "d",
        beside("a", waits="b; d SS"),
        beside("a", waits="b; d SS; d FF"),
        "Others wait for the start of d 'Manual written' only",
    ),
    ("lead", "b", {"b": {"depends_on": "a FS-1d"}}, {"b": {"depends_on": "a FS+1d"}}, "done (a FS-1d)"),
    (
        "long-lag",
        "b",
        {"b": {"depends_on": "a FS+6d"}},
        {"b": {"depends_on": "a FS+5d"}},
        "waits more than a week for nothing that the plan names (a FS+6d)",
    ),
    (  # a is done on Friday 6, so b can begin on Monday 9; Thursday 5 is two working days before
        "dates-against-logic",
        "b",
        {"b": {"baseline_start": "2026-03-05"}},
        {"b": {"baseline_start": "2026-03-06"}},  # on the day itself: an ordinary handover
        "is planned 2 working days before what it waits for allows",
    ),
    (  # planned for Friday 13, promised for Wednesday 11
        "negative-float",
        "c",
        {"c": {"promised_finish": "2026-03-11"}},
        {"c": {"promised_finish": "2026-03-13"}},
        "is promised for 11 March 2026 and planned for 13 March 2026: it is 2 working days late on paper",
    ),
    (
        "hard-constraint",
        "c",
        {"c": {"fixed_finish": "2026-03-20"}},
        {"c": {"promised_finish": "2026-03-20"}},
        "has a date set from outside (finished on 20 March 2026)",
    ),
    (
        "hard-constraint",
        "b",
        {"b": {"not_before": "2026-03-16"}},
        {"b": {"baseline_start": "2026-03-16"}},
        "(not before 16 March 2026)",
    ),
]


@pytest.mark.parametrize(("rule", "item", "bad", "good", "says"), CASES)
def test_each_rule_fires_where_it_should_and_only_there(rule, item, bad, good, says):
    assert fired(check_logic, plan_like(**bad)) == [(rule, item)]
    assert says in message(check_logic, plan_like(**bad), rule)
    assert fired(check_logic, plan_like(**good)) == []


def chain(kinds):
    """Milestones behind c, one after the other, linked in these ways."""
    ids = ["c", *(f"d{k}" for k in range(len(kinds)))]
    return {
        each: {"name": f"Result {k}", "baseline_days": 2.0, "depends_on": f"{ids[k]} {kind}"}
        for k, (each, kind) in enumerate(zip(ids[1:], kinds, strict=True))
    }


def test_one_link_in_ten_may_be_of_another_kind():
    # With the two of the sound plan 20 links: two of another kind are a tenth, three are more.
    def plan(n_other):
        kinds = ["FS"] * 18
        for k in range(n_other):
            kinds[3 * k + 1] = "SS"
        return plan_like(also=chain(kinds))

    assert ("few-finish-to-start", "p") not in fired(check_logic, plan(2))
    assert ("few-finish-to-start", "p") in fired(check_logic, plan(3))
    assert "Of 20 links of 'p', 3 are not from a finish to a start" in message(
        check_logic, plan(3), "few-finish-to-start"
    )


def test_a_sound_plan_has_sound_logic():
    assert fired(check_logic, plan_like()) == []


def test_a_single_milestone_needs_no_logic():
    assert fired(check_logic, plan_like(without=("b", "c"), a={"depends_on": None})) == []
