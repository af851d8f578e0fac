import numpy as np
import pandas as pd
import pytest
from tables_by_hand import history

from estimation.calibration import measured_history
from estimation.calibration.data_quality import data_quality
from estimation.calibration.measured_history import MeasuredHistory, told
from estimation.learning.calibrate import calibrate
from estimation.learning.finish_choice import choose_finish_way
from estimation.learning.half_life import choose_half_life
from estimation.pages.displays import show_progress
from estimation.scoring.backtest import backtest
from estimation.scoring.candidates import CANDIDATES
from estimation.scoring.finish_backtest import FINISH_CANDIDATES, backtest_finishes

SOME = {name: CANDIDATES[name] for name in ("raw plan", "closed form", "full model")}


RAW = {"raw plan": FINISH_CANDIDATES["raw plan"]}


def closed(n_projects):
    """Projects of two milestones of two weeks, begun every four weeks; the second ends up to four days late."""
    rows = []
    for k in range(n_projects):
        start = np.busday_offset("2023-01-02", 20 * k)
        for number, phase in enumerate(("design", "work")):
            planned = np.busday_offset(start, 10 * number + 9)
            dates = {"project_start": start, "baseline_start": np.busday_offset(start, 10 * number)}
            dates |= {"baseline_finish": planned, "actual_finish": np.busday_offset(planned, k * number % 5)}
            texts = {name: str(date) for name, date in dates.items()}
            rows.append({"project": f"p{k:02d}", "milestone": str(number), "phase": phase, **texts})
    return history(*rows)


@pytest.fixture(scope="module")
def table():
    return closed(26)


@pytest.fixture
def fits(monkeypatch):
    """What was fitted, by rows known, last day and options; and how often the history was measured."""
    asked = []
    fit, measure = measured_history.fit_overruns, measured_history.own_durations

    def counted(overruns, **how):
        asked.append((len(overruns), str(overruns["known_on"].max()), *sorted(how.items())))
        return fit(overruns, **how)

    monkeypatch.setattr(measured_history, "fit_overruns", counted)
    monkeypatch.setattr(
        measured_history, "own_durations", lambda table: asked.append("measured") or measure(table)
    )
    return asked


def test_each_fold_is_fitted_once_in_a_report(table, fits):
    known = MeasuredHistory(table)
    model = calibrate(known, seed=1, sweeps=20)
    after_the_choice = len(fits)
    scores = backtest_finishes(known, seed=1)
    assert len(fits) == after_the_choice  # the notebook's page asks for the folds that the choice was made on
    backtest(known, seed=1, candidates=SOME, origins=3)
    choose_half_life(known, seed=1, origins=3)
    data_quality(known)
    assert len(set(fits)) == len(fits)
    assert fits.count("measured") == 1
    # Half-lives: four besides "all the same" at three origins; that one is the closed form of the backtest.
    half_lives = [dict(one[2:])["half_life_months"] for one in fits if one != "measured"]
    assert sum(months is not None for months in half_lives) == 4 * 3
    assert choose_finish_way(scores, seed=1) == model.finish_way


def test_a_measured_history_gives_what_the_table_gives(table):
    known = MeasuredHistory(table)
    choose_half_life(known, seed=1, origins=3)  # what was made before changes nothing
    for verb in (
        lambda given: backtest(given, seed=1, candidates=SOME, origins=3),
        lambda given: backtest_finishes(given, seed=1, latest=6, origins=2),
        lambda given: choose_half_life(given, seed=1, origins=3)[1],
        lambda given: calibrate(given, seed=1, sweeps=20, finish_way="record").phases,
        data_quality,
    ):
        pd.testing.assert_frame_equal(verb(known), verb(table))


def test_the_way_chosen_is_that_of_the_verbs_apart(table):
    scores = backtest_finishes(table, seed=2, as_of="2024-12-31")
    way = calibrate(table, seed=2, sweeps=20, as_of="2024-12-31").finish_way
    assert way == choose_finish_way(scores, seed=2)


@pytest.mark.parametrize(
    ("of", "verb"),
    [
        # Of finishes those of the backtest, and beside them, by their share, those of the projects that started before.
        (12 + 5, lambda table, told: calibrate(table, seed=1, sweeps=20, progress=told)),
        (
            4 + 2,
            lambda table, told: backtest_finishes(table, seed=1, origins=4, candidates=RAW, progress=told),
        ),
        (3, lambda table, told: backtest(table, seed=1, origins=3, candidates=SOME, progress=told)),
        (2, lambda table, told: choose_half_life(table, seed=1, origins=2, progress=told)),
    ],
)
def test_progress_tells_every_fold_and_ends_at_the_total(table, of, verb):
    said = []
    verb(table, lambda done, all_of_them: said.append((done, all_of_them)))
    assert said == [(done, of) for done in range(1, of + 1)]


def test_without_progress_nothing_is_told(table, capsys):
    assert list(told([1, 2], None)) == [1, 2]
    calibrate(table, seed=1, sweeps=20)
    assert capsys.readouterr() == ("", "")


def test_progress_is_one_line_that_ends(capsys):
    for done in (1, 2):
        show_progress("Folds")(done, 2)
    assert capsys.readouterr().err == "\rFolds: 1 of 2\rFolds: 2 of 2\n"
