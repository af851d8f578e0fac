import pandas as pd
from openpyxl import load_workbook
from tables_by_hand import plan_rows

from estimation.calibration.calibrated_plan import calibrated_plan, with_calibrated_days
from estimation.ingest.sources import read_plan
from estimation.project.network import Link
from estimation.project.plan import build_plan
from estimation.publishing.plan_file import save_plan


def multiplied(factor):
    return pd.DataFrame({"phase": ["work", "any other phase"], "level": 0.5, "multiplier": factor})


def test_a_calibrated_plan_read_back_has_the_stretched_estimates_and_dates(tmp_path):
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "name": "data set ready", "baseline_days": 4.0, "owner": "Data lead"},
            {"milestone": "2", "name": "model trained", "baseline_days": 6.0, "depends_on": "1"},
        )
    )
    table = with_calibrated_days(plan, calibrated_plan(plan, multiplied(1.5)))
    back = read_plan(save_plan(table, tmp_path / "made" / "plan.xlsx"))
    # 4 x 1.5 = 6 days from Mon 2 to Mon 9 March; 6 x 1.5 = 9 days from Tue 10 to Fri 20 March.
    assert back.baseline.own_days.tolist() == [6.0, 9.0]
    assert [f"{day:%Y-%m-%d}" for day in pd.to_datetime(back.baseline_finish)] == ["2026-03-09", "2026-03-20"]
    assert back.milestones[["estimate_days", "factor_used"]].to_numpy().tolist() == [[4.0, 1.5], [6.0, 1.5]]
    heads = [cell.value for cell in load_workbook(tmp_path / "made" / "plan.xlsx")["plan"][1]]
    at = heads.index("baseline_days")
    assert heads[at : at + 3] == ["baseline_days", "estimate_days", "factor_used"]
    assert back.milestones["owner"].iloc[0] == "Data lead"
    assert back.network.links == ((), (Link(0, "FS", 0.0),))


def test_a_name_that_looks_like_a_formula_stays_text(tmp_path):
    table = plan_rows({"milestone": "1", "name": "=1+1", "baseline_days": 4.0})
    path = save_plan(table, tmp_path / "plan.xlsx")
    sheet = load_workbook(path)["plan"]
    heads = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, heads.index("name") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert "owner" not in heads
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.xlsx"]


def test_a_character_that_no_workbook_can_hold_is_left_out(tmp_path):
    table = plan_rows({"milestone": "1", "name": "data\x07 set", "baseline_days": 4.0})
    sheet = load_workbook(save_plan(table, tmp_path / "plan.xlsx"))["plan"]
    assert "data set" in [cell.value for cell in sheet[2]]
