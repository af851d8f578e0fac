"""Simulated agencies: portfolios of projects that overrun, wait, overlap and grow, drawn from a known truth.

The truth is not of the model's own family: dates come from links, waiting, overlap and added work, on whole working
days. A project has 19 milestones in five phases, some of them in parallel. The same seed gives the same portfolio.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from estimation.calibration.overruns import ON_PLAN_WITHIN
from estimation.tables import HISTORY, keep_contract

PHASES = ("discovery", "data_preparation", "model_development", "deployment", "validation")
LINKS = {
    "1.1": "", "1.2": "1.1", "1.3": "1.1",
    "2.1": "1.2", "2.2": "1.2 1.3", "2.3": "2.1", "2.4": "2.1 2.2", "2.5": "2.3 2.4",
    "3.1": "2.3", "3.2": "2.5 3.1", "3.3": "3.1", "3.4": "3.2", "3.5": "3.3 3.4",
    "4.1": "1.3 2.5", "4.2": "3.4 4.1", "4.3": "3.5 4.2",
    "5.1": "3.5", "5.2": "4.2 5.1", "5.3": "4.3 5.2",
}  # fmt: skip
"""Milestones in the order of the work, with those they wait for; of two, the second is missing in some projects."""
ADDED = ("a1", "a2")
"""Places of work that no baseline knew; the last milestone waits for it."""
MILESTONES = (*LINKS, *ADDED)
PLANNED, LAST = len(LINKS), len(LINKS) - 1
WALK = (*range(LAST), *range(PLANNED, len(MILESTONES)), LAST)
"""Places in an order in which each comes after those it waits for."""
PHASE_OF = np.array([int(name[0]) - 1 for name in LINKS])
TYPICAL_DAYS = np.array([3.0, 6.0, 8.0, 7.0, 4.5])
"""Planned working days of a milestone of each phase in a project of usual size."""
SIZE_SD, DAYS_SD = 0.35, 0.35
"""How much projects, and milestones of one project, differ in planned days [log units]."""
SECOND_LINK = 0.8
ADDED_DAYS = 6.0
TRUE_PROJECTS = 4000
"""Projects drawn to know an agency's true quantiles."""
DAYS_A_YEAR = 261
EPOCH = "2021-01-04"


@dataclass(frozen=True)
class Agency:
    """What the courses of an agency's projects are drawn from.

    Parameters
    ----------
    level : float array, one per phase
        Log of what a milestone typically takes, as a multiple of its estimate, where it is not exactly on plan.
    spread, nu : float
        Scale [log units] and degrees of freedom of the milestones' own errors.
    ties : float
        Share of milestones that take exactly what was planned; whole days add more.
    project_sd : float
        What the milestones of one project share [log units].
    waits, wait_days : float
        Share of milestones that start later than they could, and how much on average [working days].
    overlaps : float
        Share of milestones begun before those they wait for are done, by up to two fifths of their planned days.
    added : float
        Pieces of added work a project has on average, at most two.
    drift : float
        By how much the level rises in a year [log units].
    fixed : float
        Share of projects released on their planned day whatever happened.
    bad : float
        Share of projects that take twice as much as the others.
    clients : tuple of float
        How far the projects of each client lie above the others [log units]; empty where nobody asks for clients.
    """

    level: np.ndarray
    spread: float = 0.22
    nu: float = 5.0
    ties: float = 0.15
    project_sd: float = 0.2
    waits: float = 0.2
    wait_days: float = 4.0
    overlaps: float = 0.15
    added: float = 0.5
    drift: float = 0.0
    fixed: float = 0.0
    bad: float = 0.0
    clients: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Projects:
    """Projects with plan and course; places are working days counted from the planned start of each.

    Parameters
    ----------
    start : int array (projects,)
        Planned start, in working days since ``EPOCH``.
    client : int array (projects,)
        Number of the client; -1 where clients are not told apart.
    links : bool array (projects, milestones, milestones)
        Whether the first waits for the second.
    exists : bool array (projects, milestones)
    planned, actual : int arrays (2, projects, milestones)
        Morning and evening of each milestone; added work has no plan.
    """

    start: np.ndarray
    client: np.ndarray
    links: np.ndarray
    exists: np.ndarray
    planned: np.ndarray
    actual: np.ndarray

    @property
    def planned_days(self) -> np.ndarray:
        """Estimated own days of planned milestones, shape (projects, 19)."""
        return (self.planned[1] - self.planned[0])[:, :PLANNED]

    @property
    def actual_days(self) -> np.ndarray:
        """Own days they took, same shape."""
        return (self.actual[1] - self.actual[0])[:, :PLANNED]

    @property
    def planned_finish(self) -> np.ndarray:
        """Working days from the planned start to the planned end, one per project."""
        return self.planned[1, :, :PLANNED].max(axis=1)

    @property
    def actual_finish(self) -> np.ndarray:
        """Working days from the planned start to the real end, one per project."""
        return np.where(self.exists, self.actual[1], 0).max(axis=1)

    @property
    def log_finish_ratio(self) -> np.ndarray:
        """Log of actual / planned days of each project, 0 within half a percent, as the record takes it."""
        ratio = np.log(self.actual_finish / self.planned_finish)
        return np.where(np.abs(ratio) <= ON_PLAN_WITHIN, 0.0, ratio)

    def phase_days(self) -> tuple[np.ndarray, np.ndarray]:
        """Estimates, and what they took, added up over the planned milestones of each phase; (projects, phases)."""
        of_phase = np.eye(len(PHASES))[PHASE_OF]
        return self.planned_days @ of_phase, self.actual_days @ of_phase

    @property
    def phase_ratios(self) -> np.ndarray:
        """What each phase took in all, over its estimates; (projects, phases)."""
        planned, actual = self.phase_days()
        return actual / planned


@dataclass(frozen=True, eq=False)
class Portfolio:
    """An agency, the projects begun by a day, and new ones that start on the next.

    Parameters
    ----------
    agency : Agency
    past : Projects
    new : Projects
    today : int
        The status date, in working days since ``EPOCH``.
    level_on : int
        The day of which the agency's level is told.
    """

    agency: Agency
    past: Projects
    new: Projects
    today: int
    level_on: int

    @property
    def as_of(self) -> pd.Timestamp:
        """The status date."""
        return pd.Timestamp(str(_date(self.today)))

    @property
    def closed(self) -> np.ndarray:
        """Which of the past projects have ended by it."""
        return self.past.start + self.past.actual_finish - 1 <= self.today

    def truth(self) -> Projects:
        """Many new projects of the agency, from random numbers of their own."""
        rng = np.random.default_rng([self.today, TRUE_PROJECTS])
        start = np.full(TRUE_PROJECTS, self.today + 1)
        return draw_projects(self.agency, start, rng, level_on=self.level_on)

    def history(self) -> pd.DataFrame:
        """The projects begun, as somebody had written them down on the status date; HISTORY."""
        return history_of(self.past, self.today)


OVERRUNNING = np.log([1.25, 2.35, 1.4, 1.35, 1.2])
MILD = np.log([1.0, 1.2, 1.1, 1.05, 1.0])
JITTER = 0.04
"""By how much the level of a phase differs between agencies of one kind [log units]."""
KINDS: dict[str, dict] = {
    "overrunning": {},
    "mild": {"level": MILD},
    "heavy waiting": {"waits": 0.5, "wait_days": 8.0},
    "drift": {"drift": 0.25},
    "growth": {},
    "any": {},
    "fixed dates": {"fixed": 0.7},
    "clients": {"clients": 6},
    "one in seven twice as bad": {"bad": 1 / 7},
}
CLIENT_SD = 0.25
FASTER = 0.8
"""A fast-growing agency starts e times as many projects after so many years."""
BEGUN = {"growth": (2.5, 24), "drift": (2.75, 24)}
"""Kinds seen on a day, with projects running: years up to it, and projects begun in them."""


def draw_agency(kind: str, rng: np.random.Generator) -> Agency:
    """Draw an agency of a kind; "any" has a mean log finish ratio between 0 and .6."""
    terms = {"level": OVERRUNNING, **KINDS[kind]}
    if "clients" in terms:
        terms["clients"] = tuple(rng.normal(0, CLIENT_SD, terms["clients"]))
    agency = Agency(**terms | {"level": terms["level"] + rng.normal(0, JITTER, len(PHASES))})
    return with_mean_finish(agency, rng.uniform(0, 0.6), rng) if kind == "any" else agency


def draw_portfolio(kind: str, n: int, seed: int, number: int = 0, *, new: int = 10) -> Portfolio:
    """Draw an agency with n closed projects, which began more and more often, and some that start now.

    Of the kinds in ``BEGUN`` n is not asked for: it is what has ended by the day of the projects begun. Portfolios of
    one seed are told apart by ``number``.
    """
    rng = np.random.default_rng([seed, list(KINDS).index(kind), n, number])
    agency = draw_agency(kind, rng)
    years, n = BEGUN.get(kind, (1 + n / 8, n))
    if kind == "growth":
        into = years + FASTER * np.log(rng.uniform(np.exp(-years / FASTER), 1, n))
    else:
        into = years * ((np.arange(n) + rng.random(n)) / max(n, 1)) ** 0.7
    start, horizon = np.sort((into * DAYS_A_YEAR).astype(int)), int(years * DAYS_A_YEAR)
    past = draw_projects(agency, start, rng, level_on=horizon)
    today = horizon if kind in BEGUN or not n else int((start + past.actual_finish).max())
    coming = draw_projects(agency, np.full(new, today + 1), rng, level_on=horizon)
    return Portfolio(agency, past, coming, today, horizon)


def draw_projects(agency: Agency, start: np.ndarray, rng: np.random.Generator, level_on: int = 0) -> Projects:
    """Draw plans and courses of projects that start on given days; the agency's level is that of ``level_on``."""
    n = len(start)
    links, exists = _draw_links(agency, n, rng)
    size = rng.lognormal(0, SIZE_SD, (n, 1)) * rng.lognormal(0, DAYS_SD, (n, PLANNED))
    days = np.maximum(np.round(TYPICAL_DAYS[PHASE_OF] * size), 1).astype(int)
    planned = np.zeros((2, n, len(MILESTONES)), dtype=int)
    for place in range(PLANNED):
        planned[0, :, place] = np.where(links[:, place, :PLANNED], planned[1, :, :PLANNED], 0).max(axis=1)
        planned[1, :, place] = planned[0, :, place] + days[:, place]
    client = rng.integers(len(agency.clients), size=n) if len(agency.clients) else np.full(n, -1)
    took = np.concatenate(
        [_draw_days(agency, days, start - level_on, client, rng), _added_days(n, rng)], axis=1
    )
    actual = np.zeros_like(planned)
    shape = (n, len(MILESTONES))
    waits = np.ceil(rng.exponential(agency.wait_days, shape) - 0.5) * (rng.random(shape) < agency.waits)
    early = np.round(0.4 * rng.random(shape) * took) * (rng.random(shape) < agency.overlaps)
    for place in WALK:
        ready = np.where(links[:, place] & exists, actual[1], 0).max(axis=1)
        actual[0, :, place] = np.maximum(ready + waits[:, place] - early[:, place], 0)
        actual[1, :, place] = actual[0, :, place] + took[:, place]
    released = rng.random(n) < agency.fixed
    _squeeze(actual, exists, planned[1].max(axis=1), released)
    return Projects(start, client, links, exists, planned, actual)


def _squeeze(actual: np.ndarray, exists: np.ndarray, day: np.ndarray, released: np.ndarray) -> None:
    """Let some projects end on a day: what would be late is done faster throughout, what would be early waits."""
    late = np.maximum(np.where(exists, actual[1], 0).max(axis=1) / day, 1)[released, None]
    actual[:, released] = np.round(actual[:, released] / late)
    actual[1, released, LAST] = day[released]
    actual[0] = np.minimum(actual[0], actual[1] - 1)
    actual[1] -= np.minimum(actual[0], 0)
    actual[0] = np.maximum(actual[0], 0)


def _draw_links(agency: Agency, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    place = {name: k for k, name in enumerate(MILESTONES)}
    links = np.zeros((n, len(MILESTONES), len(MILESTONES)), dtype=bool)
    for name, named in LINKS.items():
        for rank, other in enumerate(named.split()):
            # Nothing but the last milestone is without a successor for long: second links go missing, first ones never.
            links[:, place[name], place[other]] = (rank == 0) | (rng.random(n) < SECOND_LINK)
    exists = np.ones((n, len(MILESTONES)), dtype=bool)
    exists[:, PLANNED:] = rng.random((n, len(ADDED))) < agency.added / len(ADDED)
    for added in range(PLANNED, len(MILESTONES)):
        links[np.arange(n), added, rng.integers(place["2.1"], place["4.2"], n)] = True
        links[:, LAST, added] = exists[:, added]
    return links, exists


def _draw_days(agency: Agency, days, ahead, client, rng: np.random.Generator) -> np.ndarray:
    """Draw the days that planned milestones take."""
    n = len(days)
    shared = rng.normal(0, agency.project_sd, n) + agency.drift * ahead / DAYS_A_YEAR
    shared += np.log(2) * (rng.random(n) < agency.bad)
    shared += np.array([*agency.clients, 0.0])[client]  # no client is the last
    log_ratio = agency.level[PHASE_OF] + shared[:, None]
    log_ratio = log_ratio + agency.spread * rng.standard_t(agency.nu, days.shape)
    took = np.maximum(np.round(days * np.exp(np.clip(log_ratio, -3, 3))), 1).astype(int)
    return np.where(rng.random(days.shape) < agency.ties, days, took)


def _added_days(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.ceil(rng.lognormal(np.log(ADDED_DAYS), 0.5, (n, len(ADDED)))).astype(int)


def with_mean_finish(agency: Agency, mean: float, rng: np.random.Generator, projects: int = 500) -> Agency:
    """Shift all phases so that the mean log finish ratio is a given one, to about .01."""
    seed = int(rng.integers(2**32))
    for _ in range(3):
        found = draw_projects(agency, np.zeros(projects, dtype=int), np.random.default_rng(seed))
        agency = replace(agency, level=agency.level + 1.2 * (mean - found.log_finish_ratio.mean()))
    return agency


def history_of(projects: Projects, today: int) -> pd.DataFrame:
    """Write projects down as they were known on a day; HISTORY.

    Running work has no finish, work added later is not there, and running projects were touched on that day.
    """
    began, ended = projects.start[:, None] + projects.actual - [[[0]], [[1]]]
    known = projects.exists & ((began <= today) | (np.arange(len(MILESTONES)) < PLANNED))
    project, place = np.nonzero(known)
    start = projects.start[project]
    planned = place < PLANNED
    dates = {
        "baseline_start": _date(start + projects.planned[0, project, place], planned),
        "baseline_finish": _date(start + projects.planned[1, project, place] - 1, planned),
        "actual_start": _date(began[known], began[known] <= today),
        "actual_finish": _date(ended[known], ended[known] <= today),
    }
    running = (ended.max(axis=1, where=projects.exists, initial=0) > today)[project]
    days = (projects.planned[1] - projects.planned[0])[known]
    names = np.array(MILESTONES)
    linked = projects.links & known[:, None, :]
    rows = pd.DataFrame(
        {
            "project": [f"p{k:03d}" for k in project],
            "milestone": names[place],
            "phase": np.array(PHASES)[np.where(planned, PHASE_OF[np.minimum(place, LAST)], 2)],
            "client": [f"client {k}" if k >= 0 else None for k in projects.client[project]],
            "project_start": _date(start),
            "baseline_days": np.where(planned, days, np.nan),
            "depends_on": [
                "; ".join(names[linked[p, m]]) or None for p, m in zip(project, place, strict=True)
            ],
            "added_after_baseline": ~planned,
            "updated_on": _date(np.full(len(project), today), running),
            "source": "simulated",
            **dates,
        }
    )
    return keep_contract(rows, HISTORY)


def _date(days: np.ndarray | int, told: np.ndarray | bool = True) -> np.ndarray:
    """Turn working days since ``EPOCH`` into dates; missing where they are not told."""
    dates = np.busday_offset(EPOCH, days).astype("datetime64[s]")
    return np.where(told, dates, np.datetime64("NaT"))
