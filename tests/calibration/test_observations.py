import numpy as np
import pandas as pd
import pytest
from tables_by_hand import overruns

from estimation.calibration.observations import SMALLEST_WEIGHT, Evidence, copies_of_plan, recency_weights

DAYS = pd.Series(pd.to_datetime(["2024-01-01", "2024-12-31", "2025-12-31", None]))


def test_evidence_counts_half_after_each_half_life():
    # From the latest day, 31 December 2025: 730 and 365 days are 24 and 12 months of 30.4 days, to a fiftieth.
    assert recency_weights(DAYS, 12) == pytest.approx([0.25, 0.5, 1.0, 1.0], abs=0.001)
    assert recency_weights(DAYS, 24) == pytest.approx([0.5, 0.7071, 1.0, 1.0], abs=0.001)


def test_without_a_half_life_all_evidence_counts_the_same():
    assert recency_weights(DAYS, None).tolist() == [1, 1, 1, 1]


def test_however_old_a_row_its_weight_stays_above_zero():
    centuries = pd.Series(pd.to_datetime(["1700-01-01", "2026-01-01"]))
    assert recency_weights(centuries, 0.5).tolist() == [SMALLEST_WEIGHT, 1.0]


def test_phases_count_their_projects_once_and_their_rows_by_weight():
    table = overruns({"a": [1.2, 1.4, 1.1], "b": [1.5]})
    table = pd.concat([table, table.iloc[[0]]], ignore_index=True)
    evidence = Evidence.of(table)
    assert evidence.projects_of_phase().tolist() == [3, 1]
    assert evidence.rows_of_phase().tolist() == [4, 1]
    # Projects end a week apart; at a half-life of one week in months the first weighs a quarter, the second a half.
    weighed = Evidence.of(table, 7 / 30.4375)
    assert weighed.rows_of_phase() == pytest.approx([0.25 + 0.5 + 1 + 0.25, 0.25])
    assert np.array_equal(weighed.log_ratio, evidence.log_ratio)


def test_a_copy_of_its_plan_has_five_finished_rows_and_none_late_or_early():
    def project(name, ratios, **columns):
        return overruns({f"m{k}": [ratio] for k, ratio in enumerate(ratios)}).assign(project=name, **columns)

    parts = (
        project("zebra", [1.0] * 5),
        project("ant", [1.0] * 6),
        project("short", [1.0] * 4),
        project("honest", [1.0] * 5 + [1.1]),
        project("running", [1.0] * 5, censored=True, on_plan=False),
    )
    assert copies_of_plan(pd.concat(parts, ignore_index=True)) == ["ant", "zebra"]
