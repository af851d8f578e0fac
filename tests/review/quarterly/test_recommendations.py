import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.review.quarterly.quarterly_tables import LOST_DAYS, MULTIPLIER_MOVES, RECOMMENDATIONS, RUNNING
from estimation.review.quarterly.recommendations import recommendations
from estimation.review.variance import UNCODED
from estimation.scoring.dates_held import AS_PROMISED, PROMISES_KEPT, TOO_CAUTIOUS, TOO_EARLY
from estimation.tables import check_table


def kept(**verdicts) -> pd.DataFrame:
    """Verdicts of P50, P80 and P90 over the last four quarters."""
    rows = [
        {"level": level, "n_due": 20, "n_held": 9, "n_lower": 12, "n_upper": 19,
         "verdict": verdicts.get(name, AS_PROMISED)}
        for name, level in (("p50", 0.5), ("p80", 0.8), ("p90", 0.9))
    ]  # fmt: skip
    return by_hand(pd.DataFrame(rows), PROMISES_KEPT)


def moves(*rows) -> pd.DataFrame:
    usual = {"level": 0.8, "now": 1.8, "now_lower": 1.5, "now_upper": 2.1, "n_now": 30, "standing": "trusted"}
    return by_hand(
        pd.DataFrame([{**usual, **row} for row in rows], columns=[*usual, "phase"]), MULTIPLIER_MOVES
    )


def lost(*rows) -> pd.DataFrame:
    usual = {"dimension": "cause", "n_projects": 9, "lost_days": 40.0, "share": 0.3, "suppressed": False}
    return by_hand(pd.DataFrame([{**usual, **row} for row in rows], columns=[*usual, "value"]), LOST_DAYS)


def running(*evidence) -> pd.DataFrame:
    rows = [{"project": f"p{k}", "evidence": word} for k, word in enumerate(evidence)]
    return by_hand(pd.DataFrame(rows, columns=["project", "evidence"]), RUNNING)


def rules(**given) -> list[str]:
    tables = {"kept": kept(), "moves": moves(), "lost": lost(), "running": running()} | given
    counts = {"n_started": tables.pop("n_started", 0), "n_unpublished": tables.pop("n_unpublished", 0)}
    table = recommendations(**tables, **counts)
    check_table(table, RECOMMENDATIONS, "recommendations")
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    return table["rule"].tolist()


def test_tables_that_give_no_reason_give_no_recommendation():
    assert rules() == []


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"kept": kept(p80=TOO_EARLY)}, "dates-too-early"),
        ({"kept": kept(p50=TOO_CAUTIOUS)}, "dates-too-cautious"),
        ({"running": running("on track", "delayed")}, "running-delayed"),
        ({"moves": moves({"phase": "data"})}, "largest-multiplier"),
        ({"lost": lost({"value": "data_quality"})}, "costliest-cause"),
        ({"lost": lost({"value": UNCODED})}, "causes-missing"),
        ({"n_started": 10, "n_unpublished": 2}, "forecasts-missing"),
    ],
)
def test_each_rule_speaks_when_its_table_gives_reason_and_alone(given, rule):
    assert rules(**given) == [rule]


@pytest.mark.parametrize(
    "given",
    [
        {"running": running("on track", "at risk")},
        {"moves": moves({"phase": "data", "standing": "shrunk"})},
        {"moves": moves({"phase": "data", "now_lower": 0.98})},
        {"moves": moves({"phase": "data", "now": 1.05, "now_lower": 1.01})},
        {"lost": lost({"value": "data_quality", "share": 0.1})},
        {"lost": lost({"value": UNCODED, "share": 0.2})},
        {"lost": lost({"value": "data_quality", "suppressed": True, "share": None})},
        {"n_started": 10, "n_unpublished": 1},
    ],
)
def test_each_rule_is_silent_below_its_threshold(given):
    assert rules(**given) == []


def test_at_most_three_are_given_the_dates_that_did_not_hold_first():
    everything = {
        "kept": kept(p80=TOO_EARLY, p50=TOO_CAUTIOUS),
        "running": running("delayed"),
        "moves": moves({"phase": "data"}),
        "lost": lost({"value": "data_quality"}),
        "n_started": 10,
        "n_unpublished": 10,
    }
    assert rules(**everything) == ["dates-too-early", "running-delayed", "largest-multiplier"]


def test_the_evidence_stands_beside_each():
    table = recommendations(
        kept(p90=TOO_EARLY), moves({"phase": "data", "now": 1.6}, {"phase": "model", "now": 2.4}), lost(), running(),
        n_started=0, n_unpublished=0,
    )  # fmt: skip
    dates, multiplier = table.to_dict("records")
    assert (dates["item"], dates["value"], dates["lower"], dates["upper"], dates["n"]) == (
        "P90",
        9,
        12,
        19,
        20,
    )
    assert (multiplier["item"], multiplier["value"], multiplier["n"]) == ("model", 2.4, 30)
