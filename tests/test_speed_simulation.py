"""The speed benchmark of the simulation runs, and counts rightly, where no peer is installed. Nothing is timed here."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks import speed_simulation
from benchmarks.networks import chain, layered, plan_of, three_points
from benchmarks.same_error import same_error_table
from benchmarks.simulators import OURS, TRUEPPM, ours, parts_of_ours
from benchmarks.speed_simulation import FLOORS, Size, measured_cells, ratios_to_ours, verdicts
from estimation import multiplier_table

SMALL = Size((), (200,), 0.01, (20,), 2, 100)
NOTHING_HELD = pd.DataFrame(
    columns=["simulator", "activities", "iterations", "seconds", "before the run", "peak MiB"]
)


@pytest.fixture(scope="module")
def model():
    return speed_simulation.load_model(speed_simulation.MODEL)


@pytest.fixture
def alone(monkeypatch):
    for module in ("benchmarks.speed_simulation", "benchmarks.same_error"):
        monkeypatch.setattr(f"{module}.installed", lambda: {OURS: ours})


def test_a_layered_network_waits_for_two_predecessors_on_average_all_in_the_layer_before():
    network = layered(500, 1)
    layer = np.arange(500) * 45 // 500  # two root 500 is 44.7
    first = int((layer == 0).sum())
    assert all(not before for before in network.predecessors[:first])
    assert all(
        layer[k] == layer[before] + 1 for k, all_of in enumerate(network.predecessors) for before in all_of
    )
    counts = [len(all_of) for all_of in network.predecessors[first:]]
    assert set(counts) == {1, 2, 3}
    assert np.mean(counts) == pytest.approx(2, abs=0.15)  # sd .82 by root 489 is .037; four of them
    assert network == layered(500, 1)
    assert network != layered(500, 2)


def test_a_chain_as_a_plan_takes_the_sum_of_its_estimates(model):
    network = chain(20, 1)
    plan = plan_of(network, model)
    assert plan.baseline.evening.max() - plan.baseline.morning.min() == sum(network.days)


def test_the_three_points_rise_and_the_likely_one_is_the_median_of_the_model(model):
    network = chain(20, 1)
    points = three_points(network, model)
    assert all(low < high and low <= likely <= high for low, likely, high in points)
    p50 = multiplier_table(model, levels=(0.5,)).set_index("phase")["multiplier"]
    assert points[0][1] == round(network.days[0] * p50["discovery"])
    assert points[1][1] == round(network.days[1] * p50["data_preparation"])


def test_without_peers_we_and_the_floors_are_timed_on_the_chain(model, alone):
    cells = measured_cells(model, SMALL, NOTHING_HELD, SMALL.limit, 4)
    assert set(cells["simulator"]) == {OURS, *FLOORS}
    assert (cells["why"] == "").all()
    assert (cells["seconds"] >= 0).all()
    assert same_error_table(model, chain(20, 1), 2, 1).empty


def test_what_would_take_too_long_says_so_and_has_no_ratio(model, alone):
    cells = measured_cells(model, SMALL, NOTHING_HELD, 0.0, 4)
    assert cells["why"].str.startswith("skipped, would take").all()
    assert ratios_to_ours(cells).empty


def test_our_p80_lies_between_p50_and_p95_and_a_chain_is_always_critical(model):
    outcome = ours(chain(20, 1), model)(200, 1)
    assert outcome.days[0] < outcome.days[1] < outcome.days[2]
    assert list(outcome.criticality) == [1.0] * 20
    parts = parts_of_ours(plan_of(chain(20, 1), model), model, 200, 1)
    assert set(parts) == {"drawing", "forward pass with criticality"}


def test_a_ratio_is_the_median_over_rounds_and_the_verdict_compares_it_with_what_was_wanted():
    # Rounds: 8/2, 6/1 and 30/3 are 4, 6 and 10, median 6; the median times, 8 and 2, would give 4.
    cells = pd.DataFrame(
        [
            {"network": "layered, 500", "activities": 500, "iterations": 1000, "round": k, "why": "",
             "simulator": name, "seconds": seconds}
            for name, times in ((OURS, (2.0, 1.0, 3.0)), (TRUEPPM, (8.0, 6.0, 30.0)))
            for k, seconds in enumerate(times)
        ]
    )  # fmt: skip
    ratio = ratios_to_ours(cells).set_index("simulator")["ratio"]
    assert ratio[TRUEPPM] == 6
    parts = {"forward pass with criticality / floor 2": [1.5], "everything / floor 2": [2.3]}
    growth = pd.DataFrame({"activities": [500], "seconds": [0.2], "peak MiB": ["300"], **parts})
    table = verdicts(cells, growth, 1.2, pd.DataFrame()).set_index("figure")["met"]
    assert table["times faster than trueppm-scheduler, 500 x 1,000"] == "met"
    assert table["forward pass with criticality / floor 2, 500 x 10,000"] == "met"
    assert table["everything / floor 2, 500 x 10,000"] == "NOT met"
    assert table["exponent of our time, 500 to 500"] == "NOT met"
    assert table["seconds, 500 x 10,000"] == "met"
