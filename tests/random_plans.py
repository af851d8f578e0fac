"""Plans that hypothesis draws: all kinds of links, lags and leads, dates, work of no duration."""

import numpy as np
from hypothesis import strategies as st
from tables_by_hand import plan_rows

from estimation.project.plan import build_plan

KINDS = ("FS", "SS", "FF", "SF")
QUARTERS = st.integers(-8, 16)


@st.composite
def networks(draw, *, kinds=KINDS, lags=QUARTERS, dates=True):
    """A plan of up to nine milestones in random order, with links of all kinds, and durations of its courses.

    Lags and durations are quarters of days, zero among them; some work waits for dates or has a fixed finish.
    """
    n = draw(st.integers(1, 9))
    rows = {}
    for later in range(n):
        before = draw(st.lists(st.integers(0, n - 1).filter(lambda k, later=later: k < later), max_size=3))
        rows[later] = {
            "milestone": f"m{later}",
            "baseline_days": float(draw(st.integers(0, 10))),
            "depends_on": "; ".join(
                f"m{k} {draw(st.sampled_from(kinds))}{draw(lags) / 4:+g}d" for k in before
            ),
        }
        if dates and draw(st.integers(0, 4)) == 0:
            rows[later]["not_before"] = str(np.busday_offset("2026-03-02", draw(st.integers(0, 20))))
        if dates and draw(st.integers(0, 6)) == 0:
            rows[later]["fixed_finish"] = str(np.busday_offset("2026-03-02", draw(st.integers(0, 30))))
    if not any(row["baseline_days"] for row in rows.values()):
        rows[0]["baseline_days"] = 1.0  # a plan that takes no time is refused
    days = draw(st.lists(st.integers(0, 80), min_size=3 * n, max_size=3 * n))
    order = draw(st.permutations(range(n)))
    return [rows[k] for k in order], np.array(days).reshape(3, n).T[list(order)] / 4


def plan_of(rows):
    # An empty cell in every row would mean "one after the other".
    empty = {"not_before": None, "fixed_finish": None}
    return build_plan(plan_rows(*({**empty, **row, "depends_on": row["depends_on"] or ""} for row in rows)))
