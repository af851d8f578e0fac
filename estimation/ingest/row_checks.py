"""Checks of rows behind the columns: what is missing, contradicts itself, comes twice, or cannot be followed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from estimation.calendar.workdays import calendar_from_text
from estimation.errors import InputError, Problem
from estimation.ingest.conversion import RawColumn, shown
from estimation.ingest.raw_table import RawTable
from estimation.project.links import Dependency, parse_dependencies, prepared_work
from estimation.project.status_rules import IMPOSSIBLE, ONE_WORD, differing_cells
from estimation.project.statuses import is_added

LONGEST_NAME = 200
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_TOTAL = re.compile(r"(grand |sub ?)?totals?|sums?|gesamt|summe", re.IGNORECASE)
_LIKE_A_NUMBER = re.compile(r"\d+\.\d+")
ORDERED_PAIRS = (
    ("baseline_start", "baseline_finish"),
    ("actual_start", "actual_finish"),
    ("not_before", "baseline_start"),
    ("not_before", "baseline_finish"),
    ("not_before", "fixed_finish"),
    ("baseline_start", "fixed_finish"),
)
"""Columns of which the second cannot lie before the first."""
FACTOR_WITHIN_DAYS, FACTOR_WITHIN = 1.0, 0.01
"""A baseline is its estimate times the factor to a day and a hundredth: people round days up, and factors."""
BEFORE_PROJECT_AT_MOST = pd.Timedelta(days=31)
"""Preparations may end before a project starts, but not long before: then a year is mistyped."""


@dataclass(frozen=True)
class Need:
    """What a kind of table must have: columns that must exist, and cells that must be filled.

    Parameters
    ----------
    columns : tuple of str
        Columns that must be present and filled on every row.
    one_of : tuple of tuples of str
        At least one of these sets of columns must be present.
    key : tuple of str
        Columns that together name a row once.
    """

    columns: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """The columns that came, as text, for messages and for telling an empty cell from one that did not read."""

    raw: RawTable
    columns: Mapping[str, RawColumn]

    def problem(self, place: int, column: str, found: str, expected: str, remedy: str) -> Problem:
        """Name one row that cannot be used, at the column and file it came from."""
        came_from = self.columns.get(column)
        file, row = came_from.places[place] if came_from else self.raw.places()[place]
        return Problem(file, row, self.header(column), found, expected, remedy)

    def header(self, column: str) -> str:
        """Give the header of a column as the person wrote it."""
        return self.columns[column].header if column in self.columns else column

    def quoted(self, place: int, column: str) -> str:
        """Quote one cell as it was written."""
        return f"'{shown(self.columns[column].cells[place])}'"

    def empty(self, column: str) -> np.ndarray:
        """Tell for each row whether nothing was written in the column."""
        if column not in self.columns:
            return np.ones(len(self.raw.rows), dtype=bool)
        return self.columns[column].empty

    def unread(self, table: pd.DataFrame, column: str) -> np.ndarray:
        """Tell for each row whether something was written that did not read."""
        return table[column].isna().to_numpy() & ~self.empty(column)


def _missing_cells(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    fill = "Fill the cell (of merged cells only the first counts), or delete the row."
    problems = []
    for name in need.columns:
        for place in np.flatnonzero(rows.empty(name)) if name in rows.columns else ():
            filled = next(filter(None, rows.raw.rows[place]), "")
            total = _TOTAL.fullmatch(filled.strip(" :"))
            remedy = f"It looks like a row of totals ('{filled}'): delete it." if total else fill
            problems.append(rows.problem(place, name, "nothing came", "wanted a value", remedy))
    return problems


def _broken_names(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    return [
        rows.problem(place, name, *wrong)
        for name in ("project", "milestone", "phase")
        if name in rows.columns
        for word in rows.columns[name].words
        if (wrong := _broken_name(word))
        for place in rows.columns[name].places_of(word)
    ]


def _broken_name(name: str) -> tuple[str, str, str] | None:
    """Say what came, was wanted and is to do where a name is no name."""
    found = f"'{shown(name)}' came"
    if len(name.splitlines()) > 1:
        remedy = "Correct it; if it holds a part of the next row, a quotation mark is missing there."
        return f"{found}, which goes over several lines", "wanted a name in one line", remedy
    if len(name) > LONGEST_NAME:
        remedy = "Shorten it; a longer text has its place in 'name' or 'notes'."
        return f"{found}, {len(name)} characters", f"wanted a name of at most {LONGEST_NAME}", remedy
    if _CONTROL.search(name):
        found = f"{found} with signs that cannot be seen"
        return found, "wanted letters, digits and marks", "Type the cell anew."
    return None


def _missing_baselines(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    planned = [name for name in ("baseline_finish", "baseline_days") if name in rows.columns]
    if not need.one_of or not planned:
        return []
    without = rows.empty("baseline_finish") & rows.empty("baseline_days") & ~is_added(table).to_numpy()
    if "added_after_baseline" in table.columns:
        without &= ~rows.unread(table, "added_after_baseline")
    found = "neither a planned finish nor planned days came"
    remedy = "Fill it in, or mark work that no plan knew with added_after_baseline = yes."
    return [
        rows.problem(place, planned[0], found, "wanted one of them", remedy)
        for place in np.flatnonzero(without)
    ]


def _backward_dates(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    problems = []
    remedy = "Correct one of the two, or leave the one that is not known empty."
    for start, finish in ORDERED_PAIRS:
        if {start, finish} <= set(table.columns):
            wrong = table[finish] < table[start]
            if start.startswith("baseline") and finish.startswith("fixed") and "factor_used" in table.columns:
                wrong &= ~(table["factor_used"] > 1)  # multiplied, it is what the date does not allow
            for place in table.index[wrong]:
                expected = f"it is before {rows.header(start)} {table[start][place]:%Y-%m-%d}"
                found = f"{table[finish][place]:%Y-%m-%d} came"
                problems.append(rows.problem(place, finish, found, expected, remedy))
    return problems


def _estimates_against_baselines(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    """Name estimates and factors that cannot have given the baseline beside them."""
    if not {"estimate_days", "factor_used"} & rows.columns.keys():
        return []
    estimate, approved, factor = (table[name] for name in ("estimate_days", "baseline_days", "factor_used"))
    none, of = (factor <= 0), rows.header("baseline_days")
    one_is_none = (estimate == 0) != (approved == 0)
    one_is_none &= estimate.notna() & approved.notna()
    wanted = estimate * factor
    apart = (approved - wanted).abs() > FACTOR_WITHIN_DAYS + FACTOR_WITHIN * approved
    remedy = "Correct one of the two, or leave the one that is not known empty."
    return [
        rows.problem(place, column, f"{rows.quoted(place, column)} came", expected(place), remedy)
        for column, wrong, expected in (
            ("factor_used", none, lambda place: "wanted a factor above 0, 1 where nothing was multiplied"),
            (
                "estimate_days",
                one_is_none,
                lambda place: f"{of} is {approved[place]:g}: no factor makes one the other",
            ),
            (
                "factor_used",
                apart & ~none & ~one_is_none,
                lambda place: (
                    f"{estimate[place]:g} estimated days times it are {wanted[place]:g}, "
                    f"{of} is {approved[place]:g}"
                ),
            ),
        )
        for place in table.index[wrong]
    ]


def project_starts(table: pd.DataFrame) -> pd.Series:
    """Give each row the start of its project: its own, else the earliest that another row of the project has."""
    own = table["project_start"]
    return own.fillna(own.groupby(table["project"]).transform("min")) if own.isna().any() else own


def _long_before_the_project(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    if "project_start" not in rows.columns:
        return []
    starts = project_starts(table)
    earliest = starts - BEFORE_PROJECT_AT_MOST
    own = table["project_start"].dropna()
    first = own.groupby(table["project"]).idxmin()

    def expected(place: int) -> str:
        starts_on = f"the project starts long after it, on {starts[place]:%Y-%m-%d}"
        if place in own.index:
            return starts_on
        row = rows.columns["project_start"].places[first[table["project"][place]]][1]
        return f"{starts_on} (row {row})"

    remedy = "Correct the year of one of the two."
    return [
        rows.problem(place, finish, f"{table[finish][place]:%Y-%m-%d} came", expected(place), remedy)
        for finish in ("baseline_finish", "fixed_finish", "actual_finish")
        if finish in table.columns
        for place in table.index[table[finish] < earliest]
    ]


def _impossible_status(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    return [
        rows.problem(place, rule.column, *rule.words(given=given, held=held, other=rows.header(rule.against)))
        for rule in (IMPOSSIBLE if "as_of" in need.key else ())
        for place in np.flatnonzero(rule.broken(table))
        for given, held in [(rows.quoted(place, rule.column), rows.quoted(place, rule.against))]
    ]


def _repeated_rows(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    if "as_of" in need.key:
        return _differing_status(table, rows)
    names = [name for name in need.key if name != "baseline_version"]
    keys, remedy = table[list(need.key)], "Keep one of the rows."
    if "baseline_version" in need.key:
        keys = keys.assign(baseline_version=keys["baseline_version"].fillna(1))
        remedy = "Keep one of the rows, or give a later baseline its own baseline_version."
    unread = np.any([rows.unread(table, name) for name in need.key], axis=0)
    keys = keys[keys[names].notna().all(axis=1) & ~unread]
    keys = keys[keys.duplicated(keep=False)]
    problems = []
    for _, group in keys.groupby(list(need.key), sort=False):
        first, *again = group.index
        row = rows.columns["milestone"].places[first][1]
        named = [name for name in need.key if name in rows.columns]
        words = ", ".join(f"{rows.header(name)} '{rows.columns[name].cells[first]}'" for name in named)
        hint = ""
        if _LIKE_A_NUMBER.fullmatch(group["milestone"].iloc[0]):
            hint = " If a spreadsheet made it of an id such as 1.10, store the ids as text there."
        problems += [
            rows.problem(place, "milestone", f"{words} came again", f"row {row} has it", remedy + hint)
            for place in again
        ]
    return problems


def _differing_status(table: pd.DataFrame, rows: Rows) -> list[Problem]:
    """Name cells that contradict an earlier row of their milestone and day; all other repeated rows are joined."""
    problems = []
    for place, held, name in differing_cells(table):
        row = rows.columns[name].places[held][1]
        same = f"the same milestone and {rows.header('as_of')}"
        expected = f"row {row} says {rows.quoted(held, name)} for {same}"
        problems.append(rows.problem(place, name, f"{rows.quoted(place, name)} came", expected, ONE_WORD))
    return problems


def _unreadable_logic(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    if not {"project", "milestone", "depends_on"} <= rows.columns.keys():
        return []
    milestones, texts = (rows.columns[name].cells for name in ("milestone", "depends_on"))
    problems = []
    for places_of_project in _by_project(rows):
        group = [(place, milestones[place], texts[place]) for place in places_of_project]
        known = dict.fromkeys(milestone for _, milestone, _ in group)
        links: dict[str, tuple[Dependency, ...]] = {}
        places: dict[str, int] = {}
        for place, milestone, text in group:
            if not text:
                continue
            # The nearest id takes long to find, and only the first problems are shown.
            among = [*known] if len(problems) < InputError.shown else [milestone]
            links[milestone], wrong = _read_links(milestone, text, known, among)
            places[milestone] = place
            problems += [_logic_problem(rows, place, words) for words in wrong]
        for milestone, words in _circles(list(known), links):
            problems.append(_logic_problem(rows, places[milestone], words))
    return problems


def _by_project(rows: Rows) -> list[list[int]]:
    """Group the places of the rows that have a project and a milestone."""
    project, unnamed = rows.columns["project"], rows.columns["milestone"].empty
    return [[n for n in project.places_of(word) if not unnamed[n]] for word in project.words if word]


def _logic_problem(rows: Rows, place: int, words: str) -> Problem:
    """Place what the reader of dependencies says: its last sentence is the remedy."""
    expected, _, remedy = words.rpartition(". ") if ". " in words else (words.rstrip("."), "", "Correct it.")
    found = f"'{shown(rows.columns['depends_on'].cells[place])}' came"
    return rows.problem(place, "depends_on", found, _inside(expected), remedy)


def _inside(sentence: str) -> str:
    """Let a sentence go on inside another."""
    return sentence[:1].lower() + sentence[1:]


def _read_links(
    milestone: str, text: str, known: Mapping[str, None], among: Sequence[str]
) -> tuple[tuple[Dependency, ...], list[str]]:
    """Read the predecessors of one milestone; leave out those that cannot be, and say why."""
    try:
        parsed = parsed_links(text)
    except InputError as error:
        return (), [str(error)]
    good = tuple(link for link in parsed if link.milestone in known)
    if len(good) == len(parsed):
        return good, []
    wrong = [_refusal(among, {milestone: (link,)}) for link in dict.fromkeys(parsed) if link not in good]
    return good, wrong


@lru_cache(maxsize=10_000)
def parsed_links(text: str) -> tuple[Dependency, ...]:
    """Read predecessors; in a large table the same texts come again and again."""
    return parse_dependencies(text)


def predecessors_in(text: str) -> list[str]:
    """Name the predecessors of a milestone; none where they cannot be read."""
    try:
        return [link.milestone for link in parsed_links(text)]
    except InputError:
        return []


def _circles(known: Sequence[str], links: Mapping[str, tuple[Dependency, ...]]) -> list[tuple[str, str]]:
    """Name each circle with the milestone whose links close it, in the order of the rows."""
    left, circles = dict(links), []
    while _refusal(known, left):
        names = list(left)
        closing = bisect_left(
            range(len(names)), True, key=lambda n: bool(_refusal(known, {k: left[k] for k in names[: n + 1]}))
        )
        circles.append((names[closing], _refusal(known, {k: left[k] for k in names[: closing + 1]})))
        del left[names[closing]]
    return circles


def _refusal(known: Sequence[str], links: Mapping[str, tuple[Dependency, ...]]) -> str:
    try:
        prepared_work(known, links)
    except InputError as error:
        return str(error)
    return ""


def _unreadable_calendars(table: pd.DataFrame, rows: Rows, need: Need) -> list[Problem]:
    if "calendar" not in rows.columns:
        return []
    problems = []
    for text, group in table.groupby("calendar", sort=False):
        try:
            calendar_from_text(text)
        except InputError as error:
            words = _inside(str(error).rstrip(".")), "Or leave it empty for Monday to Friday."
            problems.append(rows.problem(group.index[0], "calendar", f"'{shown(text)}' came", *words))
    return problems


CHECKS: tuple[Callable[[pd.DataFrame, Rows, Need], list[Problem]], ...] = (
    _missing_cells,
    _broken_names,
    _missing_baselines,
    _backward_dates,
    _long_before_the_project,
    _estimates_against_baselines,
    _impossible_status,
    _repeated_rows,
    _unreadable_logic,
    _unreadable_calendars,
)
