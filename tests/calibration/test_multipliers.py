from tables_by_hand import overruns

from estimation.calibration.model import fit_overruns
from estimation.calibration.multipliers import multiplier_table


def test_a_phase_that_is_nearly_always_on_plan_is_not_trusted_however_many_projects_there_are():
    # 25 projects, one milestone each, all exactly on plan: no spread at all, and no evidence.
    table = multiplier_table(fit_overruns(overruns({"work": [1.0] * 25}), seed=1, sweeps=400))
    assert set(table.loc[table["phase"] == "work", "standing"]) == {"provisional"}
