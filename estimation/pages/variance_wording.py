"""The variance review in sentences: where the days went, when the track was left, what the kickoff could have known."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from estimation.pages.displays import shown_date
from estimation.pages.labels import code_label, milestone_words
from estimation.project.amounts import closed_and_running, count, days_words, list_few, list_words
from estimation.project.statuses import Colour, Status
from estimation.review.hindsight import FEWEST_CLOSED, Hindsight

MOST_NAMED, MOST_OVERDUE = 4, 3
PROVISIONAL_BELOW = 10
LESSON_COLUMNS = {
    "phase": "Phase",
    "used": "Used",
    "deserved": "Deserved",
    "recommendation": "Recommended next time",
}
_PART_WORDS = {
    "start_delay": "work that could have started and did not",
    "waiting": "waiting for someone outside",
    "added_scope": "added scope",
    "estimate_error": "work that took longer than planned",
}


def slip_finding(slip: Mapping) -> str:
    """Say in one sentence how a closed project ended."""
    late = int(slip["slip_days"])
    ended = f"{days_words(abs(late))} {'late' if late > 0 else 'early'}" if late else "on its planned date"
    planned, taken = days_words(slip["baseline_days"]), days_words(slip["actual_days"])
    if pd.isna(slip["actual_finish"]):
        return f"{slip['project_name']} finished {ended}: planned for {planned}, it took {taken}."
    return (
        f"{slip['project_name']} finished {ended}: planned for {planned} until {shown_date(slip['baseline_finish'])}, "
        f"it took {taken} until {shown_date(slip['actual_finish'])}."
    )


def share_finding(shares: pd.DataFrame, slip: Mapping) -> str:
    """Say which milestones the days of the project were lost at, most days first."""
    moved = shares[shares["project_days"].round(1) != 0]
    moved = moved.sort_values("project_days", ascending=False, kind="stable")
    lost, won = moved[moved["project_days"] > 0], moved[moved["project_days"] < 0][::-1]
    if moved.empty:
        return "No milestone cost the project a day."
    if lost.empty:
        return f"The {_days(-won['project_days'].sum())} that were won came from {_named(won)}."
    back = _days(-won["project_days"].sum())
    gained = f"; {back} {'was' if back.endswith('day') else 'were'} won back elsewhere" if len(won) else ""
    return (
        f"The {_days(lost['project_days'].sum())} that were lost went to {_named(lost)}{gained}. "
        f"Together that is the slip of {days_words(slip['slip_days'])}, without remainder."
    )


def _named(moved: pd.DataFrame) -> str:
    """Name the milestones that moved most with their days and causes, and sum up the others."""
    columns = ["milestone", "name", "project_days", "cause"]
    named = [
        f"{milestone_words(row)} ({_short(abs(row.project_days))}{_why(row.cause)})"
        for row in moved.head(MOST_NAMED)[columns].itertuples(index=False)
    ]
    rest = moved["project_days"].iloc[MOST_NAMED:].abs().sum()
    if rest:
        named.append(f"{count(len(moved) - MOST_NAMED, 'more milestone')} ({_short(rest)})")
    return list_words(named)


def _days(value: float) -> str:
    """Write working days in tenths at most."""
    return days_words(round(float(value), 1))


def part_finding(parts: pd.DataFrame) -> str:
    """Say what the days were lost by: waiting, late starts, added scope, wrong estimates."""
    lost = parts[parts["project_days"] != 0].itertuples()
    said = [f"{_short(row.project_days)} by {_PART_WORDS[row.value]}" for row in lost]
    return f"Of the slip, in working days: {list_words(said)}." if said else ""


def pareto_finding(causes: pd.DataFrame) -> str:
    """Say how few causes cost most of the days."""
    lost = causes[causes["project_days"] > 0]
    if lost.empty:
        return "No cause cost the project a day."
    enough = int((lost["cumulative_share"] < 0.8 - 1e-9).sum()) + 1
    named = list_words([code_label(value).lower() for value in lost["value"].head(enough)])
    share = 100 * lost["cumulative_share"].iloc[enough - 1]
    return f"{count(enough, 'cause')} of {len(lost)} cost {share:.0f} % of the days lost: {named}."


def track_finding(track: pd.DataFrame) -> str:
    """Say in which week the project left its track for good, by what, and what was reported that week."""
    if track.empty:
        return "No weekly status table was handed in, so when the project left its track is not known."
    left = track[track["left_track"]]
    if left.empty:
        return "In no week of its reports did the project leave its track for good."
    week = left.iloc[0]
    signs = []
    if week["n_overdue"]:
        names = week["overdue"].split("; ")
        were = "was" if len(names) == 1 else "were up to"
        signs.append(f"{list_few(names, MOST_OVERDUE)} {were} {days_words(week['days_overdue'])} overdue")
    if week["forecast_slip_days"] > 0:
        signs.append(f"the team itself expected the end {days_words(week['forecast_slip_days'])} late")
    if isinstance(week["evidence"], str) and week["evidence"] != Status.ON_TRACK:
        signs.append(f"the evidence said {week['evidence']}")
    colour = week["reported_status"]
    said = f"the report of that week said {colour}" if colour else "the report of that week named no colour"
    return (
        f"Off track from week {week['week']} ({shown_date(week['as_of'])}) to the end: "
        f"{list_words(signs)}; {said}{_later(track, week)}."
    )


def _later(track: pd.DataFrame, left: pd.Series) -> str:
    """Say when the reports first followed."""
    if left["reported_status"] != Colour.GREEN:
        return ""
    warned = track[(track["week"] > left["week"]) & ~track["reported_status"].isin([Colour.GREEN, ""])]
    if warned.empty:
        return " and so did all that followed"
    first = warned.iloc[0]
    return f", and green it stayed until {first['reported_status']} in week {first['week']}"


def projects_behind(hindsight: Hindsight) -> int | str:
    """Say for the title block what was learned from: closed projects, and what running ones had finished."""
    model, n_closed = hindsight.model, hindsight.n_closed
    return n_closed if model is None else closed_and_running(model.n_projects, n_closed)


def kickoff_finding(hindsight: Hindsight, slip: Mapping) -> str:
    """Say what the calibrated plan would have said on the day the project started."""
    if hindsight.model is None:
        n = hindsight.n_closed
        closed = f"Only {count(n, 'other project')}" if n else "No other project"
        return (
            f"{closed} had closed before this one started; of fewer than {FEWEST_CLOSED} nothing can be learned, so "
            "what a calibrated plan would have said is not known."
        )
    first = hindsight.fan.iloc[0]
    dates = {level: first[f"{level.lower()}_finish"] for level in ("P50", "P80", "P90")}
    named = [f"{level} {shown_date(date)}" for level, date in dates.items()]
    held = [level for level, date in dates.items() if first["actual_finish"] <= date]
    met = f"within {held[0]}" if held else "after all three"
    little = " That is little: read it as provisional." if hindsight.n_closed < PROVISIONAL_BELOW else ""
    return (
        f"At kickoff, calibrated by {projects_behind(hindsight)} at that time, the "
        f"answer would have been {list_words(named)}; the plan said {shown_date(first['baseline_finish'])}. It ended "
        f"on {shown_date(slip['actual_finish'])}, {met}.{little}"
    )


def fan_finding(fan: pd.DataFrame) -> str:
    """Say when the forecasts began to hold what happened, and when the team's own date did."""
    if fan.empty:
        return "Without closed projects to learn from there are no forecasts to look back on."
    inside = fan[(fan["p10_finish"] <= fan["actual_finish"]) & (fan["actual_finish"] <= fan["p90_finish"])]
    team = fan[fan["team_finish"] >= fan["actual_finish"]]
    saw = f"expected it from week {team['week'].iloc[0]} on" if len(team) else "never expected it"
    held = f"On {len(inside)} of {len(fan)} dates what happened lay between P10 and P90 of the forecast"
    return f"{held}; the team {saw}."


def calibrated_finding(kickoff: pd.DataFrame) -> str:
    """Compare the calibrated durations with the plan and with what happened."""
    if kickoff.empty:
        return ""
    total = kickoff[["baseline_days", "estimate_days", "calibrated_days", "actual_days"]].sum()
    most = kickoff.loc[(kickoff["calibrated_days"] - kickoff["estimate_days"]).idxmax()]
    estimated = abs(total["estimate_days"] - total["baseline_days"]) >= 0.05
    before = f"{total['estimate_days']:g} as estimated and " if estimated else ""
    what, they = ("the estimates ", "") if estimated else ("", "they ")
    return (
        f"The milestones' own days, those side by side added up, were {before}{total['baseline_days']:g} in the plan; "
        f"{what}stretched by the P50 multipliers of that day {they}become {total['calibrated_days']:.0f}, and they "
        f"were {total['actual_days']:g}. Most was to be added to "
        f"{code_label(most['phase']).lower()}: {most['estimate_days']:g} to {most['calibrated_days']:g} days, where "
        f"{most['actual_days']:g} were taken."
    )


def lessons_overview(lessons: pd.DataFrame) -> pd.DataFrame:
    """Write the lessons as a reader wants them: one row per phase with what to do next time."""
    recommended = [_recommendation(row) for row in lessons.itertuples()]
    said = lessons.assign(phase=lessons["phase"].map(code_label), recommendation=recommended)
    return said[list(LESSON_COLUMNS)]


def _recommendation(row) -> str:
    if pd.isna(row.p50):
        return "Change nothing on one project; record it, and calibrate when more have closed."
    plan_with = f"{row.p50:.2f} to plan with, {row.p80:.2f} where a milestone's own date must hold."
    if row.deserved > row.p80:
        return f"{plan_with} This one was worse than eight in ten: ask first what was special."
    if row.deserved > row.p50:
        shown = f"what {row.n_projects} projects with such work showed"
        return f"{plan_with} What happened here is within {shown}."
    return f"{plan_with} It needed no more here; one that went well is no reason to cut."


def review_headline(slip: Mapping, hindsight: Hindsight) -> dict[str, object]:
    """Choose the few figures that a variance review is read for."""
    left = hindsight.track[hindsight.track["left_track"]]
    figures: dict[str, object] = {"Slip, working days": slip["slip_days"]}
    if len(left):
        figures["Left its track"] = f"week {left['week'].iloc[0]}"
        figures["Reported that week"] = left["reported_status"].iloc[0]
    if len(hindsight.fan):
        figures["P80 at kickoff"] = hindsight.fan["p80_finish"].iloc[0]
    dates = {"Planned for": slip["baseline_finish"], "Finished": slip["actual_finish"]}
    return figures if len(left) else {**figures, **dates}


def saved_headline(slip: Mapping, hindsight: Hindsight) -> dict[str, object]:
    """Name the figures that are kept with the results; the page of all reports shows the first few."""
    left = hindsight.track[hindsight.track["left_track"]]
    first = None if hindsight.fan.empty else hindsight.fan.iloc[0]
    return {
        "slip_days": slip["slip_days"],
        "left_track_week": None if left.empty else int(left["week"].iloc[0]),
        "baseline_finish": slip["baseline_finish"],
        "actual_finish": slip["actual_finish"],
        "baseline_days": slip["baseline_days"],
        "left_track_on": None if left.empty else left["as_of"].iloc[0],
        "reported_then": None if left.empty else left["reported_status"].iloc[0],
        **{f"kickoff_{p}": None if first is None else first[f"{p}_finish"] for p in ("p50", "p80", "p90")},
    }


def _why(cause) -> str:
    return f", {cause.replace('_', ' ')}" if isinstance(cause, str) else ""


def _short(value: float) -> str:
    return f"{round(float(value), 1):g}"
