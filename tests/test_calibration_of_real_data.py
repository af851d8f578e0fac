"""The calibration notebook runs on real portfolios; skipped, with the reason, where the data is absent."""

from pathlib import Path

import pytest

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
