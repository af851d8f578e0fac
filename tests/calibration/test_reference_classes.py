"""What an agency without a closed project borrows: wide, from named sources, and marked."""

import numpy as np
import pytest
from models_by_hand import model_by_hand

from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.prediction import draw_log_ratios
from estimation.calibration.reference_classes import (
    borrowed_mark,
    borrowed_words,
    is_borrowed,
    reference_model,
)
from estimation.ingest.reference_file import ReferenceClass, read_reference_classes

LEVELS = np.array([0.1, 0.5, 0.8, 0.9])


@pytest.fixture(scope="module")
def model():
    return reference_model(*read_reference_classes())


def totals(model, phase):
    """What four equal milestones of a phase take together, per day planned, at ``LEVELS``."""
    log_ratio = draw_log_ratios(model, [phase] * 4, 40_000, np.random.default_rng(1))
    return np.quantile(np.exp(log_ratio).mean(axis=0), LEVELS)


def test_data_preparation_takes_two_to_five_times_its_estimate_eight_times_in_ten(model):
    # The log is normal through 2 and 5: its middle is the root of 10, 3.16; 3.16 x 2.5 ** (.842 / 1.282) / ... = 4.27.
    middle, step = np.sqrt(10), np.log(5 / 2) / (2 * 1.2816)
    expected = [2, middle, middle * np.exp(0.8416 * step), 5]
    assert totals(model, "data_preparation") == pytest.approx(expected, rel=0.05)


def test_any_other_phase_takes_what_published_work_took(model):
    _, classes = read_reference_classes()
    ends = [[one.figures["p10"], one.figures["p90"]] for one in classes if one.kind == "measured"][2:]
    low, _, p80, high = totals(model, "deployment")
    assert min(low for low, _ in ends) <= low <= max(low for low, _ in ends)
    assert min(high for _, high in ends) <= high <= max(high for _, high in ends)
    assert 1.1 < p80 < 1.5
    assert totals(model, "never heard of") == pytest.approx(totals(model, "deployment"), rel=0.1)


def test_one_class_written_by_hand_is_met_at_both_ends():
    # P10 .5 and P90 2: the middle is 1. Nothing is shared by the phases of a project.
    one = ReferenceClass(
        "one",
        "phases",
        "measured",
        "",
        "",
        "One 2020",
        (),
        {"p10": 0.5, "p90": 2.0, "n_projects": 3, "n_rows": 9},
    )
    made = reference_model(["work"], [one])
    assert made.draws["project_sd"].max() == 0
    assert totals(made, "work")[[0, 1, 3]] == pytest.approx([0.5, 1, 2], rel=0.06)


def test_it_rests_on_no_project_of_ones_own_and_says_on_which_instead(model):
    assert is_borrowed(model)
    assert is_borrowed(model.record)
    assert borrowed_mark(model) == " (borrowed)"
    assert set(multiplier_table(model)["standing"]) == {"borrowed"}
    said = borrowed_words(model)
    assert said.startswith("Borrowed: no closed project of yours is behind these numbers.")
    assert "53 published projects (Batselier & Vanhoucke 2015)" in said
    assert "data preparation on an expert statement, not measured: 2 to 5 times" in said


def test_nothing_is_said_of_an_own_model():
    own = model_by_hand()
    assert (borrowed_mark(own), borrowed_words(own), is_borrowed(own)) == ("", "", False)
    assert "borrowed" not in set(multiplier_table(own)["standing"])


def test_the_finish_is_that_of_the_records_prior_and_later_than_planned_more_often_than_not(model):
    p50, p80 = np.exp(model.record.quantiles(np.array([0.5, 0.8])))
    assert 1.05 < p50 < 1.2
    assert p80 > 1.3
