import re
from pathlib import Path

import pandas as pd
import pytest

from estimation.calibration.multipliers import MULTIPLIERS
from estimation.tables import HISTORY, STATUS, check_table, content_hash, keep_contract

GLOSSARY = Path(__file__).parent.parent / "docs" / "glossary.md"


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
