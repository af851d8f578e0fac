"""The weekly review in sentences: what the evidence says, where days are lost, who must act, what to decide."""

from __future__ import annotations

import pandas as pd

from estimation.pages.displays import shown_date, shown_value
from estimation.pages.labels import code_label, milestone_words
from estimation.project.amounts import chance, count, days_words, list_few, list_words
from estimation.project.statuses import LATE, Status
from estimation.tracking.agenda import ESCALATE, MOVE_DATES, TELL
from estimation.tracking.cascade import BROKEN
from estimation.tracking.evidence import whole_project
from estimation.tracking.moves import SILENT
from estimation.tracking.risks import AGREE, FOLLOW
from estimation.tracking.time_forecasts import EARNED_SCHEDULE
from estimation.tracking.weekly_review import WeeklyReview

MOST_NAMED = 4
STEADY_DAYS = 2
"""A P80 that moved less is called steady."""


def evidence_finding(evidence: pd.DataFrame, board: pd.DataFrame) -> str:
    """Chance of the agreed date today and at kickoff, since when it is off track, and where days were lost."""
    weeks = whole_project(evidence)
    last = weeks.iloc[-1]
    if last["evidence"] == Status.DONE:
        return "The project is done."
    stands = (
        f"Chance of the agreed date, {shown_date(last['committed_finish'])}: {chance(last['prob_now'])}, "
        f"{chance(last['prob_kickoff'])} at kickoff. By the evidence the project is {last['evidence']}"
    )
    off = weeks[(weeks["evidence"] != Status.ON_TRACK)[::-1].cummin()[::-1]]
    if off.empty:
        return f"{stands}{', as in every week' if pd.isna(last['left_on_track']) else ' again'}."
    since = off.iloc[0]
    return f"{stands}, off track since week {since['week']} ({shown_date(since['as_of'])}). {own_slip_finding(board)}"


def own_slip_finding(board: pd.DataFrame) -> str:
    """Name the milestones that lost most days by themselves; where none has, those that will before they begin."""
    late = board[board["own_slip_days"] >= 1].sort_values("own_slip_days", ascending=False, kind="stable")
    if late.empty:
        return "No milestone has lost days by itself."
    begun = late[late["started"].fillna(False).astype(bool)]
    lost = begun if len(begun) else late
    named = [
        f"{milestone_words(row)} ({shown_value(row.own_slip_days, '+g')})"
        for row in lost.head(MOST_NAMED).itertuples()
    ]
    when = "" if len(begun) else ", before the work began"
    return f"Lost most days by themselves{when}: {list_words(named)}."


def risk_finding(review: WeeklyReview) -> str:
    """Say how many milestones are at risk, how many shifted since the last review, and whether there is a pattern."""
    late = review.at_risk["status"].value_counts()
    said = [f"{late[word]} {word}" for word in LATE if word in late]
    moved = int((review.moved["move_days"] > 0).sum())
    shifted = (
        f"{moved} moved later since the last review" if moved else "none moved later since the last review"
    )
    pattern = ""
    if len(review.patterns):
        top = review.patterns.iloc[0]
        label = code_label(top["value"]) if top["dimension"] in ("phase", "cause") else top["value"]
        among = f" in {top['n_projects']} projects" if top["n_projects"] > 1 else ""
        pattern = (
            f" It repeats: {top['n_milestones']} milestones of the {top['dimension']} {label}{among} lost "
            f"{days_words(top['own_slip_days'])} by themselves."
        )
    return f"Milestones by the dates reported: {list_words(said) or 'none late'}; {shifted}.{pattern}"


def decision_finding(agenda: pd.DataFrame) -> str:
    """Name what the meeting has to decide, in the order of the agenda."""
    said = {
        TELL: ("what becomes of the agreed date",),
        AGREE: ("a recovery plan for {}", "recovery plans for {}"),
        FOLLOW: ("whether the recovery plan for {} holds", "whether the recovery plans for {} hold"),
        MOVE_DATES: ("new dates for what waits for {}",),
    }
    rows = agenda[(agenda["section"] == "decide") & agenda["action"].isin(list(said))]
    if rows.empty:
        return "Nothing has to be decided today."
    parts = []
    for action, own in rows.groupby("action", sort=False):
        named = [row.what if action == MOVE_DATES else milestone_words(row) for row in own.itertuples()]
        words = said[action][0 if len(named) == 1 else -1]
        parts.append(words.format(list_few(named, MOST_NAMED)))
    joined = list_words(parts) if len(rows) == len(parts) else "; ".join(parts)
    return f"To decide today: {joined}."


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
    ahead = f", {count(gap, 'calendar day')} before it" if gap > 0 else ""
    team = f" By what the team reports the end is {shown_date(last['team_finish'])}{ahead}."
    if len(trajectory) == 1:
        return f"P80 is {shown_date(last['p80_finish'])} in the first review.{team}"
    earlier = [first] if before["week"] == first["week"] else [first, before]
    were = " and ".join(f"{shown_date(week['p80_finish'])} in week {week['week']}" for week in earlier)
    return f"P80 is {shown_date(last['p80_finish'])}, after {were}: it {trend}.{team}"


def earned_finding(earned: pd.DataFrame) -> str:
    """Say what is earned of what was planned, how late that is, and whether SPI flatters."""
    last = earned.iloc[-1]
    late = last["sv_t_days"]
    by = (
        f"{days_words(round(abs(late), 1))} {'late' if late < 0 else 'ahead'}"
        if abs(late) >= 0.05
        else "on time"
    )
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


def time_forecasts_finding(earned: pd.DataFrame, forecasts: pd.DataFrame) -> str:
    """Say which of the nine to believe, what it says, and why the others mislead."""
    last = forecasts[forecasts["as_of"] == forecasts["as_of"].max()]
    if earned["ev"].iloc[-1] >= 1 - 1e-9:
        return "Everything is earned: there is nothing left to forecast."
    best = last[(last["method"] == EARNED_SCHEDULE) & (last["factor"] == "1")].iloc[0]
    past = int(last["refuted"].sum())
    refuted = ""
    if past:
        lie = "of the nine lies" if past == 1 else "of the nine lie"
        refuted = (
            f" {past} {lie} before today already: SPI returns to 1 on every late project, and with it they return to "
            "the planned duration."
        )
    costs = " Pace and cost together (SCI) need budgets and costs." if last["eac_t_days"].isna().any() else ""
    return (
        f"Of nine usual forecasts from earned value believe the earned schedule with the rest as planned first: "
        f"{shown_date(best['eac_t_finish'])}. On real projects it came closest of the nine; taking the pace so far for "
        f"the rest (SPI, SPI(t)), or pace and cost (SCI), was worse at every stage, because few projects go on as they "
        f"began.{refuted} None of them knows what comes late in a project: P50 and P80 above do.{costs}"
    )


def change_finding(review: WeeklyReview) -> str:
    """Say what was finished, what began, and what moved since the last review, and whether anybody said why."""
    if len(review.trajectory) < 2:
        return "This is the first review."
    changes, before = review.changes, review.trajectory.iloc[-2]["as_of"]
    moved = changes[(changes["move_days"] != 0) & ~changes["finished"]]
    own = review.moved[(review.moved["move_days"] > 0) & ~review.moved["handed_down"]]
    silent = int((own["kind"] == SILENT).sum())
    by_itself = f"{count(len(own), 'move')} to a later date not handed down by another"
    told = f"; {silent} of {by_itself} without a word of why" if silent else ""
    return (
        f"Since {shown_date(before)}: {changes['finished'].sum()} finished, {changes['begun'].sum()} begun, "
        f"{len(moved)} with another date{told}."
    )


def miss_finding(misses: pd.DataFrame) -> str:
    """Say how many milestones missed their planned date, how complete their records are, and what the client heard."""
    if misses.empty:
        return "No milestone has missed its planned date."
    n, open_ = len(misses), int(misses["actual_finish"].isna().sum())
    complete = int(misses["asked_for"].isna().sum())
    told = misses[misses["told_client_on"].notna()]
    waits = misses.loc[misses["told_client_on"].isna(), "word_days"]
    heard = f"The client has heard of {len(told)} of them"
    if len(told):
        late = int((told["word_days"] > 0).sum())
        heard += (
            f", of {late} after the date had passed"
            if late
            else ", each time before the date had passed or on it"
        )
    if len(waits):
        heard += f"; the longest silence is {days_words(max(waits.max(), 0))} so far"
    return (
        f"{count(n, 'milestone')} missed {'its' if n == 1 else 'their'} planned date, {open_} of them open. "
        f"{complete} of {n} records {'is' if complete == 1 else 'are'} complete. {heard}."
    )


def cascade_finding(cascade: pd.DataFrame, slip_days: float) -> str:
    """Say what follows when a milestone slips: who moves, what float takes up, which promise breaks, whom to tell."""
    if cascade.empty:
        return "Every milestone is done: nothing can slip any more."
    project = cascade.iloc[-1]
    behind = cascade.iloc[1:-1]
    moved = behind[behind["move_days"] != 0]
    by = f"finishes {days_words(abs(slip_days))} {'later' if slip_days >= 0 else 'earlier'}"
    named = milestone_words(next(cascade.itertuples()))
    far = f" by up to {days_words(moved['move_days'].abs().max())}" if len(moved) else ""
    was, then = (shown_date(project[name]) for name in ("p80_finish", "new_p80_finish"))
    ends = f"P80 of the project {'stays ' + was if was == then else f'goes from {was} to {then}'}"
    held = _float_words(project, slip_days)
    broken = cascade[(cascade["promise"] == BROKEN) & (cascade["milestone"] != project["milestone"])]
    promises = "".join(
        f" The promise of {shown_date(row.promised_finish)} for {row.milestone} breaks."
        for row in broken.itertuples()
    )
    owners = list(dict.fromkeys(cascade.loc[cascade["tell_owner"].fillna(False), "owner"]))
    told = [*owners, *(["the client"] if cascade["tell_client"].any() else [])]
    tell = f" To be told: {list_words(told)}." if told else ""
    move = f"{len(moved)} of {len(behind)} milestones behind it move{far}"
    return f"If {named} {by}, {move}; {ends}.{held}{promises}{tell}"


def _float_words(project: pd.Series, slip_days: float) -> str:
    """Say what of a slip float takes up in the plan, and whether the iterations have that room."""
    if slip_days <= 0 or not project["absorbed_days"] > 0:
        return ""
    part = "all of it" if project["move_days"] == 0 else days_words(project["absorbed_days"])
    worn = project["move_days"] == 0 and project["new_p80_finish"] > project["p80_finish"]
    room = "; courses that take longer have less room" if worn else ""
    return f" At planned durations float takes up {part} on the way to the end{room}."
