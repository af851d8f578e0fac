"""Moves of forecast dates, and what the reports said too late: silent moves, jumps, green until red."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.workdays import WorkCalendar
from estimation.findings import ERROR, WARNING
from estimation.project.amounts import days_words
from estimation.project.plan import Plan
from estimation.project.standing import Standing, Standings, standings_of
from estimation.project.statuses import COLOUR_WORDS, IN_TIME, Status, worst_colour
from estimation.tables import empty_table, keep_contract, rows_table
from estimation.tracking.evidence import whole_project
from estimation.tracking.milestone_findings import findings_about
from estimation.tracking.tracking_tables import FORECAST_MOVES, RUNNING_FINDINGS

EXPLAINED, NOT_TOLD, SILENT = "explained", "not told", "silent"


def forecast_moves(status: pd.DataFrame | Standings | Standing, *, plan: Plan | None = None) -> pd.DataFrame:
    """List every change of a forecast date, old and new side by side, and whether anybody explained it.

    Explained is a move with a reason and a date on which the client was told; not told has a reason alone; all
    others are silent. A new date is too early where the work left, at planned durations and in the order its logic
    allows, cannot be done by then. A move is handed down when a predecessor moved at least as far in the same update
    and direction: one that went further has to be explained itself. Only forecasts are compared: a new baseline is no
    move, and no progress.

    Parameters
    ----------
    status : DataFrame keeping the STATUS contract, or Standings
    plan : Plan, optional
        Only moves of its project are listed then, counted on its calendar and held against the work left; without
        it days are Monday to Friday.

    Returns
    -------
    DataFrame keeping the FORECAST_MOVES contract, in order of time
    """
    if plan is None:
        assert isinstance(status, pd.DataFrame)  # who follows a plan has one
        moves = _changes(status, WorkCalendar())
        return keep_contract(
            moves.assign(possible_finish=pd.NaT, too_early=False, handed_down=False), FORECAST_MOVES
        )
    standings = standings_of(plan, status)
    moves = _changes(standings.reports.rows, plan.calendar)
    possible = [_possible_finish(standings.on(row.as_of), row.milestone) for row in moves.itertuples()]
    moves = moves.assign(possible_finish=pd.Series(possible, moves.index, dtype="datetime64[s]"))
    moves = moves.assign(
        too_early=moves["new_finish"] < moves["possible_finish"],
        handed_down=is_inherited(standings.plan, moves),
    )
    return keep_contract(moves, FORECAST_MOVES)


def _changes(status: pd.DataFrame, calendar: WorkCalendar) -> pd.DataFrame:
    """Find the updates that name another date than the one before."""
    said = status[status["forecast_finish"].notna()].sort_values("as_of", kind="stable")
    before = said.groupby(["project", "milestone"], sort=False)[["as_of", "forecast_finish"]].shift()
    moves = said.assign(
        previous_as_of=before["as_of"],
        old_finish=before["forecast_finish"],
        new_finish=said["forecast_finish"],
    )
    moves = moves[moves["old_finish"].notna() & (moves["old_finish"] != moves["new_finish"])]
    return moves.assign(
        move_days=calendar.slip(moves["old_finish"], moves["new_finish"]),
        kind=np.select(
            [moves["reason"].isna(), moves["told_client_on"].isna()], [SILENT, NOT_TOLD], EXPLAINED
        ),
    )


def _possible_finish(standing: Standing, milestone: str) -> np.datetime64 | None:
    """When a milestone can be done at planned durations, as things stand; nothing of what is over."""
    place = standing.plan.milestones["milestone"].tolist().index(milestone)
    return None if standing.state.is_over[place] else standing.dates(standing.possible_finish)[place]


def own_move_days(plan: Plan, moves: pd.DataFrame) -> np.ndarray:
    """Measure how much further each date moved than those of its predecessors in the same update.

    Earlier is negative; zero is a move that follows from one of a predecessor. [working days]
    """
    days = dict(zip(zip(moves["as_of"], moves["milestone"], strict=True), moves["move_days"], strict=True))
    ids, own = plan.milestones["milestone"].tolist(), []
    links = dict(zip(ids, plan.network.links, strict=True))
    for row in moves.itertuples():
        before = [days.get((row.as_of, ids[link.place]), 0.0) for link in links[row.milestone]]
        later, earlier = max(before, default=0.0), min(before, default=0.0)
        rest = row.move_days - (max(later, 0.0) if row.move_days > 0 else min(earlier, 0.0))
        own.append(max(rest, 0.0) if row.move_days > 0 else min(rest, 0.0))
    return np.array(own, dtype=float)


def is_inherited(plan: Plan, moves: pd.DataFrame) -> np.ndarray:
    """Tell which moves follow from one of a predecessor in the same update; a move further than that does not."""
    return (own_move_days(plan, moves) == 0) & (moves["move_days"] != 0).to_numpy()


def jump_findings(plan: Plan, course: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    """Find milestones that went from in time to delayed without being at risk between, and the warning that was lost.

    Lost is the time from the status date on which the evidence of the milestone left "on track" to the jump.
    """
    rows = []
    said = course.assign(reported=course["reported_status"].str.casefold().map(COLOUR_WORDS))
    for milestone, own in said.groupby("milestone", sort=False):
        seen = evidence[evidence["milestone"] == milestone]
        for column, source in (("status", "the forecasts"), ("reported", "the reports")):
            labels = own[own[column].notna()]
            jumps = labels[labels[column].shift().isin(IN_TIME) & (labels[column] == Status.DELAYED)]
            rows += [_jump(plan, milestone, source, day, seen) for day in jumps["as_of"]]
    return rows_table(rows, RUNNING_FINDINGS)


def _jump(
    plan: Plan, milestone: str, source: str, day: pd.Timestamp, evidence: pd.DataFrame
) -> dict[str, object]:
    """Say what jumped on a day, and how long before the evidence of the milestone had left on track."""
    left = evidence.loc[evidence["as_of"] <= day, "left_on_track"].min()
    lost = _days_after(plan, left, day)
    saw = "by the evidence it was on track until then too"
    if lost > 0:
        saw = f"off track by the evidence since {_week_of(left, evidence)}, {lost:g} working days before"
    return {
        "rule": "jump-to-delayed",
        "severity": ERROR.value,
        "item": milestone,
        "message": f"{source} went from on track to delayed on {day:%Y-%m-%d} without at risk between; {saw}",
        "remedy": "Report at risk as soon as the evidence does.",
        "as_of": day,
        "lost_days": lost if lost > 0 else 0.0,
    }


def green_until_red(plan: Plan, course: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    """Compare when the reports first said anything but green with when the evidence of the project left on track.

    One row where reports were green once the evidence had left, from the first such week on; else none. While they
    still are green the loss counts up to the last status date.
    """
    colours = course.groupby("as_of")["reported_status"].agg(worst_colour).loc[lambda said: said != ""]
    seen = whole_project(evidence)["left_on_track"].min()
    warned = colours.index[colours.map(COLOUR_WORDS).fillna(colours) != Status.ON_TRACK]
    told = warned.min() if len(warned) else pd.NaT
    until = colours.index.max() if pd.isna(told) else told
    lost = _days_after(plan, seen, until)
    if not (lost > 0 or (lost == 0 and pd.isna(told))):
        return empty_table(RUNNING_FINDINGS)
    turned = "are still green" if pd.isna(told) else f"were green until {told:%Y-%m-%d}"
    row = {
        "rule": "green-until-red",
        "severity": ERROR.value,
        "item": "",
        "message": f"off track by the evidence since {_week_of(seen, evidence)}; the reports {turned}: "
        f"{days_words(lost)} of warning lost",
        "remedy": "Tell the client what the evidence says, today.",
        "as_of": until,
        "lost_days": lost,
    }
    return rows_table([row], RUNNING_FINDINGS)


def move_findings(moves: pd.DataFrame) -> pd.DataFrame:
    """Make findings of moves that nobody explained and of dates that the work left does not allow.

    A silent move counts where it began, not at every milestone that inherited it.
    """
    silent = moves[(moves["kind"] != EXPLAINED) & (moves["move_days"] > 0) & ~moves["handed_down"]]
    early = moves[moves["too_early"].fillna(False).astype(bool)]
    tables = [
        findings_about(
            silent,
            "silent-move",
            WARNING,
            "moved from {old_finish:%Y-%m-%d} to {new_finish:%Y-%m-%d} ({move_days:+g} days), {kind}",
            "Write the reason and tell the client.",
            as_of=silent["as_of"],
        ),
        findings_about(
            early,
            "earlier-than-work-allows",
            WARNING,
            "moved to {new_finish:%Y-%m-%d}; at planned durations the work left ends on {possible_finish:%Y-%m-%d}",
            "Say what makes the rest faster than planned, or move the date.",
            as_of=early["as_of"],
        ),
    ]
    return keep_contract(pd.concat(tables, ignore_index=True), RUNNING_FINDINGS)


def _week_of(day: pd.Timestamp, evidence: pd.DataFrame) -> str:
    """Name a status date by its week and its date."""
    return f"week {evidence.loc[evidence['as_of'] == day, 'week'].iloc[0]} ({day:%Y-%m-%d})"


def _days_after(plan: Plan, first, last) -> float:
    return float(plan.calendar.slip([first], [last])[0])
