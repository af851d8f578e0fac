"""The cascade of a slip: which milestones move with one that is late, how far, which promises break, whom to tell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.calendar.team_calendars import EVERY_DAY
from estimation.errors import InputError
from estimation.forecasting.delays import with_slip
from estimation.forecasting.forecast import WHOLE_PROJECT, forecast_table
from estimation.forecasting.simulation import Simulation
from estimation.project.plan import Plan
from estimation.project.statuses import OVER
from estimation.tables import empty_table, keep_contract
from estimation.tracking.evidence import next_ranks
from estimation.tracking.moves import own_move_days
from estimation.tracking.tracking_tables import CASCADE

KEPT, BROKEN, BROKEN_BEFORE, KEPT_AGAIN = "kept", "broken by the slip", "broken before", "kept again"
MOVED_BY = 0.5
"""Working days from which an iteration counts as moved."""
OFTEN = 0.5
"""Whoever moves in more than this share of the iterations has to know, even where the planned days have room."""


def cascade(plan: Plan, simulation: Simulation, milestone: str, slip_days: float) -> pd.DataFrame:
    """Say what follows when one milestone finishes later: who moves with it, how far, which promise breaks.

    The expected dates, and those after the slip, say how far the logic of the plan hands the days on, and how many of
    them float takes up. P50 and P80, before and after, are read from the same courses of the simulation, the slip
    applied in each of them: parallel work that is late anyway takes up more there, and work without float in the plan
    may have some.

    Parameters
    ----------
    plan : Plan
    simulation : Simulation
        Of this plan; with a status date for a running project, so that what is finished stays as it was.
    milestone : str
        Id of the milestone that slips. Its start stays; what waits for its finish moves.
    slip_days : float
        Later is positive, earlier negative (as far as its start, its links and the status date allow).
        [working days of the project]

    Returns
    -------
    DataFrame keeping the CASCADE contract
        The milestone, all open milestones behind it in the order of the plan, moved or not, and the whole project.
        Promises are held against the expected dates; how likely they are stands beside.

    Raises
    ------
    InputError
        If the plan has no such milestone, it is finished, the slip is no number, or the simulation is of another plan.
    """
    place, state = _place(plan, simulation, milestone, slip_days), simulation.setup.state
    plan = simulation.plan
    names = list(plan.milestones["milestone"])
    done = np.zeros(len(names), bool) if state is None else state.is_over
    behind = plan.network.behind(names.index(milestone))
    kept = [name == milestone or (k in behind and not done[k]) for k, name in enumerate(names)]

    old, new = (_expected(simulation, place, slip) for slip in (0.0, slip_days))
    later = with_slip(simulation, place, slip_days)
    before, after = (forecast_table(each, levels=(0.5, 0.8)) for each in (simulation, later))
    table = before.assign(
        owner=[*plan.milestones["owner"], None],
        waiting_on=[*plan.milestones["waiting_on"], None],
        old_finish=old,
        new_finish=new,
        move_days=plan.calendar.slip(old, new),
        prob_moves=_shares_moved(simulation, later),
        new_prob_promised=after["prob_promised"],
        new_p50_finish=after["p50_finish"],
        new_p80_finish=after["p80_finish"],
    )
    table = table.assign(absorbed_days=slip_days - table["move_days"], promise=_promises(plan, table))
    table = table.assign(
        tell_owner=table["owner"].notna() & ((table["move_days"] != 0) | (table["prob_moves"] > OFTEN)),
        tell_client=_client_has_to_know(table),
    )
    return keep_contract(table[[*kept, True]], CASCADE)


def what_if(
    plan: Plan,
    simulation: Simulation,
    board: pd.DataFrame,
    moved: pd.DataFrame,
    *,
    milestone: str = "",
    slip_days: float = 5.0,
) -> pd.DataFrame:
    """Give the cascade of one milestone; where none is named, of the open one that needs most attention.

    That is the one whose forecast moved most since the last review by itself, else the latest one. Empty when every
    milestone is done and none was named.
    """
    open_ = board[~board["status"].isin(OVER)]
    if not milestone and open_.empty:
        return empty_table(CASCADE)
    began = moved.assign(own_days=own_move_days(simulation.plan, moved))
    began = began[~began["handed_down"].fillna(False) & began["milestone"].isin(open_["milestone"])]
    began = began[began["move_days"] > 0]
    most = began.sort_values("own_days", kind="stable")["milestone"].tail(1)
    latest = open_.sort_values("slip_days", ascending=False, kind="stable")["milestone"].head(1)
    chosen = milestone or next(iter([*most, *latest]))
    return cascade(plan, simulation, chosen, slip_days)


def _place(plan: Plan, simulation: Simulation, milestone: str, slip_days: float) -> int:
    """Find the milestone that slips, and refuse what cannot slip."""
    if simulation.plan.project != plan.project:
        raise InputError(
            f"The simulation is of project '{simulation.plan.project}', the plan of '{plan.project}'; wanted the same. "
            "Simulate this plan."
        )
    if not np.isfinite(slip_days):
        raise InputError(f"slip_days {slip_days} came; wanted a number of working days, such as 10.")
    names = list(simulation.plan.milestones["milestone"])
    if milestone not in names:
        raise InputError(
            f"Plan '{plan.project}' has no milestone '{milestone}'; it has {', '.join(names[:20])}. Correct the id."
        )
    place, state = names.index(milestone), simulation.setup.state
    if state is not None and state.is_over[place]:
        unfinished = [name for name, over in zip(names, state.is_over, strict=True) if not over]
        ended = "finished" if state.is_done[place] else "cancelled"
        raise InputError(
            f"Milestone '{milestone}' is {ended} and does not slip any more; open are "
            f"{', '.join(unfinished[:20]) or 'none'}. Name one of these."
        )
    return place


def _expected(simulation: Simulation, place: int, slip_days: float) -> np.ndarray:
    """Say when each milestone, and last the project, is expected if one of them slips."""
    plan, standing = simulation.plan, simulation.standing
    network, days = plan.network, plan.baseline.own_days.astype(float)
    if standing is not None:
        state = standing.state
        network, days = state.ahead(to_dates=True)
        if slip_days < 0:  # a date that the team named for it does not hold it back from being earlier
            starts, finishes = state.walked(to_dates=True)
            own = network.teams.get(place, EVERY_DAY)
            days[place] = own.days_between(starts[place], finishes[place])
            network.earliest_finish[place] = state.network.earliest_finish[place]
    finishes = days[:, None].copy()
    network.schedule(finishes, **network.slipping(place, slip_days))
    return plan.finish_dates(simulation.origin + np.append(finishes[:, 0], finishes.max()))


def _shares_moved(simulation: Simulation, later: Simulation) -> np.ndarray:
    """Find in which share of the iterations each milestone, and the project, moves."""
    moved = np.abs(later.finishes - simulation.finishes) >= MOVED_BY
    project = np.abs(later.project_finishes - simulation.project_finishes) >= MOVED_BY
    return np.append(moved.mean(axis=1), project.mean())


def _promises(plan: Plan, table: pd.DataFrame) -> np.ndarray:
    """Say of each promised date whether it is kept before and after the slip."""
    held, holds = (
        plan.calendar.kept(table["promised_finish"], table[name]) for name in ("old_finish", "new_finish")
    )
    words = np.select([held & holds, held, ~holds], [KEPT, BROKEN, BROKEN_BEFORE], KEPT_AGAIN)
    return np.where(table["promised_finish"].notna(), words, None)


def _client_has_to_know(table: pd.DataFrame) -> pd.Series:
    """Tell where a promised date is not kept and moves on, or its evidence would give an alarm it does not give now.

    Of a project that was promised nothing, when its P80 moves later.
    """
    missed = table["promise"].isin([BROKEN, BROKEN_BEFORE]) & (table["move_days"] > 0)
    was, then = (next_ranks(table[name], 0) for name in ("prob_promised", "new_prob_promised"))
    unlikely = then > was
    unpromised = (
        (table["milestone"] == WHOLE_PROJECT)
        & table["promised_finish"].isna()
        & (table["new_p80_finish"] > table["p80_finish"])
    )
    return missed | unlikely | unpromised
