import pandas as pd
import pytest

from estimation.errors import InputError
from estimation.ingest.published_forecasts import PUBLISHED
from estimation.ledger.inputs import read_published
from estimation.tables import check_table

ROWS = "project,as_of,milestone,level,finish\natlas,2026-03-02,project,0.8,2026-05-29\n"


def written(tmp_path, text):
    path = tmp_path / "published.csv"
    path.write_text(text)
    return path


def test_a_file_with_the_five_columns_is_read_and_forecasts_are_numbered_as_they_come(tmp_path):
    text = ROWS + "atlas,2026-03-02,1,0.8,2026-04-02\nbeta,2026-03-09,project,0.8,2026-06-30\n"
    table = read_published(written(tmp_path, text))
    check_table(table, PUBLISHED, "published")
    assert table["entry"].tolist() == [1, 1, 2]
    assert table["finish"].iloc[0] == pd.Timestamp("2026-05-29")


def test_levels_in_percent_are_shares(tmp_path):
    assert read_published(written(tmp_path, ROWS.replace("0.8", "80 %")))["level"].tolist() == [0.8]


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    with pytest.raises(
        InputError, match=r"column 'level': no such column came; wanted level\. The headers are: project"
    ):
        read_published(written(tmp_path, ROWS.replace("level", "confidence")))


def test_everything_wrong_is_said_at_once_with_its_row(tmp_path):
    text = ROWS + "beta,soon,project,0.8,2026-06-30\n,2026-03-09,project,1,2026-06-30\n"
    with pytest.raises(InputError) as caught:
        read_published(written(tmp_path, text))
    said = str(caught.value)
    assert "row 3, column 'as_of': 'soon' came" in said
    assert "row 4, column 'project': '' came; expected a value" in said
    assert "row 4, column 'level': '1' came; wanted a level between 0 and 1" in said


def test_the_same_level_of_one_forecast_twice_is_refused(tmp_path):
    text = ROWS + "atlas,2026-03-02,project,0.8,2026-06-01\n"
    with pytest.raises(
        InputError, match=r"row 3.*project 'atlas', milestone 'project', level 0.8 came again"
    ):
        read_published(written(tmp_path, text))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a folder; wanted one file of published forecasts"):
        read_published(tmp_path)


def test_without_a_source_nothing_was_published():
    table = read_published("", history="history.csv")
    check_table(table, PUBLISHED, "published")
    assert table.empty


def test_without_a_source_the_ledger_of_the_history_is_asked(tmp_path):
    with pytest.raises(InputError, match=r"none\.db"):
        read_published("", history=f"sqlite:///{tmp_path}/none.db")


def test_without_a_source_the_folder_of_the_history_is_looked_into(tmp_path):
    (tmp_path / "forecasts").mkdir()
    written(tmp_path, ROWS).rename(tmp_path / "forecasts" / "published.csv")
    assert read_published("", history=tmp_path)["project"].unique().tolist() == ["atlas"]
    assert read_published("", history=tmp_path / "forecasts").empty
