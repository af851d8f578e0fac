import json

import numpy as np
import pandas as pd
import pytest
from tables_by_hand import overruns

from estimation.calibration.model import fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.errors import InputError
from estimation.reporting.model_file import load_model, save_model


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(1)
    return fit_overruns(
        overruns({"a": list(rng.lognormal(0.2, 0.4, 30)), "b": list(rng.lognormal(0, 0.2, 30))}), seed=1
    )


def test_a_model_read_back_gives_the_same_multipliers(model, tmp_path):
    back = load_model(save_model(model, tmp_path / "made" / "model.json"))
    pd.testing.assert_frame_equal(multiplier_table(back), multiplier_table(model), rtol=1e-3)
    assert back.history_hash == model.history_hash


def test_the_file_is_json_with_its_version_its_evidence_and_a_line_per_phase(model, tmp_path):
    path = save_model(model, tmp_path / "model.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["version"], content["n_projects"], content["history_hash"]) == (2, 30, model.history_hash)
    assert sum('"phase": ' in line for line in path.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "does not read as JSON"),
        ('{"format": "other"}', "is no overrun model"),
        (
            '{"format": "estimation overrun model", "version": 99}',
            "has version 99, this toolkit reads up to 2",
        ),
    ],
)
def test_a_file_that_is_no_usable_model_is_refused_with_what_to_do(tmp_path, content, message):
    path = tmp_path / "model.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_model(path)


def test_a_missing_model_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="estimation run calibration"):
        load_model(tmp_path / "model.json")
