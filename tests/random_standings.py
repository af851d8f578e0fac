"""Random running projects, seeded: plans with what was said of them week by week, much of it out of sequence.

Three to ten milestones with links of all kinds, lags and leads, half days, teams, holidays, dates from outside; begun
early, late and out of sequence, cut, revived, reopened, corrected and added work; with starts, with shares of the work
only, or with neither. No row breaks what the gate refuses: no actual date after the row's own, no finish below 100 %.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil, floor

import numpy as np
import pandas as pd
from standing_by_recursion import Days, StandingByRecursion
from tables_by_hand import by_hand

from estimation.project.closing import plan_of
from estimation.project.standing import standings_of
from estimation.tables import HISTORY, STATUS

SEED = 20261130
OUT_OF_SEQUENCE = 0.45
"""Share of the work with predecessors that does not wait for them."""
TEAMS = ("1111100", "1111100", "1100000", "1111001", "0011110")
KINDS = ("FS", "FS", "FS", "SS", "FF", "SF")
STYLES = ("starts", "starts", "shares", "silent")
WORDS = ("forecast_finish", "remaining_days", "percent_complete")


@dataclass(frozen=True)
class RunningProject:
    """One project: rows of its plan and of its status, and the days on which to look at it.

    ``style`` says what the status holds: recorded starts and shares of the work, shares and never a start, or neither.
    """

    rows: list
    said: list
    dates: list
    style: str
    whole: bool

    @property
    def history(self):
        return by_hand(pd.DataFrame(self.rows), HISTORY)

    @property
    def status(self):
        return by_hand(pd.DataFrame(self.said, columns=list(STATUS)), STATUS)

    def by_recursion(self, day):
        """Where it stands on a day, by the recursion written apart."""
        return StandingByRecursion(self.rows, self.said, day, self.days)

    @cached_property
    def days(self):
        return Days(self.rows)

    @cached_property
    def plan(self):
        return plan_of(self.history, "p")

    @cached_property
    def standings(self):
        return standings_of(self.plan, self.status)

    def on(self, day):
        """Where it stands on a day, as the package says."""
        return self.standings.on(day)

    def saying(self, said):
        """The same project of which other things were said; its plan is made once."""
        other = replace(self, said=said)
        other.__dict__.update(plan=self.plan, days=self.days)
        return other

    def minimal(self):
        """The same project with the fewest columns: planned, actual and forecast finishes, and the day it began."""
        plan = self.by_recursion(self.dates[0])
        names = ("project", "milestone", "phase", "project_start", "source")
        rows = [
            {
                **{name: row[name] for name in names},
                "baseline_finish": _weekday(plan.days.date(plan.planned(one)[2])),
            }
            for one, row in plan.rows.items()
            if one in plan.planned_ones
        ]
        kept = ("project", "milestone", "as_of", "actual_finish", "forecast_finish", "source")
        said = [
            {name: row[name] for name in kept if name in row}
            for row in self.said
            if row["milestone"] in plan.planned_ones and ("actual_finish" in row or "forecast_finish" in row)
        ]
        return RunningProject(rows, said, self.dates, "silent", True)


def _weekday(date):
    return pd.Timestamp(np.busday_offset(np.datetime64(date, "D"), 0, roll="backward"))


def random_project(rng):
    """One running project."""
    style, whole, linked = str(rng.choice(STYLES)), rng.random() < 0.6, rng.random() < 0.85
    rows = _random_plan(rng, whole) if linked else _random_dates(rng)
    added = _added_work(rng, rows, style, whole) if linked and rng.random() < 0.4 else []
    course = _Course(rng, rows + added, style, whole)
    said = course.said()
    # Whose calendar is its own nobody says: only where there is one.
    if style == "starts" and len(course.days.own) == 1 and rng.random() < 0.3:
        said += course.unplanned()
    rows = [(rows + added)[k] for k in rng.permutation(len(rows + added))]
    said = [said[k] for k in rng.permutation(len(said))]
    return RunningProject(rows, said, course.looks(), style, whole)


def random_projects(n, seed=SEED):
    """Some projects, each the same whatever comes after it; every tenth in its minimal form."""
    rng = np.random.default_rng(seed)
    for number in range(n):
        project = random_project(rng)
        yield project.minimal() if number % 10 == 9 else project


def _row(monday, one, **cells):
    return {
        "project": "p", "milestone": one, "phase": "work", "name": f"Result {one}", "project_start": monday,
        "source": f"random, row of {one}", **cells,
    }  # fmt: skip


def _monday(rng):
    return pd.Timestamp("2026-03-02") + pd.Timedelta(weeks=int(rng.integers(0, 120)))


def _lag(rng, whole):
    return float(rng.integers(-2, 5) if whole else rng.integers(-4, 9) / 2) * (rng.random() < 0.5)


def _random_plan(rng, whole):
    n, monday = int(rng.integers(3, 11)), _monday(rng)
    teams, off = rng.random() < 0.3, ""
    if rng.random() < 0.2:
        off = f" {monday + pd.Timedelta(days=int(rng.integers(3, 25))):%Y-%m-%d}"
    rows, instant = [], set()
    for k in range(n):
        one, own = f"m{k}", float(rng.integers(1, 11) if whole else rng.integers(1, 21) / 2)
        if rng.random() < 0.1:
            own = 0.0
            instant.add(one)
        links = []
        for before in sorted({f"m{j}" for j in rng.integers(0, k, size=rng.integers(0, 3))} if k else set()):
            kind = str(rng.choice(KINDS))
            # Work of no duration has one place: nothing but starts holds it, only its finish holds others.
            kind = ("F" if before in instant else kind[0]) + ("S" if one in instant else kind[1])
            links.append(f"{before} {kind}{_lag(rng, whole):+g}d")
        row = _row(
            monday, one, baseline_days=own, depends_on="; ".join(links),
            calendar=(str(rng.choice(TEAMS)) if teams else "1111100") + off,
        )  # fmt: skip
        if own and rng.random() < 0.1:
            row["not_before"] = monday + pd.Timedelta(days=int(rng.integers(0, 30)))
        if own and rng.random() < 0.1:
            row["fixed_finish"] = monday + pd.Timedelta(days=int(rng.integers(0, 50)))
        if rng.random() < 0.2:
            row["promised_finish"] = monday + pd.Timedelta(days=int(rng.integers(5, 70)))
        rows.append(row)
    if not any(row["baseline_days"] for row in rows):
        rows[0]["baseline_days"] = 1.0
    if not any(row["depends_on"] for row in rows):
        rows[-1]["depends_on"] = "m0 FS+0d"  # a file without a link is one of milestones in a row
    for row in rows:  # a planned start later than the links allow: a gap
        if row["baseline_days"] and rng.random() < 0.1:
            plan = StandingByRecursion(rows, [], monday)
            at = ceil(plan.planned(row["milestone"])[0]) + int(rng.integers(1, 6))
            place = plan.days.next_morning(float(at), plan.week(row["milestone"]))
            row["baseline_start"] = pd.Timestamp(plan.days.worked[int(place)])
    return rows


def _random_dates(rng):
    """A plan without links: dates only, some of them equal."""
    monday = _monday(rng)
    days = np.sort(rng.integers(1, 30, size=rng.integers(3, 9)))
    return [
        _row(
            monday,
            f"m{k}",
            baseline_finish=pd.Timestamp(np.busday_offset(np.datetime64(monday, "D"), int(day))),
        )
        for k, day in enumerate(days)
    ]


def _added_work(rng, rows, style, whole):
    """Work that no baseline knew: its days or none, links to it and from it."""
    known = [row for row in rows if row["baseline_days"]]
    before = known[int(rng.integers(len(known)))]
    row = _row(before["project_start"], "extra", added_after_baseline=True, calendar=before["calendar"])
    links = style == "silent" or rng.random() < 0.7
    row["depends_on"] = f"{before['milestone']} FS{_lag(rng, whole):+g}d" if links else ""
    if links and (style == "silent" or rng.random() < 0.7):  # else what is said first says how long
        row["baseline_days"] = float(rng.integers(1, 9))
    behind = [r for r in rows if int(r["milestone"][1:]) > int(before["milestone"][1:])]
    if behind and rng.random() < 0.7:
        one = behind[int(rng.integers(len(behind)))]
        kind = "FS" if one["baseline_days"] == 0 or rng.random() < 0.7 else "FF"
        one["depends_on"] = "; ".join(
            filter(None, [one["depends_on"], f"extra {kind}{_lag(rng, whole):+g}d"])
        )
    return [row]


@dataclass
class _Course:
    """How the work of one project really went, and what was said of it."""

    rng: np.random.Generator
    rows: list
    style: str
    whole: bool
    real: dict = field(default_factory=dict)

    def __post_init__(self):
        self.plan = StandingByRecursion(self.rows, [], self.rows[0]["project_start"])
        self.days = self.plan.days
        if "extra" in self.plan.rows:
            self.plan.milestones.append("extra")
        for row in self.rows:
            self._real(row["milestone"])
        self.end = max(done for _, done in self.real.values())
        self.dates = self._status_dates()
        self.weekends = any(not self.days.slip(date - pd.Timedelta(days=1), date) for date in self.dates)

    def _own(self, one):
        own = self.plan.planned(one)[3]
        return 3.0 if own is None else own

    def _on_own_day(self, one, day):
        return int(self.days.next_morning(float(max(day, 0)), self.plan.week(one)))

    def _real(self, one):
        """On which day the work began, and by which evening it was done; whole days."""
        if one not in self.real:
            start, least, own = 0.0, 0.0, self._own(one)
            for before, kind, lag in self.plan.links.get(one, ()):
                bound = self._real(before)[kind[0] == "F"] + lag
                start, least = (max(start, bound), least) if kind[1] == "S" else (start, max(least, bound))
            sequence = self.rng.random() > OUT_OF_SEQUENCE or start < 1
            if sequence:
                start = floor(start + 1e-9) + int(self.rng.choice([0, 0, 0, 1, 4]))
            else:
                start = int(self.rng.integers(max(0, floor(start) - 2 - ceil(own)), max(1, floor(start))))
                least = 0.0
            begun = self._on_own_day(one, start)
            took = max(1, round(own * float(self.rng.choice([0.5, 1, 1, 1.3, 2])))) if own else 0
            done = max(
                ceil(self.days.after(float(begun), float(took), self.plan.week(one))),
                ceil(least),
                begun + (not own),
            )
            self.real[one] = begun, max(done, 1)
        return self.real[one]

    def _status_dates(self):
        """Mornings after the first of the days on which something is said, as dates."""
        step = max(5, ceil((self.end + 8) / 9))
        first = 4 if self.rng.random() < 0.7 else -int(self.rng.integers(2, 10))
        dates, odd = [], self.rng.random() < 0.3
        for day in range(first, int(self.end) + 8, step):
            date = self._date(day)
            if odd:
                date += pd.Timedelta(days=int(self.rng.integers(0, 4)))
            dates.append(date)
        return sorted(set(dates))

    def _date(self, day):
        if day < 0:
            return pd.Timestamp(np.busday_offset(self.days.worked[0], day))
        return pd.Timestamp(self.days.worked[day])

    def looks(self):
        """Days on which to look: those of the rows, some between, before and after."""
        more = [
            date + pd.Timedelta(days=int(self.rng.integers(1, 7)))
            for date in self.dates
            if self.rng.random() < 0.3
        ]
        if not self.weekends:  # on a weekend "today" would have two readings
            more = [_weekday(date) for date in more]
        return sorted({*self.dates, *more, self.dates[-1] + pd.Timedelta(days=14)})

    def said(self):
        return [row for one in self.plan.rows for row in self._rows_of(one)]

    def _rows_of(self, one):
        rng, (begun, done), own = self.rng, self.real[one], self.plan.planned(one)[3]
        added, instant = self.plan.rows[one].get("added_after_baseline", False), own == 0
        can_share = self.style != "silent" and own is not None and not instant
        cut = rng.random() < 0.08 and not added
        cut_on = self.dates[int(rng.integers(len(self.dates)))] if cut else None
        reopens, corrects = rng.random() < 0.15 and not instant, rng.random() < 0.08
        # Without days of its own and parts of days the place of a finish would have two readings.
        never_done = rng.random() < 0.1 or (own is None and not self.whole)
        rows, share, early, finished, told_start, is_cut, first = [], 0.0, False, None, False, False, True
        first_day = self.dates[int(rng.integers(len(self.dates)))] if added else self.dates[0]
        for date in self.dates:
            now = self.days.evening(date)
            if date < first_day or (rng.random() < 0.3 and not (added and first) and date != cut_on):
                continue
            row = {"project": "p", "milestone": one, "as_of": date, "source": f"random, {one}"}
            if is_cut:
                if rng.random() > 0.3 or instant:
                    continue
                row["forecast_finish"] = self._forecast(one, now + rng.integers(1, 8))
                is_cut, done = False, self.days.evening(row["forecast_finish"])
                begun = max(begun, self._on_own_day(one, now)) if not told_start else begun
            elif date == cut_on and finished is None:
                row["closed_as"] = "cancelled"
                is_cut = True
            elif finished is not None:
                if reopens and rng.random() < 0.6:
                    reopens, finished, share = False, None, 0.0
                    done = now + int(rng.integers(2, 8))
                    share = self._word(row, one, now, done, share, can_share, must=True)
                elif corrects and self._date(int(finished) - 1) > self.plan.rows[one]["project_start"]:
                    corrects = False
                    finished = finished - 1 if finished > begun + 1 else finished
                    row["actual_finish"] = self._date(int(finished) - 1)
                elif rng.random() < 0.2 and can_share:
                    row["percent_complete"] = 1.0
                else:
                    continue
            elif done <= now and not never_done and rng.random() < 0.9:
                finished = done
                row["actual_finish"] = self._date(int(done) - 1)
                if can_share and rng.random() < 0.2:
                    row["percent_complete"] = 1.0
                if self._records_start(one, early, own) and not told_start:
                    told_start, row["actual_start"] = True, self._start(begun, done)
            elif begun < now and not instant:
                if not told_start and self._records_start(one, early, own):
                    told_start, row["actual_start"] = True, self._start(begun, now)
                if can_share and not told_start and share == 0:
                    row["percent_complete"] = share = float(rng.choice([0.05, 0.2, 0.5]))
                share = self._word(
                    row, one, now, done, share, can_share, must=added and first and own is None
                )
            elif not instant:
                early = self._ahead(row, one, now, can_share, must=added and first and own is None) or early
            rows.append(row)
            first = False
        if added and rows and own is None and not any(word in rows[0] for word in WORDS[:2]):
            return []
        return rows

    def _records_start(self, one, early, own):
        return (
            self.style == "starts"
            and self._own(one) > 0
            and (early or own is None or self.rng.random() < 0.8)
        )

    def _start(self, begun, until):
        return self._date(int(min(begun, until - 1)))

    def _forecast(self, one, day):
        """A day on which the team works."""
        return self._date(self._on_own_day(one, int(day) - 1))

    def _remaining(self, left):
        return float(max(round(left), 1)) if self.whole else max(round(left * 2) / 2, 0.5)

    def _word(self, row, one, now, done, share, can_share, must=False):
        """What is said of work that runs: nothing, a date, days, a share of the work, or two of them."""
        rng, left = self.rng, max(done - now, 0) + int(self.rng.choice([0, 0, 0, 1, 3, 8]))
        kinds = ["date", "days", "date and days"]
        kinds += ["share", "share", "date and share", "days and share"] if can_share else []
        kinds += [] if must else ["nothing"] * 3
        kind = str(rng.choice(kinds))
        if "date" in kind:
            late = (
                left if must or rng.random() < 0.9 else -int(rng.integers(0 if not self.weekends else 1, 4))
            )
            day = max(now + (max(left, 1) if must else late), 1)
            row["forecast_finish"] = self._forecast(one, day)
            if self.weekends and row["forecast_finish"] == row["as_of"]:
                row["forecast_finish"] = self._forecast(one, day + 1)
        if "days" in kind:
            row["remaining_days"] = self._remaining(left * float(rng.choice([0.6, 1, 1])))
        if "share" in kind:
            share = max(share, float(rng.choice([0.1, 0.25, 0.3, 0.5, 0.7, 0.9])))
            row["percent_complete"] = share
            if rng.random() < 0.05 and not must:
                row["percent_complete"] = 1.0
        return share

    def _ahead(self, row, one, now, can_share, must=False):
        """What is said of work that has not begun; whether days were said of it."""
        kind, rng = self.rng.random(), self.rng
        if kind < 0.2 or (must and kind < 0.6):
            row["forecast_finish"] = self._forecast(one, max(now, 0) + rng.integers(1, 30))
        if 0.15 < kind < 0.3 or (must and kind >= 0.6):
            if self.style != "shares" or must:
                row["remaining_days"] = self._remaining(self._own(one) * float(rng.choice([0.5, 1.5])))
                return True
        elif kind > 0.9 and can_share:
            row["percent_complete"] = 0.0
        return False

    def unplanned(self):
        """Work that only the status knows: without links, days or a date said first."""
        first = int(self.rng.integers(len(self.dates)))
        rows, begins = [], self.rng.random() < 0.5
        for date in self.dates[first:]:
            now = self.days.evening(date)
            row = {
                "project": "p",
                "milestone": "x",
                "as_of": date,
                "added_after_baseline": True,
                "source": "random, x",
            }
            if begins and now > 1 and not rows:
                row["actual_start"] = self._date(self._on_own_day("x", int(now) - 2))
                if row["actual_start"] > date:
                    del row["actual_start"]
            if self.rng.random() < 0.5:
                row["forecast_finish"] = self._forecast("x", max(now, 0) + self.rng.integers(1, 12))
            else:
                row["remaining_days"] = self._remaining(float(self.rng.integers(1, 9)))
            rows.append(row)
            if self.rng.random() < 0.5:
                break
        return rows
