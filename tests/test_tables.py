import pandas as pd
import pytest

from estimation.columns import check_table, content_hash, keep_contract
from estimation.tables import MULTIPLIERS


def test_absent_columns_come_empty_and_of_the_right_kind():
    table = keep_contract(pd.DataFrame({"phase": ["work"]}), MULTIPLIERS)
    check_table(table, MULTIPLIERS, "multipliers")
    assert table["multiplier"].isna().all()


def test_a_missing_column_is_a_breach_of_contract():
    table = keep_contract(pd.DataFrame({"phase": ["work"]}), MULTIPLIERS).drop(columns="standing")
    with pytest.raises(TypeError, match=r"missing \['standing'\]"):
        check_table(table, MULTIPLIERS, "multipliers")


def test_a_column_of_another_kind_is_a_breach_of_contract():
    table = keep_contract(pd.DataFrame({"phase": ["work"]}), MULTIPLIERS).assign(level="high")
    with pytest.raises(TypeError, match="level is"):
        check_table(table, MULTIPLIERS, "multipliers")


def test_the_hash_of_a_table_does_not_depend_on_the_order_of_its_rows_or_their_source():
    table = pd.DataFrame(
        {"project": ["a", "b"], "days": [1.0, 2.0], "source": ["x.csv, row 2", "x.csv, row 3"]}
    )
    turned = table.iloc[::-1].assign(source="y.xlsx, row 9")
    assert content_hash(table) == content_hash(turned)
    assert content_hash(table) != content_hash(table.assign(days=[1.0, 3.0]))
