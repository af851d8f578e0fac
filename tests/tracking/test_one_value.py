"""One value: the same quantity of the same milestone on the same day is the same wherever it is told."""

import example
import numpy as np
import pandas as pd
import pytest
from models_by_hand import on_plan_model
from random_standings import random_projects

from estimation import cascade, forecast_table, milestone_board, plan_of, simulate, standings_of
from estimation.pages.client_email import email_text
from estimation.pages.displays import shown_date
from estimation.review.quarterly.running_projects import portfolio_forecast
from estimation.tables import HISTORY, keep_contract
from estimation.tracking.changes import changes_since_review
from estimation.tracking.client_report import client_report
from estimation.tracking.earned_value import earned_value_table
from estimation.tracking.evidence import evidence_table
from estimation.tracking.moves import forecast_moves
from estimation.tracking.weekly_review import weekly_review

RUNS = {"seed": 1, "iterations": 100, "way": "chained", "scope_growth": False}
N_PROJECTS = 200


def dates_by_place(plan, status, history, day, model):
    """The expected finishes of one day as each table tells them, open milestones only."""
    standings = standings_of(plan, status)
    standing = standings.on(day)
    simulation = simulate(plan, model, as_of=day, status=standing, **RUNS)
    board = milestone_board(plan, standing, forecast_table(simulation, levels=(0.5, 0.8)), as_of=day)
    assert broken_parts(board) == []
    open_ = standing.table.loc[~standing.state.is_over, "milestone"]
    told = {
        "standing": standing.table,
        "table of all rows": standings_of(plan, status.sample(frac=1, random_state=1)).on(day).table,
        "board": board,
    }
    if (status["as_of"] <= day).any():  # a client is told nothing before the first report
        client = client_report(history, status, plan.project, as_of=day).milestones
        told["client"] = client.rename(columns={"new_finish": "expected_finish"})
    if len(open_):
        slipped = cascade(plan, simulation, open_.iloc[0], 0.0)
        told["cascade"] = slipped.rename(columns={"old_finish": "expected_finish"})
    return open_, {place: table.set_index("milestone")["expected_finish"] for place, table in told.items()}


def broken_parts(board):
    """The parts of each slip that are no whole days, or do not add up to it."""
    parts = board[["own_slip_days", "inherited_days"]]
    wrong = (parts.sum(axis=1) != board["slip_days"]) | (parts % 1 != 0).any(axis=1)
    return board["milestone"][wrong & board["slip_days"].notna()].tolist()


def disagreements(plan, status, history, day, model):
    open_, told = dates_by_place(plan, status, history, day, model)
    for place, dates in told.items():
        own = [one for one in open_ if one in dates.index]
        if place != "cascade" and len(own) < len(open_):
            yield f"{day:%Y-%m-%d}: {place} leaves out {set(open_) - set(own)}"
        for one in own:
            if dates[one] != told["standing"][one]:
                yield f"{day:%Y-%m-%d}: {one} is {told['standing'][one]}, {place} says {dates[one]}"


@pytest.mark.parametrize("n", [20, pytest.param(N_PROJECTS, marks=pytest.mark.slow)])
def test_every_table_names_the_same_expected_date(n):
    found, model = [], on_plan_model()
    for number, project in enumerate(random_projects(n, seed=20261130)):
        plan, status = project.plan, project.status
        for day in project.dates[:: max(len(project.dates) // 3, 1)]:
            found += [
                f"{number}: {each}" for each in disagreements(plan, status, project.history, day, model)
            ]
    assert found == []


@pytest.mark.parametrize("project", ["visual-inspection", "demand-forecast"])
def test_on_the_weeks_of_the_example_all_reports_name_the_same_dates(project):
    running, status, model = example.history("running.csv"), example.status(project), on_plan_model()
    plan = plan_of(running, project)
    standings = standings_of(plan, status)
    days = standings.dates()
    evidence = evidence_table(plan, model, standings, seed=1, iterations=100)
    for day in days[1:]:
        assert list(disagreements(plan, status, running, day, model)) == []
        standing = standings.on(day)
        board = milestone_board(
            plan,
            standing,
            forecast_table(simulate(plan, model, as_of=day, status=standing, **RUNS)),
            as_of=day,
        )
        review = weekly_review(plan, standings, board, evidence[evidence["as_of"] <= day], as_of=day)
        end = standing.project_finish
        assert review.trajectory.set_index("as_of").loc[day, "team_finish"] == end
        changed = changes_since_review(
            plan, standings, forecast_moves(standings, plan=plan), evidence, as_of=day
        ).set_index("milestone")["new_finish"]
        assert changed.equals(standing.table.set_index("milestone")["expected_finish"].reindex(changed.index))
        report = client_report(running, status, project, as_of=day)
        assert report.facts["new_finish"] == end
        assert shown_date(end) in " ".join(email_text(report).split())
        quarter = portfolio_forecast(
            running[running["project"] == project], model, as_of=day, seed=1, iterations=100, status=status
        )
        assert quarter["expected_finish"].tolist() == [end]
        earned = earned_value_table(plan, standings, as_of=day).iloc[-1]
        np.testing.assert_allclose(
            quarter[["earned", "spi", "spi_t"]].to_numpy(float)[0],
            earned[["ev", "spi", "spi_t"]].to_numpy(float),
        )


def test_what_a_history_tells_of_a_running_project_is_read_like_a_status_of_the_day_it_was_touched():
    # a was begun on Mon 2 March and said on Wed 4 that three days are left: Mon 9. On Fri 6 two of them are gone.
    rows = pd.DataFrame(
        {
            "project": "p", "phase": "work", "milestone": ["a", "b"], "project_start": pd.Timestamp("2026-03-02"),
            "baseline_days": 5.0, "depends_on": ["", "a"], "actual_start": [pd.Timestamp("2026-03-02"), pd.NaT],
            "remaining_days": [3.0, np.nan], "updated_on": pd.Timestamp("2026-03-04"), "source": "by hand",
        }
    )  # fmt: skip
    history = keep_contract(rows.reindex(columns=list(HISTORY)), HISTORY)
    told = portfolio_forecast(history, on_plan_model(), as_of="2026-03-06", seed=1, iterations=100)
    assert told["expected_finish"].tolist() == [pd.Timestamp("2026-03-16")]
