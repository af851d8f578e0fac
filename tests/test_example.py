"""The example portfolio: its script writes the files that lie there, and they have the shape they claim.

Durations are counted here with numpy's own working days, not with the code under test. The example knows no
holidays: Monday to Friday.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from estimation.calibration.model import fit_overruns
from estimation.calibration.multipliers import multiplier_table
from estimation.calibration.overruns import overrun_table
from estimation.ingest.sources import read_history, read_plan_table, read_status
from estimation.ledger.inputs import read_decisions, read_published
from estimation.publishing.model_file import load_model

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "example"
FILES = (
    "history.csv",
    "running.csv",
    "plans/contract-search.csv",
    "status/nlp-claims.csv",
    "status/demand-forecast.csv",
    "status/visual-inspection.csv",
    "told/plan.csv",
    "told/status.csv",
    "client.json",
    "decisions.csv",
)


def working_days(starts, finishes):
    """Count working days from start to finish, both included."""
    first = pd.to_datetime(starts).to_numpy().astype("datetime64[D]")
    last = pd.to_datetime(finishes).to_numpy().astype("datetime64[D]")
    return np.busday_count(first, last + 1)


@pytest.fixture(scope="module")
def history():
    return pd.read_csv(EXAMPLE / "history.csv", dtype={"milestone": "str"})


@pytest.fixture(scope="module")
def planned(history):
    """Milestones that a baseline knew, with their own durations and overrun ratio."""
    rows = history[history["baseline_start"].notna()]
    baseline_days = working_days(rows["baseline_start"], rows["baseline_finish"])
    actual_days = working_days(rows["actual_start"], rows["actual_finish"])
    return rows.assign(own_baseline=baseline_days, own_actual=actual_days, ratio=actual_days / baseline_days)


@pytest.fixture(scope="module")
def projects(history):
    """One row per closed project: start, planned and actual finish, finish ratio."""
    groups = history.groupby("project")
    table = pd.DataFrame(
        {
            "start": groups["project_start"].first(),
            "planned": groups["baseline_finish"].max(),
            "actual": groups["actual_finish"].max(),
        }
    )
    ratio = working_days(table["start"], table["actual"]) / working_days(table["start"], table["planned"])
    return table.assign(finish_ratio=ratio)


@pytest.fixture(scope="module")
def story(history):
    rows = history[history["project"] == "nlp-claims"].set_index("milestone")
    return rows.assign(
        own_baseline=working_days(rows["baseline_start"], rows["baseline_finish"]),
        own_actual=working_days(rows["actual_start"], rows["actual_finish"]),
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    subprocess.run([sys.executable, "-B", "-W", "error", EXAMPLE / "make_example.py", folder], check=True)
    return folder


@pytest.mark.slow
def test_the_script_writes_the_same_files_byte_for_byte(written):
    names = sorted(str(path.relative_to(written)) for path in written.rglob("*") if path.is_file())
    assert names == sorted([*FILES, "forecasts/published.csv", "model.json"])
    assert [name for name in FILES if (written / name).read_bytes() != (EXAMPLE / name).read_bytes()] == []


@pytest.mark.slow
def test_the_published_forecasts_are_those_that_the_script_makes(written):
    # Dates come from a sampled model: another machine's arithmetic may move one by a day, seldom by two.
    made, saved = (read_published(folder / "forecasts" / "published.csv") for folder in (written, EXAMPLE))
    same = [name for name in made if name != "finish"]
    pd.testing.assert_frame_equal(made[same], saved[same])
    assert (made["finish"] - saved["finish"]).abs().max() <= pd.Timedelta(days=4)


def test_forecasts_were_published_at_the_start_once_ten_projects_had_closed(history):
    published = read_published(EXAMPLE / "forecasts" / "published.csv")
    starts = (
        pd.concat([history, pd.read_csv(EXAMPLE / "running.csv")]).groupby("project")["project_start"].first()
    )
    assert (published["as_of"] == pd.to_datetime(published["project"].map(starts))).all()
    tenth = history.groupby("project")["actual_finish"].max().sort_values().iloc[9]
    assert published["as_of"].min() > pd.Timestamp(tenth)
    assert set(published["level"]) == {0.5, 0.8, 0.9}
    # Nineteen milestones and the project, three levels each.
    assert set(published.groupby("project").size()) == {60}
    whole = published[(published["milestone"] == "project") & (published["level"] == 0.8)]
    assert whole["finish"].dt.to_period("Q").nunique() >= 6


def test_the_saved_model_is_the_one_that_the_history_gives():
    saved = load_model(EXAMPLE / "model.json")
    fitted = fit_overruns(overrun_table(read_history(EXAMPLE / "history.csv")), seed=saved.seed)
    assert saved.history_hash == fitted.history_hash
    pd.testing.assert_frame_equal(multiplier_table(saved), multiplier_table(fitted), rtol=1e-3)


@pytest.mark.parametrize("name", FILES)
def test_files_are_plain_text(name):
    content = (EXAMPLE / name).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    content.decode("ascii")


def test_every_file_passes_the_gate():
    assert read_history(EXAMPLE)["project"].nunique() == 72 + 2
    assert len(read_plan_table(EXAMPLE / "plans" / "contract-search.csv")) == 19
    # Status: 19 milestones times 8, 13 and 12 Fridays.
    counts = [len(read_status(EXAMPLE / name)) for name in FILES if name.startswith("status")]
    assert counts == [19 * 8, 19 * 13, 19 * 12]


def test_decisions_were_made_when_their_projects_had_closed(projects):
    decisions = read_decisions("", history=EXAMPLE / "history.csv")
    assert decisions["project"].value_counts().to_dict() == {"complaint-themes": 2, "nlp-claims": 3}
    closed = pd.to_datetime(decisions["project"].map(projects["actual"]))
    assert (decisions["decided_on"] > closed).all()
    assert (decisions["decided_on"] < closed + pd.Timedelta(days=14)).all()


def test_72_projects_are_closed_five_or_more_in_each_quarter(history, projects):
    assert len(projects) == 72
    assert set(history["closed_as"]) == {"delivered"}
    closed = pd.to_datetime(projects["actual"]).dt.to_period("Q").value_counts()
    assert sorted(map(str, closed.index)) == [str(pd.Period("2023Q4") + n) for n in range(13)]
    assert closed.min() >= 5


def test_each_project_has_the_nineteen_milestones_and_at_most_three_more(history):
    added = history["added_after_baseline"] == "yes"
    assert set(history[~added].groupby("project").size()) == {19}
    assert history[added].groupby("project").size().between(1, 3).all()
    assert history.loc[added, ["baseline_start", "baseline_finish", "baseline_days"]].isna().all(axis=None)


def test_plans_are_five_to_twenty_weeks_long(projects):
    weeks = working_days(projects["start"], projects["planned"]) / 5
    assert weeks.min() >= 5
    assert weeks.max() <= 20


def test_planned_days_are_those_between_the_planned_dates(planned):
    assert (planned["own_baseline"] == planned["baseline_days"]).all()


def test_nothing_is_finished_before_it_starts_or_after_the_status_date(history):
    running = pd.read_csv(EXAMPLE / "running.csv")
    rows = pd.concat([history, running])
    done = rows[rows["actual_finish"].notna()]
    assert (done["actual_start"] <= done["actual_finish"]).all()
    assert rows[["actual_start", "actual_finish"]].max().max() <= "2026-11-06"
    assert (rows["actual_start"].dropna() >= rows.loc[rows["actual_start"].notna(), "project_start"]).all()


def test_dates_are_working_days(history):
    for column in ("project_start", "baseline_start", "baseline_finish", "actual_start", "actual_finish"):
        days = pd.to_datetime(history[column].dropna())
        assert days.dt.day_of_week.max() <= 4


def test_no_work_starts_before_its_predecessors_are_finished(history):
    # Plain links and one lag: "4.3FS+1d" leaves one working day between finish and start.
    finish = history.set_index(["project", "milestone"])["actual_finish"].to_dict()
    for row in history[history["depends_on"].notna()].itertuples():
        for piece in row.depends_on.split("; "):
            predecessor, _, lag = piece.partition("FS+")
            between = np.busday_count(finish[row.project, predecessor], row.actual_start) - 1
            assert between >= int(lag.rstrip("d") or 0), (row.project, row.milestone, piece)


def test_a_third_of_the_milestones_takes_exactly_what_was_planned(planned):
    assert 0.25 <= (planned["ratio"] == 1).mean() <= 0.50


def test_data_preparation_takes_three_times_its_estimate_and_has_a_tail(planned):
    p50 = multiplier_table(load_model(EXAMPLE / "model.json"), levels=(0.5,)).set_index("phase")["multiplier"]
    assert p50.pop("data_preparation") == pytest.approx(3, abs=0.25)
    assert p50.between(1.1, 1.35).all()
    ratios = planned.groupby("phase")["ratio"]
    median, p90 = ratios.median(), ratios.quantile(0.9)
    assert median["data_preparation"] == median.max()
    assert median["data_preparation"] == pytest.approx(3, abs=0.25)
    assert 4.5 < p90["data_preparation"] == p90.max()
    assert ratios.max()["data_preparation"] == pytest.approx(6, abs=0.5)
    assert median.drop("data_preparation").between(1.0, 1.25).all()


def test_data_preparation_got_better_over_the_years(planned):
    rows = planned[planned["phase"] == "data_preparation"]
    by_year = np.log(rows["ratio"]).groupby(rows["actual_finish"].str[:4]).mean()
    assert by_year["2026"] < by_year["2025"] < by_year["2024"]


def test_most_projects_end_late_by_a_third_to_two_thirds(projects):
    assert 0.9 <= (projects["finish_ratio"] > 1).mean() < 1
    assert 0.35 <= np.log(projects["finish_ratio"]).mean() <= 0.45
    lower, upper = projects["finish_ratio"].quantile([0.25, 0.75])
    assert 1.25 <= lower < 1.4 < 1.6 < upper <= 1.75


def test_projects_share_their_luck(planned):
    # Were milestones independent, project means of n = 19 would spread by the rest's sd / sqrt(19).
    z = np.log(planned["ratio"]) - np.log(planned["ratio"]).groupby(planned["phase"]).transform("mean")
    between = z.groupby(planned["project"]).mean().std()
    assert between > 1.5 * z.std() / np.sqrt(19)


def test_causes_stand_where_more_than_two_days_were_lost_and_nowhere_else(planned):
    lost = planned["own_actual"] - planned["own_baseline"]
    waited = planned["waiting_days"].fillna(0)
    large = (lost - waited > 2) | (waited > 2)
    assert planned.loc[large, "cause"].notna().all()
    # What else has a cause started late, for want of people.
    assert set(planned.loc[~large & planned["cause"].notna(), "cause"]) <= {"staffing"}
    assert (planned["cause"].notna() == planned["cause_note"].notna()).all()


def test_waiting_is_recorded_where_clients_decide(history):
    waited = history[history["waiting_days"].notna()]
    assert set(waited["milestone"]) == {"1.1", "1.3", "3.4", "5.1", "5.4"}


def test_the_story_was_planned_and_promised_in_five_weeks_and_took_eight(story):
    # Monday 2 February 2026 + 25 working days: Friday 6 March; + 27: Tuesday 10 March; + 40: Friday 27 March.
    assert story["baseline_finish"].max() == "2026-03-06"
    assert story.loc["5.4", "promised_finish"] == "2026-03-10"
    assert story["actual_finish"].max() == "2026-03-27"
    start = story["project_start"].iloc[0]
    assert working_days([start] * 3, ["2026-03-06", "2026-03-10", "2026-03-27"]).tolist() == [25, 27, 40]


def test_the_story_lost_five_days_in_each_of_three_milestones_and_none_elsewhere(story):
    over = story["own_actual"] - story["own_baseline"]
    assert over[over != 0].to_dict() == {"2.2": 5, "3.3": 5, "4.2": 5}
    assert story["cause"].dropna().to_dict() == {
        "2.2": "data_quality",
        "3.3": "extra_iteration",
        "4.2": "infrastructure",
    }
    assert story.loc["3.3", ["iterations_planned", "iterations_actual"]].tolist() == [1, 2]


def test_the_story_lost_its_days_in_weeks_three_five_and_seven(story):
    # Weeks end on Fridays 6, 13, 20, 27 February and 6, 13, 20, 27 March. Without its own five days each of the
    # three would have finished exactly a week earlier: the lost days fill weeks three, five and seven.
    finishes = story.loc[["2.2", "3.3", "4.2"], "actual_finish"].tolist()
    assert finishes == ["2026-02-20", "2026-03-06", "2026-03-20"]
    assert story.loc["2.2", "baseline_finish"] == "2026-02-13"  # so that it is overdue all through week three


def test_the_story_was_reported_green_until_it_was_too_late():
    status = pd.read_csv(EXAMPLE / "status" / "nlp-claims.csv", dtype={"milestone": "str"})
    weeks = status.groupby("as_of")
    assert weeks["reported_status"].nunique().max() == 1
    assert weeks["reported_status"].first().tolist() == ["green"] * 6 + ["yellow", "red"]
    assert weeks["reason"].count().eq(0).tolist() == [True] * 6 + [False] * 2
    # The end was forecast on its planned day until week three, when five days were lost already.
    end = status[status["milestone"] == "5.4"]["forecast_finish"].tolist()
    assert end[:3] == ["2026-03-06"] * 3
    assert end == sorted(end)


@pytest.mark.parametrize("project", ["nlp-claims", "demand-forecast", "visual-inspection"])
def test_status_updates_know_nothing_of_the_future(project):
    status = pd.read_csv(EXAMPLE / "status" / f"{project}.csv")
    for column in ("actual_start", "actual_finish"):
        known = status[status[column].notna()]
        assert (known[column] <= known["as_of"]).all()
    still_open = status[status["actual_finish"].isna()]
    assert (still_open["forecast_finish"] > still_open["as_of"]).all()
    assert status["percent_complete"].between(0, 1).all()
    assert ((status["percent_complete"] == 1) == status["actual_finish"].notna()).all()
    assert pd.to_datetime(status["as_of"]).dt.day_of_week.eq(4).all()
    assert status["as_of"].max() == ("2026-03-27" if project == "nlp-claims" else "2026-11-06")


def test_one_running_project_is_healthy_and_one_drifts_in_silence():
    running = pd.read_csv(EXAMPLE / "running.csv", dtype={"milestone": "str"})
    done = running[running["actual_finish"].notna()]
    late = working_days(done["baseline_finish"], done["actual_finish"]) - 1
    worst = pd.Series(late, index=done["project"]).groupby(level=0).max()
    assert worst["demand-forecast"] <= 5
    assert worst["visual-inspection"] > 15
    drifting = pd.read_csv(EXAMPLE / "status" / "visual-inspection.csv", dtype={"milestone": "str"})
    assert "reason" not in drifting
    ends = drifting[drifting["milestone"] == "5.4"]
    planned_end = running.loc[(running["project"] == "visual-inspection") & (running["milestone"] == "5.4")]
    assert (ends["forecast_finish"].iloc[:-1] == planned_end["baseline_finish"].item()).all()


def test_the_healthy_project_was_planned_with_factors_and_tells_its_estimates():
    running = pd.read_csv(EXAMPLE / "running.csv").set_index("project")
    rows = running.loc["demand-forecast"]
    assert (rows["baseline_days"] / rows["estimate_days"]).tolist() == pytest.approx(
        rows["factor_used"].tolist(), abs=0.001
    )
    assert set(rows.loc[rows["phase"] == "data_preparation", "factor_used"]) == {3}
    assert running.loc["visual-inspection", ["estimate_days", "factor_used"]].isna().all(axis=None)


def test_the_new_plan_promises_its_last_day_and_a_quarter_of_its_length():
    # 78 working days, a quarter of them 19.5: 20 in reserve.
    plan = pd.read_csv(EXAMPLE / "plans" / "contract-search.csv", dtype={"milestone": "str"})
    assert set(plan["project_start"]) == {"2026-11-16"}
    last = plan.set_index("milestone").loc["5.4"]
    assert last["baseline_finish"] == plan["baseline_finish"].max()
    ends = [last["baseline_finish"], last["promised_finish"]]
    assert working_days(["2026-11-16"] * 2, ends).tolist() == [78, 98]
    assert plan["promised_finish"].notna().sum() == 1
