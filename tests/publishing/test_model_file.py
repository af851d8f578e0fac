import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tables_by_hand import by_hand, history, overruns

from estimation.calibration.model import fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.prediction import log_ratio_quantiles
from estimation.calibration.remaining import fit_remaining
from estimation.errors import InputError
from estimation.forecasting.remaining_table import REMAINING
from estimation.learning.calibrate import calibrate
from estimation.publishing.model_file import load_model, save_model


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(1)
    return fit_overruns(
        overruns({"a": list(rng.lognormal(0.2, 0.4, 30)), "b": list(rng.lognormal(0, 0.2, 30))}),
        seed=1,
        sweeps=400,
    )


def test_a_model_read_back_gives_the_same_multipliers(model, tmp_path):
    back = load_model(save_model(model, tmp_path / "made" / "model.json"))
    pd.testing.assert_frame_equal(multiplier_table(back), multiplier_table(model), check_exact=True)
    assert back.history_hash == model.history_hash


def test_without_a_path_the_model_is_borrowed_and_can_be_saved_like_any_other(tmp_path):
    borrowed = load_model("")
    back = load_model(save_model(borrowed, tmp_path / "model.json"))
    assert (borrowed.n_projects, back.n_projects, back.method) == (0, 0, borrowed.method)
    pd.testing.assert_frame_equal(multiplier_table(back), multiplier_table(borrowed), check_exact=True)


def test_clients_and_half_life_are_read_back(tmp_path):
    rng = np.random.default_rng(2)
    table = pd.concat(
        [
            overruns({phase: list(rng.lognormal(0.2 * k, 0.3, 4)) for phase in ("a", "b")}).assign(
                client=f"client {k}", project=lambda rows, k=k: f"{k} " + rows["project"]
            )
            for k in range(5)
        ],
        ignore_index=True,
    )
    model = fit_overruns(table, seed=1, half_life_months=18, sweeps=400)
    back = load_model(save_model(model, tmp_path / "model.json"))
    assert back.half_life_months == 18
    assert back.clients == tuple(f"client {k}" for k in range(5))
    levels = np.array([0.5, 0.8])
    for client in ("client 4", None):
        expected = log_ratio_quantiles(model, 0, levels, client=client)
        assert (log_ratio_quantiles(back, 0, levels, client=client) == expected).all()


def test_the_file_is_json_with_its_version_its_evidence_and_a_line_per_phase(model, tmp_path):
    path = save_model(model, tmp_path / "model.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["version"], content["n_projects"], content["history_hash"]) == (5, 30, model.history_hash)
    assert sum('"phase": ' in line for line in path.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "does not read as JSON"),
        ('{"format": "other"}', "is no overrun model"),
        (
            '{"format": "estimation overrun model", "version": 99}',
            "has version 99, this toolkit reads 5. Update the toolkit, or run the calibration again",
        ),
        (
            '{"format": "estimation overrun model", "version": 2}',
            "has version 2, this toolkit reads 5. Run the calibration again",
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


def test_all_that_was_learned_of_projects_is_read_back(tmp_path):
    rows = [
        {
            "project": f"p{k:02d}",
            "milestone": name,
            "phase": "work",
            "project_start": "2024-01-01",
            "baseline_finish": planned,
            "actual_finish": str((pd.Timestamp(planned) + pd.Timedelta(days=k)).date()),
            "iterations_planned": 4,
            "iterations_actual": 4 + k % 3,
            "added_after_baseline": name == "3",
            "depends_on": {"1": "", "2": "1", "3": "2"}[name],
            "closed_as": "delivered",
        }
        for k in range(12)
        for name, planned in (("1", "2024-01-12"), ("2", "2024-02-02"), ("3", "2024-02-09"))
    ]
    model = replace(
        calibrate(history(*rows), seed=1), remaining=fit_remaining(by_hand(pd.DataFrame(), REMAINING))
    )
    back = load_model(save_model(model, tmp_path / "model.json"))
    assert (back.record.nodes == model.record.nodes).all()
    assert (back.record.n_projects, back.record.centre) == (12, model.record.centre)
    assert back.scope_growth.rates_of(["work", "elsewhere"]) == pytest.approx(
        model.scope_growth.rates_of(["work", "elsewhere"])
    )
    assert back.cycles == model.cycles
    assert (back.slips.nodes == model.slips.nodes).all()
    assert (back.remaining.residuals == model.remaining.residuals).all()
    assert back.finish_way == "record"
