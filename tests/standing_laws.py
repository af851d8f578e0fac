"""Laws of where a project stands, each as a check of one random running project that yields what breaks it.

The numbers are those of the laws: order, worse is not better, form does not matter, parts add up, nothing said is lost,
reported as planned, silence before anything is due, due and not done, a reopening opens.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from standing_by_recursion import NOISE

EXACT = 1e-6
"""Days."""


def finishes(standing):
    """Expected finishes by milestone, places; cut work has none."""
    open_or_done = (standing.table["state"] != "cancelled").to_numpy()
    ids = standing.table["milestone"][open_or_done]
    return dict(zip(ids, np.asarray(standing.expected_finish)[open_or_done], strict=True))


def states(standing):
    return dict(zip(standing.table["milestone"], standing.table["state"], strict=True))


def look_at(project, rng, n=1):
    """Some of the days on which to look, and the last."""
    days = project.dates[:-1]
    some = rng.choice(len(days), size=min(n, len(days)), replace=False) if days else []
    return [*(days[k] for k in sorted(some)), project.dates[-1]]


def check_recursion(project, rng):
    """On each day the expected finishes, the states and what was replaced are those of a recursion written apart."""
    for day in project.dates:
        standing, apart = project.on(day), project.by_recursion(day)
        if sorted(standing.table["milestone"]) != sorted(apart.milestones):
            yield f"{day:%Y-%m-%d}: {list(standing.table['milestone'])} are not {apart.milestones}"
            continue
        for one, finish in finishes(standing).items():
            if abs(finish - apart.expected(one)[1]) > EXACT:
                yield f"{day:%Y-%m-%d}: {one} at {finish:.4f} is not at {apart.expected(one)[1]:.4f}"
        for one, state in states(standing).items():
            # Of work of no duration nobody can say that it runs.
            if state != apart.state(one) and apart.planned(one)[3] != 0:
                yield f"{day:%Y-%m-%d}: {one} is {state}, not {apart.state(one)}"
            if tuple(standing.former_finishes.get(one, ())) != apart.said[one].former:
                yield f"{day:%Y-%m-%d}: former finishes of {one}"


def check_order(project, rng):
    """2: not begun work starts after what it waits for, open work finishes after it, nothing open ends before now."""
    links = project.by_recursion(project.dates[-1]).links
    for day in project.dates:
        standing, now = project.on(day), project.days.evening(day)
        state, finish = states(standing), finishes(standing)
        start = dict(zip(state, standing.expected_start, strict=True))
        for one in finish:
            if state[one] == "done":
                continue
            bounds = {"now": (finish[one], now)}
            for before, kind, lag in links.get(one, ()):
                if before not in finish:
                    continue
                at = (finish if kind[0] == "F" else start)[before]
                if kind[1] == "F":
                    bounds[f"{kind} {before}"] = finish[one], at + lag
                elif state[one] == "not started":
                    bounds[f"{kind} {before}"] = start[one], at + lag
                elif kind == "FS" and state[before] != "done":
                    bounds[f"open {before}"] = finish[one], at + min(lag, 0)
            for what, (place, bound) in bounds.items():
                if place < bound - EXACT:
                    yield f"{day:%Y-%m-%d}: {one} at {place:.4f} is before {what}, {bound:.4f}"


def later_finishes(before, after, room=EXACT):
    """What is expected earlier after than before."""
    one, other = finishes(before), finishes(after)
    return [
        f"{k} from {one[k]:.4f} to {other[k]:.4f}" for k in one if k in other and other[k] < one[k] - room
    ]


def room_of(project):
    """With parts of days a recorded day may hold the place of the walk or not: less than a day, in the rules."""
    return EXACT if project.whole else 1 - EXACT


def check_worse(project, rng):
    """3: of what was said up to a day, one cell is made worse: nothing is expected earlier."""
    for day in look_at(project, rng):
        before = project.on(day)
        for what, worse in worse_news(project, day, rng):
            after = worse.on(day)
            cut_or_not = {
                k
                for k, state in states(before).items()
                if (state == "cancelled") != (states(after)[k] == "cancelled")
            }
            if cut_or_not:  # news of another kind
                continue
            for found in later_finishes(before, after, room_of(project)):
                yield f"{day:%Y-%m-%d}, {what}: {found}"


def worse_news(project, day, rng):
    """The same project with one cell made worse, once for each way."""
    heard = [k for k, row in enumerate(project.said) if row["as_of"] <= day]
    week = project.by_recursion(day).week

    def with_row(k, **cells):
        row = {name: cell for name, cell in {**project.said[k], **cells}.items() if cell is not None}
        return project.saying([*project.said[:k], row, *project.said[k + 1 :]])

    more = int(rng.integers(0, 8))

    def later(k, name):
        row, days = project.said[k], project.days
        place = days.next_morning(days.evening(row[name]) + more, week(row["milestone"]))
        return pd.Timestamp(days.worked[int(place)])

    for name in ("forecast_finish", "remaining_days", "percent_complete", "actual_finish"):
        having = [k for k in heard if name in project.said[k]]
        if name == "percent_complete":
            having = [k for k in having if project.said[k][name] > 0]
        for k in rng.permutation(having)[:2]:
            k, cell = int(k), project.said[k][name]
            what = f"{project.said[k]['milestone']} of {project.said[k]['as_of']:%Y-%m-%d}"
            if name == "forecast_finish":
                # "Today", said today, is believed; a day before it has passed.
                if later(k, name) == day:
                    continue
                yield f"a later date, {what}", with_row(k, forecast_finish=later(k, name))
            elif name == "remaining_days":
                yield f"more days left, {what}", with_row(k, remaining_days=cell + float(rng.integers(1, 6)))
            elif name == "percent_complete" and "actual_finish" not in project.said[k]:
                yield f"a smaller share, {what}", with_row(k, percent_complete=cell * 0.5)
            elif name == "actual_finish":
                others = {
                    project.said[j][name]
                    for j in having
                    if project.said[j]["milestone"] == project.said[k]["milestone"]
                }
                if others == {cell}:  # else it brings back what was said before
                    yield f"not done, {what}", with_row(k, actual_finish=None)
                if later(k, name) <= project.said[k]["as_of"]:
                    yield f"done later, {what}", with_row(k, actual_finish=later(k, name))
    for one, reopened in reopenings(project, day, rng):
        yield f"reopened, {one}", reopened


def reopenings(project, day, rng):
    """One milestone that is done on a day, of which a further row of that day says three days left."""
    apart = project.by_recursion(day)
    heard = {row["milestone"] for row in project.said if row["as_of"] == day}
    done = [
        one for one in apart.milestones
        if apart.state(one) == "done" and one not in heard and apart.planned(one)[3] != 0
    ]  # fmt: skip
    for one in rng.permutation(done)[:1]:
        row = {
            "project": "p",
            "milestone": str(one),
            "as_of": day,
            "remaining_days": 3.0,
            "source": "reopened",
        }
        yield str(one), project.saying([*project.said, row])


def check_silence(project, rng):
    """3b: nothing is said any more: nothing is expected earlier from day to day."""
    day = project.dates[int(rng.integers(len(project.dates)))]
    silent = project.saying([row for row in project.said if row["as_of"] <= day])
    before = silent.on(day)
    for gone in (1, 2, 3, 7, 14, 30):
        after = silent.on(day + pd.Timedelta(days=gone))
        for found in later_finishes(before, after):
            yield f"{gone} days after {day:%Y-%m-%d}: {found}"
        before = after


def check_form(project, rng):
    """5: order of rows, ids, rows of other projects, two rows of one day, later rows: all the same."""
    renamed = {row["milestone"]: f"{row['milestone']}-{k}" for k, row in enumerate(project.rows)}
    links = {
        one: "; ".join(f"{renamed[before]} {kind}{lag:+g}d" for before, kind, lag in links)
        for one, links in project.by_recursion(project.dates[0]).links.items()
    }

    def other_ids(rows):
        return [
            {
                **row,
                "milestone": renamed.get(row["milestone"], row["milestone"]),
                **({"depends_on": links[row["milestone"]]} if "depends_on" in row else {}),
            }
            for row in rows
        ]

    others = [{**row, "project": "q", "actual_start": row["as_of"]} for row in project.said]
    halves = [row for whole in project.said for row in _halves(whole, rng)]
    forms = {
        "order of rows": (replace(project, rows=project.rows[::-1], said=project.said[::-1]), {}),
        "other ids": (replace(project, rows=other_ids(project.rows), said=other_ids(project.said)), renamed),
        "rows of another project": (project.saying([*project.said, *others]), {}),
        "two rows of one day": (project.saying(halves), {}),
    }  # fmt: skip
    for day in look_at(project, rng):
        wanted = finishes(project.on(day))
        for form, (other, ids) in forms.items():
            found = finishes(other.on(day))
            if any(abs(found.get(ids.get(one, one), np.nan) - at) > EXACT for one, at in wanted.items()):
                yield f"{form}, {day:%Y-%m-%d}: {found} is not {wanted}"
        heard = project.saying([row for row in project.said if row["as_of"] <= day])
        if _is_recorded(heard) == _is_recorded(project) and finishes(heard.on(day)) != wanted:
            yield f"rows up to {day:%Y-%m-%d} alone"


def _is_recorded(project):
    return any(name in row for row in project.said for name in ("actual_start", "percent_complete"))


def _halves(row, rng):
    """One row as two of the same day, each with some of its cells; what both say is the same."""
    words = [name for name in row if name not in ("project", "milestone", "as_of", "source")]
    first = {name for name in words if rng.random() < 0.5}
    one = {name: cell for name, cell in row.items() if name not in words or name in first}
    two = {name: cell for name, cell in row.items() if name not in first}
    return [one, two] if first else [two]


def check_days_or_dates(project, rng):
    """5: days, or the dates those days give, are equal for whole days without FF, SF and fixed dates.

    The plan in days and in dates; and what the team says is left of work that it says has begun.
    """
    apart = project.by_recursion(project.dates[-1])
    kinds = {kind[1] for links in apart.links.values() for _, kind, _ in links}
    if not project.whole or "F" in kinds or any("fixed_finish" in row for row in project.rows):
        return
    days = project.days

    def in_dates(row):
        own = row.get("baseline_days")
        if not own or row.get("added_after_baseline"):
            return row
        return {
            **{name: cell for name, cell in row.items() if name != "baseline_days"},
            "baseline_finish": days.date(apart.planned(row["milestone"])[2]),
        }

    def said_in_dates(row):
        apart = project.by_recursion(row["as_of"])
        left, one = row.get("remaining_days"), row["milestone"]
        if left is None or "forecast_finish" in row or apart.said[one].begun_on is None or apart.now < 1:
            return row
        ends = days.date(days.after(apart.now, left, apart.week(one)))
        return {
            **{name: cell for name, cell in row.items() if name != "remaining_days"},
            "forecast_finish": ends,
        }

    forms = {
        "plan in dates": replace(project, rows=[in_dates(row) for row in project.rows]),
        "said in dates": project.saying([said_in_dates(row) for row in project.said]),
    }
    for form, other in forms.items():
        for day in look_at(project, rng):
            wanted, found = finishes(project.on(day)), finishes(other.on(day))
            if any(abs(found.get(one, np.nan) - at) > EXACT for one, at in wanted.items()):
                yield f"{form}, {day:%Y-%m-%d}: {found} is not {wanted}"


def check_parts(project, rng):
    """7: slip and lateness are the working days between the dates shown."""
    for day in look_at(project, rng):
        for row in project.on(day).table.itertuples():
            for column, yardstick in (("slip_days", row.baseline_finish), ("late_days", row.agreed_finish)):
                if pd.isna(yardstick) or row.state == "cancelled":
                    continue
                days = project.days.slip(yardstick, row.expected_finish)
                if getattr(row, column) != days:
                    yield f"{day:%Y-%m-%d}: {row.milestone} {column} {getattr(row, column)} is not {days}"


def check_nothing_lost(project, rng):
    """8: the first baseline stays, and so does each finish that was once reported."""
    planned, reported = {}, {}
    for day in project.dates:
        standing = project.on(day)
        for row in standing.table.itertuples():
            if planned.setdefault(row.milestone, row.baseline_finish) is not row.baseline_finish and not (
                planned[row.milestone] == row.baseline_finish
                or (pd.isna(planned[row.milestone]) and pd.isna(row.baseline_finish))
            ):
                yield f"{day:%Y-%m-%d}: the baseline of {row.milestone} was {planned[row.milestone]}"
            heard = [
                said for said in project.said if said["milestone"] == row.milestone and said["as_of"] <= day
            ]
            reported = [
                s["actual_finish"] for s in sorted(heard, key=lambda s: s["as_of"]) if "actual_finish" in s
            ]
            kept = list(standing.former_finishes.get(row.milestone, ()))
            if not set(reported) <= {*kept, row.actual_finish}:
                yield f"{day:%Y-%m-%d}: of the finishes of {row.milestone}, {reported}, only {kept} is kept"
            if kept and kept[0] != reported[0]:
                yield f"{day:%Y-%m-%d}: the oldest finish of {row.milestone} comes first"
            if bool(kept) == pd.isna(row.former_finish) or (kept and kept[-1] != row.former_finish):
                yield f"{day:%Y-%m-%d}: former finish of {row.milestone}"


def as_planned(project, style):
    """The project reported exactly as planned, on the days on which something begins or is done."""
    apart, days, said = project.by_recursion(project.dates[0]), project.days, []
    for one in apart.planned_ones:
        _, start, finish, own = apart.planned(one)
        cells = {days.date(finish): {"actual_finish": days.date(finish)}}
        if own > 0 and style == "starts":
            began = pd.Timestamp(days.worked[int(start + NOISE)])
            cells[began] = {**cells.get(began, {}), "actual_start": began}
        row = {"project": "p", "milestone": one, "source": "as planned"}
        said += [{**row, "as_of": day, **cell} for day, cell in cells.items()]
    return replace(project, said=said, rows=[apart.rows[one] for one in apart.planned_ones], style=style)


def _off_plan(standing, project):
    apart = project.by_recursion(project.dates[0])
    return [
        f"{one} at {place:.4f}, planned at {apart.planned(one)[2]:.4f}"
        for one, place in finishes(standing).items()
        if abs(place - apart.planned(one)[2]) > EXACT
    ]


def check_as_planned(project, rng):
    """9: what is reported exactly as planned is expected as planned, with starts and without."""
    for style in ("starts", "silent"):
        reported = as_planned(_without_added(project), style)
        last = max(row["as_of"] for row in reported.said)
        first = min(row["as_of"] for row in reported.said) - pd.Timedelta(days=10)
        if _is_held_on_days_off(reported):
            continue
        for gone in rng.integers(0, (last - first).days + 15, size=6):
            day = first + pd.Timedelta(days=int(gone))
            for found in _off_plan(reported.on(day), reported):
                yield f"{style}, {day:%Y-%m-%d}: {found}"


def _is_held_on_days_off(project):
    """Half a day is left of work that waits for an FF, an SF or a fixed date, and its team may be off: not law 9."""
    apart, days = project.by_recursion(project.dates[0]), project.days
    held = [
        one
        for one, (_, start, finish, own) in ((one, apart.planned(one)) for one in apart.planned_ones)
        if finish > days.after(start, own, apart.week(one)) + NOISE
    ]
    return len(days.own) > 1 and bool(held)


def _without_added(project):
    """The project as it was planned: no added work, and no links to it."""
    kept = [row for row in project.rows if not row.get("added_after_baseline")]
    return replace(project, rows=[_without_links_to_extra(row) for row in kept], said=[])


def _without_links_to_extra(row):
    if "depends_on" not in row:
        return row
    links = [link for link in row["depends_on"].split("; ") if not link.startswith("extra")]
    return {**row, "depends_on": "; ".join(links)}


def check_silence_before_anything_is_due(project, rng):
    """10: nothing was ever said, and nothing is due yet: the plan."""
    silent = _without_added(project)
    if _is_held_on_days_off(silent):
        return
    apart = silent.by_recursion(project.dates[0])
    due = min(apart.planned(one)[2] for one in apart.planned_ones)
    day = apart.rows[apart.planned_ones[0]]["project_start"] - pd.Timedelta(days=7)
    while project.days.evening(day) < due - NOISE or project.days.evening(day) == 0:
        for found in _off_plan(silent.on(day), silent):
            yield f"{day:%Y-%m-%d}: {found}"
        day += pd.Timedelta(days=2)


def check_due_and_not_done(project, rng):
    """11: what is due and not done is expected later than if it were done today, and nothing else is earlier."""
    for day in look_at(project, rng):
        apart, now = project.by_recursion(day), project.days.evening(day)
        today = {row["milestone"]: row for row in project.said if row["as_of"] == day}
        due = [
            one for one in apart.milestones
            if apart.state(one) in ("running", "not started") and now >= 1
            and apart.planned(one)[3] and apart.planned(one)[2] is not None and apart.planned(one)[2] <= now
            and today.get(one, {}).get("forecast_finish") != day
        ]  # fmt: skip
        for one in rng.permutation(due)[:2]:
            row = {
                "project": "p",
                "milestone": str(one),
                "as_of": day,
                "actual_finish": day,
                "source": "today",
            }
            row |= {name: cell for name, cell in today.get(one, {}).items() if name == "actual_start"}
            done = project.saying([*(row for row in project.said if row is not today.get(one)), row])
            if _is_recorded(done) != _is_recorded(project):
                continue
            done, open_ = done.on(day), project.on(day)
            if not finishes(done)[one] < finishes(open_)[one] - EXACT:
                yield f"{day:%Y-%m-%d}: {one} at {finishes(open_)[one]} is not later than done, {finishes(done)[one]}"
            for found in later_finishes(done, open_, room_of(project)):
                yield f"{day:%Y-%m-%d}: {one} not done: {found}"


def check_reopening(project, rng):
    """12: a reopening opens, and the former finish is kept."""
    for day in look_at(project, rng):
        for one, reopened in reopenings(project, day, rng):
            before = project.on(day).table.set_index("milestone").loc[one]
            standing = reopened.on(day)
            row = standing.table.set_index("milestone").loc[one]
            if row["state"] != "running" or not pd.isna(row["actual_finish"]) or row["reopened_on"] != day:
                yield f"{day:%Y-%m-%d}: {one} is {row['state']}, reopened on {row['reopened_on']}"
            if row["former_finish"] != before["actual_finish"] or (
                standing.former_finishes[one][-1] != before["actual_finish"]
            ):
                yield f"{day:%Y-%m-%d}: the finish of {one}, {before['actual_finish']}, is lost"
            if not finishes(standing)[one] > project.days.evening(day) + 3 - EXACT:
                yield f"{day:%Y-%m-%d}: three days are left of {one}, expected at {finishes(standing)[one]}"


def check_table(project, rng):
    """What a row of the table says fits its places, and itself."""
    for day in look_at(project, rng):
        standing = project.on(day)
        table = standing.table
        if list(table.index) != list(range(len(table))) or list(table["milestone"]) != list(
            standing.plan.milestones["milestone"]
        ):
            yield f"{day:%Y-%m-%d}: rows are not those of the plan"
        for row, place in zip(table.itertuples(), standing.expected_finish, strict=True):
            for problem in _contradictions(row, place, day, project):
                yield f"{day:%Y-%m-%d}: {row.milestone} ({row.state}): {problem}"


def _contradictions(row, place, day, project):
    done, begun = row.state == "done", row.state in ("running", "done")
    if row.state == "cancelled":
        if row.status != "cancelled":
            yield f"status {row.status}"
        return
    shown = row.actual_finish if done else project.days.date(place)
    if row.expected_finish != shown:
        yield f"shown {row.expected_finish} is not {shown}"
    if done == pd.isna(row.actual_finish):
        yield f"actual finish {row.actual_finish}"
    if begun == pd.isna(row.start) or (row.start_assumed and not begun):
        yield f"start {row.start}, assumed {row.start_assumed}"
    if row.expected_start > row.expected_finish:
        yield f"starts {row.expected_start}, after {row.expected_finish}"
    if begun and row.start != row.expected_start:
        yield f"started {row.start}, expected start {row.expected_start}"
    if (row.state == "running") and (
        row.left_days < 0 or row.left_by not in ("date", "days", "percent", "plan")
    ):
        yield f"left {row.left_days} by '{row.left_by}'"
    if done and row.left_days > 0:
        yield f"done, and {row.left_days} days left"
    overdue = not pd.isna(row.agreed_finish) and row.agreed_finish < day
    word = (
        "done" if done
        else "delayed" if row.late_days > 5
        else "at risk" if row.late_days >= 1 or overdue
        else "not started" if not begun
        else "on track"
    )  # fmt: skip
    if row.status != word:
        yield f"status {row.status} is not {word}"


LAWS = (
    check_recursion, check_order, check_worse, check_silence, check_form, check_days_or_dates, check_parts,
    check_nothing_lost, check_as_planned, check_silence_before_anything_is_due, check_due_and_not_done, check_reopening,
    check_table,
)  # fmt: skip


def breaches(law, projects, seed):
    """What breaks one law in some projects, each with its number."""
    for number, project in enumerate(projects):
        for found in law(project, np.random.default_rng([seed, number])):
            yield f"project {number} of seed {seed}: {found}"
