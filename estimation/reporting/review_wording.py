"""A running project in sentences: what the evidence says, where days are lost, who must act, what to decide."""

from __future__ import annotations

import pandas as pd

from estimation.reporting.charts.axes import phase_label
from estimation.reporting.displays import shown_date
from estimation.reporting.wording import cause_label, chance, count, days, list_words, milestone_words
from estimation.tracking.contracts import ACTIONS
from estimation.tracking.course_so_far import AT_RISK, DELAYED, DONE
from estimation.tracking.evidence import whole_project
from estimation.tracking.weekly_review import ESCALATE, WeeklyReview

SECTIONS = {
    "decide": "Decide",
    "escalate": "Escalate",
    "explain": "Explain",
    "next fourteen days": "Next fourteen days",
    "complete the plan": "Complete the plan",
    "celebrate": "Celebrate",
}
MOST_NAMED = 4
STEADY_DAYS = 2
"""A P80 that moved less is called steady."""


def evidence_finding(evidence: pd.DataFrame, board: pd.DataFrame) -> str:
    """Say how likely the committed date still is, since when the evidence is off track, and where days were lost."""
    weeks = whole_project(evidence)
    last = weeks.iloc[-1]
    date = shown_date(last["measured_finish"])
    now, then = chance(last["prob_now"]), chance(last["prob_kickoff"])
    if last["evidence"] == DONE:
        return "The project is done."
    stands = (
        f"{'The committed date' if last['measured_finish'] == last['committed_finish'] else 'P80 of the kickoff'}, "
        f"{date}, has a chance of {now}; at kickoff it had one of {then}. By the evidence the project is "
        f"{last['evidence']}"
    )
    unlikely = ""
    if last["measured_finish"] != last["committed_finish"]:
        unlikely = (
            f" The committed {shown_date(last['committed_finish'])} was too early from the start: hardly any course "
            "met it at kickoff."
        )
    if pd.isna(last["left_on_track"]):
        return f"{stands}, as it has been in every week.{unlikely}"
    first = weeks[weeks["as_of"] == last["left_on_track"]].iloc[0]
    return (
        f"{stands}; it left on track in week {first['week']}, on {shown_date(first['as_of'])}, with a chance of "
        f"{chance(first['prob_now'])}.{unlikely} {own_slip_finding(board)}"
    )


def own_slip_finding(board: pd.DataFrame) -> str:
    """Name the milestones that lost most days by themselves."""
    lost = board[(board["own_slip_days"] >= 1) & board["started"]].sort_values(
        "own_slip_days", ascending=False, kind="stable"
    )
    if lost.empty:
        return "No milestone has lost days by itself."
    named = [
        f"{milestone_words(row)} ({row.own_slip_days:+g})"
        for row in lost.head(MOST_NAMED)[["milestone", "name", "own_slip_days"]].itertuples(index=False)
    ]
    return f"Most days of their own were lost at {list_words(named)}."


def risk_finding(review: WeeklyReview) -> str:
    """Say how many milestones are at risk, how many shifted since the last review, and whether there is a pattern."""
    late = review.at_risk["status"].value_counts()
    said = [f"{late[word]} {word}" for word in (DELAYED, AT_RISK) if word in late]
    moved = int((review.moved["move_days"] > 0).sum())
    shifted = (
        f"{moved} moved later since the last review" if moved else "none moved later since the last review"
    )
    pattern = ""
    if len(review.patterns):
        top = review.patterns.iloc[0]
        label = {"phase": phase_label, "cause": cause_label}.get(top["dimension"], str)(top["value"])
        pattern = (
            f" It is not chance alone: {top['n_milestones']} milestones of the {top['dimension']} {label} lost "
            f"{days(top['own_slip_days'])} by themselves."
        )
    return f"Milestones by the dates reported: {list_words(said) or 'none late'}; {shifted}.{pattern}"


def waiting_finding(waiting: pd.DataFrame) -> str:
    """Name who outside must act now, else who is next."""
    if waiting.empty:
        return "Nobody outside has to act."
    urgent = waiting[waiting["urgency"] == ESCALATE]
    if urgent.empty:
        row = waiting.iloc[0]
        return (
            f"Nothing outside is overdue. Next to act, by {shown_date(row['act_by'])}: {row['waiting_on']}."
        )
    named = "; ".join(f"{row.waiting_on} (milestone {row.milestone})" for row in urgent.itertuples())
    return f"Escalate now: {named}."


def trajectory_finding(trajectory: pd.DataFrame) -> str:
    """Say whether slips accumulate or recover: P80 at the start, four reviews ago and today."""
    last, first = trajectory.iloc[-1], trajectory.iloc[0]
    before = trajectory.iloc[max(len(trajectory) - 5, 0)]
    moved = (last["p80_finish"] - before["p80_finish"]).days
    trend = "holds steady" if abs(moved) <= STEADY_DAYS else ("moves away" if moved > 0 else "comes closer")
    gap = (last["p80_finish"] - last["team_finish"]).days
    team = (
        f" The team's own date is {shown_date(last['team_finish'])}, {count(gap, 'calendar day')} before it."
        if gap > 0
        else f" The team's own date is {shown_date(last['team_finish'])}."
    )
    if len(trajectory) == 1:
        return f"P80 is {shown_date(last['p80_finish'])} in the first review.{team}"
    earlier = [first] if before["week"] == first["week"] else [first, before]
    were = " and ".join(f"{shown_date(week['p80_finish'])} in week {week['week']}" for week in earlier)
    return f"P80 is {shown_date(last['p80_finish'])}, after {were}: it {trend}.{team}"


def earned_finding(earned: pd.DataFrame) -> str:
    """Say what is earned of what was planned, how late that is, and whether SPI flatters."""
    last = earned.iloc[-1]
    late = last["sv_t_days"]
    by = f"{days(round(abs(late), 1))} {'late' if late < 0 else 'ahead'}" if abs(late) >= 0.05 else "on time"
    indices = "" if pd.isna(last["spi"]) else f"; SPI {last['spi']:.2f}"
    indices += "" if pd.isna(last["spi_t"]) else f", SPI(t) {last['spi_t']:.2f}"
    costs = "" if pd.isna(last["cpi"]) else f", CPI {last['cpi']:.2f}"
    warned = earned.loc[earned["spi_misleads"].fillna(False).astype(bool), "as_of"]
    misled = (
        f" On {count(len(warned), 'status date')} SPI rose while SPI(t) did not: believe SPI(t)."
        if len(warned)
        else ""
    )
    return (
        f"{100 * last['ev']:.0f} % of the project is earned, {100 * last['pv']:.0f} % was planned: {by} on the time "
        f"axis{indices}{costs}.{misled}"
    )


def findings_overview(findings: pd.DataFrame) -> pd.DataFrame:
    """Lay findings out for readers: one line per rule, its milestones together where there are several."""
    rows = []
    for rule, own in findings.groupby("rule", sort=False):
        items = [item for item in own["item"] if item]
        several = f" (and {len(own) - 1} more)" if len(own) > 1 else ""
        rows.append(
            {
                "finding": rule.replace("-", " ").capitalize(),
                "milestones": ", ".join(items),
                "message": own["message"].iloc[0][0].upper() + own["message"].iloc[0][1:] + several + ".",
                "remedy": own["remedy"].iloc[0],
            }
        )
    return pd.DataFrame(rows, columns=["finding", "milestones", "message", "remedy"])


def agenda_overview(agenda: pd.DataFrame) -> pd.DataFrame:
    """Lay the agenda out for one page: one line per milestone, behind the part of the meeting it belongs to.

    Parameters
    ----------
    agenda : DataFrame keeping the ACTIONS contract
    """
    table = agenda[list(ACTIONS)]
    names = (table["milestone"] + " " + table["name"].fillna("")).str.strip()
    return pd.DataFrame(
        {
            "part": table["section"].map(SECTIONS).to_numpy(),
            "label": names.to_numpy(),
            "owner": table["owner"].to_numpy(),
            "due": table["due"].to_numpy(),
            "days": table["days"].to_numpy(),
            "what": table["what"].to_numpy(),
        }
    )
