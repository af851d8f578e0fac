from types import SimpleNamespace

import pandas as pd
import pytest
from models_by_hand import model_by_hand
from tables_by_hand import plan_rows

from estimation.pages import kickoff_wording as wording
from estimation.project.plan import build_plan


def test_the_forecast_is_put_as_a_promise_with_the_chance_of_the_plan():
    forecast = pd.DataFrame(
        {
            "milestone": ["1", "project"],
            "baseline_finish": pd.to_datetime(["2026-03-06", "2026-03-13"]),
            "promised_finish": pd.to_datetime([None, "2026-03-16"]),
            "p50_finish": pd.to_datetime(["2026-03-09", "2026-03-20"]),
            "p80_finish": pd.to_datetime(["2026-03-10", "2026-03-27"]),
            "prob_baseline": [0.4, 0.02],
            "prob_promised": [None, 0.12],
        }
    )
    finding = wording.forecast_finding(forecast)
    assert finding.startswith("Promise 27 Mar 2026")
    assert "13 Mar 2026 holds with a chance of <5 %" in finding
    assert "promised 16 Mar 2026 with one of 12 %" in finding


def test_phases_the_history_does_not_know_are_named():
    def plan(*phases):
        rows = enumerate(phases)
        return build_plan(
            plan_rows(*({"milestone": f"{n}", "phase": phase, "baseline_days": 2.0} for n, phase in rows))
        )

    model = model_by_hand(["data_preparation"])
    one = plan("Data Preparation", "procurement")
    assert "nothing of the phase procurement: its milestones" in wording.unknown_phases(one, model)
    two = plan("Data Preparation", "procurement", "travel")
    assert "nothing of the phases procurement and travel: their milestones" in wording.unknown_phases(
        two, model
    )


def contingency(**days):
    rows = [
        {"phase": phase, "planned_days": 10.0, "expected_days": 10.0 + more} for phase, more in days.items()
    ]
    total = {"phase": "whole project", "planned_days": 10.0 * len(rows), "expected_days": 10.0 * len(rows)}
    total["expected_days"] += sum(days.values())
    table = pd.DataFrame([*rows, total])
    return table.assign(contingency_days=table["expected_days"] - table["planned_days"])


def test_the_days_beyond_the_plan_are_named_by_phase_the_most_first():
    # 2 + 12 - 1 = 13 days beyond the plan.
    said = wording.contingency_finding(
        contingency(discovery=2.0, data_preparation=12.0, validation=-1.0), 0.8
    )
    assert said == (
        "P80 lies 13 working days after the planned finish. Where they come from, in days of the driving path: "
        "Data preparation +12, Discovery +2 and Validation −1."
    )


def test_gaps_of_the_plan_that_late_work_uses_up_are_explained():
    table = contingency(data_preparation=12.0, gaps=-8.0)
    table["phase"] = table["phase"].replace("gaps", "waiting between milestones")
    assert wording.contingency_finding(table, 0.8).endswith(
        "Data preparation +12 and waiting between milestones −8. Waiting is below zero where late work uses up gaps "
        "that the plan had between milestones."
    )


def test_a_plan_with_allowance_enough_is_told_so():
    assert "4 working days before the planned finish" in wording.contingency_finding(
        contingency(work=-4.0), 0.8
    )


def test_a_part_of_a_day_beyond_the_plan_is_a_day_as_it_is_in_the_date():
    # The forecast rounds 0.3 days up to the next working day; the plan is met when nothing is missing.
    assert "1 working day after the planned finish" in wording.contingency_finding(contingency(work=0.3), 0.8)
    assert "P85 falls on the planned finish" in wording.contingency_finding(contingency(work=0.0), 0.85)


def test_what_more_iterations_would_do_is_said_of_the_least_certain_date():
    errors = pd.DataFrame({"p50_error_days": [9.0, 0.2], "p90_error_days": [9.0, 1.26]})
    assert "by about 1.3 working days" in wording.precision_finding(errors)


def levers(high, low=-3.0):
    return pd.DataFrame(
        {"milestone": ["2.2"], "name": ["Data set ready"], "low_days": [low], "high_days": [high]}
    )


def test_the_strongest_lever_is_named_with_what_it_moves():
    said = wording.lever_finding(levers(8.0))
    assert said.startswith("The strongest lever is 2.2 Data set ready: ")
    assert "3 days earlier" in said
    assert "8 days later" in said
    assert "No single milestone" in wording.lever_finding(levers(0.2, -0.2))


def test_the_path_says_what_parallel_work_and_shared_luck_do():
    spread = pd.Series({"days": 20.0, "independent_days": 15.0})
    said = wording.path_finding(["1.1", "2.1"], 3.2, spread)
    assert "1.1 → 2.1" in said
    assert "adds 3 working days" in said
    assert "25 % narrower" in said  # 15 of 20
    quiet = wording.path_finding(["1.1"], 0.1, pd.Series({"days": 20.0, "independent_days": 20.0}))
    assert quiet == "The finish is set most often by the path 1.1."


def needs(most):
    return pd.DataFrame(
        {"milestone": ["2.2"], "name": ["Data set ready"], "most_days": [most], "expected_days": [20.0],
         "prob_promised": [0.6]}
    )  # fmt: skip


def test_what_a_promise_needs_is_said_in_days_of_a_milestone_and_for_all_that_is_left():
    date = pd.Timestamp("2026-05-04")
    said = wording.promise_finding(needs(9.5), date, 0.88, 0.8)
    assert "2.2 Data set ready at most 9.5 days (at P80 it takes 20)" in said
    assert "12 % less than at P80" in said
    assert "(at P90 it takes 20)" in wording.promise_finding(needs(9.5), date, 0.88, 0.9)
    assert "no single milestone can shrink enough" in wording.promise_finding(
        needs(float("nan")), date, 0.7, 0.8
    )
    assert "holds as the plan stands" in wording.promise_finding(needs(9.5), date, 1.0, 0.8)
    shown = wording.needs_overview(pd.concat([needs(9.5), needs(float("nan"))]))
    assert shown["at_most"].tolist() == ["at most 9.5 days", "not enough alone: 60 %"]


def test_added_work_is_said_to_count_or_not_to():
    assert "account for 3.8 working days of P80" in wording.growth_finding(3.8, True, 0.8)
    assert "would move P80 by 1 working day" in wording.growth_finding(1.0, False, 0.8)


def test_the_reader_learns_where_the_spread_of_the_finish_comes_from():
    model = SimpleNamespace(record=SimpleNamespace(n_projects=40), finish_way="record", slips=None)
    kickoff = SimpleNamespace(way="record", setup=SimpleNamespace(state=None))
    assert "that of 40 whole projects" in wording.which_way(kickoff, model)
    assert "dates on the way come from the overruns of the phases" in wording.which_way(kickoff, model)
    model.slips = "those of 40 projects"
    assert "come from how late their milestones were and the overruns" in wording.which_way(kickoff, model)
    borrowed = SimpleNamespace(record=SimpleNamespace(n_projects=0), finish_way="record")
    assert "borrowed from whole published projects" in wording.which_way(kickoff, borrowed)
    chained = SimpleNamespace(way="chained", setup=SimpleNamespace(state=None))
    assert "no record of whole projects" in wording.which_way(
        chained, SimpleNamespace(record=None, finish_way="record")
    )
    better = SimpleNamespace(record=model.record, finish_way="chained")
    assert "closer than the record" in wording.which_way(chained, better)


def test_a_board_for_the_client_is_fit_to_be_sent_or_says_what_is_to_be_settled():
    board = pd.DataFrame(
        {
            "milestone": ["a", "b"],
            "name": ["Data there", "Model there"],
            "needed": [None, "Your experts"],
            "finish_by": pd.to_datetime(["2026-03-10", "2026-03-20"]),
            "client_summary": ["You see data.", "You can try it."],
            "acceptance_criteria": ["all there", "recall of .9"],
            "needed_by": pd.to_datetime([None, "2026-03-09"]),
        }
    )
    early = pd.DataFrame({"milestone": ["b"], "name": ["Model there"]}).assign(
        promised_finish=pd.Timestamp("2026-03-16"), finish_by=pd.Timestamp("2026-03-20")
    )
    assert wording.client_finding(board, early.iloc[:0]) == (
        "The board for the client is fit to be sent: 2 milestones, the last by 20 Mar 2026. It asks 1 thing of the "
        "client's side, the first by 9 Mar 2026."
    )
    lacking = wording.client_finding(board.assign(client_summary=None, needed_by=pd.NaT), early)
    assert (
        "not yet fit to be sent. b Model there is promised for 16 Mar 2026, and the board says 20 Mar"
        in lacking
    )
    assert "2 milestones without a word on what they mean to the client" in lacking
    assert lacking.endswith("It asks nothing of the client's side.")
    assert "blanks" not in lacking


@pytest.mark.parametrize("column", ["name", "client_summary", "acceptance_criteria", "needed"])
def test_a_board_with_a_blank_in_any_text_of_it_is_not_fit_to_be_sent(column):
    board = pd.DataFrame(
        {
            "milestone": ["a", "b"],
            "name": ["Data there", "Model there"],
            "client_summary": ["You see data.", "You can try it."],
            "acceptance_criteria": ["all there", "recall of .9"],
            "needed": ["Your experts", None],
            "needed_by": pd.to_datetime(["2026-03-09", None]),
            "finish_by": pd.to_datetime(["2026-03-10", "2026-03-20"]),
        }
    )
    early = pd.DataFrame(columns=["milestone", "name", "promised_finish", "finish_by"])
    many = pd.concat([board.assign(acceptance_criteria="____")] * 3, ignore_index=True)
    assert (
        "6 milestones with blanks still to be filled in: a, b, a, b, a and b. It"
        in wording.client_finding(many, early)
    )
    board.loc[0, column] = "At least ____ letters"
    label = "a At least ____ letters" if column == "name" else "a Data there"
    said = wording.client_finding(board, early)
    assert f"not yet fit to be sent. 1 milestone with blanks still to be filled in: {label}. It asks" in said


def test_the_client_is_told_what_the_dates_are_worth():
    assert wording.client_terms(0.8).startswith(
        "Each date of a milestone is one that is kept eight times in ten"
    )
    assert "eight times in ten the work that waits for it begins then or later" in wording.client_terms(0.8)
