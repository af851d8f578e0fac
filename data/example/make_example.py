"""Write the made-up portfolio: closed projects, two running ones with status updates, one new plan, past forecasts.

Run it with ``make example``, or as ``python data/example/make_example.py [FOLDER]``. The same seed writes the
same files, byte for byte. The shape follows what the field reports: many milestones exactly on plan, data
preparation two to five times what was estimated, projects that are bad everywhere, waiting on clients.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from cast import ADDED, ADDED_NOTES, CAUSE_NOTES, CAUSES, PROJECTS, TEAMS, WAITS_FOR_DATA
from course import CALENDAR, Course, run, weekly_status, with_actuals
from publishing import published_forecasts
from story import FRIDAYS, PROJECT, decided, story, told_story

from estimation.ingest.decisions_file import DECISIONS_FILE
from estimation.ingest.framework_file import read_framework
from estimation.ingest.sources import read_history
from estimation.learning.calibrate import calibrate
from estimation.project.framework import Framework
from estimation.project.new_plan import new_plan
from estimation.publishing.client_package import CLIENT_FILE, prepare_client
from estimation.publishing.model_file import save_model
from estimation.publishing.notebooks import find_notebook
from estimation.publishing.results import write_whole
from estimation.tables import HISTORY, PLAN, keep_contract

SEED = 8
MADE_UP = "These projects are made up: use this model to look around, not to promise a date."
STATUS_DATE = "2026-11-06"
LAST_CLOSING = pd.Timestamp("2026-10-30")
FIRST_QUARTER = pd.Period("2023Q4")
CLOSED_PER_QUARTER = (5, 6, 6, 5, 6, 6, 5, 6, 5, 6, 6, 5, 5)
STORY_QUARTER = 9  # the story project is one of those of 2026Q1
WEEK_THREE = FRIDAYS[2]
TOLD_WITHOUT = [
    "acceptance_criteria",
    "calendar",
]  # criteria with blanks, and a calendar that is the usual one
PLAN_ONLY = ["client_summary", "acceptance_criteria", "calendar"]  # long texts that history does not need

PROJECT_SPREAD, CLIENT_SPREAD = 0.16, 0.06  # sd of log overrun that a project, a client has in common
TAIL = 4  # degrees of freedom of what is left
LEARNING_PHASE, LEARNING = "data_preparation", 0.18  # log overrun above its level at first, below it at last
START_DELAY, ADDED_WORK = 0.04, 0.3  # how often work starts late; how many projects get work added
WAITING = {
    "1.1": 0.2,
    "1.3": 0.15,
    "3.4": 0.2,
    "5.1": 0.1,
    "5.4": 0.2,
}  # how often the client keeps us waiting
# Plans hold slack before staging and before acceptance: a share of the plan, least and most. The staging slot is
# booked, nobody gets in earlier; acceptance may be signed as soon as it is due.
SLACK = {"4.2": (0.05, 0.2), "5.4": (0.0, 0.12)}
BOOKED = "4.2"


@dataclass(frozen=True)
class Overrun:
    """How a phase overruns: share exactly on plan, else a median ratio, a spread of the log and a worst case."""

    on_plan: float
    median: float
    spread: float
    worst: float


# Working days are whole, so that more milestones end on plan than the share says.
OVERRUNS = {
    "discovery": Overrun(0.10, 1.06, 0.24, 3.0),
    "data_preparation": Overrun(0.06, 3.00, 0.30, 6.0),
    "model_development": Overrun(0.10, 1.18, 0.25, 4.0),
    "deployment": Overrun(0.10, 1.20, 0.26, 4.0),
    "validation": Overrun(0.10, 1.06, 0.24, 3.0),
}

# One of the running projects was planned with these: its estimates times them are its baseline.
FACTORS = {
    "discovery": 1.2,
    "data_preparation": 3.0,
    "model_development": 1.25,
    "deployment": 1.25,
    "validation": 1.2,
}
RESERVE = 0.25  # who promises a plan that was not multiplied adds this much of its length

# The new plan: what the planner changed in the framework, and the blanks already filled in, in their order.
ADAPTED_DAYS = {"2.3": 5, "4.1": 10, "5.2": 4}
FILLED_IN = {
    "1.1": ("3", "200"),
    "1.2": ("500",),
    "1.3": ("12", "recall in the first ten results", "0.85"),
    "2.1": ("3", "5", "0.1"),
    "2.2": ("12,000", "400", "90"),
    "2.3": ("2", "1", "0.5"),
    "3.1": ("keyword search", "0.62"),
    "3.2": ("0.85", "5", "contracts signed before 2010", "0.75"),
    "3.3": ("30",),
    "3.4": ("compliance", "1"),
    "4.1": ("2",),
    "4.2": ("200", "800", "60"),
    "4.3": ("10", "10"),
    "4.4": ("8", "15"),
    "5.1": ("5", "0.83", "100", "2"),
    "5.2": ("4",),
    "5.3": ("3",),
    "5.4": ("5",),
}


@dataclass(frozen=True)
class Project:
    """One made-up project: who and what, how large, how much slack its plan has, its luck (log overrun)."""

    client: str
    name: str
    size: float
    slack: Mapping[str, float]
    luck: float
    learned: float = 0.0
    growing: float = ADDED_WORK

    @property
    def id(self) -> str:
        """Name in small letters, hyphens for spaces."""
        return self.name.lower().replace(" ", "-")


def main(folder: Path) -> None:
    """Write all files of the example into a folder."""
    rng = np.random.default_rng(SEED)
    framework = read_framework("ai_delivery")
    told, told_status = story(framework)
    closed = pd.concat([*closed_projects(framework, rng), told], ignore_index=True)
    closed_on = closed.groupby("project")["actual_finish"].transform("max")
    closed = closed.assign(closed_on=closed_on).sort_values(["closed_on", "project"], kind="stable")
    running = running_projects(framework)
    history = {"history": closed, "running": pd.concat([rows for rows, _ in running], ignore_index=True)}
    for name, rows in history.items():
        write(keep_contract(rows, HISTORY).drop(columns=PLAN_ONLY), folder / f"{name}.csv")
    for status in (told_status, *(status for _, status in running)):
        write(status, folder / "status" / f"{status['project'].iloc[0]}.csv")
    plan, said = told_story(framework)
    write(keep_contract(plan, PLAN).drop(columns=TOLD_WITHOUT), folder / "told" / "plan.csv")
    write(said, folder / "told" / "status.csv")
    package = prepare_client(
        folder / "told" / "plan.csv", PROJECT, folder / "told" / "status.csv", WEEK_THREE
    )
    write_whole(folder / CLIENT_FILE, package)
    plan = next_project(framework)
    write(keep_contract(plan, PLAN), folder / "plans" / f"{plan['project'].iloc[0]}.csv")
    past = pd.concat([read_history(folder / f"{name}.csv") for name in history], ignore_index=True)
    write(published_forecasts(past, seed=SEED), folder / "forecasts" / "published.csv")
    write(decided(), folder / DECISIONS_FILE)
    # The model that the calibration report learns from it.
    asked = {one.name: one.default for one in find_notebook("calibration").parameters}
    model = calibrate(read_history(folder / "history.csv"), seed=asked["seed"])
    save_model(replace(model, track_record=MADE_UP), folder / "model.json")


# Closed projects -------------------------------------------------------------------------------------------------


def closed_projects(framework: Framework, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Make the closed projects, quarter by quarter, without the one that tells the story."""
    names = [(client, name) for client, names in PROJECTS.items() for name in names]
    cast = iter([names[n] for n in rng.permutation(len(names))])
    client_luck = {client: rng.normal(0, CLIENT_SPREAD) for client in PROJECTS}
    projects = []
    for n, count in enumerate(CLOSED_PER_QUARTER):
        quarter = FIRST_QUARTER + n
        days = pd.bdate_range(quarter.start_time, min(quarter.end_time.normalize(), LAST_CLOSING))
        for _ in range(count - (n == STORY_QUARTER)):
            client, name = next(cast)
            project = Project(
                client,
                name,
                size=float(np.clip(rng.lognormal(-0.3, 0.35), 0.37, 1.05)),
                slack={each: rng.uniform(*limits) for each, limits in SLACK.items()},
                luck=client_luck[client] + rng.normal(0, PROJECT_SPREAD),
                learned=LEARNING * (1 - 2 * n / (len(CLOSED_PER_QUARTER) - 1)),
            )
            projects.append(closed_project(framework, rng, project, closing=days[rng.integers(len(days))]))
    return projects


def closed_project(framework, rng, project: Project, *, closing: pd.Timestamp) -> pd.DataFrame:
    """Make one closed project: plan it, let it run, and place it so that it closes on the given day."""
    factors = rng.uniform(0.75, 1.3, len(framework.milestones))
    typical = {
        each.id: each.typical_days * factor
        for each, factor in zip(framework.milestones, factors, strict=True)
    }
    plan = plan_project(with_days(framework, typical), rng, project, start="2023-01-02")
    rows, course = let_run(plan, rng, project)
    shift = float(CALENDAR.evenings([closing])[0]) - course.last_evening
    rows = with_promise(moved(rows, shift), to_friday=rng.random() < 0.6)
    return with_actuals(rows, course.shifted(shift)).assign(closed_as="delivered")


def with_days(framework: Framework, typical_days: Mapping[str, float]) -> Framework:
    """Change typical days the way a planner does who knows the project."""
    milestones = (
        replace(each, typical_days=typical_days.get(each.id, each.typical_days))
        for each in framework.milestones
    )
    return replace(framework, milestones=tuple(milestones))


def plan_project(framework: Framework, rng, project: Project, *, start: str) -> pd.DataFrame:
    """Plan a project, give it a team, and put its slack where plans hold some."""
    plan = new_plan(
        framework,
        project=project.id,
        start=start,
        size=project.size,
        project_name=project.name,
        client=project.client,
    )
    total = CALENDAR.days_between(plan["project_start"].iloc[0], plan["baseline_finish"].max())
    # Everything with a later id follows these milestones in the framework, so that ids tell what moves.
    days = sum(
        (plan["milestone"] >= each) * float(round(share * total)) for each, share in project.slack.items()
    )
    team = TEAMS[int(rng.integers(len(TEAMS)))]
    return moved(plan, days, columns=("baseline_start", "baseline_finish")).assign(team=team)


def moved(
    rows: pd.DataFrame, days, columns=("project_start", "baseline_start", "baseline_finish")
) -> pd.DataFrame:
    """Move planned dates by working days, one number for all rows or one for each."""
    dates = {}
    for name in columns:
        if name.endswith("finish"):
            dates[name] = CALENDAR.evening_dates(CALENDAR.evenings(rows[name]) + days)
        else:
            dates[name] = CALENDAR.morning_dates(CALENDAR.mornings(rows[name]) + days)
    return rows.assign(**dates)


def with_promise(rows: pd.DataFrame, *, to_friday: bool, reserve: float = 0) -> pd.DataFrame:
    """Promise the planned finish of the project and a reserve, a share of the plan's length; or that week's Friday."""
    days = CALENDAR.days_between(rows["project_start"].iloc[0], rows["baseline_finish"].max())
    finish = moved(rows, round(reserve * days), columns=("baseline_finish",))["baseline_finish"]
    if to_friday:
        finish = finish + pd.to_timedelta(4 - finish.dt.day_of_week, unit="D")
    return rows.assign(promised_finish=finish.where(rows["milestone"] == "5.4"))


# What happens to a plan ------------------------------------------------------------------------------------------


def let_run(plan: pd.DataFrame, rng, project: Project) -> tuple[pd.DataFrame, Course]:
    """Let a plan run: overruns, waiting, late starts, added work, and the causes that people wrote down."""
    ids = list(plan["milestone"])
    planned = dict(zip(ids, plan["baseline_days"], strict=True))
    estimated = dict(zip(ids, plan["estimate_days"].fillna(plan["baseline_days"]), strict=True))
    phases = dict(zip(ids, plan["phase"], strict=True))
    depends_on = dict(zip(ids, plan["depends_on"].fillna(""), strict=True))
    mornings = dict(zip(ids, CALENDAR.mornings(plan["baseline_start"]), strict=True))
    waiting = {each: float(rng.integers(1, 7)) for each, share in WAITING.items() if rng.random() < share}
    own = {each: own_days(rng, estimated[each], phases[each], project) for each in ids}
    delays = {each: float(rng.integers(1, 5)) for each in ids if rng.random() < START_DELAY}
    days = {each: own[each] + waiting.get(each, 0) for each in ids}
    causes = {each: cause(rng, phases[each], own[each] - planned[each], waiting.get(each, 0)) for each in ids}
    for each, delay in delays.items():
        if delay > 2 and each not in waiting and own[each] - planned[each] <= 2:
            causes[each] = ("staffing", CAUSE_NOTES["staffing"][0])
    added = added_work(rng, plan, project)
    for row in added.itertuples():
        depends_on[row.milestone] = row.depends_on
        depends_on[row.blocks] += f"; {row.milestone}"
        days[row.milestone] = row.days
        causes[row.milestone] = ("scope_change", ADDED_NOTES[row.milestone])
    rows = pd.concat([plan, added], ignore_index=True).sort_values(
        "milestone", kind="stable", ignore_index=True
    )
    rows = rows.assign(
        depends_on=rows["milestone"].map(depends_on).replace("", None),
        waiting_days=rows["milestone"].map(waiting),
        iterations_actual=rows["milestone"].map({"3.2": max(1, round(4 * own["3.2"] / planned["3.2"]))}),
        cause=rows["milestone"].map({each: code for each, (code, _) in causes.items()}),
        cause_note=rows["milestone"].map({each: note for each, (_, note) in causes.items()}),
    )
    first_morning = float(CALENDAR.mornings(plan["project_start"])[0])
    return rows, run(
        depends_on, days, first_morning=first_morning, delays=delays, not_before={BOOKED: mornings[BOOKED]}
    )


def own_days(rng: np.random.Generator, estimated: float, phase: str, project: Project) -> float:
    """Draw how many working days the work itself takes."""
    shape = OVERRUNS[phase]
    on_plan, rest = rng.random() < shape.on_plan, rng.standard_t(TAIL)
    if on_plan:
        return estimated
    level = np.log(shape.median) + project.luck + project.learned * (phase == LEARNING_PHASE)
    ratio = np.clip(np.exp(level + shape.spread * rest), 0.6, shape.worst)
    return max(1.0, float(np.floor(estimated * ratio + 0.5)))


def added_work(rng: np.random.Generator, plan: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Add one to three milestones that no baseline knew, or none."""
    count = rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]) if rng.random() < project.growing else 0
    chosen = [ADDED[n] for n in sorted(rng.choice(len(ADDED), count, replace=False))]
    added = pd.DataFrame(
        chosen, columns=["milestone", "phase", "name", "owner", "depends_on", "blocks", "days"]
    )
    days = np.maximum(
        1.0, np.round(added["days"].astype(float) * project.size * rng.uniform(0.7, 1.4, count))
    )
    same = plan[["project", "project_name", "client", "team", "project_start"]].iloc[0].to_dict()
    return added.assign(**same, days=days, added_after_baseline=True)


def cause(rng, phase: str, days_over: float, days_waiting: float) -> tuple[str | None, str | None]:
    """Write down why a milestone lost more than two days, the larger cause where there are two."""
    if max(days_over, days_waiting) <= 2:
        return None, None
    waited = "data_access" if phase in WAITS_FOR_DATA else "client_approval"
    codes = {waited: 100} if days_waiting > days_over else CAUSES[phase]
    code = list(codes)[int(rng.choice(len(codes), p=np.array(list(codes.values())) / 100))]
    return code, CAUSE_NOTES[code][int(rng.integers(len(CAUSE_NOTES[code])))]


# Running projects and the next one -------------------------------------------------------------------------------


def running_projects(framework: Framework) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Make two running projects with what was reported each Friday: one healthy, one that drifts in silence."""
    slack = {each: sum(limits) / 2 for each, limits in SLACK.items()}
    healthy = Project("Client C (retailer)", "Demand forecast", 0.6, slack, luck=-0.1, growing=0)
    drifting = Project("Client E (manufacturer)", "Visual inspection", 0.8, slack, luck=0.25, growing=0)
    told = "Moved with what took longer before it; nothing else has changed."
    cases = (
        (healthy, FACTORS, "2026-08-10", 1.0, 0, told, 198),
        (drifting, None, "2026-08-17", 0.3, 2, None, 50),
    )
    projects = []
    for project, factors, start, optimism, weeks_yellow, reason, seed in cases:
        rng = np.random.default_rng(seed)
        plan = plan_project(framework, rng, project, start=start)
        if factors is not None:
            plan = planned_with(factors, framework, plan, project, start=start)
        plan = with_promise(plan, to_friday=True, reserve=RESERVE if factors is None else 0)
        rows, course = let_run(plan, rng, project)
        fridays = [f"{day:%Y-%m-%d}" for day in pd.date_range(start, STATUS_DATE, freq="W-FRI")]
        colours = ["green"] * (len(fridays) - weeks_yellow) + ["yellow"] * weeks_yellow
        reasons = dict.fromkeys(range(1, len(fridays) + 1), reason)
        status = weekly_status(rows, course, fridays, colours, optimism=optimism, reasons=reasons)
        rows = with_actuals(rows, course, float(CALENDAR.evenings([STATUS_DATE])[0]))
        known = rows["actual_finish"].notna()
        later = {
            name: rows[name].where(known)
            for name in ("waiting_days", "iterations_actual", "cause", "cause_note")
        }
        projects.append((rows.assign(**later, updated_on=STATUS_DATE), status))
    return projects


def planned_with(
    factors: Mapping[str, float], framework: Framework, plan: pd.DataFrame, project: Project, *, start: str
) -> pd.DataFrame:
    """Plan a project again with its estimates multiplied; they stay beside what is approved, in whole days."""
    factor = plan["phase"].map(factors)
    days = dict(zip(plan["milestone"], plan["baseline_days"] * factor / project.size, strict=True))
    approved = plan_project(with_days(framework, days), np.random.default_rng(SEED), project, start=start)
    return approved.assign(
        team=plan["team"],
        estimate_days=plan["baseline_days"],
        estimate_start=plan["baseline_start"].where(plan["milestone"].isin(SLACK)),
        factor_used=(approved["baseline_days"] / plan["baseline_days"]).round(3),
    )


def next_project(framework: Framework) -> pd.DataFrame:
    """Plan the project that is about to start; the date promised for it has a reserve that looks ample."""
    rng = np.random.default_rng(SEED)
    slack = {"4.2": 0.08, "5.4": 0.03}
    project = Project("Client F (energy supplier)", "Contract search", 1.0, slack, luck=0.0)
    plan = plan_project(with_days(framework, ADAPTED_DAYS), rng, project, start="2026-11-16")
    criteria = dict(zip(plan["milestone"], plan["acceptance_criteria"], strict=True))
    for milestone, values in FILLED_IN.items():
        for value in values:
            criteria[milestone] = criteria[milestone].replace("____", value, 1)
    return with_promise(
        plan.assign(acceptance_criteria=plan["milestone"].map(criteria)), to_friday=False, reserve=RESERVE
    )


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, without the columns that are never filled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = table.dropna(axis="columns", how="all")
    texts = {
        name: table[name].map("{:g}".format, na_action="ignore") for name in table.select_dtypes("number")
    }
    texts |= {
        name: table[name].astype("object").map({True: "yes"}) for name in table.select_dtypes("boolean")
    }
    table.assign(**texts).to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
