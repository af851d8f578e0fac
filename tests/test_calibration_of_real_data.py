"""The calibration notebook runs on real portfolios, reference classes are measured again; skipped without the data."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # benchmarks are no part of the package

from benchmarks.reference_classes import measured_classes
from estimation.ingest.reference_file import read_reference_classes
from estimation.publishing.results import load_results
from estimation.publishing.runner import run_notebook

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"


@pytest.mark.parametrize(
    ("folder", "mapping", "n_projects"),
    [("dslib", "", 52), ("sip", str(ROOT / "data" / "mappings" / "sip.yaml"), 14)],
)
def test_the_calibration_runs_on_a_real_portfolio(tmp_path, folder, mapping, n_projects):
    if not (DATA / folder).is_dir():
        pytest.skip(f"the data is not in {DATA / folder}")
    given = {"history": str(DATA / folder), "mapping": mapping, "origins": "3"}
    results = load_results(run_notebook("calibration", given, output_dir=tmp_path).folder)
    table = results.tables["multipliers"]
    assert results.report["n_projects"] == n_projects
    assert table["multiplier"].gt(0).all()
    assert table.groupby("phase")["multiplier"].apply(lambda levels: levels.is_monotonic_increasing).all()


def test_the_figures_of_the_reference_classes_are_those_measured_again():
    if not DATA.is_dir():
        pytest.skip(f"the data is not in {DATA}")
    _, classes = read_reference_classes()
    measured = measured_classes(DATA)
    assert set(measured) == {one.id for one in classes if one.kind == "measured"}
    for one in classes:
        if one.id in measured:
            assert one.figures == pytest.approx(measured[one.id], abs=0.011), one.id
