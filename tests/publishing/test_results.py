"""Results on disk come back as they were written, or are refused with a sentence."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from estimation.errors import InputError
from estimation.publishing.results import load_results, save_results


@pytest.fixture
def forecast():
    return pd.DataFrame(
        {
            "milestone": pd.Series(["1.1", 'Zürich; "é"', None], dtype="str"),
            "p80_finish": pd.to_datetime(["2027-03-12", None, "2027-04-01"]).astype("datetime64[s]"),
            "prob_on_time": [0.1 + 0.2, np.nan, 1e-17],
            "n_projects": pd.array([12, None, 3], dtype="Int64"),
            "censored": pd.array([True, None, False], dtype="boolean"),
        }
    )


def test_a_table_comes_back_with_its_kinds_and_full_precision(tmp_path, forecast):
    save_results(tmp_path, inputs={}, headline={}, tables={"forecast": forecast})

    pd.testing.assert_frame_equal(load_results(tmp_path).tables["forecast"], forecast, check_exact=True)


def test_an_empty_table_keeps_its_columns(tmp_path, forecast):
    save_results(tmp_path, inputs={}, headline={}, tables={"forecast": forecast.head(0)})

    pd.testing.assert_frame_equal(load_results(tmp_path).tables["forecast"], forecast.head(0))


def test_csv_files_hold_iso_dates_in_utf8(tmp_path, forecast):
    save_results(tmp_path, inputs={}, headline={}, tables={"forecast": forecast})

    text = (tmp_path / "forecast.csv").read_bytes().decode("utf-8")
    assert "2027-03-12,0.30000000000000004" in text
    assert "00:00" not in text
    assert "Zürich" in text


def test_dates_and_numpy_numbers_become_plain_json(tmp_path):
    save_results(
        tmp_path,
        inputs={"as_of": dt.date(2026, 11, 16), "levels": np.array([0.5, 0.8]), "iterations": np.int64(500)},
        headline={
            "p80_finish": pd.Timestamp("2027-03-12"),
            "p90_finish": np.datetime64("2027-03-19"),
            "prob_on_time": np.float64(0.25),
            "late": np.True_,
            "nothing": pd.NaT,
            "unknown": float("nan"),
        },
        tables={},
        report={"title": "Kickoff", "as_of": dt.date(2026, 11, 16)},
    )

    results = load_results(tmp_path)
    assert results.inputs == {"as_of": "2026-11-16", "levels": [0.5, 0.8], "iterations": 500}
    assert results.headline == {
        "p80_finish": "2027-03-12",
        "p90_finish": "2027-03-19",
        "prob_on_time": 0.25,
        "late": True,
        "nothing": None,
        "unknown": None,
    }
    assert results.report == {"title": "Kickoff", "as_of": "2026-11-16"}


def test_the_file_says_which_versions_wrote_it(tmp_path):
    path = save_results(tmp_path, inputs={}, headline={}, tables={})

    assert set(json.loads(path.read_text())["written_by"]) == {"estimation", "python"}


def test_a_value_that_json_does_not_know_is_refused_by_name(tmp_path, forecast):
    with pytest.raises(TypeError, match=r"headline\['board'\] is a DataFrame.*Put tables under tables="):
        save_results(tmp_path, inputs={}, headline={"board": forecast}, tables={})
    with pytest.raises(TypeError, match=r"inputs\['limits'\]\[1\] is infinite"):
        save_results(tmp_path, inputs={"limits": [1.0, float("inf")]}, headline={}, tables={})
    assert list(tmp_path.iterdir()) == []


def test_a_table_cannot_leave_its_folder_by_name(tmp_path, forecast):
    with pytest.raises(TypeError, match="letters, digits"):
        save_results(tmp_path / "out", inputs={}, headline={}, tables={"../forecast": forecast})


def test_nothing_half_written_stays_beside_the_results(tmp_path, forecast):
    save_results(tmp_path, inputs={}, headline={}, tables={"forecast": forecast})
    save_results(tmp_path, inputs={}, headline={}, tables={"forecast": forecast})

    assert sorted(path.name for path in tmp_path.iterdir()) == ["forecast.csv", "results.json"]


def test_a_folder_without_results_is_said_to_be_none(tmp_path):
    with pytest.raises(InputError, match="Name the output folder of a finished run"):
        load_results(tmp_path)


def test_results_of_a_newer_toolkit_are_not_guessed_at(tmp_path):
    (tmp_path / "results.json").write_text('{"format": 99}')

    with pytest.raises(InputError, match="Update the toolkit"):
        load_results(tmp_path)


def test_a_table_that_lost_its_file_is_reported(tmp_path, forecast):
    save_results(tmp_path, inputs={}, headline={}, tables={"forecast": forecast})
    (tmp_path / "forecast.csv").unlink()

    with pytest.raises(InputError, match="Run the notebook again"):
        load_results(tmp_path)
