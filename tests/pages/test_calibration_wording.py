from dataclasses import replace

import pandas as pd
import pytest
from models_by_hand import model_by_hand
from tables_by_hand import by_hand

from estimation.learning.half_life import HALF_LIVES
from estimation.pages import calibration_wording as wording
from estimation.scoring.verdict import SKILL


def skill(**crps):
    rows = [
        {"candidate": name.replace("_", " "), "n_forecasts": 40, "n_projects": 20, "crps": value, "skill": 1 - value,
         "skill_lower": 0.9 - value, "skill_upper": 1.1 - value, "held_p50": 20, "held_p80": 31, "held_p90": 36}
        for name, value in crps.items()
    ]  # fmt: skip
    return by_hand(pd.DataFrame(rows).sort_values("crps", ignore_index=True), SKILL)


@pytest.mark.parametrize(
    ("count", "words"), [(31, "is what to expect."), (20, "the dates were too early"), (39, "too cautious")]
)
def test_how_often_p80_held_is_said_with_the_band_that_chance_allows(count, words):
    # 40 forecasts: 90 % of the time a true P80 holds 28 to 36 times.
    table = skill(full_model=0.5).assign(held_p80=pd.array([count], dtype="Int64"))
    said = wording.held(table, "full model", what="milestones")
    assert f"{count} of 40 dates of milestones given at 80 % held; 28 to 36 is what to expect" in said
    assert words in said


def test_the_verdict_on_milestones_names_a_better_way_where_there_is_one():
    said = wording.milestone_verdict(skill(raw_plan=1.0, full_model=0.7, pool=0.6))
    assert "came 30 % closer to what happened than the raw plan (90 % interval 20 % to 40 %)" in said
    assert "Best of all was 'pool', 16.7 % closer still: worth a look" in said


def test_without_a_backtest_the_verdict_says_so():
    empty = by_hand(pd.DataFrame(), SKILL)
    assert "No backtest was possible" in wording.milestone_verdict(empty)
    assert wording.finish_verdict(empty, "record") == ""


def finishes(matched, chained):
    return skill(
        raw_plan=1.0, courses_matched_to_the_record=matched, phases_chained_through_the_network=chained
    )


def test_the_verdict_on_finish_dates_names_the_way_that_speaks_and_why():
    assert "record of whole projects came 20 % closer" in wording.finish_verdict(finishes(0.4, 0.5), "record")
    close = wording.finish_verdict(finishes(0.5, 0.45), "record")
    assert "came 10 % closer, no more than chance would give" in close
    better = wording.finish_verdict(finishes(0.5, 0.25), "chained")
    assert "came 50 % closer than the record of whole projects, more than chance: forecasts chain" in better


def test_one_more_project_narrows_an_interval_by_the_square_root_of_the_counts():
    # Interval 1.5 x/÷ 1.44 from 9 projects: log half-width .3646; with ten .3646 sqrt(.9) = .3459, a factor of 1.41.
    # Trusted at 1.20: 9 x (.3646 / .1823)^2 = 36 projects.
    table = pd.DataFrame(
        {
            "phase": ["data"],
            "level": 0.8,
            "multiplier": 1.5,
            "lower": 1.5 / 1.44,
            "upper": 1.5 * 1.44,
            "n_projects": 9,
        }
    )
    said = wording.one_more_project(table)
    assert "to within times or divided by 1.44" in said
    assert "narrows that to about 1.41" in said
    assert "about 36 closed projects are needed" in said


def test_the_overview_leaves_recalibrated_ways_out_and_says_what_was_forecast():
    table = wording.skill_overview(skill(raw_plan=1.0, pool_recalibrated=0.5), skill(record=0.4))
    assert table["candidate"].tolist() == ["raw plan", "record"]
    assert table["forecast"].tolist() == ["milestones", "whole projects"]
    assert table["held_p80"].tolist() == ["78 %", "78 %"]  # 31 of 40
    assert table["skill"].tolist() == ["0 % (-10 to 10)", "60 % (50 to 70)"]


def half_lives(chosen):
    rows = [
        {"half_life_months": months, "crps": 0.2, "skill": gain, "skill_lower": gain - 0.04, "skill_upper": gain + 0.04,
         "chosen": months == chosen}
        for months, gain in ((6, 0.13), (12, 0.03), (None, 0.0))
    ]  # fmt: skip
    return by_hand(pd.DataFrame(rows), HALF_LIVES)


def test_a_half_life_that_would_have_helped_is_recommended_until_it_is_used():
    said = wording.half_life_finding(half_lives(6), 0)
    assert (
        "half after 6 months, past forecasts would have come 13 % closer (90 % interval 9 % to 17 %)" in said
    )
    assert said.endswith("Here all history counts the same. Consider half_life_months 6.")
    assert wording.half_life_finding(half_lives(6), 6.0).endswith("Here evidence counts half after 6 months.")


def test_where_forgetting_gains_nothing_for_certain_that_is_said_with_what_was_done():
    said = wording.half_life_finding(half_lives(None), 12.0)
    assert said == (
        "Counting older projects less would have gained no more than chance. Here evidence counts half after 12 months."
    )
    empty = by_hand(pd.DataFrame(), HALF_LIVES)
    assert "is not known. Here all history counts the same." in wording.half_life_finding(empty, 0)


def test_the_table_of_half_lives_says_what_each_would_have_gained():
    table = wording.half_life_overview(half_lives(6))
    assert table["counts"].tolist() == ["half after 6 months", "half after 12 months", "all the same"]
    assert table["gained"].tolist() == ["13.0 % (9.0 to 17.0)", "3.0 % (-1.0 to 7.0)", "–"]
    assert table["chosen"].tolist() == ["yes", "", ""]
    assert wording.half_life_overview(by_hand(pd.DataFrame(), HALF_LIVES)).empty


def multipliers(**p80):
    rows = [
        {"phase": phase, "level": level, "multiplier": value * level, "lower": 1.0, "upper": 3.0,
         "n_projects": 30, "n_rows": 90, "share_borrowed": 0.1, "standing": "stands alone"}
        for phase, value in p80.items() for level in (0.5, 0.8)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_largest_and_smallest_multiplier_are_named():
    finding = wording.multiplier_finding(multipliers(data_preparation=3.0, discovery=1.5))
    assert "Data preparation needs the largest allowance" in finding
    assert "multiply its estimates by 2.40" in finding  # 3.0 x .8
    assert "Discovery needs the smallest: 1.20" in finding


def test_the_overview_has_one_row_per_phase_with_the_interval_in_brackets():
    table = wording.multiplier_overview(multipliers(data_preparation=3.0, discovery=1.5))
    assert table["phase"].tolist() == ["Data preparation", "Discovery"]
    assert table["P80"].tolist() == ["2.40 (1.00–3.00)", "1.20 (1.00–3.00)"]


def test_the_evidence_names_projects_period_running_work_and_what_was_left_out():
    model = replace(
        model_by_hand(), n_projects=12, n_rows=1200, n_running=3, first_known="2025-01-07", last_known="2026-03-20",
        left_out=("copycat",), uses_running=False, r_hat=1.0, track_record="P80 held.",
        half_life_months=18.0, clients=("a", "b", "c", "d", "e"),
    )  # fmt: skip
    said = wording.model_evidence(model)
    assert "12 projects with 1,200 finished milestones, finished 7 Jan 2025 to 20 Mar 2026" in said
    assert "3 milestones still running were not used" in said
    assert "copy their plan: copycat" in said
    assert "half as much after 18 months" in said
    assert "5 clients are told apart in forecasts; the multipliers are those for a client never seen" in said
    assert "too little" not in said


def test_what_was_not_looked_at_is_not_mentioned():
    model = replace(model_by_hand(), n_projects=4, n_rows=40)
    assert "Older work counts less" not in wording.model_evidence(model)
    assert "clients" not in wording.model_evidence(model)


def test_one_multiplier_for_all_is_not_called_the_largest():
    finding = wording.multiplier_finding(multipliers(discovery=1.5, validation=1.5))
    assert finding == (
        "To hold eight times in ten, multiply estimates by 1.20 (90 % interval 1.00 to 3.00), whatever their phase."
    )


def test_a_finding_names_its_projects_where_it_has_some():
    table = pd.DataFrame({"message": ["1 project copies its plan", "2 added"], "project": ["atlas", None]})
    assert wording.with_projects(table)["message"].tolist() == [
        "1 project copies its plan (atlas)",
        "2 added",
    ]
