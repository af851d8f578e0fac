import numpy as np
import pandas as pd
import pytest
from tables_by_hand import by_hand, overruns

from estimation.calibration.clients import known_clients, places_of_clients
from estimation.calibration.model import fit_overruns
from estimation.calibration.overruns import OVERRUNS
from estimation.calibration.prediction import draw_log_ratios, log_ratio_quantiles

LEVELS = np.array([0.1, 0.5, 0.8, 0.9])


def portfolio(seed=1, *, effects, projects=8, milestones=6, project_sd=0.1, sigma=0.25):
    """Projects of each client; all milestones of a client run ``exp(effect)`` longer."""
    rng = np.random.default_rng(seed)
    rows = []
    for client, effect in effects.items():
        for number in range(projects):
            shared = effect + rng.normal(0, project_sd)
            for milestone in range(milestones):
                ratio = np.exp(0.1 + shared + rng.normal(0, sigma))
                rows.append({"project": f"{client} {number}", "client": client, "phase": f"phase {milestone % 3}",
                             "milestone": str(milestone), "baseline_days": 10.0, "estimate_days": 10.0,
                             "actual_days": 10 * ratio,
                             "overrun_ratio": ratio, "on_plan": False, "censored": False})  # fmt: skip
    return by_hand(pd.DataFrame(rows), OVERRUNS)


SLOW = {"Slow Corp": np.log(1.6), **dict.fromkeys(("B", "C", "D", "E", "F"), 0.0)}


@pytest.fixture(scope="module")
def model():
    return fit_overruns(portfolio(effects=SLOW), seed=1)  # as long as a report takes: it has to converge


def test_a_client_whose_projects_run_longer_gets_longer_forecasts(model):
    # 8 projects each: standard error of a client's level sqrt(.1^2 / 8 + .25^2 / 48) = .05, of the others' mean .02.
    # Learned towards the others by a little, so that of log 1.6 = .47 at least .3 must show, and at most .6.
    slow, other = (log_ratio_quantiles(model, 0, LEVELS, client=name)[1] for name in ("Slow Corp", "C"))
    assert 0.30 < slow - other < 0.60
    assert model.clients == ("B", "C", "D", "E", "F", "Slow Corp")
    assert model.converged


def test_a_new_client_is_no_more_certain_than_a_known_one(model):
    def width(client):
        q10, _, _, q90 = log_ratio_quantiles(model, 0, LEVELS, client=client)
        return q90 - q10

    for known in model.clients:
        assert width(None) > width(known)
    assert width("Nobody") == width(None)


def test_draws_and_quantiles_of_a_client_agree(model):
    for client in ("Slow Corp", "C", None):
        drawn = draw_log_ratios(model, ["phase 1"], 20_000, np.random.default_rng(1), client=client)[0]
        expected = log_ratio_quantiles(model, model.rows_of(["phase 1"])[0], LEVELS, client=client)
        assert np.quantile(drawn, LEVELS) == pytest.approx(expected, abs=0.03)


@pytest.mark.slow
@pytest.mark.montecarlo
def test_forecasts_for_known_and_new_clients_hold_as_often_as_they_say():
    # 12 histories of 8 clients with 6 projects; one milestone of a new project for each client and for 8 new clients,
    # 96 each. P80 of 96 independent ones: 64 to 89 with probability .999; those of one history hang together a little.
    held = {"known": [], "new": []}
    for seed in range(12):
        rng = np.random.default_rng(100 + seed)
        effects = {f"client {k}": rng.normal(0, 0.35) for k in range(8)}
        fitted = fit_overruns(portfolio(seed, effects=effects, projects=6), seed=seed, sweeps=300)
        p80 = {
            name: log_ratio_quantiles(fitted, 0, np.array([0.8]), client=name)[0] for name in [*effects, None]
        }
        shared = 0.1 + rng.normal(0, 0.1, 16) + rng.normal(0, 0.25, 16)
        held["known"] += [effects[name] + shared[k] <= p80[name] for k, name in enumerate(effects)]
        held["new"] += [rng.normal(0, 0.35) + shared[k] <= p80[None] for k in range(8, 16)]
    assert 64 <= sum(held["known"]) <= 89
    assert 64 <= sum(held["new"]) <= 90


def test_a_client_is_found_however_it_is_spelled(model):
    assert model.column_of("slow-corp") == model.clients.index("Slow Corp")
    assert model.column_of(None) == model.column_of("Nobody") == len(model.clients)
    assert model.draws["client"].shape == (400, 7)


def test_the_last_column_is_a_client_never_seen(model):
    # Draws N(0, client_sd): divided by their own spread they are standard normal.
    standardised = model.draws["client"][:, -1] / model.draws["client_sd"]
    assert standardised.mean() == pytest.approx(0, abs=0.01)
    assert standardised.std() == pytest.approx(1, abs=0.02)


def test_clients_are_told_apart_from_five_with_two_closed_projects_on():
    table = portfolio(effects=SLOW, projects=2)
    assert known_clients(table) == ("B", "C", "D", "E", "F", "Slow Corp")
    one_less = table[table["project"] != "B 1"]
    assert known_clients(one_less) == ("C", "D", "E", "F", "Slow Corp")
    running = table.assign(censored=table["project"].isin(["B 0", "C 0"]))
    assert known_clients(running) == ()  # four are left
    assert known_clients(table.assign(client=None)) == ()


def test_two_spellings_are_one_client():
    table = portfolio(effects=SLOW, projects=2)
    table.loc[table["project"] == "Slow Corp 1", "client"] = "slow_corp"
    assert known_clients(table)[-1] == "Slow Corp"


def test_clients_with_one_project_and_projects_without_client_keep_places_of_their_own():
    table = portfolio(effects=SLOW, projects=2)
    table.loc[table["project"] == "B 1", "client"] = None
    clients = known_clients(table)
    names = ["B 0", "B 1", "C 0", "C 1", "Slow Corp 0"]
    assert clients == ("C", "D", "E", "F", "Slow Corp")
    assert places_of_clients(table, names, clients).tolist() == [5, 6, 0, 0, 4]
    assert places_of_clients(table, names, ()).tolist() == [0] * 5


@pytest.mark.parametrize(
    "fitted",
    [
        lambda: fit_overruns(overruns({"a": [1.2] * 12 + [1.4]}), seed=1, sweeps=200),
        lambda: fit_overruns(portfolio(effects=SLOW), seed=1, method="closed_form"),
        lambda: fit_overruns(portfolio(effects=SLOW), seed=1, by="client", sweeps=200),
        lambda: fit_overruns(portfolio(effects=SLOW, milestones=1), seed=1, sweeps=200),
    ],
    ids=["no client named", "closed form", "clients in the place of phases", "one milestone per project"],
)
def test_where_clients_are_not_told_apart_their_effect_is_zero(fitted):
    found = fitted()
    assert found.clients == ()
    assert found.draws["client"].shape == (400, 1)
    assert not found.draws["client"].any()
    assert not found.draws["client_sd"].any()
