"""Small plans written by hand, for tests."""

from tables_by_hand import plan_rows

from estimation.project.plan import build_plan


def diamond(**changes):
    """A starts; B (short) and C (long) run beside each other; D needs both."""
    rows = {
        "A": {"baseline_days": 2.0},
        "B": {"baseline_days": 3.0, "depends_on": "A"},
        "C": {"baseline_days": 6.0, "depends_on": "A"},
        "D": {"baseline_days": 2.0, "depends_on": "B; C"},
    }
    return build_plan(plan_rows(*({"milestone": k, **row, **changes.get(k, {})} for k, row in rows.items())))
