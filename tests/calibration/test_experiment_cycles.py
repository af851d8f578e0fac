import numpy as np
import pytest
from models_by_hand import even_cycles
from tables_by_hand import history

from estimation.calibration.experiment_cycles import EVENEST, ExperimentCycles, fit_experiment_cycles


def rounds(number, planned, actual, *, baseline_days=10.0, days=10.0, **row):
    return {
        "milestone": str(number),
        "project": f"p{number}",
        "baseline_days": baseline_days,
        "actual_days": days,
        "iterations_planned": planned,
        "iterations_actual": actual,
        "closed_as": "delivered",
        "actual_finish": "2026-03-20",
        **row,
    }


def test_rounds_are_added_up_with_eight_planned_rounds_that_went_as_planned():
    # 4 + 2 planned, 6 + 4 actual: (10 + 8) / (6 + 8).
    cycles = fit_experiment_cycles(history(rounds(1, 4, 6), rounds(2, 2, 4)))
    assert (cycles.actual_rounds, cycles.planned_rounds) == (18, 14)
    assert (cycles.n_rows, cycles.n_projects) == (2, 2)


def test_days_per_round_are_compared_with_the_plan_and_leaned_on_other_work():
    # 10 days for 2 rounds planned, 30 days for 3 taken: 10 against 5 per round, log 2; alone with five rows of 0
    # mean log 2 / 6. Squares: (5/6 log 2)^2 + 5 * (.3^2 + (log 2 / 6)^2), over 6.
    cycles = fit_experiment_cycles(history(rounds(1, 2, 3, days=30.0)))
    log2 = np.log(2)
    assert cycles.log_ratio_per_round == pytest.approx(log2 / 6)
    squares = (5 / 6 * log2) ** 2 + 5 * (0.09 + (log2 / 6) ** 2)
    assert cycles.sd_per_round == pytest.approx(np.sqrt(squares / 6))


def test_evenness_is_what_exceeds_the_scatter_of_chance():
    # Planned 4 each, took 1 and 9: total (10 + 8) / (8 + 8) = 9/8, expected 4.5 each. Squares 12.25 + 20.25 = 32.5,
    # less 9 of Poisson is 23.5, with the prior 5 * .1 * 20.25 = 10.125: 33.625. Evenness 40.5 / 33.625.
    cycles = fit_experiment_cycles(history(rounds(1, 4, 1), rounds(2, 4, 9)))
    assert cycles.evenness == pytest.approx(40.5 / 33.625)


def test_rounds_as_even_as_the_plan_leave_chance_alone():
    # Expected 40 each and 40 each came: -200 of excess, and the prior's 5 * .1 * 1600 = 800 stays: 8000 / 600.
    five = [rounds(n, 40, 40) for n in range(5)]
    assert fit_experiment_cycles(history(*five)).evenness == pytest.approx(8000 / 600)
    # Expected 4 each over 30 rows: -120 of excess, 8 of prior: as even as it gets.
    thirty = [rounds(n, 4, 4) for n in range(30)]
    assert fit_experiment_cycles(history(*thirty)).evenness == EVENEST


def test_only_finished_milestones_with_both_counts_speak():
    running = rounds(3, 2, 9, closed_as=None, actual_finish=None)
    later = rounds(4, 2, 9, actual_finish="2026-06-01")
    rows = history(rounds(1, 4, 6), rounds(2, None, 5), running, later)
    assert fit_experiment_cycles(rows, as_of="2026-04-01").n_rows == 1
    assert fit_experiment_cycles(rows).n_rows == 2
    assert fit_experiment_cycles(history(rounds(2, None, 5))) is None


def test_drawn_rounds_have_the_mean_and_the_scatter_of_the_negative_binomial():
    # Planned 12, rate exactly 1.5, evenness 4: mean 18, one of them for sure, variance 17 + 18^2 / 4 = 98.
    # n = 100,000: standard error of the mean .031, of the variance about 1 %.
    cycles = ExperimentCycles(1.5e7, 1e7, 4.0, 0.0, 0.0, 100, 20)
    drawn = cycles.draw(12, 100_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(18, abs=0.16)
    assert drawn.var() == pytest.approx(98, rel=0.03)


def test_a_short_history_makes_the_rate_itself_uncertain():
    # Gamma rate of shape 18: adds about 18^2 / 18 = 18 to the variance; rate mean 18 / 12 = 1.5.
    cycles = ExperimentCycles(18.0, 12.0, 4.0, 0.0, 0.0, 2, 2)
    drawn = cycles.draw(12, 200_000, np.random.default_rng(1))
    # Var of a product of gammas of mean 1: (1 + 1/18)(1 + 1/4) - 1 = .31944; times 324 is 103.5, and Poisson's 17.
    assert drawn.var() == pytest.approx(120.5, rel=0.03)


def test_no_milestone_takes_less_than_one_round_and_one_planned_takes_one_on_average():
    # Two planned: 1 + Poisson(1), which is 1 with e^-1 = .3679. Standard error of a share .0015, of the mean .003.
    drawn = even_cycles().draw(2, 100_000, np.random.default_rng(1))
    assert drawn.min() == 1
    assert (drawn == 1).mean() == pytest.approx(np.exp(-1), abs=0.008)
    assert drawn.mean() == pytest.approx(2, abs=0.016)
    # One planned and nothing uncertain: one.
    assert even_cycles().draw(1, 10_000, np.random.default_rng(1)).mean() == pytest.approx(1, abs=0.002)
