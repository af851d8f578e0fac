from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from models_by_hand import growth_by_hand, model_by_hand, on_plan_model, record_by_hand
from tables_by_hand import plan_rows, status_rows

from estimation.forecasting.iterations import Added, project_if, simulate_chunk
from estimation.forecasting.simulation import setup_of
from estimation.project.plan import build_plan
from estimation.project.standing import standing_of


def chain(*days, **columns):
    rows = [
        {"milestone": str(k + 1), "baseline_days": float(own), "depends_on": str(k) if k else ""}
        | {name: values[k] for name, values in columns.items()}
        for k, own in enumerate(days)
    ]
    return build_plan(plan_rows(*rows))


def setup(plan, model, *, record=None, as_of=None, status=(), way="auto", grows=True):
    rows = status_rows(*status) if status else None
    standing = None if as_of is None else standing_of(plan, rows, as_of)
    return setup_of(plan, model, record=record, standing=standing, way=way, scope_growth=grows)


def simulated(setup, size=500, *, seed=1, **how):
    return simulate_chunk(setup, np.random.SeedSequence(seed), size, **how)


def busy_plan():
    """Dates from outside, risks, and two paths that meet."""
    return build_plan(
        plan_rows(
            {
                "milestone": "A",
                "baseline_days": 5.0,
                "depends_on": "",
                "not_before": None,
                "fixed_finish": None,
            },
            {"milestone": "B", "baseline_days": 9.0, "depends_on": "A", "not_before": "2026-03-16"},
            {
                "milestone": "C",
                "baseline_days": 8.0,
                "depends_on": "A SS+2d",
                "risk_prob": 0.4,
                "risk_days": 6.0,
            },
            {
                "milestone": "D",
                "baseline_days": 4.0,
                "depends_on": "B; C FF+1d",
                "fixed_finish": "2026-04-10",
            },
        )
    )


def busy_games():
    model = model_by_hand(spread=0.4, project_sd=0.2, on_plan=0.1)
    growing = replace(model, scope_growth=growth_by_hand(0.3, size=0.8, in_series=0.5))
    record = record_by_hand(np.linspace(-0.4, 0.5, 40))
    for way in ("record", "chained"):
        for grows in (True, False):
            yield setup(busy_plan(), growing, record=record, way=way, grows=grows)
    begun = ({"milestone": "A", "actual_finish": "2026-03-10"}, {"milestone": "C", "percent_complete": 0.3})
    yield setup(busy_plan(), growing, as_of="2026-03-13", status=begun)


@pytest.mark.parametrize("number", range(5))
def test_the_same_durations_once_more_give_the_same_finish(number):
    asked = list(busy_games())[number]
    chunk = simulated(asked, detailed=True)
    again = project_if(asked, chunk.detail, chunk.detail.durations)
    np.testing.assert_array_equal(again, chunk.project)


def test_detail_changes_nothing_and_the_same_stream_gives_the_same_iterations():
    for asked in busy_games():
        plain, detailed, other = simulated(asked), simulated(asked, detailed=True), simulated(asked, seed=2)
        assert (plain.finishes == detailed.finishes).all()
        assert (plain.project == detailed.project).all()
        assert (plain.project != other.project).any()


def test_finishes_are_written_where_they_are_wanted():
    room = np.zeros((2, 500), np.float32)
    chunk = simulated(setup(chain(5, 5), model_by_hand()), out=room)
    assert chunk.finishes is room
    assert room.min() > 0


def test_detail_tells_durations_places_and_stretch_before_matching():
    chunk = simulated(
        setup(chain(4, 6), on_plan_model(), record=record_by_hand([np.log(3.0)])), detailed=True
    )
    detail = chunk.detail
    assert (detail.durations[:, 0].tolist(), detail.starts[:, 0].tolist()) == ([4, 6], [0, 4])
    assert detail.finishes[:, 0].tolist() == [4, 10]
    assert detail.stretch == pytest.approx(np.full(500, 3.0))
    # Milestone 1 has 4 of 10 days of the way: 4 * 3 ** sqrt(.4) = 8.0134.
    assert chunk.finishes[:, 0] == pytest.approx([8.0134, 30], abs=1e-3)


def test_other_durations_move_the_finish_with_the_stretch_of_the_iteration_and_the_work_beside_it():
    # All on plan, 4 + 6 days; each milestone brings exactly so much work beside it as it brings: one of 5 days.
    asked = setup(chain(4, 6), on_plan_model(), record=record_by_hand([np.log(3.0)]))
    detail = simulated(asked, size=2, detailed=True).detail
    beside = Added(np.array([0, 1]), np.array([0, 1]), np.array([5, 5], np.float32), np.array([False, False]))
    detail = replace(detail, added=beside)
    shorter = np.array([[4, 4], [2, 2]], np.float32)
    # Course 0: 2 is done on 6, the work beside 1 on 9. Course 1: the work after 2 on 6 + 5 = 11. Stretched by 3.
    assert project_if(asked, detail, shorter) == pytest.approx([27, 33])


def test_added_work_of_some_milestones_can_be_told_apart():
    added = Added(
        np.array([0, 2, 2]),
        np.array([5, 6, 7]),
        np.array([1, 2, 3], np.float32),
        np.array([True, False, True]),
    )
    kept = added.of(np.array([True, False, False]))
    assert (kept.milestone.tolist(), kept.iteration.tolist(), kept.days.tolist()) == ([0], [5], [1])
    assert added.of(np.array([False, True, True])).in_series.tolist() == [False, True]


def test_without_a_shared_effect_milestones_have_nothing_in_common():
    # Correlation of log durations: all of it shared 1 (spread nothing), each its own 0; standard error 1 / sqrt(4000).
    asked = setup(chain(5, 5), model_by_hand(spread=0.0, project_sd=0.4), way="chained")
    for shared, expected in ((True, 1.0), (False, 0.0)):
        days = np.log(simulated(replace(asked, shared_effect=shared), 4000, detailed=True).detail.durations)
        assert np.corrcoef(days)[0, 1] == pytest.approx(expected, abs=0.07)
        assert days.std(axis=1) == pytest.approx([0.4, 0.4], rel=0.02)


def test_growth_never_comes_to_finished_work():
    # 1 is finished; work of 5 days on average comes to 2 only: 0.5 of it in the mean.
    growing = on_plan_model(scope_growth=growth_by_hand(0.5))
    done = {"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-06"}
    finishes = simulated(
        setup(chain(5, 5), growing, as_of="2026-03-06", status=[done], way="chained"), 4000
    ).finishes
    assert (finishes[0] == 5).all()
    # 5 sqrt(.5 / 4000) = .056 is the standard error of the mean.
    assert finishes[1].mean() == pytest.approx(12.5, abs=0.25)


def test_running_work_of_no_planned_days_ends_with_the_status_date_unless_more_is_said():
    walked = {"way": "chained", "as_of": "2026-03-06"}
    begun = {"milestone": "1", "actual_start": "2026-03-02"}
    silent = simulated(setup(chain(0, 5), on_plan_model(), **walked, status=[begun]))
    assert (silent.finishes[0] == 5).all()
    said = {**begun, "as_of": "2026-03-06", "remaining_days": 3.0}
    reported = simulated(setup(chain(0, 5), on_plan_model(), **walked, status=[said]))
    assert (reported.finishes[0] == 8).all()


def matched_to(asked, finish):
    return simulated(replace(asked, finish_nodes=np.array([float(finish)])), size=100)


def test_a_running_project_is_matched_from_the_status_date_on():
    # 1 took eight days, 2 would take ten more from day 10 on. To end on day 30, these become twenty.
    done = {"milestone": "1", "actual_start": "2026-03-02", "actual_finish": "2026-03-11"}
    plain = setup(chain(8, 10), on_plan_model(), as_of="2026-03-13", status=[done])
    dated = setup(
        chain(8, 10, not_before=[None, "2026-03-16"]), on_plan_model(), as_of="2026-03-13", status=[done]
    )
    for asked in (plain, dated):
        chunk = matched_to(asked, 30)
        assert (chunk.finishes == np.array([[8], [30]])).all()
        assert (chunk.project == 30).all()
    # It cannot end before today.
    assert (matched_to(plain, 4).finishes == np.array([[8], [10]])).all()


def test_what_running_work_has_taken_stays_and_its_date_is_past():
    # Begun on day 5, 15 days in all: on day 10 ten are left, and one of 2: eleven. To end on day 32 these become 22.
    begun = {"milestone": "1", "actual_start": "2026-03-09"}
    dated = chain(15, 1, not_before=["2026-03-09", None])
    asked = setup(dated, on_plan_model(), as_of="2026-03-13", status=[begun])
    chunk = matched_to(asked, 32)
    # 1 has 10 of 11 days of the rest: 10 + 10 * 2 ** sqrt(10 / 11) = 29.366.
    assert chunk.finishes[:, 0] == pytest.approx([29.366, 32], abs=2e-3)


def chain_with_risk(place, days):
    """Three milestones of ten days one after another, one of them with a certain risk of so many days."""
    certain = [1.0 if k == place else None for k in range(3)]
    return chain(10, 10, 10, risk_prob=certain, risk_days=[days] * 3)


@pytest.mark.parametrize("ratios", [[-0.7], [0.0], [0.9], np.linspace(-0.5, 0.8, 40)])
@pytest.mark.parametrize("begun", [False, True])
def test_a_certain_risk_adds_its_days_to_what_waits_for_it_and_to_nothing_before(ratios, begun):
    # The risk of 20 days is on the second of three: whatever the record says of the course, the third and the end are
    # 20 days later, the first is where it was. The second may have been held by the first before, some hours at most.
    how = {"record": record_by_hand(np.asarray(ratios))}
    if begun:
        done = {"milestone": "1", "percent_complete": 0.4, "as_of": "2026-03-06"}
        how |= {"as_of": pd.Timestamp("2026-03-06"), "status": (done,)}
    model = model_by_hand(spread=0.3, project_sd=0.2)
    calm, risky = (simulated(setup(chain_with_risk(1, days), model, **how)) for days in (0.0, 20.0))
    later = risky.finishes - calm.finishes
    np.testing.assert_allclose(later[[0, 2]], np.tile([[0.0], [20.0]], 500), atol=2e-3)
    np.testing.assert_allclose(risky.project - calm.project, 20, atol=2e-3)
    assert later[1].min() > 19
    assert later[1].max() < 20.002
    assert np.median(later[1]) == pytest.approx(20, abs=2e-3)


def test_float_takes_a_risk_up_before_it_is_late():
    # A and B side by side, 4 and 10 days, C after both, all on plan and stretched by 1.5: A has 1.5 * 6 = 9 days of
    # float. Of a risk of 20 days on A, 11 reach C and the end; of one of 8 days nothing does.
    def diamond(prob, days):
        rows = [
            {"milestone": "A", "baseline_days": 4.0, "risk_prob": prob, "risk_days": days, "depends_on": ""},
            {"milestone": "B", "baseline_days": 10.0, "depends_on": ""},
            {"milestone": "C", "baseline_days": 5.0, "depends_on": "A; B"},
        ]
        return build_plan(plan_rows(*rows))

    for days, reaches in ((20.0, 11), (8.0, 0)):
        calm, risky = (
            simulated(setup(diamond(prob, days), on_plan_model(), record=record_by_hand([np.log(1.5)])))
            for prob in (0.0, 1.0)
        )
        np.testing.assert_allclose(risky.project - calm.project, reaches, atol=1e-3)
        np.testing.assert_allclose(risky.finishes[2] - calm.finishes[2], reaches, atol=1e-3)
        np.testing.assert_allclose(risky.finishes[1], calm.finishes[1])


@pytest.mark.parametrize("way", ["record", "chained"])
def test_a_larger_risk_makes_nothing_earlier(way):
    def finishes(days):
        rows = busy_plan().milestones.copy()
        rows.loc[rows["milestone"] == "C", "risk_days"] = days
        growing = replace(
            model_by_hand(spread=0.4, project_sd=0.2),
            scope_growth=growth_by_hand(0.3, size=0.8, in_series=0.5),
        )
        chunk = simulated(
            setup(build_plan(rows), growing, record=record_by_hand(np.linspace(-0.4, 0.5, 40)), way=way)
        )
        return np.vstack([chunk.finishes, chunk.project])

    steps = [finishes(days) for days in (0.0, 1.0, 4.0, 15.0, 60.0)]
    for less, more in pairwise(steps):
        assert (more >= less - 1e-3).all()
    assert (steps[-1][-1] > steps[0][-1] + 20).any()


def test_a_course_that_the_record_ends_today_still_has_its_risk():
    # Every finish of the record lies on the status date; a risk of 20 days is 20 days from there on.
    done = {"milestone": "1", "percent_complete": 0.9, "as_of": "2026-03-13"}
    asked = setup(
        chain_with_risk(2, 20.0),
        on_plan_model(),
        record=record_by_hand([0.0]),
        as_of=pd.Timestamp("2026-03-13"),
        status=(done,),
    )
    asked = replace(asked, finish_nodes=np.full(99, asked.anchor))
    np.testing.assert_allclose(simulated(asked).project, asked.anchor + 20, atol=0.05)
