import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import estimation
from estimation.ingest.published_forecasts import PUBLISHED
from estimation.project.decisions import DECISIONS
from estimation.tables import (
    HISTORY,
    PLAN,
    STATUS,
    Column,
    check_table,
    content_hash,
    empty_table,
    keep_contract,
    rows_table,
)

GLOSSARY = Path(__file__).parent.parent / "docs" / "glossary.md"


SHARES = {
    "phase": Column.text("phase"),
    "days": Column.days("days it took", least=0),
    "share": Column.probability("share of all days"),
    "n": Column.count("how many"),
    "slip_days": Column.days("slip, early is negative"),
}


def shares(**columns) -> pd.DataFrame:
    told = {"phase": "work", "days": [1.0, 2.0, 3.0], "share": 0.5, "n": 1, "slip_days": -4.0}
    return pd.DataFrame(told | columns)


def test_a_table_gets_the_columns_order_and_kinds_of_its_contract_and_loses_others():
    table = keep_contract(shares(noise=1)[["n", "noise", "slip_days", "share", "days", "phase"]][1:], SHARES)
    assert {name: str(kind) for name, kind in table.dtypes.items()} == {
        "phase": "str",
        "days": "float64",
        "share": "float64",
        "n": "Int64",
        "slip_days": "float64",
    }
    assert table["days"].to_dict() == {0: 2.0, 1: 3.0}


def test_columns_that_a_function_forgot_are_an_error_that_names_them_all():
    with pytest.raises(TypeError, match=r"^shares: columns are missing: days, n$"):
        keep_contract(shares().drop(columns=["n", "days"]), SHARES, "shares")
    with pytest.raises(TypeError, match=r"^table: columns are missing: days, n$"):
        rows_table([{"phase": "work", "share": 1.0, "slip_days": 0.0}], SHARES)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"share": [0.2, 1.5, -0.1]}, "share lies outside 0 to 1: 1.5 in row 1, -0.1 in row 2"),
        ({"days": [-1.0, -2.0, -3.0]}, "days lies below 0: -1 in row 0, -2 in row 1, -3 in row 2"),
        ({"n": -1, "share": 0.0}, "n lies below 0: -1 in row 0, -1 in row 1, -1 in row 2"),
    ],
)
def test_a_number_outside_its_range_is_an_error_with_the_first_rows(columns, said):
    with pytest.raises(TypeError, match=f"^table: {said}$"):
        keep_contract(shares(**columns), SHARES)
    with pytest.raises(TypeError, match=f"{said}$"):
        check_table(shares(**columns).astype({"n": "Int64"}), SHARES, "shares")


def test_more_rows_outside_a_range_than_are_shown_are_counted():
    with pytest.raises(TypeError, match=r"-1 in row 0, -1 in row 1, -1 in row 2 and 2 more$"):
        keep_contract(shares(days=[1.0] * 5, n=-1), SHARES)


def test_empty_cells_and_the_last_digit_of_a_sum_are_in_every_range():
    table = keep_contract(shares(share=[np.nan, 1 + 1e-12, -1e-12], n=pd.NA, days=None), SHARES)
    assert table["n"].isna().all()
    check_table(table, SHARES, "shares")


def test_every_breach_is_told_at_once():
    with pytest.raises(TypeError) as raised:
        keep_contract(shares(share=2.0, n="many").drop(columns="phase"), SHARES, "shares")
    missing, share, n = str(raised.value).split("; ")
    assert missing == "shares: columns are missing: phase"
    assert share == "share lies outside 0 to 1: 2 in row 0, 2 in row 1, 2 in row 2"
    assert n.startswith("n is str and does not become Int64")


def test_what_people_may_leave_out_comes_empty_and_what_they_may_not_is_missed():
    table = keep_contract(pd.DataFrame({"project": ["p"], "milestone": ["1"], "phase": ["work"]}), HISTORY)
    check_table(table, HISTORY, "history")
    assert table.columns[table.notna().all()].tolist() == ["project", "milestone", "phase"]
    with pytest.raises(TypeError, match=r"missing: milestone, as_of$"):
        keep_contract(pd.DataFrame({"project": ["p"]}), STATUS)
    with pytest.raises(TypeError, match=r"missing: project, milestone, phase$"):
        keep_contract(pd.DataFrame(), PLAN)


def test_a_table_that_the_code_computes_has_no_column_that_may_be_left_out():
    handed_in, computed = (HISTORY, PLAN, STATUS, PUBLISHED, DECISIONS), {}
    for module in pkgutil.walk_packages(estimation.__path__, "estimation."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, dict) and value and isinstance(next(iter(value.values())), Column):
                computed[name] = value
    optional = {
        name: [one for one, column in contract.items() if not column.required]
        for name, contract in computed.items()
        if contract not in handed_in and name != "KNOWN_COLUMNS"
    }
    assert len(optional) > 40
    assert {name for name, columns in optional.items() if columns} == set()


def test_an_empty_table_has_the_columns_and_kinds_of_its_contract():
    table = empty_table(STATUS)
    check_table(table, STATUS, "status")
    assert table.empty
    pd.testing.assert_frame_equal(rows_table([], STATUS), table)


def test_a_finished_table_is_held_to_the_order_kinds_and_number_of_its_columns():
    table = keep_contract(shares(), SHARES)
    for wrong, said in (
        (table.drop(columns="n"), "columns are missing: n"),
        (table.assign(noise=1), "columns are surplus: noise"),
        (table[list(table)[::-1]], "columns are out of order"),
        (table.assign(n=1.0), "n is float64 and has to be Int64"),
    ):
        with pytest.raises(TypeError, match=f"^shares: {said}$"):
            check_table(wrong, SHARES, "shares")


@pytest.mark.parametrize("contract", [HISTORY, PLAN, STATUS, PUBLISHED])
def test_no_number_that_people_hand_in_may_be_negative_and_no_share_above_one(contract):
    # The gate takes its bounds from here, so that what it lets through can be no breach behind it.
    numbers = {name: column for name, column in contract.items() if column.kind in ("number", "whole")}
    assert {column.least for column in numbers.values()} == {0}
    assert {column.most for column in numbers.values() if column.unit == "0-1"} <= {1}


def test_the_hash_of_a_table_does_not_depend_on_the_order_of_its_rows_or_their_source():
    table = pd.DataFrame(
        {"project": ["a", "b"], "days": [1.0, 2.0], "source": ["x.csv, row 2", "x.csv, row 3"]}
    )
    turned = table.iloc[::-1].assign(source="y.xlsx, row 9")
    assert content_hash(table) == content_hash(turned)
    assert content_hash(table) != content_hash(table.assign(days=[1.0, 3.0]))


def test_a_table_without_estimates_has_the_hash_it_had_before_there_were_columns_for_them():
    table = pd.DataFrame({"project": ["a", "b"], "baseline_days": [1.0, 2.0]})
    empty = table.assign(estimate_days=np.nan, factor_used=np.nan, estimate_start=pd.NaT)
    assert content_hash(empty) == content_hash(table)
    assert content_hash(empty.assign(estimate_days=[1.0, np.nan])) != content_hash(table)


def test_the_glossary_lists_every_column_of_the_tables_that_people_hand_in():
    page = GLOSSARY.read_text(encoding="utf-8").partition("## The columns")[2]
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+?) \| (.+) \|$", page, flags=re.MULTILINE)
    meant = {
        name: (
            "both" if name in HISTORY and name in STATUS else "milestones" if name in HISTORY else "status",
            f"{column.kind} ({column.unit})" if column.unit else column.kind,
            column.meaning,
        )
        for name, column in {**HISTORY, **STATUS}.items()
        if name != "source"  # which file and row a line came from is noted by the toolkit
    }
    assert {name: tuple(facts) for name, *facts in listed} == meant
    assert len(listed) == len(meant)
