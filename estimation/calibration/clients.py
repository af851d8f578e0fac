"""Which clients a history knows well enough to forecast their next project apart from all others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimation.tables import fold_phase

FEWEST_CLIENTS = 5
"""From so many clients on, how clients differ can be learned; from fewer it would be guessed."""
FEWEST_PROJECTS_OF_A_CLIENT = 2
"""Closed projects from which a client is told apart: one alone could be the project's own effect."""


def known_clients(overruns: pd.DataFrame) -> tuple[str, ...]:
    """Name, sorted, the clients with two or more closed projects; none where there are fewer than five such clients.

    Each in its first spelling. Closed are projects with finished and without running milestones.
    """
    if overruns["client"].isna().all():
        return ()
    projects = overruns.groupby("project", sort=False, observed=True).agg(
        client=("client", "first"), running=("censored", "max")
    )
    closed = projects.loc[~projects["running"].astype(bool), "client"].dropna()
    folded = closed.map(fold_phase)
    enough = folded.value_counts() >= FEWEST_PROJECTS_OF_A_CLIENT
    if enough.sum() < FEWEST_CLIENTS:
        return ()
    spelled = closed.groupby(folded).first()
    return tuple(sorted(spelled[enough.index[enough]]))


def places_of_clients(overruns: pd.DataFrame, projects: list[str], clients: tuple[str, ...]) -> np.ndarray:
    """Give each project the place of its client in ``clients``; all 0 where no client is told apart.

    Other clients, and each project that names none, keep places of their own behind them: their projects share
    something, but too little is known of it to forecast with.
    """
    if not clients:
        return np.zeros(len(projects), dtype=int)
    named = overruns.groupby("project", observed=True)["client"].first().reindex(projects)
    folded = named.map(fold_phase, na_action="ignore")
    labels = folded.where(named.notna(), [f"\0{number}" for number in range(len(projects))])
    order = [fold_phase(client) for client in clients]
    rest = [label for label in dict.fromkeys(labels) if label not in set(order)]
    place = {label: number for number, label in enumerate([*order, *rest])}
    return labels.map(place).to_numpy(dtype=int)
