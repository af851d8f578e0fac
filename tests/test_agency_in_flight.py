"""Running projects of simulated agencies: statuses tell what was known that day, and forecasts are scored as said.

Whether dates hold is in docs/benchmarks.md.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks.agencies import LAST, _date, draw_portfolio, history_of
from benchmarks.agency_in_flight import (
    STAGES,
    between_portfolios,
    calibrated,
    forecast_nodes,
    forecasts,
    looked_back,
    scored,
    taught,
)
from benchmarks.agency_statuses import FORMS, TEAMS, Words, draw_words, status_places, statuses_of
from estimation import simulate
from estimation.project.closing import baseline_plan
from estimation.tables import STATUS, check_table

SEED = 20261130
KINDS = ("overrunning", "heavy waiting", "fixed dates")


def told(kind, *, percent, team, every=10, n=8):
    """Closed projects of an agency, what their teams think, and what they reported."""
    past = draw_portfolio(kind, n, SEED, new=1).past
    words = draw_words(n, np.random.default_rng(SEED))
    ids = np.array([f"p{k:03d}" for k in range(n)])
    return past, words, statuses_of(past, ids, status_places(past, every), words, percent=percent, team=team)


def days_between(rows, name):
    """Working days from the status date to a date of the same row."""
    dates = rows[name].to_numpy().astype("datetime64[D]")
    return np.busday_count(rows["as_of"].to_numpy().astype("datetime64[D]"), dates)


def real_days_left(past, rows):
    """Working days from each status date to the real finish of the milestone."""
    known = history_of(past, 10**4).set_index(["project", "milestone"])["actual_finish"]
    finish = known.loc[list(zip(rows["project"], rows["milestone"], strict=True))]
    return days_between(rows.assign(finish=finish.to_numpy()), "finish")


def dates_of(column):
    """Dates as they are written, nothing where there is none."""
    return column.dt.strftime("%Y-%m-%d").fillna("").tolist()


def test_a_status_by_hand():
    # Three milestones, mornings and evenings 0 to 4, 4 to 14, 14 to 20, from Monday, 4 January 2021. On the evening 10,
    # Friday the 15th, the second has 6 of its 10 days behind it and 4 left, the last 10: half of that is said.
    drawn = draw_portfolio("mild", 1, SEED, new=1).past
    exists = np.isin(np.arange(drawn.exists.shape[1]), [0, 1, LAST])[None]
    actual = np.zeros_like(drawn.actual)
    actual[:, 0, [0, 1, LAST]] = [[0, 4, 14], [4, 14, 20]]
    project = replace(drawn, start=np.array([0]), exists=exists, actual=actual)
    words = Words(honest=np.zeros(exists.shape), hopeful=np.array([2.0]))
    places = status_places(project, 10)
    assert [each.tolist() for each in places] == [[10]]
    rows = {
        team: statuses_of(project, np.array(["p"]), places, words, percent=True, team=team).set_index(
            "milestone"
        )
        for team in TEAMS
    }
    assert (rows["silent"]["as_of"] == pd.Timestamp("2021-01-15")).all()
    assert dates_of(rows["silent"]["actual_start"]) == ["2021-01-04", "2021-01-08", ""]
    assert dates_of(rows["silent"]["actual_finish"]) == ["2021-01-07", "", ""]
    assert rows["silent"]["percent_complete"].fillna(-1).tolist() == [1.0, 0.6, -1]
    assert rows["silent"]["forecast_finish"].isna().all()
    assert dates_of(rows["honest"]["forecast_finish"]) == ["", "2021-01-21", "2021-01-29"]
    assert dates_of(rows["hopeful"]["forecast_finish"]) == ["", "2021-01-19", "2021-01-22"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("team", TEAMS)
def test_statuses_tell_the_future_in_no_column_but_the_forecast(kind, team):
    past, words, rows = told(kind, percent=False, team=team)
    check_table(rows, STATUS, "statuses")
    assert not rows.duplicated(["project", "milestone", "as_of"]).any()
    for name in ("actual_start", "actual_finish"):
        assert (rows[name].isna() | (rows[name] <= rows["as_of"])).all()
    assert (rows["forecast_finish"].isna() | (rows["forecast_finish"] > rows["as_of"])).all()
    assert rows["forecast_finish"].notna().any() == (team != "silent")
    # All that comes after the evening 40 comes 7 days later: until then nobody has told of it.
    later = replace(past, actual=past.actual + 7 * (past.actual - [[[0]], [[1]]] >= 40))
    ids, places = rows["project"].unique(), status_places(past, 10)
    changed = statuses_of(later, ids, places, words, percent=False, team=team)
    until = pd.Series(_date(past.start + 39), ids)

    def known(table):
        table = table[table["as_of"] <= table["project"].map(until)]
        return table.drop(columns="forecast_finish").reset_index(drop=True)

    pd.testing.assert_frame_equal(known(rows), known(changed))
    assert len(known(rows)) < len(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_shares_lie_between_0_and_1_and_only_what_is_finished_is_complete(kind):
    _, _, rows = told(kind, percent=True, team="silent")
    share, begun = rows["percent_complete"], rows["actual_start"].notna()
    assert share.notna().equals(begun)
    assert share.dropna().between(0, 1).all()
    assert (share[begun] == 1).equals(rows["actual_finish"].notna()[begun])
    assert (share.dropna() * 10).round(9).mod(1).eq(0).all()
    assert len(share.dropna().unique()) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_the_hopeful_say_less_than_is_left_and_the_honest_about_as_much(kind):
    ratio = {}
    for team in ("honest", "hopeful"):
        past, _, rows = told(kind, percent=False, team=team, n=30)
        rows = rows[rows["forecast_finish"].notna()]
        said, left = days_between(rows, "forecast_finish"), real_days_left(past, rows)
        long = left >= 2  # of one day nobody can say less
        assert (said >= 1).all()
        assert (said[~long] <= left[~long]).all() or team == "honest"
        ratio[team] = (said / left)[left > 10]
        if team == "hopeful":
            assert (said[long] < left[long]).all()
            assert (said >= np.floor(left / 2)).all()
    # Logs of honest ratios are normal around 0 with standard deviation .15; one of many of each project's own.
    assert np.median(ratio["honest"]) == pytest.approx(1.0, abs=0.05)
    assert 0.08 < np.log(ratio["honest"]).std() < 0.2
    # 1 / 1.5 to 1 / 2, whole days from 11 on stray by half a day of 11.
    assert ratio["hopeful"].min() > 0.5 - 0.05
    assert ratio["hopeful"].max() < 1 / 1.5 + 0.05


def test_teams_and_forms_tell_of_the_same_courses():
    tables = {
        (form, team): told("mild", percent=percent, team=team)[2].drop(
            columns=["forecast_finish", "percent_complete"]
        )
        for form, percent in FORMS.items()
        for team in TEAMS
    }
    first = tables["dates", "silent"]
    for other in tables.values():
        pd.testing.assert_frame_equal(first, other)


def test_looking_back_on_some_projects_is_a_part_of_looking_back_on_all():
    portfolio = draw_portfolio("mild", 6, SEED, new=1)
    _, _, rows = told("mild", percent=True, team="honest", n=6)
    history, some = portfolio.history(), ["p000", "p001", "p002"]
    whole = looked_back(history, rows)
    part = looked_back(history[history["project"].isin(some)], rows[rows["project"].isin(some)])
    assert set(whole["project"]) > set(part["project"]) == set(some)
    pd.testing.assert_frame_equal(whole[whole["project"].isin(some)].reset_index(drop=True), part)


def test_the_nodes_are_those_that_the_simulation_draws_from():
    portfolio = draw_portfolio("overrunning", 5, SEED, new=2)
    _, _, rows = told("overrunning", percent=False, team="silent", n=5)
    history = portfolio.history()
    model = taught(calibrated(history), looked_back(history, rows))
    approved, new = history_of(portfolio.new, portfolio.today), portfolio.new
    ids, words = approved["project"].unique(), draw_words(2, np.random.default_rng(SEED))
    for share in (0.25, 0.75):
        evenings = np.round(share * new.planned_finish).astype(int)
        places = status_places(new, 10, evenings[:, None])
        status = statuses_of(new, ids, places, words, percent=False, team="silent")
        for k, project in enumerate(ids):
            plan, day = (
                baseline_plan(approved, project),
                pd.Timestamp(str(_date(new.start[k] + evenings[k] - 1))),
            )
            known = status[status["as_of"] <= day]
            nodes = forecast_nodes(plan, model, known, day)
            simulated = simulate(plan, model, as_of=day, status=known, seed=1, iterations=1000)
            levels = [0.1, 0.5, 0.8, 0.9]
            # 1000 evenly drawn finishes: a level lies within .001 of its own, a node is as long as .005.
            found, lower, upper = (
                np.quantile(values, np.add(levels, shift))
                for values, shift in ((simulated.project_finishes, 0), (nodes, -0.006), (nodes, 0.006))
            )
            assert (lower <= found).all()
            assert (found <= upper).all()
            assert nodes.min() > evenings[k]


def test_projects_are_forecast_while_they_run(monkeypatch):
    monkeypatch.setattr("benchmarks.agency_in_flight.TARGETS", 2)
    found = forecasts("mild", 0, every=20, closed=(2,))
    new = draw_portfolio("mild", 2, SEED, 0, new=2).new
    asked = np.maximum(np.round(np.outer(new.planned_finish, STAGES)), 1)
    running = {(STAGES[n], k) for k, n in np.argwhere(asked < new.actual_finish[:, None])}
    assert 2 * 3 < len(running) <= 2 * 5
    for _, cell in found.groupby(["form", "team"]):
        assert set(zip(cell["stage"], cell["target"], strict=True)) == running
    assert found.groupby(["form", "team"]).ngroups == 6


def test_scores_by_hand():
    # P50 is 30, P80 42. CRPS: (2 / 5) (.1 x 20 + .3 x 10 + 0 + .3 x 10 + .1 x 20) = 4 days of 20 planned.
    nodes = np.array([10.0, 20.0, 30.0, 40.0, 50.0])
    assert scored(nodes, 30, 20) == pytest.approx({"P50": 1, "P80": 1, "crps": 0.2, "error": 0})
    assert scored(nodes, 31, 20)["P50"] == 0
    assert scored(nodes, 42, 20)["P80"] == 1
    # (2 / 5) (.1 x 33 + .3 x 23 + .5 x 13 + .7 x 3 + .1 x 7) = 7.8 days.
    assert scored(nodes, 43, 20) == pytest.approx({"P50": 0, "P80": 0, "crps": 0.39, "error": 13 / 43})


def test_portfolios_count_by_the_projects_that_still_run():
    cell = pd.DataFrame({"portfolio": [0, 0, 0, 1], "P80": [1.0, 1.0, 0.0, 0.0]})
    # 2 of 4 held. The first has .5 more than its 1.5, the second .5 less than its .5; of 2 projects on average.
    assert between_portfolios(cell, "P80").tolist() == [0.75, 0.25]
