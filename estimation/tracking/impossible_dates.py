"""Silent optimism: one milestone is late, and what waits for it keeps dates that can no longer be."""

from __future__ import annotations

import pandas as pd

from estimation.calendar.workdays import DateLike
from estimation.findings import ERROR
from estimation.project.amounts import days_words, list_few
from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, standings_of
from estimation.tables import keep_contract, rows_table
from estimation.tracking.tracking_tables import LEFT_BEHIND, RUNNING_FINDINGS

MOST_NAMED = 6


def dates_left_behind(
    plan: Plan, status: pd.DataFrame | Standings | Standing, as_of: DateLike | None = None
) -> pd.DataFrame:
    """Find milestones that kept their forecast although one they wait for is too late for it (LEFT_BEHIND).

    Work that has not begun is held against the date on which it is expected, behind what it waits for. A date that was
    moved in the same update is not left behind: if it is too early all the same, that is a finding of the move.
    ``late`` is the nearest late milestone before it whose work has begun, where one has; reached through others that
    are late or were left behind, too.
    """
    standings = standings_of(plan, status)
    day, *before = standings.dates(as_of)[::-1]
    standing = standings.on(day)
    plan, course, said = standing.plan, standing.table, standing.latest["forecast_finish"]
    kept = (said.notna() & (said == _said_before(standing, before))).to_numpy()
    short = plan.calendar.slip(said, course["expected_finish"])
    late = course["slip_days"].to_numpy() >= 1
    begun, possible = course["start"].notna().to_numpy(), standing.expected_finish
    waits = ~begun & kept & (short >= 1)
    origin: dict[int, int] = {}
    roots: dict[int, int] = {}
    for k in plan.network.order:
        blamed = [link.place for link in plan.network.links[k] if link.place in origin]
        nearest = origin[max(blamed, key=possible.__getitem__)] if blamed else None
        if waits[k] and nearest is not None:
            roots[k] = nearest
        if late[k] or k in roots:
            origin[k] = k if begun[k] or nearest is None else nearest
    left, causes = list(roots), list(roots.values())
    rows = plan.milestones[["milestone", "name"]].iloc[left]
    rows = rows.assign(
        late=plan.milestones["milestone"].to_numpy()[causes],
        left_finish=said.to_numpy()[left],
        possible_finish=course["expected_finish"].to_numpy()[left],
        short_days=short[left],
        late_days=course["slip_days"].to_numpy()[causes],
        as_of=day,
    )
    return keep_contract(rows, LEFT_BEHIND)


def silent_optimism(
    plan: Plan, status: pd.DataFrame | Standings | Standing, *, as_of: DateLike | None = None
) -> pd.DataFrame:
    """Make findings of late milestones whose dependants were left on their old dates, and for how long.

    One row per late milestone and the status date on which dates behind it were moved at last, else the last one.
    Lost are the days from the first on which any of them had to move.
    """
    standings = standings_of(plan, status)
    days = standings.dates(as_of)
    parts, since, left = [], {}, {}
    for day in days:
        rows = {row["milestone"]: row for row in dates_left_behind(plan, standings, day).to_dict("records")}
        moved = [left[one] for one in left if one not in rows]
        parts += _findings(plan, moved, since, day)
        since = {one: since.get(one, day) for one in rows}
        left = rows
    parts += _findings(plan, list(left.values()), since, days[-1] if days else None)
    return rows_table(parts, RUNNING_FINDINGS)


def _said_before(standing: Standing, before: list[pd.Timestamp]) -> pd.Series:
    """The forecasts of the review before; where there was none, those of the plan."""
    planned = pd.Series(standing.plan.baseline_finish, standing.latest.index)
    if not before:
        return planned
    return standing.among.on(before[0]).latest["forecast_finish"].reindex(planned.index).fillna(planned)


def _findings(plan: Plan, left: list[dict], since: dict[str, pd.Timestamp], until) -> list[dict]:
    """Say for each late milestone which dates were left, and the worst of them."""
    found = []
    for late in dict.fromkeys(row["late"] for row in left):
        own = [row for row in left if row["late"] == late]
        worst = max(own, key=lambda row: row["short_days"])
        named = list_few([row["milestone"] for row in own], MOST_NAMED)
        first = min(since[row["milestone"]] for row in own)
        lost = float(plan.calendar.slip([first], [until])[0])
        found.append(
            {
                "rule": "silent-optimism",
                "severity": ERROR.value,
                "item": late,
                "message": f"on {worst['as_of']:%Y-%m-%d} {late} was {days_words(worst['late_days'])} late, "
                f"and {named} kept dates from before: {worst['milestone']} "
                f"{worst['left_finish']:%Y-%m-%d}, possible from {worst['possible_finish']:%Y-%m-%d} on; left so for "
                f"{lost:g} working days",
                "remedy": "Move what waits for it, or say what wins the days back.",
                "as_of": until,
                "lost_days": lost,
            }
        )
    return found
