import pandas as pd
import pytest

from estimation.errors import InputError
from estimation.ingest.sources import read_history
from estimation.ledger.inputs import read_decisions
from estimation.project.decisions import DECISIONS
from estimation.tables import check_table

HEADER = "project,action,owner,due,decided_on,done_on,note\n"
ROWS = (
    HEADER + "p,ask first,anna,2026-04-01,2026-03-02,,\nq,write,otto,2026-04-30,2026-03-01,2026-03-09,short\n"
)


def written(tmp_path, text):
    path = tmp_path / "decisions.csv"
    path.write_text(text)
    return path


def test_decisions_are_read_in_the_order_in_which_they_were_decided(tmp_path):
    table = read_decisions(written(tmp_path, ROWS))
    check_table(table, DECISIONS, "decisions")
    assert table["action"].tolist() == ["write", "ask first"]
    assert table["done_on"].tolist() == [pd.Timestamp("2026-03-09"), pd.NaT]


def test_headers_may_stand_in_any_order_and_some_may_be_left_out(tmp_path):
    text = "Due;Owner;Decided on;Action;Project;Colour\n01.04.2026;anna;13.03.2026;ask;p;red\n"
    table = read_decisions(written(tmp_path, text))
    assert table.iloc[0][["project", "due", "note"]].tolist()[:2] == ["p", pd.Timestamp("2026-04-01")]


def test_of_two_rows_of_one_decision_and_day_the_later_counts(tmp_path):
    table = read_decisions(written(tmp_path, ROWS + "p,ask first,anna,2026-04-01,2026-03-02,2026-03-20,\n"))
    assert table.set_index("action").loc["ask first", "done_on"] == pd.Timestamp("2026-03-20")
    assert len(table) == 2


def test_everything_wrong_is_said_at_once_with_its_row(tmp_path):
    text = ROWS + (
        "p,,anna,soon,2026-03-02,,\n"
        "p,measure,anna,2026-03-01,2026-03-02,,\n"
        "p,train,anna,2026-04-01,2026-03-02,2026-02-27,\n"
    )
    with pytest.raises(InputError) as caught:
        read_decisions(written(tmp_path, text))
    said = str(caught.value)
    assert "row 4, column 'action': '' came; expected a value. Fill it in, or remove the row." in said
    assert "row 4, column 'due': 'soon' came" in said
    late = "expected a date on or after 2026-03-02 (decided_on). Correct one of the two."
    assert f"row 5, column 'due': '2026-03-01' came; {late}" in said
    assert "row 6, column 'done_on': '2026-02-27' came" in said


def test_a_missing_column_and_a_folder_are_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"wanted owner\. The headers are: .*decisions have project, action, owner, due"
    ):
        read_decisions(written(tmp_path, ROWS.replace("owner", "who")))
    with pytest.raises(InputError, match="is a folder; wanted one file of decisions"):
        read_decisions(tmp_path)


def test_without_a_source_they_lie_beside_the_history_and_are_no_part_of_it(tmp_path):
    row = "project,milestone,phase,baseline_finish,actual_finish\np,1,work,2026-03-06,2026-03-09\n"
    (tmp_path / "history.csv").write_text(row)
    for source in (tmp_path, tmp_path / "history.csv", ""):
        table = read_decisions("", history=source)
        check_table(table, DECISIONS, "decisions")
        assert table.empty
    written(tmp_path, ROWS)
    for source in (tmp_path, tmp_path / "history.csv"):
        assert len(read_decisions("", history=source)) == 2
        assert len(read_history(source)) == 1
