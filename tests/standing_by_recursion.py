"""Where a running project stands, by a recursion written apart: over the text of its tables, one milestone at a time.

Each milestone asks those before it, work goes on day by day, words are folded row by row. Slow and plain, and nothing
of the package's walk: what the package says is held against it. It does not know pauses.
"""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from math import ceil, floor

import numpy as np
import pandas as pd

NOISE = 1e-9


class Days:
    """Places count the days on which anybody works, from the first one of the project; work goes on day by day."""

    def __init__(self, rows):
        named = [row["calendar"] for row in rows if row.get("calendar")]
        self.usual, *_ = [*named, "1111100"]
        every = np.datetime64(rows[0]["project_start"], "D") + np.arange(900)
        works = {week: _works(week, every) for week in {self.usual, *named}}
        by_anybody = np.any(list(works.values()), axis=0)
        self.worked = every[by_anybody]
        self.own = {week: own[by_anybody].tolist() for week, own in works.items()}

    def evening(self, date):
        """How many days are over by the end of a date; none before the project."""
        return float(np.searchsorted(self.worked, np.datetime64(date, "D"), side="right"))

    def own_morning(self, date, week):
        return self.next_morning(float(np.searchsorted(self.worked, np.datetime64(date, "D"))), week)

    def own_evening(self, date, week):
        """The evening of the last day, up to a date, on which a team works."""
        place = int(self.evening(date))
        while place and not self.own[week][place - 1]:
            place -= 1
        return float(place)

    def next_morning(self, place, week):
        while not self.own[week][floor(place + NOISE)]:
            place = floor(place + NOISE) + 1.0
        return place

    def after(self, place, own_days, week):
        """Where own days are done that go on from a place."""
        while own_days > NOISE:
            day = floor(place + NOISE)
            step = min(own_days, day + 1 - place) if self.own[week][day] else 0.0
            place, own_days = (place + step if step == own_days else day + 1.0), own_days - step
        return place

    def between(self, start, finish, week):
        """Own days from one place to another; none backwards."""
        days = range(floor(start), ceil(finish))
        return sum(max(min(finish, day + 1) - max(start, day), 0.0) for day in days if self.own[week][day])

    def date(self, place):
        """The day in which a finish falls; what is done on the first morning has that day's date."""
        return pd.Timestamp(self.worked[max(ceil(place - NOISE) - 1, 0)])

    def slip(self, planned, happened):
        return self.evening(happened) - self.evening(planned)


def _works(week, days):
    pattern, *off = week.split(" ")
    weekdays = (days.astype(int) + 3) % 7
    return (np.array(list(pattern)) == "1")[weekdays] & ~np.isin(days, np.array(off, "datetime64[D]"))


@dataclass
class Said:
    """What counts on a day of the rows of one milestone; each word with the day on which it was said."""

    start: pd.Timestamp | None = None
    finish: pd.Timestamp | None = None
    begun_on: pd.Timestamp | None = None
    cut: bool = False
    reopened: pd.Timestamp | None = None
    former: tuple = ()
    words: dict = field(default_factory=dict)

    @classmethod
    def by(cls, rows, day):
        said = cls()
        for as_of, same_day in groupby(
            sorted(rows, key=lambda row: row["as_of"]), key=lambda row: row["as_of"]
        ):
            if as_of > day:
                break
            said._hear(
                as_of, {name: cell for row in same_day for name, cell in row.items() if not pd.isna(cell)}
            )
        return said

    def _hear(self, as_of, row):
        self.start = row.get("actual_start", self.start)
        open_again = (
            row.get("remaining_days", 0) > 0
            or row.get("percent_complete", 1) < 1
            or row.get("forecast_finish", as_of) > as_of
        )
        if "actual_finish" in row:
            if self.finish not in (None, row["actual_finish"]):
                self.former += (self.finish,)
            self.finish, self.cut, self.words = row["actual_finish"], False, {}
        elif row.get("closed_as") == "cancelled":
            self.cut, self.words = True, {}
        elif not (self.finish or self.cut) or open_again:
            if self.finish:
                self.former, self.reopened, self.finish = (*self.former, self.finish), as_of, None
            self.cut = False
            for name in ("forecast_finish", "remaining_days", "percent_complete"):
                if name in row:
                    self.words[name] = (row[name], as_of)
        percent = self.words.get("percent_complete", (0, None))[0]
        if self.begun_on is None and (self.start is not None or percent > 0 or self.reopened is not None):
            self.begun_on = as_of


class StandingByRecursion:
    """The standing of one project on one day: ``expected(milestone)`` is its start and its finish, places.

    Rows of the plan and of the status are mappings; cells that are not there are empty.
    """

    def __init__(self, rows, said, as_of, days=None):
        self.as_of, self.days = pd.Timestamp(as_of), days or Days(rows)
        self.now = self.days.evening(self.as_of)
        self.rows = {row["milestone"]: row for row in rows}
        updates = {}
        for row in said:
            updates.setdefault(row["milestone"], []).append(row)
        self.said = {one: Said.by(updates.get(one, []), self.as_of) for one in {**self.rows, **updates}}
        self.is_recorded = any(name in row for row in said for name in ("actual_start", "percent_complete"))
        known = {row["milestone"] for row in said if row["as_of"] <= self.as_of}
        self.planned_ones = [one for one, row in self.rows.items() if not row.get("added_after_baseline")]
        added = [one for one in {**self.rows, **updates} if one in known and one not in self.planned_ones]
        self.milestones = [*self.planned_ones, *added]
        self._planned, self._expected = {}, {}

    @cached_property
    def links(self):
        """Of each milestone: predecessor, kind, lag. Without any they follow one another by planned finish."""
        if any("depends_on" in row for row in self.rows.values()):
            return {one: _links(row.get("depends_on", "")) for one, row in self.rows.items()}
        rows = [self.rows[one] for one in self.planned_ones]
        before = {}
        for row in rows:
            earlier = [r["baseline_finish"] for r in rows if r["baseline_finish"] < row["baseline_finish"]]
            before[row["milestone"]] = [
                (r["milestone"], "FS", 0.0) for r in rows if earlier and r["baseline_finish"] == max(earlier)
            ]
        return before

    def week(self, one):
        return self.cell(one, "calendar") or self.days.usual

    def cell(self, one, name):
        return self.rows.get(one, {}).get(name)

    def planned(self, one):
        """When the links allow it, planned start and finish, own days; of added work only the days are known."""
        if one not in self._planned:
            own, week = self.cell(one, "baseline_days"), self.week(one)
            if one not in self.planned_ones:
                return None, None, None, own
            start, least = self._outside(one)
            for before, kind, lag in self.links[one]:
                if before in self.planned_ones:
                    bound = self.planned(before)[1 + (kind[0] == "F")] + lag
                    start, least = (
                        (max(start, bound), least) if kind[1] == "S" else (start, max(least, bound))
                    )
            at = start = start if own == 0 else self.days.next_morning(start, week)
            if self.cell(one, "baseline_start") is not None:
                start = self._on_day(at, self.days.own_morning(self.cell(one, "baseline_start"), week))
            if own is None:
                finish = self.days.evening(self.cell(one, "baseline_finish"))
                own = self.days.between(start, finish, week)
            else:
                finish = max(self.days.after(start, own, week), least)
            self._planned[one] = at, start, finish, own
        return self._planned[one]

    def _outside(self, one):
        """What dates set from outside hold: the start, the finish."""
        early, fixed = self.cell(one, "not_before"), self.cell(one, "fixed_finish")
        return (
            0.0 if early is None else self.days.own_morning(early, self.week(one)),
            0.0 if fixed is None else self.days.own_evening(fixed, self.week(one)),
        )

    def _handed(self, one, times):
        """What those before it hand on: to its start, to its finish. Lags out of cut work fall away."""
        start = finish = 0.0
        for before, kind, lag in self.links.get(one, ()):
            if before in times:
                bound = times[before][kind[0] == "F"] + (0.0 if self.said[before].cut else lag)
                start, finish = (max(start, bound), finish) if kind[1] == "S" else (start, max(finish, bound))
        return start, finish

    @staticmethod
    def _on_day(at, morning):
        return at if morning - NOISE <= at < morning + 1 - NOISE else morning

    def state(self, one):
        said = self.said[one]
        if said.cut or said.finish is not None:
            return "cancelled" if said.cut else "done"
        # Work of no duration is not begun until it is ticked off.
        assumed = not self.is_recorded and self._days(one) > 0 and self.ready(one) < self.now - NOISE
        return "running" if said.begun_on or assumed else "not started"

    def ready(self, one):
        """When the work can begin: as those before it, dates and gaps of the plan allow."""
        return self._allowed(one)[0]

    def _before(self, one):
        return {
            before: self.expected(before)
            for before, *_ in self.links.get(one, ())
            if before in self.milestones
        }

    def _allowed(self, one):
        ready, planned, *_ = self.planned(one)
        gap = planned if planned is not None and planned > ready + NOISE else 0.0
        handed, outside = self._handed(one, self._before(one)), self._outside(one)
        start = max(handed[0], outside[0], gap)
        start = start if self._days(one) == 0 else self.days.next_morning(start, self.week(one))
        return start, max(handed[1], outside[1])

    def _days(self, one):
        """Own days of work not begun: as the team said, else as planned; half a day of what has a date alone."""
        said = self.said[one].words.get("remaining_days")
        planned = self.planned(one)[3]
        return said[0] if said else 0.5 if planned is None else planned

    def expected(self, one):
        if one not in self._expected:
            self._expected[one] = self._times(one)
        return self._expected[one]

    def _times(self, one):
        said, week, days, own = self.said[one], self.week(one), self.days, self.planned(one)[3]
        if said.cut:  # no days: what it is handed it hands on
            place = max(self._handed(one, self._before(one)))
            return place, place
        at, least = self._allowed(one)
        if said.finish is not None:
            evening = days.evening(said.finish)
            if own == 0:
                inside = evening - 1 + NOISE < at <= evening + NOISE or (at == 0 and evening == 1)
                return (at, at) if inside else (evening, evening)
            start = self._begun(one, at, evening)
            walked = evening if own is None else max(days.after(start, own, week), least)
            return start, walked if evening - 1 + NOISE < walked <= evening + NOISE else evening
        if self.state(one) == "running":
            start = self._begun(one, at, self.now)
            return start, max(
                days.after(self.now, self.left(one, start)[0], week), least, self._out_of_sequence(one)
            )
        start = max(at, self.now)
        start = start if self._days(one) == 0 else days.next_morning(start, week)
        word = (
            days.evening(said.words["forecast_finish"][0])
            if self._newest_word(one) == "forecast_finish"
            else 0.0
        )
        return start, max(days.after(start, self._days(one), week), least, word)

    def _begun(self, one, at, until):
        """The start of begun work; where it is missing, when it could begin, at the latest on its last day.

        That is the first day on which it was said to be under way, or done.
        """
        said = self.said[one]
        if said.start is not None:
            return self._on_day(at, self.days.own_morning(said.start, self.week(one)))
        seen = [*said.former, *filter(None, [said.begun_on])]
        until = min([until, *(self.days.evening(date) for date in seen)])
        return at if at < until - NOISE else max(until - 1, 0.0)

    def _newest_word(self, one):
        """A date or days, the newest; of one row the date."""
        words = self.said[one].words
        both = [name for name in ("remaining_days", "forecast_finish") if name in words]
        return max(both, key=lambda name: (words[name][1], name == "forecast_finish"), default=None)

    def left(self, one, start):
        """Own days left of begun work, and how that is known."""
        words, week, days, own = self.said[one].words, self.week(one), self.days, self.planned(one)[3]

        def older(word):
            """Days said, less own days since: not since before the work began."""
            said, on = word
            began = self.said[one].begun_on
            since = max(days.evening(on), 0.0 if began and began <= on else min(start, self.now))
            return said - days.between(since, self.now, week)

        newest, told = self._newest_word(one), []
        if newest == "forecast_finish":
            date, on = words[newest]
            told.append((days.between(self.now, days.evening(date), week), "date"))
            if not self.said[one].begun_on and days.evening(on) <= start + NOISE:
                # Nobody said that it began: as before, the date holds the finish and the days stand beside it.
                gone = days.between(start, self.now, week)
                told.append(
                    (
                        older(words["remaining_days"]) if "remaining_days" in words else (own or 0) - gone,
                        "date",
                    )
                )
        elif newest == "remaining_days":
            told.append((older(words[newest]), "days"))
        if "percent_complete" in words:
            share, on = words["percent_complete"]
            if newest is None or on > words[newest][1]:
                told.append((older(((1 - share) * own, on)), "percent"))
        if not told:
            told.append((own - days.between(start, self.now, week), "plan"))
        left, by = max(told, key=lambda one: one[0])
        today_for_today = newest == "forecast_finish" and words[newest] == (self.as_of, self.as_of)
        least = 0.0 if today_for_today else 0.5 if own is None else min(0.5, own)
        return max(left, least), by

    def _out_of_sequence(self, one):
        """Begun work does not finish before what it should have waited for: a lead is deducted, a lag ignored."""
        least = 0.0
        for before, kind, lag in self.links.get(one, ()):
            if before in self.milestones and kind[1] == "S":
                start, finish = self.expected(before)
                state = self.state(before)
                if state == "cancelled":
                    least = max(least, start)
                elif kind == "FS" and state != "done":
                    least = max(least, finish + min(lag, 0))
                elif kind == "SS" and state == "not started":
                    least = max(least, start + min(lag, 0))
        return least


def _links(text):
    """Predecessors as the tests write them: an id, perhaps a space and a kind, perhaps a lag in days."""
    links = []
    for piece in filter(None, text.split("; ")):
        before, _, link = piece.partition(" ")
        links.append((before, link[:2] or "FS", float(link[2:-1] or 0)))
    return links
