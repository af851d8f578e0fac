import pandas as pd
import pytest
from tables_by_hand import plan_rows

from estimation.project.plan import build_plan
from estimation.tables import check_table
from estimation.tracking.client_board import CLIENT_BOARD, client_board, early_promises

INTERNAL = {
    "owner": "OWNER-SECRET",
    "notes": "NOTES-SECRET",
    "description": "DESCRIPTION-SECRET",
    "team": "TEAM-SECRET",
    "budget_cost": 987654.0,
    "risk_prob": 0.4321,
    "risk_days": 77.0,
}


def two_milestones(**promises):
    """A (a week) and then B (a week) from Monday 2 March 2026; B needs something from outside."""
    return build_plan(
        plan_rows(
            {
                "milestone": "a",
                "name": "data there",
                "baseline_days": 5.0,
                "promised_finish": promises.get("a"),
                **INTERNAL,
            },
            {
                "milestone": "b",
                "name": "model there",
                "client_summary": "You can try it.",
                "acceptance_criteria": "recall of .9",
                "baseline_days": 5.0,
                "depends_on": "a",
                "waiting_on": "Your experts, for labels",
                "promised_finish": promises.get("b"),
                **INTERNAL,
            },
        )
    )


def forecast(a="2026-03-10", b="2026-03-20"):
    rows = [("a", "2026-03-06", a), ("b", "2026-03-13", b), ("project", "2026-03-13", b)]
    table = pd.DataFrame(rows, columns=["milestone", "p50_finish", "p80_finish"])
    return table.assign(
        p50_finish=pd.to_datetime(table["p50_finish"]),
        p80_finish=pd.to_datetime(table["p80_finish"]),
        p90_finish=pd.Timestamp("2026-04-30"),
        prob_baseline=0.4321,
    )


def starts(b="2026-03-10"):
    return pd.DataFrame({"milestone": ["a", "b"], "start_date": pd.to_datetime(["2026-03-02", b])})


def board_of(plan, **how):
    board = client_board(plan, forecast(), starts(), **how)
    check_table(board, CLIENT_BOARD, "client board")
    return board


def test_the_client_sees_dates_that_can_be_kept_and_by_when_they_are_needed():
    # B is planned to begin on Mon 9 March; by the forecast it seldom begins before Tue 10 March.
    board = board_of(two_milestones())
    assert board["finish_by"].tolist() == [pd.Timestamp("2026-03-10"), pd.Timestamp("2026-03-20")]
    assert board["client_summary"].iloc[1] == "You can try it."
    assert board["acceptance_criteria"].iloc[1] == "recall of .9"
    assert board["needed"].iloc[1] == "Your experts, for labels"
    assert board["needed_by"].iloc[1] == pd.Timestamp("2026-03-10")
    assert board[["needed", "needed_by"]].iloc[0].isna().all()


def test_a_surer_promise_has_later_dates():
    assert (board_of(two_milestones(), level=0.9)["finish_by"] == pd.Timestamp("2026-04-30")).all()


def test_nothing_internal_leaves_the_house():
    # The columns are the contract's, and no text or number of an internal column stands anywhere in the file.
    text = board_of(two_milestones(b="2026-03-16")).to_csv(index=False)
    assert set(text.splitlines()[0].split(",")) == set(CLIENT_BOARD)
    assert not set(CLIENT_BOARD) & {
        *INTERNAL,
        "baseline_finish",
        "prob_baseline",
        "float_days",
        "reported_status",
    }
    for secret in ("SECRET", "987654", "4321", "77", "2026-03-06", "2026-03-09", "2026-03-13", "2026-03-16"):
        assert secret not in text


@pytest.mark.parametrize(
    ("promised", "shown", "early"),
    [
        # The board says Fri 20: a later promise is kept, an earlier one is not repeated, and named.
        ("2026-03-27", "2026-03-27", []),
        ("2026-03-20", "2026-03-20", []),
        ("2026-03-16", "2026-03-20", ["b"]),
    ],
)
def test_a_promise_that_the_forecast_does_not_keep_has_to_be_settled_first(promised, shown, early):
    plan = two_milestones(b=promised)
    board = board_of(plan)
    assert board["finish_by"].iloc[1] == pd.Timestamp(shown)
    assert early_promises(plan, board)["milestone"].tolist() == early
